/** What a thread holds before and behind each statement of one file, and when a function of it is entered. */

import type { CheckedProgram, HirFunction, Loc, Stmt } from '../semantics/hir.ts';
import { localsOf, threadKinds } from './analyse.ts';
import type { AnalysisCache } from './cache.ts';
import { bind } from './evaluate.ts';
import { Ground } from './ground.ts';
import { emptyState, type Held, type State, stateKey } from './lockset.ts';
import { promised } from './promises.ts';
import { reached } from './reached.ts';
import { placeKey } from './report.ts';
import { type Exchange, exchangedState, type Summary, through } from './summary.ts';
import type { Value } from './values.ts';
import { Walk } from './walk.ts';

export interface HeldPlace {
  /** The statement; for `entry`, the body of the function. */
  readonly loc: Loc;
  /** `statement`: what it does. `merge`: the end of a statement with several ways through it, or a label. */
  readonly kind: 'entry' | 'statement' | 'merge';
  /** Behind it, and before it; oldest first. */
  readonly held: readonly HeldHere[];
  readonly before: readonly HeldHere[];
}

export interface HeldHere {
  /** As shown: `dev->lock`. */
  readonly name: string;
  /** null: there is only one mode. */
  readonly mode: 'read' | 'write' | null;
  /** On every way that leads here. */
  readonly sure: boolean;
  /** Where it may have been taken. */
  readonly taken: readonly Loc[];
}

/** Calls of one function that are looked at; more say nothing new. */
const mostCalls = 12;

/** Does the statement take or drop a lock, on some way? */
export function changesHeld({ before, held }: HeldPlace): boolean {
  return shown(before) !== shown(held);
}

/** Places in the code of file `uri` that a thread comes to, in no order. With the cache of `analyse`, calls that it followed are known. */
export function heldIn(program: CheckedProgram, uri: string, cache: AnalysisCache): readonly HeldPlace[] {
  const watcher = new Watcher(program, uri, cache);
  watcher.run();
  return watcher.places();
}

/** How a body is begun. */
interface Begin {
  readonly actor: string | null;
  readonly kind: number;
}

interface Entry extends Begin {
  readonly args: readonly Value[];
  readonly state: State;
}

/** One statement, and everything that it was seen to lead from and to. */
interface Seen {
  owner: Stmt;
  /** Statements that a macro puts at the same place, inside the one that counts. */
  readonly inner: Set<Stmt>;
  before: Ways;
  after: Ways;
}

class Watcher {
  private readonly program: CheckedProgram;
  private readonly uri: string;
  private readonly ground: Ground;
  private readonly seen = new Map<string, Seen>();
  private readonly entries = new Map<HirFunction, Map<string, Entry>>();
  private readonly begun = new Map<HirFunction, Ways>();
  /** Looked through already: another call of the same differs in nothing that is shown. */
  private readonly answers = new Set<Summary>();
  private readonly actors: ReturnType<typeof reached>['actors'];
  private begin: Begin = { actor: null, kind: 0 };

  constructor(program: CheckedProgram, uri: string, cache: AnalysisCache) {
    const { addressTaken, actors } = reached(program);
    this.program = program;
    this.uri = uri;
    this.actors = actors;
    this.ground = new Ground(program, addressTaken, cache.store);
  }

  run(): void {
    const { program } = this;
    program.inits.forEach((body, index) => {
      const walk = this.walk({ actor: 'init', kind: 0 }, false);
      walk.root(body, `init ${index}`, [], emptyState, null);
    });
    for (const actor of this.actors) {
      const locals = localsOf(program, actor);
      if (locals === null) continue;
      const walk = this.walk({ actor: actor.label, kind: threadKinds[actor.kind] }, false);
      walk.root(actor.body, actor.label, locals, emptyState, null);
    }
    for (const fn of program.functions.values()) {
      if (fn.loc.uri !== this.uri || fn.primitive) continue;
      const entries = [...(this.entries.get(fn)?.values() ?? [])];
      if (entries.length === 0) this.alone(fn);
      for (const entry of entries) this.called(fn, entry);
    }
  }

  places(): readonly HeldPlace[] {
    const places: HeldPlace[] = [];
    for (const [{ body }, ways] of this.begun) {
      places.push({ loc: body.loc, kind: 'entry', held: ways.held(), before: [] });
    }
    for (const { owner, before, after } of this.seen.values()) {
      if (after.count === 0 || before.count === 0) continue;
      places.push({
        loc: owner.loc,
        kind: merging.has(owner.kind) ? 'merge' : 'statement',
        held: after.held(),
        before: before.held(),
      });
    }
    return places;
  }

  // ---------------------------------------------------------------- walks

  private walk(begin: Begin, alone: boolean): Walk {
    const walk = new Walk(this.ground);
    walk.begin(begin.actor, begin.kind, alone);
    this.begin = begin;
    walk.watch = {
      statement: (s, before, after) => this.statement(s, before, after),
      called: (summary, exchange) => this.answered(summary, exchange),
    };
    return walk;
  }

