/** Tells the client what has become known of open scenarios, and when the list of scenarios is not what it was. */

import type { Connection } from 'vscode-languageserver';
import type { FeatureServer } from './feature.ts';
import {
  type ScenariosChangedParams,
  scenariosChangedNotification,
  type VerdictsParams,
  verdictsNotification,
} from './protocol.ts';
import { scenarioItem } from './scenarioItem.ts';
import { verdictItem } from './verdictItem.ts';
import { clientUri } from './workspace.ts';

/** Milliseconds in which several changes are told as one. */
const pulse = 30;

export class Announcements {
  private readonly connection: Connection;
  private readonly server: FeatureServer;
  private readonly changed = new Set<string>();
  /** What was last told of the scenario in an open file. */
  private readonly items = new Map<string, string>();
  private timer: NodeJS.Timeout | null = null;

  constructor(connection: Connection, server: FeatureServer) {
    this.connection = connection;
    this.server = server;
    server.verdicts.onChange((uri) => {
      this.changed.add(uri);
      this.timer ??= setTimeout(() => this.tell(), pulse);
    });
  }

  /** The text of an open document was looked at. */
  looked(uri: string): void {
    const { workspace } = this.server;
    const item = scenarioItem(workspace, uri);
    const before = this.items.get(uri);
    // Where it stands, the editor's own tracking knows better.
    const now = JSON.stringify(item === null ? null : { ...item, range: null });
    this.items.set(uri, now);
    if (before !== undefined && before !== now) this.scenariosChanged([uri]);
  }

  closed(uri: string): void {
    this.items.delete(uri);
  }

  scenariosChanged(uris: readonly string[]): void {
    if (uris.length === 0) return;
    const params: ScenariosChangedParams = { uris: uris.map(clientUri) };
    void this.connection.sendNotification(scenariosChangedNotification, params);
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private tell(): void {
    this.timer = null;
    const uris = [...this.changed];
    this.changed.clear();
    for (const uri of uris) {
      void this.connection.sendNotification(verdictsNotification, this.verdictsOf(uri));
    }
  }

  private verdictsOf(uri: string): VerdictsParams {
    const { workspace, verdicts } = this.server;
    const document = workspace.document(uri);
    const name = document?.clientUri ?? clientUri(uri);
    const scene = document === null ? null : workspace.scene(uri);
    if (scene === null) return { uri: name, version: null, state: 'none', verdicts: [], total: 0 };
    return {
      uri: name,
      version: scene.version,
      state: verdicts.stateOf(uri),
      verdicts: scene.variants.flatMap((variant) => {
        const known = verdicts.known(scene, variant);
        return known === null ? [] : [verdictItem(scene, variant, known)];
      }),
      total: scene.isScenario ? scene.variants.length : 0,
    };
  }
}
