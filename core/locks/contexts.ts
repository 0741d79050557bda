/** Where a thread executes and what can interrupt it, asked of the library's own functions. */

import type { Loc } from '../semantics/hir.ts';
import type { HeldLock, IrqContext } from './events.ts';
import { heldEvents } from './locking.ts';
import { mapKey, type State } from './lockset.ts';
import type { Frame, Walk } from './walk.ts';

export interface Context {
  readonly context: IrqContext;
  readonly hardirqsOn: boolean;
  readonly softirqsOn: boolean;
  /** In a handler, or with bottom halves off: where readers of spinning locks pass queued writers. */
  readonly interrupted: boolean;
}

export interface Contexts {
  of(state: State): Context;
  /** Tells when interrupts or softirqs were off before and are on now. */
  changed(frame: Frame, before: State, after: State, loc: Loc): void;
}

export function contextsOf(walk: Walk): Contexts {
  // The same for all threads of one kind.
  const known = walk.ground.contexts;
  const of = (state: State): Context => {
    const key = `${walk.threadKind} ${mapKey(state.own)}`;
    let context = known.get(key);
    if (context === undefined) {
      context = asked(walk, state);
      known.set(key, context);
    }
    return context;
  };
  return {
    of,
    changed: (frame, before, after, loc) => {
      if (walk.silent || before.own === after.own) return;
      const was = of(before);
      const is = of(after);
      const at = walk.userPlace(frame, loc);
      const held: readonly HeldLock[] = heldEvents(after);
      const tell = (domain: 'hardirq' | 'softirq'): void =>
        walk.emit({
          ...{ kind: 'enable', domain, held, loc: at, calls: walk.callsTo(frame), actor: walk.actor },
          unsureIrqs: before.wavers !== null,
        });
      // Softirqs run only where interrupts are on as well.
      if (!was.hardirqsOn && is.hardirqsOn) tell('hardirq');
      if (!(was.hardirqsOn && was.softirqsOn) && is.hardirqsOn && is.softirqsOn) tell('softirq');
    },
  };
}

function asked(walk: Walk, state: State): Context {
  const holds = (name: string): boolean => (walk.ask(name, state) ?? 0n) !== 0n;
  return {
    context: holds('in_hardirq') ? 'hardirq' : holds('in_serving_softirq') ? 'softirq' : 'task',
    hardirqsOn: !holds('irqs_disabled'),
    softirqsOn: !holds('in_softirq'),
    interrupted: holds('in_interrupt'),
  };
}
