/** The order graph's memory: classes, edges and usage states, each counted by the acquisitions that it comes from. */

import type { Loc } from '../semantics/hir.ts';
import type { AcquireEvent, HeldLock, IrqContext, LockClass, LockEvent } from './events.ts';
import { least, linkLocs } from './graphText.ts';
import { EN, ER, type PathEdge, type PathNode, SN, SR } from './strongPath.ts';

/** `event.lock` is requested while `held` is held. */
export interface Link {
  readonly held: HeldLock;
  readonly event: AcquireEvent;
}

/** A request that was made in interrupt context, or something held (or just acquired) while interrupts are on. */
export interface Use {
  readonly usage: number;
  readonly lock: HeldLock;
  readonly event: LockEvent;
}

export type Domain = Exclude<IrqContext, 'task'>;
export const domains: readonly Domain[] = ['hardirq', 'softirq'];

/**
 * Usage states of a class, as bits: per domain, used in it by a writer (0), a reader (1), a recursive reader (2);
 * held with its interrupts enabled by a writer (3), a reader of either sort (4).
 */
export function usedIn(domain: Domain, read: 0 | 1 | 2): number {
  return base(domain) + read;
}

export function enabledIn(domain: Domain, read: 0 | 1 | 2): number {
  return base(domain) + (read === 0 ? 3 : 4);
}

const USAGES = 10;

export interface ClassNode extends PathNode<Edge> {
  /** As the newest event has it. */
  lock: LockClass;
  readonly out: Edge[];
  readonly into: Edge[];
  /** `out` by the key of its end. */
  readonly outByKey: Map<string, Edge>;
  readonly uses: readonly Set<Use>[];
  /** Bit per usage that is not empty. */
  usage: number;
  /** Declared orders, links and uses that name it. */
  references: number;
}

export interface Edge extends PathEdge<ClassNode> {
  readonly from: ClassNode;
  readonly to: ClassNode;
  /** By kind bit: 1, 2, 4, 8. */
  readonly links: ReadonlyMap<number, Set<Link>>;
  /** Kinds of the links it has. */
  kinds: number;
  /** Declared orders that say so. */
  declared: number;
}

export class GraphStore {
  readonly nodes = new Map<string, ClassNode>();
  /** Number of classes by usage. */
  private readonly counts: number[] = Array.from({ length: USAGES }, () => 0);

  /** Is any class used in the domain's handlers, and any held while they may come? */
  matters(domain: Domain): boolean {
    const [write, read, recursive, heldWrite, heldRead] = this.counts.slice(base(domain));
    return sum(write, read, recursive) > 0 && sum(heldWrite, heldRead) > 0;
  }

  /** The edge, and whether a kind of it is new. */
  addLink(link: Link): { readonly edge: Edge; readonly fresh: boolean } {
    const edge = this.edge(link.held.class, link.event.lock.class);
    const kind = kindOf(link);
    edge.links.get(kind)?.add(link);
    const fresh = (edge.kinds & kind) === 0;
    edge.kinds |= kind;
    return { edge, fresh };
  }

  removeLink(link: Link): void {
    const edge = this.nodes.get(link.held.class.key)?.outByKey.get(link.event.lock.class.key);
    if (edge === undefined) return;
    const kind = kindOf(link);
    const links = edge.links.get(kind);
    links?.delete(link);
    if (links?.size === 0) edge.kinds &= ~kind;
    this.dropEdge(edge);
  }

  declare(before: LockClass, after: LockClass): Edge {
    const edge = this.edge(before, after);
    edge.declared += 1;
    return edge;
  }

  undeclare(before: LockClass, after: LockClass): void {
    const edge = this.nodes.get(before.key)?.outByKey.get(after.key);
    if (edge === undefined) return;
    edge.declared -= 1;
    this.dropEdge(edge);
  }

  /** The class, and whether the usage is new. */
  addUse(use: Use): { readonly node: ClassNode; readonly fresh: boolean } {
    const node = this.node(use.lock.class);
    node.references += 1;
    node.uses[use.usage]?.add(use);
    const fresh = !hasUsage(node, use.usage);
    if (fresh) this.count(use.usage, 1);
    node.usage |= 1 << use.usage;
    return { node, fresh };
  }

  removeUse(use: Use): void {
    const node = this.nodes.get(use.lock.class.key);
    const uses = node?.uses[use.usage];
    if (node === undefined || uses === undefined || !uses.delete(use)) return;
    if (uses.size === 0) {
      node.usage &= ~(1 << use.usage);
      this.count(use.usage, -1);
    }
    this.release(node);
  }

