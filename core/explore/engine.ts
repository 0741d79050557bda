/** A compiled program, ready to run: its functions, and the places of memory that the search looks at. */

import { type Park, type Program, THREAD_LIMIT } from '../program/ir.ts';
import { type Compiled, compile } from './compile.ts';
import { readWaits, type Wait } from './deadlock.ts';
import { threadField } from './expansion.ts';
import { ending } from './explorer.ts';
import { factsOf, LINE, LINE_LOG, parkFact, THREAD_BYTES } from './layout.ts';
import { regionTable } from './memoryAccess.ts';
import { callable, globalOf, PAGE_BYTES, Store } from './store.ts';
import { type WasmGlobal, type WasmInstance, type WasmMemory, webAssembly } from './webassembly.ts';

/** What generated code told: the note, and what it says besides. */
export interface Told {
  readonly note: number;
  readonly who: number;
  readonly value: bigint;
}

export type Readiness =
  | { readonly kind: 'ready'; readonly engine: Engine }
  | { readonly kind: 'refused'; readonly reason: string };

/** Compiles a program. Refused when the host cannot run it, or not within the budget. */
export function prepare(program: Program, maxBytes: number): Readiness {
  const host = webAssembly();
  if (host === null) return { kind: 'refused', reason: 'this host has no WebAssembly' };
  if (program.threads.length > THREAD_LIMIT)
    return { kind: 'refused', reason: `program-too-large: more than ${THREAD_LIMIT} threads` };
  const compiled = compile(program);
  if (compiled.at.end > maxBytes)
    return {
      kind: 'refused',
      reason: `stopped at ${maxBytes} bytes: the program alone needs ${compiled.at.end}`,
    };
  try {
    const initial = compiled.at.end / PAGE_BYTES;
    const memory = new host.Memory({
      initial,
      maximum: Math.max(initial, Math.min(65_536, Math.ceil(maxBytes / PAGE_BYTES))),
    });
    const instance = new host.Instance(new host.Module(compiled.bytes), { env: { memory } });
    return { kind: 'ready', engine: new Engine(program, compiled, memory, instance, maxBytes) };
  } catch (error) {
    // The host's limits on code and memory are not known before.
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', reason: `program-too-large: ${why}` };
  }
}

export class Engine {
  readonly program: Program;
  readonly compiled: Compiled;
  readonly store: Store;
  /** The linear memory; anew after it has grown. */
  words: Uint32Array;
  bytes: Uint8Array;
  private readonly memory: WasmMemory;
  private readonly instance: WasmInstance;

  readonly attempt: (thread: number, mode: number) => number;
  readonly explore: () => number;
  readonly decode: (state: number) => void;
  readonly begin: () => void;
  readonly init: () => number;
  readonly startThread: (thread: number) => number;
  readonly nextChoice: () => number;
  readonly hasRoom: () => number;
  readonly insertWhole: (parent: number, via: number) => number;
  readonly noteEnded: (thread: number) => void;
  readonly properties: () => void;
  private readonly globals = new Map<string, WasmGlobal>();

