import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { CheckCache } from '../../core/semantics/cache.ts';
import { defaultProfile, type Variant, variants } from '../../core/semantics/options.ts';
import { declarations, docOf, record, symbolAt } from '../../core/semantics/record.ts';
import {
  loadProject,
  type Project,
  resolveLoc,
  type SnapshotCache,
  textAt,
} from '../../core/semantics/snapshot.ts';
import { typeName } from '../../core/semantics/typeName.ts';
import { sourcesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';
import { load, mainUri } from './project.ts';

function firstVariant(project: Project): Variant {
  return variants(project).variants[0] ?? { options: new Map(), memoryModel: 'sc', profile: defaultProfile };
}

/** `$0` in the text, and the text without it. */
function cursor(marked: string): { readonly project: Project; readonly offset: number } {
  const offset = marked.indexOf('$0');
  return { project: load(marked.replace('$0', '')), offset };
}

/** What the name at `$0` is, as `kind name: type (container)`. */
const symbols: Readonly<Record<string, string>> = {
  'static int $0f(u64 a) { return 1; }': 'function f: int (u64)',
  'int g;\ntask t { $0g = 1; }': 'global g: int',
  'task t { u8 a = 1; $0a++; }': 'local a: u8 (t)',
  'static int f(u64 $0a) { return a; }': 'parameter a: u64 (f)',
  'struct s { u16 $0a; };': 'member a: u16 (struct s)',
  'struct s { struct { u16 $0a; } in; };': 'member a: u16 (in)',
  'enum mode { $0READ };': 'enumerator READ: enum mode (enum mode)',
  'option fix = { $0none };': 'value none (option fix)',
  'struct s { int a; };\npool struct $0s p[2];': 'struct s: struct s',
  'struct s { int a; };\npool struct s p[2];\ntask t { struct s *q = alloc($0p); }': 'pool p: struct s[2]',
  '#define $0M 1': 'macro M',
  'task t { goto out; $0out: ; }': 'label out (t)',
  'task t { WARN_ON(1, "$0bad"); }': 'check bad (t)',
  'setting $0depth = 2 in 1..3;': 'setting depth: int',
};

for (const [text, expected] of Object.entries(symbols)) {
  test(`symbol: ${text}`, () => {
    const { project, offset } = cursor(text);
    const found = symbolAt(project, firstVariant(project), mainUri, offset);
    assert.ok(found !== null);
    const { kind, name, type, container } = found.symbol;
    const shown = `${kind} ${name}${type === null ? '' : `: ${typeName(type)}`}`;
    assert.equal(`${shown}${container === null ? '' : ` (${container})`}`, expected);
    assert.equal(textAt(project, found.symbol.declared), name);
  });
}

test('types of expressions, those of macro arguments too', () => {
  const text = '#define ID(x) (x)\nstruct s { u16 a; };\nstatic int f(struct s *p) { return ID(p->a) + 1; }';
  const project = load(text);
  const { types } = record(project, firstVariant(project), mainUri, 'function:f');
  const item = project.files.get(mainUri)?.items.get('function:f')?.text ?? '';
  assert.deepEqual(
    types.map(({ start, end, type }) => `${item.slice(start, end)}: ${typeName(type)}`),
    ['ID(p->a) + 1: int', 'ID(p->a): u16', 'p->a: u16', 'p: struct s *', '1: int'],
  );
});

test('locals and where they are visible', () => {
  const text =
    'static int f(int a)\n{\n\tint b = 1;\n\tfor (int i = 0; i < b; i++) {\n\t\tint c = i;\n\t}\n\treturn a;\n}';
  const project = load(text);
  const { scopes } = record(project, firstVariant(project), mainUri, 'function:f');
  const shown = scopes
    .map(
      ({ start, end, names }) =>
        `${text.slice(start, start + 3).trim()}…${text.slice(end - 1, end)} ${names.map(({ name }) => name).join()}`,
    )
    .sort();
  assert.deepEqual(shown, ['for…} i', 'sta…} a', '{…} b', '{…} c']);
});

test('declarations, with their comments', () => {
  const project = load(
    '// Counts.\nint g;\nstruct s { int a; };\noption fix = { none };\nstatic void f(void);\nstatic void f(void) { int local; }',
  );
  const own = declarations(project, firstVariant(project)).filter(({ declared }) => declared.uri === mainUri);
  assert.deepEqual(
    own.map(({ kind, name }) => `${kind} ${name}`),
    ['global g', 'struct s', 'member a', 'option fix', 'value none', 'function f'],
  );
  assert.deepEqual(
    own.map((symbol) => docOf(project, symbol)),
    ['Counts.', '', '', '', '', ''],
  );
});

test('an id is the same in every variant, and after edits elsewhere', () => {
  const text =
    'option fix = { none, some };\nwhen (fix == some) { static void f(void) { } }\nwhen (fix == none) { static void f(void) { } }\ntask t { int a = 1; f(); a++; }';
  const ids = (project: Project): readonly (readonly string[])[] =>
    variants(project).variants.map((variant) =>
      record(project, variant, mainUri, 'actor:t').uses.map(({ symbol }) => symbol.id),
    );
  const [one, two] = ids(load(text));
  assert.equal(one?.length, 4);
  assert.deepEqual(one, two);
  assert.deepEqual(ids(load(`int before;\n${text}`))[0], one);
});

test('nothing is recorded of files and items that are not there', () => {
  const project = load('int g;');
  const variant = firstVariant(project);
  assert.deepEqual(record(project, variant, 'file:///none', 'x').uses, []);
  assert.deepEqual(record(project, variant, mainUri, 'x').uses, []);
  for (const offset of [-1, 3, 99]) assert.equal(symbolAt(project, variant, mainUri, offset), null);
});

// ---------------------------------------------------------------- what is remembered

const read = sourcesBelow(root).read;
const folder = join(root, 'examples');
const examples = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

/** Everything recorded of the main file: places, meanings, and what is written. */
function recorded(project: Project, cache: CheckCache): readonly string[] {
  const variant = firstVariant(project);
  const items = project.files.get(mainUri)?.source.items ?? [];
  return items.flatMap(({ key }) => {
    const { uses, types, scopes } = record(project, variant, mainUri, key, cache);
    const names = uses.map(({ start, end, symbol, write, declares }) => {
      const at = resolveLoc(project, symbol.declared);
      assert.equal(textAt(project, symbol.declared), symbol.name);
      return `${key} ${start} ${end} ${symbol.id} ${at?.start} ${textAt(project, symbol.whole)} ${symbol.type === null ? '' : typeName(symbol.type)} ${write} ${declares}`;
    });
    const shown = types.map(({ start, end, type }) => `${key} ${start} ${end} ${typeName(type)}`);
    const visible = scopes.map(
      ({ start, end, names: each }) => `${key} ${start} ${end} ${each.map(({ id }) => id).join()}`,
    );
    return [...names, ...shown, ...visible];
  });
}

test('after any edits, what is remembered says what a fresh look says', () => {
  const snapshots: SnapshotCache = new Map();
  const cache = new CheckCache();
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat({ max: 20 }),
    typed: fc.oneof(
      fc.constantFrom('{', '}', ';', 'int extra;\n', 'x', ' ', '\n// note\n', 'struct s { int a; };\n'),
      fc.string({ maxLength: 4 }),
    ),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...examples),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (text, edits) => {
        let current = text;
        const project = (kept: SnapshotCache): Project =>
          loadProject(mainUri, (uri) => (uri === mainUri ? current : read(uri)), kept);
        recorded(project(snapshots), cache);
        for (const { at, removed, typed } of edits) {
          const start = Math.floor(at * current.length);
          current = current.slice(0, start) + typed + current.slice(start + removed);
          const fresh = new Map([...snapshots].filter(([uri]) => uri !== mainUri));
          assert.deepEqual(recorded(project(snapshots), cache), recorded(project(fresh), new CheckCache()));
        }
      },
    ),
    { numRuns: 10 },
  );
});
