import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withClient } from './client.ts';

const scenario = `scenario "Two count";
option fix = { none, locked };
struct pair { u8 low : 4; u8 high : 4; int rest[2]; };
spinlock_t lock;
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
	int mine;

	if (fix == locked)
		spin_lock(&lock);
	mine = add(1);
	pair.high = 5;
	pair.rest[1] = mine;
	if (fix == locked)
		spin_unlock(&lock);
}

task b {
	if (fix == locked)
		spin_lock(&lock);
	add(10);
	if (fix == locked)
		spin_unlock(&lock);
}

finally both: count == 11;
expect fails both when fix == none;
expect passes when fix == locked;

schedule "a first" when fix == none {
	a 2 steps;
	b;
	a;
}
`;

const files = { 'count.lockstep': scenario };

test('launch takes the variant that fails, stops at the entry, and names threads with their state', () =>
  withClient(files, async (client) => {
    const stopped = await client.launch({ program: client.path('count.lockstep') });
    assert.deepEqual(
      { reason: stopped.reason, threadId: stopped.threadId, all: stopped.allThreadsStopped },
      { reason: 'entry', threadId: 1, all: true },
    );
    const { threads } = await client.ask('threads');
    assert.deepEqual(threads, [
      { id: 1, name: 'task a' },
      { id: 2, name: 'task b' },
    ]);
    assert.equal(await client.at(1), 'add():10');
    const output = client.events.find(({ event }) => event === 'output');
    assert.match(output?.body.output, /Two count · fix=none/);
  }));

test('stepping moves the thread that was named, and the focus stays with it', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep') });
    assert.equal((await client.move('next', { threadId: 2 })).threadId, 2);
    assert.equal(await client.at(2), 'add():13');
    assert.equal(await client.at(1), 'add():10');
    assert.equal((await client.move('stepOut', { threadId: 1 })).threadId, 1);
    assert.equal(await client.at(1), 'a:23');
    assert.equal((await client.move('stepBack', { threadId: 1 })).threadId, 1);
    assert.equal(await client.at(1), 'add():10');
    assert.equal(await client.at(2), 'add():13');
    await client.move('stepBack', { threadId: 1 });
    assert.equal(await client.at(2), 'add():10');
    assert.equal(await client.refused('stepBack', { threadId: 1 }), 'this is the start');
  }));

test('a thread that waits says for what, and a step of it is refused', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep'), options: { fix: 'locked' } });
    await client.move('stepIn', { threadId: 1 });
    const { threads } = await client.ask('threads');
    assert.equal(threads[1].name, 'task b · waits at spin_lock(&lock); held by task a');
    assert.equal(
      await client.refused('next', { threadId: 2 }),
      'task b waits at spin_lock(&lock); held by task a',
    );
    assert.deepEqual(
      (await client.scope(1, 'Locks')).map(({ name, value }) => `${name}: ${value}`),
      ['lock (spinlock): held by a since step 1', 'b: task b waits at spin_lock(&lock); held by task a'],
    );
  }));

test('a counterexample lies ahead: going on follows it to the check that fails', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep'), counterexample: 'both' });
    const stopped = await client.move('continue');
    assert.equal(stopped.reason, 'exception');
    assert.match(stopped.text, /^both: 'both' does not hold at the end/);
    assert.notEqual(await client.evaluate('count'), '11');
    const info = await client.ask('exceptionInfo', { threadId: stopped.threadId });
    assert.equal(info.exceptionId, 'both');
    assert.match(info.details.stackTrace, /\*\*\* both/);
    const back = await client.move('reverseContinue');
    assert.equal(back.reason, 'entry');
    const { length, cursor, steps } = await client.ask('lockstep/timeline');
    assert.equal(cursor, 0);
    assert.equal(steps.length, length);
    assert.deepEqual(steps.at(-1).broken, ['both']);
    await client.ask('lockstep/goto', { step: 3 });
    assert.equal((await client.next('stopped')).reason, 'goto');
  }));

