import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provideChromium } from '../../scripts/chromium.mjs';
import { runSuite } from './session.ts';

const browser = provideChromium();

test('the extension in VS Code', {
  skip: 'missing' in browser ? browser.missing : false,
}, async (context) => {
  assert.ok('path' in browser);
  const { results, exitCode, log } = await runSuite(browser.path);
  for (const { name, error, milliseconds } of results) {
    await context.test(`${name} (${(milliseconds / 1000).toFixed(1)} s)`, () => {
      if (error !== null) throw new Error(error);
    });
  }
  if (exitCode !== 0) context.diagnostic(log);
  assert.equal(
    exitCode,
    0,
    'the suite did not come to its end; the log is above, a picture in .cache/screenshots',
  );
  assert.ok(results.length > 0);
});
