/** What a thread holds before and behind each statement of one file, and when a function of it is entered. */

import type { CheckedProgram, HirFunction, Loc, Stmt } from '../semantics/hir.ts';
import { placeParts, statementParts, type Visitor } from '../semantics/walk.ts';
import { localsOf, threadKinds } from './analyse.ts';
import type { AnalysisCache } from './cache.ts';
import { bodyOf } from './bodies.ts';
import { bare } from './calls.ts';
import { bind } from './evaluate.ts';
import { Ground } from './ground.ts';
import { emptyState, type Held, type State, stateKey } from './lockset.ts';
import { promised } from './promises.ts';
import { reached } from './reached.ts';
import { placeKey } from './report.ts';
import { type Exchange, exchangedState, type Summary, through } from './summary.ts';
import type { Value } from './values.ts';
import { Walk, type Watch } from './walk.ts';

export interface HeldPlace {
  /** The statement; for `entry`, the body of the function. */
  readonly loc: Loc;
  /**
   * `statement`: what it does. `merge`: the end of a statement with several ways through it, or a label. `head`: the
   * place is that of a macro that begins such a statement; where it ends is not said.
   */
  readonly kind: 'entry' | 'statement' | 'merge' | 'head';
  /** Behind it, and before it; oldest first. */
  readonly held: readonly HeldHere[];
  readonly before: readonly HeldHere[];
  /** Before it (for `entry`, behind it): may an interrupt of the hardware, a softirq, come here? */
  readonly hardirqs: Switch;
  readonly softirqs: Switch;
}

/** `maybe`: on some ways. */
export type Switch = 'on' | 'off' | 'maybe';

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

/** What stands at one place: a statement, or those that a macro puts there; and what it was seen to lead from and to. */
interface Seen {
  first: Stmt;
  last: Stmt;
  /** Statements before the last one, or inside it. */
  readonly passed: Set<Stmt>;
  before: Ways;
  after: Ways;
}

/** What was seen from one beginning to its end: of a thread, or of a function as it is called. */
interface Root {
  /** By place. */
  readonly seen: ReadonlyMap<string, Seen>;
  /** Ways into the function. */
  readonly begun: Ways;
  /** Calls of the file's functions, by what differs in them. */
  readonly entries: ReadonlyMap<string, { readonly name: string; readonly entry: Entry }>;
  /** Functions that were called through pointers, and what they consisted of. */
  readonly targets: ReadonlyMap<string, number>;
}

/** Beginnings that are remembered. */
const mostRoots = 2_000;
const memory = new WeakMap<AnalysisCache, Map<string, Root>>();

function rootsOf(cache: AnalysisCache): Map<string, Root> {
  let roots = memory.get(cache);
  if (roots === undefined) {
    roots = new Map();
    memory.set(cache, roots);
  }
  return roots;
}

class Watcher {
  private readonly program: CheckedProgram;
  private readonly uri: string;
  private readonly ground: Ground;
  private readonly roots: Map<string, Root>;
  private readonly actors: ReturnType<typeof reached>['actors'];
  private readonly seen = new Map<string, Seen>();
  private readonly entries = new Map<string, Map<string, Entry>>();
  private readonly begun: { readonly loc: Loc; readonly ways: Ways }[] = [];

  constructor(program: CheckedProgram, uri: string, cache: AnalysisCache) {
    const { addressTaken, actors } = reached(program);
    this.program = program;
    this.uri = uri;
    this.actors = actors;
    this.ground = new Ground(program, addressTaken, cache.store);
    this.roots = rootsOf(cache);
  }

