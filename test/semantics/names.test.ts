import { check } from './check.ts';

check({
  'everything may be used before it is declared': `
    task t { record(LIMIT); later.next = &later; }
    static void record(int n) { total += n + SIZE; }
    struct node later;
    struct node { struct node *next; };
    #define LIMIT 3
    enum { SIZE = 2 };
    int total;
  `,

  'several unknown names in one file, each with the nearest known one': `
    struct page { int unsync_children; };
    int counter;
    task t {
        struct page p;
        counte++;
//      ^^^^^^ error unknown-name: unknown name 'counte'; did you mean 'counter'?
        p.unsync_childs = 1;
//        ^^^^^^^^^^^^^ error unknown-name: 'struct page' has no member 'unsync_childs'; did you mean 'unsync_children'?
        recrod();
//      ^^^^^^ error unknown-name: unknown function 'recrod'; did you mean 'record'?
        struct pag *q;
//      ^^^^^^^^^^ error unknown-name: unknown struct 'pag'; did you mean 'page'?
        enum colour c;
//      ^^^^^^^^^^^ error unknown-name: unknown enum 'colour'
        goto don;
//           ^^^ error unknown-name: there is no label 'don' in 't'; did you mean 'done'?
    done:
        q = 0;
    }
    static void record(void) { }
  `,

  'a name that resembles nothing gets no suggestion': `
    task t { zzzzzz = 1; }
//           ^^^^^^ error unknown-name: unknown name 'zzzzzz'
  `,

  'a struct named like a type': `
    struct frame { int x; };
    task t { frame_t f; }
//           ^^^^^^^ error unknown-name: unknown type 'frame_t'
    void f(void) { WRITE_ONCE(frame, 1); }
//                            ^^^^^ error unknown-name: there is a type 'struct frame'
  `,

  'declared twice': `
    int x;
    static void x(void) { }
//              ^ error duplicate-name: 'x' is declared twice
    enum { A, B, A };
//               ^ error duplicate-name: 'A' is declared twice
    struct s { int a; };
    struct s { int b; };
//         ^ error duplicate-name: 'struct s' is declared twice
    task t { int a; int a; }
//                      ^ error duplicate-name: 'a' is already declared in this block
    task t { }
//       ^ error duplicate-name: 't' is declared twice
    option o = { p, q, p };
//                     ^ error duplicate-name: option 'o' has the value 'p' twice
    struct r { int a; int a; };
//                        ^ error duplicate-name: the struct has two members 'a'
    struct u { union { int a; long b; }; int b; };
//                                           ^ error duplicate-name: the struct has two members 'b'
    void f(int a, int a) { }
//                    ^ error duplicate-name: 'f' has two parameters 'a'
  `,

  'inner blocks hide outer names': `
    int x;
    task t { int x = 1; { long x = 2; x++; } for (int x = 0; x < 2; x++) ; x = 3; }
  `,

  'prototypes, extern and tags of their own name space': `
    int f(int a);
    extern int v;
    int v = 3;
    extern int v;
    struct f { int f; };
    event f(int a);
    task f { struct f s; s.f = f(v); emit f(s.f); }
    int f(int a) { return a; }
  `,

  'a prototype of another type': `
    int f(int a);
    long f(int a) { return a; }
//       ^ error type-mismatch: 'f' is declared as 'int (int)' elsewhere, here as 'long (int)'
  `,

  'a prototype without a body matters only when it is called': `
    int never(void);
    int missing(void);
    static void indirect(void) { missing(); }
//                               ^^^^^^^^^ error unknown-name: 'missing' is called, but nothing says what it does
    static void unused(void) { never(); }
    task t { indirect(); }
  `,

  labels: `
    void f(int n) {
    again:
        if (n) goto again;
        goto end;
    again:
//  ^^^^^ error duplicate-name: the label 'again' stands twice in 'f'
        ;
    end:
    }
    task t { f(1); }
  `,

  'an error in a declaration is reported once, not at its uses': `
    struct s { struct missing *m; int ok; };
//             ^^^^^^^^^^^^^^ error unknown-name: unknown struct 'missing'
    unknown_t v;
//  ^^^^^^^^^ error unknown-name: unknown type 'unknown_t'
    missing_t f(void) { return 0; }
//  ^^^^^^^^^ error unknown-name: unknown type 'missing_t'
    task t {
        struct s s;
        other_t w;
//      ^^^^^^^ error unknown-name: unknown type 'other_t'
        s.m = 0;
        s.ok = v + w + f();
    }
  `,

  "the library's names": `
    static int mutex_lock(int x) { return 0; }
//             ^^^^^^^^^^ error duplicate-name: 'mutex_lock' is declared twice: a function of the library has this name; write 'override' before this one to replace it
    static int rcu_dereference(int x) { return 0; }
//             ^^^^^^^^^^^^^^^ error duplicate-name: a macro of the library has this name; choose another name
    int list_add;
//      ^^^^^^^^ error duplicate-name: a function of the library has this name; choose another name
//- library:///linux/prelude.lockstep
static int mutex_lock(int x) { return x; }
static int list_add(int x) { return x; }
#define rcu_dereference(x) (x)
  `,

  'what pasted code needs': `
    struct mutex { int x; };
    struct mutex m;
    task t {
        guard(mutex)(&m);
//      ^^^^^ error unknown-name: unknown function 'guard': there are no destructors; lock, and unlock on every way out
        long o = kzalloc(8, 0);
//               ^^^^^^^ error unknown-name: unknown function 'kzalloc': declare 'pool struct T objects[N];' and take one with alloc(objects)
        scoped_guard(mutex, m) { }
//      ^^^^^^^^^^^^ error unknown-name: unknown macro 'scoped_guard': there are no destructors
    }
  `,

  'tracing is to be deleted': `
    task t {
        pr_info("x");
//      ^^^^^^^ error unknown-name: 'pr_info' only tells something to people: delete it
        trace_kvm_entry(1);
//      ^^^^^^^^^^^^^^^ error unknown-name: delete it
        int x = "text";
//              ^^^^^^ error misplaced: there is no text in a scenario
    }
  `,

  'intrinsics are called': `
    task t { int x = READ_ONCE; }
//                   ^^^^^^^^^ error misplaced: 'READ_ONCE' can only be called
  `,

  'events and settings': `
    setting levels = 4 in 2..5;
    setting mode = simple in { simple, full };
    machine { level = 3; }
//            ^^^^^ error unknown-name: unknown setting 'level'; did you mean 'levels'?
    machine { levels = 9; }
//                     ^ error bad-declaration: the setting 'levels' must be in 2..5, not 9
    machine { mode = ful; }
//                   ^^^ error bad-option: the setting 'mode' is one of simple, full; did you mean 'full'?
    event done(int x);
    task t { emit don(1); emit done(1, 2); }
//                ^^^ error unknown-name: unknown event 'don'; did you mean 'done'?
//                        ^^^^^^^^^^^^^^^^ error wrong-arguments: the event 'done' has 1 value, not 2
  `,
});
