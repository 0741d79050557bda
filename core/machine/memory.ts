/** Accesses to the memory image of a state: where an address stands in it, whether it may be touched, and what is there. */

import { memberPath } from '../program/layout.ts';
import type { BuiltinCheck, Memory, Region } from '../program/ir.ts';
import { extend } from './expression.ts';

/** Why an access is not valid: the check it breaks, and which object at which offset. */
export interface Fault {
  readonly check: BuiltinCheck;
  readonly detail: string;
}

/** One access of a step, in program order. */
export interface Access {
  readonly address: bigint;
  readonly bytes: number;
  readonly write: boolean;
  /** Of a load: memory that was never written may be read. */
  readonly unwritten?: true;
}

/** `null`: valid. The rules are those of Region; the first that is broken counts. */
export function faultOf(memory: Memory, image: Uint8Array, access: Access): Fault | null {
  const fault = (check: BuiltinCheck, why: string): Fault => ({
    check,
    detail: `${describeAccess(memory, access)}${why}`,
  });
  const place = locate(memory, access.address);
  if (place === null) return fault('null-pointer', '');
  if (place.alive >= 0 && image[place.alive] === 0) return fault('use-after-free', '');
  if (access.address % BigInt(access.bytes) !== 0n) return fault('out-of-bounds', ': not aligned');
  if (place.byte + access.bytes > place.limit) return fault('out-of-bounds', ': beyond its end');
  if (!access.write && access.unwritten !== true && place.marks >= 0) {
    const needed = ((1 << access.bytes) - 1) << place.byte;
    if (((image[place.marks] ?? 0) & needed) !== needed)
      return fault('uninitialised-read', ': never written');
  }
  return null;
}

/** The fault that makes even an access without validation impossible, so that a wrong program is reported and not run. */
export function impossible(memory: Memory, access: Access): Fault | null {
  const place = locate(memory, access.address);
  if (place === null) return { check: 'null-pointer', detail: describeAccess(memory, access) };
  if (place.byte + access.bytes > 8)
    return { check: 'out-of-bounds', detail: `${describeAccess(memory, access)}: not aligned` };
  return null;
}

/** Little-endian; the access must be possible. */
export function read(
  memory: Memory,
  image: Uint8Array,
  address: bigint,
  bytes: number,
  isSigned: boolean,
): bigint {
  const place = locate(memory, address);
  if (place === null) return 0n;
  let value = 0n;
  for (let i = bytes - 1; i >= 0; i -= 1)
    value = (value << 8n) | BigInt(image[place.image + place.byte + i] ?? 0);
  return extend(value, bytes * 8, isSigned);
}

/** Little-endian, marks the bytes as initialised; the access must be possible. */
export function write(
  memory: Memory,
  image: Uint8Array,
  address: bigint,
  bytes: number,
  value: bigint,
): void {
  const place = locate(memory, address);
  if (place === null) return;
  for (let i = 0; i < bytes; i += 1)
    image[place.image + place.byte + i] = Number((value >> BigInt(8 * i)) & 0xffn);
  if (place.marks >= 0) image[place.marks] = (image[place.marks] ?? 0) | (((1 << bytes) - 1) << place.byte);
}

/** Zeroes `bytes` bytes and sets their marks; holes are passed over. */
export function fill(
  memory: Memory,
  image: Uint8Array,
  address: bigint,
  bytes: number,
  initialised: boolean,
): void {
  for (let i = 0; i < bytes; i += 1) {
    const place = locate(memory, BigInt.asUintN(64, address + BigInt(i)));
    if (place === null || place.limit <= place.byte) continue;
    image[place.image + place.byte] = 0;
    if (place.marks < 0) continue;
    const marks = image[place.marks] ?? 0;
    image[place.marks] = initialised ? marks | (1 << place.byte) : marks & ~(1 << place.byte);
  }
}

function describeAccess(memory: Memory, access: Access): string {
  const size = `${access.bytes} ${access.bytes === 1 ? 'byte' : 'bytes'}`;
  return `${access.write ? 'store' : 'load'} of ${size} at ${describeAddress(memory, access.address)}`;
}

/** For a person: `node[1].next`, or the bare address where nothing is. */
export function describeAddress(memory: Memory, address: bigint): string {
  if (address === 0n) return 'address 0 (null)';
  const place = locate(memory, address);
  const object = place === null ? undefined : memory.objects[place.object];
  if (object === undefined) return `address 0x${address.toString(16)}`;
  const offset = address - object.address;
  return `${object.name}${memberPath(object.type, Number(offset))}`;
}

/** Image offset of the 8 bytes that an address stands in; null where there is nothing. */
export function granuleAt(memory: Memory, address: bigint): number | null {
  return locate(memory, address)?.image ?? null;
}

/** Whether the object at an address lives. */
export function isAlive(memory: Memory, image: Uint8Array, address: bigint): boolean {
  const place = locate(memory, address);
  return place !== null && (place.alive < 0 || image[place.alive] !== 0);
}

interface Place {
  /** Image offset of the granule, and the byte of the address in it. */
  readonly image: number;
  readonly byte: number;
  readonly alive: number;
  readonly marks: number;
  readonly object: number;
  readonly limit: number;
}

/** The granule at an address; null where there is none. */
function locate(memory: Memory, address: bigint): Place | null {
  const region = memory.regions.find((one) => contains(one, address));
  if (region === undefined) return null;
  const offset = Number(address - region.base);
  const granule = Math.floor(offset / 8);
  const image = region.image[granule] ?? -1;
  if (image < 0) return null;
  return {
    image,
    byte: offset % 8,
    alive: region.alive[granule] ?? -1,
    marks: region.marks[granule] ?? -1,
    object: region.object[granule] ?? -1,
    limit: region.limit[granule] ?? 8,
  };
}

function contains(region: Region, address: bigint): boolean {
  return address >= region.base && address < region.base + 8n * BigInt(region.granules);
}
