import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerdictsParams } from '../../server/protocol.ts';
import { type RunningServer, startServer } from './harness.ts';

const live = { live: { enabled: true, seconds: 10, states: 500_000 } };

const counter = `scenario "Counter";
option fix = { none, atomic };
int x;
vcpu a[i : 0..1] {
	if (fix == none)
		x++;
	else
		atomic { x++; }
}
finally both_counted: x == 2;
expect fails both_counted when fix == none;
expect passes when fix == atomic;
`;

async function settled(server: RunningServer, path: string, version: number): Promise<VerdictsParams> {
  return server.received(
    'lockstep/verdicts',
    (params) =>
      params.uri === server.uri(path) &&
      params.version === version &&
      (params.state === 'done' || params.state === 'errors'),
  );
}

test('an open scenario is explored, and what was expected is no error', async () => {
  const server = await startServer({ files: { 'a.lockstep': counter }, settings: live });
  server.open('a.lockstep');
  const { verdicts, total, state } = await settled(server, 'a.lockstep', 1);
  assert.deepEqual(
    { state, total, verdicts: verdicts.map(({ variant, verdict, met }) => ({ variant, verdict, met })) },
    {
      state: 'done',
      total: 2,
      verdicts: [
        { variant: 'fix=none', verdict: 'fails', met: true },
        { variant: 'fix=atomic', verdict: 'passes', met: true },
      ],
    },
  );
  const diagnostics = await server.diagnosticsOf('a.lockstep', (all) =>
    all.some(({ code }) => code === 'finally-broken'),
  );
  console.log(JSON.stringify(diagnostics, null, 1));
  await server.close();
});
