import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockedSchedule, type Evidence, judge } from '../../core/export/verdict.ts';
import type { SearchResult } from '../../core/machine/result.ts';
import type { Expectation, Property } from '../../core/semantics/hir.ts';
import { answer, nowhere, program, thread } from '../machine/builder.ts';

interface Case {
  /** `fails a, b`, `fails only a`, `passes`, `finds x`, `finds x not reachable`. */
  readonly expect?: readonly string[];
  /** Checks that were found: errors, or warnings when written `a (warning)`. */
  readonly found?: readonly string[];
  readonly complete?: boolean;
  /** Checks that the scenario switches off. */
  readonly off?: readonly string[];
  /** Codes of static findings, and whether they are reachable. */
  readonly findings?: Evidence['findings'];
  readonly blocked?: readonly BlockedSchedule[];
  readonly reachable?: { readonly name: string; readonly found: boolean };
  readonly search?: Partial<SearchResult>;
}

function expectation(text: string): Expectation {
  const match = /^(fails|passes|finds)( only)?(.*?)( not reachable)?$/.exec(text);
  const names = (match?.[3] ?? '').split(',').map((name) => name.trim());
  return {
    kind: match?.[1] as Expectation['kind'],
    only: match?.[2] !== undefined,
    names: names.filter((name) => name !== ''),
    notReachable: match?.[4] !== undefined,
    text: `expect ${text}`,
    loc: nowhere,
  };
}

function judgeCase(given: Case) {
  const {
    expect = [],
    found = [],
    complete = true,
    off = [],
    findings = [],
    blocked = [],
    reachable,
  } = given;
  const names = found.map((text) => text.replace(' (warning)', ''));
  const checks = found.map((text, index) => ({
    name: names[index] ?? '',
    fatal: false,
    severity: text.endsWith('(warning)') ? ('warning' as const) : ('error' as const),
  }));
  const built = program({
    checks,
    threads: [thread('t', [])],
    goals: reachable === undefined ? [] : [{ name: reachable.name, predicate: [answer(1)] }],
  });
  const properties: Property[] = [];
  if (reachable !== undefined) {
    const { name } = reachable;
    properties.push({ kind: 'reachable', name, unless: null, condition: undefined as never, loc: nowhere });
  }
  const severities = new Map(off.map((name) => [name, 'off' as const]));
  const checked = { ...built.checked, properties, severities, expectations: expect.map(expectation) };
  const trace = { start: [], steps: [] };
  const search: SearchResult = {
    complete,
    reason: complete ? null : 'stopped at 10 states',
    violations: names.map((name) => ({
      check: built.checks.findIndex((check) => check.name === name),
      site: 0,
      thread: 0,
      detail: 'why',
      trace,
    })),
    goals: reachable === undefined ? [] : [{ goal: 0, trace: reachable.found ? trace : null }],
    reached: [],
    ended: [true],
    evaluated: [],
    finalEvaluated: [],
    states: 1,
    transitions: 0,
    depth: 0,
    milliseconds: 1,
    bytes: 1,
    reductions: [],
    ...given.search,
  };
  return judge({ program: { ...built, checked }, search, blockedSchedules: blocked, findings });
}

test('what is switched off is not shown, unless an expectation names it', () => {
  const shown = (given: Case) =>
    judgeCase(given).failures.map(({ check, severity }) => `${check} ${severity}`);
  assert.deepEqual(shown({ found: ['race (warning)', 'other'], off: ['race'] }), ['other error']);
  assert.deepEqual(shown({ found: ['race (warning)'], off: ['race'], expect: ['fails race'] }), [
    'race error',
  ]);
});

type Answer = 'met' | 'undecided' | 'wrong';

function check(given: Case, verdict: 'passes' | 'fails' | 'unknown', answer: Answer): void {
  const judged = judgeCase(given);
  const got = judged.met ? 'met' : judged.undecided ? 'undecided' : 'wrong';
  assert.deepEqual([judged.verdict, got], [verdict, answer], JSON.stringify(given));
}

test('without an expectation, and with `passes`, nothing of error severity may be found', () => {
  for (const expect of [[], ['passes']]) {
    check({ expect }, 'passes', 'met');
    check({ expect, found: ['a'] }, 'fails', 'wrong');
    check({ expect, found: ['a (warning)'] }, 'passes', 'met');
    check({ expect, complete: false }, 'unknown', 'undecided');
    check({ expect, complete: false, found: ['a'] }, 'fails', 'wrong');
    check({ expect, complete: false, found: ['a (warning)'] }, 'unknown', 'undecided');
  }
});

test('`fails` needs every named check, and allows others', () => {
  const expect = ['fails a, b'];
  check({ expect, found: ['a', 'b'] }, 'fails', 'met');
  check({ expect, found: ['a', 'b', 'c'] }, 'fails', 'met');
  check({ expect, found: ['a'] }, 'fails', 'wrong');
  check({ expect, found: ['c'] }, 'fails', 'wrong');
  check({ expect }, 'passes', 'wrong');
  check({ expect, found: ['a', 'b'], complete: false }, 'fails', 'met');
  check({ expect, found: ['a'], complete: false }, 'fails', 'undecided');
  check({ expect, complete: false }, 'unknown', 'undecided');
});

