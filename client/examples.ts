/** The examples that come with Lockstep, opened as a new document or copied into the workspace. */

import * as vscode from 'vscode';
import type { Tools } from './commands.ts';
import { type ExamplesResult, examplesRequest } from './protocol.ts';

/** Argument, if any: the example's name, which is then opened without a file. */
export async function openExample({ server }: Tools, ...args: readonly unknown[]): Promise<void> {
  const [asked] = args;
  const examples = await server.request<ExamplesResult>(examplesRequest, {});
  const named = examples.find(({ name }) => name === asked);
  if (named !== undefined) {
    await open(named.text);
    return;
  }
  const chosen = await vscode.window.showQuickPick(
    examples.map((example) => ({
      ...example,
      label: example.title,
      detail: example.description,
      description: '',
    })),
    { placeHolder: 'The example to open', matchOnDetail: true },
  );
  if (chosen === undefined) return;
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) await open(chosen.text);
  else await openIn(folder, chosen.name, chosen.text);
}

async function openIn(folder: vscode.WorkspaceFolder, name: string, text: string): Promise<void> {
  const untitled = { label: '$(file) Open it without saving', copy: false };
  const copy = { label: `$(save) Save a copy in ${folder.name}…`, copy: true };
  const chosen = await vscode.window.showQuickPick([untitled, copy], { placeHolder: 'Where to' });
  if (chosen === undefined) return;
  if (!chosen.copy) {
    await open(text);
    return;
  }
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder.uri, name),
    filters: { Scenarios: ['lockstep'] },
    title: 'Save the example',
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(target);
}

async function open(content: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: 'lockstep', content });
  await vscode.window.showTextDocument(document);
}
