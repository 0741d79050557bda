/** Findings put to the explorer: confirmed by a circle of waits, or unreachable after a complete search. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersFor, askWitnesses, probesFor, withoutProbes } from '../../core/export/findings.ts';
import { search as explore } from '../../core/explore/search.ts';
import { analyse } from '../../core/locks/analyse.ts';
import { goalOf } from '../../core/locks/witness.ts';
import type { SearchResult } from '../../core/machine/result.ts';
import { search as interpret } from '../../core/machine/search.ts';
import { buildProgram, type SourceView } from '../../core/program/build.ts';
import { check as checkVariant } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, resolveLoc } from '../../core/semantics/snapshot.ts';
import { libraryPaths, sourcesBelow } from '../../host/files.ts';
import { optionsWith } from '../explore/searching.ts';
import { root } from '../house/sources.ts';
import { rules } from './witnessRules.ts';

const library = sourcesBelow(root, []);
const uri = 'file:///home/main.lockstep';

interface Case {
  readonly name: string;
  readonly source: string;
  /** `code confirmed`, `code unreachable`, `code open`, or `code text` for what is about the text alone; in the order told. */
  readonly tells: readonly string[];
  readonly maxStates?: number;
}

const plenty = 200_000;

function check(cases: readonly Case[]): void {
  for (const { name, source, tells, maxStates = plenty } of cases)
    test(name, () => assert.deepEqual(answersOf(source, maxStates), tells));
}

const spelled = { confirmed: 'confirmed', 'not-reachable': 'unreachable', 'not-explored': 'open' } as const;

function answersOf(body: string, maxStates: number): string[] {
  const source = `scenario "x";\nimport "linux/prelude";\n${body}`;
  const read = (wanted: string): string | null => (wanted === uri ? source : library.read(wanted));
  const project = loadProject(uri, read, new Map(), { libraryPaths: libraryPaths() });
  const [variant] = variants(project).variants;
  assert.ok(variant !== undefined);
  const { program: checked, diagnostics } = checkVariant(project, variant);
  assert.ok(checked !== null, diagnostics.map(({ message }) => message).join('\n'));
  const { findings, events } = analyse(checked);
  const view: SourceView = {
    text: () => '',
    range: (loc) => resolveLoc(project, loc) ?? { uri, start: 0, end: 0 },
  };
  const { program, diagnostics: faults } = buildProgram(checked, view, { probes: probesFor(findings) });
  assert.ok(program !== null, faults.map(({ message }) => message).join('\n'));
  const asked = askWitnesses(program, findings, (built, witness, name) =>
    goalOf(built, events, witness, name),
  );
  const told = (found: SearchResult): string[] => {
    const { answers, refuted } = answersFor(asked, findings, found);
    assert.deepEqual(refuted, []);
    return answers.map(
      ({ finding, confirmed }) => `${finding.code} ${confirmed === null ? 'text' : spelled[confirmed]}`,
    );
  };
  const reduced = told(explore(asked.program, optionsWith({ maxStates }, { reduction: true })));
  if (maxStates < plenty) return reduced;
  const plain = explore(asked.program, optionsWith({ maxStates }, { reduction: false }));
  assert.ok(plain.complete, plain.reason ?? '');
  assert.deepEqual(told(plain), reduced, 'the reduction loses no witness');
  assert.deepEqual(
    told(interpret(asked.program, optionsWith({ maxStates }))),
    reduced,
    'the interpreter agrees',
  );
  const alone = buildProgram(checked, view).program;
  assert.ok(alone !== null);
  const bare = explore(alone, optionsWith({ maxStates }, { reduction: false }));
  const withProbes = withoutProbes(asked, plain);
  assert.equal(withProbes.violations.length, bare.violations.length, 'a question breaks nothing');
  return reduced;
}

const locks = 'DEFINE_SPINLOCK(a);\nDEFINE_SPINLOCK(b);\nDEFINE_SPINLOCK(gate);\nDEFINE_RWLOCK(rw);\n';

