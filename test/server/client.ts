/** A client of the server that shares no line with it: JSON-RPC over a child's pipes, as far as the tests need it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { root } from '../../scripts/build.mjs';

export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export class Client {
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
    const index = this.messages.findIndex(wanted);
    const [known] = index < 0 ? [] : this.messages.splice(index, 1);
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

  /** `folder`: a URI. */
  async initialize(folder: string | null = null): Promise<Message> {
    const answer = await this.request('initialize', {
      processId: process.pid,
      rootUri: folder,
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
      const index = this.waiting.findIndex(({ wanted }) => wanted(message));
      if (index >= 0) this.waiting.splice(index, 1)[0]?.resolve(message);
      else this.messages.push(message);
    }
  }
}
