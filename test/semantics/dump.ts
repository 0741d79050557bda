/** Checked code as one line of text, for tests: names and operations, types where a conversion changes them. */

import type { CheckedProgram, Expr, Init, Intrinsic, LValue, Stmt } from '../../core/semantics/hir.ts';
import { typeName } from '../../core/semantics/typeName.ts';

/** The statements of a function or of the first thread of an actor. */
export function dumpBody(program: CheckedProgram, name: string): string {
  const body = program.functions.get(name)?.body ?? program.actors.find((actor) => actor.name === name)?.body;
  if (body === undefined) throw new Error(`there is no body '${name}'`);
  return body.kind === 'block' ? body.body.map(statement).join('; ') : statement(body);
}

export function dumpInit(init: Init | null): string {
  if (init === null) return '-';
  return `{${init.entries.map((e) => ` ${e.offset}${e.bits === null ? '' : `:${e.bits.shift}+${e.bits.width}`}=${expression(e.value)}`).join('')} }`;
}

function statement(s: Stmt): string {
  switch (s.kind) {
    case 'block':
      return `{ ${s.body.map(statement).join('; ')} }`;
    case 'expression':
      return expression(s.value);
    case 'declare':
      return `${s.variable.ghost ? 'ghost ' : ''}${typeName(s.variable.type)} ${s.variable.name} ${dumpInit(s.init)}`;
    case 'if':
      return `if ${expression(s.condition)} ${statement(s.then)}${s.otherwise === null ? '' : ` else ${statement(s.otherwise)}`}`;
    case 'loop': {
      const parts = [
        s.init === null ? '' : statement(s.init),
        s.condition === null ? '' : expression(s.condition),
        s.step === null ? '' : expression(s.step),
      ];
      return `${s.doWhile ? 'do' : 'loop'}(${parts.join('; ')}) ${statement(s.body)}`;
    }
    case 'switch':
      return `switch ${expression(s.value)} ${statement(s.body)}`;
    case 'case':
      return s.low === null ? 'default:' : `case ${s.low}${s.high === s.low ? '' : `...${s.high}`}:`;
    case 'return':
      return s.value === null ? 'return' : `return ${expression(s.value)}`;
    case 'goto':
      return `goto ${s.label}`;
    case 'label':
      return `${s.label}:`;
    case 'atomic':
    case 'ghost':
      return `${s.kind} ${statement(s.body)}`;
    case 'either':
      return `either ${s.branches.map(statement).join(' or ')}`;
    case 'emit':
      return `emit ${s.event}(${s.args.map(expression).join(', ')})`;
    case 'break':
    case 'continue':
    case 'step':
      return s.kind;
  }
}

const signs: Readonly<Record<string, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  rem: '%',
  and: '&',
  or: '|',
  xor: '^',
  shl: '<<',
  shr: '>>',
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
};

export function expression(e: Expr): string {
  switch (e.kind) {
    case 'constant':
      return e.type.kind === 'void' ? 'void' : `${e.value}`;
    case 'read':
      return place(e.place);
    case 'address':
      return `&${place(e.place)}`;
    case 'function':
      return `&${e.name}`;
    case 'negate':
      return `-${expression(e.value)}`;
    case 'complement':
      return `~${expression(e.value)}`;
    case 'not':
      return `!${expression(e.value)}`;
    case 'binary':
      return `(${expression(e.left)} ${signs[e.op]}${signed(e.left)} ${expression(e.right)})`;
    case 'and-also':
      return `(${expression(e.left)} && ${expression(e.right)})`;
    case 'or-else':
      return `(${expression(e.left)} || ${expression(e.right)})`;
    case 'conditional':
      return `(${expression(e.condition)} ? ${expression(e.then)} : ${expression(e.otherwise)})`;
    case 'convert':
      return `<${typeName(e.type)}>${expression(e.value)}`;
    case 'assign':
      return `${place(e.target)} ${e.op === null ? '' : `${signs[e.op]}<${typeName(e.opType)}>`}= ${expression(e.value)}`;
    case 'increment':
      return e.prefix ? `${delta(e.delta)}${place(e.target)}` : `${place(e.target)}${delta(e.delta)}`;
    case 'call':
      return `${e.callee.kind === 'direct' ? e.callee.name : `(${expression(e.callee.pointer)})`}(${e.args.map(expression).join(', ')})`;
    case 'intrinsic':
      return intrinsic(e.call);
    case 'sequence':
      return `[${statement(e.first)}; ${expression(e.value)}]`;
    case 'choose':
      return `choose(${expression(e.low)}..${expression(e.high)})`;
    case 'choose-list':
      return `choose(${e.values.map(expression).join(', ')})`;
    case 'quantifier':
      return `${e.quantifier}(${e.variable.name} : ${expression(e.low)}..${expression(e.high)}) ${expression(e.body)}`;
    case 'in-function':
      return `in(${e.name})`;
  }
}

