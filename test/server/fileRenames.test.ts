import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linksOf } from '../../server/features/documentLinks.ts';
import { importEditsFor } from '../../server/features/fileRenames.ts';
import { placesIn, workspaceOf } from './marked.ts';

const home = 'file:///home';

/** Files that import each other, what is renamed, and the imports that are written anew: `file: path`. */
const cases: Readonly<
  Record<
    string,
    readonly [text: string, renames: readonly (readonly [string, string])[], edits: readonly string[]]
  >
> = {
  'a file that is imported': [
    'import "./a";\n//- a.lockstep\nint a;',
    [['a.lockstep', 'b.lockstep']],
    ['main.lockstep: "./b"'],
  ],
  'into a folder': [
    'import "./a";\n//- a.lockstep\nint a;',
    [['a.lockstep', 'sub/a.lockstep']],
    ['main.lockstep: "./sub/a"'],
  ],
  'the file that imports': [
    'import "./a";\n//- a.lockstep\nint a;',
    [['main.lockstep', 'sub/main.lockstep']],
    ['main.lockstep: "../a"'],
  ],
  'both together': [
    'import "./a";\n//- a.lockstep\nint a;',
    [
      ['main.lockstep', 'sub/main.lockstep'],
      ['a.lockstep', 'sub/a.lockstep'],
    ],
    [],
  ],
  'a folder': [
    'import "./old/a";\n//- old/a.lockstep\nimport "./b";\nimport "../c";\n//- old/b.lockstep\nint b;\n//- c.lockstep\nint c;',
    [['old', 'new']],
    ['main.lockstep: "./new/a"'],
  ],
  'a path with its ending keeps it': [
    'import "./a.lockstep";\n//- a.lockstep\nint a;',
    [['a.lockstep', 'b.lockstep']],
    ['main.lockstep: "./b.lockstep"'],
  ],
  'a name that begins the same is another': ['import "./ab";\n//- ab.lockstep\nint a;', [['a', 'c']], []],
  'the library stays': ['import "linux/list";', [['main.lockstep', 'sub/main.lockstep']], []],
  'no scenario file any more': ['import "./a";\n//- a.lockstep\nint a;', [['a.lockstep', 'a.txt']], []],
};

for (const [name, [text, renames, expected]] of Object.entries(cases)) {
  test(`file renames: ${name}`, () => {
    const { workspace } = workspaceOf(text);
    const files = renames.map(([from, to]) => ({ oldUri: `${home}/${from}`, newUri: `${home}/${to}` }));
    const found = importEditsFor(workspace, files).flatMap(({ textDocument, edits }) => {
      assert.equal(textDocument.version, 1);
      return edits.map(
        (edit) => `${textDocument.uri.replace(/^.*\//, '')}: ${'newText' in edit ? edit.newText : ''}`,
      );
    });
    assert.deepEqual(found, expected);
  });
}

test('file renames: what makes no sense changes nothing', () => {
  const { workspace } = workspaceOf('import "./a";\n//- a.lockstep\nint a;');
  assert.deepEqual(importEditsFor(workspace, []), []);
  assert.deepEqual(importEditsFor(workspace, [{ oldUri: 'nothing', newUri: '' }]), []);
});

test('links of imports lead to their files, and there is none to a file that is not there', () => {
  const text =
    'import «"./a"»;\nimport «"linux/list"»;\nimport "./none";\nimport "../../escapes";\n//- a.lockstep\nint a;';
  const { workspace, scene, marks } = workspaceOf(text);
  const links = linksOf(workspace, scene);
  assert.deepEqual(placesIn(scene, links), marks);
  assert.equal(links[0]?.target, `${home}/a.lockstep`);
  assert.match(links[1]?.target ?? '', /^file:.*\/library\/linux\/list\.lockstep$/);
});
