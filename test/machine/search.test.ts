import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refute } from '../../core/machine/replay.ts';
import type { SearchOptions, SearchResult } from '../../core/machine/result.ts';
import { search } from '../../core/machine/search.ts';
import type { Program } from '../../core/program/ir.ts';
import {
  add, aliveOf, and, answer, assume, at, branch, check, choose, cover, eq, eqz, fill, type Item, jump, label, load, lock, ne, or, param,
  park, plainLoad, plainStore, type ProgramSpec, program, self, set, shl, store, thread, unlock,
} from './builder.ts';
import { specs } from './generator.ts';

interface Expected {
  readonly states?: number;
  readonly transitions?: number;
  readonly depth?: number;
  /** `check @ site`, in order of discovery. */
  readonly violations?: readonly string[];
  /** Details that are found in this order. */
  readonly details?: readonly string[];
  readonly ended?: readonly boolean[];
  readonly evaluated?: readonly boolean[];
  readonly finalEvaluated?: readonly boolean[];
  readonly reached?: readonly boolean[];
  /** Length of the shortest trace to each goal; null: not reached. */
  readonly goals?: readonly (number | null)[];
  /** Length of the trace to each violation. */
  readonly lengths?: readonly number[];
}

const unlimited: SearchOptions = {
  budget: { maxStates: 1e6, maxMilliseconds: 1e6, maxBytes: 1e9 },
  reduction: false,
  onProgress: () => true,
  now: () => 0,
};

function checkSearch(name: string, spec: ProgramSpec, expected: Expected): void {
  test(name, () => {
    const made = program(spec);
    const result = search(made, unlimited);
    assert.equal(result.complete, true);
    const found = summaryOf(made, result);
    for (const key of Object.keys(expected) as (keyof Expected)[]) assert.deepEqual(found[key], expected[key], key);
    if (expected.violations === undefined) assert.deepEqual(found.violations, []);
    for (const violation of result.violations) assert.equal(refute(made, violation), null);
  });
}

function summaryOf(made: Program, result: SearchResult): Required<Expected> {
  const { states, transitions, depth, violations, ended, evaluated, finalEvaluated, reached, goals } = result;
  return {
    states, transitions, depth, ended, evaluated, finalEvaluated, reached,
    violations: violations.map((one) => `${made.checks[one.check]?.name} @ ${made.sites[one.site]?.text}`),
    details: violations.map((one) => one.detail),
    goals: goals.map((one) => one.trace?.steps.length ?? null),
    lengths: violations.map((one) => one.trace.steps.length),
  };
}

const word = (name: string) => ({ name, bytes: 8 });
const increment = (object: string): Item[] => [...plainLoad('r', object), ...plainStore(object, add('r', 1))];
const stepIs = (object: string, value: number): Item[] => [load('r', at(object)), answer(eq('r', value))];

// ---------------------------------------------------------------- the graph

checkSearch('no threads: one state, and everything is over', { finals: [{ name: 'f', condition: [answer(1)] }] }, {
  states: 1, transitions: 0, depth: 0, finalEvaluated: [true],
});

checkSearch('a thread without a park has ended in the initial state', { threads: [thread('t', [set('r', 1)])] }, {
  states: 1, transitions: 0, ended: [true],
});

checkSearch('a lost update, and the race that makes it', {
  objects: [word('x')],
  threads: [thread('a', increment('x')), thread('b', increment('x'))],
  goals: [{ name: 'lost', predicate: stepIs('x', 1) }, { name: 'both', predicate: stepIs('x', 2) }, { name: 'three', predicate: stepIs('x', 3) }],
}, {
  violations: ['data-race @ store x', 'data-race @ load x'],
  details: ['task a writes x while task b reads it at load x', 'task a reads x while task b writes it at store x'],
  // One thread alone gets to 1.
  goals: [2, 4, null],
  depth: 4,
  // Before any store 4; after one of them, with the other before its load, behind a load of 0, or behind one of 1: 2 * 3; at the end 2.
  states: 12,
  transitions: 14,
});

