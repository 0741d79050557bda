import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refute } from '../../core/machine/replay.ts';
import type { SearchOptions } from '../../core/machine/result.ts';
import { search } from '../../core/machine/search.ts';
import {
  add,
  and,
  answer,
  assume,
  at,
  branch,
  check,
  choose,
  cover,
  eqz,
  type Item,
  jump,
  label,
  load,
  lock,
  ne,
  or,
  param,
  park,
  program,
  self,
  set,
  shl,
  store,
  thread,
} from './builder.ts';
import { checkSearch, increment, unlimited, valueIs, word } from './expectation.ts';
import { specs } from './generator.ts';

// ---------------------------------------------------------------- the graph

checkSearch(
  'no threads: one state, and everything is over',
  { finals: [{ name: 'f', condition: [answer(1)] }] },
  {
    states: 1,
    transitions: 0,
    depth: 0,
    finalEvaluated: [true],
  },
);

checkSearch(
  'a thread without a park has ended in the initial state',
  { threads: [thread('t', [set('r', 1)])] },
  {
    states: 1,
    transitions: 0,
    ended: [true],
  },
);

checkSearch(
  'a lost update, and the race that makes it',
  {
    objects: [word('x')],
    threads: [thread('a', increment('x')), thread('b', increment('x'))],
    goals: [
      { name: 'lost', predicate: valueIs('x', 1) },
      { name: 'both', predicate: valueIs('x', 2) },
      { name: 'three', predicate: valueIs('x', 3) },
    ],
  },
  {
    violations: ['data-race @ store x', 'data-race @ load x'],
    details: [
      'task a writes x[0] while task b reads it at load x',
      'task a reads x[0] while task b writes it at store x',
    ],
    // One thread alone gets to 1.
    goals: [2, 4, null],
    depth: 4,
    // Before any store 4; after one of them, with the other before its load, behind a load of 0, or behind one of 1: 2 * 3; at the end 2.
    states: 12,
    transitions: 14,
  },
);

checkSearch(
  'registers that are dead do not tell states apart',
  {
    objects: [word('x')],
    threads: [
      thread('t', [park('choose'), choose('r', 0, 3), park('forget'), store(at('x'), 1), park('last')]),
    ],
  },
  { states: 4, transitions: 6 },
);

checkSearch(
  'registers that live do',
  {
    objects: [word('x')],
    threads: [thread('t', [park('choose'), choose('r', 0, 3), park('keep'), store(at('x'), 'r')])],
  },
  { states: 9, transitions: 8 },
);

checkSearch(
  'choices multiply, from the lowest to the highest, signed',
  {
    objects: [word('x')],
    checks: [{ name: 'c', fatal: false }],
    threads: [
      thread('t', [
        park('go'),
        choose('a', -1, 1),
        choose('b', 0, 'a'),
        store(at('x'), add('a', 2)),
        check('c', ne('b', 1)),
      ]),
    ],
    goals: [
      { name: 'one', predicate: valueIs('x', 1) },
      { name: 'three', predicate: valueIs('x', 3) },
    ],
  },
  { states: 3, transitions: 3, violations: ['c @ go'], goals: [null, 1] },
);

checkSearch(
  'an assume keeps only the choices that fit',
  {
    objects: [word('x')],
    threads: [
      thread('t', [park('go'), choose('a', 0, 9), assume(eqz(and('a', 1))), store(at('x'), add('a', 1))]),
    ],
  },
  { states: 6, transitions: 5 },
);

const setOwnBit = [park('go'), load('r', at('x')), store(at('x'), or('r', shl(1, param)))];

checkSearch(
  'families share code and differ in their parameter',
  {
    objects: [word('x')],
    threads: [thread('f[0]', setOwnBit, { param: 4n }), thread('f[1]', setOwnBit, { param: 5n })],
    goals: [{ name: 'both', predicate: valueIs('x', 48) }],
  },
  { states: 4, goals: [2] },
);

checkSearch(
  'a loop through shared memory needs no bound',
  {
    objects: [word('x')],
    threads: [
      thread('spin', [label('again'), park('read'), load('r', at('x')), branch(eqz('r'), 'again')]),
      thread('set', [park('write'), store(at('x'), 1)]),
    ],
  },
  { states: 3, transitions: 3, ended: [true, true] },
);

