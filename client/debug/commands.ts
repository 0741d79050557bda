/** The commands of stepping: ways into a run, ways through it, and ways out. */

import * as vscode from 'vscode';
import { type ScenariosResult, scenariosRequest } from '../protocol.ts';
import { commandTarget } from '../target.ts';
import type { Server } from '../server.ts';
import { stepConfiguration } from './configurations.ts';
import { uriOf } from './places.ts';
import {
  forkRequest,
  gotoRequest,
  moveRequest,
  saveRequest,
  type SaveResult,
  type Threads,
  threadsRequest,
  type Timeline,
  timelineRequest,
} from './protocol.ts';
import type { InterleavingView } from './interleavingView.ts';
import type { StepRun } from './run.ts';
import { copyState, findInState } from './stateCommands.ts';
import type { StateNode, StateTree } from './stateTree.ts';
import type { LockNode } from './locksTree.ts';

export interface StepTools {
  readonly server: Server;
  readonly run: StepRun;
  readonly interleaving: InterleavingView;
  readonly state: StateTree;
  readonly stateView: vscode.TreeView<StateNode>;
}

type Command = (tools: StepTools, ...args: readonly unknown[]) => Promise<unknown>;

export const stepCommands: Readonly<Record<string, Command>> = {
  'lockstep.step': step,
  'lockstep.stepCounterexample': stepCounterexample,
  'lockstep.stepTrace': stepTrace,
  'lockstep.stepThread': stepThread,
  'lockstep.goToStep': goToStep,
  'lockstep.goToWriter': goToWriter,
  'lockstep.takeFork': takeFork,
  'lockstep.saveSchedule': saveSchedule,
  'lockstep.saveTrace': saveTrace,
  'lockstep.openAsTest': openAsTest,
  'lockstep.copyState': copyStateOf,
  'lockstep.findInState': ({ state, stateView }) => findInState(state, stateView),
  'lockstep.copyRun': copyRun,
  'lockstep.copyInterleaving': copyInterleaving,
  'lockstep.exportInterleaving': exportInterleaving,
};

/** Arguments, if any: the file's URI, and the variant's id or null; or a test item. */
async function step(tools: StepTools, ...args: readonly unknown[]): Promise<boolean> {
  return start(tools, args, undefined);
}

/** The third argument, if any: the name of the check. */
async function stepCounterexample(tools: StepTools, ...args: readonly unknown[]): Promise<boolean> {
  const [, , check] = args;
  return start(tools, args, typeof check === 'string' ? check : true);
}

async function start(
  { server }: StepTools,
  args: readonly unknown[],
  counterexample: string | true | undefined,
): Promise<boolean> {
  const target = commandTarget(args);
  if (target === null) return false;
  const uri = server.uriText(target.uri);
  const [scenario] = await server.request<ScenariosResult>(scenariosRequest, { uri });
  const variants = scenario?.variants ?? [];
  let variant = variants.find(({ id }) => id === target.variant);
  if (variant === undefined && target.variant === null && variants.length > 1) {
    const wanted =
      counterexample === undefined ? variants : variants.filter(({ expects }) => expects === 'fails');
    const offered = wanted.length > 0 ? wanted : variants;
    if (offered.length === 1) variant = offered[0];
    else {
      const chosen = await vscode.window.showQuickPick(
        offered.map(({ id, expects }) => ({
          label: id,
          description: expects === null ? '' : `expected: ${expects}`,
        })),
        { placeHolder: 'The variant to step through' },
      );
      if (chosen === undefined) return false;
      variant = variants.find(({ id }) => id === chosen.label);
    }
  }
  // A run of what is expected to fail is the interleaving that fails: that is what people come for.
  const follow = counterexample ?? (variant?.expects === 'fails' ? true : undefined);
  const configuration = stepConfiguration({
    uri,
    ...(variant === undefined ? {} : { options: variant.options }),
    ...(follow === undefined ? {} : { counterexample: follow }),
  });
  return vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(target.uri), configuration);
}

/** Argument, if any: the trace file; else the one in the editor. */
async function stepTrace(_: StepTools, ...[given]: readonly unknown[]): Promise<boolean> {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const shown = input instanceof vscode.TabInputText ? input.uri : undefined;
  const uri = given instanceof vscode.Uri ? given : shown;
  if (uri === undefined || !uri.path.endsWith('.lockstep-trace')) {
    void vscode.window.showInformationMessage('Open a .lockstep-trace file to step through it.');
    return false;
  }
  const configuration = stepConfiguration({ uri: uri.scheme === 'file' ? uri.fsPath : uri.toString() });
  return vscode.debug.startDebugging(vscode.workspace.getWorkspaceFolder(uri), configuration);
}

/** Argument, if any: the number of the thread. Else it is asked for; those that wait say why. */
async function stepThread({ run }: StepTools, ...[given]: readonly unknown[]): Promise<void> {
  let thread = typeof given === 'number' ? given : null;
  if (thread === null) {
    const threads = (await run.ask<Threads>(threadsRequest)) ?? [];
    const chosen = await vscode.window.showQuickPick(
      threads.map(({ name, kind, why, next }, index) => ({
        label: `$(${kind === 'ready' ? 'debug-step-over' : kind === 'waits' ? 'watch' : 'circle-slash'}) ${name}`,
        description: kind === 'over' ? 'has nothing more to do' : next,
        detail: why,
        index,
      })),
      { placeHolder: 'The thread that moves by one step', matchOnDescription: true },
    );
    if (chosen === undefined) return;
    thread = chosen.index;
  }
  await moveRun(run, moveRequest, { thread });
}

