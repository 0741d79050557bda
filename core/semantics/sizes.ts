/** sizeof, offsetof, container_of, ARRAY_SIZE. */

import type { Argument, Expression, Span, TypeExpr } from '../syntax/ast.ts';
import type { Checked, Context } from './context.ts';
import { constant, convert, longType, pointerTo, sameType, unsignedLongType } from './conversions.ts';
import { checkExpression, checkValue, typeOfChecked, typeOfExpression, value } from './expressions.ts';
import type { Expr, LValue } from './hir.ts';
import { checkInteger } from './integers.ts';
import { isBitField, reportBitField } from './lvalues.ts';
import { fold } from './operators.ts';
import type { WrittenName } from './recorder.ts';
import type { BoundArgument } from './scope.ts';
import { completeType, findField, reportNoMember } from './structs.ts';
import { resolveType, typeInExpression, writtenName } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import { sizeOf, type Type } from './types.ts';

export function sizeofExpression(cx: Context, of: Expression | TypeExpr, span: Span): Checked | null {
  const type = isTypeExpr(of) ? resolveType(cx, of) : (typeInExpression(cx, of) ?? sizedType(cx, of));
  if (type === null || !completeType(cx, type, span)) return null;
  return value(constant(BigInt(sizeOf(type)), unsignedLongType, cx.loc(span)));
}

function sizedType(cx: Context, of: Expression): Type | null {
  const checked = checkExpression(cx, of);
  if (checked === null) return null;
  if (checked.kind === 'place' && isBitField(checked.place)) {
    reportBitField(cx, checked.place, of, 'there is no sizeof of');
    return null;
  }
  return typeOfChecked(checked);
}

const typeKinds: ReadonlySet<string> = new Set(['named', 'tag', 'pointer', 'array', 'function', 'typeof']);

function isTypeExpr(of: Expression | TypeExpr): of is TypeExpr {
  return typeKinds.has(of.kind);
}

/** An argument that is a type: `struct foo`, or a name that means one. */
export function typeArgument(cx: Context, { argument, frame }: BoundArgument): Type | null {
  return cx.inFrame(frame, () => {
    if (argument.kind === 'type') return resolveType(cx, argument.type);
    if (argument.kind === 'name') {
      const bound = cx.frame?.args.get(argument.name.text);
      if (bound !== undefined) return typeArgument(cx, bound);
    }
    if (
      argument.kind === 'call' &&
      argument.callee.kind === 'name' &&
      argument.callee.name.text === 'typeof'
    ) {
      const inner = argument.args[0];
      return inner === undefined || inner.kind === 'type' || inner.kind === 'block'
        ? null
        : typeOfExpression(cx, inner);
    }
    const type = argument.kind === 'block' ? null : typeInExpression(cx, argument);
    if (type === null) cx.report('type-mismatch', argument, 'expected a type');
    return type;
  });
}

/** `offsetof(type, member)` */
export function offsetOf(cx: Context, args: readonly BoundArgument[], span: Span): Checked | null {
  const [typeArg, memberArg] = args;
  if (typeArg === undefined || memberArg === undefined) return null;
  const type = typeArgument(cx, typeArg);
  const member = type === null ? null : memberOf(cx, type, memberArg);
  return member === null ? null : value(constant(BigInt(member.offset), unsignedLongType, cx.loc(span)));
}

/** `container_of(pointer, type, member)`: the object that the member at `pointer` belongs to. */
export function containerOf(cx: Context, args: readonly BoundArgument[], span: Span): Checked | null {
  const [pointerArg, typeArg, memberArg] = args;
  if (pointerArg === undefined || typeArg === undefined || memberArg === undefined) return null;
  const { argument } = pointerArg;
  if (argument.kind === 'type' || argument.kind === 'block') {
    cx.report('wrong-arguments', span, 'the first argument of container_of is a pointer');
    return null;
  }
  const pointer = cx.inFrame(pointerArg.frame, () => checkValue(cx, argument));
  const type = typeArgument(cx, typeArg);
  const member = type === null ? null : memberOf(cx, type, memberArg);
  if (pointer === null || member === null || type === null) return null;
  if (pointer.type.kind !== 'pointer') {
    cx.report('type-mismatch', span, `container_of: expected a pointer, found '${typeName(pointer.type)}'`);
    return null;
  }
  if (pointer.type.to.kind !== 'void' && !sameType(pointer.type.to, member.type, true)) {
    cx.report(
      'type-mismatch',
      span,
      `container_of: the member has the type '${typeName(member.type)}', but the pointer is a '${typeName(pointer.type)}'`,
    );
    return null;
  }
  const loc = cx.loc(span);
  const offset = constant(BigInt(member.offset), unsignedLongType, loc);
  const address: Expr =
    member.offset === 0
      ? pointer
      : fold('sub', convert(pointer, unsignedLongType), offset, unsignedLongType, loc);
  return value(convert(address, pointerTo(type), loc));
}

