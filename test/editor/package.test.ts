import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundles } from '../../scripts/build.mjs';
import { makePackage } from '../../scripts/package.mjs';
import { installExtension } from '../../scripts/vscode.mjs';
import { root } from '../house/sources.ts';
import { missingEditor } from './needs.ts';
import { entriesOf } from './zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-package-'));
const unpacked = join(folder, 'unpacked');
const vsix = join(folder, 'lockstep.vsix');
before(() => makePackage({ folder: unpacked, path: vsix }));
after(() => rmSync(folder, { recursive: true, force: true }));

const filesBelow = (directory: string): readonly string[] =>
  readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));

test('the package holds what it must and nothing else', () => {
  const inside = entriesOf(readFileSync(vsix));
  const files = inside
    .filter((name) => name.startsWith('extension/'))
    .map((name) => name.slice('extension/'.length));
  const chunks = files.filter((name) => /^dist\/chunk-\w+\.js$/.test(name));
  const wanted = [
    'LICENSE.txt',
    'changelog.md',
    'package.json',
    'package.nls.json',
    'readme.md',
    ...[...bundles, 'package.json'].map((name) => `dist/${name}`),
    ...filesBelow('client/media').filter((name) => name !== 'client/media/icon.svg'),
    ...['docs', 'examples', 'library', 'syntaxes'].flatMap(filesBelow),
  ];
  assert.deepEqual(files.filter((name) => !chunks.includes(name)).sort(), wanted.sort());
  assert.ok(chunks.length > 0 && chunks.length < 10, chunks.join());
});

test('the package is small, and README.md says how small', () => {
  const kilobytes = readFileSync(vsix).length / 1000;
  const told = Number(/about (\d+) kB/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1]);
  assert.ok(kilobytes < 1000, `${kilobytes} kB`);
  assert.ok(Math.abs(kilobytes - told) < 150, `${kilobytes} kB, and README.md says ${told}`);
});

test('nothing in the package is only for developers, or knows this machine', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null);
  for (const field of ['scripts', 'devDependencies', 'dependencies', 'private'])
    assert.ok(!(field in manifest), field);
  for (const name of readdirSync(join(unpacked, 'dist'))) {
    const text = readFileSync(join(unpacked, 'dist', name), 'utf8');
    assert.ok(!text.includes(root), name);
    assert.doesNotMatch(text, /sourceMappingURL/, name);
  }
});

test('the command line in the package finds its library', () => {
  const cli = join(unpacked, 'dist', 'cli.js');
  const args = [cli, 'check', join(unpacked, 'examples', 'put-root.lockstep')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});

test('the package installs into VS Code without a network', { skip: missingEditor() }, () => {
  const vscode = join(folder, 'vscode');
  mkdirSync(vscode);
  installExtension(vscode, vsix);
  const installed = readdirSync(join(vscode, 'extensions'));
  assert.ok(
    installed.some((name) => name.startsWith('lockstep.lockstep-')),
    installed.join(),
  );
});
