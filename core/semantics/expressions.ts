/** Expressions: from syntax to typed, converted, folded ones. */

import type { Expression, Span } from '../syntax/ast.ts';
import { checkAssign, checkIncrement } from './assignments.ts';
import { checkCall } from './calls.ts';
import { type Checked, type Context, deeper } from './context.ts';
import { checkConditional, checkIn, checkLogical } from './conditionals.ts';
import {
  constant,
  convert,
  intType,
  isScalar,
  longType,
  pointerTo,
  unsignedLongType,
  unsignedType,
  voidType,
} from './conversions.ts';
import { constantOf } from './declarations.ts';
import {
  checkCast,
  checkChoose,
  checkCompoundLiteral,
  checkOld,
  checkQuantifier,
  checkStatementExpression,
} from './extensions.ts';
import type { Expr, Loc, LValue, Stmt } from './hir.ts';
import { checkDeref, checkAddress, checkIndex, checkMember } from './lvalues.ts';
import { checkName } from './names.ts';
import { checkBinary, checkUnary } from './operators.ts';
import { sizeofExpression } from './sizes.ts';
import { typeName } from './typeName.ts';
import type { Type } from './types.ts';

/** The value or place that an expression stands for; null when something is wrong, which is then reported. */
export function checkExpression(cx: Context, expression: Expression): Checked | null {
  const found = deeper(cx, expression, 1, () => dispatch(cx, expression));
  if (found !== null) cx.env.recorder?.type(cx, expression, typeOfChecked(found));
  return found;
}

function dispatch(cx: Context, e: Expression): Checked | null {
  switch (e.kind) {
    case 'number':
      return value(constant(e.value, literalType(e.value, e.suffix, cx.text(e)), cx.loc(e)));
    case 'string':
      cx.report('misplaced', e, 'there is no text in a scenario; delete tracing and messages');
      return null;
    case 'name':
      return checkName(cx, e);
    case 'unary':
      if (e.operator === '*') return checkDeref(cx, e.value, e);
      if (e.operator === '&') return checkAddress(cx, e.value, e);
      if (e.operator === '++' || e.operator === '--') return checkIncrement(cx, e.value, e.operator, true, e);
      return checkUnary(cx, e.operator, e.value, e);
    case 'postfix':
      return checkIncrement(cx, e.value, e.operator, false, e);
    case 'binary':
      if (e.operator === '&&' || e.operator === '||' || e.operator === 'implies')
        return checkLogical(cx, e.operator, e.left, e.right, e);
      return checkBinary(cx, e.operator, e.left, e.right, e);
    case 'assign':
      return checkAssign(cx, e);
    case 'conditional':
      return checkConditional(cx, e);
    case 'call':
      return checkCall(cx, e);
    case 'index':
      return checkIndex(cx, e);
    case 'member':
      return checkMember(cx, e);
    case 'cast':
      return checkCast(cx, e.type, e.value, e);
    case 'compound-literal':
      return checkCompoundLiteral(cx, e);
    case 'sizeof':
      return sizeofExpression(cx, e.of, e);
    case 'statement-expression':
      return checkStatementExpression(cx, e.body, e);
    case 'comma':
      return checkComma(cx, e.left, e.right, e);
    case 'choose':
      return checkChoose(cx, e);
    case 'quantifier':
      return checkQuantifier(cx, e);
    case 'in':
      return checkIn(cx, e);
    case 'old':
      return checkOld(cx, e);
    case 'error':
      return null;
  }
}

/** The value of an expression: places are read, arrays become pointers. A struct is a value, too. */
export function checkValue(cx: Context, expression: Expression): Expr | null {
  const checked = checkExpression(cx, expression);
  return checked === null ? null : asValue(cx, checked, expression);
}

/** A value that can be tested: an integer or a pointer. */
export function checkCondition(cx: Context, expression: Expression): Expr | null {
  const found = checkValue(cx, expression);
  if (found === null) return null;
  if (isScalar(found.type)) return found;
  cx.report('type-mismatch', expression, `expected a condition, found '${typeName(found.type)}'`);
  return null;
}

/** The expression for what it does; its value is dropped. */
export function checkEffect(cx: Context, expression: Expression): Expr | null {
  const checked = checkExpression(cx, expression);
  if (checked === null) return null;
  // A struct or void place on its own is not read: `*p;` with an incomplete p says nothing.
  if (checked.kind === 'place' && !isScalar(checked.place.type)) {
    return { kind: 'constant', value: 0n, type: voidType, loc: checked.place.loc };
  }
  return asValue(cx, checked, expression);
}

