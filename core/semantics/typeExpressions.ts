/** From types as written to types. */

import type { Expression, Name, Param, Span, TagType, TypeExpr } from '../syntax/ast.ts';
import { baseTypes, pointerTo } from './conversions.ts';
import type { Context } from './context.ts';
import { plainName } from './context.ts';
import { resolveTypedef } from './declarations.ts';
import { enumOf } from './enums.ts';
import { typeOfExpression } from './expressions.ts';
import { checkInteger } from './integers.ts';
import { openMacro } from './macros.ts';
import { didYouMean } from './nearest.ts';
import type { WrittenName } from './recorder.ts';
import { completeType, structOf } from './structs.ts';
import { typeName } from './typeName.ts';
import { sizeOf, type Type } from './types.ts';

/** Objects larger than this are refused: no scenario can be explored with them. */
const sizeLimit = 1 << 26;

/** The type, complete where it is used by value; null when something is wrong, which is then reported. */
export function resolveType(cx: Context, type: TypeExpr): Type | null {
  const resolved = dispatch(cx, type);
  if (resolved === null || depthOf(resolved) <= depthLimit) return resolved;
  cx.report('nesting-too-deep', type, `the type is built in more than ${depthLimit} steps`);
  return null;
}

/** Typedefs of typedefs can build types that are deeper than the stack. */
const depthLimit = 64;
const depths = new WeakMap<Type, number>();

/** Steps from a type down to integers and structs. */
function depthOf(type: Type): number {
  if (type.kind !== 'pointer' && type.kind !== 'array' && type.kind !== 'function') return 0;
  let depth = depths.get(type);
  if (depth === undefined) {
    const parts =
      type.kind === 'pointer'
        ? [type.to]
        : type.kind === 'array'
          ? [type.of]
          : [type.returns, ...type.params];
    depth = 1 + Math.max(...parts.map(depthOf));
    depths.set(type, depth);
  }
  return depth;
}

function dispatch(cx: Context, type: TypeExpr): Type | null {
  switch (type.kind) {
    case 'named':
      return namedType(cx, type.name, type);
    case 'tag':
      return type.tag === 'enum' ? enumOf(cx, type) : structOf(cx, type);
    case 'pointer': {
      const to = resolveType(cx, type.to);
      return to === null ? null : pointerTo(to);
    }
    case 'array':
      return arrayType(cx, type.of, type.length, type);
    case 'function': {
      const returns = resolveType(cx, type.returns);
      const params = type.params.map((param) => paramType(cx, param));
      if (returns === null || params.includes(null)) return null;
      return { kind: 'function', params: params.filter((param) => param !== null), returns };
    }
    case 'typeof':
      return typeOfExpression(cx, type.value);
  }
}

/** A type of which there is an object: not void, not a function, not an undefined struct. */
export function resolveObjectType(cx: Context, type: TypeExpr, what: string): Type | null {
  const resolved = resolveType(cx, type);
  return resolved === null || isObject(cx, resolved, type, what) ? resolved : null;
}

/** Arrays and functions become pointers, as in a parameter list. */
export function paramType(cx: Context, param: Param): Type | null {
  if (param.type.kind === 'array') {
    const of = resolveObjectType(cx, param.type.of, 'an array element');
    return of === null ? null : pointerTo(of);
  }
  const type = resolveType(cx, param.type);
  if (type?.kind === 'function') return pointerTo(type);
  if (type === null || !isObject(cx, type, param, 'a parameter')) return null;
  return type;
}

export function isObject(cx: Context, type: Type, span: Span, what: string): boolean {
  if (type.kind === 'void' || type.kind === 'function') {
    cx.report('bad-declaration', span, `${what} cannot have the type '${typeName(type)}'`);
    return false;
  }
  return completeType(cx, type, span);
}

export function arrayType(
  cx: Context,
  element: TypeExpr,
  length: Expression | null,
  span: Span,
): Type | null {
  const of = resolveObjectType(cx, element, 'an array element');
  if (length === null) {
    if (of !== null) cx.report('bad-declaration', span, 'the array needs a length');
    return null;
  }
  const count = checkInteger(cx, length, 'the length of an array');
  if (of === null || count === null) return null;
  return arrayOf(cx, of, count, length);
}

