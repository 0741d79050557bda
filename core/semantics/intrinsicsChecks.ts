/** Checks written into code: assertions, warnings, and those that the library makes for the kernel's primitives. */

import { type Code, codes, isCode } from '../syntax/codes.ts';
import { type Checked, plainName } from './context.ts';
import { constant, convert, intType, isScalar, voidType } from './conversions.ts';
import { nothing, value } from './expressions.ts';
import type { Expr } from './hir.ts';
import { type IntrinsicRule, reportAt, type Use, valueAt } from './intrinsics.ts';
import { nearest } from './nearest.ts';
import { not } from './operators.ts';
import { typeName } from './typeName.ts';

export const checkIntrinsics: readonly (readonly [string, IntrinsicRule])[] = [
  ['assert', { least: 1, most: 2, check: (use) => assertion(use, true) }],
  ['BUG_ON', { least: 1, most: 2, check: (use) => assertion(use, false) }],
  ['BUG', { least: 0, most: 1, check: bug }],
  ['WARN_ON', { least: 1, most: 2, check: warn }],
  ['WARN_ON_ONCE', { least: 1, most: 2, check: warn }],
  ['__warn', { least: 3, most: 3, check: (use) => libraryCheck(use, false) }],
  ['__fatal', { least: 3, most: 3, check: (use) => libraryCheck(use, true) }],
  ['static_assert', { least: 1, most: 2, pure: true, check: (use) => staticAssert(use, true) }],
  ['BUILD_BUG_ON', { least: 1, most: 2, pure: true, check: (use) => staticAssert(use, false) }],
];

/** Check names and codes are compared in snake_case: `data-race` is `data_race`. */
export function checkName(text: string): string {
  return text.replace(/-/g, '_');
}

/** The registry code that is spelled so in source; null when there is none. */
export function codeOf(name: string): Code | null {
  const code = name.replace(/_/g, '-');
  return isCode(code) ? code : null;
}

export function codeNames(): string[] {
  return Object.keys(codes).map(checkName);
}

/** `assert(c)` must hold, `BUG_ON(c)` must not; either ends the path. */
function assertion(use: Use, holds: boolean): Checked | null {
  const found = conditionAt(use);
  const name = nameAt(use, 1);
  if (found === null || name === undefined) return null;
  const condition = holds ? found : not(found, found.loc);
  const message = `${use.name}(${argumentText(use)}) fails`;
  return value(dropped(check(use, condition, 'assertion-failed', name, true, message)));
}

function bug(use: Use): Checked | null {
  const name = nameAt(use, 0);
  if (name === undefined) return null;
  return value(
    dropped(check(use, constant(0n, intType, use.loc), 'assertion-failed', name, true, 'BUG() is reached')),
  );
}

/** `WARN_ON(c)` is an expression with the value `!!c`. */
function warn(use: Use): Checked | null {
  const found = conditionAt(use);
  const name = nameAt(use, 1);
  if (found === null || name === undefined) return null;
  const message = `${use.name}(${argumentText(use)}) fires`;
  return value(not(check(use, not(found, found.loc), 'warning-triggered', name, false, message), use.loc));
}

/** `__warn(condition that must hold, code, "message")` */
function libraryCheck(use: Use, fatal: boolean): Checked | null {
  const condition = conditionAt(use);
  const code = codeAt(use);
  const message = textAt(use, 2);
  if (message === null) return reportAt(use, 2, 'wrong-arguments', `'${use.name}' needs its message as text`);
  if (condition === null || code === null) return null;
  return value(dropped(check(use, condition, code, null, fatal, message)));
}

function staticAssert(use: Use, holds: boolean): Checked | null {
  const found = valueAt(use, 0);
  if (found === null) return null;
  if (found.kind !== 'constant') return reportAt(use, 0, 'not-constant', `'${use.name}' needs a constant`);
  const message = textAt(use, 1);
  if ((found.value !== 0n) !== holds)
    reportAt(
      use,
      0,
      'bad-declaration',
      `${use.name}(${argumentText(use)}) fails${message === null ? '' : `: ${message}`}`,
    );
  return value(nothing(use.loc));
}

// ---------------------------------------------------------------- parts

function check(
  use: Use,
  condition: Expr,
  code: Code,
  name: string | null,
  fatal: boolean,
  message: string,
): Expr {
  return {
    kind: 'intrinsic',
    call: { op: 'check', condition, code, name, fatal, message },
    type: intType,
    loc: use.loc,
  };
}

function dropped(expr: Expr): Expr {
  return convert(expr, voidType);
}

function conditionAt(use: Use): Expr | null {
  const found = valueAt(use, 0);
  if (found === null || isScalar(found.type)) return found;
  return reportAt(
    use,
    0,
    'type-mismatch',
    `argument 1 of '${use.name}': expected a condition, found '${typeName(found.type)}'`,
  );
}

/** The name of the check: null when there is none, undefined when it is wrong. */
function nameAt(use: Use, index: number): string | null | undefined {
  if (use.args[index] === undefined) return null;
  const text = textAt(use, index);
  if (text !== null && /^[A-Za-z_][\w-]*$/.test(text)) return checkName(text);
  reportAt(
    use,
    index,
    'wrong-arguments',
    `the name of the check must be a word in quotes, such as "children_underflow"`,
  );
  return undefined;
}

/** The text of an argument in quotes, by way of macro parameters too. */
export function textAt(use: Use, index: number): string | null {
  let arg = use.args[index];
  while (arg !== undefined && arg.argument.kind === 'name') arg = arg.frame?.args.get(arg.argument.name.text);
  return arg?.argument.kind === 'string' ? arg.argument.value : null;
}

function codeAt(use: Use): Code | null {
  const arg = use.args[1];
  if (arg === undefined) return null;
  const { argument } = arg;
  const name = argument.kind === 'name' ? use.cx.inFrame(arg.frame, () => plainName(use.cx, argument)) : null;
  if (name === null)
    return reportAt(use, 1, 'wrong-arguments', `'${use.name}' needs a code here, such as lock_misuse`);
  const code = codeOf(name.text);
  if (code !== null) return code;
  const near = nearest(name.text, codeNames());
  return reportAt(
    use,
    1,
    'unknown-name',
    `unknown code '${name.text}'${near === null ? '' : `; did you mean '${near}'?`}`,
  );
}

/** The condition as it was written, for the message. */
function argumentText(use: Use): string {
  const arg = use.args[0];
  return arg === undefined ? '' : use.cx.inFrame(arg.frame, () => use.cx.text(arg.argument));
}
