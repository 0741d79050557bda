/** Statements of random machine programs: how they are drawn, and the instructions they stand for. */

import fc from 'fast-check';
import type { BinaryIrOp } from '../../core/program/ir.ts';
import {
  add,
  aliveOf,
  and,
  assume,
  at,
  bin,
  branch,
  check,
  choose,
  cover,
  type E,
  eq,
  eqz,
  ext,
  fill,
  type Item,
  jump,
  label,
  lock,
  unlock,
  load,
  ne,
  or,
  param,
  park,
  sel,
  self,
  set,
  shl,
  store,
  sub,
  un,
} from './builder.ts';

type Bytes = 1 | 2 | 4 | 8;

export interface Place {
  readonly address: E;
  readonly bytes: Bytes;
  readonly name: string;
}

export type Statement =
  | {
      readonly kind: 'load';
      readonly reg: string;
      readonly place: Place;
      readonly signed: boolean;
      readonly plain: boolean;
    }
  | { readonly kind: 'store'; readonly place: Place; readonly value: E; readonly plain: boolean }
  | { readonly kind: 'update'; readonly reg: string; readonly place: Place; readonly value: E }
  | {
      readonly kind: 'exchange';
      readonly reg: string;
      readonly place: Place;
      readonly expected: E;
      readonly value: E;
    }
  | { readonly kind: 'set'; readonly reg: string; readonly value: E }
  | {
      readonly kind: 'choose';
      readonly reg: string;
      readonly low: number;
      readonly high: E;
      readonly parked: boolean;
    }
  | { readonly kind: 'pick'; readonly reg: string; readonly place: Place; readonly high: number }
  | { readonly kind: 'wait'; readonly place: Place; readonly value: number; readonly holders: E }
  | { readonly kind: 'spin'; readonly place: Place; readonly value: number }
  | {
      readonly kind: 'repeat';
      readonly times: number;
      readonly reg: string;
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'section'; readonly lock: string; readonly body: readonly Statement[] }
  | { readonly kind: 'try'; readonly lock: string; readonly body: readonly Statement[] }
  | {
      readonly kind: 'if';
      readonly condition: E;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | { readonly kind: 'check'; readonly check: string; readonly condition: E }
  | { readonly kind: 'cover'; readonly point: string }
  | { readonly kind: 'alloc'; readonly initialised: boolean }
  | { readonly kind: 'free' }
  | {
      readonly kind: 'wipe';
      readonly object: 'm' | 'w' | 'node';
      readonly offset: number;
      readonly bytes: number;
      readonly initialised: boolean;
    };

export const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
export const mostly = (): fc.Arbitrary<boolean> => fc.integer({ min: 0, max: 5 }).map((dice) => dice !== 0);
const register = (): fc.Arbitrary<string> => fc.constantFrom('r0', 'r1', 'r2');
export const lockName = (): fc.Arbitrary<string> => fc.constantFrom('l0', 'l1');

const operators: readonly BinaryIrOp[] = [
  'add',
  'sub',
  'mul',
  'divu',
  'divs',
  'remu',
  'rems',
  'and',
  'or',
  'xor',
  'shl',
  'shru',
  'shrs',
  'eq',
  'ne',
  'ltu',
  'lts',
  'leu',
  'les',
];

/** An operand of few values, negative ones among them. */
function operand(): fc.Arbitrary<E> {
  return fc.oneof(
    { weight: 3, arbitrary: register().map((reg): E => and(reg, 3)) },
    { weight: 2, arbitrary: fc.integer({ min: -2, max: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom<E>(self, param, 0x8000_0000_0000_0000n) },
    { weight: 1, arbitrary: register().map((reg): E => sub(and(reg, 3), 2)) },
  );
}

export function value(): fc.Arbitrary<E> {
  const divides = (op: BinaryIrOp): boolean => op.startsWith('div') || op.startsWith('rem');
  return fc.oneof(
    { weight: 2, arbitrary: operand() },
    // A divisor is never zero, and never -1: the smallest number divided by it has no answer in 64 bits.
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...operators), operand(), operand())
        .map(([op, a, b]) => bin(op, a, divides(op) ? or(and(b, 2), 1) : b)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('neg' as const, 'not' as const, 'eqz' as const), operand())
        .map(([op, a]) => un(op, a)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(8 as const, 16 as const, 32 as const), fc.boolean(), operand(), small(40))
        .map(([bits, signed, a, by]) => ext(bits, signed, bin('shrs', sub(a, 1), by))),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(operand(), operand(), operand()).map(([a, b, c]) => sel(eq(a, b), b, c)),
    },
  );
}

