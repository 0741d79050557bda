/** What primitives do to locks, as their annotations say. */

import type { Standing } from '../program/probes.ts';
import type { HirAnnotation, HirFunction, Loc } from '../semantics/hir.ts';
import type { LockType, Type } from '../semantics/types.ts';
import { isOrdered, lockTypeOf, waitTypeOf, waitTypeOuterOf, withSubclass } from './classes.ts';
import { evaluate } from './evaluate.ts';
import type { HeldLock, LockClass, ReadMode, Witness } from './events.ts';
import { limited, mostHeld } from './limits.ts';
import { assume, compareLocks, findHeld, type Held, type State, withLock, without } from './lockset.ts';
import { given, mayHoldForCaller } from './promises.ts';
import { ownReader, type Parts } from './report.ts';
import { addressOf, anything, constantOf, isExact, isSomeElement, type Value } from './values.ts';
import type { Frame, Walk } from './walk.ts';

/** What a call of a primitive does to the locks held, around its body. */
export interface LockWork {
  before(state: State): State;
  /** None: the thread waits for itself, for ever. Two: the value may say either. */
  after(state: State, value: Value): readonly State[];
}

/** Names of annotations that say what a function does to locks. */
export const effectNames: ReadonlySet<string> = new Set([
  '__acquires',
  '__acquires_shared',
  '__releases',
  '__releases_shared',
  '__cond_acquires',
  '__cond_acquires_shared',
  '__downgrades',
  '__synchronizes',
]);

/** A lock that an annotation names, in a state. */
export interface NamedLock {
  readonly at: Value;
  readonly type: LockType;
  readonly class: LockClass | null;
  readonly name: string;
  /** The annotation that names it, and its place among the arguments; null: it is known by its address. */
  readonly named: { readonly annotation: Loc; readonly index: number } | null;
}

export function namedLock(
  walk: Walk,
  frame: Frame,
  annotation: HirAnnotation,
  index: number,
  state: State,
): NamedLock | null {
  const arg = annotation.args[index];
  if (arg === undefined) return null;
  const type = pointeeLock(arg.type);
  if (type === null) return null;
  const [[, at] = [state, anything]] = evaluate(walk, frame, arg, state);
  return { ...lockAt(walk, at, type), named: { annotation: annotation.loc, index } };
}

export function lockAt(walk: Walk, at: Value, type: LockType): NamedLock {
  const found = walk.classOf(at);
  return { at, type, class: found, name: found?.name ?? nameOf(at, type), named: null };
}

/** `lock` for a parameter of a function that is looked at by itself, else the type. */
function nameOf(at: Value, type: LockType): string {
  const param = /^\$p\w+\.(\w+)$/.exec(at)?.[1];
  return param === undefined ? `the ${type.name}` : param;
}

export function pointeeLock(type: Type): LockType | null {
  return type.kind === 'pointer' ? lockTypeOf(type.to) : lockTypeOf(type);
}

/** Mask of holders that `writers` or `readers` of a lock_type answers; null for any other function. */
export function holdersOf(walk: Walk, fn: HirFunction, args: readonly Value[], state: State): Value | null {
  const [param] = fn.params;
  const type = param === undefined ? null : pointeeLock(param.type);
  if (type === null || fn.params.length !== 1) return null;
  const exclusive = type.entries.get('writers') === fn.name;
  if (!exclusive && type.entries.get('readers') !== fn.name) return null;
  const lock = lockAt(walk, args[0] ?? anything, type);
  return findHeld(state, lock.at, lock.class, type, exclusive ? 'exclusive' : 'shared') === null
    ? '~0'
    : '~1';
}

/** Locks held, as the order graph sees them. */
export function heldEvents(state: State): readonly HeldLock[] {
  return state.held.flatMap(({ event, sometimes }) =>
    event === null ? [] : [sometimes === null ? event : { ...event, unsure: 'held' }],
  );
}

