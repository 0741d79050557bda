/** The server as an editor starts it, driven by a client that shares no line with it. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensureBuilt, root } from '../../scripts/build.mjs';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** JSON-RPC over a child's pipes, as far as these tests need it. */
class Client {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  private bytes = Buffer.alloc(0);
  private readonly messages: Message[] = [];
  private readonly waiting: {
    readonly wanted: (message: Message) => boolean;
    resolve(message: Message): void;
  }[] = [];
  private id = 0;

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
    children.push(this.child);
    this.exit = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.stdout?.on('data', (chunk: Buffer) => this.receive(chunk));
    this.child.stdin?.on('error', () => {});
  }

  raw(text: string): void {
    this.child.stdin?.write(text);
  }

  send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.raw(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  notify(method: string, params: object): void {
    this.send({ method, params });
  }

  request(method: string, params: unknown): Promise<Message> {
    const id = ++this.id;
    this.send({ id, method, params });
    return this.next((message) => message.id === id && message.method === undefined);
  }

  next(wanted: (message: Message) => boolean): Promise<Message> {
    const known = this.messages.find(wanted);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no such message within 30 s')), 30_000);
      this.waiting.push({
        wanted,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      });
    });
  }

  async initialize(): Promise<Message> {
    const answer = await this.request('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    });
    this.notify('initialized', {});
    return answer;
  }

  private receive(chunk: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    for (;;) {
      const head = this.bytes.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.bytes.toString('utf8', 0, head))?.[1]);
      if (this.bytes.length < head + 4 + length) return;
      const message: Message = JSON.parse(this.bytes.toString('utf8', head + 4, head + 4 + length));
      this.bytes = this.bytes.subarray(head + 4 + length);
      this.messages.push(message);
      const index = this.waiting.findIndex(({ wanted }) => wanted(message));
      if (index >= 0) this.waiting.splice(index, 1)[0]?.resolve(message);
    }
  }
}

const children: ChildProcess[] = [];
const serverScript = join(root, 'dist', 'server.js');
const uri = 'untitled:Counter';
const text = 'scenario "Counter";\nint x;\nvcpu a[i : 0..1] { x = y; }\n';

before(ensureBuilt);
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

for (const args of [
  [serverScript, '--stdio'],
  [join(root, 'bin', 'lockstep.mjs'), 'lsp', '--stdio'],
]) {
  test(`${args
    .slice(0, -1)
    .map((each) => each.replace(root, ''))
    .join(' ')} serves a document from its opening to its end`, async () => {
    const client = new Client(...args);
    const { result } = await client.initialize();
    assert.equal(
      (result as { capabilities: { positionEncoding: string } }).capabilities.positionEncoding,
      'utf-16',
    );
    client.notify('textDocument/didOpen', {
      textDocument: { uri, languageId: 'lockstep', version: 7, text },
    });
    const published = await client.next(({ method }) => method === 'textDocument/publishDiagnostics');
    assert.equal(published.params?.['uri'], uri);
    assert.equal(published.params?.['version'], 7);
    const diagnostics = published.params?.['diagnostics'] as { code: string }[];
    assert.equal(diagnostics[0]?.code, 'unknown-name');
    assert.equal((await client.request('shutdown', null)).error, undefined);
    client.notify('exit', {});
    assert.equal(await client.exit, 0);
  });
}

test('messages that are no requests of anybody are answered or left out, and the server lives on', async () => {
  const client = new Client(serverScript, '--stdio');
  await client.initialize();
  const unknown = await client.request('lockstep/noSuchThing', {});
  assert.equal(unknown.error?.code, -32601);
  client.send({ id: 'a string', method: 'textDocument/hover' });
  client.send({ method: 'textDocument/didOpen', params: { nothing: true } });
  client.send({ method: 'textDocument/didChange', params: null });
  client.send({ method: '$/cancelRequest', params: { id: 4711 } });
  client.send({ id: 77, result: 'an answer that nobody asked for' });
  client.send({ nonsense: [1, 2, 3] });
  client.raw('Content-Length: 9\r\n\r\nnot: json');
  for (const method of [
    'textDocument/hover',
    'textDocument/codeLens',
    'lockstep/check',
    'lockstep/explain',
  ]) {
    for (const params of [undefined, null, 5, [], {}, { textDocument: null }, { textDocument: { uri: 5 } }]) {
      const { result, error } = await client.request(method, params);
      assert.ok(
        error !== undefined || result === null || Array.isArray(result),
        `${method} ${JSON.stringify(params)}`,
      );
    }
  }
  client.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'lockstep', version: 1, text } });
  await client.next(({ method }) => method === 'textDocument/publishDiagnostics');
  await client.request('shutdown', null);
  client.notify('exit', {});
  assert.equal(await client.exit, 0);
});

test('a server whose editor has gone ends', async () => {
  const client = new Client(serverScript, '--stdio');
  await client.initialize();
  client.child.stdin?.end();
  assert.equal(await client.exit, 1);
});

test('without a way to speak, the server says which there are', async () => {
  const client = new Client(serverScript);
  let told = '';
  client.child.stderr?.on('data', (chunk) => {
    told += String(chunk);
  });
  assert.equal(await client.exit, 2);
  assert.match(told, /^usage: node server\.js --stdio/);
});
