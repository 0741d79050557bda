import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Range, SelectionRange } from 'vscode-languageserver-types';
import { selectionRangeAt, selectionRanges } from '../../server/features/selectionRanges.ts';
import { toOffset } from '../../server/positions.ts';
import { anyText, editedExample, examples, fileOf } from './files.ts';
import { cursor, startServer } from './harness.ts';

/** What the selection at `$0` grows to, one line for each step, line ends as `|`; the whole file comes last and is left out. */
const cases: Readonly<Record<string, readonly [marked: string, steps: readonly string[]]>> = {
  'word, expression, statement, block, item': [
    'task t {\n\tif (a)\n\t\tf(x + g$0et(y)->b);\n}\nint z;',
    [
      'get',
      'get(y)',
      'get(y)->b',
      'x + get(y)->b',
      '(x + get(y)->b)',
      'f(x + get(y)->b)',
      'f(x + get(y)->b);',
      'if (a)|\t\tf(x + get(y)->b);',
      '{|\tif (a)|\t\tf(x + get(y)->b);|}',
      'task t {|\tif (a)|\t\tf(x + get(y)->b);|}',
    ],
  ],
  'behind a word it is the word': ['int a$0;\n', ['a', 'int a;']],
  'the item and its comment': [
    '/** Why. */\nint a = $01;\n\nint b;',
    ['1', 'int a = 1;', '/** Why. */|int a = 1;'],
  ],
  'in a comment': [
    'task t {\n\t// on$0e two\n\tf();\n}\n',
    ['one', '// one two', '{|\t// one two|\tf();|}', 'task t {|\t// one two|\tf();|}'],
  ],
  'in a string': ['import "linux/li$0st";\n', ['list', 'linux/list', '"linux/list"', 'import "linux/list";']],
  'between items there is only the file': ['int a;\n\n$0\n\nint b;', []],
};

for (const [name, [marked, steps]] of Object.entries(cases)) {
  test(`selection: ${name}`, () => {
    const { text, position } = cursor(marked);
    const file = fileOf(text);
    const found = rangesOf(selectionRangeAt(file, position)).map((range) => textIn(text, file, range));
    assert.deepEqual(found.slice(0, -1), steps);
    assert.equal(found.at(-1), text.replaceAll('\n', '|'));
  });
}

test('whatever is typed, wherever: ranges hold the position, and each is inside the next', () => {
  const place = fc.record({
    text: fc.oneof(anyText, editedExample),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(place, ({ text, at }) => {
      const file = fileOf(text);
      const offset = Math.floor(at * text.length);
      const before = text.slice(0, offset).split(/\r\n|\n|\r/);
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
      let last: { start: number; end: number } | null = null;
      for (const range of rangesOf(selectionRangeAt(file, position))) {
        const start = toOffset(file, range.start);
        const end = toOffset(file, range.end);
        assert.ok(start <= toOffset(file, position) && toOffset(file, position) <= end);
        if (last !== null)
          assert.ok(start <= last.start && last.end <= end && end - start > last.end - last.start);
        last = { start, end };
      }
    }),
    { numRuns: 300 },
  );
});

test('asked of the server, for several positions, some out of range', async () => {
  const server = await startServer({
    files: { 'a.lockstep': examples[0]?.text ?? '' },
    options: { features: [selectionRanges] },
  });
  try {
    server.open('a.lockstep');
    const positions = [
      { line: 25, character: 4 },
      { line: 9999, character: 7 },
      { line: -1, character: 0 },
    ];
    const found = await server.request('textDocument/selectionRange', {
      textDocument: 'a.lockstep',
      positions,
    });
    assert.equal(found.length, positions.length);
  } finally {
    await server.close();
  }
});

/** Innermost first. */
function rangesOf(selection: SelectionRange): readonly Range[] {
  const found: Range[] = [];
  for (let each: SelectionRange | undefined = selection; each !== undefined; each = each.parent)
    found.push(each.range);
  return found;
}

function textIn(text: string, file: ReturnType<typeof fileOf>, range: Range): string {
  return text.slice(toOffset(file, range.start), toOffset(file, range.end)).replaceAll('\n', '|');
}
