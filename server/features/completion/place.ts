/** What may stand at the mark. */

import type { PathStep } from '../../../core/semantics/cursor.ts';
import type { Expression, InitializerList, Statement } from '../../../core/syntax/ast.ts';
import { type Marked, mark } from './mark.ts';

export type Place =
  /** Where a top-level item begins; `inWhen`: inside the braces of a `when`. */
  | { readonly kind: 'item'; readonly inWhen: boolean }
  | { readonly kind: 'statement' }
  | { readonly kind: 'expression' }
  | { readonly kind: 'member'; readonly of: Expression & { readonly kind: 'member' } }
  | { readonly kind: 'designator'; readonly list: InitializerList }
  | { readonly kind: 'type' }
  | { readonly kind: 'field' }
  | { readonly kind: 'tag'; readonly tag: 'struct' | 'union' | 'enum' }
  | { readonly kind: 'label' }
  | { readonly kind: 'annotation'; readonly on: 'function' | 'variable' | 'field' }
  | { readonly kind: 'checks'; readonly codesOnly: boolean }
  | { readonly kind: 'setting' }
  | { readonly kind: 'lock-type-entry' }
  | { readonly kind: 'actor' }
  | { readonly kind: 'schedule-until' }
  | { readonly kind: 'function' }
  | { readonly kind: 'event' }
  /** Only these words. */
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'nothing' };

const nothing: Place = { kind: 'nothing' };

export function placeOf(marked: Marked): Place {
  const { placed, nodes, head } = marked;
  if (nodes.at(-1) === 'skipped' || nodes.at(-1) === 'file') {
    // Without its braces yet, a schedule is no item.
    const isHeader = marked.before(2) === 'schedule' && marked.before(1).startsWith('"');
    return isHeader ? { kind: 'words', words: ['when'] } : { kind: 'item', inWhen: nodes.includes('when') };
  }
  if (placed === null) return nothing;
  if (head.length === 0) return { kind: 'item', inWhen: false };
  if (head[0] === 'when' && afterItemStart(head).length === 0) return { kind: 'item', inWhen: true };
  const before = marked.before(1);
  if (before === '.' || before === '->' || isMarkedMember(marked.path)) return memberPlace(marked);
  if (before === 'struct' || before === 'union' || before === 'enum') return { kind: 'tag', tag: before };
  return wordPlace(marked) ?? treePlace(marked);
}

// ---------------------------------------------------------------- by the words before

/** Items whose words come in a fixed order. */
function wordPlace(marked: Marked): Place | null {
  const { nodes, head } = marked;
  const before = marked.before(1);
  // Items inside a `when` begin anew.
  const item = itemKind(nodes);
  const words = item === 'when' ? head : afterItemStart(head);
  const [first = ''] = words;
  switch (item) {
    case 'expect':
      return expectPlace(words, before, nodes);
    case 'check':
      return words.length === 1
        ? { kind: 'checks', codesOnly: false }
        : { kind: 'words', words: words.length === 2 ? ['error', 'warning', 'off'] : [] };
    case 'machine':
      return before === '{' || before === ';' ? { kind: 'setting' } : null;
    case 'lock-type':
      if (before === '{' || before === ';') return { kind: 'lock-type-entry' };
      if (before !== '=') return null;
      return /^wait_type(_outer)?$/.test(marked.before(2))
        ? { kind: 'words', words: ['free', 'spin', 'config', 'sleep'] }
        : { kind: 'expression' };
    case 'schedule':
      return schedulePlace(words, before);
    case 'actor':
      return actorPlace(words, before, nodes);
    case 'property':
      return words.length === 2 ? { kind: 'words', words: ['unless'] } : words.length === 1 ? nothing : null;
    case 'hook':
      if (words.length === 1)
        return first === 'at'
          ? { kind: 'words', words: ['release'] }
          : first === 'on'
            ? { kind: 'event' }
            : { kind: 'function' };
      if (first === 'after' && before === ')' && !words.includes('returns'))
        return { kind: 'words', words: ['returns'] };
      return null;
    case 'pool':
      if (before === ']') return { kind: 'words', words: ['reuse', 'at'] };
      return words.length === 1 ? { kind: 'type' } : null;
    case 'setting':
      return words.length === 1 ? nothing : null;
    case 'option':
    case 'scenario':
    case 'import':
    case 'profile':
    case 'event':
      return words.length === 1 || item !== 'event' ? nothing : null;
    case 'vcpu-state':
      return words.length === 1 ? { kind: 'type' } : null;
    default:
      if (words.length === 1 && first === 'on') return { kind: 'event' };
      if (words.length === 1 && (first === 'before' || first === 'after')) return { kind: 'function' };
      if (words.length === 1 && first === 'at') return { kind: 'words', words: ['release'] };
      if (words.length === 1 && (first === 'override' || first === 'primitive' || first === 'ghost'))
        return { kind: 'type' };
      return before === 'goto' ? { kind: 'label' } : before === 'emit' ? { kind: 'event' } : null;
  }
}

const items: ReadonlySet<string> = new Set([
  'scenario',
  'import',
  'profile',
  'option',
  'machine',
  'setting',
  'when',
  'pool',
  'variable',
  'type-item',
  'typedef',
  'function',
  'macro',
  'lock-type',
  'vcpu-state',
  'event',
  'init',
  'actor',
  'hook',
  'property',
  'expect',
  'schedule',
  'check',
  'lock-order',
]);

function itemKind(nodes: Marked['nodes']): string {
  return nodes.findLast((kind) => items.has(kind)) ?? '';
}

