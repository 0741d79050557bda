import type { Argument, AssignOperator, BinaryOperator, Expression, Name, Span } from './ast.ts';
import type { NodeKind } from './green.ts';
import type { TokenKind } from './tokens.ts';
import { parseInitializerList } from './parserInitializers.ts';
import { parseLiteral, parseString } from './parserLiterals.ts';
import {
  isInfixWord,
  isTypeArgument,
  isTypeInParens,
  isTypeKeyword,
  startsQuantifier,
} from './parserLookahead.ts';
import type { Parser } from './parserState.ts';
import { beginsOperand, parseBlock } from './parserStatements.ts';
import { parseTypeName } from './parserTypes.ts';

/** An expression with commas. */
export function parseExpression(p: Parser): Expression {
  const first = p.index;
  let left = parseAssignment(p);
  let levels = 0;
  while (p.at(',')) {
    levels++;
    if (!deeper(p)) break;
    p.advance();
    const right = parseAssignment(p);
    left = { ...finish(p, 'comma', first), kind: 'comma', left, right };
  }
  p.leave(levels);
  return left;
}

const assignOperators: ReadonlySet<TokenKind> = new Set<TokenKind>([
  '=',
  '*=',
  '/=',
  '%=',
  '+=',
  '-=',
  '<<=',
  '>>=',
  '&=',
  '^=',
  '|=',
]);

function isAssignOperator(kind: TokenKind): kind is AssignOperator {
  return assignOperators.has(kind);
}

export function parseAssignment(p: Parser): Expression {
  const first = p.index;
  const target = parseConditional(p);
  const operator = p.kind();
  if (!isAssignOperator(operator)) return target;
  if (!p.enter()) return abandon(p);
  p.advance();
  const value = parseAssignment(p);
  p.leave();
  return { ...finish(p, 'assign', first), kind: 'assign', operator, target, value };
}

/** An expression without assignment and comma at its top: also the place of constants. */
export function parseConditional(p: Parser): Expression {
  const first = p.index;
  const condition = parseImplies(p);
  if (!p.at('?')) return condition;
  if (!p.enter()) return abandon(p);
  p.advance();
  const then = p.at(':') ? null : parseExpression(p);
  p.expect(':', "of '?'");
  const otherwise = parseConditional(p);
  p.leave();
  return { ...finish(p, 'conditional', first), kind: 'conditional', condition, then, otherwise };
}

/** `a implies b` binds weaker than `||` and to the right. */
function parseImplies(p: Parser): Expression {
  const first = p.index;
  const left = parseBinary(p, 1);
  if (!p.atWord('implies')) return left;
  if (!p.enter()) return abandon(p);
  p.advance();
  const right = parseImplies(p);
  p.leave();
  return { ...finish(p, 'binary', first), kind: 'binary', operator: 'implies', left, right };
}

