/** The static lock rules as an exploration uses them. */

import { analyse } from '../core/locks/analyse.ts';
import type { AnalysisCache } from '../core/locks/cache.ts';
import type { LockFinding, Witness } from '../core/locks/events.ts';
import { goalOf } from '../core/locks/witness.ts';
import type { Goal, Program } from '../core/program/ir.ts';
import type { CheckedProgram } from '../core/semantics/hir.ts';

/** What one variant breaks, and how to ask whether an interleaving gets there. */
export type LockRules = (
  checked: CheckedProgram,
  cache: AnalysisCache,
) => {
  readonly findings: readonly LockFinding[];
  /** Functions that some thread comes to. */
  readonly reached: ReadonlySet<string>;
  /** A witness as a question to the search; null when no goal of this program expresses it. */
  readonly goalOf: (program: Program, witness: Witness, name: string) => Goal | null;
};

export const lockRules: LockRules = (checked, cache) => {
  const { findings, reached, events } = analyse(checked, cache);
  return { findings, reached, goalOf: (program, witness, name) => goalOf(program, events, witness, name) };
};
