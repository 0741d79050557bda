/** The reference interpreter: initial states, and every outcome of one step of one thread. */

import type { Program, ThreadCode } from '../program/ir.ts';
import type { Finding } from './result.ts';
import { type Choice, type Effects, type Origin, type Run, run } from './run.ts';
import { codeOf, parkAt, parkOf, rest, type State, type ThreadState } from './state.ts';

/** One way a step, or the start of the program, can go. */
export interface Outcome extends Effects {
  /** Value of each choice, signed, in order. */
  readonly choices: readonly bigint[];
  /** null: the path ends here, with the last of `findings`. */
  readonly state: State | null;
}

export interface Blocked {
  readonly kind: 'blocked';
  /** Mask of the threads it waits for, whatever it chooses; 0 when nobody is known. */
  readonly holders: bigint;
  /** Site of the first assume that failed. */
  readonly site: number;
}

export type Successors =
  /** At least one, in ascending order of their choices. */
  { readonly kind: 'enabled'; readonly outcomes: readonly Outcome[] } | Blocked | { readonly kind: 'ended' };

/** Every outcome of the next step of a thread. */
export function successors(program: Program, state: State, thread: number): Successors {
  const origin = originOf(program, state, thread);
  if (origin === null) return { kind: 'ended' };
  const { done, blocked } = allRuns(program, origin);
  if (done.length === 0) return { kind: 'blocked', ...blocked };
  return { kind: 'enabled', outcomes: done.map((one) => outcomeOf(one, origin.code, state, thread)) };
}

/** The outcomes of every thread, by number. */
export function allSuccessors(program: Program, state: State): readonly Successors[] {
  return program.threads.map((_, thread) => successors(program, state, thread));
}

/** The outcome of a step under given choices. Refused, with the reason, when it has not these choices to make. */
export function step(
  program: Program,
  state: State,
  thread: number,
  choices: readonly bigint[],
):
  | ({ readonly kind: 'done' } & Outcome)
  | Blocked
  | { readonly kind: 'ended' }
  | { readonly kind: 'refused'; readonly reason: string } {
  const origin = originOf(program, state, thread);
  if (origin === null) return { kind: 'ended' };
  const result = run(program, origin, choices);
  if (result.kind === 'refused') return { kind: 'refused', reason: result.reason };
  if (result.choices.length !== choices.length) {
    return {
      kind: 'refused',
      reason: `the step makes ${result.choices.length} choices, and ${choices.length} are given`,
    };
  }
  if (result.kind === 'blocked') return { kind: 'blocked', holders: result.holders, site: result.site };
  return { kind: 'done', ...outcomeOf(result, origin.code, state, thread) };
}

/**
 * Every way the program can start, in ascending order of choices: `init` runs alone, then the local code of each thread
 * up to its first park. A start without a state ended in its last finding; code that cannot go on is a `deadlock`.
 */
export function initialStates(program: Program): readonly Outcome[] {
  return startsWith(program, () => true);
}

/** The start with exactly these choices; null when there is none. */
export function start(program: Program, choices: readonly bigint[]): Outcome | null {
  const found = startsWith(program, (value, index) => value === choices[index]);
  return found.find((one) => one.choices.length === choices.length) ?? null;
}

// ---------------------------------------------------------------- steps

type Done = Run & { readonly kind: 'rest' | 'fatal' };

/** Runs code under every combination of choices, in ascending order. `blocked` speaks of those that failed an assume. */
function allRuns(
  program: Program,
  origin: Origin,
): { done: Done[]; blocked: { holders: bigint; site: number } } {
  const done: Done[] = [];
  // A step with choices waits only for whom every choice waits for: any one of them would let it go on.
  let holders = (1n << 64n) - 1n;
  let site: number | null = null;
  for (let script: readonly bigint[] | null = []; script !== null; ) {
    const one: Run = run(program, origin, script);
    if (one.kind === 'rest' || one.kind === 'fatal') done.push(one);
    if (one.kind === 'blocked') {
      holders &= one.holders;
      site ??= one.site;
    }
    script = nextScript(one.choices);
  }
  return { done, blocked: { holders, site: site ?? origin.site } };
}

/** The odometer: the last choice that can go up does, and those behind it begin again. */
function nextScript(choices: readonly Choice[]): readonly bigint[] | null {
  const turning = choices.findLastIndex((one) => one.value < one.high);
  if (turning < 0) return null;
  return choices.slice(0, turning + 1).map((one, index) => (index === turning ? one.value + 1n : one.value));
}

function originOf(program: Program, state: State, thread: number): Origin | null {
  const code = codeOf(program, thread);
  const park = parkOf(program, state, thread);
  const registers = state.threads[thread]?.registers;
  if (code === null || park === null || registers === undefined) return null;
  const param = program.threads[thread]?.param ?? 0n;
  return {
    code,
    pc: park.at + 1,
    registers,
    image: state.image,
    self: thread,
    param,
    loops: 0,
    site: park.site,
  };
}

