/** What each name means, for colours: locks, ghost state, primitives and the library look different from other names. */

import type { Range, SemanticTokens } from 'vscode-languageserver-types';
import { greenOf } from '../../core/syntax/parser.ts';
import type { Feature } from '../feature.ts';
import { linesOf, toOffset } from '../positions.ts';
import type { Scene } from '../scene.ts';
import { coreUri } from '../workspace.ts';
import { type Token, tokenModifiers, tokenTypes } from './semanticTokens/legend.ts';
import { tokensOfNames } from './semanticTokens/names.ts';
import { Results } from './semanticTokens/results.ts';
import { tokensOfWords } from './semanticTokens/words.ts';

export const semanticTokens: Feature = {
  capabilities: {
    semanticTokensProvider: {
      legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] },
      full: { delta: true },
      range: true,
    },
  },
  register(connection, server) {
    const results = new Results();
    const none: SemanticTokens = { data: [] };
    const { semanticTokens: tokens } = connection.languages;
    tokens.on(({ textDocument }, token) =>
      server.answer(textDocument, token, none, (scene) =>
        results.full(coreUri(textDocument.uri), encodedTokens(scene)),
      ),
    );
    tokens.onDelta(({ textDocument, previousResultId }, token) =>
      server.answer(textDocument, token, none, (scene) =>
        results.delta(coreUri(textDocument.uri), previousResultId, encodedTokens(scene)),
      ),
    );
    tokens.onRange(({ textDocument, range }, token) =>
      server.answer(textDocument, token, none, (scene) => ({ data: encodedTokens(scene, range) })),
    );
  },
};

/** As the protocol has them: five integers for each token, places relative to the one before. With `range`: of its lines. */
export function encodedTokens(scene: Scene, range?: Range): number[] {
  const { starts, length } = linesOf(scene.file);
  const data: number[] = [];
  let line = 0;
  let lastLine = 0;
  let lastCharacter = 0;
  for (const { start, end, type, modifiers } of tokensIn(scene, spanOf(scene, range))) {
    while ((starts[line + 1] ?? length + 1) <= start) line++;
    const character = start - (starts[line] ?? 0);
    data.push(
      line - lastLine,
      line === lastLine ? character - lastCharacter : character,
      end - start,
      type,
      modifiers,
    );
    lastLine = line;
    lastCharacter = character;
  }
  return data;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function spanOf({ file }: Scene, range: Range | undefined): Span {
  if (range === undefined) return { start: 0, end: file.source.text.length };
  const start = toOffset(file, { line: range.start.line, character: 0 });
  return { start, end: toOffset(file, { line: range.end.line, character: Number.MAX_SAFE_INTEGER }) };
}

/** In order, and none over another. */
function* tokensIn(scene: Scene, span: Span): Generator<Token> {
  const names = namesIn(scene, span);
  let name = names.next();
  let behind = 0;
  for (const word of wordsIn(scene, span)) {
    for (; name.done !== true && name.value.start <= word.start; name = names.next()) {
      yield name.value;
      behind = name.value.end;
    }
    const isFree = word.start >= behind && (name.done === true || word.end <= name.value.start);
    if (isFree) yield word;
  }
  for (; name.done !== true; name = names.next()) yield name.value;
}

function* namesIn(scene: Scene, span: Span): Generator<Token, undefined> {
  const [variant] = scene.variants;
  if (variant === undefined) return;
  for (const { key, offset, text } of scene.file.source.items) {
    if (offset + text.length < span.start || offset > span.end) continue;
    yield* placed(tokensOfNames(scene.project, scene.record(variant, scene.uri, key)), offset, span);
  }
}

function* wordsIn({ file }: Scene, span: Span): Generator<Token> {
  let offset = 0;
  for (const element of greenOf(file.source).children) {
    if (offset + element.width >= span.start && offset <= span.end)
      yield* placed(tokensOfWords(element), offset, span);
    offset += element.width;
  }
}

function* placed(tokens: readonly Token[], by: number, span: Span): Generator<Token, undefined> {
  for (const token of tokens) {
    const start = token.start + by;
    const end = token.end + by;
    if (start >= span.start && end <= span.end) yield { ...token, start, end };
  }
}
