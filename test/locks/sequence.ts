/**
 * A small notation for what code does with locks, and the events that the walk over functions would make of it.
 *
 * Actors are separated by `;`. `W(A)` takes A exclusively, `r(A)` for read, `R(A)` as a recursive reader; `A` alone is
 * `W(A)`, `-A` drops it. `?` before it: a trylock. `~A` waits for A as synchronize_srcu() does. `A/G`: nest lock G.
 * `hard[ … ]`, `soft[ … ]`, `threaded[ … ]`: in an interrupt. `irq-`, `irq+`, `bh-`, `bh+`: off and on. A class is an
 * upper-case letter and digits; `A#1` is a subclass. Wait types come from `kinds`: a spinlock unless said otherwise.
 * Names in lower case are RCU: `rcu`, `sched`.
 */

import type {
  AcquireEvent,
  HeldLock,
  IrqContext,
  LockClass,
  LockEvent,
  WaitType,
} from '../../core/locks/events.ts';
import type { Loc } from '../../core/semantics/hir.ts';

export type Kind = 'raw' | 'spin' | 'mutex' | 'srcu' | 'local';

const waits: Readonly<Record<Kind, WaitType>> = {
  raw: 'spin',
  spin: 'config',
  mutex: 'sleep',
  srcu: 'sleep',
  local: 'config',
};

export function loc(start: number, uri = 'file:///sequence.c'): Loc {
  return { uri, item: '', start, end: start + 1, macro: null };
}

export function classNamed(name: string, kinds: Readonly<Record<string, Kind>> = {}): LockClass {
  if (name === 'rcu' || name === 'sched')
    return { key: name, name, waitType: name === 'rcu' ? 'config' : 'spin', loc: loc(0) };
  const kind = kinds[name] ?? 'spin';
  const known: LockClass = { key: name, name, waitType: waits[kind], loc: loc(0) };
  return kind === 'local' ? { ...known, perCpu: true } : known;
}

export function eventsOf(
  text: string,
  kinds: Readonly<Record<string, Kind>> = {},
  firstPlace = 1,
): LockEvent[] {
  let place = firstPlace;
  return text.split(';').flatMap((actor, index) => {
    const events = actorEvents(actor, `T${index + 1}`, kinds, place);
    place += actor.length + 1;
    return events;
  });
}

interface Level {
  readonly context: IrqContext;
  readonly threaded: boolean;
  readonly hardirqsOn: boolean;
  readonly softirqsOn: boolean;
}

const token =
  /\s*(?:(hard|soft|threaded)\[|(\])|(irq|bh)([+-])|(-)?([?~])?(?:([WrR])\()?([A-Z]\d*(?:#\d)?|rcu|sched)\)?(?:\/([A-Z]\d*(?:#\d)?))?)/gy;

function actorEvents(
  text: string,
  actor: string,
  kinds: Readonly<Record<string, Kind>>,
  firstPlace: number,
): LockEvent[] {
  const events: LockEvent[] = [];
  let held: readonly HeldLock[] = [];
  let level: Level = { context: 'task', threaded: false, hardirqsOn: true, softirqsOn: true };
  const levels: Level[] = [];
  let end = 0;
  for (const match of text.matchAll(token)) {
    end = match.index + match[0].length;
    const at = loc(firstPlace + match.index);
    const [, enter, leave, which, onOff, drop, how, mode, name, nest] = match;
    const enable = (domain: 'hardirq' | 'softirq'): void => {
      events.push({ kind: 'enable', domain, held, loc: at, calls: [], actor });
    };
    if (enter !== undefined) {
      levels.push(level);
      const hard = enter !== 'soft';
      level = {
        context: hard ? 'hardirq' : 'softirq',
        threaded: enter === 'threaded',
        hardirqsOn: !hard,
        softirqsOn: false,
      };
    } else if (leave !== undefined) level = levels.pop() ?? level;
    else if (which === 'irq') {
      level = { ...level, hardirqsOn: onOff === '+' };
      if (onOff === '+') enable('hardirq');
      if (onOff === '+' && level.softirqsOn) enable('softirq');
    } else if (which === 'bh') {
      level = { ...level, softirqsOn: onOff === '+' };
      if (onOff === '+' && level.hardirqsOn) enable('softirq');
    } else if (name !== undefined && drop !== undefined) {
      const last = held.findLast((one) => one.class.key === name);
      if (last === undefined) throw new Error(`${name} is not held in '${text}'`);
      held = held.filter((one) => one !== last);
    } else if (name !== undefined) {
      const rcu = name === 'rcu' || name === 'sched';
      const lock: HeldLock = {
        class: classNamed(name, kinds),
        read: rcu || mode === 'R' ? 2 : mode === 'r' ? 1 : 0,
        trylock: how === '?',
        check: rcu ? 0 : 1,
        context: level.context,
        instance: name,
        loc: at,
      };
      const event: AcquireEvent = {
        kind: 'acquire',
        lock,
        nestLock: nest ?? null,
        sync: how === '~',
        held,
        hardirqsOn: level.hardirqsOn,
        softirqsOn: level.softirqsOn,
        outerWaitType: rcu || kinds[name] === 'srcu' ? 'free' : null,
        threaded: level.threaded,
        calls: [],
        loc: at,
        actor,
      };
      events.push(event);
      if (how !== '~') held = [...held, lock];
    }
  }
  if (text.slice(end).trim() !== '') throw new Error(`cannot read '${text.slice(end)}' in '${text}'`);
  return events;
}
