/** What can be folded: brackets over several lines, comments, runs of imports, macros, and regions that are marked. */

import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver-types';
import type { FileSnapshot } from '../../core/semantics/snapshot.ts';
import { tokensOf } from '../../core/syntax/parser.ts';
import { kindAt, type TokenKind } from '../../core/syntax/tokens.ts';
import { type Comment, commentsOf } from '../comments.ts';
import type { Feature } from '../feature.ts';
import { toPosition } from '../positions.ts';

export const foldingRanges: Feature = {
  capabilities: { foldingRangeProvider: true },
  register(connection, server) {
    connection.onFoldingRanges(({ textDocument }, token) =>
      server.answer<FoldingRange[]>(textDocument, token, [], ({ file }) => {
        const limit = server.client.textDocument?.foldingRange?.rangeLimit;
        return foldingRangesOf(file, limit);
      }),
    );
  },
};

/** Whole lines only, sorted, at most one for each first line; at most `limit` of them, the longest. */
export function foldingRangesOf(file: FileSnapshot, limit = Number.POSITIVE_INFINITY): FoldingRange[] {
  const found = [...brackets(file), ...comments(file), ...imports(file)];
  const byLine = new Map<number, FoldingRange>();
  for (const range of found) {
    const other = byLine.get(range.startLine);
    if (range.startLine < range.endLine && (other === undefined || lengthOf(range) > lengthOf(other)))
      byLine.set(range.startLine, range);
  }
  const longest = [...byLine.values()].sort((a, b) => lengthOf(b) - lengthOf(a)).slice(0, Math.max(0, limit));
  return longest.sort((a, b) => a.startLine - b.startLine);
}

function lengthOf({ startLine, endLine }: FoldingRange): number {
  return endLine - startLine;
}

const closing: ReadonlyMap<TokenKind, TokenKind> = new Map<TokenKind, TokenKind>([
  ['{', '}'],
  ['(', ')'],
  ['[', ']'],
]);

/** Brackets and macros. The line of a closing bracket stays in sight when nothing stands before it. */
function brackets(file: FileSnapshot): FoldingRange[] {
  const tokens = tokensOf(file.source);
  const lineOf = (offset: number): number => toPosition(file, offset).line;
  const found: FoldingRange[] = [];
  const open: { readonly closes: TokenKind; readonly line: number }[] = [];
  let macro = 0;
  for (let index = 0; index < tokens.count; index++) {
    const kind = kindAt(tokens, index);
    const start = tokens.starts[index] ?? 0;
    const closes = closing.get(kind);
    if (closes !== undefined) open.push({ closes, line: lineOf(start) });
    else if (kind === '}' || kind === ')' || kind === ']') {
      const opened = open.findLastIndex((each) => each.closes === kind);
      if (opened < 0) continue;
      const line = lineOf(start);
      const before = lineOf(Math.max(0, (tokens.ends[index - 1] ?? 0) - 1));
      // What was opened inside and not closed has no end.
      const [bracket] = open.splice(opened);
      if (bracket !== undefined)
        found.push({ startLine: bracket.line, endLine: before < line ? line - 1 : line });
    } else if (kind === 'define') macro = lineOf(start);
    else if (kind === 'eod') found.push({ startLine: macro, endLine: lineOf(start) });
  }
  return found;
}

function comments(file: FileSnapshot): FoldingRange[] {
  const found: FoldingRange[] = [];
  const regions: number[] = [];
  let run: { startLine: number; endLine: number } | null = null;
  const endRun = (): void => {
    if (run !== null) found.push({ ...run, kind: FoldingRangeKind.Comment });
    run = null;
  };
  for (const comment of commentsOf(file.source)) {
    const startLine = toPosition(file, comment.start).line;
    const endLine = toPosition(file, comment.end).line;
    const marker = comment.kind === 'line' ? /^\/\/\s*#?(end)?region\b/.exec(textOf(file, comment)) : null;
    if (marker !== null) {
      endRun();
      const begin = marker[1] === undefined ? undefined : regions.pop();
      if (marker[1] === undefined) regions.push(startLine);
      else if (begin !== undefined)
        found.push({ startLine: begin, endLine: startLine, kind: FoldingRangeKind.Region });
    } else if (comment.kind === 'block') {
      endRun();
      found.push({ startLine, endLine, kind: FoldingRangeKind.Comment });
    } else if (!comment.isAlone) endRun();
    else if (run !== null && run.endLine + 1 === startLine) run = { startLine: run.startLine, endLine };
    else {
      endRun();
      run = { startLine, endLine };
    }
  }
  endRun();
  return found;
}

function textOf(file: FileSnapshot, { start, end }: Comment): string {
  return file.source.text.slice(start, end);
}

function imports(file: FileSnapshot): FoldingRange[] {
  const found: FoldingRange[] = [];
  let run: { startLine: number; endLine: number } | null = null;
  for (const { item, offset } of file.source.items) {
    if (item.kind === 'import') {
      const startLine: number = run?.startLine ?? toPosition(file, offset).line;
      run = { startLine, endLine: toPosition(file, offset + item.end).line };
    } else if (run !== null) {
      found.push({ ...run, kind: FoldingRangeKind.Imports });
      run = null;
    }
  }
  if (run !== null) found.push({ ...run, kind: FoldingRangeKind.Imports });
  return found;
}
