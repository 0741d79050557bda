import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyOf } from '../../core/machine/state.ts';
import { runSchedule, placesOf } from '../../core/machine/schedule.ts';
import { variants } from '../../core/semantics/options.ts';
import { ask } from '../../core/session/evaluate.ts';
import { holdings, locksOf } from '../../core/session/locks.ts';
import { objectsOf, partsOf, showObject } from '../../core/session/objects.ts';
import { scheduleOf } from '../../core/session/schedule.ts';
import type { Session } from '../../core/session/session.ts';
import { startSession } from '../../core/session/session.ts';
import { stackOf, variablesOf } from '../../core/session/stack.ts';
import { run, runBack, stepThread } from '../../core/session/stepping.ts';
import { buildProgram } from '../../core/program/build.ts';
import { examples, projectOf, running, runningVariant } from './running.ts';

const counter = `scenario "Two count";
struct pair { u8 low : 4; u8 high : 4; int rest[2]; };
spinlock_t lock;
rwlock_t other;
int count;
struct pair pair;
static int add(int by)
{
	int now = READ_ONCE(count);
	int after = now + by;

	WRITE_ONCE(count, after);
	return after;
}
task a {
	int mine = add(1);

	spin_lock(&lock);
	pair.high = 5;
	pair.rest[1] = mine;
	spin_unlock(&lock);
}
task b {
	read_lock(&other);
	add(10);
	read_unlock(&other);
	spin_lock(&lock);
	spin_unlock(&lock);
}
finally both: count == 11;
expect fails both;
`;

/** A walk: which of the threads that can move does, or back, or a jump. */
const walks = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('step' as const), pick: fc.nat(63) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('undo' as const), pick: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump' as const), pick: fc.nat(200) }) },
  ),
  { maxLength: 60 },
);

function walk(session: Session, moves: readonly { kind: 'step' | 'undo' | 'jump'; pick: number }[]): void {
  for (const { kind, pick } of moves) {
    if (kind === 'undo') session.undo();
    else if (kind === 'jump') session.jump(session.length === 0 ? 0 : pick % (session.length + 1));
    else {
      const ready = session.ready();
      const thread = ready[pick % Math.max(1, ready.length)];
      if (thread === undefined) continue;
      session.mark();
      const status = session.status(thread);
      const choices =
        status.kind === 'ready' ? status.outcomes[pick % status.outcomes.length]?.choices : null;
      assert.equal(session.step(thread, choices ?? null).kind, 'stepped');
    }
  }
}

const scenarios: readonly (string | URL)[] = [
  counter,
  ...readdirSync(examples)
    .filter((name) => /unsync-children|blocked-vcpu|lost-dirty/.test(name))
    .map((name) => new URL(name, examples)),
];

