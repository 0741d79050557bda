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
import { check } from './assertions.ts';
import { call, enter } from './calls.ts';
import { type Contexts, contextsOf } from './contexts.ts';
import { ended, exit, retained, returned } from './effects.ts';
import { bind, declare, initialValue, type Results } from './evaluate.ts';
import type { HeldLock, LockClass, LockEvent } from './events.ts';
import { alikeAtLabel, execute, type Flow, flow, Head } from './flow.ts';
import type { Circle } from './following.ts';
import type { Ground } from './ground.ts';
import { Guards } from './guards.ts';
import { freed, wrote } from './inUse.ts';
import { limited, mostJumps, mostWork } from './limits.ts';
import { emptyState, known, renew, type State, tidy } from './lockset.ts';
import { Recorder } from './recorder.ts';
import { type Activation, placeKey, Report } from './report.ts';
import type { DeclaredRules } from './rules.ts';
import type { Store } from './store.ts';
import type { Exchange, Summary } from './summary.ts';
import { type Address, anything, constantOf, falsehood, type Value } from './values.ts';

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
  readonly activation: Activation;
  /** What it was called with. */
  readonly args: readonly Value[];
  /** Where the user stands, on whose behalf library code in it is executed; null: nobody called it. */
  readonly place: Loc | null;
  /** The circle of functions that it is in, or was called from. */
  readonly circle: Circle | null;
  /** Locks that it, or one of those around it, says it must be called with, and was not. */
  readonly lacking: readonly string[];
  readonly flow: Flow;
}

/** Who wants to know what is held where in the body that a walk begins with; usually there is nobody. */
export interface Watch {
  /** What a statement leads from and to; again for every time that it is looked at. */
  statement(s: Stmt, before: readonly State[], after: readonly State[]): void;
  /** A call that the body makes, with those nested in it. */
  called(summary: Summary, exchange: Exchange): void;
}

export class Walk {
  readonly ground: Ground;
  readonly program: CheckedProgram;
  readonly store: Store;
  readonly recorder = new Recorder();
  readonly report = new Report(this.recorder);
  readonly events: LockEvent[] = [];
  readonly guards: Guards;
  readonly rules: DeclaredRules;
  readonly contexts: Contexts;
  /** Classes of the locks whose addresses have been seen. */
  readonly locks = new Map<Value, LockClass>();
  /** Functions that have been entered from somewhere. */
  visited = new Set<string>();
  /** Functions that were called through pointers, and what they consist of. */
  readonly targets = new Map<string, number>();
  /** Calls that are being followed. */
  readonly following = new Map<string, Summary>();
  /** Summaries that this walk has told from. */
  told = new Set<string>();
  watch: Watch | null = null;
  /** Label of the actor that is walked. */
  actor: string | null = null;
  threadKind = 0;
  /** Functions that the body of the actor may call through pointers; null: any whose address is taken. */
  handed: ReadonlySet<string> | null = null;
  /** The function is looked at by itself: nobody here calls it. */
  alone = false;
  /** An interrupt of a device, which runs in a thread of its own with PREEMPT_RT: no system vector, no IPI. */
  threaded = false;
  /** Nothing is reported while an entry state is made. */
  silent = false;
  private ghost = 0;
  /** Statements looked at, on each way to them, also when what they do was known. */
  work = 0;
  /** There was too much to look at. */
  exhausted = false;
  private readonly seenEvents = new Set<string>();

  constructor(ground: Ground) {
    this.ground = ground;
    this.program = ground.program;
    this.rules = ground.rules;
    this.store = ground.store;
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
    const frame = this.rootFrame(`<${label}>`);
    let state = start;
    for (const [variable, value] of locals) state = bind(frame, variable, value, state);
    const ends = this.body(frame, body, state).map(([end]) => end);
    if (this.exhausted) limited(this, frame, actor?.loc ?? body.loc, 'work');
    if (actor === null) return;
    ended(this, frame, ends, actor.loc);
    const leave = this.program.functions.get('__thread_exit');
    if (leave === undefined || actor.kind === 'irq' || actor.kind === 'softirq') return;
    for (const end of ends) this.enter(frame, leave.name, [], end, actor.loc, leave.type.returns);
  }

