/** A trace as a person reads it: step by step what happened, in which function, and what was loaded or stored. */

import { start, step } from '../machine/interpreter.ts';
import type { Trace } from '../machine/result.ts';
import { parkOf, type State } from '../machine/state.ts';
import { describeStore, drainedBy, isInBuffer, seenBy, waitingStores } from '../machine/storeBuffers.ts';
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
    const drained = drainedBy(program, thread);
    const [oldest] = drained === null ? [] : waitingStores(program, state.image, drained.thread);
    shown.push({
      thread,
      name: program.threads[thread]?.name ?? '?',
      text:
        oldest === undefined ? site.text : `store buffer: ${describeStore(program, oldest)} becomes visible`,
      action: oldest === undefined ? site.action : 'none',
      value: shownValue(program, thread, site, state, outcome.state, outcome.accesses, choices),
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
  thread: number,
  site: Site,
  before: State,
  after: State | null,
  accesses: readonly { readonly address: bigint; readonly bytes: number; readonly write: boolean }[],
  choices: readonly bigint[],
): string | null {
  if (site.action !== 'none') {
    const write = site.action === 'store';
    const access = accesses.find((one) => one.write === write && !isInBuffer(program, one.address));
    if (access !== undefined) {
      if (access.write && after === null) return null;
      const { image } = access.write ? (after ?? before) : before;
      const value = seenBy(program, image, thread, access.address, access.bytes);
      return showAccess(program, access.address, access.bytes, value);
    }
    const youngest = after === null ? undefined : waitingStores(program, after.image, thread).at(-1);
    if (write && youngest !== undefined)
      return showAccess(program, youngest.address, youngest.bytes, youngest.value);
  }
  return choices.length === 0 ? null : choices.join(', ');
}
