/** When files or folders are renamed, the imports that lead to them, and those in them, are written anew. */

import { type FileRename, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver-types';
import { isLibrary, resolveImport } from '../../core/semantics/imports.ts';
import { EXTENSION } from '../../host/files.ts';
import { internalError, pause } from '../answers.ts';
import type { Feature } from '../feature.ts';
import { shownUri } from '../names.ts';
import { toRange } from '../positions.ts';
import { coreUri, type Workspace } from '../workspace.ts';
import { workspaceEditOf } from '../workspaceEdit.ts';

export const fileRenames: Feature = {
  capabilities: {
    workspace: {
      fileOperations: {
        willRename: {
          filters: [
            { scheme: 'file', pattern: { glob: `**/*${EXTENSION}`, matches: 'file' } },
            { scheme: 'file', pattern: { glob: '**', matches: 'folder' } },
          ],
        },
      },
    },
  },
  register(connection, server) {
    connection.workspace.onWillRenameFiles(async ({ files }, token): Promise<WorkspaceEdit | null> => {
      await pause();
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      try {
        const edits = importEditsFor(server.workspace, Array.isArray(files) ? files : []);
        return edits.length === 0 ? null : workspaceEditOf(edits, server.client);
      } catch (error) {
        throw internalError(error, connection.console);
      }
    });
  },
};

/** Edits of the files where they still are, before they are renamed. */
export function importEditsFor(workspace: Workspace, renames: readonly FileRename[]): TextDocumentEdit[] {
  const moves = renames.flatMap(({ oldUri, newUri }) =>
    typeof oldUri === 'string' && typeof newUri === 'string'
      ? [{ from: coreUri(oldUri).replace(/\/$/, ''), to: coreUri(newUri).replace(/\/$/, '') }]
      : [],
  );
  const moved = (uri: string): string => {
    for (const { from, to } of moves) {
      if (uri === from) return to;
      if (uri.startsWith(`${from}/`)) return to + uri.slice(from.length);
    }
    return uri;
  };
  return workspace.files().flatMap((uri) => {
    const file = workspace.file(uri);
    if (file === null || isLibrary(uri)) return [];
    const root = workspace.rootOf(uri);
    const edits = file.imports.flatMap(({ path, start, end }) => {
      const target = resolveImport(path, uri, root);
      if (target.kind !== 'file' || isLibrary(target.uri)) return [];
      const there = coreUri(target.uri);
      const isSame = moved(uri) === uri && moved(there) === there;
      const newText = isSame ? null : pathBetween(moved(uri), moved(there), path);
      return newText === null || newText === path
        ? []
        : [{ range: toRange(file, start, end), newText: `"${newText}"` }];
    });
    if (edits.length === 0) return [];
    const version = workspace.document(uri)?.version ?? null;
    return [{ textDocument: { uri: shownUri(workspace, uri), version }, edits }];
  });
}

/** The import path, written as `before` was; null when there is none, because the file is no scenario file any more. */
function pathBetween(from: string, to: string, before: string): string | null {
  if (!to.endsWith(EXTENSION)) return null;
  const here = from.split('/').slice(0, -1);
  const there = to.split('/');
  let common = 0;
  while (common < here.length && common < there.length - 1 && here[common] === there[common]) common++;
  // Another scheme or host.
  if (common < 3) return null;
  const up = here.slice(common).map(() => '..');
  const path = [...(up.length === 0 ? ['.'] : up), ...there.slice(common)].join('/');
  return before.endsWith(EXTENSION) ? path : path.slice(0, -EXTENSION.length);
}
