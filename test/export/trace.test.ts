import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { showSteps } from '../../core/export/steps.ts';
import {
  followTrace,
  readTraceFile,
  type TraceFile,
  traceFileOf,
  writeTraceFile,
} from '../../core/export/trace.ts';
import type { Program } from '../../core/program/ir.ts';
import {
  add,
  addressOf,
  at,
  choose,
  park,
  plainLoad,
  plainStore,
  program,
  store,
  thread,
} from '../machine/builder.ts';

const writing = {
  places: {
    ofRange: () => ({ uri: 'test:', line: 1, column: 1, endLine: 1, endColumn: 1 }),
    ofLoc: () => ({ uri: 'test:', line: 3, column: 5, endLine: 3, endColumn: 6 }),
  },
  pathOf: () => 'a.lockstep',
};

/** Two threads that count, and one that chooses. */
function counting(second: readonly ReturnType<typeof park>[] = []): Program {
  const items = [...plainLoad('r', 'x'), ...plainStore('x', add('r', 1))];
  return program({
    objects: [{ name: 'x', bytes: 8 }],
    threads: [
      thread('t[0]', items),
      thread('t[1]', items),
      thread('c', [park('n = choose(3..20)'), choose('n', 3, 20), store(at('x'), 'n'), ...second]),
    ],
  });
}

const step = (thread: number, ...choices: bigint[]) => ({ thread, choices });
const trace = { start: [], steps: [step(0), step(2, 5n), step(1), step(0), step(1)] };

function fileOf(of: Program): TraceFile {
  const violation = { check: 'lost', message: 'lost', file: 'a.lockstep', line: 1, column: 2 };
  return traceFileOf(
    of,
    { trace, memoryModel: 'sc', sources: [{ file: 'a.lockstep', hash: 'abc' }], violation },
    writing,
  );
}

test('steps are shown with what they load, store and choose', () => {
  const shown = showSteps(counting(), trace).map(({ name, label, value }) => `${name} ${label} ${value}`);
  assert.deepEqual(shown, [
    't[0] load: load x 0',
    'c n = choose(3..20) 5',
    't[1] load: load x 5',
    't[0] store: store x 1',
    't[1] store: store x 6',
  ]);
});

test('a value that is the address of an object is shown by its name', () => {
  const built = program({
    objects: [
      { name: 'x', bytes: 8 },
      { name: 'p', bytes: 8 },
    ],
    threads: [thread('t', plainStore('p', at('x')))],
  });
  assert.ok(addressOf(built, 'x') > 10n);
  assert.equal(showSteps(built, { start: [], steps: [step(0)] })[0]?.value, '&x');
});

test('a trace that cannot be followed is shown as far as it goes', () => {
  assert.equal(showSteps(counting(), { start: [], steps: [step(0), step(0), step(0), step(1)] }).length, 2);
  assert.equal(showSteps(counting(), { start: [], steps: [step(2, 99n)] }).length, 0);
});

test('a written trace is read again, and followed to its end', () => {
  const written = fileOf(counting());
  const reading = readTraceFile(writeTraceFile(written));
  assert.deepEqual(reading, { kind: 'trace', trace: written });
  assert.deepEqual(followTrace(counting(), written), { trace, differs: null });
});

test('a trace holds places, labels and choices', () => {
  const { steps, file, violation } = fileOf(counting());
  assert.equal(file, 'a.lockstep');
  assert.equal(violation?.check, 'lost');
  assert.deepEqual(steps[1], {
    ...{ thread: 'c', label: 'n = choose(3..20)', choices: ['5'] },
    ...{ file: 'a.lockstep', line: 3, column: 5 },
  });
});

function differs(of: Program, change: (file: TraceFile) => TraceFile): string {
  const followed = followTrace(of, change(fileOf(counting())));
  return `${followed.trace.steps.length} steps, ${followed.differs?.step}: ${followed.differs?.why}`;
}

test('a trace of a changed source is followed to the first step that differs', () => {
  const same = (file: TraceFile): TraceFile => file;
  const withStep =
    (index: number, change: Partial<TraceFile['steps'][number]>) =>
    (file: TraceFile): TraceFile => ({
      ...file,
      steps: file.steps.map((one, position) => (position === index ? { ...one, ...change } : one)),
    });
  const renamed = program({
    objects: [{ name: 'y', bytes: 8 }],
    threads: [thread('t[0]', plainLoad('r', 'y'))],
  });
  assert.equal(
    differs(renamed, same),
    "0 steps, 1: the next step of t[0] is 'load: load y', not 'load: load x'",
  );
  assert.equal(differs(counting(), withStep(2, { thread: 't[2]' })), '2 steps, 3: there is no thread t[2]');
  assert.match(differs(counting(), withStep(1, { choices: ['99'] })), /^1 steps, 2: choice 1 is 99/);
  assert.match(differs(counting(), withStep(1, { choices: [] })), /^1 steps, 2: the step makes 1 choices/);
  assert.match(differs(counting(), withStep(4, { thread: 'c' })), /^4 steps, 5: c has ended/);
  assert.match(
    differs(counting(), (file) => ({ ...file, start: ['1'] })),
    /^0 steps, 0: the program does not start like this/,
  );
});

function refusal(text: string): string {
  const reading = readTraceFile(text);
  return reading.kind === 'refused' ? reading.message : '(read)';
}

test('what is no trace file is refused, and the reason says where', () => {
  const good = fileOf(counting());
  assert.match(refusal(''), /no JSON/);
  assert.match(refusal('{'), /no JSON/);
  assert.match(refusal('[]'), /the file is no object/);
  assert.match(refusal('{}'), /version is not 1/);
  assert.match(refusal(JSON.stringify({ ...good, version: 2 })), /version 2; version 1 can be read/);
  assert.match(refusal(JSON.stringify({ ...good, file: 3 })), /file is no text/);
  assert.match(refusal(JSON.stringify({ ...good, sources: {} })), /sources is no list/);
  assert.match(refusal(JSON.stringify({ ...good, bounds: { levels: null } })), /bounds\.levels is no bound/);
  assert.match(refusal(JSON.stringify({ ...good, violation: {} })), /violation\.check is no text/);
  assert.match(refusal(JSON.stringify({ ...good, start: [1] })), /start\[0\] is no choice/);
  const steps = [{ ...good.steps[0], choices: ['x'] }];
  assert.match(refusal(JSON.stringify({ ...good, steps })), /steps\[0\]\.choices\[0\] is no choice/);
  assert.match(
    refusal(JSON.stringify({ ...good, steps: [{ ...good.steps[0], line: 0 }] })),
    /line is no position/,
  );
});

test('reading never throws, and what is read can be followed', () => {
  const good = fileOf(counting());
  const keys = Object.keys(good);
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(...keys), (value, key) => {
      const reading = readTraceFile(JSON.stringify({ ...good, [key]: value }));
      if (reading.kind === 'trace') followTrace(counting(), reading.trace);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(readTraceFile(text).kind, 'refused');
    }),
  );
});
