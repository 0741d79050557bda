import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { search as explore } from '../../core/explore/search.ts';
import { widthsOf } from '../../core/explore/widths.ts';
import { search as interpret } from '../../core/machine/search.ts';
import type { BinaryIrOp } from '../../core/program/ir.ts';
import {
  add,
  at,
  bin,
  branch,
  check,
  choose,
  type E,
  ext,
  type Item,
  label,
  load,
  ne,
  param,
  park,
  program,
  sel,
  self,
  set,
  store,
  thread,
  un,
} from '../machine/builder.ts';
import { comparable, optionsWith } from './searching.ts';

/**
 * Programs that compute with whole 64-bit values and keep them over steps: what a register holds must fit its slot.
 * Each ends by comparing every register with a few numbers, so that a lost bit or sign shows in the violations.
 */

const registers = ['a', 'b', 'c', 'd'];
const register = fc.constantFrom(...registers);
const numbers = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    -1n,
    127n,
    128n,
    -128n,
    -129n,
    255n,
    256n,
    32_767n,
    -32_769n,
    65_535n,
    65_536n,
    0x7fff_ffffn,
    0x8000_0000n,
    -0x8000_0001n,
    0xffff_ffffn,
    1n << 32n,
    (1n << 63n) - 1n,
    -(1n << 63n),
  ),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
);
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

const expression: fc.Arbitrary<E> = fc.letrec<{ tree: E; leaf: E }>((tie) => ({
  leaf: fc.oneof(register, numbers, fc.constantFrom<E>(self, param)),
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie('leaf'),
    fc
      .record({ op: fc.constantFrom(...operators), a: tie('tree'), b: tie('tree') })
      .map(({ op, a, b }) => bin(op, a, b)),
    fc
      .record({ op: fc.constantFrom('neg' as const, 'not' as const, 'eqz' as const), a: tie('tree') })
      .map(({ op, a }) => un(op, a)),
    fc
      .record({
        bits: fc.constantFrom(8 as const, 16 as const, 32 as const),
        signed: fc.boolean(),
        a: tie('tree'),
      })
      .map(({ bits, signed, a }) => ext(bits, signed, a)),
    fc.record({ c: tie('tree'), a: tie('tree'), b: tie('tree') }).map(({ c, a, b }) => sel(c, a, b)),
  ),
})).tree;

const statement: fc.Arbitrary<Item[]> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(register, expression).map(([reg, value]): Item[] => [set(reg, value)]) },
  { weight: 2, arbitrary: fc.constant<Item[]>([park('between')]) },
  fc.tuple(register, numbers).map(([reg, low]): Item[] => [choose(reg, low, add(low, 1))]),
  fc
    .record({
      reg: register,
      bytes: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
      signed: fc.boolean(),
      value: expression,
    })
    .map(({ reg, bytes, signed, value }): Item[] => [
      store(at('m'), value, { bytes }),
      load(reg, at('m'), { bytes, signed }),
    ]),
);

/** A counter's loop around the statements makes registers depend on themselves; what is read at the end stays live throughout. */
const body = fc
  .record({
    statements: fc.array(statement, { maxLength: 8 }),
    rounds: fc.integer({ min: 1, max: 3 }),
    limits: fc.array(numbers, { minLength: 1, maxLength: 3 }),
  })
  .map(({ statements, rounds, limits }): Item[] => [
    set('rounds', rounds),
    label('again'),
    ...statements.flat(),
    set('rounds', add('rounds', -1)),
    branch(ne('rounds', 0), 'again'),
    park('last'),
    ...registers.flatMap((reg) =>
      limits.flatMap((limit, i) => [
        check('less', bin('ltu', reg, limit), `${reg} < ${i} unsigned`),
        check('less', bin('lts', reg, limit), `${reg} < ${i}`),
        check('less', ne(reg, limit), `${reg} != ${i}`),
      ]),
    ),
  ]);

const options = optionsWith({ maxStates: 400 });

test('registers keep whole values over steps, as in the interpreter', () => {
  fc.assert(
    fc.property(
      fc.array(body, { minLength: 1, maxLength: 2 }),
      fc.array(numbers, { minLength: 2, maxLength: 2 }),
      (bodies, params) => {
        const made = program({
          objects: [{ name: 'm', bytes: 8 }],
          checks: [{ name: 'less', fatal: false }],
          threads: bodies.map((items, i) => thread(`t${i}`, items, { param: params[i] ?? 0n })),
        });
        assert.deepEqual(comparable(explore(made, options)), comparable(interpret(made, options)));
      },
    ),
    { numRuns: Number(process.env['LOCKSTEP_RUNS'] ?? 200) },
  );
});

/** `u8`, `s32`: the type that registers of one assignment get. */
function checkWidth(value: E, expected: string): void {
  test(`a register of ${JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}` : one))} is ${expected}`, () => {
    const made = program({
      threads: [thread('t', [load('word', at('m'), { bytes: 4 }), set('r', value)], { param: 300n })],
      objects: [{ name: 'm', bytes: 8 }],
    });
    const width = widthsOf(made, 0).get(2);
    assert.equal(`${width?.signed === true ? 's' : 'u'}${8 * (width?.bytes ?? 0)}`, expected);
  });
}

checkWidth(1, 'u8');
checkWidth(-1, 's8');
checkWidth(256, 'u16');
checkWidth('word', 'u32');
checkWidth(ext(32, true, add('word', 1)), 's32');
checkWidth(add('word', 1), 's64');
checkWidth(param, 'u16');
checkWidth(self, 'u8');
checkWidth(bin('and', -1, 255), 'u8');
checkWidth(bin('ltu', 'word', 3), 'u8');
checkWidth(bin('shru', 'word', 24), 'u8');
checkWidth(un('neg', 'word'), 's64');
checkWidth(bin('mul', bin('and', 'word', 15), 15), 'u8');
checkWidth(bin('remu', 'word', 16), 'u8');
checkWidth(bin('xor', bin('and', 'word', 15), 16), 'u8');
