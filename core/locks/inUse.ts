/** A lock that is held is made a free one, or its memory is freed. */

import type { Standing } from '../program/probes.ts';
import type { Loc } from '../semantics/hir.ts';
import { lockNameOf } from './classes.ts';
import { effectNames, pointeeLock } from './locking.ts';
import type { Held, State } from './lockset.ts';
import { type Address, addressOf, type Value } from './values.ts';
import type { Frame, Walk } from './walk.ts';

/** Memory was written: inside a lock that is held, by a primitive that neither takes nor drops it? */
export function wrote(walk: Walk, frame: Frame, at: Address, state: State): void {
  const { primitive } = frame;
  if (primitive === null || walk.silent || state.held.length === 0) return;
  if (primitive.annotations.some(({ name }) => effectNames.has(name))) return;
  const lock = state.held.find((held) => {
    const address = addressOf(held.at);
    return (
      address !== null &&
      address.base === at.base &&
      at.offset >= address.offset &&
      at.offset < address.offset + 8
    );
  });
  const index = primitive.params.findIndex(({ type }) => pointeeLock(type)?.name === lock?.type.name);
  if (lock === undefined || index < 0) return;
  inUse(walk, frame, lock, frame.fn?.loc ?? lock.loc, `${primitive.name}() makes a lock a free one.`, {
    where: { kind: 'entry', function: primitive.name },
    lock: { kind: 'parameter', index },
  });
}

/** An object is freed: with a lock inside that is held? */
export function freed(walk: Walk, frame: Frame, pointer: Value, state: State, loc: Loc): void {
  const address = addressOf(pointer);
  if (address === null || walk.silent) return;
  const lock = state.held.find(
    ({ at, type }) => addressOf(at)?.base === address.base && type.entries.get('may_be_freed') !== 'yes',
  );
  if (lock !== undefined)
    inUse(walk, frame, lock, loc, 'An object is not freed while a lock inside it is held.', {
      where: { kind: 'free' },
      lock: { kind: 'inside', lock: lockNameOf(lock.class?.key ?? '') },
    });
}

function inUse(
  walk: Walk,
  frame: Frame,
  lock: Held,
  callLoc: Loc,
  rule: string,
  asks: Pick<Standing, 'where' | 'lock'>,
): void {
  const loc = walk.userPlace(frame, callLoc);
  walk.report.judge('in-use', walk.activationAt(frame), loc, lock.name, () => ({
    code: 'lock-in-use',
    severity: 'error',
    message: `${rule} ${lock.name} is held here.`,
    related: [{ message: `${lock.name} is taken here`, loc: lock.loc }],
    witness: { kind: 'at-with', loc, mode: 'any', ...asks },
    fixes: [],
  }));
}
