/** Statements: every path at once, loops until nothing new comes. */

import type { Expr, Loc, Stmt } from '../semantics/hir.ts';
import { evaluate, localBase, test } from './evaluate.ts';
import { limited, mostRounds, mostWays } from './limits.ts';
import { assume, join, lockKey, type State, stateKey, tidy, withoutCells } from './lockset.ts';
import { anything, binary, number, type Value } from './values.ts';
import type { Frame, Walk } from './walk.ts';
import { weighed } from './ways.ts';

/** A `goto` in a state. */
export interface Jump {
  readonly label: string;
  readonly state: State;
  readonly loc: Loc;
}

/** Where the paths of one activation go that do not go on to the next statement. */
export interface Flow {
  readonly returns: (readonly [State, Value])[];
  readonly gotos: Jump[];
  /** The label that execution begins at, until it has been found. */
  seek: Jump | null;
  readonly loops: { readonly breaks: State[]; readonly continues: State[] | null }[];
  readonly cases: Map<Stmt, State[]>[];
  /** More ways led to some place than are followed. */
  crowded: boolean;
}

export function flow(): Flow {
  return { returns: [], gotos: [], seek: null, loops: [], cases: [], crowded: false };
}

/** States at the head of a loop that hold the same before they are joined; how many that hold different things. */
const alikeAtHead = 3;
/** The same at a label, to which the ways of an error path come from many places. */
export const alikeAtLabel = 16;
/** States kept apart after a statement that has nothing to do with locks. */
const apartWhereItDoesNotMatter = 2;

export function execute(walk: Walk, frame: Frame, s: Stmt, states: State[]): State[] {
  const after = executed(walk, frame, s, states);
  if (walk.watch !== null && frame.parent === null) walk.watch.statement(s, states, after);
  return after;
}

function executed(walk: Walk, frame: Frame, s: Stmt, arrived: State[]): State[] {
  if (arrived.length === 0 && !hasEntry(s)) return [];
  if (!walk.goesOn(Math.max(1, arrived.length))) return [];
  const { flow: here } = frame;
  const isCrowded = arrived.length > mostWays;
  if (isCrowded && !here.crowded) limited(walk, frame, s.loc, 'ways');
  here.crowded ||= isCrowded;
  const states = weighed(isCrowded ? arrived.slice(0, mostWays) : arrived, walk.contexts.of);
  switch (s.kind) {
    case 'block': {
      let now = states;
      for (const each of s.body) now = execute(walk, frame, each, now);
      return leave(frame, s, now);
    }
    case 'expression':
      return tidy(states.flatMap((state) => effects(walk, frame, s.value, state)));
    case 'declare':
      return tidy(states.flatMap((state) => walk.declare(frame, s, state)));
    case 'if': {
      const { yes, no } = test(walk, frame, s.condition, states);
      const then = execute(walk, frame, s.then, tidy(yes));
      const otherwise = s.otherwise === null ? no : execute(walk, frame, s.otherwise, tidy(no));
      return tidy([...then, ...otherwise], walk.matters(s) ? undefined : apartWhereItDoesNotMatter);
    }
    case 'loop':
      return loop(walk, frame, s, states);
    case 'switch':
      return choose(walk, frame, s, states);
    case 'case':
      return [...states, ...(here.cases.at(-1)?.get(s) ?? [])];
    case 'break':
      here.loops.at(-1)?.breaks.push(...states);
      return [];
    case 'continue':
      here.loops.findLast(({ continues }) => continues !== null)?.continues?.push(...states);
      return [];
    case 'return':
      for (const state of states) {
        if (s.value === null) here.returns.push([state, anything]);
        else here.returns.push(...evaluate(walk, frame, s.value, state));
      }
      return [];
    case 'goto':
      for (const state of states) here.gotos.push({ label: s.label, state, loc: s.loc });
      return [];
    case 'label': {
      const { seek } = here;
      if (seek === null || seek.label !== s.label) return states;
      here.seek = null;
      return [...states, seek.state];
    }
    case 'atomic':
      return execute(walk, frame, s.body, states);
    case 'ghost':
      return walk.inGhost(() => execute(walk, frame, s.body, states));
    case 'either':
      return tidy(s.branches.flatMap((branch) => execute(walk, frame, branch, states)));
    case 'step':
      return states;
    case 'emit': {
      let now = states;
      for (const arg of s.args) now = now.flatMap((state) => effects(walk, frame, arg, state));
      return now;
    }
  }
}

/** The locals of a block end with it. */
export function leave(frame: Frame, s: Stmt, states: State[]): State[] {
  if (s.kind !== 'block') return states;
  const bases = s.body.flatMap((each) =>
    each.kind === 'declare' ? [`${localBase(frame, each.variable)}@`] : [],
  );
  return bases.length === 0 ? states : tidy(states.map((state) => withoutCells(state, bases)));
}

function effects(walk: Walk, frame: Frame, e: Expr, state: State): State[] {
  return evaluate(walk, frame, e, state).map(([after]) => after);
}

