/** Verdicts: while typing, from a lens, in the status bar, in the Test Explorer. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { page } from './outside.ts';
import { it, until } from './suite.ts';
import { closeAll, codeOf, diagnosticsOf, fileUri, openFile, positionOf, run } from './workspace.ts';

/** What a check answers with; see `VariantVerdict`. */
interface Verdict {
  readonly variant: string;
  readonly verdict: string;
  readonly met: boolean;
  readonly violations: readonly { readonly table: string | null }[];
}

it('an expectation that is not met is an error, with the interleaving behind it', async () => {
  await closeAll();
  const editor = await openFile('unmet.lockstep');
  const found = await diagnosticsOf(editor.document.uri, (all) => all.some(isError));
  const error = found.find(isError);
  assert.ok(error !== undefined);
  assert.ok((error.relatedInformation ?? []).length > 0, 'there is no trace');
  await page?.screenshot('unmet');
});

it('a failure that is expected shows no red', async () => {
  const editor = await openFile('counter.lockstep');
  await statusOf('2 as expected');
  const found = vscode.languages.getDiagnostics(editor.document.uri);
  assert.deepEqual(found.filter(isError), []);
});

it('the status bar has the verdict of the active editor', async () => {
  await openFile('unmet.lockstep');
  await statusOf('1 of 1 not as expected');
  await openFile('transfer.lockstep');
  await statusOf('passes');
  await page?.screenshot('status-bar');
});

it('a click on the status bar offers what can be done', async () => {
  if (page === null) return;
  await page.click(status);
  const rows = await until('the menu', async () => {
    const found = await page?.texts('.quick-input-list .monaco-list-row');
    return found !== undefined && found.length > 3 && found;
  });
  assert.ok(
    rows.some((row) => row.includes('Check this scenario')),
    rows.join(),
  );
  await page.screenshot('menu');
  await page.press('Escape');
});

it('a lens checks one variant, and says its verdict', async () => {
  const editor = await openFile('counter.lockstep');
  const lenses = await until('lenses', async () => {
    const found = await run<vscode.CodeLens[]>('vscode.executeCodeLensProvider', editor.document.uri, 100);
    return found.length > 0 && found;
  });
  const checks = lenses.flatMap(({ command }) => (command?.command === 'lockstep.check' ? [command] : []));
  assert.ok(checks.length >= 2, lenses.map(({ command }) => command?.title).join());
  const one = checks.find(({ arguments: args }) => args?.[1] === 'fix=none');
  assert.ok(one !== undefined);
  const verdicts = await run<readonly Verdict[]>(one.command, ...(one.arguments ?? []));
  assert.deepEqual(
    verdicts.map(({ variant, verdict, met }) => ({ variant, verdict, met })),
    [{ variant: 'fix=none', verdict: 'fails', met: true }],
  );
  if (page !== null) {
    await until('the lens on the page', async () => ((await page?.count('.codelens-decoration a')) ?? 0) > 0);
    await page.screenshot('code-lens');
  }
});

it('a check answers with every variant', async () => {
  const verdicts = await run<readonly Verdict[]>(
    'lockstep.check',
    fileUri('counter.lockstep').toString(),
    null,
  );
  assert.deepEqual(verdicts.map(({ variant, verdict, met }) => [variant, verdict, met]).sort(), [
    ['fix=none', 'fails', true],
    ['fix=spinlock', 'passes', true],
  ]);
});

it('the counterexample is copied as a table with a column for each thread', async () => {
  const editor = await openFile('unmet.lockstep');
  await diagnosticsOf(editor.document.uri, (all) => all.some(isError));
  // What fails comes before what is only warned of, and is chosen with Enter.
  const copied = run<string>('lockstep.copyTable', editor.document.uri.toString(), '');
  const table = await until('the table', async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return Promise.race([copied, new Promise<null>((resolve) => setTimeout(() => resolve(null), 100))]);
  });
  assert.equal(await vscode.env.clipboard.readText(), table);
  assert.match(table, /^adder\[0\] +adder\[1\]\n-+ +-+\n/);
  assert.match(table, /\*\*\* both_counted/);
});

