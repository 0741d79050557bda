import { checkItems } from './check.ts';

checkItems({
  empty: [
    ['#define A', '(macro A empty)'],
    ['#define A() ', '(macro A () empty)'],
    ['#define A(x) /* nothing */', '(macro A (x) empty)'],
  ],
  expressions: [
    ['#define A 1', '(macro A (expression 1))'],
    ['#define A (1 << 3)', '(macro A (expression (<< 1 3)))'],
    ['#define A(x, y) ((x) + (y))', '(macro A (x y) (expression (+ x y)))'],
    ['#define A (x)', '(macro A (expression x))'],
    ['#define A() f()', '(macro A () (expression (call f)))'],
    ['#define A "a" "b"', '(macro A (expression "ab"))'],
    ['#define A(x) ({ int y = (x); y; })', '(macro A (x) (expression (do-value {(var (y int = x)) y;})))'],
    [
      '#define A(p) container_of(p, struct foo, member)',
      '(macro A (p) (expression (call container_of p (type (struct foo)) member)))',
    ],
    ['#define A (struct foo){ .a = 1 }', '(macro A (expression (literal (struct foo) {.a=1})))'],
    ['#define A(p) ((struct foo *)(p))', '(macro A (p) (expression (cast (ptr (struct foo)) p)))'],
    ['#define A(x) (x)->y = 1', '(macro A (x) (expression (= (-> x y) 1)))'],
    ['#define A(x) f(x)', '(macro A (x) (expression (call f x)))'],
    ['#define A -1', '(macro A (expression (- 1)))'],
    ['#define A name', '(macro A (expression name))'],
    ['#define A(x) x = 1, y = 2', '(macro A (x) (expression (, (= x 1) (= y 2))))'],
    ['#define A f(x) in { 1 }', '(macro A (expression (in (call f x) 1)))'],
  ],
  'continued lines': [
    ['#define A(x) \\\n\t((x) + \\\n\t 1)\nint b;', '(macro A (x) (expression (+ x 1)))\n(var (b int))'],
    [
      '#define A(x) f(x) /* a\n   b */ + 1\nint b;',
      '(macro A (x) (expression (+ (call f x) 1)))\n(var (b int))',
    ],
    ['#define A 1 // one \\\n\ttwo\nint b;', '(macro A (expression 1))\n(var (b int))'],
  ],
  'variable arguments': [
    ['#define A(...) f(__VA_ARGS__)', '(macro A (...) (expression (call f __VA_ARGS__)))'],
    ['#define A(x, ...) f(x, __VA_ARGS__)', '(macro A (x ...) (expression (call f x __VA_ARGS__)))'],
  ],
  statements: [
    ['#define A(x) f(x);', '(macro A (x) (statement (call f x);))'],
    ['#define A do { f(); } while (0)', '(macro A (statement (do {(call f);} 0)))'],
    ['#define A do { f(); } while (0);', '(macro A (statement (do {(call f);} 0)))'],
    ['#define A(x) { f(x); }', '(macro A (x) (statement {(call f x);}))'],
    ['#define A f(); g()', '(macro A (statement {(call f); (call g);}))'],
    ['#define A f(); g();', '(macro A (statement {(call f); (call g);}))'],
    ['#define A if (a) return', '(macro A (statement (if a (return))))'],
    ['#define A if (a) f(); else g();', '(macro A (statement (if a (call f); (call g);)))'],
    ['#define A return 1', '(macro A (statement (return 1)))'],
    ['#define A goto out', '(macro A (statement (goto out)))'],
    ['#define A int x = 1', '(macro A (statement (var (x int = 1))))'],
    ['#define A(T) T x; f(&x)', '(macro A (T) (statement {(var (x T)) (call f (& x));}))'],
    ['#define A break;', '(macro A (statement (break)))'],
    ['#define A out: f();', '(macro A (statement (label out (call f);)))'],
    ['#define A step;', '(macro A (statement (step)))'],
    ['#define A emit e(a)', '(macro A (statement (emit e a)))'],
    ['#define A atomic { a = 1; }', '(macro A (statement (atomic {(= a 1);})))'],
    ['#define A either { a; } or { b; }', '(macro A (statement (either {a;} {b;})))'],
    ['#define A for (;;) { a; }', '(macro A (statement (for _ _ _ {a;})))'],
    ['#define A while (a) f();', '(macro A (statement (while a (call f);)))'],
  ],
  'heads of loops': [
    [
      '#define each(i) for (i = 0; i < 3; i++)',
      '(macro each (i) (loop-head (for (= i 0) (< i 3) (post++ i) (macro-body))))',
    ],
    [
      '#define each(i) for (int i = 0; i < 3; i++)',
      '(macro each (i) (loop-head (for (var (i int = 0)) (< i 3) (post++ i) (macro-body))))',
    ],
    [
      '#define each(p) for (struct foo *p = head; p; p = p->next) if (!p->a) { } else',
      '(macro each (p) (loop-head (for (var (p (ptr (struct foo)) = head)) p (= p (-> p next)) (if (! (-> p a)) {} (macro-body)))))',
    ],
    [
      '#define each(a, b) for (;a;) for (;b;)',
      '(macro each (a b) (loop-head (for _ a _ (for _ b _ (macro-body)))))',
    ],
    [
      '#define each(a) list_for_each_entry(a, &list, link) if (a->x) continue; else',
      '(macro each (a) (loop-head (macro-loop list_for_each_entry (a (& list) link) (if (-> a x) (continue) (macro-body)))))',
    ],
    ['#define each(a) while (a)', '(macro each (a) (loop-head (while a (macro-body))))'],
    ['#define each(a) if (a)', '(macro each (a) (loop-head (if a (macro-body))))'],
    [
      '#define each(a) int x; for (;;)',
      '(macro each (a) (loop-head {(var (x int)) (for _ _ _ (macro-body))}))',
    ],
    [
      '#define for_each_a(a, b) walk(a, b)',
      '(macro for_each_a (a b) (loop-head (macro-loop walk (a b) (macro-body))))',
    ],
    [
      '#define walk_a(a, b) for_each_b(a, b)',
      '(macro walk_a (a b) (loop-head (macro-loop for_each_b (a b) (macro-body))))',
    ],
    [
      '#define walk_a(a, b) for_each_b(a, b) if (a) { } else',
      '(macro walk_a (a b) (loop-head (macro-loop for_each_b (a b) (if a {} (macro-body)))))',
    ],
    [
      '#define for_each_a(a) for_each_b(a) for_each_c(a)',
      '(macro for_each_a (a) (loop-head (macro-loop for_each_b (a) (macro-loop for_each_c (a) (macro-body)))))',
    ],
  ],
  types: [
    ['#define A unsigned long', '(macro A (type unsigned-long))'],
    ['#define A struct foo *', '(macro A (type (ptr (struct foo))))'],
    ['#define A u64', '(macro A (type u64))'],
    ['#define A const struct foo', '(macro A (type (struct foo)))'],
    ['#define A enum e', '(macro A (type (enum e)))'],
    ['#define A foo_t *', '(macro A (type (ptr foo_t)))'],
  ],
});
