import { check } from './check.ts';

check({
  'kernel code neither reads nor writes ghost state': `
    ghost int owner;
    struct page { int count; ghost bool written; } page;
    int x;
    task t {
        x = owner;
//          ^^^^^ error ghost-rule: kernel code reads the ghost state 'owner'
        owner = x;
//      ^^^^^ error ghost-rule: kernel code writes the ghost state 'owner'
        page.written = 1;
//      ^^^^^^^^^^^^ error ghost-rule: kernel code writes the ghost state 'written'
        if (page.written) x = 1;
//          ^^^^^^^^^^^^ error ghost-rule: kernel code reads the ghost state 'written'
        owner++;
//      ^^^^^ error ghost-rule: kernel code writes the ghost state 'owner'
        WRITE_ONCE(page.written, READ_ONCE(owner));
//                 ^^^^^^^^^^^^ error ghost-rule: kernel code writes the ghost state 'written'
//                                         ^^^^^ error ghost-rule: kernel code reads the ghost state 'owner'
        int *p = &owner;
//                ^^^^^ error ghost-rule: kernel code takes the address of the ghost state 'owner'
        page.count = 1;
        assert(owner == 1);
        WARN_ON(page.written, "written");
        if (WARN_ON(page.written)) x = 2;
//                  ^^^^^^^^^^^^ error ghost-rule: kernel code reads the ghost state 'written'
        ghost { owner = x; page.written = owner > 0; }
        ghost int before = owner;
        x = before;
//          ^^^^^^ error ghost-rule: kernel code reads the ghost state 'before'
        ghost { before++; assert(before); }
    }
    init { x = 1; ghost { owner = 2; } owner = 3; }
//                                     ^^^^^ error ghost-rule: kernel code writes the ghost state 'owner'
  `,

  'ghost code changes ghost state and its own locals only': `
    ghost int count in 0..3;
    ghost int seen[4];
    int real;
    struct item { int a; ghost int g; } item, *pointer;
    pool struct item items[2];
    task t {
        int mine = 0;
        ghost {
            int own = real;
            own++; count += own; seen[mine] = 1; item.g = 1; pointer->g = own;
            int *p = &own; *p = 3; p = &count; *p = 1;
            real = 1;
//          ^^^^ error ghost-rule: ghost code writes real state
            mine = 2;
//          ^^^^ error ghost-rule: ghost code writes the local 'mine' of the code around it
            pointer->a = 1;
//          ^^^^^^^^^^ error ghost-rule: ghost code writes real state
            *(&real) = 1;
//             ^^^^ error ghost-rule: ghost code writes real state
            int *q = &real; *q = 1;
//                          ^^ error ghost-rule: ghost code writes real state
            xchg(&real, 1);
//                ^^^^ error ghost-rule: ghost code writes real state
            struct item *i = alloc(items);
//                           ^^^^^^^^^^^^ error ghost-rule: ghost code allocates an object
            free_object(i);
//          ^^^^^^^^^^^^^^ error ghost-rule: ghost code frees an object
            wait_until(real);
//          ^^^^^^^^^^^^^^^^ error ghost-rule: ghost code cannot wait
            own = choose(0..1);
//                ^^^^^^^^^^^^ error ghost-rule: ghost code cannot choose
        }
    }
  `,

  'calls out of ghost code': `
    int real, other;
    ghost int count;
    struct iter { int i; struct iter *self; };
    static int read_it(int a) { int local = a; local++; return real + local; }
    static void write_it(void) { real = 1; }
    static void write_deep(void) { read_it(1); write_it(); }
    static void write_through(int *p) { *p = 1; }
    static void start(struct iter *it) { it->i = 0; }
    static int next(struct iter *it) { return ++it->i < 3; }
    static int walk(void) { struct iter it; int n = 0; for (start(&it); next(&it); ) n += real; return n; }
    static void note(int *slot) { ghost { count++; } }
    static int even(int n);
    static int odd(int n) { return n ? even(n - 1) : 0; }
    static int even(int n) { return n ? odd(n - 1) : 1; }
    void (*callback)(void) = write_it;
    invariant fine: read_it(1) + walk() + even(4) > 0;
    invariant bad: ({ write_deep(); 1; });
//                    ^^^^^^^^^^^^ error ghost-rule: ghost code calls 'write_deep', which writes real state
    before read_it(a) {
        int own = 0;
        write_through(&own); write_through(&count); note(&own);
        write_through(&other);
//      ^^^^^^^^^^^^^^^^^^^^^ error ghost-rule: ghost code calls 'write_through', which writes through a parameter of 'write_through'
        callback();
//      ^^^^^^^^^^ error ghost-rule: ghost code calls a function through a pointer
        a = 2;
        real = 2;
//      ^^^^ error ghost-rule: ghost code writes real state
    }
    after write_through(p) { *p = 2; write_through(p); }
//                           ^^ error ghost-rule: ghost code writes real state
//                                   ^^^^^^^^^^^^^^^^ error ghost-rule: ghost code calls 'write_through'
    task t { write_deep(); write_through(&real); callback(); }
  `,

  'functions that only ghost code calls are ghost code': `
    ghost int count;
    int real;
    static void remember(int n) { count += n; deeper(); }
    static void deeper(void) { count++; }
    static void both(void) { count++; }
//                           ^^^^^ error ghost-rule: kernel code writes the ghost state 'count'
    static void nobody(void) { count++; }
//                             ^^^^^ error ghost-rule: kernel code writes the ghost state 'count'
    event wrote(int n);
    on wrote(n) { remember(n); both(); }
    task t { emit wrote(1); both(); }
  `,

  'primitives and files of the library mix both': `
    import "linux/thing";
    import "kvm/other";
    task t { own(); thing(); prim(); }
    primitive void own(void) { state++; }
//                             ^^^^^ error ghost-rule: kernel code writes the ghost state 'state'
//- library:///linux/thing.lockstep
    ghost int state;
    int real;
    static void thing(void) { state++; real = state; }
//- library:///kvm/other.lockstep
    primitive void prim(void) { state++; }
    static void plain(void) { state++; }
//                            ^^^^^ error ghost-rule: kernel code writes the ghost state 'state'
  `,

  'ghost declarations': `
    int a in 0..3;
//           ^ error bad-declaration: only ghost state has a declared range
    ghost int b in 3..0;
//                 ^ error bad-declaration: the range 3..0 is empty
    union u { int c; ghost int d; };
//                   ^^^^^^^^^^^ error bad-declaration: a member of a union cannot be ghost
    task t { ghost int e in 0..1 = 1; int f in 0..1; }
//                                             ^ error bad-declaration: only ghost state has a declared range
  `,
});
