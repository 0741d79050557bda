/** Exhaustive breadth-first search with the interpreter: slow, and the judge of every faster one. */

import type { Program } from '../program/ir.ts';
import { reachedCircles } from './circle.ts';
import { threadsOf } from './explain.ts';
import { findingsOf, inspect } from './inspect.ts';
import { allSuccessors, initialStates } from './interpreter.ts';
import { hasEnded, type Judgement, judgeInvariants, reachedGoals } from './predicates.ts';
import type { Finding, SearchOptions, SearchResult, Step, Trace, Violation } from './result.ts';
import { keyOf, type State } from './state.ts';

/**
 * Order of evaluation, which every engine follows. For each state in breadth-first order: for each thread, for each
 * combination of choices: the findings of the step, then (unless it was fatal) the invariants and goals of the state it
 * leads to; then for the state itself: deadlock, final conditions, races. Initial states: findings, invariants, goals.
 * The budget's bytes are estimated.
 */
export function search(program: Program, options: SearchOptions): SearchResult {
  const { budget, now, onProgress } = options;
  const began = now();
  const nodes: Node[] = [];
  const seen = new Set<string>();
  const known = new Knowledge(program);
  let transitions = 0;
  let bytes = 0;
  let reason: string | null = null;

  const visit = (state: State, node: Omit<Node, 'state'>, thread: number | null): void => {
    const key = keyOf(program, state);
    if (seen.has(key)) return;
    if (nodes.length >= budget.maxStates) {
      reason ??= `stopped at ${budget.maxStates} states`;
      return;
    }
    seen.add(key);
    nodes.push({ ...node, state });
    bytes += 2 * key.length + state.image.length + 16 * state.threads.length;
    const trace = (): Trace => traceTo(nodes, nodes.length - 1);
    known.state(state, judgeInvariants(program, state, thread), trace);
  };

  for (const { choices, state, findings, covered } of initialStates(program)) {
    known.step(findings, covered, () => ({ start: choices, steps: [] }));
    if (state !== null) visit(state, { parent: null, start: choices, step: null, depth: 0 }, null);
  }
  let expanded = 0;
  const progress = () => ({
    states: nodes.length,
    transitions,
    depth: nodes.at(-1)?.depth ?? 0,
    frontier: nodes.length - expanded,
    bytes,
    milliseconds: now() - began,
  });
  for (; expanded < nodes.length && reason === null; expanded += 1) {
    const node = nodes[expanded];
    if (node === undefined) break;
    const here = expanded;
    const moves = allSuccessors(program, node.state);
    moves.forEach((move, thread) => {
      if (move.kind !== 'enabled') return;
      for (const { choices, state, findings, covered } of move.outcomes) {
        transitions += 1;
        const taken: Step = { thread, choices };
        known.step(findings, covered, () => extended(traceTo(nodes, here), taken));
        if (state !== null)
          visit(state, { parent: here, start: node.start, step: taken, depth: node.depth + 1 }, thread);
      }
    });
    const trace = (): Trace => traceTo(nodes, here);
    const { finals, findings } = inspect(program, node.state, moves);
    known.findings(findings, trace);
    known.finals(finals ?? []);
    const waits = moves.map((move) =>
      move.kind === 'blocked' ? { holders: threadsOf(program, move.holders), site: move.site } : null,
    );
    known.goalsReached(reachedCircles(program, waits), trace);

    if (reason !== null || expanded + 1 === nodes.length) continue;
    if (bytes > budget.maxBytes) reason = `stopped at ${budget.maxBytes} bytes`;
    else if (now() - began > budget.maxMilliseconds)
      reason = `stopped after ${budget.maxMilliseconds} milliseconds`;
    else if (expanded % 1000 === 999 && !onProgress(progress())) reason = 'cancelled';
  }
  const { states, depth, milliseconds } = progress();
  return {
    ...known.result(),
    complete: reason === null,
    reason,
    states,
    transitions,
    depth,
    milliseconds,
    bytes,
    reductions: [],
  };
}

/** A state that was found, and how it was found first. */
interface Node {
  readonly state: State;
  readonly parent: number | null;
  readonly start: readonly bigint[];
  readonly step: Step | null;
  readonly depth: number;
}

/** What has been learned so far. Traces are asked for only when they are kept. */
class Knowledge {
  private readonly program: Program;
  private readonly violations = new Map<string, Violation>();
  private readonly goals: (Trace | null)[];
  private readonly reached: boolean[];
  private readonly ended: boolean[];
  private readonly evaluated: boolean[];
  private readonly finalEvaluated: boolean[];

  constructor(program: Program) {
    this.program = program;
    this.goals = program.goals.map(() => null);
    this.reached = program.points.map(() => false);
    this.ended = program.threads.map(() => false);
    this.evaluated = program.invariants.map(() => false);
    this.finalEvaluated = program.finals.map(() => false);
  }

  step(findings: readonly Finding[], covered: readonly number[], trace: () => Trace): void {
    this.findings(findings, trace);
    for (const point of covered) this.reached[point] = true;
  }

  /** A state is seen for the first time. */
  state(state: State, invariants: readonly Judgement[], trace: () => Trace): void {
    this.findings(findingsOf(invariants), trace);
    invariants.forEach((one, index) => {
      if (one.evaluated) this.evaluated[index] = true;
    });
    this.goalsReached(reachedGoals(this.program, state), trace);
    this.program.threads.forEach((_, thread) => {
      if (hasEnded(this.program, state, thread)) this.ended[thread] = true;
    });
  }

  goalsReached(goals: readonly number[], trace: () => Trace): void {
    for (const goal of goals) this.goals[goal] ??= trace();
  }

  finals(finals: readonly Judgement[]): void {
    finals.forEach((one, index) => {
      if (one.evaluated) this.finalEvaluated[index] = true;
    });
  }

  findings(findings: readonly Finding[], trace: () => Trace): void {
    for (const finding of findings) {
      const key = `${finding.check} ${finding.site}`;
      if (!this.violations.has(key)) this.violations.set(key, { ...finding, trace: trace() });
    }
  }

  result(): Pick<
    SearchResult,
    'violations' | 'goals' | 'reached' | 'ended' | 'evaluated' | 'finalEvaluated'
  > {
    return {
      violations: [...this.violations.values()],
      goals: this.goals.map((trace, goal) => ({ goal, trace })),
      reached: this.reached,
      ended: this.ended,
      evaluated: this.evaluated,
      finalEvaluated: this.finalEvaluated,
    };
  }
}

function traceTo(nodes: readonly Node[], index: number): Trace {
  const steps: Step[] = [];
  let node = nodes[index];
  const start = node?.start ?? [];
  while (node !== undefined && node.step !== null && node.parent !== null) {
    steps.push(node.step);
    node = nodes[node.parent];
  }
  return { start, steps: steps.reverse() };
}

function extended(trace: Trace, step: Step): Trace {
  return { start: trace.start, steps: [...trace.steps, step] };
}
