/** Building machine expressions, folding constants on the way. */

import type { BinaryIrOp, IrExpr, Reg, UnaryOp } from './ir.ts';

export const ZERO: IrExpr = { kind: 'const', value: 0n };
export const ONE: IrExpr = { kind: 'const', value: 1n };
export const SELF: IrExpr = { kind: 'self' };
export const PARAM: IrExpr = { kind: 'param' };

/** Constants are kept as signed 64-bit values, so that equal constants are equal bigints. */
export function constant(value: bigint | number): IrExpr {
  return { kind: 'const', value: BigInt.asIntN(64, BigInt(value)) };
}

export function register(reg: Reg): IrExpr {
  return { kind: 'reg', reg };
}

export function unary(op: UnaryOp, a: IrExpr): IrExpr {
  if (a.kind === 'const') {
    return constant(op === 'neg' ? -a.value : op === 'not' ? ~a.value : a.value === 0n ? 1n : 0n);
  }
  if (op === 'eqz' && a.kind === 'binary') {
    const opposite = OPPOSITE[a.op];
    if (opposite !== undefined) return { kind: 'binary', op: opposite, a: a.a, b: a.b };
  }
  return { kind: 'unary', op, a };
}

const OPPOSITE: Partial<Record<BinaryIrOp, BinaryIrOp>> = { eq: 'ne', ne: 'eq' };

export function binary(op: BinaryIrOp, a: IrExpr, b: IrExpr): IrExpr {
  if (a.kind === 'const' && b.kind === 'const') {
    const folded = fold(op, a.value, b.value);
    if (folded !== null) return constant(folded);
  }
  if (b.kind === 'const') {
    if (
      b.value === 0n &&
      (op === 'add' || op === 'sub' || op === 'or' || op === 'xor' || op.startsWith('sh'))
    ) {
      return a;
    }
    if (b.value === 1n && (op === 'mul' || op === 'divu' || op === 'divs')) return a;
    if (b.value === 0n && (op === 'mul' || op === 'and')) return ZERO;
    if (b.value === -1n && op === 'and') return a;
    // (x + c) + d = x + (c + d): field offsets on pointers.
    if (op === 'add' && a.kind === 'binary' && a.op === 'add' && a.b.kind === 'const') {
      return binary('add', a.a, constant(a.b.value + b.value));
    }
  }
  if (a.kind === 'const' && a.value === 0n) {
    if (op === 'add' || op === 'or' || op === 'xor') return b;
    if (op === 'mul' || op === 'and') return ZERO;
  }
  if (a.kind === 'const' && op === 'add') return binary('add', b, a);
  return { kind: 'binary', op, a, b };
}

/** The value of an operation on signed 64-bit constants; null where it has none (division by zero). */
function fold(op: BinaryIrOp, a: bigint, b: bigint): bigint | null {
  const ua = BigInt.asUintN(64, a);
  const ub = BigInt.asUintN(64, b);
  const count = ub & 63n;
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'divu':
      return ub === 0n ? null : ua / ub;
    case 'divs':
      return b === 0n ? null : a / b;
    case 'remu':
      return ub === 0n ? null : ua % ub;
    case 'rems':
      return b === 0n ? null : a % b;
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
    case 'shl':
      return a << count;
    case 'shru':
      return ua >> count;
    case 'shrs':
      return a >> count;
    case 'eq':
      return a === b ? 1n : 0n;
    case 'ne':
      return a === b ? 0n : 1n;
    case 'ltu':
      return ua < ub ? 1n : 0n;
    case 'lts':
      return a < b ? 1n : 0n;
    case 'leu':
      return ua <= ub ? 1n : 0n;
    case 'les':
      return a <= b ? 1n : 0n;
  }
}

/** The low `bits` of `a`, extended to 64 by the given signedness. */
export function extend(bits: number, signed: boolean, a: IrExpr): IrExpr {
  if (bits === 64) return a;
  if (a.kind === 'const') {
    return constant(signed ? BigInt.asIntN(bits, a.value) : BigInt.asUintN(bits, a.value));
  }
  if (bits !== 8 && bits !== 16 && bits !== 32) {
    if (!signed) return binary('and', a, constant((1n << BigInt(bits)) - 1n));
    const up = constant(64 - bits);
    return binary('shrs', binary('shl', a, up), up);
  }
  if (a.kind === 'extend' && a.bits <= bits && (a.signed === signed || (!a.signed && a.bits < bits)))
    return a;
  if (isBoolean(a)) return a;
  return { kind: 'extend', bits, signed, a };
}

export function select(condition: IrExpr, then: IrExpr, otherwise: IrExpr): IrExpr {
  if (condition.kind === 'const') return condition.value !== 0n ? then : otherwise;
  if (same(then, otherwise)) return then;
  return { kind: 'select', condition, then, otherwise };
}

/** 0 or 1. */
export function truth(a: IrExpr): IrExpr {
  return isBoolean(a) ? a : binary('ne', a, ZERO);
}

export function isBoolean(a: IrExpr): boolean {
  if (a.kind === 'const') return a.value === 0n || a.value === 1n;
  if (a.kind === 'unary') return a.op === 'eqz';
  if (a.kind === 'binary') return COMPARISONS.has(a.op) || (a.op === 'and' && (isOne(a.a) || isOne(a.b)));
  return false;
}

const isOne = (a: IrExpr) => a.kind === 'const' && a.value === 1n;

const COMPARISONS: ReadonlySet<BinaryIrOp> = new Set(['eq', 'ne', 'ltu', 'lts', 'leu', 'les']);

export function same(a: IrExpr, b: IrExpr): boolean {
  if (a === b) return true;
  if (a.kind === 'const') return b.kind === 'const' && a.value === b.value;
  if (a.kind === 'reg') return b.kind === 'reg' && a.reg === b.reg;
  return false;
}

/** Calls `visit` for every register that the expression reads. */
export function eachReg(a: IrExpr, visit: (reg: Reg) => void): void {
  switch (a.kind) {
    case 'reg':
      visit(a.reg);
      return;
    case 'unary':
    case 'extend':
      eachReg(a.a, visit);
      return;
    case 'binary':
      eachReg(a.a, visit);
      eachReg(a.b, visit);
      return;
    case 'select':
      eachReg(a.condition, visit);
      eachReg(a.then, visit);
      eachReg(a.otherwise, visit);
      return;
    default:
      return;
  }
}

/** The expression with every register replaced. */
export function mapRegs(a: IrExpr, map: (reg: Reg) => IrExpr): IrExpr {
  switch (a.kind) {
    case 'reg':
      return map(a.reg);
    case 'unary':
      return unary(a.op, mapRegs(a.a, map));
    case 'extend':
      return extend(a.bits, a.signed, mapRegs(a.a, map));
    case 'binary':
      return binary(a.op, mapRegs(a.a, map), mapRegs(a.b, map));
    case 'select':
      return select(mapRegs(a.condition, map), mapRegs(a.then, map), mapRegs(a.otherwise, map));
    default:
      return a;
  }
}

/** Number of nodes: an expression used twice that is larger than a few nodes is put into a register first. */
export function sizeOfExpr(a: IrExpr): number {
  switch (a.kind) {
    case 'unary':
    case 'extend':
      return 1 + sizeOfExpr(a.a);
    case 'binary':
      return 1 + sizeOfExpr(a.a) + sizeOfExpr(a.b);
    case 'select':
      return 1 + sizeOfExpr(a.condition) + sizeOfExpr(a.then) + sizeOfExpr(a.otherwise);
    default:
      return 1;
  }
}
