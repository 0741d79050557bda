/** Locks and interrupts: classes used in a handler against classes held while that handler may come. */

import type { HeldLock, LockEvent } from './events.ts';
import {
  type ClassNode,
  type Domain,
  domains,
  type Edge,
  enabledIn,
  type GraphStore,
  hasUsage,
  type Use,
  usedIn,
} from './graphStore.ts';
import { arrivesWeakly, compareText, edgesTo, EN, ER, type Step, strongSearch } from './strongPath.ts';

/** The class is used in the domain's handlers, and held while they may come. */
export interface Inconsistency {
  readonly domain: Domain;
  readonly node: ClassNode;
  readonly used: number;
  readonly enabled: number;
}

/** `safe` is requested in handlers of the domain; a strong path leads from it to `unsafe`, held while they may come. */
export interface Inversion {
  readonly domain: Domain;
  readonly safe: ClassNode;
  readonly used: number;
  readonly unsafe: ClassNode;
  readonly enabled: number;
  readonly path: readonly Edge[];
}

/** Most inversions told: with more, the graph is broken all over. */
const INVERSIONS = 100;

/** The usage states that an event gives to locks (lockdep's `mark_usage()` and `mark_held_locks()`). */
export function usesOf(event: LockEvent): Use[] {
  const uses: Use[] = [];
  const add = (usage: number, lock: HeldLock): void => void uses.push({ usage, lock, event });
  if (event.kind === 'enable') {
    for (const lock of event.held) if (lock.check === 1) add(enabledIn(event.domain, lock.read), lock);
    return uses;
  }
  const { lock, sync, hardirqsOn, softirqsOn } = event;
  if (lock.check === 0) return uses;
  if (!lock.trylock && lock.context !== 'task') add(usedIn(lock.context, lock.read), lock);
  // A `synchronize_*` leaves nothing held that an interrupt could come into.
  if (sync || !hardirqsOn) return uses;
  add(enabledIn('hardirq', lock.read), lock);
  if (softirqsOn) add(enabledIn('softirq', lock.read), lock);
  return uses;
}

/** Inconsistent usage of one class. Readers in handlers get along with readers that a handler interrupts. */
export function inconsistencies(store: GraphStore): Inconsistency[] {
  return inOrder(store).flatMap((node) =>
    domains.flatMap((domain) => {
      const found = inconsistency(node, domain);
      return found === null ? [] : [found];
    }),
  );
}

export function inconsistency(node: ClassNode, domain: Domain): Inconsistency | null {
  const writes = enabledIn(domain, 0);
  const reads = enabledIn(domain, 1);
  for (const read of [0, 1, 2] as const) {
    const used = usedIn(domain, read);
    const enabled = [writes, ...(read === 0 ? [reads] : [])].find((one) => hasUsage(node, one));
    if (hasUsage(node, used) && enabled !== undefined) return { domain, node, used, enabled };
  }
  return null;
}

/** Safe → unsafe, by the shortest paths; one that leads through another safe or unsafe class is told for that one only. */
export function inversions(store: GraphStore): Inversion[] {
  const found: Inversion[] = [];
  for (const domain of domains) {
    if (!store.matters(domain)) continue;
    for (const safe of inOrder(store)) {
      const used = usageInHandlers(safe, domain);
      if (used === null || isPerCpu(safe)) continue;
      const hits: Step<ClassNode, Edge>[] = [];
      strongSearch<ClassNode, Edge>({
        start: [{ node: safe, weak: used === usedIn(domain, 2) }],
        backwards: false,
        kinds: ({ kinds }) => kinds,
        skip: isPerCpu,
        found: (step) => {
          if (step.node !== safe && usageWhileEnabled(step, domain) !== null) hits.push(step);
          return false;
        },
      });
      for (const hit of hits) {
        const enabled = usageWhileEnabled(hit, domain);
        if (enabled === null || through(hit, domain) || found.length >= INVERSIONS) continue;
        found.push({ domain, safe, used, unsafe: hit.node, enabled, path: edgesTo(hit, false) });
      }
    }
  }
  return found;
}

