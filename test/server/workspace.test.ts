import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { preludeUri } from '../../core/semantics/imports.ts';
import { libraryDirectory } from '../../host/files.ts';
import { clientUri, coreUri, LARGEST_TEXT, Workspace } from '../../server/workspace.ts';

interface Disk {
  readonly workspace: Workspace;
  readonly root: string;
  uri(path: string): string;
  write(path: string, text: string): void;
  open(path: string, text: string, version?: number): void;
  /** What was told stale since the last call. */
  stale(): readonly string[];
}

function disk(
  context: TestContext,
  files: Readonly<Record<string, string>>,
  folders: readonly string[] = [''],
): Disk {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-workspace-')));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const workspace = new Workspace();
  workspace.setFolders(folders.map((folder) => join(root, folder)));
  const uri = (path: string): string => pathToFileURL(join(root, path)).href;
  let told: string[] = [];
  workspace.onStale((uris) => told.push(...uris));
  return {
    workspace,
    root,
    uri,
    write,
    open: (path, text, version = 1) => workspace.open({ uri: uri(path), version, text }),
    stale: () => {
      const result = told.map((each) => each.slice(uri('').length + 1));
      told = [];
      return result;
    },
  };
}

const files = {
  'a.lockstep': 'scenario "A"; import "./common"; vcpu t { f(); }',
  'b.lockstep': 'scenario "B"; vcpu t { }',
  'common.lockstep': 'import "./deep"; void f(void) { g(); }',
  'deep.lockstep': 'void g(void) { }',
};

test('an edit makes those scenes new whose texts it changed, and no others', (context) => {
  const { workspace, uri, open, stale } = disk(context, files);
  for (const path of ['a.lockstep', 'b.lockstep', 'common.lockstep']) {
    open(path, files[path as keyof typeof files]);
    workspace.scene(uri(path));
  }
  stale();
  const before = { a: workspace.scene(uri('a.lockstep')), b: workspace.scene(uri('b.lockstep')) };
  open('common.lockstep', 'void f(void) { }', 2);
  assert.deepEqual(stale(), ['common.lockstep', 'a.lockstep']);
  assert.notEqual(workspace.scene(uri('a.lockstep')), before.a);
  assert.equal(workspace.scene(uri('b.lockstep')), before.b);
  assert.equal(workspace.scene(uri('common.lockstep'))?.version, 2);
});

test('a document that is opened or closed with the text of the disk changes no scene but its own', (context) => {
  const { workspace, uri, open, stale } = disk(context, files);
  open('a.lockstep', files['a.lockstep']);
  const before = workspace.scene(uri('a.lockstep'));
  stale();
  open('deep.lockstep', files['deep.lockstep']);
  assert.deepEqual(stale(), ['deep.lockstep']);
  workspace.close(uri('deep.lockstep'));
  assert.deepEqual(stale(), []);
  assert.equal(workspace.scene(uri('a.lockstep')), before);
});

test('a file that appears where an import was missing mends the scene', (context) => {
  const { workspace, uri, open, stale, write } = disk(context, {
    'a.lockstep': 'scenario "A"; import "./late"; vcpu t { }',
  });
  open('a.lockstep', 'scenario "A"; import "./late"; vcpu t { }');
  assert.equal(workspace.scene(uri('a.lockstep'))?.project.diagnostics[0]?.code, 'import-missing');
  stale();
  write('late.lockstep', 'int late;');
  workspace.changedOnDisk([uri('late.lockstep')]);
  assert.deepEqual(stale(), ['a.lockstep']);
  assert.deepEqual(workspace.scene(uri('a.lockstep'))?.project.diagnostics, []);
  assert.ok(workspace.files().includes(uri('late.lockstep')));
});

test('users of a file are those whose imports lead to it', (context) => {
  const { workspace, uri } = disk(context, files);
  const users = (path: string): readonly string[] =>
    workspace.users(path.includes(':') ? path : uri(path)).map((each) => each.slice(uri('').length + 1));
  assert.deepEqual(users('deep.lockstep'), ['a.lockstep', 'common.lockstep', 'deep.lockstep']);
  assert.deepEqual(users('b.lockstep'), ['b.lockstep']);
  assert.deepEqual(users(preludeUri), ['a.lockstep', 'b.lockstep', 'common.lockstep', 'deep.lockstep']);
  assert.deepEqual(users('nowhere.lockstep'), []);
});

