import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallHierarchyItem, Range } from 'vscode-languageserver-types';
import { incomingCalls, itemsAt, outgoingCalls } from '../../server/features/callHierarchy.ts';
import { toOffset } from '../../server/positions.ts';
import { coreUri, Workspace } from '../../server/workspace.ts';
import { fileOf } from './files.ts';
import { type Marked, workspaceOf } from './marked.ts';

const common = new Workspace();

const text = `import "linux/spinlock";
spinlock_t lock;
struct box { spinlock_t inner; int n; };
struct box box;
static void leaf(void) { }
#define TWICE() do { leaf(); leaf(); } while (0)
static void middle(void) { leaf(); leaf(); }
static void locked(void)
{
	spin_lock(&lock);
	if (spin_trylock(&box.inner))
		spin_unlock(&box.inner);
	spin_unlock(&lock);
}
task one { middle(); TWICE(); locked(); }
task two { spin_lock(&box.inner); spin_unlock(&box.inner); }
before middle() { }
`;

/** A mark before a word of the text: what is asked there. */
function at(word: string, nth = 0): Marked {
  let index = text.indexOf(word);
  for (let n = 0; n < nth; n++) index = text.indexOf(word, index + 1);
  return workspaceOf(`${text.slice(0, index)}$0${text.slice(index)}`, common);
}

function one(items: readonly CallHierarchyItem[]): CallHierarchyItem {
  const [item] = items;
  assert.ok(item !== undefined && items.length === 1);
  return item;
}

const incoming: readonly (readonly [string, number, readonly string[]])[] = [
  ['leaf', 0, ['TWICE: leaf leaf', 'middle: leaf leaf']],
  ['middle(); TWICE', 0, ['before middle: middle', 'one: middle']],
  ['one', 0, []],
  ['lock;', 0, ['locked: spin_lock(&lock) (takes it)']],
  [
    'inner;',
    0,
    ['locked: spin_trylock(&box.inner) (tries: takes it)', 'two: spin_lock(&box.inner) (takes it)'],
  ],
];

for (const [word, nth, expected] of incoming) {
  test(`incoming calls: ${word}`, async () => {
    const { workspace, scene, offset } = at(word, nth);
    const item = one(itemsAt(workspace, scene, offset));
    const calls = await incomingCalls(workspace, scene, item);
    assert.deepEqual(
      calls.map(({ from, fromRanges }) => shown(scene.text, from, fromRanges)).sort(),
      expected,
    );
  });
}

test('outgoing calls', () => {
  const { workspace, scene, offset } = at('one');
  const item = one(itemsAt(workspace, scene, offset));
  const calls = outgoingCalls(workspace, scene, item);
  assert.deepEqual(
    calls.map(({ to, fromRanges }) => shown(scene.text, to, fromRanges)),
    ['middle: middle', 'TWICE: TWICE', 'locked: locked'],
  );
});

test('calls into the library lead there, and back to the workspace', async () => {
  const { workspace, scene, offset } = at('locked');
  const calls = outgoingCalls(workspace, scene, one(itemsAt(workspace, scene, offset)));
  const lock = calls.find(({ to }) => to.name === 'spin_lock')?.to;
  assert.match(lock?.uri ?? '', /library\/linux\/spinlock\.lockstep$/);
  assert.ok(lock !== undefined);
  const callers = await incomingCalls(workspace, scene, lock);
  const own = callers.filter(({ from }) => coreUri(from.uri) === scene.uri).map(({ from }) => from.name);
  assert.deepEqual(own.sort(), ['locked', 'two']);
});

test('nothing is called by a variable, and nothing stands at a keyword', () => {
  const plain = workspaceOf('int $0g;');
  assert.deepEqual(itemsAt(plain.workspace, plain.scene, plain.offset), []);
  const keyword = workspaceOf('$0task t { }');
  assert.deepEqual(itemsAt(keyword.workspace, keyword.scene, keyword.offset), []);
});

function shown(source: string, { name, detail }: CallHierarchyItem, ranges: readonly Range[]): string {
  const file = fileOf(source);
  const words = ranges.map(({ start, end }) => source.slice(toOffset(file, start), toOffset(file, end)));
  return `${name}: ${words.join(' ')}${detail === undefined ? '' : ` (${detail})`}`;
}
