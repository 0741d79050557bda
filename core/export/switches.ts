import { start, step } from '../machine/interpreter.ts';
import type { Step, Trace } from '../machine/result.ts';
import { keyOf, type State } from '../machine/state.ts';
import type { Program } from '../program/ir.ts';

/** Attempts to move a block of steps, at most: a long trace is shown as it was found rather than late. */
const ATTEMPTS = 2_000;

/**
 * The same steps with fewer changes of thread, so that a person can follow: a search finds a shortest trace, and among
 * the shortest one that jumps back and forth as good as any. A thread's steps are moved past those of others
 * only where that leads to the same state. The last step stays the last, because it is the one that matters.
 */
export function withFewSwitches(program: Program, trace: Trace): Trace {
  const begin = start(program, trace.start)?.state ?? null;
  const states = begin === null ? null : statesAlong(program, begin, trace.steps.slice(0, -1));
  if (states === null) return trace;
  const run: Run = { program, steps: [...trace.steps], states, attempts: 0 };
  while (run.attempts < ATTEMPTS && improve(run));
  return { start: trace.start, steps: run.steps };
}

/** `states[n]` is the state before `steps[n]`. */
interface Run {
  readonly program: Program;
  readonly steps: Step[];
  readonly states: State[];
  attempts: number;
}

/** Makes one block of two blocks of a thread, if any two can be joined. */
function improve(run: Run): boolean {
  const blocks = blocksOf(run.steps);
  for (const [index, first] of blocks.entries()) {
    const next = blocks.findIndex(({ thread }, other) => other > index && thread === first.thread);
    const second = blocks[next];
    if (second === undefined) continue;
    // Moving the later one up first, so that the thread that begins goes on beginning.
    if (second.to < run.steps.length && exchange(run, first.to, second.from, second.to)) return true;
    if (exchange(run, first.from, first.to, second.from)) return true;
  }
  return false;
}

interface Block {
  readonly thread: number;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

function blocksOf(steps: readonly Step[]): readonly Block[] {
  const blocks: Block[] = [];
  for (const [index, { thread }] of steps.entries()) {
    const last = blocks.at(-1);
    if (last?.thread === thread) blocks[blocks.length - 1] = { ...last, to: index + 1 };
    else blocks.push({ thread, from: index, to: index + 1 });
  }
  return blocks;
}

/** Puts the steps `middle..to` before `from..middle`, if that leads to the same state. */
function exchange(run: Run, from: number, middle: number, to: number): boolean {
  const before = run.states[from];
  const after = run.states[to];
  if (before === undefined || after === undefined || run.attempts >= ATTEMPTS) return false;
  run.attempts += 1;
  const steps = [...run.steps.slice(middle, to), ...run.steps.slice(from, middle)];
  const states = statesAlong(run.program, before, steps);
  const last = states?.at(-1);
  if (states == null || last === undefined || keyOf(run.program, last) !== keyOf(run.program, after))
    return false;
  run.steps.splice(from, steps.length, ...steps);
  run.states.splice(from, states.length, ...states);
  return true;
}

/** The states before each step and behind the last; null when a step cannot be taken. */
function statesAlong(program: Program, begin: State, steps: readonly Step[]): State[] | null {
  const states = [begin];
  for (const { thread, choices } of steps) {
    const outcome = step(program, states.at(-1) ?? begin, thread, choices);
    if (outcome.kind !== 'done' || outcome.state === null) return null;
    states.push(outcome.state);
  }
  return states;
}
