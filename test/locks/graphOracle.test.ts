/** The order graph against an exhaustive search for threads that wait for each other, and against itself after edits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AcquireEvent, LockEvent, ReadMode } from '../../core/locks/events.ts';
import { judge, OrderGraph } from '../../core/locks/graph.ts';
import { eventsOf } from './sequence.ts';

/** Who requests in this mode waits for who holds in that one: a writer that queues behind readers stops plain readers. */
function blocks(holds: ReadMode, wants: ReadMode): boolean {
  return holds === 0 || wants !== 2;
}

interface Waiter {
  readonly held: readonly { readonly lock: string; readonly read: ReadMode }[];
  readonly wants: { readonly lock: string; readonly read: ReadMode };
}

/**
 * Every thread that can stand at a request: at those of tasks with what they hold; at those of an interrupt with what
 * it holds, and under it any task that can be interrupted. Instances of a class are as many as one likes.
 */
function waiters(events: readonly LockEvent[]): Waiter[] {
  const shown = (locks: AcquireEvent['held']) =>
    locks.map((one) => ({ lock: one.class.key, read: one.read }));
  const interruptible: Waiter['held'][] = [];
  for (const event of events)
    if (event.kind === 'enable') interruptible.push(shown(event.held));
    else if (event.hardirqsOn && event.lock.context === 'task' && !event.sync)
      interruptible.push(shown([...event.held, event.lock]));
  return events.flatMap((event): Waiter[] => {
    if (event.kind === 'enable' || event.lock.trylock) return [];
    const wants = { lock: event.lock.class.key, read: event.lock.read };
    const own = { held: shown(event.held.filter(({ context }) => context === event.lock.context)), wants };
    if (event.lock.context === 'task') return [own];
    return [own, ...interruptible.map((held) => ({ held, wants }))];
  });
}

/** Is there a set of waiters in which each waits for one of the set? Drops those that wait for nobody, over and over. */
function deadlocks(all: readonly Waiter[]): boolean {
  let left = all;
  for (;;) {
    const stuck = left.filter(({ wants }) =>
      left.some(({ held }) => held.some((one) => one.lock === wants.lock && blocks(one.read, wants.read))),
    );
    if (stuck.length === left.length) return left.length > 0;
    left = stuck;
  }
}

const lock = fc.constantFrom('A', 'B', 'C', 'D');
const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom('W', 'r', 'R', '?W', '?R'), lock) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('-'), lock) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('~'), lock) },
);

/** A thread's text; what it drops it holds. */
function thread(steps: readonly (readonly [string, string])[]): string {
  const held: string[] = [];
  return steps
    .flatMap(([how, name]) => {
      if (how === '~') return [`~${name}`];
      if (how !== '-') {
        held.push(name);
        return [how.startsWith('?') ? `?${how.slice(1)}(${name})` : `${how}(${name})`];
      }
      const at = held.lastIndexOf(name);
      if (at < 0) return [];
      held.splice(at, 1);
      return [`-${name}`];
    })
    .join(' ');
}

const tasks = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }).map(thread), {
  minLength: 1,
  maxLength: 4,
});

const kinds = { A: 'raw', B: 'raw', C: 'raw', D: 'raw' } as const;
const told = (events: readonly LockEvent[]): string[] => judge(events, []).map(({ code }) => code);

test('says deadlock of tasks exactly when some assignment of threads deadlocks', () => {
  let broken = 0;
  fc.assert(
    fc.property(tasks, (threads) => {
      const events = eventsOf(threads.join(';'), kinds);
      const expected = deadlocks(waiters(events));
      broken += expected ? 1 : 0;
      assert.equal(told(events).length > 0, expected, threads.join(';'));
    }),
    { numRuns: 3000 },
  );
  assert.ok(broken > 300 && broken < 2900, `both answers occur: ${broken}`);
});

const sections = fc.tuple(
  tasks,
  fc.array(fc.tuple(fc.constantFrom('off', 'on', 'late', 'handler'), fc.nat(3)), { maxLength: 4 }),
);

test('says so of tasks and interrupts, too', () => {
  let broken = 0;
  fc.assert(
    fc.property(sections, ([threads, how]) => {
      const text = threads.map((one, index) => {
        const [mode] = how[index] ?? ['off'];
        if (mode === 'on') return one;
        // A handler reads as a recursive reader: readers in interrupts pass queued writers.
        if (mode === 'handler') return `hard[${one.replaceAll('r(', 'R(')}]`;
        return mode === 'late' ? `irq- ${one} irq+` : `irq- ${one}`;
      });
      const events = eventsOf(text.join(';'), kinds);
      const expected = deadlocks(waiters(events));
      broken += expected ? 1 : 0;
      assert.equal(told(events).length > 0, expected, text.join(';'));
    }),
    { numRuns: 3000 },
  );
  assert.ok(broken > 300 && broken < 2900, `both answers occur: ${broken}`);
});

test('after edits tells what it tells of the same events put in at once', () => {
  const edits = fc.array(fc.tuple(fc.nat(3), fc.option(tasks, { nil: null })), {
    minLength: 2,
    maxLength: 8,
  });
  fc.assert(
    fc.property(edits, (all) => {
      const graph = new OrderGraph([]);
      const now = new Map<string, readonly LockEvent[]>();
      for (const [index, [owner, threads]] of all.entries()) {
        const name = `f${owner}`;
        if (threads === null) {
          graph.remove(name);
          now.delete(name);
        } else {
          const text = threads.map((one, at) => (at % 2 === 1 ? `hard[${one}]` : one)).join(';');
          const events = eventsOf(text, kinds, 1000 * index);
          graph.replace(name, events);
          now.set(name, events);
        }
        const fresh = judge([...now.values()].flat(), []);
        assert.deepEqual(graph.findings(), fresh);
      }
    }),
    { numRuns: 300 },
  );
});