for (const scenario of scenarios) {
  const name = typeof scenario === 'string' ? 'two count' : (scenario.pathname.split('/').at(-1) ?? '');

  test(`${name}: a walk there and back comes to the same states; jumping is stepping`, () => {
    const { program } = running(scenario);
    fc.assert(
      fc.property(walks, (moves) => {
        const started = startSession(program);
        assert.ok(started.kind === 'session');
        const { session } = started;
        walk(session, moves);
        session.jump(session.length);
        const trace = session.trace();
        assert.ok(trace !== null);
        const again = startSession(program, trace.start);
        assert.ok(again.kind === 'session');
        const keys = [keyOf(program, again.session.state)];
        for (const one of trace.steps) {
          assert.equal(again.session.step(one.thread, one.choices).kind, 'stepped');
          keys.push(keyOf(program, again.session.state));
        }
        for (let at = session.length; at >= 0; at--) {
          session.jump(at);
          assert.equal(keyOf(program, session.state), keys[at], `state ${at}`);
        }
      }),
      { numRuns: 25 },
    );
  });

  test(`${name}: programs for stepping take the same steps as those for searching`, () => {
    const project = projectOf(scenario);
    const [variant] = variants(project).variants;
    assert.ok(variant !== undefined);
    const { program, session } = runningVariant(project, variant);
    const plain = buildProgram(program.checked, { text: () => '', range: (loc) => loc }).program;
    assert.ok(plain !== null);
    const other = startSession(plain);
    assert.ok(other.kind === 'session');
    fc.assert(
      fc.property(fc.array(fc.nat(63), { maxLength: 80 }), (picks) => {
        session.jump(0);
        other.session.jump(0);
        for (const pick of picks) {
          const ready = session.ready();
          assert.deepEqual(other.session.ready(), ready);
          const thread = ready[pick % Math.max(1, ready.length)];
          if (thread === undefined) break;
          assert.deepEqual(session.step(thread).kind, other.session.step(thread).kind);
          assert.deepEqual(Buffer.from(session.state.image), Buffer.from(other.session.state.image));
        }
      }),
      { numRuns: 20 },
    );
  });

  test(`${name}: a saved schedule leads to the same state`, () => {
    fc.assert(
      fc.property(walks, (moves) => {
        const { session, program } = running(scenario);
        walk(session, moves);
        session.jump(session.length);
        if (session.length === 0) return;
        const saved = scheduleOf(session, 'saved "here"');
        assert.ok(saved.kind === 'schedule', JSON.stringify(saved));
        const text = `${projectOf(scenario).files.get(program.checked.uri)?.source.text}\n${saved.text}`;
        const again = running(typeof scenario === 'string' ? text : scenario);
        const with_ = typeof scenario === 'string' ? again : runningText(scenario, text);
        const schedule = with_.program.checked.schedules.at(-1);
        assert.ok(schedule !== undefined);
        assert.equal(schedule.title, 'saved "here"');
        const followed = runSchedule(with_.program, schedule, placesOf(with_.program));
        assert.notEqual(
          followed.kind,
          'blocked',
          JSON.stringify(followed, (_, v) => (typeof v === 'bigint' ? String(v) : v)),
        );
        assert.deepEqual(followed.trace.steps, session.trace()?.steps);
      }),
      { numRuns: 4 },
    );
  });
}

function runningText(at: URL, text: string) {
  const project = projectOf(text);
  assert.ok(project.diagnostics.length === 0, `${at}`);
  const [variant] = variants(project).variants;
  assert.ok(variant !== undefined);
  return runningVariant(project, variant);
}

const value = (text: string, thread: string, where: ReturnType<typeof running>): string => {
  const { session, program, asking } = where;
  const number = program.threads.findIndex(({ name }) => name === thread);
  const [top] = stackOf(program, session.state, number);
  const locals = top === undefined ? [] : variablesOf(program, session.state, number, top.frame);
  const answer = ask(asking, session.state, text, locals, number);
  return answer.kind === 'refused' ? `! ${answer.message}` : String(answer.value);
};

test('stepping by lines goes into functions, over them, and out of them', () => {
  const { session, program, lineOf } = running(counter);
  const stops = { lineOf };
  const at = (): string => {
    const [top] = stackOf(program, session.state, 0);
    return top === undefined ? 'end' : `${top.function}:${lineOf(top.loc).split(':').at(-1)}`;
  };
  assert.equal(at(), 'add:9');
  assert.equal(stepThread(session, 0, 'line', stops).why, 'done');
  assert.equal(at(), 'add:12');
  assert.equal(stepThread(session, 0, 'out', stops).why, 'done');
  assert.equal(at(), ':18');
  assert.equal(stepThread(session, 1, 'over', stops).why, 'done');
  assert.deepEqual(session.ready(), [0, 1]);
  assert.equal(at(), ':18');
  stepThread(session, 0, 'line', stops);
  assert.equal(at(), ':19');
  const before = session.cursor;
  stepThread(session, 0, 'line', stops);
  assert.equal(at(), ':20');
  assert.ok(session.cursor > before + 1, 'a bit-field is loaded and stored');
  session.undo();
  assert.equal(session.cursor, before);
  assert.equal(at(), ':19');
});

test('a thread that waits cannot be stepped, and the reason is said', () => {
  const { session, lineOf } = running(counter);
  const stops = { lineOf };
  while (session.history.event(session.cursor)?.kind !== 'step' || session.findings().length < 0)
    session.step(0);
  for (let i = 0; i < 2; i++) session.step(0);
  const stopped = run(
    session,
    { kind: 'stay', thread: 1 },
    { ...stops, stopAt: (s) => (s.status(1).kind === 'waits' ? 'waits' : null) },
  );
  assert.equal(stopped.why, 'stop');
  const refused = stepThread(session, 1, 'line', stops);
  assert.deepEqual(
    { why: refused.why, message: refused.message },
    { why: 'refused', message: 'task b waits at spin_lock(&lock); held by task a' },
  );
});