  run(): void {
    const { program, ground } = this;
    program.inits.forEach((body, index) => {
      const name = `init ${index}`;
      this.root(`${name} ${ground.functions.identityOfBody(body)}`, { actor: 'init', kind: 0 }, (watch) =>
        watch.walk(false).root(body, name, [], emptyState, null),
      );
    });
    for (const actor of this.actors) {
      const locals = localsOf(program, actor);
      if (locals === null) continue;
      const about = `${actor.label} ${ground.functions.identityOfBody(actor.body)} ${locals.map(([, value]) => value)}`;
      const begin = { actor: actor.label, kind: threadKinds[actor.kind] };
      this.root(`${actor.kind} ${about} ${placeKey(actor.loc)}`, begin, (watch) =>
        watch.walk(false).root(actor.body, actor.label, locals, emptyState, null),
      );
    }
    for (const fn of this.callersFirst()) {
      const entries = [...(this.entries.get(fn.name) ?? [])].slice(0, mostCalls);
      const identity = ground.functions.of(fn.name)?.identity ?? 0;
      const about = `function ${fn.name} ${identity} ${entries.map(([key]) => key).join('\n')}`;
      const root = this.root(about, { actor: null, kind: 0 }, (watch) => {
        if (entries.length === 0) alone(watch, fn);
        for (const [, entry] of entries) called(watch, fn, entry);
      });
      this.begun.push({ loc: fn.body.loc, ways: root.begun });
    }
  }

  /** The file's functions: those that the walk follows, then the others, each behind those that call it. */
  private callersFirst(): readonly HirFunction[] {
    const { functions } = this.ground;
    const own = [...this.program.functions.values()].filter(
      ({ loc, primitive }) => loc.uri === this.uri && !primitive,
    );
    const isFollowed = ({ name }: HirFunction): boolean => functions.of(name)?.relevant === true;
    const skipped = new Map(own.filter((fn) => !isFollowed(fn)).map((fn) => [fn.name, fn]));
    const ordered: HirFunction[] = [];
    const visit = (fn: HirFunction): void => {
      if (!skipped.delete(fn.name)) return;
      for (const name of bodyOf(fn.body).calls) {
        const callee = skipped.get(name);
        if (callee !== undefined) visit(callee);
      }
      ordered.unshift(fn);
    };
    for (const fn of [...skipped.values()]) visit(fn);
    return [...own.filter(isFollowed), ...ordered];
  }

  places(): readonly HeldPlace[] {
    const places: HeldPlace[] = this.begun.map(({ loc, ways }) => ({
      loc,
      kind: 'entry',
      held: ways.held(),
      before: [],
      ...ways.switches(),
    }));
    for (const { last, before, after } of this.seen.values()) {
      if (after.isEmpty || before.isEmpty) continue;
      const kind = !merging.has(last.kind) ? 'statement' : isHead(last) ? 'head' : 'merge';
      places.push({ loc: last.loc, kind, held: after.held(), before: before.held(), ...before.switches() });
    }
    return places;
  }

  /** What is seen from a beginning, remembered by all that it depends on. */
  private root(about: string, begin: Begin, walk: (watch: Watching) => void): Root {
    const { ground, roots, uri } = this;
    const key = `${uri} ${ground.identity} ${about}`;
    let root = roots.get(key);
    const holds = [...(root?.targets ?? [])].every(
      ([name, identity]) => (ground.functions.of(name)?.identity ?? 0) === identity,
    );
    if (root === undefined || !holds) {
      const watching = new Watching(ground, uri, begin);
      walk(watching);
      root = watching;
    }
    roots.delete(key);
    roots.set(key, { seen: root.seen, begun: root.begun, entries: root.entries, targets: root.targets });
    const oldest = roots.keys().next();
    if (roots.size > mostRoots && oldest.done === false) roots.delete(oldest.value);
    this.add(root);
    return root;
  }

  private add({ seen, entries }: Root): void {
    for (const [key, each] of seen) {
      const known = this.seen.get(key);
      if (known === undefined) this.seen.set(key, each);
      // What is remembered stays as it is.
      else
        this.seen.set(key, {
          ...known,
          before: known.before.with(each.before),
          after: known.after.with(each.after),
        });
    }
    for (const [key, { name, entry }] of entries) {
      const known = this.entries.get(name) ?? new Map<string, Entry>();
      this.entries.set(name, known);
      if (!known.has(key)) known.set(key, entry);
    }
  }
}

