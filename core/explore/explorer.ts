/**
 * The generated loop over states, threads and choices. It can be left at any event and entered again where it was: all that
 * it knows stands in globals.
 */

import { type Context, outcome } from './context.ts';
import { answer, type Expansion, pushField, pushPc, threadField } from './expansion.ts';
import { parkFact, WAIT_BYTES, waitField } from './layout.ts';
import { access, type Body, type Func, type Global, op } from './wasm.ts';

/** Why `explore` came back. Entered again, it goes on behind the event (before it, for `noRoom`). */
export const event = {
  /** No state is left, or `last` was set and the state is done. */
  finished: 0,
  /** The attempts that `patience` allowed are made. */
  paused: 1,
  /** There is no room for another state. */
  noRoom: 2,
  /** A step makes too many choices. */
  overflow: 3,
  /** The run's notes are about the step that was tried, or about the state that is expanded. */
  stepNoted: 4,
  stateNoted: 5,
  /** A state was refused, because there are as many as allowed; with or without notes about the step. */
  refused: 6,
  /** Threads of the state wait in a circle, or none that is not over can move. */
  circle: 7,
  stuck: 8,
} as const;

export const ending = { normal: 0, daemon: 1, optional: 2 } as const;

const phase = { next: 0, threads: 1, deadlock: 2, finals: 3, races: 4 } as const;

export interface ExplorerParts {
  readonly decode: Func;
  readonly stateCount: Global;
  readonly finals: Func;
  readonly races: Func;
  /** i64 mask, for races. */
  readonly enabled: Global;
}

export function addExplorer(context: Context, expansion: Expansion, parts: ExplorerParts): void {
  context.module.export('explore', new Explorer(context, expansion, parts).add());
}

class Explorer {
  private readonly context: Context;
  private readonly expansion: Expansion;
  private readonly parts: ExplorerParts;
  private readonly globals;

  constructor(context: Context, expansion: Expansion, parts: ExplorerParts) {
    const { module } = context;
    this.context = context;
    this.expansion = expansion;
    this.parts = parts;
    this.globals = {
      phase: module.global('i32'),
      /** States taken up; the current one is the last of them. */
      expanded: module.global('i32', 'expanded'),
      /** First state of the next level, and the current level. */
      levelEnd: module.global('i32', 'levelEnd'),
      depth: module.global('i32', 'depth'),
      thread: module.global('i32', 'thread'),
      /** The thread's step was begun; it has combinations of choices left; one of them was enabled. */
      begun: module.global('i32'),
      again: module.global('i32'),
      moved: module.global('i32'),
      /** Outcomes since the counter was set to 0. */
      transitions: module.global('i32', 'transitions'),
      patience: module.global('i32', 'patience'),
      last: module.global('i32', 'last'),
      /** i64 mask. */
      blocked: module.global('i64'),
      /** Threads that are not over, those of them that can move, and enabled ones about to access memory, with all their flags. */
      unfinished: module.global('i32'),
      moving: module.global('i32'),
      facing: module.global('i32'),
      flags: module.global('i32'),
    };
  }

  /** () -> event. */
  add(): Func {
    const { globals } = this;
    return this.context.module.func([], 'i32', (f) => {
      f.loop((again) => {
        const phases: [number, () => void][] = [
          [phase.next, () => this.nextState(f)],
          [phase.threads, () => this.tryThreads(f)],
          [phase.deadlock, () => this.findDeadlock(f)],
          [phase.finals, () => this.judgeFinals(f)],
          [phase.races, () => this.findRaces(f)],
        ];
        for (const [number, emit] of phases) f.getGlobal(globals.phase).i32(number).op(op.i32Eq).if(emit);
        f.br(again);
      });
      f.op(op.unreachable);
    });
  }

  private nextState(f: Body): void {
    const { globals, expansion, parts } = this;
    f.getGlobal(globals.last)
      .getGlobal(globals.expanded)
      .getGlobal(parts.stateCount)
      .op(op.i32GeU, op.i32Or)
      .if(() => f.i32(event.finished).ret());
    f.getGlobal(globals.expanded)
      .getGlobal(globals.levelEnd)
      .op(op.i32Eq)
      .if(() => {
        increment(f, globals.depth);
        f.getGlobal(parts.stateCount).setGlobal(globals.levelEnd);
      });
    f.getGlobal(globals.expanded).setGlobal(expansion.current);
    f.getGlobal(expansion.current).call(parts.decode);
    increment(f, globals.expanded);
    for (const one of [
      globals.thread,
      globals.begun,
      globals.again,
      globals.unfinished,
      globals.moving,
      globals.facing,
      globals.flags,
    ])
      f.i32(0).setGlobal(one);
    f.i64(0n).setGlobal(parts.enabled).i64(0n).setGlobal(globals.blocked);
    f.i32(phase.threads).setGlobal(globals.phase);
  }

