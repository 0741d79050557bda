/** What the interleaving view and the extension say to each other. */

import type { Fork, Step } from './layout.ts';

/** To the view. */
export type ToView =
  /** The run has moved, or another one is shown. `id` null: nothing is being stepped. */
  | {
      readonly kind: 'run';
      readonly id: string | null;
      readonly title: string;
      readonly threads: readonly string[];
      readonly cursor: number;
      readonly length: number;
      /** Steps from the start that are as they were when this was said last. */
      readonly kept: number;
      readonly forks: readonly Fork[];
    }
  | { readonly kind: 'page'; readonly id: string; readonly round: number; readonly steps: readonly Step[] }
  /** The view answers with `given`. */
  | { readonly kind: 'give'; readonly as: 'svg' | 'text' }
  /** Keys go to the rows again. */
  | { readonly kind: 'focus' };

/** From the view. */
export type FromView =
  | { readonly kind: 'ready' }
  /** Steps `from` to before `to`; `round` comes back with them. */
  | { readonly kind: 'page'; readonly from: number; readonly to: number; readonly round: number }
  | { readonly kind: 'goto'; readonly step: number }
  | { readonly kind: 'fork'; readonly index: number }
  | { readonly kind: 'given'; readonly as: 'svg' | 'text'; readonly text: string };
