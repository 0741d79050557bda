/** What is held where: in functions that do nothing to locks, too, as their callers hold it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AnalysisCache } from '../../core/locks/cache.ts';
import { heldIn } from '../../core/locks/whereHeld.ts';
import { check } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, resolveLoc } from '../../core/semantics/snapshot.ts';
import { libraryPaths, sourcesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';

const library = sourcesBelow(root, []);
const uri = 'file:///home/main.lockstep';

/** By the text of a statement: what is held before it; `?` behind a lock that only some ways hold. */
function heldBefore(source: string, variant = 0): ReadonlyMap<string, string> {
  const read = (wanted: string): string | null => (wanted === uri ? source : library.read(wanted));
  const project = loadProject(uri, read, new Map(), { libraryPaths: libraryPaths() });
  const chosen = variants(project).variants[variant];
  assert.ok(chosen !== undefined);
  const { program, diagnostics } = check(project, chosen);
  assert.ok(program !== null, diagnostics.map(({ message }) => message).join('\n'));
  const found = new Map<string, string>();
  for (const { loc, kind, before } of heldIn(program, uri, new AnalysisCache())) {
    const range = resolveLoc(project, loc);
    if (kind === 'entry' || range === null) continue;
    const text = source.slice(range.start, range.end);
    found.set(text, before.map(({ name, sure }) => (sure ? name : `${name}?`)).join(' '));
  }
  return found;
}

test('functions that do nothing to locks hold what their callers do', () => {
  const held = heldBefore(`scenario "s";
struct mutex a, b;
u64 x;
static void deepest(void) { x = 1; }
static void deeper(void) { x = 2; deepest(); }
static void both(void) { x = 3; }
static void unused(void) { x = 4; }
static void relevant(void) { mutex_lock(&b); both(); mutex_unlock(&b); }
task t {
	mutex_lock(&a);
	deeper();
	if (x)
		relevant();
	both();
	mutex_unlock(&a);
}
`);
  assert.equal(held.get('x = 1;'), 'a');
  assert.equal(held.get('x = 2;'), 'a');
  assert.equal(held.get('x = 3;'), 'a b?');
  assert.equal(held.get('x = 4;'), '');
});

test('a function of an example that only the library calls', () => {
  const source = readFileSync(join(root, 'examples', 'unsync-children.lockstep'), 'utf8');
  const held = [...heldBefore(source)].filter(([text]) => /unsync_children/.test(text));
  assert.ok(held.length > 0);
  for (const [text, locks] of held) assert.match(locks, /mmu_lock/, text);
});
