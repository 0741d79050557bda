/** What a selection grows to, step by step: word, expression, statement, block, item with its comment, file. */

import type { Position, SelectionRange } from 'vscode-languageserver-types';
import type { FileSnapshot } from '../../core/semantics/snapshot.ts';
import {
  type GreenElement,
  type GreenNode,
  greenPath,
  greenTokens,
  isToken,
} from '../../core/syntax/green.ts';
import { greenOf } from '../../core/syntax/parser.ts';
import { commentAbove, commentAt } from '../comments.ts';
import type { Feature } from '../feature.ts';
import { toOffset, toRange } from '../positions.ts';

export const selectionRanges: Feature = {
  capabilities: { selectionRangeProvider: true },
  register(connection, server) {
    connection.onSelectionRanges(({ textDocument, positions }, token) =>
      server.answer<SelectionRange[]>(textDocument, token, [], ({ file }) =>
        positions.map((position) => selectionRangeAt(file, position)),
      ),
    );
  },
};

export function selectionRangeAt(file: FileSnapshot, position: Position): SelectionRange {
  const offset = toOffset(file, position);
  let result: SelectionRange | undefined;
  for (const { start, end } of spansAround(file, offset)) {
    const range = toRange(file, start, end);
    result = result === undefined ? { range } : { range, parent: result };
  }
  return result ?? { range: toRange(file, offset, offset) };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Outermost first, each inside the one before and smaller than it. */
function spansAround(file: FileSnapshot, offset: number): readonly Span[] {
  const { text } = file.source;
  const spans: Span[] = [{ start: 0, end: text.length }];
  const add = (span: Span): void => {
    const outer = spans.at(-1);
    if (outer === undefined || span.start < outer.start || span.end > outer.end) return;
    if (span.start > offset || span.end < offset || span.start >= span.end) return;
    if (span.start > outer.start || span.end < outer.end) spans.push(span);
  };
  const root = greenOf(file.source);
  const at = placeOf(root, text, offset);
  for (const [depth, { node, start }] of at.nodes.entries()) {
    if (depth === 0) continue;
    const span = spanOf(node, start);
    if (depth === 1) add({ start: commentAbove(file.source, span.start), end: span.end });
    add(span);
    const inside = insideOf(node, start);
    if (inside !== null) add(inside);
  }
  const comment = commentAt(file.source, offset);
  if (comment !== null) add(comment);
  else if (at.token !== null && offset >= at.tokenStart) {
    const end = at.tokenStart + at.token.text.length;
    add({ start: at.tokenStart, end });
    if (at.token.kind === 'string' || at.token.kind === 'character')
      add({ start: at.tokenStart + 1, end: end - 1 });
  }
  add(wordAt(text, offset));
  return spans;
}

/** A cursor right behind a name or number means it, rather than the sign that follows. */
function placeOf(root: GreenNode, text: string, offset: number): ReturnType<typeof greenPath> {
  const isBehindWord = offset > 0 && isWord(text, offset - 1) && !isWord(text, offset);
  return greenPath(root, isBehindWord ? offset - 1 : offset);
}

/** Without the blanks and comments before the first token. */
function spanOf(node: GreenNode, start: number): Span {
  return { start: start + leadOf(node), end: start + node.width };
}

function leadOf(element: GreenElement): number {
  if (isToken(element)) return element.trivia.length;
  const [first] = element.children;
  return first === undefined ? 0 : leadOf(first);
}

const pairs: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

/** What stands between the brackets of a node that begins or ends with them. */
function insideOf(node: GreenNode, start: number): Span | null {
  let at = start;
  let open: { readonly closes: string; readonly end: number } | null = null;
  let last = 0;
  for (const child of node.children) {
    const end = at + child.width;
    if (isToken(child)) {
      if (open !== null && child.text === open.closes)
        return last > open.end ? { start: firstAfter(node, start, open.end), end: last } : null;
      if (open === null && pairs[child.text] !== undefined) open = { closes: pairs[child.text] ?? '', end };
    }
    if (open !== null) last = end;
    at = end;
  }
  return null;
}

/** Where the first token behind an offset begins. */
function firstAfter(node: GreenNode, start: number, offset: number): number {
  let at = start;
  for (const token of greenTokens(node)) {
    if (at >= offset) return at + token.trivia.length;
    at += token.width;
  }
  return offset;
}

function wordAt(text: string, offset: number): Span {
  let start = offset;
  let end = offset;
  while (isWord(text, start - 1)) start--;
  while (isWord(text, end)) end++;
  return { start, end };
}

function isWord(text: string, at: number): boolean {
  return /[\w$]/.test(text[at] ?? '');
}
