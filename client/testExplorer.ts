/** Scenarios and their variants in the Test Explorer, and every check that is asked for, as a test run. */

import { availableParallelism } from 'node:os';
import * as vscode from 'vscode';
import {
  type CheckResult,
  checkRequest,
  type ScenarioItem,
  type ScenariosChangedParams,
  type ScenariosResult,
  scenariosChangedNotification,
  scenariosRequest,
  type VariantVerdict,
} from './protocol.ts';
import type { Server } from './server.ts';
import { leavesOf, type TestNode, terminalText, testNode } from './testTree.ts';
import type { Verdicts } from './verdicts.ts';
import { outcomeText, states } from './verdictText.ts';

/** What a test item stands for. */
interface Target {
  readonly uri: vscode.Uri;
  readonly variant: string | null;
}

export interface CheckRun {
  /** Null: all that are known. */
  readonly items: readonly vscode.TestItem[] | null;
  readonly exclude: readonly vscode.TestItem[];
  readonly profile: vscode.TestRunProfile | undefined;
  readonly token: vscode.CancellationToken;
  /** Called with what the server says while it explores. */
  readonly onProgress: (message: string) => void;
}

export class TestExplorer implements vscode.Disposable {
  readonly controller = vscode.tests.createTestController('lockstep', 'Lockstep');
  private readonly targets = new WeakMap<vscode.TestItem, Target>();
  private readonly subscriptions: readonly vscode.Disposable[];
  private readonly server: Server;
  private readonly verdicts: Verdicts;
  /** All scenarios were asked for, and not only those of open files. */
  private listed = false;

