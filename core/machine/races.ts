/** Data races of a state: two threads about to touch the same bytes, at least one to write, at least one plainly. */

import type { Park, Program } from '../program/ir.ts';
import { evaluate } from './expression.ts';
import { nameOf } from './explain.ts';
import type { Successors } from './interpreter.ts';
import { describeAddress } from './memory.ts';
import type { Finding } from './result.ts';
import { parkOf, type State } from './state.ts';

/** For each pair of threads that race, lower first: a finding at the lower one's place. */
export function findRaces(program: Program, state: State, moves: readonly Successors[]): readonly Finding[] {
  const accesses = [...moves.keys()].map((thread) =>
    moves[thread]?.kind === 'enabled' ? nextAccess(program, state, thread) : null,
  );
  const findings: Finding[] = [];
  accesses.forEach((a, thread) => {
    accesses.forEach((b, other) => {
      if (a === null || b === null || other <= thread || !conflict(a, b)) return;
      const text = program.sites[b.site]?.text ?? 'its next access';
      const detail = `${nameOf(program, thread)} ${a.write ? 'writes' : 'reads'} ${describeAddress(program.memory, a.address)} while ${nameOf(program, other)} ${b.write ? 'writes' : 'reads'} it at ${text}`;
      findings.push({ check: program.builtin['data-race'], site: a.site, thread: null, detail });
    });
  });
  return findings;
}

type NextAccess = Omit<NonNullable<Park['access']>, 'address'> & {
  readonly address: bigint;
  readonly site: number;
};

function nextAccess(program: Program, state: State, thread: number): NextAccess | null {
  const park = parkOf(program, state, thread);
  if (park === null || park.access === null) return null;
  const env = {
    registers: state.threads[thread]?.registers ?? [],
    self: thread,
    param: program.threads[thread]?.param ?? 0n,
  };
  return { ...park.access, address: evaluate(park.access.address, env), site: park.site };
}

function conflict(a: NextAccess, b: NextAccess): boolean {
  const overlap = a.address < b.address + BigInt(b.bytes) && b.address < a.address + BigInt(a.bytes);
  return overlap && (a.write || b.write) && (a.plain || b.plain);
}
