/** Edits of several documents, as the client understands them. */

import type { ClientCapabilities } from 'vscode-languageserver';
import type { TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver-types';

/** With the versions that the edits are for, unless the client knows only edits by file. */
export function workspaceEditOf(
  edits: readonly TextDocumentEdit[],
  client: ClientCapabilities,
): WorkspaceEdit {
  if (client.workspace?.workspaceEdit?.documentChanges === true) return { documentChanges: [...edits] };
  const changes: Record<string, TextEdit[]> = {};
  for (const { textDocument, edits: list } of edits)
    changes[textDocument.uri] = list.flatMap((edit) => ('newText' in edit ? [edit] : []));
  return { changes };
}
