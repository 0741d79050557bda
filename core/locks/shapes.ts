/** What assertions about locks look like when their macros are expanded, and how a lock is written. */

import type { Expr, LValue } from '../semantics/hir.ts';
import { pointeeLock } from './locking.ts';

/** An assertion that the executing thread holds a lock, or does not. */
export interface HeldCondition {
  readonly lock: Expr;
  readonly wanted: 'any' | 'read' | 'write' | 'none';
}

/** `((writers(l) | readers(l)) >> self & 1) != 0` and the like: what the macros of lockdep come to. */
export function heldCondition(condition: Expr): HeldCondition | null {
  if (condition.kind === 'convert') return heldCondition(condition.value);
  if (condition.kind === 'not') {
    const inner = heldCondition(condition.value);
    return inner === null ? null : { lock: inner.lock, wanted: 'none' };
  }
  const calls = maskCalls(condition);
  const [first] = calls ?? [];
  if (calls === null || first === undefined || !calls.some(({ ofSelf }) => ofSelf)) return null;
  const writers = calls.some(({ entry }) => entry === 'writers');
  const readers = calls.some(({ entry }) => entry === 'readers');
  return { lock: first.lock, wanted: writers && readers ? 'any' : readers ? 'read' : 'write' };
}

interface MaskCall {
  readonly entry: string;
  readonly lock: Expr;
  readonly ofSelf: boolean;
}

/** The lock_type functions that an expression over masks calls; null when it is more than that. */
function maskCalls(e: Expr): readonly MaskCall[] | null {
  switch (e.kind) {
    case 'constant':
      return [];
    case 'convert':
      return maskCalls(e.value);
    case 'intrinsic':
      return e.call.op === 'self' ? [] : null;
    case 'binary': {
      const left = maskCalls(e.left);
      const right = maskCalls(e.right);
      if (left === null || right === null) return null;
      const ofSelf = e.op === 'shr' && mentionsSelf(e.right);
      return [...left, ...right].map((call) => ({ ...call, ofSelf: call.ofSelf || ofSelf }));
    }
    case 'call': {
      const [arg] = e.args;
      const type = arg === undefined ? null : pointeeLock(arg.type);
      const name = e.callee.kind === 'direct' ? e.callee.name : null;
      if (arg === undefined || type === null) return null;
      const entry = ['writers', 'readers'].find((each) => type.entries.get(each) === name);
      return entry === undefined ? null : [{ entry, lock: arg, ofSelf: false }];
    }
    default:
      return null;
  }
}

function mentionsSelf(e: Expr): boolean {
  return e.kind === 'convert' ? mentionsSelf(e.value) : e.kind === 'intrinsic' && e.call.op === 'self';
}

/** A lock as a user would write it in an annotation; null when it is too much to write. */
export function textOf(e: Expr): string | null {
  switch (e.kind) {
    case 'convert':
      return textOf(e.value);
    case 'address':
    case 'read':
      return textOfPlace(e.place);
    default:
      return null;
  }
}

function textOfPlace(place: LValue): string | null {
  switch (place.kind) {
    case 'local':
    case 'global':
      return place.variable.name;
    case 'field': {
      const arrow = place.object.kind === 'deref';
      const object = place.object.kind === 'deref' ? textOf(place.object.pointer) : textOfPlace(place.object);
      if (object === null) return null;
      return place.name === '' ? object : `${object}${arrow ? '->' : '.'}${place.name}`;
    }
    default:
      return null;
  }
}

/** Whether a lock is written the same in every function: no local leads to it. */
export function isGlobalText(e: Expr): boolean {
  const place = e.kind === 'convert' ? null : e.kind === 'address' || e.kind === 'read' ? e.place : null;
  if (e.kind === 'convert') return isGlobalText(e.value);
  for (let each: LValue | null = place; each !== null; ) {
    if (each.kind === 'global') return true;
    each = each.kind === 'field' ? each.object : null;
  }
  return false;
}