checkSearch('registers that are dead do not tell states apart', {
  objects: [word('x')],
  threads: [thread('t', [park('choose'), choose('r', 0, 3), park('forget'), store(at('x'), 1), park('last')])],
}, { states: 4, transitions: 6 });

checkSearch('registers that live do', {
  objects: [word('x')],
  threads: [thread('t', [park('choose'), choose('r', 0, 3), park('keep'), store(at('x'), 'r')])],
}, { states: 9, transitions: 8 });

checkSearch('choices multiply, from the lowest to the highest, signed', {
  objects: [word('x')],
  checks: [{ name: 'c', fatal: false }],
  threads: [thread('t', [park('go'), choose('a', -1, 1), choose('b', 0, 'a'), store(at('x'), add('a', 2)), check('c', ne('b', 1))])],
  goals: [{ name: 'one', predicate: stepIs('x', 1) }, { name: 'three', predicate: stepIs('x', 3) }],
}, { states: 3, transitions: 3, violations: ['c @ go'], goals: [null, 1] });

checkSearch('an assume keeps only the choices that fit', {
  objects: [word('x')],
  threads: [thread('t', [park('go'), choose('a', 0, 9), assume(eqz(and('a', 1))), store(at('x'), add('a', 1))])],
}, { states: 6, transitions: 5 });

const setOwnBit = [park('go'), load('r', at('x')), store(at('x'), or('r', shl(1, param)))];

checkSearch('families share code and differ in their parameter', {
  objects: [word('x')],
  threads: [thread('f[0]', setOwnBit, { param: 4n }), thread('f[1]', setOwnBit, { param: 5n })],
  goals: [{ name: 'both', predicate: stepIs('x', 48) }],
}, { states: 4, goals: [2] });

checkSearch('a loop through shared memory needs no bound', {
  objects: [word('x')],
  threads: [
    thread('spin', [label('again'), park('read'), load('r', at('x')), branch(eqz('r'), 'again')]),
    thread('set', [park('write'), store(at('x'), 1)]),
  ],
}, { states: 3, transitions: 3, ended: [true, true] });

test('independent threads: the states are the product', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }), (lengths) => {
    const made = program({
      objects: lengths.map((_, index) => word(`x${index}`)),
      threads: lengths.map((length, index) => thread(`t${index}`, Array.from({ length }, (_, step): Item[] => [park(`${step}`), store(at(`x${index}`), step)]).flat())),
    });
    const result = search(made, unlimited);
    const product = lengths.reduce((all, length) => all * (length + 1), 1);
    assert.equal(result.states, product);
    assert.equal(result.depth, lengths.reduce((all, length) => all + length, 0));
    assert.equal(result.transitions, lengths.reduce((all, length) => all + (product / (length + 1)) * length, 0));
    assert.deepEqual(result.violations, []);
  }), { numRuns: 60 });
});

// ---------------------------------------------------------------- start

checkSearch('init passes through parks, and its choices give several initial states', {
  objects: [word('x'), word('y')],
  init: [park('a'), choose('r', 0, 1), store(at('x'), 'r'), park('b'), choose('s', 0, 2), store(at('y'), 's')],
  threads: [thread('t', [choose('k', 0, 1), park('go'), store(at('x'), 'k')])],
}, { states: 12 + 6, transitions: 12 });

checkSearch('init is thread number `threads.length`', {
  objects: [word('x')],
  init: [store(at('x'), self)],
  threads: [thread('t', []), thread('u', [])],
  goals: [{ name: 'two', predicate: stepIs('x', 2) }],
}, { states: 1, goals: [0] });

checkSearch('a blocked init is a deadlock at its site', {
  objects: [word('l')],
  init: [...lock('l'), ...lock('l')],
  threads: [thread('t', [park('go')])],
}, { states: 0, violations: ['deadlock @ spin_lock(&l)'], details: ['init cannot start'], ended: [false] });

