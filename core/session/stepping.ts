/**
 * The commands of a debugger as many steps of one run. A command moves the thread that it names and no other, except
 * `run`, which lets all of them go.
 */

import type { Loc } from '../semantics/hir.ts';
import { parkOf } from '../machine/state.ts';
import type { Session, StepResult } from './session.ts';
import { type StackFrame, stackOf } from './stack.ts';

/** line: until its line or function changes. over: the same, calls as a whole. out: until its function returns. instruction: one step. */
export type Stride = 'line' | 'over' | 'out' | 'instruction';

/** Which thread goes next in a run. */
export type Policy =
  /** The recorded future as far as there is one, then `stay`. */
  | { readonly kind: 'recorded' }
  /** The same thread as long as it can, then the next one that can. */
  | { readonly kind: 'stay'; readonly thread: number }
  /** Each thread in turn, one step each. */
  | { readonly kind: 'turns' }
  /** By chance; the same seed gives the same run. */
  | { readonly kind: 'random'; readonly seed: number };

export type Why =
  /** The command did what it says. */
  | 'done'
  /** `stopAt` said so. */
  | 'stop'
  /** The thread waits for something (`message` says for what), or nobody can move. */
  | 'blocked'
  /** The thread, or every thread, has nothing more to do. */
  | 'over'
  /** As many steps as one command may take. */
  | 'limit'
  /** The step was refused; nothing moved. */
  | 'refused';

export interface Stopped {
  readonly why: Why;
  /** For a person; empty for `done`. */
  readonly message: string;
  /** Thread that moved last, or that the command was for. */
  readonly thread: number | null;
  /** What `stopAt` answered. */
  readonly reason: string | null;
}

export interface Stops {
  /** Asked after each step; an answer ends the command. */
  readonly stopAt?: (session: Session) => string | null;
  /** Key of the line that a place stands on. */
  readonly lineOf: (loc: Loc) => string;
  /** Asked now and then; true ends the command. */
  readonly cancelled?: () => boolean;
  /** Steps that the command may take. */
  readonly most?: number;
  /** A command that began before goes on: both are undone as one. */
  readonly goesOn?: boolean;
}

const mostSteps = 100_000;

/** Moves one thread. A command that could not move at all leaves everything as it is and is `refused`. */
export function stepThread(session: Session, thread: number, stride: Stride, stops: Stops): Stopped {
  const { program, standing } = session;
  const begin = stackOf(program, session.state, thread);
  const stood = standing.stackOf(thread);
  const [top] = stood;
  const inner = begin[begin.length - stood.length - 1];
  if (stride === 'line' && inner !== undefined) {
    // It stands before a call: stepping into it shows the inside, and takes no step.
    standing.put(thread, inner.frame);
    return done(thread);
  }
  const line = top === undefined ? '' : stops.lineOf(top.loc);
  const park = parkOf(program, session.state, thread)?.at ?? -1;
  const start = session.cursor;
  const most = stops.most ?? mostSteps;
  for (let taken = 0; taken < most; taken++) {
    const moved = session.cursor > start;
    if (!moved) session.mark();
    const result = session.step(thread);
    if (result.kind === 'refused') return stuck(session, thread, moved, result);
    const reason = stops.stopAt?.(session) ?? null;
    if (reason !== null) return { why: 'stop', message: reason, thread, reason };
    const stack = stackOf(program, session.state, thread);
    if (stack.length === 0 || session.isFatal || session.status(thread).kind === 'over') return done(thread);
    if (stride === 'instruction') return done(thread);
    const again = parkOf(program, session.state, thread)?.at === park && session.cursor > start + 1;
    const frame = restingPlace(stack, stood, stride, (loc) => again || stops.lineOf(loc) !== line);
    if (frame !== null) {
      standing.put(thread, frame);
      return done(thread);
    }
    if (taken % 256 === 255 && stops.cancelled?.() === true) return cancelled(thread);
  }
  return limit(thread, most);
}

/** The frame in which a command that began in `stood` ends; null: it goes on. */
function restingPlace(
  stack: readonly StackFrame[],
  stood: readonly StackFrame[],
  stride: Stride,
  isElsewhere: (loc: Loc) => boolean,
): number | null {
  const own = stack.find(({ frame }) => frame === stood[0]?.frame);
  if (own === undefined) {
    // It has returned, perhaps straight into the next call of its caller.
    const outer = stack.find(({ frame }) => stood.some((one) => one.frame === frame));
    return outer?.frame ?? stack[0]?.frame ?? null;
  }
  if (stride === 'out') return null;
  if (isElsewhere(own.loc)) return own.frame;
  const [top] = stack;
  return stride === 'line' && top !== undefined && top.frame !== own.frame ? top.frame : null;
}

