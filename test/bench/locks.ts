/**
 * `npx tsx test/bench/locks.ts`: what the order graph costs with 1,000 lock classes and 20,000 edges: a new edge
 * checked, a function's events replaced, and everything judged at once; and before that, what whole analyses cost
 * (analyses.ts).
 */

import { type DeclaredOrder, judge, OrderGraph } from '../../core/locks/graph.ts';
import type { AcquireEvent, HeldLock, LockClass, LockEvent } from '../../core/locks/events.ts';
import type { Loc } from '../../core/semantics/hir.ts';
import './analyses.ts';

const CLASSES = 1_000;
const EDGES = 20_000;
const FUNCTIONS = 2_000;
const SAMPLES = 500;

const random = generator(1);
const classes: LockClass[] = Array.from({ length: CLASSES }, (_, index) => ({
  key: `lock ${index}`,
  name: `lock${index}`,
  waitType: 'spin',
  loc: place(index),
}));

const functions = eventsByFunction();
const all = functions.flat();
const rows: {
  readonly what: string;
  readonly median: number;
  readonly worst: number;
  readonly runs: number;
}[] = [];

measure('judge everything at once', 5, () => judge(all, noOrders()));

const graph = new OrderGraph([]);
for (const [index, events] of functions.entries()) graph.replace(`f${index}`, events);
measure('findings of a graph without any', 50, () => graph.findings());
measure('a new edge in order, and its findings', SAMPLES, (run) => {
  const [low, high] = pair();
  graph.replace(`new ${run}`, [request(low, high, run)]);
  graph.findings();
});
measure('the events of a function replaced', SAMPLES, (run) => {
  const owner = run % FUNCTIONS;
  graph.replace(`f${owner}`, functions[owner] ?? []);
  graph.findings();
});
for (let run = 0; run < SAMPLES; run += 1) graph.remove(`new ${run}`);
measure(
  'a new edge that closes circles, checked',
  SAMPLES,
  (run) => {
    const [low, high] = pair();
    graph.replace('bad', [request(high, low, run)]);
  },
  () => {
    graph.remove('bad');
    graph.findings();
  },
);
measure('the first circle told, and mended', 20, (run) => {
  const [low, high] = pair();
  graph.replace('bad', [request(high, low, run)]);
  graph.findings();
  graph.remove('bad');
  graph.findings();
});

console.log(`${CLASSES} classes, ${EDGES} edges, ${FUNCTIONS} functions`);
console.log(`${'what'.padEnd(44)}${'median ms'.padStart(11)}${'worst ms'.padStart(11)}${'runs'.padStart(7)}`);
for (const { what, median, worst, runs } of rows)
  console.log(
    `${what.padEnd(44)}${median.toFixed(3).padStart(11)}${worst.toFixed(3).padStart(11)}${String(runs).padStart(7)}`,
  );

function measure(what: string, runs: number, once: (run: number) => unknown, before?: () => void): void {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    before?.();
    const began = performance.now();
    once(run);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  rows.push({ what, median: times[runs >> 1] ?? 0, worst: times.at(-1) ?? 0, runs });
}

function noOrders(): readonly DeclaredOrder[] {
  return [];
}

/**
 * Edges from lower to higher numbers. The highest tenth is used in interrupts, the lowest three tenths are held with
 * interrupts on, so that there is something to search for and nothing to find.
 */
function eventsByFunction(): LockEvent[][] {
  const made: LockEvent[][] = Array.from({ length: FUNCTIONS }, () => []);
  const seen = new Set<string>();
  for (let count = 0; seen.size < EDGES; count += 1) {
    const [low, high] = pair();
    if (seen.has(`${low} ${high}`)) continue;
    seen.add(`${low} ${high}`);
    made[count % FUNCTIONS]?.push(request(low, high, count));
  }
  for (let index = 0; index < CLASSES; index += 1) {
    const inHandler = { ...held(index, index), context: 'hardirq' as const };
    if (index >= 0.9 * CLASSES)
      made[index]?.push({ ...request(index, index, index), held: [], lock: inHandler });
    if (index < 0.3 * CLASSES)
      made[index]?.push({ ...request(index, index, index), held: [], hardirqsOn: true });
  }
  return made;
}

function pair(): readonly [number, number] {
  const a = Math.floor(random() * CLASSES);
  const b = Math.floor(random() * CLASSES);
  return a === b ? pair() : [Math.min(a, b), Math.max(a, b)];
}

function request(outer: number, inner: number, at: number): AcquireEvent {
  return {
    kind: 'acquire',
    lock: held(inner, at + 1),
    nestLock: null,
    sync: false,
    held: [held(outer, at)],
    hardirqsOn: false,
    softirqsOn: false,
    outerWaitType: null,
    threaded: false,
    calls: [],
    loc: place(at + 1),
    actor: null,
  };
}

function held(index: number, at: number): HeldLock {
  const lock = classes[index];
  if (lock === undefined) throw new Error(`no class ${index}`);
  return { class: lock, read: 0, trylock: false, check: 1, context: 'task', instance: null, loc: place(at) };
}

function place(start: number): Loc {
  return { uri: 'file:///bench.c', item: '', start, end: start + 1, macro: null };
}

/** The same numbers in each run: a linear congruential generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