/** What the annotations of a primitive say; null when they speak of no lock. */
export function lockWorkOf(walk: Walk, frame: Frame, fn: HirFunction, entry: State): LockWork | null {
  const effects = fn.annotations.filter(({ name }) => effectNames.has(name));
  if (effects.length === 0) return null;
  const loc = frame.call ?? fn.loc;
  return {
    before: (state) => {
      let now = state;
      for (const each of effects) {
        if (!each.name.startsWith('__releases')) continue;
        each.args.forEach((_, index) => {
          const lock = namedLock(walk, frame, each, index, entry);
          if (lock !== null) now = release(walk, frame, lock, each.name.endsWith('_shared'), now, loc);
        });
      }
      return now;
    },
    after: (state, value) => {
      let now: readonly State[] = [state];
      for (const each of effects)
        now = now.flatMap((one) => afterwards(walk, frame, fn, each, entry, one, value, loc));
      return now;
    },
  };
}

function afterwards(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  annotation: HirAnnotation,
  entry: State,
  state: State,
  value: Value,
  loc: Loc,
): readonly State[] {
  const { name } = annotation;
  const shared = name.endsWith('_shared');
  if (name.startsWith('__cond_acquires')) {
    const lock = namedLock(walk, frame, annotation, 1, entry);
    const wanted = annotation.args[0]?.kind === 'constant' ? annotation.args[0].value : 1n;
    if (lock === null) return [state];
    const yes = assume(state, value, wanted !== 0n);
    const no = assume(state, value, wanted === 0n);
    const taken = yes === null ? null : acquire(walk, frame, fn, lock, shared, true, entry, yes, loc);
    return [taken, no].filter((each) => each !== null);
  }
  let now: State | null = state;
  for (const index of annotation.args.keys()) {
    const lock = namedLock(walk, frame, annotation, index, entry);
    if (lock === null || now === null) continue;
    if (name === '__synchronizes') synchronize(walk, frame, lock, now, loc);
    if (name === '__downgrades') now = downgrade(walk, frame, lock, now, loc);
    if (name.startsWith('__acquires')) now = acquire(walk, frame, fn, lock, shared, false, entry, now, loc);
  }
  return now === null ? [] : [now];
}

/** Value that an annotation like `__subclass(n)` gives. */
function annotationValue(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  name: string,
  entry: State,
): Value | null {
  const arg = fn.annotations.find((each) => each.name === name)?.args[0];
  if (arg === undefined) return null;
  const [[, value] = [entry, anything]] = evaluate(walk, frame, arg, entry);
  return value;
}

// ---------------------------------------------------------------- acquiring

function acquire(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  lock: NamedLock,
  shared: boolean,
  trylock: boolean,
  entry: State,
  state: State,
  callLoc: Loc,
): State | null {
  const context = walk.contexts.of(state);
  const subclass = constantOf(annotationValue(walk, frame, fn, '__subclass', entry) ?? '#0') ?? 0n;
  const nest = annotationValue(walk, frame, fn, '__nest_lock', entry);
  const read = readMode(lock.type, shared, context.interrupted);
  const loc = walk.userPlace(frame, callLoc);
  const made = heldLock(
    walk,
    { ...lock, class: lock.class === null ? null : withSubclass(lock.class, Number(subclass)) },
    read,
    trylock,
    state,
    loc,
    false,
  );
  const waitsForItself = recursion(walk, frame, made, trylock, state);
  if (!walk.silent) {
    walk.rules.acquired(walk, frame, made, trylock, state);
    if (made.event !== null) {
      walk.emit({
        kind: 'acquire',
        lock: made.event,
        nestLock: nest === null ? null : (walk.classOf(nest)?.key ?? null),
        sync: false,
        held: heldEvents(state),
        hardirqsOn: context.hardirqsOn,
        softirqsOn: context.softirqsOn,
        unsureIrqs: state.wavers !== null,
        outerWaitType: waitTypeOuterOf(lock.type),
        threaded: walk.threaded && context.context === 'hardirq',
        calls: walk.callsTo(frame),
        loc,
        actor: walk.actor,
      });
    }
  }
  if (waitsForItself) return null;
  if (state.held.length < mostHeld) return withLock(state, made);
  limited(walk, frame, loc, 'held');
  return null;
}

