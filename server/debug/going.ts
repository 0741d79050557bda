/** A run that goes on, forwards or back, until something stops it: in slices, so that messages get through. */

import { type Policy, run as runAll, runBack, type Stopped } from '../../core/session/stepping.ts';
import type { Breakpoints, Hit } from './breakpoints.ts';
import { lineKey, type Run } from './run.ts';

export interface Gone {
  readonly stopped: Stopped;
  /** What it stopped at; null: at its end, or because somebody asked. */
  readonly hit: Hit | null;
  readonly paused: boolean;
}

/** Steps before messages that came meanwhile are looked at. */
const slice = 1000;
/** Steps of one command. */
const mostSteps = 200_000;

export class Going {
  private readonly breakpoints: Breakpoints;
  /** Counts journeys; one that is not the last any more was given up. */
  private journey = 0;
  private going = false;
  private pausing = false;

  constructor(breakpoints: Breakpoints) {
    this.breakpoints = breakpoints;
  }

  get isGoing(): boolean {
    return this.going;
  }

  /** Stops behind the slice that is under way. */
  pause(): void {
    this.pausing = true;
  }

  /** The journey ends, and nobody is told. */
  giveUp(): void {
    this.journey++;
    this.going = false;
  }

  /** Resolves when it stands; null when it was given up. */
  async go(run: Run, way: Policy | { readonly kind: 'back' }): Promise<Gone | null> {
    const journey = ++this.journey;
    this.going = true;
    this.pausing = false;
    for (let taken = 0; ; ) {
      const before = run.session.cursor;
      const { stopped, hit } = this.slice(run, way, taken > 0);
      taken += Math.abs(run.session.cursor - before);
      const goesOn = stopped.why === 'limit' && taken < mostSteps && !this.pausing;
      if (!goesOn) {
        this.going = false;
        const isLimit = stopped.why === 'limit';
        const message = isLimit ? `stopped after ${taken.toLocaleString('en-US')} steps` : stopped.message;
        return { stopped: { ...stopped, message }, hit, paused: isLimit && this.pausing };
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (journey !== this.journey) return null;
    }
  }

  private slice(run: Run, way: Policy | { readonly kind: 'back' }, isLater: boolean): Omit<Gone, 'paused'> {
    let hit: Hit | null = null;
    const stops = {
      lineOf: (loc: Parameters<typeof lineKey>[1]) => lineKey(run.project, loc),
      most: slice,
      goesOn: isLater,
      stopAt: () => {
        hit = this.breakpoints.hit(run);
        if (hit !== null) return hit.text;
        // Behind a recorded run the person decides what comes next.
        const { cursor, length } = run.session;
        return way.kind === 'recorded' && cursor === length ? 'the end of the recorded run' : null;
      },
    };
    const stopped = way.kind === 'back' ? runBack(run.session, stops) : runAll(run.session, way, stops);
    return { stopped, hit };
  }
}
