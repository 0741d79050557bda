/**
 * Where a thread is shown to stand. A thread rests before its next step, which may lie in a call of which it took none:
 * whoever stepped to the line of that call is shown that line first, and the inside of the call on stepping into it.
 */

import type { Event } from './history.ts';
import type { Session } from './session.ts';
import { type StackFrame, stackOf } from './stack.ts';

export class Standing {
  private readonly session: Session;
  /** By the last step that the thread took: the innermost frame that is shown. */
  private readonly frames = new WeakMap<Event, number>();

  constructor(session: Session) {
    this.session = session;
  }

  /** As `stackOf`, without calls that the thread stands before. */
  stackOf(thread: number): readonly StackFrame[] {
    const stack = stackOf(this.session.program, this.session.state, thread);
    const last = this.lastOf(thread);
    const shown = last === null ? undefined : this.frames.get(last);
    const from = stack.findIndex(({ frame }) => frame === shown);
    return from <= 0 ? stack : stack.slice(from);
  }

  /** From now on the thread stands in this frame, until it moves. */
  put(thread: number, frame: number): void {
    const last = this.lastOf(thread);
    if (last !== null) this.frames.set(last, frame);
  }

  private lastOf(thread: number): Event | null {
    const { history, cursor } = this.session;
    for (let at = cursor; at > 0; at--) {
      const event = history.event(at);
      if (event?.kind === 'step' && event.thread === thread) return event;
    }
    return null;
  }
}