  // -------------------------------------------------------------- threads

  private tryThreads(f: Body): void {
    const { globals, context } = this;
    f.block((done) => {
      f.loop((next) => {
        f.getGlobal(globals.again).if(() => {
          this.attempt(f);
          f.br(next);
        });
        f.getGlobal(globals.begun).if(() => {
          this.finishThread(f);
          increment(f, globals.thread);
          f.br(next);
        });
        f.getGlobal(globals.thread).i32(context.program.threads.length).op(op.i32GeU).brIf(done);
        this.beginThread(f);
        f.br(next);
      });
    });
    f.i32(phase.deadlock).setGlobal(globals.phase);
  }

  private beginThread(f: Body): void {
    const { globals, context } = this;
    const thread = f.local('i32');
    f.getGlobal(globals.thread)
      .tee(thread)
      .i32(WAIT_BYTES)
      .op(op.i32Mul)
      .i32(0)
      .memory(access.i32Store, context.at.waits + waitField.blocked);
    pushPc(f, context, thread);
    f.if(
      () => f.i32(1).setGlobal(globals.begun).i32(1).setGlobal(globals.again).i32(0).setGlobal(globals.moved),
      () => increment(f, globals.thread),
    );
  }

  private attempt(f: Body): void {
    const { globals, expansion } = this;
    const result = f.local('i32');
    f.getGlobal(globals.patience)
      .op(op.i32Eqz)
      .if(() => f.i32(event.paused).ret());
    f.getGlobal(globals.thread)
      .i32(1)
      .call(expansion.attempt)
      .tee(result)
      .i32(answer.noRoom)
      .op(op.i32Eq)
      .if(() => f.i32(event.noRoom).ret());
    f.getGlobal(globals.patience).i32(1).op(op.i32Sub).setGlobal(globals.patience);
    f.get(result)
      .i32(answer.outcome)
      .op(op.i32And)
      .i32(outcome.overflow)
      .op(op.i32Eq)
      .if(() => f.i32(event.overflow).ret());
    f.get(result).i32(answer.more).op(op.i32And).setGlobal(globals.again);
    // What was not enabled has not happened.
    f.get(result)
      .i32(answer.outcome)
      .op(op.i32And)
      .if(() => {
        f.i32(1).setGlobal(globals.moved);
        increment(f, globals.transitions);
        f.get(result)
          .i32(answer.refused)
          .op(op.i32And)
          .if(() => f.i32(event.refused).ret());
        f.get(result)
          .i32(answer.noted)
          .op(op.i32And)
          .if(() => f.i32(event.stepNoted).ret());
      });
  }

  private finishThread(f: Body): void {
    const { globals, context, parts } = this;
    const { at } = context;
    const thread = f.local('i32');
    const facts = f.local('i32');
    const how = f.local('i32');
    const over = f.local('i32');
    f.i32(0).setGlobal(globals.begun).getGlobal(globals.thread).set(thread);
    pushPc(f, context, thread);
    f.memory(access.i32Load8U, at.parks).set(facts);
    pushField(f, context, thread, threadField.ending);
    f.set(how);
    // An optional thread at a head is over; a daemon too, if it has nothing to do.
    f.get(how).i32(ending.optional).op(op.i32Eq);
    f.get(how).i32(ending.daemon).op(op.i32Eq).getGlobal(globals.moved).op(op.i32Eqz, op.i32And, op.i32Or);
    f.get(facts).i32(parkFact.head).op(op.i32And).i32(0).op(op.i32Ne, op.i32And).set(over);
    addTo(f, globals.unfinished, () => f.get(over).op(op.i32Eqz));
    f.getGlobal(globals.moved).if(
      () => {
        addTo(f, globals.moving, () => f.get(over).op(op.i32Eqz));
        addTo(f, globals.facing, () => f.get(facts).i32(parkFact.access).op(op.i32And).i32(0).op(op.i32Ne));
        f.getGlobal(globals.flags).get(facts).op(op.i32Or).setGlobal(globals.flags);
        f.getGlobal(parts.enabled)
          .i64(1n)
          .get(thread)
          .op(op.i64ExtendI32U, op.i64Shl, op.i64Or)
          .setGlobal(parts.enabled);
      },
      () => {
        const record = f.local('i32');
        f.getGlobal(globals.blocked)
          .i64(1n)
          .get(thread)
          .op(op.i64ExtendI32U, op.i64Shl, op.i64Or)
          .setGlobal(globals.blocked);
        f.get(thread)
          .i32(WAIT_BYTES)
          .op(op.i32Mul)
          .tee(record)
          .i32(1)
          .memory(access.i32Store, at.waits + waitField.blocked);
        f.get(record)
          .i32(0)
          .memory(access.i64Load, at.holders)
          .memory(access.i64Store, at.waits + waitField.holders);
        f.get(record)
          .i32(0)
          .memory(access.i32Load, at.blockedSite)
          .memory(access.i32Store, at.waits + waitField.site);
      },
    );
  }

