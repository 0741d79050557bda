/** Saying what the code does: annotations that are missing or wrong, and orders that cannot be kept. */

import type { CheckedProgram, Loc } from '../semantics/hir.ts';
import { isLibrary } from '../semantics/imports.ts';
import { type Project, resolveLoc } from '../semantics/snapshot.ts';
import type { TypeExpr } from '../syntax/ast.ts';
import type { LockFinding } from './events.ts';
import { annotated, replace } from './fixEdits.ts';
import type { Candidate } from './fixes.ts';
import { allStatements, isAt, lockCallOf, lockCallsIn, lockText, placeOf } from './fixPlaces.ts';
import { wholeLine } from './fixRelease.ts';

export function sayCandidates(
  project: Project,
  program: CheckedProgram,
  finding: LockFinding,
): readonly Candidate[] {
  const own = finding.fixes.flatMap(({ title, edits }) => proposed(project, title, edits));
  if (finding.code === 'annotation-wrong')
    return [...own, ...annotationCandidates(project, program, finding)];
  if (finding.code === 'lock-recursion') return [...own, ...relyCandidates(project, program, finding.loc)];
  if (finding.code === 'contradicting-order') return [...own, ...orderCandidates(project, finding.loc)];
  return own;
}

/** What the analysis itself proposes. */
function proposed(
  project: Project,
  title: string,
  edits: LockFinding['fixes'][number]['edits'],
): readonly Candidate[] {
  const [first] = edits;
  if (first === undefined || isLibrary(first.loc.uri)) return [];
  const placed = edits.map(({ loc, text }) => ({ range: resolveLoc(project, loc), text }));
  const own = placed.flatMap(({ range, text }) => {
    if (range?.uri !== first.loc.uri) return [];
    const item = project.files.get(range.uri)?.items.get(first.loc.item);
    return item?.item.kind === 'function'
      ? [annotated(item, item.item, text.trim())]
      : [{ start: range.start, end: range.end, text }];
  });
  return own.length === placed.length ? [{ title, uri: first.loc.uri, edits: own }] : [];
}

/** Values for which a function may be said to take a lock, by what it returns. */
function valuesOf(type: TypeExpr): readonly string[] {
  if (type.kind === 'pointer') return ['nonnull'];
  return type.kind !== 'named' || type.name === 'void' ? [] : type.name === 'bool' ? ['true'] : ['0', 'true'];
}

function annotationCandidates(
  project: Project,
  program: CheckedProgram,
  { loc, related }: LockFinding,
): readonly Candidate[] {
  const file = project.files.get(loc.uri);
  const placed = file?.items.get(loc.item);
  if (placed === undefined || isLibrary(loc.uri)) return [];
  const { item } = placed;
  if (item.kind !== 'function' || item.body === null) return [];
  const annotation = item.annotations.find(({ start, end }) => start === loc.start && end === loc.end);
  if (annotation !== undefined) {
    const name = annotation.name.text;
    const written = placed.text.slice(annotation.start, annotation.end);
    const lock = annotation.args.at(-1);
    const text = lock === undefined ? '' : placed.text.slice(lock.start, lock.end);
    const conditional = /^__(?:cond_)?acquires(_shared)?$/.exec(name);
    const kinds =
      conditional === null
        ? []
        : valuesOf(item.returns).map((value) => `__cond_acquires${conditional[1] ?? ''}(${value}, ${text})`);
    const always = name.startsWith('__cond_') ? [`__acquires${conditional?.[1] ?? ''}(${text})`] : [];
    return [
      ...always.map((says) => ({
        title: `Say ${says}`,
        uri: loc.uri,
        edits: [replace({ placed }, annotation, says)],
      })),
      ...kinds.map((kind) => ({
        title: `Say that it takes the lock for some values only: ${kind}`,
        uri: loc.uri,
        edits: [replace({ placed }, annotation, kind)],
      })),
      {
        title: `Remove ${written}`,
        uri: loc.uri,
        edits: [replace({ placed }, { start: annotation.start - 1, end: annotation.end }, '')],
      },
    ];
  }
  return related.flatMap((each): Candidate[] => {
    const place = placeOf(project, each.loc);
    const calls =
      place === null ? [] : lockCallsIn(program, place.placed, place.path.at(-1) ?? place.placed.item);
    return calls.flatMap(({ args, role }) =>
      ['__acquires', '__releases'].map((name): Candidate => {
        const says = `${name}${role.isShared ? '_shared' : ''}(${args[0] ?? ''})`;
        return {
          title: `Say ${says}`,
          uri: loc.uri,
          edits: [annotated(placed, item, says)],
        };
      }),
    );
  });
}

/** Without one of the declarations that go in a circle: the last one. */
function orderCandidates(project: Project, loc: Loc): readonly Candidate[] {
  const placed = project.files.get(loc.uri)?.items.get(loc.item);
  if (placed?.item.kind !== 'lock-order' || isLibrary(loc.uri)) return [];
  const written = placed.text.slice(placed.item.start, placed.item.end);
  return [
    {
      title: `Remove '${written.trim()}'`,
      uri: loc.uri,
      edits: [replace({ placed }, placed.item, '')],
    },
  ];
}

/** A function that takes a lock which its callers hold relies on them instead, and says so. */
function relyCandidates(project: Project, program: CheckedProgram, loc: Loc): readonly Candidate[] {
  const place = placeOf(project, loc);
  const item = place?.placed.item;
  if (place === null || item?.kind !== 'function' || item.body === null) return [];
  const calls = lockCallsIn(program, place.placed, item.body);
  const taken = calls.find((each) => isAt(each, loc));
  const lock = taken?.args[0];
  if (taken === undefined || lock === undefined) return [];
  const { placed } = place;
  const says = `__must_hold${taken.role.isShared ? '_shared' : ''}(${lock})`;
  const edits = allStatements(item.body).flatMap((s) =>
    lockCallOf(program, placed, s)?.args[0] === lock ? [replace(place, wholeLine(place, s), '')] : [],
  );
  return [
    {
      title: `Leave ${lockText(taken)} to the callers of ${item.name.text}()`,
      uri: loc.uri,
      edits: [...edits, annotated(placed, item, says)],
    },
  ];
}
