/** The state of one thread as the walk sees it: what it holds, what it has switched off, what it knows of values. */

import type { LockType } from '../semantics/types.ts';
import type { HeldLock, LockClass, ReadMode } from './events.ts';
import { addressOf, constantOf, isExact, isTrue, type Value } from './values.ts';

/** A lock that the thread holds. */
export interface Held {
  /** Address of the lock. */
  readonly at: Value;
  readonly type: LockType;
  /** null: known by its type alone (a parameter of a function that is looked at by itself). */
  readonly class: LockClass | null;
  /** As shown. */
  readonly name: string;
  readonly event: HeldLock | null;
  readonly read: ReadMode;
  readonly loc: HeldLock['loc'];
  /** Held by promise when the function is entered: an annotation or assertion says so. */
  readonly given: boolean;
  readonly sometimes: Sometimes;
}

/** True on only some of the ways: `here`, those that lead to this place in the function; `around`, those to its call. */
export type Sometimes = 'here' | 'around' | null;

/** Never changed: every operation makes a new one. */
export interface State {
  /** Oldest first. */
  readonly held: readonly Held[];
  /** Values of places: `base@offset:size`. Absent: not known. */
  readonly cells: ReadonlyMap<string, Value>;
  /** What tests have told about unknown values: `#0`, another constant, or `!` for anything but 0. */
  readonly facts: ReadonlyMap<Value, string>;
  /** Of the per-thread variables that only their thread writes: as `cells`, absent is 0. */
  readonly own: ReadonlyMap<string, Value>;
  /** Locks held by promise that were dropped since: taken again, they are as promised. */
  readonly lent: readonly Held[];
  /** Whether other ways have other interrupts off. */
  readonly wavers: Sometimes;
}

export const emptyState: State = {
  held: [],
  cells: new Map(),
  facts: new Map(),
  own: new Map(),
  lent: [],
  wavers: null,
};

/** More states than this at one place are joined where they hold the same. */
const statesApart = 5;

function heldKey(state: State): string {
  return state.held
    .map((lock) => (lock.sometimes === null ? heldId(lock) : `${heldId(lock)} ${lock.sometimes}`))
    .join('|');
}

/** Equal for records of the same lock held in the same way. */
export function heldId(lock: Held): string {
  return `${lock.at} ${lock.class?.key ?? lock.type.name} ${lock.read}${lock.event?.context ?? ''}${lock.event?.trylock === true ? 't' : ''}${lock.given ? 'g' : ''}`;
}

const mapKeys = new WeakMap<ReadonlyMap<string, string>, string>();

/** Maps of a state never change, so what they come to is kept. */
export function mapKey(map: ReadonlyMap<string, string>): string {
  if (map.size === 0) return '';
  let key = mapKeys.get(map);
  if (key === undefined) {
    const parts: string[] = [];
    for (const [name, value] of map) parts.push(`${name}=${value}`);
    key = parts.sort().join(';');
    mapKeys.set(map, key);
  }
  return key;
}

/** Equal for states with the same locks held and the same things switched off. */
export function lockKey(state: State): string {
  const lent = state.lent.length === 0 ? '' : `-${state.lent.map(heldId).join('|')}`;
  return `${heldKey(state)}${lent}/${state.wavers ?? ''}${mapKey(state.own)}`;
}

export function stateKey(state: State): string {
  return `${lockKey(state)}/${mapKey(state.cells)}/${mapKey(state.facts)}`;
}

/** Each state once; joined where they hold the same when there are many. What tests told of values that are gone is forgotten. */
export function tidy(all: State[], apart: number = statesApart): State[] {
  const [only] = all;
  if (only === undefined) return all;
  if (all.length === 1) {
    const clean = withoutStaleFacts(only);
    return clean === only ? all : [clean];
  }
  const states = all.map(withoutStaleFacts);
  const once = new Map<string, State>();
  for (const state of states) once.set(stateKey(state), state);
  if (once.size <= apart) return [...once.values()];
  const groups = new Map<string, State>();
  for (const state of once.values()) {
    const key = lockKey(state);
    const other = groups.get(key);
    groups.set(key, other === undefined ? state : join(other, state));
  }
  return [...groups.values()];
}

/** Facts that are known to speak of nothing that is gone, by the cells that they were looked at with. */
const fresh = new WeakMap<State['facts'], State['cells']>();

function withoutStaleFacts(state: State): State {
  const { facts, cells, own } = state;
  if (facts.size === 0 || fresh.get(facts) === cells) return state;
  let stale = false;
  for (const about of facts.keys()) stale ||= speaksOfGone(about, cells, own);
  if (!stale) {
    fresh.set(facts, cells);
    return state;
  }
  const left = new Map<Value, string>();
  for (const [about, fact] of facts) if (!speaksOfGone(about, cells, own)) left.set(about, fact);
  fresh.set(left, cells);
  return { ...state, facts: left };
}

function speaksOfGone(about: Value, cells: State['cells'], own: State['own']): boolean {
  if (!about.includes('$f')) return false;
  for (const name of about.match(/\$f\w+\./g) ?? [])
    if (!mentions(cells, name) && !mentions(own, name)) return true;
  return false;
}

function mentions(map: ReadonlyMap<string, string>, name: string): boolean {
  for (const [key, value] of map) if (value.includes(name) || key.includes(name)) return true;
  return false;
}

/** Locals whose block has ended hold nothing any more. */
export function withoutCells(state: State, bases: readonly string[]): State {
  let cells: Map<string, Value> | null = null;
  for (const cell of state.cells.keys()) {
    if (!bases.some((base) => cell.startsWith(base))) continue;
    cells ??= new Map(state.cells);
    cells.delete(cell);
  }
  return cells === null ? state : { ...state, cells };
}

