import { reachedCircles } from '../machine/circle.ts';
import { threadsOf } from '../machine/explain.ts';
import { allSuccessors } from '../machine/interpreter.ts';
import { reachedGoals } from '../machine/predicates.ts';
import { refute, replay } from '../machine/replay.ts';
import type { Trace, Violation } from '../machine/result.ts';
import type { State } from '../machine/state.ts';
import type { Program } from '../program/ir.ts';
import type { Result } from './result.ts';

/** What the interpreter does not confirm of what the search found, in words: each is a fault of one of the two. */
export function refutedIn(program: Program, violations: readonly Violation[]): readonly string[] {
  return violations.flatMap((violation) => {
    const why = refute(program, violation);
    return why === null ? [] : [`${program.checks[violation.check]?.name ?? '?'}: ${why}`];
  });
}

/** null: the trace leads to a state that reaches this goal. Else why it does not, in words. */
export function refuteGoal(program: Program, goal: number, trace: Trace): string | null {
  const { start, steps, failure } = replay(program, trace);
  if (failure !== null) return failure.reason;
  const last = steps.length === 0 ? start.state : (steps.at(-1)?.after ?? null);
  const isReached = last !== null && goalsIn(program, last).includes(goal);
  return isReached ? null : `the trace does not lead to ${program.goals[goal]?.name ?? 'this goal'}`;
}

/** By its predicate, or by the circle of waits that it asks for. */
function goalsIn(program: Program, state: State): readonly number[] {
  const waits = allSuccessors(program, state).map((move) =>
    move.kind === 'blocked' ? { holders: threadsOf(program, move.holders), site: move.site } : null,
  );
  return [...reachedGoals(program, state), ...reachedCircles(program, waits)];
}

/** A result as it is reported: one that the interpreter does not confirm is never shown as if it were right. */
export function confirmed(result: Result, refuted: readonly string[]): Result {
  if (refuted.length === 0) return result;
  const reason = `internal error: the interpreter does not confirm the search (${refuted.join('; ')})`;
  return { ...result, verdict: 'unknown', reason, met: false, complete: false };
}
