/** Renaming a symbol in all files. What would come to mean something else, or cannot be changed, is refused. */

import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { CancellationToken } from 'vscode-languageserver';
import type { Range, TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver-types';
import { importName, isLibrary } from '../../core/semantics/imports.ts';
import { fileOf, type Use } from '../../core/semantics/record.ts';
import type { Feature } from '../feature.ts';
import { meaningAt, shownUri } from '../names.ts';
import { toOffset, toRange } from '../positions.ts';
import { objectionTo } from '../renaming.ts';
import type { Scene } from '../scene.ts';
import { type Occurrence, symbolIndexOf } from '../symbolIndex.ts';
import type { Workspace } from '../workspace.ts';
import { workspaceEditOf } from '../workspaceEdit.ts';

export const rename: Feature = {
  capabilities: { renameProvider: { prepareProvider: true } },
  register(connection, server) {
    const { workspace } = server;
    connection.onPrepareRename(({ textDocument, position }, token) =>
      server.answer<{ range: Range; placeholder: string } | null>(textDocument, token, null, (scene) => {
        const found = renamedAt(workspace, scene, toOffset(scene.file, position));
        if (typeof found === 'string') throw refused(found);
        const { start, end } = found.place;
        return { range: toRange(scene.file, start, end), placeholder: scene.text.slice(start, end) };
      }),
    );
    connection.onRenameRequest(({ textDocument, position, newName }, token) =>
      server.answer<WorkspaceEdit | null>(textDocument, token, null, async (scene) => {
        const offset = toOffset(scene.file, position);
        const result = await renameAt(workspace, scene, offset, newName, token);
        if (typeof result === 'string') throw refused(result);
        return workspaceEditOf(result, server.client);
      }),
    );
  },
};

/** The edits by document, or why there are none. */
export async function renameAt(
  workspace: Workspace,
  scene: Scene,
  offset: number,
  newName: string,
  token: CancellationToken | null = null,
): Promise<readonly TextDocumentEdit[] | string> {
  const found = renamedAt(workspace, scene, offset);
  if (typeof found === 'string') return found;
  const { uses, place, known } = found;
  const oldName = uses[0]?.symbol.name ?? '';
  if (newName === scene.text.slice(place.start, place.end)) return [];
  const index = symbolIndexOf(workspace);
  const occurrences = await index.occurrences(uses, known, token);
  if (occurrences === null) return 'the request was cancelled';
  const inLibrary = occurrences.find(({ uri, ids }) => isLibrary(uri) || ids.some(isLibrary));
  if (inLibrary !== undefined) return libraryRefusal(oldName, inLibrary.uri);
  // A name that the checker gives by itself, as `vcpu`, stays what it is.
  const places = occurrences.filter((each) => isSpelling(workspace, each, oldName));
  const objection = objectionTo({ workspace, index, uses, places, oldName, newName });
  if (objection !== null) return objection;
  return editsOf(workspace, places, oldName, newName);
}

/** What is renamed, or why it cannot be. */
function renamedAt(
  workspace: Workspace,
  scene: Scene,
  offset: number,
): { readonly uses: readonly Use[]; readonly place: Use; readonly known: Scene } | string {
  const { uses, scene: known } = meaningAt(workspace, scene, offset);
  const [place] = uses;
  if (place === undefined) return 'there is no name here that can be changed';
  const { symbol } = place;
  const library = uses.find((use) => isLibrary(fileOf(use.symbol)));
  if (library !== undefined) return libraryRefusal(symbol.name, fileOf(library.symbol));
  const written = scene.text.slice(place.start, place.end);
  if (!sameName(written, symbol.name) && `guest_${written}` !== symbol.name)
    return `'${written}' is a name of the language for an element of '${symbol.name}'`;
  return { uses, place, known };
}

function libraryRefusal(name: string, uri: string): string {
  return `'${name}' belongs to the library (${importName(uri)}), whose files are not changed`;
}

function isSpelling(workspace: Workspace, { uri, start, end }: Occurrence, name: string): boolean {
  const written = workspace.read(uri)?.slice(start, end) ?? '';
  return sameName(written, name) || `guest_${written}` === name;
}

/** Names of checks are the same with dashes. */
function sameName(written: string, name: string): boolean {
  return written.replaceAll('-', '_') === name.replaceAll('-', '_');
}

function editsOf(
  workspace: Workspace,
  places: readonly Occurrence[],
  oldName: string,
  newName: string,
): readonly TextDocumentEdit[] {
  const byFile = new Map<string, TextEdit[]>();
  for (const { uri, start, end } of places) {
    const file = workspace.file(uri);
    if (file === null) continue;
    const isWhole = sameName(file.source.text.slice(start, end), oldName);
    const newText = isWhole ? newName : newName.slice('guest_'.length);
    const edits = byFile.get(uri) ?? [];
    edits.push({ range: toRange(file, start, end), newText });
    byFile.set(uri, edits);
  }
  return [...byFile].map(([uri, edits]) => ({
    textDocument: { uri: shownUri(workspace, uri), version: workspace.document(uri)?.version ?? null },
    edits,
  }));
}

function refused(message: string): ResponseError<void> {
  return new ResponseError(
    LSPErrorCodes.RequestFailed,
    `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
  );
}
