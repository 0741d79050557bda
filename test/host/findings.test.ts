import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { mergeFindings, type ShownFinding } from '../../core/export/findings.ts';
import type { ReportedDiagnostic } from '../../core/export/result.ts';
import { refuteGoal } from '../../core/export/confirm.ts';
import type { LockFinding } from '../../core/locks/events.ts';
import { type Exploration, explore, newCaches, programOf } from '../../host/job.ts';
import type { LockRules } from '../../host/locks.ts';
import { openScenario, textsOf } from '../../host/scenario.ts';
import { directoryWith } from '../cli/lockstep.ts';

/** Two threads that can both be inside, and the question whether they are: the exception of an invariant. */
const scenario = (asked: string, more: string): string => `scenario "Inside";
atomic_t inside;
task t[i : 0..1] { atomic_inc(&inside); atomic_dec(&inside); }
invariant question unless ${asked}: true;
${more}
`;

interface Case {
  readonly asked?: string;
  /** Lines of the scenario. */
  readonly more?: string;
  readonly finding?: Partial<LockFinding>;
  readonly maxStates?: number;
  /** False: no goal can express the witness. */
  readonly isExpressible?: boolean;
}

const reachable = 'atomic_read(&inside) == 2';
const unreachable = 'atomic_read(&inside) == 3';

function openCase({ asked = reachable, more = '' }: Case) {
  const directory = directoryWith({ 'a.lockstep': scenario(asked, more) });
  const opened = openScenario(join(directory, 'a.lockstep'));
  const [variant] = opened.variants;
  assert.ok(variant !== undefined);
  return { directory, opened, variant };
}

/** One finding made by hand at the first thread, with the invariant's exception as its witness. */
function exploreCase(given: Case): Exploration {
  const { directory, opened, variant } = openCase(given);
  const rules: LockRules = ({ actors, uri }) => {
    const loc = actors[0]?.loc ?? { uri, item: '', start: 0, end: 0, macro: null };
    const finding: LockFinding = {
      ...{ code: 'lock-leaf', severity: 'error', message: 'The rule. The breach.', loc },
      ...{ related: [{ message: 'here too', loc }], may: false, fixes: [] },
      witness: { kind: 'cycle', edges: [] },
      ...given.finding,
    };
    return {
      findings: [finding],
      reached: new Set(),
      goalOf: ({ invariants }, _, name) => {
        const predicate = invariants[0]?.unless;
        return given.isExpressible === false || predicate == null ? null : { name, predicate, site: null };
      },
    };
  };
  return explore(
    {
      ...{ uri: opened.uri, texts: textsOf(opened.project), root: opened.root, variant },
      budget: { maxStates: given.maxStates ?? 100_000, maxMilliseconds: 60_000, maxBytes: 2 ** 30 },
      ...{ reduction: true, workingDirectory: directory },
    },
    () => true,
    newCaches(),
    rules,
  );
}

/** `confirmed severity expected; verdict met|wrong|undecided` */
function check(given: Case, wanted: string): Exploration {
  const exploration = exploreCase(given);
  const { result, findings, undecided } = exploration;
  const [found] = findings.map(({ diagnostic }) => diagnostic);
  const finding =
    found === undefined
      ? 'nothing'
      : `${found.confirmed} ${found.severity}${found.expected ? ' expected' : ''}`;
  const answer = result?.met === true ? 'met' : undecided ? 'undecided' : 'wrong';
  assert.equal(`${finding}; ${result?.verdict} ${answer}`, wanted, JSON.stringify(given));
  return exploration;
}

test('a finding is confirmed by the interleaving that reaches its witness', () => {
  const { findings, result } = check({}, 'confirmed error; fails wrong');
  const [found] = findings;
  assert.deepEqual(
    found?.diagnostic.trace.map(({ thread, step }) => `${step} ${thread}`).map((text) => text.slice(0, 3)),
    ['1 t', '2 t'],
  );
  assert.match(found?.table ?? '', /^t\[[01]\] +t\[[01]\]\n[\s\S]*\*\*\* lock-leaf\n$/);
  assert.deepEqual([found?.diagnostic.file, found?.diagnostic.line], ['a.lockstep', 3]);
  assert.equal(found?.diagnostic.related[0]?.message, 'here too');
  assert.deepEqual(result?.violations, []);
  assert.deepEqual(
    result?.findings.map(({ code, confirmed }) => [code, confirmed]),
    [['lock-leaf', 'confirmed']],
  );
});

