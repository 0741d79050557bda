/** Calls: of functions, through pointers, of macros, of what the language itself knows. */

import type { Argument, Expression, Span } from '../syntax/ast.ts';
import { convertTo } from './assignments.ts';
import { type Checked, type Context, plainName } from './context.ts';
import { functionType } from './declarations.ts';
import type { FunctionDeclaration, MacroDeclaration } from './environment.ts';
import { checkExpression, checkValue, value, asValue } from './expressions.ts';
import { checkCast } from './extensions.ts';
import type { Expr, Loc } from './hir.ts';
import { checkIntrinsic, isIntrinsic } from './intrinsics.ts';
import { flatten, openMacro } from './macros.ts';
import { reportUnknown } from './names.ts';
import type { WrittenName } from './recorder.ts';
import type { BoundArgument } from './scope.ts';
import { typeInExpression } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import type { FunctionType } from './types.ts';

export function checkCall(cx: Context, e: Expression & { kind: 'call' }): Checked | null {
  const cast = castInstead(cx, e);
  if (cast !== undefined) return cast;
  const name = plainName(cx, e.callee);
  if (name !== null && name.text !== '' && cx.scope.find(name.text, name.frame) === null) {
    const guest = guestCall(cx, e, name);
    if (guest !== undefined) return guest;
    const declaration = cx.name(name.text);
    if (declaration?.kind === 'macro' && declaration.item.params !== null) {
      cx.used(name, { kind: 'declared', declaration });
      const result = macroCall(cx, declaration, e);
      recordArguments(cx, e.args);
      return result;
    }
    if (declaration === undefined) {
      cx.used(name, { kind: 'absent', space: 'name' });
      const result = undeclaredCall(cx, e, name.text);
      recordArguments(cx, e.args);
      return result;
    }
  }
  const callee = checkValue(cx, e.callee);
  if (callee === null) {
    checkLoose(cx, e.args);
    return null;
  }
  return callOf(cx, callee, flatten(cx, e.args), e);
}

/** A call of a checked callee. */
export function callOf(
  cx: Context,
  callee: Expr,
  args: readonly BoundArgument[],
  span: Expression & { kind: 'call' },
): Checked | null {
  const type = callee.type.kind === 'pointer' ? callee.type.to : callee.type;
  if (type.kind !== 'function') {
    recordArguments(cx, span.args);
    cx.report('type-mismatch', span.callee, `expected a function, found '${typeName(callee.type)}'`);
    return null;
  }
  const what = callee.kind === 'function' ? callee.name : cx.text(span.callee);
  const declared = callee.kind === 'function' ? cx.name(callee.name)?.loc : undefined;
  const checked = checkArguments(cx, type, args, span, what, declared, []);
  if (checked === null) return null;
  const target =
    callee.kind === 'function'
      ? { kind: 'direct' as const, name: callee.name }
      : { kind: 'indirect' as const, pointer: callee };
  return value({ kind: 'call', callee: target, args: checked, type: type.returns, loc: cx.loc(span) });
}

/** Arguments converted to the parameters behind the first ones, which `given` are already. */
function checkArguments(
  cx: Context,
  type: FunctionType,
  args: readonly BoundArgument[],
  span: Span,
  what: string,
  declared: Loc | undefined,
  given: readonly Expr[],
): Expr[] | null {
  const values = args.map((each) => argumentValue(cx, each));
  const expected = type.params.length - given.length;
  if (values.length !== expected) {
    const related = declared === undefined ? [] : [{ message: 'declared here', loc: declared }];
    cx.report(
      'wrong-arguments',
      span,
      `'${what}' takes ${expected} argument${expected === 1 ? '' : 's'}, not ${values.length}`,
      related,
    );
    return null;
  }
  const converted: Expr[] = [...given];
  let fine = true;
  for (const [index, found] of values.entries()) {
    const param = type.params[index + given.length];
    const at = args[index];
    if (found === null || param === undefined || at === undefined) {
      fine = false;
      continue;
    }
    const result = cx.inFrame(at.frame, () =>
      convertTo(cx, found, param, at.argument, `argument ${index + 1} of '${what}'`),
    );
    if (result === null) fine = false;
    else converted.push(result);
  }
  return fine ? converted : null;
}

/** The value of an argument, looked at where it was written. */
export function argumentValue(cx: Context, { argument, frame }: BoundArgument): Expr | null {
  return cx.inFrame(frame, () => {
    if (argument.kind === 'type' || argument.kind === 'block') {
      cx.report(
        'wrong-arguments',
        argument,
        `expected a value, found a ${argument.kind === 'type' ? 'type' : 'block'}`,
      );
      return null;
    }
    return checkValue(cx, argument);
  });
}

