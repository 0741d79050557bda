/** Projects out of texts, for tests. */

import { check as checkVariant, type CheckResult } from '../../core/semantics/check.ts';
import type { CheckCache } from '../../core/semantics/cache.ts';
import { mergeDiagnostics } from '../../core/semantics/findings.ts';
import type { CheckedProgram } from '../../core/semantics/hir.ts';
import { variants } from '../../core/semantics/options.ts';
import {
  loadProject,
  type LoadOptions,
  position,
  type Project,
  type SnapshotCache,
} from '../../core/semantics/snapshot.ts';
import type { Diagnostic } from '../../core/syntax/diagnostic.ts';

export const mainUri = 'file:///home/main.lockstep';

/** Files of one text: `//- name` begins the next one; what comes before the first is the scenario. Names without a scheme lie beside it. */
export function filesIn(text: string): Map<string, string> {
  const files = new Map<string, string>();
  let uri = mainUri;
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const header = /^\/\/- (\S+)$/.exec(line);
    if (header === null) {
      lines.push(line);
      continue;
    }
    files.set(uri, lines.join('\n'));
    const name = header[1] ?? '';
    uri = name.includes(':') ? name : `file:///home/${name}`;
    lines = [];
  }
  files.set(uri, lines.join('\n'));
  return files;
}

export function load(text: string, cache?: SnapshotCache, options?: LoadOptions): Project {
  const files = filesIn(text);
  return loadProject(mainUri, (uri) => files.get(uri) ?? null, cache, options);
}

/** Every variant checked; the diagnostics of all, each once. */
export function checkAll(
  project: Project,
  cache?: CheckCache,
): { results: readonly CheckResult[]; diagnostics: readonly Diagnostic[] } {
  const results = variants(project).variants.map((variant) => checkVariant(project, variant, cache));
  return {
    results,
    diagnostics: mergeDiagnostics(
      project,
      results.map((result) => result.diagnostics),
    ),
  };
}

/** The program of a text without errors, in its first variant or the one asked for. */
export function programOf(text: string, filter: Readonly<Record<string, string>> = {}): CheckedProgram {
  const project = load(text);
  const [variant] = variants(project, filter).variants;
  if (variant === undefined) throw new Error('there is no such variant');
  const { program, diagnostics } = checkVariant(project, variant);
  if (program === null) throw new Error(diagnostics.map((each) => describe(project, each)).join('\n'));
  return program;
}

/** `main.lockstep:3:5 unknown-name: …` */
export function describe(project: Project, { at, code, message }: Diagnostic): string {
  const file = project.files.get(at.uri);
  if (file === undefined) return `${at.uri} ${code}: ${message}`;
  const { line, column } = position(file.source, at.start);
  return `${at.uri.split('/').at(-1)}:${line}:${column} ${code}: ${message}`;
}
