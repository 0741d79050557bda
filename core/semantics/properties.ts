/** Invariants, final conditions, states to be reached; lock orders; severities. */

import type { CheckItem, LockOrderItem, PropertyItem } from '../syntax/ast.ts';
import { lockArgument } from './annotations.ts';
import type { BodyResult } from './bodies.ts';
import { newBody, resultOf } from './bodies.ts';
import { Context } from './context.ts';
import type { ActiveItem, Environment } from './environment.ts';
import { checkCondition } from './expressions.ts';
import type { Finding } from './findings.ts';
import type { CheckedProgram, Property } from './hir.ts';
import { checkName, codeNames, codeOf } from './intrinsicsChecks.ts';
import { didYouMean } from './nearest.ts';

export function checkProperty(
  env: Environment,
  { item, home }: ActiveItem<PropertyItem>,
): BodyResult<Property | null> {
  const name = item.name.text;
  const cx = new Context(env, home, [], newBody(`'${name}'`, name));
  const unless = item.unless === null ? null : checkCondition(cx, item.unless);
  const condition = checkCondition(cx, item.condition);
  if (condition === null || (item.unless !== null && unless === null) || name === '')
    return resultOf(cx, null);
  return resultOf(cx, { kind: item.property, name, unless, condition, loc: cx.loc(item.name) });
}

/** `lock_order a, b, c;` */
export function checkLockOrder(
  env: Environment,
  { item, home }: ActiveItem<LockOrderItem>,
): BodyResult<CheckedProgram['lockOrders'][number] | null> {
  const cx = new Context(env, home, [], null);
  const locks = item.locks.map((lock) => lockArgument(cx, lock));
  const fine = locks.filter((lock) => lock !== null);
  if (locks.length === 1 && fine.length === 1)
    cx.report('bad-declaration', item, 'an order needs two locks or more');
  return resultOf(cx, fine.length < locks.length ? null : { locks: fine, loc: cx.loc(item) });
}

/** `check data_race error;` as an entry of the severities; null when it is wrong. */
export function checkSeverity(
  env: Environment,
  { item, home }: ActiveItem<CheckItem>,
  known: ReadonlySet<string>,
  findings: Finding[],
): readonly [string, 'error' | 'warning' | 'off'] | null {
  const cx = new Context(env, home, findings, null);
  const name = checkName(item.name.text);
  const severity = item.severity.text;
  if (name === '' || severity === '') return null;
  cx.usedHere(item.name, { kind: 'check' });
  if (codeOf(name) === null && !known.has(name)) {
    cx.report(
      'unknown-name',
      item.name,
      `unknown check '${item.name.text}'${didYouMean(name, [...codeNames(), ...known])}`,
    );
    return null;
  }
  if (severity === 'error' || severity === 'warning' || severity === 'off') return [name, severity];
  cx.report('bad-declaration', item.severity, `a check is an error, a warning or off, not '${severity}'`);
  return null;
}
