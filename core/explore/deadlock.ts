/** Threads that wait for each other in a circle. */

import { WAIT_BYTES, waitField } from './layout.ts';

/** What was learned about a blocked thread while its state was expanded. */
export interface Wait {
  /** The threads it waits for, ascending. */
  readonly holders: readonly number[];
  /** Site of the first assume that failed. */
  readonly site: number;
}

/** The waits of the state at hand, by thread; null for a thread that is not blocked. `view`: the table of waits. */
export function readWaits(view: DataView, threads: number): readonly (Wait | null)[] {
  return Array.from({ length: threads }, (_, thread) => {
    const record = thread * WAIT_BYTES;
    if (view.getUint32(record + waitField.blocked, true) === 0) return null;
    const mask = view.getBigUint64(record + waitField.holders, true);
    const holders = Array.from({ length: threads }, (_unused, other) => other).filter(
      (other) => ((mask >> BigInt(other)) & 1n) === 1n,
    );
    return { holders, site: view.getInt32(record + waitField.site, true) };
  });
}

/** The shortest circle through the lowest-numbered thread that lies on one, in order of waiting from it; null when there is none. */
export function findCircle(waits: readonly (Wait | null)[]): readonly number[] | null {
  for (const thread of waits.keys()) {
    const circle = circleFrom(waits, thread);
    if (circle !== null) return circle;
  }
  return null;
}

function circleFrom(waits: readonly (Wait | null)[], first: number): readonly number[] | null {
  const cameFrom = new Map<number, number>();
  const queue = [first];
  for (const one of queue) {
    for (const holder of waits[one]?.holders ?? []) {
      if (holder === first) return pathBack(one, first, cameFrom);
      if (cameFrom.has(holder)) continue;
      cameFrom.set(holder, one);
      queue.push(holder);
    }
  }
  return null;
}

function pathBack(last: number, first: number, cameFrom: ReadonlyMap<number, number>): readonly number[] {
  const path = [last];
  for (let one = last; one !== first; path.push(one)) one = cameFrom.get(one) ?? first;
  return path.reverse();
}
