/** Register expressions as C over `u64`: wrapping, with the same results for every operand. */

import type { BinaryIrOp, IrExpr } from '../program/ir.ts';

/** A value of type u64. */
export function valueText(expr: IrExpr): string {
  switch (expr.kind) {
    case 'const':
      return constantText(expr.value);
    case 'reg':
      return `r[${expr.reg}]`;
    case 'self':
      return 'self';
    case 'param':
      return 'param';
    case 'unary':
      if (expr.op === 'eqz') return `(u64)${conditionText(expr)}`;
      return `(${expr.op === 'neg' ? '-' : '~'}${valueText(expr.a)})`;
    case 'binary':
      return binaryOf(expr.op, expr.a, expr.b);
    case 'extend':
      return expr.signed
        ? `(u64)(i64)(i${expr.bits})${valueText(expr.a)}`
        : `(u64)(u${expr.bits})${valueText(expr.a)}`;
    case 'select':
      return `(${conditionText(expr.condition)} ? ${valueText(expr.then)} : ${valueText(expr.otherwise)})`;
  }
}

/** Not zero exactly when the value is not: for `if`. */
export function conditionText(expr: IrExpr): string {
  if (expr.kind === 'unary' && expr.op === 'eqz') return `(!${conditionText(expr.a)})`;
  if (expr.kind === 'binary') {
    const sign = comparisons[expr.op];
    if (sign !== undefined) {
      const cast = sign.signed ? '(i64)' : '';
      return `(${cast}${valueText(expr.a)} ${sign.text} ${cast}${valueText(expr.b)})`;
    }
  }
  return valueText(expr);
}

export function constantText(value: bigint): string {
  const bits = BigInt.asUintN(64, value);
  return bits < 65_536n ? `${bits}ULL` : `0x${bits.toString(16)}ULL`;
}

const comparisons: Partial<Record<BinaryIrOp, { readonly text: string; readonly signed: boolean }>> = {
  eq: { text: '==', signed: false },
  ne: { text: '!=', signed: false },
  ltu: { text: '<', signed: false },
  lts: { text: '<', signed: true },
  leu: { text: '<=', signed: false },
  les: { text: '<=', signed: true },
};

const signs: Partial<Record<BinaryIrOp, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  and: '&',
  or: '|',
  xor: '^',
};

function binaryOf(op: BinaryIrOp, a: IrExpr, b: IrExpr): string {
  if (comparisons[op] !== undefined) return `(u64)${conditionText({ kind: 'binary', op, a, b })}`;
  const sign = signs[op];
  if (sign !== undefined) return `(${valueText(a)} ${sign} ${valueText(b)})`;
  switch (op) {
    case 'shl':
      return `(${valueText(a)} << ${countOf(b)})`;
    case 'shru':
      return `(${valueText(a)} >> ${countOf(b)})`;
    // The other operators are functions of the model: C leaves some of their operands undefined.
    default:
      return `${op}(${valueText(a)}, ${valueText(b)})`;
  }
}

function countOf(expr: IrExpr): string {
  return expr.kind === 'const' ? String(BigInt.asUintN(6, expr.value)) : `(${valueText(expr)} & 63)`;
}
