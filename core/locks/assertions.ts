/** Checks in the code: assertions about locks, sleeping, and misuse that the library looks for. */

import type { Standing } from '../program/probes.ts';
import type { Intrinsic, Loc } from '../semantics/hir.ts';
import { evaluate } from './evaluate.ts';
import { lockAt, pointeeLock } from './locking.ts';
import { findHeld, type State } from './lockset.ts';
import { hasReaders, holdFix, isToldAround } from './obligations.ts';
import { given } from './promises.ts';
import { decidedCodes } from './relevance.ts';
import { type HeldCondition, heldCondition } from './shapes.ts';
import { anything, falsehood, type Value } from './values.ts';
import type { Frame, Walk } from './walk.ts';

/** Assertions about locks, sleeping, and misuse that the library looks for: those that are decided here. */
export function check(
  walk: Walk,
  frame: Frame,
  callLoc: Loc,
  call: Intrinsic & { op: 'check' },
  value: Value,
  state: State,
): State {
  if (walk.silent || !decidedCodes.has(call.code)) return state;
  const loc = walk.userPlace(frame, callLoc);
  const asserted = heldCondition(call.condition);
  const failed = value === falsehood;
  if (call.code === 'assertion-failed') {
    if (asserted === null) return state;
    return assertion(walk, frame, loc, callLoc, asserted, failed, state);
  }
  if (failed && walk.alone && call.code === 'rcu-misuse') return state;
  // The locks themselves are told of.
  if (failed && call.code === 'held-at-end' && state.held.length > 0) return state;
  const activation = walk.activationAt(frame);
  const { code, message } = call;
  walk.report.judge(
    `${code} ${message}`,
    activation,
    loc,
    '',
    !failed
      ? null
      : () => ({
          code,
          severity: 'error',
          message: `${sentence(message)}. ${state.held.length === 0 ? 'No lock is held here.' : `Held here: ${state.held.map(({ name }) => name).join(', ')}.`}`,
          related: state.held.map((lock) => ({ message: `${lock.name} is taken here`, loc: lock.loc })),
          witness: breaks(loc, callLoc),
          fixes: [],
        }),
  );
  return state;
}

function assertion(
  walk: Walk,
  frame: Frame,
  loc: Loc,
  callLoc: Loc,
  asserted: HeldCondition,
  failed: boolean,
  state: State,
): State {
  const { lock: arg, wanted } = asserted;
  const type = pointeeLock(arg.type);
  if (type === null) return state;
  const [[, at] = [state, anything]] = evaluate(walk, frame, arg, state);
  const lock = lockAt(walk, at, type);
  const held = findHeld(state, lock.at, lock.class, type);
  const activation = walk.activationAt(frame);
  if (failed && wanted !== 'none' && isToldAround(frame, lock.name)) return state;
  if (failed && walk.alone && held === null && wanted !== 'none')
    return given(walk, frame, lock, wanted === 'read', state, loc);
  const mode = wanted === 'read' ? ' for read' : wanted === 'write' && hasReaders(lock) ? ' for write' : '';
  walk.report.judge(
    `assert ${wanted}`,
    activation,
    loc,
    lock.name,
    !failed
      ? null
      : () => ({
          code: wanted === 'none' ? 'lock-held' : held === null ? 'lock-not-held' : 'lock-wrong-mode',
          severity: 'error',
          message:
            wanted === 'none'
              ? `${lock.name} must not be held here. This thread holds it.`
              : `${lock.name} must be held here${mode}. ${held === null ? 'This thread does not hold it.' : `This thread holds it for ${held.read === 0 ? 'write' : 'read'}.`}`,
          related: held === null ? [] : [{ message: `${lock.name} is taken here`, loc: held.loc }],
          witness: breaks(loc, callLoc),
          fixes: wanted === 'none' ? [] : holdFix(frame, lock.name, arg, wanted === 'write'),
        }),
  );
  return state;
}

/** Some thread breaks this very check. */
function breaks(loc: Loc, check: Loc): Standing {
  return { kind: 'at', loc, where: { kind: 'check', check }, lock: null, mode: 'any' };
}

function sentence(message: string): string {
  return /^\w+\(/.test(message) ? message : message.charAt(0).toUpperCase() + message.slice(1);
}