export function place(): fc.Arbitrary<Place> {
  const word = (name: string, offset: number, bytes: Bytes): Place => ({
    address: at(name, offset),
    bytes,
    name: `${name}+${offset}`,
  });
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(word('m', 0, 8), word('m', 8, 8), word('c', 0, 4)) },
    {
      weight: 4,
      arbitrary: fc.constantFrom(word('m', 8, 4), word('m', 12, 2), word('m', 1, 1), word('c', 2, 2)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        word('node', 0, 8),
        word('node', 8, 4),
        word('node', 4, 4),
        word('w', 0, 8),
        word('w', 2, 2),
      ),
    },
    // Third element: beyond the array, where nothing is.
    {
      weight: 1,
      arbitrary: register().map(
        (reg): Place => ({ address: add(at('m'), shl(and(reg, 3), 3)), bytes: 8, name: 'm[i]' }),
      ),
    },
    {
      weight: 1,
      arbitrary: register().map(
        (reg): Place => ({ address: add(at('node'), shl(and(reg, 3), 1)), bytes: 4, name: 'node.f' }),
      ),
    },
  );
}

export function statement(depth: number): fc.Arbitrary<Statement> {
  const kind = <K extends Statement['kind']>(name: K): fc.Arbitrary<K> => fc.constant(name);
  const flat: fc.WeightedArbitrary<Statement>[] = [
    {
      weight: 8,
      arbitrary: fc.record({
        kind: kind('load'),
        reg: register(),
        place: place(),
        signed: fc.boolean(),
        plain: fc.boolean(),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({ kind: kind('store'), place: place(), value: value(), plain: fc.boolean() }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: kind('update'), reg: register(), place: place(), value: value() }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('exchange'),
        reg: register(),
        place: place(),
        expected: operand(),
        value: value(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: kind('set'), reg: register(), value: value() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('choose'),
        reg: register(),
        low: fc.integer({ min: -1, max: 0 }),
        high: fc.oneof(small(2), small(1), operand()),
        parked: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind('pick'), reg: register(), place: place(), high: small(3) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('wait'),
        place: place(),
        value: fc.constantFrom(0, 0, 0, 1),
        holders: fc.oneof(fc.constantFrom<E>(0, 1, 2, 3, 6), fc.constant(shl(1, self))),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind('spin'), place: place(), value: fc.constantFrom(0, 0, 0, 1) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('check'),
        check: fc.constantFrom('soft', 'soft', 'soft', 'hard'),
        condition: value(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('cover'), point: fc.constantFrom('p0', 'p1', 'p2') }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('alloc'), initialised: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('free') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('wipe'),
        object: fc.constantFrom('m' as const, 'w' as const, 'node' as const),
        offset: small(3),
        bytes: fc.integer({ min: 1, max: 5 }),
        initialised: fc.boolean(),
      }),
    },
  ];
  if (depth === 0) return fc.oneof(...flat);
  const body = fc.array(statement(depth - 1), { minLength: 1, maxLength: 2 });
  return fc.oneof(
    ...flat,
    { weight: 3, arbitrary: fc.record({ kind: kind('section'), lock: lockName(), body }) },
    { weight: 1, arbitrary: fc.record({ kind: kind('try'), lock: lockName(), body }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: kind('if'), condition: value(), then: body, otherwise: body }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('repeat'),
        times: fc.integer({ min: 1, max: 2 }),
        reg: register(),
        body,
      }),
    },
  );
}

