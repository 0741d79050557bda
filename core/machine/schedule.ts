/** Following a schedule of the scenario: which actor moves, and how far. */

import { LOOP_LIMIT, type Program } from '../program/ir.ts';
import type { LValue, Schedule } from '../semantics/hir.ts';
import { explainBlocked, nameOf } from './explain.ts';
import { initialStates, type Outcome, successors } from './interpreter.ts';
import type { Access } from './memory.ts';
import type { Step, Trace } from './result.ts';
import { addressOf } from './predicates.ts';
import { waitingStores } from './storeBuffers.ts';
import { keyOf, parkOf, type State } from './state.ts';

/** Where a place named in `until load|store of` stands; null when that is not known. */
export type PlaceOf = (
  place: LValue,
  state: State,
) => { readonly address: bigint; readonly bytes: number } | null;

/** Places as the program computes them in the state at hand. */
export function placesOf(program: Program): PlaceOf {
  return (lvalue, state) => {
    const place = program.places.get(lvalue);
    const address = place === undefined ? null : addressOf(program, state, place.address);
    return place === undefined || address === null ? null : { address, bytes: place.bytes };
  };
}

export type ScheduleRun =
  | { readonly kind: 'followed'; readonly trace: Trace }
  /** A fatal violation, in the last step of the trace, ended it during this move. */
  | { readonly kind: 'ended'; readonly trace: Trace; readonly move: number }
  /** It could be followed up to here. `move` is -1 when the program cannot start. */
  | {
      readonly kind: 'blocked';
      readonly trace: Trace;
      readonly move: number;
      readonly thread: number | null;
      readonly reason: string;
    };

type Move = Schedule['moves'][number];
type Until = Move['until'];

/**
 * Starts in the first initial state. Where a move names no choices (or no more of them), the first outcome that is
 * enabled is taken. `until` a label or an access: a thread that stands there already has arrived, unless a move took
 * it there just so; `until` end: a daemon or an optional interrupt runs once round to its head.
 */
export function runSchedule(program: Program, schedule: Schedule, placeOf: PlaceOf): ScheduleRun {
  const begin = initialStates(program).find((one) => one.state !== null);
  if (begin === undefined || begin.state === null) {
    return {
      kind: 'blocked',
      trace: { start: [], steps: [] },
      move: -1,
      thread: null,
      reason: 'the program cannot start',
    };
  }
  // A schedule that names no store buffer says nothing about them: its stores are visible at once.
  const isLazy = schedule.moves.some(({ actor }) => /^store_buffer\b/.test(actor));
  const follower = new Follower(program, begin.state, placeOf, isLazy);
  for (const [move, one] of schedule.moves.entries()) {
    const thread = threadNamed(program, one.actor);
    const stopped = thread < 0 ? { reason: `there is no actor ${one.actor}` } : follower.follow(thread, one);
    const trace = { start: begin.choices, steps: follower.steps };
    if (stopped === 'ended') return { kind: 'ended', trace, move };
    if (stopped !== null)
      return { kind: 'blocked', trace, move, thread: thread < 0 ? null : thread, reason: stopped.reason };
  }
  return { kind: 'followed', trace: { start: begin.choices, steps: follower.steps } };
}

/** `fault[0]`, `zap`; `callback[1]` is the second thread of a family over objects, in the order of memory. -1: there is none. */
function threadNamed(program: Program, actor: string): number {
  const named = program.threads.findIndex(({ name }) => name === actor);
  const member = /^(.*)\[(\d+)\]$/.exec(actor);
  if (named >= 0 || member === null) return named;
  const ofFamily = (index: number): boolean =>
    program.threads[index]?.name.startsWith(`${member[1]}(`) === true;
  const first = program.threads.findIndex((_, index) => ofFamily(index));
  const thread = first + Number(member[2]);
  return first >= 0 && ofFamily(thread) ? thread : -1;
}

type Stopped = 'ended' | { readonly reason: string } | null;

class Follower {
  readonly steps: Step[] = [];
  private readonly program: Program;
  private readonly placeOf: PlaceOf;
  private readonly isLazy: boolean;
  private state: State;
  /** Threads that stand where an `until` took them. */
  private readonly arrivedBefore = new Set<number>();

  constructor(program: Program, state: State, placeOf: PlaceOf, isLazy: boolean) {
    this.program = program;
    this.state = state;
    this.placeOf = placeOf;
    this.isLazy = isLazy;
  }

