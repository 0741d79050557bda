import type { NodeKind } from './green.ts';
import { lex } from './lexer.ts';
import type { TokenKind } from './tokens.ts';

/** A token with the node it stands in directly. */
export interface PlacedToken {
  readonly kind: TokenKind;
  readonly text: string;
  readonly parent: NodeKind;
  /** The first token of that node. */
  readonly isFirst: boolean;
}

/** Whether a blank stands between two tokens of one line; `keep`: as the author has it. */
export function spacing(before: PlacedToken, after: PlacedToken): 'none' | 'one' | 'keep' {
  const rule = rules(before, after);
  return rule === 'none' && wouldMerge(before, after) ? 'one' : rule;
}

function rules(before: PlacedToken, after: PlacedToken): 'none' | 'one' | 'keep' {
  if (before.kind === '{' && after.kind === '}') return 'keep';
  switch (after.kind) {
    case ',':
    case ')':
    case ']':
      return 'none';
    case ';':
      return 'none';
    case '..':
      return 'none';
    case '.':
    case '->':
      return after.parent === 'entry' && isListStart(before) ? 'one' : 'none';
    case '++':
    case '--':
      if (after.parent === 'postfix') return 'none';
      break;
    case ':':
      return spaceBeforeColon(before, after);
    case '[':
      return after.parent === 'entry' && isListStart(before) ? 'one' : 'none';
    case '(':
      return spaceBeforeParen(before, after);
    case '*':
      if (isStar(after)) return isStar(before) || before.kind === '(' ? 'none' : 'one';
      break;
    case '{':
      return before.kind === '(' || (before.kind === ')' && before.parent === 'compound-literal')
        ? 'none'
        : 'one';
    default:
      break;
  }
  switch (before.kind) {
    case '(':
    case '[':
    case '..':
    case '.':
    case '->':
      return 'none';
    case ')':
      return before.parent === 'cast' ? 'none' : 'one';
    case ':':
      return before.parent === 'field' ? 'keep' : 'one';
    default:
      return isStar(before) || isPrefix(before) ? 'none' : 'one';
  }
}

function isListStart(token: PlacedToken): boolean {
  return token.kind === '{' || token.kind === ',';
}

/** `*` of a declaration rather than of an expression. */
function isStar(token: PlacedToken): boolean {
  return (
    token.kind === '*' &&
    (token.parent === 'declarator' || token.parent === 'pool' || token.parent === 'vcpu-state')
  );
}

function isPrefix(token: PlacedToken): boolean {
  return token.parent === 'unary' && token.isFirst;
}

function spaceBeforeColon(before: PlacedToken, after: PlacedToken): 'none' | 'one' | 'keep' {
  switch (after.parent) {
    case 'conditional':
      return before.kind === '?' ? 'none' : 'one';
    case 'family':
    case 'quantifier':
      return 'one';
    case 'field':
      return 'keep';
    default:
      return 'none';
  }
}

const calledWords: ReadonlySet<string> = new Set(['release', 'cpu', 'typeof', '__typeof__', 'sizeof']);

function spaceBeforeParen(before: PlacedToken, after: PlacedToken): 'none' | 'one' {
  if (before.kind === '(' || before.kind === '[' || isPrefix(before) || isStar(before)) return 'none';
  switch (after.parent) {
    case 'args':
    case 'annotation':
    case 'attribute':
    case 'choose':
    case 'old':
    case 'sizeof':
      return 'none';
    case 'params':
      return before.parent === 'specifiers' ? 'one' : 'none';
    default:
      break;
  }
  if (before.kind === ')' && before.parent === 'cast') return 'none';
  return calledWords.has(before.text) ? 'none' : 'one';
}

const merges = new Map<string, boolean>();

/** Two tokens that would be read as others without a blank between them, as in `- -x`. */
function wouldMerge(before: PlacedToken, after: PlacedToken): boolean {
  const isWord = (kind: TokenKind): boolean =>
    kind === 'identifier' || kind === 'number' || /^[a-z]/.test(kind);
  if (isWord(before.kind) && isWord(after.kind)) return true;
  if (before.kind === 'number') return after.kind === '.' || after.kind === '...';
  if (isWord(before.kind) || isWord(after.kind)) return false;
  const key = `${before.kind} ${after.kind}`;
  const known = merges.get(key);
  if (known !== undefined) return known;
  const tokens = lex(before.text + after.text);
  const answer = tokens.count !== 3 || tokens.ends[0] !== before.text.length;
  merges.set(key, answer);
  return answer;
}
