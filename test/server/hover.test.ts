import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { root } from '../../scripts/build.mjs';
import { codePage } from '../../server/docs.ts';
import { documentedWords, keywordSection } from '../../server/features/hover/keywords.ts';
import { verdictLines } from '../../server/features/hover/verdicts.ts';
import { hover, hoverAt } from '../../server/features/hover.ts';
import { Workspace } from '../../server/workspace.ts';
import { cursor, startServer } from './harness.ts';

const workspace = new Workspace();
const uri = 'file:///made-up/hover.lockstep';
let version = 0;

function open(text: string): NonNullable<ReturnType<Workspace['scene']>> {
  workspace.open({ uri, clientUri: uri, version: ++version, text });
  const scene = workspace.scene(uri);
  assert.ok(scene !== null);
  return scene;
}

function hovered(marked: string): { readonly text: string; readonly word: string } | null {
  const offset = marked.indexOf('$0');
  const text = marked.replace('$0', '');
  const found = hoverAt(open(text), offset, null);
  return found === null ? null : { text: found.text, word: text.slice(found.start, found.end) };
}

const scene = `scenario "hovers";

option fix = { none, locked };

/** How many there may be. */
setting limit = 4 in 1..8;

enum state { IDLE, BUSY = 5 };

/** One page. */
struct page {
	/** Users. */
	u64 users;
	u32 level : 4;
	u32 kind : 1;
	union {
		u16 low;
		u8 byte;
	};
};

/**
 * Type: spinlock_t
 * Protects: the pages
 * Comment: taken last
 */
spinlock_t inner_lock;
struct mutex outer_mutex;
rwlock_t table_lock;
lock_order outer_mutex, inner_lock;

#define BIT_PRESENT (1ULL << 0)
#define BIT_WRITABLE (1ULL << 1)
#define FRAME_MASK (0xfULL << 4)

#define KIND_A (1ULL << 0)
#define KIND_B (1ULL << 1)

#define NEW_ENTRY (BIT_PRESENT | BIT_WRITABLE | (3ULL << 4))
#define users_of(p) ((p)->users + 1)

/** Takes one away. */
static inline bool take(struct page *page, int n) __must_hold(&inner_lock)
{
	return page->users > n;
}

struct page first;
int counter;
`;