  /** null: the move is done. */
  follow(thread: number, move: Move): Stopped {
    const { until } = move;
    let choices = move.choices.map(BigInt);
    const seen = new Set<string>();
    for (let taken = 0; ; taken += 1) {
      const arrived = this.hasArrived(thread, until, taken);
      if (arrived === 'unknown') return { reason: 'the place is not known' };
      if (arrived) {
        if (until.kind !== 'steps' && until.kind !== 'end') this.arrivedBefore.add(thread);
        return null;
      }
      const name = nameOf(this.program, thread);
      if (parkOf(this.program, this.state, thread) === null)
        return { reason: `${name} ended before it came to ${textOf(until)}` };
      const key = `${choices.length} ${keyOf(this.program, this.state)}`;
      const round = until.kind !== 'steps' && seen.has(key);
      if (round || taken >= LOOP_LIMIT)
        return { reason: `${name} goes round and never comes to ${textOf(until)}` };
      seen.add(key);
      const outcome = this.choose(thread, choices);
      if ('reason' in outcome) return outcome;
      choices = choices.slice(outcome.choices.length);
      this.steps.push({ thread, choices: outcome.choices });
      this.arrivedBefore.delete(thread);
      if (outcome.state === null) return 'ended';
      this.state = outcome.state;
      if (!this.isLazy && !this.drain(thread)) return 'ended';
    }
  }

  /** Makes the waiting stores of a thread visible; false when that ended the run. */
  private drain(thread: number): boolean {
    const drain = this.program.buffers?.find((one) => one.thread === thread)?.drain;
    if (drain === undefined) return true;
    while (waitingStores(this.program, this.state.image, thread).length > 0) {
      const outcome = this.choose(drain, []);
      if ('reason' in outcome) return true;
      this.steps.push({ thread: drain, choices: [] });
      if (outcome.state === null) return false;
      this.state = outcome.state;
    }
    return true;
  }

  /** The first outcome that makes the given choices, as far as they reach. */
  private choose(thread: number, choices: readonly bigint[]): Outcome | { readonly reason: string } {
    const moves = successors(this.program, this.state, thread);
    const name = nameOf(this.program, thread);
    if (moves.kind === 'ended') return { reason: `${name} has ended` };
    if (moves.kind === 'blocked') return { reason: explainBlocked(this.program, thread, moves) };
    const fits = (one: Outcome): boolean =>
      one.choices.every((value, index) => index >= choices.length || value === choices[index]);
    return moves.outcomes.find(fits) ?? { reason: `${name} cannot choose ${choices.join(', ')} here` };
  }

  private hasArrived(thread: number, until: Until, taken: number): boolean | 'unknown' {
    const park = parkOf(this.program, this.state, thread);
    switch (until.kind) {
      case 'steps':
        return taken === until.count;
      case 'end':
        return park === null || (park.head && (taken > 0 || this.isIdleDaemon(thread)));
      case 'label':
        return park?.labels.includes(until.label) === true && !this.arrivedBefore.has(thread);
      case 'load':
      case 'store': {
        const place = this.placeOf(until.lvalue, this.state);
        if (place === null) return 'unknown';
        return (
          !this.arrivedBefore.has(thread) &&
          this.isBefore(thread, { ...place, write: until.kind === 'store' })
        );
      }
    }
  }

  private isIdleDaemon(thread: number): boolean {
    return (
      this.program.threads[thread]?.ending === 'daemon' &&
      successors(this.program, this.state, thread).kind === 'blocked'
    );
  }

  /** Whether the next step makes an access of this kind to these bytes. Marked accesses are known only by trying the step. */
  private isBefore(thread: number, wanted: Access): boolean {
    const park = parkOf(this.program, this.state, thread);
    const action = this.program.sites[park?.site ?? -1]?.action ?? 'none';
    if (action === (wanted.write ? 'load' : 'store')) return false;
    const moves = successors(this.program, this.state, thread);
    if (moves.kind !== 'enabled') return false;
    // A store that only enters the store buffer is known by what then waits there.
    const entered = (one: Outcome): readonly Access[] =>
      one.state === null
        ? []
        : waitingStores(this.program, one.state.image, thread)
            .slice(waitingStores(this.program, this.state.image, thread).length)
            .map(({ address, bytes }) => ({ address, bytes, write: true }));
    return moves.outcomes.some((one) =>
      [...one.accesses, ...entered(one)].some((access) => covers(access, wanted)),
    );
  }
}

function covers(access: Access, wanted: Access): boolean {
  const overlap =
    access.address < wanted.address + BigInt(wanted.bytes) &&
    wanted.address < access.address + BigInt(access.bytes);
  return access.write === wanted.write && overlap;
}

function textOf(until: Until): string {
  switch (until.kind) {
    case 'end':
      return 'its end';
    case 'label':
      return until.label;
    case 'load':
    case 'store':
      return `a ${until.kind} of that place`;
    case 'steps':
      return `${until.count} steps`;
  }
}
