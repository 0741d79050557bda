/**
 * Everything that happened in one run: which thread moved, what it touched, and every state in between.
 *
 * A state is kept as what changed since the one before, with the whole of it every `stride` steps; so any state is
 * had by copying one and replaying fewer than `stride` changes, whatever the length of the run.
 */

import { type Access, granuleAt } from '../machine/memory.ts';
import type { Finding, Trace } from '../machine/result.ts';
import type { State, ThreadState } from '../machine/state.ts';
import type { Program } from '../program/ir.ts';

/** What led from one state to the next. */
export type Event =
  | {
      readonly kind: 'step';
      readonly thread: number;
      readonly choices: readonly bigint[];
      /** Where it stood: index into Program.sites. */
      readonly site: number;
      readonly accesses: readonly Access[];
      /** Of the step itself. */
      readonly findings: readonly Finding[];
      /** The step ended the run, with the last of its findings; the state is as it was before. */
      readonly fatal: boolean;
    }
  /** Somebody set a value by hand; `text` says what: `x = 3`. */
  | { readonly kind: 'set'; readonly text: string; readonly accesses: readonly Access[] };

/** What differs from the state before. */
interface Change {
  /** Offsets of 8-byte words of the image, and what they hold now. */
  readonly words: Int32Array;
  readonly values: BigUint64Array;
  readonly threads: readonly ThreadChange[];
}

interface ThreadChange {
  readonly thread: number;
  readonly pc: number;
  /** null: this thread's registers are as many as before, and these differ. */
  readonly all: readonly bigint[] | null;
  readonly registers: Int32Array;
  readonly values: BigUint64Array;
}

/** Most events of a run. */
export const mostEvents = 200_000;
/** Bytes that the changes of a run may take. */
const mostBytes = 400 * 1024 * 1024;
const stride = 512;
/** States that were looked at last. */
const mostRecent = 32;

export class History {
  readonly program: Program;
  readonly start: Trace['start'];
  private readonly events: Event[] = [];
  private readonly changes: Change[] = [];
  /** The states at 0, stride, 2 stride, … */
  private readonly whole: State[];
  private readonly recent = new Map<number, State>();
  /** Events that wrote a word, ascending, by its offset in the image. */
  private readonly writers = new Map<number, number[]>();
  private bytes = 0;

  constructor(program: Program, start: Trace['start'], first: State) {
    this.program = program;
    this.start = start;
    this.whole = [first];
  }

  /** Number of events. State 0 is the initial one, and state n what event n led to. */
  get length(): number {
    return this.events.length;
  }

  get isFull(): boolean {
    return this.events.length >= mostEvents || this.bytes >= mostBytes;
  }

  event(at: number): Event | null {
    return this.events[at - 1] ?? null;
  }

  /** `at` is taken into 0..length. */
  state(at: number): State {
    const wanted = Math.max(0, Math.min(at, this.length));
    const known =
      this.recent.get(wanted) ?? (wanted % stride === 0 ? this.whole[wanted / stride] : undefined);
    if (known !== undefined) return known;
    let from = Math.floor(wanted / stride) * stride;
    let base = this.whole[wanted < stride ? 0 : from / stride];
    for (const [index, state] of this.recent) {
      if (index <= wanted && index > from) {
        from = index;
        base = state;
      }
    }
    if (base === undefined) throw new Error(`there is no state ${from}`);
    const state = replayed(base, this.changes.slice(from, wanted));
    this.remember(wanted, state);
    return state;
  }

  /** Adds an event behind the last one. */
  append(event: Event, before: State, after: State): void {
    const at = this.events.length + 1;
    const change = changeBetween(before, after);
    this.events.push(event);
    this.changes.push(change);
    this.bytes += bytesOf(change) + 200;
    if (at % stride === 0) this.whole.push(after);
    this.remember(at, after);
    for (const word of wordsWritten(this.program, event, change)) {
      const writers = this.writers.get(word);
      if (writers === undefined) this.writers.set(word, [at]);
      else if (writers.at(-1) !== at) writers.push(at);
    }
  }

  /** Forgets what happened after state `at`. */
  cut(at: number): void {
    for (let i = this.events.length; i > at; i--) {
      const event = this.events.pop();
      const change = this.changes.pop();
      if (event === undefined || change === undefined) break;
      this.bytes -= bytesOf(change) + 200;
      this.recent.delete(i);
      for (const word of wordsWritten(this.program, event, change)) {
        const writers = this.writers.get(word);
        if (writers?.at(-1) === i) writers.pop();
      }
    }
    this.whole.length = Math.floor(at / stride) + 1;
  }

  /** The last event up to `at` that wrote any of these bytes; null when none did since the beginning. */
  lastWriter(address: bigint, bytes: number, at: number): number | null {
    let last = 0;
    for (const writers of this.writersOf(address, bytes)) {
      for (let i = latest(writers, at) - 1; i >= 0 && (writers[i] ?? 0) > last; i--) {
        const event = writers[i] ?? 0;
        if (this.wrote(address, bytes, event)) last = event;
      }
    }
    return last === 0 ? null : last;
  }

