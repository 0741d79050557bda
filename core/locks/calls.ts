/** Calls: which function, what it sees of its caller's state, and what comes back. */

import type { Expr, HirFunction, Loc } from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';
import { typeName } from '../semantics/typeName.ts';
import { exit, retained } from './effects.ts';
import { bind, evaluate, type Results } from './evaluate.ts';
import { answer, type Call } from './following.ts';
import { deepest, limited, mostAlike } from './limits.ts';
import { holdersOf, type LockWork, lockWorkOf, pointeeLock } from './locking.ts';
import {
  emptyState,
  type Held,
  heldId,
  isPrivateCell,
  join,
  known,
  lockKey,
  mapKey,
  privateAddress,
  renew,
  type State,
  stateKey,
} from './lockset.ts';
import { obligations, obliges } from './obligations.ts';
import type { Relevance } from './relevance.ts';
import { addressOf, anything, type Value } from './values.ts';
import type { Frame, Walk } from './walk.ts';
import { around } from './ways.ts';

export function call(walk: Walk, frame: Frame, e: Expr & { kind: 'call' }, state: State): Results<Value> {
  const { callee } = e;
  // Which function it is may tell something of the state: `(shared ? read_lock : write_lock)(&lock)`.
  let arrived: readonly (readonly [State, readonly string[], readonly Value[]])[] =
    callee.kind === 'direct'
      ? [[state, [callee.name], []]]
      : evaluate(walk, frame, callee.pointer, state).map(([s, value]) => [
          s,
          pointedTo(walk, frame, callee.pointer, known(s, value)),
          [],
        ]);
  for (const arg of e.args) {
    arrived = arrived.flatMap(([s, names, values]) =>
      evaluate(walk, frame, arg, s).map(([t, value]) => [t, names, [...values, known(t, value)]] as const),
    );
  }
  return arrived.flatMap(([s, names, values]) => {
    if (names.length === 0) return [walk.fresh(frame, e.loc, s)];
    return names.flatMap((name) => enter(walk, frame, name, values, s, e.loc, e.type.kind === 'void'));
  });
}

/** Functions that an indirect call may reach. */
function pointedTo(walk: Walk, frame: Frame, pointer: Expr, value: Value): readonly string[] {
  const type: Type = pointer.type.kind === 'pointer' ? pointer.type.to : pointer.type;
  const names = value.startsWith('@')
    ? [value.slice(1)]
    : (walk.ground.addressTaken.get(typeName(type)) ?? []).filter(
        (name) => frame.parent !== null || walk.handed === null || walk.handed.has(name),
      );
  for (const name of names) walk.target(name);
  return names;
}

/** Every return of a call of a function of this name, with the state and the value. */
export function enter(
  walk: Walk,
  frame: Frame,
  name: string,
  args: readonly Value[],
  state: State,
  loc: Loc,
  isVoid: boolean,
): Results<Value> {
  const fn = walk.program.functions.get(name);
  if (fn === undefined) return [walk.fresh(frame, loc, state)];
  const holders = holdersOf(walk, fn, args, state);
  if (holders !== null) return [[state, holders]];
  walk.visit(name);
  const relevance = walk.ground.functions.of(name);
  if (relevance === undefined) return [walk.fresh(frame, loc, state)];
  const plain = args.every((arg) => !arg.startsWith('$') && arg !== anything);
  for (const each of relevance.scenario) walk.recorder.skipped(each, bare(state));
  if (!relevance.relevant && frame.primitive === null && !(relevance.pure && plain))
    return [skip(walk, frame, name, relevance, args, state, loc)];
  if (frame.depth > deepest) {
    walk.recorder.cut();
    limited(walk, frame, loc, 'depth');
    return [walk.fresh(frame, loc, state)];
  }
  const { inside: seen, outside } = project(state, args);
  if (walk.alike(frame, name) < mostAlike)
    return arrived(walk, frame, fn, relevance, args, state, seen, outside, loc, isVoid);
  // Once more for all that may come, with what is known of the values forgotten: then it is the same call again.
  const unknown: State = { ...seen, cells: emptyState.cells, facts: emptyState.facts };
  const same = sameArgs(frame, name, args);
  const results = walk
    .guessing(() => arrived(walk, frame, fn, relevance, same, state, unknown, outside, loc, isVoid))
    .map(([after, value]) => [{ ...after, facts: ownFacts(state.facts, after.facts) }, value] as const);
  // Where some values leave other locks held than others, it may be that those never come.
  const before = lockKey(state);
  const balanced = results.filter(([after]) => lockKey(after) === before);
  if (balanced.length === 0 || balanced.length === results.length) return results;
  limited(walk, frame, loc, 'recursion');
  return balanced;
}

