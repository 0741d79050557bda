/** Classes of locks: all locks that are declared at one place are one class, as lockdep sees those of one init site. */

import type { LockName } from '../program/lockTable.ts';
import { declarationOf } from '../semantics/environment.ts';
import type { Expr, GlobalVariable, LocalVariable, Loc, LValue, Pool } from '../semantics/hir.ts';
import type { LockType, StructType, Type } from '../semantics/types.ts';
import type { LockClass, WaitType } from './events.ts';

/** The lock type of a place or what an array of locks holds; null for anything else. */
export function lockTypeOf(type: Type): LockType | null {
  if (type.kind === 'array') return lockTypeOf(type.of);
  return type.kind === 'struct' ? type.lock : null;
}

export function waitTypeOf(lock: LockType): WaitType {
  return waitTypeIn(lock, 'wait_type') ?? 'sleep';
}

/** What waiting to take it does, where the lock_type says that apart; null: the same. */
export function waitTypeOuterOf(lock: LockType): WaitType | null {
  return waitTypeIn(lock, 'wait_type_outer');
}

function waitTypeIn(lock: LockType, entry: string): WaitType | null {
  const word = lock.entries.get(entry);
  return word === 'spin' || word === 'config' || word === 'sleep' || word === 'free' ? word : null;
}

/** Whether nobody takes locks of the type: they are waited for alone, as work items are, until what they stand for has ended. */
export function isEnd(lock: LockType): boolean {
  return isOrdered(lock) && waitTypeOf(lock) === 'free' && !lock.entries.has('readers');
}

/** Whether locks of the type have a place in the order. Nobody waits to become an RCU reader, so those have none. */
export function isOrdered(lock: LockType): boolean {
  return lock.entries.get('ordered') !== 'no';
}

/** Where a lock is declared: a variable, a pool of locks, or a field of a struct. */
export type Declared =
  | { readonly kind: 'variable'; readonly variable: GlobalVariable | LocalVariable }
  | { readonly kind: 'pool'; readonly pool: Pool }
  | { readonly kind: 'field'; readonly struct: StructType; readonly field: string };

/** Class of a lock, `subclass` 0 to 7; arrays and pools are one class. */
export function classOf(declared: Declared, lock: LockType, loc: Loc, subclass = 0): LockClass {
  const suffix = subclass === 0 ? '' : `#${subclass}`;
  // No other CPU takes it, so no interrupt there waits for it.
  const perCpu = lock.entries.get('kind') === 'local_lock' ? { perCpu: true } : {};
  const ends = isEnd(lock) ? { ends: true } : {};
  const common = { waitType: waitTypeOf(lock), ...perCpu, ...ends };
  switch (declared.kind) {
    case 'variable': {
      const { kind, name } = declared.variable;
      return {
        key: `${kind} ${name}${suffix}`,
        name: `${name}${suffix}`,
        ...common,
        loc: declared.variable.loc,
      };
    }
    case 'pool':
      return {
        key: `pool ${declared.pool.name}${suffix}`,
        name: `${declared.pool.name}${suffix}`,
        ...common,
        loc: declared.pool.loc,
      };
    case 'field': {
      const { struct, field } = declared;
      const name = `${struct.name}->${field}${suffix}`;
      return {
        key: `struct ${struct.name}/${field}${suffix}`,
        name,
        ...common,
        loc: declarationOf(struct)?.loc ?? loc,
      };
    }
  }
}

/** Class of the lock whose address an expression is; null when it says only the type. */
export function classAt(address: Expr): LockClass | null {
  if (address.kind === 'convert') return classAt(address.value);
  const place = address.kind === 'address' || address.kind === 'read' ? address.place : null;
  const lock = place === null ? null : lockTypeOf(place.type);
  const declared = place === null ? null : declaredAt(place);
  return lock === null || declared === null ? null : classOf(declared, lock, address.loc);
}

/** How the locks of a class are declared, from the key that `classOf` has given it; subclasses are of one declaration. */
export function lockNameOf(key: string): LockName {
  const plain = key.replace(/#\d$/, '');
  const field = /^struct (.*)\/(.*)$/.exec(plain);
  if (field !== null) return { kind: 'field', struct: field[1] ?? '', field: field[2] ?? '' };
  const [, kind = 'local', name = plain] = /^(global|pool|local) (.*)$/.exec(plain) ?? [];
  return { kind: kind === 'global' || kind === 'pool' ? kind : 'local', name };
}

/** The same lock, told apart by its subclass. */
export function withSubclass(lock: LockClass, subclass: number): LockClass {
  return subclass === 0
    ? lock
    : { ...lock, key: `${lock.key}#${subclass}`, name: `${lock.name}#${subclass}` };
}

/** Where the lock that this place is was declared; null when only its type is known. */
export function declaredAt(place: LValue): Declared | null {
  switch (place.kind) {
    case 'global':
    case 'local':
      return { kind: 'variable', variable: place.variable };
    case 'temporary':
      return { kind: 'variable', variable: place.variable };
    case 'pool':
      return { kind: 'pool', pool: place.pool };
    case 'index':
      return declaredAt(place.array);
    case 'deref':
      return null;
    case 'field': {
      const { type } = place.object;
      if (type.kind !== 'struct') return null;
      // A member of an anonymous struct is a field of the struct around it.
      if (place.object.kind === 'field' && place.object.name === '') {
        const outer = declaredAt(place.object);
        if (outer?.kind === 'field') return { kind: 'field', struct: outer.struct, field: place.name };
      }
      return { kind: 'field', struct: type, field: place.name };
    }
  }
}
