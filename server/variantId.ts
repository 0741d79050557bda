import type { Variant } from '../core/semantics/options.ts';

/** `fix=none count=2`, as the protocol names a variant; empty for a scenario without options. */
export function variantId({ options }: Variant): string {
  return [...options].map(([name, value]) => `${name}=${value}`).join(' ');
}
