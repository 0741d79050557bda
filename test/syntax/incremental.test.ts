import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Item, SourceFile } from '../../core/syntax/ast.ts';
import { greenOf, parse } from '../../core/syntax/parser.ts';
import { editedVersions } from './arbitrary.ts';
import { sample } from './sample.ts';

/** The keys of the items of `after` that are other objects than in `before`. */
function changed(before: SourceFile, after: SourceFile): string[] {
  const known = new Set<Item>(before.items.map((placed) => placed.item));
  return after.items.filter((placed) => !known.has(placed.item)).map((placed) => placed.key);
}

/** Applies an edit to the sample and names the items that were made anew. */
function edited(from: string, to: string, text = sample): string[] {
  assert.ok(text.includes(from), from);
  const before = parse('a', text);
  return changed(before, parse('a', text.replace(from, to), before));
}

test('an edit makes only the item anew in which it stands', () => {
  const cases: readonly (readonly [from: string, to: string, keys: readonly string[]])[] = [
    ['spte & 1', 'spte & 2', ['function:is_leaf']],
    ['spte & 1', 'spte & ', ['function:is_leaf']],
    ['return -EPERM;', 'return -EPERM', ['function:handle']],
    ['levels = 2; ', '', ['machine:0']],
    ['\tstatic int only_here;', '\tstatic u64 only_here;', ['when:0']],
    // Comments and blanks belong to no item.
    ['// A comment before everything.\n', '', []],
    ['// A comment before everything.', '/* one\n * two\n */', []],
    ['// the last comment', '', []],
    ['init {', '\n\n\tinit {', []],
    // New items, items that go, items that move.
    ['init {', 'int added;\ninit {', ['variable:added']],
    ['init {', 'int added;\nint two;\ninit {', ['variable:added', 'variable:two']],
    ['static __always_inline bool is_leaf(u64 spte) { return spte & 1; }\n', '', []],
    ['struct kvm;\n', 'struct kvm\n', ['type:struct kvm']],
    // A name that becomes a type: whoever uses it may mean something else.
    ['typedef unsigned long gfn;', 'typedef unsigned long gfn, x;', ['typedef:gfn']],
    // The rest of the file is a comment for a moment, and comes back as it was.
    ['int printk', '/* int printk', []],
  ];
  for (const [from, to, keys] of cases) assert.deepEqual(edited(from, to), keys, `${from} → ${to}`);
});

test('items that swap places stay the same', () => {
  const [one, two] = ['int one;\n', 'void two(void)\n{\n\tint a;\n}\n'];
  const before = parse('a', `${one}${two}`);
  const after = parse('a', `${two}${one}`, before);
  assert.deepEqual(changed(before, after), []);
  assert.equal(after.items[0]?.item, before.items[1]?.item);
});

test('text that comes back gives the file that was there', () => {
  const first = parse('a', sample);
  assert.equal(parse('a', sample, first), first);
  assert.notEqual(parse('b', sample, first), first);
  assert.deepEqual(changed(first, parse('a', sample.replace('int printk', 'int  printk'), first)), [
    'function:printk',
  ]);
});

test('an item depends on the typedefs before it', () => {
  const uses = 'int x = (name)(1);\nint y = 2;\n';
  const before = parse('a', uses);
  const after = parse('a', `typedef int name;\n${uses}`, before);
  assert.deepEqual(changed(before, after), ['typedef:name', 'variable:x']);
  assert.deepEqual(changed(after, parse('a', uses, after)), ['variable:x']);
});

test('a brace that opens and is not closed yet leaves the items around alone', () => {
  const text = ['void a(void)\n{\n\tf();\n}\n', 'void b(void)\n{\n\tg();\n}\n', 'int c;\n'].join('\n');
  assert.deepEqual(edited('\tg();\n', '\tif (x) {\n\tg();\n', text), ['function:b']);
});

test('parsing with the previous version gives what parsing afresh gives', () => {
  fc.assert(
    fc.property(editedVersions, (versions) => {
      let previous: SourceFile | undefined;
      for (const text of versions) {
        const fresh = parse('a', text);
        const again = parse('a', text, previous);
        assert.deepEqual(again.items, fresh.items);
        assert.deepEqual(again.errors, fresh.errors);
        assert.deepEqual(greenOf(again), greenOf(fresh));
        previous = again;
      }
    }),
    { numRuns: 80 },
  );
});

test('an item that is written the same and means the same is the same object', () => {
  fc.assert(
    fc.property(editedVersions, (versions) => {
      let previous = parse('a', versions[0] ?? '');
      for (const text of versions.slice(1)) {
        const next = parse('a', text, previous);
        for (const placed of next.items) {
          const twins = previous.items.filter((each) => each.text === placed.text);
          if (twins.length !== 1 || next.items.filter((each) => each.text === placed.text).length !== 1)
            continue;
          if (same(twins[0]?.item, placed.item)) assert.equal(placed.item, twins[0]?.item, placed.text);
        }
        previous = next;
      }
    }),
    { numRuns: 60 },
  );
});

test('a keystroke in a long file costs a fraction of parsing it', () => {
  const text = sample.repeat(40);
  const marker = text.indexOf('return spte & 1', text.length >> 1);
  let file = parse('a', text);
  const fresh: number[] = [];
  const again: number[] = [];
  // The best of several, because others use the machine too.
  for (let round = 0; round < 5; round++) {
    fresh.push(time(() => parse('a', text)));
    const typed = `${text.slice(0, marker)}${' '.repeat(round + 1)}${text.slice(marker)}`;
    again.push(
      time(() => {
        file = parse('a', typed, file);
      }),
    );
  }
  assert.ok(Math.min(...again) < Math.min(...fresh), `${again} ms instead of ${fresh} ms`);
});

function same(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

function time(run: () => void): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}