/** Where signedness decides: division, remainder, right shift, order. */
function signed(left: Expr): string {
  return left.type.kind === 'int' && left.type.signed ? '' : 'u';
}

function delta(by: bigint): string {
  return by === 1n ? '++' : by === -1n ? '--' : by > 0n ? `++${by} ` : `--${-by} `;
}

export function place(p: LValue): string {
  switch (p.kind) {
    case 'local':
    case 'global':
      return p.variable.name;
    case 'pool':
      return p.pool.name;
    case 'deref':
      return `*(${expression(p.pointer)})`;
    case 'field':
      return `${place(p.object)}.${p.name}@${p.offset}${p.bits === null ? '' : `:${p.bits.shift}+${p.bits.width}`}`;
    case 'index':
      return `${place(p.array)}[${expression(p.index)}${p.length === null ? '' : `/${p.length}`}]`;
    case 'temporary':
      return `temp(${statement(p.before)})`;
  }
}

function intrinsic(call: Intrinsic): string {
  switch (call.op) {
    case 'read-once':
      return `read_once(${place(call.place)}${call.order === 'acquire' ? ', acquire' : ''})`;
    case 'write-once':
      return `write_once(${place(call.place)}, ${expression(call.value)}${call.order === 'release' ? ', release' : ''})`;
    case 'show':
      return `show ${call.how} ${JSON.stringify(call.text)}(${call.values.map(expression).join(', ')})`;
    case 'show-end':
      return 'show end';
    case 'show-at':
      return `show at ${expression(call.pointer)}`;
    case 'data-race':
      return `data_race(${expression(call.value)})`;
    case 'fetch':
      return `fetch_${call.how}(${place(call.place)}, ${expression(call.value)})`;
    case 'cmpxchg':
      return `cmpxchg(${place(call.place)}, ${expression(call.expected)}, ${expression(call.desired)})`;
    case 'try-cmpxchg':
      return `try_cmpxchg(${place(call.place)}, ${place(call.expected)}, ${expression(call.desired)})`;
    case 'fence':
      return `fence(${call.fence})`;
    case 'wait-until':
      return `wait(${expression(call.condition)}${call.holders === null ? '' : `, ${expression(call.holders)}`})`;
    case 'check':
      return `${call.fatal ? 'fatal' : 'check'}<${call.code}${call.name === null ? '' : ` ${call.name}`}>(${expression(call.condition)})`;
    case 'thread-kind':
    case 'thread-cpu':
    case 'stores-wait':
      return `${call.op}(${expression(call.thread)})`;
    case 'thread-of':
      return `thread_of(${call.actor}, ${expression(call.object)})`;
    case 'thread-named':
      return `thread_named(${call.actor})`;
    case 'alloc':
      return `alloc${call.zeroed ? '' : '_uninit'}(${call.pool.name}${call.at === null ? '' : `, ${expression(call.at)}`})`;
    case 'free':
    case 'is-live':
      return `${call.op}(${expression(call.pointer)})`;
    case 'object-count':
      return `object_count(${typeName(call.of)})`;
    case 'object-at':
      return `object_at(${typeName(call.of)}, ${expression(call.index)})`;
    case 'self':
    case 'thread-count':
    case 'cpu-count':
    case 'callbacks-interrupt':
      return call.op;
  }
}
