/**
 * SPIN judges generated programs, which the interpreter and the compiled engine have agreed on: the same states, the
 * same violations, the same verdict. 20 of them; with LOCKSTEP_LONG=1 LOCKSTEP_RUNS of them (200).
 */

import assert from 'node:assert/strict';
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
let compared = 0;

describe(`SPIN agrees on ${runs} random scenarios (LOCKSTEP_SEED=${seed})`, { concurrency, skip }, () => {
  for (const [index, text] of texts.entries()) {
    test(`scenario ${index}`, async () => {
      const { project, variants } = open(text);
      const [variant] = variants;
      assert.ok(variant !== undefined);
      const program = programOf(project, variant);
      const found = agreed(program, maxStates);
      if (!found.complete) return;
      compared += 1;
      assert.deepEqual(await bySpin(program), bySearch(program, found), text);
    });
  }
});

test('most random scenarios are compared', { skip }, () => {
  assert.ok(compared > 0.7 * runs, `only ${compared} were compared`);
});
