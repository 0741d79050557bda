/** Initialisers, flattened: C11 6.7.9 with designators and elided braces. What is not named is zero. */

import type { Expression, Initializer, InitializerList, Span } from '../syntax/ast.ts';
import { convertTo } from './assignments.ts';
import { recordArguments } from './calls.ts';
import type { Context } from './context.ts';
import { checkValue } from './expressions.ts';
import type { MacroDeclaration } from './environment.ts';
import type { Expr, Init, LValue } from './hir.ts';
import { checkInteger } from './integers.ts';
import { holeOf, openMacro } from './macros.ts';
import { findField, reportNoMember } from './structs.ts';
import { resolveType, writtenName } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import { sizeOf, type Field, type Type } from './types.ts';

type Entry = Init['entries'][number];

/** A part of the object: where its initial value goes. */
interface Slot {
  readonly offset: number;
  readonly type: Type;
  readonly bits: Field['bits'];
}

/** The entries of one list between braces; parts without braces of their own take as many as they need. */
interface Reader {
  readonly list: InitializerList;
  next: number;
  readonly checked: Map<Expression, Expr | null>;
}

interface Filling {
  readonly cx: Context;
  readonly entries: Map<string, Entry>;
  readonly what: string;
  failed: boolean;
}

/** The initial values of an object of `type`; null when something does not fit. `what` is what is initialised. */
export function checkInitialiser(cx: Context, type: Type, init: Initializer, what: string): Init | null {
  const filling: Filling = { cx, entries: new Map(), what, failed: false };
  fillSlot(filling, { offset: 0, type, bits: null }, init);
  return filling.failed ? null : { entries: [...filling.entries.values()] };
}

/** Names in the initialiser of something of which the type is not known. */
export function recordInitialiser(cx: Context, init: Initializer | null): void {
  if (init === null) return;
  if (init.kind !== 'list') checkValue(cx, init);
  else for (const { value } of init.entries) recordInitialiser(cx, value);
}

/** The length that a list gives to an array of `of`. */
export function lengthOfList(cx: Context, list: InitializerList, of: Type | null): number {
  let next = 0;
  let most = 0;
  for (let at = 0; at < list.entries.length; at++) {
    const entry = list.entries[at];
    const first = entry?.designators[0];
    if (first !== undefined && 'index' in first) {
      const index = checkInteger(cx, first.index, 'the index of an initialiser');
      next = index === null || index < 0n || index > 1n << 26n ? next : Number(index);
    } else if (entry !== undefined && entry.value.kind !== 'list' && of?.kind === 'array')
      at += scalarsIn(of) - 1;
    next++;
    most = Math.max(most, next);
  }
  return most;
}

/** Whether the machine can know the value before anything runs: numbers and addresses of static objects. */
export function isConstantInit(value: Expr): boolean {
  switch (value.kind) {
    case 'constant':
    case 'function':
      return true;
    case 'address':
      return isStaticPlace(value.place);
    case 'convert':
      return isConstantInit(value.value);
    case 'binary':
      return isConstantInit(value.left) && isConstantInit(value.right);
    default:
      return false;
  }
}

function isStaticPlace(place: LValue): boolean {
  switch (place.kind) {
    case 'global':
    case 'pool':
      return true;
    case 'field':
      return isStaticPlace(place.object);
    case 'index':
      return isStaticPlace(place.array) && place.index.kind === 'constant';
    case 'deref':
      return isConstantInit(place.pointer);
    default:
      return false;
  }
}

// ---------------------------------------------------------------- filling

function fillSlot(filling: Filling, slot: Slot, init: Initializer): void {
  if (init.kind === 'list') fillFromList(filling, slot, init);
  else if (slot.type.kind === 'array') {
    const found = checkValue(filling.cx, init);
    if (found !== null) report(filling, init, `expected a list in braces for '${typeName(slot.type)}'`);
    else filling.failed = true;
  } else if (
    slot.type.kind === 'struct' &&
    init.kind === 'compound-literal' &&
    resolveType(filling.cx, init.type) === slot.type
  ) {
    fillFromList(filling, slot, init.init);
  } else if (
    slot.type.kind === 'struct' &&
    init.kind !== 'compound-literal' &&
    literalMacro(filling.cx, init) !== null
  ) {
    fillFromMacro(filling, slot, init);
  } else emit(filling, slot, init, checkValue(filling.cx, init));
}

