import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, sourcesUnder } from './sources.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('the lock file names no host, so that any registry serves', () => {
  const lock = read('package-lock.json');
  assert.doesNotMatch(lock, /"resolved"/);
  assert.doesNotMatch(lock, /https?:\/\/[^"]*\.tgz/);
  assert.match(read('.npmrc'), /^omit-lockfile-registry-resolved=true$/m);
});

test('the package is what the README says', () => {
  const { name, bin, type, license, scripts } = JSON.parse(read('package.json'));
  assert.deepEqual(
    { name, bin, type, license },
    { name: 'lockstep', bin: { lockstep: 'bin/lockstep.mjs' }, type: 'module', license: 'MIT' },
  );
  const readme = read('README.md');
  for (const command of ['npm start', 'npm test', 'npm run bench']) {
    assert.ok(readme.includes(command));
    assert.ok(command.replace(/^npm (run )?/, '') in scripts, command);
  }
});

test('what the README links to exists', () => {
  for (const [, path] of read('README.md').matchAll(/\]\(([^)#:]+)\)/g)) {
    assert.ok(
      path !== undefined && (path.endsWith('/') || path === 'docs/diagnostics' || read(path).length > 0),
    );
  }
});

test('the rooms of the architecture are those that stand there', () => {
  const architecture = read('ARCHITECTURE.md');
  const rooms = new Set(
    sourcesUnder(['core'], ['.ts']).map(({ path }) => path.split('/').slice(0, 2).join('/')),
  );
  for (const room of rooms)
    assert.ok(architecture.includes(`\`${room}\``), `${room} is not in ARCHITECTURE.md`);
});
