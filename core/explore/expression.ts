/** Register expressions as WebAssembly, with constants folded. */

import type { BinaryIrOp, IrExpr, Reg, UnaryOp } from '../program/ir.ts';
import type { Context } from './context.ts';
import { type Body, op } from './wasm.ts';

/** How the code around an expression says what its leaves are. Each pushes an i64. */
export interface Leaves {
  readonly reg: (reg: Reg) => void;
  readonly self: () => void;
  readonly param: () => void;
}

/** Pushes the value of an expression, an i64. */
export function emitValue(context: Context, f: Body, leaves: Leaves, source: IrExpr): void {
  emitFolded(context, f, leaves, fold(source));
}

/** Pushes an i32 that is not zero exactly if the expression is not. */
export function emitCondition(context: Context, f: Body, leaves: Leaves, source: IrExpr): void {
  emitTruth(context, f, leaves, fold(source));
}

/** The value of an expression over constants; null when it depends on anything else. */
export function constantOf(source: IrExpr): bigint | null {
  const folded = fold(source);
  return folded.kind === 'const' ? BigInt.asUintN(64, folded.value) : null;
}

/** The registers an expression reads. */
export function registersOf(expr: IrExpr): readonly Reg[] {
  switch (expr.kind) {
    case 'reg':
      return [expr.reg];
    case 'unary':
    case 'extend':
      return registersOf(expr.a);
    case 'binary':
      return [...registersOf(expr.a), ...registersOf(expr.b)];
    case 'select':
      return [...registersOf(expr.condition), ...registersOf(expr.then), ...registersOf(expr.otherwise)];
    case 'const':
    case 'self':
    case 'param':
      return [];
  }
}

// ---------------------------------------------------------------- emission

const comparisons: Partial<Record<BinaryIrOp, number>> = {
  eq: op.i64Eq, ne: op.i64Ne, ltu: op.i64LtU, lts: op.i64LtS, leu: op.i64LeU, les: op.i64LeS,
};

const arithmetic: Partial<Record<BinaryIrOp, number>> = {
  add: op.i64Add, sub: op.i64Sub, mul: op.i64Mul, and: op.i64And, or: op.i64Or, xor: op.i64Xor,
  // The operators of WebAssembly take shift counts modulo 64, as ours do.
  shl: op.i64Shl, shru: op.i64ShrU, shrs: op.i64ShrS,
};

const divisions = { divu: op.i64DivU, divs: op.i64DivS, remu: op.i64RemU, rems: op.i64RemS } as const;

function emitFolded(context: Context, f: Body, leaves: Leaves, expr: IrExpr): void {
  switch (expr.kind) {
    case 'const':
      f.i64(expr.value);
      break;
    case 'reg':
      leaves.reg(expr.reg);
      break;
    case 'self':
      leaves.self();
      break;
    case 'param':
      leaves.param();
      break;
    case 'unary':
      emitUnary(context, f, leaves, expr.op, expr.a);
      break;
    case 'binary':
      emitBinary(context, f, leaves, expr.op, expr.a, expr.b);
      break;
    case 'extend':
      emitFolded(context, f, leaves, expr.a);
      if (!expr.signed) f.i64((1n << BigInt(expr.bits)) - 1n).op(op.i64And);
      else f.op(expr.bits === 8 ? op.i64Extend8S : expr.bits === 16 ? op.i64Extend16S : op.i64Extend32S);
      break;
    case 'select':
      emitFolded(context, f, leaves, expr.then);
      emitFolded(context, f, leaves, expr.otherwise);
      emitTruth(context, f, leaves, expr.condition);
      f.op(op.select);
      break;
  }
}

function emitTruth(context: Context, f: Body, leaves: Leaves, expr: IrExpr): void {
  const comparison = expr.kind === 'binary' ? comparisons[expr.op] : undefined;
  if (expr.kind === 'binary' && comparison !== undefined) {
    emitFolded(context, f, leaves, expr.a);
    emitFolded(context, f, leaves, expr.b);
    f.op(comparison);
  } else if (expr.kind === 'unary' && expr.op === 'eqz') {
    emitTruth(context, f, leaves, expr.a);
    f.op(op.i32Eqz);
  } else if (expr.kind === 'const') {
    f.i32(expr.value === 0n ? 0 : 1);
  } else {
    emitFolded(context, f, leaves, expr);
    f.i64(0n).op(op.i64Ne);
  }
}