/** Items of statements, with labels that begin with `prefix`. */
export function itemsOf(statements: readonly Statement[], prefix: string): Item[] {
  return statements.flatMap((one, index) => itemsOfOne(one, `${prefix}.${index}`));
}

function itemsOfOne(one: Statement, name: string): Item[] {
  const inside = (statements: readonly Statement[], suffix: string): Item[] =>
    itemsOf(statements, `${name}${suffix}`);
  switch (one.kind) {
    case 'load':
      return [
        accessPark('load', one.place, one.plain),
        load(one.reg, one.place.address, { bytes: one.place.bytes, signed: one.signed }),
      ];
    case 'store':
      return [
        accessPark('store', one.place, one.plain),
        store(one.place.address, one.value, { bytes: one.place.bytes }),
      ];
    case 'update':
      return [
        park(`update ${one.place.name}`),
        load(one.reg, one.place.address, { bytes: one.place.bytes }),
        store(one.place.address, one.value, { bytes: one.place.bytes }),
      ];
    case 'exchange':
      return [
        accessPark('store', one.place, false),
        load(one.reg, one.place.address, { bytes: one.place.bytes }),
        branch(ne(one.reg, one.expected), name),
        store(one.place.address, one.value, { bytes: one.place.bytes }),
        label(name),
      ];
    case 'set':
      return [set(one.reg, one.value)];
    case 'choose':
      return [...(one.parked ? [park('choose')] : []), choose(one.reg, one.low, one.high)];
    case 'pick':
      return [
        park(`pick ${one.place.name}`),
        load('t', one.place.address, { bytes: one.place.bytes }),
        choose(one.reg, 0, one.high),
        assume(eq(and('t', 1), and(one.reg, 1)), shl(1, one.reg), 'pick assumes'),
      ];
    case 'wait':
      return [
        park(`wait ${one.place.name}`),
        load('t', one.place.address, { bytes: one.place.bytes }),
        assume(eq(and('t', 3), one.value), one.holders),
      ];
    case 'spin':
      return [
        label(name),
        accessPark('load', one.place, true),
        load('t', one.place.address, { bytes: one.place.bytes }),
        branch(ne(and('t', 3), one.value), name),
      ];
    case 'repeat':
      return [
        set(`n${name}`, 0),
        label(name),
        ...inside(one.body, '.r'),
        set(`n${name}`, add(`n${name}`, 1)),
        set(one.reg, and(`n${name}`, 3)),
        branch(bin('ltu', `n${name}`, one.times), name),
      ];
    case 'section':
      return [...lock(one.lock), ...inside(one.body, '.s'), ...unlock(one.lock)];
    case 'try':
      return [
        park(`spin_trylock(&${one.lock})`),
        load('t', at(one.lock)),
        branch(ne('t', 0), name),
        store(at(one.lock), add(self, 1)),
        ...inside(one.body, '.t'),
        ...unlock(one.lock),
        label(name),
      ];
    case 'if':
      return [
        branch(one.condition, `${name}.then`),
        ...inside(one.otherwise, '.e'),
        jump(`${name}.end`),
        label(`${name}.then`),
        ...inside(one.then, '.i'),
        label(`${name}.end`),
      ];
    case 'check':
      return [check(one.check, one.condition)];
    case 'cover':
      return [cover(one.point)];
    case 'alloc':
      return [
        park('alloc'),
        load('t', aliveOf('node'), { bytes: 1, checked: false }),
        assume(eqz('t')),
        fill(at('node'), 12, one.initialised),
        store(aliveOf('node'), 1, { bytes: 1, checked: false }),
      ];
    case 'wipe':
      return [park('wipe'), fill(at(one.object, one.offset), one.bytes, one.initialised)];
    case 'free':
      return [
        park('free'),
        fill(at('node'), 12, false),
        store(aliveOf('node'), 0, { bytes: 1, checked: false }),
      ];
  }
}

function accessPark(action: 'load' | 'store', where: Place, plain: boolean): Item {
  const access = { address: where.address, bytes: where.bytes, write: action === 'store', plain };
  return park(`${action} ${where.name}`, { action, access, labels: plain ? ['plain'] : [] });
}
