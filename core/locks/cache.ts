/** Results of earlier analyses: what has not changed is not walked again, nor judged. */

import type { LockEvent, LockFinding } from './events.ts';
import { type DeclaredOrder, OrderGraph } from './graph.ts';
import type { Ground } from './ground.ts';
import { Store } from './store.ts';

/** What one walk from a beginning to its end has told. */
export interface Walked {
  readonly findings: readonly LockFinding[];
  readonly events: readonly LockEvent[];
  /** Names of functions that were entered or passed over. */
  readonly visited: ReadonlySet<string>;
  /** Functions that were called through pointers, and what they consisted of. */
  readonly targets: ReadonlyMap<string, number>;
}

/** Variants whose graphs are kept. */
const mostGraphs = 64;

interface KeptGraph {
  readonly graph: OrderGraph;
  readonly orders: readonly DeclaredOrder[];
  readonly events: Map<string, readonly LockEvent[]>;
}

/** Belongs to one host; serves all scenarios and variants. */
export class AnalysisCache {
  readonly store = new Store();
  private readonly graphs = new Map<string, KeptGraph>();
  private walkedAgain: string[] = [];

  /** Names of what was walked since the last call, not taken from the cache, in order. */
  takeWalked(): readonly string[] {
    const result = this.walkedAgain;
    this.walkedAgain = [];
    return result;
  }

  /** `key`: all that the walk depends on, apart from functions that are called through pointers. */
  walked(name: string, key: string, ground: Ground, walk: () => Walked): Walked {
    const known = this.store.root(key);
    if (known !== undefined && holds(known, ground)) return known;
    this.walkedAgain.push(name);
    const walked = walk();
    this.store.keepRoot(key, walked);
    return walked;
  }

  /** What the order graph tells of all events. `variant`: names the graph; `parts`: events by where they come from. */
  judged(
    variant: string,
    parts: ReadonlyMap<string, readonly LockEvent[]>,
    orders: readonly DeclaredOrder[],
  ): readonly LockFinding[] {
    const kept = this.graphs.get(variant) ?? { graph: new OrderGraph(orders), orders, events: new Map() };
    this.graphs.delete(variant);
    this.graphs.set(variant, kept);
    const { graph, events } = kept;
    if (!sameOrders(kept.orders, orders)) {
      graph.declare(orders);
      this.graphs.set(variant, { ...kept, orders });
    }
    for (const [name, now] of parts) {
      if (events.get(name) === now) continue;
      graph.replace(name, now);
      events.set(name, now);
    }
    for (const name of [...events.keys()]) {
      if (parts.has(name)) continue;
      graph.remove(name);
      events.delete(name);
    }
    const [oldest] = this.graphs.keys();
    if (this.graphs.size > mostGraphs && oldest !== undefined) this.graphs.delete(oldest);
    return graph.findings();
  }
}

function holds({ targets }: Walked, ground: Ground): boolean {
  for (const [name, identity] of targets)
    if ((ground.functions.of(name)?.identity ?? 0) !== identity) return false;
  return true;
}

function sameOrders(a: readonly DeclaredOrder[], b: readonly DeclaredOrder[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ before, after, loc }, index) => {
      const other = b[index];
      return (
        other !== undefined &&
        other.loc === loc &&
        before.key === other.before.key &&
        after.key === other.after.key
      );
    })
  );
}
