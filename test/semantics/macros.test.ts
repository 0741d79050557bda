import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './check.ts';
import { dumpBody } from './dump.ts';
import { programOf } from './project.ts';

/** Definitions, a statement of a task in which int a, b and struct node *p, *pos are declared, and what it becomes. */
const cases: readonly (readonly [definitions: string, statement: string, dump: string])[] = [
  ['#define TWO 2\n#define FOUR (TWO + TWO)', 'a = FOUR;', 'a = 4'],
  ['#define twice(x) ((x) + (x))', 'a = twice(b + 1);', 'a = ((b + 1) + (b + 1))'],
  ['#define mul(x, y) x * y', 'a = mul(a + 1, b + 2);', 'a = ((a + 1) * (b + 2))'],
  [
    '#define twice(x) ((x) + (x))\n#define four(x) twice(twice(x))',
    'a = four(b);',
    'a = ((b + b) + (b + b))',
  ],
  [
    '#define max(x, y) ({ typeof(x) _x = (x); typeof(y) _y = (y); _x > _y ? _x : _y; })',
    'a = max(a, b);',
    'a = [{ int _x { 0=a }; int _y { 0=b } }; ((_x > _y) ? _x : _y)]',
  ],
  // A macro's own local is another one than the user's of the same name.
  ['#define next(x) ({ int a = 5; (x) + a; })', 'b = next(a);', 'b = [int a { 0=5 }; (a + a)]'],
  // A name in the body means file scope even where the user has a local of that name.
  [
    'int limit;\n#define over(x) ((x) > limit)',
    '{ int limit2 = 1; { int limit = 3; a = over(limit); } }',
    '{ int limit2 { 0=1 }; { int limit { 0=3 }; a = (limit > limit) } }',
  ],
  [
    '#define field(o, m) ((o)->m)',
    'a = field(p, value) + field(p->next, value);',
    'a = (*(p).value@8 + *(*(p).next@0).value@8)',
  ],
  ['#define outer(o, m) inner(o, m)\n#define inner(o, m) (o)->m', 'a = outer(p, value);', 'a = *(p).value@8'],
  [
    '#define entry(ptr, type, member) container_of(ptr, type, member)',
    'p = entry(&p->value, struct node, value);',
    'p = <struct node *>(<unsigned long>&*(p).value@8 -u 8)',
  ],
  ['#define size(type) sizeof(type)', 'a = size(struct node) + size(p) + size(u8 *);', 'a = 32'],
  ['#define as(type, x) ((type)(x))', 'a = as(u8, b);', 'a = <int><u8>b'],
  [
    '#define swap(x, y) do { typeof(x) t = (x); (x) = (y); (y) = t; } while (0)',
    'swap(a, b);',
    'do(; 0; ) { int t { 0=a }; a = b; b = t }',
  ],
  ['#define DEFINE(name, value) int name = (value)', 'DEFINE(n, 3); a = n;', 'int n { 0=3 }; a = n'],
  ['#define both(x, y) x = 1; y = 2', 'both(a, b);', 'a = 1; b = 2'],
  ['#define nothing() do { } while (0)', 'if (a) nothing(); else b = 1;', 'if a do(; 0; ) {  } else b = 1'],
  ['#define empty(x)', 'empty(a); if (b) empty(b);', 'if b {  }'],
  [
    '#define run(statement) { a2 = 1; statement; }\nint a2;',
    'run({ a = 1; b = 2; });',
    '{ a2 = 1; { a = 1; b = 2 } }',
  ],
  ['#define run(statement) statement', 'run(a = 1);', 'a = 1'],
  [
    '#define each(pos, head) for (pos = (head); pos; pos = pos->next)',
    'each(pos, p) { if (pos->value) continue; break; }',
    'loop(pos = p; pos; pos = *(pos).next@0) { if *(pos).value@8 continue; break }',
  ],
  [
    '#define each(pos, head) for (struct node *pos = (head); pos; pos = pos->next)',
    'each(q, p) a += q->value;',
    'loop(struct node * q { 0=p }; q; q = *(q).next@0) a +<int>= *(q).value@8',
  ],
  [
    '#define each_if(pos, head, c) for (pos = (head); pos; pos = pos->next) if (!(c)) { } else',
    'each_if(pos, p, pos->value) a++;',
    'loop(pos = p; pos; pos = *(pos).next@0) if !*(pos).value@8 {  } else a++',
  ],
  [
    '#define each(pos, head) for (pos = (head); pos; pos = pos->next)\n#define each_node(pos) each(pos, &first)',
    'each_node(pos) a++;',
    'loop(pos = &first; pos; pos = *(pos).next@0) a++',
  ],
  [
    '#define each(i, n) for (int i = 0, _n = (n); i < _n; i++)',
    'each(i, b) each(j, i) a += j;',
    'loop({ int i { 0=0 }; int _n { 0=b } }; (i < _n); i++) loop({ int j { 0=0 }; int _n { 0=i } }; (j < _n); j++) a +<int>= j',
  ],
  [
    '#define each(i, n) for (int i = 0; i < (n); i++)',
    'each(i, 3);',
    'loop(int i { 0=0 }; (i < 3); i++) {  }',
  ],
  [
    '#define call(f, ...) f(__VA_ARGS__)\nint add(int x, int y) { return x + y; }',
    'a = call(add, a, b);',
    'a = add(a, b)',
  ],
  ['#define call(f, ...) f(1, __VA_ARGS__)\nint one(int x) { return x; }', 'a = call(one);', 'a = one(1)'],
  ['#define try(label) goto label', 'again: a++; try(again);', 'again:; a++; goto again'],
  [
    '#define spin(c) do { retry: if (!(c)) goto retry; } while (0)',
    'spin(a); spin(b);',
    'do(; 0; ) { retry#1:; if !a goto retry#1 }; do(; 0; ) { retry#2:; if !b goto retry#2 }',
  ],
  ['option fix = { none, lock };\n#define is(v) (fix == v)', 'a = is(none) + is(lock);', 'a = 1'],
  ['#define op add\nint add(int x, int y) { return x + y; }', 'a = op(1, 2);', 'a = add(1, 2)'],
  [
    '#define warn_if(c, name) WARN_ON(c, name)',
    'warn_if(a < 0, "below");',
    '!check<warning-triggered below>(!(a < 0))',
  ],
  [
    '#define raise(code) __warn(a2, code, "text")\nint a2;',
    'raise(lock_misuse);',
    '<void>check<lock-misuse>(a2)',
  ],
  ['#define word unsigned char', 'a = sizeof(word);', 'a = 1'],
];

