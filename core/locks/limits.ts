/** Where the walk stops short: what it did not follow is told, so that nobody takes the rest for everything. */

import type { Loc } from '../semantics/hir.ts';
import type { Frame, Walk } from './walk.ts';

/** Statements that are looked at in one thread. */
export const mostWork = 3_000_000;
/** Calls nest no deeper. */
export const deepest = 60;
/** A function that is inside itself more often is followed for all values at once. */
export const mostAlike = 3;
/** Rounds of a loop, of which each finds other locks held or other things switched off. */
export const mostRounds = 24;
/** States in which the labels of one activation are reached. */
export const mostJumps = 200;
/** As many as lockdep keeps for a task (MAX_LOCK_DEPTH). */
export const mostHeld = 48;

export type Limit = 'work' | 'depth' | 'rounds' | 'jumps' | 'held';

const rules: Readonly<Record<Limit, readonly [string, string]>> = {
  work: [
    `A thread is followed for ${mostWork / 1_000_000} million statements.`,
    'This one has more ways through it: what is on the others is not known.',
  ],
  depth: [
    `Calls are followed ${deepest} deep.`,
    'What is called here is nested more deeply: what it does to locks is not known.',
  ],
  rounds: [
    `A loop is followed for ${mostRounds} rounds.`,
    'Each of them leaves other locks held, or other things switched off: what later ones do is not known.',
  ],
  jumps: [
    `The labels of a function are reached in at most ${mostJumps} states.`,
    'There are more here: what follows from them is not known.',
  ],
  held: [
    `A thread is followed with up to ${mostHeld} locks held.`,
    'One more is taken here, and is forgotten.',
  ],
};

/** A limit is met at a place. */
export function limited(walk: Walk, frame: Frame, loc: Loc, limit: Limit): void {
  if (walk.silent) return;
  const message = rules[limit].join(' ');
  walk.report.judge(`limit ${limit}`, walk.activationAt(frame), walk.userPlace(frame, loc), '', () => ({
    code: 'lock-analysis-limit',
    severity: 'warning',
    message,
    related: [],
    witness: null,
    fixes: [],
  }));
}