/** `ATOMIC_INIT(1)`: a macro that stands for a compound literal gives the parts themselves, as constant as they are. */
function fillFromMacro(filling: Filling, slot: Slot, use: Expression): void {
  const { cx } = filling;
  const macro = literalMacro(cx, use);
  const frame = macro === null ? null : openMacro(cx, macro, use.kind === 'call' ? use.args : null, use);
  const body = macro?.item.body;
  const callee = use.kind === 'call' ? use.callee : use;
  if (macro !== null && callee.kind === 'name')
    cx.usedHere(callee.name, { kind: 'declared', declaration: macro });
  if (frame === null || body?.kind !== 'expression') filling.failed = true;
  else cx.inFrame(frame, () => fillSlot(filling, slot, body.value));
  if (use.kind === 'call') recordArguments(cx, use.args);
}

/** The macro that the expression uses, if it stands for a compound literal. */
function literalMacro(cx: Context, use: Expression): MacroDeclaration | null {
  const callee = use.kind === 'call' ? use.callee : use;
  if (callee.kind !== 'name' || holeOf(cx, callee) !== undefined) return null;
  if (cx.scope.find(callee.name.text, cx.frame) !== null) return null;
  const declaration = cx.name(callee.name.text);
  const body = declaration?.kind === 'macro' ? declaration.item.body : null;
  const stands = body?.kind === 'expression' && body.value.kind === 'compound-literal';
  return declaration?.kind === 'macro' && stands ? declaration : null;
}

function fillFromList(filling: Filling, slot: Slot, list: InitializerList): void {
  if (slot.type.kind === 'array' || slot.type.kind === 'struct') {
    const reader: Reader = { list, next: 0, checked: new Map() };
    fillParts(filling, slot, reader, true);
    return;
  }
  const [first, second] = list.entries;
  if (second !== undefined)
    report(filling, second.value, `too many values: '${typeName(slot.type)}' has only one`);
  else if (first !== undefined && first.designators.length > 0)
    report(filling, first.value, `'${typeName(slot.type)}' has no members`);
  else if (first !== undefined) fillSlot(filling, slot, first.value);
}

/** Fills the parts of an array or struct from the list, from its own braces or from those of an object around it. */
function fillParts(filling: Filling, whole: Slot, reader: Reader, braced: boolean): void {
  const count = partCount(whole.type);
  let index = 0;
  while (reader.next < reader.list.entries.length) {
    const entry = reader.list.entries[reader.next];
    if (entry === undefined) return;
    if (entry.designators.length > 0) {
      if (!braced) return;
      reader.next++;
      const found = designated(filling, whole, entry);
      if (found === null) continue;
      fillSlot(filling, found.slot, entry.value);
      index = found.index + 1;
      continue;
    }
    if (index >= count) {
      if (braced)
        report(
          filling,
          entry.value,
          `too many values: '${typeName(whole.type)}' has ${count === 1 ? 'one part' : `${count} parts`}`,
        );
      return;
    }
    const part = partAt(whole, index++);
    if (part === null) return;
    fillNext(filling, part, reader, entry.value);
  }
}

function fillNext(filling: Filling, part: Slot, reader: Reader, init: Initializer): void {
  const isWhole = part.type.kind !== 'array' && part.type.kind !== 'struct';
  if (
    init.kind === 'list' ||
    isWhole ||
    init.kind === 'compound-literal' ||
    literalMacro(filling.cx, init) !== null
  ) {
    reader.next++;
    fillSlot(filling, part, init);
    return;
  }
  let found = reader.checked.get(init);
  if (found === undefined) {
    found = checkValue(filling.cx, init);
    reader.checked.set(init, found);
  }
  if (found === null || found.type === part.type) {
    reader.next++;
    emit(filling, part, init, found);
  } else if (partCount(part.type) === 0) {
    reader.next++;
    report(filling, init, `'${typeName(part.type)}' has no parts to initialise`);
  } else fillParts(filling, part, reader, false);
}