/** May a new edge complete a path from safe to unsafe? Says yes too often only where kinds of edges mix. */
export function joinsSafeToUnsafe(store: GraphStore, edge: Edge): boolean {
  const open = domains.filter((domain) => store.matters(domain));
  if (open.length === 0) return false;
  let safe: readonly Domain[] = [];
  const start = (weak: boolean, node: ClassNode) => [{ node, weak }];
  const kinds = (one: Edge) => one.kinds;
  strongSearch<ClassNode, Edge>({
    start: start((edge.kinds & (EN | ER)) === 0, edge.from),
    backwards: true,
    kinds,
    skip: isPerCpu,
    found: ({ node, weak }) => {
      for (const domain of open)
        if (
          !safe.includes(domain) &&
          [0, 1, ...(weak ? [] : [2])].some((read) => hasUsage(node, usedIn(domain, read as 0 | 1 | 2)))
        )
          safe = [...safe, domain];
      return safe.length === open.length;
    },
  });
  if (safe.length === 0) return false;
  const unsafe = strongSearch<ClassNode, Edge>({
    start: start(arrivesWeakly(edge.kinds), edge.to),
    backwards: false,
    kinds,
    skip: isPerCpu,
    found: (step) => safe.some((domain) => usageWhileEnabled(step, domain) !== null),
  });
  return unsafe !== null;
}

/** Is this usage of a class, new to it, at one end of such a path? */
export function endsInversion(node: ClassNode, usage: number): boolean {
  const domain = domains.find((one) => [0, 1, 2].some((read) => usage === usedIn(one, read as 0 | 1 | 2)));
  const search = { kinds: (edge: Edge) => edge.kinds, skip: isPerCpu };
  if (domain !== undefined) {
    const start = [{ node, weak: usage === usedIn(domain, 2) }];
    const found = (step: Step<ClassNode, Edge>) => usageWhileEnabled(step, domain) !== null;
    return strongSearch<ClassNode, Edge>({ ...search, start, backwards: false, found }) !== null;
  }
  const held = domains.find((one) => usage === enabledIn(one, 0) || usage === enabledIn(one, 1));
  if (held === undefined) return false;
  const start = [{ node, weak: usage === enabledIn(held, 1) }];
  const found = (step: Step<ClassNode, Edge>) => usageInHandlers(step.node, held) !== null;
  return strongSearch<ClassNode, Edge>({ ...search, start, backwards: true, found }) !== null;
}

/** The usage in handlers that waits for most; null when it is not used there. */
function usageInHandlers(node: ClassNode, domain: Domain): number | null {
  return (
    [usedIn(domain, 0), usedIn(domain, 1), usedIn(domain, 2)].find((usage) => hasUsage(node, usage)) ?? null
  );
}

/** The usage that this arrival waits for, while the domain's handlers may come. */
function usageWhileEnabled({ node, weak }: Step<ClassNode, Edge>, domain: Domain): number | null {
  const usages = [enabledIn(domain, 0), ...(weak ? [] : [enabledIn(domain, 1)])];
  return usages.find((usage) => hasUsage(node, usage)) ?? null;
}

/** Does the path to this step lead through a class for which the rest or the beginning of it is told anyway? */
function through(hit: Step<ClassNode, Edge>, domain: Domain): boolean {
  for (let step = hit.before; step !== null && step.before !== null; step = step.before) {
    const used = usageInHandlers(step.node, domain);
    if (usageWhileEnabled(step, domain) !== null || (used !== null && used !== usedIn(domain, 2)))
      return true;
  }
  return false;
}

/** A per-CPU lock (local_lock) is only ever waited for on its own CPU: no inversion goes through it. */
function isPerCpu(node: ClassNode): boolean {
  return node.lock.perCpu === true;
}

function inOrder(store: GraphStore): ClassNode[] {
  return [...store.nodes.values()]
    .filter(({ usage }) => usage !== 0)
    .sort((a, b) => compareText(a.key, b.key));
}
