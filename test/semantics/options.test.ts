import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variantKey, variants } from '../../core/semantics/options.ts';
import { check } from './check.ts';
import { load, programOf } from './project.ts';

check({
  'what an option rules out is not looked at': `
    option fix = { none, atomics };
    struct page {
        when (fix == atomics) { struct { int value; } count; }
        when (fix != atomics) int count;
    };
    struct page page;
    static int counts(void) { return fix == atomics ? page.count.value : page.count; }
    task t {
        if (fix == atomics) { page.count.value++; } else page.count++;
        if (fix == none && page.count) counts();
        if (fix != none || page.count) counts();
        int n = fix == none implies page.count > 0;
        while (fix == atomics) { page.count.value--; break; }
        for (int i = 0; fix != none && i < 2; i++) page.count.value++;
        switch (fix) {
        case none: page.count = 1; break;
        case atomics: page.count.value = 1; break;
        }
    }
  `,

  'only conditions that an option decides': `
    task t {
        if (0) missing();
//             ^^^^^^^ error unknown-name: unknown function 'missing'
        while (1) { missing2(); }
//                  ^^^^^^^^ error unknown-name: unknown function 'missing2'
    }
  `,

  'values are looked up in the option they are compared with': `
    option fix = { none, lock, unlock };
    option mode = { none, read };
    int read;
    static void lock(void) { }
    task t {
        if (fix == none && mode == none) lock();
        if (fix in { lock, unlock }) lock();
        if (none != mode) read = 1;
        if (fix == spinlokc) lock();
//                 ^^^^^^^^ error bad-option: option 'fix' has no value 'spinlokc'
        if (fix == unlokc) lock();
//                 ^^^^^^ error bad-option: option 'fix' has no value 'unlokc'; did you mean 'unlock'?
        if (fix in { lock, nnoe }) lock();
//                         ^^^^ error bad-option: option 'fix' has no value 'nnoe'; did you mean 'none'?
        switch (mode) { case none: break; case raed: break; }
//                                             ^^^^ error bad-option: option 'mode' has no value 'raed'; did you mean 'read'?
        if (fix == mode) lock();
//                 ^^^^ error bad-option: 'fix' and 'mode' are different options
        int chosen = fix, other = mode == read;
        fix.x = 1;
//      ^^^ error type-mismatch: expected a struct or union before '.'
    }
  `,

  'settings are constants, and those of names are looked up alike': `
    setting levels = 4 in 2..5;
    setting entry = simple in { simple, full };
    machine { levels = 2; }
    u64 table[1 << levels];
    when (entry == simple) int only_here;
    task t { only_here = ARRAY_SIZE(table); if (entry == full) missing(); static_assert(levels == 2); }
    static void f(void) { if (entry == ful) only_here = 1; }
//                                     ^^^ error bad-option: setting 'entry' has no value 'ful'; did you mean 'full'?
  `,

  'when decides about items of every kind': `
    option kind = { spin, rw };
    when (kind == spin) {
        struct lock { int a; };
        #define take(l) ((l)->a = 1)
        task only { take(&lock); }
        typedef int word_t;
        enum { SIZE = 1 };
    }
    when (kind == rw) {
        struct lock { int b; };
        #define take(l) ((l)->b = 1)
        typedef long word_t;
        enum { SIZE = 2 };
        when (SIZE == 2) int nested = 1;
    }
    struct lock lock;
    word_t words[SIZE];
    task t { take(&lock); words[0] = kind == rw ? nested : 0; }
  `,

  'conditions that are not constant': `
    int x;
    when (x) int y;
//        ^ error not-constant: the condition of 'when' must be a constant
    struct s { when (x > 1) int z; int w; };
//                   ^^^^^ error not-constant: the condition of a field's 'when' must be a constant
    task t { }
    expect passes when x == 1;
//                     ^^^^^^ error not-constant: the condition of an 'expect' must be a constant
  `,

  'memory_model and profile': `
    profile "v5.12";
    task t {
        static_assert(profile == v5_12 && profile < v6_12 && profile in { v5_12, v5_17 });
        static_assert(memory_model == sc);
        if (profile == v5_13) return;
//                     ^^^^^ error bad-option: option 'profile' has no value 'v5_13'; did you mean 'v5_12'?
    }
  `,

  'a scenario may name a profile of its own': `
    profile "next-2026.1";
    task t { static_assert(profile == next_2026_1); }
  `,

  'a selected branch may be a function': `
    option mode = { read, write };
    int l;
    static void read_lock(int *p) { }
    static void write_lock(long *p) { }
    task t { if (mode == read) (mode == read ? read_lock : write_lock)(&l); }
  `,
});

test('a folded call is a direct one', () => {
  const program = programOf(
    `
    option mode = { read, write };
    int l;
    static void read_lock(int *p) { }
    static void write_lock(int *p) { }
    task t { (mode == read ? read_lock : write_lock)(&l); }
  `,
    { mode: 'write' },
  );
  assert.match(
    JSON.stringify(program.actors[0]?.body, (_, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    ),
    /"direct","name":"write_lock"/,
  );
});

test('variants are the product of the options, the last varying fastest', () => {
  const project = load('option a = { x, y }; option b = { p, q }; task t { }');
  assert.deepEqual(variants(project).variants.map(variantKey), [
    'a=x,b=p,memory_model=sc,profile=v6.12',
    'a=x,b=q,memory_model=sc,profile=v6.12',
    'a=y,b=p,memory_model=sc,profile=v6.12',
    'a=y,b=q,memory_model=sc,profile=v6.12',
  ]);
  assert.deepEqual(
    variants(project, { b: 'q', memory_model: 'tso', profile: 'v5_12' }).variants.map(variantKey),
    ['a=x,b=q,memory_model=tso,profile=v5.12', 'a=y,b=q,memory_model=tso,profile=v5.12'],
  );
});

test('a filter may name only what there is', () => {
  const project = load('option fix = { none, spinlock }; task t { }');
  const errorOf = (filter: Record<string, string>): string | null => variants(project, filter).error;
  assert.equal(
    errorOf({ fox: 'none' }),
    "there is no option 'fox'; did you mean 'fix'?; options are fix, memory_model, profile",
  );
  assert.equal(
    errorOf({ fix: 'spinlokc' }),
    "option 'fix' has no value 'spinlokc'; did you mean 'spinlock'?; values are none, spinlock",
  );
  assert.match(errorOf({ memory_model: 'arm' }) ?? '', /has no value 'arm'; values are sc, tso/);
  assert.match(errorOf({ profile: 'v9' }) ?? '', /option 'profile' has no value 'v9'/);
  assert.equal(errorOf({ profile: 'v3_7' }), null);
});

test('too many variants are refused', () => {
  const values = Array.from({ length: 11 }, (_, i) => `v${i}`).join(', ');
  const project = load(
    `${'abcd'
      .split('')
      .map((name) => `option ${name} = { ${values} };`)
      .join('\n')} task t { }`,
  );
  assert.match(variants(project).error ?? '', /^14641 combinations of options are too many/);
});