/** The words of the innermost item of a `when`: those behind its brace or the last item's end. */
function afterItemStart(head: readonly string[]): readonly string[] {
  if (head[0] !== 'when') return head;
  let depth = 0;
  for (let index = head.length - 1; index > 0; index--) {
    const word = head[index] ?? '';
    if (word === '}' || word === ')' || word === ']') depth++;
    if (word === '(' || word === '[') depth--;
    if (word === '{' && --depth < 0) return head.slice(index + 1);
    if (depth === 0 && word === ';') return head.slice(index + 1);
    if (depth === 1 && word === '}' && index === head.length - 1) return [];
  }
  return head;
}

function expectPlace(words: readonly string[], before: string, nodes: Marked['nodes']): Place | null {
  const when = words.indexOf('when');
  if (when >= 0) return nodes.at(-1) === 'expect' && before !== 'when' ? nothing : null;
  if (words.length === 1) return { kind: 'words', words: ['fails', 'passes', 'finds'] };
  if (before === 'passes') return { kind: 'words', words: ['when'] };
  const codesOnly = words[1] === 'finds';
  if (before === 'not') return { kind: 'words', words: ['reachable'] };
  if (['fails', 'finds', 'only', ','].includes(before)) return { kind: 'checks', codesOnly };
  return { kind: 'words', words: codesOnly && before !== 'reachable' ? ['when', 'not reachable'] : ['when'] };
}

function schedulePlace(words: readonly string[], before: string): Place | null {
  const open = words.indexOf('{');
  if (open < 0)
    return words.length === 2 ? { kind: 'words', words: ['when'] } : words.length < 2 ? nothing : null;
  if (before === '{' || before === ';') return { kind: 'actor' };
  if (before === 'until') return { kind: 'schedule-until' };
  if (before === 'load' || before === 'store') return { kind: 'words', words: ['of'] };
  const move = words.slice(Math.max(words.lastIndexOf('{'), words.lastIndexOf(';')) + 1);
  if (move.includes('of') || before === '[' || before === '(') return null;
  const rest = ['until', 'choosing'].filter((word) => !move.includes(word));
  return { kind: 'words', words: before === ']' || move.length === 1 ? rest : rest.slice(-1) };
}

function actorPlace(words: readonly string[], before: string, nodes: Marked['nodes']): Place | null {
  if (words.includes('{'))
    return before === 'goto' ? { kind: 'label' } : before === 'emit' ? { kind: 'event' } : null;
  if (words.length === 1) return nothing;
  if (before === 'on') return { kind: 'words', words: ['cpu'] };
  if (nodes.at(-1) !== 'actor') return null;
  const rest = ['on cpu', 'times', 'daemon', 'no_thread'].filter(
    (word) => !words.includes(word.split(' ')[0] ?? ''),
  );
  const isInterrupt = words[0] === 'irq' || words[0] === 'softirq';
  return {
    kind: 'words',
    words: rest.filter(
      (word) => (isInterrupt || word !== 'times') && (words[0] === 'irq' || word !== 'no_thread'),
    ),
  };
}

// ---------------------------------------------------------------- by the tree

function isMarkedMember(path: readonly PathStep[]): boolean {
  return path.at(-1)?.field === 'name' && memberOf(path) !== null;
}

function memberOf(path: readonly PathStep[]): (Expression & { readonly kind: 'member' }) | null {
  const node = path.at(-2)?.node as Expression | undefined;
  return node?.kind === 'member' ? node : null;
}

function memberPlace({ path }: Marked): Place {
  const of = memberOf(path);
  if (of !== null) return { kind: 'member', of };
  const list = path.findLast(({ node }) => 'kind' in node && node.kind === 'list')?.node as
    | InitializerList
    | undefined;
  return list === undefined ? nothing : { kind: 'designator', list };
}

function treePlace(marked: Marked): Place {
  const { path, nodes } = marked;
  const leaf = path.at(-1);
  const parent = path.at(-2);
  const before = marked.before(1);
  const on = annotated(nodes);
  if (leaf === undefined) return nothing;
  if ('kind' in leaf.node && leaf.node.kind === 'named') {
    if (startsStatement(path, before)) return { kind: 'statement' };
    if (
      parent !== undefined &&
      leaf.field === 'type' &&
      'kind' in parent.node &&
      parent.node.kind === 'field'
    )
      return { kind: 'field' };
    return { kind: 'type' };
  }
  const isName = 'text' in leaf.node && leaf.node.text === mark;
  if (!isName) {
    if (on !== null && !'{;}'.includes(before)) return { kind: 'annotation', on };
    return startsStatement(path, before) ? { kind: 'statement' } : nothing;
  }
  const node = parent?.node as Expression | Statement | undefined;
  if (node?.kind === 'name') {
    const statement = path.at(-3)?.node as Statement | undefined;
    const isStatement = statement?.kind === 'expression' && statementWords.has(before);
    return { kind: isStatement ? 'statement' : 'expression' };
  }
  if (node?.kind === 'goto') return { kind: 'label' };
  // `f(x) name` where an annotation begins is read as another declarator's name.
  return nothing;
}

/** What stands before the first word of a statement. */
const statementWords: ReadonlySet<string> = new Set(['{', '}', ';', ')', ':', 'else', 'do']);

function startsStatement(path: readonly PathStep[], before: string): boolean {
  const block = path.findLastIndex(({ node }) => 'kind' in node && node.kind === 'block');
  return block >= 0 && path.length - block <= 4 && statementWords.has(before);
}

/** What an annotation here would speak of. */
function annotated(nodes: Marked['nodes']): 'function' | 'variable' | 'field' | null {
  const last = nodes.at(-1);
  if (last === 'function') return 'function';
  if (last === 'field' || last === 'tag-type') return 'field';
  if (last === 'variable' || (last === 'declarator' && !nodes.includes('params')))
    return nodes.includes('function') ? 'function' : 'variable';
  return null;
}