/** Nobody here calls it: its annotations say what it is called with. */
function alone(watch: Watching, fn: HirFunction): void {
  const walk = watch.walk(true);
  const frame = walk.aloneFrame(fn);
  let entry = emptyState;
  for (const param of fn.params) entry = bind(frame, param, `$p${fn.name}.${param.name}`, entry);
  walk.watch = null;
  entry = promised(walk, frame, fn, entry);
  walk.watch = watch;
  watch.begun.add([entry], walk);
  walk.body(frame, fn.body, entry);
}

function called(watch: Watching, fn: HirFunction, { args, state, actor, kind }: Entry): void {
  const walk = watch.walk(false, { actor, kind });
  const frame = walk.aloneFrame(fn);
  let entry = state;
  fn.params.forEach((param, index) => {
    entry = bind(frame, param, args[index] ?? null, entry);
  });
  watch.begun.add([entry], walk);
  walk.body(frame, fn.body, entry);
}

const merging: ReadonlySet<Stmt['kind']> = new Set<Stmt['kind']>(['if', 'loop', 'switch', 'either', 'label']);
const telling: ReadonlySet<Stmt['kind']> = new Set<Stmt['kind']>([
  ...merging,
  'expression',
  'declare',
  'emit',
]);

const named = new WeakMap<Stmt, readonly string[]>();

/** What a statement calls itself, not those in it. */
function callsIn(s: Stmt): readonly string[] {
  let names = named.get(s);
  if (names === undefined) {
    const found = new Set<string>();
    const visitor: Visitor = {
      statement: () => {},
      expression: (part) => {
        for (const name of bodyOf(part).calls) found.add(name);
      },
      place: (part) => placeParts(part, visitor),
    };
    statementParts(s, visitor);
    names = [...found];
    named.set(s, names);
  }
  return names;
}

/** Sees what walks from one beginning come to. */
class Watching implements Watch, Root {
  readonly seen = new Map<string, Seen>();
  readonly begun = new Ways();
  readonly entries = new Map<string, { readonly name: string; readonly entry: Entry }>();
  readonly targets = new Map<string, number>();
  private readonly ground: Ground;
  private readonly uri: string;
  private begin: Begin;
  private current: Walk | null = null;
  /** Looked through already: another call of the same differs in nothing that is shown. */
  private readonly answers = new Set<Summary>();

  constructor(ground: Ground, uri: string, begin: Begin) {
    this.ground = ground;
    this.uri = uri;
    this.begin = begin;
  }

  walk(isAlone: boolean, begin: Begin = this.begin): Walk {
    this.begin = begin;
    const walk = new Walk(this.ground);
    walk.begin(begin.actor, begin.kind, isAlone);
    walk.watch = this;
    this.current = walk;
    return walk;
  }

  statement(s: Stmt, before: readonly State[], after: readonly State[]): void {
    this.skipped(s, before);
    if (s.loc.uri !== this.uri || !telling.has(s.kind) || before.length + after.length === 0) return;
    const key = placeKey(s.loc);
    let seen = this.seen.get(key);
    if (seen === undefined) {
      seen = { first: s, last: s, passed: new Set(), before: new Ways(), after: new Ways() };
      this.seen.set(key, seen);
    } else if (seen.last !== s && !seen.passed.has(s) && seen.last.loc.macro !== null) {
      seen.passed.add(seen.last);
      seen.last = s;
      seen.after = new Ways();
      // The statement around ends behind those in it.
      if (s.loc.macro === null) {
        seen.first = s;
        seen.before = new Ways();
      }
    }
    if (seen.first === s) seen.before.add(before, this.current);
    if (seen.last === s) seen.after.add(after, null);
  }

  /** Functions of the file that a statement calls and the walk does not follow, since they do nothing to locks. */
  private skipped(s: Stmt, before: readonly State[]): void {
    const { functions } = this.ground;
    for (const name of callsIn(s).flatMap((each) => [each, ...(functions.of(each)?.scenario ?? [])])) {
      const fn = this.ground.program.functions.get(name);
      if (fn?.loc.uri !== this.uri || fn.primitive || functions.of(name)?.relevant !== false) continue;
      for (const state of before) this.enters(name, [], bare(state));
    }
  }

