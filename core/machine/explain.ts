/** What a blocked thread waits for, in words. */

import type { Program } from '../program/ir.ts';
import type { Blocked } from './interpreter.ts';

/** `vcpu fault[1] waits at spin_lock(&l); held by task zap`. */
export function explainBlocked(program: Program, thread: number, blocked: Blocked): string {
  const waits = `${nameOf(program, thread)} waits ${placeOfWait(program, blocked.site)}`;
  const holders = threadsOf(program, blocked.holders).map((one) =>
    one === thread ? 'itself' : nameOf(program, one),
  );
  return holders.length === 0 ? waits : `${waits}; held by ${holders.join(' and ')}`;
}

function placeOfWait(program: Program, site: number): string {
  return site === program.cpuSite ? 'for its CPU' : `at ${program.sites[site]?.text ?? 'an unknown place'}`;
}

/** `task zap`. */
export function nameOf(program: Program, thread: number): string {
  const found = program.threads[thread];
  return found === undefined ? 'init' : `${found.kind} ${found.name}`;
}

/** The threads of a mask, ascending. */
export function threadsOf(program: Program, mask: bigint): readonly number[] {
  return [...program.threads.keys()].filter((thread) => ((mask >> BigInt(thread)) & 1n) === 1n);
}