test('what cannot be launched is refused with the reason', async () => {
  const cases: readonly [object, RegExp][] = [
    [{}, /"program" names no scenario file/],
    [{ program: '/nowhere.lockstep' }, /there is no scenario at/],
    [{ options: { fix: 'nosuch' } }, /nosuch/],
    [{ options: { nosuch: 'none' } }, /nosuch/],
    [{ options: { fix: 'locked' }, counterexample: true }, /no interleaving of this variant breaks a check/],
    [{ counterexample: 'deadlock' }, /no interleaving of this variant breaks 'deadlock'/],
    [{ schedule: 'nosuch' }, /no schedule 'nosuch'; it has 'a first'/],
    [{ trace: 'nosuch.lockstep-trace' }, /there is no such file/],
  ];
  for (const [args, message] of cases) {
    await withClient(files, async (client) => {
      await client.ask('initialize', {});
      const program = client.path('count.lockstep');
      assert.match(
        await client.refused('launch', {
          ...('program' in args || Object.keys(args).length === 0 ? {} : { program }),
          ...args,
        }),
        message,
      );
    });
  }
});

test('a scenario with errors cannot be stepped', () =>
  withClient({ 'bad.lockstep': 'scenario "Bad";\ntask a { nosuch++; }\n' }, async (client) => {
    await client.ask('initialize', {});
    assert.match(
      await client.refused('launch', { program: client.path('bad.lockstep') }),
      /the scenario has errors: unknown name 'nosuch'/,
    );
  }));

test('breakpoints on lines: where nothing happens they move down or are not verified; conditions, counts, messages', () =>
  withClient(files, async (client) => {
    const source = { path: client.path('count.lockstep') };
    await client.launch({ program: client.path('count.lockstep') }, async () => {
      const { breakpoints } = await client.ask('setBreakpoints', {
        source,
        breakpoints: [{ line: 13, condition: 'by == 10' }, { line: 12 }, { line: 3 }],
      });
      assert.deepEqual(
        breakpoints.map(({ verified, line }: { verified: boolean; line: number }) => [verified, line]),
        [
          [true, 13],
          [true, 13],
          [false, 3],
        ],
      );
      assert.match(breakpoints[2].message, /^Unreachable/);
    });
    await client.ask('setBreakpoints', { source, breakpoints: [{ line: 13, condition: 'by == 10' }] });
    const stopped = await client.move('continue');
    assert.equal(stopped.reason, 'breakpoint');
    assert.equal(stopped.threadId, 2);
    assert.equal(stopped.hitBreakpointIds.length, 1);
    assert.equal(await client.evaluate('by', 2), '10');
    await client.ask('lockstep/goto', { step: 0 });
    await client.next('stopped');
    await client.ask('setBreakpoints', {
      source,
      breakpoints: [{ line: 13, logMessage: 'by {by}, {nosuch}' }],
    });
    await client.move('continue');
    const logged = client.events.filter(({ event }) => event === 'output').map(({ body }) => body.output);
    assert.ok(
      logged.some((text) => text.startsWith("by 1, {unknown name 'nosuch'")),
      logged.join(''),
    );
    await client.ask('lockstep/goto', { step: 0 });
    await client.next('stopped');
    await client.ask('setBreakpoints', { source, breakpoints: [{ line: 13, hitCondition: '2' }] });
    assert.equal((await client.move('continue')).threadId, 2);
  }));

test('breakpoints on functions and on data, down to a bit-field', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep'), options: { fix: 'locked' } });
    await client.ask('setFunctionBreakpoints', { breakpoints: [{ name: 'add' }, { name: 'nosuch' }] });
    assert.equal((await client.move('continue')).reason, 'function breakpoint');
    await client.ask('setFunctionBreakpoints', { breakpoints: [] });
    const shared = await client.scope(1, 'Shared');
    const pair = shared.find(({ name }) => name === 'pair');
    const info = await client.ask('dataBreakpointInfo', {
      variablesReference: pair.variablesReference,
      name: 'high',
    });
    assert.equal(info.description, 'pair.high');
    const low = await client.ask('dataBreakpointInfo', { name: 'pair.low' });
    await client.ask('setDataBreakpoints', {
      breakpoints: [
        { dataId: info.dataId, accessType: 'write' },
        { dataId: low.dataId, accessType: 'write' },
        { dataId: 'nonsense' },
      ],
    });
    const stopped = await client.move('continue');
    assert.deepEqual([stopped.reason, stopped.text], ['data breakpoint', 'pair.high']);
    assert.equal(await client.evaluate('pair.high'), '5');
    const by = await client.ask('dataBreakpointInfo', { name: 'mine', frameId: 1 });
    assert.equal(by.dataId, null);
  }));

