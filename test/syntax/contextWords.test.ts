import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../core/syntax/parser.ts';
import { dumpFile } from './check.ts';

/** Words of the scenario language that stay names of C wherever C has a name. */
const words = [
  ...['scenario', 'import', 'profile', 'option', 'machine', 'setting', 'when', 'pool', 'reuse', 'ghost'],
  ...['lock_type', 'vcpu_state', 'event', 'primitive', 'override', 'init', 'vcpu', 'task', 'irq', 'softirq'],
  ...['before', 'after', 'at', 'on', 'release', 'returns', 'invariant', 'finally', 'reachable', 'unless'],
  ...[
    'expect',
    'fails',
    'passes',
    'finds',
    'only',
    'not',
    'schedule',
    'until',
    'load',
    'store',
    'of',
    'steps',
  ],
  ...[
    'choosing',
    'check',
    'error',
    'warning',
    'off',
    'lock_order',
    'daemon',
    'no_thread',
    'times',
    'cpu',
    'stride',
  ],
  ...[
    'step',
    'guest',
    'atomic',
    'either',
    'or',
    'emit',
    'all',
    'any',
    'count',
    'choose',
    'old',
    'in',
    'implies',
  ],
];

/** `W` is the word; `x` in its place must give the same tree but for the name. */
const places: readonly (readonly [place: string, source: string])[] = [
  ['a global', 'int W;'],
  ['an initialised global', 'static int W = 3;'],
  ['several globals', 'int a, W, *b;'],
  ['an array', 'struct foo W[4];'],
  ['a pointer', 'struct foo *W;'],
  ['a function', 'static int W(int a)\n{\n\treturn a;\n}'],
  ['a prototype', 'void W(void);'],
  ['a parameter', 'void f(struct kvm_vcpu *W, int a);'],
  ['a parameter of a base type', 'void f(int W, unsigned long a);'],
  ['a field', 'struct s {\n\tint W;\n\tstruct foo *W;\n\tu64 W : 3;\n};'],
  ['a tag', 'struct W {\n\tint a;\n};'],
  ['an enumerator', 'enum { A, W, B = W };'],
  ['a typedef', 'typedef int W;'],
  ['a macro', '#define W (1 + 2)'],
  ['a macro parameter', '#define m(W) ((W) + 1)'],
  ['a function-like macro', '#define W(a) ((a) + 1)'],
  ['a local', 'void f(void)\n{\n\tint W;\n\tint W = 3;\n\tint *W, b;\n}'],
  ['a local of a named type', 'void f(void)\n{\n\tu64 W = 3;\n\tgfn_t W;\n}'],
  ['assignments', 'void f(void)\n{\n\tW = 1;\n\tW += 2;\n\tW++;\n\tW[1] = W;\n}'],
  ['members', 'void f(void)\n{\n\tW.a = 1;\n\tW->a = a->W;\n\ta.W = a.W.W;\n}'],
  ['operands', 'void f(void)\n{\n\ta = W + W * W;\n\tb = !W && (W || -W);\n\tif (W)\n\t\treturn W;\n}'],
  ['conditional', 'void f(void)\n{\n\ta = W ? W : W;\n}'],
  ['a label', 'void f(void)\n{\n\tgoto W;\nW:\n\treturn;\n}'],
  ['a label at the end', 'void f(void)\n{\nW:\n}'],
  ['a case', 'void f(void)\n{\n\tswitch (W) {\n\tcase W:\n\t\tbreak;\n\t}\n}'],
  ['arguments', 'void f(void)\n{\n\tg(W, &W, *W, a);\n}'],
  ['a cast', 'void f(void)\n{\n\ta = (int)W;\n\tb = (struct foo *)W;\n}'],
  ['the size', 'void f(void)\n{\n\ta = sizeof(W);\n\tb = sizeof(*W);\n}'],
  ['a designator', 'struct foo a = { .W = 1, .b = W };'],
  ['a loop', 'void f(void)\n{\n\tfor (W = 0; W < 3; W++)\n\t\tg(W);\n\twhile (W)\n\t\tW--;\n}'],
  ['a loop macro', 'void f(void)\n{\n\tfor_each_thing(W, a)\n\t\tg(W);\n}'],
  ['an option', 'option W = { W, other };'],
  ['an actor', 'task W {\n\tg();\n}'],
  ['a family', 'vcpu a[W : 0..1] {\n\tg(W);\n}'],
  ['a property', 'invariant W unless held(a): W == 1;'],
  ['a quantifier', 'invariant a: all (int W : 0..3) b[W] == 1;'],
  ['an expected check', 'expect fails W, a when W == 1;'],
  ['a hook', 'before W(a, W) {\n\tg(a);\n}'],
  ['a lock', 'lock_order W, a, W.b;'],
  ['a pool', 'pool struct foo W[3];'],
  ['a setting', 'machine {\n\tW = 3;\n}'],
  ['an emitted event', 'void f(void)\n{\n\temit W(a, W);\n}'],
];

for (const [place, source] of places)
  test(`every word can be ${place}`, () => {
    for (const word of words) {
      const text = source.replaceAll('W', word);
      const file = parse('test.lockstep', text);
      assert.deepEqual(
        file.errors.map((each) => each.message),
        [],
        text,
      );
      const plain = dumpFile(parse('test.lockstep', source.replaceAll('W', 'xx')));
      const expected = plain.replaceAll(/\bxx\b/g, word);
      assert.equal(dumpFile(file), expected, text);
    }
  });

test('a word can name a function that is called', () => {
  for (const word of words) {
    // `choose(a, b)` is an operator everywhere.
    if (word === 'choose') continue;
    const text = `void f(void)\n{\n\t${word}(a, 1);\n\tx = ${word}(a);\n\tif (${word}())\n\t\treturn;\n}`;
    const plain = text.replaceAll(`${word}(`, 'xx(');
    const file = parse('test.lockstep', text);
    assert.deepEqual(
      file.errors.map((each) => each.message),
      [],
      text,
    );
    assert.equal(
      dumpFile(file),
      dumpFile(parse('test.lockstep', plain)).replaceAll('(call xx', `(call ${word}`),
    );
  }
});
