import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { search } from '../../core/explore/search.ts';
import type { Progress } from '../../core/explore/result.ts';
import { refute } from '../../core/machine/replay.ts';
import { search as interpret } from '../../core/machine/search.ts';
import type { Program } from '../../core/program/ir.ts';
import {
  add,
  answer,
  assume,
  at,
  branch,
  check,
  choose,
  eq,
  type Item,
  jump,
  label,
  load,
  ne,
  park,
  program,
  set,
  shl,
  store,
  thread,
} from '../machine/builder.ts';
import { compareExchange, counters, philosophers, readersWriters } from './models.ts';
import { comparable, optionsWith } from './searching.ts';

// ---------------------------------------------------------------- numbers of states

/** States and transitions as SPIN 6.5.2 counts them without reduction (its transitions include the one to the initial state). */
const spin: readonly (readonly [string, () => Program, number, number])[] = [
  ['8 philosophers', () => philosophers(8, true), 9_403, 51_945],
  ['readers and writers, 4 threads, 2 rounds', () => readersWriters(4, 2), 508_896, 1_542_097],
];
for (const [name, make, states, transitions] of spin) {
  test(`${name}: as many states as SPIN finds`, () => {
    const result = search(make(), optionsWith());
    assert.deepEqual(
      [result.states, result.transitions + 1, result.complete, result.violations],
      [states, transitions, true, []],
    );
  });
}

test('counters: the product of their values', () => {
  const result = search(counters(3, 9), optionsWith());
  assert.deepEqual([result.states, result.depth], [10 ** 3, 27]);
});

for (const [name, make] of [
  ['philosophers', () => philosophers(5, false)],
  ['readers and writers', () => readersWriters(2, 2)],
  ['compare and exchange', () => compareExchange(2, 2, 2)],
] as const) {
  test(`${name}: everything as the interpreter finds it`, () => {
    const made = make();
    assert.deepEqual(comparable(search(made, optionsWith())), comparable(interpret(made, optionsWith())));
  });
}

test('the same search twice gives the same answer', () => {
  const made = philosophers(7, false);
  assert.deepEqual(search(made, optionsWith()), search(made, optionsWith()));
});

test('every trace replays, and ends where it says', () => {
  const made = philosophers(6, false);
  const { violations } = search(made, optionsWith());
  assert.equal(violations.length, 1);
  for (const violation of violations) {
    assert.equal(refute(made, violation), null);
    assert.equal(violation.trace.steps.length, 6);
  }
});

// ---------------------------------------------------------------- budgets

test('a bound on states is exact, and cuts where the interpreter cuts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), (maxStates) => {
      const made = philosophers(5, false);
      const result = search(made, optionsWith({ maxStates }));
      assert.ok(result.states <= maxStates);
      assert.deepEqual(comparable(result), comparable(interpret(made, optionsWith({ maxStates }))));
    }),
    { numRuns: 40 },
  );
});

test('a bound on states that is not reached leaves the search complete', () => {
  const { states } = search(philosophers(6, true), optionsWith());
  const result = search(philosophers(6, true), optionsWith({ maxStates: states }));
  assert.deepEqual([result.complete, result.reason, result.states], [true, null, states]);
});

test('a bound on time', () => {
  let time = 0;
  const result = search(
    philosophers(12, true),
    optionsWith({ maxMilliseconds: 50 }, { now: () => (time += 5) }),
  );
  assert.deepEqual([result.complete, result.reason], [false, 'stopped after 50 milliseconds']);
  assert.ok(result.states > 0);
});

test('a bound on bytes', () => {
  const maxBytes = 16 << 20;
  const result = search(philosophers(12, true), optionsWith({ maxBytes }));
  assert.deepEqual([result.complete, result.reason], [false, `stopped at ${maxBytes} bytes`]);
  assert.ok(result.states > 100_000 && result.bytes <= maxBytes);
});

test('a bound on bytes that the program alone exceeds', () => {
  const result = search(philosophers(3, true), optionsWith({ maxBytes: 1000 }));
  assert.match(result.reason ?? '', /^stopped at 1000 bytes: the program alone needs/);
  assert.equal(result.states, 0);
});

test('violations found before a bound are kept', () => {
  const result = search(philosophers(7, false), optionsWith({ maxStates: 3_500 }));
  assert.equal(result.complete, false);
  assert.deepEqual(
    result.violations.map((one) => one.trace.steps.length),
    [7],
  );
});

test('cancelling, and what progress tells', () => {
  const told: Progress[] = [];
  const result = search(
    philosophers(12, true),
    optionsWith({}, { onProgress: (progress) => told.push(progress) < 5, now: () => told.length }),
  );
  assert.deepEqual([result.complete, result.reason, told.length], [false, 'cancelled', 5]);
  for (const [i, one] of told.entries()) {
    const before = told[i - 1];
    assert.ok(
      before === undefined ||
        (one.states >= before.states && one.transitions > before.transitions && one.depth >= before.depth),
    );
    assert.ok(one.frontier > 0 && one.frontier < one.states && one.bytes > 0);
  }
});

test('a step with endless choices can be cancelled', () => {
  const made = program({
    threads: [thread('t', [park('pick'), choose('r', 0, 1n << 62n), assume(eq('r', -1))])],
  });
  let looks = 0;
  const onProgress = (): boolean => {
    looks += 1;
    return looks < 4;
  };
  const result = search(made, optionsWith({}, { onProgress }));
  assert.deepEqual([result.reason, result.states], ['cancelled', 1]);
});

