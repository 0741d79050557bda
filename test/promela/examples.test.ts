/**
 * SPIN judges the examples: the same states, the same violations, the same verdict. Variants of more than 20,000 states
 * only with LOCKSTEP_LONG=1.
 */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { search } from '../../core/explore/search.ts';
import { CheckCache } from '../../core/semantics/cache.ts';
import type { SnapshotCache } from '../../core/semantics/snapshot.ts';
import { programOf } from '../../host/job.ts';
import { openScenario } from '../../host/scenario.ts';
import { root } from '../house/sources.ts';
import { bySearch, bySpin, concurrency, skip } from './spin.ts';

const maxStates = process.env['LOCKSTEP_LONG'] === '1' ? 1e7 : 20_000;
const folder = join(root, 'examples');
const snapshots: SnapshotCache = new Map();
let compared = 0;

describe('SPIN agrees on the examples', { concurrency, skip }, () => {
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.lockstep'))) {
    const { project, variants } = openScenario(join(folder, name), snapshots);
    const bodies = new CheckCache();
    for (const variant of variants) {
      const options = [...variant.options].map(([option, value]) => `${option}=${value}`).join(' ');
      test(`${name} ${options}`, async () => {
        const { program } = programOf(project, variant, bodies);
        assert.ok(program !== null);
        const found = search(program, {
          budget: { maxStates, maxMilliseconds: 1e9, maxBytes: 4e9 },
          reduction: false,
          onProgress: () => true,
          now: () => 0,
        });
        if (!found.complete && maxStates < 1e7) return;
        compared += 1;
        assert.ok(found.complete);
        assert.deepEqual(await bySpin(program, `${name} ${options}`), bySearch(program, found));
      });
    }
  }
});

test('most examples are compared', { skip }, () => {
  assert.ok(compared >= 20, `only ${compared} variants were compared`);
});
