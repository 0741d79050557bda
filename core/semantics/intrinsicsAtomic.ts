/** Marked accesses, atomic operations and barriers. */

import type { Checked } from './context.ts';
import { boolType, isScalar, sameType, voidType } from './conversions.ts';
import { checkExpression } from './expressions.ts';
import type { Expr, Intrinsic, LValue } from './hir.ts';
import { intrinsic, type IntrinsicRule, reportAt, type Use, valueAt, valueOfType } from './intrinsics.ts';
import { checkWritable, derefOf, isBitField, reportBitField } from './lvalues.ts';
import { completeType } from './structs.ts';
import { typeName } from './typeName.ts';
import { sizeOf, type Type } from './types.ts';

export const atomicIntrinsics: readonly (readonly [string, IntrinsicRule])[] = [
  ['READ_ONCE', { least: 1, most: 1, check: readOnce }],
  ['WRITE_ONCE', { least: 2, most: 2, check: writeOnce }],
  ['smp_load_acquire', { least: 1, most: 1, check: loadAcquire }],
  ['smp_store_release', { least: 2, most: 2, check: storeRelease }],
  ['data_race', { least: 1, most: 1, check: dataRace }],
  ['xchg', { least: 2, most: 2, check: (use) => fetch(use, 'xchg') }],
  ['cmpxchg', { least: 3, most: 3, check: cmpxchg }],
  ['try_cmpxchg', { least: 3, most: 3, check: tryCmpxchg }],
  ['__fetch_add', { least: 2, most: 2, check: (use) => fetch(use, 'add') }],
  ['__fetch_and', { least: 2, most: 2, check: (use) => fetch(use, 'and') }],
  ['__fetch_or', { least: 2, most: 2, check: (use) => fetch(use, 'or') }],
  ['__fetch_xor', { least: 2, most: 2, check: (use) => fetch(use, 'xor') }],
  ['smp_mb', fence('full')],
  ['smp_rmb', fence('read')],
  ['smp_wmb', fence('write')],
  ['barrier', fence('compiler')],
];

const byName: ReadonlyMap<string, IntrinsicRule> = new Map(atomicIntrinsics);

/** `cmpxchg64_relaxed` is `cmpxchg`: the widths and weaker orders of the kernel's names. */
export function atomicIntrinsic(name: string): IntrinsicRule | null {
  const match = /^(xchg|cmpxchg|try_cmpxchg)(64)?(_relaxed|_acquire|_release|_local)?$/.exec(name);
  return match === null ? null : (byName.get(match[1] ?? '') ?? null);
}

function fence(kind: (Intrinsic & { op: 'fence' })['fence']): IntrinsicRule {
  return { least: 0, most: 0, check: (use) => intrinsic(use, { op: 'fence', fence: kind }, voidType) };
}

function readOnce(use: Use): Checked | null {
  const place = placeAt(use);
  return place === null ? null : intrinsic(use, { op: 'read-once', place, order: 'relaxed' }, place.type);
}

function loadAcquire(use: Use): Checked | null {
  const place = pointedAt(use);
  return place === null ? null : intrinsic(use, { op: 'read-once', place, order: 'acquire' }, place.type);
}

function writeOnce(use: Use): Checked | null {
  const arg = use.args[0];
  const { cx } = use;
  if (arg === undefined || arg.argument.kind === 'type' || arg.argument.kind === 'block')
    return reportAt(use, 0, 'wrong-arguments', 'WRITE_ONCE writes a place in memory');
  const { argument } = arg;
  const place = cx.inFrame(arg.frame, () => checkWritable(cx, argument, 'what WRITE_ONCE writes'));
  const fits = place !== null && oneAccess(use, place);
  const written = writtenAt(use, place);
  if (place === null || !fits || written === null) return null;
  return intrinsic(use, { op: 'write-once', place, value: written, order: 'relaxed' }, voidType);
}

function storeRelease(use: Use): Checked | null {
  const place = pointedAt(use);
  const written = writtenAt(use, place);
  if (place === null || written === null) return null;
  return intrinsic(use, { op: 'write-once', place, value: written, order: 'release' }, voidType);
}

function dataRace(use: Use): Checked | null {
  const found = valueAt(use, 0);
  return found === null ? null : intrinsic(use, { op: 'data-race', value: found }, found.type);
}

