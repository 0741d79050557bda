/**
 * Strong paths through the order graph (docs/locks.md; lockdep's `__bfs()`).
 *
 * An edge H → N says that N was requested while H was held. Its kinds say how: E or S, H held exclusively or shared;
 * R or N, N requested by a recursive reader or otherwise. A recursive reader does not wait for a shared holder, so a
 * path with `*R` next to `S*` is no chain of waits. lockdep marks a class as visited whichever way it came to it and
 * can miss a path; here a class that was reached by `*R` only is visited again when it is reached otherwise.
 */

/** Kinds of an edge, as bits. */
export const SR = 1;
export const ER = 2;
export const SN = 4;
export const EN = 8;
const HELD_EXCLUSIVELY = ER | EN;
const NOT_RECURSIVE = SN | EN;

/** A node of any graph of lock classes. The stamps belong to the search. */
export interface PathNode<E> {
  readonly key: string;
  /** In order of the other end's key, so that no answer depends on what was added when. */
  readonly out: readonly E[];
  readonly into: readonly E[];
  strongStamp: number;
  weakStamp: number;
}

export interface PathEdge<N> {
  readonly from: N;
  readonly to: N;
}

/** How a search came to a node. `weak`: only by `*R` (backwards: only by `S*`). */
export interface Step<N, E> {
  readonly node: N;
  readonly weak: boolean;
  readonly edge: E | null;
  readonly before: Step<N, E> | null;
}

export interface Search<N, E> {
  readonly start: readonly { readonly node: N; readonly weak: boolean }[];
  readonly backwards: boolean;
  /** Kinds of an edge that count in this search: 0 for an edge that is none. */
  readonly kinds: (edge: E) => number;
  /** Not looked at, nor walked through. */
  readonly skip?: (node: N) => boolean;
  /** Ends the search. */
  readonly found: (step: Step<N, E>) => boolean;
}

let stamp = 0;

/** The nearest step that is `found`, breadth first, the starts included; null when there is none. */
export function strongSearch<N extends PathNode<E>, E extends PathEdge<N>>(
  search: Search<N, E>,
): Step<N, E> | null {
  stamp += 1;
  const { backwards, skip, found, kinds } = search;
  const same = backwards ? NOT_RECURSIVE : HELD_EXCLUSIVELY;
  const strong = backwards ? HELD_EXCLUSIVELY : NOT_RECURSIVE;
  const queue: Step<N, E>[] = [];
  for (const { node, weak } of search.start) enter(queue, node, weak, null, null);
  for (let head = 0; head < queue.length; head += 1) {
    const step = queue[head];
    if (step === undefined || skip?.(step.node) === true) continue;
    if (found(step)) return step;
    const edges = backwards ? step.node.into : step.node.out;
    for (const edge of edges) {
      const usable = step.weak ? kinds(edge) & same : kinds(edge);
      if (usable === 0) continue;
      enter(queue, backwards ? edge.from : edge.to, (usable & strong) === 0, edge, step);
    }
  }
  return null;
}

/** Edges that a search went along, in the order of the path whichever way it was searched. */
export function edgesTo<N, E>(step: Step<N, E>, backwards: boolean): E[] {
  const edges: E[] = [];
  for (let at: Step<N, E> | null = step; at !== null; at = at.before)
    if (at.edge !== null) edges.push(at.edge);
  return backwards ? edges : edges.reverse();
}

/** Does a path that comes to a node in this way go on along an edge of these kinds? */
export function goesOn(weak: boolean, kinds: number): boolean {
  return (weak ? kinds & HELD_EXCLUSIVELY : kinds) !== 0;
}

/** Of the kinds by which a path may leave a node, whether all of them arrive as a recursive reader only. */
export function arrivesWeakly(kinds: number): boolean {
  return (kinds & NOT_RECURSIVE) === 0;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Queues a node unless it was reached at least as strongly before. */
function enter<N extends PathNode<E>, E>(
  queue: Step<N, E>[],
  node: N,
  weak: boolean,
  edge: E | null,
  before: Step<N, E> | null,
): void {
  if (node.strongStamp === stamp || (weak && node.weakStamp === stamp)) return;
  if (weak) node.weakStamp = stamp;
  else node.strongStamp = stamp;
  queue.push({ node, weak, edge, before });
}