  private enters(name: string, args: readonly Value[], state: State): void {
    const taken = state.held.map(({ loc }) => placeKey(loc));
    const key = `${name} ${args.join(' ')} ${stateKey(state)} ${taken.join()} ${this.begin.kind}`;
    this.entries.set(key, { name, entry: { ...this.begin, args, state } });
  }

  /** Calls of the file's functions, however deep. */
  called(summary: Summary, exchange: Exchange): void {
    if (this.answers.has(summary)) return;
    this.answers.add(summary);
    for (const [name, identity] of summary.targets) this.targets.set(name, identity);
    const { fn, args } = summary;
    if (fn.loc.uri === this.uri && !fn.primitive)
      this.enters(fn.name, args, exchangedState(summary.entry, exchange));
    for (const each of summary.told) {
      if (each.kind === 'call') this.called(each.summary, through(each.exchange, exchange));
      else if (each.kind === 'skip' && this.ground.program.functions.get(each.name)?.loc.uri === this.uri)
        this.enters(each.name, [], exchangedState(each.state, exchange));
    }
  }
}

/** The head of a loop or condition that a macro makes, with statements of the user inside. */
function isHead(s: Stmt): boolean {
  if (s.loc.macro === null) return false;
  let found = false;
  const visitor: Visitor = {
    statement: (part) => {
      if (part.loc.macro === null) found = true;
      else statementParts(part, visitor);
    },
    expression: () => {},
    place: () => {},
  };
  statementParts(s, visitor);
  return found;
}

/** What is held on several ways to one place. */
class Ways {
  /** Keys of the locks that are held together, by all of them. */
  private readonly ways = new Map<string, readonly string[]>();
  private readonly locks = new Map<string, { readonly lock: Held; readonly taken: Map<string, Loc> }>();
  private readonly hardirqs = new Set<boolean>();
  private readonly softirqs = new Set<boolean>();

  get isEmpty(): boolean {
    return this.ways.size === 0;
  }

  /** `walk` says what is switched off; null: nobody asks. */
  add(states: readonly State[], walk: Walk | null): void {
    for (const state of states) {
      const { held } = state;
      if (walk !== null) {
        const { hardirqsOn, softirqsOn } = walk.contexts.of(state);
        this.hardirqs.add(hardirqsOn);
        this.softirqs.add(hardirqsOn && softirqsOn);
      }
      for (const lock of held) this.lock(lock, lock.loc);
      const keys = [...new Set(held.map(keyOf))].sort();
      this.ways.set(keys.join('|'), keys);
    }
  }

  with(other: Ways): Ways {
    const both = new Ways();
    for (const { ways, locks, hardirqs, softirqs } of [this, other]) {
      for (const on of hardirqs) both.hardirqs.add(on);
      for (const on of softirqs) both.softirqs.add(on);
      for (const [key, way] of ways) both.ways.set(key, way);
      for (const { lock, taken } of locks.values()) for (const loc of taken.values()) both.lock(lock, loc);
    }
    return both;
  }

  private lock(lock: Held, taken: Loc): void {
    const key = keyOf(lock);
    const known = this.locks.get(key);
    if (known === undefined) this.locks.set(key, { lock, taken: new Map([[placeKey(taken), taken]]) });
    else known.taken.set(placeKey(taken), taken);
  }

  switches(): Pick<HeldPlace, 'hardirqs' | 'softirqs'> {
    return { hardirqs: switchOf(this.hardirqs), softirqs: switchOf(this.softirqs) };
  }

  held(): readonly HeldHere[] {
    const ways = [...this.ways.values()];
    return [...this.locks].map(([key, { lock, taken }]) => ({
      name: lock.name,
      mode: modeOf(lock),
      sure: ways.every((way) => way.includes(key)),
      taken: [...taken.values()],
    }));
  }
}

function switchOf(seen: ReadonlySet<boolean>): Switch {
  if (seen.size === 2) return 'maybe';
  return seen.has(false) ? 'off' : 'on';
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
