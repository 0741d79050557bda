/** Constant expressions. */

import type { Expression } from '../syntax/ast.ts';
import { isScalar } from './conversions.ts';
import type { Context } from './context.ts';
import { checkValue } from './expressions.ts';
import type { Expr } from './hir.ts';

/** The value of an integer constant expression; null when it is none, which is reported. `what` is "the length of an array". */
export function checkInteger(cx: Context, expression: Expression, what: string): bigint | null {
  const value = checkConstant(cx, expression, what);
  if (value === null) return null;
  if (value.type.kind !== 'int') {
    cx.report('type-mismatch', expression, `${what} must be an integer`);
    return null;
  }
  return value.value;
}

/** The same for any scalar. */
export function checkConstant(
  cx: Context,
  expression: Expression,
  what: string,
): (Expr & { kind: 'constant' }) | null {
  const value = checkValue(cx, expression);
  if (value === null) return null;
  if (value.kind === 'constant' && isScalar(value.type)) return value;
  cx.report('not-constant', expression, `${what} must be a constant`);
  return null;
}

/** A constant between two bounds, as a number; `what` begins the message. */
export function checkSmall(
  cx: Context,
  expression: Expression,
  low: number,
  high: number,
  what: string,
): number | null {
  const value = checkInteger(cx, expression, what);
  if (value === null) return null;
  if (value < BigInt(low) || value > BigInt(high)) {
    cx.report('bad-declaration', expression, `${what} must be in ${low}..${high}, not ${value}`);
    return null;
  }
  return Number(value);
}

/** `in low..high`: the range of ghost state. */
export function checkRange(
  cx: Context,
  range: { readonly low: Expression; readonly high: Expression } | null,
  ghost: boolean,
): { readonly low: bigint; readonly high: bigint } | null {
  if (range === null) return null;
  const low = checkInteger(cx, range.low, 'the lower end of a range');
  const high = checkInteger(cx, range.high, 'the upper end of a range');
  if (low === null || high === null) return null;
  if (!ghost) {
    cx.report('bad-declaration', range.low, 'only ghost state has a declared range');
    return null;
  }
  if (low > high) {
    cx.report('bad-declaration', range.low, `the range ${low}..${high} is empty`);
    return null;
  }
  return { low, high };
}
