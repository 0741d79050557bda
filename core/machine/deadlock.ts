/** Deadlocks of a state: threads that wait for each other in a circle, or nothing that can go on. */

import type { Program } from '../program/ir.ts';
import { explainBlocked, threadsOf } from './explain.ts';
import type { Successors } from './interpreter.ts';
import { isOver } from './predicates.ts';
import type { Finding } from './result.ts';
import { parkOf, type State } from './state.ts';

export interface Deadlock {
  /** `circle`: each thread waits for the next, and the last for the first. `stuck`: unfinished threads, none of which can move. */
  readonly kind: 'circle' | 'stuck';
  readonly threads: readonly number[];
}

/** null: none. A circle is reported even while other threads run on. */
export function findDeadlock(program: Program, state: State, moves: readonly Successors[]): Deadlock | null {
  const waitsFor = moves.map((move) => (move.kind === 'blocked' ? threadsOf(program, move.holders) : []));
  for (const thread of moves.keys()) {
    const circle = circleFrom(thread, waitsFor);
    if (circle !== null) return { kind: 'circle', threads: circle };
  }
  const unfinished = [...moves.keys()].filter((thread) => !isOver(program, state, thread, moves[thread]));
  const moving = unfinished.some((thread) => moves[thread]?.kind === 'enabled');
  return unfinished.length > 0 && !moving ? { kind: 'stuck', threads: unfinished } : null;
}

/** The deadlock as a violation: at the place of its lowest-numbered thread that waits for more than a CPU. */
export function deadlockFinding(
  program: Program,
  state: State,
  moves: readonly Successors[],
  deadlock: Deadlock,
): Finding {
  const waits = deadlock.threads.flatMap((thread) => {
    const move = moves[thread];
    return move?.kind === 'blocked' ? [explainBlocked(program, thread, move)] : [];
  });
  const waiting = deadlock.threads.filter((thread) => {
    const move = moves[thread];
    return move?.kind === 'blocked' && move.site !== program.cpuSite;
  });
  const shown = Math.min(...(waiting.length > 0 ? waiting : deadlock.threads));
  return {
    check: program.builtin.deadlock,
    site: parkOf(program, state, shown)?.site ?? 0,
    thread: null,
    detail: waits.join('; '),
  };
}

/** The shortest circle of waits through a thread, in order of waiting. Threads that can move wait for nobody. */
function circleFrom(thread: number, waitsFor: readonly (readonly number[])[]): readonly number[] | null {
  const cameFrom = new Map<number, number>();
  const queue = [thread];
  for (const one of queue) {
    for (const holder of waitsFor[one] ?? []) {
      if (holder === thread) return pathTo(one, thread, cameFrom);
      if (cameFrom.has(holder)) continue;
      cameFrom.set(holder, one);
      queue.push(holder);
    }
  }
  return null;
}

function pathTo(last: number, first: number, cameFrom: ReadonlyMap<number, number>): readonly number[] {
  const path = [last];
  for (let one = last; one !== first; ) {
    one = cameFrom.get(one) ?? first;
    path.unshift(one);
  }
  return path;
}
