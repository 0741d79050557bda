import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTraceFile } from '../../core/export/trace.ts';
import { checkJson, directoryWith, lockstep, passing, racy } from './lockstep.ts';

const directory = directoryWith({ 'racy.lockstep': racy, 'sub/passing.lockstep': passing });

test('check prints a table of verdicts and the interleaving of what fails', () => {
  const { code, out } = lockstep(directory, 'check', '.');
  assert.equal(code, 0);
  assert.match(out, /✔ fix=none {5}fails, as expected/);
  assert.match(out, /✔ fix=atomics {2}passes/);
  assert.match(out, /adder\[0\] +adder\[1\]\n/);
  assert.match(out, /\*\*\* both_counted/);
  assert.match(out, /3 variants in .* s: 3 as expected/);
});

test('check in JSON: every field, arrays never null, paths relative with slashes', () => {
  const { code, version, results, diagnostics, unusable } = checkJson(directory, '.');
  assert.deepEqual(
    { code, version, diagnostics, unusable },
    { code: 0, version: 1, diagnostics: [], unusable: [] },
  );
  assert.deepEqual(
    results.map(({ file, options, verdict, met, complete }) => ({ file, options, verdict, met, complete })),
    [
      { file: 'racy.lockstep', options: { fix: 'none' }, verdict: 'fails', met: true, complete: true },
      { file: 'racy.lockstep', options: { fix: 'atomics' }, verdict: 'passes', met: true, complete: true },
      { file: 'sub/passing.lockstep', options: {}, verdict: 'passes', met: true, complete: true },
    ],
  );
  const failing = results[0];
  assert.deepEqual(Object.keys(failing ?? {}), [
    ...['file', 'scenario', 'options', 'memoryModel', 'profile', 'bounds', 'verdict', 'reason', 'violations'],
    ...[
      'findings',
      'expected',
      'met',
      'vacuous',
      'states',
      'transitions',
      'depth',
      'seconds',
      'bytes',
      'complete',
      'reductions',
    ],
  ]);
  assert.deepEqual([failing?.memoryModel, failing?.profile, failing?.reason], ['sc', 'v6.12', null]);
  const violation = failing?.violations.find(({ check }) => check === 'both_counted');
  assert.deepEqual(
    [violation?.severity, violation?.expected, violation?.file],
    ['error', true, 'racy.lockstep'],
  );
  assert.deepEqual(
    violation?.trace.map(({ thread, step, file, line }) => `${step} ${thread} ${file}:${line}`).sort(),
    violation?.trace
      .map(
        (_, index) => `${index + 1} adder[${(violation.trace[index]?.thread ?? '').at(6)}] racy.lockstep:10`,
      )
      .sort(),
  );
  assert.equal(violation?.trace.length, 4);
});

test('option values choose variants; those that exist nowhere are refused', () => {
  const options = (...args: string[]) =>
    checkJson(directory, '.', ...args).results.map((result) => result.options);
  assert.deepEqual(options('--option', 'fix=none'), [{ fix: 'none' }]);
  assert.deepEqual(options('--option', 'fix=none', '--option', 'fix=atomics').length, 2);
  const { code, err } = lockstep(directory, 'check', '.', '--option', 'fix=atomic');
  assert.equal(code, 2);
  assert.match(err, /no value 'atomic'; did you mean 'atomics'\?; values are none, atomics/);
});

test('shards together are everything', () => {
  const names = (...args: string[]) =>
    checkJson(directory, '.', ...args).results.map(
      ({ file, options }) => `${file} ${JSON.stringify(options)}`,
    );
  assert.deepEqual([...names('--shard', '1/2'), ...names('--shard', '2/2')].sort(), names().sort());
});

test('the number of workers changes nothing', () => {
  const results = (workers: string) =>
    checkJson(directory, '.', '--workers', workers).results.map((result) => ({ ...result, seconds: 0 }));
  assert.deepEqual(results('1'), results('3'));
});

test('a bound that is reached is unknown, with exit code 3', () => {
  const { code, results } = checkJson(directory, 'sub', '--max-states', '1');
  assert.equal(code, 3);
  assert.deepEqual([results[0]?.verdict, results[0]?.met, results[0]?.complete], ['unknown', false, false]);
  assert.match(results[0]?.reason ?? '', /states/);
});

