/** Keeps the texts of open documents as the editor has them. What a client sends wrongly is logged and left out. */

import type { Connection, TextDocumentContentChangeEvent } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { coreUri, type OpenDocument } from './workspace.ts';

export interface DocumentListener {
  opened(document: OpenDocument): void;
  changed(document: OpenDocument): void;
  closed(uri: string): void;
  saved(uri: string): void;
}

export function keepDocuments(connection: Connection, listener: DocumentListener): void {
  const open = new Map<string, TextDocument>();
  const shown = (document: TextDocument): OpenDocument => ({
    uri: coreUri(document.uri),
    version: document.version,
    text: document.getText(),
    clientUri: document.uri,
  });
  connection.onDidOpenTextDocument(({ textDocument }) => {
    const { uri, languageId, version, text } = textDocument;
    const document = TextDocument.create(uri, languageId, version, text);
    open.set(uri, document);
    listener.opened(shown(document));
  });
  connection.onDidChangeTextDocument(({ textDocument, contentChanges }) => {
    const document = open.get(textDocument.uri);
    if (document === undefined) {
      connection.console.warn(`${textDocument.uri} is not open and cannot change`);
      return;
    }
    const { wrong } = applied(document, contentChanges);
    if (wrong > 0) connection.console.warn(`${textDocument.uri}: ${wrong} changes make no sense`);
    TextDocument.update(document, [], textDocument.version);
    listener.changed(shown(document));
  });
  connection.onDidSaveTextDocument(({ textDocument }) => listener.saved(coreUri(textDocument.uri)));
  connection.onDidCloseTextDocument(({ textDocument }) => {
    if (open.delete(textDocument.uri)) listener.closed(coreUri(textDocument.uri));
  });
}

/** One after the other, so that a wrong one does not cost the others. */
function applied(
  document: TextDocument,
  changes: readonly TextDocumentContentChangeEvent[],
): { readonly wrong: number } {
  let wrong = 0;
  for (const change of changes) {
    if (isChange(change)) TextDocument.update(document, [change], document.version);
    else wrong++;
  }
  return { wrong };
}

function isChange(change: unknown): boolean {
  if (typeof change !== 'object' || change === null || !('text' in change)) return false;
  if (typeof change.text !== 'string') return false;
  if (!('range' in change) || change.range === undefined) return true;
  const { range } = change;
  if (typeof range !== 'object' || range === null || !('start' in range) || !('end' in range)) return false;
  return isPosition(range.start) && isPosition(range.end);
}

function isPosition(position: unknown): boolean {
  return (
    typeof position === 'object' &&
    position !== null &&
    'line' in position &&
    'character' in position &&
    Number.isInteger(position.line) &&
    Number.isInteger(position.character)
  );
}
