import { kindAt, type TokenKind, type Tokens } from './tokens.ts';

/**
 * The lossless tree: every character of the text stands in exactly one token, in order, whatever
 * the text is. Widths, not offsets, so that an unchanged item keeps its tree when it moves.
 */

export interface GreenToken {
  readonly kind: TokenKind;
  /** Blanks, comments and preprocessor lines before the token. */
  readonly trivia: string;
  readonly text: string;
  /** Of trivia and text together. */
  readonly width: number;
}

export interface GreenNode {
  readonly kind: NodeKind;
  readonly width: number;
  readonly children: readonly GreenElement[];
}

export type GreenElement = GreenNode | GreenToken;

export type NodeKind =
  // file
  | 'file'
  | 'skipped'
  // items
  | 'scenario'
  | 'import'
  | 'profile'
  | 'option'
  | 'machine'
  | 'setting'
  | 'when'
  | 'pool'
  | 'variable'
  | 'type-item'
  | 'typedef'
  | 'function'
  | 'macro'
  | 'lock-type'
  | 'vcpu-state'
  | 'event'
  | 'init'
  | 'view'
  | 'actor'
  | 'hook'
  | 'property'
  | 'expect'
  | 'schedule'
  | 'check'
  | 'lock-order'
  // parts of items
  | 'specifiers'
  | 'declarator'
  | 'params'
  | 'param'
  | 'annotation'
  | 'initializer-list'
  | 'tag-type'
  | 'field'
  | 'field-when'
  | 'enumerator'
  | 'type-name'
  | 'move'
  | 'entry'
  | 'entries'
  | 'family'
  | 'names'
  | 'attribute'
  // statements
  | 'block'
  | 'expression-statement'
  | 'empty'
  | 'if'
  | 'while'
  | 'do'
  | 'for'
  | 'switch'
  | 'case'
  | 'label'
  | 'jump'
  | 'macro-loop'
  | 'atomic'
  | 'ghost'
  | 'either'
  | 'guest'
  | 'step'
  | 'emit'
  | 'error'
  // expressions
  | 'literal'
  | 'name'
  | 'unary'
  | 'postfix'
  | 'binary'
  | 'assign'
  | 'conditional'
  | 'call'
  | 'args'
  | 'index'
  | 'member'
  | 'cast'
  | 'paren'
  | 'compound-literal'
  | 'sizeof'
  | 'statement-expression'
  | 'comma'
  | 'choose'
  | 'quantifier'
  | 'in'
  | 'old';

export function isToken(element: GreenElement): element is GreenToken {
  return 'text' in element;
}

/** All text of a tree, in order. */
export function greenText(root: GreenElement): string {
  const parts: string[] = [];
  for (const token of greenTokens(root)) parts.push(token.trivia, token.text);
  return parts.join('');
}

export function greenTokens(root: GreenElement): GreenToken[] {
  const found: GreenToken[] = [];
  const pending: GreenElement[] = [root];
  for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
    if (isToken(element)) found.push(element);
    else
      for (let index = element.children.length - 1; index >= 0; index--)
        pending.push(element.children[index] as GreenElement);
  }
  return found;
}

/** The token that contains or begins at an offset, with the nodes around it, outermost first; offsets count from the tree's beginning. */
export function greenPath(
  root: GreenNode,
  offset: number,
): {
  readonly nodes: readonly { readonly node: GreenNode; readonly start: number }[];
  readonly token: GreenToken | null;
  readonly tokenStart: number;
} {
  const nodes: { node: GreenNode; start: number }[] = [];
  let node = root;
  let start = 0;
  for (;;) {
    nodes.push({ node, start });
    let child: GreenElement | undefined;
    let childStart = start;
    for (const candidate of node.children) {
      child = candidate;
      if (offset < childStart + candidate.width) break;
      if (candidate !== node.children[node.children.length - 1]) childStart += candidate.width;
    }
    if (child === undefined) return { nodes, token: null, tokenStart: start };
    if (isToken(child)) return { nodes, token: child, tokenStart: childStart + child.trivia.length };
    node = child;
    start = childStart;
  }
}

/** What the parser writes down about one item: its nodes, inner before outer, as ranges of tokens counted from its first. */
export interface NodeList {
  readonly kinds: readonly NodeKind[];
  readonly firsts: readonly number[];
  readonly lasts: readonly number[];
}

/** The elements for the tokens `first` to `last` (exclusive) with the nodes of `list` around them. */
export function buildGreen(tokens: Tokens, first: number, last: number, list: NodeList): GreenElement[] {
  const stack: { element: GreenElement; first: number; last: number }[] = [];

  const collect = (from: number, to: number): GreenElement[] => {
    let cut = stack.length;
    while (cut > 0 && (stack[cut - 1]?.first ?? -1) >= from) cut--;
    const inner = stack.splice(cut);
    const elements: GreenElement[] = [];
    let token = from;
    for (const child of inner) {
      while (token < child.first) elements.push(tokenAt(tokens, token++));
      elements.push(child.element);
      token = child.last;
    }
    while (token < to) elements.push(tokenAt(tokens, token++));
    return elements;
  };

  for (let index = 0; index < list.kinds.length; index++) {
    const from = first + (list.firsts[index] ?? 0);
    const to = first + (list.lasts[index] ?? 0);
    const children = collect(from, to);
    stack.push({
      element: { kind: list.kinds[index] ?? 'error', width: widthOf(tokens, from, to), children },
      first: from,
      last: to,
    });
  }
  return collect(first, last);
}

function tokenAt(tokens: Tokens, index: number): GreenToken {
  const from = index === 0 ? 0 : (tokens.ends[index - 1] ?? 0);
  const start = tokens.starts[index] ?? 0;
  const end = tokens.ends[index] ?? 0;
  return {
    kind: kindAt(tokens, index),
    trivia: tokens.text.slice(from, start),
    text: tokens.text.slice(start, end),
    width: end - from,
  };
}

function widthOf(tokens: Tokens, from: number, to: number): number {
  const start = from === 0 ? 0 : (tokens.ends[from - 1] ?? 0);
  return (tokens.ends[to - 1] ?? start) - start;
}
