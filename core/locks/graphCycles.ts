/** Strong closed paths of the order graph: the ways in which threads can wait for each other in a circle. */

import type { ClassNode, Edge, GraphStore } from './graphStore.ts';
import { arrivesWeakly, compareText, edgesTo, EN, ER, goesOn, SN, SR, strongSearch } from './strongPath.ts';

export interface Cycle {
  /** Each edge with the kind that it has in the circle; starts at the class with the least key. */
  readonly edges: readonly { readonly edge: Edge; readonly kind: number }[];
}

/** Most circles told, and most edges through which they are looked for: a graph with more is broken all over. */
const CYCLES = 100;
const EDGES = 2_000;

/** The shortest strong circle through each edge, each circle once. `kinds`: of an edge, 0 when it does not count. */
export function strongCycles(store: GraphStore, kinds: (edge: Edge) => number): Cycle[] {
  const components = stateComponents(store, kinds);
  const cycles = new Map<string, Cycle>();
  const suspects = [...store.nodes.values()]
    .flatMap((node) => [...node.out.values()])
    .filter((edge) => onCircle(edge, kinds, components))
    .sort((a, b) => compareText(a.from.key, b.from.key) || compareText(a.to.key, b.to.key));
  for (const edge of suspects.slice(0, EDGES)) {
    if (cycles.size >= CYCLES) break;
    const cycle = shortestThrough(edge, kinds, components);
    if (cycle !== null) cycles.set(cycle.edges.map((one) => one.edge.from.key).join('\n'), cycle);
  }
  return [...cycles.values()];
}

/** Does some path close this edge to a circle? Says yes too often only where the closing is weak. */
export function closesCircle(edge: Edge, kinds: (edge: Edge) => number): boolean {
  const own = kinds(edge);
  if (own === 0) return false;
  return (
    strongSearch<ClassNode, Edge>({
      start: [{ node: edge.to, weak: arrivesWeakly(own) }],
      backwards: false,
      kinds,
      ordered: false,
      found: ({ node }) => node === edge.from,
    }) !== null
  );
}

interface Components {
  /** Component of the state (class reached strongly, class reached weakly). */
  readonly strong: ReadonlyMap<ClassNode, number>;
  readonly weak: ReadonlyMap<ClassNode, number>;
}

function onCircle(edge: Edge, kinds: (edge: Edge) => number, { strong, weak }: Components): boolean {
  return [false, true].some((weakly) => {
    const arrival = arrivalOf(weakly, kinds(edge));
    const from = (weakly ? weak : strong).get(edge.from);
    return arrival !== null && from !== undefined && from === (arrival.weak ? weak : strong).get(edge.to);
  });
}

function shortestThrough(edge: Edge, kinds: (edge: Edge) => number, components: Components): Cycle | null {
  const inside = (node: ClassNode): boolean =>
    sameComponent(components, edge.from, node) && sameComponent(components, edge.to, node);
  let best: Edge[] | null = null;
  for (const kind of [EN, SN, ER, SR]) {
    if ((kinds(edge) & kind) === 0) continue;
    const step = strongSearch<ClassNode, Edge>({
      start: [{ node: edge.to, weak: arrivesWeakly(kind) }],
      backwards: false,
      kinds,
      ordered: true,
      skip: (node) => !inside(node),
      found: ({ node, weak }) => node === edge.from && goesOn(weak, kind),
    });
    if (step === null) continue;
    const path = [edge, ...edgesTo(step, false)];
    if (best === null || path.length < best.length) best = path;
  }
  return best === null ? null : rotated(best, kinds);
}

/** Gives each edge of a closed path a kind, the first edges' kinds tried in turn, the others as strong as they may be. */
function rotated(path: readonly Edge[], kinds: (edge: Edge) => number): Cycle | null {
  const least = path.reduce((low, edge, at) => ((path[low]?.from.key ?? '') <= edge.from.key ? low : at), 0);
  const [first, ...rest] = [...path.slice(least), ...path.slice(0, least)];
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
  index: number;
  low: number;
  open: boolean;
}

/**
 * Strongly connected components over (class, how it was reached): a circle of states is a strong circle of classes.
 * Only states in components with a circle are in the answer. Tarjan's algorithm, with a stack of its own.
 */
function stateComponents(store: GraphStore, kinds: (edge: Edge) => number): Components {
  const strong = new Map<ClassNode, number>();
  const weak = new Map<ClassNode, number>();
  const states = { strong: new Map<ClassNode, State>(), weak: new Map<ClassNode, State>() };
  const open: State[] = [];
  let count = 0;
  const stateOf = (node: ClassNode, weakly: boolean): State => {
    const known = (weakly ? states.weak : states.strong).get(node);
    if (known !== undefined) return known;
    const state = { node, weak: weakly, index: count, low: count, open: true };
    count += 1;
    (weakly ? states.weak : states.strong).set(node, state);
    open.push(state);
    return state;
  };
  const finish = (state: State): void => {
    if (state.low !== state.index) return;
    const members = open.splice(open.indexOf(state));
    for (const member of members) {
      member.open = false;
      if (members.length > 1) (member.weak ? weak : strong).set(member.node, state.index);
    }
  };
  for (const root of store.nodes.values()) {
    if (states.strong.has(root)) continue;
    const walk = [{ state: stateOf(root, false), edges: root.out.values() }];
    for (let top = walk.at(-1); top !== undefined; top = walk.at(-1)) {
      const { state, edges } = top;
      const next = edges.next();
      if (next.done === true) {
        finish(state);
        walk.pop();
        const above = walk.at(-1)?.state;
        if (above !== undefined) above.low = Math.min(above.low, state.low);
        continue;
      }
      const arrival = arrivalOf(state.weak, kinds(next.value));
      if (arrival === null) continue;
      const known = (arrival.weak ? states.weak : states.strong).get(next.value.to);
      if (known === undefined) {
        const entered = stateOf(next.value.to, arrival.weak);
        walk.push({ state: entered, edges: entered.node.out.values() });
      } else if (known.open) state.low = Math.min(state.low, known.index);
    }
  }
  return { strong, weak };
}
