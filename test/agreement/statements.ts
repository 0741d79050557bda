/** Random statements: plain accesses, control flow and checks here; sections and what threads do to each other beside it. */

import fc from 'fast-check';
import { type Choice, type Code, type Place, plain, texts } from './code.ts';
import type { Theme } from './declarations.ts';
import { condition, place, small, test, value, word } from './expressions.ts';
import { lifetimes } from './lifetimes.ts';
import { meetings } from './meetings.ts';
import { sections } from './sections.ts';

/** Between `min` and `max` statements. */
export function block(at: Place, min: number, max: number): fc.Arbitrary<Code> {
  return fc
    .array(statement(at), { minLength: min, maxLength: max, size: 'max' })
    .map((codes) => (fresh) => codes.map((one) => one(fresh)).join('\n'));
}

function statement(at: Place): fc.Arbitrary<Code> {
  return fc.oneof(
    { withCrossShrink: true },
    ...simple(at),
    ...checks(at),
    ...(at.depth > 0 ? nested(at) : []),
    ...sections(at, at.depth > 0 ? block({ ...at, depth: at.depth - 1 }, 0, 2) : null),
    ...lifetimes(at),
    ...meetings(at),
  );
}

function simple(at: Place): Choice[] {
  const { themes } = at;
  const has = (theme: Theme): boolean => themes.includes(theme);
  const stored = small(themes);
  return [
    texts(2, 'x++;', 'y++;', 'v = x;'),
    // Locals of a narrow range, which the explorer keeps in few bits.
    texts(
      2,
      '{ int low = (y & 3) - (x & 3); y++; x = low; }',
      '{ int low = -(int)w; x = low; }',
      '{ long low = (y & 7) * ((x & 3) - 2); y ^= 1; x = low; }',
      '{ int high = (x & 3) * 255; y++; x = high >> 2; }',
      '{ s16 low = ~w; y--; x = low; }',
      '{ unsigned int high = (x & 1) << 7 | 128; y |= 1; x = high; }',
      'v >>= 1;',
    ),
    plain(
      4,
      fc.tuple(place(themes), stored).map(([name, of]) => `${name} = ${of};`),
    ),
    plain(
      3,
      fc.tuple(word(themes), stored).map(([name, of]) => `WRITE_ONCE(${name}, ${of});`),
    ),
    plain(
      2,
      value(themes, 2).map((of) => `v = ${of};`),
    ),
    plain(
      1,
      stored.map((of) => `w = ${of};`),
    ),
    plain(
      2,
      word(themes).map((name) => `v = READ_ONCE(${name});`),
    ),
    plain(
      2,
      fc
        .tuple(
          place(themes),
          fc.constantFrom('++', '--', ' += w', ' ^= 1', ' |= 2', ' &= 1', ' <<= 1', ' -= v'),
        )
        .map(([name, op]) => `${name}${op};`),
    ),
    plain(
      1,
      fc.tuple(value(themes, 2)).map(([of]) => `(void)(${of});`),
    ),
    plain(
      1,
      condition(themes).map((what) => `wait_until(${what});`),
    ),
    plain(
      1,
      fc.tuple(place(themes), place(themes)).map(([a, b]) => `atomic { ${a} = (${b}) & 3; x = w; }`),
    ),
    texts(1, 'return RESULT;'),
    ...(at.inLoop ? [texts(2, 'break;', 'continue;', 'if (v)\nbreak;')] : []),
    ...(has('memory')
      ? [
          texts(
            4,
            'pair = (struct pair){ w, v & 1 };',
            'struct pair copy = pair;\nv = copy.a;',
            'pair.a = pair.b;',
            'large = (struct large){ .a = w };',
            '{ struct large copy = large; copy.a ^= 1; large = copy; }',
            'v = large.c[w & 1] + large.b;',
            'role = (union role){ .word = w };',
            'role.bias = v;',
            'words[0] = wide;',
            'wide = ~words[w & 1];',
            'words[w] = 1;',
            'swap(words[0], words[1]);',
            'memset(&pair, 0, sizeof(pair));',
            'p = &v;',
            'p = &local[w & 1];',
            'p = me ? &x : &local[0];',
            'p++;',
            '(*p)++;',
            'local[w & 1] = v;',
            '{ int unset; if (w) unset = 1; v = unset; }',
            'tiny = tiny * 3;',
          ),
        ]
      : []),
    ...(has('atomics')
      ? [
          texts(
            4,
            'atomic_inc(&counter);',
            'atomic_dec(&counter);',
            'atomic_set(&counter, w);',
            'v = atomic_read(&counter);',
            'atomic_or(2, &counter);',
            'v = atomic_fetch_add_unless(&counter, 2, 3);',
            'atomic64_add(1, &total);',
            'set_bit(w & 1, &bits);',
            'clear_bit(0, &bits);',
            'change_bit(1, &bits);',
            '__set_bit(w & 1, &bits);',
            'smp_store_release(&x, w);',
            'v = smp_load_acquire(&x);',
            'if (try_cmpxchg(&x, &v, w))\nw = 1;',
            'smp_mb();',
          ),
          {
            weight: 2,
            arbitrary: fc
              .constantFrom(
                'try_cmpxchg(&x, &old, (old + 1) & 3)',
                'atomic_try_cmpxchg(&counter, &old, old ^ 1)',
              )
              .map((what) => () => `{ int old = x;\nwhile (!${what})\n; }`),
          },
        ]
      : []),
    ...(has('choice')
      ? [texts(2, 'v = choose(0..2);', 'x = choose(1, w, 3);', 'wait_until(x == choose(0..1));')]
      : []),
    ...(has('functions')
      ? [
          texts(
            4,
            'v = helper(w);',
            'helper(v & 1);',
            'both();',
            'v = fetch();',
            'bump(&v);',
            'bump(&x);',
            'v = depth(w);',
          ),
        ]
      : []),
    ...(has('ghost')
      ? [
          texts(
            3,
            'ghost { g = w; }',
            'ghost { seen[me & 1] = true; }',
            'ghost { if (g < 3) g++; }',
            'ghost { g = x & 3; WARN_ON(seen[0] && g == 2, "ghostly"); }',
            'emit ping(v & 3);',
          ),
        ]
      : []),
  ];
}