  constructor(server: Server, verdicts: Verdicts) {
    this.server = server;
    this.verdicts = verdicts;
    this.controller.resolveHandler = async (item) => {
      if (item === undefined) await this.list();
    };
    this.controller.refreshHandler = () => this.list();
    const profile = this.controller.createRunProfile(
      'Check',
      vscode.TestRunProfileKind.Run,
      (request, token) => this.runRequest(request, token),
      true,
    );
    const step = this.controller.createRunProfile(
      'Step',
      vscode.TestRunProfileKind.Debug,
      async (request) => {
        // A debugger shows one run.
        const [item] = leavesOf(request.include ?? itemsIn(this.controller.items), new Set(), childrenOf);
        if (item !== undefined) await vscode.commands.executeCommand('lockstep.step', item);
      },
    );
    this.subscriptions = [
      this.controller,
      profile,
      step,
      server.onNotification<ScenariosChangedParams>(scenariosChangedNotification, ({ uris }) =>
        this.scenariosChanged(uris),
      ),
      server.onDidChangeState((state) => {
        if (state === 'running' && this.listed) void this.list();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Lists the scenarios of the workspace and of open documents. */
  async list(): Promise<void> {
    this.listed = true;
    const scenarios = await this.server.request<ScenariosResult>(scenariosRequest, { uri: null });
    this.controller.items.replace(scenarios.map((scenario) => this.itemOf(scenario)));
  }

  /** The tests of one file, as the server sees it now; `variant` null: the whole file. */
  async itemsOf(uri: vscode.Uri, variant: string | null): Promise<readonly vscode.TestItem[]> {
    const files = await this.refresh(this.server.uriText(uri));
    if (variant === null) return files;
    const leaves = leavesOf(files, new Set(), childrenOf);
    return leaves.filter((leaf) => this.targets.get(leaf)?.variant === variant);
  }

  /** Checks variants as one test run, and answers with their verdicts, without those that could not be had. */
  async check({ items, exclude, profile, token, onProgress }: CheckRun): Promise<CheckResult> {
    const request = new vscode.TestRunRequest(items ?? undefined, exclude, profile, false, true);
    const run = this.controller.createTestRun(request);
    const leaves = leavesOf(items ?? itemsIn(this.controller.items), new Set(exclude), childrenOf);
    for (const leaf of leaves) run.enqueued(leaf);
    const results: VariantVerdict[] = [];
    const waiting = [...leaves];
    const stopped = (): boolean => token.isCancellationRequested || run.token.isCancellationRequested;
    const cancel = new vscode.CancellationTokenSource();
    const cancellations = [token, run.token].map((each) =>
      each.onCancellationRequested(() => cancel.cancel()),
    );
    const work = async (): Promise<void> => {
      for (let leaf = waiting.shift(); leaf !== undefined; leaf = waiting.shift()) {
        if (stopped()) run.skipped(leaf);
        else results.push(...(await this.checkOne(run, leaf, cancel.token, onProgress)));
      }
    };
    try {
      await Promise.all(Array.from({ length: width }, work));
    } finally {
      for (const cancellation of cancellations) cancellation.dispose();
      cancel.dispose();
      run.end();
    }
    return results;
  }

  private async runRequest(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    if (request.include === undefined && !this.listed) await this.list();
    await this.check({
      items: request.include ?? null,
      exclude: request.exclude ?? [],
      profile: request.profile,
      token,
      onProgress: () => {},
    });
  }

  private async checkOne(
    run: vscode.TestRun,
    leaf: vscode.TestItem,
    token: vscode.CancellationToken,
    onProgress: (message: string) => void,
  ): Promise<CheckResult> {
    const target = this.targets.get(leaf);
    if (target === undefined || target.variant === null) {
      const reason = leaf.error ?? 'There is nothing to check in this file.';
      run.errored(leaf, new vscode.TestMessage(reason));
      return [];
    }
    run.started(leaf);
    const uri = this.server.uriText(target.uri);
    const workDoneToken = `lockstep-check-${++requests}`;
    const progress = this.server.onProgress(workDoneToken, onProgress);
    try {
      const params = { uri, variants: [target.variant], workDoneToken };
      const results = await this.server.request<CheckResult>(checkRequest, params, token);
      this.verdicts.add(target.uri, results);
      if (results.length === 0) {
        run.errored(leaf, new vscode.TestMessage('The file has errors, or no longer has this variant.'));
      }
      for (const result of results) this.report(run, leaf, result);
      return results;
    } catch (error) {
      if (token.isCancellationRequested) run.skipped(leaf);
      else run.errored(leaf, new vscode.TestMessage(error instanceof Error ? error.message : String(error)));
      return [];
    } finally {
      progress.dispose();
    }
  }

  private report(run: vscode.TestRun, leaf: vscode.TestItem, result: VariantVerdict): void {
    const milliseconds = result.seconds * 1000;
    const title = result.variant === '' ? leaf.label : `${leaf.parent?.label ?? ''} · ${result.variant}`;
    const lines = [
      `${title}: ${outcomeText(result)}, ${states(result.states)}`,
      ...(result.reason === null ? [] : [result.reason]),
    ];
    run.appendOutput(terminalText(`${lines.join('\n')}\n`), undefined, leaf);
    for (const { message, table } of result.violations) {
      // Without a place: the editor would write it behind the line, of which the server has told already.
      const text = `\n${message}\n${table === null ? '' : `\n${table}`}`;
      run.appendOutput(terminalText(text), undefined, leaf);
    }
    if (result.met) {
      run.passed(leaf, milliseconds);
      return;
    }
    const messages = this.messages(result);
    if (result.verdict === 'unknown') run.errored(leaf, messages, milliseconds);
    else run.failed(leaf, messages, milliseconds);
  }

  /** One for each thing that is wrong, where it is; a violation with the interleaving that leads to it. */
  private messages(result: VariantVerdict): vscode.TestMessage[] {
    // Warnings leave a verdict alone; the editor underlines them.
    const violations = result.violations.filter(
      ({ expected, severity }) => !expected && severity === 'error',
    );
    const found = [
      ...violations,
      ...result.unmet
        .filter(({ message }) => !violations.some((violation) => violation.message === message))
        .map(({ message, location }) => ({ message, location, table: null })),
    ];
    if (found.length === 0) return [new vscode.TestMessage(result.reason ?? outcomeText(result))];
    return found.map(({ message, location, table }) => {
      // Plain text is shown with letters of one width, as columns need.
      const shown = new vscode.TestMessage(terminalText(table === null ? message : `${message}\n\n${table}`));
      shown.location = this.server.location(location);
      return shown;
    });
  }

  private async scenariosChanged(uris: readonly string[]): Promise<void> {
    this.verdicts.changedOnDisk(uris);
    const known = uris.filter((uri) => this.listed || this.controller.items.get(uri) !== undefined);
    await Promise.all(known.map((uri) => this.refresh(uri)));
  }

  /** Asks for one file; what is no scenario any more disappears. */
  private async refresh(uri: string): Promise<readonly vscode.TestItem[]> {
    const scenarios = await this.server.request<ScenariosResult>(scenariosRequest, { uri });
    if (scenarios.length === 0) this.controller.items.delete(uri);
    const items = scenarios.map((scenario) => this.itemOf(scenario));
    for (const item of items) this.controller.items.add(item);
    return items;
  }

  private itemOf(scenario: ScenarioItem): vscode.TestItem {
    const uri = vscode.Uri.parse(scenario.uri, true);
    return this.place(testNode(scenario), uri, this.controller.items);
  }

  /** An item that is there already is kept, because a run may hold it. */
  private place(node: TestNode, uri: vscode.Uri, siblings: vscode.TestItemCollection): vscode.TestItem {
    const item = siblings.get(node.id) ?? this.controller.createTestItem(node.id, node.label, uri);
    item.label = node.label;
    item.description = node.description;
    item.range = this.server.range(node.range);
    item.error = node.error ?? undefined;
    item.children.replace(node.children.map((child) => this.place(child, uri, item.children)));
    this.targets.set(item, { uri, variant: node.variant });
    return item;
  }
}

let requests = 0;
/** Variants that are asked for at once: the server keeps a thread for what is being typed. */
const width = Math.max(1, availableParallelism() - 2);

function itemsIn(collection: vscode.TestItemCollection): vscode.TestItem[] {
  return [...collection].map(([, item]) => item);
}

function childrenOf(item: vscode.TestItem): vscode.TestItem[] {
  return itemsIn(item.children);
}
