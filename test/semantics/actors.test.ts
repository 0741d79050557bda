import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './check.ts';
import { dumpBody, dumpInit } from './dump.ts';
import { programOf } from './project.ts';

test('threads in their order, families expanded, families over objects last', () => {
  const program = programOf(`
    import "./first";
    #define N 2
    struct job { int a; };
    struct cpu { int mode; };
    vcpu_state struct cpu cpus;
    struct job jobs[N];
    task a { }
    softirq each[struct job *job] daemon { job->a = 1; }
    vcpu v[i : 1..N] on cpu(i - 1) { vcpu->mode = i; }
    irq tick on cpu(0) times N { }
    when (NOTHING == 0) task conditional { }
    vcpu last { }
    int counts[NR_VCPUS];
//- first.lockstep
    task imported { }
    #define NOTHING 0
  `);
  assert.deepEqual(
    program.actors.map(
      (actor) =>
        `${actor.kind} ${actor.label} cpu ${actor.cpu} times ${actor.times}${actor.daemon ? ' daemon' : ''} vcpu ${actor.vcpu?.index ?? '-'}`,
    ),
    [
      'task imported cpu null times null vcpu -',
      'task a cpu null times null vcpu -',
      'vcpu v[1] cpu 0 times null vcpu 0',
      'vcpu v[2] cpu 1 times null vcpu 1',
      'irq tick cpu 0 times 2 vcpu -',
      'task conditional cpu null times null vcpu -',
      'vcpu last cpu null times null vcpu 2',
      'softirq each cpu null times null daemon vcpu -',
    ],
  );
  assert.equal(dumpBody(program, 'v'), '*(vcpu).mode@0 = i');
  const family = program.actors[2]?.family;
  assert.deepEqual(family?.kind === 'range' && [family.index, family.size, family.variable.name], [
    1,
    2,
    'i',
  ]);
  const cpus = program.globals.find((global) => global.name === 'cpus');
  assert.deepEqual([cpus?.vcpuState, cpus?.type.kind === 'array' && cpus.type.length], [true, 3]);
});

test('init blocks run in the order of the imports', () => {
  const program = programOf(`
    import "./a";
    int x;
    init { x = 3; }
    task t { }
//- a.lockstep
    import "./b";
    init { x = 2; }
//- b.lockstep
    init { x = 1; }
    init { x = 11; }
  `);
  assert.deepEqual(
    program.inits.map((init) => init.loc.uri.split('/').at(-1)),
    ['b.lockstep', 'b.lockstep', 'a.lockstep', 'main.lockstep'],
  );
});

test('the parts of a program', () => {
  const program = programOf(`
    scenario "The title";
    profile "v5.12";
    option fix = { none, lock };
    setting levels = 4 in 2..5;
    setting entry = simple in { simple, full };
    machine { levels = 3; }
    struct lock { u64 o; };
    lock_type struct lock { writers = owners; wait_type = config; kind = spin; }
    u64 owners(const struct lock *l) { return l->o; }
    /** What x is
     *  good for. */
    int x;
    struct lock outer __leaf, inner;
    // Protected by outer.
    int y __guarded_by(outer);
    struct table { struct lock lock; int entry __guarded_by(lock); struct { int deep __guarded_by(&lock); }; } table;
    static int get(struct table *t) __must_hold(t->lock) __cond_acquires(true, &outer) { return t->entry; }
    lock_order outer, table.lock;
    check data_race error;
    event wrote(int n);
    before get(t) { }
    after get(t) returns (r) { assert(r >= old(t->entry)); }
    after get() returns kept: x == 0;
    on wrote(n) { }
    at release(table.lock) { }
    invariant positive unless x == 1: x >= 0;
    finally done: x == 0;
    reachable there: x == 0;
    task t[i : 0..1] { again: emit wrote(get(&table)); }
    expect fails only positive, use_after_free when fix == none;
    expect passes when fix == lock;
    schedule "both" when fix == none { t[0] until again; t[1] 2 steps choosing (1, 0); t[0] until store of table.entry; t[0]; }
  `);
  assert.equal(program.title, 'The title');
  assert.deepEqual([...program.options], [['fix', 'none']]);
  assert.deepEqual([program.profile, program.memoryModel], ['v5.12', 'sc']);
  assert.deepEqual(
    [...program.settings].map(([name, { value, declared }]) => `${name} ${value} ${declared}`),
    ['levels 3 true', 'entry simple false'],
  );
  const global = (name: string) => program.globals.find((each) => each.name === name);
  assert.equal(global('x')?.doc, 'What x is\n good for.');
  assert.equal(global('y')?.doc, 'Protected by outer.');
  assert.deepEqual(
    global('outer')?.annotations.map((each) => each.name),
    ['__leaf'],
  );
  const guard = global('y')?.annotations[0]?.args[0];
  assert.ok(
    guard?.kind === 'address' && guard.place.kind === 'global' && guard.place.variable === global('outer'),
  );
  const table = program.structs.find((each) => each.name === 'table');
  assert.equal(table?.self?.name, 'this');
  assert.deepEqual(
    table?.fields[1]?.annotations.map((each) => each.name),
    ['__guarded_by'],
  );
  assert.deepEqual(
    [...(program.structs.find((each) => each.name === 'lock')?.lock?.entries ?? [])],
    [
      ['writers', 'owners'],
      ['wait_type', 'config'],
      ['kind', 'spin'],
    ],
  );
  assert.deepEqual(
    program.functions.get('get')?.annotations.map((each) => each.name),
    ['__must_hold', '__cond_acquires'],
  );
  assert.equal(program.lockOrders[0]?.locks.length, 2);
  assert.deepEqual([...program.severities], [['data_race', 'error']]);
  assert.deepEqual(
    program.hooks.map((hook) => hook.kind),
    ['before', 'after', 'after', 'on', 'release'],
  );
  const after = program.hooks[1];
  assert.ok(after?.kind === 'after' && after.result?.name === 'r' && after.entry.length === 1);
  assert.deepEqual(
    program.properties.map((each) => `${each.kind} ${each.name}`),
    ['invariant positive', 'finally done', 'reachable there'],
  );
  assert.deepEqual(
    program.expectations.map((each) => [each.kind, each.only, each.names, each.text]),
    [
      [
        'fails',
        true,
        ['positive', 'use_after_free'],
        'expect fails only positive, use_after_free when fix == none;',
      ],
    ],
  );
  assert.deepEqual(
    program.schedules[0]?.moves.map((move) =>
      `${move.actor} ${move.until.kind} ${move.choices.join(' ')}`.trim(),
    ),
    ['t[0] label', 't[1] steps 1 0', 't[0] store', 't[0] end'],
  );
  assert.equal(dumpInit(global('x')?.init ?? null), '-');
});

