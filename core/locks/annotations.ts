/** Annotations of functions as obligations and facts, assertions about locks, and what a function leaves behind. */

import type { Expr, HirAnnotation, HirFunction, Intrinsic, Loc } from '../semantics/hir.ts';
import { isTrusted } from '../semantics/imports.ts';
import { evaluate } from './evaluate.ts';
import type { LockFinding } from './events.ts';
import {
  effectNames,
  heldLock,
  lockAt,
  type NamedLock,
  namedLock,
  pointeeLock,
  readMode,
} from './locking.ts';
import { findHeld, type Held, heldId, type State, withLock } from './lockset.ts';
import { type HeldCondition, heldCondition, isGlobalText, textOf } from './shapes.ts';
import { decidedCodes } from './relevance.ts';
import type { Parts } from './report.ts';
import { type Address, addressOf, anything, constantOf, falsehood, type Value } from './values.ts';
import type { Frame, Walk } from './walk.ts';

type Fixes = LockFinding['fixes'];

export class AnnotationRules {
  private readonly walk: Walk;
  /** By activation: names of the locks that it says it must be called with, and was not. */
  private readonly lacking = new WeakMap<Frame, Set<string>>();

  constructor(walk: Walk) {
    this.walk = walk;
  }

  // -------------------------------------------------------------- what a call must hold

  obligations(frame: Frame, fn: HirFunction, entry: State): void {
    const { walk } = this;
    // While init runs there is nobody else.
    if (walk.silent || walk.isSetup || fn.annotations.length === 0) return;
    const call = frame.call ?? fn.loc;
    const loc = walk.userPlace(frame.parent ?? frame, call);
    const activation = walk.activationAt(frame.parent ?? frame);
    for (const annotation of fn.annotations) {
      const { name, args } = annotation;
      if (!name.startsWith('__must_')) continue;
      args.forEach((arg, index) => {
        const lock = namedLock(walk, frame, annotation, index, entry);
        if (lock === null) return;
        const held = findHeld(entry, lock.at, lock.class, lock.type);
        const declared = { message: `${fn.name}() says so here`, loc: annotation.loc };
        const rule = `${name} ${fn.name}`;
        if (name === '__must_not_hold') {
          walk.report.judge(
            rule,
            activation,
            loc,
            lock.name,
            held === null
              ? null
              : () => ({
                  code: 'lock-held',
                  severity: 'error',
                  message: `${fn.name}() must not be called with ${lock.name} held. It is held here.`,
                  related: [{ message: `${lock.name} is taken here`, loc: held.loc }, declared],
                  witness: lock.class === null ? null : { kind: 'at-with', loc, lock: lock.class },
                  fixes: [],
                }),
          );
          return;
        }
        const exclusive = name === '__must_hold';
        const right = exclusive ? findHeld(entry, lock.at, lock.class, lock.type, 'exclusive') : held;
        if (right === null && this.isToldAround(frame, lock.name)) return;
        if (right === null) this.lacking.set(frame, (this.lacking.get(frame) ?? new Set()).add(lock.name));
        walk.report.judge(
          rule,
          activation,
          loc,
          lock.name,
          right !== null
            ? null
            : () => ({
                code: held === null ? 'lock-not-held' : 'lock-wrong-mode',
                severity: walk.alone ? 'warning' : 'error',
                message: `${fn.name}() must be called with ${lock.name} held${exclusive && hasReaders(lock) ? ' for write' : ''}. ${held === null ? 'It is not held here.' : 'It is held for read only.'}`,
                related: [
                  ...(held === null ? [] : [{ message: `${lock.name} is taken here`, loc: held.loc }]),
                  declared,
                ],
                witness:
                  lock.class === null
                    ? null
                    : { kind: 'at-without', loc, lock: lock.class, mode: exclusive ? 'write' : 'any' },
                fixes: frame.parent === null ? [] : this.holdFix(frame.parent, lock.name, arg, exclusive),
              }),
        );
      });
    }
  }

  /** What a function was called without, those that it calls lack as well: it is told where it began. */
  private isToldAround(frame: Frame, lockName: string): boolean {
    for (let outer = frame.parent; outer !== null; outer = outer.parent)
      if (this.lacking.get(outer)?.has(lockName) === true) return true;
    return false;
  }

