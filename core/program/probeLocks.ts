/** What probes ask of locks: which may be meant, and whether the executing thread holds one. */

import type { StructType, Type } from '../semantics/types.ts';
import { callNamed } from './calls.ts';
import type { Unit } from './context.ts';
import { binary, constant, ONE, register, SELF, ZERO } from './expr.ts';
import type { IrExpr } from './ir.ts';
import type { Layout } from './layout.ts';
import { type LockName, locksOf, type PlacedLock, sameName } from './lockTable.ts';

/** More locks than this are not looked through at one place. */
const mostLocks = 64;

/** The locks of a program's memory, as probes ask for them. */
export interface LockTable {
  /** Null when there are too many to look through. */
  ofType(type: StructType): readonly PlacedLock[] | null;
  /** Null when there are too many to look through. */
  named(name: LockName): readonly PlacedLock[] | null;
  at(address: bigint): PlacedLock | undefined;
}

export function lockTableOf(layout: Layout): LockTable {
  const all = locksOf(layout);
  const byAddress = new Map(all.map((lock) => [lock.address, lock]));
  const few = (locks: readonly PlacedLock[]): readonly PlacedLock[] | null =>
    locks.length > mostLocks ? null : locks;
  return {
    ofType: (type) => few(all.filter((lock) => lock.type === type)),
    named: (name) => few(all.filter((lock) => sameName(lock.name, name))),
    at: (address) => byAddress.get(BigInt.asUintN(64, address)),
  };
}

/** 1 when the executing thread holds one of these locks that `isMeant`; null when their type does not know its holders. */
export function heldBySelf(
  unit: Unit,
  locks: readonly PlacedLock[],
  mode: 'any' | 'read' | 'write',
  isMeant: (lock: PlacedLock) => IrExpr,
): IrExpr | null {
  const { out, shared } = unit;
  const own = out.stable(binary('shl', ONE, SELF));
  const result = out.variable();
  out.set(result, ZERO);
  const entries = mode === 'write' ? ['writers'] : mode === 'read' ? ['readers'] : ['writers', 'readers'];
  for (const lock of locks) {
    const meant = isMeant(lock);
    if (meant.kind === 'const' && meant.value === 0n) continue;
    const skip = out.label();
    out.branch(binary('eq', meant, ZERO), skip);
    if (lock.object.alive >= 0) {
      const reg = out.temporary();
      const address = constant(shared.layout.stateOf(lock.object));
      out.emit({ op: 'load', reg, address, bytes: 8, signed: false, checked: false, site: 0 });
      out.branch(binary('ne', register(reg), ONE), skip);
    }
    for (const entry of entries) {
      const name = lock.type.lock?.entries.get(entry);
      if (name === undefined) continue;
      const mask = callNamed(
        unit,
        name,
        [{ kind: 'scalar', value: constant(lock.address) }],
        unit.here.body.loc,
      );
      if (mask === null || mask.kind !== 'scalar' || mask.value.kind === 'const') return null;
      const bit = binary('ne', binary('and', mask.value, own), ZERO);
      out.set(result, binary('or', register(result), bit));
    }
    out.place(skip);
  }
  return out.stable(register(result));
}

/** 1 when the address is that of one of these locks. */
export function isOneOf(unit: Unit, at: IrExpr, locks: readonly PlacedLock[]): IrExpr {
  return unit.out.stable(
    locks.reduce<IrExpr>(
      (found, lock) => binary('or', found, binary('eq', at, constant(lock.address))),
      ZERO,
    ),
  );
}

/** The type of the lock that an expression of this type is, or points to; null for anything else. */
export function structOfLock(type: Type): StructType | null {
  let here = type.kind === 'pointer' ? type.to : type;
  while (here.kind === 'array') here = here.of;
  return here.kind === 'struct' && here.lock !== null ? here : null;
}
