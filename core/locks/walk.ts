/**
 * Follows the code of one variant as a thread would execute it, on all paths at once, and keeps what the thread
 * holds. Calls are followed with what is known of the arguments; a call that was followed once from the same state
 * is answered from memory. What a primitive does to locks its annotations say; what it switches off its body says.
 */

import type {
  Actor,
  CheckedProgram,
  Expr,
  HirFunction,
  Intrinsic,
  Loc,
  LocalVariable,
  Stmt,
} from '../semantics/hir.ts';
import { isTrusted } from '../semantics/imports.ts';
import type { Type } from '../semantics/types.ts';
import { typeName } from '../semantics/typeName.ts';
import { check } from './assertions.ts';
import { isForeign, limited, project, sameObjects } from './calls.ts';
import { type Contexts, contextsOf } from './contexts.ts';
import { ended, exit, returned } from './effects.ts';
import { bind, declare, evaluate, initialValue, type Results } from './evaluate.ts';
import type { LockClass, LockEvent } from './events.ts';
import { execute, type Flow, flow } from './flow.ts';
import type { Ground } from './ground.ts';
import { Guards } from './guards.ts';
import { freed, wrote } from './inUse.ts';
import { holdersOf, type LockWork, lockWorkOf } from './locking.ts';
import { emptyState, type Held, known, mapKey, renew, type State, stateKey, tidy } from './lockset.ts';
import { obligations } from './obligations.ts';
import type { Relevance, Statements } from './relevance.ts';
import { placeKey, Report } from './report.ts';
import type { DeclaredRules } from './rules.ts';
import { type Address, addressOf, anything, constantOf, falsehood, type Value } from './values.ts';

/** One activation of a function, or the body of an actor. */
export interface Frame {
  /** Distinguishes the locals of activations that exist at the same time. */
  readonly name: string;
  readonly fn: HirFunction | null;
  /** Where it was called. */
  readonly call: Loc | null;
  readonly parent: Frame | null;
  readonly depth: number;
  /** The outermost primitive that is being executed. */
  readonly primitive: HirFunction | null;
  /** Equal for equal calls. */
  readonly activation: number;
  /** Locks held on entry. */
  readonly entry: readonly Held[];
  readonly flow: Flow;
}

interface Summary {
  results: Results<Value> | null;
}

/** Calls nest no deeper, and one function is not inside itself more often. */
const deepest = 60;
const mostAlike = 3;
/** Statements that are looked at before the walk gives up. */
const mostWork = 3_000_000;

export class Walk {
  readonly ground: Ground;
  readonly program: CheckedProgram;
  readonly report = new Report();
  readonly events: LockEvent[] = [];
  readonly statements: Statements;
  readonly guards: Guards;
  readonly rules: DeclaredRules;
  readonly contexts: Contexts;
  /** Classes of the locks whose addresses have been seen. */
  readonly locks = new Map<Value, LockClass>();
  /** Functions that have been entered from somewhere. */
  readonly visited = new Set<string>();
  /** Label of the actor that is walked. */
  actor: string | null = null;
  threadKind = 0;
  /** The function is looked at by itself: nobody here calls it. */
  alone = false;
  /** An interrupt of a device, which runs in a thread of its own with PREEMPT_RT: no system vector, no IPI. */
  threaded = false;
  /** Nothing is reported while an entry state is made. */
  silent = false;
  private ghost = 0;
  private work = 0;
  private readonly summaries = new Map<string, Summary>();
  private readonly activations = new Map<string, number>();
  private readonly sites = new Map<string, number>();
  private readonly seenEvents = new Set<string>();

  constructor(ground: Ground) {
    this.ground = ground;
    this.program = ground.program;
    this.rules = ground.rules;
    this.statements = ground.statements;
    this.guards = new Guards(this);
    this.contexts = contextsOf(this);
  }

  // -------------------------------------------------------------- bodies

  /** Walks a body that begins a thread, to its end. */
  root(
    body: Stmt,
    label: string,
    locals: readonly (readonly [LocalVariable, Value])[],
    start: State,
    actor: Actor | null,
  ): void {
    const frame = this.frame(null, null, null, `<${label}>`, start);
    let state = start;
    for (const [variable, value] of locals) state = bind(frame, variable, value, state);
    const ends = this.body(frame, body, state).map(([end]) => end);
    if (actor === null) return;
    ended(this, frame, ends, actor.loc);
    const leave = this.program.functions.get('__thread_exit');
    if (leave === undefined || actor.kind === 'irq' || actor.kind === 'softirq') return;
    for (const end of ends) this.enter(frame, leave.name, [], end, actor.loc, leave.type.returns);
  }

