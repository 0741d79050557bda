import { check } from './check.ts';

check({
  'assignments that fit': `
    struct a { int x; };
    struct a s, *p;
    void *v;
    enum e { ONE, TWO };
    void f(struct a *q) { }
    void (*fp)(struct a *);
    task t {
        u8 b = 300; bool yes = p; enum e e = 1; int n = TWO;
        p = v; v = p; p = 0; p = NULL; s = *p;
        unsigned long *ul = 0; u64 *u = ul; long *l = ul;
        fp = f; fp = &f; fp = NULL; (*fp)(p); fp(p); f(v);
        b = n ? yes : e;
        p = n ? p : NULL; v = n ? p : v;
    }
  `,

  'assignments that do not': `
    struct a { int x; };
    struct b { int x; };
    struct a s, *p;
    struct b r, *q;
    void f(struct a *a) { }
    task t {
        int n = p;
//              ^ error type-mismatch: the initial value of 'n': expected 'int', found 'struct a *'
        p = n;
//          ^ error type-mismatch: expected 'struct a *', found 'int'
        p = q;
//          ^ error type-mismatch: expected 'struct a *', found 'struct b *'
        s = r;
//          ^ error type-mismatch: expected 'struct a', found 'struct b'
        s = p;
//          ^ error type-mismatch: expected 'struct a', found 'struct a *'; read what it points to with '*'
        f(s);
//        ^ error type-mismatch: argument 1 of 'f': expected 'struct a *', found 'struct a'; take its address with '&'
        n = f(p);
//          ^^^^ error type-mismatch: expected 'int', found 'void'
        bool *flag = (u8 *)0;
//                   ^^^^^^^ error type-mismatch: expected 'bool *', found 'u8 *'
        void (*g)(int) = f;
//                       ^ error type-mismatch: expected 'void (*)(int)', found 'void (*)(struct a *)'
    }
  `,

  'operators and their operands': `
    struct a { int x; } s, *p;
    struct b { int x; } *q;
    void f(void) { }
    task t {
        int n;
        n = s + 1;
//          ^ error type-mismatch: expected an integer beside '+', found 'struct a'
        n = -p;
//           ^ error type-mismatch: expected an integer after '-', found 'struct a *'
        n = !s;
//           ^ error type-mismatch: expected an integer or a pointer after '!', found 'struct a'
        n = p * 2;
//          ^ error type-mismatch: expected an integer beside '*', found 'struct a *'; cast it to unsigned long
        n = p == q;
//          ^^^^^^ error type-mismatch: cannot compare 'struct a *' with 'struct b *' by '=='; cast one of them
        n = p == 3;
//          ^^^^^^ error type-mismatch: cannot compare 'struct a *' with 'int' by '=='
        n = p - q;
//          ^^^^^ error type-mismatch: cannot subtract 'struct b *' from 'struct a *'
        n = p + p;
//          ^ error type-mismatch: expected an integer beside '+', found 'struct a *'
        if (s) n = 1;
//          ^ error type-mismatch: expected a condition, found 'struct a'
        n = n ? p : s;
//          ^^^^^^^^^ error type-mismatch: the branches have the types 'struct a *' and 'struct a'
        n = s.x + p->x + (p - p) + (p < p) + (p == NULL) + (NULL == p) + (p && !p);
        f + 1;
//      ^ error type-mismatch: there is no arithmetic on pointers to functions
    }
  `,

  'members and elements': `
    struct a { int x; int y[3]; struct a *next; } s, *p;
    task t {
        s->x = 1;
//      ^ error type-mismatch: expected a pointer to a struct or union before '->', found 'struct a'; use '.'
        p.x = 1;
//      ^ error type-mismatch: expected a struct or union before '.', found 'struct a *'; use '->'
        s.x[1] = 1;
//      ^^^ error type-mismatch: expected an array or a pointer before '[', found 'int'
        s.y[p] = 1;
//          ^ error type-mismatch: expected an integer index, found 'struct a *'
        *s.x = 1;
//       ^^^ error type-mismatch: expected a pointer after '*', found 'int'
        void *v = p;
        int n = *v;
//              ^^ error type-mismatch: a 'void *' points to nothing that can be read
        p->next->y[s.x] = *p->y + *(p->y + 1) + 2[p->y];
//                                                ^^^^ error type-mismatch: expected an integer index
    }
  `,

  'places that can be written, and others': `
    const int limit = 3;
    const struct { int a; } table[2] = { { 1 }, { 2 } };
    const struct thing *pointer;
    struct thing { int a; };
    option fix = { none, lock };
    setting levels = 2 in 1..4;
    pool struct thing things[2];
    static struct thing make(void) { struct thing t = { 1 }; return t; }
    void f(void) { }
    task t[i : 0..1] {
        int x, a[2];
        limit = 4;
//      ^^^^^ error not-an-lvalue: 'limit' is const
        table[1].a = 2;
//      ^^^^^^^^^^ error not-an-lvalue: 'table' is const
        x + 1 = 2;
//      ^^^^^ error not-an-lvalue: the left side of '=' must be a place in memory
        fix = lock;
//      ^^^ error not-an-lvalue: 'fix' is a constant
//            ^^^^ error unknown-name: unknown name 'lock'
        levels++;
//      ^^^^^^ error not-an-lvalue: 'levels' is a constant
        i = 3;
//      ^ error not-an-lvalue: 'i' tells the threads of a family apart
        a = a;
//      ^ error type-mismatch: an array cannot be assigned
        &(x + 1);
//        ^^^^^ error not-an-lvalue: '&' needs a place in memory
        f = 0;
//      ^ error not-an-lvalue: must be a place in memory
        pointer->a = 1; pointer = 0; things[1].a = make().a; (&things[0])->a = (&limit)[0]; *&x = 3;
    }
  `,

  calls: `
    int add(int a, int b) { return a + b; }
    struct s { int (*op)(int, int); } s;
    task t {
        add(1);
//      ^^^^^^ error wrong-arguments: 'add' takes 2 arguments, not 1
        s.op(1, 2, 3);
//      ^^^^^^^^^^^^^ error wrong-arguments: 's.op' takes 2 arguments, not 3
        int x = 3;
        x(1);
//      ^ error type-mismatch: expected a function, found 'int'
        add(1, int);
//             ^^^ error wrong-arguments: expected a value, found a type
        add(struct s, y);
//          ^^^^^^^^ error wrong-arguments: expected a value, found a type
//                    ^ error unknown-name: unknown name 'y'
        (x ? add : s.op)(1, 2);
    }
  `,

  returns: `
    int value(void) { return; }
//                    ^^^^^^^ error type-mismatch: 'value' must return a value
    void nothing(void) { return 1; }
//                              ^ error type-mismatch: 'nothing' returns nothing
    void chain(void) { return nothing(); }
    struct s *pointer(void) { return 1; }
//                                   ^ error type-mismatch: the value returned: expected 'struct s *', found 'int'
    struct s { int x; };
    task t { return 1; }
//                  ^ error type-mismatch: 't' returns nothing
  `,

  'declarations that cannot be': `
    struct a { struct b b; };
    struct b { struct a a; };
//             ^^^^^^^^^^ error bad-declaration: 'struct a' contains itself
    struct c { int x[]; };
//             ^^^^^^^ error bad-declaration: the array needs a length
    struct opaque;
    struct opaque o;
//  ^^^^^^^^^^^^^ error bad-declaration: 'struct opaque' is declared without its fields
    void v;
//  ^^^^ error bad-declaration: the variable 'v' cannot have the type 'void'
    int n[-1];
//        ^^ error bad-declaration: an array cannot have the length -1
    u64 big[100000000];
//          ^^^^^^^^^ error program-too-large: 800000000 bytes
  `,

  'bit-fields that cannot be': `
    struct d { u32 x : 33; };
//                     ^^ error bad-declaration: the width of a bit-field of 'u32' must be in 0..32, not 33
    struct e { bool y : 2; };
//                      ^ error bad-declaration: must be in 0..1, not 2
    struct g { int w : 0; };
//                     ^ error bad-declaration: a bit-field of width 0 cannot have a name
    struct h { void *p : 3; };
//             ^^^^^^^^^^^ error bad-declaration: a bit-field must have an integer type, not 'void *'
  `,

  'atomic operations on bit-fields name the word to use': `
    union role { u32 word; struct { u32 level : 4; u32 invalid : 1; }; };
    struct page { union role role; struct { u32 lone : 2; }; };
    struct page p;
    task t {
        xchg(&p.role.invalid, 1);
//            ^^^^^^^^^^^^^^ error bit-field-address: '&' cannot be applied to the bit-field 'invalid'; use the word that contains it, e.g. 'role.word'
        READ_ONCE(p.role.level);
//                ^^^^^^^^^^^^ error bit-field-address: 'READ_ONCE' cannot be applied to the bit-field 'level'; use the word that contains it, e.g. 'role.word'
        WRITE_ONCE(p.lone, 1);
//                 ^^^^^^ error bit-field-address: put it into a union with a word
        int n = sizeof(p.role.level) + offsetof(union role, level);
//                     ^^^^^^^^^^^^ error bit-field-address: there is no sizeof of the bit-field 'level'
//                                                          ^^^^^ error bit-field-address: there is no address of the bit-field 'level'
        xchg(&p.role.word, 1);
        p.role.invalid = 1;
    }
  `,

  casts: `
    struct a { int x; } s, *p;
    typedef struct a other;
    task t {
        u64 address = (u64)p + (unsigned long)&s;
        p = (struct a *)address;
        p = (void *)(address | 1);
        s = (struct a)s;
        (void)s;
        int n = (int)s;
//              ^^^^^^ error type-mismatch: cannot cast 'struct a' to 'int'
        s = (struct a)n;
//          ^^^^^^^^^^^ error type-mismatch: cannot cast 'int' to 'struct a'
        n = (u8)-1 + (bool)p + ((other *)p)->x;
    }
  `,

  'typedefs of another file that stand in parentheses': `
    import "./names";
    task t {
        long x = 5;
        x = (gfn)(x) + (gfn)-x + (gfn)*&x;
        x = sizeof(gfn) + sizeof gfn;
    }
//- names.lockstep
typedef unsigned long gfn;
`,

  'sizeof, offsetof, container_of': `
    struct link { struct link *next; };
    struct item { int a; struct link link; int values[4]; };
    task t {
        struct link *l = 0;
        struct item *i = container_of(l, struct item, link);
        int n = offsetof(struct item, link.next) + offsetof(struct item, values[2]) + ARRAY_SIZE(i->values);
        i = container_of(l, struct item, lnk);
//                                       ^^^ error unknown-name: 'struct item' has no member 'lnk'; did you mean 'link'?
        i = container_of(&n, struct item, link);
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error type-mismatch: container_of: the member has the type 'struct link', but the pointer is a 'int *'
        n = ARRAY_SIZE(l);
//          ^^^^^^^^^^^^^ error type-mismatch: ARRAY_SIZE: expected an array, found 'struct link *'
        n = offsetof(n, x);
//                   ^ error type-mismatch: expected a type
        n = container_of(l, struct item);
//          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error wrong-arguments: 'container_of' takes 3 arguments, not 2
    }
  `,
});
