import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { explainBlocked } from '../../core/machine/explain.ts';
import { initialStates, start, step, successors } from '../../core/machine/interpreter.ts';
import { refute, replay } from '../../core/machine/replay.ts';
import type { Trace } from '../../core/machine/result.ts';
import { type PlaceOf, runSchedule } from '../../core/machine/schedule.ts';
import { keyOf, parkOf } from '../../core/machine/state.ts';
import type { LValue, Schedule } from '../../core/semantics/hir.ts';
import {
  add,
  addressOf,
  assume,
  at,
  branch,
  check,
  checkNamed,
  choose,
  eqz,
  type Item,
  jump,
  label,
  load,
  lock,
  ne,
  nowhere,
  park,
  plainLoad,
  plainStore,
  program,
  schedule,
  set,
  store,
  thread,
  unlock,
} from './builder.ts';
import { specs } from './generator.ts';

const increment: Item[] = [
  ...plainLoad('r', 'x'),
  ...plainStore('x', add('r', 1)),
  park('done', { labels: ['out'] }),
];

const two = program({
  objects: [
    { name: 'x', bytes: 8 },
    { name: 'l', bytes: 8 },
  ],
  checks: [{ name: 'small', fatal: false }, { name: 'bug' }],
  init: [choose('r', 0, 2), assume(ne('r', 1)), store(at('x'), 'r')],
  threads: [
    thread('a', increment),
    thread('b', [...lock('l'), park('decide'), choose('c', 0, 1), check('bug', eqz('c')), ...unlock('l')]),
    thread('c', lock('l')),
  ],
  invariants: [{ name: 'below', condition: [load('r', at('x')), set('answer', ne('r', 3))] }],
});

const trace = (begin: readonly number[], ...steps: readonly (readonly [number, ...number[]])[]): Trace => ({
  start: begin.map(BigInt),
  steps: steps.map(([who, ...choices]) => ({ thread: who, choices: choices.map(BigInt) })),
});

test('replay: as far as it goes, and why not further', () => {
  const cases: readonly [
    Trace,
    { steps: number; failure: readonly [number, string] | null; found?: readonly string[] },
  ][] = [
    [trace([0]), { steps: 0, failure: null }],
    [trace([2], [0], [0]), { steps: 2, failure: null, found: ['below'] }],
    [trace([0], [0], [0], [0]), { steps: 3, failure: null }],
    [trace([0], [0], [0], [0], [0]), { steps: 3, failure: [3, 'task a has ended'] }],
    [
      trace([0], [1], [1, 0], [2]),
      { steps: 2, failure: [2, 'task c waits at spin_lock(&l); held by task b'] },
    ],
    [trace([0], [1], [1, 1]), { steps: 2, failure: null, found: ['bug'] }],
    [trace([0], [1], [1, 1], [0]), { steps: 2, failure: [2, 'the path ended before'], found: ['bug'] }],
    [trace([0], [1], [1, 5]), { steps: 1, failure: [1, 'choice 1 is 5, and only 0 to 1 may be chosen'] }],
    [trace([0], [1], [1]), { steps: 1, failure: [1, 'the step makes 1 choices, and 0 are given'] }],
    [trace([0], [1], [1, 0, 0]), { steps: 1, failure: [1, 'the step makes 1 choices, and 2 are given'] }],
    [trace([0], [7]), { steps: 0, failure: [0, 'there is no thread 7'] }],
    [trace([0], [-1]), { steps: 0, failure: [0, 'there is no thread -1'] }],
    [trace([1]), { steps: 0, failure: [-1, 'the program has no start with these choices'] }],
    [trace([]), { steps: 0, failure: [-1, 'the program has no start with these choices'] }],
    [trace([0, 0]), { steps: 0, failure: [-1, 'the program has no start with these choices'] }],
  ];
  for (const [path, { steps, failure, found }] of cases) {
    const replayed = replay(two, path);
    assert.equal(replayed.steps.length, steps);
    assert.deepEqual(replayed.failure, failure === null ? null : { at: failure[0], reason: failure[1] });
    assert.deepEqual(
      replayed.steps.flatMap((one) => one.findings).map((one) => two.checks[one.check]?.name),
      found ?? [],
    );
    for (const [index, one] of replayed.steps.entries()) {
      const next = replayed.steps[index + 1];
      if (next !== undefined && one.after !== null)
        assert.equal(keyOf(two, one.after), keyOf(two, next.before));
    }
  }
});

test('replay names what is wrong with the last state', () => {
  const stuck = program({
    objects: [{ name: 'l', bytes: 8 }],
    threads: [thread('p', [...lock('l'), ...lock('l')])],
  });
  assert.deepEqual(
    replay(stuck, trace([], [0])).last.map((one) => stuck.checks[one.check]?.name),
    ['deadlock'],
  );
  assert.deepEqual(replay(stuck, trace([])).last, []);
});