export function arrayOf(cx: Context, of: Type, count: bigint, span: Span): Type | null {
  if (count < 0n) {
    cx.report('bad-declaration', span, `an array cannot have the length ${count}`);
    return null;
  }
  if (count * BigInt(sizeOf(of)) > BigInt(sizeLimit)) {
    cx.report(
      'program-too-large',
      span,
      `the array has ${count * BigInt(sizeOf(of))} bytes; at most ${sizeLimit} can be checked`,
    );
    return null;
  }
  return { kind: 'array', of, length: Number(count) };
}

function namedType(cx: Context, name: string, span: Span): Type | null {
  const bound = cx.frame?.args.get(name);
  if (bound !== undefined) {
    const argument = bound.argument;
    return cx.inFrame(bound.frame, () => {
      if (argument.kind === 'type') return resolveType(cx, argument.type);
      if (argument.kind === 'name') return namedType(cx, argument.name.text, argument);
      cx.report('type-mismatch', argument, `the macro needs a type here`);
      return null;
    });
  }
  const found = typeNamed(cx, name, span);
  if (found !== undefined) return found;
  if (name === '') return null;
  const declaration = cx.name(name);
  cx.used({ text: name, span, frame: cx.frame }, { kind: 'absent', space: 'name' });
  if (declaration !== undefined) {
    cx.report('type-mismatch', span, `'${name}' is not a type`);
    return null;
  }
  if (cx.struct(name) !== undefined) {
    cx.report('unknown-name', span, `unknown type '${name}'; did you mean 'struct ${name}'?`);
    return null;
  }
  cx.report('unknown-name', span, `unknown type '${name}'${didYouMean(name, typeNames(cx))}`);
  return null;
}

/** The type of this name at file scope; undefined when the name is no type. */
export function typeNamed(cx: Context, name: string, span: Span): Type | null | undefined {
  const declaration = cx.name(name);
  if (declaration?.kind === 'typedef') {
    cx.used({ text: name, span, frame: cx.frame }, { kind: 'declared', declaration });
    return resolveTypedef(cx.env, declaration);
  }
  if (
    declaration?.kind === 'macro' &&
    declaration.item.params === null &&
    declaration.item.body.kind === 'type'
  ) {
    cx.used({ text: name, span, frame: cx.frame }, { kind: 'declared', declaration });
    const body = declaration.item.body.value;
    const frame = openMacro(cx, declaration, null, span);
    return frame === null ? null : cx.inFrame(frame, () => resolveType(cx, body));
  }
  return declaration === undefined ? baseTypes.get(name) : undefined;
}

/** Whether an expression is only a name that means a type here, perhaps as the argument of a macro: then that type. */
export function typeInExpression(cx: Context, expression: Expression): Type | null {
  if (expression.kind !== 'name') return null;
  const bound = cx.frame?.args.get(expression.name.text);
  if (bound !== undefined) {
    const { argument } = bound;
    if (argument.kind === 'block') return null;
    return cx.inFrame(bound.frame, () =>
      argument.kind === 'type' ? resolveType(cx, argument.type) : typeInExpression(cx, argument),
    );
  }
  if (cx.scope.find(expression.name.text, cx.frame) !== null) return null;
  return typeNamed(cx, expression.name.text, expression) ?? null;
}

/** A name as written, or what the macro argument of that name says. */
export function writtenName(cx: Context, name: Name): WrittenName {
  const found = plainName(cx, { kind: 'name', name, start: name.start, end: name.end });
  if (found !== null) return found;
  cx.report('wrong-arguments', name, `the argument for '${name.text}' must be a name`);
  return { text: '', frame: cx.frame, span: name };
}

export function tagName(cx: Context, tag: TagType): WrittenName | null {
  return tag.name === null ? null : writtenName(cx, tag.name);
}

function* typeNames(cx: Context): Iterable<string> {
  yield* baseTypes.keys();
  for (const [name, declaration] of cx.everything().names) if (declaration.kind === 'typedef') yield name;
}
