import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../house/sources.ts';

function start(...args: readonly string[]): { readonly status: number | null; readonly out: string } {
  const script = join(root, 'scripts', 'editor.mjs');
  const result = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8', timeout: 240_000 });
  return { status: result.status, out: result.stdout + result.stderr };
}

test('npm start ends in a VS Code that shows the examples to those who have the token', () => {
  const { status, out } = start('--once');
  assert.equal(status, 0, out);
  assert.match(out, /lockstep-\d+\.\d+\.\d+\.vsix \(\d+ kB\)/);
  assert.match(
    out,
    /http:\/\/127\.0\.0\.1:\d+\/\?tkn=[0-9a-f]{32}&folder=\S*examples&payload=\S*unsync-children/,
  );
  assert.match(out, /only those who have its token/);
  const [, vsix = ''] = /^(.*\.vsix) \(/m.exec(out) ?? [];
  assert.ok(existsSync(vsix), vsix);
});

test('a port that is none is refused', () => {
  for (const port of ['x', '-1', '65536', '1.5']) {
    const { status, out } = start(`--port=${port}`);
    assert.equal(status, 1);
    assert.match(out, /--port takes a number up to 65535/);
  }
});