check({
  'actors that cannot be': `
    struct job { int a; };
    task a[i : 0..100] { }
//             ^ error program-too-large: a family has between 1 and 63 members
    task b[i : 3..1] { }
//             ^ error bad-declaration: 3..1 cannot be
    task c on cpu(99) { }
//                ^^ error bad-declaration: the number of a CPU must be in 0..62, not 99
    task d times 2 { }
//               ^ error misplaced: 'times' is for interrupts; a task runs once
softirq soft no_thread { }
//           ^^^^^^^^^ error misplaced: 'no_thread' is for the handlers of hard interrupts, and a softirq is none
irq hard no_thread { }
    vcpu e[struct job *j] { }
//       ^ error bad-declaration: a vCPU cannot belong to an object
    task f[struct job j] { }
//         ^^^^^^^^^^ error type-mismatch: expected a pointer to the object, found 'struct job'
    task g[struct jbo *j] { j->a = 1; }
//         ^^^^^^^^^^ error unknown-name: unknown struct 'jbo'; did you mean 'job'?
    int n;
    task h[i : 0..n] { n = i; }
//                ^ error not-constant: the last index of a family must be a constant
    vcpu_state struct job jobs;
    vcpu_state struct job more;
//                        ^^^^ error bad-declaration: there is only one state of a vCPU
  `,

  'too many threads': `
    task a[i : 0..39] { }
    task b[i : 0..39] { }
//       ^ error program-too-large: there are 80 threads; at most 63 can be checked
  `,

  hooks: `
    struct lock { u64 o; } l, *p;
    lock_type struct lock { }
    int get(int a) { return a; }
    void put(void) { }
    event wrote(int n);
    int x;
    before gett(a) { }
//         ^^^^ error unknown-name: unknown function 'gett'; did you mean 'get'?
    before get(a, b) { assert(a); assert(b); }
//                ^ error wrong-arguments: 'get' has 1 parameter, not 2
    after put() returns (r) { assert(r); }
//                       ^ error misplaced: 'put' returns nothing
    after get(_) returns (r) { assert(r > old(x) && _ == 1); }
//                                                  ^ error unknown-name: unknown name '_'
    before get(a) { x2 = 1; }
//                  ^^ error unknown-name: unknown name 'x2'
    on wrot(n) { }
//     ^^^^ error unknown-name: unknown event 'wrot'; did you mean 'wrote'?
    on wrote(a, b) { }
//              ^ error wrong-arguments: the event 'wrote' has 1 value, not 2
    at release(x) { }
//             ^ error type-mismatch: expected a lock, found 'int'
    at release(l) { return 1; }
//                         ^ error type-mismatch: the hook 'at release' returns nothing
    at release(p) { }
//             ^ error type-mismatch: expected a lock, found 'struct lock *'
    at release(*p) { }
    after get(a) returns b: missing > a;
//                          ^^^^^^^ error unknown-name: unknown name 'missing'
    task t { get(1); put(); emit wrote(1); }
  `,

  'properties, expectations, severities': `
    option fix = { none, lock };
    int x;
    invariant same: x == 0;
    finally same: x == 0;
//          ^^^^ error duplicate-name: 'same' is declared twice
    reachable typed: y;
//                   ^ error unknown-name: unknown name 'y'
    task t { WARN_ON(x < 0, "children-underflow"); if (fix == none) assert(x, "in_one_variant"); }
    after f() returns promise: x == 0;
    void f(void) { }
    expect fails same, children_underflow, in_one_variant, promise, data_race when fix == none;
    expect fails sme when fix == none;
//               ^^^ error unknown-name: unknown check 'sme'; did you mean 'same'?
    expect passes when fix in { none, lock };
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ error contradicting-expect: this variant is expected to pass and to fail: fix = none
    expect finds same;
//               ^^^^ error unknown-name: unknown code 'same'
    check data_rice error;
//        ^^^^^^^^^ error unknown-name: unknown check 'data_rice'; did you mean 'data_race'?
    check data_race fatal;
//                  ^^^^^ error bad-declaration: a check is an error, a warning or off, not 'fatal'
    check same off;
  `,

  schedules: `
    int x;
    task one { loaded: x++; }
    task many[i : 1..2] { x++; }
    schedule "wrong" {
        two;
//      ^^^ error unknown-name: unknown actor 'two'
        one[0];
//          ^ error bad-declaration: 'one' is one actor, not a family
        many;
//      ^^^^ error bad-declaration: 'many' is a family: say which one, as in many[1]
        many[0];
//           ^ error bad-declaration: the index of 'many' must be in 1..2, not 0
        one until loadd;
//                ^^^^^ error unknown-name: there is no label 'loadd'; did you mean 'loaded'?
        one until store of y;
//                         ^ error unknown-name: unknown name 'y'
        one until load of x + 1;
//                        ^^^^^ error not-an-lvalue: 'until load of' needs a place in memory
        one 0 steps;
//          ^ error bad-declaration: the number of steps must be in 1..1000000, not 0
        many[2] until store of x choosing (1, x);
//                                            ^ error not-constant: a choice must be a constant
    }
    schedule "fine" { one until loaded; many[1] until load of x; one; many[1]; }
    schedule "elsewhere" when x == 1 { one; }
//                            ^^^^^^ error not-constant: the condition of a schedule must be a constant
  `,

  annotations: `
    struct lock { u64 o; };
    lock_type struct lock { }
    struct lock a, b;
    int x __guarded_by(a, b), y __guarded_by(c);
//                                           ^ error unknown-name: unknown name 'c'
    int z __must_hold(a);
//        ^^^^^^^^^^^^^^ error misplaced: '__must_hold' says nothing about a variable; it belongs to a function
    int w __guarded_bi(a);
//        ^^^^^^^^^^^^ error unknown-name: unknown annotation '__guarded_bi'; did you mean '__guarded_by'?
    int v __guarded_by(x);
//                     ^ error type-mismatch: expected a lock, found 'int', which no lock_type declares
    void cleans(int *p) { int *q __free(kfree) = p; static int once __guarded_by(c); q = &once; }
//                               ^^^^^^ error unknown-name: '__free' does nothing here: there are no destructors; clean up on every way out
//                                                                               ^ error unknown-name: unknown name 'c'
    int u __leaf(a), s __guarded_by();
//        ^^^^^^^^^ error wrong-arguments: '__leaf' takes no arguments
//                     ^^^^^^^^^^^^^^ error wrong-arguments: '__guarded_by' takes a lock
    struct node { struct lock lock; struct lock *other; int v __guarded_by(lock) __guarded_by(other); int w __guarded_by(lok); };
//                                                                                                                       ^^^ error unknown-name: unknown name 'lok'; did you mean 'lock'?
    void f(struct node *n, struct lock *l) __must_hold(n->lock) __acquires(l) __releases(&n->lock) __must_not_hold(*n->other);
    void f(struct node *n, struct lock *l) __must_hold(n->lock) __acquires(m) { }
//                                                                         ^ error unknown-name: unknown name 'm'
    int g(void) __cond_acquires(true, a) { return 1; }
    int h(void) __cond_acquires(a) { return 1; }
//              ^^^^^^^^^^^^^^^^^^ error wrong-arguments: '__cond_acquires' takes a result and a lock
    int k(void) __cond_acquires(x, a) __cond_acquires_shared(nonzero, &b) { return 1; }
//                              ^ error not-constant: the result that acquires must be a constant
    lock_order a, x;
//                ^ error type-mismatch: expected a lock, found 'int'
    lock_order a;
//  ^^^^^^^^^^^^^ error bad-declaration: an order needs two locks or more
    task t { }
  `,

  override: `
    import "./base";
    override int replaced(int n) { return n + old_style; }
    override int nothing(void) { return 1; }
//               ^^^^^^^ error bad-declaration: there is no imported function 'nothing' to override
    override long wrong(void) { return 1; }
//                ^^^^^ error type-mismatch: 'wrong' is declared as 'int (void)' elsewhere, here as 'long (void)'
    int twice(void) { return 1; }
//      ^^^^^ error duplicate-name: 'twice' is declared twice
    task t { replaced(1); user(); }
//- base.lockstep
    int old_style;
    int replaced(int n) { return n; }
    int wrong(void) { return 0; }
    int twice(void) { return 0; }
    int user(void) { return replaced(2); }
  `,
});
