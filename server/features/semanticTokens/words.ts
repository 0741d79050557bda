/** Tokens of words that the syntax alone gives a meaning: those that are ordinary names elsewhere. */

import { isIntrinsic } from '../../../core/semantics/intrinsics.ts';
import { type GreenElement, isToken, type NodeKind } from '../../../core/syntax/green.ts';
import { baseTypeNames, droppedCalls, droppedWords } from '../../../core/syntax/words.ts';
import { type Token, tokenOf } from './legend.ts';

/** The words of the language by the part of the tree that they stand in. */
export const languageWords: Partial<Readonly<Record<NodeKind, readonly string[]>>> = {
  scenario: ['scenario'],
  import: ['import'],
  profile: ['profile'],
  option: ['option'],
  machine: ['machine'],
  setting: ['setting', 'in'],
  when: ['when'],
  'field-when': ['when'],
  pool: ['pool', 'reuse', 'at', 'stride'],
  variable: ['ghost', 'in'],
  field: ['ghost', 'in'],
  function: ['primitive', 'override'],
  'lock-type': ['lock_type'],
  'vcpu-state': ['vcpu_state'],
  event: ['event'],
  init: ['init'],
  view: ['view'],
  actor: ['vcpu', 'task', 'irq', 'softirq', 'on', 'cpu', 'times', 'daemon', 'no_thread'],
  hook: ['before', 'after', 'at', 'release', 'on', 'returns'],
  property: ['invariant', 'finally', 'reachable', 'unless'],
  expect: ['expect', 'fails', 'passes', 'finds', 'only', 'not', 'reachable', 'when'],
  schedule: ['schedule', 'when'],
  move: ['until', 'load', 'store', 'of', 'step', 'steps', 'choosing'],
  check: ['check', 'error', 'warning', 'off'],
  'lock-order': ['lock_order'],
  atomic: ['atomic'],
  ghost: ['ghost'],
  guest: ['guest'],
  either: ['either', 'or'],
  step: ['step'],
  emit: ['emit'],
  choose: ['choose'],
  quantifier: ['all', 'any', 'count'],
  old: ['old'],
  binary: ['implies'],
  in: ['in'],
};

const known = new WeakMap<GreenElement, readonly Token[]>();

/** Of an element of the tree, by offsets from its beginning, in order. A name may be among them that means something else. */
export function tokensOfWords(root: GreenElement): readonly Token[] {
  let tokens = known.get(root);
  if (tokens === undefined) {
    const found: Token[] = [];
    gather(root, found);
    tokens = found;
    known.set(root, tokens);
  }
  return tokens;
}

function gather(root: GreenElement, found: Token[]): void {
  const pending: { readonly element: GreenElement; readonly parent: NodeKind; readonly isFirst: boolean }[] =
    [{ element: root, parent: 'file', isFirst: false }];
  let at = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { element, parent, isFirst } = next;
    if (isToken(element)) {
      const token = element.kind === 'identifier' ? wordToken(element.text, parent, isFirst) : null;
      if (token !== null) found.push(token({ start: at + element.trivia.length, end: at + element.width }));
      at += element.width;
      continue;
    }
    const { children, kind } = element;
    for (let index = children.length - 1; index >= 0; index--) {
      const child = children[index];
      if (child !== undefined) pending.push({ element: child, parent: kind, isFirst: index === 0 });
    }
  }
}

/** Declared by nobody, and known everywhere. */
const predefined: ReadonlySet<string> = new Set(['memory_model', 'profile']);

function wordToken(
  text: string,
  parent: NodeKind,
  isFirst: boolean,
): ((span: { readonly start: number; readonly end: number }) => Token) | null {
  if (languageWords[parent]?.includes(text)) return (span) => tokenOf(span, 'keyword');
  if (parent === 'annotation') return isFirst ? (span) => tokenOf(span, 'decorator') : null;
  if (parent === 'name') {
    if (isIntrinsic(text)) return (span) => tokenOf(span, 'primitive', ['defaultLibrary']);
    if (text === 'NR_VCPUS') return (span) => tokenOf(span, 'variable', ['readonly', 'defaultLibrary']);
    if (predefined.has(text)) return (span) => tokenOf(span, 'option', ['readonly', 'defaultLibrary']);
    return null;
  }
  if (baseTypeNames.has(text)) return (span) => tokenOf(span, 'type', ['defaultLibrary']);
  if (droppedWords.has(text) || droppedCalls.has(text)) return (span) => tokenOf(span, 'modifier');
  return null;
}
