/**
 * `npm run bench [-- PATH…] [--no-reduction] [--json]`: states, states per second, time and peak memory of each
 * variant of each example, every one in a process of its own, so that one does not warm up or fill the next. Without
 * arguments, then every other part of this directory, which says itself what it measures.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInputs } from '../../cli/input.ts';
import { selectVariants } from '../../cli/selection.ts';
import type { Report } from '../../core/export/result.ts';
import { displayPath } from '../../host/files.ts';
import { ensureBuilt, root } from '../../scripts/build.mjs';

interface Row {
  readonly file: string;
  readonly variant: string;
  readonly verdict: string;
  readonly complete: boolean;
  readonly states: number;
  readonly transitions: number;
  /** Of the search, without reading and compiling. */
  readonly seconds: number;
  /** Of the whole process, from its start to its end. */
  readonly wallSeconds: number;
  /** Most memory that the process ever held. */
  readonly peakBytes: number;
}

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('--'));
const paths = args.filter((arg) => !arg.startsWith('--'));
const unknown = flags.find((flag) => flag !== '--no-reduction' && flag !== '--json');
if (unknown !== undefined) {
  console.error(`npm run bench knows --no-reduction and --json, not ${unknown}`);
  process.exit(2);
}

await ensureBuilt();
const inputs = openInputs(paths.length > 0 ? paths : [join(root, 'examples')]);
for (const { file, message } of inputs.unusable) console.error(`${file}: ${message}`);
const rows = selectVariants(inputs.scenarios, new Map()).map(({ scenario, variant }) =>
  measure(
    displayPath(scenario.uri),
    [...variant.options].map(([name, value]) => `${name}=${value}`),
  ),
);
if (flags.includes('--json')) console.log(JSON.stringify(rows, null, 2));
else print(rows);
if (args.length === 0) {
  const parts = readdirSync(join(root, 'test', 'bench')).filter((name) => /\.ts$/.test(name));
  for (const part of parts.filter((name) => name !== 'bench.ts').sort()) {
    console.log(`\n${part}`);
    const script = join(root, 'test', 'bench', part);
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', script], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = status ?? 1;
  }
}

function measure(file: string, options: readonly string[]): Row {
  const memoryFile = join(tmpdir(), `lockstep-bench.${process.pid}`);
  const began = performance.now();
  const child = spawnSync(
    process.execPath,
    [
      join(root, 'scripts', 'measured.mjs'),
      memoryFile,
      ...['check', file, '--format', 'json'],
      ...options.flatMap((option) => ['--option', option]),
      ...flags.filter((flag) => flag === '--no-reduction'),
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  const wallSeconds = (performance.now() - began) / 1000;
  try {
    const report: Report = JSON.parse(child.stdout);
    const [result] = report.results;
    if (result === undefined) throw new Error(report.unusable[0]?.message);
    const { verdict, complete, states, transitions, seconds } = result;
    const peakBytes = Number(readFileSync(memoryFile, 'utf8'));
    const variant = options.join(',');
    return { file, variant, verdict, complete, states, transitions, seconds, wallSeconds, peakBytes };
  } catch (error) {
    throw new Error(`${file} ${options.join(' ')} gave no result: ${error}\n${child.stderr}`);
  } finally {
    rmSync(memoryFile, { force: true });
  }
}

function print(measured: readonly Row[]): void {
  const table = [
    ['example', 'variant', 'verdict', 'states', 'states/s', 'search s', 'wall s', 'peak MB'],
    ...measured.map((row) => [
      row.file,
      row.variant,
      row.complete ? row.verdict : `${row.verdict} (cut)`,
      row.states.toLocaleString('en-US'),
      Math.round(row.states / Math.max(row.seconds, 0.001)).toLocaleString('en-US'),
      row.seconds.toFixed(2),
      row.wallSeconds.toFixed(2),
      (row.peakBytes / 1024 / 1024).toFixed(0),
    ]),
  ];
  const widths = table.reduce<readonly number[]>(
    (widest, cells) => cells.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)),
    [],
  );
  for (const cells of table) {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < 3 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(padded.join('  ').trimEnd());
  }
}
