/** Following a recorded trace step by step, and making sure that a violation is real. */

import type { Program } from '../program/ir.ts';
import { explainBlocked, nameOf } from './explain.ts';
import { findingsOf, inspect } from './inspect.ts';
import { allSuccessors, start, step } from './interpreter.ts';
import { judgeInvariants } from './predicates.ts';
import type { Finding, Step, Trace, Violation } from './result.ts';
import type { State } from './state.ts';

export interface ReplayedStep {
  readonly step: Step;
  readonly before: State;
  /** null: the step ended the path, with the last of its findings. */
  readonly after: State | null;
  /** Of the step, then of the invariants in the state it led to. */
  readonly findings: readonly Finding[];
}

export interface Replay {
  /** The initial state (null: the start ended the path) and what was found on the way there and in it. */
  readonly start: { readonly state: State | null; readonly findings: readonly Finding[] };
  /** As far as the trace could be followed. */
  readonly steps: readonly ReplayedStep[];
  /** What is wrong with the last state itself: deadlock, final conditions, data races. */
  readonly last: readonly Finding[];
  /** null: followed to its end. Else the index of the step that cannot be taken (-1: the start) and the reason. */
  readonly failure: { readonly at: number; readonly reason: string } | null;
}

export function replay(program: Program, trace: Trace): Replay {
  const begin = start(program, trace.start);
  if (begin === null) {
    const reason = 'the program has no start with these choices';
    return { start: { state: null, findings: [] }, steps: [], last: [], failure: { at: -1, reason } };
  }
  const started = {
    state: begin.state,
    findings: [
      ...begin.findings,
      ...(begin.state === null ? [] : findingsOf(judgeInvariants(program, begin.state, null))),
    ],
  };
  const steps: ReplayedStep[] = [];
  let state = begin.state;
  const stop = (reason: string | null): Replay => ({
    start: started,
    steps,
    last: state === null ? [] : inspect(program, state, allSuccessors(program, state)).findings,
    failure: reason === null ? null : { at: steps.length, reason },
  });
  for (const next of trace.steps) {
    if (state === null) return stop('the path ended before');
    if (program.threads[next.thread] === undefined) return stop(`there is no thread ${next.thread}`);
    const outcome = step(program, state, next.thread, next.choices);
    if (outcome.kind === 'ended') return stop(`${nameOf(program, next.thread)} has ended`);
    if (outcome.kind === 'blocked') return stop(explainBlocked(program, next.thread, outcome));
    if (outcome.kind === 'refused') return stop(outcome.reason);
    const after = outcome.state;
    const invariants = after === null ? [] : findingsOf(judgeInvariants(program, after, next.thread));
    steps.push({ step: next, before: state, after, findings: [...outcome.findings, ...invariants] });
    state = after;
  }
  return stop(null);
}

/** null: the trace leads to this violation. Else why it does not, in words. */
export function refute(program: Program, violation: Violation): string | null {
  const { start: begin, steps, last, failure } = replay(program, violation.trace);
  if (failure !== null)
    return failure.at < 0 ? failure.reason : `step ${failure.at + 1} cannot be taken: ${failure.reason}`;
  const found = [...(steps.at(-1)?.findings ?? begin.findings), ...last];
  const same = found.some((one) => one.check === violation.check && one.site === violation.site);
  return same
    ? null
    : `the trace does not end in ${program.checks[violation.check]?.name ?? 'this violation'}`;
}
