/** What the reference search finds in a small program, as tables of tests. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refute } from '../../core/machine/replay.ts';
import type { SearchOptions, SearchResult } from '../../core/machine/result.ts';
import { search } from '../../core/machine/search.ts';
import type { Program } from '../../core/program/ir.ts';
import {
  add,
  answer,
  at,
  eq,
  type Item,
  load,
  plainLoad,
  plainStore,
  program,
  type ProgramSpec,
} from './builder.ts';

export interface Expected {
  readonly states?: number;
  readonly transitions?: number;
  readonly depth?: number;
  /** `check @ site`, in order of discovery. */
  readonly violations?: readonly string[];
  /** Details that are found in this order. */
  readonly details?: readonly string[];
  readonly ended?: readonly boolean[];
  readonly evaluated?: readonly boolean[];
  readonly finalEvaluated?: readonly boolean[];
  readonly reached?: readonly boolean[];
  /** Length of the shortest trace to each goal; null: not reached. */
  readonly goals?: readonly (number | null)[];
  /** Length of the trace to each violation. */
  readonly lengths?: readonly number[];
}

/** A search that nothing stops. */
export const unlimited: SearchOptions = {
  budget: { maxStates: 1e6, maxMilliseconds: 1e6, maxBytes: 1e9 },
  reduction: false,
  onProgress: () => true,
  now: () => 0,
};

/** A test: the complete search of a program finds this, and nothing unexpected; every trace it gives can be replayed. */
export function checkSearch(name: string, spec: ProgramSpec, expected: Expected): void {
  test(name, () => {
    const made = program(spec);
    const result = search(made, unlimited);
    assert.equal(result.complete, true);
    const found = summaryOf(made, result);
    for (const key of Object.keys(expected) as (keyof Expected)[])
      assert.deepEqual(found[key], expected[key], key);
    if (expected.violations === undefined) assert.deepEqual(found.violations, []);
    for (const violation of result.violations) assert.equal(refute(made, violation), null);
  });
}

function summaryOf(made: Program, result: SearchResult): Required<Expected> {
  const { states, transitions, depth, violations, ended, evaluated, finalEvaluated, reached, goals } = result;
  return {
    states,
    transitions,
    depth,
    ended,
    evaluated,
    finalEvaluated,
    reached,
    violations: violations.map((one) => `${made.checks[one.check]?.name} @ ${made.sites[one.site]?.text}`),
    details: violations.map((one) => one.detail),
    goals: goals.map((one) => one.trace?.steps.length ?? null),
    lengths: violations.map((one) => one.trace.steps.length),
  };
}

/** An object of 8 bytes. */
export const word = (name: string) => ({ name, bytes: 8 });
export const increment = (object: string): Item[] => [
  ...plainLoad('r', object),
  ...plainStore(object, add('r', 1)),
];
/** A predicate: the object has this value. */
export const valueIs = (object: string, value: number): Item[] => [
  load('r', at(object)),
  answer(eq('r', value)),
];
