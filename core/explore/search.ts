/** Breadth-first search over every interleaving of a program, on generated code. */

import type { Program } from '../program/ir.ts';
import { outcome } from './context.ts';
import { findCircle, holdersOf, type Waits } from './deadlock.ts';
import { describeWait } from './describe.ts';
import { type Engine, prepare } from './engine.ts';
import { answer, mode } from './expansion.ts';
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
  private readonly waits: Waits;
  private readonly blockedSites: Int32Array;
  private readonly parks: readonly ParkFacts[];
  private reason: string | null = null;
  private transitions = 0;
  private depth = 0;
  private expanded = 0;
  private untilLook = BATCH;

  constructor(engine: Engine, options: SearchOptions, began: number) {
    const threads = engine.program.threads.length;
    this.engine = engine;
    this.program = engine.program;
    this.options = options;
    this.began = began;
    this.recorder = new Recorder(engine);
    this.waits = { threads, blocked: new Uint8Array(threads), low: new Int32Array(threads), high: new Int32Array(threads) };
    this.blockedSites = new Int32Array(threads);
    this.parks = factsOfParks(engine);
  }

  run(): SearchResult {
    const { engine } = this;
    engine.global('stateLimit').value = Math.min(this.options.budget.maxStates, 0xffff_fffe) | 0;
    this.start();
    let levelEnd = engine.store.count;
    const current = engine.global('current');
    for (; this.reason === null && this.expanded < engine.store.count; this.expanded += 1) {
      if (this.expanded === levelEnd) {
        this.depth += 1;
        levelEnd = engine.store.count;
      }
      engine.decode(this.expanded);
      current.value = this.expanded | 0;
      this.expand(this.expanded);
    }
    if (engine.store.count > levelEnd) this.depth += 1;
    const tracer = new Tracer(engine);
    const { states, milliseconds, bytes } = this.progress();
    return {
      ...this.recorder.result((origin) => tracer.traceOf(origin)),
      complete: this.reason === null,
      reason: this.reason,
      states,
      transitions: this.transitions,
      depth: this.depth,
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
      this.untilLook -= 1;
      if (this.untilLook <= 0) this.look();
      return this.reason === null || this.reason === this.statesReason();
    });
  }

  private storeStart(ordinal: number, origin: Origin): void {
    const { engine } = this;
    if (engine.hasRoom() === 0 && !engine.grow()) {
      this.stop(this.bytesReason());
      return;
    }
    const result = engine.insertWhole(NO_PARENT, ordinal);
    if (result === inserted.refused) this.reason ??= this.statesReason();
    if (result !== inserted.fresh) return;
    const noteCount = engine.global('noteCount');
    const before = noteCount.value;
    for (let thread = 0; thread < this.program.threads.length; thread += 1) engine.noteEnded(thread);
    engine.properties();
    this.recorder.listen(before, noteCount.value, null, origin);
  }

  // -------------------------------------------------------------- expansion

  private expand(state: number): void {
    const { engine, waits, parks } = this;
    const { holders, blockedSite } = engine.compiled.at;
    let enabledLow = 0;
    let enabledHigh = 0;
    let anyBlocked = false;
    /** Threads that are not over and can move; threads that are not over. */
    let moving = 0;
    let unfinished = 0;
    let facing = 0;
    let flags = 0;
    for (let thread = 0; thread < waits.threads; thread += 1) {
      waits.blocked[thread] = 0;
      const word = engine.pcWord(thread);
      if (word === 0) continue;
      const enabled = this.attemptAll(state, thread);
      const park = parks[word];
      if (park === undefined) continue;
      const ending = this.program.threads[thread]?.ending;
      const over = park.head && (ending === 'optional' || (ending === 'daemon' && !enabled));
      if (!over) unfinished += 1;
      if (enabled) {
        if (!over) moving += 1;
        if (thread < 32) enabledLow |= 1 << thread;
        else enabledHigh |= 1 << (thread & 31);
        if (park.access !== 0) facing += 1;
        flags |= park.access;
      } else {
        anyBlocked = true;
        waits.blocked[thread] = 1;
        waits.low[thread] = engine.words[holders >> 2] ?? 0;
        waits.high[thread] = engine.words[(holders >> 2) + 1] ?? 0;
        this.blockedSites[thread] = engine.words[blockedSite >> 2] ?? 0;
      }
      if (this.reason !== null && this.reason !== this.statesReason()) return;
    }
    if (anyBlocked) this.findDeadlock(state, unfinished > 0 && moving === 0);
    if (unfinished === 0 && this.program.finals.length > 0) {
      engine.begin();
      const told = engine.finals();
      if (told > 0) this.recorder.listen(0, told, null, { kind: 'state', state });
    }
    if (facing > 1 && flags === BOTH) {
      engine.begin();
      const told = engine.races(enabledLow, enabledHigh);
      if (told > 0) this.recorder.listen(0, told, null, { kind: 'state', state });
    }
  }

  /** Every outcome of a thread's step; true if there is one. */
  private attemptAll(state: number, thread: number): boolean {
    const { engine } = this;
    let enabled = false;
    for (let ordinal = 0; ; ) {
      const result = engine.attempt(thread, mode.store);
      if (result === answer.noRoom) {
        if (engine.grow()) continue;
        this.stop(this.bytesReason());
        return enabled;
      }
      const how = result & answer.outcome;
      if (how === outcome.done || how === outcome.fatal) {
        enabled = true;
        this.transitions += 1;
        if ((result & answer.noted) !== 0) {
          this.recorder.listen(0, engine.global('noteCount').value, thread, { kind: 'step', state, thread, ordinal });
        }
        if ((result & answer.refused) !== 0) this.reason ??= this.statesReason();
      } else if (how === outcome.overflow) {
        this.stop(`a step makes more than ${CHOICE_LIMIT} choices`);
        return enabled;
      }
      this.untilLook -= 1;
      if (this.untilLook <= 0) {
        this.look();
        if (this.reason !== null && this.reason !== this.statesReason()) return enabled;
      }
      if ((result & answer.more) === 0) return enabled;
      ordinal += 1;
    }
  }

  private findDeadlock(state: number, stuck: boolean): void {
    const { program, engine, waits, recorder, parks } = this;
    const circle = findCircle(waits);
    if (circle === null && !stuck) return;
    const threads = circle ?? this.unfinishedThreads();
    const lowest = Math.min(...threads);
    const site = parks[engine.pcWord(lowest)]?.site ?? 0;
    if (recorder.has(program.builtin.deadlock, site)) return;
    const detail = threads
      .filter((thread) => waits.blocked[thread] === 1)
      .map((thread) => describeWait(program, thread, this.blockedSites[thread] ?? 0, holdersOf(waits, thread)));
    recorder.add(program.builtin.deadlock, site, null, detail.join('; '), { kind: 'state', state });
  }

  /** Of a state in which nothing that is not over can move. */
  private unfinishedThreads(): readonly number[] {
    const { waits, engine, parks, program } = this;
    return [...program.threads.keys()].filter((thread) => {
      const park = parks[engine.pcWord(thread)];
      return park !== undefined && waits.blocked[thread] === 1 && !(park.head && program.threads[thread]?.ending !== 'normal');
    });
  }

  // -------------------------------------------------------------- budget

  private stop(reason: string): false {
    this.reason ??= reason;
    return false;
  }

  /** Time, cancellation, and run numbers that would wrap around. */
  private look(): void {
    const { options, engine } = this;
    this.untilLook = BATCH;
    const progress = this.progress();
    if (progress.milliseconds > options.budget.maxMilliseconds) this.stop(`stopped after ${options.budget.maxMilliseconds} milliseconds`);
    else if (!options.onProgress(progress)) this.stop('cancelled');
    if (engine.global('run').value > 0x3fff_ffff) engine.forgetRuns();
  }

  private progress(): Progress {
    const { engine, options, began, expanded, transitions, depth } = this;
    const states = engine.store.count;
    return { states, transitions, depth, frontier: states - expanded, bytes: engine.store.bytes, milliseconds: options.now() - began };
  }

  private statesReason(): string {
    return `stopped at ${this.options.budget.maxStates} states`;
  }

  private bytesReason(): string {
    return `stopped at ${this.options.budget.maxBytes} bytes`;
  }
}

/** What expansion asks about a park, by table index. */
interface ParkFacts {
  readonly head: boolean;
  readonly site: number;
  /** 0: no access; else the flags of the access, with a bit of its own. */
  readonly access: number;
}

const WRITE = 1;
const PLAIN = 2;
const ANY = 4;
const BOTH = WRITE | PLAIN | ANY;

/** Entry 0, the end, is left out. */
function factsOfParks({ program, compiled }: Engine): readonly ParkFacts[] {
  const facts: ParkFacts[] = [];
  program.codes.forEach((code, index) => {
    const first = compiled.state.codes[index]?.firstPark ?? 0;
    code.parks.forEach(({ head, site, access }, i) => {
      facts[first + i] = { head, site, access: access === null ? 0 : ANY | (access.write ? WRITE : 0) | (access.plain ? PLAIN : 0) };
    });
  });
  return facts;
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