it('the Test Explorer lists scenarios and variants, and runs them', async () => {
  await vscode.commands.executeCommand('workbench.view.testing.focus');
  const verdicts = await run<readonly Verdict[]>('lockstep.checkWorkspace');
  const files = ['counter', 'rules', 'transfer', 'unmet'];
  assert.ok(verdicts.length >= files.length + 1, String(verdicts.length));
  assert.deepEqual(
    verdicts
      .filter(({ met }) => met)
      .map(({ variant, verdict }) => `${variant} ${verdict}`)
      .sort(),
    [' passes', 'fix=none fails', 'fix=spinlock passes'],
  );
  if (page === null) return;
  const rows = await until('the tests', async () => {
    const found = await page?.texts('.test-explorer .monaco-list-row');
    return found !== undefined && found.length >= files.length && found;
  });
  assert.ok(
    rows.some((row) => row.includes('Two increments of a counter')),
    rows.join(),
  );
  await until(
    'failed tests',
    async () => ((await page?.count('.test-explorer .codicon-testing-failed-icon')) ?? 0) > 0,
  );
  await page.screenshot('test-explorer');
});

it('the Test Explorer runs what is chosen there', async () => {
  await openFile('unmet.lockstep');
  await vscode.commands.executeCommand('testing.runCurrentFile');
  if (page === null) return;
  await until(
    'the failure in the editor',
    async () =>
      ((await page?.count(
        '.monaco-editor .codicon-testing-failed-icon, .monaco-editor .testing-run-glyph',
      )) ?? 0) > 0,
  );
  await page.screenshot('test-failure');
  await page.click('.test-output-peek-tree .monaco-list-row:has-text("both_counted")');
  // The interleaving stands behind the message.
  await until('the table', async () => {
    const found = await page?.texts('.test-output-peek-message-container');
    return found?.some((text) => /adder\[0\]\s+adder\[1\]/.test(text));
  });
  await page.screenshot('test-message');
  await vscode.commands.executeCommand('workbench.action.closePanel');
});

it('an example opens without a file', async () => {
  await closeAll();
  await vscode.commands.executeCommand('lockstep.openExample', 'unsync-children.lockstep');
  const editor = vscode.window.activeTextEditor;
  assert.equal(editor?.document.languageId, 'lockstep');
  assert.equal(editor?.document.isUntitled, true);
  assert.match(editor?.document.getText() ?? '', /^scenario /m);
  if (page !== null) {
    await until('a verdict', async () =>
      /expected|unknown|\d of \d/.test((await page?.texts(status))?.join() ?? ''),
    );
  }
  await page?.screenshot('example');
  await closeAll();
});

it('the examples are offered with what they are about', async () => {
  if (page === null) return;
  const choice = vscode.commands.executeCommand('lockstep.openExample');
  const rows = await until('the examples', async () => {
    const found = await page?.texts('.quick-input-list .monaco-list-row');
    return found !== undefined && found.length >= 4 && found;
  });
  assert.ok(rows.length >= 4);
  await page.screenshot('examples');
  await page.press('Escape');
  await choice;
});

it('the reference of locks is a document', async () => {
  const uri = fileUri('rules.lockstep').toString();
  await vscode.commands.executeCommand('lockstep.lockReference', uri);
  const document = vscode.window.activeTextEditor?.document;
  assert.equal(document?.languageId, 'markdown');
  assert.match(document?.getText() ?? '', /pages_lock/);
  await page?.screenshot('lock-reference');
  await closeAll();
});

it('lenses can be had as links, or not at all', async () => {
  const { document } = await openFile('counter.lockstep');
  const lenses = (): Promise<vscode.CodeLens[]> => run('vscode.executeCodeLensProvider', document.uri, 100);
  await until('lenses', async () => (await lenses()).length > 0);
  await setting('codeLens.mode', 'link');
  await until('no lenses', async () => (await lenses()).length === 0);
  const links = await until('links', async () => {
    const found = await run<vscode.DocumentLink[]>('vscode.executeLinkProvider', document.uri);
    return found.length > 0 && found;
  });
  assert.ok(links.every(({ target }) => target?.scheme === 'command' && target.path === 'lockstep.check'));
  await page?.screenshot('links');
  await setting('codeLens.mode', undefined);
  await until('lenses again', async () => (await lenses()).length > 0);
});

