import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveImport } from '../../core/semantics/imports.ts';
import { docAbove, loadProject, position, resolveLoc, textAt } from '../../core/semantics/snapshot.ts';
import { parse } from '../../core/syntax/parser.ts';
import { check } from './check.ts';
import { checkAll, load, programOf } from './project.ts';

check({
  'files that are not there': `
    import "./nothing";
//         ^^^^^^^^^^^ error import-missing: there is no file './nothing'
    import "linux/lst";
//         ^^^^^^^^^^^ error import-missing: there is no file 'linux/lst'; did you mean 'linux/list'?
    import "linux/list";
    task t { }
//- library:///linux/list.lockstep
    int in_list;
  `,

  'files that import each other': `
    import "./a";
    task t { a = b; }
//- a.lockstep
    import "./b";
    int a;
//- b.lockstep
    import "./a";
//         ^^^^^ error import-cycle: file:///home/a.lockstep -> file:///home/b.lockstep -> file:///home/a.lockstep
    import "./main";
//         ^^^^^^^^ error import-cycle: files import each other in a circle: file:///home/main.lockstep ->
    int b;
  `,

  'imports that lead out': `
    import "/etc/passwd";
//         ^^^^^^^^^^^^^ error import-escapes: the import '/etc/passwd' is an absolute path
    import "http://example.org/x";
//         ^^^^^^^^^^^^^^^^^^^^^^ error import-escapes: is an address, not a path
    import "../../../x";
//         ^^^^^^^^^^^^ error import-escapes: leaves the workspace
    import "kvm/../../x";
//         ^^^^^^^^^^^^^ error import-escapes: leaves the library
    import "..\\\\x";
//         ^^^^^^^ error import-escapes: backslash
    task t { }
  `,

  'a file imported twice is one file': `
    import "./a";
    import "./b";
    import "./a";
    task t { a = b; }
//- a.lockstep
    int a;
//- b.lockstep
    import "./a";
    int b;
  `,

  'the prelude comes first, by itself': `
    task t { from_prelude = 1; }
//- library:///linux/prelude.lockstep
    import "./types";
    int from_prelude;
//- library:///linux/types.lockstep
    import "linux/more";
//- library:///linux/more.lockstep
    int from_more;
  `,

  'errors of imported files belong to them': `
    import "./a";
    task t { a = 1; }
//- a.lockstep
    int a = b;
//          ^ error unknown-name: unknown name 'b'
    int c
//      ^ error syntax-error: expected
  `,
});

/** Path, importing file, root, and where it leads. */
const targets: readonly (readonly [path: string, from: string, root: string | null, target: string])[] = [
  ['kvm/x86/shadow', 'file:///w/a.lockstep', null, 'library:///kvm/x86/shadow.lockstep'],
  ['./b', 'file:///w/s/a.lockstep', null, 'file:///w/s/b.lockstep'],
  ['../b.lockstep', 'file:///w/s/a.lockstep', null, 'file:///w/b.lockstep'],
  ['./x/./y/../b', 'file:///w/a.lockstep', 'file:///w', 'file:///w/x/b.lockstep'],
  ['../b', 'file:///w/a.lockstep', 'file:///w', 'leaves the workspace'],
  ['../w2/b', 'file:///w/a.lockstep', 'file:///w', 'leaves the workspace'],
  ['./b', 'library:///linux/a.lockstep', 'file:///w', 'library:///linux/b.lockstep'],
  ['../../b', 'library:///linux/a.lockstep', null, 'leaves the library'],
  ['./b', 'vscode-remote://host/w/a.lockstep', null, 'vscode-remote://host/w/b.lockstep'],
  ['./b', 'untitled:a', null, 'untitled:/b.lockstep'],
  ['./b', 'dir/a.lockstep', null, './dir/b.lockstep'],
  ['mailto:x', 'file:///w/a.lockstep', null, 'is an address, not a path'],
];

test('where paths lead', () => {
  for (const [path, from, root, expected] of targets) {
    const target = resolveImport(path, from, root);
    assert.equal(target.kind === 'file' ? target.uri : target.reason, expected, `${path} from ${from}`);
  }
});

test('a scenario that is not there', () => {
  const project = loadProject('file:///none.lockstep', () => null);
  assert.deepEqual(
    project.diagnostics.map((each) => each.code),
    ['import-missing'],
  );
  assert.equal(checkAll(project).results[0]?.program, null);
});

test('an unchanged file is the same snapshot, an unchanged item the same item', () => {
  const cache = new Map();
  const first = load('int a;\nint b;\n//- other.lockstep\nint c;', cache);
  const second = load('int a;\n\nint b;\n//- other.lockstep\nint c;', cache);
  const items = (project: typeof first) =>
    project.files.get(project.uri)?.source.items.map((placed) => placed.item) ?? [];
  assert.equal(items(first)[1], items(second)[1]);
  assert.deepEqual(second.order.length, 1);
});

test('places survive edits elsewhere', () => {
  const cache = new Map();
  const source = 'int a;\nint b = 3;\ntask t { b = a; }\n';
  const program = programOf(source);
  const loc = program.globals.find((each) => each.name === 'b')?.loc;
  assert.ok(loc !== undefined);
  const moved = load(`// a comment\nint more;\n${source}`, cache);
  const range = resolveLoc(moved, loc);
  const file = moved.files.get(moved.uri);
  assert.ok(range !== null && file !== undefined);
  assert.deepEqual(position(file.source, range.start), { line: 4, column: 5 });
  assert.equal(textAt(moved, loc), 'b');
  assert.equal(resolveLoc(load('int a;'), loc), null);
});

test('lines and columns count from 1, in UTF-16 units', () => {
  const file = parse('x', 'ab\r\n\u{1F600}c\n');
  assert.deepEqual(
    [0, 2, 4, 6, 7, 8, 99].map((offset) => Object.values(position(file, offset)).join(':')),
    ['1:1', '1:3', '2:1', '2:3', '2:4', '3:1', '3:92'],
  );
});

/** Text, with `|` where the declaration begins, and its documentation. */
const docs: readonly (readonly [text: string, doc: string])[] = [
  ['/** one */\n|int x;', 'one'],
  ['/* a\n * b\n */\n|int x;', 'a\nb'],
  ['// a\n//  b\n|int x;', 'a\n b'],
  ['int y; // not this\n\n|int x;', ''],
  ['// far away\n\n|int x;', ''],
  ['/* a */ |int x;', 'a'],
  ['/** a */\r\n|int x;', 'a'],
  ['  // a\n  |int x;', 'a'],
  ['|int x;', ''],
  ['*/\n|int x;', ''],
];

test('documentation is the comment directly above', () => {
  for (const [marked, doc] of docs)
    assert.equal(docAbove(marked.replace('|', ''), marked.indexOf('|')), doc, marked);
});
