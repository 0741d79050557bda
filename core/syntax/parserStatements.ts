import type { Argument, Block, Expression, Statement, TagType, VariableItem } from './ast.ts';
import { flag, type TokenKind } from './tokens.ts';
import { endsTag, parseVariable } from './parserDeclarations.ts';
import { parseDeclaringMacro, startsDeclaringMacro } from './parserDeclaring.ts';
import {
  continuesExpression,
  parseArguments,
  parseConditional,
  parseExpression,
} from './parserExpressions.ts';
import { startsDeclaration, startsItemAtColumnZero, startsType } from './parserLookahead.ts';
import type { Parser } from './parserState.ts';
import { parseTag } from './parserTags.ts';

/** `{ … }`, or an error and an empty block. */
export function parseBlock(p: Parser, what = 'the block'): Block {
  const first = p.index;
  const body: Statement[] = [];
  if (!p.at('{')) {
    p.expected(`'{' to begin ${what}`);
    return { ...p.span(first), kind: 'block', body };
  }
  if (!p.enter()) {
    p.advance();
    p.skipGroup();
  } else {
    p.advance();
    while (!p.at('}') && !p.atEnd()) {
      const before = p.index;
      if (startsItemAtColumnZero(p)) break;
      const statement = parseStatement(p);
      if (p.index === before) body.push(skipStatement(p));
      else body.push(statement);
    }
  }
  p.leave();
  if (closesOuter(p, first)) p.expected(`'}' to close ${what}`, ' at the left margin');
  else p.expect('}', `to close ${what}`);
  p.node('block', first);
  return { ...p.span(first), kind: 'block', body };
}

/** In a file with an unclosed brace: a `}` at the left margin does not close a block that begins further right. */
function closesOuter(p: Parser, first: number): boolean {
  return p.at('}') && (p.flags(0) & flag.columnZero) !== 0 && p.indentation(first) > 0 && p.braceIsOpen();
}

export function parseStatement(p: Parser): Statement {
  const first = p.index;
  if (p.enter()) {
    const statement = parseAnyStatement(p, first);
    p.leave();
    return statement;
  }
  p.leave();
  p.skipGroup();
  p.eat(';');
  p.node('error', first);
  return { ...p.span(first), kind: 'error' };
}

/** `;`; its absence at the end of a macro's line is no error. */
export function expectSemicolon(p: Parser, where: string): void {
  if (p.inMacro && p.at('eod')) return;
  p.expect(';', where);
}

