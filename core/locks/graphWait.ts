/** Wait types (lockdep's `check_wait_context()`, with PROVE_RAW_LOCK_NESTING): nothing that may sleep inside what spins. */

import type { AcquireEvent, HeldLock, WaitType } from './events.ts';

export interface WrongWait {
  readonly outer: WaitType;
  /** The least that is allowed inside what is held, or in the context. */
  readonly allowed: WaitType;
  /** The lock that allows no more; null: the interrupt itself. */
  readonly held: HeldLock | null;
}

const rank: Readonly<Record<WaitType, number>> = { free: 1, spin: 2, config: 3, sleep: 4 };

/** Null when the request may be made here. A trylock may be made anywhere. Only what is held in the same context counts. */
export function wrongWait(event: AcquireEvent): WrongWait | null {
  const { lock } = event;
  if (lock.trylock) return null;
  const outer = event.outerWaitType ?? lock.class.waitType;
  let allowed = waitTypeOfContext(event);
  let by: HeldLock | null = null;
  for (const held of [...event.held].reverse()) {
    if (held.context !== lock.context) break;
    // Such a lock is no wait of its own, and forbids nothing inside (lockdep's LD_WAIT_INV: SRCU).
    if (held.class.waitType === 'free') continue;
    if (rank[held.class.waitType] > rank[allowed]) continue;
    if (rank[held.class.waitType] === rank[allowed] && by !== null) continue;
    allowed = held.class.waitType;
    by = held;
  }
  return rank[outer] > rank[allowed] ? { outer, allowed, held: by } : null;
}

/** Softirqs count as threaded; a hard interrupt only when it is. */
function waitTypeOfContext({ lock, threaded }: AcquireEvent): WaitType {
  if (lock.context === 'task') return 'sleep';
  return lock.context === 'softirq' || threaded ? 'config' : 'spin';
}
