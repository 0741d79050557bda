/** Edits of a text, and how a fix is told: in places of items, line by line. */

import type { FileSnapshot } from '../semantics/snapshot.ts';
import type { FunctionItem, PlacedItem, Span } from '../syntax/ast.ts';
import type { LockFinding } from './events.ts';
import type { Place } from './fixPlaces.ts';

/** Offsets count from the start of the file. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Replaces a span of the place's item. */
export function replace(
  { placed }: { readonly placed: PlacedItem },
  span: { readonly start: number; readonly end: number },
  text: string,
): Edit {
  return { start: placed.offset + span.start, end: placed.offset + span.end, text };
}

/** Inserts lines before a statement, indented as it is. */
export function before(place: Place, start: number, text: string): Edit {
  const indent = indentAt(place, start);
  return replace(place, { start, end: start }, `${text.replaceAll('\n', `\n${indent}`)}\n${indent}`);
}

/** Inserts lines after a statement, indented as the one at `like`. */
export function after(place: Place, end: number, like: number, text: string): Edit {
  const indent = indentAt(place, like);
  return replace(place, { start: end, end }, `\n${indent}${text.replaceAll('\n', `\n${indent}`)}`);
}

/** Replaces the body of an `if` or a loop that is no block by a block of these lines. */
export function braced(place: Place, s: Span, lines: readonly string[]): Edit {
  const { text } = place.placed;
  const blank = /\s*$/.exec(text.slice(0, s.start))?.[0] ?? '';
  const from = s.start - blank.length;
  const outer = indentAt(place, from);
  const own = blank.includes('\n') ? blank.slice(blank.lastIndexOf('\n') + 1) : `${outer}\t`;
  const comment = /\/\/[^\n]*$/.test(text.slice(0, from)) ? `\n${own}` : ' ';
  const body = lines.map((line) => `\n${own}${line}`).join('');
  return replace(place, { start: from, end: s.end }, `${comment}{${body}\n${outer}}`);
}

export function indentAt({ placed }: Place, offset: number): string {
  const line = placed.text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(placed.text.slice(line, offset))?.[0] ?? '';
}

/** Adds an annotation to the head of a function: behind the others, or the parameters. */
export function annotated(placed: PlacedItem, { annotations, body, name }: FunctionItem, text: string): Edit {
  const head = placed.text.slice(0, body?.start ?? placed.text.length);
  const code = head.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length));
  const at = annotations.at(-1)?.end ?? Math.max(code.lastIndexOf(')') + 1, name.end);
  return replace({ placed }, { start: at, end: at }, ` ${text}`);
}

/** The text after all edits, which do not overlap. */
export function edited(text: string, edits: readonly Edit[]): string {
  const inOrder = [...edits].sort((a, b) => b.start - a.start || b.end - a.end);
  return inOrder.reduce((now, edit) => now.slice(0, edit.start) + edit.text + now.slice(edit.end), text);
}

/** The fix that turns the file's text into this one, as few lines as possible. */
export function toFix(title: string, file: FileSnapshot, text: string): LockFinding['fixes'][number] {
  const edits = changedLines(file.source.text, text).map((edit) => {
    const placed = itemAt(file, edit.start);
    const { uri } = file;
    const start = edit.start - placed.offset;
    return {
      loc: { uri, item: placed.key, start, end: start + edit.end - edit.start, macro: null },
      text: edit.text,
    };
  });
  return { title, edits };
}

/** The item that a place is in or behind; the first one for what is before all. */
function itemAt({ source }: FileSnapshot, offset: number): PlacedItem {
  const last = source.items.findLast((each) => each.offset <= offset) ?? source.items[0];
  return last ?? { item: { kind: 'init', start: 0, end: 0, body: empty }, offset: 0, key: '', text: '' };
}

const empty = { kind: 'block', start: 0, end: 0, body: [] } as const;

/** Differing runs of lines, first to last, by the longest common subsequence of what is between equal ends. */
export function changedLines(from: string, to: string): readonly Edit[] {
  const a = from.split(/(?<=\n)/);
  const b = to.split(/(?<=\n)/);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const lines = a.slice(head, a.length - tail);
  const others = b.slice(head, b.length - tail);
  const common = commonLengths(lines, others);
  const edits: Edit[] = [];
  let offset = a.slice(0, head).join('').length;
  let i = 0;
  let j = 0;
  while (i < lines.length || j < others.length) {
    let start = offset;
    let text = '';
    const from = start;
    while ((i < lines.length || j < others.length) && (i >= lines.length || lines[i] !== others[j])) {
      const skip = common[i + 1]?.[j] ?? -1;
      const add = common[i]?.[j + 1] ?? -1;
      if (j >= others.length || (i < lines.length && skip >= add)) start += lines[i++]?.length ?? 0;
      else text += others[j++] ?? '';
    }
    if (start > from || text !== '') edits.push({ start: from, end: start, text });
    offset = start + (lines[i]?.length ?? 0);
    i++;
    j++;
  }
  return edits;
}

/** `[i][j]`: length of the longest common subsequence of `a` from i and `b` from j. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = table[i];
      const below = table[i + 1];
      if (row === undefined || below === undefined) continue;
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return table;
}
