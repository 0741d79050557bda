/**
 * SPIN judges generated programs, and the corpus of those that once made a difference, which the interpreter and the
 * compiled engine have agreed on: the same states, the same violations, the same verdict. 20 are generated; with
 * LOCKSTEP_LONG=1 LOCKSTEP_RUNS (200).
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { agreed, open, programOf } from '../agreement/engines.ts';
import { scenarios } from '../agreement/generator.ts';
import { bySearch, bySpin, concurrency, skip } from './spin.ts';

const long = process.env['LOCKSTEP_LONG'] === '1';
const runs = long ? Number(process.env['LOCKSTEP_RUNS'] ?? 200) : 20;
/** Printed with a failure by its name, so that it can be given again. */
const seed = Number(process.env['LOCKSTEP_SEED'] ?? (long ? Date.now() % 1e9 : 6));
/** What has more states is left out. */
const maxStates = 20_000;

const texts = skip === false ? fc.sample(scenarios(), { numRuns: runs, seed }) : [];
const corpus = new URL('../agreement/corpus/', import.meta.url);
let compared = 0;

describe(`SPIN agrees on ${runs} random scenarios (LOCKSTEP_SEED=${seed})`, { concurrency, skip }, () => {
  for (const [index, text] of texts.entries()) {
    test(`scenario ${index}`, async () => {
      const count = await compare(text);
      compared += count;
    });
  }
});

describe('SPIN agrees on the corpus', { concurrency, skip }, () => {
  for (const name of readdirSync(corpus)) {
    test(name, async () => {
      assert.ok((await compare(readFileSync(new URL(name, corpus), 'utf8'))) > 0);
    });
  }
});

test('most random scenarios are compared', { skip }, () => {
  assert.ok(compared > 0.7 * runs, `only ${compared} were compared`);
});

/** Compares every variant that has few enough states, and answers how many those are. */
async function compare(text: string): Promise<number> {
  const { project, variants } = open(text);
  const programs = variants.map((variant) => programOf(project, variant));
  const small = programs.flatMap((program) => {
    const found = agreed(program, maxStates);
    return found.complete ? [{ program, found }] : [];
  });
  for (const { program, found } of small) {
    assert.deepEqual(await bySpin(program), bySearch(program, found), text);
  }
  return small.length;
}
