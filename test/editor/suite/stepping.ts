/** Stepping: into a run, through it in both directions, and out with it. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { page } from './outside.ts';
import { it, until } from './suite.ts';
import { closeAll, codeOf, diagnosticsOf, fileUri, openFile, run } from './workspace.ts';

interface Timeline {
  readonly cursor: number;
  readonly length: number;
  readonly steps: readonly { readonly text: string; readonly broken: readonly string[] }[];
}

interface Item {
  readonly text: string;
  readonly writer: number | null;
  readonly lines: readonly Item[];
}

/**
 * The session that is being stepped, once VS Code stands behind the command: the run has moved, and the editor shows a
 * frame of the new state. Where the thread has ended there is none; then a moment is waited.
 */
async function stopped(behind: () => Thenable<unknown>): Promise<vscode.DebugSession> {
  let moved = 0;
  let shown = false;
  const listeners = [
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ event }) => {
      if (event !== 'lockstep/moved') return;
      moved = Date.now();
      shown = false;
    }),
    vscode.debug.onDidChangeActiveStackItem((item) => {
      if (moved > 0 && item instanceof vscode.DebugStackFrame) shown = true;
    }),
  ];
  try {
    await behind();
    return await until('a stop', () => {
      const stands = moved > 0 && (shown || Date.now() - moved > 2500);
      return stands && vscode.debug.activeDebugSession;
    });
  } finally {
    for (const listener of listeners) listener.dispose();
  }
}

const command = (name: string) => () => vscode.commands.executeCommand(`workbench.action.debug.${name}`);

const timeline = (session: vscode.DebugSession): Thenable<Timeline> =>
  session.customRequest('lockstep/timeline');

async function ended(): Promise<void> {
  await vscode.debug.stopDebugging();
  await until('the end of the run', () => vscode.debug.activeDebugSession === undefined);
  await closeAll();
}

it('a violation offers to step to it, and a run stops before its first step', async () => {
  await closeAll();
  const { document } = await openFile('counter.lockstep');
  const found = await diagnosticsOf(document.uri, (all) =>
    all.some((one) => codeOf(one) === 'finally-broken'),
  );
  const violation = found.find((one) => codeOf(one) === 'finally-broken');
  assert.ok(violation !== undefined);
  const actions = await until('the way to the violation', async () => {
    const all = await run<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      violation.range,
    );
    return all.find((each) => each.command?.command === 'lockstep.stepCounterexample');
  });
  const session = await stopped(() =>
    vscode.commands.executeCommand('lockstep.stepCounterexample', ...(actions.command?.arguments ?? [])),
  );
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
  const session = await stopped(command('continue'));
  const { cursor, length, steps } = await timeline(session);
  assert.equal(cursor, length);
  assert.deepEqual(steps.at(-1)?.broken, ['both_counted']);
  if (page !== null) {
    await page.screenshot('stepping-failure');
  }
});

it('stepping back undoes the last command, and reverse goes to the start', async () => {
  const before = await stopped(command('stepBack'));
  assert.equal((await timeline(before)).cursor, 0, 'going on was one command');
  const session = await stopped(command('stepOver'));
  assert.ok((await timeline(session)).cursor > 0);
  const end = await stopped(command('reverseContinue'));
  assert.equal((await timeline(end)).cursor, 0);
});

it('any thread can be moved, and its line is marked with its name', async () => {
  const session = await stopped(() => run('lockstep.stepThread', 0));
  const { steps, cursor } = await timeline(session);
  assert.ok(steps.length >= 1);
  assert.equal(cursor, 1);
  await page?.screenshot('stepping-thread');
});

