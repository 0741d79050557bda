/** Fixes of broken lock rules: edits that were tried out, so that the finding is gone and none is new. */

import type { LockFinding } from '../../../core/locks/events.ts';
import { type Fix, type FixCaches, fixesOf, fixesOfDiagnostic } from '../../../core/locks/fixes.ts';
import { mergeFindings } from '../../../core/locks/merge.ts';
import { resolveLoc } from '../../../core/semantics/snapshot.ts';
import type { Diagnostic } from '../../../core/syntax/diagnostic.ts';
import type { Scene } from '../../scene.ts';
import type { Offer, Problem } from './offer.ts';

export interface LockProblem extends Problem {
  readonly finding: LockFinding;
}

/** What the lock rules find in any variant, where it is shown in the scene's own file. */
export function lockProblems(scene: Scene): readonly LockProblem[] {
  const { project, uri } = scene;
  const merged = mergeFindings(
    scene.variants.flatMap((variant) => {
      const analysis = scene.locks(variant);
      return analysis === null ? [] : [{ variant, ...analysis }];
    }),
  );
  return merged.flatMap((finding) => {
    const places = [finding.loc, ...finding.related.map(({ loc }) => loc)];
    const at = places.map((loc) => resolveLoc(project, loc)).find((place) => place?.uri === uri);
    return at == null ? [] : [{ code: finding.code, message: finding.message, at, finding }];
  });
}

const known = new WeakMap<Scene, Map<string, readonly Offer[]>>();

function keyOf({ code, message, at }: Problem): string {
  return `${code} ${at.start} ${at.end} ${message}`;
}

/** What has been worked out for a finding already; null when nobody has asked yet. */
export function knownLockFixes(scene: Scene, problem: LockProblem): readonly Offer[] | null {
  return known.get(scene)?.get(keyOf(problem)) ?? null;
}

/** Tries fixes out, which may take a second; the answer is remembered as long as the text is the same. */
export function lockFixes(
  scene: Scene,
  problem: LockProblem,
  root: string,
  caches: FixCaches,
): readonly Offer[] {
  let answers = known.get(scene);
  if (answers === undefined) {
    answers = new Map();
    known.set(scene, answers);
  }
  let offers = answers.get(keyOf(problem));
  if (offers === undefined) {
    // Not as the finding proposes them: one that only hands it on to the callers is none.
    const fixes = fixesOf(scene.project, problem.finding, { root }, caches);
    offers = offersOf(scene, problem, fixes);
    answers.set(keyOf(problem), offers);
  }
  return offers;
}

/** Fixes of bit-fields that an atomic operation was used on: the word around them. */
export function wordFixes(
  scene: Scene,
  problem: Diagnostic,
  root: string,
  caches: FixCaches,
): readonly Offer[] {
  return offersOf(scene, problem, fixesOfDiagnostic(scene.project, problem, { root }, caches));
}

/** Those whose places are all still there. */
function offersOf({ project }: Scene, problem: Problem, fixes: readonly Fix[]): readonly Offer[] {
  return fixes.flatMap(({ title, edits }) => {
    const placed = edits.flatMap(({ loc, text }) => {
      const at = resolveLoc(project, loc);
      return at === null ? [] : [{ at, text }];
    });
    return placed.length === edits.length ? [{ title, edits: placed, problem, safe: false }] : [];
  });
}
