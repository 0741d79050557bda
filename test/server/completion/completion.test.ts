import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, complete, offer } from './check.ts';

const scene = `scenario "cases";

option fix = { none, spinlock };
option mode = { read, write };

enum state { IDLE, BUSY };

struct part {
	spinlock_t lock;
	int value;
};

struct thing {
	struct mutex mutex;
	struct part part;
	struct part parts[2];
	struct thing *next;
	enum state state;
	unsigned int flag : 1;
	union {
		u64 word;
		struct {
			u32 low;
			u32 high;
		};
	};
};

struct thing thing;
spinlock_t outer_lock;
spinlock_t inner_lock;
rwlock_t table_lock;
int count_of_things;
`;

describe('completion of members', () => {
  const cases = [
    ['void f(struct thing *t)\n{\n\tt->$0\n}', '//= mutex, part, parts, next, state, flag, word, low, high'],
    ['void f(struct thing *t)\n{\n\tt->part.$0\n\tcount_of_things = 3;\n}', '//= lock, value'],
    ['void f(struct thing *t)\n{\n\tt->next->parts[1].$0;\n}', '//= lock, value'],
    ['void f(void *p)\n{\n\tcount_of_things = ((struct part *)p)->$0\n}', '//= lock, value'],
    ['void f(spinlock_t *l)\n{\n\tcontainer_of(l, struct part, lock)->$0\n}', '//= lock, value'],
    ['struct thing *find(int n);\nvoid f(void)\n{\n\tif (find(3)->$0)\n\t\treturn;\n}', '//+ next, state'],
    ['void f(void)\n{\n\tfor (struct part *p = &thing.part; p->$0\n}', '//= lock, value'],
    ['#define first(t) (t)->part\nvoid f(struct thing *t)\n{\n\tfirst(t).$0\n}', '//= lock, value'],
    ['void f(void)\n{\n\t({ struct part own; own.$0 });\n}', '//= lock, value'],
    ['invariant a unless held(outer_lock): thing.$0', '//+ state'],
    ['finally a: all (int i : 0..1) thing.parts[i].$0', '//= lock, value'],
    ['void f(void)\n{\n\tstruct part p = { .$0 };\n}', '//= lock, value'],
    ['void f(void)\n{\n\tstruct thing t = { .part = { .$0 } };\n}', '//= lock, value'],
    ['void f(int n)\n{\n\tn.$0\n}', '//0'],
    ['void f(int n)\n{\n\tunheard_of->$0\n}', '//0'],
    ['void f(void)\n{\n\tcount_of_things = 1.$0;\n}', '//0'],
  ];
  for (const [text = '', expected = ''] of cases)
    it(text.replace(/\s+/g, ' '), () => check(`${scene}${text}\n${expected}`));

  it('mends the operator', () => {
    const [first] = offer(`${scene}void f(struct part *p)\n{\n\tp.$0\n}`);
    assert.equal(first?.fix?.text, '->');
    const [other] = offer(`${scene}void f(void)\n{\n\tthing->$0\n}`);
    assert.equal(other?.fix?.text, '.');
  });
});

