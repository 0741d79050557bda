/** What was found by exploring a scenario's variants, as it is shown in its file. */

import type { Project } from '../core/semantics/snapshot.ts';
import type { FileRange } from '../core/syntax/diagnostic.ts';
import type { Located, LocatedProblem, LocatedViolation } from '../host/located.ts';
import { type Mark, rangeOfMark } from '../host/marks.ts';
import { groupsOf } from './groups.ts';
import { anchor, traceOf } from './lockFindings.ts';
import { rebased } from './rebase.ts';
import type { Scene } from './scene.ts';
import { listed, type Related, type Shown } from './shown.ts';
import { titleOf } from './textFindings.ts';

/** The answer to one variant, and the project that its marks are of: the scene's, or that of a text before. */
export interface ExploredVariant {
  readonly id: string;
  readonly project: Project;
  readonly located: Located | null;
  readonly problems: readonly LocatedProblem[];
}

/**
 * Failures that an `expect` asks for are hints, and so is what else goes wrong in a variant that must fail and does: it
 * is red only where something is not as the scenario says. What an `expect` asks for in vain is an error at its line.
 */
export function liveFindings(scene: Scene, explored: readonly ExploredVariant[]): Shown[] {
  return [
    ...problemsOf(scene, explored),
    ...violationsOf(scene, explored),
    ...explored.flatMap((variant) => [...unmetOf(scene, variant), ...vacuousOf(scene, variant)]),
  ];
}

/** What only building the program told: that it is too large, for one. */
function problemsOf(scene: Scene, explored: readonly ExploredVariant[]): Shown[] {
  const found = explored.flatMap((variant) =>
    variant.problems.map((problem): Shown => {
      const place = placed(scene, variant, problem.at);
      const at = anchor(scene, scene.uri, place === null ? [] : [place]) ?? titleOf(scene);
      const { code, severity, message } = problem;
      return { code, severity, message, at, related: [], kind: 'text', variants: [variant.id], fixes: [] };
    }),
  );
  return grouped(found, explored.length);
}

function violationsOf(scene: Scene, explored: readonly ExploredVariant[]): Shown[] {
  const found = explored.flatMap((variant) =>
    (variant.located?.violations ?? []).flatMap(
      (violation) => shownViolation(scene, variant, violation) ?? [],
    ),
  );
  return grouped(found, explored.length);
}

/** Null for a place in a text before that has been edited since. */
function shownViolation(scene: Scene, variant: ExploredVariant, violation: LocatedViolation): Shown | null {
  const { code, severity, message, expected, trace, check } = violation;
  const places = violation.places.flatMap((mark) => placed(scene, variant, mark) ?? []);
  if (variant.project !== scene.project && !places.some(({ uri }) => uri === scene.uri)) return null;
  const at = anchor(scene, scene.uri, places) ?? titleOf(scene);
  const [innermost] = places;
  const declared = placed(scene, variant, violation.declared);
  const related: Related[] = [
    ...(innermost !== undefined && innermost !== at ? [{ message: 'it happens here', at: innermost }] : []),
    ...(declared !== null && !covers(at, declared)
      ? [{ message: `${check} is declared here`, at: declared }]
      : []),
    ...traceOf(trace, variant.project, scene.project),
  ];
  const isAsSaid = expected || (variant.located?.met === true && variant.located.expects === 'fails');
  const steps = trace.length === 1 ? '1 step' : `${trace.length} steps`;
  const how = trace.length === 0 ? '' : `\nAn interleaving of ${steps} leads here.`;
  return {
    ...{ code, at, related, kind: 'violation', variants: [variant.id], fixes: [] },
    ...(trace.length === 0 ? {} : { step: { variant: variant.id, check } }),
    severity: isAsSaid ? 'hint' : severity,
    message: `${expected ? 'Expected: ' : isAsSaid ? 'Where a failure is expected: ' : ''}${message}${how}`,
  };
}

function unmetOf(scene: Scene, variant: ExploredVariant): Shown[] {
  return (variant.located?.unmet ?? []).flatMap(({ message, at }): Shown[] => {
    const place = placed(scene, variant, at);
    if (place === null && variant.project !== scene.project) return [];
    return [
      {
        ...{ code: null, severity: 'error', related: [], kind: 'unmet', variants: [variant.id], fixes: [] },
        at: place ?? titleOf(scene),
        message: `This expectation is not met${variant.id === '' ? '' : ` for ${variant.id}`}: ${message}.`,
      },
    ];
  });
}

function vacuousOf(scene: Scene, variant: ExploredVariant): Shown[] {
  return (variant.located?.vacuous ?? []).map((text) => ({
    ...{
      code: 'vacuous',
      severity: 'warning',
      related: [],
      kind: 'violation',
      variants: [variant.id],
      fixes: [],
    },
    at: titleOf(scene),
    message: `${variant.id === '' ? '' : `${variant.id}: `}${text}`,
  }));
}

/** The same of several variants becomes one, which names them unless it is in all. */
function grouped(found: readonly Shown[], variants: number): Shown[] {
  const groups = groupsOf(found, ({ code, severity, message, at }) =>
    JSON.stringify([code, severity, message.split('\n')[0], at]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const ids = [...new Set(group.flatMap((each) => each.variants))];
    const where = ids.length === variants ? '' : ` (${listed(ids)})`;
    const [head = '', ...rest] = first.message.split('\n');
    return [{ ...first, variants: ids, message: [head + where, ...rest].join('\n') }];
  });
}

function placed(scene: Scene, { project }: ExploredVariant, mark: Mark | null): FileRange | null {
  const range = mark === null ? null : rangeOfMark(project, mark);
  return range === null ? null : rebased(range, project, scene.project);
}

function covers(a: FileRange, b: FileRange): boolean {
  return a.uri === b.uri && a.start <= b.start && a.end >= b.end;
}
