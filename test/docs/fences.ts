import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { unusableFrom } from '../../cli/input.ts';
import { placesIn } from '../../core/export/places.ts';
import {
  reportDiagnostic,
  type ReportedDiagnostic,
  type Result,
  type Unusable,
} from '../../core/export/result.ts';
import type { SnapshotCache } from '../../core/semantics/snapshot.ts';
import { displayPath } from '../../host/files.ts';
import { explore, newCaches } from '../../host/job.ts';
import { openScenario, textsOf } from '../../host/scenario.ts';
import { root } from '../house/sources.ts';

/** A ```lockstep fence of the language reference. */
export interface Fence {
  /** Page and line, for the name of a test: `docs/language/steps.md:120`. */
  readonly place: string;
  /** Name of the file it is written to, without extension. */
  readonly name: string;
  readonly text: string;
  /** The code that the fence says it is refused with. */
  readonly error: string | null;
  /** It passes only because something in it is never put to the test, and the page says so. */
  readonly isVacuous: boolean;
  /** Not a scenario itself: other fences of the page import it. */
  readonly isImported: boolean;
}

export interface Answer {
  readonly results: readonly Result[];
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly unusable: readonly Unusable[];
  /** The changelog tables of all violations. */
  readonly tables: readonly string[];
}

/** Pages whose examples run, as paths from the root of the repository; those of the codes have a test of their own. */
export function pages(): readonly string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const own = docs.map((path) => `docs/${path.replaceAll('\\', '/')}`).filter((path) => path.endsWith('.md'));
  return ['README.md', ...own.filter((path) => !path.startsWith('docs/diagnostics/')).sort()];
}

export function textOf(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The runnable fences of a page: those whose first word is `lockstep`; `error=CODE` and `vacuous` may follow. */
export function fencesIn(page: string): readonly Fence[] {
  const text = textOf(page);
  return [...text.matchAll(/^```lockstep([^\n]*)\n([\s\S]*?)^```$/gm)].map((match, index) => {
    const [, marks = '', body = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    return {
      place: `${page}:${line}`,
      name: /^\/\/ (\S+)\.lockstep$/m.exec(body)?.[1] ?? `example${index}`,
      text: body,
      error: /\berror=([a-z-]+)/.exec(marks)?.[1] ?? null,
      isVacuous: /\bvacuous\b/.test(marks),
      isImported: !/^scenario\b/m.test(body),
    };
  });
}

/** Writes fences as the files of one directory, so that they can import each other. */
export function writeFences(directory: string, fences: readonly Fence[]): void {
  for (const { name, text } of fences) {
    const path = join(directory, `${name}.lockstep`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

/** Checks every variant of one fence, as `lockstep check` would. */
export function runFence(directory: string, fence: Fence, cache: SnapshotCache): Answer {
  const path = join(directory, `${fence.name}.lockstep`);
  const { uri, root: boundary, project, variants, error } = openScenario(path, cache);
  const writing = { places: placesIn(project), pathOf: (at: string) => relative(directory, displayPath(at)) };
  const diagnostics = project.diagnostics.map((one) => reportDiagnostic(one, writing));
  if (diagnostics.length > 0 || error !== null) {
    const whole = error === null ? [] : [{ file: fence.name, line: 1, column: 1, message: error }];
    return { results: [], diagnostics, unusable: [...unusableFrom(diagnostics), ...whole], tables: [] };
  }
  const explored = variants.map((variant) =>
    explore(
      {
        uri,
        texts: textsOf(project),
        root: boundary,
        variant,
        budget: { maxStates: 1_000_000, maxMilliseconds: 60_000, maxBytes: 2 ** 30 },
        reduction: true,
        workingDirectory: directory,
      },
      () => true,
      newCaches(cache),
    ),
  );
  return {
    results: explored.flatMap(({ result }) => (result === null ? [] : [result])),
    diagnostics: explored.flatMap((one) => one.diagnostics),
    unusable: explored.flatMap((one) => (one.result === null ? unusableFrom(one.diagnostics) : [])),
    tables: explored.flatMap((one) => one.violations.flatMap(({ table }) => table ?? [])),
  };
}
