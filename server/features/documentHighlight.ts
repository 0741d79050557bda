/** Where the name under the cursor stands in the same file, and whether it is read or written there. */

import { type DocumentHighlight, DocumentHighlightKind } from 'vscode-languageserver-types';
import type { Feature } from '../feature.ts';
import { usesAt, variantOf } from '../names.ts';
import { toOffset, toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';

export const documentHighlight: Feature = {
  capabilities: { documentHighlightProvider: true },
  register(connection, server) {
    connection.onDocumentHighlight(({ textDocument, position }, token) =>
      server.answer<DocumentHighlight[]>(textDocument, token, [], (scene) =>
        highlightsAt(scene, toOffset(scene.file, position)),
      ),
    );
  },
};

export function highlightsAt(scene: Scene, offset: number): DocumentHighlight[] {
  const { file } = scene;
  const variant = variantOf(scene);
  const meant = usesAt(scene, offset);
  const [first] = meant;
  if (first === undefined) return [];
  const ids = new Set(meant.map(({ symbol }) => symbol.id));
  // Other spellings of a name, as of a check, are few: only items that have one of them matter.
  const spellings = new Set([
    file.source.text.slice(first.start, first.end),
    ...meant.map((use) => use.symbol.name),
  ]);
  const found = new Map<number, DocumentHighlight>();
  for (const placed of file.source.items) {
    if (![...spellings].some((each) => placed.text.includes(each))) continue;
    for (const { start, end, symbol, write } of scene.record(variant, file.uri, placed.key).uses) {
      if (!ids.has(symbol.id)) continue;
      found.set(placed.offset + start, {
        range: toRange(file, placed.offset + start, placed.offset + end),
        kind: kindOf(symbol.kind, write),
      });
    }
  }
  // A name in the body of a macro is known only from its uses.
  if (!found.has(first.start))
    found.set(first.start, {
      range: toRange(file, first.start, first.end),
      kind: DocumentHighlightKind.Text,
    });
  return [...found.values()];
}

const places: ReadonlySet<string> = new Set(['global', 'local', 'parameter', 'member', 'pool', 'vcpu-state']);

function kindOf(kind: string, write: boolean): DocumentHighlightKind {
  if (!places.has(kind)) return DocumentHighlightKind.Text;
  return write ? DocumentHighlightKind.Write : DocumentHighlightKind.Read;
}
