/** Register expressions as WebAssembly; their constants are folded already. */

import type { BinaryIrOp, IrExpr, Reg, UnaryOp } from '../program/ir.ts';
import type { Context } from './context.ts';
import { type Body, op } from './wasm.ts';

/** How the code around an expression says what its leaves are. Each pushes an i64. */
export interface Leaves {
  readonly reg: (reg: Reg) => void;
  readonly self: () => void;
  readonly param: () => void;
}

/** Calls `use` with each register an expression reads. */
export function eachRegister(expr: IrExpr, use: (reg: Reg) => void): void {
  switch (expr.kind) {
    case 'reg':
      use(expr.reg);
      break;
    case 'unary':
    case 'extend':
      eachRegister(expr.a, use);
      break;
    case 'binary':
      eachRegister(expr.a, use);
      eachRegister(expr.b, use);
      break;
    case 'select':
      eachRegister(expr.condition, use);
      eachRegister(expr.then, use);
      eachRegister(expr.otherwise, use);
      break;
    case 'const':
    case 'self':
    case 'param':
      break;
  }
}

const comparisons: Partial<Record<BinaryIrOp, number>> = {
  eq: op.i64Eq,
  ne: op.i64Ne,
  ltu: op.i64LtU,
  lts: op.i64LtS,
  leu: op.i64LeU,
  les: op.i64LeS,
};

const arithmetic: Partial<Record<BinaryIrOp, number>> = {
  add: op.i64Add,
  sub: op.i64Sub,
  mul: op.i64Mul,
  and: op.i64And,
  or: op.i64Or,
  xor: op.i64Xor,
  // The operators of WebAssembly take shift counts modulo 64, as ours do.
  shl: op.i64Shl,
  shru: op.i64ShrU,
  shrs: op.i64ShrS,
};

const divisions = { divu: op.i64DivU, divs: op.i64DivS, remu: op.i64RemU, rems: op.i64RemS } as const;

/** Pushes the value of an expression, an i64. */
export function emitValue(context: Context, f: Body, leaves: Leaves, expr: IrExpr): void {
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
      emitValue(context, f, leaves, expr.a);
      if (!expr.signed) f.i64((1n << BigInt(expr.bits)) - 1n).op(op.i64And);
      else f.op(expr.bits === 8 ? op.i64Extend8S : expr.bits === 16 ? op.i64Extend16S : op.i64Extend32S);
      break;
    case 'select':
      emitValue(context, f, leaves, expr.then);
      emitValue(context, f, leaves, expr.otherwise);
      emitCondition(context, f, leaves, expr.condition);
      f.op(op.select);
      break;
  }
}

/** Pushes an i32 that is not zero exactly if the expression is not. */
export function emitCondition(context: Context, f: Body, leaves: Leaves, expr: IrExpr): void {
  const comparison = expr.kind === 'binary' ? comparisons[expr.op] : undefined;
  if (expr.kind === 'binary' && comparison !== undefined) {
    emitValue(context, f, leaves, expr.a);
    emitValue(context, f, leaves, expr.b);
    f.op(comparison);
  } else if (expr.kind === 'unary' && expr.op === 'eqz') {
    emitCondition(context, f, leaves, expr.a);
    f.op(op.i32Eqz);
  } else if (expr.kind === 'const') {
    f.i32(expr.value === 0n ? 0 : 1);
  } else {
    emitValue(context, f, leaves, expr);
    f.i64(0n).op(op.i64Ne);
  }
}

function emitUnary(context: Context, f: Body, leaves: Leaves, operator: UnaryOp, a: IrExpr): void {
  switch (operator) {
    case 'neg':
      f.i64(0n);
      emitValue(context, f, leaves, a);
      f.op(op.i64Sub);
      break;
    case 'not':
      emitValue(context, f, leaves, a);
      f.i64(-1n).op(op.i64Xor);
      break;
    case 'eqz':
      emitCondition(context, f, leaves, a);
      f.op(op.i32Eqz, op.i64ExtendI32U);
      break;
  }
}

function emitBinary(
  context: Context,
  f: Body,
  leaves: Leaves,
  operator: BinaryIrOp,
  a: IrExpr,
  b: IrExpr,
): void {
  emitValue(context, f, leaves, a);
  emitValue(context, f, leaves, b);
  const comparison = comparisons[operator];
  const plain = arithmetic[operator];
  if (comparison !== undefined) f.op(comparison, op.i64ExtendI32U);
  else if (plain !== undefined) f.op(plain);
  else if (operator === 'divu' || operator === 'divs' || operator === 'remu' || operator === 'rems') {
    // Only a divisor of 0 and, signed, of -1 can trap.
    const trapping = b.kind !== 'const' || b.value === 0n || b.value === -1n;
    if (trapping) f.call(context.helpers.divide[operator]);
    else f.op(divisions[operator]);
  }
}
