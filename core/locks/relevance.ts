/** Which functions matter to locks at all: the others are not followed, only what they may change is forgotten. */

import type { CheckedProgram, Expr, HirFunction, LValue, Stmt } from '../semantics/hir.ts';
import {
  expressionParts,
  placeParts,
  type PlaceUse,
  statementParts,
  type Visitor,
} from '../semantics/walk.ts';
import { pointeeLock } from './locking.ts';

export interface Relevance {
  /** Takes or drops locks, switches something off, checks something about that, or may do so through a pointer. */
  readonly relevant: boolean;
  /** Writes memory other than its locals. */
  readonly writes: boolean;
  /** Its value follows from its arguments alone. */
  readonly pure: boolean;
}

/** Codes of checks that the walk decides. */
export const decidedCodes: ReadonlySet<string> = new Set([
  'assertion-failed',
  'sleeping-in-atomic',
  'lock-misuse',
  'rcu-misuse',
  'held-at-end',
]);

interface Local {
  readonly calls: readonly string[];
  readonly relevant: boolean;
  readonly writes: boolean;
  readonly reads: boolean;
  readonly globals: ReadonlySet<string>;
}

/** Bodies stay the same objects as long as their text does. */
const looked = new WeakMap<Stmt, Local & { readonly jumps: boolean }>();

export function relevanceOf(
  program: CheckedProgram,
  own: ReadonlySet<string>,
): ReadonlyMap<string, Relevance> {
  const known = new Map<
    string,
    { relevant: boolean; writes: boolean; pure: boolean; calls: readonly string[] }
  >();
  const callers = new Map<string, string[]>();
  for (const fn of program.functions.values()) {
    const local = localOf(fn);
    const ownState = [...local.globals].some((name) => own.has(name));
    const missing = local.calls.some((name) => !program.functions.has(name));
    const relevant = local.relevant || ownState;
    known.set(fn.name, {
      relevant,
      writes: local.writes || missing,
      pure: !local.reads && !local.writes && !missing,
      calls: local.calls,
    });
    for (const callee of local.calls) callers.set(callee, [...(callers.get(callee) ?? []), fn.name]);
  }
  const work = [...known.keys()];
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    const callee = known.get(name);
    for (const caller of callers.get(name) ?? []) {
      const of = known.get(caller);
      if (of === undefined || callee === undefined) continue;
      const relevant = of.relevant || callee.relevant;
      const writes = of.writes || callee.writes;
      const pure = of.pure && callee.pure;
      if (relevant === of.relevant && writes === of.writes && pure === of.pure) continue;
      Object.assign(of, { relevant, writes, pure });
      work.push(caller);
    }
  }
  return known;
}

const jumps: ReadonlySet<string> = new Set(['return', 'goto', 'label', 'break', 'continue', 'case']);

/** Statements after which it does not matter which way was taken, apart from the values of locals. */
export class Statements {
  private readonly functions: ReadonlyMap<string, Relevance>;
  private readonly own: ReadonlySet<string>;
  private readonly known = new WeakMap<Stmt, boolean>();

  constructor(functions: ReadonlyMap<string, Relevance>, own: ReadonlySet<string>) {
    this.functions = functions;
    this.own = own;
  }

  matters(s: Stmt): boolean {
    let answer = this.known.get(s);
    if (answer === undefined) {
      const { relevant, jumps: leaves, calls, globals } = lookAt(s);
      answer =
        relevant ||
        leaves ||
        calls.some((name) => this.functions.get(name)?.relevant === true) ||
        [...globals].some((name) => this.own.has(name));
      this.known.set(s, answer);
    }
    return answer;
  }
}

function localOf(fn: HirFunction): Local {
  let local = looked.get(fn.body);
  if (local === undefined) {
    local = lookAt(fn.body);
    looked.set(fn.body, local);
  }
  const takesLock = fn.annotations.length > 0 || fn.params.some(({ type }) => pointeeLock(type) !== null);
  return { ...local, relevant: local.relevant || takesLock };
}

function lookAt(body: Stmt): Local & { readonly jumps: boolean } {
  const calls = new Set<string>();
  const globals = new Set<string>();
  let relevant = false;
  let leaves = false;
  let writes = false;
  let reads = false;
  const touch = (place: LValue, use: PlaceUse): void => {
    if (place.kind === 'global') globals.add(place.variable.name);
    if (guarded(place)) relevant = true;
    if (isLocal(place) || use === 'name') return;
    if (use !== 'read') writes = true;
    if (use !== 'write') reads = true;
  };
  const visitor: Visitor = {
    statement: (part: Stmt) => {
      if (jumps.has(part.kind)) leaves = true;
      statementParts(part, visitor);
    },
    expression: (part: Expr) => {
      if (part.kind === 'call') {
        if (part.callee.kind === 'direct') calls.add(part.callee.name);
        else relevant = true;
      }
      if (part.kind === 'choose' || part.kind === 'choose-list' || part.kind === 'in-function') reads = true;
      if (part.kind === 'intrinsic') {
        const { call } = part;
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
  visitor.statement(body);
  return { calls: [...calls], relevant, writes, reads, globals, jumps: leaves };
}

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
