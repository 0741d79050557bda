/**
 * The order graph: judges what code does with locks by lockdep's rules (docs/locks.md).
 *
 * Unlike lockdep it sees no order in time among the events: what it tells follows from the set of all events, whichever
 * was added first, and it goes on after the first finding. Edges and usage states are counted by the acquisitions that
 * they come from, so that replacing the events of one function costs what that function has.
 */

import type { Loc } from '../semantics/hir.ts';
import type { LockClass, LockEvent, LockFinding } from './events.ts';
import { type Cycle, closesCircle, strongCycles } from './graphCycles.ts';
import {
  againstDeclared,
  contradiction,
  inconsistencyFinding,
  inversionFinding,
  inversionOfOrder,
  nestFinding,
  recursionFinding,
  type Told,
  waitFinding,
} from './graphFindings.ts';
import {
  endsInversion,
  type Inversion,
  inconsistencies,
  inversions,
  joinsSafeToUnsafe,
  usesOf,
} from './graphIrq.ts';
import { linksOf, recursionOf } from './graphRecursion.ts';
import { type Edge, GraphStore, type Link, type Use } from './graphStore.ts';
import { wrongWait } from './graphWait.ts';
import { comparePlaces } from './graphText.ts';
import { EN } from './strongPath.ts';

/** `before` is taken outside `after`: one link of `lock_order a, b, c;`, or `__acquired_before`, `__acquired_after`. */
export interface DeclaredOrder {
  readonly before: LockClass;
  readonly after: LockClass;
  readonly loc: Loc;
}

/** All that the events break, in an order of their own: by code, then by place. */
export function judge(events: readonly LockEvent[], declared: readonly DeclaredOrder[]): LockFinding[] {
  const graph = new OrderGraph(declared);
  graph.replace('', events);
  return graph.findings();
}

interface Contribution {
  readonly links: readonly Link[];
  readonly uses: readonly Use[];
  readonly told: readonly Told[];
}

/** New edges that are looked at one by one. */
const FEW = 30;

const nothing: Contribution = { links: [], uses: [], told: [] };

export class OrderGraph {
  private readonly store = new GraphStore();
  private readonly owners = new Map<string, Contribution>();
  private readonly declaredAt = new Map<string, Loc>();
  private declared: readonly DeclaredOrder[] = [];
  private contradicting: readonly Cycle[] = [];
  private circles: { readonly real: readonly Cycle[]; readonly declared: readonly Cycle[] } = {
    real: [],
    declared: [],
  };
  private inverted: readonly Inversion[] = [];
  private circlesStale = false;
  private invertedStale = false;

  constructor(declared: readonly DeclaredOrder[]) {
    this.declare(declared);
  }

  /** Replaces the declared orders. */
  declare(declared: readonly DeclaredOrder[]): void {
    for (const { before, after } of distinct(this.declared)) this.store.undeclare(before, after);
    this.declaredAt.clear();
    this.declared = declared;
    for (const { before, after, loc } of distinct(declared)) {
      this.store.declare(before, after);
      const key = pairKey(before.key, after.key);
      if (!this.declaredAt.has(key)) this.declaredAt.set(key, loc);
    }
    this.contradicting = strongCycles(
      this.store,
      ({ declared: count }) => (count > 0 ? EN : 0),
      () => true,
    );
    this.circlesStale = true;
  }

  /** Replaces the events of one owner: a function, an actor, a file. */
  replace(owner: string, events: readonly LockEvent[]): void {
    const before = this.owners.get(owner) ?? nothing;
    const after = contributionOf(events);
    this.owners.set(owner, after);
    // The new first: what stays the same is then no change of the graph.
    const edges: Edge[] = [];
    for (const link of after.links) {
      const { edge, fresh } = this.store.addLink(link);
      if (fresh) edges.push(edge);
    }
    const fresh = after.uses.filter((use) => this.store.addUse(use).fresh);
    this.forget(before);
    this.doubt();
    // Many at once are cheaper looked at together.
    if (edges.length > FEW) {
      this.circlesStale = true;
      this.invertedStale = true;
    } else for (const edge of edges) this.lookAt(edge);
    for (const { usage, lock } of fresh) {
      const node = this.store.nodes.get(lock.class.key);
      if (!this.invertedStale && node !== undefined) this.invertedStale = endsInversion(node, usage);
    }
  }

  remove(owner: string): void {
    this.forget(this.owners.get(owner) ?? nothing);
    this.owners.delete(owner);
    this.doubt();
  }

  /** Asks again only for what a change may have touched. */
  findings(): LockFinding[] {
    this.refresh();
    const declaredAt = (edge: Edge): Loc | null =>
      this.declaredAt.get(pairKey(edge.from.key, edge.to.key)) ?? null;
    const all = [
      ...this.contradicting.map((cycle) => this.toldContradiction(cycle)),
      ...this.selfContradictions(),
      ...[...this.owners.values()].flatMap((owner) => owner.told),
      ...inconsistencies(this.store).map(inconsistencyFinding),
      ...this.circles.real.map((cycle) => inversionOfOrder(cycle, declaredAt)),
      ...this.circles.declared.map((cycle) => againstDeclared(cycle, declaredAt)),
      ...this.inverted.map(inversionFinding),
    ].filter((one) => one !== null);
    return withSecondary(all);
  }

