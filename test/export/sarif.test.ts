import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import Ajv from 'ajv';
import * as fc from 'fast-check';
import type {
  Report,
  ReportedDiagnostic,
  ReportedStep,
  ReportedViolation,
  Result,
} from '../../core/export/result.ts';
import { type SarifSettings, sarifLog } from '../../core/export/sarif.ts';
import type { SarifArtifact, SarifLog, SarifResult, SarifRun } from '../../core/export/sarifFormat.ts';
import { codes } from '../../core/syntax/codes.ts';
import { checkJson, directoryWith, lockstep, passing, racy } from '../cli/lockstep.ts';

const require = createRequire(import.meta.url);
const readJson = (name: string): object => JSON.parse(readFileSync(require.resolve(name), 'utf8'));

/** The schema is written in draft 4; Microsoft's matchers for Jest carry it. */
const ajv = new Ajv({ schemaId: 'auto', allErrors: true, logger: false });
ajv.addMetaSchema(readJson('ajv/lib/refs/json-schema-draft-04.json'));
const isValid = ajv.compile(readJson('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));

/** The schema, and what the text of SARIF 2.1.0 demands beyond it. */
function validate(log: unknown): SarifRun {
  const text = JSON.stringify(log);
  const parsed: SarifLog = JSON.parse(text);
  assert.ok(isValid(parsed), ajv.errorsText(isValid.errors));
  const [run, ...others] = parsed.runs;
  assert.ok(run !== undefined && others.length === 0);
  const { rules } = run.tool.driver;
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
  for (const { artifactLocation } of everyPlace(parsed)) {
    // 3.4.7: an index leads to the artifact with the same URI.
    const artifact: SarifArtifact | undefined = run.artifacts[artifactLocation.index];
    assert.equal(artifact?.location.uri, artifactLocation.uri);
    assert.equal(artifact?.location.uriBaseId, artifactLocation.uriBaseId);
    if (artifactLocation.uriBaseId !== undefined) {
      assert.doesNotMatch(artifactLocation.uri, /^\/|\\|^[A-Za-z][\w+.-]*:/);
      assert.ok(artifactLocation.uriBaseId in run.originalUriBaseIds);
    }
  }
  for (const result of run.results) validateResult(result, run);
  const identities = run.results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
  assert.equal(new Set(identities).size, identities.length);
  return run;
}

function validateResult(result: SarifResult, run: SarifRun): void {
  assert.equal(run.tool.driver.rules[result.ruleIndex]?.id, result.ruleId);
  assert.ok(result.message.text !== '');
  assert.equal(result.locations.length, 1);
  assert.ok(Array.isArray(result.suppressions));
  const ids = result.relatedLocations.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { threadFlows } of result.codeFlows ?? []) {
    assert.equal(new Set(threadFlows.map(({ id }) => id)).size, threadFlows.length);
    const orders = threadFlows.flatMap(({ locations }) => locations.map((each) => each.executionOrder));
    for (const { locations } of threadFlows) {
      const own = locations.map((each) => each.executionOrder);
      assert.deepEqual(
        own,
        [...own].sort((a, b) => a - b),
      );
    }
    // One interleaving: the steps of all threads together are numbered without a gap.
    assert.deepEqual(
      orders.sort((a, b) => a - b),
      orders.map((_, index) => index + 1),
    );
  }
}

interface PhysicalLocation {
  readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string; readonly index: number };
}

function everyPlace(node: unknown): PhysicalLocation[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = 'physicalLocation' in node ? [node.physicalLocation as PhysicalLocation] : [];
  return [...own, ...Object.values(node).flatMap(everyPlace)];
}

// ---------------------------------------------------------------- hand-made reports

const place = { file: 'sub dir/a.lockstep', line: 3, column: 5 };

function step(number: number, thread: string, text: string): ReportedStep {
  return { ...place, step: number, thread, text };
}

const violation: ReportedViolation = {
  ...{ check: 'both_counted', code: 'finally-broken', severity: 'error', message: 'it is lost', ...place },
  expected: false,
  related: [],
  trace: [
    step(1, 'adder[0]', 'load: n++'),
    step(2, 'adder[1]', 'load: n++'),
    step(3, 'adder[0]', 'store: n++'),
    step(4, 'adder[1]', 'store: n++'),
  ],
};

