/** What a piece of code does and refers to, taken by itself: the same as long as its text is. */

import type { Expr, GlobalVariable, LValue, Pool, Stmt } from '../semantics/hir.ts';
import { typeName } from '../semantics/typeName.ts';
import { classOf, declaredAt, lockTypeOf } from './classes.ts';
import type { LockClass } from './events.ts';
import {
  expressionParts,
  placeParts,
  type PlaceUse,
  statementParts,
  type Visitor,
} from '../semantics/walk.ts';

/** Codes of checks that the walk decides. */
export const decidedCodes: ReadonlySet<string> = new Set([
  'assertion-failed',
  'sleeping-in-atomic',
  'lock-misuse',
  'rcu-misuse',
  'held-at-end',
]);

export interface Stored {
  readonly lock: LockClass;
  readonly name: string;
}

export interface Body {
  /** Names of functions that are called by name. */
  readonly calls: readonly string[];
  /** Functions whose address is taken. */
  readonly taken: readonly string[];
  /** Types of the functions that are called through pointers. */
  readonly indirect: readonly string[];
  /** Families over objects that something is handed to. */
  readonly families: readonly string[];
  readonly events: readonly string[];
  readonly globals: readonly GlobalVariable[];
  readonly pools: readonly Pool[];
  /** Functions whose addresses are stored in locks of which the class is known. */
  readonly stores: readonly Stored[];
  /** Checks something about locks, frees, or calls through a pointer. */
  readonly relevant: boolean;
  /** Memory other than its locals. */
  readonly writes: boolean;
  readonly reads: boolean;
  /** Execution may go on elsewhere than behind it. */
  readonly jumps: boolean;
}

const known = new WeakMap<object, Body>();

export function bodyOf(part: Stmt | Expr): Body {
  let body = known.get(part);
  if (body === undefined) {
    body = lookAt(part);
    known.set(part, body);
  }
  return body;
}

function isStatement(part: Stmt | Expr): part is Stmt {
  return !('type' in part);
}

function lookAt(root: Stmt | Expr): Body {
  const calls = new Set<string>();
  const taken = new Set<string>();
  const indirect = new Set<string>();
  const families = new Set<string>();
  const events = new Set<string>();
  const globals = new Set<GlobalVariable>();
  const pools = new Set<Pool>();
  const stores: Stored[] = [];
  const store = (place: LValue, value: Expr): void => {
    const name = functionIn(value);
    const lock = name === null || place.kind !== 'field' ? null : lockOf(place.object);
    if (name !== null && lock !== null) stores.push({ lock, name });
  };
  let relevant = false;
  let jumps = false;
  let writes = false;
  let reads = false;
  const touch = (place: LValue, use: PlaceUse): void => {
    if (place.kind === 'global') globals.add(place.variable);
    if (place.kind === 'pool') pools.add(place.pool);
    if (guarded(place)) relevant = true;
    if (isLocal(place) || use === 'name') return;
    if (use !== 'read') writes = true;
    if (use !== 'write') reads = true;
  };
  const visitor: Visitor = {
    statement: (part) => {
      if (jumpKinds.has(part.kind)) jumps = true;
      if (part.kind === 'emit') events.add(part.event);
      statementParts(part, visitor);
    },
    expression: (part) => {
      if (part.kind === 'call') {
        if (part.callee.kind === 'direct') calls.add(part.callee.name);
        else {
          const { type } = part.callee.pointer;
          indirect.add(typeName(type.kind === 'pointer' ? type.to : type));
          relevant = true;
        }
      }
      if (part.kind === 'function') taken.add(part.name);
      if (part.kind === 'choose' || part.kind === 'choose-list' || part.kind === 'in-function') reads = true;
      if (part.kind === 'assign' && part.op === null) store(part.target, part.value);
      if (part.kind === 'intrinsic') {
        const { call } = part;
        if (call.op === 'write-once') store(call.place, call.value);
        if (call.op === 'alloc') pools.add(call.pool);
        if (call.op === 'thread-of') families.add(call.actor);
        if (call.op === 'check') relevant ||= decidedCodes.has(call.code);
        else if (call.op === 'free') relevant = true;
        else if (call.op === 'read-once' || call.op === 'data-race') reads = true;
        else writes = true;
      }
      expressionParts(part, visitor);
    },
    place: (part, use) => {
      touch(part, use);
      placeParts(part, visitor);
    },
  };
  if (isStatement(root)) visitor.statement(root);
  else visitor.expression(root);
  return {
    calls: [...calls],
    taken: [...taken],
    indirect: [...indirect],
    families: [...families],
    events: [...events],
    globals: [...globals],
    pools: [...pools],
    stores,
    relevant,
    writes,
    reads,
    jumps,
  };
}

function functionIn(value: Expr): string | null {
  if (value.kind === 'convert') return functionIn(value.value);
  return value.kind === 'function' ? value.name : null;
}

/** Null also where the lock is all that a struct consists of: what that is a part of is the class then. */
function lockOf(place: LValue): LockClass | null {
  const outer = place.kind === 'deref' ? placeIn(place.pointer) : place;
  const lock = outer === null ? null : lockTypeOf(outer.type);
  const declared = outer === null ? null : declaredAt(outer);
  if (outer === null || lock === null || declared === null) return null;
  if (declared.kind === 'field' && declared.struct.fields.length === 1) return null;
  return classOf(declared, lock, outer.loc);
}

function placeIn(pointer: Expr): LValue | null {
  if (pointer.kind === 'convert') return placeIn(pointer.value);
  return pointer.kind === 'address' || pointer.kind === 'read' ? pointer.place : null;
}

const jumpKinds: ReadonlySet<string> = new Set(['return', 'goto', 'label', 'break', 'continue', 'case']);

function isLocal(place: LValue): boolean {
  switch (place.kind) {
    case 'local':
    case 'temporary':
      return true;
    case 'field':
      return isLocal(place.object);
    case 'index':
      return isLocal(place.array);
    default:
      return false;
  }
}

function guarded(place: LValue): boolean {
  const isGuard = ({ name }: { readonly name: string }): boolean =>
    name === '__guarded_by' || name === '__pt_guarded_by';
  switch (place.kind) {
    case 'global':
      return place.variable.annotations.some(isGuard);
    case 'field': {
      const { type } = place.object;
      const field = type.kind === 'struct' ? type.fields.find(({ name }) => name === place.name) : undefined;
      return field?.annotations.some(isGuard) === true;
    }
    default:
      return false;
  }
}
