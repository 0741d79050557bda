/** What the lock rules find in all variants, and what the exploration says of each finding. */

import { judgeFinding } from '../core/export/verdict.ts';
import type { LockFinding } from '../core/locks/events.ts';
import { withoutDoubt } from '../core/locks/merge.ts';
import type { Loc } from '../core/semantics/hir.ts';
import type { Variant } from '../core/semantics/options.ts';
import { type Project, resolveLoc } from '../core/semantics/snapshot.ts';
import type { FileRange } from '../core/syntax/diagnostic.ts';
import type { LocatedFinding } from '../host/located.ts';
import { rangeOfMark } from '../host/marks.ts';
import type { ExploredVariant } from './liveFindings.ts';
import { rebased } from './rebase.ts';
import type { Scene } from './scene.ts';
import { listed, type Related, type Shown } from './shown.ts';
import { titleOf } from './textFindings.ts';
import { variantId } from './variantId.ts';

/** A finding of some of the variants; places are those of `project`. */
export interface LockFindingShown extends Shown {
  /** Where the finding itself is, which may be in the library. */
  readonly place: FileRange;
  /** The rule and the breach, without more. */
  readonly plain: string;
  readonly expected: boolean;
  readonly inAll: boolean;
}

/** Of the variants whose programs could be checked, in the file `uri`. */
export function lockFindings(scene: Scene, uri: string, variants: readonly Variant[]): LockFindingShown[] {
  const byKey = new Map<string, { finding: LockFinding; place: FileRange; judged: Judged[] }>();
  const isReached = (name: string): boolean =>
    variants.some((variant) => scene.locks(variant)?.reached.has(name) === true);
  for (const variant of variants) {
    const { program } = scene.check(variant);
    for (const finding of scene.locks(variant)?.findings ?? []) {
      // Told only because nothing in this variant comes to the function.
      if (finding.alone !== undefined && isReached(finding.alone)) continue;
      const place = resolveLoc(scene.project, finding.loc);
      if (program === null || place === null) continue;
      const { severity, expected } = judgeFinding(program, { ...finding, reachable: null });
      if (severity === 'off') continue;
      const key = `${finding.code} ${place.uri} ${place.start} ${place.end} ${withoutDoubt(finding.message)}`;
      const known = byKey.get(key) ?? { finding, place, judged: [] };
      // What is sure in one variant is sure.
      if (!finding.may) known.finding = finding;
      byKey.set(key, known);
      known.judged.push({ id: variantId(variant), severity, expected });
    }
  }
  return [...byKey.values()].flatMap(({ finding, place, judged }) => {
    const related = relatedOf(scene.project, finding);
    const at = anchor(scene, uri, [place, ...related.map((each) => each.at)]);
    if (at === null) return [];
    const inAll = new Set(judged.map(({ id }) => id)).size === variants.length;
    const ids = [...new Set(judged.map(({ id }) => id))];
    return [
      {
        ...{ code: finding.code, kind: 'locks', at, place, inAll, plain: finding.message },
        severity: worst(judged),
        expected: judged.every(({ expected }) => expected),
        message: finding.message,
        related: at === place ? related : [{ message: 'here', at: place }, ...related],
        variants: ids,
        // Those of locks are tried out first, when somebody asks for them.
        fixes: [],
      } satisfies LockFindingShown,
    ];
  });
}

interface Judged {
  readonly id: string;
  readonly severity: 'error' | 'warning' | 'hint';
  readonly expected: boolean;
}

/** The finding with the word of the exploration, if there is one for each variant that it is found in. */
export function withAnswer(
  shown: LockFindingShown,
  project: Project,
  explored: readonly ExploredVariant[],
): Shown {
  const where = shown.inAll || shown.variants.length === 0 ? '' : ` (${listed(shown.variants)})`;
  const base: Shown = {
    ...shown,
    severity: shown.expected ? 'hint' : shown.severity,
    message: `${shown.plain}${where}`,
  };
  const answers = shown.variants.map((id) => {
    const variant = explored.find((each) => each.id === id);
    const finding = variant?.located?.findings.find((each) => isSame(each, shown, variant.project, project));
    return finding === undefined || variant === undefined ? null : { finding, variant };
  });
  const confirmed = answers.find((answer) => answer?.finding.confirmed === 'confirmed');
  if (confirmed != null) {
    const { finding, variant } = confirmed;
    const steps = `${finding.trace.length} step${finding.trace.length === 1 ? '' : 's'}`;
    const which = variant.id === '' ? '' : `, in ${variant.id}`;
    return {
      ...base,
      message: `${withoutDoubt(shown.plain)}${where}\nConfirmed: an interleaving of ${steps} gets there${which}.`,
      related: [...base.related, ...traceOf(finding.trace, variant.project, project)],
      step: { variant: variant.id, check: finding.code.replaceAll('-', '_') },
    };
  }
  const kinds = answers.map((answer) => answer?.finding.confirmed);
  if (kinds.some((kind) => kind === undefined || kind === null)) return base;
  if (kinds.includes('not-explored'))
    return {
      ...base,
      message: `${base.message}\nNot yet explored: whether an interleaving gets there is open.`,
    };
  return {
    ...base,
    severity: 'hint',
    message: `${base.message}\nNot reachable here: no interleaving of this scenario gets there.`,
  };
}

function isSame(finding: LocatedFinding, shown: LockFindingShown, from: Project, to: Project): boolean {
  if (
    finding.code !== shown.code ||
    withoutDoubt(finding.message) !== withoutDoubt(shown.plain) ||
    finding.at === null
  )
    return false;
  const range = rangeOfMark(from, finding.at);
  const here = range === null ? null : rebased(range, from, to);
  return here !== null && here.uri === shown.place.uri && here.start === shown.place.start;
}

/** The steps of an interleaving as related information; a trace that nobody would read to its end is cut. */
export function traceOf(trace: LocatedFinding['trace'], from: Project, to: Project): readonly Related[] {
  return trace.slice(0, longestTrace).flatMap(({ thread, text, at }, index) => {
    const range = at === null ? null : rangeOfMark(from, at);
    const here = range === null ? null : rebased(range, from, to);
    return here === null ? [] : [{ message: `${index + 1}  ${thread}: ${text}`, at: here }];
  });
}

const longestTrace = 200;

/** The innermost place that lies in the file; for a scenario else its title, for other files null. */
export function anchor(scene: Scene, uri: string, places: readonly FileRange[]): FileRange | null {
  return places.find((place) => place.uri === uri) ?? (uri === scene.uri ? titleOf(scene) : null);
}

function relatedOf(project: Project, { related }: LockFinding): Related[] {
  return related.flatMap(({ message, loc }: { message: string; loc: Loc }) => {
    const at = resolveLoc(project, loc);
    return at === null ? [] : [{ message, at }];
  });
}

function worst(judged: readonly Judged[]): Judged['severity'] {
  const found = new Set(judged.map(({ severity }) => severity));
  return found.has('error') ? 'error' : found.has('warning') ? 'warning' : 'hint';
}
