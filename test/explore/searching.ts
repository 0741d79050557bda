/** How tests search, and what of an answer two engines must share. */

import type { SearchOptions, SearchResult } from '../../core/explore/result.ts';

/** Without bounds that matter, and with a clock that stands still. */
export function optionsWith(
  budget: Partial<SearchOptions['budget']> = {},
  more: Partial<SearchOptions> = {},
): SearchOptions {
  return {
    budget: { maxStates: 1e7, maxMilliseconds: 1e9, maxBytes: 1e9, ...budget },
    reduction: false,
    onProgress: () => true,
    now: () => 0,
    ...more,
  };
}

/** Everything but the engine's own time and memory: traces, details and the order of discovery included. */
export function comparable(result: SearchResult): SearchResult {
  return { ...result, bytes: 0, milliseconds: 0 };
}