  /** Executes a function from its entry; every return with its state and value. */
  private body(frame: Frame, body: Stmt, state: State): Results<Value> {
    const ends = execute(this, frame, body, [state]);
    const open = [...frame.flow.gotos];
    frame.flow.gotos.length = 0;
    const seen = new Set<string>();
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const key = `${next.label} ${stateKey(next.state)}`;
      if (seen.has(key) || seen.size > 200) continue;
      seen.add(key);
      frame.flow.seek = next;
      ends.push(...execute(this, frame, body, []));
      frame.flow.seek = null;
      open.push(...frame.flow.gotos);
      frame.flow.gotos.length = 0;
    }
    return [...tidy(ends).map((end) => [end, anything] as const), ...frame.flow.returns];
  }

  execute(frame: Frame, s: Stmt, states: State[]): State[] {
    return execute(this, frame, s, states);
  }

  declare(frame: Frame, s: Stmt & { kind: 'declare' }, state: State): readonly State[] {
    return declare(this, frame, s.variable, s.init, state);
  }

  inGhost<T>(what: () => T): T {
    this.ghost++;
    const result = what();
    this.ghost--;
    return result;
  }

  get isGhost(): boolean {
    return this.ghost > 0;
  }

  /** Code of `init`, before there are threads. */
  get isSetup(): boolean {
    return this.actor === 'init';
  }

  /** Counts work; false when there has been too much of it. */
  goesOn(): boolean {
    return this.work++ < mostWork;
  }

  // -------------------------------------------------------------- calls

  call(frame: Frame, e: Expr & { kind: 'call' }, state: State): Results<Value> {
    let arrived: readonly (readonly [State, readonly Value[]])[] = [[state, []]];
    let callee: Results<Value> | null = null;
    if (e.callee.kind === 'indirect') {
      callee = evaluate(this, frame, e.callee.pointer, state);
      arrived = callee.map(([s]) => [s, []]);
    }
    for (const arg of e.args) {
      arrived = arrived.flatMap(([s, values]) =>
        evaluate(this, frame, arg, s).map(([t, value]) => [t, [...values, known(t, value)]] as const),
      );
    }
    return arrived.flatMap(([s, values]) => {
      const direct = e.callee.kind === 'direct' ? [e.callee.name] : this.targets(e.callee.pointer, callee);
      if (direct.length === 0) return [this.fresh(frame, e.loc, s)];
      return direct.flatMap((name) => this.enter(frame, name, values, s, e.loc, e.type));
    });
  }

  /** Functions that an indirect call may reach. */
  private targets(pointer: Expr, values: Results<Value> | null): readonly string[] {
    const names = (values ?? []).map(([, value]) => value);
    if (names.length > 0 && names.every((value) => value.startsWith('@')))
      return [...new Set(names.map((each) => each.slice(1)))];
    const type: Type = pointer.type.kind === 'pointer' ? pointer.type.to : pointer.type;
    return this.ground.addressTaken.get(typeName(type)) ?? [];
  }

  enter(
    frame: Frame,
    name: string,
    args: readonly Value[],
    state: State,
    loc: Loc,
    type: Type,
  ): Results<Value> {
    const fn = this.program.functions.get(name);
    if (fn === undefined) return [this.fresh(frame, loc, state)];
    const holders = holdersOf(this, fn, args, state);
    if (holders !== null) return [[state, holders]];
    this.visited.add(name);
    if (frame.depth > deepest || this.alike(frame, name) >= mostAlike) return [this.fresh(frame, loc, state)];

    const relevance = this.ground.relevance.get(name);
    const plain = args.every((arg) => !arg.startsWith('$') && arg !== anything);
    if (relevance?.relevant === false && frame.primitive === null && !(relevance.pure && plain))
      return [this.skip(frame, name, relevance, args, state, loc)];
    const { inside, outside } = project(state, args);
    const inputs = `${args.join(' ')} ${mapKey(inside.cells)}`;
    // What library code does on behalf of a place is told of that place.
    const site = isTrusted(fn.loc.uri)
      ? `${this.activationAt(frame)} ${placeKey(this.userPlace(frame, loc))}`
      : '';
    const key = `${site} ${name}(${args.join(', ')}) ${this.ghost > 0 ? 'g' : ''}${frame.primitive?.name ?? ''} ${this.threadKind}${this.silent ? 's' : ''}${this.alone ? 'a' : ''} ${stateKey(inside)}`;
    const kept = this.summaries.get(key);
    let results: Results<Value>;
    if (kept !== undefined) {
      // A call that is being followed already adds nothing: its other paths return.
      results = kept.results ?? [];
    } else {
      const summary: Summary = { results: null };
      this.summaries.set(key, summary);
      results = this.follow(frame, fn, args, inside, loc, key, inputs);
      summary.results = results;
    }
    return this.merge(frame, results, outside, inputs, loc, type.kind === 'void', state.held);
  }

  /** A call that nothing here depends on: what it may write is not known any more. */
  private skip(
    frame: Frame,
    name: string,
    { writes, pure }: Relevance,
    args: readonly Value[],
    state: State,
    loc: Loc,
  ): readonly [State, Value] {
    const value = `$(call ${name} ${args.join(' ')})`;
    if (pure && !args.includes(anything) && value.length < 160) return [state, value];
    const { outside } = writes ? project(state, args) : { outside: state };
    return this.fresh(frame, loc, { ...state, cells: outside.cells });
  }

  private follow(
    frame: Frame,
    fn: HirFunction,
    args: readonly Value[],
    state: State,
    loc: Loc,
    key: string,
    inputs: string,
  ): Results<Value> {
    const inner = this.frame(frame, fn, loc, key, state);
    let entry = state;
    fn.params.forEach((param, index) => {
      entry = bind(inner, param, args[index] ?? anything, entry);
    });
    const work: LockWork | null = fn.primitive ? lockWorkOf(this, inner, fn, entry) : null;
    obligations(this, inner, fn, entry);
    const begun = work === null ? entry : work.before(entry);
    const ends = this.body(inner, fn.body, begun);
    const mine = `L${inner.name}/`;
    const isVoid = fn.type.returns.kind === 'void';
    const once = new Map<string, readonly [State, Value]>();
    for (const [end, raw] of ends) {
      const value = known(end, raw);
      for (const after of work === null ? [end] : work.after(end, value)) {
        if (fn.primitive) this.contexts.changed(inner, state, after, loc);
        else exit(this, inner, fn, entry, after, value);
        const returned = isVoid ? anything : known(after, value);
        const left: State = {
          ...after,
          cells: new Map([...after.cells].filter(([cell]) => !cell.startsWith(mine))),
          facts: new Map(
            [...after.facts].filter(([about]) => about === returned || !isForeign(about, inputs)),
          ),
        };
        once.set(`${returned} ${stateKey(left)}`, [left, returned]);
      }
    }
    return limited([...once.values()]);
  }

  /** Brings what a call returned into the state of its caller. */
  private merge(
    frame: Frame,
    results: Results<Value>,
    outside: State,
    inputs: string,
    loc: Loc,
    isVoid: boolean,
    held: readonly Held[],
  ): Results<Value> {
    return results.map(([end, raw]) => {
      const name = this.freshName(frame, loc);
      let value = isVoid ? anything : raw;
      const cells = new Map(outside.cells);
      for (const [cell, stored] of end.cells) if (!isForeign(stored, inputs)) cells.set(cell, stored);
      const facts = new Map(outside.facts);
      for (const [about, fact] of end.facts) if (!isForeign(about, inputs)) facts.set(about, fact);
      let state: State = { held: sameObjects(end.held, held), own: end.own, lent: end.lent, cells, facts };
      if (isForeign(value, inputs)) {
        const fact = end.facts.get(value);
        state = renew(state, name);
        // What the address leads to is still an object of that kind.
        const address = addressOf(value);
        value =
          address?.base.startsWith('pool:') === true
            ? `&${address.base.replace(/\$f\d+\./g, name)}+${address.offset}`
            : name;
        if (fact !== undefined) state = { ...state, facts: new Map(state.facts).set(value, fact) };
      }
      return [state, value];
    });
  }

  private alike(frame: Frame, name: string): number {
    let count = 0;
    for (let each: Frame | null = frame; each !== null; each = each.parent)
      if (each.fn?.name === name) count++;
    return count;
  }

  private frame(
    parent: Frame | null,
    fn: HirFunction | null,
    call: Loc | null,
    key: string,
    state: State,
  ): Frame {
    const name =
      fn === null ? key : `${fn.name}${"'".repeat(parent === null ? 0 : this.alike(parent, fn.name))}`;
    let activation = this.activations.get(key);
    if (activation === undefined) {
      activation = this.activations.size;
      this.activations.set(key, activation);
    }
    const primitive = parent?.primitive ?? (fn?.primitive === true ? fn : null);
    return {
      name,
      fn,
      call,
      parent,
      depth: (parent?.depth ?? 0) + 1,
      primitive,
      activation,
      entry: state.held,
      flow: flow(),
    };
  }

  /** The frame in which a function is looked at by itself. */
  aloneFrame(fn: HirFunction): Frame {
    return this.frame(null, fn, null, `alone ${fn.name}`, emptyState);
  }

  runAlone(frame: Frame, fn: HirFunction, entry: State): void {
    const inner: Frame = { ...frame, entry: entry.held };
    const ends = this.body(inner, fn.body, entry);
    for (const [end, value] of ends) exit(this, inner, fn, entry, end, known(end, value));
    returned(
      this,
      inner,
      fn,
      ends.map(([end]) => end),
      entry,
    );
  }

  // -------------------------------------------------------------- unknown values

  /** A value of which nothing is known, the same each time it is used. */
  fresh(frame: Frame, loc: Loc, state: State): readonly [State, Value] {
    const name = this.freshName(frame, loc);
    return [renew(state, name), name];
  }

  private freshName(frame: Frame, loc: Loc): Value {
    const site = `${frame.name} ${placeKey(loc)} ${loc.macro === null ? '' : placeKey(loc.macro)}`;
    let number = this.sites.get(site);
    if (number === undefined) {
      number = this.sites.size;
      this.sites.set(site, number);
    }
    return `$f${number}.`;
  }

  isOwn(base: string): boolean {
    return base.startsWith('g:') && this.ground.own.has(base.slice(2));
  }

  constantAt(at: Address, place: Parameters<typeof initialValue>[2]): Value | null {
    if (!at.base.startsWith('g:')) return null;
    const variable = this.ground.globals.get(at.base.slice(2));
    return variable === undefined ? null : initialValue(variable, at.offset, place);
  }

  // -------------------------------------------------------------- places and findings

  /** Where the user's own code stands, when library code of primitives is executed on its behalf. */
  userPlace(frame: Frame, loc: Loc): Loc {
    let place = loc;
    for (
      let each: Frame | null = frame;
      each !== null && isTrusted(place.uri) && each.call !== null;
      each = each.parent
    )
      place = each.call;
    return place;
  }

  /** Calls on the way, outermost first. */
  callsTo(frame: Frame): Loc[] {
    const calls: Loc[] = [];
    for (let each: Frame | null = frame; each !== null; each = each.parent)
      if (each.call !== null && !isTrusted(each.call.uri)) calls.unshift(each.call);
    return calls;
  }

  /** The activation of the user's own code on whose behalf this frame executes. */
  activationAt(frame: Frame): number {
    let each = frame;
    while (each.fn !== null && isTrusted(each.fn.loc.uri) && each.parent !== null) each = each.parent;
    return each.activation;
  }

  emit(event: LockEvent): void {
    if (this.silent) return;
    const held = event.held
      .map((each) => `${each.class.key} ${each.read} ${each.trylock} ${each.context}`)
      .join('|');
    const what =
      event.kind === 'acquire'
        ? `${event.lock.class.key} ${event.lock.read} ${event.lock.trylock} ${event.lock.context} ${event.lock.instance} ${event.hardirqsOn}${event.softirqsOn}${event.sync}`
        : event.domain;
    const key = `${event.kind} ${placeKey(event.loc)} ${what} ${held}`;
    if (this.seenEvents.has(key)) return;
    this.seenEvents.add(key);
    this.events.push(event);
  }

  /** A check of the library or the scenario: those about locks and contexts are decided here when they can be. */
  check(
    frame: Frame,
    e: Expr,
    call: Intrinsic & { op: 'check' },
    value: Value,
    state: State,
  ): Results<Value> {
    const after = check(this, frame, e.loc, call, value, state);
    return value === falsehood && call.fatal ? [] : [[after, value]];
  }

  wroteMemory(frame: Frame, at: Address, state: State): void {
    wrote(this, frame, at, state);
  }

  freed(frame: Frame, pointer: Value, state: State, loc: Loc): void {
    freed(this, frame, pointer, state, loc);
  }

  /** Says what kind of thread the next body begins. */
  begin(actor: string | null, threadKind: number, alone: boolean, threaded = false): void {
    this.actor = actor;
    this.threaded = threaded;
    this.threadKind = threadKind;
    this.alone = alone;
  }

  /** The result of a function that only looks, such as `irqs_disabled()`. */
  ask(name: string, state: State): bigint | null {
    const fn = this.program.functions.get(name);
    if (fn === undefined) return null;
    const silent = this.silent;
    this.silent = true;
    const frame = this.frame(null, null, null, '<ask>', state);
    const results = this.enter(frame, name, [], { ...emptyState, own: state.own }, fn.loc, fn.type.returns);
    this.silent = silent;
    const [first, ...others] = results;
    if (first === undefined || others.some(([, value]) => value !== first[1])) return null;
    return constantOf(first[1]);
  }
}
