/** Expressions that leave something unevaluated: `&&`, `||`, `implies`, `?:`, and `in`. What a constant decides is not looked at. */

import type { Expression, Span } from '../syntax/ast.ts';
import type { Checked, Context } from './context.ts';
import { convert, intType, isNullConstant, sameType, usualConversions, voidType } from './conversions.ts';
import { checkCondition, checkValue, sequence, truth, truthOf, value } from './expressions.ts';
import type { Expr, Loc, Stmt } from './hir.ts';
import { binary, not } from './operators.ts';
import { checkChoiceValue, choiceOf } from './optionValues.ts';
import { typeName } from './typeName.ts';
import type { Type } from './types.ts';

export function checkLogical(
  cx: Context,
  operator: '&&' | '||' | 'implies',
  left: Expression,
  right: Expression,
  span: Span,
): Checked | null {
  const a = checkCondition(cx, left);
  const loc = cx.loc(span);
  if (a?.kind === 'constant') {
    const holds = a.value !== 0n;
    if (operator === '&&' ? !holds : operator === '||' ? holds : !holds) {
      cx.alsoRecord(() => checkCondition(cx, right));
      return value(truth(operator !== '&&', loc));
    }
    const b = checkCondition(cx, right);
    return b === null ? null : value(truthOf(b, loc));
  }
  const b = checkCondition(cx, right);
  if (a === null || b === null) return null;
  if (operator === '&&') return value({ kind: 'and-also', left: a, right: b, type: intType, loc });
  return value(orElse(operator === '||' ? a : not(a, a.loc), b, loc));
}

function orElse(left: Expr, right: Expr, loc: Loc): Expr {
  return { kind: 'or-else', left, right, type: intType, loc };
}

export function checkConditional(cx: Context, e: Expression & { kind: 'conditional' }): Checked | null {
  const loc = cx.loc(e);
  if (e.then === null) return checkElvis(cx, e, loc);
  const condition = checkCondition(cx, e.condition);
  if (condition?.kind === 'constant') {
    const [chosen, other] = condition.value !== 0n ? [e.then, e.otherwise] : [e.otherwise, e.then];
    cx.alsoRecord(() => checkValue(cx, other));
    const taken = checkValue(cx, chosen);
    return taken === null ? null : value(taken);
  }
  const then = checkValue(cx, e.then);
  const otherwise = checkValue(cx, e.otherwise);
  if (condition === null || then === null || otherwise === null) return null;
  const result = select(cx, condition, then, otherwise, e, loc);
  return result === null ? null : value(result);
}

/** GNU `a ?: b`: a is evaluated once. */
function checkElvis(cx: Context, e: Expression & { kind: 'conditional' }, loc: Loc): Checked | null {
  const first = checkCondition(cx, e.condition);
  if (first?.kind === 'constant') {
    if (first.value !== 0n) cx.alsoRecord(() => checkValue(cx, e.otherwise));
    const taken = first.value !== 0n ? first : checkValue(cx, e.otherwise);
    return taken === null ? null : value(taken);
  }
  const otherwise = checkValue(cx, e.otherwise);
  if (first === null || otherwise === null) return null;
  const kept = keep(cx, first);
  const result = select(cx, kept.value, kept.value, otherwise, e, loc);
  return result === null ? null : value(sequence(kept.before, result, loc));
}

function select(
  cx: Context,
  condition: Expr,
  then: Expr,
  otherwise: Expr,
  span: Span,
  loc: Loc,
): Expr | null {
  const type = branchType(then, otherwise);
  if (type === null) {
    cx.report(
      'type-mismatch',
      span,
      `the branches have the types '${typeName(then.type)}' and '${typeName(otherwise.type)}', which do not fit together`,
    );
    return null;
  }
  return {
    kind: 'conditional',
    condition,
    then: toBranch(then, type),
    otherwise: toBranch(otherwise, type),
    type,
    loc,
  };
}

function toBranch(branch: Expr, type: Type): Expr {
  return branch.type.kind === 'struct' ? branch : convert(branch, type);
}

/** C11 6.5.15. */
function branchType(then: Expr, otherwise: Expr): Type | null {
  const usual = usualConversions(then, otherwise);
  if (usual !== null) return usual.type;
  const a = then.type;
  const b = otherwise.type;
  if (a.kind === 'void' || b.kind === 'void') return voidType;
  if (a.kind === 'struct' || b.kind === 'struct') return sameType(a, b) ? a : null;
  if (a.kind === 'pointer' && isNullConstant(otherwise)) return a;
  if (b.kind === 'pointer' && isNullConstant(then)) return b;
  if (a.kind !== 'pointer' || b.kind !== 'pointer') return null;
  if (sameType(a, b)) return a;
  return a.to.kind === 'void' ? a : b.to.kind === 'void' ? b : null;
}

/** `x in { a, b }`: one of them is equal to x, which is evaluated once. */
export function checkIn(cx: Context, e: Expression & { kind: 'in' }): Checked | null {
  const loc = cx.loc(e);
  const choice = choiceOf(cx, e.value);
  const subject = checkValue(cx, e.value);
  const values = e.list.map((each) =>
    choice === null ? checkValue(cx, each) : checkChoiceValue(cx, each, choice),
  );
  if (subject === null) return null;
  const kept = subject.kind === 'constant' ? { value: subject, before: [] } : keep(cx, subject);
  let result: Expr = truth(false, loc);
  for (const [index, each] of values.entries()) {
    const span = e.list[index] ?? e;
    const equal =
      each === null ? null : binary(cx, 'eq', 'in', kept.value, each, { left: e.value, right: span, span });
    if (equal === null) return null;
    result = either(result, equal, loc);
  }
  return value(sequence(kept.before, result, loc));
}

function either(left: Expr, right: Expr, loc: Loc): Expr {
  if (left.kind === 'constant') return left.value !== 0n ? left : right;
  if (right.kind === 'constant') return right.value !== 0n ? right : left;
  return orElse(left, right, loc);
}

/** A value put into a local, so that it can be used several times. */
export function keep(cx: Context, initial: Expr): { readonly value: Expr; readonly before: readonly Stmt[] } {
  if (initial.kind === 'constant') return { value: initial, before: [] };
  const { type, loc } = initial;
  const variable = cx.newLocal('<value>', type, loc);
  const before: Stmt = {
    kind: 'declare',
    variable,
    init: { entries: [{ offset: 0, type, bits: null, value: initial }] },
    loc,
  };
  return {
    value: { kind: 'read', place: { kind: 'local', variable, type, loc }, type, loc },
    before: [before],
  };
}
