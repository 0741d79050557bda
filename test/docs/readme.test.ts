import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../house/sources.ts';
import { blocksIn, run } from './pages.ts';

const directory = mkdtempSync(join(tmpdir(), 'lockstep-readme-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('the scenario in the README does what its expectations say', () => {
  const blocks = blocksIn(readFileSync(join(root, 'README.md'), 'utf8'));
  assert.equal(blocks.length, 1);
  const { results, diagnostics, unusable } = run(directory, blocks);
  assert.deepEqual({ diagnostics, unusable }, { diagnostics: [], unusable: [] });
  assert.deepEqual(
    results.map(({ options, verdict, met, vacuous }) => ({ options, verdict, met, vacuous })),
    [
      { options: { fix: 'none' }, verdict: 'fails', met: true, vacuous: [] },
      { options: { fix: 'spinlock' }, verdict: 'passes', met: true, vacuous: [] },
    ],
  );
});
