/** What a call sees of its caller's state, and what comes back. */

import type { Results } from './evaluate.ts';
import { emptyState, type Held, heldId, join, lockKey, type State } from './lockset.ts';
import { anything, type Value } from './values.ts';

/** The caller's own records of the locks that it held before. */
export function sameObjects(after: readonly Held[], before: readonly Held[]): readonly Held[] {
  if (after === before) return before;
  const left = [...before];
  return after.map((lock) => {
    const index = left.findIndex((each) => heldId(each) === heldId(lock));
    return index < 0 ? lock : (left.splice(index, 1)[0] ?? lock);
  });
}

/** Few ways out of a function: alike ones are joined. */
export function limited(results: (readonly [State, Value])[]): Results<Value> {
  if (results.length <= 4) return results;
  const groups = new Map<string, (readonly [State, Value])[]>();
  for (const result of results) {
    const key = `${result[1].startsWith('#') ? result[1] : ''} ${lockKey(result[0])}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return [...groups.values()].flatMap((group) => {
    const values = new Set(group.map(([, value]) => value));
    const [value = anything] = values;
    const states = tidyAll(group.map(([state]) => state));
    return states.map((state) => [state, values.size === 1 ? value : anything] as const);
  });
}

function tidyAll(states: State[]): State[] {
  const [first, ...others] = states;
  return first === undefined ? [] : [others.reduce(join, first)];
}

/** Splits a state into what a call can see and what it cannot. */
export function project(state: State, args: readonly Value[]): { inside: State; outside: State } {
  let seen = args.join(' ');
  const inside = new Map<string, Value>();
  const rest = new Map(state.cells);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [cell, value] of rest) {
      const base = cell.slice(0, cell.lastIndexOf('@'));
      if (!seen.includes(base.startsWith('*$') ? base.slice(1) : `&${base}+`)) continue;
      rest.delete(cell);
      inside.set(cell, value);
      seen += ` ${value} $u(${cell})`;
      grown = true;
    }
  }
  const facts = new Map(
    [...state.facts].filter(([about]) => namesIn(about).every((name) => seen.includes(name))),
  );
  return {
    inside: { held: state.held, own: state.own, lent: state.lent, cells: inside, facts },
    outside: { ...emptyState, cells: rest, facts: state.facts },
  };
}

function namesIn(value: Value): readonly string[] {
  return value.match(/\$f\d+\.|\$u\([^)]*\)|\$p[^ )]*/g) ?? [];
}

/** The value speaks of something that the caller does not know. */
export function isForeign(value: Value, inputs: string): boolean {
  return namesIn(value).some((name) => !name.startsWith('$p') && !inputs.includes(name));
}
