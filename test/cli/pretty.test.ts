import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCode } from '../../cli/check.ts';
import { paintFor } from '../../cli/colour.ts';
import { pretty, type Shown } from '../../cli/pretty.ts';
import type { ReportedDiagnostic, ReportedViolation, Result } from '../../core/export/result.ts';

const passing: Result = {
  ...{
    file: 'a.lockstep',
    scenario: 'A race',
    options: { fix: 'lock' },
    memoryModel: 'sc',
    profile: 'v6.12',
  },
  ...{
    bounds: { levels: 2 },
    verdict: 'passes',
    reason: null,
    violations: [],
    findings: [],
    expected: [],
    met: true,
    vacuous: [],
  },
  ...{ states: 1234, transitions: 2000, depth: 10, seconds: 0.5, bytes: 100, complete: true, reductions: [] },
};
const violation: ReportedViolation = {
  ...{
    check: 'lost',
    code: 'finally-broken',
    severity: 'error',
    message: 'it is lost',
    expected: true,
    related: [],
    trace: [],
  },
  ...{ file: 'a.lockstep', line: 3, column: 5 },
};
const failing: Result = {
  ...passing,
  options: { fix: 'none' },
  verdict: 'fails',
  violations: [violation],
  expected: ['expect fails lost;'],
};

function shown(results: readonly Result[], more: Partial<Shown> = {}): Shown {
  return {
    report: { version: 1, results, diagnostics: [], unusable: [] },
    tables: results.map(({ violations }) => violations.map(() => 'the table\n')),
    interleavings: new Map(),
    undecided: results.map(() => false),
    seconds: 1,
    ...more,
  };
}

function text(of: Shown): string {
  return pretty(of, paintFor({}));
}

test('a table of verdicts, then the interleaving of what failed', () => {
  assert.equal(
    text(shown([failing, passing])),
    `a.lockstep  A race
  bounds: levels 2
  ✔ fix=none  fails, as expected  1,234 states  0.50 s  lost
  ✔ fix=lock  passes              1,234 states  0.50 s

a.lockstep, fix=none
a.lockstep:3:5: expected: lost: it is lost

the table

2 variants in 1.0 s: 2 as expected
`,
  );
});

test('what is not as expected says what was', () => {
  const unexpected = {
    ...failing,
    met: false,
    expected: [],
    violations: [{ ...violation, expected: false }],
  };
  assert.match(text(shown([unexpected])), /✖ fix=none {2}fails, NOT as expected .* lost; \(must pass\)/);
  assert.match(text(shown([unexpected])), /a\.lockstep:3:5: error: lost/);
  const missed = { ...passing, met: false, expected: ['expect fails lost;'] };
  assert.match(text(shown([missed])), /✖ fix=lock {2}passes, NOT as expected .* \(expect fails lost;\)/);
  assert.match(text(shown([missed])), /1 variant in 1\.0 s: 0 as expected, 1 not as expected/);
});

test('the unexpected violation is the one that is shown', () => {
  const other = { ...violation, check: 'other', expected: false };
  const result = { ...failing, met: false, violations: [violation, other] };
  const output = text(shown([result], { tables: [['first table\n', 'second table\n']] }));
  assert.match(output, /second table/);
  assert.doesNotMatch(output, /first table/);
  assert.match(output, /expected: lost/);
});

test('further errors of a variant that fails as expected are listed, each line once', () => {
  const other = { ...violation, check: 'other', expected: false };
  const output = text(
    shown([{ ...failing, violations: [violation, other, other, { ...other, column: 9 }] }]),
  );
  assert.equal(output.match(/also: other/g)?.length, 1);
});

test('only some of many warnings are named', () => {
  const warnings = [1, 2, 3, 4, 5].map((line) => ({ ...violation, severity: 'warning' as const, line }));
  const output = text(shown([{ ...passing, violations: warnings }]));
  assert.equal(output.match(/warning: lost/g)?.length, 3);
  assert.match(output, /and 2 more warnings/);
});

test('a bound that was reached is neither', () => {
  const open: Result = {
    ...passing,
    verdict: 'unknown',
    reason: 'stopped at 10 states',
    met: false,
    complete: false,
  };
  const output = text(shown([open], { undecided: [true] }));
  assert.match(output, /\? fix=lock {2}unknown .* stopped at 10 states/);
  assert.match(output, /1 unknown \(a bound was reached\)/);
});