test('independent threads: the states are the product', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }), (lengths) => {
      const made = program({
        objects: lengths.map((_, index) => word(`x${index}`)),
        threads: lengths.map((length, index) =>
          thread(
            `t${index}`,
            Array.from({ length }, (_, step): Item[] => [
              park(`${step}`),
              store(at(`x${index}`), step),
            ]).flat(),
          ),
        ),
      });
      const result = search(made, unlimited);
      const product = lengths.reduce((all, length) => all * (length + 1), 1);
      assert.equal(result.states, product);
      assert.equal(
        result.depth,
        lengths.reduce((all, length) => all + length, 0),
      );
      assert.equal(
        result.transitions,
        lengths.reduce((all, length) => all + (product / (length + 1)) * length, 0),
      );
      assert.deepEqual(result.violations, []);
    }),
    { numRuns: 60 },
  );
});

// ---------------------------------------------------------------- start

checkSearch(
  'init passes through parks, and its choices give several initial states',
  {
    objects: [word('x'), word('y')],
    init: [
      park('a'),
      choose('r', 0, 1),
      store(at('x'), 'r'),
      park('b'),
      choose('s', 0, 2),
      store(at('y'), 's'),
    ],
    threads: [thread('t', [choose('k', 0, 1), park('go'), store(at('x'), 'k')])],
  },
  { states: 12 + 6, transitions: 12 },
);

checkSearch(
  'init is thread number `threads.length`',
  {
    objects: [word('x')],
    init: [store(at('x'), self)],
    threads: [thread('t', []), thread('u', [])],
    goals: [{ name: 'two', predicate: valueIs('x', 2) }],
  },
  { states: 1, goals: [0] },
);

checkSearch(
  'a blocked init is a deadlock at its site',
  {
    objects: [word('l')],
    init: [...lock('l'), ...lock('l')],
    threads: [thread('t', [park('go')])],
  },
  { states: 0, violations: ['deadlock @ spin_lock(&l)'], details: ['init cannot start'], ended: [false] },
);

checkSearch(
  'some blocked choices of init are not',
  {
    objects: [word('x')],
    init: [choose('r', 0, 2), assume(ne('r', 1)), store(at('x'), 'r')],
  },
  { states: 2 },
);

checkSearch(
  'a park in init ends what choices can take back',
  {
    objects: [word('x')],
    init: [choose('r', 0, 1), park('later'), assume(eqz('r'), 0, 'wait')],
  },
  { states: 1, violations: ['deadlock @ wait'] },
);

checkSearch(
  'a thread whose local code cannot go on',
  {
    threads: [thread('t', [park('go')]), thread('u', [assume(0, 0, 'gate'), park('go')])],
  },
  { states: 0, violations: ['deadlock @ gate'], details: ['u cannot start'] },
);

checkSearch(
  'a fatal check of init leaves no initial state; other choices do',
  {
    checks: [{ name: 'soft', fatal: false }, { name: 'hard' }],
    init: [cover('begun'), choose('r', 0, 1), check('soft', 0), check('hard', 'r'), cover('done')],
  },
  { states: 1, violations: ['soft @ start', 'hard @ start'], reached: [true, true] },
);

checkSearch(
  'an init that never ends',
  { init: [label('l'), park('round'), jump('l')] },
  { states: 0, violations: ['runaway-loop @ round'] },
);

// ---------------------------------------------------------------- bounds

test('a search that is stopped says why, and that it is not complete', () => {
  const made = program({
    objects: [word('x')],
    threads: Array.from({ length: 3 }, (_, index) =>
      thread(
        `t${index}`,
        Array.from({ length: 12 }, (__, step) => park(`${step}`)),
      ),
    ),
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
  assert.equal(
    search(made, { ...unlimited, budget: { ...unlimited.budget, maxStates: 13 ** 3 } }).complete,
    true,
  );
});

function ticking(): () => number {
  let ticks = 0;
  return () => (ticks += 1);
}

// ---------------------------------------------------------------- random programs

test('every violation and goal of a random program can be replayed', () => {
  fc.assert(
    fc.property(specs(), (spec) => {
      const made = program(spec);
      const result = search(made, { ...unlimited, budget: { ...unlimited.budget, maxStates: 2000 } });
      for (const violation of result.violations) assert.equal(refute(made, violation), null);
      const lengths = result.violations.map((one) => one.trace.steps.length);
      assert.ok(lengths.every((length) => length <= result.depth + 1));
    }),
    { numRuns: 300 },
  );
});
