/** A trace as a person reads it: step by step what happened, in which function, and what was loaded or stored. */

import { start, step } from '../machine/interpreter.ts';
import { read } from '../machine/memory.ts';
import type { Trace } from '../machine/result.ts';
import { parkOf, type State } from '../machine/state.ts';
import { labelOf, showAccess } from '../machine/values.ts';
import type { Program, Site } from '../program/ir.ts';
import type { Loc } from '../semantics/hir.ts';
import type { TableStep } from './table.ts';

export interface ShownStep extends TableStep {
  /** The thread's name. */
  readonly name: string;
  /** The step in one line: the statement, and which access of it when it has several. */
  readonly label: string;
  readonly choices: readonly bigint[];
  readonly loc: Loc;
}

/** As far as the trace can be followed; a trace that was replayed before is followed to its end. */
export function showSteps(program: Program, trace: Trace): readonly ShownStep[] {
  const shown: ShownStep[] = [];
  let state = start(program, trace.start)?.state ?? null;
  for (const { thread, choices } of trace.steps) {
    if (state === null) break;
    const site = program.sites[parkOf(program, state, thread)?.site ?? -1];
    const outcome = step(program, state, thread, choices);
    if (site === undefined || outcome.kind !== 'done') break;
    shown.push({
      thread,
      name: program.threads[thread]?.name ?? '?',
      text: site.text,
      action: site.action,
      value: shownValue(program, site, state, outcome.state, outcome.accesses, choices),
      within: activationOf(program, site),
      label: labelOf(site),
      choices,
      loc: site.loc,
    });
    state = outcome.state;
  }
  return shown;
}

function activationOf(program: Program, site: Site): TableStep['within'] {
  const frame = program.frames[site.frame];
  return frame === undefined || frame.call === null ? null : { name: frame.function, activation: site.frame };
}

/** What the step's own access loaded or stored, else what it chose. A store that fails (`after` is null) stores nothing. */
function shownValue(
  program: Program,
  site: Site,
  before: State,
  after: State | null,
  accesses: readonly { readonly address: bigint; readonly bytes: number; readonly write: boolean }[],
  choices: readonly bigint[],
): string | null {
  if (site.action !== 'none') {
    const access = accesses.find(({ write }) => write === (site.action === 'store'));
    if (access !== undefined) {
      if (access.write && after === null) return null;
      const { image } = access.write ? (after ?? before) : before;
      const value = read(program.memory, image, access.address, access.bytes, false);
      return showAccess(program, access.address, access.bytes, value);
    }
  }
  return choices.length === 0 ? null : choices.join(', ');
}
