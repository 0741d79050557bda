/** `npx tsx test/bench/analyses.ts`: the lock rules over a workspace of 2,000 functions and over each example. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../../core/locks/analyse.ts';
import { AnalysisCache } from '../../core/locks/cache.ts';
import { CheckCache } from '../../core/semantics/cache.ts';
import { check } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, type SnapshotCache } from '../../core/semantics/snapshot.ts';
import { libraryPaths, sourcesBelow, uriOf } from '../../host/files.ts';
import { root } from '../house/sources.ts';

const FUNCTIONS = 2_000;
const EDITS = 40;

console.log(
  'what'.padEnd(40) + ['whole', 'edit median', 'edit p99'].map((each) => each.padStart(14)).join(''),
);
measure(`${FUNCTIONS} functions`, 'file:///bench/main.lockstep', workspace(), (text, edit) =>
  text.replace(/(void f1234\(u64 n\)\n\{\n)/, `$1\tx = ${edit};\n`),
);
const directory = join(root, 'examples');
for (const name of readdirSync(directory).filter((each) => each.endsWith('.lockstep'))) {
  const uri = uriOf(join(directory, name));
  const text = sourcesBelow(root, [join(directory, name)]).read(uri) ?? '';
  measure(name, uri, text, (before, edit) =>
    before.replace(/(\n(?:vcpu|task)[^\n]*\{\n)/, `$1\tint edited = ${edit};\n`),
  );
}

/** All variants together, in milliseconds of the processor, so that a busy machine says the same; what loads and checks the text is not counted. */
function measure(
  what: string,
  uri: string,
  text: string,
  edited: (text: string, edit: number) => string,
): void {
  const sources = sourcesBelow(root, []);
  const snapshots: SnapshotCache = new Map();
  const bodies = new CheckCache();
  const cache = new AnalysisCache();
  const spent = (now: string): number => {
    const read = (wanted: string): string | null => (wanted === uri ? now : sources.read(wanted));
    const project = loadProject(uri, read, snapshots, { libraryPaths: libraryPaths() });
    let sum = 0;
    for (const variant of variants(project).variants) {
      const { program } = check(project, variant, bodies);
      if (program === null) throw new Error(`${what} has errors`);
      const began = process.cpuUsage();
      analyse(program, cache);
      const { user, system } = process.cpuUsage(began);
      sum += (user + system) / 1000;
    }
    return sum;
  };
  const whole = spent(text);
  const edits = Array.from({ length: EDITS }, (_, edit) => spent(edited(text, edit))).sort((a, b) => a - b);
  const cells = [whole, edits[EDITS >> 1] ?? 0, edits.at(-1) ?? 0];
  console.log(what.padEnd(40) + cells.map((each) => `${each.toFixed(1)} ms`.padStart(14)).join(''));
}

/** Each function takes one of 50 locks, calls up to two others in an order without circles, and has five lines. */
function workspace(): string {
  const locks = Array.from({ length: 50 }, (_, index) => `spinlock_t l${index};`);
  const functions = Array.from({ length: FUNCTIONS }, (_, index) => {
    const lock = Math.floor((index * 50) / FUNCTIONS);
    const next = index + FUNCTIONS / 50;
    const call = next < FUNCTIONS && index % 3 !== 0 ? `f${next}(n);` : 'x = n;';
    return `void f${index}(u64 n)\n{\n\tspin_lock(&l${lock});\n\t${call}\n\tspin_unlock(&l${lock});\n}`;
  });
  const tasks = Array.from({ length: 8 }, (_, index) => `task t${index} {\n\tf${index * 5}(${index});\n}`);
  return `scenario "bench";\nu64 x;\n${[...locks, ...functions, ...tasks].join('\n')}\n`;
}
