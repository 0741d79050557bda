/** Per-thread variables that only their own thread writes: what a thread has switched off can be followed exactly. */

import type { CheckedProgram, Expr, GlobalVariable, HirFunction, LValue, Stmt } from '../semantics/hir.ts';
import {
  expressionParts,
  placeParts,
  type PlaceUse,
  statementParts,
  type Visitor,
} from '../semantics/walk.ts';

/** Variables that a body writes at another thread's entry, or hands out the address of. */
const shared = new WeakMap<object, ReadonlySet<GlobalVariable>>();

export function ownVariables(program: CheckedProgram): ReadonlySet<string> {
  const perThread = program.globals.filter(({ annotations }) =>
    annotations.some(({ name }) => name === '__per_thread'),
  );
  const excluded = new Set<GlobalVariable>();
  const add = (body: Stmt): void => {
    for (const variable of sharedIn(body)) excluded.add(variable);
  };
  for (const { body } of program.functions.values()) add(body);
  for (const { body } of program.actors) add(body);
  for (const body of program.inits) add(body);
  return new Set(perThread.filter((variable) => !excluded.has(variable)).map(({ name }) => name));
}

function sharedIn(body: HirFunction['body']): ReadonlySet<GlobalVariable> {
  const known = shared.get(body);
  if (known !== undefined) return known;
  const found = new Set<GlobalVariable>();
  const look = (place: LValue, use: PlaceUse | 'address'): void => {
    if (use === 'read' || use === 'name') return;
    const variable = perThreadElsewhere(place);
    if (variable !== null) found.add(variable);
  };
  const visitor: Visitor = {
    statement: (part) => statementParts(part, visitor),
    expression: (part: Expr) => {
      if (part.kind === 'address') look(part.place, 'address');
      expressionParts(part, visitor);
    },
    place: (part, use) => {
      look(part, use);
      placeParts(part, visitor);
    },
  };
  statementParts(body, visitor);
  shared.set(body, found);
  return found;
}

/** The variable when the place is in it, but not in the executing thread's own entry. */
function perThreadElsewhere(place: LValue): GlobalVariable | null {
  switch (place.kind) {
    case 'global':
      return place.variable;
    case 'field':
      return perThreadElsewhere(place.object);
    case 'index':
      if (place.array.kind === 'global' && place.index.kind !== 'constant' && isSelf(place.index))
        return null;
      return perThreadElsewhere(place.array);
    default:
      return null;
  }
}

function isSelf(e: Expr): boolean {
  if (e.kind === 'convert') return isSelf(e.value);
  return e.kind === 'intrinsic' && e.call.op === 'self';
}