check([
  {
    name: 'opposite orders',
    source: `${locks}
task p { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
task q { spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); }`,
    tells: ['lock-order-inversion confirmed'],
  },
  {
    name: 'opposite orders inside a lock that both hold',
    source: `${locks}
task p { spin_lock(&gate); spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); spin_unlock(&gate); }
task q { spin_lock(&gate); spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); spin_unlock(&gate); }`,
    tells: ['lock-order-inversion unreachable'],
  },
  {
    name: 'opposite orders in one task',
    source: `${locks}
task p {
	spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a);
	spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b);
}
task q { spin_lock(&gate); spin_unlock(&gate); }`,
    tells: ['lock-order-inversion unreachable'],
  },
  {
    name: 'through a function that takes either',
    source: `${locks}
static void take(spinlock_t *lock) { spin_lock(lock); }
task p { spin_lock(&a); take(&b); spin_unlock(&b); spin_unlock(&a); }
task q { take(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); }`,
    tells: ['lock-order-inversion confirmed'],
  },
  {
    name: 'a hard interrupt is no witness of what is told of a softirq that is never raised',
    source: `${locks}
task p on cpu(0) {
	unsigned long flags;
	spin_lock_irqsave(&a, flags); spin_lock_irq(&b); spin_unlock_irq(&b); spin_unlock_irqrestore(&a, flags);
}
irq tick on cpu(0) times 1 { spin_lock(&a); spin_unlock(&a); }
softirq sirq on cpu(1) { spin_lock(&a); spin_unlock(&a); }`,
    tells: ['lock-irq-unsafe unreachable', 'lock-irq-unsafe confirmed'],
  },
  {
    name: 'a helper of both sorts of interrupts, of which one is raised',
    source: `${locks}
static void both(void) { spin_lock(&a); spin_unlock(&a); }
task p on cpu(0) { spin_lock(&a); raise_softirq(sirq); spin_unlock(&a); }
irq tick on cpu(1) times 1 { both(); }
softirq sirq on cpu(0) { both(); }`,
    tells: ['lock-irq-unsafe confirmed', 'lock-irq-unsafe unreachable'],
  },
  {
    name: 'a function that an IPI calls',
    source: `${locks}
static void ipi(void *info) { spin_lock(&a); spin_unlock(&a); }
task p on cpu(0) { smp_call_function_single(1, ipi, NULL, 1); }
task q on cpu(1) { spin_lock(&a); spin_unlock(&a); }`,
    // It may be called on the sender's own CPU as well, from the same place: a circle does not tell these apart.
    tells: ['lock-irq-unsafe open', 'lock-wait-type confirmed'],
  },
  {
    name: 'a function that an IPI and a task call, and nobody in the way of the IPI',
    source: `${locks}
static void ipi(void *info) { raw_spin_lock(&r); raw_spin_unlock(&r); }
task p on cpu(0) { smp_call_function_single(1, ipi, NULL, 1); }
task q on cpu(0) { ipi(NULL); }`.replace('DEFINE_SPINLOCK(gate);', 'DEFINE_RAW_SPINLOCK(r);'),
    tells: ['lock-irq-unsafe open'],
  },
  {
    name: 'a function that an IPI calls and a task too',
    source: `${locks}
static void ipi(void *info) { spin_lock(&a); spin_unlock(&a); }
task p on cpu(0) { if (READ_ONCE(stop)) smp_call_function_single(1, ipi, NULL, 1); }
task q on cpu(1) { ipi(NULL); }
int stop;`,
    tells: ['lock-irq-unsafe open', 'lock-wait-type unreachable'],
  },
  {
    name: 'bottom halves off at the end',
    source: `${locks}
task p { spin_lock_bh(&a); spin_unlock(&a); }`,
    tells: ['held-at-end confirmed'],
  },
  {
    name: 'interrupts off at the end of a thread that never ends',
    source: `${locks}
int never;
task p { wait_event(wq, READ_ONCE(never)); local_irq_disable(); }
wait_queue_head_t wq;`,
    tells: ['held-at-end unreachable'],
  },
  {
    name: 'another circle is not this one',
    source: `${locks}
task p { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
task q { spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); spin_lock(&gate); write_lock(&rw); write_unlock(&rw); spin_unlock(&gate); write_lock(&rw); spin_lock(&gate); spin_unlock(&gate); write_unlock(&rw); }`,
    tells: ['lock-order-inversion confirmed', 'lock-order-inversion unreachable'],
  },
  {
    name: 'a lock of an interrupt, held with interrupts on',
    source: `${locks}
DEFINE_RAW_SPINLOCK(raw);
task p on cpu(0) { raw_spin_lock(&raw); raw_spin_unlock(&raw); }
irq tick on cpu(0) times 1 { raw_spin_lock(&raw); raw_spin_unlock(&raw); }`,
    tells: ['lock-irq-unsafe confirmed'],
  },
  {
    name: 'a lock of an interrupt of another CPU',
    source: `${locks}
DEFINE_RAW_SPINLOCK(raw);
task p on cpu(0) { raw_spin_lock(&raw); raw_spin_unlock(&raw); }
irq tick on cpu(1) times 1 { raw_spin_lock(&raw); raw_spin_unlock(&raw); }`,
    tells: ['lock-irq-unsafe unreachable'],
  },
  {
    name: 'a lock of an interrupt, through another',
    source: `${locks}
DEFINE_RAW_SPINLOCK(raw);
DEFINE_RAW_SPINLOCK(other);
task p on cpu(0) { raw_spin_lock(&other); raw_spin_unlock(&other); }
task q on cpu(1) { unsigned long flags; raw_spin_lock_irqsave(&raw, flags); raw_spin_lock(&other); raw_spin_unlock(&other); raw_spin_unlock_irqrestore(&raw, flags); }
irq tick on cpu(0) times 1 { raw_spin_lock(&raw); raw_spin_unlock(&raw); }`,
    tells: ['lock-irq-inversion confirmed'],
  },
]);

