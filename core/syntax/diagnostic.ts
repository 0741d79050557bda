import type { Code } from './codes.ts';

/** A range of one file in UTF-16 offsets from its beginning. */
export interface FileRange {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
}

export type Severity = 'error' | 'warning' | 'hint';

/** What is wrong, where, and what to do. `code` has a page in docs/diagnostics. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly at: FileRange;
  readonly related: readonly { readonly message: string; readonly at: FileRange }[];
}
