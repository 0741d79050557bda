import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../house/sources.ts';

test('client and server have the same protocol in mind', () => {
  assert.equal(withoutImports('client/protocol.ts'), withoutImports('server/protocol.ts'));
  const steps = ['client/debug/protocol.ts', 'server/debug/protocol.ts'].map((path) =>
    // Each names the other.
    withoutImports(path).replace(/`(client|server)\/debug\/protocol\.ts`/, ''),
  );
  assert.equal(steps[0], steps[1]);
});

function withoutImports(path: string): string {
  return readFileSync(join(root, path), 'utf8').replace(/^import .*\n/gm, '');
}
