/** What expressions and places are worth in a state. Several answers when the way there forks. */

import { sizeOf, type Type } from '../semantics/types.ts';
import type { Expr, GlobalVariable, Init, LValue, LocalVariable } from '../semantics/hir.ts';
import { classOf, declaredAt, lockTypeOf } from './classes.ts';
import type { LockClass } from './events.ts';
import { leave } from './flow.ts';
import { intrinsic } from './intrinsics.ts';
import { assume, isPrivateCell, known, privateAddress, renew, type State, withoutCells } from './lockset.ts';
import {
  type Address,
  addressOf,
  anything,
  binary,
  constantOf,
  converted,
  falsehood,
  not,
  number,
  pointerTo,
  truth,
  type Value,
} from './values.ts';
import type { Frame, Walk } from './walk.ts';

export type Results<T> = readonly (readonly [State, T])[];

export function evaluate(walk: Walk, frame: Frame, e: Expr, state: State): Results<Value> {
  switch (e.kind) {
    case 'constant':
      return [[state, number(e.value)]];
    case 'read':
      return read(walk, frame, e.place, state);
    case 'address':
      return map(placeOf(walk, frame, e.place, state), (at, s) => [
        s,
        at === null ? anything : pointerTo(at),
      ]);
    case 'function':
      return [[state, `@${e.name}`]];
    case 'not':
      return map(evaluate(walk, frame, e.value, state), (value, s) => [s, not(known(s, value))]);
    case 'negate':
      return map(evaluate(walk, frame, e.value, state), (value, s) => [
        s,
        binary('sub', falsehood, known(s, value), e.type),
      ]);
    case 'complement':
      return map(evaluate(walk, frame, e.value, state), (value, s) => [
        s,
        binary('xor', known(s, value), number(-1n), e.type),
      ]);
    case 'binary':
      return flat(evaluate(walk, frame, e.left, state), (left, s) =>
        map(evaluate(walk, frame, e.right, s), (right, t) => [
          t,
          binary(e.op, known(t, left), known(t, right), e.type),
        ]),
      );
    case 'and-also':
      return forked(
        walk,
        frame,
        e.left,
        state,
        (s) => evaluate(walk, frame, e.right, s),
        (s) => [[s, falsehood]],
      );
    case 'or-else':
      return forked(
        walk,
        frame,
        e.left,
        state,
        (s) => [[s, truth]],
        (s) => evaluate(walk, frame, e.right, s),
      );
    case 'conditional':
      return forked(
        walk,
        frame,
        e.condition,
        state,
        (s) => evaluate(walk, frame, e.then, s),
        (s) => evaluate(walk, frame, e.otherwise, s),
      );
    case 'convert':
      return map(evaluate(walk, frame, e.value, state), (value, s) => [
        s,
        converted(known(s, value), e.type),
      ]);
    case 'assign':
      return flat(evaluate(walk, frame, e.value, state), (value, s) => {
        if (e.target.type.kind === 'struct') return copyStruct(walk, frame, e.target, value, s);
        return flat(placeOf(walk, frame, e.target, s), (at, t) => {
          if (e.op === null) return write(walk, frame, e.target, at, converted(value, e.target.type), t);
          const op = e.op;
          return flat(readAt(walk, frame, e.target, at, t), (old, u) =>
            write(
              walk,
              frame,
              e.target,
              at,
              converted(
                binary(op, converted(known(u, old), e.opType), known(u, value), e.opType),
                e.target.type,
              ),
              u,
            ),
          );
        });
      });
    case 'increment':
      return flat(placeOf(walk, frame, e.target, state), (at, s) =>
        flat(readAt(walk, frame, e.target, at, s), (old, t) => {
          const before = known(t, old);
          const after = converted(binary('add', before, number(e.delta), e.type), e.target.type);
          return map(write(walk, frame, e.target, at, after, t), (_, u) => [u, e.prefix ? after : before]);
        }),
      );
    case 'call':
      return walk.call(frame, e, state);
    case 'intrinsic':
      return intrinsic(walk, frame, e, e.call, state);
    case 'sequence':
      return sequence(walk, frame, e, state);
    case 'choose':
      return flat(evaluate(walk, frame, e.low, state), (low, s) =>
        map(evaluate(walk, frame, e.high, s), (high, t) =>
          low === high ? [t, low] : walk.fresh(frame, e.loc, t),
        ),
      );
    case 'choose-list': {
      let states: readonly State[] = [state];
      for (const each of e.values)
        states = states.flatMap((s) => evaluate(walk, frame, each, s).map(([t]) => t));
      return states.map((s) => walk.fresh(frame, e.loc, s));
    }
    case 'quantifier':
    case 'in-function':
      return [walk.fresh(frame, e.loc, state)];
  }
}

