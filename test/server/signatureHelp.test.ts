import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { annotationNames } from '../../core/semantics/annotations.ts';
import { intrinsicNames } from '../../core/semantics/intrinsics.ts';
import { intrinsicText } from '../../core/semantics/intrinsicTexts.ts';
import { root } from '../../scripts/build.mjs';
import { signatureAt, signatureHelp } from '../../server/features/signatureHelp.ts';
import { Workspace } from '../../server/workspace.ts';
import { cursor, startServer } from './harness.ts';

const workspace = new Workspace();
const uri = 'file:///made-up/call.lockstep';
let version = 0;

function shown(marked: string): string {
  const offset = marked.indexOf('$0');
  workspace.open({ uri, version: ++version, text: marked.replace('$0', '') });
  const scene = workspace.scene(uri);
  assert.ok(scene !== null);
  const help = signatureAt(scene, offset);
  const [signature] = help?.signatures ?? [];
  if (help === null || signature === undefined) return 'none';
  const range = signature.parameters?.[help.activeParameter ?? 0]?.label;
  const active = Array.isArray(range) ? signature.label.slice(...range) : '';
  return `${signature.label} | ${active}`;
}

const scene = `scenario "calls";

/** Adds. */
static inline int add(int a, unsigned long b) { return a + b; }
static void locked(spinlock_t *l) __must_hold(l) { }
static void nothing(void) { }
#define both(x, y) add((x), (y))
#define many(x, ...) add(x, __VA_ARGS__)
struct calls { void (*back)(int, bool); };
struct calls calls;
event happened(int n, bool late);
spinlock_t lock;
`;

const cases: readonly (readonly [string, string])[] = [
  ['void f(void)\n{\n\tadd($0\n}', 'int add(int a, unsigned long b) | int a'],
  ['void f(void)\n{\n\tadd(1,$0\n\tnothing();\n}', 'int add(int a, unsigned long b) | unsigned long b'],
  ['void f(void)\n{\n\tadd(add(1, 2), $0);\n}', 'int add(int a, unsigned long b) | unsigned long b'],
  ['void f(void)\n{\n\tadd(add(1, $0), 3);\n}', 'int add(int a, unsigned long b) | unsigned long b'],
  ['void f(void)\n{\n\tadd((1 + $0), 3);\n}', 'int add(int a, unsigned long b) | int a'],
  ['void f(int v[2])\n{\n\tadd(v[1], v[$0\n}', 'none'],
  ['void f(void)\n{\n\tif (add(1, 2) == $0)\n\t\treturn;\n}', 'none'],
  ['void f(void)\n{\n\tnothing();\n\t$0\n}', 'none'],
  ['void f(void)\n{\n\t// add($0\n}', 'none'],
  ['void f(void)\n{\n\tlocked($0\n}', 'void locked(spinlock_t *l) __must_hold(l) | spinlock_t *l'],
  ['void f(void)\n{\n\tnothing($0)\n}', 'void nothing() | '],
  ['void f(void)\n{\n\tboth(1, $0\n}', '#define both(x, y) | y'],
  ['void f(void)\n{\n\tmany(1, 2, 3$0\n}', '#define many(x, ...) | ...'],
  ['void f(void)\n{\n\tcalls.back(1, $0);\n}', 'void calls.back(int, bool) | bool'],
  ['void f(void (*cb)(int))\n{\n\tcb($0);\n}', 'void cb(int) | int'],
  ['void f(void)\n{\n\temit happened(1, $0\n}', 'event happened(int n, bool late) | bool late'],
  ['void f(void)\n{\n\tWARN_ON(lock.owner, $0\n}', 'bool WARN_ON(condition, "name") | "name"'],
  [
    'void f(void)\n{\n\tcmpxchg64_relaxed(&calls, 1, $0\n}',
    'T cmpxchg64_relaxed(T *p, T old, T new) | T new',
  ],
  ['void f(spinlock_t *l) __cond_acquires(1, $0)\n{\n}', '__cond_acquires(value, lock) | lock'],
  ['int x __guarded_by($0', '__guarded_by(lock) | lock'],
  ['task t { spin_lock($0', 'void spin_lock(spinlock_t *lock) __acquires(lock) | spinlock_t *lock'],
];

describe('signature help', () => {
  for (const [text, expected] of cases)
    it(text.replace(/\s+/g, ' '), () => assert.equal(shown(`${scene}${text}`), expected));

  it('every intrinsic and annotation has its text, with as many parameters as it takes', () => {
    for (const name of intrinsicNames()) {
      const text = intrinsicText(name);
      assert.ok(text !== null, name);
      assert.ok(text.signature.includes(name), name);
      for (const param of text.params) assert.ok(text.signature.includes(param), `${name}: ${param}`);
    }
    assert.equal(intrinsicText('unheard_of'), null);
    assert.ok(annotationNames('function').some(({ name }) => name === '__must_hold'));
  });

  it('over the protocol, with the comment above', async () => {
    const server = await startServer({ options: { features: [signatureHelp] } });
    const { text, position } = cursor(`${scene}void f(void)\n{\n\tadd($0\n}`);
    server.open('a.lockstep', text);
    const help = await server.request('textDocument/signatureHelp', { textDocument: 'a.lockstep', position });
    assert.equal(help.signatures[0].documentation.value, 'Adds.');
    assert.equal(help.activeParameter, 0);
    await server.close();
  });

  it('has no exception anywhere in any beginning of an example', () => {
    const examples = readdirSync(join(root, 'examples')).map((name) =>
      readFileSync(join(root, 'examples', name), 'utf8'),
    );
    fc.assert(
      fc.property(
        fc.nat({ max: examples.length - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (index, part) => {
          const text = examples[index] ?? '';
          const offset = Math.floor(text.length * part);
          shown(`${text.slice(0, offset)}$0`);
          shown(`${text.slice(0, offset)}$0${text.slice(offset)}`);
        },
      ),
      { numRuns: 40 },
    );
  });
});