export function heldLock(
  walk: Walk,
  lock: NamedLock,
  read: ReadMode,
  trylock: boolean,
  state: State,
  loc: Loc,
  given: boolean,
): Held {
  const { at, type, name } = lock;
  const address = addressOf(at);
  const event: HeldLock | null =
    lock.class === null
      ? null
      : {
          class: lock.class,
          read,
          trylock,
          check: isOrdered(type) ? 1 : 0,
          context: walk.contexts.of(state).context,
          instance: address === null || !isExact(address.base) ? null : at,
          ...(address === null || isSomeElement(address.base) ? { unsure: 'which' } : {}),
          loc,
        };
  return {
    at,
    type,
    class: lock.class,
    name: lock.class?.name ?? name,
    event,
    read,
    loc,
    given,
    sometimes: null,
  };
}

/** Readers of spinning locks pass queued writers in interrupts; those of some kinds always do. */
export function readMode(type: LockType, shared: boolean, interrupted: boolean): ReadMode {
  if (!shared) return 0;
  if (type.entries.get('recursive_readers') === 'yes') return 2;
  return waitTypeOf(type) !== 'sleep' && interrupted ? 2 : 1;
}

/** Whether the thread can go no further. */
function recursion(walk: Walk, frame: Frame, lock: Held, trylock: boolean, state: State): boolean {
  const address = addressOf(lock.at);
  if (trylock || walk.silent || address === null || lock.at.includes('$m(') || lock.at.includes('['))
    return false;
  const other = state.held.find((each) => compareLocks(each, lock.at, lock.class) === 'same');
  const broken = other !== undefined && !(lock.read === 2 && other.read !== 0);
  walk.report.judge(
    'recursion',
    walk.activationAt(frame),
    lock.loc,
    lock.name,
    !broken
      ? null
      : () => ({
          code: 'lock-recursion',
          severity: lock.read !== 0 && other.read !== 0 ? 'warning' : 'error',
          message:
            lock.read !== 0 && other.read !== 0
              ? `A lock is not taken for read again by who has it for read: a writer that queues in between blocks both. ${lock.name} is taken here while this thread holds it already.`
              : `A thread that takes a lock it holds waits for itself. ${lock.name} is taken here while this thread holds it already.`,
          related: [{ message: `${lock.name} is taken here first`, loc: other.loc }],
          witness: itself(lock),
          fixes: [],
        }),
  );
  return broken && (lock.read === 0 || other.read === 0);
}

/** Waiting for the readers of a domain: exclusive, and over at once. */
function synchronize(walk: Walk, frame: Frame, lock: NamedLock, state: State, callLoc: Loc): void {
  const loc = walk.userPlace(frame, callLoc);
  const made = heldLock(walk, lock, 0, false, state, loc, false);
  const { event } = made;
  if (event === null || walk.silent) return;
  waitsForOwnReader(walk, frame, made, state);
  const context = walk.contexts.of(state);
  walk.emit({
    kind: 'acquire',
    lock: event,
    nestLock: null,
    sync: true,
    held: heldEvents(state),
    hardirqsOn: context.hardirqsOn,
    softirqsOn: context.softirqsOn,
    unsureIrqs: state.wavers !== null,
    outerWaitType: waitTypeOuterOf(lock.type),
    threaded: walk.threaded && context.context === 'hardirq',
    calls: walk.callsTo(frame),
    loc,
    actor: walk.actor,
  });
  walk.rules.acquired(walk, frame, made, false, state);
}

