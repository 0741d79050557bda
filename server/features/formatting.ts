/** Formatting of a file, of ranges, and of what was just typed: only blanks and line ends are ever replaced. */

import type { Range, TextEdit } from 'vscode-languageserver-types';
import type { FileSnapshot } from '../../core/semantics/snapshot.ts';
import { format } from '../../core/syntax/format.ts';
import { tokensOf } from '../../core/syntax/parser.ts';
import { kindAt, type TokenKind } from '../../core/syntax/tokens.ts';
import { commentAt } from '../comments.ts';
import type { Feature } from '../feature.ts';
import { linesOf, toOffset, toPosition, toRange } from '../positions.ts';

export const formatting: Feature = {
  capabilities: {
    documentFormattingProvider: true,
    documentRangeFormattingProvider: { rangesSupport: true },
    documentOnTypeFormattingProvider: { firstTriggerCharacter: '}', moreTriggerCharacter: [';', '\n'] },
  },
  register(connection, server) {
    connection.onDocumentFormatting(({ textDocument }, token) =>
      server.answer<TextEdit[]>(textDocument, token, [], ({ file }) => formatFile(file)),
    );
    connection.onDocumentRangeFormatting(({ textDocument, range }, token) =>
      server.answer<TextEdit[]>(textDocument, token, [], ({ file }) => formatRanges(file, [range])),
    );
    connection.onDocumentRangesFormatting(({ textDocument, ranges }, token) =>
      server.answer<TextEdit[]>(textDocument, token, [], ({ file }) => formatRanges(file, ranges)),
    );
    connection.onDocumentOnTypeFormatting(({ textDocument, position, ch }, token) =>
      server.answer<TextEdit[]>(textDocument, token, [], ({ file }) =>
        formatTyped(file, toOffset(file, position), ch),
      ),
    );
  },
};

export function formatFile(file: FileSnapshot): TextEdit[] {
  return toEdits(file, changesOf(file));
}

/** The edits that touch a line of one of the ranges. */
export function formatRanges(file: FileSnapshot, ranges: readonly Range[]): TextEdit[] {
  const spans = ranges.map((range) => {
    const from = toOffset(file, range.start);
    const to = toOffset(file, range.end);
    // A range that ends at the margin does not touch the line that begins there.
    const last = to > from && startOfLine(file, to) === to ? to - 1 : to;
    return { start: startOfLine(file, from), end: endOfLine(file, last) };
  });
  const isAsked = ({ start, end }: Change): boolean =>
    spans.some((span) => end >= span.start && start <= span.end);
  return toEdits(file, changesOf(file).filter(isAsked));
}

/**
 * Behind `}` its block, behind `;` its line, and behind a line end the line before. Nothing is changed behind the
 * cursor, and no line is added or removed, so that the cursor stays where the user is writing.
 */
export function formatTyped(file: FileSnapshot, offset: number, typed: string): TextEdit[] {
  const from = beginOfTyped(file, offset, typed);
  if (from === null) return [];
  const { text } = file.source;
  const to = typed === '\n' ? startOfLine(file, offset) - 1 : offset;
  const isAsked = ({ start, end, replacement }: Change): boolean =>
    start >= from && end <= to && linesIn(text.slice(start, end)) === linesIn(replacement);
  return toEdits(file, changesOf(file).filter(isAsked));
}

/** Where the text begins that the typed character completes; null when it completes nothing. */
function beginOfTyped(file: FileSnapshot, offset: number, typed: string): number | null {
  if (typed === '\n') {
    const line = startOfLine(file, offset);
    return line === 0 ? null : startOfLine(file, line - 1);
  }
  if (commentAt(file.source, offset) !== null) return null;
  const tokens = tokensOf(file.source);
  const index = tokenEndingAt(tokens, offset);
  if (index === null || kindAt(tokens, index) !== typed) return null;
  return startOfLine(file, typed === '}' ? openingOf(tokens, index) : (tokens.starts[index] ?? 0));
}

type FileTokens = ReturnType<typeof tokensOf>;