test('a violation that its trace does not show is refuted', () => {
  const base = {
    check: checkNamed(two, 'bug'),
    site: two.sites.findIndex((one) => one.text === 'decide'),
    thread: 1,
    detail: '',
  };
  const cases: readonly [Trace, string | null][] = [
    [trace([0], [1], [1, 1]), null],
    [trace([0], [1], [1, 0]), 'the trace does not end in bug'],
    [trace([0], [1], [1, 1], [1, 1]), 'step 3 cannot be taken: the path ended before'],
    [trace([9]), 'the program has no start with these choices'],
    [trace([0]), 'the trace does not end in bug'],
  ];
  for (const [path, expected] of cases) assert.equal(refute(two, { ...base, trace: path }), expected);
});

test('a step may be given its choices, or all may be asked for', () => {
  const state = initialStates(two)[0]?.state;
  assert.ok(state);
  assert.equal(step(two, state, 0, []).kind, 'done');
  assert.equal(step(two, state, 0, [1n]).kind, 'refused');
  assert.equal(step(two, state, 99, []).kind, 'ended');
  assert.equal(successors(two, state, 99).kind, 'ended');
});

test('random programs: what successors offer, step takes; what initialStates offer, start takes', () => {
  fc.assert(
    fc.property(specs(), (spec) => {
      const made = program(spec);
      for (const begin of initialStates(made)) assert.deepEqual(start(made, begin.choices), begin);
      let state = initialStates(made).find((one) => one.state !== null)?.state ?? null;
      for (let round = 0; state !== null && round < 12; round += 1) {
        const here = state;
        const offers = made.threads.flatMap((_, who) => {
          const moves = successors(made, here, who);
          return moves.kind === 'enabled' ? moves.outcomes.map((outcome) => ({ who, outcome })) : [];
        });
        for (const { who, outcome } of offers)
          assert.deepEqual(step(made, here, who, outcome.choices), { kind: 'done', ...outcome });
        for (const [index, one] of here.threads.entries()) {
          const live = parkOf(made, here, index)?.live ?? [];
          assert.ok(
            one.registers.every((value, reg) => value === 0n || live.includes(reg)),
            'dead registers are cleared',
          );
        }
        state = offers[round % Math.max(1, offers.length)]?.outcome.state ?? null;
      }
    }),
    { numRuns: 200 },
  );
});

test('who waits for whom, in words', () => {
  const named = program({
    threads: [
      thread('fault[0]', [], { kind: 'vcpu' }),
      thread('fault[1]', [], { kind: 'vcpu' }),
      thread('zap', [park('spin_lock(&l)')]),
    ],
  });
  const site = named.sites.findIndex((one) => one.text === 'spin_lock(&l)');
  const cases: readonly [number, bigint, string][] = [
    [1, 4n, 'vcpu fault[1] waits at spin_lock(&l); held by task zap'],
    [1, 0n, 'vcpu fault[1] waits at spin_lock(&l)'],
    [2, 7n, 'task zap waits at spin_lock(&l); held by vcpu fault[0] and vcpu fault[1] and itself'],
    [0, 8n, 'vcpu fault[0] waits at spin_lock(&l)'],
  ];
  for (const [who, holders, text] of cases)
    assert.equal(explainBlocked(named, who, { kind: 'blocked', holders, site }), text);
});

// ---------------------------------------------------------------- schedules

const scheduled = program({
  objects: [
    { name: 'x', bytes: 8 },
    { name: 'l', bytes: 8 },
  ],
  checks: [{ name: 'bug' }],
  threads: [
    thread('a', increment),
    thread('b', increment),
    thread('p', [
      ...lock('l'),
      park('inside', { labels: ['inside', 'shared'] }),
      park('more', { labels: ['shared'] }),
      ...unlock('l'),
    ]),
    thread('q', [...lock('l'), ...unlock('l')]),
    thread('spin', [
      label('again'),
      park('read', { labels: ['again'] }),
      load('r', at('x')),
      branch(eqz('r'), 'again'),
      park('seen', { labels: ['seen'] }),
    ]),
    thread('choose', [
      park('one'),
      choose('c', 0, 3),
      assume('c'),
      park('two'),
      choose('d', 0, 1),
      check('bug', eqz('d')),
    ]),
    thread('i', [label('head'), park('arrive', { head: true }), park('handle'), jump('head')], {
      ending: 'optional',
      kind: 'irq',
    }),
    thread(
      'w',
      [
        label('head'),
        park('wait', { head: true }),
        load('t', at('x')),
        assume('t'),
        store(at('x'), 0),
        jump('head'),
      ],
      { ending: 'daemon' },
    ),
    thread('marked', [
      park('READ_ONCE(x)', { action: 'load' }),
      load('r', at('x')),
      park('xchg(&x)'),
      load('r', at('x')),
      store(at('x'), 3),
      park('end'),
    ]),
  ],
});

