/** Strong closed paths of the order graph: the ways in which threads can wait for each other in a circle. */

import type { Loc } from '../semantics/hir.ts';
import { type ClassNode, type Edge, type GraphStore, linkOf } from './graphStore.ts';
import { comparePlaces, linkLocs } from './graphText.ts';
import { arrivesWeakly, compareText, EN, ER, edgesTo, goesOn, SN, SR, strongSearch } from './strongPath.ts';

export interface Cycle {
  /** Each edge with the kind that it has in the circle. The first is the one that is likeliest wrong. */
  readonly edges: readonly { readonly edge: Edge; readonly kind: number }[];
}

/** Which edges count, and of which kinds: 0 for none. */
export type Kinds = (edge: Edge) => number;

/** Most circles told: a graph with more is broken all over. */
const CYCLES = 100;
/** Edges of a component whose circles are compared to find the edge that most of them share. */
const SAMPLES = 20;

/**
 * Circles such that without the first edge of each there are none left: so one wrong edge is told once, however many
 * circles it closes. `blames`: edges that may be first; a circle without any is told all the same.
 */
export function strongCycles(store: GraphStore, kinds: Kinds, blames: (edge: Edge) => boolean): Cycle[] {
  const cut = new Set<Edge>();
  const left: Kinds = (edge) => (cut.has(edge) ? 0 : kinds(edge));
  const cycles: Cycle[] = [];
  for (;;) {
    const components = stateComponents(store, left);
    const groups = new Map<number, Edge[]>();
    for (const node of components.nodes)
      for (const edge of node.out) {
        const component = componentOf(edge, left, components);
        if (component !== null) groups.set(component, [...(groups.get(component) ?? []), edge]);
      }
    if (groups.size === 0) return cycles;
    for (const edges of groups.values()) {
      if (cycles.length >= CYCLES) return cycles;
      const cycle = mostShared(edges, left, components, blames);
      const first = cycle?.edges[0]?.edge;
      if (cycle === null || first === undefined) return cycles;
      cut.add(first);
      cycles.push(cycle);
    }
  }
}

/** Does some path close this edge to a circle? Says yes too often only where the closing is weak. */
export function closesCircle(edge: Edge, kinds: Kinds): boolean {
  const own = kinds(edge);
  if (own === 0) return false;
  return (
    strongSearch<ClassNode, Edge>({
      start: [{ node: edge.to, weak: arrivesWeakly(own) }],
      backwards: false,
      kinds,
      found: ({ node }) => node === edge.from,
    }) !== null
  );
}

/** Of the shortest circles through some of the edges, the shortest through the edge that is in most of them. */
function mostShared(
  edges: readonly Edge[],
  kinds: Kinds,
  components: Components,
  blames: (edge: Edge) => boolean,
): Cycle | null {
  const paths: (readonly Edge[])[] = [];
  const stride = Math.max(1, Math.floor(edges.length / SAMPLES));
  for (const [at, edge] of edges.entries()) {
    const path = at % stride === 0 ? shortestThrough(edge, kinds, components) : null;
    if (path !== null) paths.push(path);
  }
  const counts = new Map<Edge, number>();
  for (const edge of paths.flat()) counts.set(edge, (counts.get(edge) ?? 0) + 1);
  const [first] = [...counts.keys()].sort(
    (a, b) =>
      Number(blames(b)) - Number(blames(a)) ||
      (counts.get(b) ?? 0) - (counts.get(a) ?? 0) ||
      Math.min(a.declared, 1) - Math.min(b.declared, 1) ||
      linkCount(a) - linkCount(b) ||
      comparePlaces(placeOf(b), placeOf(a)) ||
      compareText(b.from.key, a.from.key) ||
      compareText(b.to.key, a.to.key),
  );
  const [path] = paths
    .filter((one) => first !== undefined && one.includes(first))
    .sort((a, b) => a.length - b.length || compareText(namesOf(a), namesOf(b)));
  return first === undefined || path === undefined ? null : withKinds(turned(path, first), kinds);
}

function linkCount({ links }: Edge): number {
  return [...links.values()].reduce((sum, { size }) => sum + size, 0);
}

function placeOf(edge: Edge): readonly Loc[] {
  const link = linkOf(edge);
  return link === null ? [] : linkLocs(link);
}

function namesOf(path: readonly Edge[]): string {
  return path
    .map(({ from }) => from.key)
    .sort(compareText)
    .join('\n');
}

function turned(path: readonly Edge[], first: Edge): readonly Edge[] {
  const at = path.indexOf(first);
  return [...path.slice(at), ...path.slice(0, at)];
}

