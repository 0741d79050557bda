/** The order graph of the locks of a variant, as the lock rules see it: it needs no run. */

import type { HeldLock, LockClass } from '../../core/locks/events.ts';
import type { Loc } from '../../core/semantics/hir.ts';
import { placeOf } from './panels.ts';
import type { LockOrder } from './protocol.ts';
import type { Run } from './run.ts';

interface Edge {
  readonly outer: LockClass;
  readonly inner: LockClass;
  readonly taken: Map<string, { readonly who: string; readonly loc: Loc }>;
  declared: Loc | null;
  broken: string | null;
}

/** Edges by the name of the outer class, then of the inner one. Empty when the program has errors. */
export function lockOrderOf(run: Run): LockOrder {
  const analysis = run.scene.locks(run.variant);
  if (analysis === null) return [];
  const edges = new Map<string, Edge>();
  const edgeOf = (outer: LockClass, inner: LockClass): Edge => {
    const key = `${outer.key} ${inner.key}`;
    const known = edges.get(key) ?? { outer, inner, taken: new Map(), declared: null, broken: null };
    edges.set(key, known);
    return known;
  };
  for (const event of analysis.events) {
    if (event.kind !== 'acquire' || !isOrdered(event.lock)) continue;
    for (const held of event.held) {
      if (!isOrdered(held) || held.class.key === event.lock.class.key) continue;
      const { taken } = edgeOf(held.class, event.lock.class);
      taken.set(`${event.loc.uri} ${event.loc.item} ${event.loc.start} ${event.actor}`, {
        who: event.actor ?? '',
        loc: event.loc,
      });
    }
  }
  for (const { before, after, loc } of analysis.orders) edgeOf(before, after).declared = loc;
  for (const { code, witness } of analysis.findings) {
    if (witness?.kind !== 'cycle') continue;
    for (const { holds, wants } of witness.edges) {
      const edge = edges.get(`${holds.key} ${wants.key}`);
      if (edge !== undefined) edge.broken = code;
    }
  }
  return [...edges.values()]
    .map(({ outer, inner, taken, declared, broken }) => ({
      ...{ outer: outer.name, inner: inner.name, broken },
      taken: [...taken.values()].map(({ who, loc }) => ({ who, place: placeOf(run, loc) })),
      declared: placeOf(run, declared),
    }))
    .sort((a, b) => compare(a.outer, b.outer) || compare(a.inner, b.inner));
}

/** What is taken by trying never waits, and what is not checked takes no part. */
function isOrdered({ check }: HeldLock): boolean {
  return check === 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
