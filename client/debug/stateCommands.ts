/** The machine state as text, and any line of it by typing a part: the way of a walk, an entry, a slot of a TLB. */

import * as vscode from 'vscode';
import type { ViewItem } from './protocol.ts';
import type { StateNode, StateTree } from './stateTree.ts';

/** Of a line with what is below it, or of everything. */
export async function copyState(tree: StateTree, node: StateNode | null): Promise<string> {
  const nodes = node === null ? await tree.getChildren() : [node];
  const text = nodes
    .flatMap((one) => (one.kind === 'view' ? [one.title, ...linesOf(one.lines, 1)] : linesOf([one.item], 0)))
    .map((line) => `${line}\n`)
    .join('');
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage('Lockstep: the machine state is on the clipboard', 5000);
  return text;
}

/** Asks for a line and shows it in the tree; answers whether one was chosen. */
export async function findInState(tree: StateTree, view: vscode.TreeView<StateNode>): Promise<boolean> {
  const items = (await everyNode(tree, await tree.getChildren(), '')).map(({ node, path }) => ({
    label: node.kind === 'view' ? node.title : node.item.text,
    description: path,
    node,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: 'A line of the machine state, by a part of it or of the way there',
    matchOnDescription: true,
  });
  if (chosen === undefined) return false;
  await view.reveal(chosen.node, { select: true, focus: true, expand: true });
  return true;
}

interface Found {
  readonly node: StateNode;
  /** `Walks › CPU 0`. */
  readonly path: string;
}

async function everyNode(tree: StateTree, nodes: readonly StateNode[], path: string): Promise<Found[]> {
  const found: Found[] = [];
  for (const node of nodes) {
    found.push({ node, path });
    const name = node.kind === 'view' ? node.title : node.item.text;
    const below = path === '' ? name : `${path} › ${name}`;
    found.push(...(await everyNode(tree, await tree.getChildren(node), below)));
  }
  return found;
}

function linesOf(lines: readonly ViewItem[], depth: number): string[] {
  return lines.flatMap(({ text, lines: inner }) => [
    `${'  '.repeat(depth)}${text}`,
    ...linesOf(inner, depth + 1),
  ]);
}