/** The cell that says of an object that its function has made it and told nobody of it. */
export function privateCell(base: string): string {
  return `P${base}@0:1`;
}

export function isPrivateCell(cell: string): boolean {
  return cell.startsWith('P');
}

/** How the addresses inside the object begin. */
export function privateAddress(cell: string): Value {
  return `&${cell.slice(1, cell.lastIndexOf('@'))}+`;
}

/** What both states agree on; they hold the same locks. */
export function join(a: State, b: State): State {
  return {
    held: a.held,
    own: a.own,
    lent: a.lent,
    wavers: a.wavers,
    cells: common(a.cells, b.cells),
    facts: common(a.facts, b.facts),
  };
}

function common(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  if (a === b) return a;
  const both = new Map<string, string>();
  for (const [name, value] of a) if (b.get(name) === value) both.set(name, value);
  return both;
}

// ---------------------------------------------------------------- values

/** The value, with what tests have told about it. */
export function known(state: State, value: Value): Value {
  const fact = state.facts.get(value);
  if (fact !== undefined && fact !== '!') return fact;
  const truthOf = truthIn(state, value);
  return truthOf === false ? '#0' : value;
}

/** Whether the value is other than 0, as far as known. */
export function truthIn(state: State, value: Value): boolean | null {
  const plain = isTrue(value);
  if (plain !== null) return plain;
  const fact = state.facts.get(value);
  if (fact !== undefined) return fact !== '#0';
  if (value.startsWith('$(not ')) {
    const inner = truthIn(state, value.slice(6, -1));
    return inner === null ? null : !inner;
  }
  const test = equality(value);
  if (test === null) return null;
  const left = state.facts.get(test.left);
  if (left === undefined) return null;
  if (left === '!') return test.right === '#0' ? false : null;
  return constantOf(test.right) === null ? null : left === test.right;
}

/** The state in which the value is (not) 0; null when it cannot be. */
export function assume(state: State, value: Value, holds: boolean): State | null {
  const already = truthIn(state, value);
  if (already !== null) return already === holds ? state : null;
  // Memory that others may change keeps no promise.
  if (!value.startsWith('$') || value.includes('$m(')) return state;
  if (value.startsWith('$(not ')) return assume(state, value.slice(6, -1), !holds);
  const facts = new Map(state.facts);
  facts.set(value, holds ? '!' : '#0');
  const test = equality(value);
  if (test !== null && constantOf(test.right) !== null) {
    if (holds) facts.set(test.left, test.right);
    else if (test.right === '#0') facts.set(test.left, '!');
  }
  return { ...state, facts };
}

function equality(value: Value): { left: Value; right: Value } | null {
  if (!value.startsWith('$(eq ')) return null;
  const space = value.lastIndexOf(' ');
  const right = value.slice(space + 1, -1);
  const left = value.slice(5, space);
  return right.startsWith('#') && !right.includes(')') ? { left, right } : null;
}

/** The unknown value `name` is made anew: whatever was known of the one before is forgotten. */
export function renew(state: State, name: Value): State {
  let cells: Map<string, Value> | null = null;
  for (const [place, value] of state.cells) {
    if (!value.includes(name) && !place.includes(name)) continue;
    cells ??= new Map(state.cells);
    cells.delete(place);
  }
  let facts: Map<Value, string> | null = null;
  for (const about of state.facts.keys()) {
    if (!about.includes(name)) continue;
    facts ??= new Map(state.facts);
    facts.delete(about);
  }
  return cells === null && facts === null
    ? state
    : { ...state, cells: cells ?? state.cells, facts: facts ?? state.facts };
}

// ---------------------------------------------------------------- held locks

/** `same`: this very lock. `maybe`: one of its class, which may be it. */
export function compareLocks(lock: Held, at: Value, lockClass: LockClass | null): 'same' | 'maybe' | 'other' {
  if (lock.at === at) return 'same';
  const a = addressOf(lock.at);
  const b = addressOf(at);
  if (a !== null && b !== null && isExact(a.base) && isExact(b.base)) return 'other';
  if (lock.class === null || lockClass === null) return a === null || b === null ? 'maybe' : 'other';
  return baseKey(lock.class) === baseKey(lockClass) ? 'maybe' : 'other';
}

function baseKey({ key }: LockClass): string {
  const hash = key.indexOf('#');
  return hash < 0 ? key : key.slice(0, hash);
}

/** The youngest held lock that is this one, or may be it. */
export function findHeld(
  state: State,
  at: Value,
  lockClass: LockClass | null,
  type: LockType,
  wanted?: 'shared' | 'exclusive',
): Held | null {
  let found: Held | null = null;
  for (const lock of state.held) {
    if (lock.type.name !== type.name) continue;
    if (wanted !== undefined && (wanted === 'exclusive') !== (lock.read === 0)) continue;
    const how = compareLocks(lock, at, lockClass);
    if (how === 'same') found = lock;
    else if (how === 'maybe' && (found === null || found.at !== at)) found = lock;
  }
  return found;
}

export function without(state: State, lock: Held): State {
  const lent = lock.given ? [...state.lent, lock] : state.lent;
  return { ...state, lent, held: state.held.filter((each) => each !== lock) };
}

export function withLock(state: State, lock: Held): State {
  const back = state.lent.find((each) => each.at === lock.at && each.type.name === lock.type.name);
  if (back === undefined) return { ...state, held: [...state.held, lock] };
  const lent = state.lent.filter((each) => each !== back);
  return { ...state, lent, held: [...state.held, { ...lock, given: true }] };
}
