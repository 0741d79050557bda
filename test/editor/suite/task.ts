/** The task `lockstep`. It comes last: its problems stay. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { page } from './outside.ts';
import { it } from './suite.ts';
import { diagnosticsOf, openFile } from './workspace.ts';

it('the task runs the command line that comes with the extension, and its findings are problems', async () => {
  const [task] = await vscode.tasks.fetchTasks({ type: 'lockstep' });
  assert.ok(task !== undefined, 'there is no task');
  assert.equal(task.name, 'check all scenarios');
  const ended = new Promise<number | undefined>((resolve) => {
    const subscription = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== task.name) return;
      subscription.dispose();
      resolve(exitCode);
    });
  });
  await vscode.tasks.executeTask(task);
  await page?.screenshot('task-running');
  // The folder has a scenario that is not as expected, and one that cannot be used.
  assert.equal(await ended, 2);
  const { uri } = (await openFile('unmet.lockstep')).document;
  await diagnosticsOf(uri, (all) => all.some(({ message }) => message.startsWith('both_counted: ')));
  await page?.screenshot('task');
  await vscode.commands.executeCommand('workbench.action.closePanel');
});