  // -------------------------------------------------------------- states

  /** Takes away threads that wait for none of the others, until nothing changes; what is left holds a circle. */
  private findDeadlock(f: Body): void {
    const { globals, context } = this;
    const left = f.local('i64');
    const rest = f.local('i64');
    const kept = f.local('i64');
    f.i32(phase.finals).setGlobal(globals.phase);
    f.getGlobal(globals.blocked)
      .tee(left)
      .op(op.i64Eqz, op.i32Eqz)
      .if(() => {
        f.loop((again) => {
          f.get(left).set(rest).i64(0n).set(kept);
          f.loop((next) => {
            f.get(rest)
              .op(op.i64Ctz, op.i32WrapI64)
              .i32(WAIT_BYTES)
              .op(op.i32Mul)
              .memory(access.i64Load, context.at.waits + waitField.holders);
            f.get(left)
              .op(op.i64And, op.i64Eqz)
              .if(
                () => undefined,
                () => f.get(kept).get(rest).i64(0n).get(rest).op(op.i64Sub, op.i64And, op.i64Or).set(kept),
              );
            f.get(rest)
              .get(rest)
              .i64(1n)
              .op(op.i64Sub, op.i64And)
              .tee(rest)
              .op(op.i64Eqz, op.i32Eqz)
              .brIf(next);
          });
          f.get(kept)
            .op(op.i64Eqz, op.i32Eqz)
            .if(() => {
              f.get(kept)
                .get(left)
                .op(op.i64Eq)
                .if(() => f.i32(event.circle).ret());
              f.get(kept).set(left).br(again);
            });
        });
      });
    f.getGlobal(globals.unfinished)
      .i32(0)
      .op(op.i32Ne)
      .getGlobal(globals.moving)
      .op(op.i32Eqz, op.i32And)
      .if(() => f.i32(event.stuck).ret());
  }

  private judgeFinals(f: Body): void {
    const { globals, context, parts, expansion } = this;
    f.i32(phase.races).setGlobal(globals.phase);
    if (context.program.finals.length === 0) return;
    f.getGlobal(globals.unfinished)
      .op(op.i32Eqz)
      .if(() => {
        f.call(expansion.begin)
          .call(parts.finals)
          .if(() => f.i32(event.stateNoted).ret());
      });
  }

  private findRaces(f: Body): void {
    const { globals, parts, expansion } = this;
    f.i32(phase.next).setGlobal(globals.phase);
    const all = parkFact.access | parkFact.write | parkFact.plain;
    f.getGlobal(globals.facing)
      .i32(1)
      .op(op.i32GtU)
      .getGlobal(globals.flags)
      .i32(all)
      .op(op.i32And)
      .i32(all)
      .op(op.i32Eq, op.i32And)
      .if(() => {
        f.call(expansion.begin)
          .call(parts.races)
          .if(() => f.i32(event.stateNoted).ret());
      });
  }
}

function increment(f: Body, global: Global): void {
  f.getGlobal(global).i32(1).op(op.i32Add).setGlobal(global);
}

function addTo(f: Body, global: Global, push: () => void): void {
  f.getGlobal(global);
  push();
  f.op(op.i32Add).setGlobal(global);
}