const result: Result = {
  ...{ file: 'sub dir/a.lockstep', scenario: 'A race', options: { fix: 'none' } },
  ...{ memoryModel: 'sc', profile: 'v6.12', bounds: {}, verdict: 'fails', reason: null },
  ...{ violations: [violation], findings: [], expected: [], met: false, vacuous: [] },
  ...{ states: 10, transitions: 20, depth: 4, seconds: 0.1, bytes: 1, complete: true, reductions: [] },
};

const finding: ReportedDiagnostic = {
  ...{ ...place, endLine: 3, endColumn: 9, severity: 'error', code: 'deadlock', message: 'Rule. Breach.' },
  ...{ confirmed: 'not-explored', expected: false, trace: [] },
  related: [
    { ...place, line: 9, message: 'taken here' },
    { ...place, line: 9, message: 'taken here' },
  ],
};

function reportOf(more: Partial<Report>): Report {
  return { version: 1, results: [], diagnostics: [], unusable: [], ...more };
}

function runOf(more: Partial<Report>, settings: Partial<SarifSettings> = {}): SarifRun {
  const log = sarifLog(reportOf(more), {
    version: '1.2.3',
    exitCode: 0,
    undecided: (more.results ?? []).map(() => false),
    pageOf: () => null,
    ...settings,
  });
  return validate(log);
}

function only(run: SarifRun): SarifResult {
  const [first, ...others] = run.results;
  assert.ok(first !== undefined && others.length === 0, JSON.stringify(run.results));
  return first;
}

test('an empty report is a valid run', () => {
  const { results, artifacts, invocations, tool } = runOf({});
  assert.deepEqual([results, artifacts], [[], []]);
  assert.deepEqual([invocations[0]?.executionSuccessful, invocations[0]?.exitCode], [true, 0]);
  assert.deepEqual([tool.driver.name, tool.driver.semanticVersion], ['Lockstep', '1.2.3']);
});