/** How strongly a binary operator binds; `in` counts as a comparison. */
const precedence: ReadonlyMap<TokenKind, number> = new Map<TokenKind, number>([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['>', 7],
  ['<=', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);
const comparison = 7;

function parseBinary(p: Parser, least: number): Expression {
  const first = p.index;
  let left = parseUnary(p);
  let levels = 0;
  for (;;) {
    const operator = p.kind();
    if (operator === 'identifier') {
      if (least > comparison || p.inIsReserved || !p.atWord('in') || !p.at('{', 1)) break;
      levels++;
      if (!deeper(p)) break;
      left = parseIn(p, first, left);
      continue;
    }
    const strength = precedence.get(operator);
    if (strength === undefined || strength < least || endsLoopHead(p, first, left)) break;
    levels++;
    if (!deeper(p)) break;
    p.advance();
    const right = parseBinary(p, strength + 1);
    left = {
      ...finish(p, 'binary', first),
      kind: 'binary',
      operator: operator as BinaryOperator,
      left,
      right,
    };
  }
  p.leave(levels);
  return left;
}

/** A chain of operators is a deep tree, so its length counts as nesting. */
function deeper(p: Parser): boolean {
  if (p.enter()) return true;
  p.skipGroup();
  return false;
}

function parseIn(p: Parser, first: number, value: Expression): Expression {
  p.advance();
  p.advance();
  const list: Expression[] = [];
  if (p.at('}')) p.expected("a value in the list of 'in'");
  while (!p.at('}') && !p.atEnd() && !p.at(';')) {
    list.push(parseConditional(p));
    if (!p.eat(',')) break;
  }
  p.expect('}', "to close the list of 'in'");
  return { ...finish(p, 'in', first), kind: 'in', value, list };
}

function parseUnary(p: Parser): Expression {
  const kind = p.kind();
  const first = p.index;
  switch (kind) {
    case '-':
    case '+':
    case '!':
    case '~':
    case '*':
    case '&':
    case '++':
    case '--': {
      if (!p.enter()) return abandon(p);
      p.advance();
      const value = parseUnary(p);
      p.leave();
      return { ...finish(p, 'unary', first), kind: 'unary', operator: kind, value };
    }
    case 'sizeof':
      return parseSizeof(p);
    case '(':
      return isTypeInParens(p) ? parseCast(p) : parsePostfix(p);
    default:
      return parsePostfix(p);
  }
}

function parseCast(p: Parser): Expression {
  const first = p.index;
  if (!p.enter()) return abandon(p);
  p.advance();
  const type = parseTypeName(p);
  p.expect(')', 'after the type');
  let result: Expression;
  if (p.at('{')) {
    const init = parseInitializerList(p);
    result = parsePostfixOf(p, first, {
      ...finish(p, 'compound-literal', first),
      kind: 'compound-literal',
      type,
      init,
    });
  } else {
    const value = parseUnary(p);
    result = { ...finish(p, 'cast', first), kind: 'cast', type, value };
  }
  p.leave();
  return result;
}

function parseSizeof(p: Parser): Expression {
  const first = p.index;
  if (!p.enter()) return abandon(p);
  p.advance();
  let result: Expression;
  if (p.at('(') && isTypeInParens(p)) {
    p.advance();
    const type = parseTypeName(p);
    p.expect(')', 'after the type');
    result = { ...finish(p, 'sizeof', first), kind: 'sizeof', of: type };
  } else {
    const value = parseUnary(p);
    result = { ...finish(p, 'sizeof', first), kind: 'sizeof', of: value };
  }
  p.leave();
  return result;
}

function parsePostfix(p: Parser): Expression {
  const first = p.index;
  return parsePostfixOf(p, first, parsePrimary(p));
}

function parsePostfixOf(p: Parser, first: number, operand: Expression): Expression {
  let value = operand;
  let levels = 0;
  for (;;) {
    const kind = p.kind();
    if (kind !== '(' && kind !== '[' && kind !== '.' && kind !== '->' && kind !== '++' && kind !== '--')
      break;
    if (endsLoopHead(p, first, value)) break;
    levels++;
    if (!deeper(p)) break;
    if (kind === '(') {
      const args = parseArguments(p);
      value = { ...finish(p, 'call', first), kind: 'call', callee: value, args };
    } else if (kind === '[') {
      p.advance();
      const index = parseExpression(p);
      p.expect(']', 'after the index');
      value = { ...finish(p, 'index', first), kind: 'index', array: value, index };
    } else if (kind === '.' || kind === '->') {
      p.advance();
      const name: Name = isUnfinishedMember(p)
        ? missingMember(p)
        : p.name(`the name of a member after '${kind}'`);
      value = { ...finish(p, 'member', first), kind: 'member', object: value, arrow: kind === '->', name };
    } else {
      p.advance();
      value = { ...finish(p, 'postfix', first), kind: 'postfix', operator: kind, value };
    }
  }
  p.leave(levels);
  return value;
}

/** `for_each_thing(p) *p = 0;`: behind such a call an operator begins the body of the loop. */
function endsLoopHead(p: Parser, first: number, value: Expression): boolean {
  return first === p.loopHead && value.kind === 'call' && beginsOperand(p.kind());
}

/** `sp->` at the end of a line under work: what stands on the next line, no further right, is not its member. */
function isUnfinishedMember(p: Parser): boolean {
  return p.onNewLine() && p.at('identifier') && p.indentation(p.index) <= p.indentation(p.index - 1);
}

function missingMember(p: Parser): Name {
  p.expected('the name of a member');
  return p.missingName();
}

/** `(a, struct foo, { … })`, at the opening parenthesis. */
export function parseArguments(p: Parser): readonly Argument[] {
  const first = p.index;
  const args: Argument[] = [];
  const reserved = p.inIsReserved;
  p.inIsReserved = false;
  p.advance();
  if (!p.at(')')) {
    for (;;) {
      args.push(parseArgument(p));
      if (!p.eat(',')) break;
    }
  }
  if (!p.eat(')')) {
    p.expected("')' or ',' after the argument");
    recoverInParens(p);
  }
  p.inIsReserved = reserved;
  p.node('args', first);
  return args;
}

function parseArgument(p: Parser): Argument {
  const first = p.index;
  if (p.at('{')) return parseBlock(p);
  if (isTypeArgument(p)) {
    const type = parseTypeName(p);
    return { ...p.span(first), kind: 'type', type };
  }
  return parseAssignment(p);
}

/** After an error between parentheses: on to the closing one if it is near, on this line. */
function recoverInParens(p: Parser): void {
  let depth = 0;
  for (let ahead = 0; ahead < 64; ahead++) {
    const kind = p.kind(ahead);
    if (
      kind === ';' ||
      kind === '{' ||
      kind === '}' ||
      kind === 'eof' ||
      kind === 'eod' ||
      p.onNewLine(ahead)
    )
      return;
    if (kind === '(') depth++;
    else if (kind === ')' && depth-- === 0) {
      for (let skipped = 0; skipped <= ahead; skipped++) p.advance();
      return;
    }
  }
}

function parsePrimary(p: Parser): Expression {
  switch (p.kind()) {
    case 'identifier':
      return parseNamed(p);
    case 'number':
    case 'character':
      return parseLiteral(p);
    case 'string':
      return parseString(p);
    case '(':
      return parseParenthesised(p);
    default:
      return missingOperand(p);
  }
}

function missingOperand(p: Parser): Expression {
  const first = p.index;
  const before = p.kindBefore();
  if (p.at('{') && (before === '=' || before === 'return')) {
    p.errorHere("expected an expression, found '{': write the type before the list, as in (struct foo){ … }");
    parseInitializerList(p);
  } else {
    const isOperator = before !== null && !/^[a-z]/.test(before);
    const where = isOperator || before === 'return' || before === 'case' ? ` after '${before}'` : '';
    p.expected(`an expression${where}`, isTypeKeyword(p.kind()) ? ', which begins a type' : '');
  }
  return { ...p.span(first), kind: 'error' };
}

function parseNamed(p: Parser): Expression {
  const first = p.index;
  if (p.at('(', 1)) {
    if (p.atWord('choose')) return parseChoose(p);
    if (p.oldIsOperator && p.atWord('old')) return parseOld(p);
    if (startsQuantifier(p)) return parseQuantifier(p);
  }
  const name = p.name('a name');
  p.node('name', first);
  return { start: name.start, end: name.end, kind: 'name', name };
}

function parseParenthesised(p: Parser): Expression {
  const first = p.index;
  if (!p.enter()) return abandon(p);
  p.advance();
  const reserved = p.inIsReserved;
  p.inIsReserved = false;
  let value: Expression;
  if (p.at('{')) {
    const body = parseBlock(p);
    p.expect(')', "after the '}' of the statement expression");
    value = { ...finish(p, 'statement-expression', first), kind: 'statement-expression', body };
  } else {
    value = parseExpression(p);
    if (!p.eat(')')) {
      p.expected("')' after the expression");
      recoverInParens(p);
    }
    p.node('paren', first);
  }
  p.inIsReserved = reserved;
  p.leave();
  return value;
}

function parseChoose(p: Parser): Expression {
  const first = p.index;
  if (!p.enter()) return abandon(p);
  p.advance();
  p.advance();
  const list: Expression[] = [];
  let range: { low: Expression; high: Expression } | null = null;
  if (p.at(')')) p.expected('what to choose from, as in choose(0..3) or choose(a, b)');
  else {
    const low = parseConditional(p);
    if (p.eat('..')) range = { low, high: parseConditional(p) };
    else {
      list.push(low);
      while (p.eat(',')) list.push(parseConditional(p));
    }
  }
  p.expect(')', "after the alternatives of 'choose'");
  p.leave();
  return { ...finish(p, 'choose', first), kind: 'choose', range, list };
}

function parseOld(p: Parser): Expression {
  const first = p.index;
  if (!p.enter()) return abandon(p);
  p.advance();
  p.advance();
  const value = parseExpression(p);
  p.expect(')', "after the expression of 'old'");
  p.leave();
  return { ...finish(p, 'old', first), kind: 'old', value };
}

/** The body reaches as far to the right as it can. */
function parseQuantifier(p: Parser): Expression {
  const first = p.index;
  if (!p.enter()) return abandon(p);
  const quantifier = p.atWord('all') ? 'all' : p.atWord('any') ? 'any' : 'count';
  p.advance();
  p.advance();
  const typed = !p.at(':', 1);
  if (!typed)
    p.errorHere(
      `expected the type of the variable, found ${p.found()}: write ${quantifier} (int ${p.word()} : …)`,
    );
  while (typed && !p.at(':', 1)) {
    if (p.at('*')) p.errorHere('the variable of a quantifier counts, so its type is an integer');
    p.advance();
  }
  const variable = p.name('the name of the variable');
  p.expect(':', 'after the variable');
  const low = parseConditional(p);
  p.expect('..', 'between the bounds');
  const high = parseConditional(p);
  p.expect(')', 'after the bounds');
  const body = parseConditional(p);
  p.leave();
  return { ...finish(p, 'quantifier', first), kind: 'quantifier', quantifier, variable, low, high, body };
}

// ---------------------------------------------------------------- helpers

export function finish(p: Parser, kind: NodeKind, first: number): Span {
  p.node(kind, first);
  return p.span(first);
}

/** Too deep: the rest of the group is skipped. Undoes the `enter` that failed. */
function abandon(p: Parser): Expression {
  const first = p.index;
  p.leave();
  p.skipGroup();
  p.node('error', first);
  return { ...p.span(first), kind: 'error' };
}

/** Whether a token after a complete operand goes on with the expression. */
export function continuesExpression(p: Parser): boolean {
  const kind = p.kind();
  return (
    precedence.has(kind) || assignOperators.has(kind) || kind === '?' || kind === ',' || isInfixWord(p, 0)
  );
}
