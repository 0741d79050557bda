/** Control flow: the blocks of a code, and those of them that an entry can reach before the next parks. */

import type { Instr, ThreadCode } from '../program/ir.ts';

/** A run of instructions entered only at its start. */
export interface Block {
  /** Index of its first instruction, and behind its last. */
  readonly start: number;
  readonly end: number;
  readonly exit: Exit;
}

/** Targets are positions in the list of blocks. */
export type Exit =
  | { readonly kind: 'goto'; readonly to: Target }
  | {
      readonly kind: 'branch';
      readonly instr: Instr & { readonly op: 'branch' };
      readonly taken: Target;
      readonly next: Target;
    }
  | { readonly kind: 'park'; readonly park: number }
  | { readonly kind: 'end' };

/** `backward`: the jump counts as a round of a loop. */
export interface Target {
  readonly block: number;
  readonly backward: boolean;
}

/** The blocks of a whole code, in order. */
export interface Flow {
  readonly blocks: readonly Block[];
  /** Block that begins at an instruction; -1 for none. */
  readonly blockAt: Int32Array;
}

/** With `through`, parks are ordinary instructions; else each ends a block, and another begins behind it. */
export function flowOf(code: ThreadCode, through: boolean): Flow {
  const { instrs } = code;
  const leads = new Uint8Array(instrs.length + 2);
  leads[0] = 1;
  instrs.forEach((instr, index) => {
    if (instr.op === 'jump' || instr.op === 'branch') {
      leads[Math.min(instr.to, instrs.length)] = 1;
      leads[index + 1] = 1;
    } else if (instr.op === 'end' || (instr.op === 'park' && !through)) {
      leads[index + 1] = 1;
    }
  });
  // Code that runs off its end has ended: there is an empty block behind it.
  leads[instrs.length] = 1;
  const blockAt = new Int32Array(instrs.length + 1).fill(-1);
  let count = 0;
  for (let index = 0; index <= instrs.length; index += 1) if (leads[index] === 1) blockAt[index] = count++;
  const target = (from: number, to: number): Target => ({
    block: blockAt[Math.min(to, instrs.length)] ?? 0,
    backward: to <= from,
  });
  const blocks: Block[] = [];
  for (let start = 0; start <= instrs.length; ) {
    let next = start + 1;
    while (next <= instrs.length && leads[next] !== 1) next += 1;
    const last = instrs[next - 1];
    const at = next - 1;
    if (start === instrs.length || last === undefined || last.op === 'end')
      blocks.push({ start, end: at, exit: { kind: 'end' } });
    else if (last.op === 'jump')
      blocks.push({ start, end: at, exit: { kind: 'goto', to: target(at, last.to) } });
    else if (last.op === 'branch')
      blocks.push({
        start,
        end: at,
        exit: { kind: 'branch', instr: last, taken: target(at, last.to), next: target(at, next) },
      });
    else if (last.op === 'park' && !through)
      blocks.push({ start, end: at, exit: { kind: 'park', park: last.park } });
    else blocks.push({ start, end: next, exit: { kind: 'goto', to: target(at, next) } });
    start = next;
  }
  return { blocks, blockAt };
}

/**
 * The blocks reachable from the instruction `entry`, in reverse postorder: the entry first, and every edge that closes no
 * cycle leads forward. Targets are positions in this list.
 */
export function blocksFrom(flow: Flow, entry: number): readonly Block[] {
  const first = flow.blockAt[entry] ?? -1;
  const order = first < 0 ? [] : reversePostorder(flow, first);
  const position = new Map(order.map((block, index) => [block, index]));
  const moved = ({ block, backward }: Target): Target => ({ block: position.get(block) ?? 0, backward });
  return order.flatMap((index): Block[] => {
    const block = flow.blocks[index];
    if (block === undefined) return [];
    const { exit } = block;
    if (exit.kind === 'goto') return [{ ...block, exit: { kind: 'goto', to: moved(exit.to) } }];
    if (exit.kind === 'branch')
      return [{ ...block, exit: { ...exit, taken: moved(exit.taken), next: moved(exit.next) } }];
    return [block];
  });
}

export function targetsOf({ exit }: Block): readonly Target[] {
  switch (exit.kind) {
    case 'goto':
      return [exit.to];
    case 'branch':
      return [exit.taken, exit.next];
    case 'park':
    case 'end':
      return [];
  }
}

function reversePostorder({ blocks }: Flow, first: number): readonly number[] {
  const postorder: number[] = [];
  const seen = new Set([first]);
  const visit = (block: number) => {
    const found = blocks[block];
    return { block, targets: found === undefined ? [] : targetsOf(found), next: 0 };
  };
  const stack = [visit(first)];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const target = top.targets[top.next];
    top.next += 1;
    if (target === undefined) {
      postorder.push(top.block);
      stack.pop();
    } else if (!seen.has(target.block)) {
      seen.add(target.block);
      stack.push(visit(target.block));
    }
  }
  return postorder.reverse();
}
