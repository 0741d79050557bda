/** Goals that ask for a circle of waits: what they mean, and that both engines say the same. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { search as explore } from '../../core/explore/search.ts';
import { reachedCircles, type WaitingThread } from '../../core/machine/circle.ts';
import { search as interpret } from '../../core/machine/search.ts';
import type { Goal, Program } from '../../core/program/ir.ts';
import { lock, program, thread, unlock } from '../machine/builder.ts';
import { specs } from '../machine/generator.ts';
import { comparable, optionsWith } from './searching.ts';

function asking(made: Program, circles: readonly (readonly (readonly number[])[])[]): Program {
  const goals = circles.map((circle, index): Goal => {
    const code = { instrs: [{ op: 'end' as const }], regs: 1, parks: [] };
    return { name: `circle ${index}`, predicate: { code }, site: null, circle };
  });
  return { ...made, goals };
}

const opposite = program({
  objects: [
    { name: 'a', bytes: 8 },
    { name: 'b', bytes: 8 },
  ],
  threads: [
    thread('p', [...lock('a'), ...lock('b'), ...unlock('b'), ...unlock('a')]),
    thread('q', [...lock('b'), ...lock('a'), ...unlock('a'), ...unlock('b')]),
  ],
});
const named = (text: string) => opposite.sites.findIndex((site) => site.text === text);
const [a, b] = [named('spin_lock(&a)'), named('spin_lock(&b)')];

test('a circle is found at its sites, in either turn, and at no others', () => {
  const made = asking(opposite, [
    [[a], [b]],
    [[b], [a]],
    [[a]],
    [[a], [a]],
    [],
    [[a], []],
    [
      [a, b],
      [a, b],
    ],
  ]);
  for (const search of [explore, interpret])
    assert.deepEqual(
      search(made, optionsWith()).goals.map(({ trace }) => trace?.steps.length ?? null),
      [2, 2, null, null, null, null, 2],
    );
});

interface Waits {
  readonly name: string;
  /** By thread: its site, and whom it waits for. */
  readonly waits: readonly (readonly [number, readonly number[]] | null)[];
  readonly circle: readonly (readonly number[])[];
  readonly stands: boolean;
}

const cases: readonly Waits[] = [
  { name: 'of one', waits: [[5, [0]]], circle: [[5]], stands: true },
  { name: 'that nobody closes', waits: [[5, [1]], null], circle: [[5]], stands: false },
  {
    name: 'through the CPU',
    waits: [
      [5, [1]],
      [9, [0]],
    ],
    circle: [[5]],
    stands: true,
  },
  {
    name: 'of the CPU alone',
    waits: [
      [9, [1]],
      [9, [0]],
    ],
    circle: [[5]],
    stands: false,
  },
  {
    name: 'with a queued writer',
    waits: [
      [5, [1]],
      [6, [0]],
    ],
    circle: [[5, 6]],
    stands: true,
  },
  {
    name: 'of three',
    waits: [
      [1, [1]],
      [2, [2]],
      [3, [0]],
    ],
    circle: [[3], [1], [2]],
    stands: true,
  },
  {
    name: 'the wrong way round',
    waits: [
      [1, [1]],
      [2, [2]],
      [3, [0]],
    ],
    circle: [[3], [2], [1]],
    stands: false,
  },
  {
    name: 'with one that is not asked for',
    waits: [
      [1, [1]],
      [2, [2]],
      [3, [0]],
    ],
    circle: [[1], [2]],
    stands: false,
  },
  {
    name: 'beside another',
    waits: [
      [1, [1]],
      [2, [0]],
      [3, [3]],
    ],
    circle: [[3]],
    stands: false,
  },
  {
    name: 'beside another, closed',
    waits: [
      [1, [1]],
      [2, [0]],
      [3, [2]],
    ],
    circle: [[3]],
    stands: true,
  },
  {
    name: 'by one of several holders',
    waits: [[1, [1, 2]], null, [2, [0]]],
    circle: [[2], [1]],
    stands: true,
  },
];

for (const { name, waits, circle, stands } of cases)
  test(`a circle ${name}`, () => {
    const table = waits.map((one): WaitingThread | null =>
      one === null ? null : { site: one[0], holders: one[1] },
    );
    assert.deepEqual(reachedCircles({ ...asking(opposite, [circle]), cpuSite: 9 }, table), stands ? [0] : []);
  });

test('the explorer and the interpreter agree on circles of random programs', () => {
  const site = fc.nat(30);
  const circles = fc.array(
    fc.array(fc.array(site, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 2 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  const options = optionsWith({ maxStates: 2000 });
  let found = 0;
  fc.assert(
    fc.property(specs(), circles, (spec, asked) => {
      const made = asking(program(spec), asked);
      const answer = comparable(explore(made, options));
      found += answer.goals.filter(({ trace }) => trace !== null).length;
      assert.deepEqual(answer, comparable(interpret(made, options)));
    }),
    { numRuns: 300 },
  );
  assert.ok(found > 0, 'some are found');
});
