import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { page } from './outside.ts';
import { it, until } from './suite.ts';
import { openFile } from './workspace.ts';

it('a scenario activates the extension', async () => {
  await openFile('counter.lockstep');
  const extension = vscode.extensions.getExtension('lockstep.lockstep');
  assert.ok(extension !== undefined, 'the extension is not installed');
  await until('the extension to be active', () => extension.isActive);
  const document = vscode.window.activeTextEditor?.document;
  assert.equal(document?.languageId, 'lockstep');
  await page?.screenshot('activation');
});
