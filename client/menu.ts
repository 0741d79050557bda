/** What a click on the status bar item offers. */

import * as vscode from 'vscode';
import type { Tools } from './commands.ts';
import { commandTarget } from './target.ts';

export async function showMenu({ verdicts }: Tools): Promise<void> {
  const target = commandTarget([]);
  if (target === null) return;
  const hasTable = verdicts.counterexamples(target.uri, null).length > 0;
  const entries = [
    { label: '$(run-all) Check this scenario', command: 'lockstep.check' },
    { label: '$(run) Check a variant…', command: 'lockstep.checkVariant' },
    ...(hasTable
      ? [{ label: '$(copy) Copy counterexample as changelog table', command: 'lockstep.copyTable' }]
      : []),
    { label: '$(beaker) Show in the Test Explorer', command: 'workbench.view.testing.focus' },
    { label: '$(book) Generate locking reference', command: 'lockstep.lockReference' },
    { label: '$(output) Show output', command: 'lockstep.showOutput' },
    { label: '$(debug-restart) Restart server', command: 'lockstep.restartServer' },
  ];
  const chosen = await vscode.window.showQuickPick(entries, { placeHolder: 'Lockstep' });
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
}