/** `ARRAY_SIZE(array)` */
export function arraySize(cx: Context, arg: BoundArgument | undefined, span: Span): Checked | null {
  if (arg === undefined) return null;
  const { argument } = arg;
  const type =
    argument.kind === 'type' || argument.kind === 'block'
      ? null
      : cx.inFrame(arg.frame, () => typeOfExpression(cx, argument));
  if (type === null) return null;
  if (type.kind === 'array') return value(constant(BigInt(type.length), unsignedLongType, cx.loc(span)));
  cx.report('type-mismatch', span, `ARRAY_SIZE: expected an array, found '${typeName(type)}'`);
  return null;
}

/** Where `a.b[2]` lies in a type. */
function memberOf(
  cx: Context,
  type: Type,
  { argument, frame }: BoundArgument,
): { readonly offset: number; readonly type: Type } | null {
  return cx.inFrame(frame, () => memberIn(cx, type, argument));
}

function memberIn(
  cx: Context,
  type: Type,
  path: Argument,
): { readonly offset: number; readonly type: Type } | null {
  if (path.kind === 'name') {
    const bound = cx.frame?.args.get(path.name.text);
    if (bound !== undefined) return memberOf(cx, type, bound);
    return fieldIn(cx, type, { text: path.name.text, frame: cx.frame, span: path.name }, path);
  }
  if (path.kind === 'member' && !path.arrow) {
    const outer = memberIn(cx, type, path.object);
    const name = outer === null ? null : writtenName(cx, path.name);
    const inner = outer === null || name === null ? null : fieldIn(cx, outer.type, name, path.name);
    return outer === null || inner === null
      ? null
      : { offset: outer.offset + inner.offset, type: inner.type };
  }
  if (path.kind === 'index') {
    const outer = memberIn(cx, type, path.array);
    const index = checkInteger(cx, path.index, 'the index of a member');
    if (outer === null || index === null) return null;
    if (outer.type.kind === 'array')
      return { offset: outer.offset + Number(index) * sizeOf(outer.type.of), type: outer.type.of };
    cx.report('type-mismatch', path, `expected an array, found '${typeName(outer.type)}'`);
    return null;
  }
  cx.report('wrong-arguments', path, 'expected the name of a member');
  return null;
}

function fieldIn(
  cx: Context,
  type: Type,
  written: WrittenName,
  span: Span,
): { readonly offset: number; readonly type: Type } | null {
  const name = written.text;
  if (name === '') return null;
  if (type.kind !== 'struct') {
    cx.report('type-mismatch', span, `'${typeName(type)}' has no members`);
    return null;
  }
  if (!completeType(cx, type, span)) return null;
  cx.used(written, { kind: 'member', of: type, name });
  const fields = findField(type, name);
  const last = fields?.at(-1);
  if (fields === null || last === undefined) {
    reportNoMember(cx, type, name, span);
    return null;
  }
  if (last.bits !== null) {
    const nowhere: LValue = {
      kind: 'field',
      object: { kind: 'deref', pointer: constant(0n, longType, cx.loc(span)), type, loc: cx.loc(span) },
      offset: last.offset,
      name,
      bits: last.bits,
      ghost: last.ghost,
      range: last.range,
      type: last.type,
      loc: cx.loc(span),
    };
    reportBitField(cx, nowhere, span, 'there is no address of');
    return null;
  }
  return { offset: fields.reduce((sum, field) => sum + field.offset, 0), type: last.type };
}