  /** Executes a function from its entry; every return with its state and value. */
  body(frame: Frame, body: Stmt, state: State): Results<Value> {
    const ends = execute(this, frame, body, [state]);
    const open = [...frame.flow.gotos];
    frame.flow.gotos.length = 0;
    const labels = new Map<string, Head>();
    let jumps = 0;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const head = labels.get(next.label) ?? new Head(alikeAtLabel);
      labels.set(next.label, head);
      const [fresh] = head.add([next.state]);
      if (fresh === undefined) continue;
      if (++jumps > mostJumps) {
        limited(this, frame, next.loc, 'jumps');
        break;
      }
      frame.flow.seek = { ...next, state: fresh };
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

  /** Less is known of what is followed than the code says. */
  guessing<T>(what: () => T): T {
    const { guessing } = this.report;
    this.report.guessing = true;
    const result = what();
    this.report.guessing = guessing;
    return result;
  }

  get isGhost(): boolean {
    return this.ghost > 0;
  }

  /** Code of `init`, before there are threads. */
  get isSetup(): boolean {
    return this.actor === 'init';
  }

  /** Counts a statement, looked at on so many ways; false when there has been too much of it. */
  goesOn(ways: number): boolean {
    this.recorder.worked(ways);
    this.work += ways;
    if (this.work <= mostWork) return true;
    this.exhausted = true;
    return false;
  }

  matters(s: Stmt): boolean {
    return this.ground.functions.matters(s);
  }

  /** All that a call depends on besides the code and the state. */
  get mode(): string {
    return `${this.threadKind}${this.silent ? 's' : ''}${this.alone ? 'a' : ''}${this.isSetup ? 'i' : ''}${this.ghost > 0 ? 'g' : ''}${this.guards.isOff ? 'r' : ''}${this.report.guessing ? 'd' : ''}`;
  }

  // -------------------------------------------------------------- calls

  call(frame: Frame, e: Expr & { kind: 'call' }, state: State): Results<Value> {
    return call(this, frame, e, state);
  }

  /** Calls a function of this name. */
  enter(
    frame: Frame,
    name: string,
    args: readonly Value[],
    state: State,
    loc: Loc,
    type: Type,
  ): Results<Value> {
    return enter(this, frame, name, args, state, loc, type.kind === 'void');
  }

  /** A function is called that the text around does not name. */
  target(name: string): void {
    const identity = this.ground.functions.of(name)?.identity ?? 0;
    this.targets.set(name, identity);
    this.recorder.targeted(name, identity);
  }

  visit(name: string): void {
    this.visited.add(name);
    this.recorder.visited(name);
  }

  /** How often a function is inside itself. */
  alike(frame: Frame, name: string): number {
    let count = 0;
    for (let each: Frame | null = frame; each !== null; each = each.parent)
      if (each.fn?.name === name) count++;
    return count;
  }

  frame(
    parent: Frame | null,
    fn: HirFunction | null,
    call: Loc | null,
    rest: Pick<Frame, 'activation' | 'args' | 'place' | 'circle' | 'lacking'>,
  ): Frame {
    const nested = fn === null || parent === null ? 0 : this.alike(parent, fn.name);
    return {
      name: fn === null ? '' : `${fn.name}${"'".repeat(nested)}`,
      fn,
      call,
      parent,
      depth: (parent?.depth ?? 0) + 1,
      primitive: parent?.primitive ?? (fn?.primitive === true ? fn : null),
      flow: flow(),
      ...rest,
    };
  }

  private rootFrame(name: string): Frame {
    const rest = { activation: newActivation(), args: [], place: null, circle: null, lacking: [] };
    return { ...this.frame(null, null, null, rest), name };
  }

  /** The frame in which a function is looked at by itself. */
  aloneFrame(fn: HirFunction): Frame {
    const rest = { activation: newActivation(), args: [], place: null, circle: null, lacking: [] };
    return this.frame(null, fn, null, rest);
  }

  runAlone(frame: Frame, fn: HirFunction, entry: State): void {
    const ends = this.body(frame, fn.body, entry);
    if (this.exhausted) limited(this, frame, fn.loc, 'work');
    for (const [end, value] of ends) exit(this, frame, fn, entry, end, known(end, value));
    const states = ends.map(([end]) => end);
    returned(this, frame, fn, states, entry);
    retained(this, frame, fn, states, entry);
  }

  // -------------------------------------------------------------- unknown values

  /** A value of which nothing is known, the same each time it is used. */
  fresh(frame: Frame, loc: Loc, state: State): readonly [State, Value] {
    const name = this.freshName(frame, loc);
    return [renew(state, name), name];
  }

  freshName(frame: Frame, loc: Loc): Value {
    return this.store.nameAt(frame.name, loc);
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
    for (let each: Frame | null = frame; each !== null && isTrusted(place.uri); each = each.parent) {
      if (each.place !== null) return each.place;
      if (each.call === null) break;
      place = each.call;
    }
    return place;
  }

  // -------------------------------------------------------------- locks

  /** A place in the code says of what class the lock at an address is. */
  seeLock(at: Value, lock: LockClass): void {
    this.locks.set(at, lock);
    this.recorder.sawLock(at, lock);
  }

  classOf(at: Value): LockClass | null {
    const lock = this.locks.get(at) ?? null;
    this.recorder.askedFor(at, lock);
    return lock;
  }

  /** Calls on the way, outermost first. */
  callsTo(frame: Frame): Loc[] {
    const calls: Loc[] = [];
    for (let each: Frame | null = frame; each !== null; each = each.parent)
      if (each.call !== null && !isTrusted(each.call.uri)) calls.unshift(each.call);
    return calls;
  }

  /** The activation of the user's own code on whose behalf this frame executes. */
  activationAt(frame: Frame): Activation {
    let each = frame;
    while (each.fn !== null && isTrusted(each.fn.loc.uri) && each.parent !== null) each = each.parent;
    return each.activation;
  }

  emit(what: LockEvent): void {
    if (this.silent) return;
    const event = this.report.guessing ? guessedEvent(what) : what;
    const held = event.held
      .map(
        ({ class: of, read, trylock, context, unsure }) =>
          `${of.key} ${read} ${trylock} ${context} ${unsure ?? ''}`,
      )
      .join('|');
    const about =
      event.kind === 'acquire'
        ? `${event.lock.class.key} ${event.lock.read} ${event.lock.trylock} ${event.lock.context} ${event.lock.instance} ${event.hardirqsOn}${event.softirqsOn}${event.sync}`
        : event.domain;
    const key = `${event.kind} ${placeKey(event.loc)} ${about} ${held} ${event.unsureIrqs === true}`;
    this.recorder.happened(event, key);
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
    // Nothing that is asked here counts as a part of what is walked.
    const { silent, work, visited, told } = this;
    this.silent = true;
    this.visited = new Set();
    this.told = new Set();
    const frame = this.rootFrame('<ask>');
    const about = { ...emptyState, own: state.own };
    const results = this.recorder.pause(() => this.enter(frame, name, [], about, fn.loc, fn.type.returns));
    this.silent = silent;
    this.work = work;
    this.visited = visited;
    this.told = told;
    const [first, ...others] = results;
    if (first === undefined || others.some(([, value]) => value !== first[1])) return null;
    return constantOf(first[1]);
  }
}

/** What is done for values of which nothing is known. */
function guessedEvent(event: LockEvent): LockEvent {
  const guess = (lock: HeldLock): HeldLock => ({ ...lock, unsure: 'guess' });
  return event.kind === 'acquire'
    ? { ...event, lock: guess(event.lock) }
    : { ...event, held: event.held.map(guess) };
}

let activations = 0;

export function newActivation(): Activation {
  return { id: ++activations };
}
