/** Every feature of the language server; the order does not matter. */

import type { Feature } from '../feature.ts';
import { foldingRanges } from './foldingRanges.ts';
import { selectionRanges } from './selectionRanges.ts';
import { formatting } from './formatting.ts';

export const features: readonly Feature[] = [foldingRanges, selectionRanges, formatting];
