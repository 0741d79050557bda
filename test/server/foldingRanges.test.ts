import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldingRanges, foldingRangesOf } from '../../server/features/foldingRanges.ts';
import { anyText, editedExample, examples, fileOf } from './files.ts';
import { startServer } from './harness.ts';

/** `< n` at the end of a line: a range begins here, and ends with the line that `> n` stands in; then its kind. */
const cases: Readonly<Record<string, string>> = {
  'blocks: the closing brace stays in sight': `
    task t {  // < 1
      if (a) {  // < 2
        f();  // > 2
      } else {  // < 3
        g();
        h();  // > 3
      }  // > 1
    }`,
  'a brace on its own line': `
    static void f(void)
    {  // < 1
      g();  // > 1
    }`,
  'brackets over lines, and what opens last on a line': `
    task t {  // < 1
      f(a,  // < 2
        b,
        c);  // > 2 > 1
    }
    int a[] = {  // < 3
      1  // > 3
    };`,
  'nothing on one line': 'task t { if (a) { f(); } }',
  comments: `
    /* the first  // < 1 comment
     * the second
     */  // > 1
    int a;  // beside
    // one  // < 2 comment
    // two  // > 2 comment
    int b;
    // alone
    int c;`,
  'a heading, and the doc comment under it': `
    // one  // < 1 comment
    // two  // > 1 comment

    // three  // < 2 comment
    // four  // > 2 comment
    int c;`,
  imports: `
    import "linux/list";  // < 1 imports

    import "linux/rcu";
    import "./other";  // > 1 imports
    int a;
    import "linux/wait";`,
  macros: `
    #define F(a)  /* < 1 */ \\
      g(a); \\
      h(a)  /* > 1 */

    #define G 1`,
  regions: `
    //#region locks  // < 1 region
    int a;
    // region inside  // < 2 region
    int b;
    // endregion  // > 2 region
    //#endregion  // > 1 region
    //#endregion
    //#region never ended`,
  'what is not closed has no range': `
    task t {  // < 2
      f(a,  // > 2
    }
    task u {  // < 1
      g();  // > 1
    }`,
  'brackets that do not belong together': `
    int a[3 = {  // < 1
      ( 1,  // > 1
    };`,
};

for (const [name, marked] of Object.entries(cases)) {
  test(`folding: ${name}`, () => {
    const { text, expected } = ranges(marked);
    const found = foldingRangesOf(fileOf(text)).map(
      ({ startLine, endLine, kind }) => `${startLine}-${endLine} ${kind ?? ''}`,
    );
    assert.deepEqual(found, expected);
  });
}

test('a limit keeps the longest ranges', () => {
  const text = 'task t {\n  if (a) {\n    f();\n  }\n}\ntask u {\n  f();\n}';
  assert.deepEqual(
    foldingRangesOf(fileOf(text), 2).map(({ startLine }) => startLine),
    [0, 1],
  );
  assert.deepEqual(foldingRangesOf(fileOf(text), 0), []);
});

test('whatever is typed: ranges lie in the text, none twice at a line', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, editedExample), (text) => {
      const lines = text.split(/\r\n|\n|\r/).length;
      let last = -1;
      for (const { startLine, endLine } of foldingRangesOf(fileOf(text))) {
        assert.ok(last < startLine && startLine < endLine && endLine < lines);
        last = startLine;
      }
    }),
    { numRuns: 300 },
  );
});

test('asked of the server', async () => {
  const server = await startServer({
    files: { 'a.lockstep': examples[0]?.text ?? '' },
    options: { features: [foldingRanges] },
  });
  try {
    server.open('a.lockstep');
    const found = await server.request('textDocument/foldingRange', { textDocument: 'a.lockstep' });
    assert.ok(found.length > 10);
    assert.deepEqual(
      await server.request('textDocument/foldingRange', { textDocument: 'none.lockstep' }),
      [],
    );
  } finally {
    await server.close();
  }
});

function ranges(marked: string): { readonly text: string; readonly expected: readonly string[] } {
  const begins = new Map<string, { line: number; kind: string }>();
  const expected: { start: number; text: string }[] = [];
  const lines = marked.split('\n').map((line, index) => {
    for (const [, sign, name = '', kind = ''] of line.matchAll(/([<>]) (\d)(?: ([a-z]+))?/g)) {
      const begun = begins.get(name);
      if (sign === '<') begins.set(name, { line: index, kind });
      else if (begun !== undefined)
        expected.push({ start: begun.line, text: `${begun.line}-${index} ${begun.kind}` });
    }
    return line.replace(/ {2}\/\/(?: [<>] \d(?: [a-z]+)?)+$| {2}\/\* [<>] \d \*\//, '');
  });
  return {
    text: lines.join('\n'),
    expected: expected.sort((a, b) => a.start - b.start).map((each) => each.text),
  };
}
