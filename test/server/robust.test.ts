import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { libraryDirectory } from '../../host/files.ts';
import { lockFindings } from '../../server/lockFindings.ts';
import { textFindings } from '../../server/textFindings.ts';
import { LARGEST_TEXT, Workspace } from '../../server/workspace.ts';
import { root } from '../house/sources.ts';
import { startServer } from './harness.ts';

const examples = readdirSync(join(root, 'examples')).map((name) => ({
  name,
  text: readFileSync(join(root, 'examples', name), 'utf8'),
}));

/** Milliseconds for one look at a half-typed text, on a busy machine. */
const patience = 10_000;

/** Everything that is shown of a text without exploring it. */
function lookAt(workspace: Workspace, uri: string, text: string, version: number): readonly unknown[] {
  workspace.open({ uri, version, text });
  const scene = workspace.scene(uri);
  assert.ok(scene !== null);
  const results = scene.variants.map((variant) => ({ variant, ...scene.check(variant) }));
  const found = textFindings(
    scene,
    uri,
    results.map(({ diagnostics }) => diagnostics),
  );
  for (const { at } of found) {
    assert.equal(at.uri, uri);
    assert.ok(0 <= at.start && at.start <= at.end && at.end <= text.length, `${at.start}..${at.end}`);
  }
  // The lock rules of one variant: of all, this test would take minutes.
  const [first] = results.filter(({ program }) => program !== null);
  const locks = first === undefined ? [] : lockFindings(scene, uri, [first.variant]);
  return [...found, ...locks].map(({ code, severity, message, at, related }) => ({
    ...{ code, severity, message, at, related },
  }));
}

test('half-typed code: a prefix of every example is looked at, in time, and what is wrong with it is told', () => {
  for (const { name, text } of examples) {
    const workspace = new Workspace();
    const uri = `untitled:${name}`;
    let version = 0;
    for (let share = 1; share < 6; share++) {
      // Not in step with the lines, so that words, strings and comments are cut too.
      const length = Math.floor((text.length * share) / 6) + share;
      const began = performance.now();
      const found = lookAt(workspace, uri, text.slice(0, length), ++version);
      assert.ok(performance.now() - began < patience, `${name}, ${length} characters`);
      const inBody = /\{[^}]*$/.test(text.slice(0, length).replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, ''));
      if (inBody) assert.ok(found.length > 0, `${name}, ${length} characters: nothing is told`);
    }
  }
});

test('after any edits, what is told is what is told of the text alone', () => {
  const { text } = examples.find(({ name }) => name.startsWith('lost-dirty')) ?? { text: '' };
  const piece = fc.constantFrom(
    'x',
    ';',
    '{',
    '}',
    ' ',
    '\n',
    '/*',
    '"',
    'int zz;',
    'spin_lock(',
    '))',
    '#define A',
    '',
  );
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(40),
    insert: piece,
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
      const uri = 'untitled:edited';
      const workspace = new Workspace();
      let current = text;
      let version = 1;
      lookAt(workspace, uri, current, version);
      let shown: readonly unknown[] = [];
      for (const { at, remove, insert } of edits) {
        const start = Math.floor(at * current.length);
        current = current.slice(0, start) + insert + current.slice(start + remove);
        shown = lookAt(workspace, uri, current, ++version);
      }
      assert.deepEqual(shown, lookAt(new Workspace(), uri, current, 1));
    }),
    { numRuns: 8 },
  );
});

test('edits of any kind in any order leave the text that the editor has', async () => {
  const server = await startServer();
  const position = (line: number, character: number): { line: number; character: number } => ({
    line,
    character,
  });
  server.open('a.lockstep', 'scenario "A";\nvcpu a { }\n');
  server.change('a.lockstep', [
    { range: { start: position(1, 9), end: position(1, 9) }, text: ' x = 1;' },
    { range: { start: position(1, 0), end: position(1, 0) }, text: 'int x;\n' },
  ]);
  assert.deepEqual(await server.diagnosticsOf('a.lockstep'), []);
  // Beyond the end, backwards, and with a version that has been.
  server.change('a.lockstep', [
    { range: { start: position(99, 99), end: position(99, 99) }, text: 'int y;' },
  ]);
  assert.deepEqual(await server.diagnosticsOf('a.lockstep'), []);
  server.change('a.lockstep', [{ range: { start: position(1, 5), end: position(1, 4) }, text: 'z' }], 2);
  const diagnostics = await server.received(
    'textDocument/publishDiagnostics',
    (params) => params.version === 2 && params.diagnostics.length > 0,
  );
  assert.equal(diagnostics.diagnostics[0].code, 'unknown-name');
  server.open('a.lockstep', 'scenario "Opened again"; vcpu a { }');
  assert.deepEqual(await server.diagnosticsOf('a.lockstep', (all) => all.length === 0), []);
  await server.close();
});

test('documents that are not open, or not there, have empty answers', async () => {
  const server = await startServer({ files: { 'a.lockstep': 'scenario "A"; vcpu a { }' } });
  for (const path of ['nowhere.lockstep', 'untitled:x', 'http://example.com/a.lockstep', 'file:///%%%']) {
    assert.deepEqual(await server.request('textDocument/codeLens', { textDocument: path }), []);
    assert.deepEqual(await server.request('lockstep/scenarios', { uri: server.uri(path) }), []);
    assert.equal(await server.request('lockstep/lockReference', { uri: server.uri(path) }), null);
    await assert.rejects(server.request('lockstep/check', { uri: server.uri(path), variants: null }));
  }
  const lenses = await server.request('textDocument/codeLens', { textDocument: 'a.lockstep' });
  assert.equal(lenses[0].command.title, 'Check');
  await server.close();
});

