/** Checks without the budget of live verdicts: of a file, a variant, or all scenarios. */

import * as vscode from 'vscode';
import type { Tools } from './commands.ts';
import { type CheckResult, type ScenariosResult, scenariosRequest } from './protocol.ts';
import { commandTarget } from './target.ts';
import { checkedText } from './verdictText.ts';

/** Shorter checks show no progress, which would only flicker. */
const PATIENCE_MS = 700;

/** Arguments, if any: the file's URI, and the variant's id or null. Answers with the verdicts. */
export async function checkFile(tools: Tools, ...args: readonly unknown[]): Promise<CheckResult> {
  const target = commandTarget(args);
  if (target === null) return [];
  const items = await tools.tests.itemsOf(target.uri, target.variant);
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      'There is nothing to check: a scenario begins with `scenario "title";`.',
    );
    return [];
  }
  return checkItems(tools, items);
}

/** Asks for the variant when none is named. */
export async function checkVariant(tools: Tools, ...args: readonly unknown[]): Promise<CheckResult> {
  const target = commandTarget(args);
  if (target === null) return [];
  if (target.variant !== null) return checkFile(tools, ...args);
  const uri = tools.server.uriText(target.uri);
  const [scenario] = await tools.server.request<ScenariosResult>(scenariosRequest, { uri });
  const variants = scenario?.variants ?? [];
  if (variants.length < 2) return checkFile(tools, uri, null);
  const chosen = await vscode.window.showQuickPick(
    variants.map(({ id, expects }) => ({
      label: id,
      description: expects === null ? '' : `expected: ${expects}`,
    })),
    { placeHolder: 'The variant to check' },
  );
  return chosen === undefined ? [] : checkFile(tools, uri, chosen.label);
}

export async function checkWorkspace(tools: Tools): Promise<CheckResult> {
  await tools.tests.list();
  if (tools.tests.controller.items.size === 0) {
    void vscode.window.showInformationMessage('There is no scenario in this workspace.');
    return [];
  }
  return checkItems(tools, null);
}

async function checkItems(tools: Tools, items: readonly vscode.TestItem[] | null): Promise<CheckResult> {
  const cancel = new vscode.CancellationTokenSource();
  let show = (_message: string): void => {};
  const checking = tools.tests.check({
    items,
    exclude: [],
    profile: undefined,
    token: cancel.token,
    onProgress: (message) => show(message),
  });
  try {
    const timer = setTimeout(() => {
      const location = vscode.ProgressLocation.Notification;
      void vscode.window.withProgress(
        { location, title: 'Lockstep explores', cancellable: true },
        async (progress, token) => {
          token.onCancellationRequested(() => cancel.cancel());
          show = (message) => progress.report({ message });
          // The command itself reports what goes wrong.
          await checking.catch(() => {});
        },
      );
    }, PATIENCE_MS);
    const results = await checking.finally(() => clearTimeout(timer));
    if (results.length > 0) vscode.window.setStatusBarMessage(`Lockstep: ${checkedText(results)}`, 10_000);
    return results;
  } finally {
    cancel.dispose();
  }
}