// Each rule: reached, out of reach for reasons that only a search sees, and not searched for to the end.

for (const { code, declares, breaks } of rules) {
  const source = (condition: string): string =>
    `${locks}int shared, ready;\n${declares}\ntask p { if (READ_ONCE(ready)) { ${breaks} } }\ntask q { WRITE_ONCE(shared, 1); ${condition} }\n`;
  check([
    {
      name: `${code} is reached: ${breaks}`,
      source: source('WRITE_ONCE(ready, 1);'),
      tells: [`${code} confirmed`],
    },
    { name: `${code} is out of reach: ${breaks}`, source: source(''), tells: [`${code} unreachable`] },
    {
      name: `${code} is not searched for: ${breaks}`,
      source: source('WRITE_ONCE(ready, 1);'),
      tells: [`${code} open`],
      maxStates: 2,
    },
  ]);
}

check([
  {
    name: 'the lock of another object does not count',
    source: `
struct thing { spinlock_t lock; int data; struct thing *next; };
struct thing one, two;
static void work(struct thing *t) __must_hold(&t->lock) { t->data = 1; }
static void work_next(struct thing *t) __must_hold(&t->next->lock) { t->next->data = 2; }
init { one.next = &two; two.next = &one; }
task p { spin_lock(&one.lock); work(&two); work_next(&one); spin_unlock(&one.lock); }
task q { spin_lock(&two.lock); work_next(&one); spin_unlock(&two.lock); }`,
    tells: ['lock-not-held confirmed'],
  },
  {
    name: 'a pointer in memory leads to the lock that is asked for',
    source: `
struct thing { spinlock_t lock; int data; struct thing *next; };
struct thing one, two;
static void work(struct thing *t) __must_hold(&t->next->lock) { WRITE_ONCE(t->data, 1); }
init { one.next = &two; two.next = &one; }
task p { if (READ_ONCE(two.data)) work(&one); }
task q { spin_lock(&two.lock); work(&one); spin_unlock(&two.lock); WRITE_ONCE(two.data, 1); }`,
    tells: ['lock-not-held confirmed'],
  },
  {
    name: 'one of two calls breaks the rule, and is never made',
    source: `${locks}
int ready;
static void work(void) __must_hold(a) { }
static void both(int hold) { if (hold) spin_lock(&a); work(); if (hold) spin_unlock(&a); }
task p { both(1); if (READ_ONCE(ready)) both(0); }
task q { both(1); }`,
    tells: ['lock-not-held unreachable'],
  },
  {
    name: 'the lock may be taken while another operand is evaluated',
    source: `${locks}
int data __guarded_by(&a);
static int enter(void) __acquires(a) { spin_lock(&a); return 1; }
task p { data = enter(); spin_unlock(&a); }
task q { spin_lock(&b); spin_unlock(&b); }`,
    tells: [],
  },
  {
    name: 'a thread waits for itself at this place and not at another',
    source: `${locks}
int ready;
task p { spin_lock(&a); if (READ_ONCE(ready)) spin_lock(&a); spin_lock(&a); }
task q { spin_lock(&b); spin_unlock(&b); }`,
    tells: ['lock-recursion unreachable', 'lock-recursion confirmed'],
  },
  {
    name: 'a reader waits for itself behind a writer that has queued',
    source: `${locks}
task p { read_lock(&rw); read_lock(&rw); read_unlock(&rw); read_unlock(&rw); }
task q { write_lock(&rw); write_unlock(&rw); }`,
    tells: ['lock-recursion confirmed'],
  },
  {
    name: 'a reader may come back when nobody writes',
    source: `${locks}
task p { read_lock(&rw); read_lock(&rw); read_unlock(&rw); read_unlock(&rw); }
task q { read_lock(&rw); read_unlock(&rw); }`,
    tells: ['lock-recursion unreachable'],
  },
  {
    name: 'two locks of one class, in both orders and in one',
    source: `
struct thing { spinlock_t lock; };
struct thing one, two;
static void both(struct thing *x, struct thing *y) { spin_lock(&x->lock); spin_lock(&y->lock); spin_unlock(&y->lock); spin_unlock(&x->lock); }
task p { both(&one, &two); }
task q { both(&two, &one); }`,
    tells: ['lock-recursion confirmed'],
  },
  {
    name: 'two locks of one class in one order',
    source: `
struct thing { spinlock_t lock; };
struct thing one, two;
static void both(struct thing *x, struct thing *y) { spin_lock(&x->lock); spin_lock(&y->lock); spin_unlock(&y->lock); spin_unlock(&x->lock); }
task p { both(&one, &two); }
task q { both(&one, &two); }`,
    tells: ['lock-recursion unreachable'],
  },
  {
    name: 'the second of two calls of one function closes the circle',
    source: `${locks}
int turn;
static void take_b(void) { spin_lock(&b); spin_unlock(&b); }
task p { spin_lock(&a); if (READ_ONCE(turn) == 1) take_b(); if (READ_ONCE(turn) == 2) take_b(); spin_unlock(&a); }
task q { WRITE_ONCE(turn, 2); spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); }`,
    tells: ['lock-order-inversion confirmed'],
  },
  {
    name: 'a task that waits for itself is no interrupt that waits for it',
    source: `
DEFINE_RAW_SPINLOCK(raw);
task p on cpu(0) { raw_spin_lock(&raw); raw_spin_unlock(&raw); }
task q on cpu(0) { unsigned long flags; raw_spin_lock_irqsave(&raw, flags); raw_spin_lock(&raw); }
irq tick on cpu(1) times 1 { raw_spin_lock(&raw); raw_spin_unlock(&raw); }`,
    tells: ['lock-recursion confirmed', 'lock-irq-unsafe unreachable'],
  },
  {
    name: 'a function that nobody calls is at no place',
    source: `${locks}
static void work(void) __must_hold(a) { }
void unused(void) __must_hold(b) { spin_unlock(&b); work(); spin_lock(&b); }
task p { spin_lock(&b); spin_unlock(&b); }`,
    tells: ['lock-not-held open'],
  },
  {
    name: 'init runs alone, and shows nothing of the threads that run the same code',
    source: `${locks}
int data __guarded_by(&a);
int ready;
static void set(void) { data = 1; }
init { set(); }
task p { if (READ_ONCE(ready)) set(); }`,
    tells: ['guard-not-held unreachable'],
  },
  {
    name: 'who holds a lock whose type does not know it cannot be asked',
    source: `
struct section { u8 unused; };
lock_type struct section { readers = section_readers; recursive_readers = yes; wait_type = free; kind = section; }
static inline u64 section_readers(const struct section *s) { return 0; }
primitive void begin(struct section *s) __acquires_shared(s) { }
primitive void end(struct section *s) __releases_shared(s) { }
struct section s;
static void work(void) __must_not_hold(s) { }
task p { begin(&s); work(); end(&s); }`,
    tells: ['lock-held open'],
  },
]);