test('every code is a rule, with its page', () => {
  const pageOf = (code: string): string =>
    `# ${code}\n\nIt is wrong.\n\nVery\nwrong.\n\n## Broken\n\nexample\n`;
  const { rules } = runOf({ results: [result] }, { pageOf }).tool.driver;
  assert.deepEqual(
    rules.map(({ id }) => id).filter((id) => id !== 'expectation-not-met'),
    Object.keys(codes),
  );
  const [used, other] = ['finally-broken', 'deadlock'].map((code) => rules.find(({ id }) => id === code));
  assert.equal(used?.shortDescription.text, codes['finally-broken']);
  assert.equal(used?.fullDescription.text, 'It is wrong. Very wrong.');
  assert.match(used?.help?.text ?? '', /docs\/diagnostics\/finally-broken\.md.*lockstep explain/);
  assert.match(used?.help?.markdown ?? '', /^# finally-broken/);
  assert.match(other?.help?.markdown ?? '', /^# deadlock\n/);
  const without = runOf({ results: [result] }).tool.driver.rules.find(({ id }) => id === 'finally-broken');
  assert.equal(without?.fullDescription.text, codes['finally-broken']);
  assert.equal(without?.help?.markdown, undefined);
});

test('a violation has its interleaving, one flow for each thread', () => {
  const shown = only(runOf({ results: [result] }));
  assert.deepEqual(
    [shown.ruleId, shown.level, shown.message.text],
    ['finally-broken', 'error', 'both_counted: it is lost (fix=none)'],
  );
  const flows = shown.codeFlows?.[0]?.threadFlows.map(({ id, locations }) => [
    id,
    ...locations.map((each) => `${each.executionOrder} ${each.location.message?.text} ${each.importance}`),
  ]);
  assert.deepEqual(flows, [
    ['adder[0]', '1 load: n++ important', '3 store: n++ important'],
    ['adder[1]', '2 load: n++ important', '4 store: n++ essential'],
  ]);
  assert.equal(shown.codeFlows?.[0]?.message.text, '4 steps of 2 threads');
  assert.deepEqual(
    shown.relatedLocations.map(({ message }) => message?.text),
    ['adder[0], in step 3: store: n++', 'adder[1], in step 4: store: n++'],
  );
});

test('files are relative URIs, and artifacts once', () => {
  const library = { ...violation, file: '../library/kvm/x86.lockstep' };
  const drive = { ...violation, file: 'D:/x/y.lockstep' };
  const odd = { ...violation, file: 'a:b#c?d%.lockstep' };
  const run = runOf({ results: [{ ...result, violations: [violation, library, drive, odd] }] });
  assert.deepEqual(
    run.artifacts.map(({ location, roles }) => [location.uri, roles ?? []]),
    [
      ['sub%20dir/a.lockstep', ['analysisTarget']],
      ['../library/kvm/x86.lockstep', []],
      ['file:///D:/x/y.lockstep', []],
      ['a%3Ab%23c%3Fd%25.lockstep', []],
    ],
  );
});

test('what an expectation asks for is suppressed with its line', () => {
  const expected = [
    'expect fails underflow when fix == none;',
    'expect fails both-counted;',
    'expect finds deadlock;',
  ];
  const asked = { ...result, met: true, expected, violations: [{ ...violation, expected: true }] };
  const run = runOf({ results: [asked], diagnostics: [{ ...finding, expected: true }] });
  assert.deepEqual(
    run.results.map(({ suppressions }) => suppressions),
    [
      [{ kind: 'inSource', justification: 'expect fails both-counted;' }],
      [{ kind: 'inSource', justification: 'expect finds deadlock;' }],
    ],
  );
  const byCode = { ...asked, expected: ['expect fails finally_broken;'] };
  assert.equal(
    only(runOf({ results: [byCode] })).suppressions[0]?.justification,
    'expect fails finally_broken;',
  );
  const byNone = { ...asked, expected: ['expect fails when fix == none;'] };
  assert.equal(
    only(runOf({ results: [byNone] })).suppressions[0]?.justification,
    'expect fails when fix == none;',
  );
});

test('what fails beside an expected failure is no more than a warning', () => {
  const beside = { ...result, met: true, expected: ['expect fails other;'] };
  assert.equal(only(runOf({ results: [beside] })).level, 'warning');
  const unexpected = runOf({ results: [{ ...beside, met: false }] }, { exitCode: 1 });
  assert.deepEqual(
    unexpected.results.map(({ ruleId, level }) => `${ruleId} ${level}`),
    ['finally-broken error', 'expectation-not-met error'],
  );
});

test('an expectation that nothing else explains is a result of its own', () => {
  const missed: Result = {
    ...{ ...result, violations: [], verdict: 'passes' },
    expected: ['expect fails both_counted when fix == none;'],
  };
  const shown = only(runOf({ results: [missed] }, { exitCode: 1 }));
  assert.deepEqual([shown.ruleId, shown.level], ['expectation-not-met', 'error']);
  assert.match(
    shown.message.text,
    /expect fails both_counted when fix == none;.* the verdict is 'passes'.*fix=none/,
  );
  const broken = { code: 'deadlock', severity: 'error', ...place, confirmed: null, expected: false } as const;
  assert.deepEqual(runOf({ results: [{ ...missed, expected: [], findings: [broken] }] }).results, []);
});

test('a search that was cut short is told to the user, and is no result', () => {
  const cut: Result = {
    ...{ ...result, violations: [], met: false },
    ...{ verdict: 'unknown', reason: 'stopped at 10 states', complete: false },
  };
  const run = runOf({ results: [cut] }, { undecided: [true], exitCode: 3 });
  assert.deepEqual(run.results, []);
  const [told, ...others] = run.invocations[0]?.toolExecutionNotifications ?? [];
  assert.deepEqual([told?.level, told?.descriptor.id, others], ['warning', 'bound-reached', []]);
  assert.match(told?.message.text ?? '', /^A race, fix=none: stopped at 10 states/);
  assert.equal(run.invocations[0]?.executionSuccessful, true);
});

test('what cannot be used is told to the user', () => {
  const run = runOf({ unusable: [{ ...place, message: 'is empty' }] }, { exitCode: 2 });
  const [invocation] = run.invocations;
  assert.deepEqual([invocation?.executionSuccessful, invocation?.exitCode], [false, 2]);
  const [told] = invocation?.toolExecutionNotifications ?? [];
  assert.deepEqual(
    [told?.level, told?.message.text, told?.descriptor.id],
    ['error', 'is empty', 'unusable-input'],
  );
  assert.equal(told?.locations[0]?.physicalLocation.region.startLine, 3);
});

test('a diagnostic has its range, related places, level and interleaving', () => {
  const shown = only(runOf({ diagnostics: [finding] }));
  assert.deepEqual(shown.locations[0]?.physicalLocation.region, {
    ...{ startLine: 3, startColumn: 5, endLine: 3, endColumn: 9 },
  });
  assert.deepEqual(
    shown.relatedLocations.map(({ id, message }) => [id, message?.text]),
    [
      [1, 'taken here'],
      [2, 'taken here'],
    ],
  );
  assert.deepEqual(shown.properties, { confirmed: 'not-explored' });
  assert.equal(shown.codeFlows, undefined);
  const hint = { ...finding, severity: 'hint', confirmed: 'not-reachable' } as const;
  assert.equal(only(runOf({ diagnostics: [hint] })).level, 'note');
  const confirmed = { ...finding, confirmed: 'confirmed', trace: violation.trace } as const;
  assert.equal(only(runOf({ diagnostics: [confirmed] })).codeFlows?.[0]?.threadFlows.length, 2);
});

test('what is vacuous is a warning', () => {
  const vacuous = { ...result, violations: [], met: true, vacuous: ['f is never reached'] };
  const shown = only(runOf({ results: [vacuous] }));
  assert.deepEqual(
    [shown.ruleId, shown.level, shown.message.text],
    ['vacuous', 'warning', 'f is never reached (fix=none)'],
  );
});

test('fingerprints stay when lines move, and tell equal results apart', () => {
  const fingerprints = (results: readonly Result[]): string[] =>
    runOf({ results }).results.map(({ partialFingerprints }) => partialFingerprints['lockstep/v1'] ?? '');
  const moved = { ...result, violations: [{ ...violation, line: 30 }] };
  assert.deepEqual(fingerprints([moved]), fingerprints([result]));
  const twice = fingerprints([{ ...result, violations: [violation, { ...violation, line: 30 }] }]);
  assert.notEqual(twice[0], twice[1]);
  const other = fingerprints([result, { ...result, options: { fix: 'other' } }]);
  assert.notEqual(other[0], other[1]);
});

test('any report gives a valid log', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const at = fc.record({
    file: text.filter((file) => file !== ''),
    line: fc.integer({ min: 1, max: 9 }),
    column: fc.integer({ min: 1, max: 9 }),
  });
  const trace = fc
    .array(fc.tuple(at, fc.constantFrom('a', 'b', 'c'), text), { maxLength: 6 })
    .map((steps) => steps.map(([where, thread, said], i) => ({ ...where, thread, step: i + 1, text: said })));
  const violations = fc.array(
    fc.record({
      ...{ at, trace, check: text, message: text, expected: fc.boolean() },
      severity: fc.constantFrom('error' as const, 'warning' as const),
    }),
    { maxLength: 3 },
  );
  const arbitrary = fc.record({ violations, met: fc.boolean(), expected: fc.array(text), options: text, at });
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 3 }), (drawn) => {
      const results = drawn.map(({ violations: found, met, expected, options, at: { file } }) => ({
        ...{ ...result, file, met, expected, options: { fix: options } },
        violations: found.map(({ at: where, ...one }) => ({ ...violation, ...where, ...one })),
      }));
      const diagnostics = drawn.map(({ at: where }) => ({ ...finding, ...where, endLine: where.line }));
      runOf({ results, diagnostics, unusable: drawn.map((one) => ({ ...one.at, message: 'x' })) });
    }),
    { numRuns: 50 },
  );
});

