import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from './harness.ts';

const scenario = 'scenario "One";\nint x;\nvcpu a { x = 1; }\n';

test('a server says what it can do, and ends', async () => {
  const server = await startServer({ files: { 'a.lockstep': scenario } });
  const { capabilities, serverInfo } = server.initialized;
  assert.equal(capabilities.positionEncoding, 'utf-16');
  assert.deepEqual(capabilities.textDocumentSync, { openClose: true, change: 2, save: true });
  assert.equal(serverInfo?.name, 'lockstep');
  const registration = await server.received('client/registerCapability');
  assert.equal(registration.registrations.length, 1);
  await server.close();
});

test('changes of documents that nobody opened, and changes that make no sense, are told in the log', async () => {
  const server = await startServer();
  server.change('nowhere.lockstep', 'int x;');
  server.closeDocument('nowhere.lockstep');
  server.open('a.lockstep', scenario);
  server.notify('textDocument/didChange', {
    textDocument: { uri: server.uri('a.lockstep'), version: 2 },
    contentChanges: [{ range: { start: { line: 'x' } }, text: 'y' }, 5, { text: 7 }],
  });
  await server.received('window/logMessage', ({ message }) => message.includes('3 changes make no sense'));
  assert.ok(server.messages.some((message) => message.includes('is not open and cannot change')));
  await server.close();
});