function emitUnary(context: Context, f: Body, leaves: Leaves, operator: UnaryOp, a: IrExpr): void {
  switch (operator) {
    case 'neg':
      f.i64(0n);
      emitFolded(context, f, leaves, a);
      f.op(op.i64Sub);
      break;
    case 'not':
      emitFolded(context, f, leaves, a);
      f.i64(-1n).op(op.i64Xor);
      break;
    case 'eqz':
      emitTruth(context, f, leaves, a);
      f.op(op.i32Eqz, op.i64ExtendI32U);
      break;
  }
}

function emitBinary(context: Context, f: Body, leaves: Leaves, operator: BinaryIrOp, a: IrExpr, b: IrExpr): void {
  emitFolded(context, f, leaves, a);
  emitFolded(context, f, leaves, b);
  const comparison = comparisons[operator];
  const plain = arithmetic[operator];
  if (comparison !== undefined) f.op(comparison, op.i64ExtendI32U);
  else if (plain !== undefined) f.op(plain);
  else if (operator === 'divu' || operator === 'divs' || operator === 'remu' || operator === 'rems') {
    // Only a divisor of 0 and, signed, of -1 can trap.
    const trapping = b.kind !== 'const' || BigInt.asIntN(64, b.value) === 0n || BigInt.asIntN(64, b.value) === -1n;
    if (trapping) f.call(context.helpers.divide[operator]);
    else f.op(divisions[operator]);
  }
}

// ---------------------------------------------------------------- folding

function fold(expr: IrExpr): IrExpr {
  switch (expr.kind) {
    case 'const':
    case 'reg':
    case 'self':
    case 'param':
      return expr;
    case 'unary': {
      const a = fold(expr.a);
      return a.kind === 'const' ? constant(foldUnary(expr.op, a.value)) : { ...expr, a };
    }
    case 'binary': {
      const a = fold(expr.a);
      const b = fold(expr.b);
      return a.kind === 'const' && b.kind === 'const' ? constant(foldBinary(expr.op, a.value, b.value)) : { ...expr, a, b };
    }
    case 'extend': {
      const a = fold(expr.a);
      if (a.kind !== 'const') return { ...expr, a };
      return constant(expr.signed ? BigInt.asIntN(expr.bits, a.value) : BigInt.asUintN(expr.bits, a.value));
    }
    case 'select': {
      const condition = fold(expr.condition);
      if (condition.kind === 'const') return fold(isZero(condition.value) ? expr.otherwise : expr.then);
      return { ...expr, condition, then: fold(expr.then), otherwise: fold(expr.otherwise) };
    }
  }
}

const constant = (value: bigint): IrExpr => ({ kind: 'const', value: BigInt.asIntN(64, value) });
const isZero = (value: bigint): boolean => BigInt.asUintN(64, value) === 0n;

function foldUnary(operator: UnaryOp, a: bigint): bigint {
  if (operator === 'neg') return -a;
  return operator === 'not' ? ~a : BigInt(isZero(a));
}

function foldBinary(operator: BinaryIrOp, left: bigint, right: bigint): bigint {
  const a = BigInt.asIntN(64, left);
  const b = BigInt.asIntN(64, right);
  const ua = BigInt.asUintN(64, left);
  const ub = BigInt.asUintN(64, right);
  const shift = ub & 63n;
  switch (operator) {
    case 'add': return a + b;
    case 'sub': return a - b;
    case 'mul': return a * b;
    case 'divu': return ub === 0n ? 0n : ua / ub;
    case 'divs': return b === 0n ? 0n : a / b;
    case 'remu': return ub === 0n ? 0n : ua % ub;
    case 'rems': return b === 0n ? 0n : a % b;
    case 'and': return a & b;
    case 'or': return a | b;
    case 'xor': return a ^ b;
    case 'shl': return a << shift;
    case 'shru': return ua >> shift;
    case 'shrs': return a >> shift;
    case 'eq': return BigInt(a === b);
    case 'ne': return BigInt(a !== b);
    case 'ltu': return BigInt(ua < ub);
    case 'lts': return BigInt(a < b);
    case 'leu': return BigInt(ua <= ub);
    case 'les': return BigInt(a <= b);
  }
}
