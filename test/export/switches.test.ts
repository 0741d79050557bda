import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withFewSwitches } from '../../core/export/switches.ts';
import { initialStates, step, successors } from '../../core/machine/interpreter.ts';
import type { Step } from '../../core/machine/result.ts';
import { keyOf, type State } from '../../core/machine/state.ts';
import type { Program } from '../../core/program/ir.ts';
import { add, plainLoad, plainStore, program, thread } from '../machine/builder.ts';
import { specs } from '../machine/generator.ts';

function switches(steps: readonly Step[]): number {
  return steps.filter(({ thread: moving }, index) => index > 0 && moving !== steps[index - 1]?.thread).length;
}

function run(of: Program, steps: readonly Step[]): string {
  let state: State | null = initialStates(of)[0]?.state ?? null;
  for (const { thread: moving, choices } of steps) {
    assert.ok(state !== null);
    const outcome = step(of, state, moving, choices);
    assert.equal(outcome.kind, 'done');
    state = outcome.kind === 'done' ? outcome.state : null;
  }
  return state === null ? 'ended' : keyOf(of, state);
}

const order = (...threads: number[]): Step[] => threads.map((moving) => ({ thread: moving, choices: [] }));

function check(of: Program, before: readonly number[], after: readonly number[]): void {
  const tidy = withFewSwitches(of, { start: [], steps: order(...before) });
  assert.deepEqual(
    tidy.steps.map(({ thread: moving }) => moving),
    after,
  );
  assert.equal(run(of, tidy.steps), run(of, order(...before)));
}

test('steps that have nothing to do with each other are sorted by thread', () => {
  const items = (object: string) => [...plainLoad('r', object), ...plainStore(object, add('r', 1))];
  const apart = program({
    objects: [
      { name: 'x', bytes: 8 },
      { name: 'y', bytes: 8 },
    ],
    threads: [thread('a', items('x')), thread('b', items('y'))],
  });
  check(apart, [0, 1, 0, 1], [0, 0, 1, 1]);
  check(apart, [1, 0, 1, 0], [1, 1, 0, 0]);
});

test('an interleaving that matters is left as it is', () => {
  const items = [...plainLoad('r', 'x'), ...plainStore('x', add('r', 1))];
  const race = program({
    objects: [{ name: 'x', bytes: 8 }],
    threads: [thread('a', items), thread('b', items)],
  });
  const tidy = withFewSwitches(race, { start: [], steps: order(0, 1, 0, 1) });
  assert.equal(run(race, tidy.steps), run(race, order(0, 1, 0, 1)));
  assert.equal(switches(tidy.steps), 2);
});

test('a trace that cannot be followed is left alone', () => {
  const one = program({ threads: [thread('a', [])] });
  const trace = { start: [], steps: order(0, 0, 0) };
  assert.equal(withFewSwitches(one, trace), trace);
  assert.deepEqual(withFewSwitches(one, { start: [], steps: [] }).steps, []);
});

test('never more switches, the same steps of each thread, the same end', () => {
  fc.assert(
    fc.property(specs().map(program), fc.array(fc.nat(), { maxLength: 30 }), (of, picks) => {
      const begin = initialStates(of)[0];
      let state: State | null = begin?.state ?? null;
      const steps: Step[] = [];
      for (const pick of picks) {
        if (state === null) break;
        const here: State = state;
        const moves = of.threads.flatMap((_, moving) => {
          const found = successors(of, here, moving);
          return found.kind === 'enabled' ? found.outcomes.map((outcome) => ({ moving, outcome })) : [];
        });
        const move = moves[pick % Math.max(1, moves.length)];
        if (move === undefined) break;
        steps.push({ thread: move.moving, choices: move.outcome.choices });
        state = move.outcome.state;
      }
      const tidy = withFewSwitches(of, { start: begin?.choices ?? [], steps });
      assert.ok(switches(tidy.steps) <= switches(steps));
      assert.deepEqual(tidy.steps.at(-1), steps.at(-1));
      for (const [moving] of of.threads.entries()) {
        const own = (all: readonly Step[]): readonly Step[] => all.filter((one) => one.thread === moving);
        assert.deepEqual(own(tidy.steps), own(steps));
      }
      assert.equal(run(of, tidy.steps), run(of, steps));
    }),
    { numRuns: 200 },
  );
});
