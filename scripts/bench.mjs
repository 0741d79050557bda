/**
 * `npm run bench [-- PATH…] [--no-reduction] [--json]`: states, states per second, time and peak memory of each
 * variant of each example, every one in a process of its own, so that one does not warm up or fill the next.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, root } from './build.mjs';

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('--'));
const paths = args.filter((arg) => !arg.startsWith('--'));
const unknown = flags.find((flag) => flag !== '--no-reduction' && flag !== '--json');
if (unknown !== undefined) {
  console.error(`npm run bench knows --no-reduction and --json, not ${unknown}`);
  process.exit(2);
}

await ensureBuilt();
const search = flags.filter((flag) => flag === '--no-reduction');
const targets = paths.length > 0 ? paths : ['examples'];
const listed = runCheck([...targets, '--max-states', '1']);
const rows = listed.results.map(({ file, options }) => {
  const chosen = Object.entries(options).flatMap(([name, value]) => ['--option', `${name}=${value}`]);
  const { results, peak } = runCheck([file, ...chosen, ...search]);
  const result = results[0];
  if (result === undefined) throw new Error(`${file} gave no result`);
  return { ...result, peak };
});

if (flags.includes('--json')) console.log(JSON.stringify(rows.map(summary), null, 2));
else print(rows.map(summary));

/** @param {Row} row */
function summary({ file, options, verdict, complete, states, transitions, seconds, peak }) {
  const variant = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  return { file, variant: variant.join(','), verdict, complete, states, transitions, seconds, peak };
}

/** @param {ReturnType<typeof summary>[]} lines */
function print(lines) {
  const cells = [
    ['example', 'variant', 'verdict', 'states', 'states/s', 'seconds', 'peak MB'],
    ...lines.map((line) => [
      line.file,
      line.variant,
      line.complete ? line.verdict : `${line.verdict} (cut)`,
      line.states.toLocaleString('en-US'),
      Math.round(line.states / Math.max(line.seconds, 0.001)).toLocaleString('en-US'),
      line.seconds.toFixed(2),
      (line.peak / 1024 / 1024).toFixed(0),
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of cells) {
    const texts = row.map((cell, column) =>
      column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(texts.join('  ').trimEnd());
  }
}

/**
 * @typedef {{ file: string, options: Record<string, string>, verdict: string, complete: boolean, states: number,
 *   transitions: number, seconds: number }} Result
 * @typedef {Result & { peak: number }} Row
 * @param {string[]} checkArgs
 * @returns {{ results: Result[], peak: number }}
 */
function runCheck(checkArgs) {
  const memory = join(tmpdir(), `lockstep-bench.${process.pid}`);
  // The process itself says what it needed at its highest: nothing else knows it on every system.
  const script = `
    import { writeFileSync } from 'node:fs';
    process.on('exit', () => writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS * 1024)));
    process.argv.splice(1, 0, 'lockstep');
    await import(${JSON.stringify(new URL('../dist/cli.js', import.meta.url).href)});
  `;
  const child = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      script,
      '--',
      'check',
      ...checkArgs,
      '--format',
      'json',
      '--workers',
      '1',
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  if (child.stderr !== '') process.stderr.write(child.stderr);
  try {
    const report = JSON.parse(child.stdout);
    for (const { file, message } of report.unusable) console.error(`${file}: ${message}`);
    return { results: report.results, peak: Number(readFileSync(memory, 'utf8')) };
  } catch {
    throw new Error(`lockstep check ${checkArgs.join(' ')} printed no report (exit code ${child.status})`);
  } finally {
    rmSync(memory, { force: true });
  }
}
