/** A counterexample as the two-column table of changelogs, on the clipboard. */

import * as vscode from 'vscode';
import type { Tools } from './commands.ts';
import { commandTarget } from './target.ts';
import { variantLabel } from './verdictText.ts';

/** Arguments, if any: the file's URI, and the variant's id or null. Asks which one when there are several. */
export async function copyTable({ verdicts }: Tools, ...args: readonly unknown[]): Promise<string | null> {
  const target = commandTarget(args);
  if (target === null) return null;
  const found = verdicts.counterexamples(target.uri, target.variant);
  const [first] = found;
  if (first === undefined) {
    void vscode.window.showInformationMessage(
      'No interleaving is known that breaks this scenario. Check it first.',
    );
    return null;
  }
  const chosen =
    found.length === 1
      ? first
      : await vscode.window.showQuickPick(
          found.map((one) => ({
            ...one,
            label: one.violation.message,
            description: `${variantLabel(one.verdict.variant)}${one.violation.expected ? ', expected' : ''}`,
          })),
          { placeHolder: 'The counterexample to copy', matchOnDescription: true },
        );
  if (chosen === undefined) return null;
  await vscode.env.clipboard.writeText(chosen.table);
  vscode.window.setStatusBarMessage('Lockstep: the table is on the clipboard', 5000);
  return chosen.table;
}
