/** Stepping: into a run, through it in both directions, and out with it. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { page } from './outside.ts';
import { it, until } from './suite.ts';
import { closeAll, fileUri, openFile, run } from './workspace.ts';

interface Timeline {
  readonly cursor: number;
  readonly length: number;
  readonly steps: readonly { readonly text: string; readonly broken: readonly string[] }[];
}

/** The session that is being stepped, once it has stopped behind the last command. */
async function stopped(behind: () => Thenable<unknown>): Promise<vscode.DebugSession> {
  let moved = false;
  const listener = vscode.debug.onDidReceiveDebugSessionCustomEvent(({ event }) => {
    if (event === 'lockstep/moved') moved = true;
  });
  try {
    await behind();
    return await until('a stop', () => moved && vscode.debug.activeDebugSession);
  } finally {
    listener.dispose();
  }
}

const timeline = (session: vscode.DebugSession): Thenable<Timeline> =>
  session.customRequest('lockstep/timeline');

it('Step follows the interleaving that fails, and stops before its first step', async () => {
  await closeAll();
  await openFile('counter.lockstep');
  const uri = fileUri('counter.lockstep').toString();
  const session = await stopped(() => run('lockstep.step', uri, 'fix=none'));
  assert.equal(session.type, 'lockstep');
  const { cursor, length } = await timeline(session);
  assert.equal(cursor, 0);
  assert.ok(length > 2, String(length));
  const { threads } = await session.customRequest('threads');
  assert.ok(threads.length >= 2);
  if (page !== null) {
    await until(
      'the call stack',
      async () => ((await page?.count('.debug-call-stack .monaco-list-row')) ?? 0) > 1,
    );
    await page.screenshot('stepping-entry');
  }
});

it('going on ends where the check fails, and says which', async () => {
  const session = await stopped(() => vscode.commands.executeCommand('workbench.action.debug.continue'));
  const { cursor, length, steps } = await timeline(session);
  assert.equal(cursor, length);
  assert.deepEqual(steps.at(-1)?.broken, ['both_counted']);
  if (page !== null) {
    await until('the exception', async () => ((await page?.count('.exception-widget')) ?? 0) > 0);
    await page.screenshot('stepping-failure');
  }
});

it('stepping back undoes the last command, and reverse goes to the start', async () => {
  const before = await stopped(() => vscode.commands.executeCommand('workbench.action.debug.stepBack'));
  const { cursor } = await timeline(before);
  assert.equal(cursor, 0, 'going on was one command');
  await stopped(() => vscode.commands.executeCommand('workbench.action.debug.stepOver'));
  const session = await stopped(() => vscode.commands.executeCommand('workbench.action.debug.stepOver'));
  assert.ok((await timeline(session)).cursor > 0);
  const end = await stopped(() => vscode.commands.executeCommand('workbench.action.debug.reverseContinue'));
  assert.equal((await timeline(end)).cursor, 0);
});

it('any thread can be moved, and its line is marked with its name', async () => {
  const session = await stopped(() => run('lockstep.stepThread', 1));
  const { steps, cursor } = await timeline(session);
  assert.ok(steps.length >= 1);
  assert.equal(cursor, 1);
  if (page !== null) {
    await page.screenshot('stepping-thread');
  }
});

it('the run is copied as a changelog table', async () => {
  await run('lockstep.goToStep', 2);
  const table = await run<string>('lockstep.copyRun');
  assert.match(table, /^\w+\[0\] +\w+\[1\]\n-+ +-+\n/);
  assert.equal(await vscode.env.clipboard.readText(), table);
});

it('an example with page tables is stepped, and its machine state is shown', async () => {
  await vscode.debug.stopDebugging();
  await vscode.commands.executeCommand('lockstep.openExample', 'lost-dirty-bit.lockstep');
  const uri = vscode.window.activeTextEditor?.document.uri.toString();
  await stopped(() => run('lockstep.step', uri));
  await stopped(() => vscode.commands.executeCommand('workbench.action.debug.continue'));
  const session = vscode.debug.activeDebugSession;
  const views = await session?.customRequest('lockstep/views');
  assert.ok(
    views.some(({ title }: { title: string }) => title === 'Page tables'),
    JSON.stringify(views).slice(0, 300),
  );
  await vscode.commands.executeCommand('lockstep.state.focus');
  await page?.screenshot('stepping-page-tables');
  await vscode.debug.stopDebugging();
  await closeAll();
});
