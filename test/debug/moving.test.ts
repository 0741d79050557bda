import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withClient } from './client.ts';

const scenario = `scenario "Moves";
spinlock_t lock;
int x, y;
static int twice(int by)
{
	x += by;
	y += by;
	return by;
}
static void guarded(void)
{
	READ_ONCE(y);
	spin_lock(&lock);
	x++;
	spin_unlock(&lock);
}
task a {
	x = 1; y = 2; x = 3;
	twice(4);
	guarded();
	y = 9;
}
task b {
	spin_lock(&lock);
	x = 20;
	spin_unlock(&lock);
}
invariant small: x < 100;
invariant even: y != 6;
expect fails even;
`;
const files = { 'moves.lockstep': scenario };
const lineOf = (text: string): number => scenario.split('\n').findIndex((line) => line.includes(text)) + 1;

test('a line with several steps is one for next, and several for a step of an instruction', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('moves.lockstep') });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    assert.equal(await client.at(1), `a:${lineOf('x = 1;')}`);
    for (const [granularity, values] of [
      ['instruction', ['1', '0']],
      ['statement', ['3', '2']],
    ] as const) {
      await client.move('next', { threadId: 1, granularity });
      assert.deepEqual([await client.evaluate('x'), await client.evaluate('y')], values);
    }
    const call = `a:${lineOf('twice(4);')}`;
    assert.equal(await client.at(1), call, 'it stands before the call, of which it took no step');
    const { cursor } = await client.ask('lockstep/timeline');
    await client.move('stepIn', { threadId: 1 });
    assert.equal(await client.at(1), `twice():${lineOf('x += by')}`);
    assert.equal((await client.ask('lockstep/timeline')).cursor, cursor, 'going in takes no step');
    await client.move('stepOut', { threadId: 1 });
    assert.equal(await client.at(1), `a:${lineOf('guarded();')}`, 'out of one call, and before the next');
    await client.move('stepBack', { threadId: 1 });
    assert.equal(await client.at(1), `twice():${lineOf('x += by')}`);
    await client.ask('setBreakpoints', {
      source: { path: client.path('moves.lockstep') },
      breakpoints: [{ line: lineOf('guarded();') }],
    });
    assert.equal((await client.move('continue')).reason, 'breakpoint');
    assert.equal(await client.at(1), `a:${lineOf('guarded();')}`);
  }));

test('out of the outermost frame runs the thread to its end, or to where it waits', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('moves.lockstep') });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    await client.move('next', { threadId: 2 });
    const blocked = await client.move('stepOut', { threadId: 1 });
    assert.deepEqual([blocked.threadId, blocked.reason], [1, 'step']);
    assert.match(blocked.text, /task a waits at spin_lock\(&lock\); held by task b/);
    assert.match(await client.refused('stepOut', { threadId: 1 }), /^task a waits at spin_lock/);
    await client.move('stepOut', { threadId: 2 });
    assert.equal(await client.at(2), 'ended');
    while ((await client.at(1)) !== 'ended') await client.move('stepOut', { threadId: 1 });
    const { threads } = await client.ask('threads');
    assert.deepEqual(
      threads.map(({ name }: { name: string }) => name),
      ['task a · ended', 'task b · ended'],
    );
    assert.match(await client.refused('next', { threadId: 1 }), /task a has nothing more to do/);
  }));

test('stepping over a call whose callee waits stops there, with the reason', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('moves.lockstep') });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    await client.move('next', { threadId: 2 });
    await client.move('next', { threadId: 1 });
    await client.move('next', { threadId: 1 });
    assert.equal(await client.at(1), `a:${lineOf('guarded();')}`);
    const stopped = await client.move('next', { threadId: 1 });
    assert.equal(stopped.reason, 'step');
    assert.match(stopped.description, /^Waiting: task a waits at spin_lock\(&lock\); held by task b/);
    assert.equal(await client.at(1), `guarded():${lineOf('\tspin_lock(&lock);')}`);
  }));

test('a frame is restarted, and visits of a line are gone to', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('moves.lockstep') });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    await client.move('next', { threadId: 1 });
    await client.move('stepIn', { threadId: 1 });
    await client.move('stepIn', { threadId: 1 });
    assert.equal(await client.at(1), `twice():${lineOf('y += by')}`);
    const { stackFrames } = await client.ask('stackTrace', { threadId: 1 });
    assert.deepEqual(
      stackFrames.map(({ name, canRestart }: { name: string; canRestart: boolean }) => [name, canRestart]),
      [
        ['twice()', true],
        ['a', false],
      ],
    );
    const restarted = await client.move('restartFrame', { frameId: stackFrames[0].id });
    assert.deepEqual([restarted.reason, restarted.threadId], ['restart', 1]);
    assert.equal(await client.at(1), `twice():${lineOf('x += by')}`);
    assert.equal(await client.evaluate('x'), '3');
    const source = { path: client.path('moves.lockstep') };
    const { targets } = await client.ask('gotoTargets', { source, line: lineOf('x += by') });
    assert.deepEqual(
      targets.map(({ label }: { label: string }) => label),
      ['before step 4 · task a: load: x += by', 'before step 5 · task a: store: x += by'],
    );
    assert.equal((await client.move('goto', { threadId: 1, targetId: targets[1].id })).reason, 'goto');
    assert.equal((await client.ask('lockstep/timeline')).cursor, 4);
    assert.deepEqual((await client.ask('gotoTargets', { source, line: 1 })).targets, []);
  }));

