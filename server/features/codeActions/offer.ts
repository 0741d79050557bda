/** A quick fix, before it becomes the protocol's. */

import type { Code } from '../../../core/syntax/codes.ts';
import type { FileRange } from '../../../core/syntax/diagnostic.ts';

/** Something that is wrong in a file. */
export interface Problem {
  readonly code: Code;
  readonly message: string;
  readonly at: FileRange;
}

export interface Offer {
  readonly title: string;
  readonly edits: readonly Edit[];
  /** What it mends. */
  readonly problem: Problem;
  /** There is nothing to choose: it may be taken without being looked at. */
  readonly safe: boolean;
}

export interface Edit {
  readonly at: FileRange;
  readonly text: string;
}