/** What is typed; the word that is hovered; parts of what is said, and parts (behind `!`) that are not. */
const cases: readonly (readonly [string, string, ...string[]])[] = [
  ['task t {\n\tint local_one = 1;\n\tcounter = local$0_one;\n}', 'local_one', 'int local_one'],
  ['void f(struct page *p)\n{\n\t$0p->users = 1;\n}', 'p', 'struct page *p'],
  [
    'void f(struct page *p)\n{\n\ttake$0(p, 1);\n}',
    'take',
    'static inline bool take(struct page *page, int n) __must_hold(&inner_lock)',
    'Takes one away.',
  ],
  [
    'void f(struct page *p)\n{\n\tp->us$0ers = 1;\n}',
    'users',
    'struct page: u64 users',
    'Users.',
    'offset 0, 8 bytes of 16 bytes',
  ],
  ['void f(struct page *p)\n{\n\tp->le$0vel = 1;\n}', 'level', 'offset 8, bits 0 to 3'],
  ['void f(struct page *p)\n{\n\tp->ki$0nd = 1;\n}', 'kind', 'offset 8, bit 4'],
  [
    'struct pa$0ge second;',
    'page',
    'One page.',
    '16 bytes, aligned to 8',
    '| 8:0 | 4 bits | `u32 level` |',
    '| 10 | 1 | `u8 byte` |',
  ],
  [
    'void f(void)\n{\n\tif (fi$0x == none)\n\t\treturn;\n}',
    'fix',
    'option fix = { none, locked }',
    '`none`, `locked`',
  ],
  ['void f(void)\n{\n\tcounter = li$0mit;\n}', 'limit', 'How many there may be', '= `0x4` = `4`'],
  ['void f(void)\n{\n\tcounter = BU$0SY;\n}', 'BUSY', '= `0x5` = `5`', 'bits 0, 2'],
  [
    'void f(u64 x)\n{\n\tx = NEW_$0ENTRY;\n}',
    'NEW_ENTRY',
    '= `0x33` = `51`',
    'bits 0-1, 4-5',
    '`BIT_PRESENT`, `BIT_WRITABLE`, `FRAME_MASK`: `0x3`',
    '!KIND_A',
  ],
  [
    'void f(u64 x)\n{\n\tx = BIT_$0PRESENT;\n}',
    'BIT_PRESENT',
    'Declared together: `BIT_PRESENT` (0), `BIT_WRITABLE` (1), `FRAME_MASK` (4-7)',
  ],
  [
    'void f(u64 x)\n{\n\tx = KIND_A $0| 4;\n}',
    'KIND_A | 4',
    '= `0x5` = `5`',
    '`KIND_A`',
    'without a name: bit 2',
    '!BIT_PRESENT',
  ],
  ['void f(u64 x)\n{\n\tx = 0x1$03;\n}', '0x13', '= `0x13` = `19`', 'bits 0-1, 4', '!BIT_'],
  [
    'bool set(u64 e) { return (e & BIT_WRITABLE) != 0; }\nvoid f(u64 en$0try)\n{\n\tif (set(entry))\n\t\tcounter = 1;\n}',
    'entry',
    'Bits: `BIT_PRESENT` (0), `BIT_WRITABLE` (1), `FRAME_MASK` (4-7)',
    '!KIND_A',
  ],
  ['void f(u64 en$0try)\n{\n\tentry |= KIND_B;\n}', 'entry', 'Bits: `KIND_A` (0), `KIND_B` (1)'],
  ['void f(u64 en$0try)\n{\n\tentry++;\n}', 'entry', '!Bits'],
  ['void f(int x)\n{\n\tx = $0-1;\n}', '-1', '= `0xffffffff` = `-1`'],
  [
    'void f(struct page *q)\n{\n\tcounter = users$0_of(q);\n}',
    'users_of',
    '#define users_of(p)',
    'Here:\n```lockstep\n((q)->users + 1)',
  ],
  [
    'task t {\n\tspin_lock(&inner$0_lock);\n\tspin_unlock(&inner_lock);\n}',
    'inner_lock',
    '**Type**: spinlock_t',
    '**Protects**: the pages',
    '**Comment**: taken last',
    'inside `outer_mutex`',
  ],
  [
    'task t {\n\tmutex_lock(&outer$0_mutex);\n\tmutex_unlock(&outer_mutex);\n}',
    'outer_mutex',
    '**Type**: struct mutex',
    'before `inner_lock`',
  ],
  [
    'task t {\n\tread_lock(&table_lock);\n\tcoun$0ter++;\n\tread_unlock(&table_lock);\n}',
    'counter',
    'int counter',
    'Holds `table_lock` for read.',
  ],
  [
    'task t {\n\tif (fix == locked)\n\t\tspin_lock(&inner_lock);\n\tcoun$0ter++;\n\tif (fix == locked)\n\t\tspin_unlock(&inner_lock);\n}',
    'counter',
    '- `fix=locked`: Holds `inner_lock`.',
    '!`fix=none`',
  ],
  [
    'task t {\n\tif (choose(0..1))\n\t\tspin_lock(&inner_lock);\n\tcoun$0ter++;\n}',
    'counter',
    'Holds maybe `inner_lock`.',
  ],
  ['task t {\n\tcoun$0ter++;\n}', 'counter', '!Holds', '!nterrupts'],
  [
    'task t {\n\tspin_lock_irq(&inner_lock);\n\tcoun$0ter++;\n\tspin_unlock_irq(&inner_lock);\n}',
    'counter',
    'Holds `inner_lock`. Interrupts are off.',
  ],
  [
    'task t {\n\tlocal_bh_disable();\n\tcoun$0ter++;\n\tlocal_bh_enable();\n}',
    'counter',
    'Softirqs are off.',
  ],
  [
    'task t {\n\tif (choose(0..1))\n\t\tlocal_irq_disable();\n\tcoun$0ter++;\n}',
    'counter',
    'Interrupts may be off.',
  ],
  ['irq h on cpu(0) times 1 {\n\tcoun$0ter++;\n}', 'counter', 'Interrupts are off.'],
  ['task t {\n\tREAD_$0ONCE(counter);\n}', 'READ_ONCE', 'T READ_ONCE(T x)'],
  ['ta$0sk t {\n}', 'task', '**task**'],
  ['void f(void)\n{\n\tei$0ther { counter = 1; } or { counter = 2; }\n}', 'either', '**either**'],
  ['int guarded __guar$0ded_by(inner_lock);', '__guarded_by', 'They have the kernel'],
  ['expect finds lock_$0held;', 'lock_held', '**lock-held**', 'must not be held here'],
  ['finally all_$0done: counter == 0;', 'all_done', 'finally all_done: counter == 0'],
  ['import "linux/$0list";', '"linux/list"', '**linux/list**'],
];