test('schedules: how far each move goes', () => {
  const cases: readonly [Schedule, string | { blocked: string; move: number }][] = [
    [schedule(), ''],
    [schedule(['a', 'end']), 'a a a'],
    [schedule(['a', 1], ['b', 'end'], ['a', 'end']), 'a b b b a a'],
    [schedule(['a', 'out'], ['a', 0]), 'a a'],
    // Already there by an earlier move to the same place: on to the next arrival, which there is none.
    [schedule(['a', 'out'], ['a', 'out']), { blocked: 'task a ended before it came to out', move: 1 }],
    // There by counting: arrived.
    [schedule(['a', 2], ['a', 'out']), 'a a'],
    [schedule(['p', 'shared'], ['p', 'shared']), 'p p'],
    [
      schedule(['p', 'inside'], ['q', 1]),
      { blocked: 'task q waits at spin_lock(&l); held by task p', move: 1 },
    ],
    [schedule(['p', 'end'], ['q', 'end'], ['q', 'end']), 'p p p p q q'],
    [schedule(['a', 4]), { blocked: 'task a ended before it came to 4 steps', move: 0 }],
    [schedule(['spin', 'again']), ''],
    [schedule(['spin', 'seen']), { blocked: 'task spin goes round and never comes to seen', move: 0 }],
    [schedule(['spin', 5], ['a', 'end'], ['spin', 'seen']), 'spin spin spin spin spin a a a spin'],
    [schedule(['choose', 1], ['choose', 'end']), 'choose:1 choose:0'],
    [schedule(['choose', 'end', [3, 0]]), 'choose:3 choose:0'],
    [schedule(['choose', 'end', [2]]), 'choose:2 choose:0'],
    [schedule(['choose', 'end', [0]]), { blocked: 'task choose cannot choose 0 here', move: 0 }],
    [schedule(['i', 'end'], ['i', 'end']), 'i i i i'],
    [schedule(['w', 'end']), ''],
    [schedule(['a', 'end'], ['w', 'end']), 'a a a w'],
    [schedule(['nobody', 'end']), { blocked: 'there is no actor nobody', move: 0 }],
    [until('a', 'load'), ''],
    [until('a', 'store'), 'a'],
    [
      until('b', 'store', 'a', 'store', 'b', 'store'),
      { blocked: 'task b ended before it came to a store of that place', move: 2 },
    ],
    [until('marked', 'store'), 'marked'],
    [until('marked', 'load', 'marked', 'load'), 'marked'],
    [until('p', 'load'), { blocked: 'task p ended before it came to a load of that place', move: 0 }],
  ];
  for (const [plan, expected] of cases) {
    const run = runSchedule(scheduled, plan, placeOfX);
    const text = run.trace.steps
      .map((one) => [scheduled.threads[one.thread]?.name, ...one.choices].join(':'))
      .join(' ');
    if (typeof expected === 'string') {
      assert.equal(
        run.kind,
        'followed',
        JSON.stringify(plan.moves.map((move) => [move.actor, move.until.kind])),
      );
      assert.equal(text, expected);
    } else {
      assert.equal(run.kind === 'blocked' ? run.reason : run.kind, expected.blocked);
      assert.equal(run.kind === 'blocked' ? run.move : -2, expected.move);
    }
    assert.equal(replay(scheduled, run.trace).failure, null);
  }
});

test('schedules: what stops them besides', () => {
  const fatal = runSchedule(scheduled, schedule(['choose', 'end', [1, 1]], ['a', 'end']), placeOfX);
  assert.deepEqual(fatal.kind === 'ended' ? [fatal.move, fatal.trace.steps.length] : fatal, [0, 2]);
  const unknown = runSchedule(scheduled, until('a', 'load'), () => null);
  assert.equal(unknown.kind === 'blocked' ? unknown.reason : '', 'the place is not known');
  const unable = program({ init: [assume(0)] });
  assert.deepEqual(runSchedule(unable, schedule(), placeOfX), {
    kind: 'blocked',
    trace: { start: [], steps: [] },
    move: -1,
    thread: null,
    reason: 'the program cannot start',
  });
});

/** The machine does not look into places: the caller says where they stand. */
const somewhere: LValue = {
  kind: 'deref',
  pointer: { kind: 'constant', value: 0n, type: { kind: 'void' }, loc: nowhere },
  type: { kind: 'void' },
  loc: nowhere,
};

const placeOfX: PlaceOf = () => ({ address: addressOf(scheduled, 'x'), bytes: 8 });

function until(...moves: readonly string[]): Schedule {
  const pairs = Array.from({ length: moves.length / 2 }, (_, index) => ({
    actor: moves[2 * index] ?? '',
    kind: moves[2 * index + 1],
  }));
  return {
    title: 'until',
    moves: pairs.map(({ actor, kind }) => ({
      actor,
      until: { kind: kind === 'load' ? 'load' : 'store', lvalue: somewhere },
      choices: [],
      loc: nowhere,
    })),
    loc: nowhere,
  };
}
