/** Functions that nobody here calls: their annotations and assertions are facts about who will. */

import type { HirFunction, Loc } from '../semantics/hir.ts';
import { isTrusted } from '../semantics/imports.ts';
import { heldLock, type NamedLock, namedLock, pointeeLock, readMode } from './locking.ts';
import { type State, withLock } from './lockset.ts';
import type { Frame, Walk } from './walk.ts';

/** The state that the annotations of a function promise on entry. */
export function promised(walk: Walk, frame: Frame, fn: HirFunction, start: State): State {
  let state = start;
  for (const annotation of fn.annotations) {
    const { name } = annotation;
    if (
      !['__must_hold', '__must_hold_shared', '__releases', '__releases_shared', '__downgrades'].includes(name)
    )
      continue;
    annotation.args.forEach((_, index) => {
      const lock = namedLock(walk, frame, annotation, index, state);
      if (lock !== null) state = given(walk, frame, lock, name.endsWith('_shared'), state, annotation.loc);
    });
  }
  return state;
}

/** Takes a lock as its plain primitive does, without a word about it. */
export function given(
  walk: Walk,
  frame: Frame,
  lock: NamedLock,
  shared: boolean,
  state: State,
  loc: Loc,
): State {
  const primitive = plainAcquire(walk, frame, lock, shared, state);
  let own = state.own;
  if (primitive !== null) {
    const { silent } = walk;
    walk.silent = true;
    const args = primitive.params.length === 0 ? [] : [lock.at];
    const [taken] = walk.enter(frame, primitive.name, args, state, loc, primitive.type.returns);
    walk.silent = silent;
    own = taken?.[0].own ?? own;
  }
  const read = readMode(lock.type, shared, walk.contexts.of(state).interrupted);
  return withLock({ ...state, own }, heldLock(walk, lock, read, false, state, loc, true));
}

function plainAcquire(
  walk: Walk,
  frame: Frame,
  lock: NamedLock,
  shared: boolean,
  state: State,
): HirFunction | null {
  const wanted = shared ? '__acquires_shared' : '__acquires';
  for (const fn of walk.program.functions.values()) {
    const [annotation] = fn.annotations;
    if (!isPlain(fn) || annotation?.name !== wanted) continue;
    const [param] = fn.params;
    // The lock that it takes is its parameter, or one of its own.
    if (param === undefined) {
      if (namedLock(walk, frame, annotation, 0, state)?.at === lock.at) return fn;
    } else if (pointeeLock(param.type)?.name === lock.type.name) return fn;
  }
  return null;
}

/** A primitive that may take a lock and does nothing else that its annotations would say; a lock of its own it may take in any way. */
export function isPlain({ primitive, params, annotations }: HirFunction): boolean {
  return (
    primitive &&
    (params.length === 0 ? annotations.length > 0 : params.length === 1 && annotations.length === 1)
  );
}

/** Whether a lock that is not held may be one of the caller's: nobody here calls the function, and it says nothing. */
export function mayHoldForCaller(walk: Walk, frame: Frame): boolean {
  const fn = enclosing(frame);
  return walk.alone && !walk.silent && fn !== null && fn.annotations.length === 0;
}

function enclosing(frame: Frame): HirFunction | null {
  for (let each: Frame | null = frame; each !== null; each = each.parent)
    if (each.fn !== null && !each.fn.primitive && !isTrusted(each.fn.loc.uri)) return each.fn;
  return null;
}