describe('completion of names', () => {
  const cases = [
    [
      'void f(int first)\n{\n\tint second = 1;\n\t{ int hidden; }\n\t$0\n\tint later;\n}',
      '//= first, second',
      '//- hidden, later',
    ],
    ['void f(int first)\n{\n\tint second = $0', '//= first, second', '//+ thing, count_of_things, READ_ONCE'],
    ['vcpu v[i : 0..1] {\n\tcount_of_things = $0;\n}', '//= i'],
    ['void f(void)\n{\n\tfor (int i = 0; i < 3; i++)\n\t\tthing.parts[$0]\n}', '//= i'],
    ['int add(int a, int b) { return a + b; }\nafter add(x, y) returns (r) { assert(r == $0', '//= r, x, y'],
    ['void f(void)\n{\n\t$0', '//+ if, for, goto, return, atomic, either, struct, spin_lock, switch (fix)'],
    ['void f(void)\n{\n\tif ($0', '//+ count_of_things, sizeof', '//- if, goto, atomic'],
    ['struct part *give(void);\nint number(void);\nvoid f(struct part *p)\n{\n\tp = $0', '//= give, p'],
    ['void f(void)\n{\n\tint $0', '//0'],
    ['void f(struct $0', '//+ thing, part', '//- state'],
    ['void f(enum $0', '//+ state', '//- thing'],
    ['void f($0', '//+ u64, spinlock_t, struct', '//- thing'],
    ['void f(void)\n{\n\tgoto $0;\nagain:\n\tcount_of_things++;\nout:\n\treturn;\n}', '//= again, out'],
    ['void f(void)\n{\n\t__f$0', '//+ __fetch_add'],
    ['void f(void)\n{\n\tf$0', '//- __fetch_add'],
    ['#define twice(x) ((x) + $0)', '//= x'],
  ];
  for (const [text = '', ...expected] of cases)
    it(text.replace(/\s+/g, ' '), () => check([`${scene}${text}`, ...expected].join('\n')));

  it('a call brings its arguments, unless they are there', () => {
    const text = `${scene}int add(int a, int b) { return a + b; }\nvoid f(void)\n{\n\t`;
    const found = (rest: string, snippets: boolean): string | undefined =>
      offer(`${text}${rest}`, { snippets }).find(({ label }) => label === 'add')?.insert;
    assert.equal(found('$0', true), `add(\${1:a}, \${2:b})`);
    assert.equal(found('ad$0(1, 2);\n}', true), undefined);
    assert.equal(found('$0', false), undefined);
  });
});

describe('completion of values', () => {
  const cases = [
    ['void f(void)\n{\n\tif (fix == $0', '//= none, spinlock', '//- read'],
    ['void f(void)\n{\n\tif (mode != $0)\n\t\treturn;\n}', '//= read, write'],
    ['void f(void)\n{\n\tif (fix in { none, $0', '//= none, spinlock'],
    ['void f(void)\n{\n\tif (thing.state == $0', '//= IDLE, BUSY'],
    ['void f(void)\n{\n\tthing.state = $0', '//= IDLE, BUSY'],
    ['void f(void)\n{\n\tswitch (mode) {\n\tcase $0', '//= read, write'],
    ['void set(enum state s);\nvoid f(void)\n{\n\tset($0', '//= IDLE, BUSY'],
    ['enum state f(void)\n{\n\treturn $0', '//= IDLE, BUSY'],
    ['when (fix == $0', '//= none, spinlock'],
    ['expect passes when mode == $0', '//= read, write'],
    ['import "hardware/mmu";\nmachine { paging = $0 }', '//= ept, shadow'],
  ];
  for (const [text = '', ...expected] of cases)
    it(text.replace(/\s+/g, ' '), () => check([`${scene}${text}`, ...expected].join('\n')));
});

