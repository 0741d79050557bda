/**
 * Litmus tests and what else store buffers mean, as scenarios that say what must come out under each memory model. Both
 * engines explore each of them, and must agree. The verdicts of the classic ones are those of x86-TSO: Owens, Sarkar and
 * Sewell, "A better x86 memory model" (2009), and Sewell and others, "x86-TSO" (CACM 53/7, 2010).
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { search } from '../../core/explore/search.ts';
import type { SearchOptions, SearchResult } from '../../core/machine/result.ts';
import { search as interpret } from '../../core/machine/search.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, type SnapshotCache } from '../../core/semantics/snapshot.ts';
import { explore, newCaches, programOf } from '../../host/job.ts';

const here = new URL('./', import.meta.url);
const root = new URL('../../', here);
const cache: SnapshotCache = new Map();

for (const name of readdirSync(here).filter((entry) => entry.endsWith('.lockstep'))) {
  const file = new URL(name, here);
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
  for (const model of ['sc', 'tso']) {
    const found = variants(project, { memory_model: model });
    assert.equal(found.error, null);
    for (const variant of found.variants) {
      const chosen = [...variant.options].map(([option, value]) => ` ${option}=${value}`).join('');
      test(`${name} ${model}${chosen}`, () => {
        const { program, diagnostics } = programOf(project, variant);
        assert.ok(program !== null, diagnostics.map(({ message }) => message).join('; '));
        assert.ok(model === 'tso' || program.buffers === undefined);
        const options = {
          budget: { maxStates: 100_000, maxMilliseconds: 60_000, maxBytes: 1 << 30 },
          reduction: false,
        };
        const full: SearchOptions = { ...options, onProgress: () => true, now: () => 0 };
        assert.deepEqual(comparable(search(program, full)), comparable(interpret(program, full)));
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
        const violations = result?.violations.map((one) => `${one.check} ${one.line} ${one.message}`);
        assert.equal(
          result?.met,
          true,
          `${result?.verdict} ${result?.reason ?? ''}\n${violations?.join('\n')}`,
        );
        const isBound = 'store_buffer' in (result?.bounds ?? {});
        assert.ok(isBound || program.buffers === undefined, 'the verdict repeats how many stores may wait');
      });
    }
  }
}

function comparable(result: SearchResult): unknown {
  const { states, transitions, depth, complete, reached, ended, evaluated, finalEvaluated } = result;
  return {
    ...{ states, transitions, depth, complete, reached, ended, evaluated, finalEvaluated },
    goals: result.goals,
    violations: result.violations,
  };
}
