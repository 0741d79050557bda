import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodedTokens, semanticTokens } from '../../server/features/semanticTokens.ts';
import { tokenModifiers, tokenTypes, typeOfKind } from '../../server/features/semanticTokens/legend.ts';
import { editsBetween, Results } from '../../server/features/semanticTokens/results.ts';
import type { Scene } from '../../server/scene.ts';
import { Workspace } from '../../server/workspace.ts';
import { root } from '../house/sources.ts';
import { anyText, editedExample, examples } from './files.ts';
import { startServer } from './harness.ts';

const uri = 'file:///home/main.lockstep';

/** A comment `//~ name type modifiers, …` below a line names every token of that line. */
const source = `scenario "Tokens";
//~ scenario keyword

import "linux/completion";
//~ import keyword

option fix = { none, spinlock };
//~ option keyword, fix option declaration readonly, none enumMember declaration readonly, spinlock enumMember declaration readonly

setting bound = 2 in 1..4;
//~ setting keyword, bound setting declaration readonly, in keyword

machine { bound = 3; }
//~ machine keyword, bound setting readonly

enum mode { READ, WRITE };
//~ mode enum declaration, READ enumMember declaration readonly, WRITE enumMember declaration readonly

struct page {
//~ page struct declaration
	spinlock_t lock;
//~ spinlock_t type defaultLibrary lock, lock property declaration lock
	ghost int writers;
//~ ghost keyword, writers property declaration ghost
	u64 word __guarded_by(&lock);
//~ u64 type defaultLibrary, word property declaration, __guarded_by decorator, lock property lock
};

typedef struct page *page_ptr;
//~ page struct, page_ptr type declaration

static const int LIMIT = 3;
//~ LIMIT variable declaration readonly
ghost int seen in 0..3;
//~ ghost keyword, seen variable declaration ghost, in keyword
struct page page;
//~ page struct, page variable declaration
rwlock_t mmu_lock;
//~ rwlock_t type defaultLibrary lock, mmu_lock variable declaration lock
#define WORD(p) ((p)->word)
//~ WORD macro declaration, p parameter declaration, p parameter

event written(u64 value);
//~ event keyword, written event declaration, u64 type defaultLibrary, value parameter declaration

primitive int take(struct page *p)
//~ primitive keyword, take primitive declaration, page struct, p parameter declaration
{
	int step = 1;
//~ step variable declaration
	step;
	return step + __self();
//~ step variable, __self primitive defaultLibrary
}

static int use(struct page *p) __must_hold(&p->lock)
//~ use function declaration, page struct, p parameter declaration, __must_hold decorator, p parameter, lock property lock
{
	p->word = WORD(p) + LIMIT;
//~ p parameter, word property modification, WORD macro, p parameter, LIMIT variable readonly
again:
//~ again label declaration
	if (fix == none && p->word < bound)
//~ fix option readonly, none enumMember readonly, p parameter, word property, bound setting readonly
		goto again;
//~ again label
	ghost { seen = 1; p->writers++; }
//~ ghost keyword, seen variable modification ghost, p parameter, writers property modification ghost
	emit written(READ_ONCE(p->word));
//~ emit keyword, written event, READ_ONCE primitive defaultLibrary, p parameter, word property
	return NR_VCPUS;
//~ NR_VCPUS variable readonly defaultLibrary
}

vcpu fault[i : 0..1] {
//~ vcpu keyword, fault actor declaration, i parameter declaration
	spin_lock(&page.lock);
//~ spin_lock primitive defaultLibrary, page variable, lock property lock
	use(&page);
//~ use function, page variable
	spin_unlock(&page.lock);
//~ spin_unlock primitive defaultLibrary, page variable, lock property lock
	either { take(&page); } or { i = choose(0..1); }
//~ either keyword, take primitive, page variable, or keyword, i parameter modification, choose keyword
}

after use(p) returns named: p->word > 0 implies old(p->word) == 0;
//~ after keyword, use function, p variable declaration, returns keyword, named check declaration, p variable, word property, implies keyword, old keyword, p variable, word property

invariant counted unless held(mmu_lock): all (int k : 0..1) seen >= k;
//~ invariant keyword, counted check declaration, unless keyword, held macro defaultLibrary, mmu_lock variable lock, all keyword, k variable declaration, seen variable ghost, k variable

expect fails counted, named when fix == none;
//~ expect keyword, fails keyword, counted check, named check, when keyword, fix option readonly, none enumMember readonly

schedule "in order" when fix == none {
//~ schedule keyword, when keyword, fix option readonly, none enumMember readonly
	fault[0] until again;
//~ fault actor, until keyword, again label
	fault[1] 2 steps;
//~ fault actor, steps keyword
}

when (fix == spinlock) {
//~ when keyword, fix option readonly, spinlock enumMember readonly
	task other on cpu(0) { mmu_lock; }
//~ task keyword, other actor declaration, on keyword, cpu keyword, mmu_lock variable lock
}

int broken = unknown + LIMIT;
//~ broken variable declaration, LIMIT variable readonly
`;

