/**
 * What a call was found to do: its results, and everything that was told on the way, so that it can be told again for
 * the same call elsewhere: in another thread, another variant, after an edit of other code.
 *
 * Two things differ from call to call and say nothing about what is executed: where the user's code stands on whose
 * behalf library code runs, and where the locks were taken that are held already. While a call is followed, copies of
 * these places stand in for them, known by their identity; they are exchanged for what they stand for when the summary
 * is used.
 */

import type { HirFunction, Loc } from '../semantics/hir.ts';
import type { Results } from './evaluate.ts';
import type { HeldLock, LockClass, LockEvent } from './events.ts';
import type { Held, State } from './lockset.ts';
import type { Activation, Parts } from './report.ts';
import type { Value } from './values.ts';

/** An event without what the thread and the way to the call say. */
export type PlainEvent = LockEvent;

export type Told =
  | {
      readonly kind: 'judge';
      readonly rule: string;
      readonly loc: Loc;
      readonly subject: string;
      /** null: the rule is kept. */
      readonly broken: { readonly may: Parts; readonly sure: Parts } | null;
      /** About the call itself; otherwise about the function of the user on whose behalf it is made. */
      readonly own: boolean;
    }
  | { readonly kind: 'event'; readonly event: PlainEvent }
  /** A function of the scenario was called that does nothing to locks, and was not followed: who asks what is held there wants to know. */
  | { readonly kind: 'skip'; readonly name: string; readonly state: State }
  /** The class of a lock is known from now on. */
  | { readonly kind: 'lock'; readonly at: Value; readonly class: LockClass }
  | {
      readonly kind: 'call';
      readonly summary: Summary;
      readonly call: Loc;
      readonly exchange: Exchange;
    };

/** Places by what stands in for them. */
export type Exchange = ReadonlyMap<Loc, Loc>;

export interface Summary {
  readonly key: string;
  readonly fn: HirFunction;
  readonly args: readonly Value[];
  /** What it can see when it begins. */
  readonly entry: State;
  readonly activation: Activation;
  /** Library code, or a primitive: what it does is told of the place where the user calls it. */
  readonly onBehalf: boolean;
  /** Stands in for the user's place. */
  readonly place: Loc;
  /** Stand in for the places where the locks were taken that are held, then those that are lent. */
  readonly takenAt: readonly Loc[];
  readonly depth: number;
  /** null: it is being followed. */
  results: Results<Value> | null;
  readonly told: Told[];
  /** Functions that it came to, itself apart. */
  readonly visits: Set<string>;
  /** Statements looked at, without those of calls; with them. */
  work: number;
  allWork: number;
  /** Calls nested in it. */
  height: number;
  /** Something was not followed because calls nest too deeply: at another depth it would be. */
  cut: boolean;
  /** It came to a call that is being followed outside of it. */
  open: boolean;
  /** A rule is broken in library code: what is told may depend on the function around. */
  placed: boolean;
  /** Classes that locks were found to have which it has not seen itself. */
  readonly lookups: Map<Value, LockClass | null>;
  readonly locks: Map<Value, LockClass>;
  /** Functions that it called through pointers, and what they consist of. */
  readonly targets: Map<string, number>;
}

// ---------------------------------------------------------------- stand-ins

/** The state in which a call is followed: with stand-ins for the places where locks were taken. */
export function withStandIns(state: State): { readonly state: State; readonly takenAt: readonly Loc[] } {
  if (state.held.length === 0 && state.lent.length === 0) return { state, takenAt: [] };
  const takenAt: Loc[] = [];
  const standIn = (lock: Held): Held => {
    const loc = { ...lock.loc };
    takenAt.push(loc);
    return { ...lock, loc, event: lock.event === null ? null : { ...lock.event, loc } };
  };
  return { state: { ...state, held: state.held.map(standIn), lent: state.lent.map(standIn) }, takenAt };
}

/** What stands in a summary, by what it stands for in this call. */
export function exchangeFor(
  { place, takenAt }: Pick<Summary, 'place' | 'takenAt'>,
  where: Loc,
  { held, lent }: State,
): Exchange {
  const exchange = new Map([[place, where]]);
  takenAt.forEach((loc, index) => {
    const lock = index < held.length ? held[index] : lent[index - held.length];
    if (lock !== undefined) exchange.set(loc, lock.loc);
  });
  return exchange;
}

/** The places of `inner`, each as `outer` has it. */
export function through(inner: Exchange, outer: Exchange): Exchange {
  return new Map([...inner].map(([standIn, loc]) => [standIn, outer.get(loc) ?? loc]));
}

export function exchangedResults(results: Results<Value>, exchange: Exchange): Results<Value> {
  return results.map(([state, value]) => [exchangedState(state, exchange), value] as const);
}

export function exchangedState(state: State, exchange: Exchange): State {
  if (state.held.length === 0 && state.lent.length === 0) return state;
  const lock = (each: Held): Held => {
    const loc = exchange.get(each.loc);
    if (loc === undefined) return each;
    return { ...each, loc, event: each.event === null ? null : { ...each.event, loc } };
  };
  return { ...state, held: state.held.map(lock), lent: state.lent.map(lock) };
}

function exchangedLock(lock: HeldLock, exchange: Exchange): HeldLock {
  const loc = exchange.get(lock.loc);
  return loc === undefined ? lock : { ...lock, loc };
}

/** The event as this thread makes it, reached by these calls. */
export function exchangedEvent(
  event: PlainEvent,
  exchange: Exchange,
  calls: readonly Loc[],
  actor: string | null,
  threaded: boolean,
): LockEvent {
  const loc = exchange.get(event.loc) ?? event.loc;
  const held = event.held.map((lock) => exchangedLock(lock, exchange));
  if (event.kind === 'enable') return { ...event, loc, held, calls, actor };
  const lock = exchangedLock(event.lock, exchange);
  return { ...event, lock, loc, held, calls, actor, threaded: threaded && lock.context === 'hardirq' };
}

export function exchangedParts(parts: Parts, exchange: Exchange): Parts {
  const { witness } = parts;
  const related = parts.related.map((each) => ({ ...each, loc: exchange.get(each.loc) ?? each.loc }));
  if (witness === null || witness.kind === 'cycle') return { ...parts, related };
  return { ...parts, related, witness: { ...witness, loc: exchange.get(witness.loc) ?? witness.loc } };
}