  /** Every event that wrote any of these bytes, ascending. */
  writersOfBytes(address: bigint, bytes: number): readonly number[] {
    const events = new Set(this.writersOf(address, bytes).flat());
    return [...events].filter((event) => this.wrote(address, bytes, event)).sort((a, b) => a - b);
  }

  /** Of an event that wrote the words around them: whether it wrote these bytes. What ends a life is no access, and writes all. */
  private wrote(address: bigint, bytes: number, at: number): boolean {
    const writes = (this.event(at)?.accesses ?? []).filter(({ write }) => write);
    const words = granulesOf(this.program, address, bytes);
    const near = writes.filter((one) =>
      granulesOf(this.program, one.address, one.bytes).some((word) => words.includes(word)),
    );
    return (
      near.length === 0 ||
      near.some((one) => one.address < address + BigInt(bytes) && address < one.address + BigInt(one.bytes))
    );
  }

  /** Whether event `at` changed any of these bytes. */
  changed(address: bigint, bytes: number, at: number): boolean {
    const change = this.changes[at - 1];
    if (change === undefined) return false;
    return granulesOf(this.program, address, bytes).some((word) => change.words.includes(word));
  }

  /** Registers of a thread that event `at` changed. */
  changedRegisters(thread: number, at: number): ReadonlySet<number> {
    const found = this.changes[at - 1]?.threads.find((one) => one.thread === thread);
    return new Set(found?.registers ?? []);
  }

  private writersOf(address: bigint, bytes: number): (readonly number[])[] {
    return granulesOf(this.program, address, bytes).flatMap((word) => {
      const writers = this.writers.get(word);
      return writers === undefined ? [] : [writers];
    });
  }

  private remember(at: number, state: State): void {
    this.recent.delete(at);
    this.recent.set(at, state);
    if (this.recent.size <= mostRecent) return;
    const [oldest] = this.recent.keys();
    if (oldest !== undefined) this.recent.delete(oldest);
  }
}

// ---------------------------------------------------------------- changes

function changeBetween(before: State, after: State): Change {
  const words: number[] = [];
  const values: bigint[] = [];
  if (before.image !== after.image) {
    const old = viewOf(before.image);
    const now = viewOf(after.image);
    for (let at = 0; at < after.image.length; at += 8) {
      const value = now.getBigUint64(at, true);
      if (value !== old.getBigUint64(at, true)) {
        words.push(at);
        values.push(value);
      }
    }
  }
  const threads = after.threads.flatMap((thread, index): ThreadChange[] => {
    const old = before.threads[index];
    return old === thread ? [] : [threadChange(index, old, thread)];
  });
  return { words: Int32Array.from(words), values: BigUint64Array.from(values), threads };
}

function threadChange(index: number, before: ThreadState | undefined, after: ThreadState): ThreadChange {
  const { pc, registers } = after;
  if (before === undefined || before.registers.length !== registers.length)
    return {
      thread: index,
      pc,
      all: registers,
      registers: new Int32Array(0),
      values: new BigUint64Array(0),
    };
  const changed: number[] = [];
  for (let reg = 0; reg < registers.length; reg++)
    if (registers[reg] !== before.registers[reg]) changed.push(reg);
  return {
    thread: index,
    pc,
    all: null,
    registers: Int32Array.from(changed),
    values: BigUint64Array.from(changed.map((reg) => BigInt.asUintN(64, registers[reg] ?? 0n))),
  };
}

function replayed(from: State, changes: readonly Change[]): State {
  const image = from.image.slice();
  const view = viewOf(image);
  const threads = [...from.threads];
  const mine = new Map<number, bigint[]>();
  for (const change of changes) {
    change.words.forEach((word, index) => {
      view.setBigUint64(word, change.values[index] ?? 0n, true);
    });
    for (const one of change.threads) {
      let registers = mine.get(one.thread);
      if (one.all !== null || registers === undefined)
        registers = [...(one.all ?? threads[one.thread]?.registers ?? [])];
      for (let i = 0; i < one.registers.length; i++) registers[one.registers[i] ?? 0] = one.values[i] ?? 0n;
      mine.set(one.thread, registers);
      threads[one.thread] = { pc: one.pc, registers };
    }
  }
  return { image, threads };
}

function viewOf(image: Uint8Array): DataView {
  return new DataView(image.buffer, image.byteOffset, image.byteLength);
}

function bytesOf(change: Change): number {
  return (
    change.words.length * 12 +
    change.threads.reduce((sum, one) => sum + 64 + one.registers.length * 12 + 8 * (one.all?.length ?? 0), 0)
  );
}

/** Also those that were written with what they held already. */
function wordsWritten(program: Program, event: Event, change: Change): ReadonlySet<number> {
  const words = new Set<number>(change.words);
  for (const { address, bytes, write } of event.accesses)
    if (write) for (const word of granulesOf(program, address, bytes)) words.add(word);
  return words;
}

function granulesOf(program: Program, address: bigint, bytes: number): readonly number[] {
  const words = new Set<number>();
  for (let at = address - (address % 8n); at < address + BigInt(bytes); at += 8n) {
    const word = granuleAt(program.memory, at);
    if (word !== null) words.add(word);
  }
  return [...words];
}

/** How many of ascending numbers are not above `at`. */
function latest(ascending: readonly number[], at: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
