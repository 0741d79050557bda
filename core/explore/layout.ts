/**
 * Where everything of a search stands in linear memory.
 *
 * A state is a fixed number of granules of 8 bytes: the memory image, then a block for each thread: a granule whose low
 * word says where the thread rests (0: at its end), then one granule for each register slot. What is dead is zero, so that
 * equal states have equal granules.
 */

import type { Program, Reg, ThreadCode } from '../program/ir.ts';

export const GRANULE = 8;
/** Most `choose` that one step may execute. */
export const CHOICE_LIMIT = 1 << 16;
/** Bytes of a chunk of the arenas, and how many nodes or states stand in one. */
export const CHUNK_BYTES = 1 << 20;
export const NODES_PER_CHUNK_LOG = 17;
export const STATES_PER_CHUNK_LOG = 16;
const CHUNK_LIMIT = 4096;
/** Bytes of a record in the table of threads, in the list of notes and in the tables of regions. */
export const THREAD_BYTES = 32;
export const NOTE_BYTES = 16;
export const REGION_ENTRY_BYTES = 16;

export interface CodeLayout {
  /** Granule of a register in the thread's block; only registers that are live at some park have one. */
  readonly slots: ReadonlyMap<Reg, number>;
  /** Size of a block. */
  readonly granules: number;
  /** Table index of the step from each park; the pc word of a thread that rests there. */
  readonly firstPark: number;
}

export interface StateLayout {
  readonly imageGranules: number;
  /** Of a whole state; at least 2, so that the tree over them has a root with two children. */
  readonly granules: number;
  readonly codes: readonly CodeLayout[];
  /** First granule of each thread's block. */
  readonly blocks: readonly number[];
  /** Parks of all codes. */
  readonly parks: number;
}

export interface MemoryLayout {
  /** Union of the waited-for masks of the steps tried for the current thread (i64), and the site of the first that failed (i32; -1: none yet). */
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
  /** Run number that last wrote each granule; the granules written in this run. */
  readonly stamps: number;
  readonly dirty: number;
  /** Node ids by tree position, of the working and of the base state. */
  readonly ids: number;
  readonly baseIds: number;
  /** A bit for each tree position that must be interned again; the positions that were. */
  readonly pending: number;
  readonly changed: number;
  readonly decodeStack: number;
  readonly threads: number;
  /** A byte for each park of all codes, by table index: 1 for heads (and for the end). */
  readonly heads: number;
  readonly nodeChunks: number;
  readonly stateChunks: number;
  /** Addresses and access descriptors of the threads, for races. */
  readonly accesses: number;
  /** First byte behind all that, on a page boundary. */
  readonly end: number;
}

export function layOutState(program: Program): StateLayout {
  let firstPark = 1;
  const codes = program.codes.map((code): CodeLayout => {
    const slots = assignSlots(code);
    const layout = { slots, granules: 1 + Math.max(0, ...slots.values()), firstPark };
    firstPark += code.parks.length;
    return layout;
  });
  const imageGranules = program.memory.imageBytes / GRANULE;
  let next = imageGranules;
  const blocks = program.threads.map((thread) => {
    const block = next;
    next += codes[thread.code]?.granules ?? 1;
    return block;
  });
  return { imageGranules, granules: Math.max(2, next), codes, blocks, parks: firstPark - 1 };
}

export interface MemoryNeeds {
  readonly granules: number;
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
  const { granules } = needs;
  const layout = {
    holders: area(8),
    blockedSite: area(8),
    threads: area(needs.threads * THREAD_BYTES),
    heads: area(needs.parks + 1),
    work: area(granules * GRANULE),
    base: area(granules * GRANULE),
    stamps: area(granules * 4),
    dirty: area(granules * 4),
    ids: area(granules * 8),
    baseIds: area(granules * 8),
    pending: area(alignUp(granules * 2, 64) / 8),
    changed: area(granules * 8),
    decodeStack: area(1024),
    accesses: area(needs.threads * 32),
    noteStates: area(needs.notes * 4),
    noteList: area(needs.notes * NOTE_BYTES),
    regions: needs.regions.map((count) => area(count * REGION_ENTRY_BYTES)),
    nodeChunks: area(CHUNK_LIMIT * 4),
    stateChunks: area(CHUNK_LIMIT * 4),
    choiceValues: area(CHOICE_LIMIT * 8),
    choiceHighs: area(CHOICE_LIMIT * 8),
  };
  return { ...layout, end: alignUp(next, 1 << 16) };
}

/** Registers that are live at the same park get different slots; a register keeps its slot at every park, so that steps move little. */
function assignSlots(code: ThreadCode): ReadonlyMap<Reg, number> {
  const parksOf = new Map<Reg, number[]>();
  code.parks.forEach((park, index) => {
    for (const reg of park.live) {
      const list = parksOf.get(reg);
      if (list === undefined) parksOf.set(reg, [index]);
      else list.push(index);
    }
  });
  const taken = code.parks.map(() => new Set<number>());
  const slots = new Map<Reg, number>();
  for (const [reg, parks] of [...parksOf].sort(([a], [b]) => a - b)) {
    let slot = 1;
    while (parks.some((park) => taken[park]?.has(slot) === true)) slot += 1;
    for (const park of parks) taken[park]?.add(slot);
    slots.set(reg, slot);
  }
  return slots;
}

function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