test('an expectation that is not met is exit code 1', () => {
  const wrong = directoryWith({
    'a.lockstep': passing.replace('x == 1;', 'x == 2;'),
    'b.lockstep': `${passing}expect fails written;\n`,
  });
  const { code, results } = checkJson(wrong, '.');
  assert.equal(code, 1);
  assert.deepEqual(
    results.map(({ verdict, met }) => `${verdict} ${met}`),
    ['fails false', 'passes false'],
  );
});

test('without reduction the same violations are found, in at least as many states', () => {
  const [reduced, plain] = [[], ['--no-reduction']].map(
    (args) => checkJson(directory, 'racy.lockstep', ...args).results,
  );
  const checks = (results: typeof reduced) =>
    results?.map(({ violations }) => violations.map(({ check }) => check).sort());
  assert.deepEqual(checks(reduced), checks(plain));
  for (const [index, result] of (plain ?? []).entries())
    assert.ok(result.states >= (reduced?.[index]?.states ?? 0));
});

test('trace prints the changelog table, or a trace file', () => {
  const table = lockstep(directory, 'trace', 'racy.lockstep', '--check', 'both_counted');
  assert.equal(table.code, 0);
  assert.match(table.out, /^Two increments \(fix=none\)\n\nadder\[0\] +adder\[1\]\n/);
  assert.ok(table.out.split('\n').every((line) => line.length <= 100));
  const json = lockstep(directory, 'trace', 'racy.lockstep', '--check', 'both-counted', '--format', 'json');
  const reading = readTraceFile(json.out);
  assert.equal(reading.kind, 'trace');
  if (reading.kind !== 'trace') return;
  assert.equal(reading.trace.steps.length, 4);
  assert.equal(reading.trace.violation?.check, 'both_counted');
  assert.ok(reading.trace.sources.some(({ file, hash }) => file === 'racy.lockstep' && hash.length === 64));
});

test('trace prints the way to a confirmed finding of a lock rule', () => {
  const files = directoryWith({
    'leaf.lockstep': `scenario "Inside a leaf";
import "linux/prelude";
spinlock_t leaf __leaf, other;
task t { spin_lock(&leaf); spin_lock(&other); spin_unlock(&other); spin_unlock(&leaf); }
task u { if (0) { spin_lock(&leaf); spin_unlock(&leaf); } spin_lock(&other); spin_unlock(&other); }
expect finds lock_leaf;
`,
  });
  const { code, out } = lockstep(files, 'trace', 'leaf.lockstep', '--check', 'lock-leaf');
  assert.equal(code, 0);
  assert.match(out, /^Inside a leaf\n\nt\n-\nspin_lock\(&leaf\)\n\n\*\*\* lock-leaf\n/);
  assert.match(out, /\nlock-leaf: Nothing is taken inside leaf, [^\n]*\nleaf\.lockstep:4:28\n$/);
  assert.equal(lockstep(files, 'trace', 'leaf.lockstep').out, out, 'there is no other');
  const json = lockstep(files, 'trace', 'leaf.lockstep', '--check', 'lock_leaf', '--format', 'json');
  const reading = readTraceFile(json.out);
  assert.equal(reading.kind === 'trace' ? reading.trace.steps.length : 0, 1);
  writeFileSync(join(files, 'leaf.lockstep-trace'), json.out);
  const again = lockstep(files, 'trace', 'leaf.lockstep-trace');
  assert.equal(again.code, 0);
  const none = lockstep(files, 'trace', 'leaf.lockstep', '--check', 'lock-leav');
  assert.equal(none.code, 2);
  assert.match(none.err, /there is no check 'lock-leav'; did you mean 'lock_leaf'\?/);
});

test('a trace file is followed in the scenario as it is now', () => {
  const files = directoryWith({ 'racy.lockstep': racy });
  const { out } = lockstep(files, 'trace', 'racy.lockstep', '--check', 'both_counted', '--format', 'json');
  writeFileSync(join(files, 'racy.lockstep-trace'), out);
  const same = lockstep(files, 'trace', 'racy.lockstep-trace');
  assert.equal(same.code, 0, same.err);
  assert.match(same.out, /^Two increments \(fix=none\)\n\nadder\[0\]/);
  assert.match(same.out, /\*\*\* both_counted/);
  writeFileSync(join(files, 'racy.lockstep'), `// moved\n${racy.replace('n++;', 'n += 1;')}`);
  const changed = lockstep(files, 'trace', 'racy.lockstep-trace');
  assert.equal(changed.code, 1);
  assert.match(changed.out, /racy\.lockstep has changed since/);
  assert.match(
    changed.out,
    /step 1 differs: the next step of adder\[[01]\] is 'load: n \+= 1', not 'load: n\+\+'/,
  );
  writeFileSync(join(files, 'racy.lockstep'), racy.replace('n == 2', 'n >= 1'));
  assert.match(lockstep(files, 'trace', 'racy.lockstep-trace').out, /both_counted does not happen any more/);
  writeFileSync(join(files, 'racy.lockstep-trace'), '{}');
  assert.match(lockstep(files, 'trace', 'racy.lockstep-trace').err, /no trace file/);
});