it('the run is copied as a changelog table, and opened as a test', async () => {
  for (const thread of [1, 0, 1]) await stopped(() => run('lockstep.stepThread', thread));
  await stopped(() => run('lockstep.goToStep', 2));
  const table = await run<string>('lockstep.copyRun');
  assert.match(table, /^\w+\[0\] +\w+\[1\]\n-+ +-+\n/);
  assert.equal(await vscode.env.clipboard.readText(), table);
  await run('lockstep.openAsTest');
  const text = vscode.window.activeTextEditor?.document.getText() ?? '';
  assert.match(text, /schedule "saved run" when fix == none \{/);
});

it('in the interleaving a click and keys travel, and the keys stay there', async () => {
  if (page === null) return;
  const session = vscode.debug.activeDebugSession;
  assert.ok(session !== undefined);
  await run('lockstep.interleaving.focus');
  const rows = () => page?.frameTexts('.canvas .row .number');
  await until('the rows', async () => ((await rows())?.length ?? 0) > 2);
  await stopped(async () => page?.frameClick('#row-1'));
  assert.equal((await timeline(session)).cursor, 1);
  for (const [key, cursor] of [
    ['ArrowDown', 2],
    ['ArrowUp', 1],
    ['Home', 0],
  ] as const) {
    await page.press(key);
    await until(`step ${cursor} behind ${key}`, async () => (await timeline(session)).cursor === cursor);
    await until('the row', async () => {
      const [shown = ''] = (await page?.frameTexts('.row.present .number')) ?? [];
      // A run that was left has its mark there.
      return shown.endsWith(cursor === 0 ? 'start' : `${cursor}`);
    });
    // The debugger shows the line, and the keys come back.
    await new Promise((done) => setTimeout(done, 700));
  }
  const text = await run<string>('lockstep.copyInterleaving');
  assert.match(text, /^1 {2}adder\[\d\] {2}load: counter\+\+/);
  const picture = vscode.Uri.joinPath(fileUri('counter.lockstep'), '..', 'run.svg');
  await run('lockstep.exportInterleaving', picture);
  const svg = new TextDecoder().decode(await vscode.workspace.fs.readFile(picture));
  await vscode.workspace.fs.delete(picture);
  assert.match(svg, /^<svg [\s\S]*adder\[0\][\s\S]*<\/svg>/);
});

it('when the server is started again, a run ends and says so; another can begin', async () => {
  const over = new Promise((done) => {
    const listener = vscode.debug.onDidTerminateDebugSession(() => {
      listener.dispose();
      done(null);
    });
  });
  await run('lockstep.restartServer');
  await over;
  await openFile('counter.lockstep');
  const session = await stopped(() =>
    run('lockstep.step', fileUri('counter.lockstep').toString(), 'fix=none'),
  );
  assert.equal((await timeline(session)).cursor, 0);
  await ended();
});

const extension = vscode.extensions.getExtension('lockstep.lockstep');
const examples = [
  'blocked-vcpu',
  'disconnected-page-table',
  'fast-page-fault-aba',
  'lost-dirty-bit',
  'put-root',
  'unsync-children',
  'wakeup-list',
  'write-protect-flush',
  'zap-under-read-lock',
];

for (const example of examples)
  it(`${example}: to what breaks it, back, and to who wrote what is shown`, async () => {
    assert.ok(extension !== undefined);
    const uri = vscode.Uri.joinPath(extension.extensionUri, 'examples', `${example}.lockstep`);
    await vscode.window.showTextDocument(uri);
    const configuration = { type: 'lockstep', request: 'launch', name: example };
    await stopped(() =>
      vscode.debug.startDebugging(undefined, {
        ...{ ...configuration, program: uri.toString(), counterexample: true },
      }),
    );
    const session = await stopped(command('continue'));
    const { cursor, length, steps } = await timeline(session);
    assert.equal(cursor, length);
    assert.ok((steps.at(-1)?.broken.length ?? 0) > 0, JSON.stringify(steps.at(-1)));
    const table = await run<string>('lockstep.copyRun');
    assert.ok(table.includes('***'), table);
    const views: readonly { readonly lines: readonly Item[] }[] =
      await session.customRequest('lockstep/views');
    const written = views.flatMap(({ lines }) => lines.flatMap(flat)).find(({ writer }) => writer !== null);
    if (example === 'lost-dirty-bit') {
      await vscode.commands.executeCommand('lockstep.state.focus');
      const state = await run<string>('lockstep.copyState');
      assert.match(state, /^TLBs\n {2}CPU 0\n[\s\S]*^Page tables\n {2}table /m);
      await screenshots('stepping-example');
    }
    await stopped(command('stepBack'));
    assert.ok((await timeline(session)).cursor < length);
    if (written !== undefined) {
      await stopped(() => run('lockstep.goToWriter', { kind: 'line', item: written }));
      assert.equal((await timeline(session)).cursor, written.writer);
    }
    await ended();
  });

const flat = (item: Item): Item[] => [item, ...item.lines.flatMap(flat)];

/** The same in each kind of theme, for a person to look at. */
async function screenshots(name: string): Promise<void> {
  if (page === null) return;
  const settings = vscode.workspace.getConfiguration('workbench');
  const before = settings.get<string>('colorTheme');
  for (const [theme, kind] of [
    ['Default Light Modern', 'light'],
    ['Default Dark Modern', 'dark'],
    ['Default High Contrast', 'contrast'],
    ['Default High Contrast Light', 'contrast-light'],
  ] as const) {
    await settings.update('colorTheme', theme, vscode.ConfigurationTarget.Global);
    await new Promise((done) => setTimeout(done, 1200));
    await page.screenshot(`${name}-${kind}`);
  }
  await settings.update('colorTheme', before, vscode.ConfigurationTarget.Global);
}
