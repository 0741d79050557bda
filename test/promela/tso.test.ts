/** Store buffers are memory and their drains are threads, so SPIN explores them like the rest: the same states and findings. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { search } from '../../core/explore/search.ts';
import { open, programOf } from '../agreement/engines.ts';
import { bySearch, bySpin, concurrency, skip } from './spin.ts';

const root = new URL('../../', import.meta.url);
const files = [
  'test/tso/sb.lockstep',
  'test/tso/n6.lockstep',
  'test/tso/sizes.lockstep',
  'test/tso/freed_early.lockstep',
  'test/tso/interrupt.lockstep',
  'examples/indirect-shadow-pages.lockstep',
];

describe('SPIN under tso', { skip, concurrency }, () => {
  for (const file of files) {
    const { project, variants } = open(readFileSync(new URL(file, root), 'utf8'), { memory_model: 'tso' });
    for (const variant of variants.slice(0, 2)) {
      test(`${file} ${[...variant.options.values()].join(' ')}`, async () => {
        const program = programOf(project, variant);
        assert.ok(program.buffers !== undefined);
        const budget = { maxStates: 1e6, maxMilliseconds: 1e9, maxBytes: 1e9 };
        const found = search(program, { budget, reduction: false, onProgress: () => true, now: () => 0 });
        assert.ok(found.complete);
        assert.deepEqual(await bySpin(program, file), bySearch(program, found));
      });
    }
  }
});
