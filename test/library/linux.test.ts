/** The kernel's primitives: every scenario below linux/ meets what it expects, and every function says what it does. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { judge } from '../../core/export/verdict.ts';
import { search } from '../../core/explore/search.ts';
import { buildProgram } from '../../core/program/build.ts';
import type { Program } from '../../core/program/ir.ts';
import { CheckCache } from '../../core/semantics/cache.ts';
import { check } from '../../core/semantics/check.ts';
import { type Variant, variants } from '../../core/semantics/options.ts';
import {
  loadProject,
  type Project,
  resolveLoc,
  type SnapshotCache,
  textAt,
} from '../../core/semantics/snapshot.ts';
import type { Diagnostic } from '../../core/syntax/diagnostic.ts';
import { openScenario, type OpenedScenario } from '../../host/scenario.ts';

const scenarios = new URL('./linux/', import.meta.url);
const library = new URL('../../library/linux/', import.meta.url);
const snapshots: SnapshotCache = new Map();
/** One for all scenarios: the prelude's functions are looked at once. */
const checks = new CheckCache();

for (const name of filesIn(scenarios)) {
  test(`${name} meets every expectation`, () => {
    const opened = openScenario(new URL(name, scenarios).pathname, snapshots);
    assert.equal(opened.error, null);
    assert.ok(opened.isScenario, 'a scenario says so in its first line');
    assert.ok(opened.variants.length > 0);
    assert.deepEqual(
      opened.variants.flatMap((variant) => faultsOf(opened, variant)),
      [],
    );
  });
}

test('every file of the prelude is checked by itself without a complaint', () => {
  for (const name of filesIn(library)) {
    const project = loadProject(`library:///linux/${name}`, readLibrary, snapshots);
    const [variant] = variants(project).variants;
    assert.ok(variant !== undefined, `${name} has no variant`);
    assert.deepEqual(
      programOf(project, variant).diagnostics.map(({ message }) => message),
      [],
      name,
    );
  }
});

test('the prelude imports every file beside it', () => {
  const prelude = readFileSync(new URL('prelude.lockstep', library), 'utf8');
  const imported = [...prelude.matchAll(/^import "linux\/(\w+)";$/gm)].map(([, name]) => `${name}.lockstep`);
  // Locks with readers and writers import what they have in common.
  const others = ['prelude.lockstep', 'rwbase.lockstep'];
  assert.deepEqual([...imported, ...others].sort(), filesIn(library));
});

test('every function that a scenario may call says what it does', () => {
  const silent = filesIn(library).flatMap((name) => {
    const lines = readFileSync(new URL(name, library), 'utf8').split('\n');
    return lines.flatMap((line, index) => {
      const called = /^(?:primitive|static inline) [^(]*?\b(\w+)\(/.exec(line)?.[1];
      const isPublic = called !== undefined && !called.startsWith('__');
      return isPublic && !lines[index - 1]?.endsWith('*/') ? [`${name}: ${called}`] : [];
    });
  });
  assert.deepEqual(silent, []);
});

test('every function and macro is used by a scenario here, so that macros are expanded and their code is checked', () => {
  const used = filesIn(scenarios)
    .map((name) => readFileSync(new URL(name, scenarios), 'utf8'))
    .join('\n');
  const words = new Set(used.match(/\w+/g));
  const unused = filesIn(library).flatMap((name) => {
    const text = readFileSync(new URL(name, library), 'utf8');
    const declared = text.matchAll(/^(?:#define (\w+)\(|(?:primitive|static inline) [^(\n]*?\b(\w+)\()/gm);
    return [...declared].flatMap(([, macro, called]) => {
      const word = macro ?? called ?? '';
      // Names with underscores are for the library; those of lock types are asked through __writers() and __readers().
      const isInternal = word.startsWith('__') || /_(?:writers|readers)$/.test(word);
      return isInternal || words.has(word) ? [] : [`${name}: ${word}`];
    });
  });
  assert.deepEqual(unused, []);
});

/** What of the variant is not as the file says; empty when all is well. */
function faultsOf(opened: OpenedScenario, variant: Variant): string[] {
  const which =
    [...variant.options].map(([name, value]) => `${name} == ${value}`).join(', ') || 'the only variant';
  const { program, diagnostics } = programOf(opened.project, variant);
  if (program === null) return [`${which}: ${diagnostics.map(({ message }) => message).join('; ')}`];
  const found = search(program, {
    budget: { maxStates: 1_000_000, maxMilliseconds: 60_000, maxBytes: 1 << 30 },
    reduction: true,
    onProgress: () => true,
    now: () => performance.now(),
  });
  const { met, verdict, failures, vacuous, reason } = judge({
    program,
    search: found,
    blockedSchedules: [],
    findings: [],
  });
  const faults: string[] = [];
  if (!met)
    faults.push(
      `${which}: ${verdict} (${reason ?? failures.map(({ check, message }) => `${check}: ${message}`).join('; ')})`,
    );
  if (verdict === 'passes') faults.push(...vacuous.map((what) => `${which}: ${what}`));
  return faults;
}

function programOf(
  project: Project,
  variant: Variant,
): { program: Program | null; diagnostics: readonly Diagnostic[] } {
  const { program, diagnostics } = check(project, variant, checks);
  if (program === null) return { program, diagnostics };
  return buildProgram(program, {
    text: (loc) => textAt(project, loc),
    range: (loc) => resolveLoc(project, loc) ?? { uri: loc.uri, start: 0, end: 0 },
  });
}

function readLibrary(uri: string): string | null {
  const name = /^library:\/\/\/linux\/(\w+\.lockstep)$/.exec(uri)?.[1];
  return name === undefined ? null : readFileSync(new URL(name, library), 'utf8');
}

function filesIn(directory: URL): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.lockstep'))
    .sort();
}
