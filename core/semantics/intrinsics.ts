/** What the language itself knows beyond C, used like functions. */

import type { Expression } from '../syntax/ast.ts';
import { argumentValue } from './calls.ts';
import type { Checked, Context } from './context.ts';
import { convertTo } from './assignments.ts';
import { value } from './expressions.ts';
import type { Expr, Intrinsic, Loc } from './hir.ts';
import { atomicIntrinsic, atomicIntrinsics } from './intrinsicsAtomic.ts';
import { checkIntrinsics } from './intrinsicsChecks.ts';
import { machineIntrinsics } from './intrinsicsMachine.ts';
import { showIntrinsics } from './intrinsicsShow.ts';
import type { BoundArgument } from './scope.ts';
import { arraySize, containerOf, offsetOf } from './sizes.ts';
import type { Type } from './types.ts';

/** One use of an intrinsic. */
export interface Use {
  readonly cx: Context;
  readonly name: string;
  readonly args: readonly BoundArgument[];
  readonly span: Expression;
  readonly loc: Loc;
}

/** How many arguments an intrinsic takes, and what it becomes. */
export interface IntrinsicRule {
  readonly least: number;
  readonly most: number;
  /** May stand in constants and declarations, because it does nothing when it runs. */
  readonly pure?: boolean;
  readonly check: (use: Use) => Checked | null;
}

const constantIntrinsics: readonly (readonly [string, IntrinsicRule])[] = [
  ['offsetof', { least: 2, most: 2, pure: true, check: (use) => offsetOf(use.cx, use.args, use.span) }],
  [
    'container_of',
    { least: 3, most: 3, pure: true, check: (use) => containerOf(use.cx, use.args, use.span) },
  ],
  ['ARRAY_SIZE', { least: 1, most: 1, pure: true, check: (use) => arraySize(use.cx, use.args[0], use.span) }],
  ['likely', { least: 1, most: 1, pure: true, check: same }],
  ['unlikely', { least: 1, most: 1, pure: true, check: same }],
];

let rules: ReadonlyMap<string, IntrinsicRule> | null = null;

/** Built when first asked for: the modules that contribute import this one. */
function allRules(): ReadonlyMap<string, IntrinsicRule> {
  rules ??= new Map([
    ...constantIntrinsics,
    ...atomicIntrinsics,
    ...checkIntrinsics,
    ...machineIntrinsics,
    ...showIntrinsics,
  ]);
  return rules;
}

export function isIntrinsic(name: string): boolean {
  return allRules().has(name) || atomicIntrinsic(name) !== null;
}

export function intrinsicNames(): Iterable<string> {
  return allRules().keys();
}

export function checkIntrinsic(
  cx: Context,
  name: string,
  args: readonly BoundArgument[],
  span: Expression,
): Checked | null {
  const rule = allRules().get(name) ?? atomicIntrinsic(name);
  if (rule === null) return null;
  if (args.length < rule.least || args.length > rule.most) {
    cx.report('wrong-arguments', span, `'${name}' takes ${countOf(rule)}, not ${args.length}`);
    return null;
  }
  if (cx.body === null && rule.pure !== true) {
    cx.report('not-constant', span, `'${name}' does something when it runs: it has no place in a constant`);
    return null;
  }
  return rule.check({ cx, name, args, span, loc: cx.loc(span) });
}

function countOf(rule: IntrinsicRule): string {
  if (rule.least !== rule.most) return `${rule.least} to ${rule.most} arguments`;
  return rule.least === 0 ? 'no arguments' : rule.least === 1 ? '1 argument' : `${rule.least} arguments`;
}

function same(use: Use): Checked | null {
  const found = valueAt(use, 0);
  return found === null ? null : value(found);
}

// ---------------------------------------------------------------- for the rules

export function intrinsic(use: Use, call: Intrinsic, type: Type): Checked {
  return value({ kind: 'intrinsic', call, type, loc: use.loc });
}

/** The value of an argument; null when it is wrong or not there. */
export function valueAt(use: Use, index: number): Expr | null {
  const arg = use.args[index];
  return arg === undefined ? null : argumentValue(use.cx, arg);
}

/** The value of an argument as a value of `type`. */
export function valueOfType(use: Use, index: number, type: Type): Expr | null {
  const arg = use.args[index];
  const found = valueAt(use, index);
  if (arg === undefined || found === null) return null;
  return use.cx.inFrame(arg.frame, () =>
    convertTo(use.cx, found, type, arg.argument, `argument ${index + 1} of '${use.name}'`),
  );
}

/** A finding about an argument, placed where it was written. */
export function reportAt(
  use: Use,
  index: number,
  code: Parameters<Context['report']>[0],
  message: string,
): null {
  const arg = use.args[index];
  if (arg === undefined) use.cx.report(code, use.span, message);
  else use.cx.inFrame(arg.frame, () => use.cx.report(code, arg.argument, message));
  return null;
}
