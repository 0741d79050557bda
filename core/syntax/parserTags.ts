import type { Expression, FieldItem, Name, TagType } from './ast.ts';
import { parseConditional, parseExpression } from './parserExpressions.ts';
import { parseDeclared, startsDeclaringMacro } from './parserDeclaring.ts';
import { dropWords, startsItemAtColumnZero, startsType } from './parserLookahead.ts';
import type { Parser } from './parserState.ts';
import { parseAnnotations, parseDeclarator, parseRange, parseSpecifiers, skipTo } from './parserTypes.ts';

/** A brace behind `no bodies` belongs to the construct around the type. */
export function parseTag(p: Parser, bodies: 'bodies' | 'no bodies' = 'bodies'): TagType {
  const first = p.index;
  const tag = p.kind() === 'union' ? 'union' : p.kind() === 'enum' ? 'enum' : 'struct';
  p.advance();
  while (dropWords(p)) {
    // `struct __packed foo`
  }
  const name = p.at('identifier') ? p.name('a name') : null;
  let fields: FieldItem[] | null = null;
  let enumerators: { name: Name; value: Expression | null }[] | null = null;
  if (p.at('{') && bodies === 'bodies') {
    if (tag === 'enum') enumerators = parseEnumerators(p);
    else fields = parseFields(p, `the ${tag}`);
  } else if (name === null) p.expected(`a name or '{' after '${tag}'`);
  p.node('tag-type', first);
  return { ...p.span(first), kind: 'tag', tag, name, fields, enumerators };
}

function parseEnumerators(p: Parser): { name: Name; value: Expression | null }[] {
  const enumerators: { name: Name; value: Expression | null }[] = [];
  p.advance();
  while (!p.at('}') && !p.atEnd() && !p.at(';')) {
    const first = p.index;
    const name = p.name('the name of an enumerator');
    const value = p.eat('=') ? parseConditional(p) : null;
    p.node('enumerator', first);
    if (p.index > first) enumerators.push({ name, value });
    if (p.at('}')) break;
    if (!p.expect(',', "or '}' after the enumerator")) {
      if (p.at('identifier') && p.index > first) continue;
      skipTo(p, ',', '}');
      if (!p.eat(',')) break;
    }
  }
  p.expect('}', 'to close the enum');
  return enumerators;
}

function parseFields(p: Parser, of: string): FieldItem[] {
  const fields: FieldItem[] = [];
  if (!p.enter()) {
    p.advance();
    p.skipGroup();
    p.leave();
    p.expect('}', `to close ${of}`);
    return fields;
  }
  p.advance();
  while (!p.at('}') && !p.atEnd()) {
    const before = p.index;
    if (startsItemAtColumnZero(p)) break;
    parseField(p, fields);
    if (p.index === before) p.advance();
  }
  p.leave();
  p.expect('}', `to close ${of}`);
  return fields;
}

/** One declaration of fields, which may declare several. */
function parseField(p: Parser, fields: FieldItem[]): void {
  const first = p.index;
  if (p.eat(';')) return;
  if (p.atWord('when') && p.at('(', 1)) {
    p.advance();
    p.advance();
    const condition = parseExpression(p);
    p.expect(')', 'after the condition');
    const inner: FieldItem[] = [];
    if (p.at('{')) inner.push(...parseFields(p, "the fields of 'when'"));
    else if (p.enter()) parseField(p, inner);
    p.eat(';');
    p.node('field-when', first);
    fields.push({ ...p.span(first), kind: 'when', condition, fields: inner });
    return;
  }
  if (startsDeclaringMacro(p)) {
    const { name, type } = parseDeclared(p);
    const annotations = parseAnnotations(p);
    p.node('field', first);
    fields.push({
      ...p.span(first),
      kind: 'field',
      ghost: false,
      type,
      name,
      bits: null,
      annotations,
      range: null,
    });
    endField(p);
    return;
  }
  const ghost = p.atWord('ghost') && (startsType(p, 1) || p.at('identifier', 1));
  if (ghost) p.advance();
  if (!startsType(p, 0) && !p.at('identifier')) {
    p.expected('a field', '', 'here');
    skipTo(p, ';', '}');
    p.eat(';');
    p.node('error', first);
    return;
  }
  const specifiers = parseSpecifiers(p, 'the type of a field');
  for (let from = first; ; from = p.index) {
    const before = p.index;
    const anonymous =
      p.at(';') &&
      specifiers.type.kind === 'tag' &&
      (specifiers.type.fields !== null || specifiers.type.enumerators !== null);
    const declarator =
      anonymous || p.at(':') ? null : parseDeclarator(p, specifiers.type, 'required', 'the name of a field');
    const bits = p.eat(':') ? parseConditional(p) : null;
    const range = parseRange(p);
    const annotations = [...specifiers.annotations, ...parseAnnotations(p)];
    p.node('field', from);
    fields.push({
      ...p.span(from),
      kind: 'field',
      ghost,
      type: declarator?.type ?? specifiers.type,
      name: declarator?.name ?? null,
      bits,
      annotations,
      range,
    });
    if (!p.eat(',')) break;
    if (p.index === before) break;
  }
  endField(p);
}

function endField(p: Parser): void {
  if (p.expect(';', 'after the field')) return;
  // A field that begins on the next line is whole: only the rest of this line is skipped.
  while (!p.atEnd() && !p.onNewLine() && !p.at(';') && !p.at('}')) p.advance();
  p.eat(';');
}
