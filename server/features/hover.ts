/** `textDocument/hover`: types, documentation, values by their bits, locks and what is held, and words of the language. */

import { type Hover, MarkupKind } from 'vscode-languageserver';
import { comparedVariants, heldText, lockLines } from './hover/locks.ts';
import { intrinsicText } from '../../core/semantics/intrinsicTexts.ts';
import { checkName, codeOf } from '../../core/semantics/intrinsicsChecks.ts';
import type { Variant } from '../../core/semantics/options.ts';
import { codes } from '../../core/syntax/codes.ts';
import { tokensOf } from '../../core/syntax/parser.ts';
import { isKeyword, kindAt, type TokenKind } from '../../core/syntax/tokens.ts';
import { pause } from '../answers.ts';
import { chapter, codePage } from '../docs.ts';
import { fileLabel } from '../describe.ts';
import type { Feature } from '../feature.ts';
import { usesAt } from '../names.ts';
import { toOffset, toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';
import { variantAt } from '../variantAt.ts';
import { resolveImport } from '../../core/semantics/imports.ts';
import { expansionAt } from './hover/expansion.ts';
import { constantAt } from './hover/constants.ts';
import { keywordSection } from './hover/keywords.ts';
import { describeSymbol } from './hover/symbols.ts';
import { wordBits } from './hover/words.ts';
import { type Verdicts, verdictLines } from './hover/verdicts.ts';

export const hover: Feature = {
  capabilities: { hoverProvider: true },
  register(connection, server) {
    connection.onHover((params, token) =>
      server.answer<Hover | null>(params.textDocument, token, null, async (scene) => {
        const offset = toOffset(scene.file, params.position);
        // What is held in each variant takes a moment when nobody has asked before.
        for (const variant of wantsHeld(scene, offset) ? comparedVariants(scene) : []) {
          scene.held(variant);
          await pause();
          if (token.isCancellationRequested) return null;
        }
        const found = hoverAt(scene, offset, server.verdicts);
        if (found === null) return null;
        const isMarkdown =
          server.client.textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown) !== false;
        return {
          contents: { kind: isMarkdown ? MarkupKind.Markdown : MarkupKind.PlainText, value: found.text },
          range: toRange(scene.file, found.start, found.end),
        };
      }),
    );
  },
};

function wantsHeld(scene: Scene, offset: number): boolean {
  return usesAt(scene, offset).some(({ symbol, declares }) => inCode.has(symbol.kind) && !declares);
}

export interface Hovered {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** `verdicts`: null where nothing is explored. */
export function hoverAt(scene: Scene, offset: number, verdicts: Verdicts | null): Hovered | null {
  const word = wordAt(scene, offset);
  if (word === null) return importAt(scene, offset);
  const variant = variantAt(scene, offset);
  return (
    importAt(scene, offset) ??
    symbolHover(scene, variant, offset, verdicts) ??
    wordHover(scene, variant, word) ??
    constantHover(scene, variant, offset)
  );
}

interface Word {
  readonly text: string;
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/** The token at an offset; null in comments and between tokens. */
function wordAt(scene: Scene, offset: number): Word | null {
  const tokens = tokensOf(scene.file.source);
  let low = 0;
  let high = Math.max(0, tokens.count - 1);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tokens.starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const start = tokens.starts[low] ?? 0;
  const end = tokens.ends[low] ?? 0;
  // Behind the last letter of a word is still at the word.
  if (offset > end || start > offset) return null;
  return { text: tokens.text.slice(start, end), kind: kindAt(tokens, low), start, end };
}

function fence(code: string): string {
  return `\`\`\`lockstep\n${code}\n\`\`\``;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

function symbolHover(
  scene: Scene,
  variant: Variant,
  offset: number,
  verdicts: Verdicts | null,
): Hovered | null {
  const [use] = usesAt(scene, offset);
  if (use === undefined) return null;
  const { symbol, start, end } = use;
  const env = scene.environment(variant);
  const { code, parts, doc, type } = describeSymbol(scene, env, symbol);
  const lock = lockLines(scene, variant, symbol, type, doc);
  const verdict = symbol.kind === 'check' ? verdictLines(scene, symbol.name, verdicts) : [];
  const held = inCode.has(symbol.kind) && !use.declares ? heldText(scene, variant, start) : '';
  const expansion = symbol.kind === 'macro' && !use.declares ? expansionAt(scene, env, symbol, start) : '';
  const expanded = expansion === '' ? '' : `Here:\n${fence(expansion)}`;
  const bits = wordBits(scene, env, symbol, start);
  const text = joined([fence(code), ...(lock ?? [doc]), expanded, ...bits, ...parts, ...verdict, held]);
  return { text, start, end };
}

/** Uses of these may stand in code that holds locks. */
const inCode: ReadonlySet<string> = new Set([
  'function',
  'primitive',
  'global',
  'macro',
  'member',
  'local',
  'parameter',
  'label',
]);

/** A word that is no name: a code, an intrinsic, a word of the language. */
function wordHover(scene: Scene, variant: Variant, word: Word): Hovered | null {
  const { text, start, end, kind } = word;
  if (kind !== 'identifier' && kind !== 'define' && !isKeyword(kind)) return null;
  const at = { start, end };
  const code = codeOf(checkName(text));
  if (code !== null) {
    const page = codePage(code);
    const paragraph = page === null ? codes[code] : page.text;
    return { ...at, text: joined([`**${code}**`, paragraph, page === null ? '' : `[More](${page.url})`]) };
  }
  const intrinsic = intrinsicText(text);
  const section = keywordSection(text);
  if (intrinsic !== null) {
    const held = heldText(scene, variant, start);
    const more = section === null ? '' : `[More](${section.url})`;
    return { ...at, text: joined([fence(intrinsic.signature), intrinsic.doc, more, held]) };
  }
  if (section === null) return null;
  return { ...at, text: joined([`**${text}**`, section.text, `[More](${section.url})`]) };
}

function constantHover(scene: Scene, variant: Variant, offset: number): Hovered | null {
  const found = constantAt(scene, scene.environment(variant), offset);
  if (found === null) return null;
  const { start, end, text, lines } = found;
  return { start, end, text: joined([fence(text), ...lines]) };
}

/** The file that an import names, with what its first comment says. */
function importAt(scene: Scene, offset: number): Hovered | null {
  const found = scene.file.imports.find(({ start, end }) => start <= offset && offset <= end);
  if (found === undefined) return null;
  const target = resolveImport(found.path, scene.uri);
  const file = target.kind === 'file' ? scene.project.files.get(target.uri) : undefined;
  if (file === undefined) {
    const about = chapter('scenario.md', 'Imports');
    return about === null ? null : { start: found.start, end: found.end, text: about.text };
  }
  const comment: string[] = [];
  for (const line of file.source.text.split('\n')) {
    const match = /^\/\/ ?(.*)$/.exec(line);
    if (match === null) break;
    comment.push(match[1] ?? '');
  }
  const text = joined([`**${fileLabel(file.uri)}**`, comment.join('\n')]);
  return { start: found.start, end: found.end, text };
}
