import type { TokenKind } from './tokens.ts';
import { flag } from './tokens.ts';
import type { Parser } from './parserState.ts';
import { baseTypeNames, droppedCalls, droppedWords, leadingAnnotations } from './words.ts';

/**
 * The decisions that C leaves to a symbol table, taken by shape: what begins a type, a declaration,
 * or an item whose first word is an ordinary identifier elsewhere. Nothing here takes a token,
 * except `dropWords`.
 */

const typeKeywords: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'void',
  'bool',
  'char',
  'short',
  'int',
  'long',
  'signed',
  'unsigned',
  'float',
  'double',
  'struct',
  'union',
  'enum',
  'const',
  'volatile',
  'typeof',
]);

const storageKeywords: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'static',
  'extern',
  'inline',
  'register',
  'restrict',
]);

export function isTypeKeyword(kind: TokenKind): boolean {
  return typeKeywords.has(kind);
}

export function isKnownType(p: Parser, word: string): boolean {
  return baseTypeNames.has(word) || (word.length > 2 && word.endsWith('_t')) || p.isDeclaredType(word);
}

/** The token begins a type for certain: a keyword of types, or a name known as a type. */
export function startsType(p: Parser, ahead: number): boolean {
  const kind = p.kind(ahead);
  return kind === 'identifier' ? isKnownType(p, p.word(ahead)) : typeKeywords.has(kind);
}

/** Takes one word that kernel declarations carry and that means nothing here. */
export function dropWords(p: Parser): boolean {
  if (!p.at('identifier')) return false;
  const word = p.word();
  if (droppedCalls.has(word) && p.at('(', 1)) {
    const first = p.index;
    p.advance();
    let depth = 0;
    while (!p.atEnd() && !p.at(';') && !p.at('{') && !p.at('}')) {
      if (p.at('(')) depth++;
      else if (p.at(')')) depth--;
      p.advance();
      if (depth === 0) break;
    }
    p.node('attribute', first);
    return true;
  }
  if (!droppedWords.has(word)) return false;
  // A word without underscores may be a name of the program's own.
  if (
    !word.startsWith('__') &&
    !p.at('identifier', 1) &&
    !p.at('*', 1) &&
    !typeKeywords.has(p.kind(1)) &&
    !storageKeywords.has(p.kind(1))
  )
    return false;
  p.advance();
  return true;
}

/** `__attribute__((…))` or `__must_hold(l)` before a declaration. */
export function startsAttribute(p: Parser): boolean {
  const word = p.word();
  return p.at('(', 1) && (droppedCalls.has(word) || leadingAnnotations.has(word));
}

/** The index ahead of the first token after stars and qualifiers; `stars` counts the stars. */
function afterStars(p: Parser, ahead: number): { readonly ahead: number; readonly stars: number } {
  let at = ahead;
  let stars = 0;
  for (; at < ahead + 40; at++) {
    const kind = p.kind(at);
    if (kind === '*') stars++;
    else if (
      kind !== 'const' &&
      kind !== 'volatile' &&
      kind !== 'restrict' &&
      !(kind === 'identifier' && stars > 0 && droppedWords.has(p.word(at)))
    )
      break;
  }
  return { ahead: at, stars };
}

/** At `(`: the parenthesis holds a type, as in a cast. */
export function isTypeInParens(p: Parser): boolean {
  const kind = p.kind(1);
  if (typeKeywords.has(kind)) return true;
  if (kind !== 'identifier') return false;
  const word = p.word(1);
  if (droppedWords.has(word) && p.at('identifier', 2)) return true;
  const after = afterStars(p, 2);
  const end = p.kind(after.ahead);
  if (after.stars > 0 && end === ')') return true;
  if (!isKnownType(p, word)) {
    // `(name) x` on one line can only be a cast.
    if (after.stars > 0 || end !== ')' || p.onNewLine(3)) return false;
    return p.at('number', 3) || (p.at('identifier', 3) && !isInfixWord(p, 3));
  }
  return end === ')' || end === '[' || (end === '(' && p.at('*', after.ahead + 1));
}

/** An argument that is a type and cannot be an expression; a plain name is an expression. */
export function isTypeArgument(p: Parser): boolean {
  const kind = p.kind();
  if (typeKeywords.has(kind)) return true;
  if (kind !== 'identifier') return false;
  const after = afterStars(p, 1);
  return after.stars > 0 && (p.at(',', after.ahead) || p.at(')', after.ahead));
}

/** `implies` or `in {` between operands. */
export function isInfixWord(p: Parser, ahead: number): boolean {
  return p.atWord('implies', ahead) || (p.atWord('in', ahead) && p.at('{', ahead + 1));
}

