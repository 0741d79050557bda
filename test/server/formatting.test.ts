import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TextEdit } from 'vscode-languageserver-types';
import { format } from '../../core/syntax/format.ts';
import { formatFile, formatRanges, formatTyped, formatting } from '../../server/features/formatting.ts';
import { toOffset } from '../../server/positions.ts';
import { anyText, applied, editedExample, examples, fileOf } from './files.ts';
import { cursor, startServer } from './harness.ts';

/** What has just been typed stands before `$0`. */
const typed: Readonly<Record<string, readonly [marked: string, formatted: string]>> = {
  'a semicolon formats its line': ['task t {\n    a=1;$0\n  b=2;\n}', 'task t {\n\ta = 1;\n  b=2;\n}'],
  'nothing behind the cursor': ['task t {\n\ta=1;$0   b=2;\n}', 'task t {\n\ta = 1;   b=2;\n}'],
  'a brace formats its block': [
    'task t {\n\tif (a) {\n    b=1;\n\t      }$0\n  c=1;\n}',
    'task t {\n\tif (a) {\n\t\tb = 1;\n\t}\n  c=1;\n}',
  ],
  'a brace that closes nothing': ['}$0', '}'],
  'a line end formats the line before': [
    'task t {\n  a=1;\n$0\n  b=2;\n}',
    'task t {\n\ta = 1;\n\n  b=2;\n}',
  ],
  'the line that the cursor stands in is left alone': [
    'task t {\n\ta = 1;\n      $0\n}',
    'task t {\n\ta = 1;\n      \n}',
  ],
  'blanks before a line end go': [
    'task t {\n\ta = 1;   \n\t$0\n\tb = 1;\n}',
    'task t {\n\ta = 1;\n\t\n\tb = 1;\n}',
  ],
  'lines are not parted while one types': ['task t {\n\tif (a) b=1;$0\n}', 'task t {\n\tif (a) b = 1;\n}'],
  'lines are not joined either': ['task t\n{\n\ta=1;$0\n}', 'task t\n{\n\ta = 1;\n}'],
  'a semicolon in a comment': ['task t {\n  // a;$0\n}', 'task t {\n  // a;\n}'],
  'a semicolon in a string': ['task t {\n  WARN_ON(a, ";$0");\n}', 'task t {\n  WARN_ON(a, ";");\n}'],
  'an item with an error stays': ['task t {\n   a=(1;$0\n}', 'task t {\n   a=(1;\n}'],
  'the first line end': ['\n$0int a;', '\nint a;'],
  'in the first line': ['  $0int a;', '  int a;'],
  CRLF: ['task t {\r\n  a=1;$0\r\n}\r\n', 'task t {\r\n\ta = 1;\r\n}\r\n'],
};

for (const [name, [marked, formatted]] of Object.entries(typed)) {
  test(`on type: ${name}`, () => {
    const at = marked.indexOf('$0');
    const file = fileOf(marked.slice(0, at) + marked.slice(at + 2));
    // An editor has indented the new line before it asks.
    const [sign = '\n'] = /[;}](?=\$0)/.exec(marked) ?? [];
    const edits = formatTyped(file, at, sign);
    assert.equal(applied(file, edits), formatted);
  });
}

const ranges: Readonly<Record<string, readonly [marked: string, formatted: string]>> = {
  'the lines that it touches': ['int  a;\nint $0 b;\nint  c$0;\nint  d;', 'int  a;\nint b;\nint c;\nint  d;'],
  'not the line at whose margin it ends': ['$0int  a;\n$0  int b;', 'int a;\n  int b;'],
  'an empty range is its line': ['task t {\n  a=1;$0$0\n  b=1;\n}', 'task t {\n\ta = 1;\n  b=1;\n}'],
  'lines are parted and joined': ['task t {\n\t$0if (a) b=1;$0\n}', 'task t {\n\tif (a)\n\t\tb = 1;\n}'],
  'one sound item beside a broken one': [
    'int  a;\ntask t { a=(;\n}\n$0int  b$0;',
    'int  a;\ntask t { a=(;\n}\nint b;',
  ],
};

