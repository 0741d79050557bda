/** Expressions beyond operators: casts, compound and statement expressions, choices, quantifiers, `old`. */

import type { Block, Expression, Span, TypeExpr } from '../syntax/ast.ts';
import { convertTo } from './assignments.ts';
import type { Checked, Context } from './context.ts';
import { constant, convert, intType, isScalar, sameType, usualConversions, voidType } from './conversions.ts';
import { checkCondition, checkValue, nothing, place, sequence, value, asValue } from './expressions.ts';
import type { Expr, LocalVariable, Stmt } from './hir.ts';
import { checkInitialiser, lengthOfList, recordInitialiser } from './initialisers.ts';
import { misreadProduct } from './locals.ts';
import { temporaryOf } from './lvalues.ts';
import { holeOf } from './macros.ts';
import { checkStatement, statementMacro } from './statements.ts';
import { arrayOf, resolveObjectType, resolveType, writtenName } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import type { Type } from './types.ts';

/** `(type)value`; the operand may be checked already. */
export function checkCast(
  cx: Context,
  target: TypeExpr | Type,
  operand: Expression | Checked,
  span: Span,
): Checked | null {
  const type = 'start' in target ? resolveType(cx, target) : target;
  const found = 'start' in operand ? checkValue(cx, operand) : asValue(cx, operand, span);
  if (type === null || found === null) return null;
  const loc = cx.loc(span);
  if (type.kind === 'void') return value({ kind: 'convert', value: found, type: voidType, loc });
  if (isScalar(type) && isScalar(found.type)) return value(recast(found, type, loc));
  if (type.kind === 'struct' && sameType(type, found.type)) return value(found);
  cx.report('type-mismatch', span, `cannot cast '${typeName(found.type)}' to '${typeName(type)}'`);
  return null;
}

/** A cast gives the value its type's name even where nothing changes. */
function recast(found: Expr, type: Type, loc: Expr['loc']): Expr {
  if (found.kind === 'constant') return constant(found.value, type, loc);
  return convert(found, type, loc);
}

/** `(struct foo){ .a = 1 }`: an unnamed object. */
export function checkCompoundLiteral(
  cx: Context,
  e: Expression & { kind: 'compound-literal' },
): Checked | null {
  const type = literalType(cx, e);
  if (type === null) {
    cx.alsoRecord(() => recordInitialiser(cx, e.init));
    return null;
  }
  const init = checkInitialiser(cx, type, e.init, 'the compound literal');
  return init === null ? null : place(temporaryOf(cx, type, init, cx.loc(e)));
}

function literalType(cx: Context, e: Expression & { kind: 'compound-literal' }): Type | null {
  if (e.type.kind !== 'array' || e.type.length !== null)
    return resolveObjectType(cx, e.type, 'a compound literal');
  const of = resolveObjectType(cx, e.type.of, 'an array element');
  return of === null ? null : arrayOf(cx, of, BigInt(lengthOfList(cx, e.init, of)), e.type);
}

/** `({ …; value; })` */
export function checkStatementExpression(cx: Context, body: Block, span: Span): Checked | null {
  const loc = cx.loc(span);
  if (cx.body === null) {
    cx.report('misplaced', span, 'statements have no place outside functions');
    return null;
  }
  return cx.inScope(span, () => {
    const before: Stmt[] = [];
    for (const statement of body.body.slice(0, -1)) before.push(...checkStatement(cx, statement));
    const last = body.body.at(-1);
    const product = last?.kind === 'variable' ? misreadProduct(cx, last) : null;
    const expression = last?.kind === 'expression' ? last.value : product;
    if (last === undefined || expression === null) {
      if (last !== undefined) before.push(...checkStatement(cx, last));
      return value(sequence(before, nothing(loc), loc));
    }
    // The last statement may be the use of a statement macro, which has no value.
    const result = lastValue(cx, expression, before);
    return result === null ? null : value(sequence(before, result, loc));
  });
}

function lastValue(cx: Context, last: Expression, before: Stmt[]): Expr | null {
  if (holeOf(cx, last)?.argument.kind !== 'block' && statementMacro(cx, last) === null)
    return checkValue(cx, last);
  before.push(...checkStatement(cx, { kind: 'expression', value: last, start: last.start, end: last.end }));
  return nothing(cx.loc(last));
}

/** `choose(a..b)`, `choose(x, y)` */
export function checkChoose(cx: Context, e: Expression & { kind: 'choose' }): Checked | null {
  const loc = cx.loc(e);
  if (cx.body === null) {
    cx.report('misplaced', e, "'choose' has no place in a constant");
    return null;
  }
  if (e.range !== null) {
    const low = checkBound(cx, e.range.low);
    const high = checkBound(cx, e.range.high);
    if (low === null || high === null) return null;
    if (low.kind === 'constant' && high.kind === 'constant' && low.value > high.value) {
      cx.report('bad-declaration', e, `there is nothing in ${low.value}..${high.value} to choose from`);
      return null;
    }
    return value({ kind: 'choose', low, high, type: intType, loc });
  }
  const values = e.list.map((each) => checkValue(cx, each));
  const first = values[0];
  if (first === undefined || first === null || values.includes(null)) return null;
  let type: Type | null = first.type;
  for (const each of values) {
    if (each === null || type === null) return null;
    const usual = usualConversions({ kind: 'constant', value: 1n, type, loc }, each);
    type = usual?.type ?? type;
  }
  const converted = values.map((each, index) =>
    each === null ? null : convertTo(cx, each, type, e.list[index] ?? e, 'an alternative of choose'),
  );
  const fine = converted.filter((each) => each !== null);
  return fine.length < converted.length ? null : value({ kind: 'choose-list', values: fine, type, loc });
}

/** A bound of `choose` or of a quantifier, as an int. */
function checkBound(cx: Context, bound: Expression): Expr | null {
  const found = checkValue(cx, bound);
  if (found === null) return null;
  if (found.type.kind === 'int') return convert(found, intType);
  cx.report('type-mismatch', bound, `expected an integer, found '${typeName(found.type)}'`);
  return null;
}

/** `all (int i : 0..3) e` */
export function checkQuantifier(cx: Context, e: Expression & { kind: 'quantifier' }): Checked | null {
  const loc = cx.loc(e);
  const low = checkBound(cx, e.low);
  const high = checkBound(cx, e.high);
  const name = writtenName(cx, e.variable);
  const variable: LocalVariable = cx.newLocal(name.text, intType, cx.loc(e.variable));
  const body = cx.inScope(e, () => {
    if (name.text !== '') cx.declare(name, { kind: 'local', variable });
    return checkCondition(cx, e.body);
  });
  if (low === null || high === null || body === null) return null;
  return value({
    kind: 'quantifier',
    quantifier: e.quantifier,
    variable,
    low,
    high,
    body,
    type: intType,
    loc,
  });
}

/** `old(e)`: the value of e when the function was entered. */
export function checkOld(cx: Context, e: Expression & { kind: 'old' }): Checked | null {
  const entry = cx.body?.entry ?? null;
  if (entry === null) {
    cx.report('misplaced', e, "'old' has a meaning only in an 'after' hook");
    return null;
  }
  const found = checkValue(cx, e.value);
  if (found === null) return null;
  const loc = cx.loc(e);
  const variable = cx.newLocal('<old>', found.type, loc, { ghost: true });
  entry.push({ variable, value: found });
  return value({
    kind: 'read',
    place: { kind: 'local', variable, type: found.type, loc },
    type: found.type,
    loc,
  });
}
