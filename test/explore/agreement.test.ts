import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { search as explore } from '../../core/explore/search.ts';
import { search as interpret } from '../../core/machine/search.ts';
import { program } from '../machine/builder.ts';
import { specs } from '../machine/generator.ts';
import { comparable, optionsWith } from './searching.ts';

const options = optionsWith({ maxStates: 3000 });

test('the explorer and the interpreter agree on random programs', () => {
  fc.assert(
    fc.property(specs(), (spec) => {
      const made = program(spec);
      assert.deepEqual(comparable(explore(made, options)), comparable(interpret(made, options)));
    }),
    { numRuns: Number(process.env['LOCKSTEP_RUNS'] ?? 600) },
  );
});
