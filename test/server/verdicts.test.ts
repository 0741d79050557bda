import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver-types';
import type { VerdictsParams } from '../../server/protocol.ts';
import type { StartRunner } from '../../server/explorer.ts';
import { rangeOf, type RunningServer, type ServerSetup, startRunner, startServer } from './harness.ts';

const settings = { live: { enabled: true, seconds: 30, states: 500_000 }, workers: 1 };

const counter = `scenario "Counter";
option fix = { none, atomic };
int x;
vcpu a[i : 0..1] {
	if (fix == none)
		x++;
	else
		atomic { x++; }
}
check data_race off;
finally both_counted: x == 2;
expect fails both_counted when fix == none;
expect passes when fix == atomic;
`;

/** A server that explores, and how often it has asked a worker. */
async function exploring(
  files: Readonly<Record<string, string>>,
  more: Partial<ServerSetup> = {},
): Promise<RunningServer & { readonly searches: () => number }> {
  let searches = 0;
  const counting: StartRunner = () => {
    const runner = startRunner();
    return {
      ...runner,
      send: (request) => {
        searches++;
        runner.send(request);
      },
    };
  };
  const server = await startServer({ files, settings, options: { startRunner: counting }, ...more });
  return Object.assign(server, { searches: () => searches });
}

function verdictsOf(server: RunningServer, path: string, version: number): Promise<VerdictsParams> {
  return server.received(
    'lockstep/verdicts',
    (params) =>
      params.uri === server.uri(path) &&
      params.version === version &&
      (params.state === 'done' || params.state === 'errors'),
  );
}

const brief = ({ verdicts }: VerdictsParams): readonly string[] =>
  verdicts.map(({ variant, verdict, met }) => `${variant} ${verdict} ${met}`);

const shown = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ severity, code, range, message }) =>
    [severity, code ?? '-', range.start.line + 1, String(message).split('\n')[0]].join(' '),
  );

test('what a scenario expects is no error: not a squiggle is red', async () => {
  const server = await exploring({ 'a.lockstep': counter });
  server.open('a.lockstep');
  const verdicts = await verdictsOf(server, 'a.lockstep', 1);
  assert.deepEqual(brief(verdicts), ['fix=none fails true', 'fix=atomic passes true']);
  assert.equal(verdicts.total, 2);
  const [violation] = verdicts.verdicts[0]?.violations ?? [];
  assert.match(violation?.table ?? '', /a\[0\]/);
  assert.equal(violation?.trace.length, 4);
  const diagnostics = await server.diagnosticsOf('a.lockstep', (all) => all.length === 1);
  assert.deepEqual(shown(diagnostics), [
    "4 finally-broken 11 Expected: 'both_counted' does not hold at the end: x == 2 (fix=none)",
  ]);
  const [hint] = diagnostics;
  assert.match(hint?.codeDescription?.href ?? '', /^file:.*docs\/diagnostics\/finally-broken\.md$/);
  assert.match(hint?.relatedInformation?.[0]?.message ?? '', /^1 {2}a\[[01]\]: load: x\+\+$/);
  assert.deepEqual(hint?.data, {
    ...{ kind: 'violation', variants: ['fix=none'], fixes: [] },
    step: { variant: 'fix=none', check: 'both_counted' },
  });
  await server.close();
});

test('an expectation that is not met is an error at its line', async () => {
  const text = counter.replace('both_counted when fix == none', 'deadlock when fix == none');
  const server = await exploring({ 'a.lockstep': text });
  server.open('a.lockstep');
  assert.deepEqual(brief(await verdictsOf(server, 'a.lockstep', 1)), [
    'fix=none fails false',
    'fix=atomic passes true',
  ]);
  const diagnostics = await server.diagnosticsOf('a.lockstep', (all) => all.length === 2);
  assert.deepEqual(shown(diagnostics), [
    "1 finally-broken 11 'both_counted' does not hold at the end: x == 2 (fix=none)",
    '1 - 12 This expectation is not met for fix=none: no interleaving leads to deadlock.',
  ]);
  await server.close();
});

test('a change of blanks and comments searches nothing, and moves what is shown', async () => {
  const server = await exploring({ 'a.lockstep': counter });
  server.open('a.lockstep');
  await verdictsOf(server, 'a.lockstep', 1);
  const before = server.searches();
  const moved = counter.replace('int x;', '// what is counted\n\nint   x;').replace('x++;', '\n\t\t\tx ++;');
  server.change('a.lockstep', moved);
  assert.equal((await verdictsOf(server, 'a.lockstep', 2)).verdicts.length, 2);
  const [hint] = await server.diagnosticsOf('a.lockstep', (all) => all.length === 1);
  assert.deepEqual(hint?.range, rangeOf(moved, 'both_counted'));
  assert.deepEqual(hint?.relatedInformation?.[0]?.location.range, rangeOf(moved, 'x ++'));
  assert.equal(server.searches(), before);
  await server.close();
});

