/** The debug adapter of the server, for VS Code: every message travels over the language client's connection. */

import * as vscode from 'vscode';
import type { Server } from '../server.ts';
import { debugMessage, type DebugMessage } from './protocol.ts';

let sessions = 0;

export class AdapterFactory implements vscode.DebugAdapterDescriptorFactory {
  private readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  createDebugAdapterDescriptor(): vscode.DebugAdapterDescriptor {
    return new vscode.DebugAdapterInlineImplementation(new ForwardingAdapter(this.server));
  }
}

class ForwardingAdapter implements vscode.DebugAdapter {
  private readonly sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  readonly onDidSendMessage = this.sent.event;
  private readonly server: Server;
  /** The server may live longer than this window's sessions, and see several windows. */
  private readonly session = `${process.pid}-${++sessions}`;
  private readonly subscriptions: vscode.Disposable[];
  private over = false;

  constructor(server: Server) {
    this.server = server;
    this.subscriptions = [
      this.sent,
      server.onNotification<DebugMessage>(debugMessage, ({ session, message }) => {
        if (session === this.session) this.sent.fire(message as vscode.DebugProtocolMessage);
      }),
      server.onDidChangeState((state) => {
        if (state !== 'running') this.end('The language server has ended, and this run with it.\n');
      }),
    ];
  }

  handleMessage(message: vscode.DebugProtocolMessage): void {
    if (!this.over)
      this.server.notify(debugMessage, { session: this.session, message } satisfies DebugMessage);
  }

  dispose(): void {
    this.over = true;
    this.server.notify(debugMessage, { session: this.session, message: null } satisfies DebugMessage);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private end(output: string): void {
    if (this.over) return;
    this.over = true;
    const event = (name: string, body: object): void =>
      this.sent.fire({ type: 'event', seq: 0, event: name, body } as vscode.DebugProtocolMessage);
    event('output', { category: 'important', output });
    event('terminated', {});
  }
}