test('expressions are asked of a state and change nothing', () => {
  const where = running(counter);
  const { session, lineOf } = where;
  const before = keyOf(where.program, session.state);
  const cases: readonly [string, string][] = [
    ['count', '0'],
    ['count + 2 * 3', '6'],
    ['by', '1'],
    ['&count == &count', '1'],
    ['pair.high', '0'],
    ['pair.rest[1]', '0'],
    ['pair.rest[7]', '! An array index is outside 0..1.'],
    ['held(lock)', '0'],
    ['in(add)', '! who is in add() is not kept account of, because the scenario itself never asks'],
    ['nosuch', "! unknown name 'nosuch'"],
    ['count = 3', '! this would change the state; use "Set Value" to change something by hand'],
    ['count +', '! '],
    ['', '! there is no expression'],
    ['add(4)', '! this would change the state; use "Set Value" to change something by hand'],
    ['1 / 0', '! '],
    ['*(int *)0', '! '],
  ];
  for (const [text, expected] of cases) {
    const found = value(text, 'a', where);
    if (expected === '! ') assert.match(found, /^! ./, text);
    else assert.equal(found, expected, text);
  }
  assert.equal(keyOf(where.program, session.state), before);
  assert.equal(value('now', 'a', where), "! 'now' was not written yet");
  stepThread(session, 0, 'line', { lineOf });
  assert.equal(value('now', 'a', where), '0');
  assert.equal(value('after', 'a', where), '1');
  stepThread(session, 0, 'out', { lineOf });
  assert.equal(value('mine', 'a', where), '1');
  assert.equal(value('count', 'b', where), '1');
});

test('locks tell who holds them since when; memory tells who wrote it last', () => {
  const { session, program, asking, lineOf } = running(counter);
  const locks = locksOf(program);
  assert.deepEqual(locks.map(({ name, kind }) => `${kind} ${name}`).sort(), [
    'rwlock other',
    'spinlock lock',
  ]);
  assert.deepEqual(holdings(asking, session, locks), []);
  session.step(1);
  run(
    session,
    { kind: 'stay', thread: 0 },
    {
      lineOf,
      stopAt: (s) =>
        stackOf(program, s.state, 0)[0]?.loc.start !== undefined && holdings(asking, s, locks).length === 2
          ? 'both'
          : null,
    },
  );
  assert.deepEqual(
    holdings(asking, session, locks)
      .map(({ lock, mode, thread, since }) => `${lock.name} ${mode} ${thread} ${since}`)
      .sort(),
    [`lock write 0 ${session.cursor}`, 'other read 1 1'],
  );
  run(session, { kind: 'turns' }, { lineOf });
  const pair = objectsOf(program, { own: true }).find(({ name }) => name === 'pair');
  assert.ok(pair !== undefined);
  const shown = showObject(program, session.state, pair);
  assert.deepEqual(
    partsOf(program, session.state, shown).map(({ name, value: text }) => `${name} ${text}`),
    ['low 0', 'high 5', 'rest 2 elements'],
  );
  const writer = session.history.lastWriter(pair.address, 1, session.cursor);
  assert.ok(writer !== null);
  const event = session.history.event(writer);
  assert.ok(event?.kind === 'step');
  assert.equal(program.sites[event.site]?.text, 'pair.high = 5');
  assert.equal(session.history.lastWriter(pair.address, 1, writer - 1), null);
});

test('runs end where nothing is left to do, and at what is wrong', () => {
  const { session, program, lineOf } = running(counter);
  const wrong = (s: Session): string | null => {
    const [found] = s.findings().filter(({ check }) => program.checks[check]?.severity === 'error');
    return found === undefined ? null : (program.checks[found.check]?.name ?? '');
  };
  const serial = run(session, { kind: 'stay', thread: 0 }, { lineOf, stopAt: wrong });
  assert.equal(serial.why, 'over');
  const end = session.cursor;
  assert.equal(runBack(session, { lineOf }).why, 'over');
  assert.equal(session.cursor, 0);
  const turns = run(session, { kind: 'turns' }, { lineOf, stopAt: wrong });
  assert.deepEqual([turns.why, turns.reason], ['stop', 'both']);
  assert.equal(session.forks.length, 1);
  session.takeFork(0);
  assert.equal(session.cursor, end);
  assert.deepEqual(
    session.findings().filter(({ check }) => program.checks[check]?.severity === 'error'),
    [],
  );
});
