/** Names and places, as the editor shows them. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { page } from './outside.ts';
import { it, until } from './suite.ts';
import { closeAll, fileUri, openFile, positionOf, run } from './workspace.ts';

it('a hover tells what a name is', async () => {
  const editor = await openFile('transfer.lockstep');
  const position = positionOf(editor.document, 'transfer(1)', { into: 2 });
  const text = await until('a hover', async () => {
    const hovers = await run<vscode.Hover[]>('vscode.executeHoverProvider', editor.document.uri, position);
    const contents = hovers.flatMap((hover) =>
      hover.contents.map((each) => (typeof each === 'string' ? each : each.value)),
    );
    return contents.join('\n') || null;
  });
  assert.match(text, /void transfer\(int amount\)/);
  assert.match(text, /Moves an amount/);
  if (page !== null) {
    editor.selection = new vscode.Selection(position, position);
    await vscode.commands.executeCommand('editor.action.showHover');
    await until('the hover on the page', async () =>
      (await page?.texts('.monaco-hover:not(.hidden)'))?.some((each) => each.includes('Moves an amount')),
    );
    await page.screenshot('hover');
  }
});

it('a definition is found in another file, and every use from there', async () => {
  const editor = await openFile('transfer.lockstep');
  const position = positionOf(editor.document, 'transfer(2)', { into: 2 });
  const [definition] = await until('a definition', async () => {
    const found = await run<(vscode.Location | vscode.LocationLink)[]>(
      'vscode.executeDefinitionProvider',
      editor.document.uri,
      position,
    );
    return found.length > 0 && found;
  });
  assert.ok(definition !== undefined);
  const uri = 'uri' in definition ? definition.uri : definition.targetUri;
  assert.equal(uri.path, fileUri('shared.lockstep').path);
  const uses = await run<vscode.Location[]>('vscode.executeReferenceProvider', editor.document.uri, position);
  assert.deepEqual(uses.map((use) => use.uri.path.replace(/.*\//, '')).sort(), [
    'shared.lockstep',
    'transfer.lockstep',
    'transfer.lockstep',
  ]);
});

it('a rename reaches the files that import', async () => {
  const editor = await openFile('shared.lockstep');
  const position = positionOf(editor.document, 'transfer(int', { into: 2 });
  const edit = await until('a rename', () =>
    run<vscode.WorkspaceEdit>(
      'vscode.executeDocumentRenameProvider',
      editor.document.uri,
      position,
      'move_amount',
    ),
  );
  assert.ok(await vscode.workspace.applyEdit(edit));
  const user = await openFile('transfer.lockstep');
  assert.match(user.document.getText(), /move_amount\(1\)[\s\S]*move_amount\(2\)/);
  assert.match(editor.document.getText(), /void move_amount\(int amount\)/);
  await page?.screenshot('rename');
  await closeAll();
});

it('outline, folding and colours come from the server', async () => {
  const editor = await openFile('counter.lockstep');
  const { uri } = editor.document;
  const symbols = await until('symbols', () =>
    run<vscode.DocumentSymbol[] | undefined>('vscode.executeDocumentSymbolProvider', uri),
  );
  assert.ok(symbols.some(({ name }) => name.includes('counter_lock')));
  const folds = await run<vscode.FoldingRange[]>('vscode.executeFoldingRangeProvider', uri);
  assert.ok(folds.length > 0);
  const tokens = await until('semantic tokens', () =>
    run<vscode.SemanticTokens | undefined>('vscode.provideDocumentSemanticTokens', uri),
  );
  assert.ok(tokens.data.length > 0);
});

it('inlay hints show which locks are held, where that changes', async () => {
  const editor = await openFile('rules.lockstep');
  const { document } = editor;
  const range = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await until('hints', async () => {
    const found = await run<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, range);
    return found.length > 0 && found;
  });
  const texts = hints.map(({ label }) =>
    typeof label === 'string' ? label : label.map(({ value }) => value).join(''),
  );
  assert.ok(
    texts.some((text) => text.includes('pages_lock')),
    texts.join(),
  );
  await page?.screenshot('inlay-hints');
});
