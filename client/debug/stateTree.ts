/** What the views of the scenario and its library show, as a tree: page tables, TLBs, and what else they declare. */

import * as vscode from 'vscode';
import { type ViewItem, type ViewsResult, viewsRequest } from './protocol.ts';
import { reveal } from './places.ts';
import type { StepRun } from './run.ts';

export type StateNode =
  | {
      readonly kind: 'view';
      readonly title: string;
      readonly message: string | null;
      readonly lines: readonly ViewItem[];
    }
  | {
      readonly kind: 'line';
      readonly item: ViewItem;
      readonly path: string;
      readonly parent: StateNode;
    };

export class StateTree implements vscode.TreeDataProvider<StateNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly run: StepRun;
  private readonly subscription: vscode.Disposable;

  constructor(run: StepRun) {
    this.run = run;
    this.subscription = run.onDidChange(() => this.changed.fire());
  }

  async getChildren(node?: StateNode): Promise<StateNode[]> {
    if (node !== undefined) {
      const lines = node.kind === 'view' ? node.lines : node.item.lines;
      const path = node.kind === 'view' ? node.title : node.path;
      return lines.map((item, index) => ({
        kind: 'line',
        item,
        path: `${path}/${keyOf(item, index)}`,
        parent: node,
      }));
    }
    const views = (await this.run.ask<ViewsResult>(viewsRequest)) ?? [];
    return views.map((view) => ({ kind: 'view', ...view }));
  }

  getParent(node: StateNode): StateNode | null {
    return node.kind === 'view' ? null : node.parent;
  }

  getTreeItem(node: StateNode): vscode.TreeItem {
    return node.kind === 'view' ? viewItem(node) : lineItem(node.item, node.path);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

function viewItem({ title, message, lines }: StateNode & { kind: 'view' }): vscode.TreeItem {
  const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Expanded);
  item.id = title;
  item.description = message ?? (lines.length === 0 ? 'empty' : '');
  item.iconPath = new vscode.ThemeIcon('symbol-structure');
  item.contextValue = 'view';
  return item;
}

function lineItem(line: ViewItem, path: string): vscode.TreeItem {
  const { text, lines, writer, changed, place } = line;
  const state =
    lines.length === 0
      ? vscode.TreeItemCollapsibleState.None
      : changed || path.split('/').length < 5
        ? vscode.TreeItemCollapsibleState.Expanded
        : vscode.TreeItemCollapsibleState.Collapsed;
  const item = new vscode.TreeItem(text, state);
  item.id = path;
  const notes = [changed ? 'changed' : '', writer === null ? '' : `step ${writer}`].filter(
    (note) => note !== '',
  );
  item.description = notes.join(' · ');
  item.tooltip = writer === null ? text : `${text}\nwritten last by step ${writer}`;
  item.contextValue = writer === null ? 'line' : 'written';
  if (changed)
    item.iconPath = new vscode.ThemeIcon(
      'circle-filled',
      new vscode.ThemeColor('lockstep.changedForeground'),
    );
  item.accessibilityInformation = {
    label: [
      text,
      changed ? 'changed by the last step' : '',
      writer === null ? '' : `written by step ${writer}`,
    ]
      .filter((part) => part !== '')
      .join(', '),
  };
  if (place !== null) item.command = reveal(place);
  return item;
}

/** What a line is about, without its values, so that the tree keeps open what is open. */
function keyOf({ text }: ViewItem, index: number): string {
  const head = /^[^:]*?(?=:| \d|$)/.exec(text)?.[0] ?? text;
  return `${head.replaceAll('/', ' ')}#${index}`;
}