checkSearch('some blocked choices of init are not', {
  objects: [word('x')],
  init: [choose('r', 0, 2), assume(ne('r', 1)), store(at('x'), 'r')],
}, { states: 2 });

checkSearch('a park in init ends what choices can take back', {
  objects: [word('x')],
  init: [choose('r', 0, 1), park('later'), assume(eqz('r'), 0, 'wait')],
}, { states: 1, violations: ['deadlock @ wait'] });

checkSearch('a thread whose local code cannot go on', {
  threads: [thread('t', [park('go')]), thread('u', [assume(0, 0, 'gate'), park('go')])],
}, { states: 0, violations: ['deadlock @ gate'], details: ['u cannot start'] });

checkSearch('a fatal check of init leaves no initial state; other choices do', {
  checks: [{ name: 'soft', fatal: false }, { name: 'hard' }],
  init: [cover('begun'), choose('r', 0, 1), check('soft', 0), check('hard', 'r'), cover('done')],
}, { states: 1, violations: ['soft @ start', 'hard @ start'], reached: [true, true] });

checkSearch('an init that never ends', { init: [label('l'), park('round'), jump('l')] }, { states: 0, violations: ['runaway-loop @ round'] });

// ---------------------------------------------------------------- checks

checkSearch('a check that is not fatal lets the path go on; a fatal one ends it', {
  objects: [word('x')],
  checks: [{ name: 'warn', fatal: false, severity: 'warning' }, { name: 'bug' }],
  threads: [thread('t', [park('one'), check('warn', 0), store(at('x'), 1), park('two'), cover('before'), check('bug', 0), cover('behind'), store(at('x'), 2), park('three')])],
}, { states: 2, transitions: 2, violations: ['warn @ one', 'bug @ two'], lengths: [1, 2], reached: [true, false], ended: [false] });

checkSearch('one violation for each check and site, with its shortest trace', {
  objects: [word('x')],
  checks: [{ name: 'c', fatal: false }],
  threads: [thread('t', [label('l'), park('again'), check('c', 0, 'here'), check('c', 0, 'there'), choose('r', 0, 1), branch('r', 'l')])],
}, { violations: ['c @ here', 'c @ there'], lengths: [1, 1] });

checkSearch('what an assume undoes was never covered and broke nothing', {
  checks: [{ name: 'c', fatal: false }],
  threads: [thread('t', [park('go'), choose('r', 0, 1), check('c', 'r'), cover('zero'), assume('r'), cover('one')])],
  points: ['never'],
}, { violations: [], reached: [true, true, false] });

const twoSteps = thread('t', [park('one'), store(at('x'), 1), park('two'), store(at('x'), 2), park('three'), store(at('x'), 0)]);

checkSearch('an invariant is checked where its `unless` is false', {
  objects: [word('x')],
  threads: [twoSteps],
  invariants: [
    { name: 'small', condition: [load('r', at('x')), answer(ne('r', 2))] },
    { name: 'excused', condition: [answer(0)], unless: [answer(1)] },
    { name: 'partly', condition: [load('r', at('x')), answer(eqz('r'))], unless: [load('r', at('x')), answer(eq('r', 1))] },
    { name: 'initially', condition: [load('r', at('x')), answer('r')] },
  ],
}, {
  violations: ['initially @ initially', 'small @ small', 'partly @ partly'],
  lengths: [0, 2, 2],
  evaluated: [true, false, true, true],
});

test('the thread of a violation is the one that stepped; null in a state', () => {
  const made = program({
    objects: [word('x')],
    threads: [thread('s', [park('idle')]), twoSteps],
    invariants: [{ name: 'i', condition: [load('r', at('x')), answer(ne('r', 2))] }, { name: 'j', condition: [answer(0)] }],
  });
  assert.deepEqual(search(made, unlimited).violations.map((one) => one.thread), [null, 1]);
});

