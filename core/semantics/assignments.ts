/** Assignment, ++ and --, and the implicit conversions that they share with arguments, results and initialisers. */

import type { Expression, Span } from '../syntax/ast.ts';
import type { Checked, Context } from './context.ts';
import {
  convert,
  intType,
  isNullConstant,
  isScalar,
  promote,
  sameType,
  unsignedLongType,
  usualConversions,
} from './conversions.ts';
import { checkValue, value } from './expressions.ts';
import type { BinaryOp, Expr, LValue } from './hir.ts';
import { checkWritable } from './lvalues.ts';
import { elementSize, operationOf, scaled } from './operators.ts';
import { typeName } from './typeName.ts';
import type { Type } from './types.ts';

export function checkAssign(cx: Context, e: Expression & { kind: 'assign' }): Checked | null {
  const target = checkWritable(cx, e.target, `the left side of '${e.operator}'`);
  const right = checkValue(cx, e.value);
  if (target === null || right === null) return null;
  const loc = cx.loc(e);
  if (e.operator !== '=') return checkCompound(cx, e, target, right);
  if (target.type.kind === 'array') {
    cx.report('type-mismatch', e.target, 'an array cannot be assigned; copy its elements');
    return null;
  }
  const converted = convertTo(cx, right, target.type, e.value, `the value of '${cx.text(e.target)}'`);
  if (converted === null) return null;
  return value({
    kind: 'assign',
    target,
    op: null,
    opType: target.type,
    value: converted,
    type: target.type,
    loc,
  });
}

function checkCompound(
  cx: Context,
  e: Expression & { kind: 'assign' },
  target: LValue,
  right: Expr,
): Checked | null {
  const loc = cx.loc(e);
  const op = operationOf(e.operator.slice(0, -1));
  const { type } = target;
  if (type.kind === 'pointer') {
    const size = op === 'add' || op === 'sub' ? elementSize(cx, type, e.target) : null;
    if (size === null || right.type.kind !== 'int') return misfit(cx, e, op, type, right.type);
    return value({
      kind: 'assign',
      target,
      op,
      opType: unsignedLongType,
      value: scaled(right, size),
      type,
      loc,
    });
  }
  if (type.kind !== 'int' || right.type.kind !== 'int') return misfit(cx, e, op, type, right.type);
  const old: Expr = { kind: 'read', place: target, type, loc: target.loc };
  const opType =
    op === 'shl' || op === 'shr' ? promote(old).type : (usualConversions(old, right)?.type ?? intType);
  return value({ kind: 'assign', target, op, opType, value: convert(right, opType), type, loc });
}

function misfit(
  cx: Context,
  e: Expression & { kind: 'assign' },
  op: BinaryOp,
  left: Type,
  right: Type,
): null {
  if (left.kind === 'pointer' && op !== 'add' && op !== 'sub') {
    cx.report(
      'type-mismatch',
      e.target,
      `expected an integer before '${e.operator}', found '${typeName(left)}'`,
    );
  } else if (right.kind !== 'int')
    cx.report(
      'type-mismatch',
      e.value,
      `expected an integer after '${e.operator}', found '${typeName(right)}'`,
    );
  else
    cx.report(
      'type-mismatch',
      e.target,
      `expected an integer or a pointer before '${e.operator}', found '${typeName(left)}'`,
    );
  return null;
}

export function checkIncrement(
  cx: Context,
  operand: Expression,
  operator: '++' | '--',
  prefix: boolean,
  span: Span,
): Checked | null {
  const target = checkWritable(cx, operand, `the operand of '${operator}'`);
  if (target === null) return null;
  const { type } = target;
  let size: bigint | null = 1n;
  if (type.kind === 'pointer') size = elementSize(cx, type, operand);
  else if (type.kind !== 'int') {
    cx.report(
      'type-mismatch',
      operand,
      `expected an integer or a pointer beside '${operator}', found '${typeName(type)}'`,
    );
    return null;
  }
  if (size === null) return null;
  return value({
    kind: 'increment',
    target,
    delta: operator === '++' ? size : -size,
    prefix,
    type,
    loc: cx.loc(span),
  });
}

/**
 * A value in a place of another type, as C converts it by itself: between integers, from 0 and `void *` to any
 * pointer, to bool. null when it does not fit, which is reported; `what` is "argument 1 of 'f'".
 */
export function convertTo(cx: Context, found: Expr, type: Type, span: Span, what: string): Expr | null {
  if (fits(found, type)) return found.type.kind === 'struct' ? found : convert(found, type, found.loc);
  cx.report(
    'type-mismatch',
    span,
    `${what}: expected '${typeName(type)}', found '${typeName(found.type)}'${adviceFor(found.type, type)}`,
  );
  return null;
}

function fits(found: Expr, type: Type): boolean {
  const from = found.type;
  if (type.kind === 'int') return from.kind === 'int' || (type.bool && isScalar(from));
  if (type.kind === 'pointer') {
    if (from.kind !== 'pointer') return isNullConstant(found);
    return sameType(from, type) || from.to.kind === 'void' || type.to.kind === 'void';
  }
  return type.kind === 'struct' && from === type;
}

function adviceFor(from: Type, to: Type): string {
  if (to.kind === 'pointer' && sameType(to.to, from)) return "; take its address with '&'";
  if (from.kind === 'pointer' && sameType(from.to, to) && to.kind !== 'void')
    return "; read what it points to with '*'";
  if (from.kind === 'int' && from.bits === 64 && to.kind === 'pointer')
    return '; cast it if the number is an address';
  if (from.kind === 'pointer' && to.kind === 'int' && to.bits === 64)
    return '; cast it if the address is meant';
  return '';
}
