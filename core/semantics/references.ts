/** What a body refers to: worked out once for each body, because bodies outlive edits elsewhere. */

import type { Expr, Loc, LValue, Stmt } from './hir.ts';
import { expressionParts, placeParts, statementParts, type Visitor } from './walk.ts';

export interface References {
  /** Functions that are called, or whose address is taken, with the first place of each. */
  readonly kernel: ReadonlyMap<string, Loc>;
  /** Functions that ghost code of the body calls. */
  readonly ghost: ReadonlyMap<string, Loc>;
  /** Ghost code, or any mention of ghost state. */
  readonly mentionsGhost: boolean;
}

const known = new WeakMap<Stmt, References>();

export function referencesOf(body: Stmt): References {
  let references = known.get(body);
  if (references === undefined) {
    references = collectReferences(body);
    known.set(body, references);
  }
  return references;
}

/** All functions that a body refers to, in ghost code too. */
export function* functionsIn(body: Stmt): Iterable<readonly [string, Loc]> {
  const { kernel, ghost } = referencesOf(body);
  yield* kernel;
  yield* ghost;
}

function collectReferences(body: Stmt): References {
  const kernel = new Map<string, Loc>();
  const ghost = new Map<string, Loc>();
  let into = kernel;
  let mentionsGhost = false;
  const inGhost = (work: () => void): void => {
    const saved = into;
    into = ghost;
    mentionsGhost = true;
    work();
    into = saved;
  };
  const visitor: Visitor = {
    statement: (part) => {
      if (part.kind === 'ghost' || (part.kind === 'declare' && part.variable.ghost))
        inGhost(() => statementParts(part, visitor));
      else statementParts(part, visitor);
    },
    expression: (part) => {
      const name = functionName(part);
      if (name !== null && !into.has(name)) into.set(name, part.loc);
      expressionParts(part, visitor);
    },
    place: (part) => {
      if (isGhost(part)) mentionsGhost = true;
      placeParts(part, visitor);
    },
  };
  visitor.statement(body);
  return { kernel, ghost, mentionsGhost };
}

function functionName(e: Expr): string | null {
  if (e.kind === 'function') return e.name;
  return e.kind === 'call' && e.callee.kind === 'direct' ? e.callee.name : null;
}

function isGhost(place: LValue): boolean {
  if (place.kind === 'field') return place.ghost;
  return (place.kind === 'global' || place.kind === 'local') && place.variable.ghost;
}