function parseAnyStatement(p: Parser, first: number): Statement {
  switch (p.kind()) {
    case '{':
      return parseBlock(p);
    case ';':
      p.advance();
      p.node('empty', first);
      return { ...p.span(first), kind: 'empty' };
    case 'if':
      return parseIf(p, first);
    case 'while': {
      p.advance();
      const condition = parseCondition(p, "'while'");
      const body = parseBody(p, "'while'");
      p.node('while', first);
      return { ...p.span(first), kind: 'while', condition, body };
    }
    case 'do': {
      p.advance();
      const body = parseBody(p, "'do'");
      const condition = p.expect('while', "after the body of 'do'")
        ? parseCondition(p, "'while'")
        : missingExpression(p);
      expectSemicolon(p, "after 'do … while (…)'");
      p.node('do', first);
      return { ...p.span(first), kind: 'do', body, condition };
    }
    case 'for':
      return parseFor(p, first);
    case 'switch': {
      p.advance();
      const value = parseCondition(p, "'switch'");
      const body = parseBody(p, "'switch'");
      p.node('switch', first);
      return { ...p.span(first), kind: 'switch', value, body };
    }
    case 'case': {
      p.advance();
      const value = parseConditional(p);
      const high = p.eat('...') ? parseConditional(p) : null;
      p.expect(':', 'after the value of the case');
      p.node('case', first);
      const body = parseLabelled(p);
      return { ...p.span(first), kind: 'case', value, high, body };
    }
    case 'default': {
      p.advance();
      p.expect(':', "after 'default'");
      p.node('case', first);
      const body = parseLabelled(p);
      return { ...p.span(first), kind: 'default', body };
    }
    case 'break':
    case 'continue': {
      const kind = p.at('break') ? 'break' : 'continue';
      p.advance();
      expectSemicolon(p, `after '${kind}'`);
      p.node('jump', first);
      return { ...p.span(first), kind };
    }
    case 'return': {
      p.advance();
      const value = p.at(';') || p.at('}') || p.at('eod') ? null : parseExpression(p);
      expectSemicolon(p, value === null ? "after 'return'" : "after the value of 'return'");
      p.node('jump', first);
      return { ...p.span(first), kind: 'return', value };
    }
    case 'goto': {
      p.advance();
      const label = p.name("the name of a label after 'goto'");
      expectSemicolon(p, "after 'goto'");
      p.node('jump', first);
      return { ...p.span(first), kind: 'goto', label };
    }
    case 'else':
      p.errorHere("expected a statement, found 'else' without an 'if' before it");
      p.advance();
      p.node('error', first);
      return parseStatement(p);
    case 'typedef':
      p.errorHere("expected a statement, found 'typedef': a typedef stands at the top level of the file");
      return skipStatement(p);
    case 'define':
      p.errorHere('expected a statement, found #define: a macro stands at the top level of the file');
      while (!p.at('eod') && !p.at('eof')) p.advance();
      p.eat('eod');
      p.node('error', first);
      return { ...p.span(first), kind: 'error' };
    case 'identifier':
      return parseNamedStatement(p, first);
    default:
      return startsDeclaration(p)
        ? parseDeclarationStatement(p, first, false)
        : parseExpressionStatement(p, first);
  }
}

/** A statement that begins with an identifier: a label, a word of the language in its place, a declaration, or an expression. */
function parseNamedStatement(p: Parser, first: number): Statement {
  const next = p.kind(1);
  if (next === ':') {
    const label = p.name('a label');
    p.advance();
    p.node('label', first);
    const body = parseLabelled(p);
    return { ...p.span(first), kind: 'label', label, body };
  }
  if (next === '{') {
    const word = p.word();
    if (word === 'atomic' || word === 'ghost' || word === 'guest') {
      p.advance();
      const body = parseBlock(p, `the '${word}' block`);
      p.node(word, first);
      return { ...p.span(first), kind: word, body };
    }
    if (word === 'either') return parseEither(p, first);
  }
  if (next === ';' && p.atWord('step')) {
    p.advance();
    p.advance();
    p.node('step', first);
    return { ...p.span(first), kind: 'step' };
  }
  if (p.atWord('emit') && next === 'identifier' && (p.at('(', 2) || p.at(';', 2))) {
    p.advance();
    const event = p.name('the name of an event');
    if (!p.at('(')) p.expected(`'(' and the arguments after '${event.text}'`);
    const args = (p.at('(') ? parseArguments(p) : []).filter((arg): arg is Expression =>
      isExpressionArgument(p, arg),
    );
    expectSemicolon(p, "after 'emit'");
    p.node('emit', first);
    return { ...p.span(first), kind: 'emit', event, args };
  }
  if (p.atWord('ghost') && (startsType(p, 1) || (next === 'identifier' && !p.onNewLine(1)))) {
    p.advance();
    return parseDeclarationStatement(p, first, true);
  }
  if (
    (p.atWord('asm') || p.atWord('__asm__')) &&
    (next === '(' || next === 'volatile' || next === 'inline')
  ) {
    p.errorHere('expected a statement, found inline assembly: call a primitive of the library instead');
    return skipStatement(p);
  }
  if (next === '(' && isLoopName(p.word())) p.loopHead = first;
  if (startsDeclaringMacro(p)) return endVariable(p, first, parseDeclaringMacro(p, first));
  return startsDeclaration(p)
    ? parseDeclarationStatement(p, first, false)
    : parseExpressionStatement(p, first);
}