check([
  {
    name: 'who waits for RCU readers inside a section waits for itself',
    source: 'task p { rcu_read_lock(); synchronize_rcu(); rcu_read_unlock(); }',
    tells: ['lock-recursion confirmed'],
  },
  {
    name: 'a section that no thread waits in',
    source: `int ready;
task p { if (READ_ONCE(ready)) { rcu_read_lock(); synchronize_rcu(); rcu_read_unlock(); } }`,
    tells: ['lock-recursion unreachable'],
  },
  {
    name: 'a spinlock where only preemption is off for readers',
    source:
      'DEFINE_SPINLOCK(l); task p { rcu_read_lock_sched(); spin_lock(&l); spin_unlock(&l); rcu_read_unlock_sched(); }',
    tells: ['lock-wait-type confirmed'],
  },
  {
    name: 'a section that is never ended',
    source: 'task p { rcu_read_lock(); }',
    tells: ['lock-leaked confirmed'],
  },
  {
    name: 'the end of a section that has not begun',
    source: 'task p { rcu_read_unlock(); }',
    tells: ['lock-unbalanced confirmed'],
  },
]);

const item = (wait: string): string => `struct mutex m;
struct work_struct item;
static void work(struct work_struct *w) { mutex_lock(&m); mutex_unlock(&m); }
init { INIT_WORK(&item, work); }
task p { schedule_work(&item); ${wait} }`;

