import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { check } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject } from '../../core/semantics/snapshot.ts';

/** Every construct that the checker knows, once; the prefixes and mutations of it are what people type. */
const sample = `scenario "sample";
import "./other";
profile "v5.12";
option fix = { none, lock };
setting levels = 4 in 2..5;
setting entry = simple in { simple, full };
machine { levels = 2; entry = full; }
#define SIZE (1 << levels)
#define max(a, b) ({ typeof(a) _a = (a); typeof(b) _b = (b); _a > _b ? _a : _b; })
#define each(i, n) for (int i = 0; i < (n); i++) if (i == 5) { } else
#define put(x) do { total += (x); } while (0)
enum mode { ON, OFF = 3 };
union role { u32 word; struct { u32 level : 4; u32 invalid : 1; }; };
struct lock { u64 owners; };
lock_type struct lock { writers = owners_of; wait_type = sleep; }
u64 owners_of(const struct lock *l) { return l->owners; }
struct page { union role role; struct page *next; when (fix == lock) { struct lock lock; } int count __guarded_by(outer); ghost int g in 0..2; };
struct lock outer __leaf;
pool struct page pages[SIZE] reuse;
struct page table[2] = { { .role.level = 1, .next = &table[1] }, [1].count = 2 };
struct cpu { int tlb; };
vcpu_state struct cpu cpus;
event wrote(struct page *p, int n);
ghost bool seen[2];
int total, (*op)(int, int);
static inline int add(int a, int b) __must_hold(outer) { return a + b; }
static void guest_write(struct cpu *c, u64 gva) { c->tlb = gva; }
primitive void take(struct lock *l) __acquires(l) { wait_until(!l->owners); step; l->owners = 1ULL << __self(); }
init { op = add; for (int i = 0; i < SIZE; i++) table[i & 1].count = i; }
vcpu v[i : 0..1] on cpu(i) {
    struct page *p = alloc(pages), q = (struct page){ .count = 1 };
    guest { write(0x1000 + i); }
    switch (fix) { case none: total++; break; case lock: take(&p->lock); }
again:
    each(k, max(total, 3)) { if (k) continue; put(k); }
    if (WARN_ON(op(1, 2) != 3, "sum")) goto again;
    ghost { seen[i] = true; }
    emit wrote(p, choose(1, 2));
    u32 old = READ_ONCE(p->role.word);
    while (!try_cmpxchg(&p->role.word, &old, old | 1)) ;
    either { free_object(p); } or { atomic { p->next = NULL; } }
    p = container_of(&q.count, struct page, count);
}
task resync daemon { wait_until(total); static int calls; calls += sizeof(struct page) + ARRAY_SIZE(table); }
irq tick on cpu(0) times 2 { total = fix == lock ? 1 : total ?: 2; }
before add(a, b) { assert(a < b); }
after add(a, b) returns (r) { assert(r == old(a) + b); }
after add(a) returns sums: a >= 0;
at release(outer) { }
on wrote(p, n) { p->g = n; }
invariant counted unless total in { 1, 2 }: all (int i : 0..1) table[i].count >= 0 implies count (int j : 0..1) seen[j] < 3;
finally done: total == 0;
when (fix == lock) lock_order outer, table[0].next->lock;
check data_race error;
expect fails sum, counted when fix == none;
expect passes when fix != none;
schedule "s" when fix == none { v[0] until again; v[1] 2 steps choosing (1); resync until store of total; }
`;

const other =
  'typedef unsigned long gfn;\nstatic gfn of(gfn x) { return (gfn)(x) + (gfn)-x; }\n#define twice(x) ((x) * 2)\n';

function survives(text: string): void {
  const uri = 'file:///sample.lockstep';
  const project = loadProject(uri, (each) =>
    each === uri ? text : each.endsWith('other.lockstep') ? other : null,
  );
  for (const variant of variants(project).variants.slice(0, 2)) {
    const { diagnostics, program } = check(project, variant);
    assert.equal(
      program === null,
      diagnostics.some((each) => each.severity === 'error'),
    );
    for (const { at, related } of diagnostics) {
      for (const range of [at, ...related.map((each) => each.at)]) {
        const length = project.files.get(range.uri)?.source.text.length ?? 0;
        assert.ok(range.start >= 0 && range.start <= range.end && range.end <= length, JSON.stringify(range));
      }
    }
  }
}

test('every prefix of a program', () => {
  for (let end = 0; end <= sample.length; end += 3) survives(sample.slice(0, end));
});

