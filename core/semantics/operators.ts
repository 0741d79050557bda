/** Unary and binary operators. */

import type { BinaryOperator, Expression, Span, TypeExpr, UnaryOperator } from '../syntax/ast.ts';
import type { Checked, Context } from './context.ts';
import { foldBinary } from './constants.ts';
import {
  constant,
  convert,
  intType,
  isNullConstant,
  isScalar,
  longType,
  promote,
  sameType,
  unsignedLongType,
  usualConversions,
} from './conversions.ts';
import { checkExpression, checkValue, truth, value } from './expressions.ts';
import type { BinaryOp, Expr, Loc } from './hir.ts';
import { checkOptionOperands } from './optionValues.ts';
import { completeType } from './structs.ts';
import { typeInExpression } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import { sizeOf, type PointerType, type Type } from './types.ts';

type Arithmetic = Exclude<BinaryOperator, '&&' | '||' | 'implies'>;

const operations: Readonly<Record<Arithmetic, BinaryOp>> = {
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
  '+': 'add',
  '-': 'sub',
  '<<': 'shl',
  '>>': 'shr',
  '<': 'lt',
  '>': 'gt',
  '<=': 'le',
  '>=': 'ge',
  '==': 'eq',
  '!=': 'ne',
  '&': 'and',
  '^': 'xor',
  '|': 'or',
};

const comparisons: ReadonlySet<BinaryOp> = new Set(['lt', 'gt', 'le', 'ge', 'eq', 'ne']);

/** The operation behind `+` or `+=`. */
export function operationOf(operator: string): BinaryOp {
  const known: Readonly<Record<string, BinaryOp>> = operations;
  return known[operator] ?? 'add';
}

export function checkUnary(
  cx: Context,
  operator: Exclude<UnaryOperator, '*' | '&' | '++' | '--'>,
  operand: Expression,
  span: Span,
): Checked | null {
  const found = checkValue(cx, operand);
  if (found === null) return null;
  const loc = cx.loc(span);
  if (operator === '!') {
    if (!isScalar(found.type)) return mismatch(cx, operand, "an integer or a pointer after '!'", found.type);
    return value(not(found, loc));
  }
  if (found.type.kind !== 'int') return mismatch(cx, operand, `an integer after '${operator}'`, found.type);
  const operandValue = promote(found);
  const { type } = operandValue;
  if (operator === '+') return value(convert(operandValue, type, loc));
  if (operandValue.kind === 'constant') {
    return value(constant(operator === '-' ? -operandValue.value : ~operandValue.value, type, loc));
  }
  return value({ kind: operator === '-' ? 'negate' : 'complement', value: operandValue, type, loc });
}

/** `!value`, as an int. */
export function not(operand: Expr, loc: Loc): Expr {
  if (operand.kind === 'constant') return truth(operand.value === 0n, loc);
  return { kind: 'not', value: operand, type: intType, loc };
}

export function checkBinary(
  cx: Context,
  operator: Arithmetic,
  left: Expression,
  right: Expression,
  span: Span,
): Checked | null {
  const cast = castInstead(cx, operator, left, right, span);
  if (cast !== undefined) return cast;
  const op = operations[operator];
  const operands = comparisons.has(op) ? checkOptionOperands(cx, operator, left, right) : undefined;
  const a = operands === undefined ? checkValue(cx, left) : operands.left;
  const b = operands === undefined ? checkValue(cx, right) : operands.right;
  if (a === null || b === null) return null;
  const result = binary(cx, op, operator, a, b, { left, right, span });
  return result === null ? null : value(result);
}

/** `a + (name) - x` contains a cast when the name is a typedef that the parser did not know; undefined when it does not. */
function castInstead(
  cx: Context,
  operator: Arithmetic,
  left: Expression,
  right: Expression,
  span: Span,
): Checked | null | undefined {
  if (operator !== '+' && operator !== '-' && operator !== '*' && operator !== '&') return undefined;
  let last = left;
  while (last.kind === 'binary') last = last.right;
  if (last.kind !== 'name' || typeInExpression(cx, last) === null) return undefined;
  const operand: Expression = { kind: 'unary', operator, value: right, start: last.end, end: right.end };
  const type: TypeExpr = { kind: 'named', name: last.name.text, start: last.start, end: last.end };
  const cast: Expression = { kind: 'cast', type, value: operand, start: last.start, end: span.end };
  return checkExpression(cx, replaceLast(left, cast));
}

function replaceLast(expression: Expression, last: Expression): Expression {
  if (expression.kind !== 'binary') return last;
  return { ...expression, right: replaceLast(expression.right, last), end: last.end };
}

interface Places {
  readonly left: Span;
  readonly right: Span;
  readonly span: Span;
}