// ---------------------------------------------------------------- the command line

test('check --format sarif writes a valid log that says what the JSON says', () => {
  const broken = 'scenario "x";\ntask t { y = 1; }\n';
  const files = { 'sub/racy.lockstep': racy, 'passing.lockstep': passing, 'broken.lockstep': broken };
  const directory = directoryWith(files);
  const json = checkJson(directory, '.');
  const { code, out } = lockstep(directory, 'check', '.', '--format', 'sarif');
  const run = validate(JSON.parse(out));
  assert.equal(code, json.code);
  assert.equal(run.invocations[0]?.exitCode, 2);
  assert.equal(run.invocations[0]?.toolExecutionNotifications.length, json.unusable.length);
  assert.equal(
    run.results.length,
    json.results.flatMap(({ violations }) => violations).length + json.diagnostics.length,
  );
  const lost = run.results.find(({ properties }) => properties['check'] === 'both_counted');
  assert.equal(lost?.suppressions[0]?.justification, 'expect fails both_counted when fix == none;');
  assert.equal(lost?.codeFlows?.[0]?.threadFlows.length, 2);
  assert.ok(run.results.some(({ ruleId, level }) => ruleId === 'unknown-name' && level === 'error'));
  assert.ok(run.artifacts.some(({ location }) => location.uri === 'sub/racy.lockstep'));
  assert.doesNotMatch(out, new RegExp(directory));
});