test('two lines of `fails` unite', () => {
  check({ expect: ['fails a', 'fails b'], found: ['a', 'b'] }, 'fails', 'met');
  check({ expect: ['fails a', 'fails b'], found: ['a'] }, 'fails', 'wrong');
  check({ expect: ['fails only a', 'fails b'], found: ['a', 'b'] }, 'fails', 'met');
});

test('`fails only` forbids others, and needs a complete search to say so', () => {
  const expect = ['fails only a'];
  check({ expect, found: ['a'] }, 'fails', 'met');
  check({ expect, found: ['a', 'b (warning)'] }, 'fails', 'met');
  check({ expect, found: ['a', 'b'] }, 'fails', 'wrong');
  check({ expect, found: ['a'], complete: false }, 'fails', 'undecided');
  check({ expect, found: ['b'], complete: false }, 'fails', 'wrong');
});

test('a warning that is named becomes an error', () => {
  check({ expect: ['fails a'], found: ['a (warning)'] }, 'fails', 'met');
});

test('a check is named by its code too, with dashes or underscores', () => {
  check({ expect: ['fails assertion_failed'], found: ['a'] }, 'fails', 'met');
  check({ expect: ['fails use_after_free'], found: ['use-after-free'] }, 'fails', 'met');
  check({ expect: ['fails deadlock'], found: ['a'] }, 'fails', 'wrong');
});

test('`reachable` fails when a complete search did not come by', () => {
  const expect = ['fails both_inside'];
  check({ reachable: { name: 'both_inside', found: true } }, 'passes', 'met');
  check({ reachable: { name: 'both_inside', found: false } }, 'fails', 'wrong');
  check({ reachable: { name: 'both_inside', found: false }, expect }, 'fails', 'met');
  check({ reachable: { name: 'both_inside', found: false }, complete: false }, 'unknown', 'undecided');
});

test('a schedule that is blocked is an error', () => {
  const blocked = [{ title: 's', why: 'two waits', loc: nowhere }];
  check({ blocked }, 'fails', 'wrong');
  check({ blocked, expect: ['fails schedule_blocked'] }, 'fails', 'met');
  assert.match(judgeCase({ blocked }).failures[0]?.message ?? '', /"s" cannot be followed: two waits/);
});

test('`finds` needs the static finding, beside the verdict', () => {
  const reachable = [{ code: 'deadlock', severity: 'warning', reachable: true }] as const;
  const not = [{ code: 'deadlock', severity: 'warning', reachable: false }] as const;
  const open = [{ code: 'deadlock', severity: 'warning', reachable: null }] as const;
  check({ expect: ['finds deadlock'] }, 'passes', 'wrong');
  check({ expect: ['finds deadlock'], findings: open }, 'passes', 'met');
  check({ expect: ['finds deadlock'], findings: open, found: ['a'] }, 'fails', 'wrong');
  check({ expect: ['finds deadlock', 'fails a'], findings: open, found: ['a'] }, 'fails', 'met');
  check({ expect: ['finds deadlock not reachable'], findings: not }, 'passes', 'met');
  check({ expect: ['finds deadlock not reachable'], findings: reachable }, 'passes', 'wrong');
  check({ expect: ['finds deadlock not reachable'], findings: open }, 'passes', 'undecided');
});

test('the lines that apply are repeated, and the reason of an incomplete search', () => {
  assert.deepEqual(judgeCase({ expect: ['fails a'] }).expected, ['expect fails a']);
  assert.equal(judgeCase({}).reason, null);
  assert.equal(judgeCase({ complete: false }).reason, 'stopped at 10 states');
});

test('what was never put to the test is listed, for what is said to pass and was searched completely', () => {
  const built = program({
    threads: [thread('spinner', [])],
    invariants: [{ name: 'inv', condition: [answer(1)] }],
    finals: [{ name: 'end-state', condition: [answer(1)] }],
    points: ['after f() returns'],
  });
  const search = (value: boolean, complete = true): SearchResult => ({
    ...{
      complete,
      reason: null,
      violations: [],
      goals: [],
      reductions: [],
      reached: [value],
      ended: [value],
    },
    ...{
      evaluated: [value],
      finalEvaluated: [value],
      states: 1,
      transitions: 0,
      depth: 0,
      milliseconds: 0,
      bytes: 0,
    },
  });
  const vacuous = (evidence: SearchResult, expect: readonly string[]): readonly string[] => {
    const checked = { ...built.checked, expectations: expect.map(expectation) };
    return judge({ program: { ...built, checked }, search: evidence, blockedSchedules: [], findings: [] })
      .vacuous;
  };
  const all = [
    'invariant inv is never checked: its exception holds in every state',
    'finally end_state is never checked: not every thread ends',
    'after f() returns is never reached',
    'thread spinner never ends',
  ];
  assert.deepEqual(vacuous(search(false), []), all);
  assert.deepEqual(vacuous(search(false), ['passes']), all);
  assert.deepEqual(vacuous(search(true), []), []);
  assert.deepEqual(vacuous(search(false), ['fails inv']), []);
  assert.deepEqual(vacuous(search(false, false), []), []);
  const checked = { ...built.checked, expectations: [], severities: new Map([['vacuous', 'off' as const]]) };
  const off = { program: { ...built, checked }, search: search(false), blockedSchedules: [], findings: [] };
  assert.deepEqual(judge(off).vacuous, [], 'check vacuous off;');
});
