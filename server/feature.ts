/** How a feature of the language server is plugged in: one file in `features/`, one line in `features/index.ts`. */

import type {
  CancellationToken,
  ClientCapabilities,
  Connection,
  ServerCapabilities,
} from 'vscode-languageserver';
import type { Scene } from './scene.ts';
import type { Settings } from './settings.ts';
import type { Verdicts } from './verdicts.ts';
import type { Workspace } from './workspace.ts';

export interface Feature {
  /** What `initialize` announces; merged over all features. */
  readonly capabilities: Partial<ServerCapabilities>;
  register(connection: Connection, server: FeatureServer): void;
}

/** What the server gives its features. */
export interface FeatureServer {
  readonly workspace: Workspace;
  readonly client: ClientCapabilities;
  readonly settings: Settings;
  /** What has been explored of open scenarios, and who wants to know when that changes. */
  readonly verdicts: Verdicts;
  /** `listener` is told when the settings have changed. */
  onSettings(listener: (settings: Settings) => void): void;
  /**
   * Answers a request about a document: with `none` for one that is not known, with RequestCancelled when it is not
   * wanted any more, with ContentModified when the document was edited before the answer began. An exception in
   * `compute` is a fault of ours: it is logged, answered as an internal error, and the server lives on.
   */
  answer<T>(
    document: { readonly uri: string },
    token: CancellationToken,
    none: T,
    compute: (scene: Scene) => T | Promise<T>,
  ): Promise<T>;
}