test('a file that grows too large is not looked at, and says so once; smaller again, it is', async () => {
  const server = await startServer();
  const text = 'scenario "A";\nvcpu a { x; }\n';
  server.open('a.lockstep', text);
  await server.diagnosticsOf('a.lockstep', (all) => all.some(({ code }) => code === 'unknown-name'));
  server.change('a.lockstep', [
    {
      range: { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } },
      text: '// and so on\n'.repeat((5 * LARGEST_TEXT) / 13),
    },
  ]);
  const [only, ...others] = await server.diagnosticsOf('a.lockstep');
  assert.match(
    String(only?.message),
    /^This file has 5\.0 million characters, and no more than 1 are looked at/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(await server.request('textDocument/codeLens', { textDocument: 'a.lockstep' }), []);
  server.change('a.lockstep', text);
  await server.diagnosticsOf('a.lockstep', (all) => all.some(({ code }) => code === 'unknown-name'));
  await server.close();
});

test('an edit of an imported file is seen by those who import it', async () => {
  const server = await startServer({
    files: {
      'a.lockstep': 'scenario "A"; import "./common"; vcpu t { f(); }',
      'common.lockstep': 'void f(void) { }',
    },
  });
  server.open('a.lockstep');
  server.open('common.lockstep');
  assert.deepEqual(await server.diagnosticsOf('a.lockstep'), []);
  server.change('common.lockstep', 'void f(int x) { }');
  await server.diagnosticsOf('a.lockstep', (all) => all[0]?.code === 'wrong-arguments');
  server.change('common.lockstep', 'void f(void) { oops }');
  const [error] = await server.diagnosticsOf('a.lockstep', (all) =>
    String(all[0]?.message).startsWith('an imported'),
  );
  assert.match(String(error?.message), /^an imported file has errors: /);
  assert.equal(error?.relatedInformation?.[0]?.location.uri, server.uri('common.lockstep'));
  server.closeDocument('common.lockstep');
  await server.diagnosticsOf('a.lockstep', (all) => all.length === 0);
  server.write('common.lockstep', null);
  await server.diagnosticsOf('a.lockstep', (all) => all[0]?.code === 'import-missing');
  await server.close();
});

test('a file that only others import is looked at as they see it', async () => {
  const server = await startServer({
    files: {
      'a.lockstep': 'scenario "A"; int shared; import "./common"; vcpu t { f(); }',
      'common.lockstep': 'void f(void) { shared = 1; }',
      'list.lockstep': readFileSync(join(libraryDirectory, 'linux', 'list.lockstep'), 'utf8'),
    },
  });
  server.open('common.lockstep');
  assert.deepEqual(await server.diagnosticsOf('common.lockstep'), []);
  server.change('common.lockstep', 'void f(void) { shred = 1; }');
  await server.diagnosticsOf('common.lockstep', (all) => all[0]?.code === 'unknown-name');
  const library = new URL(`file://${join(libraryDirectory, 'linux', 'list.lockstep')}`).href;
  server.open(library, readFileSync(join(libraryDirectory, 'linux', 'list.lockstep'), 'utf8'));
  assert.deepEqual(await server.diagnosticsOf(library), []);
  await server.close();
});

test('the server lists scenarios, explains codes, and has the examples at hand', async () => {
  const server = await startServer({
    files: {
      'one.lockstep': 'scenario "One"; option fix = { a, b }; vcpu t { } expect passes when fix == a;',
      'two.lockstep': 'scenario "Two"; vcpu t { x; }',
      'lib.lockstep': '/** Guards it. */ spinlock_t l;',
    },
  });
  const scenarios = await server.request('lockstep/scenarios', { uri: null });
  assert.deepEqual(
    scenarios.map(
      ({ title, variants, error }: { title: string; variants: unknown[]; error: string | null }) => ({
        ...{ title, variants, error },
      }),
    ),
    [
      {
        title: 'One',
        variants: [
          { id: 'fix=a', options: { fix: 'a' }, expects: 'passes' },
          { id: 'fix=b', options: { fix: 'b' }, expects: null },
        ],
        error: null,
      },
      { title: 'Two', variants: [{ id: '', options: {}, expects: null }], error: scenarios[1].error },
    ],
  );
  assert.match(scenarios[1].error, /'x'/);
  assert.match(await server.request('lockstep/explain', { code: 'data_race' }), /^# /);
  assert.equal(await server.request('lockstep/explain', { code: '../../README' }), null);
  const shown = await server.request('lockstep/examples', {});
  assert.deepEqual(
    shown.map(({ name }: { name: string }) => name),
    examples.map(({ name }) => name).sort(),
  );
  for (const { title, description } of shown) assert.ok(title.length > 0 && description.length > 0);
  assert.match(
    await server.request('lockstep/lockReference', { uri: server.uri('lib.lockstep') }),
    /\| `?l`?/,
  );
  server.write('three.lockstep', 'scenario "Three"; vcpu t { }');
  await server.received('lockstep/scenariosChanged', ({ uris }) =>
    uris.includes(server.uri('three.lockstep')),
  );
  server.open('one.lockstep');
  await server.diagnosticsOf('one.lockstep');
  server.change('one.lockstep', 'scenario "One"; vcpu t { }');
  await server.received('lockstep/scenariosChanged', ({ uris }) => uris.includes(server.uri('one.lockstep')));
  await server.close();
});