describe('completion in items', () => {
  const cases = [
    ['$0', '//+ scenario, option, vcpu, task, invariant, expect, schedule, lock_order, spinlock_t'],
    ['when (fix == none) {\n\t$0\n}', '//+ vcpu, task, invariant', '//- scenario, import, option'],
    ['expect $0', '//= fails, finds, passes'],
    ['invariant mine: 1;\nexpect fails $0', '//= mine', '//+ use_after_free, data_race'],
    ['task t { WARN_ON(1, "named"); }\nexpect fails deadlock, $0', '//= named'],
    ['expect finds $0', '//+ lock_order_inversion, lock_not_held'],
    ['expect fails deadlock $0', '//= when'],
    ['expect finds lock_held $0', '//= not reachable, when'],
    ['check $0', '//+ data_race'],
    ['check data_race $0', '//= error, off, warning'],
    ['vcpu v[i : 0..1] { }\ntask t { }\nschedule "s" {\n\t$0\n}', '//= t, v[0], v[1]'],
    ['task t { again: ; }\nschedule "s" {\n\tt until $0\n}', '//= again, load of, store of'],
    ['task t { }\nschedule "s" {\n\tt $0\n}', '//= choosing, until'],
    ['task t { }\nschedule "s" {\n\tt until store of thing.$0\n}', '//+ state'],
    ['schedule "s" $0', '//= when'],
    ['expect fails $0', '//+ only'],
    ['expect fails deadlock, $0', '//- only'],
    ['struct own { int a; };\nlock_type struct own {\n\t$0\n}', '//+ writers, wait_type'],
    ['struct own { int a; };\nlock_type struct own {\n\twait_type = $0;\n}', '//= config, free, sleep, spin'],
    ['view "v" {\n\tshow_$0\n}', '//+ show_line, show_begin'],
    ['import "hardware/mmu";\nmachine {\n\t$0\n}', '//+ levels, paging'],
    ['import "hardware/mmu";\nmachine {\n\tlevels = 2;\n\t$0\n}', '//+ paging', '//- levels'],
    ['irq i $0', '//= daemon, no_thread, on cpu, times'],
    ['task t $0', '//= daemon, on cpu'],
    ['before $0', '//+ spin_lock'],
    ['at $0', '//= release'],
    ['event happened(int n);\non $0', '//+ happened'],
    ['void f(void)\n{\n\temit $0', '//- thing'],
    ['profile "$0', '//+ v6.12'],
    ['import "$0', '//= ./deep/er, ./other', '//+ hardware/mmu, linux/list', '//- ./case'],
    ['import "linux/$0";', '//+ linux/list'],
    ['import "linux/list";\nimport "$0";', '//- linux/list'],
    ['option more = { $0 };', '//0'],
    ['void f(void)\n{\n\t// fix == $0\n}', '//0'],
    ['void f(void)\n{\n\t/* fix == $0 */\n}', '//0'],
    ['void f(void)\n{\n\tWARN_ON(1, "$0");\n}', '//0'],
    ['#include <linux/$0>', '//0'],
    ['void f(void)\n{\n\tcount_of_things = 0x1$0;\n}', '//0'],
  ];
  for (const [text = '', ...expected] of cases)
    it(text.replace(/\s+/g, ' '), () => check([`${scene}${text}`, ...expected].join('\n')));
});

describe('completion of annotations', () => {
  const cases = [
    ['void f(void) $0\n{\n}', '//+ __must_hold, __acquires, __releases', '//- __guarded_by'],
    ['void f(void) __mu$0\n{\n}', '//+ __must_hold'],
    ['int data $0;', '//+ __guarded_by', '//- __must_hold'],
    ['struct guarded { int a $0; };', '//+ __guarded_by', '//- __must_hold'],
    ['void f(struct part *p) __must_hold($0)\n{\n}', '//+ &p->lock, &outer_lock'],
    ['int data __guarded_by($0);', '//+ &outer_lock, &table_lock'],
    ['lock_order outer_lock, $0', '//+ inner_lock, thing.mutex', '//- &inner_lock'],
    ['at release($0) { }', '//+ outer_lock'],
    ['invariant a unless held($0): 1;', '//+ outer_lock', '//- &outer_lock, count_of_things'],
  ];
  for (const [text = '', ...expected] of cases)
    it(text.replace(/\s+/g, ' '), () => check([`${scene}${text}`, ...expected].join('\n')));
});

