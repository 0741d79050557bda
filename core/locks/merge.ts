/** Findings of all variants of a scenario, each once. */

import type { Variant } from '../semantics/options.ts';
import type { Analysis } from './analyse.ts';
import type { LockFinding } from './events.ts';
import { placeKey } from './report.ts';

/** Ends what is said of a finding that may not be one. */
const perhaps = ' This may be so; what decides it is not known.';

/** With the word that it may be so, where it only may. */
export function withDoubt(finding: LockFinding): LockFinding {
  return finding.may ? { ...finding, message: finding.message + perhaps } : finding;
}

/** What is said of the same finding where it is sure. */
export function withoutDoubt(message: string): string {
  return message.endsWith(perhaps) ? message.slice(0, -perhaps.length) : message;
}

/** A finding and the variants that it holds in. */
export interface MergedFinding extends LockFinding {
  readonly variants: readonly Variant[];
}

export interface VariantFindings extends Pick<Analysis, 'findings' | 'reached'> {
  readonly variant: Variant;
}

/**
 * In order of first appearance. What differs between variants in words alone is told as the first one has it. What is
 * told of a function only because nothing in a variant comes to it is not told when a thread of another one does:
 * there, everything about its callers is known.
 */
export function mergeFindings(analyses: readonly VariantFindings[]): readonly MergedFinding[] {
  const merged = new Map<string, LockFinding & { variants: Variant[]; may: boolean; message: string }>();
  for (const { variant, findings } of analyses) {
    for (const finding of findings) {
      const { alone } = finding;
      if (alone !== undefined && analyses.some(({ reached }) => reached.has(alone))) continue;
      const key = `${finding.code} ${placeKey(finding.loc)} ${withoutDoubt(finding.message)}`;
      const known = merged.get(key);
      if (known === undefined) merged.set(key, { ...finding, variants: [variant] });
      else {
        if (known.variants.at(-1) !== variant) known.variants.push(variant);
        known.may &&= finding.may;
        if (!known.may) known.message = withoutDoubt(known.message);
      }
    }
  }
  return [...merged.values()];
}
