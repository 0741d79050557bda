/** Addresses, threads and waits in words, for the details of violations. */

import type { Memory, Program } from '../program/ir.ts';
import { memberPath } from '../program/layout.ts';
import { locate } from './memoryAccess.ts';

/** `store of 4 bytes at node[1].next`. */
export function describeAccess(memory: Memory, write: boolean, bytes: number, address: bigint): string {
  return `${write ? 'store' : 'load'} of ${bytes} ${bytes === 1 ? 'byte' : 'bytes'} at ${describeAddress(memory, address)}`;
}

/** `node[1].next`, or the bare address where nothing is. */
export function describeAddress(memory: Memory, address: bigint): string {
  if (address === 0n) return 'address 0 (null)';
  const object = memory.objects[locate(memory, address)?.object ?? -1];
  if (object === undefined) return `address 0x${address.toString(16)}`;
  const offset = address - object.address;
  return `${object.name}${memberPath(object.type, Number(offset))}`;
}

/** `task zap`. */
export function nameOf(program: Program, thread: number): string {
  const found = program.threads[thread];
  return found === undefined ? 'init' : `${found.kind} ${found.name}`;
}

/** `vcpu fault[1] waits at spin_lock(&l); held by task zap`. */
export function describeWait(
  program: Program,
  thread: number,
  site: number,
  holders: readonly number[],
): string {
  const where =
    site === program.cpuSite ? 'for its CPU' : `at ${program.sites[site]?.text ?? 'an unknown place'}`;
  const waits = `${nameOf(program, thread)} waits ${where}`;
  if (holders.length === 0) return waits;
  return `${waits}; held by ${holders.map((one) => (one === thread ? 'itself' : nameOf(program, one))).join(' and ')}`;
}
