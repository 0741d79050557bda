import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { InlayHint, InlayHintLabelPart } from 'vscode-languageserver-types';
import { inlayHints } from '../../server/features/inlayHints.ts';
import { heldHints } from '../../server/features/inlayHints/held.ts';
import type { Scene } from '../../server/scene.ts';
import { Workspace } from '../../server/workspace.ts';
import { editedExample, examples, fileOf } from './files.ts';
import { startServer } from './harness.ts';
import { toOffset } from '../../server/positions.ts';

/** `//~ {a} {b}` at the end of a line: the hints of that line, in order; every line without it has none. */
const cases: Readonly<Record<string, string>> = {
  'taken and dropped': `
spinlock_t l;
task t {
	spin_lock(&l);		//~ {l}
	spin_unlock(&l);	//~ {}
}`,
  'two locks, and one mode of two': `
spinlock_t l;
rwlock_t m;
task t {
	read_lock(&m);		//~ {m: read}
	spin_lock(&l);		//~ {m: read, l}
	spin_unlock(&l);	//~ {m: read}
	read_unlock(&m);	//~ {}
	write_lock(&m);		//~ {m: write}
	write_unlock(&m);	//~ {}
}`,
  'ways that meet': `
spinlock_t l;
int a;
task t {
	if (READ_ONCE(a))
		spin_lock(&l);	//~ {l} then {l?}
	a++;
}`,
  'ways that meet and agree': `
rwlock_t m;
int a;
task t {
	if (READ_ONCE(a)) {
		read_lock(&m);	//~ {m: read}
	} else {
		read_lock(&m);	//~ {m: read}
	}
	read_unlock(&m);	//~ {}
}`,
  'modes that meet': `
rwlock_t m;
int a;
task t {
	if (READ_ONCE(a))
		read_lock(&m);	//~ {m: read}
	else
		write_lock(&m);	//~ {m: write} then {m: read?, m: write?}
}`,
  'a lock that may have been taken': `
spinlock_t l;
int a;
task t {
	if (spin_trylock(&l)) {
		a = 1;
		spin_unlock(&l);	//~ {}
	}
}`,
  'what annotations say': `
spinlock_t l;
int a;
static void f(void) __must_hold(&l)
{					//~ {l}
	a = 1;
}`,
  'what callers hold': `
spinlock_t l, n;
rwlock_t m;
int a;
static void f(void)
{					//~ {l}
	lockdep_assert_held(&l);
	a++;
}
static void g(void)
{					//~ {l?, m: read?}
	spin_lock(&n);		//~ {l?, n, m: read?}
	spin_unlock(&n);	//~ {l?, m: read?}
}
static void nothing_about_locks(void)
{					//~ {l}
	a++;
}
task t {
	spin_lock(&l);		//~ {l}
	f();
	g();
	nothing_about_locks();
	spin_unlock(&l);	//~ {}
	read_lock(&m);		//~ {m: read}
	g();
	read_unlock(&m);	//~ {}
}`,
  'functions that take and drop': `
spinlock_t l;
static void take(void)
{
	spin_lock(&l);		//~ {l}
}
static void drop(void)
{					//~ {l}
	spin_unlock(&l);	//~ {}
}
task t {
	take();			//~ {l}
	drop();			//~ {}
}`,
  'a lock dropped and taken again in a loop': `
spinlock_t l;
int a;
task t {
	spin_lock(&l);		//~ {l}
	for (int i = 0; i < 2; i++) {
		spin_unlock(&l);	//~ {}
		spin_lock(&l);	//~ {l}
	}
	spin_unlock(&l);	//~ {}
}`,
  labels: `
spinlock_t l;
int a;
task t {
	if (READ_ONCE(a))
		goto out;
	spin_lock(&l);		//~ {l}
	a = 1;
	spin_unlock(&l);	//~ {}
out:
	a = 2;
}`,
  'variants together': `
scenario "S";
option fix = { none, spinlock };
spinlock_t l;
int a;
task t {
	if (fix == spinlock)
		spin_lock(&l);	//~ {l}
	a++;
	if (fix == spinlock)
		spin_unlock(&l);	//~ {}
}`,
  SRCU: `
struct srcu_struct srcu;
task t {
	int i = srcu_read_lock(&srcu);	//~ {srcu}
	srcu_read_unlock(&srcu, i);	//~ {}
}`,
  'loops that a macro begins': `
spinlock_t l;
int a;
#define for_each_number(i) for (int i = 0; i < 2; i++)
#define for_each_odd(i) for_each_number(i) if (!(i & 1)) { } else
task t {
	for_each_number(i) {
		if (READ_ONCE(a))
			continue;
		spin_lock(&l);	//~ {l}
		break;
	}
	for_each_odd(i)
		a++;
}`,
  'two locks in one macro': `
spinlock_t l, m;
#define BOTH() do { spin_lock(&l); spin_lock(&m); } while (0)
task t {
	BOTH();			//~ {l, m}
	spin_unlock(&m);	//~ {l}
	spin_unlock(&l);	//~ {}
}`,
  'in macros, at their use': `
spinlock_t l;
#define TAKE() spin_lock(&l)
#define BOTH() do { spin_lock(&l); spin_unlock(&l); } while (0)
task t {
	unsigned long flags;

	TAKE();			//~ {l}
	spin_unlock(&l);	//~ {}
	BOTH();
	spin_lock_irqsave(&l, flags);	//~ {l}
	spin_unlock_irqrestore(&l, flags);	//~ {}
}`,
};