function tokenEndingAt(tokens: FileTokens, offset: number): number | null {
  let low = 0;
  let high = tokens.count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens.ends[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return tokens.ends[low] === offset ? low : null;
}

/** Where the bracket stands that a closing brace belongs to; the brace itself when there is none. */
function openingOf(tokens: FileTokens, closing: number): number {
  let depth = 0;
  for (let index = closing; index >= 0; index--) {
    const kind: TokenKind = kindAt(tokens, index);
    if (kind === '}') depth++;
    else if (kind === '{' && --depth === 0) return tokens.starts[index] ?? 0;
  }
  return tokens.starts[closing] ?? 0;
}

/** Offsets in the text as it is. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const known = new WeakMap<FileSnapshot, readonly Change[]>();

/** What formatting changes, as replacements of blanks between what stays. */
function changesOf(file: FileSnapshot): readonly Change[] {
  let changes = known.get(file);
  if (changes === undefined) {
    const { text } = file.source;
    changes = differences(text, format(text));
    known.set(file, changes);
  }
  return changes;
}

/** Both texts are the same but for blanks; if they are not, everything from there on is one replacement. */
export function differences(before: string, after: string): readonly Change[] {
  const changes: Change[] = [];
  let left = 0;
  let right = 0;
  for (;;) {
    const leftEnd = endOfBlanks(before, left);
    const rightEnd = endOfBlanks(after, right);
    addChange(before, left, leftEnd, after.slice(right, rightEnd), changes);
    left = leftEnd;
    right = rightEnd;
    if (left >= before.length && right >= after.length) return changes;
    if (before[left] !== after[right]) {
      changes.push({ start: left, end: before.length, replacement: after.slice(right) });
      return changes;
    }
    left++;
    right++;
  }
}

/** Blanks, line ends, and backslashes before line ends. */
function endOfBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13)) at++;
    else if (code === 92 && (text[at + 1] === '\n' || text[at + 1] === '\r')) at++;
    else return at;
  }
}

const lineEnd = /\r\n|\n|\r/;

/** Blanks over as many lines as before are replaced line by line, so that each line can be taken by itself. */
function addChange(text: string, from: number, to: number, replacement: string, changes: Change[]): void {
  const old = text.slice(from, to);
  if (old === replacement) return;
  const oldEnds = old.match(lineEnds) ?? [];
  const newEnds = replacement.match(lineEnds) ?? [];
  if (oldEnds.join() === newEnds.join()) {
    const newLines = replacement.split(lineEnd);
    let at = from;
    for (const [index, line] of old.split(lineEnd).entries()) {
      addShortest(at, line, newLines[index] ?? '', changes);
      at += line.length + (oldEnds[index] ?? '').length;
    }
  } else addShortest(from, old, replacement, changes);
}

const lineEnds = new RegExp(lineEnd, 'g');

/** Leaves out what the old and the new blanks have in common at their ends, and never parts a CR from its LF. */
function addShortest(from: number, old: string, replacement: string, changes: Change[]): void {
  if (old === replacement) return;
  const shorter = Math.min(old.length, replacement.length);
  let prefix = 0;
  while (prefix < shorter && old[prefix] === replacement[prefix]) prefix++;
  if (old[prefix - 1] === '\r') prefix--;
  let suffix = 0;
  while (suffix < shorter - prefix && old.at(-1 - suffix) === replacement.at(-1 - suffix)) suffix++;
  if (suffix > 0 && old.at(-suffix) === '\n') suffix--;
  changes.push({
    start: from + prefix,
    end: from + old.length - suffix,
    replacement: replacement.slice(prefix, replacement.length - suffix),
  });
}

function toEdits(file: FileSnapshot, changes: readonly Change[]): TextEdit[] {
  return changes.map(({ start, end, replacement }) => ({
    range: toRange(file, start, end),
    newText: replacement,
  }));
}

function startOfLine(file: FileSnapshot, offset: number): number {
  return linesOf(file).starts[toPosition(file, offset).line] ?? 0;
}

/** Before its line end. */
function endOfLine(file: FileSnapshot, offset: number): number {
  return toOffset(file, { line: toPosition(file, offset).line, character: Number.MAX_SAFE_INTEGER });
}

function linesIn(text: string): number {
  return text.split(lineEnd).length;
}
