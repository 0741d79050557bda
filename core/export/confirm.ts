import { refute } from '../machine/replay.ts';
import type { Violation } from '../machine/result.ts';
import type { Program } from '../program/ir.ts';
import type { Result } from './result.ts';

/** What the interpreter does not confirm of what the search found, in words: each is a fault of one of the two. */
export function refutedIn(program: Program, violations: readonly Violation[]): readonly string[] {
  return violations.flatMap((violation) => {
    const why = refute(program, violation);
    return why === null ? [] : [`${program.checks[violation.check]?.name ?? '?'}: ${why}`];
  });
}

/** A result as it is reported: one that the interpreter does not confirm is never shown as if it were right. */
export function confirmed(result: Result, refuted: readonly string[]): Result {
  if (refuted.length === 0) return result;
  const reason = `internal error: the interpreter does not confirm the search (${refuted.join('; ')})`;
  return { ...result, verdict: 'unknown', reason, met: false, complete: false };
}
