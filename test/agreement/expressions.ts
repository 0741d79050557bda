/**
 * Random C expressions over the variables of declarations.ts. What is stored is cut to a few bits, so that a program
 * has few states; the operators in between see negative numbers, overflow and all widths.
 */

import fc from 'fast-check';
import type { Theme } from './declarations.ts';

export type Text = fc.Arbitrary<string>;

/** What a place may hold: its name, and which themes it needs. */
const places: readonly (readonly [string, Theme | null])[] = [
  ['x', null],
  ['y', null],
  ['flag', null],
  ['tiny', 'memory'],
  ['narrow', 'memory'],
  ['wide', 'memory'],
  ['words[0]', 'memory'],
  ['words[1]', 'memory'],
  ['role.level', 'memory'],
  ['role.invalid', 'memory'],
  ['role.bias', 'memory'],
  ['role.word', 'memory'],
  ['pair.b', 'memory'],
  ['counter.counter', 'atomics'],
  ['slot->value', 'pool'],
];

/** A place that plain C may read and write. */
export function place(themes: readonly Theme[]): Text {
  const fixed = fc.constantFrom(...placesOf(themes));
  if (!themes.includes('memory')) return fixed;
  return fc.oneof(
    { weight: 6, arbitrary: fixed },
    {
      weight: 1,
      arbitrary: fc.constantFrom('words[v & 1]', 'words[v & 3]', '*p', 'p[v & 1]', 'local[v & 1]'),
    },
  );
}

/** A place that a marked access or an atomic operation may name: no bit-field. */
export function word(themes: readonly Theme[]): Text {
  return place(themes).filter((name) => !/\.(?:level|invalid|bias)$/.test(name));
}

/** One of few values: mostly 0 to 3, at times -2 and -1. */
export function small(themes: readonly Theme[]): Text {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('0', '1', '2', '3') },
    { weight: 2, arbitrary: fc.constantFrom('(v & 3)', 'w') },
    { weight: 3, arbitrary: value(themes, 1).map((inner) => `(${inner}) & 3`) },
    { weight: 1, arbitrary: value(themes, 1).map((inner) => `((${inner}) & 3) - 2`) },
  );
}

/** A value of any size; may load, choose and store. */
export function value(themes: readonly Theme[], depth: number): Text {
  if (depth === 0) return leaf(themes);
  const inner = value(themes, depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: leaf(themes) },
    { weight: 3, arbitrary: binary(inner) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('!', '~', '-'), inner).map(([op, of]) => `${op}(${of})`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('u8', 's8', 'u16', 's16', 'bool', 'u32', 'int', 'u64', 'long'), inner)
        .map(([type, of]) => `(${type})(${of})`),
    },
    { weight: 1, arbitrary: fc.tuple(inner, inner, inner).map(([a, b, c]) => `((${a}) ? (${b}) : (${c}))`) },
    { weight: 1, arbitrary: effect(themes) },
  );
}

/** For conditions in code. */
export function test(themes: readonly Theme[]): Text {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('v', 'w', 'v == w', 'v & 1') },
    { weight: 3, arbitrary: value(themes, 1) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(value(themes, 0), fc.constantFrom('==', '!=', '<', '>='), fc.constantFrom('0', '1', '2', '-1'))
        .map(([a, op, b]) => `${a} ${op} ${b}`),
    },
  );
}

/** For invariants, waits and hooks: reads shared memory at once, and changes nothing. */
export function condition(themes: readonly Theme[], more: readonly string[] = []): Text {
  const read = fc.constantFrom(...placesOf(themes), ...more);
  const plain = fc
    .tuple(read, fc.constantFrom('==', '!=', '<', '<=', '>'), fc.constantFrom('0', '1', '2', '3'))
    .map(([a, op, b]) => `${a} ${op} ${b}`);
  const both = fc
    .tuple(plain, fc.constantFrom('&&', '||', 'implies'), plain)
    .map(([a, op, b]) => `(${a}) ${op} (${b})`);
  const listed = read.map((a) => `${a} in { 0, 2, 3 }`);
  const over = fc.constantFrom(
    'all (int k : 0..1) words[k] < 3',
    'any (int k : 0..1) words[k] == (u64)k',
    'count (int k : 0..1) words[k] != 0 < 2',
  );
  return fc.oneof(
    { weight: 4, arbitrary: plain },
    { weight: 2, arbitrary: both },
    { weight: 1, arbitrary: listed },
    ...(themes.includes('memory') ? [{ weight: 1, arbitrary: over }] : []),
    ...(themes.includes('pool') ? [{ weight: 1, arbitrary: fc.constant('!slot || is_live(slot)') }] : []),
  );
}

