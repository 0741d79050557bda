/** What is shown in a text, before it becomes the protocol's diagnostics; and how it becomes them. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Diagnostic as ProtocolDiagnostic,
  DiagnosticSeverity,
  type Location,
  type Range,
} from 'vscode-languageserver-types';
import type { Project } from '../core/semantics/snapshot.ts';
import type { Code } from '../core/syntax/codes.ts';
import type { FileRange } from '../core/syntax/diagnostic.ts';
import { libraryDirectory } from '../host/files.ts';
import { toRange } from './positions.ts';
import { clientUri } from './workspace.ts';

export interface Shown {
  /** null: it is about no rule that a page would explain. */
  readonly code: Code | null;
  readonly severity: 'error' | 'warning' | 'hint';
  readonly message: string;
  readonly at: FileRange;
  readonly related: readonly Related[];
  /** `text`: syntax and types; `locks`: the lock rules; `violation`: found by exploring; `unmet`: an expectation. */
  readonly kind: 'text' | 'locks' | 'violation' | 'unmet';
  /** Ids of the variants that it is about; empty: of all. */
  readonly variants: readonly string[];
  readonly fixes: readonly Fix[];
  /** An interleaving that leads there is known. */
  readonly step?: StepTo;
}

/** What a debugger is asked for to step to it. */
export interface StepTo {
  /** Id of a variant. */
  readonly variant: string;
  /** Name of a check or code of a rule, in snake_case. */
  readonly check: string;
}

export interface Related {
  readonly message: string;
  readonly at: FileRange;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly at: FileRange; readonly text: string }[];
}

/** What a diagnostic carries for code actions, as its `data`. */
export interface DiagnosticData {
  readonly kind: Shown['kind'];
  readonly variants: readonly string[];
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly { readonly uri: string; readonly range: Range; readonly newText: string }[];
  }[];
  readonly step?: StepTo;
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  hint: DiagnosticSeverity.Hint,
} as const;

/** `project` has the files of all places. */
export function toDiagnostic(shown: Shown, project: Pick<Project, 'files'>): ProtocolDiagnostic {
  const data: DiagnosticData = {
    kind: shown.kind,
    variants: shown.variants,
    fixes: shown.fixes.map(({ title, edits }) => ({
      title,
      edits: edits.map(({ at, text }) => ({ ...locationOf(project, at), newText: text })),
    })),
    ...(shown.step === undefined ? {} : { step: shown.step }),
  };
  return {
    range: locationOf(project, shown.at).range,
    severity: severities[shown.severity],
    source: 'lockstep',
    message: shown.message,
    ...(shown.code === null ? {} : { code: shown.code, codeDescription: { href: pageUri(shown.code) } }),
    relatedInformation: shown.related.map(({ message, at }) => ({
      message,
      location: locationOf(project, at),
    })),
    data,
  };
}

/** A place in a file that the project does not have is its beginning. */
export function locationOf(project: Pick<Project, 'files'>, { uri, start, end }: FileRange): Location {
  const file = project.files.get(uri);
  const nowhere = { line: 0, character: 0 };
  return {
    uri: clientUri(uri),
    range: file === undefined ? { start: nowhere, end: nowhere } : toRange(file, start, end),
  };
}

/** The page of a code lies in the package, so that it opens offline. */
export function pageUri(code: Code): string {
  return pathToFileURL(join(libraryDirectory, '..', 'docs', 'diagnostics', `${code}.md`)).href;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
