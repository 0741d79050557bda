import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './check.ts';
import { dumpInit } from './dump.ts';
import { programOf } from './project.ts';

const declarations = `
  struct point { int x, y; };
  struct line { struct point from, to; u8 tag; };
  union word { u32 all; struct { u32 low : 4; u32 high : 28; }; };
  struct box { union word w; struct point *at; void (*run)(int); };
  int g; int array[3]; struct point p[2];
  void callback(int n) { }
`;

/** A declaration of `v`, and the offsets and values of its initial value. */
const cases: readonly (readonly [declaration: string, init: string])[] = [
  ['int v;', '-'],
  ['int v = 3;', '{ 0=3 }'],
  ['int v = { 3 };', '{ 0=3 }'],
  ['u8 v = 0x1ff;', '{ 0=255 }'],
  ['int v[] = { 1, 2, 3 };', '{ 0=1 4=2 8=3 }'],
  ['int v[] = { [2] = 1, 5, [0] = 7 };', '{ 8=1 12=5 0=7 }'],
  ['int v[2] = { };', '{ }'],
  ['int v[2] = { 1, [0] = 2 };', '{ 0=2 }'],
  ['struct point v = { 1, 2 };', '{ 0=1 4=2 }'],
  ['struct point v = { .y = 2 };', '{ 4=2 }'],
  ['struct point v = { .y = 2, .x = 1 };', '{ 4=2 0=1 }'],
  ['struct point v = (struct point){ .y = 2 };', '{ 4=2 }'],
  ['struct line v = { { 1, 2 }, { 3, 4 }, 5 };', '{ 0=1 4=2 8=3 12=4 16=5 }'],
  ['struct line v = { 1, 2, 3, 4, 5 };', '{ 0=1 4=2 8=3 12=4 16=5 }'],
  ['struct line v = { .to.y = 4, 5 };', '{ 12=4 16=5 }'],
  ['struct line v = { .to = { .x = 3 }, .from.x = 1 };', '{ 8=3 0=1 }'],
  ['struct line v[2] = { [1].from.x = 1 };', '{ 20=1 }'],
  ['int v[2][2] = { 1, 2, 3, 4 };', '{ 0=1 4=2 8=3 12=4 }'],
  ['int v[2][2] = { { 1 }, { 3 } };', '{ 0=1 8=3 }'],
  ['int v[][2] = { 1, 2, 3, 4 };', '{ 0=1 4=2 8=3 12=4 }'],
  ['int v[][2] = { { 1 }, { 2 }, { 3 } };', '{ 0=1 8=2 16=3 }'],
  ['union word v = { 5 };', '{ 0=5 }'],
  ['union word v = { .low = 5, .high = 6 };', '{ 0:0+4=5 0:4+28=6 }'],
  ['struct box v = { .w.low = 1, .at = &p[1], .run = callback };', '{ 0:0+4=1 8=&p[1/2] 16=&callback }'],
  ['struct box v = { { .high = 2 }, p, &callback };', '{ 0:4+28=2 8=&p 16=&callback }'],
  ['struct box v = { .at = p + 1, .run = NULL };', '{ 8=<struct point *>(<unsigned long>&p +u 8) 16=0 }'],
  ['int *v = &array[1];', '{ 0=&array[1/3] }'],
  ['int *v = array;', '{ 0=&array }'],
  ['u64 v = (u64)&g + 1;', '{ 0=(<u64>&g +u 1) }'],
  ['void *v = &v;', '{ 0=<void *>&v }'],
  ['u64 v = sizeof(v) << 2;', '{ 0=32 }'],
];

test('initial values of globals', () => {
  for (const [declaration, expected] of cases) {
    const program = programOf(`${declarations} ${declaration} task t { }`);
    const variable = program.globals.find((each) => each.name === 'v');
    assert.equal(dumpInit(variable?.init ?? null), expected, declaration);
  }
});

