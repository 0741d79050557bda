/** `textDocument/completion` and what is looked up when an entry is chosen. */

import {
  type CompletionItem,
  type CompletionList,
  CompletionTriggerKind,
  InsertTextFormat,
  MarkupKind,
} from 'vscode-languageserver';
import type { Feature, FeatureServer } from '../feature.ts';
import { toOffset, toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';
import { clientUri, coreUri } from '../workspace.ts';
import { documented } from './completion/documented.ts';
import { type Offers, offersAt } from './completion/offers.ts';

export const completion: Feature = {
  capabilities: {
    completionProvider: {
      triggerCharacters: ['.', '>', '"', '/', '(', '_'],
      resolveProvider: true,
    },
  },
  register(connection, server) {
    connection.onCompletion((params, token) =>
      server.answer<CompletionList | null>(params.textDocument, token, null, (scene) => {
        const { triggerKind, triggerCharacter } = params.context ?? {};
        const found = offersAt(scene, toOffset(scene.file, params.position), {
          libraryPaths: () => server.workspace.libraryPaths(),
          files: () => server.workspace.files(),
          snippets: server.client.textDocument?.completion?.completionItem?.snippetSupport === true,
          lazy: resolves(server, 'detail'),
          trigger: triggerKind === CompletionTriggerKind.TriggerCharacter ? (triggerCharacter ?? null) : null,
        });
        refreshSoon(server, scene);
        return found === null ? null : toList(server, scene, found);
      }),
    );
    connection.onCompletionResolve((item, token) => {
      const about = aboutOf(item);
      if (about === null) return item;
      return server.answer(about, token, item, (scene) => {
        const found = documented(scene, about);
        if (found === null) return item;
        const documentation = { kind: MarkupKind.Markdown, value: found.documentation };
        return { ...item, detail: found.detail, ...(found.documentation === '' ? {} : { documentation }) };
      });
    });
  },
};

function resolves({ client }: FeatureServer, property: string): boolean {
  const { resolveSupport } = client.textDocument?.completion?.completionItem ?? {};
  return resolveSupport?.properties?.includes(property) === true;
}

/** Milliseconds until the answer has been sent, and diagnostics have most likely done the work. */
const soon = 150;

/** The list is made of what is known already; the next one is of what is there now. */
function refreshSoon(server: FeatureServer, scene: Scene): void {
  const timer = setTimeout(() => {
    const [variant] = scene.variants;
    if (variant !== undefined && server.workspace.document(scene.uri)?.version === scene.version)
      scene.environment(variant);
  }, soon);
  timer.unref();
}

/** What an entry carries for its resolution. */
export interface About {
  readonly uri: string;
  readonly name: string;
  /** The struct, for a member. */
  readonly of?: string;
}

/** Without a name of its own, an entry is about its label. */
function aboutOf({ data, label }: CompletionItem): About | null {
  if (typeof data !== 'object' || data === null || !('uri' in data) || typeof data.uri !== 'string')
    return null;
  const name = 'name' in data && typeof data.name === 'string' ? data.name : label;
  const of = 'of' in data && typeof data.of === 'string' ? { of: data.of } : {};
  return { uri: coreUri(data.uri), name, ...of };
}

/** What all entries have in common is said once where the client understands that. */
function toList(server: FeatureServer, scene: Scene, { start, end, offers }: Offers): CompletionList {
  const shared = server.client.textDocument?.completion?.completionList?.itemDefaults ?? [];
  const range = toRange(scene.file, start, end);
  const data = { uri: clientUri(scene.uri) };
  const own = { range: !shared.includes('editRange'), data: !shared.includes('data') };
  const items = offers.map((offer): CompletionItem => {
    const { label, kind, rank, order, insert, snippet, detail, documentation, about, fix } = offer;
    const isOwn = about !== undefined && (about.name !== label || about.of !== undefined);
    return {
      label,
      kind,
      sortText: `${rank}${order ?? label}`,
      ...(own.range
        ? { textEdit: { range, newText: insert ?? label } }
        : insert === undefined
          ? {}
          : { textEditText: insert }),
      ...(snippet === true ? { insertTextFormat: InsertTextFormat.Snippet } : {}),
      ...(detail === undefined ? {} : { detail }),
      ...(documentation === undefined ? {} : { documentation }),
      ...(about === undefined
        ? own.data
          ? {}
          : { data: {} }
        : isOwn
          ? { data: { ...data, ...about } }
          : own.data
            ? { data }
            : {}),
      ...(fix === undefined
        ? {}
        : { additionalTextEdits: [{ range: toRange(scene.file, fix.start, fix.end), newText: fix.text }] }),
    };
  });
  const itemDefaults = {
    ...(own.range ? {} : { editRange: range }),
    ...(own.data ? {} : { data }),
  };
  return { isIncomplete: false, items, ...(own.range && own.data ? {} : { itemDefaults }) };
}
