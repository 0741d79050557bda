import type { ActorItem, Expression, Item, Name, TypeExpr } from './ast.ts';
import { endItem, parseDeclaration, parseGhost } from './parserDeclarations.ts';
import { parseDeclaringMacro, startsDeclaringMacro } from './parserDeclaring.ts';
import { parseConditional, parseExpression } from './parserExpressions.ts';
import { stringTokens } from './parserLiterals.ts';
import {
  type ContextItem,
  contextItem,
  isTypeKeyword,
  startsAttribute,
  startsItemAtColumnZero,
  startsType,
} from './parserLookahead.ts';
import { parseMacro } from './parserMacros.ts';
import {
  parseCheck,
  parseExpect,
  parseHook,
  parseLockOrder,
  parseProperty,
  parseSchedule,
} from './parserProperties.ts';
import type { Parser } from './parserState.ts';
import { parseBlock } from './parserStatements.ts';
import { parseDeclarator, parseParams, parseSpecifiers } from './parserTypes.ts';

/** One item, or null when none begins here; then nothing is taken. */
export function parseItem(p: Parser): Item | null {
  const first = p.index;
  const context = contextItem(p);
  if (context !== null) return parseContextItem(p, first, context);
  if (startsDeclaringMacro(p)) {
    const variable = parseDeclaringMacro(p, first);
    endItem(p, 'after the declaration');
    p.node('variable', first);
    return { ...variable, ...p.span(first) };
  }
  switch (p.kind()) {
    case 'define':
      return parseMacro(p);
    case 'typedef':
      return parseTypedef(p, first);
    case 'static':
    case 'extern':
    case 'inline':
    case 'register':
      return parseDeclaration(p, first, plain);
    case 'identifier':
      if (p.at('(', 1) && !startsType(p, 0) && !startsAttribute(p)) return null;
      return isNameAlone(p) ? null : parseDeclaration(p, first, plain);
    default:
      return isTypeKeyword(p.kind()) ? parseDeclaration(p, first, plain) : null;
  }
}

const plain = { primitive: false, override: false };

/** A word with nothing behind it that could be declared. */
function isNameAlone(p: Parser): boolean {
  const next = p.kind(1);
  return !(
    next === 'identifier' ||
    next === '*' ||
    next === '(' ||
    isTypeKeyword(next) ||
    next === 'static' ||
    next === 'inline' ||
    next === 'extern'
  );
}

function parseContextItem(p: Parser, first: number, context: ContextItem): Item {
  switch (context) {
    case 'scenario': {
      p.advance();
      const title = parseTitle(p, 'the title of the scenario in quotes');
      endItem(p, 'after the title');
      p.node('scenario', first);
      return { ...p.span(first), kind: 'scenario', title };
    }
    case 'import': {
      p.advance();
      const pathFirst = p.index;
      const path = parseTitle(p, 'the path of a file in quotes');
      const pathSpan = p.span(pathFirst);
      endItem(p, 'after the path');
      p.node('import', first);
      return { ...p.span(first), kind: 'import', path, pathSpan };
    }
    case 'profile': {
      p.advance();
      const name = parseTitle(p, 'the name of a profile in quotes');
      endItem(p, 'after the name of the profile');
      p.node('profile', first);
      return { ...p.span(first), kind: 'profile', name };
    }
    case 'option': {
      p.advance();
      const name = p.name('the name of the option');
      p.expect('=', 'after the name of the option');
      const values = parseNames(p, 'a value of the option');
      endItem(p, 'after the option');
      p.node('option', first);
      return { ...p.span(first), kind: 'option', name, values };
    }
    case 'machine': {
      p.advance();
      const settings = parseEntries(p, 'the settings of the machine');
      p.node('machine', first);
      return { ...p.span(first), kind: 'machine', settings };
    }
    case 'setting':
      return parseSetting(p, first);
    case 'when':
      return parseWhen(p, first);
    case 'pool': {
      p.advance();
      const specifiers = parseSpecifiers(p, 'the type of the objects of the pool');
      const type = parseStars(p, specifiers.type);
      const name = p.name('the name of the pool');
      let length: Expression = { start: p.end(), end: p.end(), kind: 'error' };
      if (p.expect('[', 'and the number of objects after the name of the pool')) {
        length = parseConditional(p);
        p.expect(']', 'after the number of objects');
      }
      let reuse = false;
      let at: Expression | null = null;
      let stride: Expression | null = null;
      for (;;) {
        if (p.eatWord('reuse')) reuse = true;
        else if (p.eatWord('at')) at = parseConditional(p);
        else if (p.eatWord('stride')) stride = parseConditional(p);
        else break;
      }
      endItem(p, 'after the pool');
      p.node('pool', first);
      return { ...p.span(first), kind: 'pool', type, name, length, reuse, at, stride };
    }
    case 'ghost':
      p.advance();
      return parseGhost(p, first);
    case 'lock_type': {
      p.advance();
      const specifiers = parseSpecifiers(p, 'the type of the lock', 'no bodies');
      const entries = parseEntries(p, 'the lock type');
      p.node('lock-type', first);
      return { ...p.span(first), kind: 'lock-type', type: specifiers.type, entries };
    }
    case 'vcpu_state': {
      p.advance();
      const specifiers = parseSpecifiers(p, 'the type of the state of a vcpu');
      const type = parseStars(p, specifiers.type);
      const name = p.name('the name of the array');
      endItem(p, 'after the name');
      p.node('vcpu-state', first);
      return { ...p.span(first), kind: 'vcpu-state', type, name };
    }
    case 'event': {
      p.advance();
      const name = p.name('the name of the event');
      const params = parseParams(p);
      endItem(p, 'after the event');
      p.node('event', first);
      return { ...p.span(first), kind: 'event', name, params };
    }
    case 'primitive':
    case 'override': {
      const primitive = p.atWord('primitive') || p.atWord('primitive', 1);
      const override = p.atWord('override') || p.atWord('override', 1);
      p.advance();
      if (contextItem(p) === 'primitive' || contextItem(p) === 'override') p.advance();
      return parseDeclaration(p, first, { primitive, override });
    }
    case 'init': {
      p.advance();
      const body = parseBlock(p, "'init'");
      p.node('init', first);
      return { ...p.span(first), kind: 'init', body };
    }
    case 'view': {
      p.advance();
      const title = parseTitle(p, 'the title of the view in quotes');
      const body = parseBlock(p, 'the view');
      p.node('view', first);
      return { ...p.span(first), kind: 'view', title, body };
    }
    case 'actor':
      return parseActor(p, first);
    case 'before':
    case 'after':
    case 'at':
    case 'on':
      return parseHook(p, context);
    case 'property':
      return parseProperty(p);
    case 'expect':
      return parseExpect(p);
    case 'schedule':
      return parseSchedule(p);
    case 'check':
      return parseCheck(p);
    case 'lock_order':
      return parseLockOrder(p);
  }
}

