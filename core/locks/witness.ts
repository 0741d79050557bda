/** Witnesses as questions to the search, to confirm a finding or to find it unreachable. */

import { keyOf } from '../program/context.ts';
import type { Goal, Program } from '../program/ir.ts';
import { sameName } from '../program/lockTable.ts';
import type { Probe } from '../program/probes.ts';
import type { Loc } from '../semantics/hir.ts';
import { isTrusted } from '../semantics/imports.ts';
import { lockNameOf } from './classes.ts';
import type { IrqContext, LockEvent, LockFinding, Witness } from './events.ts';

/** What a program is built with to answer a finding: some thread stands at a place. Null for other witnesses. */
export function probeOf({ code, witness }: LockFinding, name: string): Probe | null {
  return witness === null || witness.kind === 'cycle' ? null : { name, code, asks: witness };
}

/**
 * The goal that is reached where threads wait for each other in a circle, each at a request for the lock class that its
 * edge wants. A wait is for who holds the lock, so that who is waited for holds it; interrupts stand in the circle as
 * what the interrupted thread waits for.
 *
 * A request is known by the primitive that makes it, by the calls around it, and by the lock that it is given; where
 * that lock is known only when it is executed, by the place, of which the walk says which classes are requested there.
 *
 * Null for the other witnesses, and where a request is not found in the program.
 * `events`: all that the walk made of the same variant.
 */
export function goalOf(
  program: Program,
  events: readonly LockEvent[],
  witness: Witness,
  name: string,
): Goal | null {
  if (witness.kind !== 'cycle') return null;
  const { edges, at } = witness;
  const sites = sitesByPlace(program);
  const circle = edges.map(({ wants, interrupt }) =>
    interrupt === undefined
      ? requestsOf(program, events, wants.key, sites, null)
      : handlerRequestsOf(program, events, wants.key, sites, interrupt),
  );
  const [first] = edges;
  const start =
    at === undefined || first === undefined
      ? null
      : requestsOf(program, events, first.wants.key, sites, keyOf(at));
  if (circle.some(({ length }) => length === 0) || start?.length === 0) return null;
  return { name, predicate: never, site: null, circle, ...(start === null ? {} : { start }) };
}

/** Registers are zero at the start: the answer is no. */
const never: Goal['predicate'] = { code: { instrs: [{ op: 'end' }], regs: 1, parks: [] } };

/** Where requests for locks of a class wait. `at`: only requests of this place. */
function requestsOf(
  program: Program,
  events: readonly LockEvent[],
  key: string,
  sites: SitesByPlace,
  at: string | null,
): readonly number[] {
  const places = placesOf(events, key, () => true);
  return sitesAt(program, key, sites, (place) => places.has(place) && (at === null || place === at));
}

/** The same in one sort of interrupt: in its handlers, and where nothing else comes, such as in what an IPI calls. */
function handlerRequestsOf(
  program: Program,
  events: readonly LockEvent[],
  key: string,
  sites: SitesByPlace,
  domain: IrqContext,
): readonly number[] {
  const inside = placesOf(events, key, (context) => context === domain);
  const others = placesOf(events, key, (context) => context !== domain);
  const own = handlerSites(program, domain);
  return sitesAt(
    program,
    key,
    sites,
    (place, site) => inside.has(place) && (!others.has(place) || own.has(site)),
  );
}

/** Places of the requests for locks of a class in such contexts. */
function placesOf(
  events: readonly LockEvent[],
  key: string,
  isAsked: (context: IrqContext) => boolean,
): ReadonlySet<string> {
  return new Set(
    events.flatMap((event) =>
      event.kind === 'acquire' &&
      !event.lock.trylock &&
      event.lock.class.key === key &&
      isAsked(event.lock.context)
        ? [keyOf(event.loc)]
        : [],
    ),
  );
}

function sitesAt(
  program: Program,
  key: string,
  sites: SitesByPlace,
  isAsked: (place: string, site: number) => boolean,
): readonly number[] {
  const wanted = lockNameOf(key);
  const found = program.requests.flatMap(({ frame, call, lock }) => {
    if (lock !== null && !sameName(lock, wanted)) return [];
    const place = keyOf(userPlace(program, frame, call));
    return (sites.get(`${frame} ${keyOf(call)}`) ?? []).filter((site) => isAsked(place, site));
  });
  return [...new Set(found)];
}

type SitesByPlace = ReadonlyMap<string, readonly number[]>;

/** Sites by frame and place of the step. */
function sitesByPlace({ sites }: Program): SitesByPlace {
  const byPlace = new Map<string, number[]>();
  sites.forEach(({ frame, loc }, site) => {
    const key = `${frame} ${keyOf(loc)}`;
    const known = byPlace.get(key);
    if (known === undefined) byPlace.set(key, [site]);
    else known.push(site);
  });
  return byPlace;
}

/** Where handlers of one sort of interrupt wait. */
function handlerSites({ threads, codes }: Program, domain: IrqContext): ReadonlySet<number> {
  const handlers = threads.filter(({ kind }) => kind === (domain === 'hardirq' ? 'irq' : 'softirq'));
  return new Set(
    handlers.flatMap(({ code }) =>
      (codes[code]?.instrs ?? []).flatMap((instr) => (instr.op === 'assume' ? [instr.site] : [])),
    ),
  );
}

/** Where the scenario's own code stands, when code of the kernel's primitives runs on its behalf. */
function userPlace({ frames }: Program, frame: number, call: Loc): Loc {
  let place = call;
  for (let at = frames[frame]; at !== undefined && isTrusted(place.uri) && at.call !== null; ) {
    place = at.call;
    at = at.parent === null ? undefined : frames[at.parent];
  }
  return place;
}
