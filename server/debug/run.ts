/** One variant of a scenario that is being stepped: its program, its session, and the text that it was made from. */

import { buildProgram } from '../../core/program/build.ts';
import type { Program } from '../../core/program/ir.ts';
import type { Loc } from '../../core/semantics/hir.ts';
import type { Variant } from '../../core/semantics/options.ts';
import { type Project, resolveLoc, textAt } from '../../core/semantics/snapshot.ts';
import type { Asking } from '../../core/session/evaluate.ts';
import { type LockPlace, locksOf } from '../../core/session/locks.ts';
import { type Session, startSession } from '../../core/session/session.ts';
import { Views } from '../../core/session/views.ts';
import type { Trace } from '../../core/machine/result.ts';
import { toPosition } from '../positions.ts';
import type { Scene } from '../scene.ts';

export interface Run {
  readonly scene: Scene;
  readonly variant: Variant;
  readonly project: Project;
  readonly program: Program;
  readonly session: Session;
  readonly asking: Asking;
  readonly views: Views;
  readonly locks: readonly LockPlace[];
}

export type Started =
  | { readonly kind: 'run'; readonly run: Run }
  | { readonly kind: 'refused'; readonly message: string };

/** A line of a file; both count from 1. */
export interface Line {
  readonly uri: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** `start`: the choices that a trace begins with. */
export function startRun(scene: Scene, variant: Variant, start: Trace['start'] | null): Started {
  const { program: checked, environment, diagnostics } = scene.check(variant);
  const wrong = diagnostics.find(({ severity }) => severity === 'error');
  if (checked === null)
    return refused(`the scenario has errors: ${wrong?.message ?? 'it cannot be checked'}`);
  const { project } = scene;
  const range = (loc: Loc) => resolveLoc(project, loc) ?? { uri: loc.uri, start: 0, end: 0 };
  const built = buildProgram(checked, { text: (loc) => textAt(project, loc), range }, { stepping: true });
  const { program, questions } = built;
  if (program === null || questions === null)
    return refused(built.diagnostics[0]?.message ?? 'the scenario cannot be run');
  if (program.threads.length === 0)
    return refused('the scenario has no threads, so there is nothing to step');
  const started = startSession(program, start);
  if (started.kind === 'refused') return started;
  return {
    kind: 'run',
    run: {
      scene,
      variant,
      project,
      program,
      session: started.session,
      asking: { environment, questions },
      views: new Views(questions),
      locks: locksOf(program),
    },
  };
}

/** Code that did not change is the same in a text that did, and stands elsewhere. */
const linesOf = new WeakMap<Project, WeakMap<Loc, Line>>();

/** Where a place of the program is in the text that it was made from; null for what is not in it any more. */
export function lineOf(project: Project, loc: Loc): Line | null {
  const lines = linesOf.get(project) ?? new WeakMap<Loc, Line>();
  linesOf.set(project, lines);
  const known = lines.get(loc);
  if (known !== undefined) return known;
  const range = resolveLoc(project, loc);
  const file = range === null ? undefined : project.files.get(range.uri);
  if (range === null || file === undefined) return null;
  const start = toPosition(file, range.start);
  const end = toPosition(file, range.end);
  const line = {
    uri: range.uri,
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
  lines.set(loc, line);
  return line;
}

/** Equal for places on one line of one file. */
export function lineKey(project: Project, loc: Loc): string {
  const line = lineOf(project, loc);
  return line === null ? '' : `${line.uri}:${line.line}`;
}

function refused(message: string): Started {
  return { kind: 'refused', message };
}
