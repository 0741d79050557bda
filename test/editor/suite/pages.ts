/** What comes with the extension to be read: pages of codes, the walkthrough, examples. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { page } from './outside.ts';
import { it, until } from './suite.ts';
import { closeAll, openFile } from './workspace.ts';

it('the page of a code is shown as it is meant to be read', async () => {
  await closeAll();
  await vscode.commands.executeCommand('lockstep.explain', 'data-race');
  await until('a preview', () => activeTab()?.input instanceof vscode.TabInputWebview);
  if (page !== null) {
    const heading = await until('the heading', async () => (await page?.frameTexts('h1'))?.[0]);
    assert.match(heading, /data.race/i);
    await page.screenshot('explain');
  }
});

it('a link to the page of a code leads to the same', async () => {
  await closeAll();
  const uri = vscode.Uri.parse('lockstep-docs:/docs/diagnostics/lock-order-inversion.md');
  await vscode.commands.executeCommand('vscode.open', uri);
  const input = await until('a preview', () => activeTab()?.input);
  assert.ok(input instanceof vscode.TabInputCustom, 'the page is opened as text');
  assert.equal(input.viewType, 'vscode.markdown.preview.editor');
  const bytes = await vscode.workspace.fs.readFile(uri);
  assert.match(new TextDecoder().decode(bytes), /^# /);
});

it('nothing of the extension but its pages can be read that way', async () => {
  for (const path of ['/package.json', '/dist/server.js', '/docs/../package.json', '/docs/nothing.md']) {
    const uri = vscode.Uri.from({ scheme: 'lockstep-docs', path });
    await assert.rejects(Promise.resolve(vscode.workspace.fs.readFile(uri)), path);
  }
  const uri = vscode.Uri.parse('lockstep-docs:/docs/language.md');
  await assert.rejects(Promise.resolve(vscode.workspace.fs.writeFile(uri, new Uint8Array())));
});

it('the walkthrough has five steps, with pictures', async () => {
  await closeAll();
  await vscode.commands.executeCommand(
    'workbench.action.openWalkthrough',
    'lockstep.lockstep#firstSteps',
    false,
  );
  if (page === null) return;
  const titles = await until('the steps', async () => {
    const found = await page?.texts('.gettingStartedSlideDetails .step-title');
    return found?.length === 5 && found;
  });
  assert.match(titles[0] ?? '', /Open an example/);
  assert.equal(
    (await page.texts('.gettingStartedSlideDetails .step-description-container .monaco-button')).length > 0,
    true,
  );
  const strings = await stringsOfPackage();
  for (const [index, id] of ['example', 'check', 'interleaving', 'rules', 'tests'].entries()) {
    await page.click(`.gettingStartedSlideDetails .step-title >> nth=${index}`);
    const picture = strings[`step.${id}.altText`];
    await until(`the picture of ${id}`, async () => {
      const found = await page?.frameTexts('svg > title');
      return found?.some((title) => title === picture);
    });
    await page.screenshot(`walkthrough-${index + 1}`);
  }
});

it('every colour of the walkthrough is one of the theme', async () => {
  const settings = vscode.workspace.getConfiguration('workbench');
  await settings.update('colorTheme', 'Default Dark Modern', vscode.ConfigurationTarget.Global);
  await until('the dark theme', () => vscode.window.activeColorTheme.kind === vscode.ColorThemeKind.Dark);
  await page?.click('.gettingStartedSlideDetails .step-title >> nth=2');
  await new Promise((resolve) => setTimeout(resolve, 500));
  await page?.screenshot('walkthrough-dark');
  await openFile('counter.lockstep');
  await until('lenses', async () => page === null || (await page.count('.codelens-decoration a')) > 0);
  await page?.screenshot('editor-dark');
  await settings.update('colorTheme', undefined, vscode.ConfigurationTarget.Global);
  await closeAll();
});

it('the menu of commands offers those that can be used', async () => {
  if (page === null) return;
  await closeAll();
  await openFile('counter.lockstep');
  await vscode.commands.executeCommand('workbench.action.quickOpen', '>Lockstep: ');
  const shown = await until('the commands', async () => {
    const labels = await page?.texts('.quick-input-list .monaco-list-row .label-name');
    return labels !== undefined && labels.length > 4 && labels;
  });
  for (const wanted of ['Check This Scenario', 'Open Example…', 'Explain a Code…', 'Restart Server']) {
    assert.ok(
      shown.some((label) => label.includes(wanted)),
      `${wanted} is not among ${shown.join(', ')}`,
    );
  }
  assert.ok(!shown.some((label) => label.includes('Show Menu')));
  await page.screenshot('commands');
  await page.press('Escape');
});

async function stringsOfPackage(): Promise<Readonly<Record<string, string>>> {
  const extension = vscode.extensions.getExtension('lockstep.lockstep');
  assert.ok(extension !== undefined);
  const bytes = await vscode.workspace.fs.readFile(
    vscode.Uri.joinPath(extension.extensionUri, 'package.nls.json'),
  );
  return JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, string>>;
}

function activeTab(): vscode.Tab | undefined {
  return vscode.window.tabGroups.activeTabGroup.activeTab;
}
