import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { bundleInto, root } from '../../scripts/build.mjs';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-dap-')));
const scenario = `scenario "Two count";
option fix = { none, locked };
spinlock_t lock;
struct page { u8 mapped : 1; u8 dirty : 1; };
struct page page;
int count;

static void add(int by)
{
	int now = READ_ONCE(count);

	WRITE_ONCE(count, now + by);
}

task a {
	if (fix == locked)
		spin_lock(&lock);
	add(1);
	page.dirty = 1;
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
`;
const program = join(folder, 'count.lockstep');
/** The client gives no arguments to what it starts. */
const starter = join(folder, 'start.mjs');

before(async () => {
  writeFileSync(program, scenario);
  await bundleInto(join(folder, 'dist'), { minify: true });
  symlinkSync(join(root, 'library'), join(folder, 'library'));
  writeFileSync(starter, "process.argv.push('--stdio');\nawait import('./dist/dap.js');\n");
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function withAdapter(body: (client: DebugClient) => Promise<void>): Promise<void> {
  const client = new DebugClient(process.execPath, starter, 'lockstep', { cwd: folder });
  client.defaultTimeout = 30_000;
  await client.start();
  try {
    await body(client);
  } finally {
    await client.stop();
  }
}

/** Up to the first stop. */
async function launched(client: DebugClient, args: object = {}): Promise<void> {
  const stopped = client.waitForEvent('stopped');
  await Promise.all([client.configurationSequence(), client.launch({ program, ...args })]);
  await stopped;
}

/** The stop behind a request; it may come together with the answer. */
async function stop(client: DebugClient, request: () => Promise<unknown>) {
  const [stopped] = await Promise.all([client.waitForEvent('stopped'), request()]);
  return stopped.body;
}

test('what the adapter says it can do', () =>
  withAdapter(async (client) => {
    const { body } = await client.initializeRequest();
    for (const ability of [
      'supportsStepBack',
      'supportsStepInTargetsRequest',
      'supportsGotoTargetsRequest',
      'supportsRestartFrame',
      'supportsDataBreakpoints',
      'supportsSetVariable',
      'supportsReadMemoryRequest',
    ] as const)
      assert.equal(body?.[ability], true, ability);
  }));

test('launch, a breakpoint, stops, and back', () =>
  withAdapter(async (client) => {
    await client.hitBreakpoint(
      { program, options: { fix: 'locked' }, stopOnEntry: false },
      { path: program, line: 12 },
    );
    const { body: threads } = await client.threadsRequest();
    assert.deepEqual(
      threads.threads.map(({ name }) => name),
      ['task a', 'task b · waits at spin_lock(&lock); held by task a'],
    );
    const back = await stop(client, () => client.stepBackRequest({ threadId: 1 }));
    assert.equal(back.reason, 'step');
    const out = (): Promise<unknown> => client.stepOutRequest({ threadId: 1 });
    assert.equal((await stop(client, out)).reason, 'breakpoint');
    await stop(client, out);
    const { body } = await client.stackTraceRequest({ threadId: 1 });
    assert.deepEqual([body.stackFrames[0]?.source?.path, body.stackFrames[0]?.line], [program, 19]);
  }));

test('a counterexample is followed to the check that fails', () =>
  withAdapter(async (client) => {
    await launched(client, { counterexample: 'both' });
    const body = await stop(client, () => client.continueRequest({ threadId: 1 }));
    assert.equal(body.reason, 'exception');
    assert.match(body.text, /^both: /);
    const info = await client.exceptionInfoRequest({ threadId: body.threadId });
    assert.equal(info.body.exceptionId, 'both');
  }));

test('data breakpoints, evaluation, setting, restart, end', () =>
  withAdapter(async (client) => {
    await launched(client);
    const info = await client.dataBreakpointInfoRequest({ name: 'page.dirty' });
    assert.ok(info.body.dataId !== null);
    await client.setDataBreakpointsRequest({
      breakpoints: [{ dataId: info.body.dataId, accessType: 'write' }],
    });
    const watched = await stop(client, () => client.continueRequest({ threadId: 1 }));
    assert.deepEqual([watched.reason, watched.text], ['data breakpoint', 'page.dirty']);
    assert.equal((await client.evaluateRequest({ expression: 'page.dirty + count' })).body.result, '2');
    await assert.rejects(client.evaluateRequest({ expression: 'count++' }), /would change the state/);
    await client.customRequest('setExpression', { expression: 'count', value: '5' });
    assert.equal((await client.evaluateRequest({ expression: 'count' })).body.result, '5');
    assert.equal((await stop(client, () => client.restartRequest({}))).reason, 'entry');
    assert.equal((await client.evaluateRequest({ expression: 'count' })).body.result, '0');
    await Promise.all([client.waitForEvent('terminated'), client.terminateRequest()]);
  }));

test('what cannot be launched is refused, and the adapter stays', () =>
  withAdapter(async (client) => {
    await client.initializeRequest();
    await assert.rejects(
      client.launchRequest({ program: '/nowhere.lockstep' } as never),
      /there is no scenario/,
    );
    await Promise.all([client.waitForEvent('initialized'), client.launchRequest({ program } as never)]);
  }));

test('two adapters beside each other', () =>
  withAdapter((one) =>
    withAdapter(async (two) => {
      await Promise.all([launched(one), launched(two)]);
      await stop(one, () => one.nextRequest({ threadId: 1 }));
      const value = async (client: DebugClient): Promise<string> =>
        (await client.evaluateRequest({ expression: 'count' })).body.result;
      assert.deepEqual([await value(one), await value(two)], ['0', '0']);
      await stop(one, () => one.stepOutRequest({ threadId: 1 }));
      assert.deepEqual([await value(one), await value(two)], ['1', '0']);
    }),
  ));

test('what is no message is passed over; the end of the input ends the process', async () => {
  const child = spawn(process.execPath, [starter], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const message = (text: string): string => `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  const request = (seq: number, command: string): string =>
    message(JSON.stringify({ seq, type: 'request', command, arguments: {} }));
  child.stdin.write('Content-Length: nonsense\r\n\r\n');
  child.stdin.write(message('{ no json'));
  child.stdin.write(message('[1, 2]'));
  child.stdin.write(message('null'));
  child.stdin.write(`X-Other: ä\r\n${request(1, 'threads')}`);
  const whole = request(2, 'initialize');
  child.stdin.write(whole.slice(0, 10));
  await new Promise((done) => setTimeout(done, 50));
  child.stdin.write(whole.slice(10));
  for (let waited = 0; !output.includes('"request_seq":2') && waited < 30_000; waited += 20)
    await new Promise((done) => setTimeout(done, 20));
  assert.match(output, /"request_seq":1,"success":false/);
  assert.match(output, /"request_seq":2,"success":true/);
  const ended = new Promise((done) => child.once('exit', done));
  child.stdin.end();
  assert.equal(await ended, 0);
});
