/** Where the name under the cursor stands in the same file, and whether it is read or written there. */

import { type DocumentHighlight, DocumentHighlightKind } from 'vscode-languageserver-types';
import type { Use } from '../../core/semantics/record.ts';
import type { PlacedItem } from '../../core/syntax/ast.ts';
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
  const meant = usesAt(scene, offset);
  const [first] = meant;
  if (first === undefined) return [];
  const ids = new Set(meant.map(({ symbol }) => symbol.id));
  const names = new Set([
    file.source.text.slice(first.start, first.end),
    ...meant.map((use) => use.symbol.name),
  ]);
  const uses = [...usesOf(scene, [...names])];
  const found = new Map<number, DocumentHighlight>();
  // A name in the body of a macro may mean several things, which belong together then.
  for (let size = -1; size < ids.size; ) {
    size = ids.size;
    const starts = new Set(uses.flatMap(({ start, symbol }) => (ids.has(symbol.id) ? [start] : [])));
    for (const { start, symbol } of uses) if (starts.has(start)) ids.add(symbol.id);
  }
  for (const { start, end, symbol, write } of uses) {
    if (ids.has(symbol.id))
      found.set(start, { range: toRange(file, start, end), kind: kindOf(symbol.kind, write) });
  }
  return [...found.values()];
}

/** Names of the file that are spelled so, with offsets in it. */
function* usesOf(scene: Scene, names: readonly string[]): Iterable<Use> {
  const { file } = scene;
  const variant = variantOf(scene);
  const mentions = ({ text }: PlacedItem): boolean => names.some((name) => text.includes(name));
  // What stands in a macro is known from its uses, and these need not have the name.
  const isInMacro = file.source.items.some((placed) => placed.item.kind === 'macro' && mentions(placed));
  for (const placed of file.source.items) {
    if (!isInMacro && !mentions(placed)) continue;
    const { uses, inMacros } = scene.record(variant, file.uri, placed.key);
    for (const use of uses) yield { ...use, start: placed.offset + use.start, end: placed.offset + use.end };
    for (const use of inMacros) {
      const offset = use.uri === file.uri ? file.items.get(use.item)?.offset : undefined;
      if (offset !== undefined) yield { ...use, start: offset + use.start, end: offset + use.end };
    }
  }
}

const places: ReadonlySet<string> = new Set(['global', 'local', 'parameter', 'member', 'pool', 'vcpu-state']);

function kindOf(kind: string, write: boolean): DocumentHighlightKind {
  if (!places.has(kind)) return DocumentHighlightKind.Text;
  return write ? DocumentHighlightKind.Write : DocumentHighlightKind.Read;
}
