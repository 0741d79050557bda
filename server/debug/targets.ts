/** Where a step can go: every thread that can move with each of its choices, and back. */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { nameOf } from '../../core/machine/explain.ts';
import { parkOf } from '../../core/machine/state.ts';
import { labelOf } from '../../core/machine/values.ts';
import { coreUri } from '../workspace.ts';
import { lineOf, type Run } from './run.ts';
import { uriOfSource } from './sources.ts';

export type Target =
  | {
      readonly kind: 'step';
      readonly thread: number;
      readonly choices: readonly bigint[];
      readonly target: DebugProtocol.StepInTarget;
    }
  | { readonly kind: 'back'; readonly to: number; readonly target: DebugProtocol.StepInTarget };

/** Steps back that are offered, the nearest first. */
const mostBack = 8;
const mostVisits = 60;

/** The steps of the thread that has the focus come first. */
export function stepTargetsOf(run: Run, focus: number): readonly Target[] {
  const { session, program, project } = run;
  const { state } = session;
  const targets: Target[] = [];
  const threads = [...program.threads.keys()].sort(
    (a, b) => Number(b === focus) - Number(a === focus) || a - b,
  );
  for (const thread of threads) {
    const status = session.status(thread);
    if (status.kind !== 'ready') continue;
    const site = program.sites[parkOf(program, state, thread)?.site ?? -1];
    const line = site === undefined ? null : lineOf(project, site.loc);
    const text = site === undefined ? '' : labelOf(site);
    for (const { choices } of status.outcomes) {
      const chosen = choices.length === 0 ? '' : ` choosing ${choices.join(', ')}`;
      targets.push({
        kind: 'step',
        thread,
        choices,
        target: {
          id: targets.length + 1,
          label: `${program.threads[thread]?.name}: ${text}${chosen}`,
          ...(line === null
            ? {}
            : { line: line.line, column: line.column, endLine: line.endLine, endColumn: line.endColumn }),
        },
      });
    }
  }
  for (let to = session.cursor - 1; to >= 0 && to >= session.cursor - mostBack; to--) {
    const event = session.history.event(to + 1);
    const site = event?.kind === 'step' ? program.sites[event.site] : undefined;
    const text = event?.kind === 'set' ? event.text : site === undefined ? '' : labelOf(site);
    const who = event?.kind === 'step' ? `${program.threads[event.thread]?.name}: ` : '';
    const label = `Back to: before ${who}${text} (step ${to + 1})`;
    targets.push({ kind: 'back', to, target: { id: targets.length + 1, label } });
  }
  return targets;
}

/** Visits of a line in this run, earlier and later; the id of each is the state to go to. */
export function gotoTargetsOf(
  run: Run,
  source: DebugProtocol.Source,
  line: number,
): DebugProtocol.GotoTarget[] {
  const { session, program, project } = run;
  const uri = coreUri(uriOfSource(source));
  const targets: DebugProtocol.GotoTarget[] = [];
  for (let at = 1; at <= session.length; at++) {
    const event = session.history.event(at);
    if (event?.kind !== 'step') continue;
    const site = program.sites[event.site];
    const place = site === undefined ? null : lineOf(project, site.loc);
    if (site === undefined || place === null || place.uri !== uri || place.line !== line) continue;
    const label = `before step ${at} · ${nameOf(program, event.thread)}: ${labelOf(site)}`;
    targets.push({ id: at - 1, label, line, column: place.column });
    if (targets.length === mostVisits) break;
  }
  return targets;
}
