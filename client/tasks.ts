/** Tasks of the type `lockstep`: the command line that comes with the extension, its findings in the Problems view. */

import * as vscode from 'vscode';

const type = 'lockstep';

export function registerTasks(context: vscode.ExtensionContext): vscode.Disposable {
  const program = vscode.Uri.joinPath(context.extensionUri, 'dist', 'cli.js').fsPath;
  return vscode.tasks.registerTaskProvider(type, {
    provideTasks: () =>
      (vscode.workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map((folder) => checkTask(program, folder, { type })),
    resolveTask: (task) => {
      const scope = typeof task.scope === 'object' ? task.scope : vscode.workspace.workspaceFolders?.[0];
      return scope === undefined ? undefined : checkTask(program, scope, task.definition);
    },
  });
}

function checkTask(
  program: string,
  folder: vscode.WorkspaceFolder,
  definition: vscode.TaskDefinition,
): vscode.Task {
  const path: unknown = definition['path'];
  const more: unknown = definition['arguments'];
  const args = [
    program,
    'check',
    typeof path === 'string' ? path : '.',
    ...(Array.isArray(more) ? more.map(String) : []),
  ];
  // The editor's own Node runs it: there may be no other on the machine.
  const execution = new vscode.ProcessExecution(process.execPath, args, {
    cwd: folder.uri.fsPath,
    env: { ELECTRON_RUN_AS_NODE: '1' },
  });
  const name = typeof path === 'string' ? `check ${path}` : 'check all scenarios';
  const task = new vscode.Task(definition, folder, name, 'lockstep', execution, '$lockstep');
  task.group = vscode.TaskGroup.Test;
  return task;
}
