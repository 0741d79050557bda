/** Breadth-first search over every interleaving of a program, on generated code. */

import type { Program } from '../program/ir.ts';
import { reachedCircles } from '../machine/circle.ts';
import { findCircle, type Wait } from './deadlock.ts';
import { describeWait } from './describe.ts';
import { type Engine, prepare } from './engine.ts';
import { event } from './explorer.ts';
import { CHOICE_LIMIT } from './layout.ts';
import { type Origin, Recorder } from './record.ts';
import type { Progress, SearchOptions, SearchResult } from './result.ts';
import { forEachStart } from './start.ts';
import { inserted } from './storeCode.ts';
import { NO_PARENT, Tracer } from './trace.ts';

/** Attempts between two looks at the clock. */
const BATCH = 8192;

/**
 * Explores every reachable state, each once, in the order of discovery: for each state, each thread, each combination of
 * choices. Deterministic; every trace is a shortest one. Never throws: what cannot be finished is told in `reason`.
 */
export function search(program: Program, options: SearchOptions): SearchResult {
  const began = options.now();
  const prepared = prepare(program, options.budget.maxBytes);
  if (prepared.kind === 'refused') return nothing(program, prepared.reason, options.now() - began);
  return new Search(prepared.engine, options, began).run();
}

class Search {
  private readonly engine: Engine;
  private readonly program: Program;
  private readonly options: SearchOptions;
  private readonly began: number;
  private readonly recorder: Recorder;
  /** Why the search is not complete. */
  private reason: string | null = null;
  /** Nothing more is tried. A bound on states gives a reason before that, so that its last state is still expanded. */
  private halted = false;
  private transitions = 0;

  constructor(engine: Engine, options: SearchOptions, began: number) {
    this.engine = engine;
    this.program = engine.program;
    this.options = options;
    this.began = began;
    this.recorder = new Recorder(engine);
  }

  run(): SearchResult {
    const { engine } = this;
    engine.global('stateLimit').value = Math.min(this.options.budget.maxStates, 0xffff_fffe) | 0;
    this.start();
    if (this.reason === null) this.explore();
    const { states, depth, milliseconds, bytes } = this.progress();
    const tracer = new Tracer(engine);
    return {
      ...this.recorder.result((origin) => tracer.traceOf(origin)),
      complete: this.reason === null,
      reason: this.reason,
      states,
      transitions: this.transitions,
      depth,
      milliseconds,
      bytes,
      reductions: [],
    };
  }

  // -------------------------------------------------------------- start

  private start(): void {
    const { engine, recorder, program } = this;
    forEachStart(engine, (start) => {
      const origin: Origin = { kind: 'start', choices: start.choices };
      if (start.result === 'overflow') return this.stop(`a start makes more than ${CHOICE_LIMIT} choices`);
      for (const one of start.told) recorder.hear(one, one.thread, origin);
      if (start.result === 'stuck') {
        const who = start.unit === null ? 'init' : (program.threads[start.unit]?.name ?? '');
        recorder.add(program.builtin.deadlock, start.site, start.unit, `${who} cannot start`, origin);
      }
      if (start.result === 'started') this.storeStart(start.ordinal, origin);
      if (start.ordinal % BATCH === BATCH - 1) this.look();
      return !this.halted;
    });
  }

  private storeStart(ordinal: number, origin: Origin): void {
    const { engine } = this;
    if (engine.hasRoom() === 0 && !engine.grow()) {
      this.stop(engine.store.refusal);
      return;
    }
    const result = engine.insertWhole(NO_PARENT, ordinal);
    if (result === inserted.refused) this.boundStates();
    if (result !== inserted.fresh) return;
    const noteCount = engine.global('noteCount');
    const before = noteCount.value;
    for (let thread = 0; thread < this.program.threads.length; thread += 1) engine.noteEnded(thread);
    engine.properties();
    this.recorder.listen(before, noteCount.value, null, origin);
  }

  // -------------------------------------------------------------- expansion

