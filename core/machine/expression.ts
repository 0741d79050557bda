/** Values of register expressions: 64-bit patterns, held as bigints in 0 .. 2^64 - 1. */

import type { BinaryIrOp, IrExpr, UnaryOp } from '../program/ir.ts';

/** What an expression may speak of. */
export interface Environment {
  /** Missing registers are 0. */
  readonly registers: readonly bigint[];
  /** Number of the executing thread. */
  readonly self: number;
  readonly param: bigint;
}

export const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
export const signed = (value: bigint): bigint => BigInt.asIntN(64, value);

export function evaluate(expr: IrExpr, env: Environment): bigint {
  switch (expr.kind) {
    case 'const':
      return unsigned(expr.value);
    case 'reg':
      return env.registers[expr.reg] ?? 0n;
    case 'self':
      return BigInt(env.self);
    case 'param':
      return unsigned(env.param);
    case 'unary':
      return applyUnary(expr.op, evaluate(expr.a, env));
    case 'binary':
      return applyBinary(expr.op, evaluate(expr.a, env), evaluate(expr.b, env));
    case 'extend':
      return extend(evaluate(expr.a, env), expr.bits, expr.signed);
    case 'select':
      return evaluate(expr.condition, env) !== 0n ? evaluate(expr.then, env) : evaluate(expr.otherwise, env);
  }
}

/** The low `bits` of a value, extended to 64. */
export function extend(value: bigint, bits: number, isSigned: boolean): bigint {
  return isSigned ? unsigned(BigInt.asIntN(bits, value)) : BigInt.asUintN(bits, value);
}

function applyUnary(op: UnaryOp, a: bigint): bigint {
  switch (op) {
    case 'neg':
      return unsigned(-a);
    case 'not':
      return unsigned(~a);
    case 'eqz':
      return truth(a === 0n);
  }
}

function applyBinary(op: BinaryIrOp, a: bigint, b: bigint): bigint {
  switch (op) {
    case 'add':
      return unsigned(a + b);
    case 'sub':
      return unsigned(a - b);
    case 'mul':
      return unsigned(a * b);
    // Programs check the divisor first; zero here keeps the interpreter from throwing on one that does not.
    case 'divu':
      return b === 0n ? 0n : a / b;
    case 'divs':
      return b === 0n ? 0n : unsigned(signed(a) / signed(b));
    case 'remu':
      return b === 0n ? 0n : a % b;
    case 'rems':
      return b === 0n ? 0n : unsigned(signed(a) % signed(b));
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
    case 'shl':
      return unsigned(a << (b & 63n));
    case 'shru':
      return a >> (b & 63n);
    case 'shrs':
      return unsigned(signed(a) >> (b & 63n));
    case 'eq':
      return truth(a === b);
    case 'ne':
      return truth(a !== b);
    case 'ltu':
      return truth(a < b);
    case 'lts':
      return truth(signed(a) < signed(b));
    case 'leu':
      return truth(a <= b);
    case 'les':
      return truth(signed(a) <= signed(b));
  }
}

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}
