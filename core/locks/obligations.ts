/** What a call must hold, or must not: the annotations `__must_hold…` and `__must_not_hold` as obligations of callers. */

import type { Expr, HirFunction } from '../semantics/hir.ts';
import { isTrusted } from '../semantics/imports.ts';
import type { LockFinding } from './events.ts';
import { type NamedLock, namedLock } from './locking.ts';
import { findHeld, type State } from './lockset.ts';
import { isGlobalText, textOf } from './shapes.ts';
import type { Frame, Walk } from './walk.ts';

type Fixes = LockFinding['fixes'];

/** Names of the locks that the function says it must be called with, and is not. `frame`: of the call. */
export function obligations(walk: Walk, frame: Frame, fn: HirFunction, entry: State): readonly string[] {
  const lacking: string[] = [];
  // While init runs there is nobody else.
  if (walk.silent || walk.isSetup) return lacking;
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
      const asks = {
        loc,
        where: { kind: 'entry', function: fn.name },
        lock: { kind: 'argument', annotation: annotation.loc, index },
      } as const;
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
                witness: { ...asks, kind: 'at-with', mode: 'any' },
                fixes: [],
              }),
        );
        return;
      }
      const exclusive = name === '__must_hold';
      const right = exclusive ? findHeld(entry, lock.at, lock.class, lock.type, 'exclusive') : held;
      if (right === null && isToldAround(frame.parent, lock.name)) return;
      if (right === null) lacking.push(lock.name);
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
              lacks: lock.class,
              witness: { ...asks, kind: 'at-without', mode: exclusive ? 'write' : 'any' },
              fixes: frame.parent === null ? [] : holdFix(frame.parent, lock.name, arg, exclusive),
            }),
      );
    });
  }
  return lacking;
}

/** Whether a function says something of what its callers hold. */
export function obliges({ annotations }: HirFunction): boolean {
  return annotations.some(({ name }) => name.startsWith('__must_'));
}

/** What a function was called without, its body and those that it calls lack as well: it is told where it began. */
export function isToldAround(frame: Frame | null, lockName: string): boolean {
  return frame?.lacking.includes(lockName) === true;
}

/** Offers to put the obligation on the function around, for others to meet. */
export function holdFix(frame: Frame, lockName: string, lock: Expr, exclusive: boolean): Fixes {
  const { fn } = frame;
  const text = textOf(lock);
  if (fn === null || text === null || isTrusted(fn.loc.uri) || !isGlobalText(lock)) return [];
  const annotation = `${exclusive ? '__must_hold' : '__must_hold_shared'}(${isPointer(lock) ? '' : '&'}${text})`;
  return [annotate(fn, `Say that ${fn.name}() must be called with ${lockName} held`, annotation)];
}

/** A variable that points to the lock, rather than the lock. */
function isPointer(lock: Expr): boolean {
  return lock.kind === 'convert'
    ? isPointer(lock.value)
    : lock.kind === 'read' && lock.type.kind === 'pointer';
}

export function hasReaders(lock: NamedLock): boolean {
  return lock.type.entries.has('readers');
}

export function annotate(fn: HirFunction, title: string, annotation: string): Fixes[number] {
  const { start } = fn.body.loc;
  return { title, edits: [{ loc: { ...fn.body.loc, end: start }, text: `${annotation}\n` }] };
}
