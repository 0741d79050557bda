import type { Annotation, Expression, Name, Param, Span, TypeExpr } from './ast.ts';
import { parseConditional, parseExpression } from './parserExpressions.ts';
import { dropWords, isKnownType, startsType } from './parserLookahead.ts';
import type { Parser } from './parserState.ts';
import { parseTag } from './parserTags.ts';
import { isAnnotationWord, leadingAnnotations } from './words.ts';

/** What stands before the declarators: the type, and the words around it. */
export interface Specifiers {
  readonly type: TypeExpr;
  readonly first: number;
  readonly isStatic: boolean;
  readonly isExtern: boolean;
  readonly isConst: boolean;
  readonly annotations: readonly Annotation[];
}

/** A name with its type, and for a function the parameters that stand behind its name. */
export interface DeclaratorParts extends Span {
  readonly name: Name | null;
  readonly type: TypeExpr;
  readonly params: readonly Param[] | null;
  readonly returns: TypeExpr;
  /** `* const p` */
  readonly isConst: boolean;
}

/**
 * Reads specifiers in any order. The first identifier that is no specifier is the type, because the
 * callers know that a declaration begins here. Without a type: an error, and `int`.
 */
export function parseSpecifiers(
  p: Parser,
  what = 'a type',
  bodies: 'bodies' | 'no bodies' = 'bodies',
): Specifiers {
  const first = p.index;
  const annotations: Annotation[] = [];
  const words: string[] = [];
  let wordsFirst = first;
  let wordsEnd = 0;
  let type: TypeExpr | null = null;
  let isStatic = false;
  let isExtern = false;
  let isConst = false;

  for (;;) {
    const kind = p.kind();
    if (kind === 'static') isStatic = true;
    else if (kind === 'extern') isExtern = true;
    else if (kind === 'const') isConst = true;
    else if (kind === 'inline' || kind === 'volatile' || kind === 'register' || kind === 'restrict') {
      // Accepted and dropped.
    } else if (isBaseWord(kind)) {
      if (type !== null) break;
      if (words.length === 0) wordsFirst = p.index;
      words.push(kind);
      p.advance();
      wordsEnd = p.end();
      continue;
    } else if (kind === 'struct' || kind === 'union' || kind === 'enum') {
      if (type !== null || words.length > 0) break;
      type = parseTag(p, bodies);
      continue;
    } else if (kind === 'typeof') {
      if (type !== null || words.length > 0) break;
      type = parseTypeof(p);
      continue;
    } else if (kind === 'identifier') {
      const word = p.word();
      const hasType = type !== null || words.length > 0;
      if (dropWords(p)) continue;
      if (leadingAnnotations.has(word) && p.at('(', 1)) {
        annotations.push(parseAnnotation(p));
        continue;
      }
      if (hasType) {
        // `int __data_racy x`: a word before the name is an annotation.
        if (isAnnotationWord(word) && (p.at('identifier', 1) || p.at('*', 1))) {
          annotations.push(parseAnnotation(p));
          continue;
        }
        break;
      }
      if (p.at('(', 1) && !p.at('*', 2) && !isKnownType(p, word)) break;
      if (isAnnotationWord(word) && startsType(p, 1) && !isKnownType(p, word)) {
        annotations.push(parseAnnotation(p));
        continue;
      }
      p.advance();
      type = { ...p.span(p.index - 1), kind: 'named', name: word };
      continue;
    } else break;
    p.advance();
  }

  if (type === null && words.length > 0) {
    const span = { start: p.startOf(wordsFirst), end: wordsEnd };
    type = { ...span, kind: 'named', name: baseTypeName(p, words, span) };
  }
  if (type === null) {
    if (p.at('identifier') && p.at('(', 1))
      p.errorHere(`expected ${what}, found '${p.word()}(': a function needs its type before its name`);
    else p.expected(what);
    type = { ...p.span(p.index), kind: 'named', name: 'int' };
  }
  p.node('specifiers', first);
  return { type, first, isStatic, isExtern, isConst, annotations };
}

/** A type without a name, as in a cast or `sizeof`. */
export function parseTypeName(p: Parser): TypeExpr {
  const first = p.index;
  const specifiers = parseSpecifiers(p);
  const declarator = parseDeclarator(p, specifiers.type, 'none');
  p.node('type-name', first);
  return declarator.type;
}

type Step = (type: TypeExpr) => TypeExpr;

/** The steps that lead from the specifiers' type to the declared one, nearest to the name first. */
interface Steps {
  readonly name: Name | null;
  readonly steps: readonly Step[];
  /** The first step is a parameter list. */
  readonly params: readonly Param[] | null;
  readonly isConst: boolean;
}

