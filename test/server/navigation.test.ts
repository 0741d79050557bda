/** What follows names, asked over the protocol. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { applied, fileOf } from './files.ts';
import { cursor, positionIn, rangeOf, type RunningServer, startServer } from './harness.ts';
import { callHierarchy } from '../../server/features/callHierarchy.ts';
import { definition } from '../../server/features/definition.ts';
import { documentHighlight } from '../../server/features/documentHighlight.ts';
import { documentLinks } from '../../server/features/documentLinks.ts';
import { documentSymbols } from '../../server/features/documentSymbols.ts';
import { fileRenames } from '../../server/features/fileRenames.ts';
import { references } from '../../server/features/references.ts';
import { rename } from '../../server/features/rename.ts';
import { workspaceSymbols } from '../../server/features/workspaceSymbols.ts';

const features = [
  callHierarchy,
  definition,
  documentHighlight,
  documentLinks,
  documentSymbols,
  fileRenames,
  references,
  rename,
  workspaceSymbols,
];

const main = cursor(
  'import "./lib/helper";\nimport "linux/spinlock";\nspinlock_t lock;\ntask t { $0help(); spin_lock(&lock); }\n',
);
const helper = 'static void help(void) { }\n';
const files = {
  'main.lockstep': main.text,
  'lib/helper.lockstep': helper,
  'broken.lockstep': 'task t { if (',
};

let server: RunningServer;
before(async () => {
  server = await startServer({ files, options: { features } });
  server.open('main.lockstep');
  server.open('broken.lockstep');
});
after(() => server.close());

const at = (path: string, position: unknown, more: object = {}): object => ({
  textDocument: path,
  position,
  ...more,
});

test('what is announced', () => {
  const { capabilities } = server.initialized;
  assert.deepEqual(capabilities.renameProvider, { prepareProvider: true });
  assert.equal(capabilities.callHierarchyProvider, true);
  assert.equal(capabilities.workspace?.fileOperations?.willRename?.filters.length, 2);
  assert.equal(capabilities.workspace?.workspaceFolders?.supported, true);
});

test('a client that knows no versions, nor trees', async () => {
  const plain = await startServer({ files, capabilities: {}, options: { features } });
  try {
    plain.open('main.lockstep');
    const params = at('main.lockstep', main.position, { newName: 'aid' });
    const { changes } = await plain.request('textDocument/rename', params);
    assert.deepEqual(Object.keys(changes).sort(), [
      plain.uri('lib/helper.lockstep'),
      plain.uri('main.lockstep'),
    ]);
    const [lock] = await plain.request('textDocument/documentSymbol', { textDocument: 'main.lockstep' });
    assert.equal(lock.location.uri, plain.uri('main.lockstep'));
  } finally {
    await plain.close();
  }
});

test('a definition in another file', async () => {
  const expected = [{ uri: server.uri('lib/helper.lockstep'), range: rangeOf(helper, 'help') }];
  for (const method of ['definition', 'declaration', 'implementation'])
    assert.deepEqual(
      await server.request(`textDocument/${method}`, at('main.lockstep', main.position)),
      expected,
    );
});

test('references, in what is typed and not saved', async () => {
  const params = at('main.lockstep', main.position, { context: { includeDeclaration: true } });
  assert.equal((await server.request('textDocument/references', params)).length, 2);
  server.change('main.lockstep', `${main.text}task u { help(); }\n`);
  assert.equal((await server.request('textDocument/references', params)).length, 3);
  server.change('main.lockstep', main.text);
});

test('a rename over an open and a closed file', async () => {
  assert.deepEqual(await server.request('textDocument/prepareRename', at('main.lockstep', main.position)), {
    range: rangeOf(main.text, 'help', 1),
    placeholder: 'help',
  });
  const { documentChanges } = await server.request(
    'textDocument/rename',
    at('main.lockstep', main.position, { newName: 'aid' }),
  );
  const byUri = new Map(
    documentChanges.map((change: { textDocument: { uri: string } }) => [change.textDocument.uri, change]),
  );
  const open = byUri.get(server.uri('main.lockstep')) as { textDocument: { version: number }; edits: [] };
  const closed = byUri.get(server.uri('lib/helper.lockstep')) as typeof open;
  assert.equal(open.textDocument.version, 3);
  assert.equal(closed.textDocument.version, null);
  assert.equal(applied(fileOf(main.text), open.edits), main.text.replace('help();', 'aid();'));
  assert.equal(applied(fileOf(helper), closed.edits), helper.replace('help', 'aid'));
});

test('what cannot be renamed is refused in a sentence', async () => {
  const position = positionIn(main.text, main.text.indexOf('spin_lock'));
  for (const method of ['prepareRename', 'rename'])
    await assert.rejects(
      server.request(`textDocument/${method}`, at('main.lockstep', position, { newName: 'x' })),
      /^Error: 'spin_lock' belongs to the library \(linux\/spinlock\), whose files are not changed\.$/,
    );
});

test('highlights, links, outlines, symbols of the workspace', async () => {
  const highlights = await server.request(
    'textDocument/documentHighlight',
    at('main.lockstep', main.position),
  );
  assert.equal(highlights.length, 1);
  const links = await server.request('textDocument/documentLink', { textDocument: 'main.lockstep' });
  assert.equal(links[0].target, server.uri('lib/helper.lockstep'));
  const outline = await server.request('textDocument/documentSymbol', { textDocument: 'main.lockstep' });
  assert.deepEqual(
    outline.map(({ name }: { name: string }) => name),
    ['lock', 't'],
  );
  const [found] = await server.request('workspace/symbol', { query: 'help' });
  assert.equal(found.location.uri, server.uri('lib/helper.lockstep'));
});

test('calls, and who takes a lock', async () => {
  const ask = async (position: unknown): Promise<string[]> => {
    const [item] = await server.request('textDocument/prepareCallHierarchy', at('main.lockstep', position));
    const calls = await server.request('callHierarchy/incomingCalls', { item });
    return calls.map(({ from }: { from: { name: string } }) => from.name);
  };
  assert.deepEqual(await ask(main.position), ['t']);
  assert.deepEqual(await ask(rangeOf(main.text, 'lock;').start), ['t']);
  const [item] = await server.request(
    'textDocument/prepareCallHierarchy',
    at('main.lockstep', rangeOf(main.text, 't {').start),
  );
  const calls = await server.request('callHierarchy/outgoingCalls', { item });
  assert.deepEqual(
    calls.map(({ to }: { to: { name: string } }) => to.name),
    ['help', 'spin_lock'],
  );
});

test('a folder that is renamed takes imports with it', async () => {
  const edit = await server.request('workspace/willRenameFiles', {
    files: [{ oldUri: server.uri('lib'), newUri: server.uri('parts/deep') }],
  });
  assert.equal(edit.documentChanges[0].edits[0].newText, '"./parts/deep/helper"');
  assert.equal(await server.request('workspace/willRenameFiles', { files: [] }), null);
});

test('unknown files, files with errors, and positions anywhere have answers', async () => {
  const positions = [
    { line: -1, character: -3 },
    { line: 0, character: 9999 },
    { line: 9999, character: 0 },
  ];
  for (const position of positions) {
    for (const path of ['none.lockstep', 'broken.lockstep', 'main.lockstep']) {
      for (const method of [
        'definition',
        'declaration',
        'implementation',
        'documentHighlight',
        'prepareCallHierarchy',
      ])
        assert.ok(Array.isArray(await server.request(`textDocument/${method}`, at(path, position))));
      const context = { includeDeclaration: true };
      assert.ok(
        Array.isArray(await server.request('textDocument/references', at(path, position, { context }))),
      );
    }
  }
  assert.equal(
    await server.request('textDocument/rename', at('none.lockstep', positions[0], { newName: 'x' })),
    null,
  );
  const none = { textDocument: 'none.lockstep' };
  assert.deepEqual(await server.request('textDocument/documentSymbol', none), []);
  assert.deepEqual(await server.request('textDocument/documentLink', none), []);
});