test('programs with a piece left out, doubled or put elsewhere', () => {
  const words = sample.split(/(?<=[\s;,(){}[\].&*=<>:!+-])|(?=[\s;,(){}[\].&*=<>:!+-])/);
  const at = fc.integer({ min: 0, max: words.length - 1 });
  fc.assert(
    fc.property(
      at,
      fc.integer({ min: 1, max: 6 }),
      at,
      fc.constantFrom('remove', 'double', 'move', 'replace'),
      (from, count, to, how) => {
        const piece = words.slice(from, from + count);
        const rest = [...words.slice(0, from), ...words.slice(from + count)];
        if (how === 'remove') survives(rest.join(''));
        else if (how === 'double')
          survives([...words.slice(0, from), ...piece, ...piece, ...words.slice(from + count)].join(''));
        else if (how === 'move') survives([...rest.slice(0, to), ...piece, ...rest.slice(to)].join(''));
        else survives([...words.slice(0, from), words[to] ?? '', ...words.slice(from + count)].join(''));
      },
    ),
    { numRuns: 400 },
  );
});

test('names exchanged for other names', () => {
  const names = [...new Set(sample.match(/[A-Za-z_]\w*/g) ?? [])];
  const name = fc.constantFrom(...names);
  fc.assert(
    fc.property(name, name, fc.nat(), (from, to, which) => {
      let seen = 0;
      const places = sample.split(new RegExp(`\\b${from}\\b`)).length - 1;
      survives(
        sample.replace(new RegExp(`\\b${from}\\b`, 'g'), (word) => (seen++ === which % places ? to : word)),
      );
    }),
    { numRuns: 400 },
  );
});

test('the library and the examples', () => {
  const root = new URL('../../', import.meta.url);
  const read = (uri: string): string | null => {
    const path = uri.startsWith('library:///')
      ? new URL(`library/${uri.slice('library:///'.length)}`, root)
      : null;
    try {
      return path === null ? null : readFileSync(path, 'utf8');
    } catch {
      return null;
    }
  };
  for (const name of readdirSync(new URL('library/linux', root))) {
    const project = loadProject(`library:///linux/${name}`, read);
    const [variant] = variants(project).variants;
    assert.ok(variant !== undefined);
    check(project, variant);
  }
});

/** Declarations that lead to each other, and macros in macros: none of it may exhaust the stack. */
const chains: Readonly<Record<string, (n: number) => string>> = {
  'typedefs used before they are declared': (n) =>
    `${chain(n, (i) => `typedef t${i + 1}_t t${i}_t;`)} typedef int t${n}_t; t0_t x;`,
  'pointers to pointers': (n) =>
    `typedef int t0_t; ${chain(n, (i) => `typedef t${i}_t *t${i + 1}_t;`)} t${n}_t x, y;`,
  'functions of functions': (n) =>
    `typedef int t0_t; ${chain(n, (i) => `typedef t${i}_t (*t${i + 1}_t)(t${i}_t);`)} t${n}_t x;`,
  'structs in structs': (n) =>
    `${chain(n, (i) => `struct s${i} { struct s${i + 1} x; };`)} struct s${n} { int a; };`,
  'pointers through structs': (n) =>
    `${chain(n, (i) => `struct s${i} { struct s${i + 1} *x; };`)} struct s${n} { int a; }; struct s0 x;`,
  constants: (n) => `${chain(n, (i) => `const int c${i} = c${i + 1};`)} const int c${n} = 1; int a[c0];`,
  enumerators: (n) => `${chain(n, (i) => `enum { E${i} = E${i + 1} };`)} enum { E${n} };`,
  settings: (n) => `${chain(n, (i) => `setting s${i} = s${i + 1} in 0..9;`)} setting s${n} = 1 in 0..9;`,
  'types of other variables': (n) => `${chain(n, (i) => `typeof(v${i + 1}) v${i};`)} int v${n};`,
  calls: (n) =>
    `${chain(n, (i) => `int f${i}(void) { return f${i + 1}(); }`)} int f${n}(void) { return 1; } task t { f0(); }`,
  'expressions in macros': () =>
    `${chain(90, (i) => `\n#define m${i}(x) ${'!'.repeat(150)}m${i + 1}(x)`)}\n#define m90(x) x\ntask t { int a = 1; a = m0(a); }`,
  'statements in macros': () =>
    `${chain(90, (i) => `\n#define m${i}(x) ${'if (x) '.repeat(150)}m${i + 1}(x);`)}\n#define m90(x) x = 1\ntask t { int a = 1; m0(a); }`,
};

for (const [name, text] of Object.entries(chains)) {
  test(`long chains: ${name}`, () => survives(text(3000)));
}

function chain(n: number, link: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => link(i)).join(' ');
}