  /** Offers to put the obligation on the function around, for others to meet. */
  holdFix(frame: Frame, lockName: string, lock: Expr, exclusive: boolean): Fixes {
    const { fn } = frame;
    const text = textOf(lock);
    if (fn === null || text === null || isTrusted(fn.loc.uri) || !isGlobalText(lock)) return [];
    const annotation = `${exclusive ? '__must_hold' : '__must_hold_shared'}(${text})`;
    return [annotate(fn, `Say that ${fn.name}() must be called with ${lockName} held`, annotation)];
  }

  // -------------------------------------------------------------- functions that nobody here calls

  /** The state that the annotations of a function promise on entry. */
  promised(frame: Frame, fn: HirFunction, start: State): State {
    const { walk } = this;
    let state = start;
    for (const annotation of fn.annotations) {
      const { name } = annotation;
      if (
        !['__must_hold', '__must_hold_shared', '__releases', '__releases_shared', '__downgrades'].includes(
          name,
        )
      )
        continue;
      annotation.args.forEach((_, index) => {
        const lock = namedLock(walk, frame, annotation, index, state);
        if (lock !== null) state = this.given(frame, lock, name.endsWith('_shared'), state, annotation.loc);
      });
    }
    return state;
  }

  /** Takes a lock as its plain primitive does, without a word about it. */
  given(frame: Frame, lock: NamedLock, shared: boolean, state: State, loc: Loc): State {
    const { walk } = this;
    const primitive = this.plainAcquire(lock, shared);
    let own = state.own;
    if (primitive !== null) {
      const { silent } = walk;
      walk.silent = true;
      const [taken] = walk.enter(frame, primitive.name, [lock.at], state, loc, primitive.type.returns);
      walk.silent = silent;
      own = taken?.[0].own ?? own;
    }
    const read = readMode(lock.type, shared, walk.contexts.of(state).interrupted);
    return withLock({ ...state, own }, heldLock(walk, lock, read, false, state, loc, true));
  }

  private plainAcquire(lock: NamedLock, shared: boolean): HirFunction | null {
    const wanted = shared ? '__acquires_shared' : '__acquires';
    for (const fn of this.walk.program.functions.values()) {
      const [param] = fn.params;
      if (!fn.primitive || fn.params.length !== 1 || param === undefined || fn.annotations.length !== 1)
        continue;
      if (fn.annotations[0]?.name === wanted && pointeeLock(param.type)?.name === lock.type.name) return fn;
    }
    return null;
  }

  // -------------------------------------------------------------- what a function leaves behind

  exit(frame: Frame, fn: HirFunction, entry: State, after: State, value: Value): void {
    const { walk } = this;
    const says = fn.annotations.filter(({ name }) => effectNames.has(name));
    const promises = fn.annotations.filter(({ name }) => name.startsWith('__must_hold'));
    if (walk.silent || walk.isGhost || (says.length === 0 && promises.length === 0 && !walk.alone)) return;
    const gained = difference(after.held, entry.held).filter(({ given }) => !given);
    const lost = difference(entry.held, after.held);
    const own = frame.parent === null;
    for (const annotation of says) this.kept(frame, fn, annotation, entry, value, gained, lost);
    if (says.length > 0 || own) {
      for (const lock of gained) this.left(frame, fn, lock, says.length > 0);
    }
    if (own) {
      for (const lock of after.lent)
        if (!entry.held.some((each) => each.at === lock.at)) this.lentAway(frame, fn, lock);
    }
    if (says.length > 0 || promises.length > 0) for (const lock of lost) this.dropped(frame, fn, lock);
  }

