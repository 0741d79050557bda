/** A language server and its client in one process, over in-memory streams. */

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import {
  type ClientCapabilities,
  createMessageConnection,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type MessageConnection,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
} from 'vscode-languageserver-protocol/node';
import { startWorker } from '../../host/queue.ts';
import { serve, type ServeOptions } from '../../server/connection.ts';
import type { StartRunner } from '../../server/explorer.ts';

export interface ServerSetup {
  /** Texts by path below the root: `a.lockstep`, `one/b.lockstep`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Below the root; by default the root itself is the one folder. */
  readonly folders?: readonly string[];
  readonly capabilities?: ClientCapabilities;
  /** What the client answers for the section `lockstep`; by default, nothing is explored while somebody types. */
  readonly settings?: unknown;
  readonly options?: Partial<ServeOptions>;
}

export interface RunningServer {
  readonly connection: MessageConnection;
  /** What `initialize` answered. */
  readonly initialized: InitializeResult;
  /** The directory that everything lies in. */
  readonly root: string;
  /** What the server has logged or shown: `error: …`. */
  readonly messages: readonly string[];
  /** The URI of a path below the root; other URIs as they are. */
  uri(path: string): string;
  /** Opens a document; without a text, as it is in `files`. Answers its URI. */
  open(path: string, text?: string): string;
  /** The whole text, or parts of it, as version `version` (else one more than the last). */
  change(path: string, change: string | readonly TextDocumentContentChangeEvent[], version?: number): void;
  closeDocument(path: string): void;
  /** Changes a file on the disk and says so; null removes it. */
  write(path: string, text: string | null): void;
  /** Any request; `params` with a `textDocument` given as a path takes its URI. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at the answer as it likes
  request(method: string, params: unknown): Promise<any>;
  notify(method: string, params: unknown): void;
  /** The next notification of this method that satisfies the condition; those already received count too, the latest first. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at the notification as it likes
  received(method: string, when?: (params: any) => boolean): Promise<any>;
  /** Diagnostics of the latest version of an open document, once the server has published such as satisfy the condition. */
  diagnosticsOf(
    path: string,
    when?: (diagnostics: readonly Diagnostic[]) => boolean,
  ): Promise<readonly Diagnostic[]>;
  /** Shuts the server down and removes the files. */
  close(): Promise<void>;
}

/** The worker thread as it stands in the sources; bundled first, which takes it less time than reading them one by one. */
export const startRunner: StartRunner = () => {
  bundle ??= bundleWorker();
  return startWorker(pathToFileURL(bundle));
};
let bundle: string | null = null;

function bundleWorker(): string {
  const outfile = join(mkdtempSync(join(tmpdir(), 'lockstep-worker-')), 'worker.mjs');
  const entry = fileURLToPath(new URL('../../host/worker.ts', import.meta.url));
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
  });
  return outfile;
}

/** A test that fails leaves its server behind, whose threads would keep the process alive. */
const running = new Set<() => Promise<void>>();
after(async () => {
  for (const close of running) await close();
  if (bundle !== null) rmSync(dirname(bundle), { recursive: true, force: true });
});

/** Longer than any answer may take on a busy machine. */
const patience = 20_000;