function outcomeOf(done: Done, code: ThreadCode, before: State, thread: number): Outcome {
  return {
    choices: done.choices.map((one) => one.value),
    state:
      done.kind === 'fatal'
        ? null
        : { image: done.image, threads: before.threads.with(thread, rest(code, done.pc, done.registers)) },
    findings: done.findings,
    covered: done.covered,
    accesses: done.accesses,
  };
}

// ---------------------------------------------------------------- the start

/** A start on its way, at unit -1 (init) or at a thread. */
interface Part {
  readonly unit: number;
  readonly image: Uint8Array;
  readonly threads: readonly ThreadState[];
  /** What runs next; null when every thread has come to rest, or the path ended. */
  readonly origin: Origin | null;
}

/** What happened on the way; parts share what they have in common, and do not keep its images. */
interface Trail extends Effects {
  readonly before: Trail | null;
  readonly choices: readonly bigint[];
  /** Choices made up to here. */
  readonly made: number;
}

/** The starts whose choices, from the first on, are wanted. */
function startsWith(program: Program, wanted: (value: bigint, index: number) => boolean): Outcome[] {
  const starts: Outcome[] = [];
  const { image } = program.memory;
  const init = startOf(program.init, image, program.threads.length, 0n);
  const stack: { part: Part | null; trail: Trail | null }[] = [
    { part: { unit: -1, image, threads: [], origin: init }, trail: null },
  ];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { part, trail } = top;
    if (part === null || part.origin === null) {
      starts.push({
        ...effectsOf(trail),
        state: part === null ? null : { image: part.image, threads: part.threads },
      });
      continue;
    }
    const { done, blocked } = allRuns(program, part.origin);
    if (done.length === 0) {
      const effects = effectsOf(trail);
      starts.push({
        ...effects,
        state: null,
        findings: [...effects.findings, stuck(program, part.unit, blocked)],
      });
    }
    const { origin } = part;
    const made = trail?.made ?? 0;
    const next = done
      .map((one) => ({ one, choices: one.choices.map((choice) => choice.value) }))
      .filter(({ choices }) => choices.every((value, index) => wanted(value, made + index)))
      .map(({ one, choices }) => ({
        part: one.kind === 'rest' ? proceed(program, part, origin, one) : null,
        trail: {
          before: trail,
          choices,
          made: made + choices.length,
          findings: one.findings,
          covered: one.covered,
          accesses: one.accesses,
        },
      }));
    stack.push(...next.reverse());
  }
  return starts;
}

function effectsOf(last: Trail | null): Omit<Outcome, 'state'> {
  const way: Trail[] = [];
  for (let trail = last; trail !== null; trail = trail.before) way.push(trail);
  way.reverse();
  return {
    choices: way.flatMap((one) => one.choices),
    findings: way.flatMap((one) => one.findings),
    covered: way.flatMap((one) => one.covered),
    accesses: way.flatMap((one) => one.accesses),
  };
}

/** What runs after a part's code has come to rest: the rest of `init`, the next thread, or nothing. */
function proceed(program: Program, part: Part, origin: Origin, done: Run & { readonly kind: 'rest' }): Part {
  const { code } = origin;
  const { pc, registers, image, loops } = done;
  const park = parkAt(code, pc);
  if (part.unit < 0 && park !== null) {
    return { ...part, image, origin: { ...origin, pc: pc + 1, registers, image, loops, site: park.site } };
  }
  const unit = part.unit + 1;
  const next = codeOf(program, unit);
  return {
    unit,
    image,
    threads: part.unit < 0 ? [] : [...part.threads, rest(code, pc, registers)],
    origin: next === null ? null : startOf(next, image, unit, program.threads[unit]?.param ?? 0n),
  };
}

function startOf(code: ThreadCode, image: Uint8Array, self: number, param: bigint): Origin {
  const registers = Array.from({ length: code.regs }, () => 0n);
  return { code, pc: 0, registers, image, self, param, loops: 0, site: firstSite(code) };
}

/** What is shown for code that runs before any park. */
export function firstSite(code: ThreadCode): number {
  if (code.begin !== undefined) return code.begin;
  const withSite = code.instrs.find((instr) => 'site' in instr);
  return code.parks[0]?.site ?? (withSite !== undefined && 'site' in withSite ? withSite.site : 0);
}

function stuck(program: Program, unit: number, blocked: { readonly site: number }): Finding {
  const who = unit < 0 ? 'init' : (program.threads[unit]?.name ?? '');
  return {
    check: program.builtin.deadlock,
    site: blocked.site,
    thread: unit < 0 ? null : unit,
    detail: `${who} cannot start`,
  };
}