/** Argument, if any: the number of the step. */
async function goToStep({ run }: StepTools, ...[given]: readonly unknown[]): Promise<void> {
  let wanted = typeof given === 'number' ? given : null;
  if (wanted === null) {
    const length = run.position?.length ?? 0;
    const typed = await vscode.window.showInputBox({
      prompt: `The step to go to, from 0 (the start) to ${length}`,
      value: String(run.position?.cursor ?? 0),
      validateInput: (text) =>
        /^\d+$/.test(text.trim()) && Number(text) <= length ? undefined : `a number from 0 to ${length}`,
    });
    if (typed === undefined) return;
    wanted = Number(typed);
  }
  await moveRun(run, gotoRequest, { step: wanted });
}

/** From a line of a tree: to the step that wrote its memory last. */
async function goToWriter({ run }: StepTools, ...[node]: readonly unknown[]): Promise<void> {
  const found = writerOf(node as StateNode | LockNode | undefined);
  if (found === null) {
    void vscode.window.showInformationMessage('Nothing has written this since the start.');
    return;
  }
  await moveRun(run, gotoRequest, { step: found });
}

/** Argument, if any: a line of the tree. */
async function copyStateOf({ state }: StepTools, ...[node]: readonly unknown[]): Promise<string> {
  const isNode = typeof node === 'object' && node !== null && 'kind' in node;
  return copyState(state, isNode ? (node as StateNode) : null);
}

async function takeFork({ run }: StepTools): Promise<void> {
  const timeline = await run.ask<Timeline>(timelineRequest, { from: 1, to: 1 });
  const forks = timeline?.forks ?? [];
  if (forks.length === 0) {
    void vscode.window.showInformationMessage(
      'No run was left yet: stepping differently than before leaves one.',
    );
    return;
  }
  const chosen = await vscode.window.showQuickPick(
    forks.map(({ at, why, steps }, index) => ({
      label: `from step ${at}: ${steps} steps`,
      description: `left when ${why}`,
      index,
    })),
    { placeHolder: 'The run to go back to' },
  );
  if (chosen !== undefined) await moveRun(run, forkRequest, { index: chosen.index });
}

/** At the end of the scenario's file, where it can be undone. */
async function saveSchedule({ run }: StepTools): Promise<void> {
  const title = await vscode.window.showInputBox({ prompt: 'A title for the schedule', value: 'saved run' });
  if (title === undefined || run.session === null) return;
  const { text: saved, scenario } = (await run.session.customRequest(saveRequest, {
    ...{ as: 'schedule', title },
  })) as SaveResult;
  const uri = uriOf({ path: scenario });
  const document = await vscode.workspace.openTextDocument(uri);
  const edit = new vscode.WorkspaceEdit();
  const end = document.lineAt(document.lineCount - 1).range.end;
  edit.insert(uri, end, `${end.character > 0 ? '\n' : ''}\n${saved}`);
  await vscode.workspace.applyEdit(edit);
  const editor = await vscode.window.showTextDocument(document);
  const last = document.lineAt(document.lineCount - 1).range;
  editor.revealRange(last);
}

async function saveTrace({ run }: StepTools): Promise<void> {
  const text = await save(run, { as: 'trace' });
  if (text === null) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri = await vscode.window.showSaveDialog({
    filters: { 'Lockstep trace': ['lockstep-trace'] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, 'run.lockstep-trace') }),
  });
  if (uri !== undefined) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}

/** A scenario of its own: the text that runs, the run as a schedule, and what is expected. */
async function openAsTest({ run }: StepTools): Promise<void> {
  const content = await save(run, { as: 'test', title: 'saved run' });
  if (content === null) return;
  const document = await vscode.workspace.openTextDocument({ language: 'lockstep', content });
  const editor = await vscode.window.showTextDocument(document, { preview: false });
  editor.revealRange(document.lineAt(document.lineCount - 1).range);
}

async function copyRun({ run }: StepTools): Promise<string | null> {
  const text = await save(run, { as: 'table' });
  if (text === null) return null;
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage('Lockstep: the table is on the clipboard', 5000);
  return text;
}

/** What the view shows, as its filter leaves it. */
async function copyInterleaving({ interleaving }: StepTools): Promise<string | null> {
  const text = await interleaving.give('text');
  if (text === null) return null;
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage('Lockstep: the interleaving is on the clipboard', 5000);
  return text;
}

/** Argument, if any: where to write it. */
async function exportInterleaving(
  { interleaving }: StepTools,
  ...[given]: readonly unknown[]
): Promise<void> {
  const text = await interleaving.give('svg');
  if (text === null) return;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri =
    given instanceof vscode.Uri
      ? given
      : await vscode.window.showSaveDialog({
          filters: { SVG: ['svg'] },
          ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, 'interleaving.svg') }),
        });
  if (uri !== undefined) await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}

async function save(run: StepRun, args: object): Promise<string | null> {
  if (run.session === null) return null;
  const { text } = (await run.session.customRequest(saveRequest, args)) as SaveResult;
  return text;
}

/** A refusal, such as a thread that waits, is the message of the command. */
async function moveRun(run: StepRun, request: string, args: object): Promise<void> {
  if (run.session === null) {
    void vscode.window.showInformationMessage('Nothing is being stepped.');
    return;
  }
  await run.session.customRequest(request, args);
}

function writerOf(node: StateNode | LockNode | undefined): number | null {
  if (node === undefined) return null;
  if ('kind' in node) return node.kind === 'line' ? node.item.writer : null;
  return node.step;
}
