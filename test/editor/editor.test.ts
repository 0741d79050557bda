import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, missingEditor } from './needs.ts';
import { runSuite } from './session.ts';

const found = browser();
const skip = 'missing' in found ? found.missing : missingEditor();

test('the extension in VS Code', { skip }, async (context) => {
  assert.ok('path' in found);
  const { results, exitCode, log } = await runSuite(found.path);
  for (const { name, error, milliseconds } of results) {
    await context.test(`${name} (${(milliseconds / 1000).toFixed(1)} s)`, () => {
      if (error !== null) throw new Error(error);
    });
  }
  // Otherwise the tests that failed have said why.
  if (exitCode !== 0 && results.every(({ error }) => error === null)) context.diagnostic(log);
  assert.equal(exitCode, 0, 'the suite has failed; .cache/screenshots has pictures and the log');
  assert.ok(results.length > 0);
});