test('what no interleaving reaches is a hint, and leaves the verdict alone', () => {
  const { findings } = check({ asked: unreachable }, 'not-reachable hint; passes met');
  assert.deepEqual([findings[0]?.table, findings[0]?.diagnostic.trace], [null, []]);
  check({ asked: unreachable, more: 'expect passes;' }, 'not-reachable hint; passes met');
});

test('what was not searched for to the end stays what it is', () => {
  check({ asked: unreachable, maxStates: 2 }, 'not-explored error; unknown wrong');
  check(
    { asked: unreachable, maxStates: 2, finding: { severity: 'warning' } },
    'not-explored warning; unknown undecided',
  );
  check({ isExpressible: false }, 'not-explored error; passes wrong');
});

test('a rule about the text alone is not asked', () => {
  check({ finding: { witness: null } }, 'null error; passes wrong');
  check({ finding: { witness: null, severity: 'warning' } }, 'null warning; passes met');
});

test('a warning leaves the verdict alone, even when it is confirmed', () => {
  check({ finding: { severity: 'warning' } }, 'confirmed warning; passes met');
});

test('an expectation asks for a finding, reachable or not', () => {
  check({ more: 'expect finds lock_leaf;' }, 'confirmed error expected; fails met');
  check({ more: 'expect finds lock_leaf not reachable;' }, 'confirmed error expected; fails wrong');
  check(
    { more: 'expect finds lock_leaf not reachable;', asked: unreachable },
    'not-reachable hint expected; passes met',
  );
  check(
    { more: 'expect finds lock_leaf not reachable;', asked: unreachable, maxStates: 2 },
    'not-explored error expected; unknown undecided',
  );
  check({ more: 'expect finds deadlock;', asked: unreachable }, 'not-reachable hint; passes wrong');
});

test('further findings of what is said to fail are no surprise, unless only that may fail', () => {
  const broken = 'invariant never_inside: atomic_read(&inside) == 0;';
  check({ more: `${broken}\nexpect fails never_inside;` }, 'confirmed error; fails met');
  check({ more: `${broken}\nexpect fails only never_inside;` }, 'confirmed error; fails wrong');
});

test('a scenario decides how severe a code is', () => {
  check({ more: 'check lock_leaf off;' }, 'nothing; passes met');
  check({ more: 'check lock_leaf warning;' }, 'confirmed warning; passes met');
  check({ more: 'check lock_leaf error;', finding: { severity: 'warning' } }, 'confirmed error; fails wrong');
});

test('a trace that does not lead to its goal is refuted', () => {
  const { opened, variant } = openCase({});
  const { program } = programOf(opened.project, variant);
  const predicate = program?.invariants[0]?.unless;
  assert.ok(program !== null && predicate != null);
  const asked = { ...program, goals: [{ name: 'both', predicate, site: null }] };
  const steps = (...threads: number[]) => ({
    start: [],
    steps: threads.map((thread) => ({ thread, choices: [] })),
  });
  assert.equal(refuteGoal(asked, 0, steps(0, 1)), null);
  assert.match(refuteGoal(asked, 0, steps(0)) ?? '', /does not lead to both/);
  assert.match(refuteGoal(asked, 0, steps()) ?? '', /does not lead to both/);
  assert.match(refuteGoal(asked, 0, steps(0, 7)) ?? '', /no thread 7/);
});

