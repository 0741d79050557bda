/**
 * Scenario files whose own expectations say what must come out, run through both engines: what the compiled
 * search finds is what the expectations want, and what the interpreter's search finds.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { search } from '../../core/explore/search.ts';
import { search as interpret } from '../../core/machine/search.ts';
import type { SearchOptions, SearchResult } from '../../core/machine/result.ts';
import { check } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, type SnapshotCache } from '../../core/semantics/snapshot.ts';
import { explore, newCaches, programOf } from '../../host/job.ts';

const here = new URL('.', import.meta.url);
const root = new URL('../../', here);
const cache: SnapshotCache = new Map();
/** The interpreter is slow; what is larger is left to generated programs and to the examples' own checks. */
const INTERPRETED = 3000;

for (const folder of ['./', '../../examples/']) {
  for (const name of readdirSync(new URL(folder, here)).filter((entry) => entry.endsWith('.lockstep'))) {
    checkFile(new URL(name, new URL(folder, here)));
  }
}

function checkFile(file: URL): void {
  const texts = new Map<string, string>();
  const read = (uri: string): string | null => {
    const known = texts.get(uri);
    if (known !== undefined) return known;
    try {
      const url = uri.startsWith('library:///') ? new URL(`library/${uri.slice(11)}`, root) : new URL(uri);
      const text = readFileSync(url, 'utf8');
      texts.set(uri, text);
      return text;
    } catch {
      return null;
    }
  };
  const project = loadProject(file.href, read, cache, { root: root.href });
  const all = variants(project);
  assert.equal(all.error, null);
  for (const variant of all.variants) {
    const title = `${fileURLToPath(file).split('/').at(-1)} ${[...variant.options].map(([key, value]) => `${key}=${value}`).join(' ')}`;
    test(title, () => {
      assert.deepEqual(
        check(project, variant)
          .diagnostics.filter((d) => d.severity === 'error')
          .map((d) => d.message),
        [],
      );
      const { program, diagnostics } = programOf(project, variant);
      assert.ok(program !== null, diagnostics.map((d) => d.message).join('; '));
      const options = {
        budget: { maxStates: 1_000_000, maxMilliseconds: 60_000, maxBytes: 1 << 30 },
        reduction: false,
      };
      const full: SearchOptions = { ...options, onProgress: () => true, now: () => performance.now() };
      const compiled = search(program, full);
      assert.equal(compiled.complete, true, compiled.reason ?? '');
      if (compiled.states <= INTERPRETED)
        assert.deepEqual(comparable(compiled), comparable(interpret(program, full)));
      const { result } = explore(
        {
          uri: file.href,
          texts,
          root: root.href,
          variant,
          ...options,
          workingDirectory: fileURLToPath(root),
        },
        () => true,
        newCaches(cache),
      );
      const found = result?.violations.map(
        (one) => `${one.check} (${one.severity}) ${one.file}:${one.line} ${one.message}`,
      );
      assert.equal(result?.met, true, `${result?.verdict} ${result?.reason ?? ''}\n${found?.join('\n')}`);
    });
  }
}

/** Everything that both engines must agree on. */
function comparable(result: SearchResult): unknown {
  const { states, transitions, depth, complete, reached, ended, evaluated, finalEvaluated } = result;
  return {
    states,
    transitions,
    depth,
    complete,
    reached,
    ended,
    evaluated,
    finalEvaluated,
    goals: result.goals.map(({ goal, trace }) => [goal, trace?.steps.length ?? null]),
    violations: result.violations.map(({ check: kind, site, thread, trace }) => [
      kind,
      site,
      thread,
      trace.steps.length,
    ]),
  };
}