test('an edit explores the new text, and what was found before stays until then', async () => {
  const server = await exploring({ 'a.lockstep': counter });
  server.open('a.lockstep');
  await verdictsOf(server, 'a.lockstep', 1);
  server.change('a.lockstep', counter.replace('x == 2', 'x == 1 || x == 2'));
  const after = await verdictsOf(server, 'a.lockstep', 2);
  assert.deepEqual(brief(after), ['fix=none passes false', 'fix=atomic passes true']);
  server.change('a.lockstep', counter.replace('int x;', 'int x'));
  assert.equal((await verdictsOf(server, 'a.lockstep', 3)).state, 'errors');
  const diagnostics = await server.diagnosticsOf('a.lockstep');
  assert.ok(diagnostics.some(({ code }) => code === 'syntax-error'));
  assert.ok(diagnostics.some(({ message }) => String(message).startsWith('This expectation is not met')));
  await server.close();
});

test('a violation in the library stands where the scenario goes there', async () => {
  const text = `scenario "Twice";
spinlock_t l;
static void enter(void)
{
	spin_lock(&l);
}
vcpu a {
	enter();
	spin_unlock(&l);
	spin_unlock(&l);
}
`;
  const server = await exploring({ 'a.lockstep': text });
  server.open('a.lockstep');
  await verdictsOf(server, 'a.lockstep', 1);
  const diagnostics = await server.diagnosticsOf('a.lockstep', (all) =>
    all.some(({ data }) => data.kind === 'violation'),
  );
  const violation = diagnostics.find(({ data }) => data.kind === 'violation');
  assert.equal(violation?.range.start.line, 9);
  await server.close();
});

test('a finding of the lock rules says what the exploration says of it', async () => {
  const text = (guard: string): string => `scenario "Order";
spinlock_t l, m;
int turn;
vcpu a {
	spin_lock(&l);
	spin_lock(&m);
	spin_unlock(&m);
	spin_unlock(&l);
	WRITE_ONCE(turn, 1);
}
vcpu b {
	${guard}
	spin_lock(&m);
	spin_lock(&l);
	spin_unlock(&l);
	spin_unlock(&m);
}
`;
  const server = await exploring({ 'a.lockstep': text(''), 'b.lockstep': text('until (READ_ONCE(turn));') });
  const saying = async (path: string, word: string): Promise<Diagnostic | undefined> => {
    server.open(path);
    const diagnostics = await server.diagnosticsOf(path, (all) =>
      all.some(({ message }) => String(message).includes(word)),
    );
    return diagnostics.find(({ message }) => String(message).includes(word));
  };
  const confirmed = await saying('a.lockstep', 'Confirmed: an interleaving of');
  assert.equal(confirmed?.code, 'lock-order-inversion');
  assert.notEqual(confirmed?.severity, 4);
  await server.close();
});

test('without live verdicts nothing is explored until somebody asks', async () => {
  const server = await exploring({ 'a.lockstep': counter }, { settings: { live: { enabled: false } } });
  server.open('a.lockstep');
  assert.deepEqual(await server.diagnosticsOf('a.lockstep'), []);
  assert.equal(server.searches(), 0);
  const progress: unknown[] = [];
  server.connection.onNotification('$/progress', ({ value }) => {
    progress.push(value.kind);
  });
  const answer = await server.request('lockstep/check', {
    uri: server.uri('a.lockstep'),
    variants: ['fix=none'],
    workDoneToken: 'token',
  });
  assert.equal(answer.length, 1);
  assert.equal(answer[0].verdict, 'fails');
  assert.equal(server.searches(), 1);
  assert.equal(progress[0], 'begin');
  assert.equal(progress.at(-1), 'end');
  await server.request('lockstep/check', { uri: server.uri('a.lockstep'), variants: null });
  assert.equal(server.searches(), 2);
  await server.close();
});

const large = `scenario "Large";
int x[6];
vcpu a[i : 0..5] { for (int n = 0; n < 60; n++) { int y = READ_ONCE(x[i]); WRITE_ONCE(x[(i + 1) % 6], y + n); } }
`;

