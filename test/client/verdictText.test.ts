import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VariantVerdict, VerdictsParams } from '../../client/protocol.ts';
import { checkedText, outcomeText, statusText } from '../../client/verdictText.ts';

function verdict(
  verdict: VariantVerdict['verdict'],
  met: boolean,
  more: Partial<VariantVerdict> = {},
): VariantVerdict {
  return {
    uri: 'file:///w/a.lockstep',
    variant: 'fix=none',
    verdict,
    reason: null,
    met,
    states: 12345,
    seconds: 0.5,
    complete: true,
    violations: [],
    unmet: [],
    ...more,
  };
}

const passes = verdict('passes', true);
const fails = verdict('fails', true);
const unmet = verdict('fails', false);
const unknown = verdict('unknown', false, { reason: '500,000 states' });

function known(
  state: VerdictsParams['state'],
  verdicts: readonly VariantVerdict[],
  total = verdicts.length,
): VerdictsParams {
  return { uri: 'file:///w/a.lockstep', version: 1, state, verdicts, total };
}

test('the status bar item says the most important thing in a few words', () => {
  const cases: readonly [VerdictsParams | null, string][] = [
    [null, '$(lock) Lockstep'],
    [known('none', []), '$(lock) Lockstep'],
    [known('errors', []), '$(error) Lockstep'],
    [known('checking', [passes], 3), '$(sync~spin) 1 of 3'],
    [known('checking', [], 1), '$(sync~spin) 0 of 1'],
    [known('done', []), '$(lock) Lockstep'],
    [known('done', [passes]), '$(pass) passes'],
    [known('done', [fails]), '$(pass) fails as expected'],
    [known('done', [passes, fails]), '$(pass) 2 as expected'],
    [known('done', [unmet]), '$(error) 1 of 1 not as expected'],
    [known('done', [passes, unmet, unknown]), '$(error) 1 of 3 not as expected'],
    [known('done', [passes, unknown]), '$(question) 1 of 2 unknown'],
    [known('done', [passes, unknown], 5), '$(question) 4 of 5 unknown'],
    [known('done', [unmet], 5), '$(error) 1 of 5 not as expected'],
    [known('done', [], 5), '$(question) 5 of 5 unknown'],
  ];
  for (const [params, text] of cases) assert.equal(statusText(params, 'running').text, text);
});

test('without a server there is no verdict, whatever was known', () => {
  assert.equal(statusText(known('done', [passes]), 'stopped').text, '$(warning) Lockstep');
  assert.equal(statusText(null, 'starting').text, '$(sync~spin) Lockstep');
});

test('the tooltip has a line for each variant, and its text cannot become markup', () => {
  const odd = verdict('unknown', false, { reason: 'a [link](command:x) and <b>' });
  const { tooltip } = statusText(known('done', [passes, unmet, odd]), 'running');
  assert.deepEqual(tooltip.split('\n'), [
    '- $(pass) `fix=none` passes, 12,345 states',
    '- $(error) `fix=none` fails, not as expected, 12,345 states',
    '- $(question) `fix=none` unknown, 12,345 states (a \\[link\\]\\(command:x\\) and \\<b\\>)',
  ]);
});

test('the tooltip tells of variants for which the budget did not last', () => {
  const { tooltip } = statusText(known('done', [passes], 5), 'running');
  assert.match(tooltip, /\n- \$\(question\) 4 of 5 not explored while typing; a check explores them$/);
});

test('an outcome names what is unusual', () => {
  assert.deepEqual([passes, fails, unmet, verdict('passes', false), unknown].map(outcomeText), [
    'passes',
    'fails as expected',
    'fails, not as expected',
    'passes, not as expected',
    'unknown',
  ]);
});

test('a check that was asked for is told in one sentence', () => {
  assert.equal(checkedText([passes]), 'fix=none: passes, 12,345 states');
  assert.equal(checkedText([verdict('passes', true, { variant: '', states: 1 })]), 'passes, 1 state');
  assert.equal(checkedText([passes, fails]), '2 of 2 variants as expected');
  assert.equal(checkedText([passes, unmet, unknown]), '1 of 3 variants as expected, 1 not, 1 unknown');
});
