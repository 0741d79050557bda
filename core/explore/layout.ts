/**
 * Where everything of a search stands in linear memory.
 *
 * A state is a fixed number of lines of 16 bytes: the memory image, then a block for each thread: a word that says where the
 * thread rests (0: at its end), and a slot for each register that is live at some park, as wide as its values need. What is
 * dead is zero, so that equal states have equal lines.
 */

import type { Park, Program, Reg, ThreadCode } from '../program/ir.ts';
import { positionsOf } from './tree.ts';
import { type Width, widthsOf } from './widths.ts';

export const GRANULE = 8;
/** What is written, compared and stored as a whole. */
export const LINE = 16;
export const LINE_LOG = 4;
/** Most `choose` that one step may execute. */
export const CHOICE_LIMIT = 1 << 16;
/** Bytes of a chunk of an arena, and how many entries stand in one. */
export const CHUNK_BYTES = 1 << 20;
export const NODES_PER_CHUNK_LOG = 16;
export const LINKS_PER_CHUNK_LOG = 17;
const CHUNK_LIMIT = 4096;
/** Bytes of a record in the table of threads, in the list of notes and in the tables of regions. */
export const THREAD_BYTES = 32;
export const NOTE_BYTES = 16;
export const REGION_ENTRY_BYTES = 16;
/** A thread's record in the table of waits, and its fields. */
export const WAIT_BYTES = 16;
export const waitField = { holders: 0, site: 8, blocked: 12 } as const;
/** Flags of a park: a head (or the end); what the access is that its step begins with. */
export const parkFact = { write: 1, plain: 2, access: 4, head: 8 } as const;

export interface Slot extends Width {
  /** Byte in the thread's block. */
  readonly offset: number;
}

export interface CodeLayout {
  /** Only registers that are live at some park have a slot. */
  readonly slots: ReadonlyMap<Reg, Slot>;
  /** By park: the bytes of the block at which slots in use begin. */
  readonly kept: readonly ReadonlySet<number>[];
  /** Bytes of a block. */
  readonly bytes: number;
  /** Table index of the step from the first park; the pc word of a thread that rests there. */
  readonly firstPark: number;
}

export interface StateLayout {
  readonly imageBytes: number;
  /** Bytes of the word that says where a thread rests. */
  readonly pcBytes: 2 | 4;
  /** Of a whole state; at least 2, so that the tree over them has an inner root. */
  readonly lines: number;
  readonly codes: readonly CodeLayout[];
  /** Byte of each thread's block in a state. */
  readonly blocks: readonly number[];
  /** Parks of all codes. */
  readonly parks: number;
}

export interface MemoryLayout {
  /** The threads that every blocked choice of the current thread waits for (a mask, i64), and the site of the first that failed (i32; -1: none yet). */
  readonly holders: number;
  readonly blockedSite: number;
  /** Values and highest values of the choices of the current step. */
  readonly choiceValues: number;
  readonly choiceHighs: number;
  readonly noteStates: number;
  readonly noteList: number;
  /** One table for each region. */
  readonly regions: readonly number[];
  /** The state that steps run on, and the stored state it came from. */
  readonly work: number;
  readonly base: number;
  /** Run number that last wrote each line; the lines written in this run. */
  readonly stamps: number;
  readonly dirty: number;
  /** Node ids by tree position, of the working and of the base state. */
  readonly ids: number;
  readonly baseIds: number;
  /** A bit for each inner node that must be interned again; the positions that were. */
  readonly pending: number;
  readonly changed: number;
  readonly decodeStack: number;
  /** The tables of a TreeShape. */
  readonly lineAt: number;
  readonly innerAt: number;
  readonly nodeAt: number;
  readonly threads: number;
  /** A byte of flags for each park of all codes, by table index; 0 is the end. */
  readonly parks: number;
  readonly waits: number;
  readonly nodeChunks: number;
  readonly stateChunks: number;
  readonly linkChunks: number;
  /** Addresses and access descriptors of the threads, for races. */
  readonly accesses: number;
  /** First byte behind all that, on a page boundary. */
  readonly end: number;
}