  /** One thing that a function says it does, and whether it does. Takes it off the lists when it does. */
  private kept(
    frame: Frame,
    fn: HirFunction,
    annotation: HirAnnotation,
    entry: State,
    value: Value,
    gained: Held[],
    lost: Held[],
  ): void {
    const { walk } = this;
    const { name } = annotation;
    const conditional = name.startsWith('__cond_acquires');
    if (!conditional && !name.startsWith('__acquires') && !name.startsWith('__releases')) return;
    annotation.args.forEach((arg, index) => {
      if (conditional && index === 0) return;
      const lock = namedLock(walk, frame, annotation, index, entry);
      if (lock === null) return;
      const list = name.startsWith('__releases') ? lost : gained;
      const at = list.findIndex(
        (each) => each.at === lock.at || (each.class !== null && each.class.key === lock.class?.key),
      );
      const [found] = at < 0 ? [] : list.splice(at, 1);
      const shared = name.endsWith('_shared');
      let wanted = true;
      if (conditional) {
        const result = constantOf(value);
        const when = annotation.args[0]?.kind === 'constant' ? annotation.args[0].value : 1n;
        if (result === null) return;
        wanted = (result !== 0n) === (when !== 0n);
      }
      const right = wanted ? found !== undefined && (found.read !== 0) === shared : found === undefined;
      const verb = list === lost ? 'releases' : 'takes';
      const says = `${fn.name}() says ${annotation.name}(${textOf(arg) ?? lock.name}).`;
      walk.report.judge(
        'annotation',
        frame.activation,
        annotation.loc,
        lock.name,
        right
          ? null
          : () => ({
              code: 'annotation-wrong',
              severity: 'warning',
              message: `${says} ${wanted ? (found === undefined ? `It returns without having ${verb === 'takes' ? 'taken' : 'released'} it.` : `It ${verb} it in another mode.`) : 'It also takes it when it returns another value.'}`,
              related: found === undefined ? [] : [{ message: `${lock.name} is taken here`, loc: found.loc }],
              witness: null,
              fixes: [],
            }),
      );
    });
  }

  private left(frame: Frame, fn: HirFunction, lock: Held, annotated: boolean): void {
    const { walk } = this;
    const text = this.textOfHeld(fn, lock);
    walk.report.judge(
      'left',
      frame.activation,
      annotated ? fn.loc : lock.loc,
      `${fn.name} ${lock.name}`,
      (may) =>
        annotated
          ? {
              code: 'annotation-wrong',
              severity: 'warning',
              message: `${fn.name}() says what it does to locks. It returns with ${lock.name} held, and does not say so.`,
              related: [{ message: `${lock.name} is taken here`, loc: lock.loc }],
              witness: null,
              fixes: [],
            }
          : may
            ? {
                code: 'lock-leaked',
                severity: 'warning',
                message: `A function returns with the same locks on every path. ${lock.name}, taken here, is still held when ${fn.name}() returns on some.`,
                related: [{ message: 'the function', loc: fn.loc }],
                witness: null,
                fixes: [],
              }
            : {
                code: 'annotation-missing',
                severity: 'warning',
                message: `A function that returns with a lock held says so. ${fn.name}() takes ${lock.name} and does not say __acquires.`,
                related: [{ message: `${lock.name} is taken here`, loc: lock.loc }],
                witness: null,
                fixes:
                  text === null
                    ? []
                    : [
                        annotate(
                          fn,
                          `Say that ${fn.name}() takes ${lock.name}`,
                          `__acquires${lock.read === 0 ? '' : '_shared'}(${text})`,
                        ),
                      ],
              },
    );
  }

  private dropped(frame: Frame, fn: HirFunction, lock: Held): void {
    const { walk } = this;
    walk.report.judge('dropped', frame.activation, fn.loc, lock.name, () => ({
      code: 'annotation-wrong',
      severity: 'warning',
      message: `${fn.name}() says what it does to locks. It releases ${lock.name}, and does not say so.`,
      related: [{ message: `${lock.name} is taken here`, loc: lock.loc }],
      witness: null,
      fixes: [],
    }));
  }

  /** The path of a function looked at by itself that keeps the rule of `left`. */
  returned(frame: Frame, fn: HirFunction, all: readonly State[], entry: State): void {
    const names = new Map<string, Held>();
    for (const state of all)
      for (const lock of difference(state.held, entry.held))
        names.set(`${lock.name} ${lock.loc.start}`, lock);
    for (const state of all) {
      const gained = difference(state.held, entry.held);
      for (const lock of names.values()) {
        if (!gained.some((each) => each.name === lock.name))
          this.walk.report.judge('left', frame.activation, lock.loc, `${fn.name} ${lock.name}`, null);
      }
    }
  }

  /** Whether a lock that is not held may be one of the caller's: nobody here calls the function, and it says nothing. */
  mayHoldForCaller(frame: Frame): boolean {
    const fn = enclosing(frame);
    return this.walk.alone && !this.walk.silent && fn !== null && fn.annotations.length === 0;
  }