test('two orders of two locks are confirmed by the lock rules themselves, and the deadlock is shown', () => {
  const take = (first: string, second: string): string =>
    `spin_lock(&${first}); spin_lock(&${second}); spin_unlock(&${second}); spin_unlock(&${first});`;
  const text = (more: string): string => `scenario "Orders";
spinlock_t a, b, outer;
task one { ${more} ${take('a', 'b')} ${more.replace('lock', 'unlock')} }
task two { ${more} ${take('b', 'a')} ${more.replace('lock', 'unlock')} }
`;
  const cases = [
    ['', 'confirmed'],
    // The outer lock makes it impossible, which lockdep does not see.
    ['spin_lock(&outer);', 'not-reachable'],
  ] as const;
  for (const [more, confirmed] of cases) {
    const directory = directoryWith({ 'a.lockstep': text(more) });
    const { uri, root, project, variants } = openScenario(join(directory, 'a.lockstep'));
    const [variant] = variants;
    assert.ok(variant !== undefined);
    const { findings, result } = explore(
      {
        ...{ uri, texts: textsOf(project), root, variant, reduction: true, workingDirectory: directory },
        budget: { maxStates: 100_000, maxMilliseconds: 60_000, maxBytes: 2 ** 30 },
      },
      () => true,
    );
    assert.deepEqual(
      findings.map(({ diagnostic }) => [diagnostic.code, diagnostic.confirmed]),
      [['lock-order-inversion', confirmed]],
    );
    assert.equal(result?.verdict, confirmed === 'confirmed' ? 'fails' : 'passes');
    assert.equal(findings[0]?.table === null, confirmed !== 'confirmed');
  }
});

// ---------------------------------------------------------------- several variants

const shown = (text: string, table: string | null = null, line = 1): ShownFinding => {
  const [confirmed = '', severity = ''] = text.split(' ');
  const diagnostic: ReportedDiagnostic = {
    ...{ file: 'a', line, column: 1, endLine: line, endColumn: 2, code: 'lock-leaf', message: 'm' },
    ...{ related: [], trace: [], expected: text.endsWith('expected') },
    severity: severity as ReportedDiagnostic['severity'],
    confirmed: confirmed === 'null' ? null : (confirmed as ReportedDiagnostic['confirmed']),
  };
  return { diagnostic, table, trace: null, alone: null };
};

/** The finding in each variant that has it, and what is said of it in all. */
const merges: readonly [readonly string[], boolean, string][] = [
  [['confirmed error'], true, 'confirmed error'],
  [['not-reachable hint', 'confirmed error'], true, 'confirmed error'],
  [['not-explored error', 'confirmed error'], false, 'confirmed error'],
  [['not-reachable hint', 'not-reachable hint'], true, 'not-reachable hint'],
  [['not-reachable hint', 'not-explored error'], true, 'not-explored error'],
  // Variants that were not asked for may still get there, but of those that were, none does.
  [['not-reachable hint'], false, 'not-explored hint'],
  [['null warning', 'null warning'], true, 'null warning'],
  [['null warning'], false, 'null warning'],
  [['confirmed error expected', 'confirmed error'], true, 'confirmed error'],
  [['confirmed error expected', 'not-reachable hint expected'], true, 'confirmed error expected'],
];

for (const [variants, whole, wanted] of merges) {
  test(`${variants.join(' and ')}${whole ? '' : ', and variants that were left out'}: ${wanted}`, () => {
    const merged = mergeFindings(
      variants.map((text) => [shown(text)]),
      whole,
    );
    const texts = merged.map(({ diagnostic: { confirmed, severity, expected } }) =>
      [confirmed, severity, ...(expected ? ['expected'] : [])].join(' ').replace(/^ /, 'null '),
    );
    assert.deepEqual(texts, [wanted]);
  });
}

test('what is told of a function that nothing reaches is gone when another variant reaches it', () => {
  const alone = { ...shown('null warning'), alone: 'release' };
  assert.equal(mergeFindings([[alone], []], true, new Set(['other'])).length, 1);
  assert.deepEqual(mergeFindings([[alone], []], true, new Set(['release'])), []);
  assert.equal(mergeFindings([[shown('null warning')]], true, new Set(['release'])).length, 1);
});

test('the interleaving of what nobody asked for is the one that is shown; other places stay apart', () => {
  const asked = shown('confirmed error expected', 'asked');
  const merged = mergeFindings(
    [
      [shown('not-explored error'), asked],
      [shown('confirmed error', 'not asked')],
      [shown('x error', null, 2)],
    ],
    true,
  );
  assert.deepEqual(
    merged.map(({ table }) => table),
    ['not asked', null],
  );
  assert.equal(mergeFindings([[asked]], true)[0]?.table, 'asked');
  assert.deepEqual(mergeFindings([[], []], true), []);
});
