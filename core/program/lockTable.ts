/** Every lock of a program's memory: where it lies, and how it was declared. */

import type { StructType, Type } from '../semantics/types.ts';
import { sizeOf } from '../semantics/types.ts';
import type { MemoryObject } from './ir.ts';
import type { Layout } from './layout.ts';

/** Where a lock is declared: locks of one declaration are one class. Fields of anonymous members count for the struct around. */
export type LockName =
  | { readonly kind: 'global' | 'pool' | 'local'; readonly name: string }
  | { readonly kind: 'field'; readonly struct: string; readonly field: string };

export interface PlacedLock {
  readonly address: bigint;
  readonly type: StructType;
  readonly name: LockName;
  readonly object: MemoryObject;
}

/** In memory order; those on stacks are left out. */
export function locksOf(layout: Layout): readonly PlacedLock[] {
  const found: PlacedLock[] = [];
  const holdsLock = new Map<Type, boolean>();
  const visit = (object: MemoryObject, at: bigint, type: Type, name: LockName, inside: string): void => {
    if (!containsLock(type, holdsLock)) return;
    if (type.kind === 'array') {
      for (let i = 0; i < type.length; i++)
        visit(object, at + BigInt(i * sizeOf(type.of)), type.of, name, inside);
    } else if (type.kind === 'struct') {
      if (type.lock !== null) {
        found.push({ address: at, type, name, object });
        return;
      }
      const struct = inside === '' ? type.name : inside;
      for (const field of type.fields) {
        visit(
          object,
          at + BigInt(field.offset),
          field.type,
          field.anonymous ? name : { kind: 'field', struct, field: field.name },
          field.anonymous ? struct : '',
        );
      }
    }
  };
  for (const object of layout.objects) {
    if (object.kind !== 'global' && object.kind !== 'pool') continue;
    const name = object.name.replace(/\[\d+\]$/, '');
    visit(object, object.address, object.type, { kind: object.kind, name }, '');
  }
  return found;
}

/** Whether a lock lies on the stack of a thread. */
export function hasLockOnStack(layout: Layout): boolean {
  const known = new Map<Type, boolean>();
  return layout.objects.some((object) => object.kind === 'local' && containsLock(object.type, known));
}

export function sameName(a: LockName, b: LockName): boolean {
  if (a.kind === 'field') return b.kind === 'field' && a.struct === b.struct && a.field === b.field;
  return b.kind !== 'field' && a.kind === b.kind && a.name === b.name;
}

function containsLock(type: Type, known: Map<Type, boolean>): boolean {
  if (type.kind === 'array') return containsLock(type.of, known);
  if (type.kind !== 'struct') return false;
  let answer = known.get(type);
  if (answer === undefined) {
    answer = type.lock !== null || type.fields.some((field) => containsLock(field.type, known));
    known.set(type, answer);
  }
  return answer;
}
