/** The hardware and KVM: every scenario below hardware/ and kvm/ meets what it expects, by a complete search. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Variant, variants } from '../../core/semantics/options.ts';
import { loadProject, type SnapshotCache } from '../../core/semantics/snapshot.ts';
import { explore, newCaches, programOf } from '../../host/job.ts';
import { type OpenedScenario, openScenario } from '../../host/scenario.ts';

const library = new URL('../../library/', import.meta.url);
const cache: SnapshotCache = new Map();

for (const folder of ['hardware', 'kvm']) {
  const scenarios = new URL(`./${folder}/`, import.meta.url);
  for (const name of filesIn(scenarios)) {
    const opened = openScenario(new URL(name, scenarios).pathname, cache);
    // A file that the others import.
    if (!opened.isScenario) continue;
    test(`${folder}/${name} meets every expectation`, () => {
      assert.equal(opened.error, null);
      assert.ok(opened.variants.length > 0);
      assert.deepEqual(
        opened.variants.flatMap((variant) => faultsOf(opened, variant)),
        [],
      );
    });
  }
}

for (const folder of ['hardware', 'kvm/x86']) {
  test(`every file of library/${folder} is checked by itself without a complaint`, () => {
    const complaints = filesIn(new URL(`${folder}/`, library)).flatMap((name) => {
      const project = loadProject(`library:///${folder}/${name}`, readLibrary, cache);
      return variants(project).variants.flatMap((variant) =>
        programOf(project, variant).diagnostics.map(({ message }) => `${name}: ${message}`),
      );
    });
    assert.deepEqual(complaints, []);
  });
}

/** What of the variant is not as the file says; empty when all is well. */
function faultsOf(opened: OpenedScenario, variant: Variant): string[] {
  const which =
    [...variant.options].map(([name, value]) => `${name} == ${value}`).join(', ') || 'the only variant';
  const texts = new Map([...opened.project.files].map(([uri, file]) => [uri, file.source.text]));
  const { result, diagnostics } = explore(
    {
      uri: opened.uri,
      texts,
      root: opened.root,
      variant,
      reduction: true,
      budget: { maxStates: 200_000, maxMilliseconds: 60_000, maxBytes: 1 << 30 },
      workingDirectory: '/',
    },
    () => true,
    newCaches(cache),
  );
  if (result === null) return [`${which}: ${diagnostics.map(({ message }) => message).join('; ')}`];
  const faults = result.vacuous.map((text) => `${which}: vacuous: ${text}`);
  if (!result.complete) faults.push(`${which}: the search is not complete`);
  if (!result.met) {
    const found = result.violations.map(({ check }) => check).join(', ');
    faults.push(`${which}: ${result.verdict}: ${found}`);
  }
  return faults;
}

function filesIn(folder: URL): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.lockstep'))
    .sort();
}

function readLibrary(uri: string): string | null {
  try {
    return readFileSync(new URL(uri.replace('library:///', ''), library), 'utf8');
  } catch {
    return null;
  }
}
