/** The tables of visited states: room for the generated store code to work in, and what it has found. */

import { CHUNK_BYTES, LINKS_PER_CHUNK_LOG, type MemoryLayout, NODES_PER_CHUNK_LOG } from './layout.ts';
import { ID_BITS, linkPlace } from './storeCode.ts';
import type { TreeShape } from './tree.ts';
import type { WasmExport, WasmGlobal, WasmInstance, WasmMemory } from './webassembly.ts';

export const PAGE_BYTES = 1 << 16;
/** An index is doubled when more than this part of it is used. */
const LOAD = 0.6;
/** Slower, but better than to give up when there is no memory for a larger one. */
const LAST_LOAD = 0.9;
const FIRST_INDEX_SLOTS = 1 << 14;
const LAST_ID = (1 << ID_BITS) - 1;

export interface Room {
  /** Index slots; a power of two. */
  slots: number;
  index: number;
  chunks: number;
}

export class Store {
  private readonly memory: WasmMemory;
  private readonly at: MemoryLayout;
  private readonly instance: WasmInstance;
  private readonly maxBytes: number;
  /** Most nodes that one state can add. */
  private readonly slack: number;
  private top: number;
  /** Why `grow` failed, in words for a person. */
  refusal = '';
  private readonly stateCount: WasmGlobal;
  /** Chunks that an outgrown index has left. */
  private readonly free: number[] = [];
  private readonly nodes: Room = { slots: 0, index: 0, chunks: 0 };
  private readonly states: Room = { slots: 0, index: 0, chunks: 0 };
  private linkChunks = 0;

  constructor(
    instance: WasmInstance,
    memory: WasmMemory,
    at: MemoryLayout,
    shape: TreeShape,
    maxBytes: number,
  ) {
    this.instance = instance;
    this.stateCount = globalOf(instance, 'stateCount');
    this.memory = memory;
    this.at = at;
    this.slack = shape.lines + shape.inner + 1;
    this.maxBytes = maxBytes;
    this.top = at.end;
  }

  /** Bytes taken from the host. */
  get bytes(): number {
    return this.top;
  }

  get count(): number {
    return this.stateCount.value >>> 0;
  }

  /** Makes room for another state with all its nodes; false when memory or the budget does not allow it. */
  grow(): boolean {
    return (
      this.growTable(this.nodes, 'node', (this.global('nodeCount').value >>> 0) + this.slack) &&
      this.growTable(this.states, 'state', this.count + 1) &&
      this.growLinks(this.count + 1)
    );
  }

  /** How a state was found first: its parent's number and the step, as `insert` was told. */
  link(state: number): { readonly parent: number; readonly via: number } {
    const words = new Uint32Array(this.memory.buffer);
    const { chunk, offset } = linkPlace(state);
    const record = ((words[this.at.linkChunks / 4 + chunk] ?? 0) + offset) / 4;
    return { parent: words[record] ?? 0, via: words[record + 1] ?? 0 };
  }

  private growTable(room: Room, name: 'node' | 'state', needed: number): boolean {
    const table = name === 'node' ? this.at.nodeChunks : this.at.stateChunks;
    if (needed >= LAST_ID) {
      this.refusal = `stopped at ${LAST_ID} ${name}s: more cannot be numbered`;
      return false;
    }
    while (room.chunks << NODES_PER_CHUNK_LOG <= needed) {
      if (!this.addChunk(table, room.chunks)) return false;
      room.chunks += 1;
    }
    const isFull = room.slots * LOAD < needed && !this.growIndex(room, name, needed);
    if (isFull && room.slots * LAST_LOAD < needed) return false;
    // Entry 0 of an arena is not used.
    const entries = Math.min((room.chunks << NODES_PER_CHUNK_LOG) - 1, LAST_ID);
    this.global(`${name}Room`).value = Math.floor(
      Math.min(entries, room.slots * (isFull ? LAST_LOAD : LOAD)),
    );
    return true;
  }

  /** Room for links is made with the room for states, which is checked. */
  private growLinks(needed: number): boolean {
    const room = this.global('stateRoom');
    const most = Math.max(needed, room.value);
    while (this.linkChunks << LINKS_PER_CHUNK_LOG <= most) {
      if (!this.addChunk(this.at.linkChunks, this.linkChunks)) {
        room.value = Math.min(room.value, (this.linkChunks << LINKS_PER_CHUNK_LOG) - 1);
        return room.value >= needed;
      }
      this.linkChunks += 1;
    }
    return true;
  }

  private addChunk(table: number, position: number): boolean {
    const chunk = this.free.pop() ?? this.allocate(CHUNK_BYTES);
    if (chunk === null) return false;
    new Uint32Array(this.memory.buffer)[table / 4 + position] = chunk;
    return true;
  }

  private growIndex(room: Room, name: 'node' | 'state', needed: number): boolean {
    let slots = Math.max(FIRST_INDEX_SLOTS, 2 * room.slots);
    while (slots * LOAD < needed) slots *= 2;
    // Memory that was never used is zero, as an empty index must be.
    const index = this.allocate(slots * 4);
    if (index === null) return false;
    for (let piece = room.index; piece + CHUNK_BYTES <= room.index + room.slots * 4; piece += CHUNK_BYTES)
      this.free.push(piece);
    room.index = index;
    room.slots = slots;
    this.global(`${name}Index`).value = index;
    this.global(`${name}Mask`).value = slots - 1;
    callable(this.instance.exports[name === 'node' ? 'rehashNodes' : 'rehashStates'])();
    return true;
  }

  /** Fresh zeroed memory, from the end. */
  private allocate(bytes: number): number | null {
    const start = this.top;
    const end = start + bytes;
    if (end > this.maxBytes) {
      this.refusal = `stopped at ${this.maxBytes} bytes`;
      return null;
    }
    const missing = Math.ceil((end - this.memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) {
      try {
        this.memory.grow(missing);
      } catch {
        this.refusal = `stopped at ${start} bytes: there is no more memory`;
        return null;
      }
    }
    this.top = end;
    return start;
  }

  private global(name: string): WasmGlobal {
    return globalOf(this.instance, name);
  }
}

export function globalOf(instance: WasmInstance, name: string): WasmGlobal {
  const found = instance.exports[name];
  return found === undefined || typeof found === 'function' ? { value: 0 } : found;
}

export function callable(found: WasmExport | undefined): (...args: readonly number[]) => number {
  return typeof found === 'function' ? found : () => 0;
}
