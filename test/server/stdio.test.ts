/** The server as an editor starts it, driven by a client that shares no line with it. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensureBuilt, root } from '../../scripts/build.mjs';
import { Client } from './client.ts';

/** Ended with the tests, whatever happens. */
const clients: Client[] = [];
function client(...args: readonly string[]): Client {
  const made = new Client(...args);
  clients.push(made);
  return made;
}
const serverScript = join(root, 'dist', 'server.js');
const uri = 'untitled:Counter';
const text = 'scenario "Counter";\nint x;\nvcpu a[i : 0..1] { x = y; }\n';

before(ensureBuilt);
after(() => {
  for (const { child } of clients) child.kill('SIGKILL');
});

for (const args of [
  [serverScript, '--stdio'],
  [join(root, 'bin', 'lockstep.mjs'), 'lsp', '--stdio'],
]) {
  test(`${args
    .slice(0, -1)
    .map((each) => each.replace(root, ''))
    .join(' ')} serves a document from its opening to its end`, async () => {
    const editor = client(...args);
    const { result } = await editor.initialize();
    assert.equal(
      (result as { capabilities: { positionEncoding: string } }).capabilities.positionEncoding,
      'utf-16',
    );
    editor.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'lockstep', version: 7, text },
    });
    const published = await editor.next(({ method }) => method === 'textDocument/publishDiagnostics');
    assert.equal(published.params?.['uri'], uri);
    assert.equal(published.params?.['version'], 7);
    const diagnostics = published.params?.['diagnostics'] as { code: string }[];
    assert.equal(diagnostics[0]?.code, 'unknown-name');
    assert.equal((await editor.request('shutdown', null)).error, undefined);
    editor.notify('exit', {});
    assert.equal(await editor.exit, 0);
  });
}

test('messages that are no requests of anybody are answered or left out, and the server lives on', async () => {
  const editor = client(serverScript, '--stdio');
  await editor.initialize();
  const unknown = await editor.request('lockstep/noSuchThing', {});
  assert.equal(unknown.error?.code, -32601);
  editor.send({ id: 'a string', method: 'textDocument/hover' });
  editor.send({ method: 'textDocument/didOpen', params: { nothing: true } });
  editor.send({ method: 'textDocument/didChange', params: null });
  editor.send({ method: '$/cancelRequest', params: { id: 4711 } });
  editor.send({ id: 77, result: 'an answer that nobody asked for' });
  editor.send({ nonsense: [1, 2, 3] });
  editor.raw('Content-Length: 9\r\n\r\nnot: json');
  for (const method of [
    'textDocument/hover',
    'textDocument/codeLens',
    'lockstep/check',
    'lockstep/explain',
  ]) {
    for (const params of [undefined, null, 5, [], {}, { textDocument: null }, { textDocument: { uri: 5 } }]) {
      const { result, error } = await editor.request(method, params);
      assert.ok(
        error !== undefined || result === null || Array.isArray(result),
        `${method} ${JSON.stringify(params)}`,
      );
    }
  }
  editor.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'lockstep', version: 1, text } });
  await editor.next(({ method }) => method === 'textDocument/publishDiagnostics');
  await editor.request('shutdown', null);
  editor.notify('exit', {});
  assert.equal(await editor.exit, 0);
});

test('a server whose editor has gone ends', async () => {
  const editor = client(serverScript, '--stdio');
  await editor.initialize();
  editor.child.stdin?.end();
  assert.equal(await editor.exit, 1);
});

test('without a way to speak, the server says which there are', async () => {
  const editor = client(serverScript);
  let told = '';
  editor.child.stderr?.on('data', (chunk) => {
    told += String(chunk);
  });
  assert.equal(await editor.exit, 2);
  assert.match(told, /^usage: node server\.js --stdio/);
});