for (const [index, expected] of source.split('\n').entries()) {
  if (!expected.startsWith('//~ ')) continue;
  const line = index - 1;
  test(`tokens of ${source.split('\n')[line]?.trim()}`, () => {
    const found = tokens.filter((each) => each.line === line);
    const sorted = (text: string): string[] =>
      text.split(', ').map((each) => {
        const [name, type, ...modifiers] = each.split(' ');
        return [name, type, ...modifiers.sort()].join(' ');
      });
    assert.deepEqual(
      sorted(found.map(({ text, type, modifiers }) => [text, type, ...modifiers].join(' ')).join(', ')),
      sorted(expected.slice(4)),
    );
  });
}

const tokens = decoded(source, encodedTokens(sceneOf(source)));

test('a range gives the tokens of its lines', () => {
  const scene = sceneOf(source);
  for (const [from, to] of [
    [0, 0],
    [10, 30],
    [40, 40],
    [70, 9999],
    [9999, 9999],
  ] as const) {
    const range = { start: { line: from, character: 3 }, end: { line: to, character: 0 } };
    const found = decoded(source, encodedTokens(scene, range));
    assert.deepEqual(
      found,
      tokens.filter(({ line }) => line >= from && line <= to),
    );
  }
});

test('a file that has no variants still has its words', () => {
  const text = 'option a = {};\noption a = { b };\ntask t {}\n';
  const found = decoded(text, encodedTokens(sceneOf(text)));
  assert.ok(found.some((each) => each.text === 'task' && each.type === 'keyword'));
});

test('whatever is typed: tokens are names in order, none over another', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, editedExample), (text) => {
      let end = { line: 0, character: 0 };
      for (const token of decoded(text, encodedTokens(sceneOf(text)))) {
        assert.match(token.text, /^[\w$]+$/);
        assert.ok(token.line > end.line || (token.line === end.line && token.character >= end.character));
        end = { line: token.line, character: token.character + token.text.length };
      }
    }),
    { numRuns: 60 },
  );
});

test('every name of an example is told what it is, but for words of C', () => {
  const constants = new Set(['true', 'false', 'NULL']);
  for (const { name, text } of examples) {
    const found = decoded(text, encodedTokens(sceneOf(text)));
    assert.ok(found.length > 100, name);
    const types = new Set(found.map(({ type }) => type));
    for (const type of ['keyword', 'function', 'property', 'variable', 'actor'] as const)
      assert.ok(types.has(type), `${name} has no ${type}`);
    assert.ok(found.every((each) => !constants.has(each.text)));
  }
});

test('a delta, applied, is the full answer', () => {
  const numbers = fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(1), fc.nat(1)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(numbers, numbers, (one, two) => {
      const before = one.flat();
      const after = two.flat();
      const edits = editsBetween(before, after);
      assert.ok(edits.length <= 1);
      for (const { start, deleteCount, data = [] } of edits) {
        assert.ok(start % 5 === 0 && deleteCount % 5 === 0 && data.length % 5 === 0);
        before.splice(start, deleteCount, ...data);
      }
      assert.deepEqual(before, after);
    }),
  );
});

test('results of few documents are kept, and an unknown one gets everything', () => {
  const results = new Results();
  const first = results.full('a', [1, 2, 3, 4, 5]);
  assert.deepEqual(results.delta('a', first.resultId ?? '', [1, 2, 3, 4, 5]), { resultId: '2', edits: [] });
  assert.deepEqual(results.delta('a', first.resultId ?? '', [1, 2, 3, 4, 6]), {
    resultId: '3',
    data: [1, 2, 3, 4, 6],
  });
  for (let index = 0; index < 60; index++) results.full(`b${index}`, []);
  assert.ok('data' in results.delta('a', '3', [1, 2, 3, 4, 6]));
});

