/**
 * The shape of the tree that states are stored as: its leaves are lines, its inner nodes have up to four children.
 *
 * A step changes a thread's block and little else, and the parts that change most make the most different subtrees. So the
 * shape is that of a Huffman code: what changes often stands near the root, and the subtrees of a node change about
 * equally often, which keeps both the look-ups of a step and the number of different subtrees small.
 */

import type { Program } from '../program/ir.ts';
import { LINE, type StateLayout } from './layout.ts';
import { locate } from './memoryAccess.ts';

/**
 * Inner nodes are numbered from the root, which is 0, so that parents come before children. The children of inner node j
 * have the positions 4j + 1 .. 4j + 4; a position without a child stays empty.
 */
export interface TreeShape {
  readonly lines: number;
  readonly inner: number;
  /** Position of each line. */
  readonly lineAt: Int32Array;
  /** Position of each inner node; the root's is 0. */
  readonly innerAt: Int32Array;
  /** What is at a position: an inner node's number, or -1 - line, or 0 for nothing (and for the root's). */
  readonly nodeAt: Int32Array;
}

export const positionsOf = (inner: number): number => 4 * inner + 1;

/** `weights`: how often each line changes, in any unit; at least two lines. */
export function shapeTree(weights: readonly number[]): TreeShape {
  const root = huffman(weights);
  const lineAt = new Int32Array(weights.length);
  const queue: { readonly node: Node; readonly position: number }[] = [{ node: root, position: 0 }];
  const innerAt: number[] = [];
  const placed: { readonly position: number; readonly what: number }[] = [];
  for (const { node, position } of queue) {
    if (node.children === null) {
      lineAt[node.line] = position;
      placed.push({ position, what: -1 - node.line });
      continue;
    }
    const number = innerAt.push(position) - 1;
    placed.push({ position, what: number });
    queue.push(...node.children.map((child, i) => ({ node: child, position: 4 * number + 1 + i })));
  }
  const nodeAt = new Int32Array(positionsOf(innerAt.length));
  for (const { position, what } of placed) nodeAt[position] = what;
  return { lines: weights.length, inner: innerAt.length, lineAt, innerAt: Int32Array.from(innerAt), nodeAt };
}

/** How often a step of the program changes each line, guessed from its code. */
export function weighLines(program: Program, state: StateLayout): readonly number[] {
  const weights = Array.from({ length: state.lines }, () => 0.01);
  const add = (offset: number, weight: number): void => {
    const line = Math.floor(offset / LINE);
    weights[line] = (weights[line] ?? 0) + weight;
  };
  program.threads.forEach((thread, index) => {
    const code = program.codes[thread.code];
    const block = state.blocks[index] ?? 0;
    const bytes = state.codes[thread.code]?.bytes ?? 0;
    // Every step moves the word at the start; registers behind it change now and then.
    add(block, 1);
    for (let offset = LINE; offset < bytes; offset += LINE) add(block + offset, 0.5);
    const stores = code?.instrs.filter((instr) => instr.op === 'store') ?? [];
    for (const store of stores) {
      const place = store.address.kind === 'const' ? locate(program.memory, store.address.value) : null;
      if (place !== null) add(place.image, 1 / Math.max(stores.length, code?.parks.length ?? 1));
    }
  });
  return weights;
}

interface Node {
  readonly weight: number;
  readonly line: number;
  readonly children: readonly Node[] | null;
}

/** Takes the four lightest together, until one is left. The first group is smaller where that makes all later ones full. */
function huffman(weights: readonly number[]): Node {
  const leaves = weights.map((weight, line): Node => ({ weight, line, children: null })).sort(byWeight);
  const made: Node[] = [];
  let nextLeaf = 0;
  let nextMade = 0;
  // Both queues are sorted, so the lightest of all is at one of their heads. Leaves win ties: the tree stays flat.
  const lightest = (): Node | undefined => {
    const leaf = leaves[nextLeaf];
    const node = made[nextMade];
    if (leaf !== undefined && (node === undefined || leaf.weight <= node.weight)) {
      nextLeaf += 1;
      return leaf;
    }
    nextMade += 1;
    return node;
  };
  let left = leaves.length;
  let size = left <= 4 ? left : 2 + ((left - 2) % 3);
  for (;;) {
    const children: Node[] = [];
    for (let i = 0; i < size; i += 1) {
      const child = lightest();
      if (child !== undefined) children.push(child);
    }
    const node: Node = { weight: children.reduce((sum, child) => sum + child.weight, 0), line: -1, children };
    left -= size - 1;
    if (left <= 1) return node;
    made.push(node);
    size = 4;
  }
}

/** Equal weights keep the order of lines, so that neighbours stay together. */
function byWeight(a: Node, b: Node): number {
  return a.weight - b.weight || a.line - b.line;
}