checkSearch('a predicate that touches invalid memory breaks its own check', {
  objects: [{ name: 'node', bytes: 8, alive: true }],
  threads: [thread('free', [park('kfree'), store(aliveOf('node'), 0, { bytes: 1 })])],
  invariants: [
    { name: 'looks', condition: [load('r', at('node')), answer(1)] },
    { name: 'asks', condition: [answer(1)], unless: [load('r', at('node')), answer('r')] },
  ],
  finals: [{ name: 'ends', condition: [load('r', at('node')), answer(1)] }],
  goals: [{ name: 'blind', predicate: [load('r', 0), answer(1)] }],
}, {
  violations: ['looks @ looks', 'asks @ asks', 'ends @ ends'],
  details: Array.from({ length: 3 }, () => 'use-after-free: load of 8 bytes at node'),
  evaluated: [true, true],
  finalEvaluated: [true],
  goals: [null],
});

checkSearch('finals wait for every thread, and have an `unless` too', {
  objects: [word('x')],
  threads: [twoSteps],
  finals: [
    { name: 'good', condition: stepIs('x', 0) },
    { name: 'bad', condition: stepIs('x', 1) },
    { name: 'excused', condition: [answer(0)], unless: [answer(1)] },
  ],
}, { violations: ['bad @ bad'], lengths: [3], finalEvaluated: [true, true, false] });

// ---------------------------------------------------------------- deadlock

const inOrder = (...locks: string[]): Item[] => [...locks.flatMap(lock), ...[...locks].reverse().flatMap(unlock)];

checkSearch('locks in one order', { objects: [word('a'), word('b')], threads: [thread('p', inOrder('a', 'b')), thread('q', inOrder('a', 'b'))] }, { ended: [true, true] });

checkSearch('locks in both orders', { objects: [word('a'), word('b')], threads: [thread('p', inOrder('a', 'b')), thread('q', inOrder('b', 'a'))] }, {
  violations: ['deadlock @ spin_lock(&b)'],
  details: ['task p waits at spin_lock(&b); held by task q; task q waits at spin_lock(&a); held by task p'],
  lengths: [2],
  ended: [true, true],
});

checkSearch('a lock taken twice is a circle of one, while others run on', {
  objects: [word('a'), word('x')],
  threads: [thread('p', [...lock('a'), ...lock('a')]), thread('q', [label('l'), park('run'), jump('l')])],
}, { violations: ['deadlock @ spin_lock(&a)'], details: ['task p waits at spin_lock(&a); held by itself'], lengths: [1], ended: [false, false] });

checkSearch('a circle of three, reported at its lowest thread', {
  threads: [
    thread('free', [label('l'), park('run'), jump('l')]),
    thread('a', [park('wait a'), assume(0, 1 << 3)]),
    thread('b', [park('wait b'), assume(0, 1 << 1)]),
    thread('c', [park('wait c'), assume(0, (1 << 2) | 1)]),
  ],
}, {
  violations: ['deadlock @ wait a'],
  details: ['task a waits at wait a; held by task c; task c waits at wait c; held by task free and task b; task b waits at wait b; held by task a'],
  lengths: [0],
});

checkSearch('waiting for who can move is no circle', {
  objects: [word('x')],
  threads: [
    thread('a', [park('wait'), load('r', at('x')), assume('r', 2)]),
    thread('b', [park('go'), store(at('x'), 1)]),
  ],
}, { ended: [true, true] });

checkSearch('waiting for who waits for nobody known, with one that moves on', {
  threads: [
    thread('a', [park('wait a'), assume(0, 2)]),
    thread('b', [park('wait b'), assume(0)]),
    thread('c', [label('l'), park('run'), jump('l')]),
  ],
}, {});

checkSearch('nothing goes on', {
  threads: [thread('done', []), thread('a', [park('wait a'), assume(0, 1)]), thread('b', [park('pick'), choose('r', 1, 0)])],
}, { violations: ['deadlock @ wait a'], details: ['task a waits at wait a; held by task done; task b waits at pick'], lengths: [0] });