describe('completion of locks', () => {
  const order =
    'task known { spin_lock(&outer_lock); spin_lock(&inner_lock); spin_unlock(&inner_lock); spin_unlock(&outer_lock); }\n';
  const cases = [
    [
      'task t {\n\tspin_lock($0\n}',
      '//+ &outer_lock, &inner_lock, &thing.part.lock',
      '//- &table_lock, &thing.mutex, count_of_things',
    ],
    ['task t {\n\tmutex_lock($0', '//= &thing.mutex'],
    ['void f(struct part *p, spinlock_t *l)\n{\n\tspin_lock($0', '//+ &p->lock, l'],
    ['task t {\n\tspin_lock(&$0', '//+ outer_lock', '//- &outer_lock'],
    ['task t {\n\tspin_lock(&thing.$0', '//= part'],
    ['task t {\n\tspin_lock(&outer_lock);\n\tspin_lock($0\n}', '//= &inner_lock'],
    ['task t {\n\tspin_lock(&outer_lock);\n\tspin_unlock($0', '//= &outer_lock'],
    ['task t {\n\tread_lock(&table_lock);\n\tlockdep_assert_held($0', '//= &table_lock'],
    ['void f(void) __must_hold(&inner_lock)\n{\n\tspin_unlock($0\n}', '//= &inner_lock'],
    ['task t {\n\tunsigned long flags;\n\tspin_lock_irqsave($0', '//+ &outer_lock', '//- flags'],
  ];
  for (const [text = '', ...expected] of cases)
    it(text.replace(/\s+/g, ' '), () => check([`${scene}${order}${text}`, ...expected].join('\n')));

  const notes: readonly (readonly [string, string, string])[] = [
    [
      'task t {\n\tspin_lock(&inner_lock);\n\tspin_lock($0\n}',
      '&outer_lock',
      'spinlock_t (is taken before inner_lock elsewhere)',
    ],
    [
      'task t {\n\tspin_lock(&inner_lock);\n\tspin_lock($0\n}',
      '&inner_lock',
      'spinlock_t (held here already)',
    ],
    [
      'task t {\n\tspin_lock(&outer_lock);\n\tspin_lock($0\n}',
      '&inner_lock',
      'spinlock_t (as elsewhere inside outer_lock)',
    ],
    [
      'task t {\n\tif (fix == none)\n\t\tspin_lock(&inner_lock);\n\tif (count_of_things)\n\t\tspin_lock(&outer_lock);\n\tspin_lock($0\n}',
      '&outer_lock',
      'spinlock_t (held here already on some ways)',
    ],
    [
      'task t {\n\tspin_lock(&inner_lock);\n\tmutex_lock($0\n}',
      '&thing.mutex',
      'struct mutex (may sleep, and inner_lock is held here)',
    ],
    [
      'task t {\n\tspin_lock(&outer_lock);\n\tspin_unlock(&outer_lock);\n\tspin_unlock($0\n}',
      '&outer_lock',
      'spinlock_t (not held here)',
    ],
    [
      'void f(struct part *p, struct part *q)\n{\n\tspin_lock(&p->lock);\n\tspin_lock($0\n}',
      '&q->lock',
      'spinlock_t (like p.lock, which is held here)',
    ],
    [
      'task t {\n\tspin_lock(&inner_lock);\n\tif (spin_trylock($0))\n\t\treturn;\n}',
      '&outer_lock',
      'spinlock_t',
    ],
  ];
  for (const [text, label, detail] of notes)
    it(`${text.replace(/\s+/g, ' ')} ${label}`, () => {
      const found = offer(`${scene}${order}${text}`).find((each) => each.label === label);
      assert.equal(found?.detail, detail);
    });
});

describe('what makes the editor ask', () => {
  const offered = (text: string, trigger: string): number => offer(`${scene}${text}`, { trigger }).length;
  it('a parenthesis asks for something special only', () => {
    assert.equal(offered('void f(void)\n{\n\tif ($0\n}', '('), 0);
    assert.ok(offered('void f(void)\n{\n\tspin_lock($0\n}', '(') > 0);
  });
  it('a comparison or a division is no member and no path', () => {
    assert.equal(offered('void f(int n)\n{\n\tif (n >$0\n}', '>'), 0);
    assert.equal(offered('void f(int n)\n{\n\tn = n /$0\n}', '/'), 0);
    assert.ok(offered('void f(struct part *p)\n{\n\tp->$0\n}', '>') > 0);
  });
  it('the word that is replaced is the one before the cursor', () => {
    const text = `${scene}void f(void)\n{\n\tcount_of$0_things = 1;\n}`;
    const found = complete(text);
    assert.equal(text.slice(found?.start, found?.end), 'count_of');
  });
});