test('a search that has all its states can still be cancelled', () => {
  const endless = [choose('r', 0, 1n << 62n)];
  let looks = 0;
  const onProgress = (): boolean => {
    looks += 1;
    return looks < 3;
  };
  const steps = program({
    threads: [thread('t', [park('pick'), ...endless, park('picked'), set('q', 'r')])],
  });
  assert.equal(search(steps, optionsWith({ maxStates: 5 }, { onProgress })).states, 5);
  looks = 0;
  const starts = program({ init: endless, objects: [{ name: 'x', bytes: 8 }], threads: [thread('t', [])] });
  assert.equal(search(starts, optionsWith({ maxStates: 0 }, { onProgress })).states, 0);
  assert.equal(looks, 3);
});

// ---------------------------------------------------------------- starts

function checkStart(
  name: string,
  init: readonly Item[],
  items: readonly Item[],
  expected: readonly string[],
): void {
  test(name, () => {
    const made = program({
      objects: [{ name: 'x', bytes: 8 }],
      checks: [{ name: 'soft', fatal: false }],
      init,
      threads: [thread('t', items)],
    });
    const result = search(made, optionsWith());
    const found = result.violations.map(
      (one) =>
        `${made.checks[one.check]?.name} @ ${made.sites[one.site]?.text} [${one.trace.start.join()}] ${one.thread} ${one.detail}`,
    );
    assert.deepEqual(found, expected);
    assert.deepEqual(comparable(result), comparable(interpret(made, optionsWith())));
  });
}

checkStart(
  'init that cannot go on',
  [park('wait'), choose('r', 1, 2), assume(0, 0, 'for ever')],
  [],
  ['deadlock @ for ever [] null init cannot start'],
);
checkStart(
  'init whose choices all pass but one',
  [choose('r', 0, 2), assume(ne('r', 1)), store(at('x'), 'r')],
  [park('here')],
  [],
);
checkStart(
  'one choice of init leads to a part that cannot go on',
  [choose('r', 0, 1), park('on'), choose('q', 0, 1), assume(eq('r', 0), 0, 'stuck')],
  [],
  ['deadlock @ stuck [1] null init cannot start'],
);
checkStart(
  'a thread that cannot start',
  [choose('r', 5, 6)],
  [check('soft', 0, 'told'), assume(0, 0, 'never')],
  ['deadlock @ never [5] 0 t cannot start'],
);
checkStart(
  'what init finds is told with its choices',
  [choose('r', 0, 1), check('soft', 'r', 'in init')],
  [],
  ['soft @ in init [0] null '],
);
checkStart(
  'a loop of init without an end',
  [park('loop'), label('again'), jump('again')],
  [],
  ['runaway-loop @ loop [] null more than 100000 rounds without a step'],
);

test('a start with more choices than are kept', () => {
  const init = [
    set('i', 70_000),
    label('again'),
    choose('r', 0, 0),
    set('i', add('i', -1)),
    branch('i', 'again'),
  ];
  const result = search(program({ init, threads: [thread('t', [])] }), optionsWith());
  assert.deepEqual([result.complete, result.reason], [false, 'a start makes more than 65536 choices']);
});

test('a step with more choices than are kept', () => {
  const items = [
    park('pick'),
    set('i', 70_000),
    label('again'),
    choose('r', 0, 0),
    set('i', add('i', -1)),
    branch('i', 'again'),
  ];
  const result = search(program({ threads: [thread('t', items)] }), optionsWith());
  assert.deepEqual([result.complete, result.reason], [false, 'a step makes more than 65536 choices']);
});

// ---------------------------------------------------------------- sizes

test('no threads, no memory', () => {
  const result = search(program({}), optionsWith());
  assert.deepEqual([result.states, result.transitions, result.depth, result.complete], [1, 0, 0, true]);
});

test('a step of thousands of blocks', () => {
  const blocks = Array.from({ length: 5000 }, (_, i): Item[] => [
    branch(eq('r', i), `l${i}`),
    set('n', add('n', 1)),
    label(`l${i}`),
  ]).flat();
  const made = program({
    checks: [{ name: 'soft', fatal: false }],
    threads: [
      thread('t', [park('go'), choose('r', 4999, 5000), ...blocks, check('soft', eq('n', add('r', 0)))]),
    ],
  });
  const result = search(made, optionsWith());
  assert.deepEqual([result.complete, result.states, result.violations], [true, 2, []]);
});

test('an image of many lines, all of it reachable', () => {
  const bytes = 64 * 1024;
  const items = [
    park('pick'),
    choose('r', 0, 8191),
    set('p', add(at('big'), shl('r', 3))),
    store('p', 1),
    park('read'),
    load('q', 'p'),
    check('soft', 'q'),
  ];
  const result = search(
    program({
      objects: [{ name: 'big', bytes }],
      checks: [{ name: 'soft', fatal: false }],
      threads: [thread('t', items)],
    }),
    optionsWith(),
  );
  assert.deepEqual(
    [result.states, result.transitions, result.violations],
    [1 + 8192 + 8192, 8192 + 8192, []],
  );
});

test('conditions that touch what is not there are broken, with the reason', () => {
  const made = program({
    threads: [thread('t', [park('a')])],
    invariants: [{ name: 'inv', condition: [load('r', 8), answer(1)] }],
    goals: [{ name: 'goal', predicate: [load('r', 8), answer(1)] }],
  });
  const result = search(made, optionsWith());
  assert.deepEqual(
    result.violations.map((one) => one.detail),
    ['null-pointer: load of 8 bytes at address 0x8'],
  );
  assert.equal(result.goals[0]?.trace, null);
});