test('trace of what passes says so', () => {
  const passes = lockstep(directory, 'trace', 'racy.lockstep', '--option', 'fix=atomics');
  assert.equal(passes.code, 1);
  assert.match(passes.err, /no violation was found; every interleaving of the variant was explored/);
  const wrong = lockstep(directory, 'trace', 'racy.lockstep', '--check', 'both_count');
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /there is no check 'both_count'; did you mean 'both_counted'/);
  const other = lockstep(directory, 'trace', 'racy.lockstep', '--check', 'deadlock');
  assert.equal(other.code, 1);
  assert.match(other.err, /no violation of deadlock was found; every interleaving/);
  const cut = lockstep(directory, 'trace', 'sub/passing.lockstep', '--max-states', '1');
  assert.equal(cut.code, 3);
});

test('explain prints pages, however the code is spelled', () => {
  const page = lockstep(directory, 'explain', 'data_race');
  assert.equal(page.code, 0);
  assert.match(page.out, /^# data-race\n/);
  assert.match(lockstep(directory, 'explain').out, /^deadlock +\S/m);
});

test('every command has help', () => {
  for (const command of ['check', 'trace', 'explain', 'format']) {
    const { code, out } = lockstep(directory, command, '--help');
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^usage: lockstep ${command}`));
  }
  assert.match(lockstep(directory, '--help').out, /^usage: lockstep COMMAND/);
  assert.match(lockstep(directory, '--version').out, /^\d+\.\d+\.\d+\n$/);
});

test('format lays out, keeps comments and modes, and leaves broken files alone', () => {
  const messy = 'scenario   "x" ;\nint   y ; // why\ntask t{ y=1; }\n';
  const files = directoryWith({ 'messy.lockstep': messy, 'broken.lockstep': 'scenario "x"\n  task {' });
  const path = join(files, 'messy.lockstep');
  assert.equal(lockstep(files, 'format', 'messy.lockstep', '--check').code, 1);
  assert.equal(readFileSync(path, 'utf8'), messy);
  const mode = statSync(path).mode;
  assert.equal(lockstep(files, 'format', 'messy.lockstep').code, 0);
  const laidOut = readFileSync(path, 'utf8');
  assert.match(laidOut, /^scenario "x";\n/);
  assert.match(laidOut, /\/\/ why/);
  assert.equal(statSync(path).mode, mode);
  assert.equal(lockstep(files, 'format', '.', '--check').code, 2);
  writeFileSync(join(files, 'broken.lockstep'), laidOut);
  assert.equal(lockstep(files, 'format', '.', '--check').code, 0);
});

test('a violation in imported code is shown at the call from the scenario, in every format', () => {
  const files = directoryWith({
    'far.lockstep': 'scenario "Far";\nimport "./near";\nint x;\ntask t {\n\tx = 1;\n\tbreaks();\n}\n',
    'near.lockstep': 'static void breaks(void)\n{\n\tBUG_ON(1, "broken");\n}\n',
  });
  const [violation] = checkJson(files, 'far.lockstep').results[0]?.violations ?? [];
  assert.deepEqual([violation?.file, violation?.line], ['far.lockstep', 6]);
  const inside = { file: 'near.lockstep', line: 3, column: 2, message: 'it happens here' };
  assert.deepEqual(violation?.related, [inside]);
  const { out } = lockstep(files, 'check', 'far.lockstep');
  assert.match(out, /^far\.lockstep:6:2: error: broken: .*\n {4}near\.lockstep:3:2: it happens here$/m);
  const sarif = lockstep(files, 'check', 'far.lockstep', '--format', 'sarif').out;
  assert.match(sarif, /"text": ?"it happens here"/);
});
