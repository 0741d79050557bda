import { checkItems } from './check.ts';

checkItems({
  'scenario, import, profile': [
    ['scenario "a \\"title\\"";', '(scenario "a \\"title\\"")'],
    ['scenario "in " "two parts";', '(scenario "in two parts")'],
    ['import "kvm/x86/shadow";', '(import "kvm/x86/shadow")'],
    ['import "./common";', '(import "./common")'],
    ['profile "v6.12";', '(profile "v6.12")'],
  ],
  option: [
    ['option fix = { none, spinlock };', '(option fix none spinlock)'],
    ['option fix = { none, };', '(option fix none)'],
  ],
  'machine and setting': [
    [
      'machine { levels = 2; bits_per_level = 1; entry = full; }',
      '(machine (levels 2) (bits_per_level 1) (entry full))',
    ],
    ['machine { }', '(machine)'],
    ['setting levels = 4 in 2..5;', '(setting levels 4 2..5)'],
    ['setting entry = simple in { simple, full };', '(setting entry simple (values simple full))'],
    ['setting depth = 2 * 3;', '(setting depth (* 2 3))'],
  ],
  when: [
    [
      'when (fix == none) { int a; static int f(void) { return 1; } task t { } }',
      '(when (== fix none) (var (a int)) (function static f () int {(return 1)}) (task t {}))',
    ],
    ['when (a) int b;', '(when a (var (b int)))'],
    ['when (a) { when (b) { } }', '(when a (when b))'],
    ['when (a) struct s { int b; };', '(when a (type (struct s {(b int)})))'],
  ],
  pool: [
    ['pool struct foo name[4];', '(pool (struct foo) name 4)'],
    ['pool struct foo name[a + 1] reuse;', '(pool (struct foo) name (+ a 1) reuse)'],
    ['pool foo_t name[2] at 0x1000 stride 64;', '(pool foo_t name 2 (at 4096) (stride 64))'],
    [
      'pool struct foo name[4] reuse at a stride b * 2;',
      '(pool (struct foo) name 4 reuse (at a) (stride (* b 2)))',
    ],
    ['pool unsigned long words[3];', '(pool unsigned-long words 3)'],
  ],
  variables: [
    ['int a;', '(var (a int))'],
    [
      'static struct foo *a, b[2] = { { 1 } };',
      '(var static (a (ptr (struct foo))) (b (array (struct foo) 2) = {{1}}))',
    ],
    ['extern u64 x;', '(var extern (x u64))'],
    [
      'spinlock_t lock __acquired_after(other) __leaf;',
      '(var (lock spinlock_t (@__acquired_after other) (@__leaf)))',
    ],
    [
      'raw_spinlock_t a __guarded_by(&b.c) = 1, d;',
      '(var (a raw_spinlock_t (@__guarded_by (& (. b c))) = 1) (d raw_spinlock_t))',
    ],
    ['foo_t a = INIT(a), b;', '(var (a foo_t = (call INIT a)) (b foo_t))'],
    ['const int limit = 3;', '(var const (limit int = 3))'],
    ['struct { int a; } x;', '(var (x (struct {(a int)})))'],
    ['ghost int n in 0..3;', '(var ghost (n int 0..3))'],
    ['ghost bool a[2];', '(var ghost (a (array bool 2)))'],
    ['void (*handler)(int a);', '(var (handler (ptr (fn (a:int) void))))'],
  ],
  'struct and union': [
    ['struct foo;', '(type (struct foo))'],
    ['struct foo { };', '(type (struct foo {}))'],
    ['struct foo { int a, *b, c[2]; };', '(type (struct foo {(a int) (b (ptr int)) (c (array int 2))}))'],
    [
      'union u { u64 word; struct { unsigned level:4, direct:1, :3; unsigned rest:24; }; };',
      '(type (union u {(word u64) (_ (struct {(level unsigned-int :4) (direct unsigned-int :1) (_ unsigned-int :3) (rest unsigned-int :24)}))}))',
    ],
    [
      'struct foo { struct bar b; struct { int c; } d; union { int e; }; };',
      '(type (struct foo {(b (struct bar)) (d (struct {(c int)})) (_ (union {(e int)}))}))',
    ],
    [
      'struct foo { void (*fn)(struct foo *f, int); int (*table[2])(void); };',
      '(type (struct foo {(fn (ptr (fn (f:(ptr (struct foo)) _:int) void))) (table (array (ptr (fn () int)) 2))}))',
    ],
    [
      'struct foo { when (fix == a) { int b; u64 c; } when (fix == d) int b; };',
      '(type (struct foo {(when (== fix a) (b int) (c u64)) (when (== fix d) (b int))}))',
    ],
    [
      'struct foo { ghost int n in 0..3; int a __guarded_by(lock), b; unsigned long __data_racy c; };',
      '(type (struct foo {(n ghost int 0..3) (a int (@__guarded_by lock)) (b int) (c unsigned-long (@__data_racy))}))',
    ],
    [
      'struct foo { struct list_head __rcu *p; const char *name; } __packed;',
      '(type (struct foo {(p (ptr (struct list_head))) (name (ptr char))}))',
    ],
    ['struct __attribute__((packed)) foo { int a; };', '(type (struct foo {(a int)}))'],
    [
      'struct foo { int bits : 3 __guarded_by(l); };',
      '(type (struct foo {(bits int :3 (@__guarded_by l))}))',
    ],
    [
      'struct foo { int a; } x = { 1 }, *y;',
      '(var (x (struct foo {(a int)}) = {1}) (y (ptr (struct foo {(a int)}))))',
    ],
    ['struct foo { spinlock_t lock ____cacheline_aligned; };', '(type (struct foo {(lock spinlock_t)}))'],
    [
      'struct foo { enum { A, B } kind; enum e other; };',
      '(type (struct foo {(kind (enum {A B})) (other (enum e))}))',
    ],
  ],
  enum: [
    ['enum e { A, B = 3, C = B + 1, };', '(type (enum e {A B=3 C=(+ B 1)}))'],
    ['enum { A };', '(type (enum {A}))'],
    ['enum e;', '(type (enum e))'],
  ],
  typedef: [
    ['typedef unsigned long gfn;', '(typedef gfn unsigned-long)'],
    ['typedef struct foo { int a; } foo;', '(typedef foo (struct foo {(a int)}))'],
    ['typedef int (*callback)(struct foo *);', '(typedef callback (ptr (fn (_:(ptr (struct foo))) int)))'],
    ['typedef u64 table[512];', '(typedef table (array u64 512))'],
    ['typedef int fn(int);', '(typedef fn (fn (_:int) int))'],
    ['typedef u64 __bitwise foo;', '(typedef foo u64)'],
  ],
  'names of a typedef begin declarations': [
    ['typedef int foo;\nfoo a, *b;', '(typedef foo int)\n(var (a foo) (b (ptr foo)))'],
    ['typedef int foo;\nint x = (foo)(1 + 2);', '(typedef foo int)\n(var (x int = (cast foo (+ 1 2))))'],
    ['typedef int foo;\nint x = sizeof(foo);', '(typedef foo int)\n(var (x int = (sizeof-type foo)))'],
    ['typedef int init;\ninit x;', '(typedef init int)\n(var (x init))'],
    ['#define word u64\nint x = (word)(1);', '(macro word (type u64))\n(var (x int = (cast word 1)))'],
  ],
  functions: [
    ['void f(void) { }', '(function f () void {})'],
    [
      'static inline int f(int a, struct foo *b) { return a; }',
      '(function static f (a:int b:(ptr (struct foo))) int {(return a)})',
    ],
    ['static __always_inline struct foo *f(void);', '(function static f () (ptr (struct foo)) extern)'],
    ['int f();', '(function f () int extern)'],
    [
      'u64 **f(u64 a[2], int (*g)(int));',
      '(function f (a:(array u64 2) g:(ptr (fn (_:int) int))) (ptr (ptr u64)) extern)',
    ],
    [
      'static void f(struct foo *a __must_hold(l)) __must_hold(a->lock) __releases(b) { }',
      '(function static f (a:(ptr (struct foo)):(@__must_hold l)) void (@__must_hold (-> a lock)) (@__releases b) {})',
    ],
    ['static void __must_hold(l) f(void) { }', '(function static f () void (@__must_hold l) {})'],
    ['__must_hold(l) static void f(void);', '(function static f () void (@__must_hold l) extern)'],
    ['noinline_for_stack bool f(void) { }', '(function f () bool {})'],
    ['static bool __must_check f(int __maybe_unused a);', '(function static f (a:int) bool extern)'],
    ['int (*f(int a))(char b);', '(function f (a:int) (ptr (fn (b:char) int)) extern)'],
    [
      'extern int f(const struct foo *, unsigned);',
      '(function f (_:(ptr (struct foo)) _:unsigned-int) int extern)',
    ],
    [
      'static int __f(int a) __acquires_shared(l);',
      '(function static __f (a:int) int (@__acquires_shared l) extern)',
    ],
    ['static void __init f(void);', '(function static f () void extern)'],
    [
      '__attribute__((noinline)) static void f(void) __attribute__((cold));',
      '(function static f () void extern)',
    ],
    ['foo f(bar a, baz *b) { }', '(function f (a:bar b:(ptr baz)) foo {})'],
    ['void f(struct foo *);', '(function f (_:(ptr (struct foo))) void extern)'],
    ['static int f(u64 *const p);', '(function static f (p:(ptr u64)) int extern)'],
  ],
  'primitive and override': [
    [
      'primitive void f(x_t *l) { a = 1; step; b = 2; }',
      '(function primitive f (l:(ptr x_t)) void {(= a 1); (step) (= b 2);})',
    ],
    ['override static int f(void) { return 1; }', '(function override static f () int {(return 1)})'],
    ['override primitive void f(void) { }', '(function primitive override f () void {})'],
    ['primitive static inline int f(int a);', '(function primitive static f (a:int) int extern)'],
  ],
  'lock_type, vcpu_state, event': [
    [
      'lock_type spinlock_t { writers = spin_writers; wait_type = config; }',
      '(lock-type spinlock_t (writers spin_writers) (wait_type config))',
    ],
    ['lock_type struct foo { a = 1; }', '(lock-type (struct foo) (a 1))'],
    ['vcpu_state struct kvm_vcpu vcpus;', '(vcpu-state (struct kvm_vcpu) vcpus)'],
    [
      'event guest_write(struct kvm_vcpu *vcpu, gva_t gva);',
      '(event guest_write (vcpu:(ptr (struct kvm_vcpu)) gva:gva_t))',
    ],
    ['event none();', '(event none ())'],
  ],
  'init and actors': [
    ['init { x = 1; }', '(init {(= x 1);})'],
    ['vcpu a { }', '(vcpu a {})'],
    ['vcpu a[i : 0..1] { f(i); }', '(vcpu a (index i 0..1) {(call f i);})'],
    ['vcpu a[i : 0..n - 1] on cpu(i) { }', '(vcpu a (index i 0..(- n 1)) (cpu i) {})'],
    ['task t daemon { }', '(task t daemon {})'],
    ['irq h no_thread on cpu(0) { }', '(irq h (cpu 0) no_thread {})'],
    ['irq h times 2 no_thread daemon { }', '(irq h (times 2) daemon no_thread {})'],
    ['int no_thread = 1;', '(var (no_thread int = 1))'],
    ['task t on cpu(0) { }', '(task t (cpu 0) {})'],
    ['irq h on cpu(1) times 2 { }', '(irq h (cpu 1) (times 2) {})'],
    ['irq h times k + 1 on cpu(1) daemon { }', '(irq h (cpu 1) (times (+ k 1)) daemon {})'],
    [
      'softirq cb[struct rcu_head *head] daemon { }',
      '(softirq cb (each (ptr (struct rcu_head)) head) daemon {})',
    ],
    ['task w[struct work *w] on cpu(0) { }', '(task w (each (ptr (struct work)) w) (cpu 0) {})'],
    ['task t[work_t *w] { }', '(task t (each (ptr work_t) w) {})'],
  ],
  hooks: [
    ['before f(a, b) { x = 1; }', '(before f (a b) {(= x 1);})'],
    ['before f() : a == 1;', '(before f () (check (== a 1)))'],
    ['after f(a) { x = old(a); }', '(after f (a) {(= x (old a));})'],
    ['after f(a, b) returns (r) { x = r; }', '(after f (a b) (result r) {(= x r);})'],
    ['after f(a) returns: a == old(b);', '(after f (a) (check (== a (old b))))'],
    ['after f() returns name: a;', '(after f () (check name a))'],
    ['after f() returns (r) name: r == 1;', '(after f () (result r) (check name (== r 1)))'],
    ['at release(kvm.mmu_lock) { x = 1; }', '(release (. kvm mmu_lock) () {(= x 1);})'],
    ['at release(l): a == 1;', '(release l () (check (== a 1)))'],
    [
      'on guest_write(v, gva, gfn, pfn) { written[gfn] = true; }',
      '(on guest_write (v gva gfn pfn) {(= (index written gfn) true);})',
    ],
  ],
  properties: [
    ['invariant a: b == 1;', '(invariant a (== b 1))'],
    [
      'invariant a unless held(l) || in(f): b implies c;',
      '(invariant a (unless (|| (call held l) (call in f))) (implies b c))',
    ],
    ['finally a: all (int i : 0..1) b[i];', '(finally a (all i 0..1 (index b i)))'],
    ['reachable a: b;', '(reachable a b)'],
  ],
  expect: [
    ['expect passes;', '(expect passes)'],
    ['expect passes when a == b;', '(expect passes (when (== a b)))'],
    ['expect fails a;', '(expect fails a)'],
    ['expect fails a, b when fix in { c, d } && e;', '(expect fails a b (when (&& (in fix c d) e)))'],
    ['expect fails only a, b;', '(expect fails only a b)'],
    ['expect finds lock_order_inversion;', '(expect finds lock_order_inversion)'],
    ['expect finds a not reachable when b;', '(expect finds a not-reachable (when b))'],
  ],
  schedule: [
    ['schedule "a" { }', '(schedule "a")'],
    ['schedule "a" when b == c { x; y[1]; }', '(schedule "a" (when (== b c)) (move x) (move y (index 1)))'],
    [
      'schedule "a" { x until loaded; x[i + 1] until load of a.b[2]; y until store of c->d; }',
      '(schedule "a" (move x (label loaded)) (move x (index (+ i 1)) (load (index (. a b) 2))) (move y (store (-> c d))))',
    ],
    [
      'schedule "a" { x 3 steps; x 1 step; x n * 2 steps; }',
      '(schedule "a" (move x (steps 3)) (move x (steps 1)) (move x (steps (* n 2))))',
    ],
    [
      'schedule "a" { x choosing (1, 0); x until l choosing (2); x 3 steps choosing (a); }',
      '(schedule "a" (move x (choosing 1 0)) (move x (label l) (choosing 2)) (move x (steps 3) (choosing a)))',
    ],
    [
      'schedule "a" { load until load; store until of; }',
      '(schedule "a" (move load (label load)) (move store (label of)))',
    ],
  ],
  'check and lock_order': [
    ['check data_race error;', '(check data_race error)'],
    ['check vacuous off;', '(check vacuous off)'],
    ['lock_order a, b.c, d[1].e;', '(lock-order a (. b c) (. (index d 1) e))'],
    ['lock_order a;', '(lock-order a)'],
  ],
  "the kernel's declaring macros": [
    ['static DEFINE_SPINLOCK(a);', '(var static (a spinlock_t))'],
    ['DEFINE_MUTEX(a);', '(var (a (struct mutex)))'],
    ['LIST_HEAD(a);', '(var (a (struct list_head) = (call LIST_HEAD_INIT a)))'],
    [
      'struct s { DECLARE_BITMAP(a, 512) __guarded_by(l); int b; };',
      '(type (struct s {(a (array unsigned-long (/ (+ 512 63) 64)) (@__guarded_by l)) (b int)}))',
    ],
  ],
  nothing: [
    [';', ''],
    [';;', ''],
    ['EXPORT_SYMBOL_GPL(f);', ''],
    ['/* only a comment */', ''],
  ],
});
