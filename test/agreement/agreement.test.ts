/**
 * The interpreter and the explorer agree on whole scenarios, from the text on: the same states, transitions, depth,
 * violations with the same traces, coverage and verdict; and the interpreter confirms every counterexample.
 *
 * `LOCKSTEP_RUNS` is the number of random scenarios. Those in corpus/ once made a difference, or are of a kind in
 * which one would be likely. A scenario on which the engines differ is printed as a text to put there.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SearchResult } from '../../core/machine/result.ts';
import type { Program } from '../../core/program/ir.ts';
import { themes } from './declarations.ts';
import { agreed, open, programOf } from './engines.ts';
import { scenarios } from './generator.ts';

const runs = Number(process.env['LOCKSTEP_RUNS'] ?? 600);
/** What has more states is compared as far as these. */
const maxStates = 3000;
const corpus = new URL('./corpus/', import.meta.url);

for (const name of readdirSync(corpus).filter((entry) => entry.endsWith('.lockstep'))) {
  test(`the engines agree on ${name}`, () => {
    const { project, variants } = open(readFileSync(new URL(name, corpus), 'utf8'));
    assert.ok(variants.length > 0);
    for (const variant of variants) {
      const { complete } = agreed(programOf(project, variant), 10 * maxStates);
      assert.ok(complete, 'a scenario of the corpus is explored completely');
    }
  });
}

test(`the engines agree on ${runs} random scenarios`, () => {
  const found = new Set<string>();
  const explored = new Set<string>();
  let complete = 0;
  const outcome = fc.check(
    fc.property(scenarios(), (text) => {
      const { project, variants } = open(text);
      const [variant] = variants;
      assert.ok(variant !== undefined);
      const program = programOf(project, variant);
      const result = agreed(program, maxStates);
      if (result.complete) complete += 1;
      explored.add(text);
      for (const { check } of result.violations) found.add(program.checks[check]?.code ?? '');
    }),
    { numRuns: runs },
  );
  if (outcome.failed) {
    const [text] = outcome.counterexample ?? [''];
    const error = outcome.errorInstance;
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    assert.fail(`after ${outcome.numRuns} scenarios (seed ${outcome.seed}):\n\n${text}\n${why}`);
  }
  // Random scenarios prove something only if they are different, get to their end, and break what may break.
  if (runs < 500) return;
  assert.ok(explored.size > 0.9 * runs, `only ${explored.size} different scenarios`);
  assert.ok(complete > 0.8 * runs, `only ${complete} were explored completely`);
  const frequent = [
    'deadlock',
    'data-race',
    'use-after-free',
    'invariant-broken',
    'warning-triggered',
    'null-pointer',
  ];
  assert.deepEqual(
    frequent.filter((code) => !found.has(code)),
    [],
  );
});

test(`the engines agree on ${runs / 3} random scenarios under tso`, () => {
  let complete = 0;
  let buffered = 0;
  let weaker = 0;
  const outcome = fc.check(
    fc.property(scenarios(), (text) => {
      const [strong] = open(text).variants;
      const { project, variants } = open(text, { memory_model: 'tso' });
      const [variant] = variants;
      assert.ok(variant !== undefined && strong !== undefined);
      const program = programOf(project, variant);
      const result = agreed(program, maxStates);
      if (program.buffers !== undefined) buffered += 1;
      if (!result.complete) return;
      complete += 1;
      const plain = agreed(programOf(project, strong), maxStates);
      if (result.states > plain.states) weaker += 1;
      // Whatever goes wrong with stores that are visible at once can go wrong with store buffers.
      if (plain.complete)
        assert.deepEqual(missing(kindsOf(programOf(project, strong), plain), kindsOf(program, result)), []);
    }),
    { numRuns: runs / 3 },
  );
  if (outcome.failed) {
    const [text] = outcome.counterexample ?? [''];
    const error = outcome.errorInstance;
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    assert.fail(`after ${outcome.numRuns} scenarios (seed ${outcome.seed}):\n\n${text}\n${why}`);
  }
  if (runs < 500) return;
  assert.ok(complete > 0.5 * outcome.numRuns, `only ${complete} were explored completely`);
  assert.ok(buffered > 0.5 * outcome.numRuns && weaker > 0.3 * outcome.numRuns, `${buffered} ${weaker}`);
});

/** What goes wrong and where, apart from what only one of the engines' memory models has. */
function kindsOf(program: Program, { violations }: SearchResult): readonly string[] {
  return violations.map(
    ({ check, site }) => `${program.checks[check]?.name} at ${JSON.stringify(program.sites[site]?.loc)}`,
  );
}

function missing(wanted: readonly string[], found: readonly string[]): readonly string[] {
  return wanted.filter((one) => !found.includes(one));
}

test('every theme occurs, and gives a text that is accepted', () => {
  for (const theme of themes) {
    const texts = fc.sample(scenarios([theme]), { numRuns: 3, seed: 1 });
    for (const text of texts) {
      const { project, variants } = open(text);
      for (const variant of variants) programOf(project, variant);
    }
  }
});
