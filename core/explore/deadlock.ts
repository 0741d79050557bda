/** Threads that wait for each other in a circle, by bit masks: most states have none, and are told so at once. */

/** What was learned about the threads of a state while it was expanded. Arrays by thread. */
export interface Waits {
  readonly threads: number;
  /** 1: not ended, and no step of it is enabled. */
  readonly blocked: Uint8Array;
  /** Masks of the threads each blocked one waits for. */
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** The shortest circle through the lowest-numbered thread that lies on one, in order of waiting from it; null when there is none. */
export function findCircle(waits: Waits): readonly number[] | null {
  if (!hasCircle(waits)) return null;
  for (let thread = 0; thread < waits.threads; thread += 1) {
    const circle = circleFrom(waits, thread);
    if (circle !== null) return circle;
  }
  return null;
}

/** The threads that one waits for, ascending. */
export function holdersOf({ blocked, low, high, threads }: Waits, thread: number): readonly number[] {
  if (blocked[thread] !== 1) return [];
  const holders: number[] = [];
  for (let other = 0; other < threads; other += 1) {
    const mask = (other < 32 ? low[thread] : high[thread]) ?? 0;
    if (((mask >>> (other & 31)) & 1) === 1) holders.push(other);
  }
  return holders;
}

/** Takes away threads that wait for none of the others, until nothing changes; what is left holds a circle. */
function hasCircle({ threads, blocked, low, high }: Waits): boolean {
  let leftLow = 0;
  let leftHigh = 0;
  for (let thread = 0; thread < threads; thread += 1) {
    if (blocked[thread] !== 1) continue;
    if (thread < 32) leftLow |= 1 << thread;
    else leftHigh |= 1 << (thread & 31);
  }
  for (;;) {
    let nextLow = 0;
    let nextHigh = 0;
    for (let thread = 0; thread < threads; thread += 1) {
      const bit = 1 << (thread & 31);
      if (((thread < 32 ? leftLow : leftHigh) & bit) === 0) continue;
      if ((((low[thread] ?? 0) & leftLow) | ((high[thread] ?? 0) & leftHigh)) === 0) continue;
      if (thread < 32) nextLow |= bit;
      else nextHigh |= bit;
    }
    if (nextLow === 0 && nextHigh === 0) return false;
    if (nextLow === leftLow && nextHigh === leftHigh) return true;
    leftLow = nextLow;
    leftHigh = nextHigh;
  }
}

function circleFrom(waits: Waits, first: number): readonly number[] | null {
  const cameFrom = new Map<number, number>();
  const queue = [first];
  for (const one of queue) {
    for (const holder of holdersOf(waits, one)) {
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
