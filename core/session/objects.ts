/** Memory and locals as a tree of named, typed values, each part made when it is asked for. */

import { isAlive, read } from '../machine/memory.ts';
import type { State } from '../machine/state.ts';
import { nameOfAddress, showValue } from '../machine/values.ts';
import type { MemoryObject, Program } from '../program/ir.ts';
import type { Known } from '../program/questions.ts';
import { typeName } from '../semantics/typeName.ts';
import { sizeOf, type Type } from '../semantics/types.ts';

/** Something that has a value at a moment. Immutable; its parts are made by `partsOf`. */
export interface Shown {
  readonly name: string;
  readonly type: Type;
  /** `struct page *`. */
  readonly typeName: string;
  /** For a person, in one line. */
  readonly value: string;
  /** The number of a scalar as a 64-bit pattern; null for others. */
  readonly number: bigint | null;
  readonly where: Where;
  /** How many parts it has; 0: none. */
  readonly parts: number;
}

export type Where =
  | { readonly kind: 'memory'; readonly address: bigint; readonly bits: Bits }
  /** In registers: the leaves by offset, of which this begins at `offset`. */
  | {
      readonly kind: 'leaves';
      readonly values: ReadonlyMap<number, bigint>;
      readonly offset: number;
      readonly bits: Bits;
    }
  | { readonly kind: 'value'; readonly value: bigint }
  | { readonly kind: 'none' };

type Bits = { readonly shift: number; readonly width: number } | null;

/** Elements of an array that are shown at once; more are in groups of as many. */
export const pageSize = 128;

/** Objects of the program that have a name: those of the scenario, then those of the files it imports. */
export function objectsOf(program: Program, { own }: { readonly own: boolean }): readonly MemoryObject[] {
  return program.memory.objects.filter(
    ({ kind, loc }) =>
      (kind === 'global' || kind === 'pool') && (loc?.uri === program.checked.uri) === own && loc !== null,
  );
}

export function showObject(program: Program, state: State, object: MemoryObject): Shown {
  const { name, type, address } = object;
  return showPlace(program, state, name, type, { kind: 'memory', address, bits: null });
}

/** A local or the answer of a question. */
export function showKnown(
  program: Program,
  state: State,
  name: string,
  type: Type,
  known: Known | null,
): Shown {
  if (known === null)
    return {
      name,
      type,
      typeName: typeName(type),
      value: 'not written yet',
      number: null,
      where: { kind: 'none' },
      parts: 0,
    };
  if (known.kind === 'address')
    return showPlace(program, state, name, type, { kind: 'memory', address: known.address, bits: null });
  if (known.kind === 'leaves')
    return showPlace(program, state, name, type, {
      kind: 'leaves',
      values: known.values,
      offset: 0,
      bits: null,
    });
  return showPlace(program, state, name, type, { kind: 'value', value: known.value });
}

export function showPlace(program: Program, state: State, name: string, type: Type, where: Where): Shown {
  const base = { name, type, typeName: typeName(type), where };
  if (where.kind === 'memory' && !isAlive(program.memory, state.image, where.address))
    return { ...base, value: where.address === 0n ? 'NULL' : 'not alive', number: null, parts: 0 };
  if (type.kind === 'struct') {
    const parts = type.fields.length;
    return { ...base, value: summary(program, state, type, where), number: null, parts };
  }
  if (type.kind === 'array')
    return {
      ...base,
      value: `${type.length} ${type.length === 1 ? 'element' : 'elements'}`,
      number: null,
      parts: type.length,
    };
  const number = numberAt(program, state, type, where);
  if (number === null) return { ...base, value: '', number: null, parts: 0 };
  const to = type.kind === 'pointer' ? type.to : null;
  const leads = to !== null && (to.kind === 'struct' || to.kind === 'array' || to.kind === 'int');
  const alive = leads && number !== 0n && isAlive(program.memory, state.image, number);
  const dangling = leads && number !== 0n && !alive && nameOfAddress(program, number) !== null;
  return {
    ...base,
    value: `${showValue(program, number, type)}${dangling ? ' (not alive)' : ''}`,
    number,
    parts: alive ? 1 : 0,
  };
}

