import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../core/locks/analyse.ts';
import { AnalysisCache } from '../../core/locks/cache.ts';
import { check as checkVariant } from '../../core/semantics/check.ts';
import { CheckCache } from '../../core/semantics/cache.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, type SnapshotCache } from '../../core/semantics/snapshot.ts';
import { libraryPaths, sourcesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';

const text = `scenario "s";
spinlock_t l;
u64 x;
void first(void) { spin_lock(&l); x = 1; spin_unlock(&l); }
void second(void) { spin_lock(&l); x = 2; spin_unlock(&l); }
void nobody(void) { spin_lock(&l); spin_unlock(&l); }
task a { first(); }
task b { second(); }
`;

test('after an edit, only the threads that reach it are walked again', () => {
  const uri = 'file:///home/main.lockstep';
  const library = sourcesBelow(root, []);
  const snapshots: SnapshotCache = new Map();
  const bodies = new CheckCache();
  const cache = new AnalysisCache();
  const walked = (source: string): { again: readonly string[]; codes: readonly string[] } => {
    const read = (wanted: string): string | null => (wanted === uri ? source : library.read(wanted));
    const project = loadProject(uri, read, snapshots, { libraryPaths: libraryPaths() });
    const [variant] = variants(project).variants;
    assert.ok(variant !== undefined);
    const { program } = checkVariant(project, variant, bodies);
    assert.ok(program !== null);
    const codes = analyse(program, cache).findings.map(({ code }) => code);
    const again = cache.takeWalked();
    return { again: again.filter((name) => !name.includes('kworker') && !name.includes('rcu')), codes };
  };

  const first = walked(text);
  assert.ok(first.again.includes('task a') && first.again.includes('function nobody'));
  assert.deepEqual(walked(text).again, []);
  assert.deepEqual(walked(text.replace('x = 2; spin_unlock(&l);', 'x = 2;')), {
    again: ['task b'],
    codes: ['lock-leaked'],
  });
  assert.deepEqual(walked(text), { again: ['task b'], codes: [] });
  assert.deepEqual(walked(text.replace('spin_lock(&l); spin_unlock(&l);', 'spin_lock(&l);')), {
    again: ['function nobody'],
    codes: ['annotation-missing'],
  });
});
