import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { examples } from '../session/running.ts';
import { type Client, withClient } from './client.ts';

const counter = `scenario "Two count";
struct pair { u8 low : 4; u8 high : 4; int rest[2]; };
spinlock_t lock;
int count;
struct pair pair;
static int add(int by)
{
	int now = READ_ONCE(count);

	WRITE_ONCE(count, now + by);
	return now;
}
static void twice(int by)
{
	for (int i = 0; i < 2; i++)
		add(by);
	pair.high = by;
}
task a {
	int mine = add(1);

	spin_lock(&lock);
	pair.rest[1] = mine;
	twice(3);
	spin_unlock(&lock);
}
task b {
	add(10); twice(2);
	spin_lock(&lock);
	spin_unlock(&lock);
}
finally both: count == 11;
expect fails both;
`;
const scenarios: Readonly<Record<string, string>> = {
  'counter.lockstep': counter,
  'unsync-children.lockstep': readFileSync(new URL('unsync-children.lockstep', examples), 'utf8'),
};

/** Everything that a person sees of a state: threads with stacks, and shared memory to its leaves. */
async function seen(client: Client): Promise<unknown> {
  const { threads } = await client.ask('threads');
  const stacks: unknown[] = [];
  for (const { id } of threads) {
    const { stackFrames } = await client.ask('stackTrace', { threadId: id });
    stacks.push(stackFrames.map(({ name, line }: { name: string; line: number }) => `${name}:${line}`));
  }
  const scopes: unknown[] = [];
  for (const { id } of threads) {
    const { stackFrames } = await client.ask('stackTrace', { threadId: id });
    if (stackFrames.length === 0) continue;
    const { scopes: all } = await client.ask('scopes', { frameId: stackFrames[0].id });
    scopes.push(await leavesOf(client, all[0].variablesReference, 4));
    if (scopes.length === 1) scopes.push(await leavesOf(client, all[1].variablesReference, 4));
  }
  return { threads, stacks, scopes };
}

async function leavesOf(client: Client, variablesReference: number, depth: number): Promise<unknown> {
  const { variables } = await client.ask('variables', { variablesReference });
  const found: unknown[] = [];
  for (const { name, value, variablesReference: inner } of variables)
    found.push([name, value, inner > 0 && depth > 0 ? await leavesOf(client, inner, depth - 1) : null]);
  return found;
}

const cursorOf = async (client: Client): Promise<number> =>
  (await client.ask('lockstep/timeline', { from: 1, to: 1 })).cursor;

const commands = fc.record({
  command: fc.constantFrom('next', 'stepIn', 'stepOut', 'move', 'target'),
  thread: fc.nat(1),
  granularity: fc.constantFrom('statement', 'instruction', 'line'),
});

/** One command, if it can be done; whether anything moved. */
async function act(
  client: Client,
  { command, thread, granularity }: { command: string; thread: number; granularity: string },
) {
  const before = await cursorOf(client);
  let answer: { success: boolean };
  if (command === 'move') answer = await client.send('lockstep/move', { thread });
  else if (command === 'target') {
    const { stackFrames } = await client.ask('stackTrace', { threadId: thread + 1 });
    if (stackFrames.length === 0) return false;
    const { targets } = await client.ask('stepInTargets', { frameId: stackFrames[0].id });
    const forward = targets.filter(({ label }: { label: string }) => !label.startsWith('Back to'));
    if (forward.length === 0) return false;
    answer = await client.send('stepIn', { threadId: thread + 1, targetId: forward.at(-1).id });
  } else answer = await client.send(command, { threadId: thread + 1, granularity });
  if (answer.success) await client.next('stopped');
  return (await cursorOf(client)) !== before;
}

