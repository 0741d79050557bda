/** The order of locks: below each class those that are taken inside it, with where; what is against the rules is marked. */

import * as vscode from 'vscode';
import { reveal } from './places.ts';
import { type LockOrder, lockOrderRequest, type Place } from './protocol.ts';
import type { StepRun } from './run.ts';

export interface OrderNode {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: vscode.ThemeIcon;
  readonly place: Place | null;
  readonly children: readonly OrderNode[];
}

export class LockOrderTree implements vscode.TreeDataProvider<OrderNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly run: StepRun;
  private readonly subscription: vscode.Disposable;
  private shown: string | null = null;

  constructor(run: StepRun) {
    this.run = run;
    // The order is of the program: moves leave it alone.
    this.subscription = run.onDidChange((kept) => {
      const id = run.session?.id ?? null;
      if (id === this.shown && kept > 0) return;
      this.shown = id;
      this.changed.fire();
    });
  }

  async getChildren(node?: OrderNode): Promise<OrderNode[]> {
    if (node !== undefined) return [...node.children];
    return nodesOf((await this.run.ask<LockOrder>(lockOrderRequest)) ?? []);
  }

  getTreeItem({ id, label, description, icon, place, children }: OrderNode): vscode.TreeItem {
    const { Expanded, Collapsed, None } = vscode.TreeItemCollapsibleState;
    const state = children.length === 0 ? None : id.includes('/') ? Collapsed : Expanded;
    const item = new vscode.TreeItem(label, state);
    item.id = id;
    item.description = description;
    item.iconPath = icon;
    item.accessibilityInformation = { label: `${label}, ${description}` };
    if (place !== null) item.command = reveal(place);
    return item;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

function nodesOf(order: LockOrder): OrderNode[] {
  const byOuter = new Map<string, LockOrder[number][]>();
  for (const edge of order) byOuter.set(edge.outer, [...(byOuter.get(edge.outer) ?? []), edge]);
  return [...byOuter].map(([outer, edges]) => ({
    ...{ id: outer, label: outer, description: 'held outside', place: null },
    icon: new vscode.ThemeIcon('lock'),
    children: edges.map((edge) => innerNode(outer, edge)),
  }));
}

function innerNode(outer: string, { inner, taken, declared, broken }: LockOrder[number]): OrderNode {
  const id = `${outer}/${inner}`;
  const places = taken.map(({ who, place }, index): OrderNode => {
    const description = place === null ? '' : `${place.path.split('/').at(-1)}:${place.line}`;
    const label = who === '' ? 'taken' : `taken by ${who}`;
    return {
      id: `${id}/${index}`,
      label,
      description,
      icon: new vscode.ThemeIcon('arrow-right'),
      place,
      children: [],
    };
  });
  const notes = [broken ?? '', declared === null ? '' : 'declared'].filter((note) => note !== '');
  return {
    ...{ id, label: inner, description: notes.join(' · '), place: taken[0]?.place ?? declared },
    icon:
      broken === null
        ? new vscode.ThemeIcon('arrow-small-right')
        : new vscode.ThemeIcon('error', new vscode.ThemeColor('errorForeground')),
    children:
      declared === null
        ? places
        : [
            ...places,
            {
              ...{ id: `${id}/declared`, label: 'declared', description: `line ${declared.line}` },
              ...{ icon: new vscode.ThemeIcon('book'), place: declared, children: [] },
            },
          ],
  };
}
