/** The text with a mark where the cursor is, parsed: half-typed code then has the shape that it is going to have. */

import { type PathStep, pathAt } from '../../../core/semantics/cursor.ts';
import type { FileSnapshot } from '../../../core/semantics/snapshot.ts';
import type { PlacedItem } from '../../../core/syntax/ast.ts';
import { greenPath, type NodeKind } from '../../../core/syntax/green.ts';
import { greenOf, parse, tokensOf } from '../../../core/syntax/parser.ts';
import { isKeyword, kindAt, type Tokens } from '../../../core/syntax/tokens.ts';

/** A word that nobody writes. */
export const mark = 'cursor0mark';

export interface Marked {
  /** The word that is being typed, up to the cursor; offsets in the text without the mark. */
  readonly word: { readonly start: number; readonly end: number; readonly text: string };
  /** The top-level item around the mark, in the marked text; null between items. */
  readonly placed: PlacedItem | null;
  readonly path: readonly PathStep[];
  /** Offset of the mark in its item. */
  readonly offset: number;
  /** Kinds of the nodes of the lossless tree around the mark, outermost first. */
  readonly nodes: readonly NodeKind[];
  /** Text of the nth token before (1: the last) or after the mark; empty beyond the item. */
  readonly before: (n: number) => string;
  readonly after: (n: number) => string;
  /** The tokens of the item before the mark. */
  readonly head: readonly string[];
}

export type Spot =
  | { readonly kind: 'code'; readonly marked: Marked }
  /** Inside a string: its first token's item says whether anything can be said; `start` is behind the quote. */
  | { readonly kind: 'string'; readonly of: string; readonly start: number; readonly end: number }
  /** In a comment or a line for the preprocessor; otherwise in a number or behind a string. */
  | { readonly kind: 'nothing'; readonly comment: boolean };

export function spotAt(file: FileSnapshot, offset: number): Spot {
  const { text } = file.source;
  const tokens = tokensOf(file.source);
  const index = tokenAround(tokens, offset);
  const start = tokens.starts[index] ?? 0;
  const end = tokens.ends[index] ?? 0;
  const kind = kindAt(tokens, index);
  const inside = start < offset && offset <= end;
  if (inside && kind === 'string') {
    const closed = end - start > 1 && text[end - 1] === text[start];
    if (closed && offset === end) return { kind: 'nothing', comment: false };
    const first = tokens.starts[index - 1] ?? 0;
    const of = text.slice(first, tokens.ends[index - 1] ?? 0);
    return { kind: 'string', of, start: start + 1, end: closed ? end - 1 : end };
  }
  if (inside && notWords.has(kind)) return { kind: 'nothing', comment: false };
  const isWord = inside && (kind === 'identifier' || isKeyword(kind));
  if (!inside && inTrivia(tokens, index, offset)) return { kind: 'nothing', comment: true };
  const from = isWord ? start : offset;
  const to = isWord ? end : offset;
  const glue = /[\w"']/.test(text[to] ?? '') ? ' ' : '';
  const marked = parse(file.uri, `${text.slice(0, from)}${mark}${glue}${text.slice(to)}`, file.source);
  return {
    kind: 'code',
    marked: lookAround(marked, from, { start: from, end: offset, text: text.slice(from, offset) }),
  };
}

const notWords: ReadonlySet<string> = new Set(['number', 'character', 'unknown', 'define']);

function lookAround(source: FileSnapshot['source'], at: number, word: Marked['word']): Marked {
  const tokens = tokensOf(source);
  const index = tokenAround(tokens, at + 1);
  const placed = source.items.find(({ item, offset }) => offset + item.start <= at && at < offset + item.end);
  const itemStart = placed === undefined ? at : placed.offset + placed.item.start;
  const first = tokenAround(tokens, itemStart + 1);
  const textOf = (token: number): string =>
    token < 0 || token >= tokens.count
      ? ''
      : source.text.slice(tokens.starts[token] ?? 0, tokens.ends[token] ?? 0);
  const head: string[] = [];
  for (let each = Math.max(first, index - headLimit); each < index; each++) head.push(textOf(each));
  return {
    word,
    placed: placed ?? null,
    path: placed === undefined ? [] : pathAt(placed.item, at - placed.offset + 1),
    offset: placed === undefined ? 0 : at - placed.offset,
    nodes: greenPath(greenOf(source), at + 1).nodes.map(({ node }) => node.kind),
    before: (n) => textOf(index - n),
    after: (n) => textOf(index + n),
    head,
  };
}

/** Tokens before the mark that are looked at. */
const headLimit = 200;

/** The last token that begins before `offset`; the first one when none does. */
function tokenAround(tokens: Tokens, offset: number): number {
  let low = 0;
  let high = Math.max(0, tokens.count - 1);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tokens.starts[middle] ?? 0) < offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whether the offset, which is in no token, is in a comment or a preprocessor line. */
function inTrivia(tokens: Tokens, index: number, offset: number): boolean {
  const from = (tokens.starts[index] ?? 0) < offset ? (tokens.ends[index] ?? 0) : 0;
  const text = tokens.text.slice(from, offset);
  for (let at = 0; at < text.length; at++) {
    const isDirective = text[at] === '#';
    if (!isDirective && text[at] !== '/') continue;
    const closing = text[at + 1] === '*' && !isDirective ? '*/' : '\n';
    const end = text.indexOf(closing, at + (isDirective ? 1 : 2));
    if (end < 0) return true;
    at = end + closing.length - 1;
  }
  return false;
}