test('users are as the open texts have it, in a circle of imports too', (context) => {
  const { workspace, uri, open } = disk(context, files);
  open('deep.lockstep', 'import "./a"; void g(void) { }');
  open('b.lockstep', 'scenario "B"; import "./deep";');
  assert.deepEqual(
    workspace.users(uri('a.lockstep')).map((each) => each.slice(uri('').length + 1)),
    ['a.lockstep', 'b.lockstep', 'common.lockstep', 'deep.lockstep'],
  );
});

test('a folder with links in a circle has each file once', (context) => {
  const { workspace, root, uri } = disk(context, files);
  mkdirSync(join(root, 'inner'));
  symlinkSync(root, join(root, 'inner', 'outer'), 'dir');
  symlinkSync(join(root, 'loop'), join(root, 'loop'));
  assert.deepEqual(
    workspace.files(),
    Object.keys(files).map((path) => uri(path)),
  );
});

test('two folders may have files of the same name', (context) => {
  const { workspace, uri } = disk(
    context,
    {
      'one/main.lockstep': 'scenario "One"; import "./common"; vcpu t { int y = x; }',
      'one/common.lockstep': 'int x;',
      'two/main.lockstep': 'scenario "Two"; import "./common"; vcpu t { int y = z; }',
      'two/common.lockstep': 'int z;',
      'two/bad.lockstep': 'import "../one/common";',
    },
    ['one', 'two'],
  );
  for (const path of ['one/main.lockstep', 'two/main.lockstep']) {
    const scene = workspace.scene(uri(path));
    const [variant] = scene?.variants ?? [];
    assert.deepEqual(variant === undefined ? null : scene?.check(variant).diagnostics, []);
  }
  assert.equal(workspace.scene(uri('two/bad.lockstep'))?.project.diagnostics[0]?.code, 'import-escapes');
});

test('a file of the workspace does not stand for a library file of the same path', (context) => {
  const { workspace, uri } = disk(context, {
    'a.lockstep': 'scenario "A"; import "linux/list"; vcpu t { struct list_head h; }',
    'linux/list.lockstep': 'this is no scenario',
  });
  const scene = workspace.scene(uri('a.lockstep'));
  assert.ok(scene?.project.files.has('library:///linux/list.lockstep'));
  assert.equal(scene?.project.files.has(uri('linux/list.lockstep')), false);
  assert.deepEqual(scene?.project.diagnostics, []);
});

test('library files are one file under both of their names', () => {
  const path = pathToFileURL(join(libraryDirectory, 'linux', 'list.lockstep')).href;
  assert.equal(coreUri(path), 'library:///linux/list.lockstep');
  assert.equal(clientUri('library:///linux/list.lockstep'), path);
});

test('a text that is too large has no scene, and those who import it say so', (context) => {
  const { workspace, uri, open } = disk(context, files);
  open('common.lockstep', `void f(void) { }\n${'// no end\n'.repeat(LARGEST_TEXT / 8)}`);
  assert.equal(workspace.scene(uri('common.lockstep')), null);
  assert.equal(workspace.scene(uri('a.lockstep'))?.project.diagnostics[0]?.code, 'import-missing');
});

test('URIs that are no files have no scene', (context) => {
  const { workspace } = disk(context, files);
  for (const uri of [
    'untitled:Untitled-1',
    'file:///nowhere/x.lockstep',
    'nonsense',
    '',
    'file://%',
    'git:/a?b',
  ]) {
    assert.equal(workspace.scene(uri), null, uri);
    assert.deepEqual(workspace.users(uri), []);
  }
  workspace.open({ uri: 'untitled:Untitled-1', version: 1, text: 'scenario "New"; vcpu t { }' });
  assert.equal(workspace.scene('untitled:Untitled-1')?.isScenario, true);
});
