/** How findings about the order of locks name what the code does: requests, holds, and the calls that led there. */

import type { Loc } from '../semantics/hir.ts';
import type { AcquireEvent, HeldLock, LockEvent, LockFinding } from './events.ts';
import type { Link, Use } from './graphStore.ts';
import { compareText } from './strongPath.ts';

export type Related = LockFinding['related'][number];

export function named(lock: HeldLock): string {
  return lock.read === 0 ? `'${lock.class.name}'` : `'${lock.class.name}' (for read)`;
}

/** What an event does: takes a lock, or waits for the readers of a domain. */
export function requested({ lock, sync }: AcquireEvent): string {
  const awaited = lock.class.ends === true ? 'the end' : 'a grace period';
  return sync ? `${awaited} of '${lock.class.name}' is waited for` : `${named(lock)} is acquired`;
}

/** The hold, the request, and the calls to it. */
export function linkPlaces({ held, event }: Link): Related[] {
  return [
    { message: `${named(held)} is acquired here`, loc: held.loc },
    ...callPlaces(event),
    { message: `${requested(event)} here while '${held.class.name}' is held`, loc: event.loc },
  ];
}

/** `text`: what is said of the lock at the place of the event: `is acquired here`. */
export function usePlaces({ lock, event }: Use, text: string): Related[] {
  const places = [...callPlaces(event), { message: `${named(lock)} ${text}`, loc: event.loc }];
  return event.kind === 'acquire'
    ? places
    : [{ message: `${named(lock)} is acquired here`, loc: lock.loc }, ...places];
}

/** Without the call that is the place of the event itself. */
export function callPlaces({ calls, loc }: LockEvent): Related[] {
  return calls
    .filter((call) => comparePlaces([call], [loc]) !== 0)
    .map((call) => ({ message: 'called from here', loc: call }));
}

/** The first of several by place, whatever was added first. */
export function least<T>(all: Iterable<T>, placeOf: (one: T) => readonly Loc[]): T | null {
  let best: T | null = null;
  for (const one of all) if (best === null || comparePlaces(placeOf(one), placeOf(best)) < 0) best = one;
  return best;
}

export function linkLocs({ held, event }: Link): readonly Loc[] {
  return [event.loc, held.loc, ...event.calls];
}

export function comparePlaces(a: readonly Loc[], b: readonly Loc[]): number {
  for (const [at, one] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    const order =
      compareText(one.uri, other.uri) ||
      compareText(one.item, other.item) ||
      one.start - other.start ||
      one.end - other.end;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