test('step targets are every thread that can move, and the way back', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep') });
    await client.move('stepIn', { threadId: 1, granularity: 'instruction' });
    const { stackFrames } = await client.ask('stackTrace', { threadId: 1 });
    const { targets } = await client.ask('stepInTargets', { frameId: stackFrames[0].id });
    assert.deepEqual(
      targets.map(({ label }: { label: string }) => label),
      [
        'a: store: WRITE_ONCE(count, after)',
        'b: load: READ_ONCE(count)',
        'Back to: before a: load: READ_ONCE(count) (step 1)',
      ],
    );
    await client.move('stepIn', { threadId: 1, targetId: targets[1].id });
    assert.equal(await client.at(2), 'add():13');
    assert.equal(await client.refused('stepIn', { threadId: 1, targetId: 77 }), 'this target is gone');
  }));

test('values can be set, which makes a fork; what was left can be taken again', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep'), schedule: 'a first' });
    await client.move('stepIn', { threadId: 1, granularity: 'instruction' });
    const locals = await client.scope(1, 'Locals');
    assert.deepEqual(
      locals.map(({ name, value }) => `${name} ${value}`),
      ['by 1', 'now 0', 'after 1'],
    );
    assert.equal((await client.ask('setExpression', { expression: 'count', value: '40 + 2' })).value, '42');
    assert.equal(await client.evaluate('count'), '42');
    const { forks } = await client.ask('lockstep/timeline');
    assert.equal(forks.length, 1);
    assert.equal(forks[0].why, 'count = 40 + 2');
    await client.move('stepOut');
    const { stackFrames } = await client.ask('stackTrace', { threadId: 1 });
    const { scopes } = await client.ask('scopes', { frameId: stackFrames[0].id });
    const { variablesReference } = scopes[0];
    assert.equal(
      (await client.ask('setVariable', { variablesReference, name: 'mine', value: '7' })).value,
      '7',
    );
    await client.move('next');
    await client.move('next');
    assert.equal(await client.evaluate('pair.rest[1]', 2), '7');
    assert.match(await client.refused('lockstep/save', { as: 'trace' }), /set by hand/);
    assert.match(
      await client.refused('setExpression', { expression: '1 + 1', value: '3' }),
      /names no place/,
    );
    assert.match(
      await client.refused('setExpression', { expression: 'count', value: 'nosuch' }),
      /unknown name/,
    );
    await client.ask('lockstep/fork', { index: 0 });
    await client.next('stopped');
    assert.equal(await client.evaluate('count'), '11', 'the schedule goes on to its end');
  }));

test('a run is saved as schedule, table and trace, and the trace can be launched', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep'), counterexample: true });
    await client.move('continue');
    const { text: table } = await client.ask('lockstep/save', { as: 'table' });
    assert.match(table, /\*\*\* both/);
    const { text: schedule, scenario: path } = await client.ask('lockstep/save', {
      ...{ as: 'schedule', title: 'found' },
    });
    assert.equal(path, client.path('count.lockstep'));
    assert.match(schedule, /^schedule "found" when fix == none \{\n\t[ab] \d+ steps;/);
    const { text: trace } = await client.ask('lockstep/save', { as: 'trace' });
    const { steps } = await client.ask('lockstep/timeline');
    await withClient({ ...files, 'saved.lockstep-trace': trace }, async (other) => {
      await other.launch({ program: other.path('saved.lockstep-trace') });
      const again = await other.ask('lockstep/timeline');
      assert.deepEqual(
        again.steps.map((one: { text: string; value: string }) => [one.text, one.value]),
        steps.map((one: { text: string; value: string }) => [one.text, one.value]),
      );
    });
    await withClient(
      {
        'count.lockstep': scenario.replace('WRITE_ONCE(count, after)', 'count = after'),
        'saved.lockstep-trace': trace,
      },
      async (other) => {
        await other.launch({ program: other.path('saved.lockstep-trace') });
        const said = other.events
          .filter(({ event }) => event === 'output')
          .map(({ body }) => body.output)
          .join('');
        assert.match(said, /differs at step \d+, because the next step of [ab] is 'store: count = after'/);
      },
    );
  }));

