/** What a blocked thread waits for, in words. */

import type { Program } from '../program/ir.ts';
import type { Blocked } from './interpreter.ts';

/** `vcpu fault[1] waits at spin_lock(&l); held by task zap`. */
export function explainBlocked(program: Program, thread: number, blocked: Blocked): string {
  const waits = `${nameOf(program, thread)} waits at ${program.sites[blocked.site]?.text ?? 'an unknown place'}`;
  const holders = threadsOf(program, blocked.holders).map((one) =>
    one === thread ? 'itself' : nameOf(program, one),
  );
  return holders.length === 0 ? waits : `${waits}; held by ${holders.join(' and ')}`;
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