/** The value still sees the locals of the statements before it. */
function sequence(walk: Walk, frame: Frame, e: Expr & { kind: 'sequence' }, state: State): Results<Value> {
  const { first } = e;
  let states = [state];
  if (first.kind === 'block') for (const each of first.body) states = walk.execute(frame, each, states);
  else states = walk.execute(frame, first, states);
  return states
    .flatMap((s) => evaluate(walk, frame, e.value, s))
    .flatMap(([s, value]) => leave(frame, first, [s]).map((left) => [left, known(s, value)] as const));
}

/** The states in which a condition holds, and those in which it does not. */
export function test(
  walk: Walk,
  frame: Frame,
  condition: Expr,
  states: readonly State[],
): { readonly yes: State[]; readonly no: State[] } {
  const yes: State[] = [];
  const no: State[] = [];
  for (const state of states) {
    for (const [s, value] of evaluate(walk, frame, condition, state)) {
      const holds = assume(s, value, true);
      const fails = assume(s, value, false);
      if (holds !== null) yes.push(holds);
      if (fails !== null) no.push(fails);
    }
  }
  return { yes, no };
}

function forked(
  walk: Walk,
  frame: Frame,
  condition: Expr,
  state: State,
  then: (s: State) => Results<Value>,
  otherwise: (s: State) => Results<Value>,
): Results<Value> {
  const { yes, no } = test(walk, frame, condition, [state]);
  return [...yes.flatMap(then), ...no.flatMap(otherwise)];
}

export function map<A, B>(
  from: Results<A>,
  how: (value: A, state: State) => readonly [State, B],
): Results<B> {
  return from.map(([state, value]) => how(value, state));
}

export function flat<A, B>(from: Results<A>, how: (value: A, state: State) => Results<B>): Results<B> {
  const [only] = from;
  return from.length === 1 && only !== undefined
    ? how(only[1], only[0])
    : from.flatMap(([state, value]) => how(value, state));
}

// ---------------------------------------------------------------- places

/** Address of a place; null when nothing is known of it. Remembers what class a lock at that address is of. */
export function placeOf(walk: Walk, frame: Frame, place: LValue, state: State): Results<Address | null> {
  const found = plainPlace(walk, frame, place, state);
  const lock = classOfPlace(place);
  if (lock !== null) for (const [, at] of found) if (at !== null) walk.seeLock(pointerTo(at), lock);
  return found;
}

const classes = new WeakMap<LValue, LockClass | null>();

/** The class that a place says by itself, which does not change. */
function classOfPlace(place: LValue): LockClass | null {
  if (place.kind === 'deref') return null;
  const lock = lockTypeOf(place.type);
  if (lock === null) return null;
  let found = classes.get(place);
  if (found === undefined) {
    const declared = declaredAt(place);
    found = declared === null ? null : classOf(declared, lock, place.loc);
    classes.set(place, found);
  }
  return found;
}

function plainPlace(walk: Walk, frame: Frame, place: LValue, state: State): Results<Address | null> {
  switch (place.kind) {
    case 'local':
      return [[state, { base: localBase(frame, place.variable), offset: 0 }]];
    case 'global':
      return [[state, { base: `g:${place.variable.name}`, offset: 0 }]];
    case 'pool':
      return [[state, { base: `pool:${place.pool.name}`, offset: 0 }]];
    case 'deref':
      return flat(evaluate(walk, frame, place.pointer, state), (pointer, s) => {
        walk.guards.pointee(frame, place, s);
        return [[s, addressOf(known(s, pointer))]];
      });
    case 'field':
      return map(placeOf(walk, frame, place.object, state), (at, s) => [
        s,
        at === null ? null : { base: at.base, offset: at.offset + place.offset },
      ]);
    case 'index':
      return flat(placeOf(walk, frame, place.array, state), (at, s) =>
        map(evaluate(walk, frame, place.index, s), (index, t) => {
          if (at === null) return [t, null];
          const constant = constantOf(known(t, index));
          if (constant !== null && constant < 1_000_000n)
            return [t, { base: at.base, offset: at.offset + Number(constant) * sizeOf(place.type) }];
          const element = `${at.base}[${at.offset} ${index === anything ? '$m(?)' : index}]`;
          return [t, element.length > 200 ? null : { base: element, offset: 0 }];
        }),
      );
    case 'temporary':
      return walk
        .execute(frame, place.before, [state])
        .map((s) => [s, { base: localBase(frame, place.variable), offset: 0 }]);
  }
}

