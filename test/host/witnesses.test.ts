/** What a scenario is told of its findings, and what it may say of them: the search's answers, from text to JSON. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { sarifLog } from '../../core/export/sarif.ts';
import { type Exploration, explore } from '../../host/job.ts';
import { openScenario, textsOf } from '../../host/scenario.ts';
import { directoryWith } from '../cli/lockstep.ts';
import { root } from '../house/sources.ts';
import { rules } from '../locks/witnessRules.ts';

function exploreAll(path: string): readonly Exploration[] {
  const opened = openScenario(path);
  return opened.variants.map((variant) =>
    explore(
      {
        ...{ uri: opened.uri, texts: textsOf(opened.project), root: opened.root, variant },
        budget: { maxStates: 1_000_000, maxMilliseconds: 60_000, maxBytes: 2 ** 30 },
        ...{ reduction: true, workingDirectory: opened.root },
      },
      () => true,
    ),
  );
}

function answers({ findings }: Exploration): string[] {
  return findings.map(
    ({ diagnostic: { code, confirmed, expected, severity } }) =>
      `${code} ${confirmed} ${severity}${expected ? ' expected' : ''}`,
  );
}

for (const { code, declares, breaks } of rules) {
  test(`expect finds ${code}, and that it is not reachable: ${breaks}`, () => {
    const name = code.replaceAll('-', '_');
    const directory = directoryWith({
      'a.lockstep': `scenario "x";
import "linux/prelude";
option flag = { set, clear };
spinlock_t a, b;
rwlock_t rw;
int shared, ready;
${declares}
task p { if (READ_ONCE(ready)) { ${breaks} } }
task q { WRITE_ONCE(shared, 1); if (flag == set) WRITE_ONCE(ready, 1); }
check ${name} warning;
expect finds ${name};
expect finds ${name} not reachable when flag == clear;
expect passes when flag == clear;
`,
    });
    const [set, clear] = exploreAll(join(directory, 'a.lockstep'));
    assert.ok(set !== undefined && clear !== undefined);
    assert.deepEqual(answers(set), [`${code} confirmed warning expected`]);
    assert.deepEqual(answers(clear), [`${code} not-reachable hint expected`]);
    assert.equal(clear.result?.met, true);
    assert.deepEqual(clear.result?.violations, []);
    const [found] = set.findings;
    assert.match(found?.table ?? '', new RegExp(`\\*\\*\\* ${code}\\n$`));
    assert.equal(found?.diagnostic.trace.at(-1)?.thread, 'p');
    assert.equal(found?.trace?.steps.length, found?.diagnostic.trace.length);
    assert.equal(clear.findings[0]?.table, null);
  });
}

test("lockdep's circle through the list of vCPUs to wake is told of, unreachable, and real in another variant", () => {
  const found = exploreAll(join(root, 'examples/wakeup-list.lockstep'));
  assert.deepEqual(found.map(answers), [
    ['lock-order-inversion not-reachable hint expected'],
    [],
    ['lock-order-inversion confirmed error expected'],
    ['lock-order-inversion confirmed error expected'],
  ]);
  assert.ok(found.every(({ result }) => result?.met === true && result.states < 200_000));
});

test('a confirmed finding is a SARIF result with one flow for each thread, in the order of the interleaving', () => {
  const found = exploreAll(join(root, 'examples/wakeup-list.lockstep')).slice(2, 3);
  const log = sarifLog(
    {
      version: 1,
      results: found.flatMap(({ result }) => (result === null ? [] : [result])),
      diagnostics: found.flatMap(({ findings }) => findings.map(({ diagnostic }) => diagnostic)),
      unusable: [],
    },
    { version: '1.0.0', undecided: [false], exitCode: 0, pageOf: () => null },
  );
  const shown = log.runs[0]?.results.find(({ ruleId }) => ruleId === 'lock-order-inversion');
  const flows = shown?.codeFlows?.[0]?.threadFlows ?? [];
  assert.deepEqual(flows.map(({ id }) => id).sort(), ['device', 'sleeper', 'waker[0]', 'waker[1]', 'wakeup']);
  const orders = flows.flatMap(({ locations }) => locations.map(({ executionOrder }) => executionOrder));
  assert.deepEqual(
    [...orders].sort((x, y) => x - y),
    orders.map((_, index) => index + 1),
  );
});
