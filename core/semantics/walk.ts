/** The parts of checked code. */

import type { Expr, Init, Intrinsic, LValue, Stmt } from './hir.ts';

/** What is called for each direct part of a node, in order of evaluation. */
export interface Visitor {
  statement(part: Stmt): void;
  expression(part: Expr): void;
  /** `use` says what happens to the place. */
  place(part: LValue, use: PlaceUse): void;
}

/** `update` is a read and a write; `name` a place whose address is computed, or a part of a larger place. */
export type PlaceUse = 'read' | 'write' | 'update' | 'name';

export function statementParts(s: Stmt, visit: Visitor): void {
  switch (s.kind) {
    case 'block':
      for (const each of s.body) visit.statement(each);
      return;
    case 'expression':
      visit.expression(s.value);
      return;
    case 'declare':
      initParts(s.init, visit);
      return;
    case 'if':
      visit.expression(s.condition);
      visit.statement(s.then);
      if (s.otherwise !== null) visit.statement(s.otherwise);
      return;
    case 'loop':
      if (s.init !== null) visit.statement(s.init);
      if (s.condition !== null) visit.expression(s.condition);
      visit.statement(s.body);
      if (s.step !== null) visit.expression(s.step);
      return;
    case 'switch':
      visit.expression(s.value);
      visit.statement(s.body);
      return;
    case 'return':
      if (s.value !== null) visit.expression(s.value);
      return;
    case 'atomic':
    case 'ghost':
      visit.statement(s.body);
      return;
    case 'either':
      for (const branch of s.branches) visit.statement(branch);
      return;
    case 'emit':
      for (const arg of s.args) visit.expression(arg);
      return;
    case 'case':
    case 'break':
    case 'continue':
    case 'goto':
    case 'label':
    case 'step':
      return;
  }
}

export function initParts(init: Init | null, visit: Visitor): void {
  for (const entry of init?.entries ?? []) visit.expression(entry.value);
}

export function placeParts(p: LValue, visit: Visitor): void {
  switch (p.kind) {
    case 'local':
    case 'global':
    case 'pool':
      return;
    case 'deref':
      visit.expression(p.pointer);
      return;
    case 'field':
      visit.place(p.object, 'name');
      return;
    case 'index':
      visit.place(p.array, 'name');
      visit.expression(p.index);
      return;
    case 'temporary':
      visit.statement(p.before);
      return;
  }
}

export function expressionParts(e: Expr, visit: Visitor): void {
  switch (e.kind) {
    case 'constant':
    case 'function':
    case 'in-function':
      return;
    case 'read':
      visit.place(e.place, 'read');
      return;
    case 'address':
      visit.place(e.place, 'name');
      return;
    case 'negate':
    case 'complement':
    case 'not':
    case 'convert':
      visit.expression(e.value);
      return;
    case 'binary':
    case 'and-also':
    case 'or-else':
      visit.expression(e.left);
      visit.expression(e.right);
      return;
    case 'conditional':
      visit.expression(e.condition);
      visit.expression(e.then);
      visit.expression(e.otherwise);
      return;
    case 'assign':
      visit.expression(e.value);
      visit.place(e.target, e.op === null ? 'write' : 'update');
      return;
    case 'increment':
      visit.place(e.target, 'update');
      return;
    case 'call':
      if (e.callee.kind === 'indirect') visit.expression(e.callee.pointer);
      for (const arg of e.args) visit.expression(arg);
      return;
    case 'sequence':
      visit.statement(e.first);
      visit.expression(e.value);
      return;
    case 'choose':
      visit.expression(e.low);
      visit.expression(e.high);
      return;
    case 'choose-list':
      for (const each of e.values) visit.expression(each);
      return;
    case 'quantifier':
      visit.expression(e.low);
      visit.expression(e.high);
      visit.expression(e.body);
      return;
    case 'intrinsic':
      intrinsicParts(e.call, visit);
      return;
  }
}

function intrinsicParts(call: Intrinsic, visit: Visitor): void {
  switch (call.op) {
    case 'read-once':
      visit.place(call.place, 'read');
      return;
    case 'write-once':
      visit.expression(call.value);
      visit.place(call.place, 'write');
      return;
    case 'show':
      for (const each of call.values) visit.expression(each);
      return;
    case 'show-at':
      visit.expression(call.pointer);
      return;
    case 'data-race':
      visit.expression(call.value);
      return;
    case 'fetch':
      visit.expression(call.value);
      visit.place(call.place, 'update');
      return;
    case 'cmpxchg':
      visit.expression(call.expected);
      visit.expression(call.desired);
      visit.place(call.place, 'update');
      return;
    case 'try-cmpxchg':
      visit.place(call.expected, 'update');
      visit.expression(call.desired);
      visit.place(call.place, 'update');
      return;
    case 'wait-until':
      visit.expression(call.condition);
      if (call.holders !== null) visit.expression(call.holders);
      return;
    case 'check':
      visit.expression(call.condition);
      return;
    case 'thread-kind':
    case 'thread-cpu':
    case 'stores-wait':
      visit.expression(call.thread);
      return;
    case 'thread-of':
      visit.expression(call.object);
      return;
    case 'alloc':
      if (call.at !== null) visit.expression(call.at);
      return;
    case 'free':
    case 'is-live':
      visit.expression(call.pointer);
      return;
    case 'object-at':
      visit.expression(call.index);
      return;
    case 'fence':
    case 'self':
    case 'thread-count':
    case 'thread-named':
    case 'cpu-count':
    case 'callbacks-interrupt':
    case 'object-count':
      return;
  }
}
