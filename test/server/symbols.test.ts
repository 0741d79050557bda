import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver-types';
import { symbolsOf } from '../../server/features/documentSymbols.ts';
import { symbolsLike } from '../../server/features/workspaceSymbols.ts';
import { toOffset } from '../../server/positions.ts';
import { anyText, editedExample, fileOf } from './files.ts';
import { workspaceOf } from './marked.ts';

test('the outline of a file is a tree', () => {
  const text = `scenario "Two threads";
import "linux/spinlock";
option fix = { none, some };
machine { }
struct page {
	u64 *spt;
	union {
		u64 word;
		struct { u64 level:4; };
	} role;
};
enum mode { READ, WRITE };
typedef struct { int counter; } count_t;
int one, two;
#define TWICE(x) ((x) * 2)
pool struct page pages[4];
static int helper(void);
static int helper(void) { return 1; }
when (fix == some) {
	static void extra(void) { }
}
init { one = 1; }
task first { two = 1; }
vcpu second[i : 0..1] { }
after helper() returns fine: one == 1;
invariant small: one < 2;
expect passes;
schedule "in turn" { first; second[0]; }
`;
  assert.deepEqual(shown(symbolsOf(fileOf(text))), [
    'Namespace Two threads (scenario)',
    'Enum fix (option)',
    '  EnumMember none',
    '  EnumMember some',
    'Struct page (struct)',
    '  Field spt (u64 *)',
    '  Field role',
    '    Field word (u64)',
    '    Field level (u64)',
    'Enum mode (enum)',
    '  EnumMember READ',
    '  EnumMember WRITE',
    'TypeParameter count_t (typedef)',
    '  Field counter (int)',
    'Variable one',
    'Variable two',
    'Constant TWICE (macro)',
    'Array pages (pool)',
    'Function helper (declaration)',
    'Function helper',
    'Module when (fix == some)',
    '  Function extra',
    'Constructor init',
    'Class first (task)',
    'Class second (vcpu)',
    'Event after helper (hook)',
    '  Property fine (after)',
    'Property small (invariant)',
    'Boolean expect passes',
    'Interface in turn (schedule)',
  ]);
});

test('whatever is typed: names are not empty, and lie in their symbols, and these in those around them', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, editedExample), (text) => {
      const file = fileOf(text);
      const look = (symbols: readonly DocumentSymbol[], low: number, high: number): void => {
        for (const { name, range, selectionRange, children = [] } of symbols) {
          const [start, end] = [toOffset(file, range.start), toOffset(file, range.end)];
          assert.notEqual(name, '');
          assert.ok(low <= start && end <= high);
          assert.ok(start <= toOffset(file, selectionRange.start));
          assert.ok(toOffset(file, selectionRange.end) <= end);
          look(children, start, end);
        }
      };
      look(symbolsOf(file), 0, text.length);
    }),
    { numRuns: 200 },
  );
});

const workspace = workspaceOf(`static void zap_all_roots(void) { }
struct zebra { int azap; };
task zap { here: ; }
//- other.lockstep
int zap_count;`).workspace;

const queries: Readonly<Record<string, readonly string[]>> = {
  zap: ['zap (main)', 'zap_count (other)', 'zap_all_roots (main)', 'azap (struct zebra)'],
  ZapRoots: ['zap_all_roots (main)'],
  zar: ['zap_all_roots (main)'],
  'zap count': ['zap_count (other)'],
  here: [],
  no_such_thing_anywhere: [],
};

for (const [query, names] of Object.entries(queries)) {
  test(`workspace symbols: ${query}`, () => {
    const own = symbolsLike(workspace, query).filter(({ location }) =>
      location.uri.startsWith('file:///home/'),
    );
    assert.deepEqual(
      own.map(({ name, containerName }) => `${name} (${containerName?.replace('.lockstep', '')})`),
      names,
    );
  });
}

test('workspace symbols: the library is among them, and an empty query finds something', () => {
  const [found] = symbolsLike(workspace, 'list_add_tail');
  assert.match(found?.location.uri ?? '', /^file:.*\/library\/linux\/list\.lockstep$/);
  assert.equal(symbolsLike(workspace, '').length, 500);
});

function shown(symbols: readonly DocumentSymbol[], indent = ''): readonly string[] {
  return symbols.flatMap(({ name, kind, detail, children = [] }) => [
    `${indent}${nameOf(kind)} ${name}${detail === undefined ? '' : ` (${detail})`}`,
    ...shown(children, `${indent}  `),
  ]);
}

function nameOf(kind: SymbolKind): string {
  return Object.entries(SymbolKind).find(([, value]) => value === kind)?.[0] ?? '?';
}
