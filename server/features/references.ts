/** Every place where a name is used, in all files of the workspace and in the library. */

import type { CancellationToken } from 'vscode-languageserver';
import type { Location } from 'vscode-languageserver-types';
import type { Feature } from '../feature.ts';
import { meaningAt, shownUri } from '../names.ts';
import { toOffset, toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';
import { symbolIndexOf } from '../symbolIndex.ts';
import type { Workspace } from '../workspace.ts';

export const references: Feature = {
  capabilities: { referencesProvider: true },
  register(connection, server) {
    connection.onReferences(({ textDocument, position, context }, token) =>
      server.answer<Location[]>(textDocument, token, [], (scene) =>
        referencesAt(
          server.workspace,
          scene,
          toOffset(scene.file, position),
          context?.includeDeclaration ?? true,
          token,
        ),
      ),
    );
  },
};

export async function referencesAt(
  workspace: Workspace,
  scene: Scene,
  offset: number,
  includeDeclaration: boolean,
  token: CancellationToken | null = null,
): Promise<Location[]> {
  const { uses, scene: known } = meaningAt(workspace, scene, offset);
  const found = uses.length === 0 ? [] : await symbolIndexOf(workspace).occurrences(uses, known, token);
  return (found ?? []).flatMap(({ uri, start, end, declares }) => {
    const file = workspace.file(uri);
    if (file === null || (declares && !includeDeclaration)) return [];
    return [{ uri: shownUri(workspace, uri), range: toRange(file, start, end) }];
  });
}
