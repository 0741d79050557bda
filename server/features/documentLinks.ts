/** Imports as links to their files. */

import type { DocumentLink } from 'vscode-languageserver-types';
import { isLibrary, resolveImport } from '../../core/semantics/imports.ts';
import type { Feature } from '../feature.ts';
import { shownUri } from '../names.ts';
import { toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';
import { checkLinks } from './codeLens.ts';

export const documentLinks: Feature = {
  capabilities: { documentLinkProvider: { resolveProvider: false } },
  register(connection, server) {
    const { workspace } = server;
    connection.onDocumentLinks(({ textDocument }, token) =>
      server.answer<DocumentLink[]>(textDocument, token, [], (scene) => [
        ...linksOf(workspace, scene),
        ...checkLinks(server, scene),
      ]),
    );
  },
};

/** Imports of files that are not there have no link: a diagnostic tells of them. */
export function linksOf(workspace: Workspace, { file, project, root }: Scene): DocumentLink[] {
  return file.imports.flatMap(({ path, start, end }) => {
    const target = resolveImport(path, file.uri, root);
    if (target.kind !== 'file' || !project.files.has(target.uri)) return [];
    const tooltip = isLibrary(target.uri) ? `Open ${path} of the library` : `Open ${path}`;
    return [{ range: toRange(file, start, end), target: shownUri(workspace, target.uri), tooltip }];
  });
}
