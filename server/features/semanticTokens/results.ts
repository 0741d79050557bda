/** What was answered last for each document, and how the next answer differs from it. */

import type { SemanticTokens, SemanticTokensDelta, SemanticTokensEdit } from 'vscode-languageserver-types';

/** Documents whose last result is kept. */
const limit = 50;
/** Integers of one token. */
const width = 5;

export class Results {
  private readonly last = new Map<string, { readonly resultId: string; readonly data: readonly number[] }>();
  private count = 0;

  full(uri: string, data: number[]): SemanticTokens {
    const resultId = `${++this.count}`;
    this.last.delete(uri);
    this.last.set(uri, { resultId, data });
    const oldest = this.last.keys().next();
    if (this.last.size > limit && oldest.done === false) this.last.delete(oldest.value);
    return { resultId, data };
  }

  /** All of it when the client's result is not the last one. */
  delta(uri: string, previousId: string, data: number[]): SemanticTokens | SemanticTokensDelta {
    const previous = this.last.get(uri);
    const { resultId } = this.full(uri, data);
    if (previous?.resultId !== previousId) return { resultId: resultId ?? '', data };
    return { resultId: resultId ?? '', edits: editsBetween(previous.data, data) };
  }
}

/** One edit of whole tokens, or none. */
export function editsBetween(before: readonly number[], after: readonly number[]): SemanticTokensEdit[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  if (start === before.length && start === after.length) return [];
  start -= start % width;
  let same = 0;
  while (same < shorter - start && before[before.length - 1 - same] === after[after.length - 1 - same])
    same++;
  same -= same % width;
  const deleteCount = before.length - same - start;
  const data = after.slice(start, after.length - same);
  return [data.length === 0 ? { start, deleteCount } : { start, deleteCount, data }];
}
