/** The server on one connection: initialisation, documents, folders, settings and files, and the features above them. */

import {
  type ClientCapabilities,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  PositionEncodingKind,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import { EXTENSION, pathOfUri } from '../host/files.ts';
import { answer, describe } from './answers.ts';
import { keepDocuments } from './documents.ts';
import type { Feature, FeatureServer } from './feature.ts';
import { features as allFeatures } from './features/index.ts';
import { defaultSettings, type Settings, settingsFrom } from './settings.ts';
import { coreUri, Workspace } from './workspace.ts';

export interface ServeOptions {
  /** Others than all, for tests. */
  readonly features?: readonly Feature[];
}

/** Sets up everything; the caller makes the connection listen. */
export function serve(connection: Connection, { features = allFeatures }: ServeOptions = {}): void {
  const server = new Server(connection, features);
  server.start();
}

class Server implements FeatureServer {
  readonly workspace = new Workspace();
  client: ClientCapabilities = {};
  settings: Settings = defaultSettings;
  private readonly connection: Connection;
  private readonly features: readonly Feature[];
  private readonly folders = new Map<string, string>();

  constructor(connection: Connection, features: readonly Feature[]) {
    this.connection = connection;
    this.features = features;
  }

  start(): void {
    const { connection, workspace } = this;
    connection.onInitialize((params) => this.initialize(params));
    connection.onInitialized(() => this.initialized());
    connection.onDidChangeConfiguration(({ settings }) => this.configure(settings));
    connection.onDidChangeWatchedFiles(({ changes }) =>
      workspace.changedOnDisk(changes.map(({ uri }) => coreUri(uri))),
    );
    connection.onShutdown(() => {});
    keepDocuments(connection, {
      opened: (document) => workspace.open(document),
      changed: (document) => workspace.open(document),
      closed: (uri) => workspace.close(uri),
      saved: (uri) => workspace.changedOnDisk([uri]),
    });
    for (const feature of this.features) feature.register(connection, this);
  }

  answer: FeatureServer['answer'] = (document, token, none, compute) =>
    answer({ workspace: this.workspace, console: this.connection.console }, document, token, none, compute);

  private initialize(params: InitializeParams): InitializeResult {
    this.client = params.capabilities ?? {};
    for (const uri of foldersOf(params)) this.addFolder(uri);
    this.workspace.setFolders([...this.folders.values()]);
    this.settings = settingsFrom(params.initializationOptions);
    const own: ServerCapabilities = {
      positionEncoding: PositionEncodingKind.UTF16,
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    };
    const capabilities = this.features.map((feature) => feature.capabilities);
    return { capabilities: capabilities.reduce(merged, own), serverInfo: { name: 'lockstep' } };
  }

  private async initialized(): Promise<void> {
    const { connection, client } = this;
    try {
      if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
        await connection.client.register(DidChangeWatchedFilesNotification.type, {
          watchers: [{ globPattern: `**/*${EXTENSION}` }],
        });
      }
      if (client.workspace?.didChangeConfiguration?.dynamicRegistration === true) {
        await connection.client.register(DidChangeConfigurationNotification.type, { section: 'lockstep' });
      }
      if (client.workspace?.workspaceFolders === true) {
        connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
          for (const { uri } of removed) this.folders.delete(uri);
          for (const { uri } of added) this.addFolder(uri);
          this.workspace.setFolders([...this.folders.values()]);
        });
      }
      await this.configure(null);
    } catch (error) {
      connection.console.warn(`the client does not register what the server asks for: ${describe(error)}`);
    }
  }

  /** `sent`: what came with a change; clients that can be asked are asked instead. */
  private async configure(sent: unknown): Promise<void> {
    const asked = this.client.workspace?.configuration === true;
    const value: unknown = asked
      ? await this.connection.workspace.getConfiguration('lockstep')
      : sectionOf(sent);
    if (value !== undefined && value !== null) this.settings = settingsFrom(value);
  }

  private addFolder(uri: string): void {
    const path = pathOfUri(uri);
    if (path !== null && uri.startsWith('file:')) this.folders.set(uri, path);
  }
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly string[] {
  if (Array.isArray(workspaceFolders)) return workspaceFolders.map(({ uri }) => uri);
  return typeof rootUri === 'string' ? [rootUri] : [];
}

function sectionOf(sent: unknown): unknown {
  return typeof sent === 'object' && sent !== null && 'lockstep' in sent ? sent.lockstep : undefined;
}

/** Capabilities that several features have a part in, such as `workspace`, are joined. */
function merged(a: Partial<ServerCapabilities>, b: Partial<ServerCapabilities>): ServerCapabilities {
  const result: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const other = result[key];
    result[key] = isRecord(other) && isRecord(value) ? merged(other, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