function loop(walk: Walk, frame: Frame, s: Stmt & { kind: 'loop' }, states: State[]): State[] {
  const matters = walk.matters(s);
  const head = new Head(matters ? alikeAtHead : 1);
  const out: State[] = [];
  let arriving = s.init === null ? states : execute(walk, frame, s.init, states);
  let bodyFirst = s.doWhile;
  let seeking = frame.flow.seek !== null && hasEntry(s);
  for (let round = 0; ; round++) {
    const fresh = bodyFirst ? arriving : head.add(tidy(arriving));
    if (fresh.length === 0 && !seeking) break;
    if (round >= mostRounds) {
      limited(walk, frame, s.condition?.loc ?? s.loc, 'rounds');
      break;
    }
    let inside = fresh;
    if (!bodyFirst && s.condition !== null) {
      const { yes, no } = test(walk, frame, s.condition, fresh);
      out.push(...no);
      inside = yes;
    }
    const target: { breaks: State[]; continues: State[] } = { breaks: [], continues: [] };
    frame.flow.loops.push(target);
    const ends = execute(walk, frame, s.body, tidy(inside));
    frame.flow.loops.pop();
    out.push(...target.breaks);
    let next = tidy([...ends, ...target.continues]);
    if (s.step !== null) {
      const { step } = s;
      next = next.flatMap((state) => effects(walk, frame, step, state));
    }
    arriving = next;
    bodyFirst = false;
    seeking = false;
  }
  return tidy(out, matters ? undefined : apartWhereItDoesNotMatter);
}

/** The states at the head of a loop, or at a label: alike ones are joined, so that there is an end. */
export class Head {
  private readonly groups = new Map<string, Map<string, State>>();
  private readonly alike: number;

  constructor(alike: number) {
    this.alike = alike;
  }

  /** Those that were not there. */
  add(states: readonly State[]): State[] {
    const fresh: State[] = [];
    for (const state of states) {
      const group = this.groups.get(lockKey(state)) ?? new Map<string, State>();
      this.groups.set(lockKey(state), group);
      const key = stateKey(state);
      if (group.has(key)) continue;
      if (group.size < this.alike) {
        group.set(key, state);
        fresh.push(state);
        continue;
      }
      const joined = [...group.values()].reduce(join, state);
      const joinedKey = stateKey(joined);
      if (group.has(joinedKey)) continue;
      group.clear();
      group.set(joinedKey, joined);
      // From now on everything is joined with this one.
      for (let i = 1; i < this.alike; i++) group.set(`${joinedKey} ${i}`, joined);
      fresh.push(joined);
    }
    return fresh;
  }
}

function choose(walk: Walk, frame: Frame, s: Stmt & { kind: 'switch' }, states: State[]): State[] {
  const cases = casesIn(s.body);
  const table = new Map<Stmt, State[]>();
  const out: State[] = [];
  for (const state of states) {
    for (const [arrived, value] of evaluate(walk, frame, s.value, state)) {
      let rest: State | null = arrived;
      for (const each of cases) {
        if (rest === null || each.low === null || each.high === null) continue;
        const single = each.low === each.high;
        const type = s.value.type;
        const match: Value = single
          ? binary('eq', value, number(each.low), type)
          : binary(
              'and',
              binary('ge', value, number(each.low), type),
              binary('le', value, number(each.high), type),
              type,
            );
        const taken = assume(rest, match, true);
        if (taken !== null) table.set(each, [...(table.get(each) ?? []), taken]);
        rest = assume(rest, match, false);
      }
      if (rest === null) continue;
      const otherwise = cases.find(({ low }) => low === null);
      if (otherwise === undefined) out.push(rest);
      else table.set(otherwise, [...(table.get(otherwise) ?? []), rest]);
    }
  }
  const target = { breaks: [] as State[], continues: null };
  frame.flow.loops.push(target);
  frame.flow.cases.push(table);
  const ends = execute(walk, frame, s.body, []);
  frame.flow.cases.pop();
  frame.flow.loops.pop();
  return tidy([...out, ...ends, ...target.breaks]);
}

type Case = Stmt & { kind: 'case' };

function casesIn(s: Stmt): Case[] {
  switch (s.kind) {
    case 'case':
      return [s];
    case 'block':
      return s.body.flatMap(casesIn);
    case 'if':
      return [...casesIn(s.then), ...(s.otherwise === null ? [] : casesIn(s.otherwise))];
    case 'loop':
    case 'atomic':
    case 'ghost':
      return casesIn(s.body);
    default:
      return [];
  }
}

const entries = new WeakMap<Stmt, boolean>();

/** Whether a label or case inside lets execution begin in the middle. */
function hasEntry(s: Stmt): boolean {
  switch (s.kind) {
    case 'label':
    case 'case':
      return true;
    case 'block':
    case 'if':
    case 'loop':
    case 'switch':
    case 'atomic':
    case 'ghost':
    case 'either': {
      const known = entries.get(s);
      if (known !== undefined) return known;
      const found = partsOf(s).some(hasEntry);
      entries.set(s, found);
      return found;
    }
    default:
      return false;
  }
}

function partsOf(s: Stmt): readonly Stmt[] {
  switch (s.kind) {
    case 'block':
      return s.body;
    case 'if':
      return s.otherwise === null ? [s.then] : [s.then, s.otherwise];
    case 'either':
      return s.branches;
    case 'loop':
    case 'switch':
    case 'atomic':
    case 'ghost':
      return [s.body];
    default:
      return [];
  }
}