/** The type of an expression that is not evaluated, without decay: for sizeof and typeof. */
export function typeOfExpression(cx: Context, expression: Expression): Type | null {
  const checked = checkExpression(cx, expression);
  if (checked === null) return null;
  const type = typeOfChecked(checked);
  return type.kind === 'pointer' && checked.kind === 'value' && checked.value.kind === 'function'
    ? type.to
    : type;
}

export function typeOfChecked(checked: Checked): Type {
  return checked.kind === 'value' ? checked.value.type : checked.place.type;
}

export function asValue(cx: Context, checked: Checked, span: Span): Expr | null {
  if (checked.kind === 'value') return checked.value;
  const place = checked.place;
  if (place.type.kind === 'void') {
    cx.report(
      'type-mismatch',
      span,
      "a 'void *' points to nothing that can be read; cast it to a pointer to what is there",
    );
    return null;
  }
  // An argument of a macro is read where the user wrote it.
  return readOf(cx, place, place.loc);
}

export function readOf(cx: Context, place: LValue, loc: Loc): Expr {
  if (place.type.kind === 'array') return { kind: 'address', place, type: pointerTo(place.type.of), loc };
  if (place.kind === 'global' && place.variable.constant) {
    const declaration = cx.name(place.variable.name);
    const known =
      declaration?.kind === 'variable' && declaration.variable === place.variable
        ? constantOf(cx.env, declaration)
        : null;
    if (known !== null) return constant(known, place.type, loc);
  }
  return { kind: 'read', place, type: place.type, loc };
}

export function value(expr: Expr): Checked {
  return { kind: 'value', value: expr };
}

export function place(lvalue: LValue): Checked {
  return { kind: 'place', place: lvalue };
}

/** A value that is evaluated for what it does. */
export function effect(expr: Expr): Stmt {
  return { kind: 'expression', value: expr, loc: expr.loc };
}

export function nothing(loc: Loc): Expr {
  return { kind: 'constant', value: 0n, type: voidType, loc };
}

export function sequence(first: readonly Stmt[], last: Expr, loc: Loc): Expr {
  const only = first[0];
  if (only === undefined) return last;
  const statement: Stmt = first.length === 1 ? only : { kind: 'block', body: first, loc };
  return { kind: 'sequence', first: statement, value: last, type: last.type, loc };
}

function checkComma(cx: Context, left: Expression, right: Expression, span: Span): Checked | null {
  const first = checkEffect(cx, left);
  const second = checkValue(cx, right);
  if (first === null || second === null) return null;
  return value(sequence([effect(first)], second, cx.loc(span)));
}

/** C11 6.4.4.1: the first type of the list that holds the value; unsigned ones only with `u` or when not decimal. */
function literalType(value: bigint, suffix: string, text: string): Type {
  const lower = suffix.toLowerCase();
  const unsigned = lower.includes('u');
  const long = lower.includes('l');
  const decimal = !/^0[xXbB0-7]/.test(text);
  if (!long) {
    if (!unsigned && value <= 0x7fffffffn) return intType;
    if ((unsigned || !decimal) && value <= 0xffffffffn) return unsignedType;
  }
  if (!unsigned && value < 1n << 63n) return longType;
  return unsignedLongType;
}

/** 0 or 1 as an int. */
export function truth(value: boolean, loc: Loc): Expr {
  return constant(value ? 1n : 0n, intType, loc);
}

/** `!!value`, as an int. */
export function truthOf(value: Expr, loc: Loc): Expr {
  if (value.kind === 'constant') return truth(value.value !== 0n, loc);
  if (value.type.kind === 'int' && isTruth(value)) return convert(value, intType);
  return { kind: 'binary', op: 'ne', left: value, right: constant(0n, value.type, loc), type: intType, loc };
}

function isTruth(value: Expr): boolean {
  if (value.type.kind === 'int' && value.type.bool) return true;
  if (value.kind === 'binary') return ['eq', 'ne', 'lt', 'le', 'gt', 'ge'].includes(value.op);
  return value.kind === 'not' || value.kind === 'and-also' || value.kind === 'or-else';
}
