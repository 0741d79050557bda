import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckCache } from '../../core/semantics/cache.ts';
import type { FileSnapshot } from '../../core/semantics/snapshot.ts';
import { checkAll, describe, load } from './project.ts';

const before = `
import "./lib";
option fix = { none, lock };
int x;
static int twice(int n) { return 2 * n; }
static int half(int n) { return n / 2; }
when (fix == lock) { static void only(void) { x = 1; } static void other(void) { x = 2; } }
init { x = twice(1); }
task t { x = half(2); helper(); }
after twice(n) returns (r) { assert(r == 2 * n); }
invariant positive: x >= 0;
//- lib.lockstep
int shared;
static void helper(void) { shared++; }
static void unused(void) { shared--; }
`;

/** An edit, and the bodies that are looked at again, each once although there are two variants. */
const edits: readonly (readonly [
  what: string,
  from: string,
  to: string,
  rechecked: readonly string[] | 'all',
])[] = [
  ['nothing', '', '', []],
  ['a body', 'return 2 * n', 'return n + n', ['function:twice']],
  ['a body that moves what follows', 'return 2 * n;', 'return 2 *\n\n n;', ['function:twice']],
  ['a comment between items', 'int x;', '// more\nint x;', 'all'],
  ['blank lines between items', 'int x;\n', 'int x;\n\n\n', []],
  ['a body in another file', 'shared++', 'shared += 2', ['function:helper']],
  ['a body in a when', 'x = 1;', 'x = 3;', ['when:0']],
  ['an init block', 'x = twice(1)', 'x = twice(2)', ['init:0']],
  ['a thread', 'x = half(2)', 'x = half(4)', ['actor:t']],
  ['a hook', 'r == 2 * n', 'r == n * 2', ['hook:after:twice:0']],
  ['an invariant', 'x >= 0', 'x > -1', ['property:positive']],
  ['an error in a body', 'return n / 2', 'return m / 2', ['function:half']],
];

const everything = [
  'actor:t',
  'function:half',
  'function:helper',
  'function:twice',
  'function:unused',
  'hook:after:twice:0',
  'init:0',
  'property:positive',
  'when:0',
];

for (const [what, from, to, expected] of edits) {
  test(`rechecked after an edit of ${what}`, () => {
    const snapshots = new Map<string, FileSnapshot>();
    const cache = new CheckCache();
    checkAll(load(before, snapshots), cache);
    assert.deepEqual(keys(cache), everything);
    const text = before.replace(from, to);
    const again = checkAll(load(text, snapshots), cache);
    assert.deepEqual(keys(cache), expected === 'all' ? everything : expected);
    const fresh = checkAll(load(text));
    assert.deepEqual(again.diagnostics, fresh.diagnostics, 'the same is found as without the cache');
  });
}

test('findings keep to their place when text before them grows', () => {
  const snapshots = new Map<string, FileSnapshot>();
  const cache = new CheckCache();
  const source = 'int a;\ntask t {\n    a = b;\n}\n';
  checkAll(load(source, snapshots), cache);
  cache.takeRechecked();
  const moved = load(`\n\n${source}`, snapshots);
  const { diagnostics } = checkAll(moved, cache);
  assert.deepEqual(keys(cache), []);
  assert.deepEqual(
    diagnostics.map((each) => describe(moved, each)),
    ["main.lockstep:5:9 unknown-name: unknown name 'b'"],
  );
});

test('a program made with the cache is of one piece', () => {
  const snapshots = new Map<string, FileSnapshot>();
  const cache = new CheckCache();
  const source =
    'struct s { int a; } v;\nstatic int get(void) { return v.a; }\nstatic void set(int n) { v.a = n; }\ntask t { set(get()); }\n';
  const [first] = checkAll(load(source, snapshots), cache).results;
  const [second] = checkAll(load(source.replace('v.a = n', 'v.a = n + 1'), snapshots), cache).results;
  assert.ok(first?.program && second?.program);
  assert.equal(first.program.globals[0], second.program.globals[0]);
  assert.equal(first.program.structs[0], second.program.structs[0]);
  assert.equal(first.program.functions.get('get')?.body, second.program.functions.get('get')?.body);
  assert.notEqual(first.program.functions.get('set')?.body, second.program.functions.get('set')?.body);
});

function keys(cache: CheckCache): string[] {
  return [...new Set(cache.takeRechecked().map((each) => each.split(' ')[1] ?? ''))].sort();
}
