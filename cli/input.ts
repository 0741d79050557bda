/** From the paths of a command line to scenarios, and to what is wrong with the rest. */

import { statSync } from 'node:fs';
import {
  reportDiagnostic,
  type ReportedDiagnostic,
  type Unusable,
  type Writing,
} from '../core/export/result.ts';
import { placesIn } from '../core/export/places.ts';
import type { SnapshotCache } from '../core/semantics/snapshot.ts';
import type { Diagnostic } from '../core/syntax/diagnostic.ts';
import { displayPath, EXTENSION, readText, scenarioFilesBelow } from '../host/files.ts';
import { type OpenedScenario, openScenario } from '../host/scenario.ts';

export interface Inputs {
  /** In the order of the paths, files of a directory by name; none twice. */
  readonly scenarios: readonly OpenedScenario[];
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly unusable: readonly Unusable[];
}

/** Errors of one file beyond these are only counted: a file of noise has no end of them. */
const ERRORS_SHOWN = 50;

/** What cannot be used does not keep the rest from being used. */
export function openInputs(paths: readonly string[]): Inputs {
  const unusable: Unusable[] = [];
  const refuse = (path: string, message: string): void => {
    unusable.push({ file: displayPath(path), line: 1, column: 1, message });
  };
  const files = filesAt(paths, refuse);
  const cache: SnapshotCache = new Map();
  const scenarios: OpenedScenario[] = [];
  const diagnostics: ReportedDiagnostic[] = [];
  for (const { path, named } of files) {
    const reading = readText(path);
    if (reading.kind === 'missing') refuse(path, 'does not exist');
    else if (reading.kind === 'refused') refuse(path, reading.message);
    else if (reading.text.trim() === '') refuse(path, 'is empty; a scenario begins with `scenario "title";`');
    else {
      const opened = openScenario(path, cache);
      const problems = problemsOf(opened, named);
      diagnostics.push(...problems.diagnostics);
      unusable.push(...problems.unusable);
      if (problems.unusable.length === 0 && opened.isScenario) scenarios.push(opened);
    }
  }
  return { scenarios, diagnostics, unusable };
}

/** Diagnostics of a scenario that cannot be used, as the lines of `unusable`. */
export function unusableFrom(diagnostics: readonly ReportedDiagnostic[]): readonly Unusable[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const shown = errors
    .slice(0, ERRORS_SHOWN)
    .map(({ file, line, column, message }) => ({ file, line, column, message }));
  const last = shown.at(-1);
  if (last === undefined || errors.length === shown.length) return shown;
  return [...shown, { ...last, message: `${errors.length - shown.length} more errors` }];
}

function filesAt(
  paths: readonly string[],
  refuse: (path: string, message: string) => void,
): readonly { readonly path: string; readonly named: boolean }[] {
  const found = new Map<string, boolean>();
  for (const path of paths) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      found.set(path, true);
      continue;
    }
    const { files, refusals } = scenarioFilesBelow(path);
    for (const [directory, message] of refusals) refuse(directory, message);
    if (files.length === 0 && refusals.size === 0)
      refuse(path, `holds no scenario: there is no ${EXTENSION} file in it`);
    for (const file of files) if (!found.has(file)) found.set(file, false);
  }
  return [...found].map(([path, named]) => ({ path, named }));
}

/** `named`: the user asked for this file, so it must be a scenario and not a file that scenarios import. */
function problemsOf(
  { uri, project, isScenario, error, refusals }: OpenedScenario,
  named: boolean,
): { readonly diagnostics: readonly ReportedDiagnostic[]; readonly unusable: readonly Unusable[] } {
  const writing: Writing = { places: placesIn(project), pathOf: displayPath };
  const report = (diagnostic: Diagnostic): ReportedDiagnostic => reportDiagnostic(diagnostic, writing);
  const diagnostics = project.diagnostics.map(report);
  const errors = unusableFrom(diagnostics);
  const refused = [...refusals].map(([file, message]) => ({
    file: displayPath(file),
    line: 1,
    column: 1,
    message,
  }));
  const whole = (message: string): Unusable => ({ file: displayPath(uri), line: 1, column: 1, message });
  if (errors.length > 0) return { diagnostics, unusable: [...errors, ...refused] };
  if (!isScenario && named) {
    return { diagnostics, unusable: [whole('declares no scenario; it begins with `scenario "title";`')] };
  }
  if (isScenario && error !== null) return { diagnostics, unusable: [whole(error)] };
  return { diagnostics, unusable: [] };
}
