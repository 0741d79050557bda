/** Where the walk stops short: what it did not follow is told, so that nobody takes the rest for everything. */

import type { Loc } from '../semantics/hir.ts';
import type { Parts } from './report.ts';
import type { Frame, Walk } from './walk.ts';

/** Statements that are looked at in one thread, each counted for every way to it. */
export const mostWork = 1_000_000;
/** Ways to one place, of which each holds other locks or has other things switched off. */
export const mostWays = 500;
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

export type Limit = 'recursion' | 'ways' | 'work' | 'depth' | 'rounds' | 'jumps' | 'held';

const rules: Readonly<Record<Limit, readonly [string, string]>> = {
  recursion: [
    `Recursion is followed for ${mostAlike} calls, then once for all values that may come.`,
    'For some of them a rule would be broken here: whether they come is not known.',
  ],
  ways: [
    `A place is reached in at most ${mostWays} states.`,
    'There are more here, of which each holds other locks or has other things switched off: what is on the others is not known.',
  ],
  work: [
    `A thread is followed for ${mostWork / 1_000_000} million statements, each counted for every way to it.`,
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
    'One more is taken here: what follows from it is not known.',
  ],
};

/** A limit is met at a place. */
export function limited(walk: Walk, frame: Frame, loc: Loc, limit: Limit): void {
  if (walk.silent) return;
  const place = walk.userPlace(frame, loc);
  walk.report.limited(`limit ${limit}`, walk.activationAt(frame), place, partsOf(limit));
}

/** What is told of a limit. */
export function partsOf(limit: Limit): Parts {
  return {
    code: 'lock-analysis-limit',
    severity: 'warning',
    message: rules[limit].join(' '),
    related: [],
    witness: null,
    fixes: [],
  };
}