function placesOf(themes: readonly Theme[]): readonly string[] {
  return places.filter(([, theme]) => theme === null || themes.includes(theme)).map(([name]) => name);
}

function leaf(themes: readonly Theme[]): Text {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('0', '1', '2', '-1', '3', '255', '0x8001', '0x80000000') },
    { weight: 3, arbitrary: fc.constantFrom('v', 'w', 'me') },
    { weight: 3, arbitrary: place(themes) },
    { weight: 2, arbitrary: word(themes).map((name) => `READ_ONCE(${name})`) },
    ...(themes.includes('choice')
      ? [{ weight: 2, arbitrary: fc.constantFrom('choose(0..1)', 'choose(0, 3)', 'choose(0..(v & 1))') }]
      : []),
    ...(themes.includes('functions')
      ? [{ weight: 2, arbitrary: fc.constantFrom('helper(v)', 'helper(1)', 'twice(w)', 'fetch()') }]
      : []),
  );
}

function binary(inner: Text): Text {
  const operators = ['+', '-', '*', '&', '|', '^', '==', '!=', '<', '<=', '>', '>=', '&&', '||'];
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(inner, fc.constantFrom(...operators), inner)
        .map(([a, op, b]) => `(${a}) ${op} (${b})`),
    },
    { weight: 1, arbitrary: fc.tuple(inner, inner).map(([a, b]) => `(${a}) << ((${b}) & 3)`) },
    {
      weight: 1,
      arbitrary: fc.tuple(inner, fc.integer({ min: 0, max: 33 })).map(([a, b]) => `(${a}) >> ${b}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(inner, fc.constantFrom('/', '%'), inner)
        .map(([a, op, b]) => `(${a}) ${op} (((${b}) & 3) + 1)`),
    },
    // By zero, too.
    { weight: 1, arbitrary: fc.tuple(inner, fc.constantFrom('/', '%')).map(([a, op]) => `(${a}) ${op} w`) },
    { weight: 1, arbitrary: fc.tuple(inner, inner).map(([a, b]) => `(${a}, ${b})`) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('min', 'max'), inner).map(([op, a]) => `${op}((int)(${a}), 2)`),
    },
  );
}

/** Expressions that store. */
function effect(themes: readonly Theme[]): Text {
  const inner = fc.constantFrom('0', '1', '2', 'w', '(v & 3)');
  return fc.oneof(
    { weight: 1, arbitrary: fc.tuple(place(themes), inner).map(([name, of]) => `(${name} = ${of})`) },
    { weight: 1, arbitrary: inner.map((of) => `(w = ${of})`) },
    { weight: 2, arbitrary: fc.tuple(word(themes), inner).map(([name, of]) => `xchg(&${name}, ${of})`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(word(themes), inner, inner)
        .map(([name, old, next]) => `cmpxchg(&${name}, ${old}, ${next})`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          word(themes).filter((name) => name !== 'flag'),
          fc.constantFrom('__fetch_and', '__fetch_or', '__fetch_xor'),
          inner,
        )
        .map(([name, op, of]) => `${op}(&${name}, ${of})`),
    },
    ...(themes.includes('atomics')
      ? [
          {
            weight: 4,
            arbitrary: fc.constantFrom(
              'atomic_inc_return(&counter)',
              'atomic_dec_and_test(&counter)',
              'atomic_dec_if_positive(&counter)',
              'atomic_add_unless(&counter, 1, 2)',
              'atomic_inc_not_zero(&counter)',
              'atomic_fetch_xor(3, &counter)',
              'atomic_cmpxchg(&counter, 1, w)',
              'atomic_xchg(&counter, w)',
              'atomic64_add_return(-1, &total)',
              'test_and_set_bit(v & 1, &bits)',
              'test_and_clear_bit(w & 1, &bits)',
              '__test_and_change_bit(1, &bits)',
              'hweight_long(bits)',
            ),
          },
        ]
      : []),
  );
}