export function localBase(frame: Frame, variable: LocalVariable): string {
  return `L${frame.name}/${variable.id}`;
}

// ---------------------------------------------------------------- memory

function read(walk: Walk, frame: Frame, place: LValue, state: State): Results<Value> {
  return flat(placeOf(walk, frame, place, state), (at, s) => {
    if (place.type.kind === 'struct') {
      walk.guards.access(frame, place, s, false);
      return [[s, at === null ? anything : pointerTo(at)]];
    }
    return readAt(walk, frame, place, at, s);
  });
}

export function readAt(
  walk: Walk,
  frame: Frame,
  place: LValue,
  at: Address | null,
  state: State,
): Results<Value> {
  walk.guards.access(frame, place, state, false);
  if (at === null) return [walk.fresh(frame, place.loc, state)];
  const size = sizeOf(place.type);
  const cell = cellOf(at, size, place);
  if (walk.isOwn(at.base)) return [[state, ownValue(state.own, at, size, cell)]];
  const value = state.cells.get(cell);
  if (value !== undefined) return [[state, value]];
  const constant = walk.constantAt(at, place);
  if (constant !== null) return [[state, constant]];
  if (isKept(at.base)) return [[state, `$u(${cell})`]];
  const name = `$m(${cell})`;
  if (place.type.kind === 'pointer' && name.length < 160) return [[state, name]];
  return [walk.fresh(frame, place.loc, state)];
}

/** Memory that nobody else writes: locals, and what the parameters of a function looked at by itself point to. */
function isKept(base: string): boolean {
  return base.startsWith('L') || base.startsWith('*$p');
}

function cellOf(at: Address, size: number, place: LValue): string {
  const bits =
    place.kind === 'field' && place.bits !== null ? `.${place.bits.shift}+${place.bits.width}` : '';
  return `${at.base}@${at.offset}:${size}${bits}`;
}

interface Cell {
  readonly base: string;
  readonly offset: number;
  readonly size: number;
  readonly bits: string;
}

function parseCell(text: string): Cell {
  const at = text.lastIndexOf('@');
  const [offset = '0', rest = '0'] = text.slice(at + 1).split(':');
  const [size = '0', bits = ''] = rest.split('.');
  return { base: text.slice(0, at), offset: Number(offset), size: Number(size), bits };
}

/** A word of the thread's own entry, put together from its parts. */
function ownValue(own: State['own'], at: Address, size: number, cell: string): Value {
  const whole = own.get(cell);
  if (whole !== undefined) return whole;
  let sum = 0n;
  for (const [text, value] of own) {
    const part = parseCell(text);
    if (part.base !== at.base || part.offset + part.size <= at.offset || part.offset >= at.offset + size)
      continue;
    const constant = constantOf(value);
    if (constant === null || part.offset < at.offset) return anything;
    sum |= constant << BigInt(8 * (part.offset - at.offset));
  }
  return number(sum);
}

/** The address is stored where others may find it; `anything` may be any address. */
function published(state: State, value: Value): State {
  const bases = [...state.cells.keys()].filter(
    (cell) => isPrivateCell(cell) && (value === anything || value.includes(privateAddress(cell))),
  );
  return bases.length === 0 ? state : withoutCells(state, bases);
}

export function write(
  walk: Walk,
  frame: Frame,
  place: LValue,
  at: Address | null,
  value: Value,
  before: State,
): Results<Value> {
  walk.guards.access(frame, place, before, true);
  const state = at?.base.startsWith('L') === true ? before : published(before, value);
  if (at === null) return [[state, value]];
  const size = sizeOf(place.type);
  if (walk.isOwn(at.base)) {
    const own = withoutOverlap(state.own, at, size, null);
    if (value !== falsehood) own.set(cellOf(at, size, place), value);
    return [[{ ...state, own }, value]];
  }
  walk.wroteMemory(frame, at, state);
  if (!isKept(at.base)) return [[state, value]];
  const cell = cellOf(at, size, place);
  const clean = renew(state, `$u(${cell})`);
  const cells = withoutOverlap(clean.cells, at, size, parseCell(cell).bits);
  if (value !== anything && !value.includes(`$u(${cell})`)) cells.set(cell, value);
  else cells.delete(cell);
  return [[{ ...clean, cells }, value]];
}

