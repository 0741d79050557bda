/**
 * What code does with locks, as the order graph sees it. The walk over functions (locksets) produces these
 * events; the graph judges them with lockdep's rules (kernel/locking/lockdep.c; facts in docs/locks.md).
 */

import type { Standing } from '../program/probes.ts';
import type { Loc } from '../semantics/hir.ts';

/** A lock class: all instances that are initialised at one place. `key` is stable across edits elsewhere. */
export interface LockClass {
  /** `dev.lock` for a field of a struct: `struct device/lock`; for a global: `global name`. With a subclass: `…#1`. */
  readonly key: string;
  /** As shown: `dev->lock`, `list_lock`, `list_lock#1`. */
  readonly name: string;
  readonly waitType: WaitType;
  /** Where it is declared. */
  readonly loc: Loc;
  /** Who waits for it waits for the end of what somebody does, and not for readers (work items). */
  readonly ends?: boolean;
  /** A lock per CPU that no other CPU takes (local_lock): no interrupt inversion goes through it. */
  readonly perCpu?: boolean;
}

/** free 1 < spin 2 < config 3 < sleep 4. RCU: outer free, inner config (sched: spin). */
export type WaitType = 'free' | 'spin' | 'config' | 'sleep';

/** 0 exclusive; 1 shared, not recursive; 2 shared, recursive. */
export type ReadMode = 0 | 1 | 2;

export interface HeldLock {
  readonly class: LockClass;
  readonly read: ReadMode;
  readonly trylock: boolean;
  /** 0: not validated (RCU); 1: validated. */
  readonly check: 0 | 1;
  readonly context: IrqContext;
  /** Identity of the instance as far as known, for nest locks and recursion; null when unknown. */
  readonly instance: string | null;
  /**
   * `held`: on only some of the ways that lead here. `which`: an element of an array, and not known which. `guess`: in a
   * recursion that was followed for all values at once. Absent: none of these.
   */
  readonly unsure?: 'held' | 'which' | 'guess';
  readonly loc: Loc;
}

export type IrqContext = 'task' | 'softirq' | 'hardirq';

export interface AcquireEvent {
  readonly kind: 'acquire';
  readonly lock: HeldLock;
  /** Class key of the lock that makes holding several of this class all right (`_nest_lock`). */
  readonly nestLock: string | null;
  /** `synchronize_srcu` and the like: acquire and release at once. */
  readonly sync: boolean;
  /** Held before, outermost first. */
  readonly held: readonly HeldLock[];
  readonly hardirqsOn: boolean;
  readonly softirqsOn: boolean;
  /** Other ways lead here on which other interrupts are on. */
  readonly unsureIrqs?: boolean;
  readonly outerWaitType: WaitType | null;
  /** Threaded interrupts allow more: facts/lockdep.md, 8. */
  readonly threaded: boolean;
  /** Calls from the actor or function that was the start, outermost first. */
  readonly calls: readonly Loc[];
  readonly loc: Loc;
  /** Actor it happens in; null: a function looked at by itself. */
  readonly actor: string | null;
}

export interface EnableEvent {
  readonly kind: 'enable';
  readonly domain: 'hardirq' | 'softirq';
  readonly held: readonly HeldLock[];
  /** Other ways lead here on which they are on already. */
  readonly unsureIrqs?: boolean;
  readonly loc: Loc;
  readonly calls: readonly Loc[];
  readonly actor: string | null;
}

export type LockEvent = AcquireEvent | EnableEvent;

/** A broken rule. */
export interface LockFinding {
  /** From the registry: lock-order-inversion, lock-not-held, … */
  readonly code: import('../syntax/codes.ts').Code;
  readonly severity: 'error' | 'warning';
  /** Two sentences: the rule; what the code does. */
  readonly message: string;
  readonly loc: Loc;
  readonly related: readonly { readonly message: string; readonly loc: Loc }[];
  /** The analysis cannot know that the path can be taken. */
  readonly may: boolean;
  /** Shares an acquisition with a finding told before it: it may go when that one is mended. lockdep would be off by now. */
  readonly secondary?: boolean;
  /** The function that was looked at by itself, since no thread of the variant comes to it; absent: some thread does. */
  readonly alone?: string;
  /** The lock that is missing, where its class is known. */
  readonly lacks?: LockClass | null;
  /** What the explorer is asked: null when no predicate over states expresses it. */
  readonly witness: Witness | null;
  /** Edits that mend it. */
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly { readonly loc: Loc; readonly text: string }[];
  }[];
}

export interface CycleEdge {
  readonly holds: LockClass;
  readonly wants: LockClass;
  readonly wantsRead: ReadMode;
  readonly interrupt?: Exclude<IrqContext, 'task'>;
}

/** A question about machine states, in terms of lock classes and places; core/locks/witness.ts puts it to the search. */
export type Witness =
  /**
   * A cycle of threads: each holds `holds` and requests `wants`, which the next one holds.
   * `interrupt`: the request is made in such a context, by what came over the thread that holds `holds`.
   * `at`: one of them waits at this place.
   */
  | { readonly kind: 'cycle'; readonly edges: readonly CycleEdge[]; readonly at?: Loc }
  /** Some thread stands at a place, holding a lock or not. */
  | Standing;