export function parseTitle(p: Parser, what: string): string {
  if (p.at('string')) return stringTokens(p);
  p.expected(what);
  return '';
}

/** `{ a, b, c }` */
export function parseNames(p: Parser, what: string): Name[] {
  const first = p.index;
  const names: Name[] = [];
  if (!p.expect('{', `before ${what}`)) return names;
  while (!p.at('}') && !p.atEnd() && !p.at(';')) {
    const name = p.name(what);
    if (name.text !== '') names.push(name);
    if (p.eat(',')) continue;
    if (p.at('}')) break;
    p.expected(`',' or '}' after ${what}`);
    if (p.at('identifier')) continue;
    while (!p.atEnd() && !p.at(',') && !p.at('}') && !p.at(';') && !p.at('{')) p.advance();
    if (!p.eat(',')) break;
  }
  p.expect('}', 'to close the list');
  p.node('names', first);
  return names;
}

/** `{ name = value; … }` */
function parseEntries(p: Parser, what: string): { name: Name; value: Expression }[] {
  const first = p.index;
  const entries: { name: Name; value: Expression }[] = [];
  if (!p.expect('{', `before ${what}`)) return entries;
  while (!p.at('}') && !p.atEnd() && !startsItemAtColumnZero(p)) {
    const entryFirst = p.index;
    const name = p.name('a name');
    if (name.text !== '' && p.expect('=', `after '${name.text}'`))
      entries.push({ name, value: parseConditional(p) });
    endItem(p, 'after the value');
    if (p.index === entryFirst) p.advance();
    p.node('entry', entryFirst);
  }
  p.expect('}', `to close ${what}`);
  p.node('entries', first);
  return entries;
}

function parseSetting(p: Parser, first: number): Item {
  p.advance();
  const name = p.name('the name of the setting');
  let value: Expression = { start: p.end(), end: p.end(), kind: 'error' };
  let low: Expression | null = null;
  let high: Expression | null = null;
  let values: Name[] | null = null;
  if (p.expect('=', 'and the default value after the name of the setting')) {
    // `in {` after the value is the list of values, not a comparison.
    p.inIsReserved = true;
    value = parseConditional(p);
    p.inIsReserved = false;
    if (p.eatWord('in')) {
      if (p.at('{')) values = parseNames(p, 'a value of the setting');
      else {
        low = parseConditional(p);
        p.expect('..', 'between the bounds');
        high = parseConditional(p);
      }
    }
  }
  endItem(p, 'after the setting');
  p.node('setting', first);
  return { ...p.span(first), kind: 'setting', name, value, low, high, values };
}

