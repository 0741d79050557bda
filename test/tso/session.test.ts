/** Store buffers while stepping: drains move like threads, and a saved schedule keeps what waits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStore, waitingStores } from '../../core/machine/storeBuffers.ts';
import { placesOf, runSchedule } from '../../core/machine/schedule.ts';
import { scheduleOf } from '../../core/session/schedule.ts';
import { startSession } from '../../core/session/session.ts';
import { open, programOf } from '../agreement/engines.ts';

const text = `scenario "Two stores";
int x, y;
task left { WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); }
task right { int seen = READ_ONCE(y) + READ_ONCE(x); }
finally done: x && y;
`;

function started(scenario: string) {
  const { project, variants } = open(scenario, { memory_model: 'tso' });
  const [variant] = variants;
  assert.ok(variant !== undefined);
  const program = programOf(project, variant);
  const begun = startSession(program);
  assert.ok(begun.kind === 'session');
  return { program, session: begun.session };
}

test('a store waits until its drain moves', () => {
  const { program, session } = started(text);
  const drain = program.threads.findIndex(({ name }) => name === 'store_buffer(left)');
  assert.deepEqual(session.ready(), [0, 1]);
  assert.equal(session.status(drain).kind, 'over');
  assert.equal(session.step(0).kind, 'stepped');
  assert.equal(session.step(0).kind, 'stepped');
  const waiting = () =>
    waitingStores(program, session.state.image, 0).map((store) => describeStore(program, store));
  assert.deepEqual(waiting(), ['x = 1', 'y = 1']);
  assert.deepEqual(session.ready(), [1, drain]);
  assert.equal(session.step(drain).kind, 'stepped');
  assert.deepEqual(waiting(), ['y = 1']);
});

test('a saved run in which nothing became visible is followed as it was', () => {
  const { session } = started(text);
  for (const thread of [0, 0, 1]) session.step(thread);
  const saved = scheduleOf(session, 'waiting');
  assert.ok(saved.kind === 'schedule');
  assert.match(saved.text, /store_buffer\[0\] 0 steps;/);
  const again = started(text + saved.text).program;
  const [schedule] = again.checked.schedules;
  assert.ok(schedule !== undefined);
  const followed = runSchedule(again, schedule, placesOf(again));
  assert.equal(followed.kind, 'followed');
  assert.deepEqual(followed.trace, session.trace());
});