/** Who waits for the readers of a domain is one of them. */
function waitsForOwnReader(walk: Walk, frame: Frame, lock: Held, state: State): void {
  const reader = state.held.find((each) => compareLocks(each, lock.at, lock.class) === 'same');
  const parts = (inside: Held): Parts => ({
    code: 'lock-recursion',
    severity: 'error',
    message:
      inside.read === 0
        ? `Who waits for something to end must not be a part of it. The end of ${lock.name} is waited for here, inside of it.`
        : `A grace period waits for all readers, and never ends inside a read section of its own thread. The readers of ${lock.name} are waited for here, and this thread is one.`,
    related: [
      {
        message:
          inside.read === 0 ? `${lock.name} begins here` : `its read section of ${lock.name} begins here`,
        loc: inside.loc,
      },
    ],
    witness: itself(lock),
    fixes: [],
  });
  const broken = reader === undefined ? null : () => parts(reader);
  walk.report.judge(ownReader, walk.activationAt(frame), lock.loc, lock.name, broken);
}

/** The circle of a thread that waits for what it has itself. */
function itself({ class: taken, read, loc }: Held): Witness | null {
  if (taken === null) return null;
  return { kind: 'cycle', edges: [{ holds: taken, wants: taken, wantsRead: read }], at: loc };
}

function downgrade(walk: Walk, frame: Frame, lock: NamedLock, state: State, callLoc: Loc): State {
  const held = findHeld(state, lock.at, lock.class, lock.type, 'exclusive');
  unbalanced(walk, frame, lock, false, held, state, callLoc);
  if (held === null) return state;
  const read = readMode(lock.type, true, false);
  const event = held.event === null ? null : { ...held.event, read };
  return { ...state, held: state.held.map((each) => (each === held ? { ...held, read, event } : each)) };
}

// ---------------------------------------------------------------- releasing

function release(
  walk: Walk,
  frame: Frame,
  lock: NamedLock,
  shared: boolean,
  state: State,
  callLoc: Loc,
): State {
  const held = findHeld(state, lock.at, lock.class, lock.type, shared ? 'shared' : 'exclusive');
  const other = held ?? findHeld(state, lock.at, lock.class, lock.type);
  if (other === null && mayHoldForCaller(walk, frame)) {
    const promised = given(walk, frame, lock, shared, state, walk.userPlace(frame, callLoc));
    const last = promised.held.at(-1);
    return last === undefined ? state : without(promised, last);
  }
  unbalanced(walk, frame, lock, shared, held, state, callLoc);
  return other === null ? state : without(state, other);
}

function unbalanced(
  walk: Walk,
  frame: Frame,
  lock: NamedLock,
  shared: boolean,
  held: Held | null,
  state: State,
  callLoc: Loc,
): void {
  if (walk.silent) return;
  const loc = walk.userPlace(frame, callLoc);
  const other = findHeld(state, lock.at, lock.class, lock.type);
  const activation = walk.activationAt(frame);
  if (held !== null || other === null) {
    walk.report.judge(
      'unbalanced',
      activation,
      loc,
      lock.name,
      held !== null ? null : () => notHeldAtRelease(frame, lock, loc),
    );
    return;
  }
  const mode = shared ? 'for read' : 'for write';
  walk.report.judge('unlock-mode', activation, loc, lock.name, () => ({
    code: 'lock-wrong-mode',
    severity: 'error',
    message: `A lock is released in the mode in which it was taken. ${lock.name} is released ${mode} here, and this thread holds it ${shared ? 'for write' : 'for read'}.`,
    related: [{ message: `${lock.name} is taken here`, loc: other.loc }],
    witness: releasing(frame, lock, shared ? 'read' : 'write', loc),
    fixes: [],
  }));
}

/** A lock is released that is not held. */
function notHeldAtRelease(frame: Frame, lock: NamedLock, loc: Loc): Parts {
  return {
    code: 'lock-unbalanced',
    severity: 'error',
    message: `Only a lock that is held can be released. ${lock.name} is not held here.`,
    related: [],
    witness: releasing(frame, lock, 'any', loc),
    fixes: [],
  };
}

/** Some thread is about to release the lock, and does not hold it in this mode. */
function releasing({ fn }: Frame, { named }: NamedLock, mode: Standing['mode'], loc: Loc): Standing | null {
  if (fn === null || named === null) return null;
  return {
    ...{ kind: 'at-without', loc, mode },
    where: { kind: 'entry', function: fn.name },
    lock: { kind: 'argument', ...named },
  };
}
