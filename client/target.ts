/** What a command is about: the file that a lens or menu names, else the one in the active editor. */

import * as vscode from 'vscode';

export interface CommandTarget {
  readonly uri: vscode.Uri;
  /** Null: every variant. */
  readonly variant: string | null;
}

/** `args`: a URI, as text or not, and the id of a variant; or a test item. Null, and said so, when there is no scenario. */
export function commandTarget(args: readonly unknown[]): CommandTarget | null {
  const [first, second] = args;
  const variant = typeof second === 'string' ? second : null;
  if (typeof first === 'string') return { uri: vscode.Uri.parse(first, true), variant };
  if (first instanceof vscode.Uri) return { uri: first, variant };
  if (isTestItem(first)) {
    const mark = first.id.indexOf('?');
    return { uri: first.uri, variant: mark < 0 ? null : first.id.slice(mark + 1) };
  }
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId === 'lockstep') return { uri: document.uri, variant: null };
  void vscode.window
    .showInformationMessage('Open a scenario first, or an example.', 'Open Example…')
    .then((choice) => {
      if (choice !== undefined) void vscode.commands.executeCommand('lockstep.openExample');
    });
  return null;
}

function isTestItem(value: unknown): value is vscode.TestItem & { readonly uri: vscode.Uri } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'uri' in value &&
    value.uri instanceof vscode.Uri
  );
}
