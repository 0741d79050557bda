/** Looking at every node of a piece of syntax. */

import type { Expression, Item, Statement } from '../syntax/ast.ts';

export type SyntaxNode = Item | Statement | Expression;

/**
 * Calls `visit` for the item and every item, statement and expression inside it, outer ones first. Other
 * records (names, types, declarators) are passed through without a visit.
 */
export function eachSyntax(root: Item, visit: (node: SyntaxNode) => void): void {
  const work: unknown[] = [root];
  while (work.length > 0) {
    const next = work.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (Array.isArray(next)) {
      for (let i = next.length - 1; i >= 0; i--) work.push(next[i]);
      continue;
    }
    if (isVisited(next)) visit(next);
    const children = Object.values(next);
    for (let i = children.length - 1; i >= 0; i--)
      if (typeof children[i] === 'object') work.push(children[i]);
  }
}

/** Kinds of records that are no nodes of their own. */
const passedThrough: ReadonlySet<string> = new Set([
  'list',
  'field',
  'named',
  'tag',
  'pointer',
  'array',
  'range',
  'each',
  'end',
  'load',
  'store',
  'steps',
  'error',
  'statement',
  'loop-head',
]);

function isVisited(node: object): node is SyntaxNode {
  return 'kind' in node && typeof node.kind === 'string' && !passedThrough.has(node.kind);
}
