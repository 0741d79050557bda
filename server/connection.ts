/** The server on one connection: initialisation, documents, folders, settings and files, and the features above them. */

import { isDeepStrictEqual } from 'node:util';
import {
  type ClientCapabilities,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  MessageType,
  PositionEncodingKind,
  type ServerCapabilities,
  ShowMessageNotification,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import type { Variant } from '../core/semantics/options.ts';
import { EXTENSION, pathOfUri } from '../host/files.ts';
import { answer, describe } from './answers.ts';
import { Announcements } from './announcements.ts';
import { DebugBridge } from './debug/bridge.ts';
import { debugHost } from './debug/host.ts';
import { Diagnostics } from './diagnostics.ts';
import { keepDocuments } from './documents.ts';
import { Explorer, type StartRunner } from './explorer.ts';
import type { Feature, FeatureServer } from './feature.ts';
import { features as allFeatures } from './features/index.ts';
import { serveRequests } from './requests.ts';
import type { Scene } from './scene.ts';
import { defaultSettings, type Settings, settingsFrom } from './settings.ts';
import { variantId } from './variantId.ts';
import { Verdicts } from './verdicts.ts';
import { clientUri, coreUri, Workspace } from './workspace.ts';

export interface ServeOptions {
  /** Starts a thread that explores. */
  readonly startRunner: StartRunner;
  /** Others than all, for tests. */
  readonly features?: readonly Feature[];
}

/** Sets up everything; the caller makes the connection listen. */
export function serve(connection: Connection, options: ServeOptions): void {
  new Server(connection, options).start();
}

class Server implements FeatureServer {
  readonly workspace = new Workspace();
  client: ClientCapabilities = {};
  settings: Settings = defaultSettings;
  private readonly connection: Connection;
  private readonly features: readonly Feature[];
  private readonly folders = new Map<string, string>();
  readonly verdicts: Verdicts;
  private readonly explorer: Explorer;
  private readonly diagnostics: Diagnostics;
  private readonly announcements: Announcements;
  private readonly settingsListeners: ((settings: Settings) => void)[] = [];
  private readonly crashed = new Set<string>();
  /** The client has said what its user has set. */
  private isConfigured = false;
  private debug: DebugBridge | null = null;

  constructor(connection: Connection, { startRunner, features = allFeatures }: ServeOptions) {
    this.connection = connection;
    this.features = features;
    this.explorer = new Explorer(startRunner);
    this.verdicts = new Verdicts({
      explorer: this.explorer,
      settings: () => (this.isConfigured ? this.settings : quiet(this.settings)),
      onCrash: (scene, variant, message) => this.reportCrash(scene, variant, message),
    });
    const { workspace, verdicts } = this;
    this.announcements = new Announcements(connection, this);
    this.diagnostics = new Diagnostics({
      ...{ connection, workspace, verdicts },
      onLooked: (uri) => this.announcements.looked(uri),
    });
  }

  start(): void {
    const { connection, workspace } = this;
    connection.onInitialize((params) => this.initialize(params));
    connection.onInitialized(() => this.initialized());
    connection.onDidChangeConfiguration(({ settings }) => this.configure(settings));
    connection.onDidChangeWatchedFiles(({ changes }) => {
      const uris = changes.map(({ uri }) => coreUri(uri));
      workspace.changedOnDisk(uris);
      this.announcements.scenariosChanged(uris.filter((uri) => workspace.document(uri) === null));
    });
    connection.onShutdown(() => {
      this.debug?.close();
      this.diagnostics.close();
      this.verdicts.close();
      this.explorer.close();
      this.announcements.close();
    });
    workspace.onStale((uris) => this.diagnostics.stale(uris));
    this.verdicts.onChange((uri) => this.diagnostics.refresh(uri));
    keepDocuments(connection, {
      opened: (document) => workspace.open(document),
      changed: (document) => workspace.open(document),
      closed: (uri) => {
        const name = workspace.document(uri)?.clientUri ?? clientUri(uri);
        workspace.close(uri);
        this.diagnostics.forget(uri, name);
        this.verdicts.forget(uri);
        this.announcements.closed(uri);
      },
      saved: (uri) => workspace.changedOnDisk([uri]),
    });
    const fault = (error: unknown): void => connection.console.error(describe(error));
    const debug = new DebugBridge(connection, debugHost(workspace, this.explorer, fault));
    this.debug = debug;
    workspace.onStale((uris) => debug.edited(uris));
    serveRequests(connection, this, this.explorer);
    for (const feature of this.features) feature.register(connection, this);
  }

  onSettings(listener: (settings: Settings) => void): void {
    this.settingsListeners.push(listener);
  }

  answer: FeatureServer['answer'] = (document, token, none, compute) =>
    answer({ workspace: this.workspace, console: this.connection.console }, document, token, none, compute);

  private initialize(params: InitializeParams): InitializeResult {
    this.client = params.capabilities ?? {};
    for (const uri of foldersOf(params)) this.addFolder(uri);
    this.workspace.setFolders([...this.folders.values()]);
    this.settings = settingsFrom(params.initializationOptions);
    this.explorer.configure(this.settings.workers);
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
    } catch (error) {
      connection.console.warn(`the client does not register what the server asks for: ${describe(error)}`);
    }
    try {
      await this.configure(null);
    } catch (error) {
      connection.console.warn(`the client does not say its settings: ${describe(error)}`);
      this.isConfigured = true;
      this.verdicts.restart();
    }
  }

  /** `sent`: what came with a change; clients that can be asked are asked instead. */
  private async configure(sent: unknown): Promise<void> {
    const asked = this.client.workspace?.configuration === true;
    const value: unknown = asked
      ? await this.connection.workspace.getConfiguration('lockstep')
      : sectionOf(sent);
    const before = { settings: this.settings, isConfigured: this.isConfigured };
    if (value !== undefined && value !== null) this.settings = settingsFrom(value);
    this.isConfigured = true;
    if (before.isConfigured && isDeepStrictEqual(before.settings, this.settings)) return;
    this.explorer.configure(this.settings.workers);
    this.verdicts.restart();
    for (const listener of this.settingsListeners) listener(this.settings);
  }

  /** Once for each scenario: who types on would be told again and again. */
  private reportCrash(scene: Scene, variant: Variant, message: string): void {
    const what = `${scene.uri}${variantId(variant) === '' ? '' : ` (${variantId(variant)})`}`;
    this.connection.console.error(`exploring ${what} ended a worker: ${message}`);
    if (this.crashed.has(scene.uri)) return;
    this.crashed.add(scene.uri);
    void this.connection.sendNotification(ShowMessageNotification.type, {
      type: MessageType.Error,
      message: `Exploring ${what} has failed: ${message}. Everything else goes on.`,
    });
  }

  private addFolder(uri: string): void {
    const path = pathOfUri(uri);
    if (path !== null && uri.startsWith('file:')) this.folders.set(uri, path);
  }
}

/** Nothing is explored before the user's own settings are known. */
function quiet(settings: Settings): Settings {
  return { ...settings, live: { ...settings.live, enabled: false } };
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
