/** The extension of VS Code: starts the language server, and shows what it knows beyond the protocol of languages. */

import * as vscode from 'vscode';
import { registerStepping } from './debug/index.ts';
import { registerCommands } from './commands.ts';
import { Docs } from './docs.ts';
import { Server } from './server.ts';
import { StatusBar } from './statusBar.ts';
import { registerTasks } from './tasks.ts';
import { TestExplorer } from './testExplorer.ts';
import { Verdicts } from './verdicts.ts';

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('Lockstep', { log: true });
  const server = new Server(context, output);
  const verdicts = new Verdicts(server);
  const tests = new TestExplorer(server, verdicts);
  const docs = new Docs(context.extensionUri);
  const statusBar = new StatusBar(server, verdicts);
  context.subscriptions.push(output, server, verdicts, tests, docs, statusBar);
  context.subscriptions.push(
    ...registerCommands({ context, server, verdicts, tests, docs, output }),
    registerTasks(context),
    registerStepping(server, output, context.extensionUri),
  );
  await server.start();
}
