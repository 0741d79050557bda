/** Places in memory: members, elements, what pointers point to; and their addresses. */

import type { Expression, Span } from '../syntax/ast.ts';
import { type Checked, type Context, plainName } from './context.ts';
import { constant, convert, longType, pointerTo, promote, unsignedLongType } from './conversions.ts';
import { checkExpression, checkValue, place, value, asValue } from './expressions.ts';
import type { Expr, Init, Loc, LValue, Stmt } from './hir.ts';
import { completeType, findField, reportNoMember } from './structs.ts';
import { writtenName } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import { sizeOf, type Field, type StructType, type Type } from './types.ts';

export function checkMember(cx: Context, e: Expression & { kind: 'member' }): Checked | null {
  const object = e.arrow ? pointee(cx, e) : objectOf(cx, e);
  if (object === null) return null;
  const name = writtenName(cx, e.name);
  if (name.text === '') return null;
  const struct = object.type;
  if (struct.kind !== 'struct') return null;
  cx.used(name, { kind: 'member', of: struct, name: name.text });
  const fields = findField(struct, name.text);
  if (fields === null) {
    reportNoMember(cx, struct, name.text, e.name);
    return null;
  }
  return place(fieldPlace(object, fields, cx.loc(e)));
}

/** The place of a field of an object, by way of the anonymous members that lead to it. */
export function fieldPlace(object: LValue, path: readonly Field[], loc: Loc): LValue {
  let current = object;
  for (const { offset, name, bits, ghost, range, type, anonymous } of path) {
    current = {
      kind: 'field',
      object: current,
      offset,
      name: anonymous ? '' : name,
      bits,
      ghost,
      range,
      type,
      loc,
    };
  }
  return current;
}

/** The object left of `.`. */
function objectOf(cx: Context, e: Expression & { kind: 'member' }): LValue | null {
  const object = checkExpression(cx, e.object);
  if (object === null) return null;
  const type = object.kind === 'value' ? object.value.type : object.place.type;
  if (type.kind !== 'struct') {
    const hint = type.kind === 'pointer' && type.to.kind === 'struct' ? "; use '->'" : '';
    cx.report(
      'type-mismatch',
      e.object,
      `expected a struct or union before '.', found '${typeName(type)}'${hint}`,
    );
    return null;
  }
  if (!completeType(cx, type, e.object)) return null;
  return object.kind === 'place' ? object.place : temporary(cx, object.value);
}

/** The object that the pointer left of `->` points to. */
function pointee(cx: Context, e: Expression & { kind: 'member' }): LValue | null {
  const pointer = checkValue(cx, e.object);
  if (pointer === null) return null;
  const type = pointer.type;
  if (type.kind !== 'pointer' || type.to.kind !== 'struct') {
    const hint = type.kind === 'struct' ? "; use '.'" : '';
    cx.report(
      'type-mismatch',
      e.object,
      `expected a pointer to a struct or union before '->', found '${typeName(type)}'${hint}`,
    );
    return null;
  }
  return completeType(cx, type.to, e.object) ? derefOf(pointer, cx.loc(e.object)) : null;
}

/** The place that a pointer points to; the address of a place leads back to it, so that its bounds stay known. */
export function derefOf(pointer: Expr, loc: Loc): LValue {
  const type: Type = pointer.type.kind === 'pointer' ? pointer.type.to : pointer.type;
  if (pointer.kind === 'address') {
    const target = pointer.place;
    if (target.type === type) return target;
    if (target.type.kind === 'array' && target.type.of === type)
      return elementOf(target, constant(0n, longType, loc), loc);
  }
  return { kind: 'deref', pointer, type, loc };
}

export function checkDeref(cx: Context, operand: Expression, span: Span): Checked | null {
  const pointer = checkValue(cx, operand);
  if (pointer === null) return null;
  if (pointer.type.kind !== 'pointer') {
    cx.report('type-mismatch', operand, `expected a pointer after '*', found '${typeName(pointer.type)}'`);
    return null;
  }
  if (pointer.type.to.kind === 'function') return value(pointer);
  if (!completeType(cx, pointer.type.to, operand)) return null;
  return place(derefOf(pointer, cx.loc(span)));
}

export function checkIndex(cx: Context, e: Expression & { kind: 'index' }): Checked | null {
  const array = checkExpression(cx, e.array);
  const index = checkValue(cx, e.index);
  if (array === null || index === null) return null;
  if (index.type.kind !== 'int') {
    cx.report('type-mismatch', e.index, `expected an integer index, found '${typeName(index.type)}'`);
    return null;
  }
  const loc = cx.loc(e);
  const wide = convert(
    promote(index),
    promote(index).type.kind === 'int' && isSigned(promote(index)) ? longType : unsignedLongType,
  );
  if (array.kind === 'place' && array.place.type.kind === 'array') {
    return place(elementOf(array.place, wide, loc));
  }
  const pointer = asValue(cx, array, e.array);
  if (pointer === null) return null;
  if (
    pointer.type.kind !== 'pointer' ||
    pointer.type.to.kind === 'function' ||
    pointer.type.to.kind === 'void'
  ) {
    cx.report(
      'type-mismatch',
      e.array,
      `expected an array or a pointer before '[', found '${typeName(pointer.type)}'`,
    );
    return null;
  }
  if (!completeType(cx, pointer.type.to, e.array)) return null;
  if (
    pointer.kind === 'address' &&
    pointer.place.type.kind === 'array' &&
    pointer.place.type.of === pointer.type.to
  ) {
    return place(elementOf(pointer.place, wide, loc));
  }
  const first: LValue = { kind: 'deref', pointer, type: pointer.type.to, loc: pointer.loc };
  return place({ kind: 'index', array: first, index: wide, length: null, type: pointer.type.to, loc });
}

