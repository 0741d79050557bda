/** What checking finds, placed relative to items so that it stays right when an edit elsewhere moves them. */

import type { Code } from '../syntax/codes.ts';
import type { Diagnostic, FileRange, Severity } from '../syntax/diagnostic.ts';
import type { Loc } from './hir.ts';
import { type Project, resolveLoc } from './snapshot.ts';

export interface Finding {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly loc: Loc;
  readonly related: readonly { readonly message: string; readonly loc: Loc }[];
}

/** Findings as diagnostics of the project, in order of file and place, none twice. */
export function toDiagnostics(project: Project, findings: readonly Finding[]): Diagnostic[] {
  return inOrder(
    project,
    findings.flatMap((finding) => {
      const at = resolveLoc(project, finding.loc);
      if (at === null) return [];
      const { code, severity, message } = finding;
      const related = [...macroPlaces(finding.loc), ...finding.related].flatMap((each) => {
        const place = resolveLoc(project, each.loc);
        return place === null ? [] : [{ message: each.message, at: place }];
      });
      return [{ code, severity, message, at, related }];
    }),
  );
}

/** The diagnostics of several variants as one list: those that several have in common appear once. */
export function mergeDiagnostics(project: Project, lists: readonly (readonly Diagnostic[])[]): Diagnostic[] {
  return inOrder(project, lists.flat());
}

function inOrder(project: Project, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const rank = new Map(project.order.map((file, index) => [file.uri, index]));
  const byKey = new Map<string, Diagnostic>();
  for (const each of diagnostics) {
    const key = `${keyOf(each.at)} ${each.code} ${each.message}`;
    if (!byKey.has(key)) byKey.set(key, each);
  }
  return [...byKey.values()].sort(
    (a, b) =>
      (rank.get(a.at.uri) ?? 0) - (rank.get(b.at.uri) ?? 0) || a.at.start - b.at.start || a.at.end - b.at.end,
  );
}

function keyOf(at: FileRange): string {
  return `${at.uri} ${at.start} ${at.end}`;
}

function macroPlaces(loc: Loc): { message: string; loc: Loc }[] {
  const places: { message: string; loc: Loc }[] = [];
  for (let inner = loc.macro; inner !== null; inner = inner.macro) {
    places.push({ message: 'here, inside the macro', loc: { ...inner, macro: null } });
  }
  return places;
}
