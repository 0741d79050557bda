import type {
  CheckItem,
  ExpectItem,
  Expression,
  HookItem,
  LockOrderItem,
  Name,
  PropertyItem,
  ScheduleItem,
  ScheduleMove,
} from './ast.ts';
import { endItem } from './parserDeclarations.ts';
import { parseConditional, parseExpression } from './parserExpressions.ts';
import { parseTitle } from './parserItems.ts';
import { startsItemAtColumnZero } from './parserLookahead.ts';
import type { Parser } from './parserState.ts';
import { parseBlock } from './parserStatements.ts';

/** What must hold, what is expected, and which interleavings to look at. */

export function parseHook(p: Parser, word: 'before' | 'after' | 'at' | 'on'): HookItem {
  const first = p.index;
  p.advance();
  let target: Name | null = null;
  let lock: Expression | null = null;
  let params: readonly Name[] = [];
  let result: Name | null = null;
  let of: string;
  if (word === 'at') {
    of = "'at release'";
    p.advance();
    if (p.expect('(', "and a lock after 'at release'")) {
      lock = parseExpression(p);
      p.expect(')', 'after the lock');
    }
  } else {
    target = p.name(
      word === 'on' ? "the name of an event after 'on'" : `the name of a function after '${word}'`,
    );
    of = `'${word} ${target.text}'`;
    params = parseHookParams(p, word === 'on' ? 'the event' : 'the function');
    if (p.eatWord('returns') && p.eat('(')) {
      result = p.name('a name for the result');
      p.expect(')', 'after the name of the result');
    }
  }

  p.oldIsOperator = word === 'after';
  let body: HookItem['body'] = null;
  let check: HookItem['check'] = null;
  if (p.at('{')) body = parseBlock(p, `the code of ${of}`);
  else {
    const name = p.at('identifier') ? p.name('a name') : null;
    if (p.expect(':', `and a condition, or '{', after ${of}`)) {
      check = { name, condition: parseExpression(p) };
    }
    endItem(p, 'after the condition');
  }
  p.oldIsOperator = false;
  p.node('hook', first);
  return {
    ...p.span(first),
    kind: 'hook',
    hook: word === 'at' ? 'release' : word,
    target,
    lock,
    params,
    result,
    body,
    check,
  };
}

function parseHookParams(p: Parser, of: string): readonly Name[] {
  const first = p.index;
  const params: Name[] = [];
  if (!p.expect('(', `and names for the arguments of ${of}`)) return params;
  while (!p.at(')') && !p.atEnd() && !p.at(';') && !p.at('{')) {
    if (!p.at('identifier') || !(p.at(',', 1) || p.at(')', 1))) {
      p.expected('the name of an argument, without its type');
      while (!p.atEnd() && !p.at(',') && !p.at(')') && !p.at(';') && !p.at('{')) p.advance();
    } else params.push(p.name('the name of an argument'));
    if (!p.eat(',')) break;
  }
  p.expect(')', 'after the names of the arguments');
  p.node('params', first);
  return params;
}

export function parseProperty(p: Parser): PropertyItem {
  const first = p.index;
  const property = p.atWord('invariant') ? 'invariant' : p.atWord('finally') ? 'finally' : 'reachable';
  p.advance();
  const name = p.name(`the name of the ${property === 'finally' ? 'condition' : property}`);
  let unless: Expression | null = null;
  if (p.atWord('unless')) {
    p.advance();
    unless = parseConditional(p);
  }
  let condition: Expression = { start: p.end(), end: p.end(), kind: 'error' };
  if (p.expect(':', unless === null ? 'and a condition after the name' : "after the condition of 'unless'"))
    condition = parseExpression(p);
  endItem(p, 'after the condition');
  p.node('property', first);
  return { ...p.span(first), kind: 'property', property, name, unless, condition };
}