test('asked of the server while somebody types', async () => {
  const text = examples[0]?.text ?? '';
  const server = await startServer({
    files: { 'a.lockstep': text },
    options: { features: [semanticTokens] },
  });
  try {
    server.open('a.lockstep');
    const textDocument = 'a.lockstep';
    let { resultId, data } = await server.request('textDocument/semanticTokens/full', { textDocument });
    const lines = text.split('\n');
    for (const [at, typed] of [
      [30, 'int fresh;'],
      [31, 'task t { fre'],
      [31, ''],
      [5, '// only a comment'],
      [30, ''],
    ] as const) {
      lines.splice(at, 0, typed);
      server.change('a.lockstep', lines.join('\n'));
      const previousResultId: string = resultId;
      const delta = await server.request('textDocument/semanticTokens/full/delta', {
        textDocument,
        previousResultId,
      });
      assert.ok(delta.edits.length <= 1);
      for (const edit of delta.edits) data.splice(edit.start, edit.deleteCount, ...(edit.data ?? []));
      const full = await server.request('textDocument/semanticTokens/full', { textDocument });
      assert.deepEqual(data, full.data);
      ({ resultId, data } = full);
    }
    const range = { start: { line: 0, character: 0 }, end: { line: 3, character: 0 } };
    const some = await server.request('textDocument/semanticTokens/range', { textDocument, range });
    assert.ok(some.data.length > 0 && some.data.length < data.length);
    const previousResultId = 'never given';
    const unknown = await server.request('textDocument/semanticTokens/full/delta', {
      textDocument,
      previousResultId,
    });
    assert.deepEqual(unknown.data, data);
  } finally {
    await server.close();
  }
});

test('the editor is told of the types and modifiers that the protocol does not know', () => {
  const standard = new Set([
    'namespace', 'type', 'class', 'enum', 'interface', 'struct', 'typeParameter', 'parameter', 'variable', 'property',
    'enumMember', 'event', 'function', 'method', 'macro', 'keyword', 'modifier', 'comment', 'string', 'number', 'regexp',
    'operator', 'decorator', 'label',
    'declaration', 'definition', 'readonly', 'static', 'deprecated', 'abstract', 'async', 'modification', 'documentation',
    'defaultLibrary',
  ]); // biome-ignore format: a list of words
  const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const idsOf = (list: readonly { readonly id: string }[]): readonly string[] =>
    list.map(({ id }) => id).sort();
  const own = (names: readonly string[]): readonly string[] =>
    names.filter((name) => !standard.has(name)).sort();
  assert.deepEqual(idsOf(contributes.semanticTokenTypes), own(tokenTypes));
  assert.deepEqual(idsOf(contributes.semanticTokenModifiers), own(tokenModifiers));
  assert.ok(Object.values(typeOfKind).every((type) => tokenTypes.includes(type)));
});

function sceneOf(text: string): Scene {
  const workspace = new Workspace();
  workspace.open({ uri, version: 1, text });
  const scene = workspace.scene(uri);
  if (scene === null) throw new Error('there is no such file');
  return scene;
}

interface Decoded {
  readonly line: number;
  readonly character: number;
  readonly text: string;
  readonly type: string;
  readonly modifiers: readonly string[];
}

function decoded(text: string, data: readonly number[]): readonly Decoded[] {
  const lines = text.split(/\r\n|\n|\r/);
  const found: Decoded[] = [];
  let line = 0;
  let character = 0;
  for (let index = 0; index < data.length; index += 5) {
    const [down = 0, right = 0, length = 0, type = 0, modifiers = 0] = data.slice(index, index + 5);
    line += down;
    character = down > 0 ? right : character + right;
    found.push({
      line,
      character,
      text: (lines[line] ?? '').slice(character, character + length),
      type: tokenTypes[type] ?? '',
      modifiers: tokenModifiers.filter((_, bit) => (modifiers & (1 << bit)) !== 0),
    });
  }
  return found;
}