function isSigned(expr: Expr): boolean {
  return expr.type.kind === 'int' && expr.type.signed;
}

function elementOf(array: LValue, index: Expr, loc: Loc): LValue {
  if (array.type.kind !== 'array') return array;
  return { kind: 'index', array, index, length: array.type.length, type: array.type.of, loc };
}

export function checkAddress(cx: Context, operand: Expression, span: Span): Checked | null {
  const checked = checkExpression(cx, operand);
  if (checked === null) return null;
  const loc = cx.loc(span);
  if (checked.kind === 'value') {
    if (checked.value.kind === 'function') return checked;
    cx.report('not-an-lvalue', operand, "'&' needs a place in memory, not a value");
    return null;
  }
  if (isBitField(checked.place)) {
    reportBitField(cx, checked.place, operand, "'&' cannot be applied to");
    return null;
  }
  return value(addressOf(checked.place, loc));
}

export function addressOf(target: LValue, loc: Loc): Expr {
  if (target.kind === 'deref') return target.pointer;
  return { kind: 'address', place: target, type: pointerTo(target.type), loc };
}

/** An expression as a place that can be written; `what` begins the message: "the target of '='". */
export function checkWritable(cx: Context, expression: Expression, what: string): LValue | null {
  const checked = checkExpression(cx, expression);
  cx.env.recorder?.write(cx, expression);
  if (checked === null) return null;
  if (checked.kind === 'value') {
    const fixed =
      checked.value.kind === 'constant' && expression.kind === 'name'
        ? `: '${expression.name.text}' is a constant`
        : '';
    cx.report('not-an-lvalue', expression, `${what} must be a place in memory${fixed}`);
    return null;
  }
  const name = checked.place.kind === 'local' ? plainName(cx, expression) : null;
  const local = name === null ? null : cx.scope.find(name.text, name.frame);
  if (local?.kind === 'local' && local.readOnly === true) {
    cx.report(
      'not-an-lvalue',
      expression,
      `'${local.variable.name}' tells the threads of a family apart and cannot be changed`,
    );
    return null;
  }
  const root = rootOf(checked.place);
  if (root.kind === 'global' && root.variable.constant) {
    cx.report('not-an-lvalue', expression, `'${root.variable.name}' is const`, [
      { message: 'declared here', loc: root.variable.loc },
    ]);
    return null;
  }
  if (root.kind === 'pool' && checked.place === root) {
    cx.report('not-an-lvalue', expression, `the pool '${root.pool.name}' cannot be assigned as a whole`);
    return null;
  }
  return checked.place;
}

export function rootOf(target: LValue): LValue {
  let current = target;
  while (current.kind === 'field' || current.kind === 'index')
    current = current.kind === 'field' ? current.object : current.array;
  return current;
}

export function isBitField(target: LValue): boolean {
  return target.kind === 'field' && target.bits !== null;
}

/** "… the bit-field 'invalid'; use the word that contains it, e.g. 'role.word'" */
export function reportBitField(cx: Context, target: LValue, span: Span, problem: string): void {
  const name = target.kind === 'field' ? target.name : '';
  const word = wordAround(target);
  const advice =
    word === null
      ? 'put it into a union with a word and use that'
      : `use the word that contains it, e.g. '${word}'`;
  cx.report('bit-field-address', span, `${problem} the bit-field '${name}'; ${advice}`);
}

/** An integer member of a union around the bit-field that covers all of its word. */
function wordAround(target: LValue): string | null {
  if (target.kind !== 'field') return null;
  let offset = target.offset;
  const size = sizeOf(target.type);
  for (let at: LValue = target; at.kind === 'field'; at = at.object) {
    const around: Type = at.object.type;
    if (around.kind === 'struct' && around.union) {
      const word = coveringWord(around, offset, size);
      if (word !== null) return pathTo(at.object) + word;
    }
    if (at.object.kind === 'field') offset += at.object.offset;
  }
  return null;
}

function coveringWord(union: StructType, offset: number, size: number): string | null {
  const word = union.fields.find(
    (field) =>
      field.bits === null &&
      field.type.kind === 'int' &&
      field.offset <= offset &&
      field.offset + sizeOf(field.type) >= Math.min(offset + size, union.size),
  );
  return word?.name ?? null;
}

/** `role.` for the union `page->role`; nothing when it has no name of its own. */
function pathTo(union: LValue): string {
  if (union.kind === 'field') return union.name === '' ? pathTo(union.object) : `${union.name}.`;
  if (union.kind === 'local' || union.kind === 'global') return `${union.variable.name}.`;
  return '';
}

/** The unnamed object that holds a struct value. */
export function temporary(cx: Context, initial: Expr): LValue {
  const init: Init = { entries: [{ offset: 0, type: initial.type, bits: null, value: initial }] };
  return temporaryOf(cx, initial.type, init, initial.loc);
}

export function temporaryOf(cx: Context, type: Type, init: Init | null, loc: Loc): LValue {
  const variable = cx.newLocal('<temporary>', type, loc);
  const before: Stmt = { kind: 'declare', variable, init, loc };
  return { kind: 'temporary', variable, before, type, loc };
}
