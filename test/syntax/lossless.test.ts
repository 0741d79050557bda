import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { greenPath, isToken } from '../../core/syntax/green.ts';
import { greenOf, parse, parseGreen } from '../../core/syntax/parser.ts';
import { editedProgram, noise } from './arbitrary.ts';
import { sample } from './sample.ts';
import { checkSound } from './sound.ts';

test('the sample has no errors and every kind of item', () => {
  const file = parse('sample.lockstep', sample);
  assert.deepEqual(file.errors, []);
  const kinds = new Set(file.items.map((placed) => placed.item.kind));
  assert.equal(kinds.size, 24, [...kinds].join(' '));
  checkSound(file);
});

test('nothing is lost of an edited program', () => {
  fc.assert(
    fc.property(editedProgram, (text) => checkSound(parse('a', text))),
    { numRuns: 150 },
  );
});

test('nothing is lost of noise', () => {
  fc.assert(
    fc.property(noise, (text) => checkSound(parse('a', text))),
    { numRuns: 600 },
  );
});

test('every prefix of every item is parsed', () => {
  for (const { text } of parse('a', sample).items)
    for (let length = 0; length <= text.length; length++) checkSound(parse('a', text.slice(0, length)));
});

test('a half-written file keeps the items before the one under work', () => {
  const whole = parse('a', sample);
  for (const placed of whole.items) {
    const half = parse('a', sample.slice(0, placed.offset + (placed.text.length >> 1)));
    const before = whole.items.filter((each) => each.offset < placed.offset).map((each) => each.key);
    assert.deepEqual(
      half.items.slice(0, before.length).map((each) => each.key),
      before,
      placed.key,
    );
  }
});

test('line ends, byte order mark and characters that mean nothing', () => {
  const cases = [
    '',
    '\ufeff',
    '\ufeffint x;',
    'int x;\r\nint y;\r\n',
    '#define a 1\r\nint y;\r\n#define b \\\r\n 2\r\n',
    'int x;\rint y;\r#define a 1\rint z;',
    '\0\0int\0 x;\0',
    'char *s = "é😀";\t// é😀',
    '/* open',
    '"open',
    "'",
    '\\',
    'int x; \\\n int y;',
    '#',
    '#define',
    '#define x \\',
  ];
  for (const text of cases) checkSound(parse('a', text));
  const [x, y] = parse('a', '\ufeffint x;\r\nint y;\r\n').items;
  assert.deepEqual([x?.offset, y?.offset], [1, 9]);
});

test('the path to an offset names the token and the nodes around it', () => {
  const text = 'void f(void)\n{\n\tsp->role = a + 1;\n}\n';
  const path = greenPath(greenOf(parse('a', text)), text.indexOf('role') + 1);
  assert.equal(path.token?.text, 'role');
  assert.equal(path.tokenStart, text.indexOf('role'));
  assert.deepEqual(
    path.nodes.map((each) => each.node.kind),
    ['file', 'function', 'block', 'expression-statement', 'assign', 'member'],
  );
  const nothing = greenPath(parseGreen(''), 0);
  assert.equal(nothing.token?.kind, 'eof');
  const end = greenPath(parseGreen('int x;  '), 99);
  assert.ok(end.token !== null && isToken(end.token) && end.token.kind === 'eof');
});
