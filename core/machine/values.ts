/** How a value of the machine is written for a person: by its type, and addresses by what stands there. */

import type { MemoryObject, Program, Site } from '../program/ir.ts';
import { sizeOf, type Type } from '../semantics/types.ts';

/** The value that an access of `bytes` bytes at `address` found or left there, as the type of that place says. */
export function showAccess(program: Program, address: bigint, bytes: number, value: bigint): string {
  const object = objectAt(program, address);
  const place = object === null ? null : leafAt(object.type, Number(address - object.address), bytes);
  return showValue(program, value, place?.type ?? null);
}

/** The step in one line: `store: x = 1`, `spin_lock(&l)`. */
export function labelOf(site: Site): string {
  return site.action === 'none' ? site.text : `${site.action}: ${site.text}`;
}

/** `value` as a 64-bit pattern; `type` null: nothing is known of it. */
export function showValue(program: Program, value: bigint, type: Type | null): string {
  if (type?.kind === 'pointer') return value === 0n ? 'NULL' : (nameOfAddress(program, value) ?? hex(value));
  if (type?.kind === 'int') {
    const number = type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
    if (type.bool) return number === 0n ? 'false' : 'true';
    for (const [name, enumerator] of type.enumerators ?? []) if (enumerator === number) return name;
    if (type.signed || type.name.startsWith('unsigned int')) return number.toString();
  }
  // Other unsigned words hold page-table entries, addresses, roles and masks more often than counts.
  return value < 10n ? value.toString() : (nameOfAddress(program, value) ?? hex(value));
}

/** `&device.lock`, `finish_work`; null when nothing known stands there. */
export function nameOfAddress(program: Program, address: bigint): string | null {
  const named = program.functions.get(address);
  if (named !== undefined) return named;
  const object = objectAt(program, address);
  if (object === null) return null;
  const offset = Number(address - object.address);
  const path = leafAt(object.type, offset, null)?.path ?? (offset === 0 ? '' : ` + ${offset}`);
  return `&${object.name}${path}`;
}

function objectAt(program: Program, address: bigint): MemoryObject | null {
  const holds = ({ kind, address: from, bytes }: MemoryObject): boolean =>
    kind !== 'hidden' && address >= from && address < from + BigInt(bytes);
  return program.memory.objects.find(holds) ?? null;
}

interface Leaf {
  readonly path: string;
  readonly type: Type;
}

/**
 * The member or element that begins at `offset` and has `bytes` bytes; with `bytes` null the outermost one that
 * begins there, as an address of it is written. null when there is none.
 */
function leafAt(type: Type, offset: number, bytes: number | null): Leaf | null {
  if (offset === 0 && (bytes === null || (sizeOf(type) === bytes && isScalar(type))))
    return { path: '', type };
  if (type.kind === 'array') {
    const size = sizeOf(type.of);
    const index = Math.floor(offset / size);
    const inner = index < type.length ? leafAt(type.of, offset - index * size, bytes) : null;
    return inner === null ? null : { ...inner, path: `[${index}]${inner.path}` };
  }
  return memberAt(type, offset, bytes);
}

/** Like `leafAt`, and never the whole type: an anonymous member has no name to be written with. */
function memberAt(type: Type, offset: number, bytes: number | null): Leaf | null {
  if (type.kind !== 'struct') return null;
  for (const field of type.fields) {
    if (field.bits !== null || offset < field.offset || offset >= field.offset + sizeOf(field.type)) continue;
    const inner = field.anonymous
      ? memberAt(field.type, offset - field.offset, bytes)
      : leafAt(field.type, offset - field.offset, bytes);
    if (inner !== null) return field.anonymous ? inner : { ...inner, path: `.${field.name}${inner.path}` };
  }
  return null;
}

function isScalar(type: Type): boolean {
  return type.kind === 'int' || type.kind === 'pointer';
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}
