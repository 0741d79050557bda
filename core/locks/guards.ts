/** `__guarded_by(l)` on variables and fields: what they guard is accessed with the lock held. */

import { type Guard, guardsOf } from '../semantics/guards.ts';
import type { LValue } from '../semantics/hir.ts';
import { bodyOf } from './bodies.ts';
import { bind, evaluate, placeOf } from './evaluate.ts';
import { lockAt, pointeeLock } from './locking.ts';
import { findHeld, privateCell, type State } from './lockset.ts';
import { holdFix, isToldAround } from './obligations.ts';
import { addressOf, anything, pointerTo, type Value } from './values.ts';
import type { Frame, Walk } from './walk.ts';

export class Guards {
  private readonly walk: Walk;
  private disabled = 0;
  private readonly known = new WeakMap<
    LValue,
    { readonly data: readonly Guard[]; readonly pointed: readonly Guard[] }
  >();

  constructor(walk: Walk) {
    this.walk = walk;
  }

  get isOff(): boolean {
    return this.disabled > 0;
  }

  /** What is inside `data_race()` is not looked at. */
  off<T>(what: () => T): T {
    this.disabled++;
    const result = what();
    this.disabled--;
    return result;
  }

  access(frame: Frame, place: LValue, state: State, isWrite: boolean): void {
    if (place.kind === 'local') return;
    this.check(frame, this.of(place).data, place, state, isWrite);
  }

  /** `*p` and `p->field`, where `p` says `__pt_guarded_by`. */
  pointee(frame: Frame, place: LValue & { kind: 'deref' }, state: State): void {
    if (place.pointer.kind !== 'read') return;
    this.check(frame, this.of(place.pointer.place).pointed, place, state, false);
  }

  private of(place: LValue): { readonly data: readonly Guard[]; readonly pointed: readonly Guard[] } {
    const known = this.known.get(place);
    if (known !== undefined) return known;
    const all = guardsOf(place);
    const found = {
      data: all.filter(({ annotation }) => annotation.name === '__guarded_by'),
      pointed: all.filter(({ annotation }) => annotation.name === '__pt_guarded_by'),
    };
    this.known.set(place, found);
    return found;
  }

  private check(frame: Frame, guards: readonly Guard[], place: LValue, state: State, isWrite: boolean): void {
    const { walk } = this;
    if (guards.length === 0 || this.disabled > 0 || walk.silent || walk.isGhost || walk.isSetup) return;
    for (const guard of guards) {
      const base = guard.object === null ? null : this.addressOf(frame, guard.object, state);
      // An object on the stack is nobody else's.
      if (base?.startsWith('&L') === true) continue;
      const object = base === null ? null : addressOf(base)?.base;
      const isPrivate = object != null && state.cells.has(privateCell(object));
      for (const [index, arg] of guard.annotation.args.entries()) {
        const type = pointeeLock(arg.type);
        if (type === null) continue;
        const inner: Frame = { ...frame, name: '<this>' };
        const bound = guard.self === null ? state : bind(inner, guard.self, base ?? anything, state);
        for (const name of bodyOf(arg).calls) walk.target(name);
        const [[, at] = [state, anything]] = this.off(() => evaluate(walk, inner, arg, bound));
        const lock = lockAt(walk, at, type);
        const held = findHeld(state, lock.at, lock.class, type);
        const loc = walk.userPlace(frame, place.loc);
        const exclusive = findHeld(state, lock.at, lock.class, type, 'exclusive');
        const kept = isPrivate || (isWrite ? exclusive : held) !== null;
        if (!kept && isToldAround(frame, lock.name)) continue;
        walk.report.judge(
          isWrite ? 'guard-write' : 'guard',
          walk.activationAt(frame),
          loc,
          `${guard.what} ${lock.name}`,
          kept
            ? null
            : () => ({
                code: 'guard-not-held',
                severity: walk.alone ? 'warning' : 'error',
                message: `${guard.what} is guarded by ${lock.name}. It is ${isWrite ? 'written' : 'read'} here ${held === null ? 'without it' : 'with the lock held for read only'}.`,
                related: [
                  { message: 'the guard is declared here', loc: guard.annotation.loc },
                  ...(held === null ? [] : [{ message: `${lock.name} is taken here`, loc: held.loc }]),
                ],
                lacks: lock.class,
                witness: {
                  ...{ kind: 'at-without', loc, mode: isWrite ? 'write' : 'any' },
                  where: { kind: 'access', place: place.loc, write: isWrite },
                  lock: { kind: 'argument', annotation: guard.annotation.loc, index },
                },
                fixes: holdFix(frame, lock.name, arg, isWrite),
              }),
        );
      }
    }
  }

  private addressOf(frame: Frame, object: LValue, state: State): Value | null {
    const [[, at] = [state, null]] = this.off(() => placeOf(this.walk, frame, object, state));
    return at === null ? null : pointerTo(at);
  }
}
