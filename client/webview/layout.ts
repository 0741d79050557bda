/**
 * What the interleaving view draws: which steps are rows, how long each lock is held, where one thread takes over from
 * another. Numbers and texts only, so that it is tested without a page.
 */

export interface Step {
  /** 1 is the first. */
  readonly number: number;
  /** null: a value that was set by hand. */
  readonly thread: number | null;
  readonly text: string;
  readonly value: string | null;
  /** Function around it; empty in the body of an actor. */
  readonly within: string;
  /** Locks that the thread holds after it, with `(read)` for shared ones. */
  readonly holds: readonly string[];
  /** Objects that it accessed. */
  readonly touches: readonly string[];
  /** Checks that it broke. */
  readonly broken: readonly string[];
}

export interface Fork {
  /** The state that the run was left in. */
  readonly at: number;
  readonly why: string;
  readonly steps: number;
}

/** Everything must match; of what is empty, anything does. */
export interface Filter {
  /** Words, all of which a step mentions. */
  readonly text: string;
  /** Steps of one of these threads. */
  readonly threads: readonly number[];
  /** Steps that touch one of these locks, or are taken while their thread holds it. */
  readonly locks: readonly string[];
}

export const noFilter: Filter = { text: '', threads: [], locks: [] };

export interface Row {
  /** Number of the step; 0 is the start. */
  readonly number: number;
  /** undefined: the start, or not loaded yet. */
  readonly step: Step | undefined;
  /** Thread of the row before, when this row is of another one. */
  readonly from: number | null;
  /** Steps between the row before and this one that the filter leaves out. */
  readonly left: number;
}

/** A time in which a thread holds a lock. */
export interface Bar {
  readonly thread: number;
  readonly lock: string;
  readonly shared: boolean;
  /** Place among the bars of its thread that overlap with it, from 0. */
  readonly slot: number;
  /** Step that took it. */
  readonly first: number;
  /** Step that gave it back, or the last one that is known. */
  readonly last: number;
  /** It is still held behind the last step. */
  readonly open: boolean;
}

/** `steps[n]` is step n; those that are not loaded yet are rows of their own, unless there is a filter. */
export function rowsOf(
  steps: readonly (Step | undefined)[],
  length: number,
  filter: Filter,
  threads: readonly string[],
): Row[] {
  const wanted = matcher(filter, threads);
  const rows: Row[] = [{ number: 0, step: undefined, from: null, left: 0 }];
  let before: number | null = null;
  let shown = 0;
  for (let number = 1; number <= length; number++) {
    const step = steps[number];
    if (wanted !== null && (step === undefined || !wanted(step))) continue;
    const thread = step?.thread ?? null;
    const from = before !== null && thread !== null && thread !== before ? before : null;
    rows.push({ number, step, from, left: number - shown - 1 });
    if (thread !== null) before = thread;
    shown = number;
  }
  return rows;
}

export function isFiltering({ text, threads, locks }: Filter): boolean {
  return text.trim() !== '' || threads.length > 0 || locks.length > 0;
}

/** In the order in which they begin. */
export function barsOf(steps: readonly (Step | undefined)[], length: number): Bar[] {
  const bars: { -readonly [K in keyof Bar]: Bar[K] }[] = [];
  const held = new Map<number, Map<string, (typeof bars)[number]>>();
  for (let number = 1; number <= length; number++) {
    const step = steps[number];
    if (step === undefined || step.thread === null) continue;
    const mine = held.get(step.thread) ?? new Map<string, (typeof bars)[number]>();
    held.set(step.thread, mine);
    const now = new Set(step.holds);
    for (const [name, bar] of mine) {
      if (now.has(name)) continue;
      bar.last = number;
      bar.open = false;
      mine.delete(name);
    }
    for (const name of now) {
      if (mine.has(name)) continue;
      const used = new Set([...mine.values()].map(({ slot }) => slot));
      let slot = 0;
      while (used.has(slot)) slot++;
      const shared = name.endsWith(sharedMark);
      const bar = {
        thread: step.thread,
        lock: lockOf(name),
        shared,
        slot,
        first: number,
        last: length,
        open: true,
      };
      bars.push(bar);
      mine.set(name, bar);
    }
  }
  return bars;
}

/** Locks that are held at some time, in the order in which they are taken. */
export function locksOf(bars: readonly Bar[]): readonly string[] {
  return [...new Set(bars.map(({ lock }) => lock))];
}

