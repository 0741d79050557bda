/**
 * What the analysis knows of a value, as a string, so that equal knowledge is an equal string:
 * `#5` a constant; `&base+8` an address inside an object; `$name` something unknown that has an identity, so that
 * two tests of it agree; `@f` a function; `?` anything. Masks of threads are known at the bit of the thread that is
 * looked at: `~1` has that bit and `~0` does not; `~o1`, `~o0` are the same shifted down to the lowest bit.
 */

import type { BinaryOp } from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';

export type Value = string;

export const anything: Value = '?';
export const truth: Value = '#1';
export const falsehood: Value = '#0';

/** Number that the thread which is looked at has: its own entry of per-thread arrays, its bit in masks. */
export const self = 31n;

/** Longer expressions over unknown values are not kept. */
const longest = 160;

export function number(value: bigint): Value {
  return `#${value}`;
}

export function constantOf(value: Value): bigint | null {
  return value.startsWith('#') ? BigInt(value.slice(1)) : null;
}

export interface Address {
  readonly base: string;
  readonly offset: number;
}

/** A pointer that is unknown but has an identity points to the start of an object of that name. */
export function addressOf(value: Value): Address | null {
  if (value.startsWith('$')) return { base: `*${value}`, offset: 0 };
  if (!value.startsWith('&')) return null;
  const plus = value.lastIndexOf('+');
  return { base: value.slice(1, plus), offset: Number(value.slice(plus + 1)) };
}

export function pointerTo({ base, offset }: Address): Value {
  return offset === 0 && base.startsWith('*$') ? base.slice(1) : `&${base}+${offset}`;
}

/** Whether the object is one and the same in every run: no unknown pointer or index leads to it. */
export function isExact(base: string): boolean {
  return !base.includes('$') && !base.includes('?');
}

/** Whether an index that is not known leads to the object. */
export function isSomeElement(base: string): boolean {
  return base.includes('[') && !base.startsWith('pool:');
}

export function isTrue(value: Value): boolean | null {
  const constant = constantOf(value);
  if (constant !== null) return constant !== 0n;
  if (value.startsWith('&') || value.startsWith('@') || value === '~1' || value === '~o1') return true;
  return null;
}

/** `value` as it is after conversion to `type`. */
export function converted(value: Value, type: Type): Value {
  if (type.kind !== 'int') return value;
  if (type.bool) {
    const known = isTrue(value);
    return known === null ? compare('ne', value, falsehood) : known ? truth : falsehood;
  }
  const constant = constantOf(value);
  if (constant !== null) return number(wrap(constant, type));
  return value;
}

