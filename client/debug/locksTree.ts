/** Locks: who holds them since when, who waits for what. */

import * as vscode from 'vscode';
import { reveal } from './places.ts';
import { type LocksResult, locksRequest, type Threads, threadsRequest } from './protocol.ts';
import type { StepRun } from './run.ts';

export interface LockNode {
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly step: number | null;
  readonly command: vscode.Command | null;
  readonly children: readonly LockNode[];
}

export class LocksTree implements vscode.TreeDataProvider<LockNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly run: StepRun;
  private readonly subscription: vscode.Disposable;

  constructor(run: StepRun) {
    this.run = run;
    this.subscription = run.onDidChange(() => this.changed.fire());
  }

  async getChildren(node?: LockNode): Promise<LockNode[]> {
    if (node !== undefined) return [...node.children];
    const [locks, threads] = await Promise.all([
      this.run.ask<LocksResult>(locksRequest),
      this.run.ask<Threads>(threadsRequest),
    ]);
    return locks === null || threads === null ? [] : nodesOf(locks, threads);
  }

  getTreeItem(node: LockNode): vscode.TreeItem {
    const state =
      node.children.length > 0
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.None;
    const item = new vscode.TreeItem(node.label, state);
    item.id = node.label;
    item.description = node.description;
    item.iconPath = new vscode.ThemeIcon(node.icon);
    item.contextValue = node.step === null ? 'lock' : 'written';
    item.accessibilityInformation = { label: `${node.label}, ${node.description}` };
    if (node.command !== null) item.command = node.command;
    return item;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

function nodesOf({ held, waiting }: LocksResult, threads: Threads): LockNode[] {
  const byLock = new Map<string, LocksResult['held'][number][]>();
  for (const one of held) byLock.set(one.lock, [...(byLock.get(one.lock) ?? []), one]);
  const locks = [...byLock].map(([lock, holders]): LockNode => {
    const kind = holders[0]?.kind ?? '';
    return {
      ...{ label: lock, description: kind, icon: 'lock', step: null, command: null },
      children: holders.map(({ thread, mode, since, place }) => ({
        label: `${thread}${mode === 'read' ? ' (read)' : ''}`,
        description: since === null ? 'from the start' : `since step ${since}`,
        icon: 'person',
        step: since,
        command: place === null ? null : reveal(place),
        children: [],
      })),
    };
  });
  const waits = waiting.map(
    ({ thread, why, place }): LockNode => ({
      label: thread,
      description: why.startsWith(thread) ? why.slice(thread.length + 1) : why,
      icon: 'watch',
      step: null,
      command: place === null ? null : reveal(place),
      children: [],
    }),
  );
  const free = threads.filter(({ kind, holds }) => kind === 'ready' && holds.length === 0);
  const idle = free.map(
    ({ name, next, place }): LockNode => ({
      label: name,
      description: `holds nothing · next ${next}`,
      icon: 'circle-outline',
      step: null,
      command: place === null ? null : reveal(place),
      children: [],
    }),
  );
  return [...locks, ...waits, ...idle];
}