for (const [name, [marked, formatted]] of Object.entries(ranges)) {
  test(`range: ${name}`, () => {
    const first = cursor(marked);
    const { text, position: end } = cursor(first.text);
    const file = fileOf(text);
    const edits = formatRanges(file, [{ start: first.position, end }]);
    // The end of the file belongs to the last line.
    assert.equal(applied(file, edits).trimEnd(), formatted);
  });
}

test('the edits make what the formatter makes, and again nothing', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, editedExample), (text) => {
      const file = fileOf(text);
      const formatted = applied(file, formatFile(file));
      assert.equal(formatted, format(text));
      assert.deepEqual(formatFile(fileOf(formatted)), []);
    }),
    { numRuns: 120 },
  );
});

test('every edit replaces blanks by blanks, and as few as it can', () => {
  for (const { text } of examples) {
    const file = fileOf(text.replaceAll('\t', '  '));
    const edits = formatFile(file);
    assert.ok(edits.length > 10);
    for (const { range, newText } of edits) {
      const old = file.source.text.slice(toOffset(file, range.start), toOffset(file, range.end));
      assert.match(old + newText, /^(?:\s|\\(?=\r?\n))*$/);
      assert.ok(range.end.line - range.start.line <= 2);
    }
    assert.equal(applied(file, edits), format(file.source.text));
  }
});

test('what is typed anywhere never moves the cursor to another line, and changes nothing behind it', () => {
  const place = fc.record({
    text: fc.oneof(anyText, editedExample),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    sign: fc.constantFrom('}', ';', '\n'),
  });
  fc.assert(
    fc.property(place, ({ text, at, sign }) => {
      const offset = Math.floor(at * text.length);
      const before = text.slice(0, offset) + sign;
      const file = fileOf(before + text.slice(offset));
      const edits: readonly TextEdit[] = formatTyped(file, before.length, sign);
      const after = applied(file, edits);
      assert.ok(after.endsWith(text.slice(offset)));
      const kept = after.slice(0, after.length - (text.length - offset));
      assert.equal(kept.split(/\r\n|\n|\r/).length, before.split(/\r\n|\n|\r/).length);
      assert.equal(kept.replace(/[\s\\]/g, ''), before.replace(/[\s\\]/g, ''));
    }),
    { numRuns: 120 },
  );
});

test('a range formats as the whole file does there', () => {
  const place = fc.record({ text: editedExample, from: fc.nat(400), length: fc.nat(40) });
  fc.assert(
    fc.property(place, ({ text, from, length }) => {
      const file = fileOf(text.replaceAll('\t', '    '));
      const range = { start: { line: from, character: 0 }, end: { line: from + length, character: 0 } };
      const some = new Set(formatRanges(file, [range]).map((edit) => JSON.stringify(edit)));
      const all = new Set(formatFile(file).map((edit) => JSON.stringify(edit)));
      assert.ok([...some].every((edit) => all.has(edit)));
      // What is left is still the same program.
      assert.equal(format(applied(file, formatRanges(file, [range]))), format(file.source.text));
    }),
    { numRuns: 60 },
  );
});

test('asked of the server', async () => {
  const server = await startServer({ options: { features: [formatting] } });
  try {
    server.open('a.lockstep', 'int  a;\nint  b;\n');
    const options = { tabSize: 8, insertSpaces: false };
    const ask = (method: string, more: object): Promise<readonly TextEdit[]> =>
      server.request(`textDocument/${method}`, { textDocument: 'a.lockstep', options, ...more });
    const line = { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } };
    assert.equal((await ask('formatting', {})).length, 2);
    assert.equal((await ask('rangeFormatting', { range: line })).length, 1);
    assert.equal((await ask('rangesFormatting', { ranges: [line, line] })).length, 1);
    assert.equal((await ask('onTypeFormatting', { position: { line: 1, character: 7 }, ch: ';' })).length, 1);
    assert.deepEqual(await ask('onTypeFormatting', { position: { line: 99, character: 0 }, ch: '}' }), []);
  } finally {
    await server.close();
  }
});
