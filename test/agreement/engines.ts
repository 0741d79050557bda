/** A scenario's text through the whole pipeline, to both engines, and what they must have in common. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { search } from '../../core/explore/search.ts';
import { refutedIn } from '../../core/export/confirm.ts';
import { judge } from '../../core/export/verdict.ts';
import { reachedGoals } from '../../core/machine/predicates.ts';
import { replay } from '../../core/machine/replay.ts';
import type { SearchOptions, SearchResult, Trace } from '../../core/machine/result.ts';
import { search as interpret } from '../../core/machine/search.ts';
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

const root = new URL('../../', import.meta.url);
/** Every text has the same name, so that what was checked for the one before holds for the library's part of the next. */
const uri = new URL('generated.lockstep', import.meta.url).href;
const snapshots: SnapshotCache = new Map();
const bodies = new CheckCache();
const library = new Map<string, string>();

export interface Opened {
  readonly project: Project;
  readonly variants: readonly Variant[];
}

/** `filter`: only variants with these values of options; none: those of sc. */
export function open(text: string, filter: Readonly<Record<string, string>> = {}): Opened {
  const read = (asked: string): string | null => (asked === uri ? text : libraryText(asked));
  const project = loadProject(uri, read, snapshots, { root: root.href });
  const found = variants(project, filter);
  assert.equal(found.error, null);
  return { project, variants: found.variants };
}

/** The variant's program; fails when anything is wrong with the text. */
export function programOf(project: Project, variant: Variant): Program {
  const checked = check(project, variant, bodies);
  const errors = checked.diagnostics.filter(({ severity }) => severity === 'error');
  assert.deepEqual(
    errors.map(({ message }) => message),
    [],
  );
  assert.ok(checked.program !== null);
  const built = buildProgram(checked.program, {
    text: (loc) => textAt(project, loc),
    range: (loc) => resolveLoc(project, loc) ?? { uri: loc.uri, start: 0, end: 0 },
  });
  assert.ok(built.program !== null, built.diagnostics.map(({ message }) => message).join('; '));
  return built.program;
}

/**
 * Searches with both engines, which must give the same answer, and replays every trace. Value: the answer.
 * Both stop at `maxStates`, and must then have come equally far.
 */
export function agreed(program: Program, maxStates: number): SearchResult {
  const options: SearchOptions = {
    budget: { maxStates, maxMilliseconds: 1e9, maxBytes: 1e9 },
    reduction: false,
    onProgress: () => true,
    now: () => 0,
  };
  const compiled = search(program, options);
  const interpreted = interpret(program, options);
  assert.deepEqual(comparable(program, compiled), comparable(program, interpreted));
  assert.deepEqual(refutedIn(program, compiled.violations), []);
  assert.deepEqual(
    compiled.goals.filter(({ goal, trace }) => trace !== null && !arrives(program, goal, trace)),
    [],
  );
  return compiled;
}

/** Does the trace lead to a state that the goal asks for? */
function arrives(program: Program, goal: number, trace: Trace): boolean {
  const { start, steps, failure } = replay(program, trace);
  const last = steps.length > 0 ? (steps.at(-1)?.after ?? null) : start.state;
  return failure === null && last !== null && reachedGoals(program, last).includes(goal);
}

/** Everything but the engine's own time and memory, with the names that a reader of a failure needs, and the verdict. */
function comparable(program: Program, found: SearchResult): unknown {
  const { verdict, failures, vacuous } = judge({
    program,
    search: found,
    blockedSchedules: [],
    findings: [],
  });
  return {
    ...found,
    bytes: 0,
    milliseconds: 0,
    verdict,
    vacuous,
    failures: failures.map(({ check: name, message, violation }) => ({
      name,
      message,
      steps: violation?.trace.steps.map(({ thread }) => program.threads[thread]?.name) ?? null,
    })),
  };
}

function libraryText(asked: string): string | null {
  const path = /^library:\/\/\/(.*)$/.exec(asked)?.[1];
  if (path === undefined) return null;
  const known = library.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`library/${path}`, root), 'utf8');
  library.set(path, text);
  return text;
}
