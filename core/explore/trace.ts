/** Traces from the links between states, with the choices of each step found by running it again. */

import type { Engine } from './engine.ts';
import { mode, THREAD_BITS } from './expansion.ts';
import type { Origin } from './record.ts';
import type { Step, Trace } from './result.ts';
import { forEachStart } from './start.ts';

/** The parent of an initial state. */
export const NO_PARENT = 0xffff_ffff;

export class Tracer {
  private readonly engine: Engine;
  private readonly starts = new Map<number, readonly bigint[]>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  traceOf(origin: Origin): Trace {
    if (origin.kind === 'start') return { start: origin.choices, steps: [] };
    const steps: Step[] =
      origin.kind === 'step' ? [this.stepFrom(origin.state, origin.thread, origin.ordinal)] : [];
    let state = origin.state;
    for (;;) {
      const { parent, via } = this.engine.store.link(state);
      if (parent === NO_PARENT) return { start: this.startChoices(via), steps: steps.reverse() };
      steps.push(this.stepFrom(parent, via & ((1 << THREAD_BITS) - 1), via >>> THREAD_BITS));
      state = parent;
    }
  }

  /** The step's choices, by going through its combinations up to the one that was taken. */
  private stepFrom(state: number, thread: number, ordinal: number): Step {
    const { engine } = this;
    engine.decode(state);
    engine.global('choiceCount').value = 0;
    for (let i = 0; i < ordinal; i += 1) engine.attempt(thread, mode.replay);
    engine.attempt(thread, mode.stay);
    const choices = engine.choices(engine.global('choiceAt').value);
    engine.global('choiceCount').value = 0;
    return { thread, choices };
  }

  private startChoices(ordinal: number): readonly bigint[] {
    let choices = this.starts.get(ordinal);
    if (choices === undefined) {
      forEachStart(this.engine, (start) => {
        if (start.ordinal !== ordinal) return true;
        choices = start.choices;
        return false;
      });
      this.engine.restoreAll();
      this.starts.set(ordinal, choices ?? []);
    }
    return choices ?? [];
  }
}
