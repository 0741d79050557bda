import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryWith, lockstep, passing, racy } from './lockstep.ts';

const directory = directoryWith({
  'racy.lockstep': racy,
  'passing.lockstep': passing,
  'part.lockstep': 'int shared;\n',
  'broken.lockstep': 'scenario "Broken";\ntask a { x = 1; }\n',
  'empty.lockstep': '',
  'sub/passing.lockstep': passing,
});

test('export writes a model to standard output, or to a file', () => {
  const { code, out, err } = lockstep(directory, 'export', 'passing.lockstep', '--to', 'promela');
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^\/\*\n \* passing\.lockstep\n/);
  assert.match(out, /\/\* task writer \*\/\nactive proctype T0\(\)/);
  assert.match(out, /WRITE_ONCE\(x, 1\) \(passing\.lockstep:5\)/);
  const written = lockstep(directory, 'export', 'passing.lockstep', '--to', 'promela', '-o', 'model.pml');
  assert.deepEqual(written, { code: 0, out: '', err: '' });
  assert.equal(readFileSync(join(directory, 'model.pml'), 'utf8'), out);
  assert.equal(
    lockstep(directory, 'export', 'passing.lockstep', '--to=promela', '--output=model.pml').code,
    0,
  );
});

test('export takes one variant', () => {
  const args = ['export', 'racy.lockstep', '--to', 'promela'];
  const { code, out } = lockstep(directory, ...args, '--option', 'fix=atomics');
  assert.equal(code, 0);
  assert.match(out, /racy\.lockstep with fix=atomics\n/);
  const all = lockstep(directory, ...args);
  assert.deepEqual([all.code, all.out], [2, '']);
  assert.match(all.err, /one variant, and 2 are left; choose with --option among: fix=none; fix=atomics/);
});

/** What is wrong with a command line, and what is said of it. Nothing is written, and the exit code is 2. */
const refusals: readonly (readonly [string, RegExp])[] = [
  ['export passing.lockstep', /--to is needed, and takes promela/],
  ['export passing.lockstep --to promella', /--to takes promela, not 'promella'; did you mean 'promela'\?/],
  ['export passing.lockstep --to', /--to needs a value/],
  ['export --to promela', /name one scenario file/],
  ['export passing.lockstep racy.lockstep --to promela', /name one scenario file/],
  ['export missing.lockstep --to promela', /missing\.lockstep:1:1: does not exist/],
  ['export empty.lockstep --to promela', /empty\.lockstep:1:1: is empty/],
  ['export part.lockstep --to promela', /declares no scenario/],
  ['export broken.lockstep --to promela', /broken\.lockstep:2:10: .*'x'/],
  ['export racy.lockstep --to promela --option fix=nine', /no value 'nine'; did you mean 'none'\?/],
  ['export racy.lockstep --to promela --option fix', /--option takes name=value, not 'fix'/],
  [
    'export passing.lockstep --to promela --option memory_model=tso',
    /only the memory model sc can be exported/,
  ],
  ['export passing.lockstep --to promela --outputs a', /no option '--outputs'; did you mean '--output'\?/],
  ['export passing.lockstep --to promela -o', /-o needs a value/],
  ['export passing.lockstep --to promela -o passing.lockstep', /would overwrite a file of the scenario/],
  ['export passing.lockstep --to promela -o nowhere/model.pml', /nowhere\/model\.pml cannot be written: /],
];

test('export says what is wrong with a command line', () => {
  for (const [line, said] of refusals) {
    const { code, out, err } = lockstep(directory, ...line.split(' '));
    assert.deepEqual([line, code, out], [line, 2, '']);
    assert.match(err, said);
  }
  assert.equal(readFileSync(join(directory, 'passing.lockstep'), 'utf8'), passing);
});

test('export of a directory takes its only scenario', () => {
  const { code, out } = lockstep(directory, 'export', 'sub', '--to', 'promela');
  assert.equal(code, 0);
  assert.match(out, /^\/\*\n \* sub\/passing\.lockstep\n/);
});

test('export tells what it is', () => {
  assert.match(lockstep(directory, 'export', '--help').out, /-o OUT, --output OUT/);
  assert.match(lockstep(directory, '--help').out, /export +write a variant as a model for another tool/);
});