  private lookAt(edge: Edge): void {
    if (!this.circlesStale) this.circlesStale = closesCircle(edge, kindsOrDeclared);
    if (!this.invertedStale) this.invertedStale = joinsSafeToUnsafe(this.store, edge);
  }

  private forget({ links, uses }: Contribution): void {
    for (const link of links) this.store.removeLink(link);
    for (const use of uses) this.store.removeUse(use);
  }

  /** Which acquisitions a finding shows, and which it blames, may change with any that comes or goes. */
  private doubt(): void {
    this.circlesStale ||= this.circles.real.length > 0 || this.circles.declared.length > 0;
    this.invertedStale ||= this.inverted.length > 0;
  }

  private refresh(): void {
    if (this.circlesStale) {
      const isReal = ({ kinds }: Edge): boolean => kinds !== 0;
      const real = strongCycles(this.store, ({ kinds }) => kinds, isReal);
      const told = new Set(real.flatMap(({ edges }) => edges[0]?.edge ?? []));
      const impossible = new Set(this.contradicting.flatMap(({ edges }) => edges.map(({ edge }) => edge)));
      const kindsLeft = (edge: Edge): number =>
        told.has(edge) ? 0 : impossible.has(edge) ? edge.kinds : kindsOrDeclared(edge);
      this.circles = { real, declared: strongCycles(this.store, kindsLeft, isReal).filter(isMixed) };
      this.circlesStale = false;
    }
    if (this.invertedStale) {
      this.inverted = inversions(this.store);
      this.invertedStale = false;
    }
  }

  /** At the order that was declared last: those before it can be kept. */
  private toldContradiction(cycle: Cycle): Told | null {
    const declared = [...this.declaredAt.keys()];
    const ranks = cycle.edges.map(({ edge: { from, to } }) => declared.indexOf(pairKey(from.key, to.key)));
    const last = ranks.indexOf(Math.max(...ranks)) + 1;
    const edges = [...cycle.edges.slice(last), ...cycle.edges.slice(0, last)];
    const names = edges.map(({ edge }) => edge.from.lock.name);
    const places = edges.flatMap(({ edge: { from, to } }) => {
      const loc = this.declaredAt.get(pairKey(from.key, to.key));
      return loc === undefined ? [] : [{ message: `'${from.lock.name}' before '${to.lock.name}'`, loc }];
    });
    return contradiction([...names, names[0] ?? ''], places);
  }

  private selfContradictions(): (Told | null)[] {
    return this.declared
      .filter(({ before, after }) => before.key === after.key)
      .map(({ before: { name }, loc }) =>
        contradiction([name, name], [{ message: `'${name}' before itself`, loc }]),
      );
  }
}

function contributionOf(events: readonly LockEvent[]): Contribution {
  const links: Link[] = [];
  const uses: Use[] = [];
  const told: Told[] = [];
  for (const event of events) {
    uses.push(...usesOf(event));
    if (event.kind === 'enable') continue;
    const wait = wrongWait(event);
    if (wait !== null) told.push(waitFinding(event, wait));
    const recursion = recursionOf(event);
    if (recursion.kind === 'recursive') told.push(recursionFinding(event, recursion.held));
    if (recursion.kind === 'nest-not-held') told.push(nestFinding(event));
    if (recursion.kind !== 'nested') links.push(...linksOf(event));
  }
  return { links, uses, told };
}

/** Without those of a class before itself, which are told apart. */
function distinct(declared: readonly DeclaredOrder[]): readonly DeclaredOrder[] {
  return declared.filter(({ before, after }) => before.key !== after.key);
}

function kindsOrDeclared({ kinds, declared }: Edge): number {
  return declared > 0 ? kinds | EN : kinds;
}

function isMixed({ edges }: Cycle): boolean {
  const real = edges.filter(({ edge, kind }) => (edge.kinds & kind) !== 0).length;
  return real > 0 && real < edges.length;
}

function pairKey(before: string, after: string): string {
  return `${before}\n${after}`;
}

const ranks: readonly LockFinding['code'][] = [
  'contradicting-order',
  'lock-recursion',
  'lock-irq-unsafe',
  'lock-order-inversion',
  'lock-order-declared',
  'lock-irq-inversion',
  'lock-wait-type',
  'lock-analysis-limit',
];

/** In order; each that shares a cause with one before it is secondary. The same said of the same place is said once. */
function withSecondary(all: readonly Told[]): LockFinding[] {
  const sorted = [...all].sort(
    ({ finding: a }, { finding: b }) =>
      ranks.indexOf(a.code) - ranks.indexOf(b.code) ||
      comparePlaces([a.loc, ...a.related.map(({ loc }) => loc)], [b.loc, ...b.related.map(({ loc }) => loc)]),
  );
  const seen = new Set<string>();
  const said = new Set<string>();
  const findings: LockFinding[] = [];
  for (const { finding, causes } of sorted) {
    const { code, message, loc } = finding;
    const same = JSON.stringify([code, message, loc]);
    if (said.has(same)) continue;
    said.add(same);
    findings.push(causes.some((cause) => seen.has(cause)) ? { ...finding, secondary: true } : finding);
    for (const cause of causes) seen.add(cause);
  }
  return findings;
}
