import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryWith, lockstep, passing, racy } from '../cli/lockstep.ts';
import { root } from '../house/sources.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly contributes: { readonly problemMatchers: readonly { readonly pattern: Pattern }[] };
};

interface Pattern {
  readonly regexp: string;
  readonly file: number;
  readonly line: number;
  readonly column: number;
  readonly severity: number;
  readonly message: number;
}

/** What the problem matcher of the task finds in the output of a check. */
function problems(files: Readonly<Record<string, string>>): readonly string[] {
  const { out } = lockstep(directoryWith(files), 'check', '.');
  const [matcher] = manifest.contributes.problemMatchers;
  assert.ok(matcher !== undefined);
  const { regexp, file, line, column, severity, message } = matcher.pattern;
  return out.split('\n').flatMap((text) => {
    const found = new RegExp(regexp).exec(text);
    return found === null
      ? []
      : [[file, line, column, severity, message].map((group) => found[group]).join('|')];
  });
}

test('what is wrong in the output of the command line becomes problems', () => {
  const broken = `${passing}\nexpect fails nothing_of_that_name;\n`;
  const found = problems({
    'sub/broken.lockstep': broken,
    'racy.lockstep': racy.replace(/^expect.*\n/gm, ''),
  });
  const errors = found.filter((problem) => problem.includes('|error|'));
  assert.deepEqual(
    errors
      .map((problem) => problem.replace(/\|\d+\|error\|.*\b(nothing_of_that_name|both_counted)\b.*/, '|$1'))
      .sort(),
    ['racy.lockstep|15|both_counted', 'sub/broken.lockstep|9|nothing_of_that_name'],
  );
});

test('an input that cannot be used becomes one too', () => {
  const found = problems({ 'empty.lockstep': '', 'fine.lockstep': passing });
  assert.deepEqual(
    found.map((problem) => problem.split('|').slice(0, 4).join('|')),
    ['empty.lockstep|1|1|unusable'],
  );
});

test('a failure that is expected is no error, and no step of an interleaving is a problem', () => {
  const found = problems({ 'racy.lockstep': racy });
  assert.deepEqual(
    found.map((problem) => problem.replace(/\|\d+\|(\w+)\|(\w+):.*/, '|$1|$2')),
    ['racy.lockstep|10|warning|data_race'],
  );
});