checkSearch('the masks of all choices count together', {
  threads: [thread('a', [park('pick'), choose('r', 0, 1), assume(0, shl(1, add('r', 1)), 'either')]), thread('b', [label('l'), park('run'), jump('l')]), thread('c', [park('wait'), assume(0, 1)])],
}, { violations: ['deadlock @ pick'], details: ['task a waits at either; held by task b and task c; task c waits at wait; held by task a'] });

// ---------------------------------------------------------------- daemons and optional actors

const worker = (body: Item[]): Item[] => [
  label('head'), park('head', { head: true }), load('t', at('work')), assume('t'), store(at('work'), 0), ...body, jump('head'),
];

checkSearch('a daemon with nothing to do has ended', {
  objects: [word('work')],
  threads: [thread('w', worker([]), { ending: 'daemon' }), thread('t', [park('queue'), store(at('work'), 1)])],
  finals: [{ name: 'f', condition: stepIs('work', 0) }],
}, { states: 3, ended: [true, true], finalEvaluated: [true] });

checkSearch('a daemon at work has not', {
  objects: [word('work')],
  threads: [thread('w', worker([park('inside'), assume(0)]), { ending: 'daemon' }), thread('t', [park('queue'), store(at('work'), 1)])],
  finals: [{ name: 'f', condition: [answer(1)] }],
}, { violations: ['deadlock @ inside'], finalEvaluated: [false], ended: [true, true] });

checkSearch('a head is only for daemons and optional actors', {
  threads: [thread('t', [park('head', { head: true }), assume(0)])],
  finals: [{ name: 'f', condition: [answer(0)] }],
}, { violations: ['deadlock @ head'], finalEvaluated: [false], ended: [true] });

const interrupt = thread('i', [park('arrive', { head: true }), store(at('x'), 1), park('handle'), store(at('x'), 2)], { ending: 'optional', kind: 'irq' });

checkSearch('an optional actor may or may not run before everything is over', {
  objects: [word('x')],
  threads: [interrupt],
  finals: [{ name: 'never', condition: stepIs('x', 0) }],
}, { states: 3, violations: ['never @ never'], lengths: [2], finalEvaluated: [true] });

checkSearch('an interrupt that could arrive is no progress', {
  objects: [word('x')],
  threads: [interrupt, thread('t', [park('wait'), assume(0)])],
}, { violations: ['deadlock @ wait'], lengths: [0], details: ['task t waits at wait'] });

checkSearch('one that is inside is', {
  objects: [word('x')],
  threads: [interrupt, thread('t', [park('wait'), load('r', at('x')), assume(eq('r', 2))])],
}, { violations: ['deadlock @ wait'], states: 4 });

// ---------------------------------------------------------------- data races

const touch = (object: string, offset: number, bytes: 1 | 2 | 4 | 8, write: boolean, plain: boolean): Item[] => [
  park(`${write ? 'store' : 'load'} ${bytes}`, { access: { address: at(object, offset), bytes, write, plain } }),
  ...(write ? [store(at(object, offset), 0, { bytes })] : [load('r', at(object, offset), { bytes })]),
];

const races: readonly [string, Item[], Item[], boolean][] = [
  ['two plain stores', touch('x', 0, 8, true, true), touch('x', 0, 8, true, true), true],
  ['a plain store and a plain load', touch('x', 0, 8, true, true), touch('x', 0, 8, false, true), true],
  ['a marked store and a plain load', touch('x', 0, 8, true, false), touch('x', 0, 8, false, true), true],
  ['a plain store and a marked load', touch('x', 0, 8, true, true), touch('x', 0, 8, false, false), true],
  ['marked accesses', touch('x', 0, 8, true, false), touch('x', 0, 8, true, false), false],
  ['loads', touch('x', 0, 8, false, true), touch('x', 0, 8, false, true), false],
  ['neighbours', touch('x', 0, 4, true, true), touch('x', 4, 4, true, true), false],
  ['a byte of a word', touch('x', 0, 8, true, true), touch('x', 7, 1, false, true), true],
  ['the byte behind', touch('x', 0, 2, true, true), touch('x', 2, 1, false, true), false],
  ['no access', touch('x', 0, 8, true, true), [park('other'), store(at('x'), 1)], false],
];
for (const [name, a, b, found] of races) {
  checkSearch(`race: ${name}`, { objects: [word('x')], threads: [thread('a', a), thread('b', b)] }, {
    violations: found ? [`data-race @ ${a[0]?.op === 'park' ? a[0].text : ''}`] : [],
    ...(found ? { lengths: [0] } : {}),
  });
}