for (const [name, marked] of Object.entries(cases)) {
  test(`inlay hints: ${name}`, () => {
    const text = marked.replace(/[\t ]*\/\/~.*$/gm, '');
    const scene = sceneOf(text);
    const errors = scene.variants.flatMap((variant) => scene.check(variant).diagnostics);
    assert.deepEqual(errors, []);
    const found = new Map<number, string[]>();
    for (const { item, at, parts } of heldHints(scene) ?? []) {
      const offset = (scene.file.items.get(item)?.offset ?? 0) + at;
      const line = text.slice(0, offset).split('\n').length - 1;
      found.set(line, [...(found.get(line) ?? []), parts.map(({ value }) => value).join('')]);
    }
    const shown = text
      .split('\n')
      .map((line, index) => `${line.trim()} ${found.get(index)?.join(' ') ?? ''}`.trim());
    const expected = marked
      .split('\n')
      .map((line) => `${line.replace(/\/\/~.*$/, '').trim()} ${/\/\/~ (.*)$/.exec(line)?.[1] ?? ''}`.trim());
    assert.deepEqual(shown, expected);
  });
}

test('hints lie in the text and in order, and an edit never makes them fail', () => {
  fc.assert(
    fc.property(editedExample, (text) => {
      const scene = sceneOf(text);
      let last = 0;
      for (const { item, at, text: own } of heldHints(scene) ?? []) {
        const placed = scene.file.items.get(item);
        assert.equal(placed?.text, own);
        const offset = (placed?.offset ?? 0) + at;
        assert.ok(last <= offset && offset <= text.length);
        last = offset;
      }
    }),
    { numRuns: 4 },
  );
});

test('examples say what is held', () => {
  for (const { name, text } of examples.slice(0, 3)) {
    const hints = heldHints(sceneOf(text));
    assert.ok(hints !== null && hints.length > 0, name);
  }
});

const text = cases['what callers hold']?.replace(/[\t ]*\/\/~.*$/gm, '') ?? '';
const whole = { start: { line: 0, character: 0 }, end: { line: 9999, character: 0 } };
let server: Awaited<ReturnType<typeof startServer>>;
before(async () => {
  server = await startServer({ options: { features: [inlayHints] } });
});
after(() => server.close());

test('asked of the server: range, details, and a text with errors', async () => {
  const textDocument = 'a.lockstep';
  server.open(textDocument, text);
  const ask = (range: object): Promise<InlayHint[]> =>
    server.request('textDocument/inlayHint', { textDocument, range });
  const hints = await ask(whole);
  assert.equal(hints.length, 9);
  const some = await ask({ start: { line: 5, character: 0 }, end: { line: 6, character: 0 } });
  assert.deepEqual(some.map(labelOf), ['{l}']);

  const [first] = hints;
  assert.ok(first !== undefined);
  const details: InlayHint = await server.request('inlayHint/resolve', first);
  const parts = details.label as InlayHintLabelPart[];
  const range = parts[1]?.location?.range;
  assert.ok(range !== undefined);
  const file = fileOf(text);
  assert.match(text.slice(toOffset(file, range.start), toOffset(file, range.end)), /spin_lock/);
  const { tooltip } = details;
  assert.ok(typeof tooltip === 'object');
  assert.match(tooltip.value, /when the function is entered:\n\n- `l`, taken at \[a\.lockstep:/);

  // What stands in other items is as it was; the hints move with their text.
  server.change(textDocument, `int fresh = ;\n${text}`);
  const kept = await ask(whole);
  assert.deepEqual(kept.map(labelOf), hints.map(labelOf));
  assert.equal(kept[0]?.position.line, (first.position.line ?? 0) + 1);
});

test('what a client makes up gets no answer of ours', async () => {
  for (const data of [undefined, null, 7, {}, { uri: 'file:///none', key: 'x' }, { uri: 7, key: [] }]) {
    const hint = { position: { line: 0, character: 0 }, label: 'mine', data };
    assert.equal((await server.request('inlayHint/resolve', hint)).label, 'mine');
  }
});

test('the setting switches them off', async () => {
  const off = await startServer({
    settings: { inlayHints: { locksets: false } },
    options: { features: [inlayHints] },
  });
  try {
    off.open('a.lockstep', text);
    await off.received('workspace/configuration');
    // The answer to that is on its way.
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(
      await off.request('textDocument/inlayHint', { textDocument: 'a.lockstep', range: whole }),
      [],
    );
  } finally {
    await off.close();
  }
});

function labelOf({ label }: InlayHint): string {
  return typeof label === 'string' ? label : label.map(({ value }) => value).join('');
}

function sceneOf(content: string): Scene {
  const workspace = new Workspace();
  const uri = 'file:///home/main.lockstep';
  workspace.open({ ...{ uri, clientUri: uri }, version: 1, text: content });
  const scene = workspace.scene(uri);
  if (scene === null) throw new Error('there is no such file');
  return scene;
}