export function parseExpect(p: Parser): ExpectItem {
  const first = p.index;
  p.advance();
  const expect = p.atWord('passes') ? 'passes' : p.atWord('finds') ? 'finds' : 'fails';
  const known = p.eatWord(expect);
  if (!known) p.expected("'fails', 'passes' or 'finds' after 'expect'");
  const only = expect === 'fails' && p.atWord('only') && p.at('identifier', 1);
  if (only) p.advance();
  const names: Name[] = [];
  if (known && expect !== 'passes') {
    const what = expect === 'finds' ? 'the code of a finding' : 'the name of a check';
    do names.push(p.name(what));
    while (p.eat(','));
  }
  let notReachable = false;
  if (expect === 'finds' && p.atWord('not')) {
    p.advance();
    notReachable = p.eatWord('reachable');
    if (!notReachable) p.expected("'reachable' after 'not'");
  }
  const when = p.eatWord('when') ? parseExpression(p) : null;
  endItem(p, when === null ? "or 'when' after the expectation" : 'after the expectation');
  p.node('expect', first);
  return {
    ...p.span(first),
    kind: 'expect',
    expect,
    only,
    names: names.filter((name) => name.text !== ''),
    notReachable,
    when,
  };
}

export function parseSchedule(p: Parser): ScheduleItem {
  const first = p.index;
  p.advance();
  const title = parseTitle(p, 'the title of the schedule in quotes');
  const when = p.eatWord('when') ? parseExpression(p) : null;
  const moves: ScheduleMove[] = [];
  if (p.expect('{', 'before the moves of the schedule')) {
    while (!p.at('}') && !p.atEnd() && !startsItemAtColumnZero(p)) {
      const before = p.index;
      if (p.eat(';')) continue;
      if (p.at('identifier')) moves.push(parseMove(p));
      else {
        p.expected('the name of an actor', '', 'here');
        endItem(p, 'after the move');
      }
      if (p.index === before) p.advance();
    }
    p.expect('}', 'to close the schedule');
  }
  p.node('schedule', first);
  return { ...p.span(first), kind: 'schedule', title, when, moves };
}

function parseMove(p: Parser): ScheduleMove {
  const first = p.index;
  const actor = p.name('the name of an actor');
  let index: Expression | null = null;
  if (p.eat('[')) {
    index = parseExpression(p);
    p.expect(']', 'after the index of the actor');
  }
  let until: ScheduleMove['until'] = { kind: 'end' };
  if (p.eatWord('until')) {
    if ((p.atWord('load') || p.atWord('store')) && p.atWord('of', 1)) {
      const kind = p.atWord('load') ? 'load' : 'store';
      p.advance();
      p.advance();
      until = { kind, lvalue: parseConditional(p) };
    } else until = { kind: 'label', label: p.name("a label, 'load of' or 'store of'") };
  } else if (
    !p.at(';') &&
    !p.atWord('choosing') &&
    !p.at('}') &&
    (p.at('number') || p.at('identifier') || p.at('('))
  ) {
    const count = parseConditional(p);
    if (!p.eatWord('steps') && !p.eatWord('step')) p.expected("'steps' after the number");
    until = { kind: 'steps', count };
  }
  const choices: Expression[] = [];
  if (p.eatWord('choosing')) {
    if (p.expect('(', "after 'choosing'")) {
      while (!p.at(')') && !p.atEnd() && !p.at(';')) {
        choices.push(parseConditional(p));
        if (!p.eat(',')) break;
      }
      p.expect(')', 'after the choices');
    }
  }
  endItem(p, until.kind === 'end' && choices.length === 0 ? "or 'until' after the actor" : 'after the move');
  p.node('move', first);
  return { ...p.span(first), actor, index, until, choices };
}

export function parseCheck(p: Parser): CheckItem {
  const first = p.index;
  p.advance();
  const name = p.name('the name of a check');
  const severity = p.name("'error', 'warning' or 'off'");
  endItem(p, 'after the severity');
  p.node('check', first);
  return { ...p.span(first), kind: 'check', name, severity };
}

export function parseLockOrder(p: Parser): LockOrderItem {
  const first = p.index;
  p.advance();
  const locks: Expression[] = [];
  do locks.push(parseConditional(p));
  while (p.eat(','));
  endItem(p, "or ',' after the lock");
  p.node('lock-order', first);
  return { ...p.span(first), kind: 'lock-order', locks };
}