checkSearch('a thread that cannot move does not race', {
  objects: [word('x')],
  threads: [thread('a', [park('gated', { access: { address: at('x'), bytes: 8, write: true, plain: true } }), assume(0, 0), store(at('x'), 1)], { ending: 'daemon' }), thread('b', plainStore('x', 2))],
}, { violations: ['deadlock @ gated'] });

checkSearch('the address of an access is that of the live registers', {
  objects: [{ name: 'm', bytes: 16 }],
  threads: [0, 1].map((base) => thread(`t${base}`, [
    choose('i', 0, base), park('m[i] = 1', { access: { address: add(at('m'), shl('i', 3)), bytes: 8, write: true, plain: true } }), store(add(at('m'), shl('i', 3)), 1),
  ])),
}, { violations: ['data-race @ m[i] = 1'], details: ['task t0 writes m while task t1 writes it at m[i] = 1'] });

// ---------------------------------------------------------------- memory through steps

checkSearch('a freed object is canonical, and a use of it ends the path', {
  objects: [{ name: 'node', bytes: 8, alive: true, marks: true }],
  threads: [
    thread('user', [park('use'), choose('r', 0, 1), store(at('node'), 'r')]),
    thread('free', [park('kfree'), fill(at('node'), 8, false), store(aliveOf('node'), 0, { bytes: 1 })]),
  ],
}, { states: 5, transitions: 7, violations: ['use-after-free @ use'], lengths: [2] });

// ---------------------------------------------------------------- bounds

test('a search that is stopped says why, and that it is not complete', () => {
  const made = program({
    objects: [word('x')],
    threads: Array.from({ length: 3 }, (_, index) => thread(`t${index}`, Array.from({ length: 12 }, (__, step) => park(`${step}`)))),
  });
  const cases: readonly [Partial<SearchOptions>, string][] = [
    [{ budget: { ...unlimited.budget, maxStates: 100 } }, 'stopped at 100 states'],
    [{ budget: { ...unlimited.budget, maxBytes: 10_000 } }, 'stopped at 10000 bytes'],
    [{ budget: { ...unlimited.budget, maxMilliseconds: 5 }, now: ticking() }, 'stopped after 5 milliseconds'],
    [{ onProgress: (progress) => progress.states < 1200 }, 'cancelled'],
  ];
  for (const [options, reason] of cases) {
    const result = search(made, { ...unlimited, ...options });
    assert.equal(result.reason, reason);
    assert.equal(result.complete, false);
    assert.ok(result.states > 0 && result.states < 13 ** 3);
  }
  assert.equal(search(made, { ...unlimited, budget: { ...unlimited.budget, maxStates: 13 ** 3 } }).complete, true);
});

function ticking(): () => number {
  let ticks = 0;
  return () => (ticks += 1);
}

// ---------------------------------------------------------------- random programs

test('every violation and goal of a random program can be replayed', () => {
  fc.assert(fc.property(specs(), (spec) => {
    const made = program(spec);
    const result = search(made, { ...unlimited, budget: { ...unlimited.budget, maxStates: 2000 } });
    for (const violation of result.violations) assert.equal(refute(made, violation), null);
    const lengths = result.violations.map((one) => one.trace.steps.length);
    assert.ok(lengths.every((length) => length <= result.depth + 1));
  }), { numRuns: 300 });
});
