/**
 * One stepping run: the present state in a history that can be walked in both directions. Changing the past makes a
 * fork: what came after is kept beside, to be gone back to.
 */

import { explainBlocked, nameOf } from '../machine/explain.ts';
import { findingsOf, inspect } from '../machine/inspect.ts';
import {
  allSuccessors,
  initialStates,
  type Outcome,
  start,
  step,
  type Successors,
} from '../machine/interpreter.ts';
import { isOver, judgeInvariants } from '../machine/predicates.ts';
import type { Finding, Step, Trace } from '../machine/result.ts';
import { parkOf, type State } from '../machine/state.ts';
import type { Program } from '../program/ir.ts';
import { type Event, History, mostEvents } from './history.ts';
import { Standing } from './standing.ts';

/** A run that was left when the past was changed. */
export interface Fork {
  /** The last state that it shares with the run that replaced it. */
  readonly at: number;
  /** What was changed there: `fault[1] moved instead of fault[0]`, `x = 3`. */
  readonly why: string;
  /** The events behind it. */
  readonly steps: readonly Step[];
}

export type ThreadStatus =
  | { readonly kind: 'ready'; readonly outcomes: readonly Outcome[] }
  /** `why`: `task zap waits at spin_lock(&l); held by vcpu fault[0]`. `holders`: numbers of threads. */
  | { readonly kind: 'waits'; readonly why: string; readonly holders: bigint; readonly site: number }
  /** At its end, or a daemon or interrupt with nothing to do. */
  | { readonly kind: 'over' };

export type StepResult =
  | { readonly kind: 'stepped' }
  /** `message` completes "cannot step: ". */
  | { readonly kind: 'refused'; readonly message: string };

/** Runs that were left are kept up to this number, the oldest go first. */
const mostForks = 20;

export type Started =
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'refused'; readonly message: string };

/** `choices`: those of the start, when a trace names them; else the first start there is. */
export function startSession(program: Program, choices: Trace['start'] | null = null): Started {
  const begin =
    choices === null
      ? initialStates(program).find(({ state }) => state !== null)
      : (start(program, choices) ?? undefined);
  if (begin === undefined)
    return { kind: 'refused', message: 'the scenario cannot start: a check ends every run in `init`' };
  if (begin.state === null) {
    const broken = program.checks[begin.findings.at(-1)?.check ?? -1]?.message ?? 'a check fails';
    return { kind: 'refused', message: `the scenario cannot start: ${broken}` };
  }
  return { kind: 'session', session: new Session(program, begin.choices, begin.state, begin.findings) };
}

/** Belongs to one user. Its states never change. */
export class Session {
  readonly program: Program;
  readonly history: History;
  readonly standing = new Standing(this);
  private readonly startFindings: readonly Finding[];
  private at = 0;
  private left: Fork[] = [];
  /** Where each forward command began, for undoing it as a whole; ascending. */
  private marks: number[] = [];
  /** Events from the start that nobody changed since `takeKept`. */
  private kept = 0;
  private readonly moves = new WeakMap<State, readonly Successors[]>();
  private readonly judged = new WeakMap<State, readonly Finding[]>();

  constructor(program: Program, choices: Trace['start'], state: State, findings: readonly Finding[]) {
    this.program = program;
    this.history = new History(program, choices, state);
    this.startFindings = findings;
  }

  /** The present: 0 is the start, n what the n-th event led to. */
  get cursor(): number {
    return this.at;
  }

  /** Number of events there are, those ahead of the present included. */
  get length(): number {
    return this.history.length;
  }

  get state(): State {
    return this.history.state(this.at);
  }

  get forks(): readonly Fork[] {
    return this.left;
  }

  /** The run is over: its last step broke a fatal check. */
  get isFatal(): boolean {
    const event = this.history.event(this.at);
    return event?.kind === 'step' && event.fatal;
  }

  successorsAt(state: State): readonly Successors[] {
    let moves = this.moves.get(state);
    if (moves === undefined) {
      moves = allSuccessors(this.program, state);
      this.moves.set(state, moves);
    }
    return moves;
  }

  status(thread: number, state: State = this.state): ThreadStatus {
    const move = this.successorsAt(state)[thread];
    if (move === undefined || move.kind === 'ended' || this.isFatal) return { kind: 'over' };
    if (move.kind === 'enabled') return { kind: 'ready', outcomes: move.outcomes };
    if (isOver(this.program, state, thread, move)) return { kind: 'over' };
    const { holders, site } = move;
    return { kind: 'waits', why: explainBlocked(this.program, thread, move), holders, site };
  }

  /** Threads that can move now. */
  ready(): readonly number[] {
    return [...this.program.threads.keys()].filter((thread) => this.status(thread).kind === 'ready');
  }

  /** What is wrong in a state or was in the step to it: of the step, of invariants, deadlock, final conditions, races. */
  findings(at: number = this.at): readonly Finding[] {
    const event = this.history.event(at);
    const own = event === null ? this.startFindings : event.kind === 'step' ? event.findings : [];
    if (event?.kind === 'step' && event.fatal) return own;
    const state = this.history.state(at);
    let judged = this.judged.get(state);
    if (judged === undefined) {
      const thread = event?.kind === 'step' ? event.thread : null;
      judged = [
        ...findingsOf(judgeInvariants(this.program, state, thread)),
        ...inspect(this.program, state, this.successorsAt(state)).findings,
      ];
      this.judged.set(state, judged);
    }
    return [...own, ...judged];
  }