/** Those that the function has around, too, at the same place; of the others nothing is known but that a number is one. */
function sameArgs(frame: Frame, name: string, args: readonly Value[]): readonly Value[] {
  let around: Frame | null = frame;
  while (around !== null && around.fn?.name !== name) around = around.parent;
  const params = around?.fn?.params ?? [];
  return args.map((arg, index) => {
    if (arg === around?.args[index]) return arg;
    return params[index]?.type.kind === 'int' ? `${someNumber}${name} ${index})` : anything;
  });
}

const someNumber = '$any(';

/** What is known of a number that is unknown is known of that of one activation. */
function ownFacts(before: State['facts'], after: State['facts']): State['facts'] {
  const isOwn = ([about]: readonly [Value, string]): boolean => about.includes(someNumber);
  return new Map([...[...after].filter((fact) => !isOwn(fact)), ...[...before].filter(isOwn)]);
}

function arrived(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  relevance: Relevance,
  args: readonly Value[],
  state: State,
  inside: State,
  outside: State,
  loc: Loc,
  isVoid: boolean,
): Results<Value> {
  const inputs = `${args.join(' ')} ${mapKey(inside.cells)}`;
  const lacking = obliges(fn) ? unmet(walk, frame, fn, args, inside, loc) : [];
  const call: Call = {
    fn,
    relevance,
    args,
    state: inside,
    loc,
    lacking: lacking.length === 0 ? frame.lacking : [...frame.lacking, ...lacking],
  };
  const results = answer(walk, frame, call, (inner, entry) => follow(walk, inner, fn, args, entry, inputs));
  return merge(walk, frame, results, outside, inputs, loc, isVoid, state);
}

/** What a function that does nothing to locks may know of its caller. */
export function bare(state: State): State {
  return { ...emptyState, ...around(state), own: state.own, lent: state.lent };
}

/** A call that nothing here depends on: what it may write is not known any more. */
function skip(
  walk: Walk,
  frame: Frame,
  name: string,
  { writes, pure }: Relevance,
  args: readonly Value[],
  state: State,
  loc: Loc,
): readonly [State, Value] {
  const value = `$(call ${name} ${args.join(' ')})`;
  if (pure && !args.includes(anything) && value.length < 160) return [state, value];
  // Making a lock a free one tells nobody of the object around it.
  const { outside } = writes && !initialises(walk, name) ? project(state, args) : { outside: state };
  return walk.fresh(frame, loc, { ...state, cells: outside.cells });
}

function initialises(walk: Walk, name: string): boolean {
  const fn = walk.program.functions.get(name);
  const [param] = fn?.params ?? [];
  return fn?.primitive === true && param !== undefined && pointeeLock(param.type) !== null;
}

/** An object that this function has made, and nobody else is told of before it returns. */
function isMadeHere(cell: string, entry: State): boolean {
  return isPrivateCell(cell) && !entry.cells.has(cell);
}

/** What the function says of what the caller must hold: names of the locks that are not. */
function unmet(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  args: readonly Value[],
  state: State,
  loc: Loc,
): readonly string[] {
  const { activation, circle, lacking } = frame;
  const inner = walk.frame(frame, fn, loc, {
    activation,
    args,
    place: null,
    circle,
    lacking,
  });
  return obligations(walk, inner, fn, bound(inner, fn, args, state));
}

function follow(
  walk: Walk,
  inner: Frame,
  fn: HirFunction,
  args: readonly Value[],
  state: State,
  inputs: string,
): Results<Value> {
  const entry = bound(inner, fn, args, state);
  const work: LockWork | null = fn.primitive ? lockWorkOf(walk, inner, fn, entry) : null;
  const begun = work === null ? entry : work.before(entry);
  const ends = walk.body(inner, fn.body, begun);
  const mine = `L${inner.name}/`;
  const isVoid = fn.type.returns.kind === 'void';
  const once = new Map<string, readonly [State, Value]>();
  for (const [end, raw] of ends) {
    const value = known(end, raw);
    for (const after of work === null ? [end] : work.after(end, value)) {
      if (fn.primitive) walk.contexts.changed(inner, state, after, inner.call ?? fn.loc);
      else exit(walk, inner, fn, entry, after, value);
      const returned = isVoid ? anything : known(after, value);
      const left: State = {
        ...after,
        cells: new Map(
          [...after.cells].filter(([cell]) => !cell.startsWith(mine) && !isMadeHere(cell, entry)),
        ),
        facts: new Map([...after.facts].filter(([about]) => about === returned || !isForeign(about, inputs))),
      };
      once.set(`${returned} ${stateKey(left)}`, [left, returned]);
    }
  }
  const states = ends.map(([end]) => end);
  if (!fn.primitive) retained(walk, inner, fn, states, entry);
  return fewer([...once.values()]);
}