export async function startServer(setup: ServerSetup = {}): Promise<RunningServer> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-server-')));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(setup.files ?? {})) put(path, text);
  const uriOf = (path: string): string =>
    /^[a-z-]+:/.test(path) ? path : pathToFileURL(join(root, path)).href;

  const toServer = new PassThrough();
  const toClient = new PassThrough();
  // With streams as they are, it would end the process with them.
  const serving = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(toServer),
    new StreamMessageWriter(toClient),
  );
  serve(serving, { startRunner, ...setup.options });
  serving.listen();

  const connection = createMessageConnection(
    new StreamMessageReader(toClient),
    new StreamMessageWriter(toServer),
  );
  const log = new Received();
  const messages: string[] = [];
  connection.onNotification((method, params) => {
    if (method === 'window/logMessage' || method === 'window/showMessage') messages.push(told(params));
    log.add(method, params);
  });
  connection.onRequest((method, params) => {
    log.add(method, params);
    return method === 'workspace/configuration' ? [setup.settings ?? { live: { enabled: false } }] : null;
  });
  connection.listen();

  const initialized: InitializeResult = await connection.sendRequest('initialize', {
    processId: null,
    rootUri: null,
    capabilities: setup.capabilities ?? fullCapabilities,
    workspaceFolders: (setup.folders ?? ['']).map((name) => ({ uri: uriOf(name), name })),
  });
  await connection.sendNotification('initialized', {});

  const close = async (): Promise<void> => {
    if (!running.delete(close)) return;
    await connection.sendRequest('shutdown');
    // The server's side holds nothing more; what it may still read goes nowhere.
    connection.dispose();
    rmSync(root, { recursive: true, force: true });
  };
  running.add(close);
  const versions = new Map<string, number>();
  const notify = (method: string, params: unknown): void => {
    void connection.sendNotification(method, params);
  };
  return {
    connection,
    initialized,
    root,
    messages,
    uri: uriOf,
    open: (path, text = setup.files?.[path] ?? '') => {
      const uri = uriOf(path);
      versions.set(uri, 1);
      notify('textDocument/didOpen', { textDocument: { uri, languageId: 'lockstep', version: 1, text } });
      return uri;
    },
    change: (path, change, version) => {
      const uri = uriOf(path);
      const next = version ?? (versions.get(uri) ?? 0) + 1;
      versions.set(uri, next);
      const contentChanges = typeof change === 'string' ? [{ text: change }] : change;
      notify('textDocument/didChange', { textDocument: { uri, version: next }, contentChanges });
    },
    closeDocument: (path) => {
      versions.delete(uriOf(path));
      notify('textDocument/didClose', { textDocument: { uri: uriOf(path) } });
    },
    write: (path, text) => {
      if (text === null) rmSync(join(root, path), { force: true });
      else put(path, text);
      notify('workspace/didChangeWatchedFiles', {
        changes: [{ uri: uriOf(path), type: text === null ? 3 : 2 }],
      });
    },
    request: (method, params) => connection.sendRequest(method, withUri(params, uriOf)),
    notify,
    received: (method, when = () => true) => log.wait(method, when),
    diagnosticsOf: async (path, when = () => true) => {
      const uri = uriOf(path);
      const { diagnostics } = await log.wait(
        'textDocument/publishDiagnostics',
        (params) => params.uri === uri && params.version === versions.get(uri) && when(params.diagnostics),
      );
      return diagnostics;
    },
    close,
  };
}

/** The place of `$0` in a text, and the text without it. */
export function cursor(marked: string): { readonly text: string; readonly position: Position } {
  const at = marked.indexOf('$0');
  if (at < 0) throw new Error('the text has no $0');
  return { text: marked.slice(0, at) + marked.slice(at + 2), position: positionIn(marked, at) };
}

/** The nth place (from 0) where `part` stands in a text. */
export function rangeOf(text: string, part: string, nth = 0): Range {
  let at = text.indexOf(part);
  for (let index = 0; index < nth && at >= 0; index++) at = text.indexOf(part, at + 1);
  if (at < 0) throw new Error(`the text has no ${nth + 1} times '${part}'`);
  return { start: positionIn(text, at), end: positionIn(text, at + part.length) };
}

export function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

/** What an editor that can do everything announces. */
const fullCapabilities: ClientCapabilities = {
  general: { positionEncodings: ['utf-16'] },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    workspaceEdit: { documentChanges: true },
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    codeLens: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
    semanticTokens: { refreshSupport: true },
  },
  textDocument: {
    publishDiagnostics: {
      relatedInformation: true,
      versionSupport: true,
      codeDescriptionSupport: true,
      dataSupport: true,
    },
    completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    rename: { prepareSupport: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'refactor'] } } },
  },
  window: { workDoneProgress: true },
};

function withUri(params: unknown, uriOf: (path: string) => string): unknown {
  if (typeof params !== 'object' || params === null || !('textDocument' in params)) return params;
  const { textDocument } = params;
  return typeof textDocument === 'string'
    ? { ...params, textDocument: { uri: uriOf(textDocument) } }
    : params;
}

function told(params: unknown): string {
  const { type, message } = params as { readonly type: number; readonly message: string };
  return `${['', 'error', 'warning', 'info', 'log', 'debug'][type] ?? type}: ${message}`;
}

/** What has come from the server, kept so that nothing is missed that came early. */
class Received {
  // biome-ignore lint/suspicious/noExplicitAny: whatever a server sends
  private readonly latest = new Map<string, any[]>();
  private readonly waiting = new Set<() => void>();

  add(method: string, params: unknown): void {
    const list = this.latest.get(method) ?? [];
    this.latest.set(method, list);
    list.push(params);
    if (list.length > 500) list.shift();
    for (const look of this.waiting) look();
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever a server sends
  wait(method: string, when: (params: any) => boolean): Promise<any> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(look);
        reject(new Error(`no such ${method} within ${patience} ms`));
      }, patience);
      const look = (): void => {
        const all = this.latest.get(method) ?? [];
        const found = all.findLastIndex(when);
        if (found < 0) return;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(all[found]);
      };
      this.waiting.add(look);
      look();
    });
  }
}