  constructor(
    program: Program,
    compiled: Compiled,
    memory: WasmMemory,
    instance: WasmInstance,
    maxBytes: number,
  ) {
    this.program = program;
    this.compiled = compiled;
    this.memory = memory;
    this.instance = instance;
    this.store = new Store(instance, memory, compiled.at, compiled.shape, maxBytes);
    this.words = new Uint32Array(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    const exported = (name: string) => callable(instance.exports[name]);
    this.attempt = exported('attempt');
    this.decode = exported('decode');
    this.begin = exported('begin');
    this.init = exported('init');
    this.startThread = exported('startThread');
    this.nextChoice = exported('nextChoice');
    this.hasRoom = exported('hasRoom');
    this.insertWhole = exported('insertWhole');
    this.noteEnded = exported('noteEnded');
    this.properties = exported('properties');
    this.explore = exported('explore');
    this.fillTables();
  }

  global(name: string): WasmGlobal {
    const known = this.globals.get(name);
    if (known !== undefined) return known;
    const found = globalOf(this.instance, name);
    this.globals.set(name, found);
    return found;
  }

  /** What the threads of the state at hand wait for. */
  waits(): readonly (Wait | null)[] {
    return readWaits(new DataView(this.memory.buffer, this.compiled.at.waits), this.program.threads.length);
  }

  /** More room for states; false when there is none. */
  grow(): boolean {
    const grown = this.store.grow();
    this.words = new Uint32Array(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
    return grown;
  }

  /** The state before `init`: the initial image, threads that have not begun. */
  reset(): void {
    const { at, state } = this.compiled;
    this.bytes.fill(0, at.work, at.work + state.lines * LINE);
    this.bytes.set(this.program.memory.image.subarray(0, state.imageBytes), at.work);
  }

  /** The working state becomes the base state again, after it was changed behind the back of the store. */
  restoreAll(): void {
    const { at, state } = this.compiled;
    this.bytes.copyWithin(at.work, at.base, at.base + state.lines * LINE);
  }

  /** The values of the first choices of the current run. */
  choices(count: number): bigint[] {
    const values = new BigInt64Array(this.memory.buffer, this.compiled.at.choiceValues, count);
    return [...values];
  }

  /** The notes of the current run, from one position to another. */
  told(from: number, to: number): Told[] {
    const view = new DataView(this.memory.buffer);
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => {
      const record = this.compiled.at.noteList + (from + i) * 16;
      return {
        note: view.getUint32(record, true),
        who: view.getInt32(record + 4, true),
        value: view.getBigUint64(record + 8, true),
      };
    });
  }

  /** The note is never told again. */
  settle(note: number): void {
    this.words[this.compiled.at.noteStates / 4 + note] = 0xffff_ffff;
  }

  /** The table index of its park, 0 for its end. */
  private pcWord(thread: number): number {
    const { at, state } = this.compiled;
    const place = at.work + (state.blocks[thread] ?? 0);
    const low = (this.bytes[place] ?? 0) | ((this.bytes[place + 1] ?? 0) << 8);
    return state.pcBytes === 2
      ? low
      : low | ((this.bytes[place + 2] ?? 0) << 16) | ((this.bytes[place + 3] ?? 0) << 24);
  }

  /** Where a thread of the working state rests; null at its end. */
  parkOf(thread: number): Park | null {
    const code = this.program.threads[thread]?.code ?? -1;
    return (
      this.program.codes[code]?.parks[
        this.pcWord(thread) - (this.compiled.state.codes[code]?.firstPark ?? 0)
      ] ?? null
    );
  }

  /** Run numbers begin again, before they could be mistaken for older ones. */
  forgetRuns(): void {
    const { at, state, notes } = this.compiled;
    this.words.fill(0, at.stamps / 4, at.stamps / 4 + state.lines);
    const first = at.noteStates / 4;
    for (let i = first; i < first + notes.length; i += 1)
      if (this.words[i] !== 0xffff_ffff) this.words[i] = 0;
    this.global('run').value = 0;
  }

  private fillTables(): void {
    const { at, state, threads } = this.compiled;
    const { program } = this;
    const { shape } = this.compiled;
    this.words.set(new Uint32Array(shape.lineAt), at.lineAt / 4);
    this.words.set(new Uint32Array(shape.innerAt), at.innerAt / 4);
    this.words.set(new Uint32Array(shape.nodeAt), at.nodeAt / 4);
    const view = new DataView(this.memory.buffer);
    program.threads.forEach((thread, index) => {
      const record = at.threads + index * THREAD_BYTES;
      const block = state.blocks[index] ?? 0;
      const end = block + (state.codes[thread.code]?.bytes ?? state.pcBytes);
      view.setUint32(record + threadField.block, at.work + block, true);
      view.setUint32(record + threadField.firstLine, block >> LINE_LOG, true);
      view.setUint32(record + threadField.endLine, ((end - 1) >> LINE_LOG) + 1, true);
      view.setUint32(record + threadField.firstStep, threads[index]?.firstStep ?? 0, true);
      view.setUint32(record + threadField.endedNote, threads[index]?.endedNote ?? 0, true);
      view.setUint32(record + threadField.ending, ending[thread.ending], true);
      view.setBigUint64(record + threadField.param, BigInt.asUintN(64, thread.param), true);
    });
    this.bytes[at.parks] = parkFact.head;
    program.codes.forEach((code, index) => {
      const first = state.codes[index]?.firstPark ?? 0;
      code.parks.forEach((park, i) => {
        this.bytes[at.parks + first + i] = factsOf(park);
      });
    });
    program.memory.regions.forEach((region, index) => {
      this.words.set(new Uint32Array(regionTable(region).buffer), (at.regions[index] ?? 0) / 4);
    });
  }
}
