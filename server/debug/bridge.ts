/** Debug sessions over the language server's connection: each message is a notification with the session it belongs to. */

import type { Connection } from 'vscode-languageserver';
import { DebugAdapter, type DebugHost } from './adapter.ts';
import { debugMessage, type DebugMessage } from './protocol.ts';

/** Sessions that may be open at once. */
const mostSessions = 16;

export class DebugBridge {
  private readonly adapters = new Map<string, DebugAdapter>();

  constructor(connection: Connection, host: DebugHost) {
    connection.onNotification(debugMessage, (sent: Partial<DebugMessage> | null) => {
      const session = sent?.session;
      if (typeof session !== 'string') return;
      if (sent?.message === null) {
        this.adapters.get(session)?.close();
        this.adapters.delete(session);
        return;
      }
      let adapter = this.adapters.get(session);
      if (adapter === undefined) {
        if (this.adapters.size >= mostSessions) return;
        adapter = new DebugAdapter(host, (message) => {
          void connection.sendNotification(debugMessage, { session, message } satisfies DebugMessage);
        });
        this.adapters.set(session, adapter);
      }
      adapter.handle(sent?.message);
    });
  }

  /** The texts of these files may have changed. */
  edited(uris: readonly string[]): void {
    for (const adapter of this.adapters.values()) for (const uri of uris) adapter.edited(uri);
  }

  close(): void {
    for (const adapter of this.adapters.values()) adapter.close();
    this.adapters.clear();
  }
}