test('uses of macros', () => {
  for (const [definitions, statement, expected] of cases) {
    const program = programOf(`${definitions}
      struct node { struct node *next; int value; };
      struct node first;
      task t { int a, b; struct node *p, *pos; ${statement} }`);
    const declared = 'int a -; int b -; struct node * p -; struct node * pos -; ';
    const dump = dumpBody(program, 't');
    assert.equal(dump.startsWith(declared) ? dump.slice(declared.length) : dump, expected, statement);
  }
});

test('code of a macro is placed at its use, with the place inside', () => {
  const source =
    '#define inc(x) ((x) + one(x))\nint one(int x) { return x; }\ntask t { int a = 1; a = inc(a); }\n';
  const program = programOf(source);
  const body = program.actors[0]?.body;
  const statement = body?.kind === 'block' ? body.body[1] : undefined;
  assert.ok(statement?.kind === 'expression' && statement.value.kind === 'assign');
  const sum = statement.value.value;
  assert.ok(sum.kind === 'binary');
  const task = 'task t { int a = 1; a = inc(a); }';
  const use = task.indexOf('inc(a)');
  const { macro, ...outer } = sum.loc;
  assert.deepEqual([outer.start, outer.end], [use, use + 6]);
  assert.equal(macro?.item, 'macro:inc');
  // The argument stands where the user wrote it.
  assert.deepEqual([sum.left.loc.start, sum.left.loc.macro], [use + 4, null]);
});