function isExpressionArgument(p: Parser, arg: Argument): boolean {
  if (arg.kind !== 'type' && arg.kind !== 'block') return true;
  p.errorAt(arg, `expected an expression as the argument of an event, found a ${arg.kind}`);
  return false;
}

function parseEither(p: Parser, first: number): Statement {
  p.advance();
  const branches = [parseBlock(p, "a branch of 'either'")];
  if (p.eatWord('or')) branches.push(parseBlock(p, "a branch of 'either'"));
  else p.expected("'or' after the first branch of 'either'");
  while (p.atWord('or') && p.at('{', 1)) {
    p.advance();
    branches.push(parseBlock(p, "a branch of 'either'"));
  }
  p.node('either', first);
  return { ...p.span(first), kind: 'either', branches };
}

function parseIf(p: Parser, first: number): Statement {
  p.advance();
  const condition = parseCondition(p, "'if'");
  const then = parseBody(p, "'if'");
  const otherwise = p.eat('else') ? parseBody(p, "'else'") : null;
  p.node('if', first);
  return { ...p.span(first), kind: 'if', condition, then, otherwise };
}

function parseFor(p: Parser, first: number): Statement {
  p.advance();
  let init: VariableItem | Expression | null = null;
  let condition: Expression | null = null;
  let step: Expression | null = null;
  if (p.expect('(', "after 'for'")) {
    if (!p.at(';')) {
      if (startsDeclaration(p)) {
        const variableFirst = p.index;
        init = parseVariable(p, variableFirst, false);
        p.node('variable', variableFirst);
      } else init = parseExpression(p);
    }
    if (p.expect(';', "after the first part of 'for'")) {
      condition = p.at(';') ? null : parseExpression(p);
      if (p.expect(';', "after the condition of 'for'")) step = p.at(')') ? null : parseExpression(p);
    }
    closeHead(p, "'for'");
  } else while (!p.onNewLine() && !p.atEnd() && !p.at('{') && !p.at('}')) p.advance();
  const body = parseBody(p, "'for'");
  p.node('for', first);
  return { ...p.span(first), kind: 'for', init, condition, step, body };
}

function parseCondition(p: Parser, of: string): Expression {
  const first = p.index;
  const opened = p.expect('(', `after ${of}`);
  // Without its parenthesis a condition on the same line is still understood.
  if (!opened && (p.onNewLine() || p.at('{') || p.at(';') || p.at('}') || p.atEnd()))
    return missingExpression(p);
  const reserved = p.inIsReserved;
  p.inIsReserved = false;
  const condition = parseExpression(p);
  p.inIsReserved = reserved;
  if (opened) closeHead(p, of);
  else if (p.index > first) p.eat(')');
  return condition;
}

/** The `)` of a head; when it is missing but stands on this line, what is before it is skipped. */
function closeHead(p: Parser, of: string): void {
  if (p.eat(')')) return;
  p.expected(`')' to close the head of ${of}`);
  let ahead = 0;
  while (ahead < 64 && !p.onNewLine(ahead) && !isHeadEnd(p.kind(ahead))) ahead++;
  if (!p.at(')', ahead)) return;
  for (let skipped = 0; skipped <= ahead; skipped++) p.advance();
}

function isHeadEnd(kind: TokenKind): boolean {
  return kind === ')' || kind === '{' || kind === '}' || kind === 'eof' || kind === 'eod';
}

function missingExpression(p: Parser): Expression {
  return { start: p.end(), end: p.end(), kind: 'error' };
}