/** A statement that declares something begins here. */
export function startsDeclaration(p: Parser): boolean {
  const kind = p.kind();
  if (kind !== 'identifier') return typeKeywords.has(kind) || storageKeywords.has(kind);
  const word = p.word();
  const next = p.kind(1);
  if (next === 'identifier') {
    if (p.atWord('implies', 1) || p.atWord('in', 1)) return endsDeclarator(p.kind(2));
    if (droppedWords.has(word) || isKnownType(p, word)) return true;
    // A name alone on its line is an unfinished statement rather than the type of the next line's name.
    return !p.onNewLine(1);
  }
  if (next === '*') {
    const after = afterStars(p, 1);
    if (!p.at('identifier', after.ahead)) return false;
    if (isKnownType(p, word)) return true;
    return (
      endsDeclarator(p.kind(after.ahead + 1)) ||
      (p.at('identifier', after.ahead + 1) && p.word(after.ahead + 1).startsWith('__'))
    );
  }
  if (next === '(') return p.at('*', 2) && isKnownType(p, word);
  if (droppedCalls.has(word)) return false;
  return (typeKeywords.has(next) || storageKeywords.has(next)) && (droppedWords.has(word) || !p.onNewLine(1));
}

export function endsDeclarator(kind: TokenKind): boolean {
  return kind === '=' || kind === ';' || kind === ',' || kind === '[' || kind === ')' || kind === ':';
}

/** `all (int i : …)`; shapes that C cannot have. */
export function startsQuantifier(p: Parser): boolean {
  if (!p.at('(', 1) || !(p.atWord('all') || p.atWord('any') || p.atWord('count'))) return false;
  for (let at = 2; at < 10; at++) {
    const kind = p.kind(at);
    if (kind === ':') return at > 2;
    if (kind !== 'identifier' && kind !== '*' && !typeKeywords.has(kind)) return false;
  }
  return false;
}

export type ContextItem =
  | 'scenario'
  | 'import'
  | 'profile'
  | 'option'
  | 'machine'
  | 'setting'
  | 'when'
  | 'pool'
  | 'ghost'
  | 'lock_type'
  | 'vcpu_state'
  | 'event'
  | 'primitive'
  | 'override'
  | 'init'
  | 'view'
  | 'actor'
  | 'before'
  | 'after'
  | 'at'
  | 'on'
  | 'property'
  | 'expect'
  | 'schedule'
  | 'check'
  | 'lock_order';

/** The kind of item that begins here with a word that is an ordinary identifier elsewhere, or null. */
export function contextItem(p: Parser): ContextItem | null {
  if (!p.at('identifier')) return null;
  const word = p.word();
  const next = p.kind(1);
  const found = contextItemOf(p, word, next);
  // A typedef of the file wins over the word.
  return found !== null && !p.isDeclaredType(word) ? found : null;
}

function contextItemOf(p: Parser, word: string, next: TokenKind): ContextItem | null {
  const named = next === 'identifier';
  switch (word) {
    case 'scenario':
    case 'import':
    case 'profile':
      return named || next === 'string' || next === ';' || next === '<' || next === 'eof' || p.onNewLine(1)
        ? word
        : null;
    case 'option':
      return named || next === '=' ? word : null;
    case 'setting':
      return named ? word : null;
    case 'machine':
    case 'init':
      return next === '{' ? word : null;
    case 'when':
      return next === '(' || (named && !endsDeclarator(p.kind(2)) && !p.at('(', 2)) ? word : null;
    case 'pool':
    case 'ghost':
    case 'lock_type':
    case 'vcpu_state':
      return named || typeKeywords.has(next) ? word : null;
    case 'primitive':
    case 'override':
      return named || typeKeywords.has(next) || storageKeywords.has(next) ? word : null;
    case 'event':
      return named && (p.at('(', 2) || p.at(';', 2) || p.at('eof', 2) || p.onNewLine(2)) ? word : null;
    case 'vcpu':
    case 'task':
    case 'irq':
    case 'softirq':
      return isNameMissing(p, next) || (named && !isActorExcluded(p.kind(2))) ? 'actor' : null;
    case 'before':
    case 'after':
      return named || isNameMissing(p, next) ? word : null;
    case 'at':
      return p.atWord('release', 1) ? word : null;
    case 'on':
      return (named && p.at('(', 2)) || isNameMissing(p, next) ? word : null;
    case 'invariant':
    case 'finally':
    case 'reachable':
      return named || next === ':' ? 'property' : null;
    case 'expect':
      return named || next === ';' ? word : null;
    case 'check':
      return named ? word : null;
    case 'view':
      return next === 'string' ? word : null;
    case 'schedule':
      return next === 'string' || next === '{' ? word : null;
    case 'lock_order':
      return named || next === '&' || next === '*' || next === ';' ? word : null;
    default:
      return null;
  }
}

/** A word under work, with its block or nothing behind it. */
function isNameMissing(p: Parser, next: TokenKind): boolean {
  return next === '{' || next === 'eof' || (next !== 'identifier' && p.onNewLine(1));
}

/** What follows the name of a variable or function, and never the name of an actor. */
function isActorExcluded(kind: TokenKind): boolean {
  return kind === ';' || kind === '=' || kind === ',' || kind === '(' || kind === ')';
}

/**
 * In a file with an unclosed brace: a token at the left margin that begins an item. The brace
 * that is missing is then blamed on the item before, instead of on the end of the file.
 */
export function startsItemAtColumnZero(p: Parser): boolean {
  if ((p.flags(0) & flag.columnZero) === 0) return false;
  const kind = p.kind();
  const looks =
    kind === 'define' ||
    kind === 'typedef' ||
    contextItem(p) !== null ||
    (!p.at(':', 1) && startsDeclaration(p));
  return looks && p.braceIsOpen();
}
