import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkJson, directoryWith, lockstep, passing } from './lockstep.ts';

interface Case {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** What is said of `file` (bad.lockstep when not given), and where: `line:column`. */
  readonly at?: string;
  readonly message: RegExp;
  readonly file?: string;
}

const head = 'scenario "Bad";\n';

/** Every case is a directory of its own; all are checked in one run, together with a good file. */
const cases: Readonly<Record<string, Case>> = {
  'a syntax error names what was expected': {
    files: { 'bad.lockstep': `${head}task t {\n    int x = 1\n}\n` },
    at: '3:13',
    message: /expected ';'/,
  },

  'a name that is not known comes with the nearest one that is': {
    files: { 'bad.lockstep': `${head}int counter;\ntask t { countre = 1; }\n` },
    at: '3:10',
    message: /countre.*did you mean 'counter'/,
  },

  'a type that does not fit': {
    files: { 'bad.lockstep': `${head}struct s { int a; };\nstruct s v;\nint x;\ntask t { x = v; }\n` },
    at: '5:14',
    message: /struct s/,
  },

  'an import of what is not there': {
    files: { 'bad.lockstep': `${head}import "linux/lsit";\ntask t { }\n` },
    at: '2:8',
    message: /linux\/lsit.*did you mean 'linux\/list'/,
  },

  'imports in a circle': {
    files: { 'bad.lockstep': `${head}import "./a";\ntask t { }\n`, 'a.lockstep': 'import "./bad";\n' },
    file: 'a.lockstep',
    at: '1:8',
    message: /circle/,
  },

  'an import that leaves the workspace': {
    files: { 'bad.lockstep': `${head}import "../../../../etc/passwd";\ntask t { }\n` },
    at: '2:8',
    message: /leaves the workspace/,
  },

  'an atomic operation on a bit-field': {
    files: {
      'bad.lockstep': `${head}struct s { u32 a : 1; };\nstruct s v;\ntask t { xchg(&v.a, 1); }\n`,
    },
    at: '4:16',
    message: /word/,
  },

  'an option value that does not exist': {
    files: {
      'bad.lockstep': `${head}option fix = { none, lock };\nint x;\ntask t { if (fix == lokc) x = 1; }\n`,
    },
    at: '4:21',
    message: /lokc.*did you mean 'lock'/,
  },

  'an empty file': { files: { 'bad.lockstep': '' }, message: /is empty/ },
  'a file of blanks': { files: { 'bad.lockstep': ' \n\t\r\n' }, message: /is empty/ },
  'a file that is binary': { files: { 'bad.lockstep': Uint8Array.of(1, 0, 2) }, message: /is binary/ },
  'a file that is not UTF-8': { files: { 'bad.lockstep': Uint8Array.of(0xff, 0xfe) }, message: /UTF-8/ },
  '5 MB of noise': { files: { 'bad.lockstep': noise(5 * 1024 * 1024) }, message: /5\.0 MB/ },
  'an imported file that is binary': {
    files: { 'bad.lockstep': `${head}import "./other";\ntask t { }\n`, 'other.lockstep': Uint8Array.of(0) },
    file: 'other.lockstep',
    message: /is binary/,
  },
};

const together = directoryWith({
  'good.lockstep': passing,
  ...Object.fromEntries(
    Object.values(cases).flatMap(({ files }, index) =>
      Object.entries(files).map(([name, text]) => [`case${index}/${name}`, text] as const),
    ),
  ),
});
const report = checkJson(together, '.');

test('a good file beside bad ones is checked all the same', () => {
  assert.equal(report.code, 2);
  assert.deepEqual(
    report.results.map(({ file, verdict, met }) => ({ file, verdict, met })),
    [{ file: 'good.lockstep', verdict: 'passes', met: true }],
  );
});

for (const [index, [name, { at = '1:1', message, file = 'bad.lockstep' }]] of Object.entries(
  cases,
).entries()) {
  test(`${name} is told, with its place`, () => {
    const told = report.unusable.filter((one) => one.file === `case${index}/${file}`);
    const wanted = told.filter((one) => `${one.line}:${one.column}` === at && message.test(one.message));
    const all = told.map((one) => `${one.file}:${one.line}:${one.column}: ${one.message}`);
    assert.ok(wanted.length > 0, all.join('\n') || 'nothing is said of it');
  });
}

test('noise below the limit gives a few errors, soon', () => {
  const directory = directoryWith({ 'noise.lockstep': noise(1024 * 1024) });
  const { code, unusable } = checkJson(directory, '.');
  assert.equal(code, 2);
  assert.ok(unusable.length >= 1 && unusable.length <= 60, `${unusable.length} errors`);
});