test('a scenario that is edited while it is stepped: said once, and lines stay those of the text that runs', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep') });
    client.edit('count.lockstep', `// a new line\n${scenario}`);
    client.edit('count.lockstep', `// a new line\n// another\n${scenario}`);
    const said = client.events.filter(
      ({ event, body }) => event === 'output' && /was edited/.test(body.output),
    );
    assert.equal(said.length, 1);
    const { stackFrames } = await client.ask('stackTrace', { threadId: 1 });
    const { source, line } = stackFrames[0];
    assert.ok(source.sourceReference > 0 && source.path === undefined);
    assert.equal(line, 10);
    const { content } = await client.ask('source', { sourceReference: source.sourceReference });
    assert.equal(content, scenario);
    const set = await client.ask('setBreakpoints', {
      source: { path: client.path('count.lockstep') },
      breakpoints: [{ line: 10 }, { line: 13 }],
    });
    assert.deepEqual(
      set.breakpoints.map(({ line }: { line: number }) => line),
      [10, 13],
    );
    const info = await client.ask('dataBreakpointInfo', { name: 'pair.high' });
    await client.ask('setDataBreakpoints', { breakpoints: [{ dataId: info.dataId, accessType: 'write' }] });
    client.edit(
      'count.lockstep',
      `// a new line\n// another\n${scenario.replace('int count;', 'u64 more[9];\nint count;')}`,
    );
    await client.ask('restart');
    await client.next('stopped');
    assert.equal(await client.at(1), 'add():13');
    const changed = client.events
      .filter(({ event }) => event === 'breakpoint')
      .map(({ body }) => body.breakpoint);
    assert.deepEqual(
      changed.map(({ verified, line }) => [verified, line]),
      [
        [false, 10],
        [true, 13],
      ],
      'breakpoints stand where the new text has steps',
    );
    await client.ask('setBreakpoints', { source: { path: client.path('count.lockstep') }, breakpoints: [] });
    assert.equal((await client.move('continue')).text, 'pair.high', 'what is watched is found by its name');
  }));

test('requests in the wrong state and malformed messages', () =>
  withClient(files, async (client) => {
    for (const message of [null, 7, 'x', {}, { type: 'request' }, { type: 'event', event: 'x', seq: 1 }])
      client.raw(message);
    for (const command of [
      'threads',
      'stackTrace',
      'next',
      'scopes',
      'evaluate',
      'variables',
      'lockstep/timeline',
      'configurationDone',
      'goto',
      'restartFrame',
    ])
      assert.match(
        await client.refused(command, {
          ...{ threadId: 1, frameId: 1, targetId: 1, variablesReference: 1, expression: 'x' },
        }),
        /nothing is launched|gone/,
        command,
      );
    assert.equal(await client.refused('nosuch'), "'nosuch' is not supported");
    await client.launch({ program: client.path('count.lockstep') });
    assert.match(await client.refused('next', { threadId: 99 }), /there is no thread 99/);
    assert.match(await client.refused('next', {}), /'next' is malformed: 'threadId' is no number/);
    assert.match(await client.refused('scopes', { frameId: 123456 }), /gone/);
    assert.deepEqual((await client.ask('variables', { variablesReference: 999_999 })).variables, []);
    assert.match(await client.refused('launch', { program: client.path('count.lockstep') }), /already/);
    assert.match(await client.refused('readMemory', { memoryReference: 'x', count: 8 }), /no address/);
    assert.equal(
      await client.evaluate('count = 3'),
      '! this would change the state; use "Set Value" to change something by hand',
    );
  }));

test('memory of a variable can be read, completions offer members', () =>
  withClient(files, async (client) => {
    await client.launch({ program: client.path('count.lockstep'), schedule: 'a first' });
    await client.move('continue');
    // Both threads have ended, and what they left can be looked at.
    const variable = (await client.scope(2, 'Shared')).find(({ name }) => name === 'count');
    assert.deepEqual(await client.scope(2, 'Locals'), []);
    const { data, unreadableBytes } = await client.ask('readMemory', {
      memoryReference: variable.memoryReference,
      count: 4,
    });
    assert.equal(Buffer.from(data, 'base64').readInt32LE(), Number(variable.value));
    assert.equal(unreadableBytes, 0);
    const { targets } = await client.ask('completions', { text: 'pair.', column: 6 });
    assert.deepEqual(
      targets.map(({ label }: { label: string }) => label),
      ['low', 'high', 'rest'],
    );
  }));

