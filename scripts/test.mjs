/**
 * `npm test`: types, format and lint, then every test. Ends with what was skipped and why, and node's own closing
 * lines last. With CI=true a skip is a failure, because nobody would notice it there.
 * `npm test -- test/cli` runs the tests under these paths only, and nothing else.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './build.mjs';
import { provideChromium } from './chromium.mjs';
import { provideSpin } from './spin.mjs';
import { provide } from './vscode.mjs';

const closing = /^(?:ℹ|#) (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;
const skipped = /^\s*﹣ /;

const asked = process.argv.slice(2);
const failed = asked.length > 0 ? [] : checks();
const files = (asked.length > 0 ? asked : ['test']).flatMap((path) => testsUnder(join(root, path)));
prepareEditor();
if (files.some((file) => file.startsWith(join(root, 'test', 'promela')))) provideSpin();
const { status, summary, skips } = await runTests(files);
if (status !== 0) failed.push('tests');
if (skips.length > 0) {
  console.log(`\nSkipped (${skips.length}), each with what it needs:`);
  for (const line of skips) console.log(`  ${line}`);
  if (process.env['CI'] === 'true') failed.push('skipped tests, which CI=true does not allow');
}
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`);
console.log(summary.join('\n'));
process.exitCode = failed.length > 0 ? 1 : 0;

/** @returns {string[]} what failed */
function checks() {
  const tools = [
    { name: 'types', script: 'typescript/bin/tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
    { name: 'types of core', script: 'typescript/bin/tsc', args: ['--noEmit', '-p', 'core/tsconfig.json'] },
    {
      name: 'types of pages',
      script: 'typescript/bin/tsc',
      args: ['--noEmit', '-p', 'client/webview/tsconfig.json'],
    },
    {
      name: 'format and lint',
      script: '@biomejs/biome/bin/biome',
      args: ['check', '--error-on-warnings', '.'],
    },
  ];
  return tools.flatMap(({ name, script, args }) => {
    const path = join(root, 'node_modules', script);
    const result = spawnSync(process.execPath, [path, ...args], { cwd: root, stdio: 'inherit' });
    console.log(`${result.status === 0 ? '✔' : '✖'} ${name}`);
    return result.status === 0 ? [] : [name];
  });
}

/** Fetches once what several tests would fetch at the same time, as does provideSpin. Their own report says what is missing. */
function prepareEditor() {
  if (!files.some((file) => file.startsWith(join(root, 'test', 'editor')))) return;
  provideChromium();
  try {
    provide();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
}

/**
 * Runs the files and passes their output on, except node's closing lines, which are kept back.
 * @param {string[]} files
 * @returns {Promise<{ status: number | null, summary: string[], skips: string[] }>}
 */
function runTests(files) {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${availableParallelism()}`,
      ...files,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) },
    },
  );
  /** @type {string[]} */
  const summary = [];
  /** @type {string[]} */
  const skips = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    const text = line.replace(/\x1b\[[\d;]*m/g, '');
    if (closing.test(text)) {
      summary.push(text);
      return;
    }
    if (skipped.test(text)) skips.push(text.trim().replace(/^﹣\s*/, ''));
    console.log(line);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, summary, skips }));
  });
}

/** @param {string} path @returns {string[]} */
function testsUnder(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    console.error(`There is no ${path}.`);
    process.exit(2);
  }
  if (!stat.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .flatMap((entry) => {
      const child = join(path, entry.name);
      if (entry.isDirectory()) return testsUnder(child);
      return entry.name.endsWith('.test.ts') ? [child] : [];
    })
    .sort();
}