describe('hover', () => {
  for (const [text, word, ...parts] of cases) {
    it(text.replace(/\s+/g, ' '), () => {
      const found = hovered(`${scene}${text}`);
      assert.equal(found?.word, word);
      for (const part of parts) {
        if (part.startsWith('!')) assert.ok(!found?.text.includes(part.slice(1)), found?.text);
        else assert.ok(found?.text.includes(part), `${part} is not in:\n${found?.text}`);
      }
    });
  }

  const silent = [
    'void f(void)\n{\n\t// coun$0ter\n}',
    'void f(void)\n{\n\tunheard$0_of();\n}',
    'int a;  $0  \nint b;',
    '$0',
  ];
  for (const text of silent)
    it(`nothing: ${text.replace(/\s+/g, ' ')}`, () => assert.equal(hovered(`${scene}\n${text}`), null));

  it('in half-typed code', () => {
    const found = hovered(`${scene}void f(struct page *p)\n{\n\tif (p->us$0ers ==\n\tcounter = \n}`);
    assert.ok(found?.text.includes('u64 users'));
  });

  it('what a function is called with, before and after an edit elsewhere', () => {
    const code = `static void used(void)\n{\n\tspin_lock(&inner_lock);\n\tcoun$0ter++;\n\tspin_unlock(&inner_lock);\n}\ntask t {\n\tmutex_lock(&outer_mutex);\n\tused();\n\tmutex_unlock(&outer_mutex);\n}\n`;
    for (const edit of ['', 'int more;\n', 'int more, again;\n'])
      assert.ok(hovered(`${scene}${edit}${code}`)?.text.includes('Holds `outer_mutex`, `inner_lock`.'), edit);
  });

  it('the declaration that the variant has, of a member with several', () => {
    const alternatives = `struct thing {\n\twhen (fix == none) {\n\t\t/** Comment: spins */\n\t\tspinlock_t l;\n\t}\n\twhen (fix == locked) {\n\t\t/** Comment: sleeps */\n\t\tstruct mutex l;\n\t}\n};\nstruct thing thing;\n`;
    const found = hovered(`${scene}${alternatives}void f(void)\n{\n\tthing.$0l;\n}`);
    assert.ok(found?.text.includes('spins'), found?.text);
  });

  it('a check with its verdict in each variant that was explored', () => {
    const here = open(`${scene}finally all_done: counter == 0;\n`);
    const known = (found: boolean): unknown => ({
      problems: [],
      located: { verdict: found ? 'fails' : 'passes', violations: found ? [{ check: 'all-done' }] : [] },
    });
    const verdicts = {
      known: (_: unknown, { options }: { options: ReadonlyMap<string, string> }) =>
        known(options.get('fix') === 'none'),
    };
    const lines = verdictLines(here, 'all_done', verdicts as never);
    assert.deepEqual(lines, ['- `fix = none`: fails\n- `fix = locked`: holds']);
    assert.deepEqual(verdictLines(here, 'all_done', null), []);
  });

  it('every word and every code has its text', () => {
    for (const word of documentedWords) assert.ok((keywordSection(word)?.text.length ?? 0) > 20, word);
    for (const code of ['lock-held', 'deadlock', 'data-race'])
      assert.ok((codePage(code)?.text.length ?? 0) > 10, code);
    assert.equal(keywordSection('unheard_of'), null);
    assert.equal(codePage('../../package'), null);
  });

  it('over the protocol', async () => {
    const server = await startServer({ options: { features: [hover] } });
    const { text, position } = cursor(`${scene}task t {\n\tcoun$0ter++;\n}\n`);
    server.open('a.lockstep', text);
    const answer = await server.request('textDocument/hover', { textDocument: 'a.lockstep', position });
    assert.equal(answer.contents.kind, 'markdown');
    assert.match(answer.contents.value, /int counter/);
    assert.equal(answer.range.end.character - answer.range.start.character, 'counter'.length);
    const nowhere = { textDocument: 'b.lockstep', position };
    assert.equal(await server.request('textDocument/hover', nowhere), null);
    await server.close();
  });

  it('has no exception anywhere in an example or in a beginning of one', () => {
    const names = readdirSync(join(root, 'examples')).filter((name) => !name.startsWith('put-root'));
    const examples = names.map((name) => readFileSync(join(root, 'examples', name), 'utf8'));
    fc.assert(
      fc.property(
        fc.nat({ max: examples.length - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (index, part, cut) => {
          const text = examples[index] ?? '';
          const offset = Math.floor(text.length * part);
          hoverAt(open(cut ? text.slice(0, offset) : text), offset, null);
        },
      ),
      { numRuns: 40 },
    );
  });
});