function parseWhen(p: Parser, first: number): Item {
  p.advance();
  const opened = p.expect('(', "after 'when'");
  const condition = parseExpression(p);
  if (opened) p.expect(')', 'after the condition');
  const items: Item[] = [];
  if (!p.enter()) p.skipGroup();
  else if (p.eat('{')) {
    while (!p.at('}') && !p.atEnd()) {
      if (p.eat(';')) continue;
      if (startsItemAtColumnZero(p)) break;
      const before = p.index;
      const item = parseItem(p);
      if (item !== null && p.index > before) items.push(item);
      else skipUnknown(p, 'a declaration');
    }
    p.expect('}', "to close 'when'");
  } else {
    const item = p.atEnd() ? null : parseItem(p);
    if (item === null) p.expected("'{' after the condition of 'when'");
    else items.push(item);
  }
  p.leave();
  p.node('when', first);
  return { ...p.span(first), kind: 'when', condition, items };
}

/** Inside `when`: skips to the end of a line or statement; always takes a token. */
function skipUnknown(p: Parser, what: string): void {
  const first = p.index;
  p.expected(what);
  p.advance();
  while (!p.atEnd() && !p.onNewLine() && !p.at(';') && !p.at('}')) p.advance();
  p.node('error', first);
}

function parseTypedef(p: Parser, first: number): Item {
  p.advance();
  const specifiers = parseSpecifiers(p);
  const declarator = parseDeclarator(p, specifiers.type, 'required', 'the new name of the type');
  if (p.at(',')) p.errorHere("expected ';' after the name, found ',': write a typedef for each name");
  endItem(p, 'after the typedef');
  p.node('typedef', first);
  return {
    ...p.span(first),
    kind: 'typedef',
    name: declarator.name ?? p.missingName(),
    type: declarator.type,
  };
}

function parseActor(p: Parser, first: number): ActorItem {
  const actor = p.atWord('vcpu') ? 'vcpu' : p.atWord('task') ? 'task' : p.atWord('irq') ? 'irq' : 'softirq';
  p.advance();
  const name = p.name(`the name of the ${actor}`);
  const family = p.at('[') ? parseFamily(p) : null;
  let cpu: Expression | null = null;
  let times: Expression | null = null;
  let daemon = false;
  let noThread: ActorItem['noThread'] = null;
  for (;;) {
    const word = p.index;
    if (p.eatWord('daemon')) daemon = true;
    else if (p.eatWord('no_thread')) noThread = p.span(word);
    else if (p.eatWord('times')) times = parseConditional(p);
    else if (p.atWord('on') && p.atWord('cpu', 1)) {
      p.advance();
      p.advance();
      if (!p.expect('(', "after 'on cpu'")) continue;
      cpu = parseExpression(p);
      p.expect(')', 'after the number of the cpu');
    } else break;
  }
  if (!p.at('{')) {
    p.expected("'on cpu(…)', 'times', 'daemon', 'no_thread' or '{' after the name of the actor");
    while (!p.atEnd() && !p.onNewLine() && !p.at('{') && !p.at(';') && !p.at('}')) p.advance();
  }
  const body = parseBlock(p, `the code of ${name.text === '' ? `the ${actor}` : name.text}`);
  p.node('actor', first);
  return { ...p.span(first), kind: 'actor', actor, name, family, cpu, times, daemon, noThread, body };
}

function parseFamily(p: Parser): ActorItem['family'] {
  const first = p.index;
  p.advance();
  let family: ActorItem['family'];
  if (p.at('identifier') && p.at(':', 1)) family = parseRangeOf(p, p.name('the index'));
  else {
    const specifiers = parseSpecifiers(
      p,
      'an index and its range as in [i : 0..1], or a type and a name as in [struct foo *p]',
    );
    const declarator = parseDeclarator(p, specifiers.type, 'required', "':' and a range, or a name");
    const variable = declarator.name ?? p.missingName();
    family = p.at(':') ? parseRangeOf(p, variable) : { kind: 'each', variable, type: declarator.type };
  }
  if (!p.eat(']')) {
    p.expected("']' after the index");
    while (!p.atEnd() && !p.onNewLine() && !p.at(']') && !p.at('{') && !p.at(';')) p.advance();
    p.eat(']');
  }
  p.node('family', first);
  return family;
}

function parseRangeOf(p: Parser, variable: Name): ActorItem['family'] {
  p.expect(':', 'after the index');
  const low = parseConditional(p);
  p.expect('..', 'between the bounds');
  const high = parseConditional(p);
  return { kind: 'range', variable, low, high };
}

function parseStars(p: Parser, base: TypeExpr): TypeExpr {
  let type = base;
  for (let stars = 0; p.at('*') && stars < 32; stars++) {
    p.advance();
    type = { start: base.start, end: p.end(), kind: 'pointer', to: type };
  }
  return type;
}
