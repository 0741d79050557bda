/** The page of a code, which comes with the extension, as it is meant to be read. */

import * as vscode from 'vscode';
import type { Tools } from './commands.ts';
import { pageUri } from './docs.ts';

/** Argument, if any: the code. Otherwise the codes of the line under the cursor come first in a list of all. */
export async function explain({ docs }: Tools, ...args: readonly unknown[]): Promise<void> {
  const [asked] = args;
  const codes = await docs.codes();
  const code = typeof asked === 'string' ? asked : await chosenFrom(codes);
  if (code === undefined) return;
  if (!codes.includes(code)) {
    void vscode.window.showInformationMessage(`There is no page for the code ${code}.`);
    return;
  }
  await vscode.commands.executeCommand('markdown.showPreview', pageUri(code));
}

async function chosenFrom(codes: readonly string[]): Promise<string | undefined> {
  const here = codesHere().filter((code) => codes.includes(code));
  const rest = codes.filter((code) => !here.includes(code));
  const items = [
    ...here.map((label) => ({ label, description: 'on this line' })),
    ...rest.map((label) => ({ label, description: '' })),
  ];
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: 'The code to explain' });
  return chosen?.label;
}

function codesHere(): readonly string[] {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return [];
  const { line } = editor.selection.active;
  const codes = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter(({ range }) => range.start.line <= line && line <= range.end.line)
    .map(({ code }) => String(typeof code === 'object' ? code.value : code));
  return [...new Set(codes)];
}