/** Moves threads by a policy until something stops it. */
export function run(session: Session, policy: Policy, stops: Stops): Stopped {
  let thread = policy.kind === 'stay' ? policy.thread : (session.ready()[0] ?? 0);
  let random = policy.kind === 'random' ? policy.seed | 0 : 0;
  const most = stops.most ?? mostSteps;
  if (stops.goesOn !== true) session.mark();
  for (let taken = 0; taken < most; taken++) {
    const next = session.history.event(session.cursor + 1);
    if (policy.kind === 'recorded' && session.cursor < session.length) {
      if (next?.kind === 'step') {
        thread = next.thread;
        const result = session.step(thread, next.choices);
        if (result.kind === 'refused') return refusedOf(thread, result);
      } else session.jump(session.cursor + 1);
    } else {
      const ready = session.ready();
      if (ready.length === 0) return nobody(session, thread);
      if (policy.kind === 'turns') thread = ready.find((one) => one > thread) ?? ready[0] ?? 0;
      else if (policy.kind === 'random') {
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) | 0;
        thread = ready[(random >>> 8) % ready.length] ?? 0;
      } else if (!ready.includes(thread)) thread = ready[0] ?? 0;
      const choices = policy.kind === 'random' ? chosen(session, thread, random >>> 4) : null;
      const result = session.step(thread, choices);
      if (result.kind === 'refused') return refusedOf(thread, result);
    }
    const reason = stops.stopAt?.(session) ?? null;
    if (reason !== null) return { why: 'stop', message: reason, thread, reason };
    if (session.isFatal) return { why: 'over', message: 'the run ended', thread, reason: null };
    if (taken % 64 === 63 && stops.cancelled?.() === true) return cancelled(thread);
  }
  return limit(thread, most);
}

/** Goes back, one state at a time, until `stopAt` says stop, or to the start. */
export function runBack(session: Session, stops: Stops): Stopped {
  const most = stops.most ?? mostSteps;
  for (let taken = 0; session.cursor > 0; taken++) {
    if (taken === most) return limit(moverOf(session), most);
    session.jump(session.cursor - 1);
    if (session.cursor === 0) break;
    const reason = stops.stopAt?.(session) ?? null;
    if (reason !== null) return { why: 'stop', message: reason, thread: moverOf(session), reason };
    if (session.cursor % 256 === 0 && stops.cancelled?.() === true) return cancelled(moverOf(session));
  }
  return { why: 'over', message: 'this is the start', thread: null, reason: null };
}

/** Thread of the event that led to the present; null at the start and for a value set by hand. */
export function moverOf(session: Session): number | null {
  const event = session.history.event(session.cursor);
  return event?.kind === 'step' ? event.thread : null;
}

function done(thread: number): Stopped {
  return { why: 'done', message: '', thread, reason: null };
}

function chosen(session: Session, thread: number, number: number): readonly bigint[] | null {
  const status = session.status(thread);
  if (status.kind !== 'ready') return null;
  return status.outcomes[number % status.outcomes.length]?.choices ?? null;
}

function stuck(
  session: Session,
  thread: number,
  moved: boolean,
  { message }: StepResult & { kind: 'refused' },
): Stopped {
  const waits = session.status(thread).kind === 'waits';
  return { why: moved ? (waits ? 'blocked' : 'over') : 'refused', message, thread, reason: null };
}

function nobody(session: Session, thread: number): Stopped {
  const waits = [...session.program.threads.keys()].flatMap((one) => {
    const status = session.status(one);
    return status.kind === 'waits' ? [status.why] : [];
  });
  return waits.length === 0
    ? { why: 'over', message: 'every thread is at its end', thread, reason: null }
    : { why: 'blocked', message: waits.join('; '), thread, reason: null };
}

function refusedOf(thread: number, { message }: StepResult & { kind: 'refused' }): Stopped {
  return { why: 'refused', message, thread, reason: null };
}

function cancelled(thread: number | null): Stopped {
  return { why: 'stop', message: 'paused', thread, reason: 'pause' };
}

function limit(thread: number | null, most: number): Stopped {
  const message = `stopped after ${most.toLocaleString('en-US')} steps`;
  return { why: 'limit', message, thread, reason: null };
}