/** Brings what a call returned into the state of its caller. */
function merge(
  walk: Walk,
  frame: Frame,
  results: Results<Value>,
  outside: State,
  inputs: string,
  loc: Loc,
  isVoid: boolean,
  before: State,
): Results<Value> {
  return results.map(([end, raw]) => {
    const name = walk.freshName(frame, loc);
    let value = isVoid ? anything : raw;
    const cells = new Map(outside.cells);
    for (const [cell, stored] of end.cells) if (!isForeign(stored, inputs)) cells.set(cell, stored);
    const facts = new Map(outside.facts);
    for (const [about, fact] of end.facts) if (!isForeign(about, inputs)) facts.set(about, fact);
    let state: State = {
      ...end,
      held: sameObjects(end.held, before.held),
      wavers: before.wavers,
      cells,
      facts,
    };
    if (isForeign(value, inputs)) {
      const fact = end.facts.get(value);
      state = renew(state, name);
      // What the address leads to is still an object of that kind.
      const address = addressOf(value);
      value =
        address?.base.startsWith('pool:') === true
          ? `&${address.base.replace(/\$f\w+\./g, name)}+${address.offset}`
          : name;
      if (fact !== undefined) state = { ...state, facts: new Map(state.facts).set(value, fact) };
    }
    return [state, value];
  });
}

function bound(frame: Frame, fn: HirFunction, args: readonly Value[], state: State): State {
  let entry = state;
  fn.params.forEach((param, index) => {
    entry = bind(frame, param, args[index] ?? anything, entry);
  });
  return entry;
}

/** The caller's own records of the locks that it held before. */
function sameObjects(after: readonly Held[], before: readonly Held[]): readonly Held[] {
  if (after === before) return before;
  const left = [...before];
  return after.map((lock) => {
    const index = left.findIndex((each) => heldId(each) === heldId(lock));
    return index < 0 ? lock : (left.splice(index, 1)[0] ?? lock);
  });
}

/** Few ways out of a function: alike ones are joined. */
function fewer(results: (readonly [State, Value])[]): Results<Value> {
  if (results.length <= 4) return results;
  const groups = new Map<string, (readonly [State, Value])[]>();
  for (const result of results) {
    const key = `${result[1].startsWith('#') ? result[1] : ''} ${lockKey(result[0])}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].flatMap((group) => {
    const values = new Set(group.map(([, value]) => value));
    const [value = anything] = values;
    const states = tidyAll(group.map(([state]) => state));
    return states.map((state) => [state, values.size === 1 ? value : anything] as const);
  });
}

function tidyAll(states: State[]): State[] {
  const [first, ...others] = states;
  return first === undefined ? [] : [others.reduce(join, first)];
}

/** Splits a state into what a call can see and what it cannot. */
function project(state: State, args: readonly Value[]): { inside: State; outside: State } {
  let seen = args.join(' ');
  const inside = new Map<string, Value>();
  const rest = new Map(state.cells);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [cell, value] of rest) {
      const base = cell.slice(0, cell.lastIndexOf('@'));
      const address = isPrivateCell(cell) ? privateAddress(cell) : `&${base}+`;
      if (!seen.includes(base.startsWith('*$') ? base.slice(1) : address)) continue;
      rest.delete(cell);
      inside.set(cell, value);
      seen += ` ${value} $u(${cell})`;
      grown = true;
    }
  }
  const facts = new Map(
    [...state.facts].filter(([about]) => namesIn(about).every((name) => seen.includes(name))),
  );
  return {
    inside: { ...around(state), own: state.own, lent: state.lent, cells: inside, facts },
    outside: { ...emptyState, cells: rest, facts: state.facts },
  };
}

function namesIn(value: Value): readonly string[] {
  if (!value.includes('$')) return [];
  return value.match(/\$f\w+\.|\$u\([^)]*\)|\$p[^ )]*/g) ?? [];
}

/** The value speaks of something that the caller does not know. */
function isForeign(value: Value, inputs: string): boolean {
  return namesIn(value).some((name) => !name.startsWith('$p') && !inputs.includes(name));
}
