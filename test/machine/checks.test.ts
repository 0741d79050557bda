import assert from 'node:assert/strict';
import { test } from 'node:test';
import { search } from '../../core/machine/search.ts';
import {
  aliveOf,
  answer,
  assume,
  at,
  branch,
  check,
  choose,
  cover,
  eq,
  eqz,
  fill,
  label,
  load,
  ne,
  park,
  program,
  store,
  thread,
} from './builder.ts';
import { checkSearch, unlimited, valueIs, word } from './expectation.ts';

checkSearch(
  'a check that is not fatal lets the path go on; a fatal one ends it',
  {
    objects: [word('x')],
    checks: [{ name: 'warn', fatal: false, severity: 'warning' }, { name: 'bug' }],
    threads: [
      thread('t', [
        park('one'),
        check('warn', 0),
        store(at('x'), 1),
        park('two'),
        cover('before'),
        check('bug', 0),
        cover('behind'),
        store(at('x'), 2),
        park('three'),
      ]),
    ],
  },
  {
    states: 2,
    transitions: 2,
    violations: ['warn @ one', 'bug @ two'],
    lengths: [1, 2],
    reached: [true, false],
    ended: [false],
  },
);

checkSearch(
  'one violation for each check and site, with its shortest trace',
  {
    objects: [word('x')],
    checks: [{ name: 'c', fatal: false }],
    threads: [
      thread('t', [
        label('l'),
        park('again'),
        check('c', 0, 'here'),
        check('c', 0, 'there'),
        choose('r', 0, 1),
        branch('r', 'l'),
      ]),
    ],
  },
  { violations: ['c @ here', 'c @ there'], lengths: [1, 1] },
);

checkSearch(
  'what an assume undoes was never covered and broke nothing',
  {
    checks: [{ name: 'c', fatal: false }],
    threads: [
      thread('t', [park('go'), choose('r', 0, 1), check('c', 'r'), cover('zero'), assume('r'), cover('one')]),
    ],
    points: ['never'],
  },
  { violations: [], reached: [true, true, false] },
);

const twoSteps = thread('t', [
  park('one'),
  store(at('x'), 1),
  park('two'),
  store(at('x'), 2),
  park('three'),
  store(at('x'), 0),
]);

checkSearch(
  'an invariant is checked where its `unless` is false',
  {
    objects: [word('x')],
    threads: [twoSteps],
    invariants: [
      { name: 'small', condition: [load('r', at('x')), answer(ne('r', 2))] },
      { name: 'excused', condition: [answer(0)], unless: [answer(1)] },
      {
        name: 'partly',
        condition: [load('r', at('x')), answer(eqz('r'))],
        unless: [load('r', at('x')), answer(eq('r', 1))],
      },
      { name: 'initially', condition: [load('r', at('x')), answer('r')] },
    ],
  },
  {
    violations: ['initially @ initially', 'small @ small', 'partly @ partly'],
    lengths: [0, 2, 2],
    evaluated: [true, false, true, true],
  },
);

test('the thread of a violation is the one that stepped; null in a state', () => {
  const made = program({
    objects: [word('x')],
    threads: [thread('s', [park('idle')]), twoSteps],
    invariants: [
      { name: 'i', condition: [load('r', at('x')), answer(ne('r', 2))] },
      { name: 'j', condition: [answer(0)] },
    ],
  });
  assert.deepEqual(
    search(made, unlimited).violations.map((one) => one.thread),
    [null, 1],
  );
});

checkSearch(
  'a predicate that touches invalid memory breaks its own check',
  {
    objects: [{ name: 'node', bytes: 8, alive: true }],
    threads: [thread('free', [park('kfree'), store(aliveOf('node'), 0, { bytes: 1 })])],
    invariants: [
      { name: 'looks', condition: [load('r', at('node')), answer(1)] },
      { name: 'asks', condition: [answer(1)], unless: [load('r', at('node')), answer('r')] },
    ],
    finals: [{ name: 'ends', condition: [load('r', at('node')), answer(1)] }],
    goals: [{ name: 'blind', predicate: [load('r', 0), answer(1)] }],
  },
  {
    violations: ['looks @ looks', 'asks @ asks', 'ends @ ends'],
    details: Array.from({ length: 3 }, () => 'use-after-free: load of 8 bytes at node[0]'),
    evaluated: [true, true],
    finalEvaluated: [true],
    goals: [null],
  },
);

checkSearch(
  'finals wait for every thread, and have an `unless` too',
  {
    objects: [word('x')],
    threads: [twoSteps],
    finals: [
      { name: 'good', condition: valueIs('x', 0) },
      { name: 'bad', condition: valueIs('x', 1) },
      { name: 'excused', condition: [answer(0)], unless: [answer(1)] },
    ],
  },
  { violations: ['bad @ bad'], lengths: [3], finalEvaluated: [true, true, false] },
);

checkSearch(
  'a freed object is canonical, and a use of it ends the path',
  {
    objects: [{ name: 'node', bytes: 8, alive: true, marks: true }],
    threads: [
      thread('user', [park('use'), choose('r', 0, 1), store(at('node'), 'r')]),
      thread('free', [park('kfree'), fill(at('node'), 8, false), store(aliveOf('node'), 0, { bytes: 1 })]),
    ],
  },
  { states: 5, transitions: 7, violations: ['use-after-free @ use'], lengths: [2] },
);