function checks({ themes }: Place): Choice[] {
  return [
    plain(
      2,
      test(themes).map((what) => `WARN_ON(${what}, "odd");`),
    ),
    plain(
      1,
      test(themes).map((what) => `v = WARN_ON_ONCE(${what});`),
    ),
    // These end the interleaving, so they are mostly about what does not happen.
    plain(
      1,
      test(themes).map((what) => `assert(x < 3 || (${what}));`),
    ),
    plain(
      1,
      test(themes).map((what) => `BUG_ON(y == 3 && (${what}));`),
    ),
  ];
}

function nested(at: Place): Choice[] {
  const { themes } = at;
  const inner = { ...at, depth: at.depth - 1 };
  const body = block(inner, 0, 2);
  const loop = block({ ...inner, inLoop: true }, 1, 2);
  return [
    {
      weight: 3,
      arbitrary: fc.tuple(test(themes), body, fc.option(body)).map(([what, then, otherwise]) => (fresh) => {
        const end = otherwise === null ? '' : ` else {\n${otherwise(fresh)}\n}`;
        return `if (${what}) {\n${then(fresh)}\n}${end}`;
      }),
    },
    ...(themes.includes('choice')
      ? [
          {
            weight: 4,
            arbitrary: fc.array(body, { minLength: 2, maxLength: 3 }).map(
              (some): Code =>
                (fresh) =>
                  `either {\n${some.map((one) => one(fresh)).join('\n} or {\n')}\n}`,
            ),
          },
        ]
      : []),
    ...(themes.includes('control')
      ? [
          {
            weight: 2,
            arbitrary: loop.map(
              (of): Code =>
                (fresh) =>
                  counted(fresh(), of(fresh)),
            ),
          },
          {
            weight: 1,
            arbitrary: loop.map(
              (of): Code =>
                (fresh) =>
                  atLeastOnce(fresh(), of(fresh)),
            ),
          },
          {
            weight: 1,
            arbitrary: body.map(
              (of): Code =>
                (fresh) =>
                  retried(fresh(), of(fresh)),
            ),
          },
          {
            weight: 2,
            arbitrary: fc.tuple(value(themes, 1), loop, body, fc.constantFrom('break;', 'fallthrough;')).map(
              ([of, one, other, end]): Code =>
                (fresh) =>
                  switched(of, withoutContinue(one(fresh)), end, other(fresh)),
            ),
          },
          {
            weight: 1,
            arbitrary: condition(themes).map(
              (what): Code =>
                () =>
                  `while (!(${what}))\ncpu_relax();`,
            ),
          },
        ]
      : []),
  ];
}

const counted = (number: number, body: string): string =>
  `for (int k${number} = 0; k${number} < 2; k${number}++) {\n${body}\n}`;
const atLeastOnce = (number: number, body: string): string =>
  `{ int k${number} = 0;\ndo {\n${body}\n} while (k${number}++ < w && k${number} < 3); }`;
const retried = (number: number, body: string): string =>
  `{ int k${number} = 0;\nagain${number}:\n${body}\nif (x && k${number}++ < 1)\ngoto again${number}; }`;
const switched = (of: string, one: string, end: string, other: string): string =>
  `switch ((${of}) & 3) {\ncase 0:\n${one}\n${end}\ncase 1:\ncase 2:\n${other}\nbreak;\ndefault:\nv = 3;\n}`;

/** In a switch `break` is at home and `continue` may not be. */
function withoutContinue(body: string): string {
  return body.replaceAll('continue;', 'break;');
}