test('several errors of one file are told in one run', () => {
  const text = `${head}task a { int x = ; }\nint n;\ntask b { if }\ntask c { n = 1; }\n`;
  const { unusable } = checkJson(directoryWith({ 'bad.lockstep': text }), 'bad.lockstep');
  assert.deepEqual([...new Set(unusable.map(({ line }) => line))], [2, 4]);
});

test('a path that is not there, and a directory without scenarios', () => {
  const directory = directoryWith({ 'empty/readme.txt': 'x' });
  const { code, unusable } = checkJson(directory, 'nothing.lockstep', 'empty');
  assert.equal(code, 2);
  assert.match(unusable.find(({ file }) => file === 'nothing.lockstep')?.message ?? '', /does not exist/);
  assert.match(unusable.find(({ file }) => file === 'empty')?.message ?? '', /holds no scenario/);
});

test('a file that only others import is no scenario, and is passed over in a directory', () => {
  const directory = directoryWith({
    'main.lockstep': `${head}import "./part";\ntask t { part = 1; }\n`,
    'part.lockstep': 'int part;\n',
  });
  assert.equal(checkJson(directory, '.').code, 0);
  const named = checkJson(directory, 'part.lockstep');
  assert.equal(named.code, 2);
  assert.match(named.unusable[0]?.message ?? '', /declares no scenario/);
});

test('CRLF, tabs and letters of any script are no obstacle, and columns count UTF-16 units', () => {
  const text = `// größe 大小 😀\r\nscenario "Ü";\r\n\r\nint x;\r\n\ttask t { WRITE_ONCE(x, 1); /* 😀 */ y = 1; }\r\n`;
  const bad = checkJson(directoryWith({ 'bad.lockstep': text }), 'bad.lockstep');
  assert.deepEqual([bad.unusable[0]?.line, bad.unusable[0]?.column], [5, 38]);
  const good = directoryWith({ 'good.lockstep': text.replace(' y = 1;', '') });
  assert.equal(checkJson(good, 'good.lockstep').code, 0);
});

const endless: Readonly<Record<string, string>> = {
  runaway_loop: 'int x;\ntask t { int i = READ_ONCE(x); while (i >= 0) i = 1; }',
  recursion_too_deep: 'int x;\nvoid f(int n) { WRITE_ONCE(x, n); f(n + 1); }\ntask t { f(0); }',
};
for (const [name, text] of Object.entries(endless)) {
  test(`${name} is reported with its trace`, () => {
    const { code, results } = checkJson(directoryWith({ 'a.lockstep': `${head}${text}\n` }), 'a.lockstep');
    assert.equal(code, 1);
    const violation = results[0]?.violations.find(({ check }) => check === name);
    assert.ok(violation !== undefined, JSON.stringify(results));
    assert.equal(violation.file, 'a.lockstep');
  });
}

test('a wrong command line says what would be right', () => {
  const directory = directoryWith({ 'good.lockstep': passing });
  const cases: readonly [readonly string[], RegExp][] = [
    [[], /usage: lockstep COMMAND/],
    [['chekc', 'good.lockstep'], /no command 'chekc'; did you mean 'check'\?; there are check, trace/],
    [['lsp'], /lockstep lsp --stdio/],
    [['dap'], /lockstep dap --stdio/],
    [['check'], /name a scenario file or a directory/],
    [['check', 'good.lockstep', '--formt', 'json'], /did you mean '--format'/],
    [['check', 'good.lockstep', '--format', 'sarf'], /did you mean 'sarif'/],
    [['check', 'good.lockstep', '--memory-model', 'pso'], /sc.*tso/],
    [['check', 'good.lockstep', '--max-states', '0'], /whole number of at least 1/],
    [['check', 'good.lockstep', '--shard', '3/2'], /I\/N/],
    [['check', 'good.lockstep', '--workers', 'two'], /whole number/],
    [['check', 'good.lockstep', '--option', 'fix'], /name=value/],
    [['check', 'good.lockstep', '--option', 'fix=none'], /no option 'fix'/],
    [['trace', 'good.lockstep', 'good.lockstep'], /name one scenario file/],
    [['trace', 'good.lockstep', '--check', 'data_rcae'], /no check 'data_rcae'; did you mean 'data_race'/],
    [['explain', 'data-rcae'], /did you mean 'data-race'/],
    [['format'], /name a file or a directory/],
  ];
  for (const [args, message] of cases) {
    const { code, err } = lockstep(directory, ...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, message, args.join(' '));
  }
});

/** Printable text that means nothing, the same every time. */
function noise(length: number): string {
  let seed = 1;
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    bytes[i] = 32 + ((seed >>> 16) % 95);
  }
  return bytes.toString('latin1');
}
