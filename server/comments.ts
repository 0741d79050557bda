/** The comments of a file, which the tokens only skip. */

import type { SourceFile } from '../core/syntax/ast.ts';
import { tokensOf } from '../core/syntax/parser.ts';

export interface Comment {
  readonly kind: 'line' | 'block';
  /** Offsets in the file, its signs included; the line end is not. */
  readonly start: number;
  readonly end: number;
  /** Nothing but blanks stands before it on its line. */
  readonly isAlone: boolean;
}

/** In the order of the text. */
export function commentsOf(file: SourceFile): readonly Comment[] {
  let comments = known.get(file);
  if (comments === undefined) {
    const tokens = tokensOf(file);
    const found: Comment[] = [];
    let end = 0;
    for (let index = 0; index < tokens.count; index++) {
      addComments(file.text, end, tokens.starts[index] ?? 0, found);
      end = tokens.ends[index] ?? 0;
    }
    comments = found;
    known.set(file, comments);
  }
  return comments;
}

/** The comment that an offset stands in; at the end of a line comment it still does. */
export function commentAt(file: SourceFile, offset: number): Comment | null {
  const comments = commentsOf(file);
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  const comment = comments[low - 1];
  if (comment === undefined) return null;
  const isInside = offset < comment.end || (comment.kind === 'line' && offset === comment.end);
  return isInside ? comment : null;
}

/** Where the comments begin that stand directly above an offset; the offset itself when there are none. */
export function commentAbove(file: SourceFile, offset: number): number {
  let start = offset;
  for (const comment of commentsOf(file).toReversed()) {
    if (comment.start >= start) continue;
    const between = file.text.slice(comment.end, start);
    if (!comment.isAlone || !/^[ \t]*(?:\r\n|\n|\r)?[ \t]*$/.test(between)) break;
    start = comment.start;
  }
  return start;
}

const known = new WeakMap<SourceFile, readonly Comment[]>();

/** Of the text between two tokens: blanks, comments, and lines of the preprocessor. */
function addComments(text: string, from: number, to: number, found: Comment[]): void {
  const pattern = /\/\/(?:\\(?:\r\n|[\s\S])|[^\\\r\n])*|\/\*[\s\S]*?(?:\*\/|$)/g;
  const between = text.slice(from, to);
  for (const match of between.matchAll(pattern)) {
    const start = from + match.index;
    found.push({
      kind: match[0].startsWith('//') ? 'line' : 'block',
      start,
      end: start + match[0].length,
      isAlone: isAlone(text, start),
    });
  }
}

function isAlone(text: string, start: number): boolean {
  let at = start - 1;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\ufeff') at--;
  return at < 0 || text[at] === '\n' || text[at] === '\r';
}
