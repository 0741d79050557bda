/**
 * `npx tsx test/bench/stepping.ts`: what the debug adapter takes for a step forwards and back with what an editor asks
 * behind it, for opening a run of 1,000 steps, and for the steps of one of 10,000, as the interleaving view asks for them.
 * Goals: 10 ms, 300 ms; the view has a test of its own (test/editor/interleaving.test.ts).
 */

import { readdirSync, readFileSync } from 'node:fs';
import { type Client, withClient } from '../debug/client.ts';
import { examples } from '../session/running.ts';

interface Row {
  readonly what: string;
  readonly times: readonly number[];
}

/** Two threads that work under a lock in turns, so that a run of them can be as long as one likes. */
const long = `scenario "Long";
spinlock_t lock;
int total[4];
task a { for (;;) { spin_lock(&lock); total[0] = total[1] + 1; spin_unlock(&lock); } }
task b { for (;;) { spin_lock(&lock); total[1] = total[0] + 1; spin_unlock(&lock); } }
`;

const rows: Row[] = [];
for (const name of readdirSync(examples).filter((each) => each.endsWith('.lockstep'))) await example(name);
await longRun();
console.log(`${'what'.padEnd(64)}${'median ms'.padStart(11)}${'worst ms'.padStart(11)}${'runs'.padStart(7)}`);
for (const { what, times } of rows) {
  const sorted = [...times].sort((a, b) => a - b);
  const median = (sorted[sorted.length >> 1] ?? 0).toFixed(2).padStart(11);
  const worst = (sorted.at(-1) ?? 0).toFixed(2).padStart(11);
  console.log(`${what.padEnd(64)}${median}${worst}${String(sorted.length).padStart(7)}`);
}

async function example(name: string): Promise<void> {
  await withClient({ [name]: readFileSync(new URL(name, examples), 'utf8') }, async (client) => {
    await client.launch({ program: client.path(name) });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    const forwards: number[] = [];
    const backwards: number[] = [];
    const shown: number[] = [];
    const { threads } = await client.ask('threads');
    let thread = 0;
    for (let step = 0; step < 60; step++) {
      const began = performance.now();
      const { success } = await client.send('lockstep/move', { thread });
      if (!success) {
        thread = (thread + 1) % threads.length;
        continue;
      }
      await client.next('stopped');
      forwards.push(performance.now() - began);
      shown.push(await timed(() => look(client, thread + 1)));
      if (step % 5 === 4) thread = (thread + 1) % threads.length;
    }
    for (let step = forwards.length; step > 0; step--)
      backwards.push(await timed(() => client.move('stepBack')));
    rows.push({ what: `${name}: a step forwards`, times: forwards });
    rows.push({ what: `${name}: a step back`, times: backwards });
    rows.push({ what: `${name}: threads, a stack, variables, views and locks`, times: shown });
  });
}

async function longRun(): Promise<void> {
  await withClient({ 'long.lockstep': long }, async (client) => {
    const program = client.path('long.lockstep');
    await client.launch({ program });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    const run = async (steps: number): Promise<void> => {
      for (let taken = 0; taken < steps; taken++) {
        await client.ask('lockstep/move', { thread: Math.floor(taken / 8) % 2 });
        await client.next('stopped');
      }
    };
    const move = async (steps: number): Promise<void> => {
      await client.ask('lockstep/goto', { step: 0 });
      await client.next('stopped');
      await run(steps);
    };
    await move(1000).catch(() => null);
    const { text } = await client.ask('lockstep/save', { as: 'trace' });
    await withClient({ 'long.lockstep': long, 'long.lockstep-trace': text }, async (other) => {
      const path = other.path('long.lockstep-trace');
      const first = await timed(() => other.launch({ program: path }));
      const times: number[] = [];
      for (let i = 0; i < 5; i++)
        times.push(
          await timed(async () => {
            await other.ask('restart', { arguments: { program: path } });
            await other.next('stopped');
          }),
        );
      rows.push({ what: 'a trace of 1,000 steps: opened first', times: [first] });
      rows.push({ what: 'a trace of 1,000 steps: opened again', times });
    });
    await client.ask('lockstep/goto', { step: 0 });
    await client.next('stopped');
    // A step that was taken before only goes there, so that the run is not left.
    await client.ask('continue', { threadId: 1 });
    await client.next('stopped');
    await client.ask('continue', { threadId: 1 });
    const { length } = await paused(client);
    const pages: number[] = [];
    const whole = await timed(async () => {
      for (let from = 1; from <= 10_000; from += 500)
        pages.push(await timed(() => client.ask('lockstep/timeline', { from, to: from + 500 })));
    });
    rows.push({ what: `a run of ${length} steps: a page of 500 of its steps`, times: pages });
    rows.push({ what: 'the first 10,000 of them', times: [whole] });
    const jumps: number[] = [];
    for (let i = 0; i < 40; i++)
      jumps.push(await timed(() => client.move('lockstep/goto', { step: (i * 7919) % length })));
    rows.push({ what: 'a jump to any of them', times: jumps });
  });
}

/** Once there are more than 10,000 steps. */
async function paused(client: Client): Promise<{ readonly length: number }> {
  for (;;) {
    const { length } = await client.ask('lockstep/timeline', { from: 1, to: 1 });
    if (length > 10_000) break;
    await new Promise((done) => setTimeout(done, 10));
  }
  await client.ask('pause', { threadId: 1 });
  await client.next('stopped');
  return client.ask('lockstep/timeline', { from: 1, to: 1 });
}

/** What an editor asks behind a stop. */
async function look(client: Client, threadId: number): Promise<void> {
  await client.ask('threads');
  const { stackFrames } = await client.ask('stackTrace', { threadId });
  const [top] = stackFrames;
  if (top !== undefined) {
    const { scopes } = await client.ask('scopes', { frameId: top.id });
    for (const { variablesReference } of scopes.slice(0, 3))
      await client.ask('variables', { variablesReference });
  }
  await client.ask('lockstep/views');
  await client.ask('lockstep/locks');
  await client.ask('lockstep/threads');
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
