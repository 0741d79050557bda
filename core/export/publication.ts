import { start, step } from '../machine/interpreter.ts';
import type { Violation } from '../machine/result.ts';
import type { Program } from '../program/ir.ts';

/**
 * Whether an uninitialised read is a torn publication (SEMANTICS.md, 28): one thread made the object, another came by
 * a pointer to it before the field was written. Told from the trace, so that no state has to remember who made what.
 */
export function isTornPublication(program: Program, violation: Violation): boolean {
  if (violation.check !== program.builtin['uninitialised-read']) return false;
  let state = start(program, violation.trace.start)?.state ?? null;
  /** By index of its object: the thread that made it last; null for init. */
  const makers = new Map<number, number | null>();
  const note = (before: Uint8Array | null, after: Uint8Array, thread: number | null): void => {
    program.memory.objects.forEach(({ alive }, index) => {
      if (alive >= 0 && after[alive] !== 0 && (before === null || before[alive] === 0))
        makers.set(index, thread);
    });
  };
  if (state !== null) note(null, state.image, null);
  for (const { thread, choices } of violation.trace.steps) {
    if (state === null) return false;
    const outcome = step(program, state, thread, choices);
    if (outcome.kind !== 'done') return false;
    if (outcome.state === null) {
      const address = outcome.accesses.at(-1)?.address;
      const object = program.memory.objects.findIndex(
        (one) => address !== undefined && address >= one.address && address < one.address + BigInt(one.bytes),
      );
      const maker = makers.get(object);
      return maker !== undefined && maker !== thread;
    }
    note(state.image, outcome.state.image, thread);
    state = outcome.state;
  }
  return false;
}