  /** A lock of the caller that is not taken again. */
  private lentAway(frame: Frame, fn: HirFunction, lock: Held): void {
    const text = this.textOfHeld(fn, lock);
    this.walk.report.judge('lent', frame.activation, lock.loc, lock.name, () => ({
      code: 'annotation-missing',
      severity: 'warning',
      message: `A function that releases a lock of its caller says so. ${fn.name}() releases ${lock.name} and does not say __releases.`,
      related: [],
      witness: null,
      fixes:
        text === null
          ? []
          : [
              annotate(
                fn,
                `Say that ${fn.name}() releases ${lock.name}`,
                `__releases${lock.read === 0 ? '' : '_shared'}(${text})`,
              ),
            ],
    }));
  }

  /** A lock is released that is not held. */
  notHeldAtRelease(lock: NamedLock, loc: Loc): Parts {
    return {
      code: 'lock-unbalanced',
      severity: 'error',
      message: `Only a lock that is held can be released. ${lock.name} is not held here.`,
      related: [],
      witness: lock.class === null ? null : { kind: 'at-without', loc, lock: lock.class, mode: 'any' },
      fixes: [],
    };
  }

  /** A thread has ended. */
  ended(frame: Frame, states: readonly State[], loc: Loc): void {
    const names = new Map<string, Held>();
    for (const state of states)
      for (const lock of state.held) names.set(`${lock.at} ${lock.loc.start} ${lock.loc.item}`, lock);
    for (const lock of names.values()) {
      for (const state of states) {
        const held = state.held.some((each) => heldId(each) === heldId(lock));
        this.walk.report.judge(
          'leaked',
          frame.activation,
          lock.loc,
          lock.name,
          !held
            ? null
            : () => ({
                code: 'lock-leaked',
                severity: 'error',
                message: `A thread releases what it has taken. ${lock.name}, taken here, is still held when the thread ends.`,
                related: [{ message: 'the thread ends here', loc }],
                witness: lock.class === null ? null : { kind: 'at-with', loc, lock: lock.class },
                fixes: [],
              }),
        );
      }
    }
  }

  // -------------------------------------------------------------- checks in the code

  /** Assertions about locks, sleeping, and misuse that the library looks for: those that are decided here. */
  check(frame: Frame, callLoc: Loc, call: Intrinsic & { op: 'check' }, value: Value, state: State): State {
    const { walk } = this;
    if (walk.silent || !decidedCodes.has(call.code)) return state;
    const loc = walk.userPlace(frame, callLoc);
    const asserted = heldCondition(call.condition);
    const failed = value === falsehood;
    if (call.code === 'assertion-failed') {
      if (asserted === null) return state;
      return this.assertion(frame, loc, asserted, failed, state);
    }
    if (failed && walk.alone && call.code === 'rcu-misuse') return state;
    // The locks themselves are told of.
    if (failed && call.code === 'held-at-end' && state.held.length > 0) return state;
    const activation = walk.activationAt(frame);
    const { code, message } = call;
    walk.report.judge(
      `${code} ${message}`,
      activation,
      loc,
      '',
      !failed
        ? null
        : () => ({
            code,
            severity: 'error',
            message: `${sentence(message)}. ${state.held.length === 0 ? 'No lock is held here.' : `Held here: ${state.held.map(({ name }) => name).join(', ')}.`}`,
            related: state.held.map((lock) => ({ message: `${lock.name} is taken here`, loc: lock.loc })),
            witness: { kind: 'at', loc },
            fixes: [],
          }),
    );
    return state;
  }

