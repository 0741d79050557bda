/**
 * `npx tsx test/bench/tokens.ts`: what an editor asks for behind every edit of a file of 2,000 lines: all semantic
 * tokens, the tokens of a screen, folding ranges, formatting, and inlay hints, each after one key.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldingRangesOf } from '../../server/features/foldingRanges.ts';
import { formatFile } from '../../server/features/formatting.ts';
import { heldHints } from '../../server/features/inlayHints/held.ts';
import { encodedTokens } from '../../server/features/semanticTokens.ts';
import { Results } from '../../server/features/semanticTokens/results.ts';
import type { Scene } from '../../server/scene.ts';
import { Workspace } from '../../server/workspace.ts';
import { root } from '../house/sources.ts';

const LINES = 2_000;
const RUNS = 40;
const uri = 'file:///bench/main.lockstep';

const workspace = new Workspace();
const text = longText();
const results = new Results();
const rows: { readonly what: string; readonly median: number; readonly worst: number }[] = [];

const begun = performance.now();
let data = encodedTokens(opened(text));
rows.push({ what: 'all tokens, nothing known', median: performance.now() - begun, worst: 0 });
let { resultId } = results.full(uri, data);

measure('all tokens after a key, and what changed', (run) => {
  const scene = opened(edited(run));
  return () => {
    data = encodedTokens(scene);
    ({ resultId } = results.delta(uri, resultId ?? '', data));
  };
});
measure('tokens of a screen after a key', (run) => {
  const scene = opened(edited(run));
  const range = { start: { line: 900, character: 0 }, end: { line: 960, character: 0 } };
  return () => encodedTokens(scene, range);
});
measure('folding ranges after a key', (run) => {
  const { file } = opened(edited(run));
  return () => foldingRangesOf(file);
});
measure('formatting after a key', (run) => {
  const { file } = opened(edited(run));
  return () => formatFile(file);
});

measure('inlay hints after a key, once it is analysed', (run) => {
  const scene = opened(edited(run));
  for (const variant of scene.variants) scene.locks(variant);
  return () => heldHints(scene);
});

console.log(`${text.split('\n').length} lines, ${data.length / 5} tokens; milliseconds`);
for (const { what, median, worst } of rows)
  console.log(`${what.padEnd(44)} ${median.toFixed(1).padStart(8)} ${worst > 0 ? worst.toFixed(1) : ''}`);

/** `prepare` is not measured. */
function measure(what: string, prepare: (run: number) => () => unknown): void {
  const times = Array.from({ length: RUNS }, (_, run) => {
    const work = prepare(run);
    const start = performance.now();
    work();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  rows.push({ what, median: times[RUNS >> 1] ?? 0, worst: times.at(-1) ?? 0 });
}

function opened(content: string): Scene {
  workspace.open({ uri, clientUri: uri, version: 1, text: content });
  const scene = workspace.scene(uri);
  if (scene === null) throw new Error('there is no such file');
  return scene;
}

/** One key more in the middle of the file. */
function edited(run: number): string {
  const lines = text.split('\n');
  lines.splice(1_000, 0, `int fresh${'x'.repeat(run + 1)};`);
  return lines.join('\n');
}

/** The functions of an example again and again, under other names. */
function longText(): string {
  const example = readFileSync(join(root, 'examples/put-root.lockstep'), 'utf8');
  const lines = example.split('\n');
  for (let copy = 0; lines.length < LINES; copy++) {
    lines.push(
      `static int walk${copy}(struct kvm *kvm, int count)`,
      '{',
      '\tint found = 0;',
      '',
      '\tread_lock(&kvm->mmu_lock);',
      '\tfor (int i = 0; i < count; i++) {',
      '\t\tif (READ_ONCE(kvm->arch.tdp_mmu_roots.next) != &kvm->arch.tdp_mmu_roots)',
      '\t\t\tfound += i;',
      '\t}',
      '\tread_unlock(&kvm->mmu_lock);',
      '\treturn found;',
      '}',
      '',
    );
  }
  return lines.join('\n');
}
