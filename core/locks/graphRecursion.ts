/** Which held locks a request depends on, and whether it waits for its own class (lockdep's `check_deadlock()`, `check_prevs_add()`). */

import type { AcquireEvent, HeldLock } from './events.ts';
import type { Link } from './graphStore.ts';

export type Recursion =
  /** Nothing of its class is held, or only what it does not wait for. */
  | { readonly kind: 'none' }
  /** A nest lock is held that makes it all right: the request adds no dependencies. */
  | { readonly kind: 'nested' }
  | { readonly kind: 'recursive'; readonly held: HeldLock }
  | { readonly kind: 'nest-not-held' };

/** Looks at all that is held, also by the code that an interrupt interrupted. A trylock never waits. */
export function recursionOf({ lock, nestLock, held }: AcquireEvent): Recursion {
  if (lock.check === 0) return { kind: 'none' };
  let nested = false;
  let answer: Recursion = { kind: 'none' };
  for (const one of held) {
    nested ||= nestLock !== null && withoutSubclass(one.class.key) === withoutSubclass(nestLock);
    if (answer.kind !== 'none' || lock.trylock || one.class.key !== lock.class.key) continue;
    if (lock.read === 2 && one.read !== 0) continue;
    answer = nested ? { kind: 'nested' } : { kind: 'recursive', held: one };
  }
  if (nestLock !== null && !nested) return { kind: 'nest-not-held' };
  return answer;
}

/**
 * The links that a request adds, innermost first: from what is held in its own context down to the first lock that was
 * waited for, since what is held outside that one reaches the request through it. A lock that is held by a recursive
 * reader is no such bridge (`*R`, `S*` is not strong), so the walk goes on through it; lockdep stops there and misses
 * what is held outside of it. Locks that are not validated are passed over, and none is linked to its own class.
 */
export function linksOf(event: AcquireEvent): Link[] {
  const { lock, held } = event;
  if (lock.trylock || lock.check === 0) return [];
  const links: Link[] = [];
  for (const one of [...held].reverse()) {
    if (one.context !== lock.context) break;
    if (one.check === 0) continue;
    if (one.class.key !== lock.class.key) links.push({ held: one, event });
    if (!one.trylock && one.read !== 2) break;
  }
  return links;
}

function withoutSubclass(key: string): string {
  return key.replace(/#\d$/, '');
}