function macroCall(
  cx: Context,
  declaration: MacroDeclaration,
  e: Expression & { kind: 'call' },
): Checked | null {
  const frame = openMacro(cx, declaration, e.args, e);
  if (frame === null) return null;
  const { body } = declaration.item;
  if (body.kind === 'expression') return cx.inFrame(frame, () => checkExpression(cx, body.value));
  const why =
    body.kind === 'empty'
      ? 'stands for nothing'
      : body.kind === 'loop-head'
        ? 'is the head of a loop'
        : body.kind === 'type'
          ? 'is a type'
          : 'is a statement';
  cx.report('misplaced', e, `the macro '${declaration.name}' ${why} and has no value`);
  return null;
}

/** In a guest block, NAME means guest_NAME with `vcpu` in front; undefined when there is no such function. */
function guestCall(
  cx: Context,
  e: Expression & { kind: 'call' },
  name: WrittenName,
): Checked | null | undefined {
  if (cx.guest === null || cx.guest.frame !== cx.frame) return undefined;
  const declaration = cx.name(`guest_${name.text}`);
  if (declaration?.kind !== 'function') return undefined;
  cx.used(name, { kind: 'declared', declaration });
  const type = functionType(cx.env, declaration);
  const vcpu = cx.body?.vcpu ?? null;
  const [first] = type?.params ?? [];
  if (type === null) return null;
  const loc = cx.loc(e.callee);
  if (vcpu === null || first === undefined) {
    cx.report(
      'misplaced',
      e.callee,
      "the guest has no vCPU here: declare 'vcpu_state' in the scenario or import it",
    );
    return null;
  }
  const own: Expr = {
    kind: 'read',
    place: { kind: 'local', variable: vcpu, type: vcpu.type, loc },
    type: vcpu.type,
    loc,
  };
  const converted = convertTo(cx, own, first, e.callee, `the vCPU of '${declaration.name}'`);
  if (converted === null) return null;
  return directCall(cx, declaration, type, flatten(cx, e.args), e, name.text, [converted]);
}

function directCall(
  cx: Context,
  declaration: FunctionDeclaration,
  type: FunctionType,
  args: readonly BoundArgument[],
  e: Expression,
  shown: string,
  given: readonly Expr[],
): Checked | null {
  const checked = checkArguments(cx, type, args, e, shown, declaration.loc, given);
  if (checked === null) return null;
  return value({
    kind: 'call',
    callee: { kind: 'direct', name: declaration.name },
    args: checked,
    type: type.returns,
    loc: cx.loc(e),
  });
}

function undeclaredCall(cx: Context, e: Expression & { kind: 'call' }, name: string): Checked | null {
  if (isIntrinsic(name)) return checkIntrinsic(cx, name, flatten(cx, e.args), e);
  if (isTracing(name))
    cx.report('unknown-name', e.callee, `'${name}' only tells something to people: delete it`);
  else {
    reportUnknown(cx, e.callee, name, 'function');
    // The lock of guard(mutex) is a word of its own.
    if (name === 'guard') return null;
    checkLoose(cx, e.args);
  }
  return null;
}

function isTracing(name: string): boolean {
  return /^([a-z]+_)?(printk|debug|info|warn|err|notice|emerg|crit|alert|dbg|cont|info_once|warn_once|err_once|err_ratelimited|debug_ratelimited)$|^trace_\w+$|^printk\w*$/.test(
    name,
  );
}

/** `(name)(x)` is a cast when the name is a type. */
function castInstead(cx: Context, e: Expression & { kind: 'call' }): Checked | null | undefined {
  const type = typeInExpression(cx, e.callee);
  if (type === null) return undefined;
  const [only] = e.args;
  if (only === undefined || e.args.length > 1 || only.kind === 'type' || only.kind === 'block') {
    cx.report('type-mismatch', e.callee, `'${typeName(type)}' is a type, not a function`);
    return null;
  }
  return checkCast(cx, type, only, e);
}

/** What a macro does not use of its arguments, or what is wrong with them, does not keep names in them from being known. */
export function recordArguments(cx: Context, args: readonly Argument[]): void {
  cx.alsoRecord(() => {
    // Inside a macro the arguments of its use were looked at with that.
    if (cx.frame === null || cx.frame.outer === null)
      checkLoose(
        cx,
        args.filter((argument) => cx.env.recorder?.knows(cx, argument) === false),
      );
  });
}

/** Arguments of something that is wrong itself: only what is wrong in them matters. */
function checkLoose(cx: Context, args: readonly Argument[]): void {
  for (const argument of args) {
    if (argument.kind === 'type' || argument.kind === 'block' || argument.kind === 'string') continue;
    const checked = checkExpression(cx, argument);
    if (checked !== null) asValue(cx, checked, argument);
  }
}