/** The parts `from` to before `to`: members, elements, or what a pointer leads to. */
export function partsOf(
  program: Program,
  state: State,
  shown: Shown,
  from = 0,
  to: number = shown.parts,
): readonly Shown[] {
  const { type, where } = shown;
  if (shown.parts === 0) return [];
  if (type.kind === 'pointer' && shown.number !== null)
    return [
      showPlace(program, state, `*${shown.name}`, type.to, {
        kind: 'memory',
        address: shown.number,
        bits: null,
      }),
    ];
  if (type.kind === 'array') {
    const size = sizeOf(type.of);
    const parts: Shown[] = [];
    for (let index = from; index < Math.min(to, type.length); index++)
      parts.push(showPlace(program, state, `[${index}]`, type.of, inside(where, index * size, null)));
    return parts;
  }
  if (type.kind !== 'struct') return [];
  return type.fields
    .slice(from, to)
    .map((field) =>
      showPlace(
        program,
        state,
        field.anonymous ? '(anonymous)' : field.name,
        field.type,
        inside(where, field.offset, field.bits),
      ),
    );
}

/** Bytes of memory that it takes; null for what is not in memory. */
export function bytesOf(shown: Shown): { readonly address: bigint; readonly bytes: number } | null {
  const { where, type } = shown;
  if (where.kind !== 'memory' || type.kind === 'void' || type.kind === 'function') return null;
  return { address: where.address, bytes: sizeOf(type) };
}

function inside(where: Where, offset: number, bits: Bits): Where {
  if (where.kind === 'memory') return { kind: 'memory', address: where.address + BigInt(offset), bits };
  if (where.kind === 'leaves') return { ...where, offset: where.offset + offset, bits };
  return { kind: 'none' };
}

function numberAt(program: Program, state: State, type: Type, where: Where): bigint | null {
  if (type.kind !== 'int' && type.kind !== 'pointer') return null;
  const bytes = sizeOf(type);
  switch (where.kind) {
    case 'value':
      return BigInt.asUintN(64, where.value);
    case 'memory':
      return field(type, read(program.memory, state.image, where.address, bytes, false), where.bits);
    case 'leaves': {
      let value = 0n;
      for (let byte = 0; byte < bytes; byte++)
        value |= byteOf(where.values, where.offset + byte) << BigInt(8 * byte);
      return field(type, value, where.bits);
    }
    case 'none':
      return null;
  }
}

function byteOf(leaves: ReadonlyMap<number, bigint>, offset: number): bigint {
  for (let back = 0; back < 8; back++) {
    const leaf = leaves.get(offset - back);
    if (leaf !== undefined) return (leaf >> BigInt(8 * back)) & 0xffn;
  }
  return 0n;
}

/** The value of a word's bits, extended as the type says. */
function field(type: Type, word: bigint, bits: Bits): bigint {
  const width = bits === null ? 8 * sizeOf(type) : bits.width;
  const value = BigInt.asUintN(width, bits === null ? word : word >> BigInt(bits.shift));
  const signed = type.kind === 'int' && type.signed;
  return BigInt.asUintN(64, signed ? BigInt.asIntN(width, value) : value);
}

/** `{owner = 1, count = 2, …}`: the first scalars of a struct. */
function summary(program: Program, state: State, type: Type & { kind: 'struct' }, where: Where): string {
  const shown: string[] = [];
  for (const each of type.fields) {
    if (shown.length === 4) {
      shown.push('…');
      break;
    }
    if (each.anonymous || (each.type.kind !== 'int' && each.type.kind !== 'pointer')) continue;
    const number = numberAt(program, state, each.type, inside(where, each.offset, each.bits));
    if (number !== null) shown.push(`${each.name} = ${showValue(program, number, each.type)}`);
  }
  return shown.length === 0 ? '{…}' : `{${shown.join(', ')}}`;
}
