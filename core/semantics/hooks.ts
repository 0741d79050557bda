/** Hooks: code that runs with the steps of other code. */

import type { HookItem, Name, Span } from '../syntax/ast.ts';
import type { BodyResult } from './bodies.ts';
import { newBody, resultOf } from './bodies.ts';
import { Context } from './context.ts';
import { intType } from './conversions.ts';
import { eventParams, functionType } from './declarations.ts';
import type { ActiveItem, Environment } from './environment.ts';
import { checkCondition, checkExpression } from './expressions.ts';
import type { Hook, LocalVariable, Stmt } from './hir.ts';
import { derefOf } from './lvalues.ts';
import { didYouMean } from './nearest.ts';
import { checkBlock, checkGotos } from './statements.ts';
import { typeName } from './typeName.ts';
import type { Type } from './types.ts';

export function checkHook(env: Environment, active: ActiveItem<HookItem>): BodyResult<Hook | null> {
  const { item, home } = active;
  const shown = item.hook === 'release' ? 'at release' : `${item.hook} ${item.target?.text ?? ''}`;
  const body = newBody(`the hook '${shown}'`, shown.replace(' ', '_'), {
    entry: item.hook === 'after' ? [] : null,
  });
  const cx = new Context(env, home, [], body);
  const value =
    item.hook === 'release'
      ? releaseHook(cx, item)
      : item.hook === 'on'
        ? eventHook(cx, item)
        : functionHook(cx, item, item.hook);
  if (value === null) cx.alsoRecord(() => recordHook(cx, item));
  checkGotos(cx);
  return resultOf(cx, value);
}

/** Names in the body of a hook on something that is not known. */
function recordHook(cx: Context, item: HookItem): void {
  for (const name of [...item.params, ...(item.result === null ? [] : [item.result])])
    if (name.text !== '') cx.declare({ text: name.text, span: name, frame: null }, { kind: 'unknown' });
  hookBody(cx, item, null);
}

/** `before f(a, b) { … }`, `after f(a, b) returns (r) { … }`, `after f(a, b) returns name: condition;` */
function functionHook(cx: Context, item: HookItem, kind: 'before' | 'after'): Hook | null {
  const name = item.target?.text ?? '';
  const declaration = cx.name(name);
  if (item.target !== null)
    cx.usedHere(
      item.target,
      declaration === undefined ? { kind: 'absent', space: 'name' } : { kind: 'declared', declaration },
    );
  if (declaration?.kind !== 'function') {
    if (name !== '') {
      const functions = [...cx.everything().names.values()]
        .filter((each) => each.kind === 'function')
        .map((each) => each.name);
      cx.report(
        'unknown-name',
        item.target ?? item,
        `unknown function '${name}'${didYouMean(name, functions)}`,
      );
    }
    return null;
  }
  const type = functionType(cx.env, declaration);
  if (type === null) return null;
  const params = bindParams(cx, item.params, type.params, `'${name}'`, 'parameter', item);
  const result = bindResult(cx, item, kind, type.returns, name);
  const block = hookBody(
    cx,
    item,
    item.check === null ? null : `what '${name}' promises does not hold when it returns`,
  );
  if (block === null) return null;
  return {
    kind,
    target: name,
    params,
    result,
    entry: cx.body?.entry ?? [],
    body: block,
    loc: cx.loc(item.target ?? item),
  };
}

function bindResult(
  cx: Context,
  item: HookItem,
  kind: 'before' | 'after',
  returns: Type,
  target: string,
): LocalVariable | null {
  const name = item.result;
  if (name === null || name.text === '') return null;
  if (kind === 'before' || returns.kind === 'void') {
    cx.report(
      'misplaced',
      name,
      kind === 'before' ? 'there is no result before a function runs' : `'${target}' returns nothing`,
    );
    cx.scope.declare(name.text, null, { kind: 'unknown' });
    return null;
  }
  return declareLocal(cx, name, returns);
}

