import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneOf, optionValues, readArguments, seconds, UsageError, wholeNumber } from '../../cli/arguments.ts';

const table = { option: 'list', format: 'text', 'max-states': 'text', 'no-reduction': 'flag' } as const;
const read = (...args: string[]) => readArguments(args, table);

test('options and paths are read in any order', () => {
  const args = read(
    'a',
    '--format',
    'json',
    '--option=x=1',
    'b',
    '--no-reduction',
    '--option',
    'y=2',
    '--',
    '-c',
  );
  assert.deepEqual(args.positionals, ['a', 'b', '-c']);
  assert.equal(args.text('format'), 'json');
  assert.deepEqual(args.list('option'), ['x=1', 'y=2']);
  assert.equal(args.flag('no-reduction'), true);
  assert.equal(args.flag('help'), false);
  assert.equal(args.text('max-states'), null);
});

test('help is asked for in two ways', () => {
  assert.equal(read('--help').flag('help'), true);
  assert.equal(read('-h').flag('help'), true);
});

function refused(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  return '(accepted)';
}

test('what is wrong with an option is said in words', () => {
  assert.match(
    refused(() => read('--formt', 'x')),
    /no option '--formt'; did you mean '--format'/,
  );
  assert.match(
    refused(() => read('-x')),
    /no option '-x'/,
  );
  assert.match(
    refused(() => read('--toString')),
    /no option/,
  );
  assert.match(
    refused(() => read('--format')),
    /--format needs a value/,
  );
  assert.match(
    refused(() => read('--format=')),
    /--format needs a value/,
  );
  assert.match(
    refused(() => read('--no-reduction=yes')),
    /--no-reduction takes no value/,
  );
});

test('values are whole numbers, seconds, words of a list, or name=value', () => {
  assert.equal(wholeNumber(read('--max-states', '7'), 'max-states', 1), 7);
  assert.equal(wholeNumber(read(), 'max-states', 1), null);
  for (const text of ['0', '-1', '1.5', 'x', '1e9', '9999999999999999']) {
    assert.match(
      refused(() => wholeNumber(read(`--max-states=${text}`), 'max-states', 1)),
      /whole number of at least 1/,
      text,
    );
  }
  assert.equal(seconds(read('--max-states', '0.5'), 'max-states'), 0.5);
  assert.match(
    refused(() => seconds(read('--max-states', '0'), 'max-states')),
    /positive number of seconds/,
  );
  assert.equal(oneOf(read(), 'format', ['a', 'b'], 'b'), 'b');
  assert.match(
    refused(() => oneOf(read('--format', 'jsn'), 'format', ['json', 'pretty'], 'pretty')),
    /did you mean 'json'/,
  );
  const values = optionValues(
    read('--option', 'fix=none', '--option', 'fix=lock', '--option', 'profile=v6.12'),
  );
  assert.deepEqual(
    [...values],
    [
      ['fix', ['none', 'lock']],
      ['profile', ['v6.12']],
    ],
  );
  for (const text of ['fix', '=none', 'fix=', '1=2', 'a b=c']) {
    assert.match(
      refused(() => optionValues(read('--option', text))),
      /takes name=value/,
      text,
    );
  }
});
