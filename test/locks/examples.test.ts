/** False alarms: what passes in the examples is told of by no error. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyse } from '../../core/locks/analyse.ts';
import { check } from '../../core/semantics/check.ts';
import { CheckCache } from '../../core/semantics/cache.ts';
import type { SnapshotCache } from '../../core/semantics/snapshot.ts';
import { openScenario } from '../../host/scenario.ts';
import { root } from '../house/sources.ts';

/** By file and options: what is rightly told of in variants that are there to fail, or said not to be reachable. */
const right: Readonly<Record<string, readonly string[]>> = {
  'blocked-vcpu.lockstep guard=lock_irqs_on': ['lock-irq-unsafe'],
  'wakeup-list.lockstep load=after_switch classes=one': ['lock-order-inversion'],
  'wakeup-list.lockstep load=under_rq_lock classes=one': ['lock-order-inversion'],
  'wakeup-list.lockstep load=under_rq_lock classes=by_path': ['lock-order-inversion'],
};

const snapshots: SnapshotCache = new Map();
const directory = join(root, 'examples');

for (const name of readdirSync(directory).filter((each) => each.endsWith('.lockstep'))) {
  test(`every variant of ${name}`, () => {
    const { project, variants } = openScenario(join(directory, name), snapshots);
    const bodies = new CheckCache();
    for (const variant of variants) {
      const { program } = check(project, variant, bodies);
      assert.ok(program !== null);
      const which = `${name} ${[...variant.options].map((option) => option.join('=')).join(' ')}`.trim();
      const found = analyse(program).findings.map(({ code }) => code);
      assert.deepEqual(found, right[which] ?? [], which);
    }
  });
}
