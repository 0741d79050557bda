/** Scenarios as stepping runs, for the tests of this folder. */

import assert from 'node:assert/strict';
import { buildProgram } from '../../core/program/build.ts';
import type { Program } from '../../core/program/ir.ts';
import { check } from '../../core/semantics/check.ts';
import type { Loc } from '../../core/semantics/hir.ts';
import { type Variant, variants } from '../../core/semantics/options.ts';
import { loadProject, position, type Project, resolveLoc, textAt } from '../../core/semantics/snapshot.ts';
import type { Asking } from '../../core/session/evaluate.ts';
import { type Session, startSession } from '../../core/session/session.ts';
import { sourcesBelow, uriOf } from '../../host/files.ts';

export interface Running {
  readonly session: Session;
  readonly program: Program;
  readonly asking: Asking;
  readonly project: Project;
  readonly lineOf: (loc: Loc) => string;
}

export const examples = new URL('../../examples/', import.meta.url);

export function projectOf(text: string | URL): Project {
  const uri = text instanceof URL ? text.href : 'file:///test/scenario.lockstep';
  const sources = sourcesBelow(new URL('../..', import.meta.url).pathname, [
    uriOf('/test/scenario.lockstep'),
  ]);
  return loadProject(
    uri,
    (each) => (each === uri && typeof text === 'string' ? text : sources.read(each)),
    new Map(),
    {
      root: new URL('../../', import.meta.url).href.replace(/\/$/, ''),
    },
  );
}

/** `options`: of the variant; the first that has these. */
export function running(text: string | URL, options: Readonly<Record<string, string>> = {}): Running {
  const project = projectOf(text);
  const variant = variants(project, options).variants[0];
  assert.ok(variant !== undefined, 'a variant with these options');
  return runningVariant(project, variant);
}

export function runningVariant(project: Project, variant: Variant): Running {
  const { program: checked, environment, diagnostics } = check(project, variant);
  assert.ok(checked !== null, JSON.stringify(diagnostics, null, 1));
  const source = {
    text: (loc: Loc) => textAt(project, loc),
    range: (loc: Loc) => resolveLoc(project, loc) ?? { uri: loc.uri, start: 0, end: 0 },
  };
  const { program, questions } = buildProgram(checked, source, { stepping: true });
  assert.ok(program !== null && questions !== null);
  const started = startSession(program);
  assert.ok(started.kind === 'session', started.kind === 'refused' ? started.message : '');
  const lineOf = (loc: Loc): string => {
    const file = project.files.get(loc.uri);
    const range = resolveLoc(project, loc);
    return file === undefined || range === null
      ? ''
      : `${loc.uri}:${position(file.source, range.start).line}`;
  };
  return { session: started.session, program, asking: { environment, questions }, project, lineOf };
}