/** Other bit-fields of the word stay as they are. */
function withoutOverlap(
  cells: ReadonlyMap<string, Value>,
  at: Address,
  size: number,
  bits: string | null,
): Map<string, Value> {
  const { length } = at.base;
  const left = new Map(cells);
  for (const text of cells.keys()) {
    if (text.charAt(length) !== '@' || !text.startsWith(at.base)) continue;
    const cell = parseCell(text);
    const apart = cell.offset + cell.size <= at.offset || cell.offset >= at.offset + size;
    const otherBits = bits !== null && bits !== '' && cell.bits !== '' && cell.bits !== bits;
    if (!apart && !otherBits) left.delete(text);
  }
  return left;
}

function copyStruct(walk: Walk, frame: Frame, target: LValue, from: Value, state: State): Results<Value> {
  return map(placeOf(walk, frame, target, state), (to, s) => {
    walk.guards.access(frame, target, s, true);
    if (to === null || !isKept(to.base)) return [published(s, anything), from];
    return [copyCells(s, addressOf(from), to, sizeOf(target.type)), from];
  });
}

export function copyCells(state: State, from: Address | null, to: Address, size: number): State {
  const cells = withoutOverlap(state.cells, to, size, null);
  if (from !== null) {
    for (const [text, value] of state.cells) {
      const cell = parseCell(text);
      if (cell.base !== from.base || cell.offset < from.offset || cell.offset >= from.offset + size) continue;
      const bits = cell.bits === '' ? '' : `.${cell.bits}`;
      cells.set(`${to.base}@${to.offset + cell.offset - from.offset}:${cell.size}${bits}`, value);
    }
  }
  return { ...state, cells };
}

/** Binds a local; `value` null: uninitialised. */
export function bind(frame: Frame, variable: LocalVariable, value: Value | null, state: State): State {
  const at = { base: localBase(frame, variable), offset: 0 };
  const size = sizeOf(variable.type);
  if (variable.type.kind === 'struct')
    return copyCells(state, value === null ? null : addressOf(value), at, size);
  const cell = `${at.base}@0:${size}`;
  const clean = renew(state, `$u(${cell})`);
  const cells = withoutOverlap(clean.cells, at, size, null);
  if (value !== null && value !== anything) cells.set(cell, value);
  return { ...clean, cells };
}

/** A declaration: what the initialiser of a struct or array does not name is zero. */
export function declare(
  walk: Walk,
  frame: Frame,
  variable: LocalVariable,
  init: Init | null,
  state: State,
): readonly State[] {
  let states: readonly State[] = [bind(frame, variable, null, state)];
  if (init === null) return states;
  const base = localBase(frame, variable);
  for (const entry of init.entries) {
    states = states.flatMap((s) =>
      evaluate(walk, frame, entry.value, s).map(([t, value]) => {
        const size = sizeOf(entry.type);
        const at = { base, offset: entry.offset };
        if (entry.type.kind === 'struct') return copyCells(t, addressOf(value), at, size);
        const bits = entry.bits === null ? '' : `.${entry.bits.shift}+${entry.bits.width}`;
        const cells = new Map(t.cells);
        const stored = converted(known(t, value), entry.type);
        if (stored !== anything) cells.set(`${base}@${entry.offset}:${size}${bits}`, stored);
        return { ...t, cells };
      }),
    );
  }
  return variable.type.kind === 'struct' ? states.map((s) => zeroed(s, base, variable.type)) : states;
}

function zeroed(state: State, base: string, type: Type): State {
  const cells = new Map(state.cells);
  const fill = (inner: Type, offset: number): void => {
    if (inner.kind !== 'struct') return;
    for (const field of inner.fields) {
      if (field.type.kind === 'struct') fill(field.type, offset + field.offset);
      if (field.type.kind !== 'int' && field.type.kind !== 'pointer') continue;
      const bits = field.bits === null ? '' : `.${field.bits.shift}+${field.bits.width}`;
      const cell = `${base}@${offset + field.offset}:${sizeOf(field.type)}${bits}`;
      if (!cells.has(cell)) cells.set(cell, falsehood);
    }
  };
  if (type.kind === 'struct' && !type.union && type.fields.length <= 40) fill(type, 0);
  return { ...state, cells };
}

/** Value of a constant global at an offset; null when its initialiser does not say. */
export function initialValue(variable: GlobalVariable, offset: number, place: LValue): Value | null {
  if (!variable.constant || variable.init === null) return null;
  for (const entry of variable.init.entries) {
    if (entry.offset !== offset || sizeOf(entry.type) !== sizeOf(place.type) || entry.bits !== null) continue;
    if (entry.value.kind === 'constant') return number(entry.value.value);
    if (entry.value.kind === 'function') return `@${entry.value.name}`;
  }
  return null;
}
