import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  displayPath,
  LARGEST,
  pathOfUri,
  readText,
  scenarioFilesBelow,
  sourcesBelow,
  uriOf,
  workspaceOf,
} from '../../host/files.ts';

const base = mkdtempSync(join(tmpdir(), 'lockstep-files-'));
after(() => rmSync(base, { recursive: true, force: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(base, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function refusal(path: string): string {
  const reading = readText(path);
  return reading.kind === 'refused' ? reading.message : `(${reading.kind})`;
}

test('text is read as it stands: CRLF, tabs, letters of any script; a byte order mark is dropped', () => {
  for (const text of ['', 'a\r\n\tb', '// größe 大小 😀\n']) {
    assert.deepEqual(readText(write('text', text)), { kind: 'text', text });
  }
  const marked = write('bom', '\ufeffx');
  assert.deepEqual(readText(marked), { kind: 'text', text: 'x' });
  assert.deepEqual(readText(marked, { keepMark: true }), { kind: 'text', text: '\ufeffx' });
});

test('what is no text is refused, and the reason says what it is', () => {
  assert.match(refusal(write('nul', 'abc\0def')), /binary/);
  assert.match(refusal(write('latin1', Uint8Array.of(0x67, 0x72, 0xf6, 0xdf))), /UTF-8/);
  assert.match(refusal(write('large', 'x'.repeat(LARGEST + 1))), /2\.0 MB/);
  assert.match(refusal(base), /directory/);
  assert.match(refusal('/dev/null'), /regular file/);
  assert.equal(refusal(join(base, 'nothing')), '(missing)');
  assert.equal(refusal(join(write('file', ''), 'below')), '(missing)');
  symlinkSync(join(base, 'circle'), join(base, 'circle'));
  assert.match(refusal(join(base, 'circle')), /circle/);
});

test('a file without permission is refused in words', { skip: withoutModes() }, () => {
  const path = write('secret', 'x');
  rmSync(path);
  writeFileSync(path, 'x', { mode: 0o000 });
  asNobody(() => assert.match(refusal(path), /permission denied/));
});

test('imports reach below the root and the library, links resolved, and no further', () => {
  const inside = write('work/a.lockstep', 'a');
  const outside = write('other/b.lockstep', 'b');
  symlinkSync(outside, join(base, 'work/link.lockstep'));
  const root = join(base, 'work');

  const sources = sourcesBelow(root);
  assert.equal(sources.read(uriOf(inside)), 'a');
  assert.equal(sources.read(uriOf(outside)), null);
  assert.equal(sources.read(uriOf(join(root, 'link.lockstep'))), null);
  assert.match(sources.refusals.get(uriOf(join(root, 'link.lockstep'))) ?? '', /outside/);
  assert.equal(sources.read(uriOf(join(root, 'none.lockstep'))), null);
  assert.equal(sources.refusals.has(uriOf(join(root, 'none.lockstep'))), false);
  assert.equal(sources.read('library:///../package.json'), null);
  assert.equal(sources.read('library:///%zz'), null);
  assert.equal(sources.read('https://example.org/x'), null);

  assert.equal(sourcesBelow(root, [outside]).read(uriOf(outside)), 'b');
});

test('scenario files are found in order, without packages and hidden directories', () => {
  for (const name of [
    'b.lockstep',
    'a.lockstep',
    'a.txt',
    'sub/c.lockstep',
    '.git/d.lockstep',
    'node_modules/e.lockstep',
  ]) {
    write(`tree/${name}`, '');
  }
  const { files } = scenarioFilesBelow(join(base, 'tree'));
  assert.deepEqual(
    files.map((path) => displayPath(path, join(base, 'tree'))),
    ['a.lockstep', 'b.lockstep', 'sub/c.lockstep'],
  );
  assert.deepEqual(scenarioFilesBelow(join(base, 'tree/nothing')).refusals.size, 1);
});

test('the workspace of a file is its repository, else the working directory, else its own', () => {
  mkdirSync(join(base, 'repository/.git'), { recursive: true });
  mkdirSync(join(base, 'repository/a/b'), { recursive: true });
  mkdirSync(join(base, 'plain/a'), { recursive: true });
  assert.equal(workspaceOf(join(base, 'repository/a/b/x.lockstep')), join(base, 'repository'));
  assert.equal(workspaceOf(join(base, 'plain/a/x.lockstep'), join(base, 'plain')), join(base, 'plain'));
  assert.equal(workspaceOf(join(base, 'plain/a/x.lockstep'), join(base, 'other')), join(base, 'plain/a'));
});

test('paths are shown relative to the working directory', () => {
  assert.equal(displayPath('/a/b/c', '/a'), 'b/c');
  assert.equal(displayPath('/a/b', '/a/c'), '../b');
  assert.equal(displayPath('file:///a/b%20c', '/a'), 'b c');
  assert.match(displayPath('library:///linux/rcu.lockstep'), /library\/linux\/rcu\.lockstep$/);
  assert.equal(pathOfUri('http://x'), null);
});

/** Permissions mean nothing to root, who can become somebody else; nobody else has to. */
function withoutModes(): false | string {
  return process.platform === 'win32' ? 'file modes do not exist on Windows' : false;
}

/** Permissions mean nothing to root, who becomes somebody else for the while. */
function asNobody(action: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    action();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