it('a check that takes long shows its progress, and can be cancelled', async () => {
  const document = await vscode.workspace.openTextDocument({ language: 'lockstep', content: endless });
  await vscode.window.showTextDocument(document);
  const checking = run<readonly Verdict[]>('lockstep.check', document.uri.toString(), null);
  if (page === null) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await vscode.commands.executeCommand('testing.cancelRun');
  } else {
    await until('the number of states', async () => {
      const found = await page?.texts('.notification-toast .notification-list-item-message');
      return found?.some((text) => /Lockstep explores.*\d states/.test(text));
    });
    await page.screenshot('progress');
    await page.click('.notification-toast .monaco-button');
  }
  assert.deepEqual(await checking, []);
  await closeAll();
});

it('an edit shows its verdict while it is typed', async () => {
  const editor = await openFile('transfer.lockstep');
  await statusOf('passes');
  const start = positionOf(editor.document, '== 0');
  await editor.edit((edit) => edit.replace(new vscode.Range(start, start.translate(0, 4)), '== 1'));
  await statusOf('1 of 1 not as expected');
  await editor.edit((edit) => edit.replace(new vscode.Range(start, start.translate(0, 4)), '== 0'));
  await statusOf('passes');
  await closeAll();
});

it('a crash of the server is told once, and it lives on', async () => {
  await openFile('counter.lockstep');
  await statusOf('2 as expected');
  const server = processNamed('dist/server.js');
  if (server === null || page === null) return;
  process.kill(server, 'SIGKILL');
  const told = await until('the message', async () => {
    const found = await page?.texts('.notification-toast .notification-list-item-message');
    return found !== undefined && found.length > 0 && found;
  });
  assert.deepEqual(told, ['The Lockstep language server crashed, and was started again.']);
  await page.screenshot('crash');
  await statusOf('2 as expected');
  assert.notEqual(processNamed('dist/server.js'), server);
  await vscode.commands.executeCommand('notifications.clearAll');
});

it('the server can be restarted, and verdicts come again', async () => {
  await openFile('counter.lockstep');
  await vscode.commands.executeCommand('lockstep.restartServer');
  await statusOf('2 as expected');
  await closeAll();
});

const status =
  '.statusbar-item[id="lockstep.lockstep.lockstep.verdict"], .statusbar-item[id*="lockstep.verdict"]';

/** Waits until the status bar says so. Where there is no page, the verdict is asked for instead. */
async function statusOf(text: string): Promise<void> {
  if (page === null) {
    const uri = vscode.window.activeTextEditor?.document.uri.toString();
    await run('lockstep.check', uri, null);
    return;
  }
  let last = '';
  await until(`'${text}' in the status bar`, async () => {
    last = (await page?.texts(status))?.join() ?? '';
    return last.includes(text);
  }).catch((error: Error) => {
    throw new Error(`${error.message}; it says '${last}'`);
  });
}

async function setting(name: string, value: unknown): Promise<void> {
  const settings = vscode.workspace.getConfiguration('lockstep');
  await settings.update(name, value, vscode.ConfigurationTarget.Global);
}

/** A process below this one whose command line ends with `name` and what is behind it; null where nobody tells. */
function processNamed(name: string): number | null {
  if (!existsSync('/proc')) return null;
  const numbers = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  const found = numbers.find((number) => {
    try {
      const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${number}/status`, 'utf8'))?.[1];
      return Number(parent) === process.pid && readFileSync(`/proc/${number}/cmdline`, 'utf8').includes(name);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
  return found === undefined ? null : Number(found);
}

/** More interleavings than anybody waits for. */
const endless = `scenario "Many counters";

atomic_t n[6];

task counter[i : 0..5] {
	for (int round = 0; round < 30; round++)
		atomic_inc(&n[(i + round) % 6]);
}
`;

function isError(diagnostic: vscode.Diagnostic): boolean {
  return diagnostic.severity === vscode.DiagnosticSeverity.Error && codeOf(diagnostic) !== undefined;
}
