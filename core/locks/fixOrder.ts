/** Swapping two statements that stand side by side: two locks, or a lock and what does not go with it. */

import type { CheckedProgram, Loc } from '../semantics/hir.ts';
import type { Project } from '../semantics/snapshot.ts';
import type { Block, Statement } from '../syntax/ast.ts';
import type { LockFinding } from './events.ts';
import { type Edit, replace } from './fixEdits.ts';
import type { Candidate } from './fixes.ts';
import {
  inBlock,
  type LockCall,
  lockCallOf,
  lockText,
  type Place,
  placeOf,
  textOfSpan,
} from './fixPlaces.ts';

const codes: ReadonlySet<string> = new Set([
  'lock-held',
  'lock-in-use',
  'lock-leaf',
  'lock-order-declared',
  'lock-order-inversion',
  'lock-wait-type',
  'lock-irq-inversion',
  'sleeping-in-atomic',
]);

/** At the finding first, then where else the locks are taken that it is about. */
export function swapCandidates(
  project: Project,
  program: CheckedProgram,
  { code, loc, related }: LockFinding,
): readonly Candidate[] {
  if (!codes.has(code)) return [];
  return [loc, ...related.map((each) => each.loc)].flatMap((at) => swapsAt(project, program, code, at));
}

function swapsAt(
  project: Project,
  program: CheckedProgram,
  code: LockFinding['code'],
  loc: Loc,
): readonly Candidate[] {
  const place = placeOf(project, loc);
  const found = place === null ? null : inBlock(place.path);
  if (place === null || found === null) return [];
  const { block, at } = found;
  const here = block.body[at];
  const previous = block.body[at - 1];
  const next = block.body[at + 1];
  const call = (s: Statement | undefined): LockCall | null => lockCallOf(program, place.placed, s);
  const candidate = (title: string, edits: readonly Edit[]): Candidate => ({ title, uri: loc.uri, edits });
  const mine = call(here);
  const candidates: Candidate[] = [];
  // What is done to an object before it is locked is most often wrong, too.
  const isUse = code === 'lock-in-use';
  if (here !== undefined && previous !== undefined && call(previous)?.role.does === 'acquire') {
    const outer = call(previous);
    if (mine?.role.does === 'acquire' && outer !== null)
      candidates.push(
        candidate(`Take ${lockText(mine)} before ${lockText(outer)}`, [
          ...swapped(place, previous, here),
          ...swappedReleases(program, place, block, at, outer, mine),
        ]),
      );
    else if (mine === null && outer !== null && !isUse)
      candidates.push(
        candidate(`Do this before ${lockText(outer)} is taken`, swapped(place, previous, here)),
      );
  }
  const drop = call(next);
  if (here !== undefined && next !== undefined && mine === null && drop?.role.does === 'release')
    candidates.push(candidate(`Do this after ${lockText(drop)} is released`, swapped(place, here, next)));
  return candidates;
}

/** Released the other way round as well, where the two stand side by side: the last one taken is the first to go. */
function swappedReleases(
  program: CheckedProgram,
  place: Place,
  { body }: Block,
  at: number,
  outer: LockCall,
  inner: LockCall,
): readonly Edit[] {
  for (let i = at + 1; i + 1 < body.length; i++) {
    const first = body[i];
    const second = body[i + 1];
    const one = lockCallOf(program, place.placed, first);
    const two = lockCallOf(program, place.placed, second);
    if (first === undefined || second === undefined || one === null || two === null) continue;
    const released = one.role.does === 'release' && two.role.does === 'release';
    if (released && one.args[0] === inner.args[0] && two.args[0] === outer.args[0])
      return swapped(place, first, second);
  }
  return [];
}

function swapped(place: Place, a: Statement, b: Statement): readonly Edit[] {
  return [replace(place, a, textOfSpan(place, b)), replace(place, b, textOfSpan(place, a))];
}
