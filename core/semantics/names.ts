/** Names in expressions. */

import type { Expression, Span } from '../syntax/ast.ts';
import type { Checked, Context } from './context.ts';
import { constant, pointerTo } from './conversions.ts';
import { functionType, poolOf, settingValue, variableOf, vcpuStateOf } from './declarations.ts';
import { enumeratorValue } from './enums.ts';
import type { Declaration } from './environment.ts';
import { checkExpression, place, value } from './expressions.ts';
import { isIntrinsic, intrinsicNames } from './intrinsics.ts';
import { openMacro } from './macros.ts';
import { nearest } from './nearest.ts';
import { pastingEdit } from './pasting.ts';

export function checkName(cx: Context, e: Expression & { kind: 'name' }): Checked | null {
  const name = e.name.text;
  if (name === '') return null;
  const bound = cx.frame?.args.get(name);
  if (bound !== undefined) {
    const { argument, frame } = bound;
    if (argument.kind === 'type' || argument.kind === 'block') {
      cx.report('wrong-arguments', e, `the argument for '${name}' must be an expression`);
      return null;
    }
    return cx.inFrame(frame, () => checkExpression(cx, argument));
  }
  const local = cx.scope.find(name, cx.frame);
  if (local !== null) {
    cx.usedHere(e.name, { kind: 'local', entry: local });
    const loc = cx.loc(e);
    switch (local.kind) {
      case 'local':
        return place({ kind: 'local', variable: local.variable, type: local.variable.type, loc });
      case 'static':
        return place({ kind: 'global', variable: local.variable, type: local.variable.type, loc });
      case 'constant':
        return value({ ...local.value, loc });
      case 'member':
        return place({ ...local.place, loc });
      case 'unknown':
        return null;
    }
  }
  const declaration = cx.name(name);
  if (declaration === undefined) {
    cx.usedHere(e.name, { kind: 'absent', space: 'name' });
    reportUnknown(cx, e, name);
    return null;
  }
  cx.usedHere(e.name, { kind: 'declared', declaration });
  return checkDeclared(cx, declaration, e);
}

/** "unknown name", with the nearest one that is known here. */
export function reportUnknown(cx: Context, span: Span, name: string, what = 'name'): void {
  if (isIntrinsic(name)) {
    cx.report('misplaced', span, `'${name}' can only be called`);
    return;
  }
  if (cx.struct(name) !== undefined) {
    cx.report(
      'unknown-name',
      span,
      `unknown name '${name}'; there is a type '${cx.struct(name)?.type.union ? 'union' : 'struct'} ${name}'`,
    );
    return;
  }
  const edit = pastingEdit(name);
  if (edit !== null) {
    cx.report('unknown-name', span, `unknown ${what} '${name}': ${edit}`);
    return;
  }
  const near = nearest(name, visibleNames(cx));
  cx.report(
    'unknown-name',
    span,
    `unknown ${what} '${name}'${near === null ? '' : `; did you mean '${near}'?`}`,
  );
}

function checkDeclared(
  cx: Context,
  declaration: Declaration,
  e: Expression & { kind: 'name' },
): Checked | null {
  const loc = cx.loc(e);
  switch (declaration.kind) {
    case 'option':
      return value(
        constant(BigInt(Math.max(0, declaration.values.indexOf(declaration.chosen))), declaration.type, loc),
      );
    case 'setting': {
      const known = settingValue(cx.env, declaration);
      return known === null ? null : value(constant(known, declaration.type, loc));
    }
    case 'enumerator': {
      const known = enumeratorValue(cx, declaration.of, declaration.name, loc);
      if (known === null && declaration.of.state === 'busy') {
        cx.report('not-constant', e, `the enumerator '${declaration.name}' has no value yet here`);
      }
      return known === null ? null : value(known);
    }
    case 'predefined':
      return value(constant(declaration.value, declaration.type, loc));
    case 'macro': {
      const frame = openMacro(cx, declaration, null, e);
      if (frame === null) return null;
      const body = declaration.item.body;
      if (body.kind === 'expression') return cx.inFrame(frame, () => checkExpression(cx, body.value));
      cx.report(
        'misplaced',
        e,
        body.kind === 'empty'
          ? `the macro '${declaration.name}' stands for nothing`
          : `the macro '${declaration.name}' is not an expression`,
      );
      return null;
    }
    case 'typedef':
      cx.report('misplaced', e, `'${declaration.name}' is a type; an expression is needed here`);
      return null;
    case 'variable': {
      const variable = variableOf(cx.env, declaration);
      return variable === null ? null : place({ kind: 'global', variable, type: variable.type, loc });
    }
    case 'vcpu-state': {
      const variable = vcpuStateOf(cx.env, declaration);
      return variable === null ? null : place({ kind: 'global', variable, type: variable.type, loc });
    }
    case 'pool': {
      const pool = poolOf(cx.env, declaration);
      return pool === null
        ? null
        : place({ kind: 'pool', pool, type: { kind: 'array', of: pool.type, length: pool.length }, loc });
    }
    case 'function': {
      const type = functionType(cx.env, declaration);
      return type === null
        ? null
        : value({ kind: 'function', name: declaration.name, type: pointerTo(type), loc });
    }
  }
}

export function* visibleNames(cx: Context): Iterable<string> {
  yield* cx.scope.names(cx.frame);
  if (cx.frame !== null) yield* cx.frame.args.keys();
  yield* cx.everything().names.keys();
  yield* intrinsicNames();
}