  private assertion(frame: Frame, loc: Loc, asserted: HeldCondition, failed: boolean, state: State): State {
    const { walk } = this;
    const { lock: arg, wanted } = asserted;
    const type = pointeeLock(arg.type);
    if (type === null) return state;
    const [[, at] = [state, anything]] = evaluate(walk, frame, arg, state);
    const lock = lockAt(walk, at, type);
    const held = findHeld(state, lock.at, lock.class, type);
    const activation = walk.activationAt(frame);
    if (failed && walk.alone && held === null && wanted !== 'none')
      return this.given(frame, lock, wanted === 'read', state, loc);
    const mode = wanted === 'read' ? ' for read' : wanted === 'write' && hasReaders(lock) ? ' for write' : '';
    walk.report.judge(
      `assert ${wanted}`,
      activation,
      loc,
      lock.name,
      !failed
        ? null
        : () => ({
            code: wanted === 'none' ? 'lock-held' : held === null ? 'lock-not-held' : 'lock-wrong-mode',
            severity: 'error',
            message:
              wanted === 'none'
                ? `${lock.name} must not be held here. This thread holds it.`
                : `${lock.name} must be held here${mode}. ${held === null ? 'This thread does not hold it.' : `This thread holds it for ${held.read === 0 ? 'write' : 'read'}.`}`,
            related: held === null ? [] : [{ message: `${lock.name} is taken here`, loc: held.loc }],
            witness:
              lock.class === null
                ? null
                : wanted === 'none'
                  ? { kind: 'at-with', loc, lock: lock.class }
                  : { kind: 'at-without', loc, lock: lock.class, mode: wanted },
            fixes: wanted === 'none' ? [] : this.holdFix(frame, lock.name, arg, wanted === 'write'),
          }),
    );
    return state;
  }

  /** Memory was written: inside a lock that is held, by a primitive that neither takes nor drops it? */
  wrote(frame: Frame, at: Address, state: State): void {
    const { primitive } = frame;
    if (primitive === null || this.walk.silent || state.held.length === 0) return;
    if (primitive.annotations.some(({ name }) => effectNames.has(name))) return;
    const lock = state.held.find((held) => {
      const address = addressOf(held.at);
      return (
        address !== null &&
        address.base === at.base &&
        at.offset >= address.offset &&
        at.offset < address.offset + 8
      );
    });
    if (
      lock === undefined ||
      !primitive.params.some((param) => pointeeLock(param.type)?.name === lock.type.name)
    )
      return;
    this.inUse(frame, lock, frame.fn?.loc ?? lock.loc, `${primitive.name}() makes a lock a free one.`);
  }

  /** An object is freed: with a lock inside that is held? */
  freed(frame: Frame, pointer: Value, state: State, loc: Loc): void {
    const address = addressOf(pointer);
    if (address === null || this.walk.silent) return;
    const lock = state.held.find(({ at }) => addressOf(at)?.base === address.base);
    if (lock !== undefined)
      this.inUse(frame, lock, loc, 'An object is not freed while a lock inside it is held.');
  }

  private inUse(frame: Frame, lock: Held, callLoc: Loc, rule: string): void {
    const loc = this.walk.userPlace(frame, callLoc);
    this.walk.report.judge('in-use', this.walk.activationAt(frame), loc, lock.name, () => ({
      code: 'lock-in-use',
      severity: 'error',
      message: `${rule} ${lock.name} is held here.`,
      related: [{ message: `${lock.name} is taken here`, loc: lock.loc }],
      witness: lock.class === null ? null : { kind: 'at-with', loc, lock: lock.class },
      fixes: [],
    }));
  }

  private textOfHeld(fn: HirFunction, lock: Held): string | null {
    return this.textOfClass(lock) ?? fn.params.find(({ name }) => name === lock.name)?.name ?? null;
  }

  /** How a lock is written that is a variable; null for a field. */
  private textOfClass(lock: { readonly at: Value }): string | null {
    const { base, offset } = addressOf(lock.at) ?? { base: '', offset: 0 };
    return base.startsWith('g:') && offset === 0 && !base.includes('[') ? base.slice(2) : null;
  }
}

function enclosing(frame: Frame): HirFunction | null {
  for (let each: Frame | null = frame; each !== null; each = each.parent)
    if (each.fn !== null && !each.fn.primitive && !isTrusted(each.fn.loc.uri)) return each.fn;
  return null;
}

function hasReaders(lock: NamedLock): boolean {
  return lock.type.entries.has('readers');
}

function sentence(message: string): string {
  return /^\w+\(/.test(message) ? message : message.charAt(0).toUpperCase() + message.slice(1);
}

/** Of `a`, what is not in `b`. */
function difference(a: readonly Held[], b: readonly Held[]): Held[] {
  const left = b.map(heldId);
  return a.filter((lock) => {
    const index = left.indexOf(heldId(lock));
    if (index < 0) return true;
    left.splice(index, 1);
    return false;
  });
}

function annotate(fn: HirFunction, title: string, annotation: string): Fixes[number] {
  const { start } = fn.body.loc;
  return { title, edits: [{ loc: { ...fn.body.loc, end: start }, text: `${annotation}\n` }] };
}