test('views: threads, locks and views of the library, with the step that wrote each line', () =>
  withClient(
    {
      'view.lockstep': `scenario "Shown";
int x;
spinlock_t lock;
view "X" {
	show_begin("x is {}", x);
	show_at(&x);
	show_end();
}
task a { spin_lock(&lock); x = 3; spin_unlock(&lock); }
task b { spin_lock(&lock); spin_unlock(&lock); }
`,
    },
    async (client) => {
      await client.launch({ program: client.path('view.lockstep') });
      await client.move('next', { threadId: 1, granularity: 'instruction' });
      await client.move('next', { threadId: 1, granularity: 'instruction' });
      const views = await client.ask('lockstep/views');
      assert.deepEqual(views[0].lines, [
        { text: 'x is 3', lines: [], writer: 2, changed: true, place: views[0].lines[0].place },
      ]);
      const threads = await client.ask('lockstep/threads');
      assert.deepEqual(
        threads.map((one: { name: string; kind: string; holds: string[] }) => [
          one.name,
          one.kind,
          one.holds,
        ]),
        [
          ['a', 'ready', ['lock']],
          ['b', 'waits', []],
        ],
      );
      const { held, waiting } = await client.ask('lockstep/locks');
      assert.deepEqual([held.length, held[0].lock, held[0].since, held[0].place.line], [1, 'lock', 1, 9]);
      assert.equal(waiting.length, 1);
      const changed = await client.scope(1, 'Changed by this step');
      assert.deepEqual(
        changed.map(({ name, value }) => `${name} ${value}`),
        ['x 3'],
      );
    },
  ));

test('a run is opened as a test, which says what is expected where the scenario does not yet', async () => {
  const bare = scenario.replace(/^expect.*\n/gm, '');
  for (const [text, added] of [
    [scenario, ''],
    [bare, 'expect fails both when fix == none;\n\n'],
  ] as const)
    await withClient({ 'count.lockstep': text }, async (client) => {
      await client.launch({ program: client.path('count.lockstep'), counterexample: true });
      await client.move('continue');
      const { text: saved } = await client.ask('lockstep/save', { as: 'test', title: 'lost' });
      assert.ok(saved.startsWith(`${text.trimEnd()}\n\n${added}schedule "lost" when fix == none {`), saved);
      await withClient({ 'test.lockstep': saved }, async (other) => {
        await other.launch({ program: other.path('test.lockstep'), schedule: 'lost' });
        assert.equal((await other.move('continue')).reason, 'exception');
      });
    });
});

test('the order of locks: what is taken inside what, where, and against which rule', () =>
  withClient(
    {
      'order.lockstep': `scenario "Order";
spinlock_t first, second, third;
lock_order second, third;
task a {
	spin_lock(&first);
	spin_lock(&second);
	spin_unlock(&second);
	spin_unlock(&first);
}
task b {
	spin_lock(&second);
	spin_lock(&first);
	spin_unlock(&first);
	if (spin_trylock(&third))
		spin_unlock(&third);
	spin_unlock(&second);
}
`,
    },
    async (client) => {
      await client.launch({ program: client.path('order.lockstep') });
      const order = await client.ask('lockstep/lockOrder');
      assert.deepEqual(
        order.map(
          (edge: { outer: string; inner: string; broken: string; declared: unknown; taken: unknown[] }) => [
            `${edge.outer} ${edge.inner}`,
            edge.broken,
            edge.declared !== null,
            edge.taken.length,
          ],
        ),
        [
          ['first second', 'lock-order-inversion', false, 1],
          ['second first', 'lock-order-inversion', false, 1],
          ['second third', null, true, 1],
        ],
      );
      assert.deepEqual([order[0].taken[0].who, order[0].taken[0].place.line], ['a', 6]);
    },
  ));