for (const [name, text] of Object.entries(scenarios)) {
  test(`${name}: any walk forwards, then back command by command, comes to the same states`, () =>
    withClient(scenarios, async (client) => {
      await client.launch({ program: client.path(name) });
      await client.ask('setExceptionBreakpoints', { filters: [] });
      await fc.assert(
        fc.asyncProperty(fc.array(commands, { maxLength: 10 }), async (walk) => {
          await client.move('lockstep/goto', { step: 0 });
          const states: { cursor: number; shown: unknown }[] = [];
          for (const one of walk) {
            const state = { cursor: await cursorOf(client), shown: await seen(client) };
            if (await act(client, one)) states.push(state);
          }
          for (const { cursor, shown } of states.reverse()) {
            await client.move('stepBack');
            assert.equal(await cursorOf(client), cursor);
            assert.deepEqual(await seen(client), shown);
          }
          assert.equal(await client.refused('stepBack', { threadId: 1 }), 'this is the start');
        }),
        { numRuns: 6 },
      );
    }));

  test(`${name}: jumping is stepping, and what is saved leads to the same states`, () =>
    withClient(scenarios, async (client) => {
      await client.launch({ program: client.path(name), counterexample: true });
      await client.ask('setExceptionBreakpoints', { filters: [] });
      const { length } = await client.ask('lockstep/timeline', { from: 1, to: 1 });
      const { steps } = await client.ask('lockstep/timeline');
      const states = [await seen(client)];
      for (const { thread } of steps) {
        await client.move('lockstep/move', { thread });
        states.push(await seen(client));
      }
      await fc.assert(
        fc.asyncProperty(fc.nat(length), async (step) => {
          await client.move('lockstep/goto', { step });
          assert.deepEqual(await seen(client), states[step]);
        }),
        { numRuns: 15 },
      );
      await client.move('lockstep/goto', { step: length });
      const { text: trace } = await client.ask('lockstep/save', { as: 'trace' });
      const { text: schedule } = await client.ask('lockstep/save', { as: 'schedule', title: 'kept' });
      const others = { [name]: text, 'kept.lockstep-trace': trace, 'kept.lockstep': `${text}\n${schedule}` };
      await withClient(others, async (other) => {
        for (const launched of [
          { program: other.path('kept.lockstep-trace') },
          { program: other.path('kept.lockstep'), schedule: 'kept' },
        ])
          await withClient(others, async (fresh) => {
            const program = launched.program.replace(other.root, fresh.root);
            await fresh.launch({ ...launched, program });
            for (const step of [0, 1, length >> 1, length]) {
              await fresh.move('lockstep/goto', { step });
              assert.deepEqual(await seen(fresh), states[step]);
            }
          });
      });
    }));
}

test('whatever a client sends, every request is answered, and nothing is a fault', () =>
  withClient(scenarios, async (client) => {
    await client.launch({ program: client.path('counter.lockstep') });
    const names = [
      ...[
        'setBreakpoints',
        'setFunctionBreakpoints',
        'setExceptionBreakpoints',
        'setDataBreakpoints',
        'scopes',
      ],
      ...[
        'dataBreakpointInfo',
        'threads',
        'stackTrace',
        'variables',
        'source',
        'next',
        'stepIn',
        'stepOut',
        'goto',
      ],
      ...[
        'stepBack',
        'reverseContinue',
        'stepInTargets',
        'gotoTargets',
        'restartFrame',
        'evaluate',
        'completions',
      ],
      ...[
        'setVariable',
        'setExpression',
        'readMemory',
        'exceptionInfo',
        'lockstep/timeline',
        'lockstep/threads',
      ],
      ...[
        'lockstep/views',
        'lockstep/locks',
        'lockstep/goto',
        'lockstep/move',
        'lockstep/save',
        'lockstep/fork',
      ],
      ...['initialize', 'configurationDone', 'pause', 'nosuch', 'launch', 'attach'],
    ];
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        1,
        0,
        -1,
        2,
        1e9,
        0.5,
        'count',
        'a',
        'x',
        '',
        null,
        true,
        [],
        {},
        '0x0',
        'table',
      ),
      fc.array(
        fc.dictionary(
          fc.constantFrom('line', 'name', 'dataId', 'condition'),
          fc.constantFrom<unknown>(1, 'x', null, {}),
        ),
        { maxLength: 2 },
      ),
      fc.record({ path: fc.constantFrom<unknown>('/x', 'a:b', 7, null) }),
    );
    const keys = [
      ...[
        'threadId',
        'frameId',
        'variablesReference',
        'source',
        'breakpoints',
        'filters',
        'line',
        'expression',
      ],
      ...[
        'value',
        'name',
        'text',
        'column',
        'memoryReference',
        'count',
        'step',
        'thread',
        'index',
        'as',
        'targetId',
      ],
    ];
    const args = fc.oneof(
      { weight: 9, arbitrary: fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 6 }) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 7, 'x', []) },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), args, async (command, given) => {
        const response = await client.send(command, given);
        assert.equal(response.command, command);
        if (!response.success) {
          assert.doesNotMatch(response.message ?? '', /fault of Lockstep/, JSON.stringify(given));
          assert.notEqual(response.message, '');
        }
      }),
      { numRuns: 600 },
    );
    await client.move('lockstep/goto', { step: 0 });
    assert.equal((await client.ask('threads')).threads.length, 2);
  }));