test('warnings and vacuous checks are listed', () => {
  const warned = {
    ...passing,
    violations: [{ ...violation, severity: 'warning' as const }],
    vacuous: ['f is never reached'],
  };
  assert.match(text(shown([warned])), /vacuous: f is never reached/);
  assert.match(text(shown([warned])), /a\.lockstep:3:5: warning: lost: it is lost/);
});

test('what cannot be used is told once', () => {
  const place = { file: 'b.lockstep', line: 2, column: 1, message: 'expected ;' };
  const diagnostic: ReportedDiagnostic = {
    ...place,
    ...{
      endLine: 2,
      endColumn: 2,
      severity: 'error',
      code: 'syntax-error',
      confirmed: null,
      expected: false,
      related: [],
      trace: [],
    },
  };
  const empty = { ...place, file: 'c.lockstep', message: 'is empty' };
  const output = text(
    shown([], { report: { version: 1, results: [], diagnostics: [diagnostic], unusable: [place, empty] } }),
  );
  assert.equal(output.match(/expected ;/g)?.length, 1);
  assert.match(output, /b\.lockstep:2:1: error: expected ; \[syntax-error\]/);
  assert.match(output, /c\.lockstep:2:1: unusable: is empty/);
  assert.match(output, /2 files cannot be used/);
});

test('a static finding says what the search says of it, with its interleaving', () => {
  const finding: ReportedDiagnostic = {
    ...{ file: 'a.lockstep', line: 2, column: 1, endLine: 2, endColumn: 2, severity: 'error' },
    ...{ code: 'lock-leaf', message: 'Rule. Breach.', confirmed: 'confirmed', expected: false, trace: [] },
    related: [{ file: 'a.lockstep', line: 9, column: 1, message: 'held here' }],
  };
  const of = (diagnostic: ReportedDiagnostic, table: string | null = null, results: readonly Result[] = []) =>
    text(
      shown(results, {
        report: { version: 1, results, diagnostics: [diagnostic], unusable: [] },
        interleavings: new Map([[diagnostic, table]]),
      }),
    );
  assert.equal(
    of(finding, 'one  two\n\n*** lock-leaf\n'),
    `a.lockstep:2:1: error: Rule. Breach. [lock-leaf; confirmed]
    a.lockstep:9:1: held here

    one  two

    *** lock-leaf

0 variants in 1.0 s: 0 as expected
`,
  );
  const hint = { ...finding, severity: 'hint', confirmed: 'not-reachable' } as const;
  assert.match(of(hint), /hint: Rule\. Breach\. \[lock-leaf; not reachable here\]/);
  assert.match(of({ ...finding, confirmed: 'not-explored' }), /\[lock-leaf; not yet explored\]/);
  assert.match(of({ ...finding, expected: true }), /a\.lockstep:2:1: expected: Rule/);
  const wrong: Result = { ...passing, met: false, findings: [finding] };
  assert.match(
    of(finding, null, [wrong]),
    /✖ fix=lock {2}passes, NOT as expected .* lock-leaf; \(must pass\)/,
  );
});

test('colours only for a terminal', () => {
  assert.equal(paintFor({})('red', 'x'), 'x');
  const saved = [process.env['NO_COLOR'], process.env['TERM']];
  delete process.env['NO_COLOR'];
  process.env['TERM'] = 'xterm';
  assert.equal(paintFor({ isTTY: true })('red', 'x'), '\x1b[31mx\x1b[39m');
  process.env['NO_COLOR'] = '1';
  assert.equal(paintFor({ isTTY: true })('red', 'x'), 'x');
  for (const [index, name] of ['NO_COLOR', 'TERM'].entries()) {
    const value = saved[index];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

test('the exit code: unusable input, then what is wrong, then what is open', () => {
  const wrong = { ...passing, met: false };
  const place = { file: 'b', line: 1, column: 1, message: 'x' };
  const unusable = { version: 1, results: [wrong], diagnostics: [], unusable: [place] } as const;
  assert.equal(exitCode(shown([passing, failing])), 0);
  assert.equal(exitCode(shown([])), 0);
  assert.equal(exitCode(shown([passing, wrong], { undecided: [false, false] })), 1);
  assert.equal(exitCode(shown([wrong, wrong], { undecided: [true, false] })), 1);
  assert.equal(exitCode(shown([passing, wrong], { undecided: [false, true] })), 3);
  assert.equal(exitCode(shown([wrong], { report: unusable })), 2);
});
