import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Exploration, explore, type Job, keyOf } from '../../host/job.ts';
import { ExplorationQueue, startWorker } from '../../host/queue.ts';
import { openScenario, textsOf } from '../../host/scenario.ts';
import type { Progress } from '../../core/machine/result.ts';
import { ensureBuilt } from '../../scripts/build.mjs';
import { directoryWith, racy } from '../cli/lockstep.ts';
import { join } from 'node:path';

await ensureBuilt();
const worker = new URL('../../dist/worker.js', import.meta.url);

/** Enough states to be still searching when the test looks. */
const large = `scenario "Many writers";

int a[6];

task t[i : 0..5] {
    for (int k = 0; k < 6; k++)
        WRITE_ONCE(a[i], k);
}
`;

function jobOf(text: string, more: Partial<Job> = {}): Job {
  const directory = directoryWith({ 'a.lockstep': text });
  const scenario = openScenario(join(directory, 'a.lockstep'));
  const [variant] = scenario.variants;
  assert.ok(variant !== undefined);
  return {
    ...{ uri: scenario.uri, texts: textsOf(scenario.project), root: scenario.root, variant },
    budget: { maxStates: 10_000_000, maxMilliseconds: 60_000, maxBytes: 2 ** 30 },
    ...{ reduction: false, workingDirectory: directory },
    ...more,
  };
}

test('equal jobs have equal keys, and every part of a job counts', () => {
  const job = jobOf(racy);
  const key = keyOf(job);
  assert.equal(keyOf({ ...job, texts: new Map(job.texts) }), key);
  const others: readonly Partial<Job>[] = [
    { uri: `${job.uri}x` },
    { root: `${job.root}x` },
    { workingDirectory: '/' },
    { reduction: true },
    { budget: { ...job.budget, maxStates: 1 } },
    { budget: { ...job.budget, maxMilliseconds: 1 } },
    { budget: { ...job.budget, maxBytes: 1 } },
    { variant: { ...job.variant, memoryModel: 'tso' } },
    { variant: { ...job.variant, profile: 'v3.7' } },
    { variant: { ...job.variant, options: new Map([['fix', 'atomics']]) } },
    { texts: new Map([...job.texts, ['file:///x', '']]) },
    { texts: new Map([...job.texts].map(([uri, text]) => [uri, `${text} `])) },
  ];
  assert.deepEqual(new Set(others.map((change) => keyOf({ ...job, ...change }))).size, others.length);
  assert.ok(others.every((change) => keyOf({ ...job, ...change }) !== key));
});

test('a job is explored from its texts alone', () => {
  const job = jobOf(racy);
  const unsaved = new Map(
    [...job.texts].map(([uri, text]) => [uri, uri === job.uri ? text.replace('n++', 'n = 2') : text]),
  );
  const saved = explore(job, () => true);
  assert.deepEqual([saved.result?.verdict, saved.result?.met], ['fails', true]);
  const changed = explore({ ...job, texts: unsaved }, () => true);
  assert.deepEqual([changed.result?.verdict, changed.result?.met], ['passes', false]);
});

test('every violation has its table and trace file', () => {
  const { result, violations } = explore(jobOf(racy), () => true);
  assert.equal(violations.length, result?.violations.length);
  for (const [index, { table, trace }] of violations.entries()) {
    assert.match(table ?? '', /\*\*\* /);
    assert.equal(trace?.steps.length, result?.violations[index]?.trace.length);
    assert.equal(trace?.violation?.check, result?.violations[index]?.check);
  }
});

test('a worker explores, tells its progress, is cancelled at once and goes on with the next job', async () => {
  const queue = new ExplorationQueue<Job, Exploration, Progress>({
    workers: 1,
    start: () => startWorker(worker),
    patience: 20_000,
  });
  try {
    let cancel = (): void => {};
    const ticket = queue.submit({ job: jobOf(large), key: 'large', priority: 0, onProgress: () => cancel() });
    cancel = ticket.cancel;
    const next = queue.submit({ job: jobOf(racy), key: 'racy', priority: 0 });
    assert.deepEqual(await ticket.outcome, { kind: 'cancelled' });
    const outcome = await next.outcome;
    assert.ok(outcome.kind === 'done' && outcome.answer.result?.met);
  } finally {
    queue.close();
  }
});

test('a worker that dies is one crash', async () => {
  const broken = new URL('data:text/javascript,process.exit(3)');
  const queue = new ExplorationQueue<Job, Exploration, Progress>({
    workers: 1,
    start: () => startWorker(broken),
  });
  const outcome = await queue.submit({ job: jobOf(racy), key: null, priority: 0 }).outcome;
  assert.equal(outcome.kind, 'crashed');
  queue.close();
});

test('declared settings and pools are the bounds of a result', () => {
  const text = `scenario "Bounds";
setting slots = 4 in 1..8;
setting other = 2 in 1..8;
machine { slots = 3; }
struct item { int v; };
pool struct item items[2];
task t { struct item *p = alloc(items); WRITE_ONCE(p->v, slots + other); free_object(p); }
`;
  const { result } = explore(jobOf(text), () => true);
  assert.deepEqual(
    [result?.bounds['slots'], result?.bounds['items'], result?.bounds['other']],
    [3, 2, undefined],
  );
  assert.deepEqual([result?.verdict, result?.complete], ['passes', true]);
});

test('a variant with errors has no result, and its diagnostics have places', () => {
  const { result, diagnostics } = explore(jobOf('scenario "x";\ntask t { y = 1; }\n'), () => true);
  assert.equal(result, null);
  const [first] = diagnostics;
  assert.deepEqual([first?.file, first?.line, first?.column, first?.endColumn], ['a.lockstep', 2, 10, 11]);
  assert.deepEqual([first?.severity, first?.code, first?.confirmed], ['error', 'unknown-name', null]);
});

test('every schedule is followed, and one that is blocked fails the variant', () => {
  const text = (move: string): string => `scenario "Schedules";
spinlock_t lock;
int x;
task one { spin_lock(&lock); x++; spin_unlock(&lock); }
task two { spin_lock(&lock); x++; spin_unlock(&lock); }
schedule "s" { ${move} }
`;
  const ask = (move: string) => explore(jobOf(text(move)), () => true).result;
  assert.equal(ask('one until store of x; one; two;')?.verdict, 'passes');
  const blocked = ask('one until store of x; two;');
  assert.deepEqual([blocked?.verdict, blocked?.met], ['fails', false]);
  const [violation] = blocked?.violations.filter(({ check }) => check === 'schedule_blocked') ?? [];
  assert.match(
    violation?.message ?? '',
    /"s" cannot be followed: task two waits at spin_lock\(&lock\); held by task one/,
  );
  assert.equal(violation?.line, 6);
});