test('a check is cancelled, and ends when its text changes', async () => {
  const server = await exploring({ 'a.lockstep': large }, { settings: { live: { enabled: false } } });
  const uri = server.open('a.lockstep');
  const { CancellationTokenSource } = await import('vscode-languageserver-protocol/node');
  const source = new CancellationTokenSource();
  const cancelled = server.connection.sendRequest('lockstep/check', { uri, variants: null }, source.token);
  setTimeout(() => source.cancel(), 300);
  await assert.rejects(cancelled, { code: -32800 });
  const modified = server.request('lockstep/check', { uri, variants: null });
  setTimeout(() => server.change('a.lockstep', large.replace('60', '61')), 300);
  await assert.rejects(modified, { code: -32801 });
  await server.close();
});

test('a live search ends with its budget, and says so', async () => {
  const few = { live: { enabled: true, seconds: 30, states: 1000 }, workers: 1 };
  const server = await exploring({ 'a.lockstep': large }, { settings: few });
  server.open('a.lockstep');
  const { verdicts } = await verdictsOf(server, 'a.lockstep', 1);
  assert.equal(verdicts[0]?.verdict, 'unknown');
  assert.equal(verdicts[0]?.complete, false);
  const lenses = await server.request('textDocument/codeLens', { textDocument: 'a.lockstep' });
  assert.match(lenses[2].command.title, /^\? not explored to the end · [\d,]+ states$/);
  await server.close();
});

test('a worker that dies is reported once, and the server lives on', async () => {
  const dying: StartRunner = () => {
    const listeners: Parameters<ReturnType<StartRunner>['onReply']>[0][] = [];
    return {
      send: () => {
        setImmediate(() => {
          for (const listener of listeners) listener({ kind: 'crashed', message: 'out of memory' });
        });
      },
      onReply: (listener) => listeners.push(listener),
      stop: () => {},
    };
  };
  const server = await startServer({
    files: { 'a.lockstep': counter },
    settings,
    options: { startRunner: dying },
  });
  server.open('a.lockstep');
  assert.deepEqual((await verdictsOf(server, 'a.lockstep', 1)).verdicts, []);
  server.change('a.lockstep', counter.replace('x == 2', 'x == 3'));
  await verdictsOf(server, 'a.lockstep', 2);
  const messages = await server.received('window/showMessage');
  assert.match(messages.message, /out of memory/);
  const told = server.messages.filter((message) => message.includes('Everything else goes on'));
  assert.equal(told.length, 1);
  await assert.rejects(server.request('lockstep/check', { uri: server.uri('a.lockstep'), variants: null }), {
    message: /ended a worker: out of memory/,
  });
  const lenses = await server.request('textDocument/codeLens', { textDocument: 'a.lockstep' });
  assert.equal(lenses.length, 4);
  await server.close();
});

test('lenses say what is known, and move no text when they are links', async () => {
  const server = await exploring({ 'a.lockstep': counter, 'plain.lockstep': 'int x;' });
  server.open('a.lockstep');
  await verdictsOf(server, 'a.lockstep', 1);
  const lenses = await server.request('textDocument/codeLens', { textDocument: 'a.lockstep' });
  assert.deepEqual(
    lenses.map(({ command }: { command: { title: string; arguments: unknown[] } }) => [
      command.title.replace(/[\d,]+ states/, 'N states'),
      command.arguments,
    ]),
    [
      ['Check (all 2 as expected)', [server.uri('a.lockstep'), null]],
      ['Step', [server.uri('a.lockstep'), null]],
      ['✓ fix=none: fails as expected · N states', [server.uri('a.lockstep'), 'fix=none']],
      ['✓ fix=atomic: passes · N states', [server.uri('a.lockstep'), 'fix=atomic']],
    ],
  );
  assert.deepEqual(lenses[0].range, rangeOf(counter, 'scenario "Counter";'));
  await server.received('workspace/codeLens/refresh');
  server.open('plain.lockstep');
  assert.deepEqual(await server.request('textDocument/codeLens', { textDocument: 'plain.lockstep' }), []);
  await server.close();

  const links = await exploring(
    { 'a.lockstep': counter },
    { settings: { codeLens: { mode: 'link' }, live: { enabled: false } } },
  );
  links.open('a.lockstep');
  assert.deepEqual(await links.diagnosticsOf('a.lockstep'), []);
  assert.deepEqual(await links.request('textDocument/codeLens', { textDocument: 'a.lockstep' }), []);
  const found = await links.request('textDocument/documentLink', { textDocument: 'a.lockstep' });
  assert.deepEqual(
    found.map(({ range }: { range: unknown }) => range),
    [rangeOf(counter, 'scenario'), rangeOf(counter, 'none'), rangeOf(counter, 'atomic')],
  );
  assert.ok(found[1].target.startsWith('command:lockstep.check?'));
  assert.deepEqual(JSON.parse(decodeURIComponent(found[1].target.split('?')[1])), [
    links.uri('a.lockstep'),
    'fix=none',
  ]);
  await links.close();
});