  private count(usage: number, by: number): void {
    this.counts[usage] = (this.counts[usage] ?? 0) + by;
  }

  private edge(from: LockClass, to: LockClass): Edge {
    const source = this.node(from);
    const target = this.node(to);
    source.references += 1;
    target.references += 1;
    const known = source.outByKey.get(to.key);
    if (known !== undefined) return known;
    const links = new Map([SR, ER, SN, EN].map((kind) => [kind, new Set<Link>()]));
    const edge: Edge = { from: source, to: target, links, kinds: 0, declared: 0 };
    source.outByKey.set(to.key, edge);
    insert(source.out, edge, (one) => one.to.key);
    insert(target.into, edge, (one) => one.from.key);
    return edge;
  }

  private dropEdge(edge: Edge): void {
    if (edge.kinds === 0 && edge.declared === 0) {
      edge.from.outByKey.delete(edge.to.key);
      edge.from.out.splice(edge.from.out.indexOf(edge), 1);
      edge.to.into.splice(edge.to.into.indexOf(edge), 1);
    }
    this.release(edge.from);
    this.release(edge.to);
  }

  private node(lock: LockClass): ClassNode {
    const known = this.nodes.get(lock.key);
    if (known !== undefined) {
      known.lock = lock;
      return known;
    }
    const node: ClassNode = {
      key: lock.key,
      lock,
      out: [],
      into: [],
      outByKey: new Map(),
      uses: Array.from({ length: USAGES }, () => new Set<Use>()),
      usage: 0,
      references: 0,
      strongStamp: 0,
      weakStamp: 0,
    };
    this.nodes.set(lock.key, node);
    return node;
  }

  private release(node: ClassNode): void {
    node.references -= 1;
    if (node.references === 0) this.nodes.delete(node.key);
  }
}

export function hasUsage(node: ClassNode, usage: number): boolean {
  return (node.usage & (1 << usage)) !== 0;
}

/** Whether the code does what is said of it: it does; it may; it was guessed. */
export type Doubt = 0 | 1 | 2;

export function doubtOfLink({ held, event }: Link): Doubt {
  return most(doubtOfLock(held), doubtOfLock(event.lock));
}

export function doubtOfLock({ unsure }: HeldLock): Doubt {
  return unsure === undefined ? 0 : unsure === 'guess' ? 2 : 1;
}

export function most(...doubts: readonly Doubt[]): Doubt {
  return doubts.includes(2) ? 2 : doubts.includes(1) ? 1 : 0;
}

export function doubtOfUse({ usage, lock, event }: Use): Doubt {
  return most(doubtOfLock(lock), !inHandlers.includes(usage) && event.unsureIrqs === true ? 1 : 0);
}

const inHandlers: readonly number[] = domains.flatMap((domain) => [
  usedIn(domain, 0),
  usedIn(domain, 1),
  usedIn(domain, 2),
]);

/** The first of some, by place; what is sure before what is not. */
export function leastOf<T>(
  all: Iterable<T>,
  placeOf: (one: T) => readonly Loc[],
  doubtOf: (one: T) => Doubt,
): T | null {
  const each = [...all];
  const doubt = Math.min(...each.map(doubtOf));
  return least(
    each.filter((one) => doubtOf(one) === doubt),
    placeOf,
  );
}

/** The first of an edge's links, by place, a sure one if there is one; null when it is only declared. */
export function linkOf(edge: Edge, kinds: readonly number[] = [EN, SN, ER, SR]): Link | null {
  return leastOf(
    kinds.flatMap((kind) => [...(edge.links.get(kind) ?? [])]),
    linkLocs,
    doubtOfLink,
  );
}

export function kindOf({ held, event }: Link): number {
  if (held.read === 0) return event.lock.read === 2 ? ER : EN;
  return event.lock.read === 2 ? SR : SN;
}

function sum(...all: readonly (number | undefined)[]): number {
  return all.reduce<number>((total, one) => total + (one ?? 0), 0);
}

function insert(edges: Edge[], edge: Edge, keyOf: (edge: Edge) => string): void {
  const key = keyOf(edge);
  const at = edges.findIndex((one) => keyOf(one) > key);
  edges.splice(at < 0 ? edges.length : at, 0, edge);
}

function base(domain: Domain): number {
  return domain === 'hardirq' ? 0 : USAGES / 2;
}
