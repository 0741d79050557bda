/** What waits in the store buffers of a state, under tso. */

import type { Program, StoreBuffer } from '../program/ir.ts';
import { describeAddress, read } from './memory.ts';
import { showAccess } from './values.ts';

export interface WaitingStore {
  readonly address: bigint;
  readonly bytes: number;
  readonly value: bigint;
}

/** The stores that wait in a thread's buffer, oldest first; none under sc. */
export function waitingStores(program: Program, image: Uint8Array, thread: number): readonly WaitingStore[] {
  const buffer = program.buffers?.find((one) => one.thread === thread);
  if (buffer === undefined) return [];
  const word = (offset: number): bigint =>
    read(program.memory, image, buffer.address + BigInt(offset), 8, false);
  const found: WaitingStore[] = [];
  for (let entry = 0; entry < buffer.entries; entry++) {
    const key = word(16 * entry);
    if (key === 0n) break;
    const address = BigInt.asUintN(64, BigInt.asIntN(64, key) >> 2n);
    found.push({ address, bytes: 1 << Number(key & 3n), value: word(16 * entry + 8) });
  }
  return found;
}

/** The buffer whose stores this thread makes visible; null for every other thread. */
export function drainedBy(program: Program, thread: number): StoreBuffer | null {
  return program.buffers?.find(({ drain }) => drain === thread) ?? null;
}

/** The address lies in a store buffer. */
export function isInBuffer(program: Program, address: bigint): boolean {
  return (program.buffers ?? []).some(
    (one) => address >= one.address && address < one.address + BigInt(16 * one.entries),
  );
}

/** What the thread itself reads there: the bytes of its waiting stores over those of memory. */
export function seenBy(
  program: Program,
  image: Uint8Array,
  thread: number,
  address: bigint,
  bytes: number,
): bigint {
  let value = read(program.memory, image, address, bytes, false);
  for (const store of waitingStores(program, image, thread)) {
    for (let i = 0; i < bytes; i++) {
      const from = Number(address - store.address) + i;
      if (from < 0 || from >= store.bytes) continue;
      const byte = (store.value >> BigInt(8 * from)) & 0xffn;
      value = (value & ~(0xffn << BigInt(8 * i))) | (byte << BigInt(8 * i));
    }
  }
  return value;
}

/** For a person: `x = 1`. */
export function describeStore(program: Program, { address, bytes, value }: WaitingStore): string {
  return `${describeAddress(program.memory, address)} = ${showAccess(program, address, bytes, value)}`;
}
