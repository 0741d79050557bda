import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CheckCache } from '../../core/semantics/cache.ts';
import type { CheckedProgram } from '../../core/semantics/hir.ts';
import type { FileSnapshot } from '../../core/semantics/snapshot.ts';
import { checkAll, describe, load } from './project.ts';

const before = `
import "./lib";
option fix = { none, lock };
int x;
struct item { int a; };
struct holder { struct item *item; } holder;
#define read_it(p) ((p)->a)
static int twice(int n) { return 2 * n; }
static int half(int n) { return n / 2; }
static int value(struct item *i) { return i->a; }
static int deep(void) { return holder.item->a; }
static int by_macro(struct item *i) { return read_it(i); }
static int by_option(void) { return fix == none; }
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

/** An edit, and the bodies that are looked at again. */
const edits: readonly (readonly [what: string, from: string, to: string, rechecked: readonly string[]])[] = [
  ['nothing', '', '', []],
  ['a body', 'return 2 * n', 'return n + n', ['function:twice']],
  ['a body that moves what follows', 'return 2 * n;', 'return 2 *\n\n n;', ['function:twice']],
  ['blank lines between items', 'int x;\n', 'int x;\n\n\n', []],
  ['a body in another file', 'shared++', 'shared += 2', ['function:helper']],
  ['a body in a when', 'x = 1;', 'x = 3;', ['when:0']],
  ['an init block', 'x = twice(1)', 'x = twice(2)', ['init:0']],
  ['a thread', 'x = half(2)', 'x = half(4)', ['actor:t']],
  ['a hook', 'r == 2 * n', 'r == n * 2', ['hook:after:twice:0']],
  ['an invariant', 'x >= 0', 'x > -1', ['property:positive']],
  ['an error in a body', 'return n / 2', 'return m / 2', ['function:half']],
  ['a new declaration', 'int x;', 'int x;\nint y;', []],
  ['the type of a variable', 'int x;', 'long x;', ['actor:t', 'init:0', 'property:positive', 'when:0']],
  [
    'the comment on a variable',
    'int x;',
    '// more\nint x;',
    ['actor:t', 'init:0', 'property:positive', 'when:0'],
  ],
  [
    'the type of a function',
    'twice(int n)',
    'twice(long n)',
    ['function:twice', 'hook:after:twice:0', 'init:0'],
  ],
  ['a struct', 'int a; }', 'long a; }', ['function:by_macro', 'function:deep', 'function:value']],
  ['a macro', '((p)->a)', '(p)->a', ['function:by_macro']],
  ['the values of an option', 'none, lock', 'none, lock, more', ['function:by_option']],
  ['a variable of another file', 'int shared', 'u8 shared', ['function:helper', 'function:unused']],
];

for (const [what, from, to, expected] of edits) {
  test(`rechecked after an edit of ${what}`, () => {
    const snapshots = new Map<string, FileSnapshot>();
    const cache = new CheckCache();
    checkAll(load(before, snapshots), cache);
    cache.takeRechecked();
    const text = before.replace(from, to);
    const again = checkAll(load(text, snapshots), cache);
    assert.deepEqual(keys(cache), expected);
    const fresh = checkAll(load(text));
    assert.deepEqual(again.diagnostics, fresh.diagnostics, 'the same is found as without the cache');
  });
}

test('a variant looks only at what its options change', () => {
  const cache = new CheckCache();
  checkAll(load(before), cache);
  const counts = new Map<string, number>();
  for (const each of cache.takeRechecked())
    counts.set(each.split(' ')[1] ?? '', (counts.get(each.split(' ')[1] ?? '') ?? 0) + 1);
  assert.deepEqual(
    [...counts].filter(([, count]) => count > 1),
    [
      ['function:by_option', 2],
      ['when:0', 2],
    ],
  );
});

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

test('whatever was edited before, the same is found and the program is of one piece', () => {
  const pieces = before.split(/(?<=[\s;,(){}])/);
  const edit = fc.record({
    at: fc.integer({ min: 0, max: pieces.length - 1 }),
    to: fc.integer({ min: 0, max: pieces.length - 1 }),
    how: fc.constantFrom('remove', 'copy', 'undo'),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (steps) => {
      const snapshots = new Map<string, FileSnapshot>();
      const cache = new CheckCache();
      let current = pieces;
      for (const { at, to, how } of steps) {
        if (how === 'undo') current = pieces;
        else
          current = current.flatMap((piece, index) =>
            index !== at ? [piece] : how === 'copy' ? [piece, pieces[to] ?? ''] : [],
          );
        const text = current.join('');
        const { results, diagnostics } = checkAll(load(text, snapshots), cache);
        assert.deepEqual(diagnostics, checkAll(load(text)).diagnostics);
        for (const { program } of results) if (program !== null) assertWhole(program);
      }
    }),
    { numRuns: 150 },
  );
});

/** Whatever code refers to is what the program lists. */
function assertWhole(program: CheckedProgram): void {
  const structs = new Map(program.structs.map((struct) => [struct.name, struct]));
  const seen = new Set<object>();
  const work: unknown[] = [
    [...program.functions.values()],
    program.actors,
    program.inits,
    program.hooks,
    program.properties,
    program.globals,
    program.pools,
  ];
  for (let next = work.pop(); work.length > 0; next = work.pop()) {
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (
      'kind' in next &&
      next.kind === 'struct' &&
      'name' in next &&
      typeof next.name === 'string' &&
      structs.has(next.name)
    )
      assert.equal(next, structs.get(next.name));
    if ('kind' in next && next.kind === 'global' && 'init' in next)
      assert.ok(program.globals.some((each) => each === next));
    if ('kind' in next && next.kind === 'pool' && 'reuse' in next)
      assert.ok(program.pools.some((each) => each === next));
    work.push(...(next instanceof Map ? next.values() : Object.values(next)));
  }
}
