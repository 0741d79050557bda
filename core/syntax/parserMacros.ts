import type { MacroItem, Name, Statement } from './ast.ts';
import type { TokenKind } from './tokens.ts';
import { parseExpression } from './parserExpressions.ts';
import { isKnownType, isTypeKeyword, startsDeclaration } from './parserLookahead.ts';
import type { Parser } from './parserState.ts';
import { endExpressionStatement, isLoopName, parseStatement } from './parserStatements.ts';
import { parseTypeName } from './parserTypes.ts';

/** `#define …` to the end of its line. The body is parsed once, here, as what its shape says. */
export function parseMacro(p: Parser): MacroItem {
  const first = p.index;
  p.advance();
  p.inMacro = true;
  const name = p.name('the name of the macro');
  let params: Name[] | null = null;
  let variadic = false;
  if (name.text !== '' && p.at('(') && p.isJoined(0)) ({ params, variadic } = parseParams(p));
  const body = name.text === '' ? { kind: 'empty' as const } : parseBody(p, name.text);
  if (!p.atEnd()) p.expected(`the end of the macro ${name.text}`);
  while (!p.atEnd()) p.advance();
  const span = p.span(first);
  p.node('macro', first);
  p.eat('eod');
  p.inMacro = false;
  return { ...span, kind: 'macro', name, params, variadic, body };
}

function parseParams(p: Parser): { readonly params: Name[]; readonly variadic: boolean } {
  const first = p.index;
  const params: Name[] = [];
  let variadic = false;
  p.advance();
  while (!p.at(')') && !p.atEnd()) {
    if (p.eat('...')) variadic = true;
    else params.push(p.name('the name of a parameter'));
    if (p.at('...') && !variadic)
      p.errorHere("expected ',' or ')', found '...': write , ... and use __VA_ARGS__");
    if (variadic || !p.eat(',')) break;
  }
  if (!p.expect(')', 'after the parameters of the macro')) {
    while (!p.atEnd() && !p.at(')')) p.advance();
    p.eat(')');
  }
  p.node('params', first);
  return { params, variadic };
}

const statementKeywords: ReadonlySet<TokenKind> = new Set<TokenKind>([
  '{',
  'do',
  'if',
  'for',
  'while',
  'switch',
  'return',
  'goto',
  'break',
  'continue',
  'case',
  'default',
  ';',
]);

function parseBody(p: Parser, macro: string): MacroItem['body'] {
  if (p.at('eod')) return { kind: 'empty' };
  if (isWholeType(p)) return { kind: 'type', value: parseTypeName(p) };
  if (startsStatement(p)) return statements(p, []);
  const first = p.index;
  const value = parseExpression(p);
  const callee = value.kind === 'call' && value.callee.kind === 'name' ? value.callee.name : null;
  if (
    value.kind === 'call' &&
    callee !== null &&
    p.at('eod') &&
    (isLoopName(macro) || isLoopName(callee.text))
  ) {
    // A loop head that only hands on to another one.
    p.node('macro-loop', first);
    const hole = { start: p.end(), end: p.end(), kind: 'macro-body' as const };
    return {
      kind: 'loop-head',
      value: { ...p.span(first), kind: 'macro-loop', name: callee, args: value.args, body: hole },
    };
  }
  if (p.at('eod') || p.index === first) return { kind: 'expression', value };
  if (callee === null && !p.at(';')) return { kind: 'expression', value };
  return statements(p, [endExpressionStatement(p, first, value)]);
}

function statements(p: Parser, before: readonly Statement[]): MacroItem['body'] {
  const first = p.index;
  const list = [...before];
  while (!p.atEnd()) {
    const start = p.index;
    const statement = parseStatement(p);
    if (p.index === start) break;
    list.push(statement);
  }
  const [only] = list;
  const value: Statement =
    only !== undefined && list.length === 1
      ? only
      : { start: only?.start ?? p.startOf(first), end: p.end(), kind: 'block', body: list };
  return { kind: p.sawMacroHole ? 'loop-head' : 'statement', value };
}

function startsStatement(p: Parser): boolean {
  if (statementKeywords.has(p.kind())) return true;
  if (p.at('identifier')) {
    if (p.at(':', 1)) return true;
    if (p.at('{', 1) && (p.atWord('atomic') || p.atWord('ghost') || p.atWord('either') || p.atWord('guest')))
      return true;
    if (p.atWord('emit') && p.at('identifier', 1)) return true;
    if (p.atWord('step') && p.at(';', 1)) return true;
  }
  return startsDeclaration(p);
}

/** The rest of the line is a type: words of one type, then stars. */
function isWholeType(p: Parser): boolean {
  let at = 0;
  const skipConst = (): void => {
    while (p.at('const', at) || p.at('volatile', at)) at++;
  };
  skipConst();
  const kind = p.kind(at);
  if (kind === 'struct' || kind === 'union' || kind === 'enum') {
    if (!p.at('identifier', at + 1)) return false;
    at += 2;
  } else if (kind === 'identifier') {
    if (!isKnownType(p, p.word(at))) return false;
    at++;
  } else if (isTypeKeyword(kind) && kind !== 'typeof') while (at < 8 && isTypeKeyword(p.kind(at))) at++;
  else return false;
  skipConst();
  while (at < 16 && p.at('*', at)) at++;
  skipConst();
  return p.at('eod', at);
}