  /**
   * Moves a thread by one step. `choices` null: as the recorded future does if this thread moves next in it, else the
   * first outcome there is. A step that the recorded future takes too only goes there; any other makes a fork.
   */
  step(thread: number, choices: readonly bigint[] | null = null): StepResult {
    if (this.program.threads[thread] === undefined) return refused(`there is no thread ${thread}`);
    const next = this.history.event(this.at + 1);
    const recorded = next?.kind === 'step' && next.thread === thread ? next : null;
    if (recorded !== null && (choices === null || sameChoices(choices, recorded.choices))) {
      this.at++;
      return { kind: 'stepped' };
    }
    if (this.isFatal)
      return refused('the run ended with a check that failed; step back to go on differently');
    const { state } = this;
    const taken = this.outcome(thread, choices, state);
    if ('message' in taken) return taken;
    if (this.at >= mostEvents)
      return refused(`a run has at most ${mostEvents.toLocaleString('en-US')} steps`);
    this.leave(`${nameOf(this.program, thread)} moved`);
    if (this.history.isFull) return refused('the run takes all the memory that a run may have');
    const site = parkOf(this.program, state, thread)?.site ?? 0;
    const event: Event = {
      kind: 'step',
      thread,
      choices: taken.choices,
      site,
      accesses: taken.accesses,
      findings: taken.findings,
      fatal: taken.state === null,
    };
    this.history.append(event, state, taken.state ?? state);
    this.at++;
    return { kind: 'stepped' };
  }

  /** A state that somebody made by hand, from the present one; it makes a fork. */
  set(text: string, accesses: Event['accesses'], after: State): StepResult {
    if (this.isFatal) return refused('the run is over; step back first');
    this.leave(text);
    if (this.history.isFull) return refused('the run takes all the memory that a run may have');
    this.mark();
    this.history.append({ kind: 'set', text, accesses }, this.state, after);
    this.at++;
    return { kind: 'stepped' };
  }

  /** To any state of the run; a number out of range counts as the nearest. */
  jump(to: number): void {
    this.at = Math.max(0, Math.min(Math.trunc(to), this.length));
    this.marks = this.marks.filter((mark) => mark < this.at);
  }

  /** How many events from the start are as they were when this was asked last, for views that remember them. */
  takeKept(): number {
    const kept = Math.min(this.kept, this.length);
    this.kept = Number.MAX_SAFE_INTEGER;
    return kept;
  }

  /** Here a forward command begins. */
  mark(): void {
    if (this.marks.at(-1) !== this.at) this.marks.push(this.at);
  }

  /** Undoes the last forward command as a whole; where none is known, one step. False at the start. */
  undo(): boolean {
    if (this.at === 0) return false;
    // Of a command that could not move, the mark is where the run stands.
    this.jump(this.marks.findLast((mark) => mark < this.at) ?? this.at - 1);
    return true;
  }

  /** Goes back to a run that was left; the present one is kept in its place. */
  takeFork(index: number): StepResult {
    const fork = this.left[index];
    if (fork === undefined) return refused('there is no such run');
    this.left = this.left.filter((one) => one !== fork);
    this.jump(fork.at);
    this.leave('went back to an earlier run');
    return this.follow(fork.steps);
  }

  /** Takes these steps from the present on, without stopping between; the present is then behind the last. */
  follow(steps: readonly Step[]): StepResult {
    for (const [index, { thread, choices }] of steps.entries()) {
      const result = this.step(thread, choices);
      if (result.kind === 'refused') return refused(`step ${index + 1}: ${result.message}`);
    }
    return { kind: 'stepped' };
  }

  /** The run up to a state as a trace; null when values were set by hand, which no execution does. */
  trace(until: number = this.at): Trace | null {
    const steps: Step[] = [];
    for (let at = 1; at <= until; at++) {
      const event = this.history.event(at);
      if (event?.kind !== 'step') return null;
      steps.push({ thread: event.thread, choices: event.choices });
    }
    return { start: this.history.start, steps };
  }

  private outcome(
    thread: number,
    choices: readonly bigint[] | null,
    state: State,
  ): Outcome | (StepResult & { readonly kind: 'refused' }) {
    if (choices !== null) {
      const made = step(this.program, state, thread, choices);
      if (made.kind === 'done') return made;
      if (made.kind === 'ended') return refused(`${nameOf(this.program, thread)} has ended`);
      return refused(made.kind === 'refused' ? made.reason : explainBlocked(this.program, thread, made));
    }
    const status = this.status(thread, state);
    if (status.kind === 'over') return refused(`${nameOf(this.program, thread)} has nothing more to do`);
    if (status.kind === 'waits') return refused(status.why);
    return status.outcomes[0] ?? refused(`${nameOf(this.program, thread)} has no way to go on`);
  }

  /** What lies ahead becomes a fork. */
  private leave(why: string): void {
    if (this.at === this.length) return;
    this.kept = Math.min(this.kept, this.at);
    const steps: Step[] = [];
    for (let at = this.at + 1; at <= this.length; at++) {
      const event = this.history.event(at);
      if (event?.kind !== 'step') break;
      steps.push({ thread: event.thread, choices: event.choices });
    }
    if (steps.length > 0) this.left = [...this.left, { at: this.at, why, steps }].slice(-mostForks);
    this.history.cut(this.at);
  }
}

function sameChoices(a: readonly bigint[], b: readonly bigint[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function refused(message: string): StepResult & { readonly kind: 'refused' } {
  return { kind: 'refused', message };
}
