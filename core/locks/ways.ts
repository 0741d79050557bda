/** What holds on only some of the ways that lead to a place: what is told of it may be so. */

import type { Context } from './contexts.ts';
import type { Held, Sometimes, State } from './lockset.ts';

/** The states of all ways to one place, each with what the others do not share. */
export function weighed(states: State[], contextOf: (state: State) => Context): State[] {
  const [first] = states;
  if (first === undefined || (states.length === 1 && isWeighed(first))) return states;
  const sameHeld = states.every(({ held }) => held === first.held) && isWeighed(first);
  const sameOwn = states.every(({ own, wavers }) => own === first.own && wavers !== 'here');
  if (sameHeld && sameOwn) return states;
  const waver = !sameOwn && new Set(states.map((state) => switchedIn(contextOf(state)))).size > 1;
  const counts = countsOf(states);
  const now = states.map((state) => weighedOne(state, counts, states.length, waver));
  return now.some((state, index) => state !== states[index]) ? now : states;
}

/** As a function sees it that is called here: its own ways change nothing about those to the call. */
export function around(state: State): Pick<State, 'held' | 'wavers'> {
  const { held, wavers } = state;
  const beyond = (mark: Sometimes): Sometimes => (mark === null ? null : 'around');
  return {
    held: held.some(({ sometimes }) => sometimes === 'here')
      ? held.map((lock) => ({ ...lock, sometimes: beyond(lock.sometimes) }))
      : held,
    wavers: beyond(wavers),
  };
}

function isWeighed({ held, wavers }: State): boolean {
  return wavers !== 'here' && held.every(({ sometimes }) => sometimes !== 'here');
}

function weighedOne(state: State, counts: ReadonlyMap<string, number>, all: number, waver: boolean): State {
  const { held, wavers } = state;
  const mark = (known: Sometimes, differs: boolean): Sometimes =>
    known === 'around' ? 'around' : differs ? 'here' : null;
  const now = held.map((lock) => {
    const sometimes = mark(lock.sometimes, counts.get(nameOf(lock)) !== all);
    return sometimes === lock.sometimes ? lock : { ...lock, sometimes };
  });
  const next = mark(wavers, waver);
  const isAlike = next === wavers && now.every((lock, index) => lock === held[index]);
  return isAlike ? state : { ...state, held: now, wavers: next };
}

/** How many of the states hold each lock. */
function countsOf(states: readonly State[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { held } of states)
    for (const name of new Set(held.map(nameOf))) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** The same in whatever mode. */
function nameOf({ at, type }: Held): string {
  return `${type.name} ${at}`;
}

function switchedIn({ context, hardirqsOn, softirqsOn }: Context): string {
  return `${context} ${hardirqsOn} ${softirqsOn}`;
}