test('lengths of arrays without one', () => {
  const program = programOf(
    `int v[] = { 1, [5] = 2, 3 }; struct { int a, b; } w[] = { { 1 }, { 2 } }; task t { }`,
  );
  assert.deepEqual(
    program.globals.map((each) => (each.type.kind === 'array' ? each.type.length : 0)),
    [7, 2],
  );
});

test('a const integer is a constant, and a static local a global', () => {
  const program = programOf(`
    const int words = 2 + 2;
    static const u8 wrapped = 258;
    int table[words];
    static int count(void) { static int calls = 1; static int calls2[2]; return ++calls; }
    task t { static int calls; calls = count() + wrapped; }
  `);
  assert.deepEqual(
    program.globals.map((each) => `${each.name} ${each.constant} ${dumpInit(each.init)}`),
    [
      'words true { 0=4 }',
      'wrapped true { 0=2 }',
      'table false -',
      'count.calls false { 0=1 }',
      'count.calls2 false -',
      't.calls false -',
    ],
  );
});

check({
  'initialisers that do not fit': `
    struct point { int x, y; };
    int f(void) { return 1; }
    int a = f();
//          ^^^ error not-constant: 'a' needs a constant here; compute it in an init block
    int b = a;
//          ^ error not-constant: 'b' needs a constant here
    int c = { 1, 2 };
//               ^ error type-mismatch: too many values: 'int' has only one
    int d[2] = { 1, 2, 3 };
//                     ^ error type-mismatch: too many values: 'int[2]' has 2 parts
    int e[2] = { [2] = 1 };
//                ^ error type-mismatch: the index 2 is outside 'int[2]'
    int h[2] = 5;
//             ^ error type-mismatch: expected a list in braces for 'int[2]'
    struct point p = { .z = 1 };
//                      ^ error unknown-name: 'struct point' has no member 'z'
    struct point q = { 1, &a };
//                        ^^ error type-mismatch: the initial value of 'q': expected 'int', found 'int *'
    struct point r = 3;
//                   ^ error type-mismatch: the initial value of 'r': expected 'struct point', found 'int'
    int s = { .x = 1 };
//                 ^ error type-mismatch: 'int' has no members
    int k[] = { [a] = 1 };
//               ^ error not-constant: the index of an initialiser must be a constant
    extern int m = 3;
//                 ^ error bad-declaration: 'extern' only announces 'm'
    task t { static int n = a; struct point w = { f(), a }, *v = &(struct point){ a }; }
//                          ^ error not-constant: a static variable needs a constant here
  `,

  'constants that are needed': `
    int x;
    int a[x];
//        ^ error not-constant: the length of an array must be a constant
    enum { A = x };
//             ^ error not-constant: an enumerator must be a constant
    enum { B = C, C };
//             ^ error not-constant: the enumerator 'C' has no value yet here
    struct s { u32 b : x; };
//                     ^ error not-constant: the width of a bit-field of 'u32' must be a constant
    task t {
        int n = 2, v[n];
//                   ^ error not-constant: the length of an array must be a constant
        switch (x) { case n: break; }
//                        ^ error not-constant: a case label must be a constant integer
        static_assert(x == 0);
//                    ^^^^^^ error not-constant: 'static_assert' needs a constant
        static_assert(sizeof(x) == 8, "an int has 4 bytes");
//                    ^^^^^^^^^^^^^^ error bad-declaration: static_assert(sizeof(x) == 8) fails: an int has 4 bytes
    }
    const int loop = again; const int again = loop;
//                   ^^^^^ error not-constant: 'loop' needs a constant here
//                                            ^^^^ error not-constant: 'again' needs a constant here
    setting levels = levels + 1 in 0..9;
//          ^^^^^^ error bad-declaration: the setting 'levels' is defined by itself
    int outside = ({ 1; });
//                ^^^^^^^^ error misplaced: statements have no place outside functions
    int open = choose(0..1);
//             ^^^^^^^^^^^^ error misplaced: 'choose' has no place in a constant
    int more = READ_ONCE(x);
//             ^^^^^^^^^^^^ error not-constant: 'READ_ONCE' does something when it runs
  `,
});