function emit(filling: Filling, slot: Slot, at: Span, found: Expr | null): void {
  const value =
    found === null
      ? null
      : convertTo(filling.cx, found, slot.type, at, `the initial value of ${quoted(filling.what)}`);
  if (value === null) {
    filling.failed = true;
    return;
  }
  const key = `${slot.offset}:${slot.bits?.shift ?? ''}`;
  // The last value given to a part counts.
  filling.entries.delete(key);
  filling.entries.set(key, { offset: slot.offset, type: slot.type, bits: slot.bits, value });
}

function quoted(what: string): string {
  return /^\w+$/.test(what) ? `'${what}'` : what;
}

function report(filling: Filling, span: Span, message: string): void {
  filling.failed = true;
  filling.cx.report('type-mismatch', span, message);
}

// ---------------------------------------------------------------- parts of a type

/** Fields that take values without a designator. */
function positional(type: Type & { kind: 'struct' }): readonly Field[] {
  return type.fields.filter((field) => !field.ghost);
}

function partCount(type: Type): number {
  if (type.kind === 'array') return type.length;
  if (type.kind !== 'struct') return 1;
  const count = positional(type).length;
  return type.union ? Math.min(1, count) : count;
}

function partAt(whole: Slot, index: number): Slot | null {
  const { type, offset } = whole;
  if (type.kind === 'array') return { offset: offset + index * sizeOf(type.of), type: type.of, bits: null };
  if (type.kind !== 'struct') return null;
  const field = positional(type)[index];
  return field === undefined ? null : { offset: offset + field.offset, type: field.type, bits: field.bits };
}

/** The part that `.a[2].b` means, and the index of the part of `whole` that it lies in. */
function designated(
  filling: Filling,
  whole: Slot,
  entry: InitializerList['entries'][number],
): { readonly slot: Slot; readonly index: number } | null {
  let slot = whole;
  let outermost: number | null = null;
  for (const designator of entry.designators) {
    const found =
      'field' in designator ? fieldPart(filling, slot, designator) : elementPart(filling, slot, designator);
    if (found === null) return null;
    outermost ??= found.index;
    slot = found.slot;
  }
  return { slot, index: outermost ?? 0 };
}

function fieldPart(
  filling: Filling,
  slot: Slot,
  designator: { readonly field: Parameters<typeof writtenName>[1] },
): { slot: Slot; index: number } | null {
  const { type } = slot;
  const written = writtenName(filling.cx, designator.field);
  const name = written.text;
  if (type.kind !== 'struct') {
    report(filling, designator.field, `'${typeName(type)}' has no members`);
    return null;
  }
  filling.cx.used(written, { kind: 'member', of: type, name });
  const path = name === '' ? null : findField(type, name);
  const [first] = path ?? [];
  const last = path?.at(-1);
  if (path === null || first === undefined || last === undefined) {
    filling.failed = true;
    if (name !== '') reportNoMember(filling.cx, type, name, designator.field);
    return null;
  }
  const offset = path.reduce((sum, field) => sum + field.offset, slot.offset);
  return { slot: { offset, type: last.type, bits: last.bits }, index: positional(type).indexOf(first) };
}

function elementPart(
  filling: Filling,
  slot: Slot,
  designator: { readonly index: Expression },
): { slot: Slot; index: number } | null {
  const index = checkInteger(filling.cx, designator.index, 'the index of an initialiser');
  if (slot.type.kind !== 'array') {
    report(filling, designator.index, `'${typeName(slot.type)}' has no elements`);
    return null;
  }
  if (index === null || index < 0n || index >= BigInt(slot.type.length)) {
    if (index !== null)
      report(filling, designator.index, `the index ${index} is outside '${typeName(slot.type)}'`);
    filling.failed = true;
    return null;
  }
  return {
    slot: { offset: slot.offset + Number(index) * sizeOf(slot.type.of), type: slot.type.of, bits: null },
    index: Number(index),
  };
}

function scalarsIn(type: Type): number {
  return type.kind === 'array' ? Math.max(1, type.length) * scalarsIn(type.of) : 1;
}