/** A binary operation on two values, with C's conversions; null when the types do not fit. */
export function binary(
  cx: Context,
  op: BinaryOp,
  operator: string,
  left: Expr,
  right: Expr,
  at: Places,
): Expr | null {
  const loc = cx.loc(at.span);
  if (left.type.kind === 'pointer' || right.type.kind === 'pointer') {
    return comparisons.has(op)
      ? comparePointers(cx, op, operator, left, right, at)
      : pointerArithmetic(cx, op, operator, left, right, at);
  }
  if (left.type.kind !== 'int' || right.type.kind !== 'int') {
    const bad = left.type.kind !== 'int' ? left : right;
    cx.report(
      'type-mismatch',
      bad === left ? at.left : at.right,
      `expected an integer beside '${operator}', found '${typeName(bad.type)}'`,
    );
    return null;
  }
  if (op === 'shl' || op === 'shr') return fold(op, promote(left), promote(right), promote(left).type, loc);
  const usual = usualConversions(left, right);
  if (usual === null) return null;
  return fold(op, usual.left, usual.right, comparisons.has(op) ? intType : usual.type, loc);
}

/** The operation, computed when both operands are known. */
export function fold(op: BinaryOp, left: Expr, right: Expr, type: Type, loc: Loc): Expr {
  if (left.kind === 'constant' && right.kind === 'constant') {
    const known = foldBinary(op, left.value, right.value, left.type, type);
    if (known !== null) return constant(known, type, loc);
  }
  return { kind: 'binary', op, left, right, type, loc };
}

function comparePointers(
  cx: Context,
  op: BinaryOp,
  operator: string,
  left: Expr,
  right: Expr,
  at: Places,
): Expr | null {
  const type = comparisonType(left, right);
  if (type === null) {
    const hint = left.type.kind !== right.type.kind ? '' : '; cast one of them';
    cx.report(
      'type-mismatch',
      at.span,
      `cannot compare '${typeName(left.type)}' with '${typeName(right.type)}' by '${operator}'${hint}`,
    );
    return null;
  }
  return fold(op, convert(left, type), convert(right, type), intType, cx.loc(at.span));
}

function comparisonType(left: Expr, right: Expr): PointerType | null {
  if (left.type.kind === 'pointer' && right.type.kind === 'pointer') {
    if (sameType(left.type, right.type) || right.type.to.kind === 'void') return left.type;
    return left.type.to.kind === 'void' ? right.type : null;
  }
  if (left.type.kind === 'pointer' && isNullConstant(right)) return left.type;
  return right.type.kind === 'pointer' && isNullConstant(left) ? right.type : null;
}

/** p + i, i + p, p - i and p - q, as arithmetic on 64-bit addresses. */
function pointerArithmetic(
  cx: Context,
  op: BinaryOp,
  operator: string,
  left: Expr,
  right: Expr,
  at: Places,
): Expr | null {
  const loc = cx.loc(at.span);
  if (op === 'sub' && left.type.kind === 'pointer' && right.type.kind === 'pointer') {
    if (!sameType(left.type, right.type)) {
      cx.report(
        'type-mismatch',
        at.span,
        `cannot subtract '${typeName(right.type)}' from '${typeName(left.type)}'`,
      );
      return null;
    }
    const size = elementSize(cx, left.type, at.left);
    if (size === null) return null;
    const distance = fold('sub', convert(left, longType), convert(right, longType), longType, loc);
    return size === 1n ? distance : fold('div', distance, constant(size, longType, loc), longType, loc);
  }
  const [pointer, index] = left.type.kind === 'pointer' ? [left, right] : [right, left];
  const allowed = (op === 'add' || (op === 'sub' && pointer === left)) && index.type.kind === 'int';
  if (pointer.type.kind !== 'pointer' || !allowed) {
    const wrong =
      pointer.type.kind === 'pointer' && index.type.kind !== 'int' && index.type.kind !== 'pointer'
        ? index
        : pointer;
    const hint = wrong.type.kind === 'pointer' ? '; cast it to unsigned long' : '';
    cx.report(
      'type-mismatch',
      wrong === left ? at.left : at.right,
      `expected an integer beside '${operator}', found '${typeName(wrong.type)}'${hint}`,
    );
    return null;
  }
  const size = elementSize(cx, pointer.type, pointer === left ? at.left : at.right);
  if (size === null) return null;
  return convert(
    fold(op, convert(pointer, unsignedLongType), scaled(index, size), unsignedLongType, loc),
    pointer.type,
    loc,
  );
}

/** An index in bytes, as a 64-bit number: negative ones wrap. */
export function scaled(index: Expr, size: bigint): Expr {
  const wide = convert(promote(index), unsignedLongType);
  return size === 1n
    ? wide
    : fold('mul', wide, constant(size, unsignedLongType, index.loc), unsignedLongType, index.loc);
}

/** The distance from one element to the next; `void *` counts bytes, as gcc does. */
export function elementSize(cx: Context, type: PointerType, span: Span): bigint | null {
  if (type.to.kind === 'void') return 1n;
  if (type.to.kind === 'function') {
    cx.report('type-mismatch', span, 'there is no arithmetic on pointers to functions');
    return null;
  }
  return completeType(cx, type.to, span) ? BigInt(sizeOf(type.to)) : null;
}

function mismatch(cx: Context, span: Span, expected: string, found: Type): null {
  cx.report('type-mismatch', span, `expected ${expected}, found '${typeName(found)}'`);
  return null;
}
