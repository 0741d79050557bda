import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Loc } from '../../core/semantics/hir.ts';
import { loadProject, type Project, resolveLoc } from '../../core/semantics/snapshot.ts';
import { contentOf, markOf, rangeOfMark } from '../../host/marks.ts';

const uri = 'file:///home/a.lockstep';

function load(text: string, other = ''): Project {
  const files = new Map([
    [uri, text],
    ['file:///home/b.lockstep', other],
  ]);
  return loadProject(uri, (each) => files.get(each) ?? null, new Map(), { root: 'file:///home' });
}

const text = `scenario "A";
import "./b";
#define TWICE(x) ((x) + (x))
int x;
vcpu a {
	x = TWICE(1); // why
}
`;

test('what is laid out differently says the same', () => {
  const same = [
    text.replace('// why', '/* because */\n\n\t'),
    text.replace('int x;', '\n\nint   x ;'),
    text.replaceAll('\n', '\r\n'),
    `// a beginning\n${text}`,
  ];
  for (const each of same) assert.equal(contentOf(load(each)), contentOf(load(text)), each);
});

test('what says something else is something else', () => {
  const others = [
    text.replace('int x;', 'int x, y;'),
    text.replace('TWICE(x)', 'TWICE (x)'),
    text.replace('(x) + (x))', '(x) +\n(x))'),
    text.replace('= TWICE', '== TWICE'),
    text.replace('"A"', '"A "'),
  ];
  const contents = new Set([text, ...others].map((each) => contentOf(load(each))));
  assert.equal(contents.size, others.length + 1);
  assert.notEqual(contentOf(load(text, 'int other;')), contentOf(load(text)));
});

test('a mark finds its place in another layout', () => {
  const before = load(text);
  const after = load(text.replace('{\n', '{\n\n  /* first */\n').replace(' = ', '\n=\n'));
  const item = [...(before.files.get(uri)?.items.values() ?? [])].find(
    ({ item: each }) => each.kind === 'actor',
  );
  assert.ok(item !== undefined);
  const start = item.text.indexOf('x = TWICE(1)');
  const loc: Loc = { uri, item: item.key, start, end: start + 'x = TWICE(1)'.length, macro: null };
  assert.ok(resolveLoc(before, loc) !== null);
  const mark = markOf(before, loc);
  const range = mark === null ? null : rangeOfMark(after, mark);
  const source = after.files.get(uri)?.source.text ?? '';
  assert.equal(source.slice(range?.start, range?.end), 'x\n=\nTWICE(1)');
});

test('a mark of a file that is not there, or beyond its end, is nowhere or at its end', () => {
  const project = load(text);
  assert.equal(rangeOfMark(project, { uri: 'file:///home/c.lockstep', first: 0, last: 1 }), null);
  assert.deepEqual(rangeOfMark(project, { uri, first: 1e6, last: 1e6 }), { uri, start: 0, end: 0 });
  assert.equal(markOf(project, { uri, item: 'function gone', start: 0, end: 1, macro: null }), null);
});
