/** Arithmetic on constants, as the machine does it. */

import { wrap } from './conversions.ts';
import type { BinaryOp } from './hir.ts';
import type { Type } from './types.ts';

/**
 * The value of an operation on two constants that are values of `operands` (for a shift: `a` is), as a value of
 * `result`; null for a division by zero.
 */
export function foldBinary(op: BinaryOp, a: bigint, b: bigint, operands: Type, result: Type): bigint | null {
  const value = compute(op, a, b, operands);
  return value === null ? null : wrap(value, result);
}

function compute(op: BinaryOp, a: bigint, b: bigint, type: Type): bigint | null {
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return b === 0n ? null : a / b;
    case 'rem':
      return b === 0n ? null : a % b;
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
    case 'shl':
      return a << shiftCount(b, type);
    case 'shr':
      return a >> shiftCount(b, type);
    case 'eq':
      return truth(a === b);
    case 'ne':
      return truth(a !== b);
    case 'lt':
      return truth(a < b);
    case 'le':
      return truth(a <= b);
    case 'gt':
      return truth(a > b);
    case 'ge':
      return truth(a >= b);
  }
}

/** x86 takes shift counts modulo the width of the operation. */
function shiftCount(count: bigint, type: Type): bigint {
  return BigInt.asUintN(64, count) & (type.kind === 'int' && type.bits === 32 ? 31n : 63n);
}

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}
