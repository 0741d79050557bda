import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dumpBody } from './dump.ts';
import { programOf } from './project.ts';

const declarations = `
  union role { u32 word; struct { u32 level : 4; u32 invalid : 1; s32 delta : 3; u64 wide : 40; }; };
  struct node { u8 tag; struct node *next; int value[4]; union role role; };
  struct small { int a, b; };
  enum colour { RED, BLUE = 5 };
  struct node n, *p, nodes[3];
  struct small sm;
  pool struct node pool[2];
  s8 c; u8 b; s16 h; int i; unsigned int u; long l; u64 q; bool flag; enum colour colour;
  void (*fp)(struct node *);
  void f(struct node *a) { }
  int g(int a) { return a; }
  struct small make(int a) { struct small s = { a }; return s; }
`;

/** Statement and what it becomes. */
const cases: Readonly<Record<string, readonly (readonly [statement: string, dump: string])[]>> = {
  'integer promotions and the usual conversions': [
    ['i = c + b;', 'i = (<int>c + <int>b)'],
    ['i = b << 9;', 'i = (<int>b << 9)'],
    ['q = b << l;', 'q = <u64>(<int>b << l)'],
    ['i = u < i;', 'i = (u <u <unsigned int>i)'],
    ['i = l < u;', 'i = (l < <long>u)'],
    ['q = l + q;', 'q = (<u64>l +u q)'],
    ['l = i * 2;', 'l = <long>(i * 2)'],
    ['b = c;', 'b = <u8>c'],
    ['i = ~b;', 'i = ~<int>b'],
    ['u = -u;', 'u = -u'],
    ['flag = i;', 'flag = <bool>i'],
    ['flag = p;', 'flag = <bool>p'],
    ['i = flag + flag;', 'i = (<int>flag + <int>flag)'],
    ['i = colour == BLUE;', 'i = (colour ==u 5)'],
    ['i = h >> u;', 'i = (<int>h >> u)'],
    ['q = u >> 3;', 'q = <u64>(u >>u 3)'],
    ['i = (u8)i;', 'i = <int><u8>i'],
  ],
  'constants are folded as the machine computes them': [
    ['i = 1 + 2 * 3;', 'i = 7'],
    ['l = 0x7fffffff + 1;', 'l = -2147483648'],
    ['l = 0xffffffff;', 'l = 4294967295'],
    ['l = -0x80000000;', 'l = 2147483648'],
    ['l = 1 << 33;', 'l = 2'],
    ['q = 1ULL << 63;', 'q = 9223372036854775808'],
    ['l = -1 >> 1;', 'l = -1'],
    ['i = -1 > 0U;', 'i = 1'],
    ['i = -7 / 2 + -7 % 2;', 'i = -4'],
    ['i = 5 / 0;', 'i = (5 / 0)'],
    ['u = -1;', 'u = 4294967295'],
    ['b = 0x1ff;', 'b = 255'],
    ['c = 200;', 'c = -56'],
    ['flag = 2;', 'flag = 1'],
    ['i = (u8)300 + (s8)200;', 'i = -12'],
    ['i = !5 + !!5;', 'i = 1'],
    ['q = ~0;', 'q = 18446744073709551615'],
    ['q = ~0U;', 'q = 4294967295'],
    ["i = 'a';", 'i = 97'],
    ['i = sizeof(struct node) + sizeof n.value + sizeof(int[2]);', 'i = 64'],
    ['i = 0 ? i : 3;', 'i = 3'],
    ['i = 1 && i;', 'i = (i != 0)'],
    ['i = 0 && i;', 'i = 0'],
    ['i = 1 || i;', 'i = 1'],
  ],
  'bit-fields': [
    ['n.role.invalid = 1;', 'n.role@32.@0.invalid@0:4+1 = 1'],
    ['i = n.role.level - 1;', 'i = (<int>n.role@32.@0.level@0:0+4 - 1)'],
    ['i = n.role.delta < 0;', 'i = (n.role@32.@0.delta@0:5+3 < 0)'],
    ['q = n.role.wide;', 'q = n.role@32.@0.wide@0:8+40'],
    ['p->role.word |= 3;', '*(p).role@32.word@0 |<u32>= 3'],
    ['n.role.level++;', 'n.role@32.@0.level@0:0+4++'],
    ['i = (n.role.level = 3) - 4;', 'i = (<int>n.role@32.@0.level@0:0+4 = 3 - 4)'],
  ],
  'pointers are 64-bit numbers': [
    ['p = p + 1;', 'p = <struct node *>(<unsigned long>p +u 40)'],
    ['p = &nodes[i];', 'p = &nodes[<long>i/3]'],
    ['p = nodes + u;', 'p = <struct node *>(<unsigned long>&nodes +u (<unsigned long>u *u 40))'],
    ['p = i + p;', 'p = <struct node *>(<unsigned long>p +u (<unsigned long>i *u 40))'],
    ['p -= 2;', 'p -<unsigned long>= 80'],
    ['p++;', 'p++40 '],
    ['--p;', '--40 p'],
    ['l = p - nodes;', 'l = ((<long>p - <long>&nodes) / 40)'],
    ['i = p < nodes;', 'i = (p <u &nodes)'],
    ['i = p == NULL;', 'i = (p ==u 0)'],
    ['i = !p;', 'i = !p'],
    ['p = 0;', 'p = 0'],
    ['q = (u64)p | 1;', 'q = (<u64>p |u 1)'],
    ['p = (void *)q;', 'p = <struct node *><void *>q'],
    ['b = *(u8 *)p;', 'b = *(<u8 *>p)'],
    ['fp = f;', 'fp = &f'],
    ['fp(p);', '(fp)(p)'],
    ['(*fp)(&n);', '(fp)(&n)'],
    ['(&f)(p);', 'f(p)'],
    ['i = fp == f;', 'i = (fp ==u &f)'],
  ],
  places: [
    ['*p = n;', '*(p) = n'],
    ['(*p).tag = 1;', '*(p).tag@0 = 1'],
    ['p->next->value[i] = 1;', '*(*(p).next@8).value@16[<long>i/4] = 1'],
    ['(&n)->tag = 1;', 'n.tag@0 = 1'],
    ['*&i = 1;', 'i = 1'],
    ['*nodes = n;', 'nodes[0/3] = n'],
    ['p[i].tag = 1;', '*(p)[<long>i].tag@0 = 1'],
    ['*(nodes[1].value + 2) = 1;', '*(<int *>(<unsigned long>&nodes[1/3].value@16 +u 8)) = 1'],
    ['(&nodes[1])[0].tag = 1;', '*(&nodes[1/3])[0].tag@0 = 1'],
    ['pool[i].tag = 1;', 'pool[<long>i/2].tag@0 = 1'],
    ['p = &pool[1];', 'p = &pool[1/2]'],
    ['i = make(1).b;', 'i = temp(struct small <temporary> { 0=make(1) }).b@4'],
    ['sm = make(i);', 'sm = make(i)'],
    ['sm = (struct small){ .b = 2 };', 'sm = temp(struct small <temporary> { 4=2 })'],
    ['p = &(struct node){ .tag = 1 };', 'p = &temp(struct node <temporary> { 0=1 })'],
  ],
  'values that need a sequence': [
    ['i = (u = 3, u);', 'i = <int>[u = 3; u]'],
    ['i = u ?: 5;', 'i = <int>[unsigned int <value> { 0=u }; (<value> ? <value> : 5)]'],
    ['i = ({ int x = 3; x++; x; });', 'i = [{ int x { 0=3 }; x++ }; x]'],
    ['i = g(i) in { 1, 2 };', 'i = [int <value> { 0=g(i) }; ((<value> == 1) || (<value> == 2))]'],
    ['i = flag implies i > 2;', 'i = (!flag || (i > 2))'],
    ['i = all (int k : 0..2) nodes[k].tag;', 'i = all(k : 0..2) nodes[<long>k/3].tag@0'],
    ['i = choose(0..u);', 'i = choose(0..<int>u)'],
    ['l = choose(1, q);', 'l = <long>choose(1, q)'],
    ['i += c;', 'i +<int>= <int>c'],
    ['c += l;', 'c +<long>= l'],
    ['c <<= l;', 'c <<<int>= <int>l'],
    ['flag ^= 1;', 'flag ^<int>= 1'],
    ['i = flag ? c : q;', 'i = <int>(flag ? <u64>c : q)'],
    ['p = flag ? p : NULL;', 'p = (flag ? p : 0)'],
    ['(void)g(1);', '<void>g(1)'],
  ],
  statements: [
    ['do { i++; } while (i < 3);', 'do(; (i < 3); ) { i++ }'],
    [
      'for (int k = 0, m = 1; k < m; k++, m--) { if (k) continue; break; }',
      'loop({ int k { 0=0 }; int m { 0=1 } }; (k < m); [k++; m--]) { if k continue; break }',
    ],
    ['for (;;) break;', 'loop(; ; ) break'],
    [
      'switch (c) { case 1: i = 1; case 2 ... 4: i = 2; break; default: i = 3; }',
      'switch <int>c { case 1:; i = 1; case 2...4:; i = 2; break; default:; i = 3 }',
    ],
    ['switch (u) { case -1: break; }', 'switch u { case 4294967295:; break }'],
    ['again: if (i) goto again;', 'again:; if i goto again'],
    ['either { i = 1; } or { } or { i = 2; }', 'either { i = 1 } or {  } or { i = 2 }'],
    ['atomic { i++; }', 'atomic { i++ }'],
    ['struct small s = { 1 }, r;', 'struct small s { 0=1 }; struct small r -'],
    ['{ } ; ;', '{  }'],
  ],
  'what the language knows beyond C': [
    ['i = READ_ONCE(n.value[2]);', 'i = read_once(n.value@16[2/4])'],
    ['WRITE_ONCE(b, i);', 'write_once(b, <u8>i)'],
    ['p = smp_load_acquire(&n.next);', 'p = read_once(n.next@8, acquire)'],
    ['smp_store_release(&n.next, NULL);', 'write_once(n.next@8, 0, release)'],
    ['l = data_race(i + 1);', 'l = <long>data_race((i + 1))'],
    ['p = xchg(&p->next, NULL);', 'p = fetch_xchg(*(p).next@8, 0)'],
    ['b = __fetch_add(&b, 1);', 'b = fetch_add(b, 1)'],
    ['q = cmpxchg64(&q, 1, l);', 'q = cmpxchg(q, 1, <u64>l)'],
    ['flag = try_cmpxchg_acquire(&q, &q, 3);', 'flag = try_cmpxchg(q, q, 3)'],
    ['smp_mb(); smp_rmb(); smp_wmb(); barrier();', 'fence(full); fence(read); fence(write); fence(compiler)'],
    ['wait_until(p); __wait(i, 1);', 'wait(p); wait(i, 1)'],
    [
      'assert(i); assert(!i, "name-it");',
      '<void>fatal<assertion-failed>(i); <void>fatal<assertion-failed name_it>(!i)',
    ],
    ['if (WARN_ON(i < 0, "negative")) return;', 'if !check<warning-triggered negative>(!(i < 0)) return'],
    ['BUG_ON(p); BUG();', '<void>fatal<assertion-failed>(!p); <void>fatal<assertion-failed>(0)'],
    [
      '__warn(i, lock_misuse, "text"); __fatal(i, null_pointer, "text");',
      '<void>check<lock-misuse>(i); <void>fatal<null-pointer>(i)',
    ],
    [
      'p = alloc(pool); p = alloc_uninit(pool); alloc_at(p); free_object(p); flag = is_live(p);',
      'p = alloc(pool); p = alloc_uninit(pool); alloc(pool, p); free(p); flag = <bool>is-live(p)',
    ],
    [
      'i = __self() + __thread_count() + __cpu_count() + __thread_kind(0) + __thread_cpu(i);',
      'i = ((((self + thread-count) + cpu-count) + thread-kind(0)) + thread-cpu(i))',
    ],
    ['i = __thread_named(t);', 'i = thread_named(t)'],
    [
      'i = __object_count(struct node); p = __object_at(struct node, l);',
      'i = object_count(struct node); p = object_at(struct node, <int>l)',
    ],
    ['i = in(g);', 'i = in(g)'],
    ['if (likely(i)) unlikely(p);', 'if i p'],
    ['static_assert(sizeof(u64) == 8, "size"); BUILD_BUG_ON(0);', 'void; void'],
  ],
};

for (const [name, pairs] of Object.entries(cases)) {
  test(name, () => {
    for (const [statement, expected] of pairs) {
      const program = programOf(`${declarations} task t { ${statement} }`);
      assert.equal(dumpBody(program, 't'), expected, statement);
    }
  });
}
