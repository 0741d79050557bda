/** The locks of a scenario as a document that can be saved. */

import * as vscode from 'vscode';
import type { Tools } from './commands.ts';
import { type LockReferenceResult, lockReferenceRequest } from './protocol.ts';
import { commandTarget } from './target.ts';

/** Argument, if any: the file's URI. */
export async function generateLockReference({ server }: Tools, ...args: readonly unknown[]): Promise<void> {
  const target = commandTarget(args);
  if (target === null) return;
  const uri = server.uriText(target.uri);
  const content = await server.request<LockReferenceResult>(lockReferenceRequest, { uri });
  if (content === null) {
    void vscode.window.showInformationMessage('This file declares no lock, and what it imports neither.');
    return;
  }
  const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
  await vscode.window.showTextDocument(document);
}
