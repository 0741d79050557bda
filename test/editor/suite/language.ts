/** The language server as the editor shows it. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { page } from './outside.ts';
import { it, until } from './suite.ts';
import { closeAll, codeOf, diagnosticsOf, openFile, positionOf, run } from './workspace.ts';

it('an unknown name is underlined, with a link to its page', async () => {
  await closeAll();
  const editor = await openFile('typo.lockstep');
  const [diagnostic] = await diagnosticsOf(editor.document.uri, (found) => found.length > 0);
  assert.ok(diagnostic !== undefined);
  assert.equal(editor.document.getText(diagnostic.range), 'couter');
  assert.equal(diagnostic.severity, vscode.DiagnosticSeverity.Error);
  const { code } = diagnostic;
  assert.ok(typeof code === 'object');
  assert.equal(code.target.toString(), 'lockstep-docs:/docs/diagnostics/unknown-name.md');
  if (page !== null) {
    await until('a squiggle', async () => ((await page?.count('.squiggly-error')) ?? 0) > 0);
    await page.screenshot('squiggles');
  }
});

it('the underline goes when the text is mended', async () => {
  const editor = await openFile('typo.lockstep');
  const start = positionOf(editor.document, 'couter');
  await editor.edit((edit) => edit.replace(new vscode.Range(start, start.translate(0, 6)), 'counter'));
  await diagnosticsOf(editor.document.uri, (found) =>
    found.every(({ severity }) => severity !== vscode.DiagnosticSeverity.Error),
  );
  await closeAll();
});

it('a broken lock rule is underlined, and says where the lock was taken', async () => {
  const editor = await openFile('rules.lockstep');
  const found = await diagnosticsOf(editor.document.uri, (all) =>
    all.some((each) => codeOf(each) === 'sleeping-in-atomic'),
  );
  const rule = found.find((each) => codeOf(each) === 'sleeping-in-atomic');
  assert.ok(rule !== undefined);
  assert.match(editor.document.lineAt(rule.range.start.line).text, /mutex_lock/);
  const taken = rule.relatedInformation?.[0];
  assert.ok(taken !== undefined);
  assert.match(editor.document.lineAt(taken.location.range.start.line).text, /spin_lock\(&pages_lock\)/);
  await page?.screenshot('lock-rule');
});

it('completion knows members, locals and what is imported', async () => {
  const editor = await openFile('transfer.lockstep');
  const position = positionOf(editor.document, 'transfer(1)', { into: 4 });
  const labels = await until('completions', async () => {
    const list = await run<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      editor.document.uri,
      position,
    );
    const found = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    return found.includes('transfer') && found;
  });
  assert.ok(labels.length > 0);
  if (page !== null) {
    editor.selection = new vscode.Selection(position, position);
    await vscode.commands.executeCommand('editor.action.triggerSuggest');
    await until('the list', async () =>
      (await page?.texts('.suggest-widget .monaco-list-row'))?.some((each) => each.includes('transfer')),
    );
    await page.screenshot('completion');
    await page.press('Escape');
  }
});

it('formatting lays out a file as the kernel does', async () => {
  const document = await vscode.workspace.openTextDocument({
    language: 'lockstep',
    content: 'scenario "x";\ntask t { int a=1 ; if(a) a=2; }\n',
  });
  await vscode.window.showTextDocument(document);
  const edits = await until('edits', async () => {
    const found = await run<vscode.TextEdit[] | undefined>(
      'vscode.executeFormatDocumentProvider',
      document.uri,
      { tabSize: 8, insertSpaces: false },
    );
    return found !== undefined && found.length > 0 && found;
  });
  const edit = new vscode.WorkspaceEdit();
  edit.set(document.uri, edits);
  await vscode.workspace.applyEdit(edit);
  assert.match(document.getText(), /int a = 1;/);
  await closeAll();
});

it('a name that is nearly right can be mended with one click', async () => {
  const editor = await openFile('typo.lockstep');
  const [diagnostic] = await diagnosticsOf(editor.document.uri, (found) => found.length > 0);
  assert.ok(diagnostic !== undefined);
  const actions = await until('a quick fix', async () => {
    const found = await run<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      editor.document.uri,
      diagnostic.range,
    );
    return found.length > 0 && found;
  });
  assert.ok(
    actions.some(({ title }) => title.includes('counter')),
    actions.map(({ title }) => title).join(),
  );
  await closeAll();
});