export function parseDeclarator(
  p: Parser,
  base: TypeExpr,
  naming: 'required' | 'optional' | 'none',
  what = 'a name',
): DeclaratorParts {
  if (naming !== 'none' && p.at('identifier') && isPlain(p)) return plainDeclarator(p, base, what);
  const first = p.index;
  const parsed = parseSteps(p, base.start, naming, what);
  let type = base;
  let returns = base;
  for (let index = parsed.steps.length - 1; index >= 0; index--) {
    returns = type;
    type = parsed.steps[index]?.(type) ?? type;
  }
  p.node('declarator', first);
  return {
    ...p.span(first),
    name: parsed.name,
    type,
    params: parsed.params,
    returns: parsed.params === null ? type : returns,
    isConst: parsed.isConst,
  };
}

/** A name with nothing around it that changes the type, which is what most declarators are. */
function isPlain(p: Parser): boolean {
  const next = p.kind(1);
  return next === ';' || next === '=' || next === ',' || next === ')';
}

function plainDeclarator(p: Parser, type: TypeExpr, what: string): DeclaratorParts {
  const first = p.index;
  const name = p.name(what);
  p.node('declarator', first);
  return { start: name.start, end: name.end, name, type, params: null, returns: type, isConst: false };
}

function parseSteps(p: Parser, start: number, naming: 'required' | 'optional' | 'none', what: string): Steps {
  if (!p.enter()) {
    p.skipGroup();
    p.leave();
    return { name: naming === 'required' ? p.missingName() : null, steps: [], params: null, isConst: false };
  }
  const pointers: Step[] = [];
  let isConst = false;
  for (;;) {
    if (p.at('*')) {
      isConst = false;
      p.advance();
      const end = p.end();
      // A chain of stars is a nested type, so it counts as nesting.
      if (pointers.length < 32) pointers.unshift((to) => ({ kind: 'pointer', to, start, end }));
      else if (pointers.length === 32)
        p.errorHere('a type with more than 32 stars is nested too deeply', 'nesting-too-deep');
    } else if (p.at('const')) {
      isConst = true;
      p.advance();
    } else if (p.at('volatile') || p.at('restrict')) p.advance();
    else if (!dropWords(p)) break;
  }

  let name: Name | null = null;
  let inner: readonly Step[] = [];
  let innerParams: readonly Param[] | null = null;
  if (p.at('(') && isNested(p, naming)) {
    p.advance();
    const nested = parseSteps(p, start, naming, what);
    p.expect(')', 'to close the declarator');
    name = nested.name;
    inner = nested.steps;
    innerParams = nested.params;
  } else if (naming !== 'none' && p.at('identifier') && !(naming === 'optional' && isAnnotationAhead(p)))
    name = p.name(what);
  else if (naming === 'required') name = p.name(what);

  const suffixes: Step[] = [];
  let params = innerParams;
  for (let count = 0; ; count++) {
    if (p.at('[')) {
      p.advance();
      while (p.at('static') || p.at('const')) p.advance();
      const length = p.at(']') ? null : parseConditional(p);
      p.expect(']', 'after the array length');
      const end = p.end();
      if (count < 32) suffixes.push((of) => ({ kind: 'array', of, length, start, end }));
    } else if (p.at('(') && (count === 0 || inner.length > 0)) {
      const list = parseParams(p);
      const end = p.end();
      if (inner.length === 0 && suffixes.length === 0) params = list;
      suffixes.push((returns) => ({ kind: 'function', params: list, returns, start, end }));
    } else break;
  }
  p.leave();
  return { name, steps: [...inner, ...suffixes, ...pointers], params, isConst };
}

/** Whether `(` begins a declarator in parentheses rather than parameters. */
function isNested(p: Parser, naming: 'required' | 'optional' | 'none'): boolean {
  if (naming === 'required') return true;
  if (p.at('*', 1)) return true;
  if (p.at('(', 1)) return naming === 'optional';
  return (
    naming === 'optional' && p.at('identifier', 1) && !startsType(p, 1) && (p.at(')', 2) || p.at('[', 2))
  );
}

/** A type of a parameter may be followed by an annotation instead of a name. */
function isAnnotationAhead(p: Parser): boolean {
  return isAnnotationWord(p.word()) && p.at('(', 1);
}

/** `(int a, struct foo *b)`; `()` and `(void)` are empty. */
export function parseParams(p: Parser): readonly Param[] {
  const first = p.index;
  const params: Param[] = [];
  p.expect('(', 'before the parameters');
  if (p.at('void') && p.at(')', 1)) p.advance();
  while (!p.at(')') && !p.atEnd() && !p.at(';') && !p.at('{') && !p.at('}')) {
    if (p.at('...')) {
      p.errorHere('a function takes a fixed number of arguments; only a macro may end in ...');
      p.advance();
    } else params.push(parseParam(p));
    if (p.eat(',')) {
      if (p.at(')')) p.expected('a parameter');
      continue;
    }
    if (p.at(')')) break;
    p.expected("',' or ')' after the parameter");
    skipTo(p, ',', ')');
    if (!p.eat(',')) break;
  }
  p.expect(')', 'to close the parameters');
  p.node('params', first);
  return params;
}

