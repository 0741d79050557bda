/** The static lock rules as an exploration uses them. */

import { analyse } from '../core/locks/analyse.ts';
import type { LockFinding, Witness } from '../core/locks/events.ts';
import { judge } from '../core/locks/graph.ts';
import type { Goal, Program } from '../core/program/ir.ts';
import type { CheckedProgram } from '../core/semantics/hir.ts';

export interface LockRules {
  /** Everything that one variant breaks. */
  readonly findings: (program: CheckedProgram) => readonly LockFinding[];
  /** A witness as a question to the search; null when no predicate over the states of this program expresses it. */
  readonly goalOf: (program: Program, witness: Witness, name: string) => Goal | null;
}

export const lockRules: LockRules = {
  findings: (program) => {
    const { findings, events, orders } = analyse(program);
    return [...findings, ...judge(events, orders)];
  },
  goalOf: () => null,
};
