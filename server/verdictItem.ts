/** What is known of a variant, in the protocol's shape and at the places of the text as it is now. */

import type { Location } from 'vscode-languageserver-types';
import type { Variant } from '../core/semantics/options.ts';
import { type Mark, rangeOfMark } from '../host/marks.ts';
import type { Known } from './explorer.ts';
import { anchor } from './lockFindings.ts';
import type { ShownViolation, VariantVerdict } from './protocol.ts';
import type { Scene } from './scene.ts';
import { locationOf } from './shown.ts';
import { titleOf } from './textFindings.ts';
import { variantId } from './variantId.ts';
import { clientUri } from './workspace.ts';

export function verdictItem(scene: Scene, variant: Variant, { located, problems }: Known): VariantVerdict {
  const about = { uri: clientUri(scene.uri), variant: variantId(variant) };
  const at = (mark: Mark | null): Location => {
    const range = mark === null ? null : rangeOfMark(scene.project, mark);
    return locationOf(scene.project, range ?? titleOf(scene));
  };
  if (located === null) {
    return {
      ...about,
      ...{ verdict: 'unknown', met: false, states: 0, seconds: 0, complete: false, violations: [] },
      reason: problems[0]?.message ?? 'it cannot be explored',
      unmet: problems.map((problem) => ({ message: problem.message, location: at(problem.at) })),
    };
  }
  const { verdict, reason, met, states, seconds, complete, unmet } = located;
  return {
    ...about,
    ...{ verdict, reason, met, states, seconds, complete },
    violations: located.violations.map((violation): ShownViolation => {
      const { check, severity, message, expected, table, places, trace } = violation;
      const ranges = places.flatMap((mark) => rangeOfMark(scene.project, mark) ?? []);
      return {
        ...{ check, severity, message, expected, table },
        location: locationOf(scene.project, anchor(scene, scene.uri, ranges) ?? titleOf(scene)),
        trace: trace.map((step) => ({ message: `${step.thread}: ${step.text}`, location: at(step.at) })),
      };
    }),
    unmet: unmet.map((each) => ({ message: each.message, location: at(each.at) })),
  };
}
