/** Control flow of a stretch of code, from an entry to the parks and ends it can reach. */

import type { Instr, ThreadCode } from '../program/ir.ts';

/** A run of instructions entered only at its start. */
export interface Block {
  /** Index of its first instruction, and behind its last. */
  readonly start: number;
  readonly end: number;
  readonly exit: Exit;
}

/** Targets are positions in the list of blocks. `backward`: the jump counts as a round of a loop. */
export type Exit =
  | { readonly kind: 'goto'; readonly to: Target }
  | { readonly kind: 'branch'; readonly instr: Instr & { readonly op: 'branch' }; readonly taken: Target; readonly next: Target }
  | { readonly kind: 'park'; readonly park: number }
  | { readonly kind: 'end' };

export interface Target {
  readonly block: number;
  readonly backward: boolean;
}

/**
 * The blocks reachable from `entry`, in reverse postorder: the entry first, and every edge that closes no cycle leads forward.
 * With `through`, parks are ordinary instructions.
 */
export function blocksFrom(code: ThreadCode, entry: number, through: boolean): readonly Block[] {
  const stops = (instr: Instr | undefined): boolean => instr === undefined || instr.op === 'end' || (instr.op === 'park' && !through);
  const leaders = findLeaders(code, entry, stops);
  const endOf = (start: number): number => {
    let index = start;
    for (;;) {
      const instr = code.instrs[index];
      if (stops(instr) || instr?.op === 'jump' || instr?.op === 'branch') return index;
      index += 1;
      if (leaders.has(index)) return index;
    }
  };
  const ends = new Map([...leaders].map((start) => [start, endOf(start)]));
  const successors = (start: number): readonly number[] => {
    const end = ends.get(start) ?? start;
    const instr = code.instrs[end];
    if (leaders.has(end) && end !== start) return [end];
    if (instr?.op === 'jump') return [instr.to];
    if (instr?.op === 'branch') return [instr.to, end + 1];
    return [];
  };
  const order = reversePostorder(entry, successors);
  const position = new Map(order.map((start, index) => [start, index]));
  const target = (from: number, to: number): Target => ({ block: position.get(to) ?? 0, backward: to <= from });
  return order.map((start): Block => {
    const end = ends.get(start) ?? start;
    const instr = code.instrs[end];
    const block = (exit: Exit): Block => ({ start, end, exit });
    if (leaders.has(end) && end !== start) return block({ kind: 'goto', to: target(end - 1, end) });
    if (instr?.op === 'jump') return block({ kind: 'goto', to: target(end, instr.to) });
    if (instr?.op === 'branch') return block({ kind: 'branch', instr, taken: target(end, instr.to), next: target(end, end + 1) });
    if (instr?.op === 'park' && !through) return block({ kind: 'park', park: instr.park });
    return block({ kind: 'end' });
  });
}

/** Instructions that more than falling through leads to, the entry, and what follows a branch. */
function findLeaders(code: ThreadCode, entry: number, stops: (instr: Instr | undefined) => boolean): ReadonlySet<number> {
  const leaders = new Set([entry]);
  const visited = new Set<number>();
  const work = [entry];
  const lead = (to: number): void => {
    leaders.add(to);
    work.push(to);
  };
  for (let index = work.pop(); index !== undefined; index = work.pop()) {
    while (!visited.has(index)) {
      visited.add(index);
      const instr = code.instrs[index];
      if (instr === undefined || stops(instr)) break;
      if (instr.op === 'jump') {
        lead(instr.to);
        break;
      }
      if (instr.op === 'branch') {
        lead(instr.to);
        lead(index + 1);
        break;
      }
      index += 1;
    }
  }
  return leaders;
}

function reversePostorder(entry: number, successors: (start: number) => readonly number[]): readonly number[] {
  const postorder: number[] = [];
  const seen = new Set([entry]);
  const stack = [{ start: entry, next: 0 }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const to = successors(top.start)[top.next];
    top.next += 1;
    if (to === undefined) {
      postorder.push(top.start);
      stack.pop();
    } else if (!seen.has(to)) {
      seen.add(to);
      stack.push({ start: to, next: 0 });
    }
  }
  return postorder.reverse();
}
