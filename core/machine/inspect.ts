/** What is wrong with a state itself, apart from the step that led to it: deadlock, final conditions, data races. */

import type { Program } from '../program/ir.ts';
import { type Deadlock, deadlockFinding, findDeadlock } from './deadlock.ts';
import type { Successors } from './interpreter.ts';
import { type Judgement, judgeFinals } from './predicates.ts';
import { findRaces } from './races.ts';
import type { Finding } from './result.ts';
import type { State } from './state.ts';

export interface Inspection {
  readonly deadlock: Deadlock | null;
  /** One for each final condition when every thread is over; null when one is not. */
  readonly finals: readonly Judgement[] | null;
  /** All findings, in the order in which every engine evaluates them. */
  readonly findings: readonly Finding[];
}

/** `moves`: the successors of each thread in this state. */
export function inspect(program: Program, state: State, moves: readonly Successors[]): Inspection {
  const deadlock = findDeadlock(program, state, moves);
  const finals = judgeFinals(program, state, moves);
  const findings = [
    ...(deadlock === null ? [] : [deadlockFinding(program, state, moves, deadlock)]),
    ...findingsOf(finals ?? []),
    ...findRaces(program, state, moves),
  ];
  return { deadlock, finals, findings };
}

/** The findings of those judgements that have one. */
export function findingsOf(judgements: readonly Judgement[]): readonly Finding[] {
  return judgements.flatMap((one) => (one.finding === null ? [] : [one.finding]));
}
