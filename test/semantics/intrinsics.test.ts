import { check } from './check.ts';

check({
  'marked and atomic accesses': `
    struct big { u64 a, b; } big;
    struct small { u32 a, b; } small;
    union role { u32 word; u8 bytes[4]; } role;
    u64 q, array[2]; u8 *p; bool flag;
    const int limit = 2;
    task t {
        struct small copy = READ_ONCE(small); union role r = READ_ONCE(role); WRITE_ONCE(role, r);
        READ_ONCE(big);
//                ^^^ error type-mismatch: 'READ_ONCE' accesses 1, 2, 4 or 8 bytes at once, not 'struct big'
        READ_ONCE(array);
//                ^^^^^ error type-mismatch: 'READ_ONCE' accesses 1, 2, 4 or 8 bytes at once, not 'u64[2]'
        READ_ONCE(q + 1);
//                ^^^^^ error not-an-lvalue: 'READ_ONCE' reads a place in memory, not a value
        WRITE_ONCE(limit, 1);
//                 ^^^^^ error not-an-lvalue: 'limit' is const
        WRITE_ONCE(p, 3);
//                    ^ error type-mismatch: argument 2 of 'WRITE_ONCE': expected 'u8 *', found 'int'
        xchg(q, 1);
//           ^ error type-mismatch: argument 1 of 'xchg': expected a pointer, found 'u64'; take its address with '&'
        xchg(&small, small);
//           ^^^^^^ error type-mismatch: 'xchg' works on integers and pointers, not on 'struct small'
        __fetch_add(&p, 1);
//                  ^^ error type-mismatch: '__fetch_add' works on integers, not on 'u8 *'
        cmpxchg(&q, 1);
//      ^^^^^^^^^^^^^^ error wrong-arguments: 'cmpxchg' takes 3 arguments, not 2
        try_cmpxchg(&q, &flag, 1);
//                      ^^^^^ error type-mismatch: argument 2 of 'try_cmpxchg': expected 'u64 *', found 'bool *'
        try_cmpxchg64_relaxed(&q, array, 1); xchg_release(&p, NULL); cmpxchg_local(&q, 1, 2);
        cmpxchg32(&q, 1, 2);
//      ^^^^^^^^^ error unknown-name: unknown function 'cmpxchg32'; did you mean 'cmpxchg'?
        smp_mb(1);
//      ^^^^^^^^^ error wrong-arguments: 'smp_mb' takes no arguments, not 1
        smp_load_acquire(&big);
//                       ^^^^ error type-mismatch: accesses 1, 2, 4 or 8 bytes at once
        data_race(q = missing);
//                    ^^^^^^^ error unknown-name: unknown name 'missing'
    }
  `,

  checks: `
    struct s { int a; } s;
    int n;
    task t {
        assert(s);
//             ^ error type-mismatch: argument 1 of 'assert': expected a condition, found 'struct s'
        WARN_ON(n, 3);
//                 ^ error wrong-arguments: the name of the check must be a word in quotes
        WARN_ON(n, "not a name");
//                 ^^^^^^^^^^^^ error wrong-arguments: the name of the check must be a word in quotes
        __warn(n, lock_misuze, "text");
//                ^^^^^^^^^^^ error unknown-name: unknown code 'lock_misuze'; did you mean 'lock_misuse'?
        __warn(n, 3, "text");
//                ^ error wrong-arguments: '__warn' needs a code here
        __fatal(n, lock_misuse, n);
//                              ^ error wrong-arguments: '__fatal' needs its message as text
        if (WARN_ON_ONCE(!n)) BUG();
        int x = assert(n);
//              ^^^^^^^^^ error type-mismatch: expected 'int', found 'void'
    }
  `,

  'pools and objects': `
    struct item { int a; };
    struct other { int a; };
    pool struct item items[2];
    pool struct item more[2] reuse;
    pool struct other others[1] at 0xffff888000001000 stride 4096;
    pool struct item none[0];
//                        ^ error bad-declaration: the length of a pool must be in 1..65536, not 0
    pool struct other tight[1] at 0x1000 stride 2;
//                                              ^ error bad-declaration: the stride must be a multiple of 8 and at least 4
    int x;
    task t {
        struct item *i = alloc(items);
        struct other *o = alloc(items);
//                        ^^^^^^^^^^^^ error type-mismatch: expected 'struct other *', found 'struct item *'
        i = alloc(item);
//                ^^^^ error unknown-name: unknown pool 'item'; did you mean 'items'?
        i = alloc(x);
//                ^ error wrong-arguments: argument 1 of 'alloc' is the name of a pool
        alloc_at(i);
//               ^ error wrong-arguments: 'alloc_at' cannot tell the pool from 'struct item *': write alloc_at(pool, pointer)
        alloc_at(more, i); alloc_at_uninit(others, o);
        alloc_at((void *)0xffff888000001000);
        free_object(x);
//                  ^ error type-mismatch: argument 1 of 'free_object': expected a pointer, found 'int'
        x = is_live(i) + __object_count(struct item) + (__object_at(struct item, 0) == i);
        x = __object_count(x);
//                         ^ error type-mismatch: expected a type
        items = 0;
//      ^^^^^ error not-an-lvalue: the pool 'items' cannot be assigned as a whole
        items[1].a = more->a;
    }
  `,

  'threads and actors by name': `
    struct job { int a; };
    struct job jobs[2];
    task t { u64 mask = 1ULL << __thread_of(worker, &jobs[0]) | 1ULL << __thread_named(tick);
        __thread_of(tick, &jobs[0]);
//                  ^^^^ error wrong-arguments: 'tick' is not a family with one thread for each object
        __thread_of(worker, jobs[0]);
//                          ^^^^^^^ error type-mismatch: argument 2 of '__thread_of': expected a pointer to the object, found 'struct job'
        __thread_named(tack);
//                     ^^^^ error unknown-name: unknown actor 'tack'; did you mean 'tick'?
        int n = in(work) + in(wrk);
//                            ^^^ error unknown-name: unknown function 'wrk'; did you mean 'work'?
    }
    void work(void) { }
    task worker[struct job *job] daemon { wait_until(job->a); work(); }
    irq tick times 1 { }
  `,

  'holders of locks': `
    struct lock { u64 owners; };
    typedef struct { int owner; } spin_t;
    lock_type struct lock { writers = lock_writers; wait_type = sleep; }
    lock_type spin_t { readers = spin_reader; writers = lock_writers; }
//                               ^^^^^^^^^^^ error unknown-name: unknown function 'spin_reader'; did you mean 'spin_readers'?
//                                                      ^^^^^^^^^^^^ error type-mismatch: expected 'u64 lock_writers(struct spin_t *)'
    lock_type struct lock { }
//            ^^^^^^^^^^^ error duplicate-name: 'struct lock' is declared as a lock twice
    lock_type int { }
//            ^^^ error bad-declaration: a lock must be a struct, not 'int'
    u64 lock_writers(const struct lock *l) { return l->owners; }
    u64 spin_readers(const spin_t *l) { return l->owner; }
    struct lock a;
    int plain;
    task t { u64 m = __writers(&a) | __readers(&a) | __writers(&plain); }
//                                                             ^^^^^^ error type-mismatch: expected a pointer to a lock, found 'int *'
  `,
});
