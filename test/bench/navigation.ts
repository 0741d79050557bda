/**
 * `npx tsx test/bench/navigation.ts`: what following names costs in an example, and in a workspace of 200 files and
 * 10,000 lines: cold, warm, and after an edit of a file that all others import.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { itemsAt } from '../../server/features/callHierarchy.ts';
import { definitionsAt } from '../../server/features/definition.ts';
import { highlightsAt } from '../../server/features/documentHighlight.ts';
import { referencesAt } from '../../server/features/references.ts';
import { renameAt } from '../../server/features/rename.ts';
import { symbolsLike } from '../../server/features/workspaceSymbols.ts';
import { usesAt } from '../../server/names.ts';
import type { Scene } from '../../server/scene.ts';
import { Workspace } from '../../server/workspace.ts';
import { root } from '../house/sources.ts';

const FILES = 200;
const home = 'file:///bench';

const rows: {
  readonly what: string;
  readonly median: number;
  readonly worst: number;
  readonly runs: number;
}[] = [];

await inExample();
await inWorkspace();
console.log(`${'what'.padEnd(58)}${'median ms'.padStart(11)}${'worst ms'.padStart(11)}${'runs'.padStart(7)}`);
for (const { what, median, worst, runs } of rows)
  console.log(
    `${what.padEnd(58)}${median.toFixed(2).padStart(11)}${worst.toFixed(2).padStart(11)}${String(runs).padStart(7)}`,
  );

async function inExample(): Promise<void> {
  const path = join(root, 'examples', 'put-root.lockstep');
  const uri = pathToFileURL(path).href;
  const workspace = new Workspace();
  workspace.open({ uri, version: 1, text: readFileSync(path, 'utf8') });
  const scene = sceneOf(workspace, uri);
  const names = [...scene.text.matchAll(/[A-Za-z_]\w*/g)].map(({ index }) => index);
  await measure('an example: the first definition', 1, () =>
    definitionsAt(workspace, scene, names[100] ?? 0),
  );
  await measure('an example: definition', names.length, (run) =>
    definitionsAt(workspace, scene, names[run] ?? 0),
  );
  await measure('an example: highlights', names.length, (run) => highlightsAt(scene, names[run] ?? 0));
  await measure('an example: call hierarchy, first item', names.length, (run) =>
    itemsAt(workspace, scene, names[run] ?? 0),
  );
  await measure('an example: definition after an edit of a body', 20, (run) => {
    const at = scene.text.lastIndexOf('}');
    const text = `${scene.text.slice(0, at)}/* ${run} */${scene.text.slice(at)}`;
    workspace.open({ uri, version: run + 2, text });
    const edited = sceneOf(workspace, uri);
    definitionsAt(workspace, edited, names[100] ?? 0);
  });
}

async function inWorkspace(): Promise<void> {
  const workspace = new Workspace();
  let lines = 0;
  for (const [uri, text] of files()) {
    lines += text.split('\n').length;
    workspace.open({ uri, version: 1, text });
  }
  const what = `${FILES} files, ${lines} lines:`;
  const common = `${home}/common.lockstep`;
  const at = (scene: Scene, name: string): number => scene.text.search(new RegExp(`\\b${name}\\b`));
  const scene = sceneOf(workspace, common);
  await measure(`${what} references in all files, cold`, 1, () =>
    referencesAt(workspace, scene, at(scene, 'account'), true),
  );
  const found = await referencesAt(workspace, scene, at(scene, 'account'), true);
  await measure(`${what} ${found.length} references in all files`, 20, () =>
    referencesAt(workspace, scene, at(scene, 'account'), true),
  );
  await measure(`${what} rename in all files`, 20, () =>
    renameAt(workspace, scene, at(scene, 'account'), 'account_anew'),
  );
  const own = sceneOf(workspace, `${home}/s7.lockstep`);
  await measure(`${what} references in one file`, 20, () =>
    referencesAt(workspace, own, at(own, 'thing7'), true),
  );
  await measure(`${what} rename in one file`, 20, () =>
    renameAt(workspace, own, at(own, 'thing7'), 'thing_anew'),
  );
  await measure(`${what} the same after an edit of one file`, 20, (run) => {
    const uri = `${home}/s9.lockstep`;
    workspace.open({ uri, version: run + 2, text: `${workspace.read(uri)} ` });
    const edited = sceneOf(workspace, common);
    return referencesAt(workspace, edited, at(edited, 'account'), true);
  });
  const library = usesAt(own, at(own, 'spin_lock')).length;
  if (library === 0) throw new Error('the library is not found');
  await measure(`${what} references of a library function, cold`, 1, () =>
    referencesAt(workspace, own, at(own, 'spin_lock'), true),
  );
  await measure(`${what} references of a library function`, 20, () =>
    referencesAt(workspace, own, at(own, 'spin_lock'), true),
  );
  await measure(`${what} workspace symbols, cold`, 1, () => symbolsLike(workspace, 'acc'));
  await measure(`${what} workspace symbols`, 20, () => symbolsLike(workspace, 'acc'));
}

function* files(): Iterable<readonly [uri: string, text: string]> {
  yield [
    `${home}/common.lockstep`,
    'import "linux/spinlock";\nstruct book { spinlock_t lock; int total; };\nstruct book book;\nstatic void account(int by) { book.total += by; }\n',
  ];
  for (let n = 1; n < FILES; n++) {
    const functions = Array.from(
      { length: 8 },
      (_, f) => `static int f${n}_${f}(struct thing${n} *p)
{
	spin_lock(&book.lock);
	p->count = ${f};
	if (fix == some)
		account(p->count);
	spin_unlock(&book.lock);
	return p->count;
}
`,
    );
    yield [
      `${home}/s${n}.lockstep`,
      `scenario "${n}";
import "./common";
option fix = { none, some };
struct thing${n} { int count; };
struct thing${n} it;
${functions.join('')}task one { f${n}_0(&it); }
task two { f${n}_1(&it); }
expect passes;
`,
    ];
  }
}

function sceneOf(workspace: Workspace, uri: string): Scene {
  const scene = workspace.scene(uri);
  if (scene === null) throw new Error(`there is no ${uri}`);
  return scene;
}

async function measure(what: string, runs: number, once: (run: number) => unknown): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const began = performance.now();
    await once(run);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  rows.push({ what, median: times[runs >> 1] ?? 0, worst: times.at(-1) ?? 0, runs });
}