  /** Nobody here calls it: its annotations say what it is called with. */
  private alone(fn: HirFunction): void {
    const walk = this.walk({ actor: null, kind: 0 }, true);
    const frame = walk.aloneFrame(fn);
    let entry = emptyState;
    for (const param of fn.params) entry = bind(frame, param, `$p${fn.name}.${param.name}`, entry);
    const { watch } = walk;
    walk.watch = null;
    entry = promised(walk, frame, fn, entry);
    walk.watch = watch;
    this.body(walk, fn, frame, entry);
  }

  private called(fn: HirFunction, { args, state, actor, kind }: Entry): void {
    const walk = this.walk({ actor, kind }, false);
    const frame = walk.aloneFrame(fn);
    let entry = state;
    fn.params.forEach((param, index) => {
      entry = bind(frame, param, args[index] ?? null, entry);
    });
    this.body(walk, fn, frame, entry);
  }

  private body(walk: Walk, fn: HirFunction, frame: Parameters<Walk['body']>[0], entry: State): void {
    const ways = this.begun.get(fn) ?? new Ways();
    this.begun.set(fn, ways);
    ways.add([entry]);
    walk.body(frame, fn.body, entry);
  }

  // ---------------------------------------------------------------- what is seen

  private statement(s: Stmt, before: readonly State[], after: readonly State[]): void {
    if (s.loc.uri !== this.uri || !telling.has(s.kind) || before.length + after.length === 0) return;
    const key = placeKey(s.loc);
    let seen = this.seen.get(key);
    if (seen === undefined) {
      seen = { owner: s, inner: new Set(), before: new Ways(), after: new Ways() };
      this.seen.set(key, seen);
    } else if (seen.owner !== s) {
      if (seen.inner.has(s)) return;
      // The statement around ends behind those in it.
      seen.inner.add(seen.owner);
      seen.owner = s;
      seen.before = new Ways();
      seen.after = new Ways();
    }
    seen.before.add(before);
    seen.after.add(after);
  }

  /** Calls of the file's functions, however deep. */
  private answered(summary: Summary, exchange: Exchange): void {
    if (this.answers.has(summary)) return;
    this.answers.add(summary);
    const { fn, args } = summary;
    if (fn.loc.uri === this.uri && !fn.primitive) {
      const entries = this.entries.get(fn) ?? new Map<string, Entry>();
      this.entries.set(fn, entries);
      const key = `${args.join(' ')} ${stateKey(summary.entry)} ${this.begin.kind}`;
      if (entries.size < mostCalls && !entries.has(key))
        entries.set(key, { ...this.begin, args, state: exchangedState(summary.entry, exchange) });
    }
    for (const each of summary.told)
      if (each.kind === 'call') this.answered(each.summary, through(each.exchange, exchange));
  }
}

const merging: ReadonlySet<Stmt['kind']> = new Set<Stmt['kind']>(['if', 'loop', 'switch', 'either', 'label']);
const telling: ReadonlySet<Stmt['kind']> = new Set<Stmt['kind']>([
  ...merging,
  'expression',
  'declare',
  'emit',
]);

/** What is held on several ways to one place. */
class Ways {
  count = 0;
  private readonly locks = new Map<
    string,
    { readonly lock: Held; count: number; readonly taken: Map<string, Loc> }
  >();
  private readonly seen = new Set<string>();

  add(states: readonly State[]): void {
    for (const { held } of states) {
      const locks = new Map(held.map((lock) => [keyOf(lock), lock]));
      for (const [key, lock] of locks) {
        const { taken } = this.locks.get(key) ?? { taken: new Map<string, Loc>() };
        taken.set(placeKey(lock.loc), lock.loc);
        if (!this.locks.has(key)) this.locks.set(key, { lock, count: 0, taken });
      }
      const ways = [...locks.keys()].sort().join(' ');
      if (this.seen.has(ways)) continue;
      this.seen.add(ways);
      this.count++;
      for (const key of locks.keys()) {
        const known = this.locks.get(key);
        if (known !== undefined) known.count++;
      }
    }
  }

  held(): readonly HeldHere[] {
    return [...this.locks.values()].map(({ lock, count, taken }) => ({
      name: lock.name,
      mode: modeOf(lock),
      sure: count === this.count,
      taken: [...taken.values()],
    }));
  }
}

/** Locks of a class count as one, as they do for the rules. */
function keyOf(lock: Held): string {
  return `${lock.class?.key ?? `${lock.type.name} ${lock.name}`} ${lock.read === 0 ? 'exclusive' : 'shared'}`;
}

function modeOf({ type, read }: Held): HeldHere['mode'] {
  if (!type.entries.has('readers') || !type.entries.has('writers')) return null;
  return read === 0 ? 'write' : 'read';
}

function shown(held: readonly HeldHere[]): string {
  return held
    .map(({ name, mode, sure }) => `${name} ${mode} ${sure}`)
    .sort()
    .join(', ');
}