/** `on guest_write(vcpu, address) { … }` */
function eventHook(cx: Context, item: HookItem): Hook | null {
  const name = item.target?.text ?? '';
  const declaration = cx.event(name);
  if (declaration === undefined) {
    if (name !== '')
      cx.report(
        'unknown-name',
        item.target ?? item,
        `unknown event '${name}'${didYouMean(name, cx.everything().events.keys())}`,
      );
    return null;
  }
  if (item.target !== null) cx.usedHere(item.target, { kind: 'declared', declaration });
  const types = eventParams(cx.env, declaration);
  if (types.includes(null)) return null;
  const params = bindParams(
    cx,
    item.params,
    types.filter((type) => type !== null),
    `the event '${name}'`,
    'value',
    item,
  );
  const block = hookBody(cx, item, `the condition on '${name}' does not hold`);
  return block === null
    ? null
    : { kind: 'on', event: name, params, body: block, loc: cx.loc(item.target ?? item) };
}

/** `at release(l) { … }` */
function releaseHook(cx: Context, item: HookItem): Hook | null {
  if (item.lock === null) return null;
  const checked = checkExpression(cx, item.lock);
  const block = hookBody(cx, item, 'the condition at this release does not hold');
  if (checked === null || block === null) return null;
  const type = checked.kind === 'value' ? checked.value.type : checked.place.type;
  const place =
    checked.kind === 'place' && type.kind !== 'pointer'
      ? checked.place
      : checked.kind === 'value' && type.kind === 'pointer'
        ? derefOf(checked.value, cx.loc(item.lock))
        : null;
  if (place === null || place.type.kind !== 'struct' || place.type.lock === null) {
    cx.report(
      'type-mismatch',
      item.lock,
      `expected a lock, found '${typeName(type)}', which no lock_type declares`,
    );
    return null;
  }
  return { kind: 'release', lock: place, body: block, loc: cx.loc(item.lock) };
}

/** The block of a hook, or its condition as a check. */
function hookBody(cx: Context, item: HookItem, message: string | null): Stmt | null {
  if (item.body !== null) return checkBlock(cx, item.body);
  if (item.check === null) return null;
  const { name, condition: expression } = item.check;
  const condition = checkCondition(cx, expression);
  if (condition === null) return null;
  const loc = cx.loc(name ?? expression);
  const check = {
    op: 'check' as const,
    condition,
    code: 'promise-broken' as const,
    name: name?.text ?? null,
    fatal: false,
    message: message ?? 'a promise is broken',
  };
  return { kind: 'expression', value: { kind: 'intrinsic', call: check, type: intType, loc }, loc };
}

/** Names bound to the values that the function or event has; there may be fewer. */
function bindParams(
  cx: Context,
  names: readonly Name[],
  types: readonly Type[],
  what: string,
  part: string,
  span: Span,
): readonly LocalVariable[] {
  if (names.length > types.length) {
    cx.report(
      'wrong-arguments',
      names[types.length] ?? span,
      `${what} has ${types.length} ${part}${types.length === 1 ? '' : 's'}, not ${names.length}`,
    );
  }
  return names.flatMap((name, index) => {
    const type = types[index];
    if (type !== undefined) return [declareLocal(cx, name, type)];
    cx.scope.declare(name.text, null, { kind: 'unknown' });
    return [];
  });
}

function declareLocal(cx: Context, name: Name, type: Type): LocalVariable {
  const variable = cx.newLocal(name.text, type, cx.loc(name), { ghost: true });
  // `_` and the empty name stand for a value that the hook does not need.
  const isNeeded = name.text !== '' && name.text !== '_';
  if (isNeeded && !cx.declare({ text: name.text, span: name, frame: null }, { kind: 'local', variable }))
    cx.report('duplicate-name', name, `'${name.text}' stands here twice`);
  return variable;
}
