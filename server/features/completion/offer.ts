/** What completion offers, before it becomes the protocol's. */

import type { CompletionItemKind } from 'vscode-languageserver';

export interface Offer {
  readonly label: string;
  readonly kind: CompletionItemKind;
  /** Smaller ones come first: see `ranks`. */
  readonly rank: number;
  /** Within a rank; by default the label. */
  readonly order?: string;
  /** What is inserted instead of the label; with `snippet`, in the syntax of snippets. */
  readonly insert?: string;
  readonly snippet?: boolean;
  readonly detail?: string;
  readonly documentation?: string;
  /** What `resolve` looks up: a name of file scope, or `struct.member`. */
  readonly about?: { readonly name: string; readonly of?: string };
  /** Text in front of the word that is replaced as well: `.` by `->`. */
  readonly fix?: { readonly start: number; readonly end: number; readonly text: string };
}

export const ranks = {
  wanted: 0,
  local: 1,
  member: 2,
  scenario: 3,
  imported: 4,
  library: 5,
  word: 6,
  /** Would be wrong here. */
  last: 9,
} as const;

/** Text inside a placeholder of a snippet. */
export function inSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}
