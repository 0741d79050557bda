import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { search as explore } from '../../core/explore/search.ts';
import { search as interpret } from '../../core/machine/search.ts';
import type { Program } from '../../core/program/ir.ts';
import { programOf } from '../../host/job.ts';
import { openScenario } from '../../host/scenario.ts';
import { comparable, optionsWith } from './searching.ts';

const folder = join(import.meta.dirname, '../../examples');
/** Enough to reach most of a scenario's code, few enough for the interpreter. */
const options = optionsWith({ maxStates: 300 });

/** The machine program of an example's first variant; null when it does not build, which other tests tell. */
function firstProgram(file: string): Program | null {
  const { project, variants } = openScenario(join(folder, file));
  const [variant] = variants;
  return variant === undefined ? null : programOf(project, variant).program;
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.lockstep'))) {
  test(`${file}: the explorer and the interpreter agree on its first states`, (t) => {
    const program = firstProgram(file);
    if (program === null) {
      t.skip('it does not build');
      return;
    }
    assert.deepEqual(comparable(explore(program, options)), comparable(interpret(program, options)));
  });
}
