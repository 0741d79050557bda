/** Conditions over a state: invariants, goals, and what must hold when every thread is over. */

import type { Invariant, Predicate, Program } from '../program/ir.ts';
import type { Successors } from './interpreter.ts';
import type { Finding } from './result.ts';
import { type Run, run } from './run.ts';
import { parkOf, type State } from './state.ts';

export type Answer =
  | { readonly kind: 'answer'; readonly holds: boolean }
  | { readonly kind: 'fault'; readonly detail: string };

/** The answer of a predicate, or why it has none: it touched invalid memory, or broke a fatal check itself. */
export function evaluatePredicate(program: Program, state: State, predicate: Predicate): Answer {
  const result = evaluate(program, state, predicate);
  switch (result.kind) {
    case 'rest':
      return { kind: 'answer', holds: (result.registers[0] ?? 0n) !== 0n };
    case 'fatal': {
      const last = result.findings.at(-1);
      const name = program.checks[last?.check ?? -1]?.name ?? 'a check failed';
      return {
        kind: 'fault',
        detail: last === undefined || last.detail === '' ? name : `${name}: ${last.detail}`,
      };
    }
    case 'blocked':
    case 'refused':
      return { kind: 'fault', detail: 'the condition waits for something' };
  }
}

/** The address that the code of a predicate leaves in register 0, unsigned; null where it has none. */
export function addressOf(program: Program, state: State, predicate: Predicate): bigint | null {
  const result = evaluate(program, state, predicate);
  return result.kind === 'rest' ? BigInt.asUintN(64, result.registers[0] ?? 0n) : null;
}

function evaluate(program: Program, state: State, { code }: Predicate): Run {
  const registers = Array.from({ length: code.regs }, () => 0n);
  const { image } = state;
  return run(
    program,
    { code, pc: 0, registers, image, self: program.threads.length, param: 0n, loops: 0, site: 0 },
    [],
  );
}

/** `evaluated`: its `unless` was false, so that the condition was put to the test. */
export interface Judgement {
  readonly evaluated: boolean;
  readonly finding: Finding | null;
}

/** One judgement for each invariant. `thread`: whose step led here; null for an initial state. */
export function judgeInvariants(program: Program, state: State, thread: number | null): readonly Judgement[] {
  return program.invariants.map((one) => judge(program, state, one, thread));
}

/** One judgement for each final condition, if every thread is over; null when one is not. */
export function judgeFinals(
  program: Program,
  state: State,
  moves: readonly Successors[],
): readonly Judgement[] | null {
  const over = program.threads.every((_, thread) => isOver(program, state, thread, moves[thread]));
  return over ? program.finals.map((one) => judge(program, state, one, null)) : null;
}

/** Indices of the goals that this state reaches. A goal whose predicate has no answer is not reached. */
export function reachedGoals(program: Program, state: State): readonly number[] {
  return [...program.goals.keys()].filter((index) => {
    const goal = program.goals[index];
    const answer = goal === undefined ? null : evaluatePredicate(program, state, goal.predicate);
    return answer?.kind === 'answer' && answer.holds;
  });
}

/** Nothing more is expected of a thread: at its end, an optional one at its head, a daemon at its head with nothing to do. */
export function isOver(
  program: Program,
  state: State,
  thread: number,
  move: Successors | undefined,
): boolean {
  const park = parkOf(program, state, thread);
  if (park === null) return true;
  if (!park.head) return false;
  const ending = program.threads[thread]?.ending;
  return ending === 'optional' || (ending === 'daemon' && move?.kind !== 'enabled');
}

/** It has reached its end, or its head, whether or not there is more for it to do. */
export function hasEnded(program: Program, state: State, thread: number): boolean {
  return parkOf(program, state, thread)?.head ?? true;
}

function judge(program: Program, state: State, invariant: Invariant, thread: number | null): Judgement {
  const broken = (detail: string): Finding => ({
    check: invariant.check,
    site: invariant.site,
    thread,
    detail,
  });
  if (invariant.unless !== null) {
    const unless = evaluatePredicate(program, state, invariant.unless);
    if (unless.kind === 'fault') return { evaluated: false, finding: broken(unless.detail) };
    if (unless.holds) return { evaluated: false, finding: null };
  }
  const condition = evaluatePredicate(program, state, invariant.condition);
  if (condition.kind === 'fault') return { evaluated: true, finding: broken(condition.detail) };
  return { evaluated: true, finding: condition.holds ? null : broken('') };
}
