/**
 * The changelog table: the form in which kernel changelogs show a race. One column for each thread that moves,
 * one row for each step, top to bottom in the order of the steps:
 *
 *     fault[0]            fault[1]
 *     --------            --------
 *     take_one():
 *       count++
 *         load 0
 *                         take_one():
 *                           count++
 *                             load 0
 */

export interface TableStep {
  /** Index into the names given to `changelogTable`. */
  readonly thread: number;
  /** The source text of what happens: `spin_lock(&l)`, `x++`. */
  readonly text: string;
  /** Which access of `text` this step is, when it has several. */
  readonly action: 'load' | 'store' | 'none';
  /** What was loaded or stored, or chosen; null when there is nothing to tell. */
  readonly value: string | null;
  /** The function this stands in, and which activation of it; null in the thread's own body. */
  readonly within: { readonly name: string; readonly activation: number } | null;
}

/** What the steps lead to: shown in the thread's column, or under the table when it is nobody's step. */
export interface TableEnding {
  readonly thread: number | null;
  readonly text: string;
}

/** Widths are in characters; a table gets wider than asked only when a column would fall under `NARROWEST`. */
const WIDTH = 100;
const NARROWEST = 16;
const GAP = 2;
/** After this many rows of other threads the statement is named again instead of continued by `load` and `store` alone. */
const FORGOTTEN_AFTER = 12;

interface Line {
  readonly column: number;
  readonly indent: number;
  readonly text: string;
}

export function changelogTable(
  threads: readonly string[],
  steps: readonly TableStep[],
  ending: TableEnding | null,
  width: number = WIDTH,
): string {
  const columns = columnsOf(threads, steps, ending);
  const position = new Map(columns.map((thread, column) => [thread, column]));
  const place = (thread: number): number => position.get(thread) ?? 0;

  const lines = stepLines(steps, place);
  const below: string[] = [];
  if (ending !== null) {
    if (ending.thread === null || columns.length === 0) below.push('', `*** ${ending.text}`);
    else lines.push({ column: place(ending.thread), indent: 0, text: `*** ${ending.text}` });
  }

  const names = columns.map((thread) => threads[thread] ?? '?');
  const widest = (measure: (line: Line) => number): readonly number[] =>
    names.map((name, column) =>
      Math.max(name.length, ...lines.filter((line) => line.column === column).map(measure)),
    );
  const natural = widest((line) => line.indent + line.text.length);
  const widths = fit(natural, widest(longestWord), width - GAP * Math.max(0, columns.length - 1));
  const starts = widths.map((_, column) => widths.slice(0, column).reduce((sum, w) => sum + w + GAP, 0));

  const rows = [
    names.map((name, column) => name.padEnd((widths[column] ?? 0) + GAP)).join(''),
    names.map((name, column) => '-'.repeat(name.length).padEnd((widths[column] ?? 0) + GAP)).join(''),
    ...lines.flatMap((line) =>
      wrap(line.text, line.indent, widths[line.column] ?? width).map(
        (text) => ' '.repeat(starts[line.column] ?? 0) + text,
      ),
    ),
    ...below,
  ];
  return `${rows.map((row) => row.trimEnd()).join('\n')}\n`;
}

/** Threads that move or that the ending names, in the order of their numbers. */
function columnsOf(
  threads: readonly string[],
  steps: readonly TableStep[],
  ending: TableEnding | null,
): number[] {
  const moving = new Set(steps.map((step) => step.thread));
  if (ending?.thread != null) moving.add(ending.thread);
  return threads.map((_, thread) => thread).filter((thread) => moving.has(thread));
}