check({
  'arguments that do not fit': `
    #define pair(x, y) ((x) | (y))
    #define LIMIT 3
    #define field(o, m) ((o).m)
    #define sized(type) (type)2
    struct s { int a; } s;
    task t {
        pair(1);
//      ^^^^^^^ error wrong-arguments: the macro 'pair' takes 2 arguments, not 1
        pair(1, 2, 3);
//      ^^^^^^^^^^^^^ error wrong-arguments: the macro 'pair' takes 2 arguments, not 3
        int n = pair;
//              ^^^^ error wrong-arguments: the macro 'pair' takes 2 arguments in parentheses
        n = LIMIT + LIMIT(2);
//                  ^^^^^ error type-mismatch: expected a function, found 'int'
        n = field(s, 3 + 4);
//          ^^^^^^^^^^^^^^^ error wrong-arguments: the argument for 'm' must be a name
        n = field(s, b);
//          ^^^^^^^^^^^ error unknown-name: 'struct s' has no member 'b'
        n = pair(int, 2);
//          ^^^^^^^^^^^^ error wrong-arguments: the argument for 'x' must be an expression
        n = pair(unknown, 2);
//               ^^^^^^^ error unknown-name: unknown name 'unknown'
        n = sized(n + 1) + sized(n);
//                ^^^^^ error type-mismatch: the macro needs a type here
//                               ^ error unknown-name: unknown type 'n'
    }
  `,

  'an error in a body is shown at the use': `
    #define broken(x) ((x) + nothing_like_it)
    #define wrapped(x) broken(x)
    task t {
        int a = broken(1);
//              ^^^^^^^^^ error unknown-name: unknown name 'nothing_like_it'
        a = wrapped(2);
//          ^^^^^^^^^^ error unknown-name: unknown name 'nothing_like_it'
    }
  `,

  'locals of the user are not seen by a body': `
    #define grab() (private_value)
    task t { int private_value = 1; private_value = grab(); }
//                                                  ^^^^^^ error unknown-name: unknown name 'private_value'
  `,

  'a macro may not use itself': `
    #define a(x) b(x)
    #define b(x) a(x)
    #define c c
    task t {
        int n = a(1);
//              ^^^^ error bad-declaration: the macro 'a' uses itself
        n = c;
//          ^ error bad-declaration: the macro 'c' uses itself
    }
  `,

  'nested uses in arguments are no recursion': `
    #define min(x, y) ((x) < (y) ? (x) : (y))
    task t { int n = min(min(1, 2), min(3, min(4, 5))); }
  `,

  'statements are no expressions, and heads of loops need something behind them': `
    #define act(x) do { (x) = 1; } while (0)
    #define each(i) for ((i) = 0; (i) < 2; (i)++)
    #define nothing
    task t {
        int n = 0;
        n = act(n);
//          ^^^^^^ error misplaced: the macro 'act' is a statement and has no value
        n = each(n);
//          ^^^^^^^ error misplaced: the macro 'each' is the head of a loop and has no value
        n = nothing;
//          ^^^^^^^ error misplaced: the macro 'nothing' stands for nothing
        each_one(n) n = 1;
//      ^^^^^^^^ error unknown-name: unknown macro 'each_one'
        act(n) { n = 1; }
//      ^^^ error misplaced: the macro 'act' is not the head of a loop; is a ';' missing?
    }
  `,

  'uses that double at every level are bounded': `
    ${Array.from({ length: 16 }, (_, i) => `#define d${i + 1}(x) (d${i}(x) + d${i}(x))`).join('\n    ')}
    #define d0(x) (x)
    task t { int n = 1; n = d16(n); }
//                          ^^^^^^ error program-too-large: macros expand to too much code here
  `,
});
