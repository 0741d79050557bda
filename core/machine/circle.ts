/** Goals that ask for a circle of waits: threads that wait for each other in given requests. */

import type { Program } from '../program/ir.ts';

/** What a blocked thread waits for. */
export interface WaitingThread {
  readonly holders: readonly number[];
  /** Of the first assume that failed. */
  readonly site: number;
}

/** Indices of the goals whose circle stands in this state. `waits`: by thread; null for one that is not blocked. */
export function reachedCircles(
  program: Program,
  waits: readonly (WaitingThread | null)[],
): readonly number[] {
  return program.goals.flatMap(({ circle, start }, index) =>
    circle !== undefined && standsIn(program, waits, circle, start) ? [index] : [],
  );
}

function standsIn(
  { cpuSite }: Program,
  waits: readonly (WaitingThread | null)[],
  circle: readonly (readonly number[])[],
  start: readonly number[] | undefined,
): boolean {
  const first = start ?? circle[0];
  if (first === undefined) return false;
  return waits.some(
    (wait, thread) => wait !== null && first.includes(wait.site) && closes(waits, circle, thread, cpuSite),
  );
}

/** Is there a walk from holder to holder, beginning at the first request in `start`, that takes all in turn and comes back? */
function closes(
  waits: readonly (WaitingThread | null)[],
  circle: readonly (readonly number[])[],
  start: number,
  cpuSite: number | null,
): boolean {
  const seen = new Set<string>();
  const queue = [{ thread: start, at: 0 }];
  const enter = (thread: number, at: number): void => {
    const key = `${thread} ${at}`;
    if (!seen.has(key)) queue.push({ thread, at });
    seen.add(key);
  };
  for (const { thread, at } of queue)
    for (const holder of waits[thread]?.holders ?? []) {
      if (holder === start && at === circle.length - 1) return true;
      const site = waits[holder]?.site;
      if (site === undefined) continue;
      if (site === cpuSite || circle[at]?.includes(site) === true) enter(holder, at);
      if (circle[at + 1]?.includes(site) === true) enter(holder, at + 1);
    }
  return false;
}
