/** Every command of package.json, in one table. */

import * as vscode from 'vscode';
import { checkFile, checkVariant, checkWorkspace } from './checking.ts';
import { copyTable } from './copyTable.ts';
import type { Docs } from './docs.ts';
import { openExample } from './examples.ts';
import { explain } from './explain.ts';
import { generateLockReference } from './lockReference.ts';
import { showMenu } from './menu.ts';
import type { Server } from './server.ts';
import type { TestExplorer } from './testExplorer.ts';
import type { Verdicts } from './verdicts.ts';

/** What the commands work with. */
export interface Tools {
  readonly context: vscode.ExtensionContext;
  readonly server: Server;
  readonly verdicts: Verdicts;
  readonly tests: TestExplorer;
  readonly docs: Docs;
  readonly output: vscode.LogOutputChannel;
}

type Command = (tools: Tools, ...args: readonly unknown[]) => Promise<unknown>;

export const commands: Readonly<Record<string, Command>> = {
  'lockstep.check': checkFile,
  'lockstep.checkVariant': checkVariant,
  'lockstep.checkWorkspace': checkWorkspace,
  'lockstep.copyTable': copyTable,
  'lockstep.lockReference': generateLockReference,
  'lockstep.explain': explain,
  'lockstep.openExample': openExample,
  'lockstep.showMenu': showMenu,
  'lockstep.showOutput': async ({ output }) => output.show(true),
  'lockstep.restartServer': ({ server }) => server.restart(),
};

export function registerCommands(tools: Tools): readonly vscode.Disposable[] {
  return Object.entries(commands).map(([id, run]) =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        return await run(tools, ...args);
      } catch (error) {
        tools.output.error(
          `${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
        const message = error instanceof Error ? error.message : String(error);
        void vscode.window.showErrorMessage(`Lockstep: ${message}`);
        return undefined;
      }
    }),
  );
}
