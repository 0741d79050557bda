/** What a search is asked and answers. The reference search in core/machine gives the same, so the shapes live there. */
export type * from '../machine/result.ts';
