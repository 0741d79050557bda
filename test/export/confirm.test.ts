import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirmed, refutedIn } from '../../core/export/confirm.ts';
import { resultOf, type Writing } from '../../core/export/result.ts';
import { judge } from '../../core/export/verdict.ts';
import { search } from '../../core/machine/search.ts';
import { check, checkNamed, park, program, thread } from '../machine/builder.ts';

const built = program({
  checks: [{ name: 'broken' }, { name: 'fine' }],
  threads: [thread('t', [park('step'), check('fine', 1), park('step'), check('broken', 0)])],
});
const found = search(built, {
  budget: { maxStates: 100, maxMilliseconds: 1000, maxBytes: 2 ** 20 },
  reduction: false,
  onProgress: () => true,
  now: () => 0,
});
const place = { uri: 'test:', line: 1, column: 1, endLine: 1, endColumn: 1 };
const writing: Writing = {
  places: { ofRange: () => place, ofLoc: () => place },
  pathOf: () => 'a.lockstep',
};

test('what the interpreter finds as well is confirmed', () => {
  assert.equal(found.violations.length, 1);
  assert.deepEqual(refutedIn(built, found.violations), []);
});

test('a trace that cannot be followed, or ends in something else, is refuted', () => {
  const [violation] = found.violations;
  assert.ok(violation !== undefined);
  const { trace } = violation;
  const further = { ...trace, steps: [...trace.steps, { thread: 0, choices: [] }] };
  assert.match(
    refutedIn(built, [{ ...violation, trace: further }])[0] ?? '',
    /^broken: step 3 cannot be taken/,
  );
  const other = { ...violation, check: checkNamed(built, 'fine') };
  assert.deepEqual(refutedIn(built, [other]), ['fine: the trace does not end in fine']);
});

test('a result that is refuted is an internal error, and never met', () => {
  const judgement = judge({ program: built, search: found, blockedSchedules: [], findings: [] });
  const result = resultOf(built, found, { ...judgement, met: true }, 'sc', writing);
  assert.equal(confirmed(result, []), result);
  const { verdict, met, complete, reason, violations } = confirmed(result, ['fine: why']);
  assert.deepEqual({ verdict, met, complete }, { verdict: 'unknown', met: false, complete: false });
  assert.match(reason ?? '', /internal error: the interpreter does not confirm the search \(fine: why\)/);
  assert.equal(violations.length, 1);
});
