/** Stepping in VS Code: the debugger, its views and its commands. */

import * as vscode from 'vscode';
import type { Server } from '../server.ts';
import { AdapterFactory } from './adapter.ts';
import { stepCommands } from './commands.ts';
import { Configurations, debugType } from './configurations.ts';
import { expressionAt } from './expressionAt.ts';
import { InterleavingView } from './interleavingView.ts';
import { LockOrderTree } from './lockOrderTree.ts';
import { LocksTree } from './locksTree.ts';
import { StepRun } from './run.ts';
import { StateTree } from './stateTree.ts';
import { ThreadMarks } from './threadMarks.ts';

export function registerStepping(
  server: Server,
  output: vscode.LogOutputChannel,
  extension: vscode.Uri,
): vscode.Disposable {
  const run = new StepRun();
  const state = new StateTree(run);
  const locks = new LocksTree(run);
  const order = new LockOrderTree(run);
  const interleaving = new InterleavingView(run, extension);
  const stateView = vscode.window.createTreeView('lockstep.state', {
    treeDataProvider: state,
    showCollapseAll: true,
  });
  const tools = { server, run, interleaving, state, stateView };
  const configurations = new Configurations(server);
  const { Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  return vscode.Disposable.from(
    run,
    state,
    locks,
    order,
    interleaving,
    new ThreadMarks(run),
    vscode.debug.registerDebugAdapterDescriptorFactory(debugType, new AdapterFactory(server)),
    vscode.debug.registerDebugConfigurationProvider(debugType, configurations),
    vscode.debug.registerDebugConfigurationProvider(debugType, configurations, Dynamic),
    vscode.languages.registerEvaluatableExpressionProvider('lockstep', { provideEvaluatableExpression }),
    stateView,
    vscode.window.createTreeView('lockstep.locks', { treeDataProvider: locks }),
    vscode.window.createTreeView('lockstep.lockOrder', { treeDataProvider: order, showCollapseAll: true }),
    ...Object.entries(stepCommands).map(([id, command]) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          return await command(tools, ...args);
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          output.warn(`${id}: ${message}`);
          void vscode.window.showWarningMessage(`Lockstep: ${message}`);
          return undefined;
        }
      }),
    ),
  );
}

function provideEvaluatableExpression(
  document: vscode.TextDocument,
  { line, character }: vscode.Position,
): vscode.EvaluatableExpression | undefined {
  const span = expressionAt(document.lineAt(line).text, character);
  if (span === null) return undefined;
  return new vscode.EvaluatableExpression(new vscode.Range(line, span.start, line, span.end));
}