function fetch(use: Use, how: (Intrinsic & { op: 'fetch' })['how']): Checked | null {
  const place = pointedAt(use);
  if (place === null) return null;
  if (!isScalar(place.type) || (how !== 'xchg' && place.type.kind !== 'int')) {
    return reportAt(
      use,
      0,
      'type-mismatch',
      `'${use.name}' works on integers${how === 'xchg' ? ' and pointers' : ''}, not on '${typeName(place.type)}'`,
    );
  }
  const operand = valueOfType(use, 1, place.type);
  return operand === null ? null : intrinsic(use, { op: 'fetch', how, place, value: operand }, place.type);
}

function cmpxchg(use: Use): Checked | null {
  const place = scalarAt(use);
  if (place === null) return null;
  const expected = valueOfType(use, 1, place.type);
  const desired = valueOfType(use, 2, place.type);
  if (expected === null || desired === null) return null;
  return intrinsic(use, { op: 'cmpxchg', place, expected, desired }, place.type);
}

function tryCmpxchg(use: Use): Checked | null {
  const place = scalarAt(use);
  const expected = valueAt(use, 1);
  if (place === null || expected === null) return null;
  const pointsTo: Type | null = expected.type.kind === 'pointer' ? expected.type.to : null;
  if (pointsTo === null || !sameType(pointsTo, place.type, true)) {
    return reportAt(
      use,
      1,
      'type-mismatch',
      `argument 2 of '${use.name}': expected '${typeName({ kind: 'pointer', to: place.type })}', found '${typeName(expected.type)}'`,
    );
  }
  const desired = valueOfType(use, 2, place.type);
  if (desired === null) return null;
  return intrinsic(
    use,
    { op: 'try-cmpxchg', place, expected: derefOf(expected, expected.loc), desired },
    boolType,
  );
}

/** The second argument as a value for the place; looked at even when the place is wrong. */
function writtenAt(use: Use, place: LValue | null): Expr | null {
  if (place !== null) return valueOfType(use, 1, place.type);
  valueAt(use, 1);
  return null;
}

// ---------------------------------------------------------------- places

/** The first argument as a place that one access reads. */
function placeAt(use: Use): LValue | null {
  const { cx } = use;
  const arg = use.args[0];
  if (arg === undefined) return null;
  const { argument } = arg;
  if (argument.kind === 'type' || argument.kind === 'block')
    return reportAt(use, 0, 'wrong-arguments', `'${use.name}' reads a place in memory`);
  const checked = cx.inFrame(arg.frame, () => checkExpression(cx, argument));
  if (checked === null) return null;
  if (checked.kind === 'value')
    return reportAt(use, 0, 'not-an-lvalue', `'${use.name}' reads a place in memory, not a value`);
  return oneAccess(use, checked.place) ? checked.place : null;
}

/** Whether one access can read or write it: 1, 2, 4 or 8 bytes, and no bit-field. */
function oneAccess(use: Use, place: LValue): boolean {
  const arg = use.args[0];
  const { cx } = use;
  if (isBitField(place)) {
    if (arg !== undefined)
      cx.inFrame(arg.frame, () =>
        reportBitField(cx, place, arg.argument, `'${use.name}' cannot be applied to`),
      );
    return false;
  }
  const { type } = place;
  if (
    type.kind !== 'void' &&
    type.kind !== 'array' &&
    type.kind !== 'function' &&
    completeType(cx, type, use.span) &&
    [1, 2, 4, 8].includes(sizeOf(type))
  )
    return true;
  reportAt(
    use,
    0,
    'type-mismatch',
    `'${use.name}' accesses 1, 2, 4 or 8 bytes at once, not '${typeName(type)}'`,
  );
  return false;
}

/** What the pointer in the first argument points to. */
function pointedAt(use: Use): LValue | null {
  const pointer = valueAt(use, 0);
  if (pointer === null) return null;
  if (pointer.type.kind !== 'pointer') {
    return reportAt(
      use,
      0,
      'type-mismatch',
      `argument 1 of '${use.name}': expected a pointer, found '${typeName(pointer.type)}'; take its address with '&'`,
    );
  }
  const place = derefOf(pointer, pointer.loc);
  return oneAccess(use, place) ? place : null;
}

function scalarAt(use: Use): LValue | null {
  const place = pointedAt(use);
  if (place === null || isScalar(place.type)) return place;
  return reportAt(
    use,
    0,
    'type-mismatch',
    `'${use.name}' works on integers and pointers, not on '${typeName(place.type)}'`,
  );
}
