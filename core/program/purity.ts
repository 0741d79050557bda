/** What may be evaluated early, or although C would not evaluate it. */

import type { Expr, LValue } from '../semantics/hir.ts';
import type { Unit } from './context.ts';
import { eachReg, sizeOfExpr } from './expr.ts';
import type { IrExpr } from './ir.ts';
import { findBinding } from './lvalues.ts';

/** A register that changes occurs in it. */
export function mayChange(unit: Unit, value: IrExpr): boolean {
  let found = sizeOfExpr(value) > 24;
  eachReg(value, (reg) => {
    if (unit.out.draft.variables.has(reg)) found = true;
  });
  return found;
}

/** Evaluating it may change a local. */
export function hasEffects(expr: Expr): boolean {
  switch (expr.kind) {
    case 'constant':
    case 'function':
    case 'in-function':
      return false;
    case 'read':
    case 'address':
      return placeHasEffects(expr.place);
    case 'negate':
    case 'complement':
    case 'not':
    case 'convert':
      return hasEffects(expr.value);
    case 'binary':
    case 'and-also':
    case 'or-else':
      return hasEffects(expr.left) || hasEffects(expr.right);
    case 'conditional':
      return hasEffects(expr.condition) || hasEffects(expr.then) || hasEffects(expr.otherwise);
    default:
      return true;
  }
}

function placeHasEffects(place: LValue): boolean {
  switch (place.kind) {
    case 'deref':
      return hasEffects(place.pointer);
    case 'field':
      return placeHasEffects(place.object);
    case 'index':
      return placeHasEffects(place.array) || hasEffects(place.index);
    case 'temporary':
      return true;
    default:
      return false;
  }
}

/** Evaluating it emits no instruction: no access, no call, no check; so it may be evaluated though C would not. */
export function isPure(unit: Unit, expr: Expr): boolean {
  switch (expr.kind) {
    case 'constant':
    case 'function':
      return true;
    case 'read': {
      if (expr.place.kind !== 'local') return false;
      const binding = findBinding(unit, expr.place.variable);
      if (binding === null) return false;
      if (binding.kind === 'value') return binding.value.kind === 'scalar';
      return binding.place.kind === 'reg' && binding.place.flag === null;
    }
    case 'negate':
    case 'complement':
    case 'not':
    case 'convert':
      return isPure(unit, expr.value);
    case 'binary':
      return expr.op !== 'div' && expr.op !== 'rem' && isPure(unit, expr.left) && isPure(unit, expr.right);
    case 'and-also':
    case 'or-else':
      return isPure(unit, expr.left) && isPure(unit, expr.right);
    case 'conditional':
      return isPure(unit, expr.condition) && isPure(unit, expr.then) && isPure(unit, expr.otherwise);
    default:
      return false;
  }
}
