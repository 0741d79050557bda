import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { search as explore } from '../../core/explore/search.ts';
import type { SearchOptions, SearchResult } from '../../core/explore/result.ts';
import { search as interpret } from '../../core/machine/search.ts';
import { program } from '../machine/builder.ts';
import { specs } from '../machine/generator.ts';

const options: SearchOptions = {
  budget: { maxStates: 3000, maxMilliseconds: 1e9, maxBytes: 1e9 },
  reduction: false,
  onProgress: () => true,
  now: () => 0,
};

/** Everything but what depends on the engine's own memory and time: traces, details and order of discovery included. */
function comparable({ milliseconds, bytes, ...rest }: SearchResult): Omit<SearchResult, 'milliseconds' | 'bytes'> {
  void milliseconds;
  void bytes;
  return rest;
}

test('the explorer and the interpreter agree on random programs', () => {
  fc.assert(
    fc.property(specs(), (spec) => {
      const made = program(spec);
      assert.deepEqual(comparable(explore(made, options)), comparable(interpret(made, options)));
    }),
    { numRuns: Number(process.env['LOCKSTEP_RUNS'] ?? 600) },
  );
});
