/** The unlock that is missing on a way out, and the one that is too much. */

import type { CheckedProgram } from '../semantics/hir.ts';
import type { Project } from '../semantics/snapshot.ts';
import type { Statement } from '../syntax/ast.ts';
import type { LockFinding } from './events.ts';
import { after, before, braced, type Edit, replace } from './fixEdits.ts';
import type { Candidate } from './fixes.ts';
import {
  allStatements,
  childrenOf,
  isAt,
  lockCallOf,
  lockCallsIn,
  lockText,
  type Place,
  placeOf,
  releaseText,
  textOfSpan,
} from './fixPlaces.ts';

/** Releases a lock before one of the ways out behind its acquisition, or before all of them that do not. */
export function releaseCandidates(
  project: Project,
  program: CheckedProgram,
  { code, loc }: LockFinding,
): readonly Candidate[] {
  if (code !== 'lock-leaked' && code !== 'annotation-missing') return [];
  const place = placeOf(project, loc);
  const body = place?.path[0];
  if (place === null || body?.kind !== 'block') return [];
  const taken = lockCallsIn(program, place.placed, body).find(
    (each) => each.role.does !== 'release' && isAt(each, loc),
  );
  const text = taken === undefined ? null : releaseText(program, taken);
  if (taken === undefined || text === null) return [];
  const lock = lockText(taken);
  const exits = exitsOf(program, place, body, taken.end, taken.args[0] ?? '');
  const edits = exits.map((exit) => exitEdit(place, body, exit, text));
  const single = edits.map((edit, index): Candidate => {
    const exit = exits[index];
    const where = exit === null || exit === undefined ? 'at the end' : `before this '${exit.kind}'`;
    return { title: `Release ${lock} ${where}`, uri: loc.uri, edits: [edit] };
  });
  const all = { title: `Release ${lock} on every way out`, uri: loc.uri, edits };
  return edits.length > 1 ? [...single, all] : single;
}

/** Jumps behind an offset, and null for the end of the body; not those behind an unlock. */
function exitsOf(
  program: CheckedProgram,
  place: Place,
  body: Statement & { kind: 'block' },
  from: number,
  lock: string,
): readonly (Statement | null)[] {
  const releases = (s: Statement | undefined): boolean => {
    const call = lockCallOf(program, place.placed, s);
    return call?.role.does === 'release' && call.args[0] === lock;
  };
  const jumps = allStatements(body).flatMap((parent) =>
    childrenOf(parent).filter((child, index, siblings) => {
      const isJump = child.kind === 'return' || child.kind === 'goto';
      return isJump && child.start >= from && !(parent.kind === 'block' && releases(siblings[index - 1]));
    }),
  );
  const last = body.body.at(-1);
  const falls = last?.kind !== 'return' && last?.kind !== 'goto' && !releases(last);
  return falls ? [...jumps, null] : jumps;
}

function exitEdit(
  place: Place,
  body: Statement & { kind: 'block' },
  exit: Statement | null,
  text: string,
): Edit {
  const last = body.body.at(-1);
  if (exit === null)
    return last === undefined
      ? replace(place, body, `{\n\t${text}\n}`)
      : after(place, last.end, last.start, text);
  const parent = allStatements(body).find((each) => childrenOf(each).includes(exit));
  return parent?.kind === 'block'
    ? before(place, exit.start, text)
    : braced(place, exit, [text, textOfSpan(place, exit)]);
}

/** Leaves out an unlock; or leaves another way where a jump comes to it without the lock. */
export function unbalancedCandidates(
  project: Project,
  program: CheckedProgram,
  { code, loc }: LockFinding,
): readonly Candidate[] {
  if (code !== 'lock-unbalanced') return [];
  const place = placeOf(project, loc);
  const body = place?.path[0];
  const s = place?.path.at(-1);
  if (place === null || body?.kind !== 'block' || s === undefined) return [];
  if (lockCallOf(program, place.placed, s)?.role.does !== 'release') return [];
  const parent = place.path.at(-2);
  const removed = parent?.kind === 'block' ? replace(place, wholeLine(place, s), '') : replace(place, s, ';');
  return [...otherWays(place, body, s), { title: 'Leave this unlock out', uri: loc.uri, edits: [removed] }];
}

/** `goto out`, where `out` begins with the unlock and ends soon after, becomes what comes behind the unlock. */
function otherWays(
  place: Place,
  body: Statement & { kind: 'block' },
  unlock: Statement,
): readonly Candidate[] {
  const at = body.body.findIndex((each) => each.kind === 'label' && each.body === unlock);
  const label = body.body[at];
  if (label?.kind !== 'label') return [];
  const [next, ...others] = body.body.slice(at + 1);
  const rest =
    next === undefined
      ? 'return;'
      : others.length === 0 && next.kind === 'return'
        ? textOfSpan(place, next)
        : null;
  if (rest === null) return [];
  return allStatements(body).flatMap((each) =>
    each.kind === 'goto' && each.label.text === label.label.text
      ? [
          {
            title: `Leave with '${rest.replace(/;$/, '')}': the lock is not held here`,
            uri: place.file.uri,
            edits: [replace(place, each, rest)],
          },
        ]
      : [],
  );
}

/** With the blanks before it and the end of its line, when nothing else is on it. */
export function wholeLine({ placed }: Place, s: Statement): { readonly start: number; readonly end: number } {
  const start = placed.text.lastIndexOf('\n', s.start - 1) + 1;
  const lineEnd = placed.text.indexOf('\n', s.end);
  const end = lineEnd < 0 ? placed.text.length : lineEnd + 1;
  const alone =
    placed.text.slice(start, s.start).trim() === '' && placed.text.slice(s.end, end).trim() === '';
  return alone ? { start, end } : s;
}
