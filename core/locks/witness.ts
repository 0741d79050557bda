/** Witnesses as goals: what the explorer is asked, to confirm a finding or to find it unreachable. */

import type { Goal, Program } from '../program/ir.ts';
import type { Loc } from '../semantics/hir.ts';
import type { AcquireEvent, LockEvent, Witness } from './events.ts';

/**
 * The goal that is reached where the witness stands: for a cycle, where threads wait for each other in a circle, each
 * at a request for the lock class that its edge wants. A wait is for who holds the lock, so that who is waited for
 * holds it; interrupts stand in the circle as what the interrupted thread waits for.
 *
 * Null when no goal says it: for the other witnesses, and where a request of an actor is not found in the program.
 * `events`: all that the walk made of the same variant; they tell which places request which class.
 */
export function goalOf(
  program: Program,
  events: readonly LockEvent[],
  witness: Witness,
  name: string,
): Goal | null {
  if (witness.kind !== 'cycle') return null;
  const circle: number[][] = [];
  for (const { wants } of witness.edges) {
    const requests = events.filter(
      (event) => event.kind === 'acquire' && !event.lock.trylock && event.lock.class.key === wants.key,
    );
    const sites = requests.map((event) => (event.kind === 'acquire' ? sitesOf(program, event) : []));
    // A request that only a function makes which nobody calls is at no site, and never stands in a circle.
    if (requests.some(({ actor }, index) => actor !== null && sites[index]?.length === 0)) return null;
    circle.push([...new Set(sites.flat())]);
  }
  return { name, predicate: never, site: null, circle };
}

/** The same program, asked more. The answers come behind those of its own goals. */
export function withGoals(program: Program, goals: readonly Goal[]): Program {
  return { ...program, goals: [...program.goals, ...goals] };
}

/** Registers are zero at the start: the answer is no. */
const never: Goal['predicate'] = { code: { instrs: [{ op: 'end' }], regs: 1, parks: [] } };

/** Where a request waits: the sites at its place, reached by its calls; by any calls when the program inlines otherwise. */
function sitesOf(program: Program, { loc, calls }: AcquireEvent): readonly number[] {
  const here = [...program.sites.keys()].filter((site) => samePlace(program.sites[site]?.loc, loc));
  const same = here.filter((site) => sameLoc(program.sites[site]?.loc, loc));
  // The call of the primitive itself is the place of the request.
  const path = calls.filter((one, index) => index < calls.length - 1 || !sameLoc(one, loc));
  const exact = same.filter((site) => {
    const taken = callsTo(program, site);
    return taken.length === path.length && taken.every((one, index) => sameLoc(one, path[index]));
  });
  return exact.length > 0 ? exact : same.length > 0 ? same : here;
}

/** Calls around a site, outermost first, without that of the primitive that it is in. */
function callsTo(program: Program, site: number): readonly Loc[] {
  const at = program.sites[site];
  const calls: Loc[] = [];
  for (let frame = at?.frame ?? null; frame !== null; frame = program.frames[frame]?.parent ?? null) {
    const call = program.frames[frame]?.call ?? null;
    if (call !== null && !(calls.length === 0 && sameLoc(call, at?.loc))) calls.unshift(call);
  }
  return calls;
}

function samePlace(a: Loc | undefined, b: Loc): boolean {
  return a !== undefined && a.uri === b.uri && a.item === b.item && a.start === b.start && a.end === b.end;
}

/** In the same place of the same macros, too: one use of a macro may be several requests. */
function sameLoc(a: Loc | undefined, b: Loc | undefined): boolean {
  if (a === undefined || b === undefined || !samePlace(a, b)) return false;
  return a.macro === null || b.macro === null ? a.macro === b.macro : sameLoc(a.macro, b.macro);
}
