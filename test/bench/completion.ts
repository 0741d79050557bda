/**
 * `node --import tsx test/bench/completion.ts`: how long completion takes from the keystroke to the list, in every
 * example and in a file of a large workspace, at places of each kind. Each line is median, 99th percentile and longest.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uriOf } from '../../host/files.ts';
import { type Surroundings, offersAt } from '../../server/features/completion/offers.ts';
import { Workspace } from '../../server/workspace.ts';

const root = join(import.meta.dirname, '..', '..');
const rounds = 4;

/** What is typed, and behind which line it is put. */
const typings: readonly { readonly what: string; readonly behind: RegExp; readonly typed: string }[] = [
  { what: 'a statement', behind: /\n(?:vcpu|task) [^\n]*\{\n/, typed: '\tk' },
  { what: 'a lock', behind: /\n(?:vcpu|task) [^\n]*\{\n/, typed: '\tspin_lock(' },
  { what: 'a member', behind: /\nvcpu [^\n]*\{\n/, typed: '\tvcpu->' },
  { what: 'a value', behind: /\n(?:vcpu|task) [^\n]*\{\n/, typed: '\tif (fix == ' },
  { what: 'an item', behind: /\noption [^\n]*\n/, typed: 'ta' },
  { what: 'a bound', behind: /\nmachine \{\n/, typed: '\tl' },
];

const workspace = new Workspace();
const surroundings: Surroundings = {
  libraryPaths: () => workspace.libraryPaths(),
  files: () => workspace.files(),
  snippets: true,
  lazy: true,
  trigger: null,
};

const all = new Map<string, number[]>();
const examples = join(root, 'examples');
for (const name of readdirSync(examples))
  measure(name, uriOf(join(examples, name)), readFileSync(join(examples, name), 'utf8'));
const folder = largeWorkspace();
workspace.setFolders([folder]);
const path = join(folder, 'file100.lockstep');
measure('workspace of 200 files', uriOf(path), readFileSync(path, 'utf8'));
rmSync(folder, { recursive: true });
print('all', [...all.values()].flat());
for (const [what, times] of all) print(what, times);

function measure(name: string, uri: string, text: string): void {
  const times: number[] = [];
  workspace.open({ uri, version: 1, text });
  // As it is when somebody has looked at the file for a moment: its diagnostics are there.
  const opened = workspace.scene(uri);
  for (const variant of opened?.variants ?? []) opened?.check(variant);
  let version = 1;
  for (let round = 0; round < rounds; round++) {
    for (const { what, behind, typed } of typings) {
      const found = behind.exec(text);
      if (found === null) continue;
      const at = found.index + found[0].length;
      // Keystroke by keystroke, the last one with the question.
      for (let length = 1; length <= typed.length; length++) {
        const edited = `${text.slice(0, at)}${typed.slice(0, length)}\n${text.slice(at)}`;
        const began = performance.now();
        workspace.open({ uri, version: ++version, text: edited });
        const scene = workspace.scene(uri);
        if (scene === null) continue;
        if (length < typed.length) {
          for (const variant of scene.variants.slice(0, 1)) scene.check(variant);
          continue;
        }
        offersAt(scene, at + length, surroundings);
        const time = performance.now() - began;
        times.push(time);
        all.set(what, [...(all.get(what) ?? []), time]);
      }
      workspace.open({ uri, version: ++version, text });
      const back = workspace.scene(uri);
      for (const variant of back?.variants ?? []) back?.check(variant);
    }
  }
  print(name, times);
}

function print(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
  console.log(`${name.padEnd(34)} ${at(0.5).padStart(7)} ${at(0.99).padStart(7)} ${at(1).padStart(7)} ms`);
}

/** 200 files of 50 lines, each a scenario. */
function largeWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < 200; index++) {
    const functions = Array.from(
      { length: 8 },
      (_, n) =>
        `static void work${n}(struct thing *t)\n{\n\tspin_lock(&t->lock);\n\tt->count++;\n\tspin_unlock(&t->lock);\n}\n`,
    );
    const text = `scenario "number ${index}";\n\noption fix = { none, locked };\n\nstruct thing {\n\tspinlock_t lock;\n\tint count;\n};\nstruct thing thing;\n\n${functions.join('\n')}\nvcpu_state struct thing vcpus;\nvcpu a {\n\twork1(&thing);\n}\ntask b {\n\twork2(&thing);\n}\n`;
    writeFileSync(join(folder, `file${index}.lockstep`), text);
  }
  return folder;
}
