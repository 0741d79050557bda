/** A debug session and its client in one process. */

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DebugProtocol } from '@vscode/debugprotocol';

import { DebugAdapter } from '../../server/debug/adapter.ts';
import { debugHost } from '../../server/debug/host.ts';
import type { LaunchArguments } from '../../server/debug/launch.ts';
import { Explorer } from '../../server/explorer.ts';
import { coreUri, Workspace } from '../../server/workspace.ts';
import { uriOf } from '../../host/files.ts';
import { startRunner } from '../server/harness.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test looks at an answer as it likes
type Any = any;

export class Client {
  readonly root: string;
  readonly events: DebugProtocol.Event[] = [];
  readonly faults: unknown[] = [];
  readonly workspace = new Workspace();
  private readonly explorer: Explorer;
  private readonly adapter: DebugAdapter;
  private readonly answers = new Map<number, (response: DebugProtocol.Response) => void>();
  private readonly waiting: { event: string; done: (body: Any) => void }[] = [];
  private seen = 0;
  private seq = 1;
  private version = 1;

  /** Files by name, in a folder of their own. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-debug-')));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.root, name), text);
    this.workspace.setFolders([this.root]);
    this.explorer = new Explorer(startRunner);
    this.explorer.configure(1);
    const host = debugHost(this.workspace, this.explorer, (error) => this.faults.push(error));
    this.adapter = new DebugAdapter(host, (message) => this.receive(message));
    this.workspace.onStale((uris) => {
      for (const uri of uris) this.adapter.edited(uri);
    });
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** The file as an editor has it. */
  edit(name: string, text: string): void {
    const uri = coreUri(uriOf(this.path(name)));
    this.workspace.open({ uri, version: this.version++, text });
  }

  send(command: string, args: unknown = {}): Promise<DebugProtocol.Response> {
    const seq = this.seq++;
    const answer = new Promise<DebugProtocol.Response>((done) => this.answers.set(seq, done));
    this.adapter.handle({ seq, type: 'request', command, arguments: args });
    return answer;
  }

  raw(message: unknown): void {
    this.adapter.handle(message);
  }

  /** The body of the answer; a refusal fails the test. */
  async ask(command: string, args: unknown = {}): Promise<Any> {
    const response = await this.send(command, args);
    assert.ok(response.success, `${command}: ${response.message}`);
    return response.body;
  }

  /** The message of a refusal; an answer fails the test. */
  async refused(command: string, args: unknown = {}): Promise<string> {
    const response = await this.send(command, args);
    assert.ok(!response.success, `${command} was not refused: ${JSON.stringify(response.body)}`);
    return response.message ?? '';
  }

  /** The body of the next event of this name. */
  next(event: string): Promise<Any> {
    for (; this.seen < this.events.length; this.seen++) {
      const found = this.events[this.seen];
      if (found?.event === event) {
        this.seen++;
        return Promise.resolve(found.body);
      }
    }
    return new Promise((done) => this.waiting.push({ event, done }));
  }

  /** Launches up to the first stop; answers it. */
  async launch(args: LaunchArguments, prepare: () => Promise<unknown> = async () => {}): Promise<Any> {
    await this.ask('initialize', { adapterID: 'lockstep' });
    await this.ask('launch', args);
    await this.next('initialized');
    await prepare();
    await this.ask('configurationDone');
    return this.next('stopped');
  }

  /** A command that moves, and the stop behind it. */
  async move(command: string, args: unknown = { threadId: 1 }): Promise<Any> {
    await this.ask(command, args);
    return this.next('stopped');
  }

  /** `function:line` of a thread, from 1. */
  async at(thread: number): Promise<string> {
    const { stackFrames } = await this.ask('stackTrace', { threadId: thread });
    const [top] = stackFrames;
    return top === undefined || / has ended$/.test(top.name) ? 'ended' : `${top.name}:${top.line}`;
  }

  /** The variables of a scope of the topmost frame of a thread. */
  async scope(thread: number, name: string): Promise<Any[]> {
    const { stackFrames } = await this.ask('stackTrace', { threadId: thread });
    const { scopes } = await this.ask('scopes', { frameId: stackFrames[0].id });
    const scope = scopes.find((one: Any) => one.name === name);
    assert.ok(scope !== undefined, `${name} among ${scopes.map((one: Any) => one.name)}`);
    return (await this.ask('variables', { variablesReference: scope.variablesReference })).variables;
  }

  async evaluate(expression: string, thread = 1): Promise<string> {
    const { stackFrames } = await this.ask('stackTrace', { threadId: thread });
    const response = await this.send('evaluate', { expression, frameId: stackFrames[0]?.id });
    return response.success ? response.body.result : `! ${response.message}`;
  }

  close(): void {
    this.adapter.close();
    this.explorer.close();
    rmSync(this.root, { recursive: true, force: true });
    assert.deepEqual(this.faults, []);
  }

  private receive(message: DebugProtocol.ProtocolMessage): void {
    const copy = JSON.parse(JSON.stringify(message)) as DebugProtocol.ProtocolMessage;
    if (copy.type === 'response') {
      const response = copy as DebugProtocol.Response;
      this.answers.get(response.request_seq)?.(response);
      return;
    }
    const event = copy as DebugProtocol.Event;
    this.events.push(event);
    const index = this.waiting.findIndex((one) => one.event === event.event);
    if (index < 0) return;
    this.seen = this.events.length;
    const [found] = this.waiting.splice(index, 1);
    found?.done(event.body);
  }
}

/** Runs a test with a client, and closes it. */
export async function withClient(
  files: Readonly<Record<string, string>>,
  test: (client: Client) => Promise<void>,
): Promise<void> {
  const client = new Client(files);
  try {
    await test(client);
  } finally {
    client.close();
  }
}
