/** What a function or a thread leaves behind, and whether its annotations say so. */

import type { HirAnnotation, HirFunction, Loc } from '../semantics/hir.ts';
import { lockNameOf } from './classes.ts';
import { effectNames, type NamedLock, namedLock } from './locking.ts';
import { type Held, heldId, type State } from './lockset.ts';
import { annotate } from './obligations.ts';
import { placeKey } from './report.ts';
import { textOf } from './shapes.ts';
import { addressOf, constantOf, type Value } from './values.ts';
import type { Frame, Walk } from './walk.ts';

export function exit(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  entry: State,
  after: State,
  value: Value,
): void {
  const says = fn.annotations.filter(({ name }) => effectNames.has(name));
  const promises = fn.annotations.filter(({ name }) => name.startsWith('__must_hold'));
  if (walk.silent || walk.isGhost || (says.length === 0 && promises.length === 0 && !walk.alone)) return;
  const gained = difference(after.held, entry.held).filter(({ given }) => !given);
  const lost = difference(entry.held, after.held);
  const own = frame.parent === null;
  for (const annotation of says) kept(walk, frame, fn, annotation, entry, after, value, gained, lost);
  if (says.length > 0 || own) {
    for (const lock of gained) left(walk, frame, fn, lock, says.length > 0);
  }
  if (own) {
    for (const lock of after.lent)
      if (!entry.held.some((each) => each.at === lock.at)) lentAway(walk, frame, fn, lock);
  }
  // What is held in another mode than before was released in the wrong one, and that is told.
  const gone = lost.filter(({ at }) => !after.held.some((each) => each.at === at));
  if (says.length > 0 || promises.length > 0) for (const lock of gone) dropped(walk, frame, fn, lock);
}

/** One thing that a function says it does, and whether it does. Takes it off the lists when it does. */
function kept(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  annotation: HirAnnotation,
  entry: State,
  after: State,
  value: Value,
  gained: Held[],
  lost: Held[],
): void {
  const { name } = annotation;
  const conditional = name.startsWith('__cond_acquires');
  if (!conditional && !name.startsWith('__acquires') && !name.startsWith('__releases')) return;
  annotation.args.forEach((arg, index) => {
    if (conditional && index === 0) return;
    const lock = namedLock(walk, frame, annotation, index, entry);
    if (lock === null) return;
    if (isRetaken(walk, frame, fn, annotation, lock, entry, after)) {
      walk.report.judge('annotation', frame.activation, annotation.loc, lock.name, null);
      return;
    }
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

/** `__releases(l) __acquires(l)`: the caller holds it, and has it back when the function returns. */
function isRetaken(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  annotation: HirAnnotation,
  { at }: NamedLock,
  entry: State,
  after: State,
): boolean {
  const before = entry.held.find((each) => each.at === at);
  return (
    before !== undefined &&
    after.held.some((each) => heldId(each) === heldId(before)) &&
    countersOf(fn, annotation).some((other) =>
      other.args.some((_, index) => namedLock(walk, frame, other, index, entry)?.at === at),
    )
  );
}

/** The annotations of a function that say the opposite in the same mode. */
function countersOf({ annotations }: HirFunction, { name }: HirAnnotation): readonly HirAnnotation[] {
  const opposite = name.startsWith('__releases')
    ? name.replace('__releases', '__acquires')
    : name.replace('__acquires', '__releases');
  return opposite === name ? [] : annotations.filter((each) => each.name === opposite);
}

/** What a function says it drops and takes again, and on no way drops. `ends`: all ways out of it. */
export function retained(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  ends: readonly State[],
  entry: State,
): void {
  if (walk.silent || walk.isGhost || ends.length === 0) return;
  for (const annotation of fn.annotations) {
    if (!annotation.name.startsWith('__releases') || countersOf(fn, annotation).length === 0) continue;
    annotation.args.forEach((_, index) => {
      const lock = namedLock(walk, frame, annotation, index, entry);
      const before = entry.held.find(({ at }) => at === lock?.at);
      if (lock === null || before === undefined) return;
      if (!ends.every((end) => isRetaken(walk, frame, fn, annotation, lock, entry, end))) return;
      // Taken again, it was taken elsewhere.
      const dropped = ends.some(({ held }) =>
        held.some(({ at, loc }) => at === lock.at && placeKey(loc) !== placeKey(before.loc)),
      );
      walk.report.judge(
        'retained',
        frame.activation,
        annotation.loc,
        lock.name,
        dropped
          ? null
          : () => ({
              code: 'annotation-wrong',
              severity: 'warning',
              message: `${fn.name}() says that it releases ${lock.name} and takes it again. It never releases it.`,
              related: [],
              witness: null,
              fixes: [],
            }),
      );
    });
  }
}

function left(walk: Walk, frame: Frame, fn: HirFunction, lock: Held, annotated: boolean): void {
  const text = textOfHeld(fn, lock);
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

function dropped(walk: Walk, frame: Frame, fn: HirFunction, lock: Held): void {
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
export function returned(
  walk: Walk,
  frame: Frame,
  fn: HirFunction,
  all: readonly State[],
  entry: State,
): void {
  const names = new Map<string, Held>();
  for (const state of all)
    for (const lock of difference(state.held, entry.held)) names.set(`${lock.name} ${lock.loc.start}`, lock);
  for (const state of all) {
    const gained = difference(state.held, entry.held);
    for (const lock of names.values()) {
      if (!gained.some((each) => each.name === lock.name))
        walk.report.judge('left', frame.activation, lock.loc, `${fn.name} ${lock.name}`, null);
    }
  }
}

/** A lock of the caller that is not taken again. */
function lentAway(walk: Walk, frame: Frame, fn: HirFunction, lock: Held): void {
  const text = textOfHeld(fn, lock);
  walk.report.judge('lent', frame.activation, lock.loc, lock.name, () => ({
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

/** A thread has ended. */
export function ended(walk: Walk, frame: Frame, states: readonly State[], loc: Loc): void {
  const names = new Map<string, Held>();
  for (const state of states)
    for (const lock of state.held) names.set(`${lock.at} ${lock.loc.start} ${lock.loc.item}`, lock);
  for (const lock of names.values()) {
    for (const state of states) {
      const held = state.held.some((each) => heldId(each) === heldId(lock));
      walk.report.judge(
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
              witness:
                lock.class === null
                  ? null
                  : {
                      ...{ kind: 'at-with', loc, mode: 'any', where: { kind: 'end' } },
                      lock: { kind: 'class', lock: lockNameOf(lock.class.key) },
                    },
              fixes: [],
            }),
      );
    }
  }
}

function textOfHeld(fn: HirFunction, lock: Held): string | null {
  return textOfClass(lock) ?? fn.params.find(({ name }) => name === lock.name)?.name ?? null;
}

/** How a lock is written that is a variable; null for a field. */
function textOfClass(lock: { readonly at: Value }): string | null {
  const { base, offset } = addressOf(lock.at) ?? { base: '', offset: 0 };
  return base.startsWith('g:') && offset === 0 && !base.includes('[') ? `&${base.slice(2)}` : null;
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
