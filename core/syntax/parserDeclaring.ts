import type { Declarator, Expression, Name, Span, TypeExpr, VariableItem } from './ast.ts';
import { parseConditional } from './parserExpressions.ts';
import type { Parser } from './parserState.ts';

/**
 * The kernel's macros that declare a variable: `LIST_HEAD(list)`, `DEFINE_MUTEX(lock)`,
 * `DECLARE_BITMAP(bits, 512)`. Macros of the language work on expressions and statements, so these
 * few are read here as the declarations they stand for (include/linux/{types,list,spinlock,…}.h).
 */
const declaringMacros: ReadonlyMap<
  string,
  { readonly type: string; readonly isStruct: boolean; readonly isBitmap?: boolean; readonly init?: string }
> = new Map([
  ['LIST_HEAD', { type: 'list_head', isStruct: true, init: 'LIST_HEAD_INIT' }],
  ['DEFINE_SPINLOCK', { type: 'spinlock_t', isStruct: false }],
  ['DEFINE_RAW_SPINLOCK', { type: 'raw_spinlock_t', isStruct: false }],
  ['DEFINE_RWLOCK', { type: 'rwlock_t', isStruct: false }],
  ['DEFINE_MUTEX', { type: 'mutex', isStruct: true }],
  ['DECLARE_RWSEM', { type: 'rw_semaphore', isStruct: true }],
  ['DEFINE_SRCU', { type: 'srcu_struct', isStruct: true }],
  ['DEFINE_STATIC_SRCU', { type: 'srcu_struct', isStruct: true }],
  ['DECLARE_BITMAP', { type: 'unsigned long', isStruct: false, isBitmap: true }],
]);

/** Such a macro stands at the cursor, or behind `static` there. */
export function startsDeclaringMacro(p: Parser): boolean {
  const at = p.at('static') ? 1 : 0;
  return (
    p.at('identifier', at) &&
    p.at('(', at + 1) &&
    p.at('identifier', at + 2) &&
    declaringMacros.has(p.word(at))
  );
}

/** The declaration without its `;`. */
export function parseDeclaringMacro(p: Parser, first: number): VariableItem {
  const isStatic = p.eat('static');
  const declarator = parseDeclared(p);
  return {
    ...p.span(first),
    kind: 'variable',
    ghost: false,
    isStatic,
    isConst: false,
    isExtern: false,
    declarators: [declarator],
  };
}

export function parseDeclared(p: Parser): Declarator {
  const first = p.index;
  const macro = declaringMacros.get(p.word());
  p.advance();
  const word = p.span(first);
  const open = p.index;
  p.advance();
  const name = p.name('the name of what is declared');
  let type = typeOf(word, macro?.type ?? 'int', macro?.isStruct ?? false);
  if (macro?.isBitmap && p.expect(',', 'and the number of bits'))
    type = { ...word, kind: 'array', of: type, length: wordsFor(parseConditional(p)) };
  p.expect(')', `to close the declaration of ${name.text}`);
  p.node('args', open);
  p.node('declarator', first);
  return {
    ...p.span(first),
    name,
    type,
    annotations: [],
    init: macro?.init === undefined ? null : initialiser(word, macro.init, name),
    range: null,
  };
}

function typeOf(word: Span, name: string, isStruct: boolean): TypeExpr {
  if (!isStruct) return { ...word, kind: 'named', name };
  return { ...word, kind: 'tag', tag: 'struct', name: madeUp(word, name), fields: null, enumerators: null };
}

function initialiser(word: Span, macro: string, name: Name): Expression {
  const callee = madeUp(word, macro);
  return {
    ...word,
    kind: 'call',
    callee: { start: callee.start, end: callee.end, kind: 'name', name: callee },
    args: [{ start: name.start, end: name.end, kind: 'name', name }],
  };
}

/** A name that the text does not have: it takes no place, so that nothing is renamed or coloured there. */
function madeUp(word: Span, text: string): Name {
  return { start: word.end, end: word.end, text };
}

/** The longs that hold so many bits. */
function wordsFor(bits: Expression): Expression {
  const span = { start: bits.start, end: bits.end };
  const number = (value: bigint): Expression => ({ ...span, kind: 'number', value, suffix: '' });
  const rounded: Expression = { ...span, kind: 'binary', operator: '+', left: bits, right: number(63n) };
  return { ...span, kind: 'binary', operator: '/', left: rounded, right: number(64n) };
}