/** Bars of each thread that stand beside each other, at most. */
export function slotsOf(bars: readonly Bar[], threads: number): readonly number[] {
  const slots = Array.from({ length: threads }, () => 0);
  for (const { thread, slot } of bars) slots[thread] = Math.max(slots[thread] ?? 0, slot + 1);
  return slots;
}

/** Index of the row of a step; where it is filtered out, of the nearest one before. Rows are ascending. */
export function rowAt(rows: readonly Row[], number: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rows[middle]?.number ?? 0) <= number) low = middle;
    else high = middle - 1;
  }
  return low;
}

export type Key = 'up' | 'down' | 'pageUp' | 'pageDown' | 'home' | 'end' | 'left' | 'right';

/** The row that a key leads to. Left and right: the step of the same thread before and behind. */
export function rowBehind(rows: readonly Row[], from: number, key: Key, page: number): number {
  const last = rows.length - 1;
  const within = (row: number): number => Math.max(0, Math.min(last, row));
  switch (key) {
    case 'up':
      return within(from - 1);
    case 'down':
      return within(from + 1);
    case 'pageUp':
      return within(from - page);
    case 'pageDown':
      return within(from + page);
    case 'home':
      return 0;
    case 'end':
      return last;
    case 'left':
    case 'right': {
      const by = key === 'left' ? -1 : 1;
      const thread = rows[from]?.step?.thread;
      for (let row = from + by; row >= 0 && row <= last; row += by)
        if (thread === undefined || rows[row]?.step?.thread === thread) return row;
      return from;
    }
  }
}

/** One sentence, for a screen reader and the line below the rows. */
export function sentenceOf(row: Row, threads: readonly string[], length: number): string {
  if (row.number === 0) return `The start of ${length === 1 ? '1 step' : `${length} steps`}.`;
  const { step } = row;
  if (step === undefined) return `Step ${row.number} of ${length}.`;
  const who = step.thread === null ? 'set by hand' : (threads[step.thread] ?? '');
  const within = step.within === '' ? '' : ` in ${step.within}()`;
  const value = step.value === null ? '' : `: ${step.value}`;
  const holds = step.holds.length === 0 ? '' : ` Holds ${step.holds.join(', ')}.`;
  const broken = step.broken.length === 0 ? '' : ` Breaks ${step.broken.join(', ')}.`;
  return `Step ${step.number} of ${length}, ${who}${within}: ${step.text}${value}.${holds}${broken}`;
}

/** The rows as a plain text, a line each. */
export function textOf(rows: readonly Row[], threads: readonly string[]): string {
  const width = Math.max(0, ...threads.map((name) => name.length));
  const digits = String(rows.at(-1)?.number ?? 0).length;
  return rows
    .flatMap(({ number, step, left }) => {
      if (step === undefined) return [];
      const who = step.thread === null ? '' : (threads[step.thread] ?? '');
      const value = step.value === null ? '' : `  [${step.value}]`;
      const broken = step.broken.map((name) => `  *** ${name}`).join('');
      const line = `${String(number).padStart(digits)}  ${who.padEnd(width)}  ${step.text}${value}${broken}`;
      return left > 0 ? [`${' '.repeat(digits)}  …`, line] : [line];
    })
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

const sharedMark = ' (read)';

function lockOf(held: string): string {
  return held.endsWith(sharedMark) ? held.slice(0, -sharedMark.length) : held;
}

/** null: everything matches. */
function matcher(filter: Filter, threads: readonly string[]): ((step: Step) => boolean) | null {
  if (!isFiltering(filter)) return null;
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const ofThread = new Set(filter.threads);
  const ofLock = new Set(filter.locks);
  return (step) => {
    if (ofThread.size > 0 && (step.thread === null || !ofThread.has(step.thread))) return false;
    if (ofLock.size > 0 && !isAbout(step, ofLock)) return false;
    if (words.length === 0) return true;
    const all = [
      step.text,
      step.value ?? '',
      step.within,
      step.thread === null ? '' : (threads[step.thread] ?? ''),
      ...step.holds,
      ...step.touches,
      ...step.broken,
    ];
    const text = all.join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

function isAbout({ holds, touches }: Step, locks: ReadonlySet<string>): boolean {
  if (holds.some((name) => locks.has(lockOf(name)))) return true;
  return touches.some((name) => [...locks].some((lock) => name === lock || name.startsWith(`${lock}.`)));
}
