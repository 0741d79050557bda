/** After any edits, what is kept of earlier analyses changes nothing: the same is told as by one that knows nothing. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyse } from '../../core/locks/analyse.ts';
import { AnalysisCache } from '../../core/locks/cache.ts';
import { CheckCache } from '../../core/semantics/cache.ts';
import { check } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, type SnapshotCache } from '../../core/semantics/snapshot.ts';
import { libraryPaths, sourcesBelow, uriOf } from '../../host/files.ts';
import { root } from '../house/sources.ts';

/** Edits of each example; those after which it has errors are taken back. */
const EDITS = 12;
const examples = ['write-protect-flush.lockstep', 'lost-dirty-bit.lockstep', 'blocked-vcpu.lockstep'];

const cache = new AnalysisCache();
const snapshots: SnapshotCache = new Map();
const bodies = new CheckCache();

for (const [seed, name] of examples.entries()) {
  test(`edits of ${name}`, () => {
    const path = join(root, 'examples', name);
    const uri = uriOf(path);
    const sources = sourcesBelow(root, [path]);
    const random = generator(seed + 1);
    const original = sources.read(uri) ?? '';
    let text = original;
    let compared = 0;
    for (let edit = 0; edit < EDITS; edit++) {
      const next = edited(text, original, edit, random);
      const read = (wanted: string): string | null => (wanted === uri ? next : sources.read(wanted));
      const project = loadProject(uri, read, snapshots, { libraryPaths: libraryPaths() });
      const programs = variants(project).variants.map((variant) => check(project, variant, bodies).program);
      for (const program of programs) {
        if (program === null) continue;
        text = next;
        compared++;
        assert.deepEqual(analyse(program, cache), analyse(program), next);
      }
    }
    assert.ok(compared > 0);
  });
}

/** A line goes, is doubled, is added, changes places with another, or all is as at the beginning. */
function edited(text: string, original: string, edit: number, random: (below: number) => number): string {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => /^(init|task|vcpu|static|void|int)/.test(line));
  const at = first + random(lines.length - first);
  const other = first + random(lines.length - first);
  const line = lines[at] ?? '';
  switch (random(5)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, line);
      break;
    case 2:
      lines.splice(at, 0, `\tint edited${edit} = ${edit};`);
      break;
    case 3:
      lines[at] = lines[other] ?? '';
      lines[other] = line;
      break;
    default:
      return original;
  }
  return lines.join('\n');
}

/** The same numbers in each run: a linear congruential generator. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
