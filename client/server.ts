/** The language server: a process of its own, started again when it crashes. */

import * as vscode from 'vscode';
import {
  CloseAction,
  type CloseHandlerResult,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  State,
  TransportKind,
  WorkDoneProgress,
} from 'vscode-languageclient/node';
import { pageUri } from './docs.ts';
import type { Location as WireLocation } from 'vscode-languageserver-types';

/** Not old versions of a file that a comparison shows: what is wrong there cannot be mended. */
const documents = ['file', 'untitled', 'vscode-vfs'].map((scheme) => ({ scheme, language: 'lockstep' }));

export type ServerState = 'starting' | 'running' | 'stopped';

export class Server implements vscode.Disposable {
  private readonly client: LanguageClient;
  private readonly changed = new vscode.EventEmitter<ServerState>();
  readonly onDidChangeState = this.changed.event;
  private state: ServerState = 'stopped';

  constructor(context: vscode.ExtensionContext, output: vscode.LogOutputChannel) {
    const module = vscode.Uri.joinPath(context.extensionUri, 'dist', 'server.js').fsPath;
    const options: LanguageClientOptions = {
      documentSelector: documents,
      outputChannel: output,
      diagnosticCollectionName: 'lockstep',
      // The server asks for changes later; until then these hold.
      initializationOptions: () => vscode.workspace.getConfiguration('lockstep'),
      errorHandler: {
        error: (...args) => policy.error(...args),
        closed: () => closed(policy),
      },
      middleware: {
        handleDiagnostics: (uri, diagnostics, next) => next(uri, diagnostics.map(withPage)),
        provideDiagnostics: async (document, previous, token, next) => {
          const report = await next(document, previous, token);
          if (report?.kind === 'full') report.items = report.items.map(withPage);
          return report;
        },
      },
    };
    const run = { module, transport: TransportKind.ipc };
    this.client = new LanguageClient('lockstep', 'Lockstep', { run, debug: run }, options);
    const policy = this.client.createDefaultErrorHandler();
    this.client.onDidChangeState(({ newState }) => {
      this.state = stateOf(newState);
      this.changed.fire(this.state);
    });
  }

  get now(): ServerState {
    return this.state;
  }

  /** A failure is shown, and leaves the commands working that need no server. */
  async start(): Promise<void> {
    try {
      await this.client.start();
    } catch (error) {
      this.client.error('The language server could not be started.', error, 'force');
    }
  }

  async restart(): Promise<void> {
    try {
      await this.client.restart();
    } catch (error) {
      // A server that never came up cannot be stopped, but started.
      this.client.warn(String(error));
      await this.start();
    }
  }

  request<R>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<R> {
    // The library takes an absent token for one more parameter.
    return token === undefined
      ? this.client.sendRequest<R>(method, params)
      : this.client.sendRequest<R>(method, params, token);
  }

  /** Dropped while the server does not run. */
  notify(method: string, params: unknown): void {
    if (this.client.isRunning()) void this.client.sendNotification(method, params);
  }

  onNotification<P>(method: string, handler: (params: P) => void): vscode.Disposable {
    return this.client.onNotification(method, handler);
  }

  /** What the server says of a request while it works on it. */
  onProgress(token: string, handler: (message: string) => void): vscode.Disposable {
    return this.client.onProgress(WorkDoneProgress.type, token, (report) => {
      if (report.message !== undefined) handler(report.message);
    });
  }

  /** The protocol's name of a file. */
  uriText(uri: vscode.Uri): string {
    return this.client.code2ProtocolConverter.asUri(uri);
  }

  location({ uri, range }: WireLocation): vscode.Location {
    return new vscode.Location(vscode.Uri.parse(uri, true), this.range(range));
  }

  range({ start, end }: WireLocation['range']): vscode.Range {
    return new vscode.Range(start.line, start.character, end.line, end.character);
  }

  async dispose(): Promise<void> {
    this.changed.dispose();
    await this.client.dispose();
  }
}

/** A crash is told in one message; how often the server is started again is up to the library. */
async function closed(policy: ErrorHandler): Promise<CloseHandlerResult> {
  const result = await policy.closed();
  if (result.action === CloseAction.DoNotRestart) return result;
  void tellOfCrash();
  return { ...result, handled: true };
}

let told: Thenable<unknown> | null = null;

async function tellOfCrash(): Promise<void> {
  // While one message stands there, a second would say the same.
  if (told !== null) return;
  told = vscode.window.showWarningMessage(
    'The Lockstep language server crashed, and was started again.',
    'Show Output',
  );
  if ((await told) === 'Show Output') await vscode.commands.executeCommand('lockstep.showOutput');
  told = null;
}

function stateOf(state: State): ServerState {
  if (state === State.Running) return 'running';
  return state === State.Starting ? 'starting' : 'stopped';
}

/** The code of a diagnostic leads to its page, which comes with the extension. */
function withPage<T extends vscode.Diagnostic>(diagnostic: T): T {
  const code = typeof diagnostic.code === 'object' ? diagnostic.code.value : diagnostic.code;
  if (typeof code === 'string') diagnostic.code = { value: code, target: pageUri(code) };
  return diagnostic;
}