/** The statement a head governs; the end of a macro's line there is the hole of a loop head. */
function parseBody(p: Parser, of: string): Statement {
  const first = p.index;
  if (p.inMacro && p.at('eod')) {
    p.sawMacroHole = true;
    return { ...p.span(first), kind: 'macro-body' };
  }
  if (p.at('}') || p.atEnd() || startsItemAtColumnZero(p)) {
    p.expected(`a statement after ${of}`);
    return { ...p.span(first), kind: 'error' };
  }
  const statement = parseStatement(p);
  // Something that begins no statement is left for the block around, which skips it.
  return p.index === first ? { ...p.span(first), kind: 'error' } : statement;
}

/** What a label stands before; before a `}` an empty statement. */
function parseLabelled(p: Parser): Statement {
  const first = p.index;
  if (p.at('}') || p.atEnd() || startsItemAtColumnZero(p)) return { ...p.span(first), kind: 'empty' };
  const statement = parseStatement(p);
  return p.index === first ? { ...p.span(first), kind: 'error' } : statement;
}

function parseDeclarationStatement(p: Parser, first: number, ghost: boolean): Statement {
  let tag: TagType | undefined;
  if (!ghost && (p.at('struct') || p.at('union') || p.at('enum'))) {
    tag = parseTag(p);
    if (endsTag(p, tag)) {
      p.node('variable', first);
      return { ...p.span(first), kind: 'type-declaration', type: tag };
    }
  }
  return endVariable(p, first, parseVariable(p, first, ghost, tag));
}

function endVariable(p: Parser, first: number, variable: VariableItem): VariableItem {
  expectSemicolon(p, 'after the declaration');
  p.node('variable', first);
  return { ...variable, ...p.span(first) };
}

function parseExpressionStatement(p: Parser, first: number): Statement {
  const value = parseExpression(p);
  return p.index === first ? { ...p.span(first), kind: 'error' } : endExpressionStatement(p, first, value);
}

/** What follows an expression that stands as a statement: `;`, or the body of a loop macro. */
export function endExpressionStatement(p: Parser, first: number, value: Expression): Statement {
  if (
    value.kind === 'call' &&
    value.callee.kind === 'name' &&
    startsLoopBody(p, first, value.callee.name.text)
  ) {
    const body = parseBody(p, `'${value.callee.name.text}(…)'`);
    p.node('macro-loop', first);
    return { ...p.span(first), kind: 'macro-loop', name: value.callee.name, args: value.args, body };
  }
  expectSemicolon(p, 'after the expression');
  p.node('expression-statement', first);
  return { ...p.span(first), kind: 'expression', value };
}

/**
 * Whether `name(…)` is the head of a loop: a token follows that begins a statement, further right
 * than the call or on its line, or the name says `for_each`; otherwise a `;` is missing.
 */
function startsLoopBody(p: Parser, first: number, name: string): boolean {
  const kind = p.kind();
  if (kind === '{') return true;
  if (isLoopName(name)) {
    if (beginsOperand(kind) || kind === 'eod') return true;
    if (beginsStatement(kind)) return !continuesExpression(p);
  }
  if (!beginsStatement(kind) || continuesExpression(p)) return false;
  return !p.onNewLine() || p.indentation(p.index) > p.indentation(first);
}

export function isLoopName(name: string): boolean {
  return name.includes('for_each');
}

const statementStarts: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'identifier',
  'if',
  'for',
  'while',
  'do',
  'switch',
  'return',
  'goto',
  'break',
  'continue',
]);

/** What would go on with a call of another name. */
export function beginsOperand(kind: TokenKind): boolean {
  return kind === '*' || kind === '(' || kind === '++' || kind === '--';
}

function beginsStatement(kind: TokenKind): boolean {
  return statementStarts.has(kind);
}

/** Skips what cannot be understood: to the end of the statement or of the line. */
function skipStatement(p: Parser): Statement {
  const first = p.index;
  p.expected('a statement', '', 'here');
  p.advance();
  while (!p.atEnd() && !p.onNewLine() && !p.at(';') && !p.at('{') && !p.at('}')) p.advance();
  p.eat(';');
  p.node('error', first);
  return { ...p.span(first), kind: 'error' };
}