function stepLines(steps: readonly TableStep[], place: (thread: number) => number): Line[] {
  const lines: Line[] = [];
  /** Per thread: its last step, and the row where its statement was last named. */
  const last = new Map<number, { readonly step: TableStep; readonly namedAt: number }>();
  steps.forEach((step, row) => {
    const column = place(step.thread);
    const before = last.get(step.thread);
    const indent = step.within === null ? 0 : 2;
    if (step.within !== null && step.within.activation !== before?.step.within?.activation) {
      lines.push({ column, indent: 0, text: `${step.within.name}():` });
    }
    const continued =
      before !== undefined && sameStatement(before.step, step) && row - before.namedAt <= FORGOTTEN_AFTER;
    const several = continued || nextIsSame(steps, row);
    if (!continued) lines.push({ column, indent, text: step.text });
    const access = accessText(step, several);
    if (access !== null) lines.push({ column, indent: indent + 2, text: access });
    else if (continued) lines.push({ column, indent, text: step.text });
    last.set(step.thread, { step, namedAt: continued ? before.namedAt : row });
  });
  return lines;
}

/** A step of the same statement as the one before it: its store behind its load, never a second round of a loop. */
function sameStatement(a: TableStep, b: TableStep): boolean {
  return (
    a.text === b.text &&
    a.within?.activation === b.within?.activation &&
    a.action === 'load' &&
    b.action === 'store'
  );
}

function nextIsSame(steps: readonly TableStep[], row: number): boolean {
  const step = steps[row];
  const next = steps.slice(row + 1).find((other) => other.thread === step?.thread);
  return step !== undefined && next !== undefined && sameStatement(step, next);
}

/** `load 0`, `store 1`; null when the statement's text says it all. */
function accessText(step: TableStep, several: boolean): string | null {
  const verb = step.action === 'none' ? '' : step.action;
  if (step.value === null) return several && verb !== '' ? verb : null;
  if (!several && step.action === 'store' && new RegExp(`=\\s*${literally(step.value)};?$`).test(step.text))
    return null;
  return verb === '' ? `choosing ${step.value}` : `${verb} ${step.value}`;
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/**
 * Widths that sum up to at most `room` where possible: columns that need little get it, the others share the rest, and
 * no word is broken (`words`: the longest of each column) if that can be.
 */
function fit(natural: readonly number[], words: readonly number[], room: number): readonly number[] {
  const total = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, 0);
  const whole = total(words) <= room;
  const widthsAt = (cap: number): readonly number[] =>
    natural.map((width, column) => Math.max(Math.min(width, cap), whole ? (words[column] ?? 0) : 0));
  let cap = Math.max(...natural, NARROWEST);
  while (cap > NARROWEST && total(widthsAt(cap)) > room) cap--;
  return widthsAt(cap);
}

/** Length of the longest part of a line that `wrap` does not break unless it must, with its indentation. */
function longestWord({ indent, text }: Line): number {
  return Math.max(
    ...text.split(wordEnd).map((word, index) => word.length + (index === 0 ? indent : indent + 4)),
  );
}

/** Lines of at most `width` characters; the ones after the first are indented deeper. */
function wrap(text: string, indent: number, width: number): string[] {
  const lines: string[] = [];
  const deepest = Math.max(0, width - 8);
  let margin = indent + text.length <= width ? indent : Math.min(indent, deepest);
  let rest = text;
  while (margin + rest.length > width) {
    const at = breakIn(rest, width - margin);
    lines.push(' '.repeat(margin) + rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
    margin = Math.min(indent + 4, deepest);
  }
  lines.push(' '.repeat(margin) + rest);
  return lines;
}

/** Behind a blank, behind a bracket, comma or operator, before `->` and `.`; never between the brackets of `f()`. */
const wordEnd = /(?<= )|(?<=[(,[|&=])(?![|&=)])|(?=->)|(?=\.[a-z_])/;

/** Where to break: behind a blank, bracket or comma if that is not too early, at the end of any word, else behind an underscore, else anywhere. */
function breakIn(text: string, room: number): number {
  let best = 0;
  let bestWeak = 0;
  let at = 0;
  for (const word of text.split(wordEnd)) {
    at += word.length;
    // A blank that ends a word may hang over.
    if (text.slice(0, at).trimEnd().length > room) continue;
    if (/[ (,[]$/.test(word)) best = at;
    else bestWeak = at;
  }
  if (best > room / 2) return best;
  if (Math.max(best, bestWeak) > room / 3) return Math.max(best, bestWeak);
  const underscore = text.lastIndexOf('_', room - 1) + 1;
  return underscore > room / 3 ? underscore : room;
}