check([
  {
    name: 'an item is waited for with the lock that it takes',
    source: item('mutex_lock(&m); flush_work(&item); mutex_unlock(&m);'),
    tells: ['lock-order-inversion confirmed'],
  },
  {
    name: 'an item is waited for with the lock that it takes, when it has long run',
    source: item('flush_work(&item); mutex_lock(&m); flush_work(&item); mutex_unlock(&m);'),
    tells: ['lock-order-inversion unreachable'],
  },
  {
    name: 'an item is waited for when the lock is dropped',
    source: item('mutex_lock(&m); mutex_unlock(&m); flush_work(&item);'),
    tells: [],
  },
]);

const tick = (words: string, lock: string): string =>
  `DEFINE_SPINLOCK(plain);\nDEFINE_RAW_SPINLOCK(raw);\nint ready;\ntask p { WRITE_ONCE(ready, 1); }\nirq tick on cpu(0) times 1 ${words} { if (READ_ONCE(ready)) { ${lock} } }`;
const plainLock = 'spin_lock(&plain); spin_unlock(&plain);';

check([
  { name: 'a handler of a device may take a spinlock', source: tick('', plainLock), tells: [] },
  {
    name: 'a handler that is no thread may not',
    source: tick('no_thread', plainLock),
    tells: ['lock-wait-type confirmed'],
  },
  {
    name: 'a handler that is no thread never comes so far',
    source: tick('no_thread', plainLock).replace(
      'WRITE_ONCE(ready, 1)',
      'spin_lock(&plain); spin_unlock(&plain)',
    ),
    tells: ['lock-irq-unsafe unreachable', 'lock-wait-type unreachable'],
  },
  {
    name: 'a handler that is no thread, not searched to the end',
    source: tick('no_thread', plainLock),
    tells: ['lock-wait-type open'],
    maxStates: 2,
  },
  {
    name: 'a raw spinlock is for every handler',
    source: tick('no_thread', 'raw_spin_lock(&raw); raw_spin_unlock(&raw);'),
    tells: [],
  },
]);