function parseParam(p: Parser): Param {
  const first = p.index;
  const specifiers = parseSpecifiers(p, 'the type of a parameter');
  const declarator = parseDeclarator(p, specifiers.type, 'optional');
  const annotations = [...specifiers.annotations, ...parseAnnotations(p)];
  p.node('param', first);
  return { ...p.span(first), name: declarator.name, type: declarator.type, annotations };
}

/** Goes on to one of the two tokens at this bracket level, or to the end of the statement. */
export function skipTo(p: Parser, one: ',' | ';', other: ')' | '}'): void {
  let depth = 0;
  while (!p.atEnd()) {
    const kind = p.kind();
    if (depth === 0 && (kind === one || kind === other || kind === ';' || kind === '{' || kind === '}'))
      return;
    if (kind === '(' || kind === '[') depth++;
    else if ((kind === ')' || kind === ']') && depth > 0) depth--;
    else if (kind === ';' || kind === '{' || kind === '}') return;
    p.advance();
  }
}

// ---------------------------------------------------------------- annotations

/** Annotations and dropped words behind a declarator or a parameter list. */
export function parseAnnotations(p: Parser): readonly Annotation[] {
  const annotations: Annotation[] = [];
  while (p.at('identifier')) {
    if (dropWords(p)) continue;
    if (!isAnnotationWord(p.word())) break;
    annotations.push(parseAnnotation(p));
  }
  return annotations;
}

function parseAnnotation(p: Parser): Annotation {
  const first = p.index;
  const name = p.name('an annotation');
  const args: Expression[] = [];
  if (p.eat('(')) {
    while (!p.at(')') && !p.atEnd()) {
      args.push(parseConditional(p));
      if (!p.eat(',')) break;
    }
    p.expect(')', `to close the arguments of ${name.text}`);
  }
  p.node('annotation', first);
  return { ...p.span(first), name, args };
}

// ---------------------------------------------------------------- base types

const baseWords: ReadonlySet<string> = new Set([
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
]);

function isBaseWord(kind: string): boolean {
  return baseWords.has(kind);
}

/** The words of a base type in canonical order: `long unsigned int` is `unsigned long`. */
function baseTypeName(p: Parser, words: readonly string[], span: Span): string {
  const count = (word: string): number => words.filter((each) => each === word).length;
  if (count('float') + count('double') > 0) {
    p.errorAt(span, 'there are no floating-point types: a kernel does not compute with them');
    return 'int';
  }
  const longs = count('long');
  const unsigned = count('unsigned') > 0;
  const plain = words.filter(
    (word) => word !== 'signed' && word !== 'unsigned' && word !== 'int' && word !== 'long',
  );
  const valid =
    plain.length <= 1 &&
    longs <= 2 &&
    count('int') <= 1 &&
    count('signed') + count('unsigned') <= 1 &&
    (plain.length === 0 || (longs === 0 && (plain[0] === 'short' || count('int') === 0))) &&
    !((plain[0] === 'void' || plain[0] === 'bool') && words.length > 1);
  if (!valid) p.errorAt(span, `expected one base type, found '${words.join(' ')}'`);
  if (plain[0] === 'void' || plain[0] === 'bool') return plain[0];
  if (plain[0] === 'char') return unsigned ? 'unsigned char' : count('signed') > 0 ? 'signed char' : 'char';
  const size = plain[0] === 'short' ? 'short' : longs >= 2 ? 'long long' : longs === 1 ? 'long' : 'int';
  return unsigned ? `unsigned ${size}` : size;
}

/** `typeof(expression)`; `typeof(type)` is that type. */
function parseTypeof(p: Parser): TypeExpr {
  const first = p.index;
  p.advance();
  if (!p.expect('(', "after 'typeof'")) return { ...p.span(first), kind: 'named', name: 'int' };
  if (startsType(p, 0)) {
    const type = parseTypeName(p);
    p.expect(')', 'after the type');
    return type;
  }
  const value = parseExpression(p);
  p.expect(')', 'after the expression');
  return { ...p.span(first), kind: 'typeof', value };
}

/** `in 0..3`, the declared range of ghost state. */
export function parseRange(p: Parser): { readonly low: Expression; readonly high: Expression } | null {
  if (!p.eatWord('in')) return null;
  const low = parseConditional(p);
  p.expect('..', 'between the bounds of the range');
  const high = parseConditional(p);
  return { low, high };
}
