/** Where a thread stands: its calls, innermost first, and the locals of each. */

import { evaluate } from '../machine/expression.ts';
import { parkOf, type State } from '../machine/state.ts';
import type { Frame, FrameVariable, Program } from '../program/ir.ts';
import type { Loc } from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';
import type { Known } from '../program/questions.ts';

export interface StackFrame {
  /** Index into Program.frames. */
  readonly frame: number;
  /** Empty for the body of an actor. */
  readonly function: string;
  /** What it does next, or where it calls the frame above it. */
  readonly loc: Loc;
}

export interface StackVariable {
  readonly name: string;
  readonly type: Type;
  /** null: it was never written. */
  readonly known: Known | null;
  /** Registers that hold it; empty for what is in memory or computed. */
  readonly registers: readonly number[];
  /** Registers that are 0 while it, or a part of it, was never written. */
  readonly flags: readonly number[];
}

/** Empty for a thread that has ended. */
export function stackOf(program: Program, state: State, thread: number): readonly StackFrame[] {
  const site = program.sites[parkOf(program, state, thread)?.site ?? -1];
  if (site === undefined) return [];
  const stack: StackFrame[] = [];
  let loc = site.loc;
  for (let index: number | null = site.frame; index !== null; ) {
    const frame: Frame | undefined = program.frames[index];
    if (frame === undefined) break;
    stack.push({ frame: index, function: frame.function, loc });
    loc = frame.call ?? loc;
    index = frame.parent;
  }
  return stack;
}

/** Variables of one frame in order of declaration; of several with one name, the last one declared is the last. */
export function variablesOf(
  program: Program,
  state: State,
  thread: number,
  frame: number,
): readonly StackVariable[] {
  const registers = state.threads[thread]?.registers ?? [];
  const env = { registers: [...registers], self: thread, param: program.threads[thread]?.param ?? 0n };
  const read = (reg: number): bigint => BigInt.asUintN(64, registers[reg] ?? 0n);
  return (program.frames[frame]?.variables ?? []).map((variable) => variableOf(variable, read, env));
}

function variableOf(
  { name, type, where }: FrameVariable,
  read: (reg: number) => bigint,
  env: Parameters<typeof evaluate>[1],
): StackVariable {
  const unwritten = (flag: number | null): boolean => flag !== null && read(flag) === 0n;
  switch (where.kind) {
    case 'reg':
      return {
        name,
        type,
        known: unwritten(where.flag) ? null : { kind: 'value', value: read(where.reg) },
        registers: [where.reg],
        flags: where.flag === null ? [] : [where.flag],
      };
    case 'value':
      return {
        name,
        type,
        known: { kind: 'value', value: BigInt.asUintN(64, evaluate(where.value, env)) },
        registers: [],
        flags: [],
      };
    case 'memory':
      return {
        name,
        type,
        known: { kind: 'address', address: BigInt.asUintN(64, evaluate(where.address, env)) },
        registers: [],
        flags: [],
      };
    case 'split': {
      const values = new Map(where.leaves.map(({ offset, reg }) => [offset, read(reg)]));
      const all = where.leaves.every(({ flag }) => unwritten(flag));
      return {
        name,
        type,
        known: all && where.leaves.length > 0 ? null : { kind: 'leaves', values },
        registers: where.leaves.map(({ reg }) => reg),
        flags: where.leaves.flatMap(({ flag }) => flag ?? []),
      };
    }
  }
}
