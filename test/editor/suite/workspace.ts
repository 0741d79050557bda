/** The files that the suite works with. */

import * as vscode from 'vscode';
import { until } from './suite.ts';

export function fileUri(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('no folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
}

export async function openFile(name: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(fileUri(name));
  return vscode.window.showTextDocument(document, { preview: false });
}

/** The position of the `nth` (from 0) occurrence of `text`, `into` characters behind its beginning. */
export function positionOf(
  document: vscode.TextDocument,
  text: string,
  { nth = 0, into = 0 } = {},
): vscode.Position {
  let at = -1;
  for (let count = 0; count <= nth; count++) {
    at = document.getText().indexOf(text, at + 1);
    if (at < 0) throw new Error(`there is no '${text}' in ${document.uri.path}`);
  }
  return document.positionAt(at + into);
}

/** Leaves no editor open, saved or not. */
export async function closeAll(): Promise<void> {
  for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  }
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** The diagnostics of a file, as soon as they are such. */
export async function diagnosticsOf(
  uri: vscode.Uri,
  wanted: (found: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  return until('diagnostics', () => {
    const found = vscode.languages.getDiagnostics(uri);
    return wanted(found) && found;
  }).catch((error: Error) => {
    const messages = vscode.languages.getDiagnostics(uri).map(({ message }) => message);
    throw new Error(`${error.message}; there are: ${messages.join('; ')}`);
  });
}

export function codeOf({ code }: vscode.Diagnostic): unknown {
  return typeof code === 'object' ? code.value : code;
}

export async function run<T>(command: string, ...args: readonly unknown[]): Promise<T> {
  return (await vscode.commands.executeCommand(command, ...args)) as T;
}