  private explore(): void {
    const { engine } = this;
    const patience = engine.global('patience');
    engine.global('levelEnd').value = engine.store.count;
    patience.value = BATCH;
    for (;;) {
      const what = engine.explore();
      this.transitions += engine.global('transitions').value;
      engine.global('transitions').value = 0;
      const state = engine.global('expanded').value - 1;
      switch (what) {
        case event.finished:
          return;
        case event.paused:
          this.look();
          patience.value = BATCH;
          break;
        case event.noRoom:
          if (!engine.grow()) this.stop(engine.store.refusal);
          break;
        case event.overflow:
          this.stop(`a step makes more than ${CHOICE_LIMIT} choices`);
          break;
        case event.stepNoted:
          this.hearStep(state);
          break;
        case event.stateNoted:
          this.recorder.listen(0, engine.global('noteCount').value, null, { kind: 'state', state });
          break;
        case event.refused:
          // This state is expanded to its end, so that a bounded search is as deterministic as a full one.
          this.hearStep(state);
          this.boundStates();
          engine.global('last').value = 1;
          break;
        default:
          this.addDeadlock(state);
      }
      if (this.halted) return;
    }
  }

  private hearStep(state: number): void {
    const { engine } = this;
    const thread = engine.global('thread').value;
    const ordinal = engine.global('ordinal').value - 1;
    this.recorder.listen(0, engine.global('noteCount').value, thread, {
      kind: 'step',
      state,
      thread,
      ordinal,
    });
  }

  /** Of a state whose blocked threads wait in a circle, or that has no thread left to move. */
  private addDeadlock(state: number): void {
    const { program, engine, recorder } = this;
    const waits = engine.waits();
    for (const goal of reachedCircles(program, waits)) recorder.reach(goal, { kind: 'state', state });
    const threads = findCircle(waits) ?? this.unfinishedThreads(waits);
    const waiting = threads.filter(
      (thread) => waits[thread] !== null && waits[thread]?.site !== program.cpuSite,
    );
    const site = engine.parkOf(Math.min(...(waiting.length > 0 ? waiting : threads)))?.site ?? 0;
    if (recorder.has(program.builtin.deadlock, site)) return;
    const detail = threads.flatMap((thread) => {
      const wait = waits[thread];
      return wait === null || wait === undefined
        ? []
        : [describeWait(program, thread, wait.site, wait.holders)];
    });
    recorder.add(program.builtin.deadlock, site, null, detail.join('; '), { kind: 'state', state });
  }

  /** Of a state in which nothing that is not over can move: everything blocked that is neither a daemon nor an optional thread at its head. */
  private unfinishedThreads(waits: readonly (Wait | null)[]): readonly number[] {
    return [...this.program.threads.keys()].filter((thread) => {
      const waiting = waits[thread] !== null && waits[thread] !== undefined;
      return (
        waiting &&
        !(this.engine.parkOf(thread)?.head === true && this.program.threads[thread]?.ending !== 'normal')
      );
    });
  }

  // -------------------------------------------------------------- budget

  private stop(reason: string): false {
    this.reason ??= reason;
    this.halted = true;
    return false;
  }

  /** Time, cancellation, and run numbers that would wrap around. */
  private look(): void {
    const { options, engine } = this;
    const progress = this.progress();
    if (progress.milliseconds > options.budget.maxMilliseconds)
      this.stop(`stopped after ${options.budget.maxMilliseconds} milliseconds`);
    else if (!options.onProgress(progress)) this.stop('cancelled');
    if (engine.global('run').value > 0x3fff_ffff) engine.forgetRuns();
  }

  private progress(): Progress {
    const { engine, options, began, transitions } = this;
    const states = engine.store.count;
    const expanded = engine.global('expanded').value;
    // States behind the present level belong to the next.
    const depth =
      engine.global('depth').value + (expanded > 0 && states > engine.global('levelEnd').value ? 1 : 0);
    return {
      states,
      transitions,
      depth,
      frontier: states - expanded,
      bytes: engine.store.bytes,
      milliseconds: options.now() - began,
    };
  }

  private boundStates(): void {
    this.reason ??= `stopped at ${this.options.budget.maxStates} states`;
  }
}

function nothing(program: Program, reason: string, milliseconds: number): SearchResult {
  return {
    complete: false,
    reason,
    violations: [],
    goals: program.goals.map((_, goal) => ({ goal, trace: null })),
    reached: program.points.map(() => false),
    ended: program.threads.map(() => false),
    evaluated: program.invariants.map(() => false),
    finalEvaluated: program.finals.map(() => false),
    states: 0,
    transitions: 0,
    depth: 0,
    milliseconds,
    bytes: 0,
    reductions: [],
  };
}