function shortestThrough(edge: Edge, kinds: Kinds, components: Components): readonly Edge[] | null {
  const inside = (node: ClassNode): boolean =>
    sameComponent(components, edge.from, node) && sameComponent(components, edge.to, node);
  let best: readonly Edge[] | null = null;
  for (const kind of [EN, SN, ER, SR]) {
    if ((kinds(edge) & kind) === 0) continue;
    const step = strongSearch<ClassNode, Edge>({
      start: [{ node: edge.to, weak: arrivesWeakly(kind) }],
      backwards: false,
      kinds,
      skip: (node) => !inside(node),
      found: ({ node, weak }) => node === edge.from && goesOn(weak, kind),
    });
    if (step === null) continue;
    const path = [edge, ...edgesTo(step, false)];
    if (best === null || path.length < best.length) best = path;
  }
  return best;
}

/** Gives each edge of a closed path a kind: the first edge's kinds tried in turn, the others as strong as they may be. */
function withKinds(path: readonly Edge[], kinds: Kinds): Cycle | null {
  const [first, ...rest] = path;
  if (first === undefined) return null;
  for (const kind of [EN, SN, ER, SR]) {
    if ((kinds(first) & kind) === 0) continue;
    const edges = [{ edge: first, kind }];
    let weak = arrivesWeakly(kind);
    for (const edge of rest) {
      const usable = weak ? kinds(edge) & (EN | ER) : kinds(edge);
      const chosen = [EN, SN, ER, SR].find((one) => (usable & one) !== 0);
      if (chosen === undefined) break;
      edges.push({ edge, kind: chosen });
      weak = arrivesWeakly(chosen);
    }
    if (edges.length === path.length && goesOn(weak, kind)) return { edges };
  }
  return null;
}

interface Components {
  /** Of the states (class reached strongly, class reached weakly) that lie on a circle of states. */
  readonly strong: ReadonlyMap<ClassNode, number>;
  readonly weak: ReadonlyMap<ClassNode, number>;
  /** Their classes, by key. */
  readonly nodes: readonly ClassNode[];
}

/** The component that an edge stays in, coming from some state; null when it is on no circle. */
function componentOf(edge: Edge, kinds: Kinds, { strong, weak }: Components): number | null {
  for (const weakly of [false, true]) {
    const arrival = arrivalOf(weakly, kinds(edge));
    const from = (weakly ? weak : strong).get(edge.from);
    if (arrival !== null && from !== undefined && from === (arrival.weak ? weak : strong).get(edge.to))
      return from;
  }
  return null;
}

function sameComponent({ strong, weak }: Components, a: ClassNode, b: ClassNode): boolean {
  const of = [strong.get(b), weak.get(b)];
  return [strong.get(a), weak.get(a)].some((one) => one !== undefined && of.includes(one));
}

function arrivalOf(weakly: boolean, kinds: number): { readonly weak: boolean } | null {
  return goesOn(weakly, kinds) ? { weak: arrivesWeakly(weakly ? kinds & (EN | ER) : kinds) } : null;
}

interface State {
  readonly node: ClassNode;
  readonly weak: boolean;
  readonly index: number;
  low: number;
  open: boolean;
  /** Next of the node's edges to follow. */
  next: number;
}

/**
 * Strongly connected components over (class, how it was reached): a circle of states is a strong circle of classes.
 * Tarjan's algorithm, with a stack of its own.
 */
function stateComponents(store: GraphStore, kinds: Kinds): Components {
  const strong = new Map<ClassNode, number>();
  const weak = new Map<ClassNode, number>();
  const states = { strong: new Map<ClassNode, State>(), weak: new Map<ClassNode, State>() };
  const open: State[] = [];
  const walk: State[] = [];
  let count = 0;
  const begin = (node: ClassNode, weakly: boolean): void => {
    const state = { node, weak: weakly, index: count, low: count, open: true, next: 0 };
    count += 1;
    (weakly ? states.weak : states.strong).set(node, state);
    open.push(state);
    walk.push(state);
  };
  const finish = (state: State): void => {
    walk.pop();
    const above = walk.at(-1);
    if (above !== undefined) above.low = Math.min(above.low, state.low);
    if (state.low !== state.index) return;
    const alone = open.at(-1) === state;
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      member.open = false;
      if (!alone) (member.weak ? weak : strong).set(member.node, state.index);
      if (member === state) return;
    }
  };
  for (const root of store.nodes.values()) {
    if (states.strong.has(root)) continue;
    begin(root, false);
    for (let state = walk.at(-1); state !== undefined; state = walk.at(-1)) {
      const edge = state.node.out[state.next];
      state.next += 1;
      if (edge === undefined) {
        finish(state);
        continue;
      }
      const arrival = arrivalOf(state.weak, kinds(edge));
      if (arrival === null) continue;
      const known = (arrival.weak ? states.weak : states.strong).get(edge.to);
      if (known === undefined) begin(edge.to, arrival.weak);
      else if (known.open) state.low = Math.min(state.low, known.index);
    }
  }
  const nodes = [...new Set([...strong.keys(), ...weak.keys()])].sort((a, b) => compareText(a.key, b.key));
  return { strong, weak, nodes };
}