test('checks stop a run by kind, by name, and by condition', async () => {
  const filters: readonly [object, string | null][] = [
    [{ filters: ['errors'] }, 'even'],
    [{ filters: [] }, null],
    [{ filters: ['small'] }, null],
    [{ filters: ['even'] }, 'even'],
    [{ filters: [], filterOptions: [{ filterId: 'errors', condition: 'small, deadlock' }] }, null],
    [{ filters: [], filterOptions: [{ filterId: 'errors', condition: 'small, even' }] }, 'even'],
    [{ filters: ['warnings'] }, null],
  ];
  for (const [asked, check] of filters)
    await withClient(files, async (client) => {
      await client.launch({ program: client.path('moves.lockstep') });
      await client.ask('setExceptionBreakpoints', asked);
      const stopped = await client.move('continue');
      const found = stopped.reason === 'exception' ? stopped.text.split(':')[0] : null;
      assert.equal(found, check, JSON.stringify(asked));
    });
});

const endless = `scenario "Endless";
u64 x;
task a { for (;;) x++; }
task b { for (;;) x--; }
`;

test('a run that goes on is paused; meanwhile it cannot be stepped, and one command is undone as one', () =>
  withClient({ 'endless.lockstep': endless }, async (client) => {
    await client.launch({ program: client.path('endless.lockstep') });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    await client.ask('continue', { threadId: 1 });
    assert.equal(await client.refused('next', { threadId: 1 }), 'the run goes on; pause it first');
    assert.equal(await client.refused('lockstep/goto', { step: 1 }), 'the run goes on; pause it first');
    await new Promise((done) => setTimeout(done, 100));
    await client.ask('pause', { threadId: 1 });
    assert.equal((await client.next('stopped')).reason, 'pause');
    const { cursor } = await client.ask('lockstep/timeline', { from: 1, to: 1 });
    assert.ok(cursor >= 1000, String(cursor));
    await client.ask('reverseContinue', { threadId: 1 });
    await client.ask('pause', { threadId: 1 }).catch(() => null);
    await client.next('stopped');
    await client.ask('lockstep/goto', { step: cursor });
    await client.next('stopped');
    await client.ask('lockstep/goto', { step: 0 });
    await client.next('stopped');
    await client.ask('continue', { threadId: 1 });
    await client.ask('terminate');
    await client.next('terminated');
    assert.equal(client.events.filter(({ event }) => event === 'terminated').length, 1);
  }));

test('a continued run is undone by one step back, however long it was', () =>
  withClient({ 'endless.lockstep': endless }, async (client) => {
    await client.launch({ program: client.path('endless.lockstep') });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    await client.move('next', { threadId: 2, granularity: 'instruction' });
    await client.ask('continue', { threadId: 1 });
    await new Promise((done) => setTimeout(done, 50));
    await client.ask('pause', { threadId: 1 });
    await client.next('stopped');
    await client.move('stepBack');
    assert.equal((await client.ask('lockstep/timeline', { from: 1, to: 1 })).cursor, 1);
  }));

test('a run is restarted while it goes on, and the old one is heard of no more', () =>
  withClient({ 'endless.lockstep': endless }, async (client) => {
    await client.launch({ program: client.path('endless.lockstep') });
    await client.ask('setExceptionBreakpoints', { filters: [] });
    await client.ask('continue', { threadId: 1 });
    await client.ask('restart', {});
    assert.equal((await client.next('stopped')).reason, 'entry');
    const before = client.events.length;
    await new Promise((done) => setTimeout(done, 50));
    assert.deepEqual(
      client.events.slice(before).filter(({ event }) => event === 'stopped'),
      [],
    );
  }));

test('two sessions at once have nothing to do with each other', () =>
  withClient(files, async (one) => {
    await withClient(files, async (two) => {
      await one.launch({ program: one.path('moves.lockstep') });
      await two.launch({ program: two.path('moves.lockstep') });
      await one.move('next', { threadId: 1 });
      await two.move('next', { threadId: 2 });
      assert.deepEqual([await one.evaluate('x'), await two.evaluate('x')], ['3', '0']);
      await two.ask('disconnect');
      await one.move('stepBack');
      assert.equal(await one.evaluate('x'), '0');
    });
  }));