function wrap(value: bigint, type: Type): bigint {
  if (type.kind !== 'int') return BigInt.asUintN(64, value);
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

export function binary(op: BinaryOp, left: Value, right: Value, type: Type): Value {
  const a = constantOf(left);
  const b = constantOf(right);
  if (a !== null && b !== null) return arithmetic(op, a, b, type);
  const masked = maskOperation(op, left, right);
  if (masked !== null) return masked;
  if (op === 'add' && b !== null) return moved(left, b);
  if (op === 'add' && a !== null) return moved(right, a);
  if (op === 'sub' && b !== null) return moved(left, -b);
  if (op === 'eq' || op === 'ne') return compare(op, left, right);
  if ((op === 'and' || op === 'mul') && (a === 0n || b === 0n)) return falsehood;
  return symbolic(op, left, right);
}

function compare(op: 'eq' | 'ne', left: Value, right: Value): Value {
  const known = equal(left, right);
  if (known !== null) return known === (op === 'eq') ? truth : falsehood;
  const equality = symbolic('eq', left, right);
  return op === 'eq' ? equality : not(equality);
}

function equal(left: Value, right: Value): boolean | null {
  if (left === anything || right === anything || left.startsWith('~') || right.startsWith('~')) {
    const [mask, other] = left.startsWith('~') ? [left, right] : [right, left];
    return isTrue(mask) === true && other === falsehood ? false : null;
  }
  if (left === right) return true;
  const a = addressOf(left);
  const b = addressOf(right);
  if (a !== null && b !== null) {
    if (a.base === b.base) return a.offset === b.offset;
    return isExact(a.base) && isExact(b.base) ? false : null;
  }
  if (left.startsWith('$') || right.startsWith('$')) return null;
  const kinds = left.charAt(0) + right.charAt(0);
  if (kinds === '@@') return false;
  const [constant, pointer] = left.startsWith('#') ? [left, right] : [right, left];
  return constant === falsehood && !pointer.startsWith('#') ? false : null;
}

export function not(value: Value): Value {
  const known = isTrue(value);
  if (known !== null) return known ? falsehood : truth;
  if (value.startsWith('$(not ')) return value.slice(6, -1);
  return value.startsWith('$') ? `$(not ${value})` : anything;
}

/** An unknown value with an identity that follows from its operands'. */
function symbolic(op: string, left: Value, right: Value): Value {
  if (left === anything || right === anything || left.startsWith('~') || right.startsWith('~'))
    return anything;
  const [a, b] = (op === 'eq' || op === 'add') && left.startsWith('#') ? [right, left] : [left, right];
  const text = `$(${op} ${a} ${b})`;
  return text.length > longest ? anything : text;
}

/** A pointer moved by a number of bytes. */
function moved(value: Value, by: bigint): Value {
  if (by === 0n) return value;
  const address = addressOf(value);
  if (address === null || Math.abs(Number(by)) > 1e9) return anything;
  return pointerTo({ base: address.base, offset: address.offset + Number(by) });
}

function maskOperation(op: BinaryOp, left: Value, right: Value): Value | null {
  const [mask, other] = left.startsWith('~') ? [left, right] : [right, left];
  if (!mask.startsWith('~')) return null;
  const bit = mask.endsWith('1') ? 1n : 0n;
  const constant = constantOf(other);
  if (mask.startsWith('~o')) return op === 'and' && constant === 1n ? number(bit) : anything;
  switch (op) {
    case 'shr':
      return left === mask && constant === self ? `~o${bit}` : anything;
    case 'and':
      if (constant === 1n << self) return number(bit << self);
      return other === '~0' || mask === '~0' ? '~0' : anything;
    case 'or': {
      if (other.startsWith('~o')) return anything;
      const otherBit = other.startsWith('~')
        ? BigInt(other.slice(1))
        : constant === null
          ? null
          : (constant >> self) & 1n;
      return bit === 1n || otherBit === 1n ? '~1' : otherBit === null ? anything : '~0';
    }
    case 'eq':
    case 'ne':
      return constant === 0n && bit === 1n ? (op === 'ne' ? truth : falsehood) : anything;
    default:
      return anything;
  }
}

function arithmetic(op: BinaryOp, a: bigint, b: bigint, type: Type): Value {
  const whether = (holds: boolean): Value => (holds ? truth : falsehood);
  const as = (value: bigint): Value => number(wrap(value, type));
  const amount = b & 63n;
  switch (op) {
    case 'add':
      return as(a + b);
    case 'sub':
      return as(a - b);
    case 'mul':
      return as(a * b);
    case 'div':
      return b === 0n ? anything : as(a / b);
    case 'rem':
      return b === 0n ? anything : as(a % b);
    case 'and':
      return as(a & b);
    case 'or':
      return as(a | b);
    case 'xor':
      return as(a ^ b);
    case 'shl':
      return as(a << amount);
    case 'shr':
      return as(a >> amount);
    case 'eq':
      return whether(a === b);
    case 'ne':
      return whether(a !== b);
    case 'lt':
      return whether(a < b);
    case 'le':
      return whether(a <= b);
    case 'gt':
      return whether(a > b);
    case 'ge':
      return whether(a >= b);
  }
}