export function layOutState(program: Program): StateLayout {
  const parks = program.codes.reduce((sum, code) => sum + code.parks.length, 0);
  const pcBytes = parks < 0xffff ? 2 : 4;
  let firstPark = 1;
  const codes = program.codes.map((code, index): CodeLayout => {
    const layout = { ...assignSlots(code, widthsOf(program, index), pcBytes), firstPark };
    firstPark += code.parks.length;
    return layout;
  });
  const { imageBytes } = program.memory;
  let next = imageBytes;
  const blocks = program.threads.map((thread) => {
    const bytes = codes[thread.code]?.bytes ?? pcBytes;
    // Short blocks share lines, but none lies across two without need.
    if ((next % LINE) + bytes > LINE) next = alignUp(next, LINE);
    const block = next;
    next += bytes;
    return block;
  });
  return { imageBytes, pcBytes, lines: Math.max(2, Math.ceil(next / LINE)), codes, blocks, parks };
}

export interface MemoryNeeds {
  readonly lines: number;
  /** Inner nodes of the tree over the lines. */
  readonly inner: number;
  readonly notes: number;
  readonly threads: number;
  readonly parks: number;
  /** Granules of each region. */
  readonly regions: readonly number[];
}

export function layOutMemory(needs: MemoryNeeds): MemoryLayout {
  // Addresses below 16 are answers of address resolution that mean a fault.
  let next = 16;
  const area = (bytes: number): number => {
    const start = next;
    next = alignUp(start + bytes, 8);
    return start;
  };
  const { lines } = needs;
  const positions = positionsOf(needs.inner);
  const layout = {
    holders: area(8),
    blockedSite: area(8),
    threads: area(needs.threads * THREAD_BYTES),
    parks: area(needs.parks + 1),
    waits: area(needs.threads * WAIT_BYTES),
    work: area(lines * LINE),
    base: area(lines * LINE),
    stamps: area(lines * 4),
    dirty: area(lines * 4),
    ids: area(positions * 4),
    baseIds: area(positions * 4),
    pending: area(alignUp(needs.inner, 64) / 8),
    // A line that holds the ends of two things can be listed for each of them.
    changed: area(2 * positions * 4),
    // A walk leaves at most three children behind at each inner node above.
    decodeStack: area(8 * (3 * needs.inner + 4)),
    lineAt: area(lines * 4),
    innerAt: area(needs.inner * 4),
    nodeAt: area(positions * 4),
    accesses: area(needs.threads * 32),
    noteStates: area(needs.notes * 4),
    noteList: area(needs.notes * NOTE_BYTES),
    regions: needs.regions.map((count) => area(count * REGION_ENTRY_BYTES)),
    nodeChunks: area(CHUNK_LIMIT * 4),
    stateChunks: area(CHUNK_LIMIT * 4),
    linkChunks: area(CHUNK_LIMIT * 4),
    choiceValues: area(CHOICE_LIMIT * 8),
    choiceHighs: area(CHOICE_LIMIT * 8),
  };
  return { ...layout, end: alignUp(next, 1 << 16) };
}

/** The flags of a park. */
export function factsOf({ head, access }: Park): number {
  const flags =
    access === null
      ? 0
      : parkFact.access | (access.write ? parkFact.write : 0) | (access.plain ? parkFact.plain : 0);
  return flags | (head ? parkFact.head : 0);
}

/** Registers that are live at the same park get different slots; a register keeps its slot at every park, so that steps move little. */
function assignSlots(
  code: ThreadCode,
  widths: ReadonlyMap<Reg, Width>,
  pcBytes: number,
): Pick<CodeLayout, 'slots' | 'bytes' | 'kept'> {
  const parksOf = new Map<Reg, number[]>();
  code.parks.forEach((park, index) => {
    for (const reg of park.live) {
      const list = parksOf.get(reg);
      if (list === undefined) parksOf.set(reg, [index]);
      else list.push(index);
    }
  });
  const slots = new Map<Reg, Slot>();
  /** Of every slot so far: where it is, and the parks at which it is taken. */
  const made: { readonly offset: number; readonly bytes: number; readonly taken: Set<number> }[] = [];
  let bytes = pcBytes;
  for (const [reg, parks] of [...parksOf].sort(([a], [b]) => a - b)) {
    const width: Width = widths.get(reg) ?? { bytes: 8, signed: true };
    let slot = made.find((one) => one.bytes === width.bytes && !parks.some((park) => one.taken.has(park)));
    if (slot === undefined) {
      slot = { offset: bytes, bytes: width.bytes, taken: new Set() };
      bytes += width.bytes;
      made.push(slot);
    }
    for (const park of parks) slot.taken.add(park);
    slots.set(reg, { ...width, offset: slot.offset });
  }
  const kept = code.parks.map((park) => new Set(park.live.map((reg) => slots.get(reg)?.offset ?? 0)));
  return { slots, bytes, kept };
}

function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
