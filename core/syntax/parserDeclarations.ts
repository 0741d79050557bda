import type { Annotation, Declarator, FunctionItem, Item, TagType, VariableItem } from './ast.ts';
import { parseInitializer } from './parserInitializers.ts';
import { endsDeclarator, startsItemAtColumnZero } from './parserLookahead.ts';
import type { Parser } from './parserState.ts';
import { parseBlock } from './parserStatements.ts';
import {
  type DeclaratorParts,
  parseAnnotations,
  parseDeclarator,
  parseRange,
  parseSpecifiers,
  type Specifiers,
} from './parserTypes.ts';

/** A function, a prototype, variables, or a struct, union or enum on its own; at top level. */
export function parseDeclaration(
  p: Parser,
  first: number,
  words: { readonly primitive: boolean; readonly override: boolean },
): Item {
  const specifiers = parseSpecifiers(p);
  if (specifiers.type.kind === 'tag' && endsTag(p, specifiers.type)) {
    p.node('type-item', first);
    return { ...p.span(first), kind: 'type', type: specifiers.type };
  }
  const declarator = parseDeclarator(p, specifiers.type, 'required', nameOf(specifiers));
  const annotations = [...specifiers.annotations, ...parseAnnotations(p)];
  if (declarator.params !== null && declarator.name !== null)
    return parseFunction(p, first, specifiers, declarator, annotations, words);
  if (words.primitive || words.override)
    p.expected(`the parameters of the ${words.primitive ? 'primitive' : 'override'}`);
  const variable = parseDeclarators(p, first, specifiers, declarator, annotations, false);
  endItem(p, 'after the declaration');
  p.node('variable', first);
  return { ...variable, ...p.span(first) };
}

/**
 * Variables without the closing `;`, as a statement or in the head of a `for`. `tag` is a struct,
 * union or enum already read.
 */
export function parseVariable(p: Parser, first: number, ghost: boolean, tag?: TagType): VariableItem {
  const specifiers = tag === undefined ? parseSpecifiers(p) : afterTag(p, first, tag);
  const declarator = parseDeclarator(p, specifiers.type, 'required', nameOf(specifiers));
  const annotations = [...specifiers.annotations, ...parseAnnotations(p)];
  if (declarator.params !== null)
    p.errorAt(
      declarator,
      'expected a variable, found a function: functions are declared at the top level of the file',
    );
  return parseDeclarators(p, first, specifiers, declarator, annotations, ghost);
}

/** A ghost variable at top level, behind the word `ghost`. */
export function parseGhost(p: Parser, first: number): Item {
  const variable = parseVariable(p, first, true);
  endItem(p, 'after the declaration');
  p.node('variable', first);
  return { ...variable, ...p.span(first) };
}

/** The `;` of an item; what stands before it on the same line is skipped, blocks as a whole. */
export function endItem(p: Parser, where: string): void {
  if (p.eat(';')) return;
  p.expected(`';' ${where}`);
  let depth = 0;
  while (!p.atEnd() && !startsItemAtColumnZero(p)) {
    if (depth === 0 && (p.onNewLine() || p.at(';') || p.at('}'))) break;
    if (p.at('{')) depth++;
    else if (p.at('}')) depth--;
    p.advance();
  }
  p.eat(';');
}

/** At the `;` of a lone `struct foo { … };`, or where it is missing because nothing follows that could be declared. */
export function endsTag(p: Parser, type: TagType): boolean {
  const hasBody = type.fields !== null || type.enumerators !== null;
  if (p.eat(';')) return true;
  if (!p.onNewLine() && !p.atEnd() && !p.at('}')) return false;
  if (p.at('*') || p.at('(') || p.at('const') || p.at('volatile')) return false;
  if (p.at('identifier') && (!hasBody || endsDeclarator(p.kind(1)))) return false;
  p.expected(`${hasBody ? '' : 'a name or '}';' after the ${type.tag}`);
  return true;
}

function nameOf(specifiers: Specifiers): string {
  return specifiers.type.kind === 'named'
    ? `a name after '${specifiers.type.name}'`
    : 'a name after the type';
}

/** Words may follow the tag: `struct foo const x`. */
function afterTag(p: Parser, first: number, type: TagType): Specifiers {
  let isConst = false;
  while (p.at('const') || p.at('volatile')) {
    isConst ||= p.at('const');
    p.advance();
  }
  return { type, first, isStatic: false, isExtern: false, isConst, annotations: [] };
}

function parseDeclarators(
  p: Parser,
  first: number,
  specifiers: Specifiers,
  head: DeclaratorParts,
  headAnnotations: readonly Annotation[],
  ghost: boolean,
): VariableItem {
  const declarators: Declarator[] = [];
  let declarator = head;
  let annotations = headAnnotations;
  const isConst = specifiers.isConst ? head.type.kind !== 'pointer' || head.isConst : head.isConst;
  for (;;) {
    let range = parseRange(p);
    const init = p.eat('=') ? parseInitializer(p) : null;
    range ??= parseRange(p);
    const name = declarator.name ?? p.missingName();
    declarators.push({
      start: declarator.start,
      end: Math.max(declarator.start, p.end()),
      name,
      type: declarator.type,
      annotations,
      init,
      range,
    });
    if (!p.eat(',')) break;
    declarator = parseDeclarator(p, specifiers.type, 'required', "a name after ','");
    annotations = [...specifiers.annotations, ...parseAnnotations(p)];
    if (declarator.params !== null)
      p.errorAt(declarator, 'expected a variable, found a function: declare each function on its own');
  }
  return {
    ...p.span(first),
    kind: 'variable',
    ghost,
    isStatic: specifiers.isStatic,
    isConst,
    isExtern: specifiers.isExtern,
    declarators,
  };
}

function parseFunction(
  p: Parser,
  first: number,
  specifiers: Specifiers,
  declarator: DeclaratorParts,
  annotations: readonly Annotation[],
  words: { readonly primitive: boolean; readonly override: boolean },
): FunctionItem {
  const name = declarator.name ?? p.missingName();
  const body = p.at('{')
    ? parseBlock(p, name.text === '' ? 'the function' : `the body of ${name.text}`)
    : null;
  if (body === null) {
    if (p.at(';')) p.advance();
    else {
      p.expected("'{' or ';' after the parameters of the function");
      while (!p.atEnd() && !p.onNewLine() && !p.at(';')) p.advance();
      p.eat(';');
    }
  }
  p.node('function', first);
  return {
    ...p.span(first),
    kind: 'function',
    name,
    returns: declarator.returns,
    params: declarator.params ?? [],
    annotations,
    primitive: words.primitive,
    override: words.override,
    isStatic: specifiers.isStatic,
    body,
  };
}
