import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../core/syntax/parser.ts';
import { sample } from './sample.ts';

/** Seconds that an input may take: far more than it does, far less than one whose time grows with its square. */
const limit = 20;

test('repeated openings, operators and fragments are parsed in linear time and bounded depth', () => {
  const fragments = [
    ...[
      '(',
      '{',
      '[',
      'f(',
      '({',
      'if(',
      'if(a)',
      'else ',
      'do ',
      'for(',
      'for(;;)',
      'while(a)',
      'switch(a)',
      'case 1:',
      'a:',
    ],
    ...[
      '!',
      '-',
      '*',
      '&',
      '- -',
      '++',
      'a+',
      'a,',
      'a?',
      'a?b:',
      'a=',
      'a.',
      'a->',
      'a[',
      'a[0]',
      'f()',
      'sizeof ',
      '(int)',
      '(u64*)',
    ],
    ...[
      'a implies ',
      'a in {a} ',
      'all(int i:0..1)',
      'choose(',
      'struct{',
      'struct s{',
      'union{int a;',
      'enum{a,',
      'int a(',
      'int *',
      'int (*',
    ],
    ...[
      'a b;',
      'a b\n',
      'int x;',
      'typedef int a;',
      '#define x\n',
      '#define x (\n',
      '#if\n',
      'when(a){',
      'when(a)',
      'int f(){',
      '={',
      '{1,',
    ],
    ...[
      '"',
      "'",
      '"a"',
      '/*',
      '/**/',
      '//\n',
      '\\\n',
      '\0',
      'é',
      '}',
      ')',
      ']',
      ';',
      'a;',
      '0..',
      '...',
      '#',
      '1',
      "'a'",
    ],
    ...[
      'vcpu a{',
      'expect ',
      'option a={',
      'schedule "a"{',
      'a __x(',
      '__attribute__((',
      'static ',
      'unsigned ',
      'atomic{',
      'either{',
    ],
  ];
  const started = performance.now();
  for (const fragment of fragments) {
    const repeated = fragment.repeat(20_000 / fragment.length);
    for (const text of [repeated, `void f(void)\n{\n${repeated}`]) {
      const file = parse('a', text);
      assert.ok(file.errors.length <= 100);
      // A tree that is too deep would overflow the stack of those who walk it.
      JSON.stringify(file.items, (_, value: unknown) =>
        typeof value === 'bigint' ? value.toString() : value,
      );
    }
  }
  const seconds = (performance.now() - started) / 1000;
  assert.ok(seconds < 6 * limit, `${seconds} s`);
});

test('five megabytes of noise', () => {
  let state = 12345;
  const random = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state;
  };
  const words = sample.split(/\b/);
  const texts = {
    bytes: () => String.fromCharCode((random() >> 8) % 256),
    // Without comment and quote marks there are many more tokens.
    punctuation: () => '(){}[];,.:?+-*&|^~!<>=#ab1 \n'.charAt((random() >> 8) % 29),
    words: () => words[(random() >> 8) % words.length] ?? '',
  };
  for (const [name, next] of Object.entries(texts)) {
    const parts: string[] = [];
    for (let length = 0; length < 5_000_000; ) {
      const part = next();
      parts.push(part);
      length += part.length;
    }
    const text = parts.join('');
    const started = performance.now();
    const file = parse('a', text);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds < limit, `${name}: ${seconds} s`);
    assert.ok(file.errors.length <= 100);
  }
});

test('nesting within the limit is understood, nesting beyond it is one error', () => {
  const nested = (depth: number): string => `int x = ${'('.repeat(depth)}1${')'.repeat(depth)};\nint y;\n`;
  assert.deepEqual(parse('a', nested(150)).errors, []);
  for (const depth of [300, 100_000]) {
    const file = parse('a', nested(depth));
    assert.deepEqual(
      file.errors.map((error) => error.code),
      ['nesting-too-deep'],
    );
    assert.equal(file.items.length, 2);
  }
  const chain = `int x = ${'1 + '.repeat(5000)}1;\nint y;\n`;
  assert.deepEqual(
    parse('a', chain).errors.map((error) => error.code),
    ['nesting-too-deep'],
  );
  assert.deepEqual(parse('a', `int x = ${'1 + '.repeat(150)}1;\n`).errors, []);
});
