/** Every feature of the language server; the order does not matter. */

import type { Feature } from '../feature.ts';

export const features: readonly Feature[] = [];
