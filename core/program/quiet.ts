/**
 * Expressions evaluated without a word: for questions that must not break the program that they are asked of. A
 * pointer is followed only to where objects of its type lie; anywhere else it leads to zero.
 */

import type { Expr, LValue } from '../semantics/hir.ts';
import { sizeOf } from '../semantics/types.ts';
import type { Unit } from './context.ts';
import { binary, constant, register, SELF, ZERO } from './expr.ts';
import type { IrExpr } from './ir.ts';
import { findBinding } from './lvalues.ts';
import { normalise, scalarShape } from './places.ts';

/** More objects than this are not looked through for one pointer. */
const mostObjects = 64;

/** Runs it as ghost code whose loads and checks report nothing. */
export function quietly<T>(unit: Unit, run: () => T): T {
  const { instrs } = unit.out.draft;
  const { mode } = unit;
  const first = instrs.length;
  unit.mode = 'ghost';
  const result = run();
  unit.mode = mode;
  for (let i = first; i < instrs.length; i++) {
    const instr = instrs[i];
    if (instr?.op === 'load') instrs[i] = { ...instr, checked: false };
    else if (instr?.op === 'check') instrs[i] = { op: 'set', reg: unit.out.temporary(), value: ZERO };
  }
  return result;
}

/** The value of an expression without effects; null for what is more than following names, fields and pointers. */
export function quietValue(unit: Unit, expr: Expr): IrExpr | null {
  switch (expr.kind) {
    case 'constant':
      return constant(expr.value);
    case 'address':
      return addressOfPlace(unit, expr.place);
    case 'read':
      return readOf(unit, expr.place);
    case 'convert': {
      const value = quietValue(unit, expr.value);
      return value === null || expr.type.kind === 'void' ? null : normalise(value, expr.type);
    }
    case 'binary': {
      if (expr.op !== 'add' && expr.op !== 'sub' && expr.op !== 'mul') return null;
      const left = quietValue(unit, expr.left);
      const right = quietValue(unit, expr.right);
      return left === null || right === null ? null : normalise(binary(expr.op, left, right), expr.type);
    }
    case 'intrinsic':
      return expr.call.op === 'self' ? SELF : null;
    default:
      return null;
  }
}

export function addressOfPlace(unit: Unit, place: LValue): IrExpr | null {
  switch (place.kind) {
    case 'global': {
      const address = unit.shared.layout.addressOfGlobal(place.variable);
      // What nothing in the program touches lies nowhere, and nobody holds it.
      return constant(address ?? 0n);
    }
    case 'pool':
      return constant(unit.shared.layout.poolPlace(place.pool)?.address ?? 0n);
    case 'deref':
      return quietValue(unit, place.pointer);
    case 'field': {
      const object = addressOfPlace(unit, place.object);
      return object === null || place.bits !== null ? null : binary('add', object, constant(place.offset));
    }
    case 'index': {
      const array = addressOfPlace(unit, place.array);
      const index = quietValue(unit, place.index);
      if (array === null || index === null) return null;
      const stride =
        place.array.kind === 'pool'
          ? (unit.shared.layout.poolPlace(place.array.pool)?.stride ?? 0)
          : sizeOf(place.type);
      return binary('add', array, binary('mul', index, constant(stride)));
    }
    case 'local': {
      const binding = findBinding(unit, place.variable);
      return binding?.kind === 'place' && binding.place.kind === 'memory' ? binding.place.address : null;
    }
    case 'temporary':
      return null;
  }
}

/** The address of a lock that an annotation names, where it is known without executing anything; else null. */
export function constantAddress(unit: Unit, expr: Expr): bigint | null {
  if (!isStatic(expr)) return null;
  const value =
    expr.type.kind === 'pointer' || expr.kind !== 'read'
      ? quietValue(unit, expr)
      : addressOfPlace(unit, expr.place);
  return value?.kind === 'const' ? value.value : null;
}

/** Evaluating it reads no memory. */
function isStatic(expr: Expr): boolean {
  switch (expr.kind) {
    case 'constant':
      return true;
    case 'convert':
      return isStatic(expr.value);
    case 'binary':
      return isStatic(expr.left) && isStatic(expr.right);
    case 'address':
      return isStaticPlace(expr.place);
    case 'read':
      return expr.place.kind === 'local' || (expr.type.kind !== 'pointer' && isStaticPlace(expr.place));
    default:
      return false;
  }
}

function isStaticPlace(place: LValue): boolean {
  switch (place.kind) {
    case 'global':
    case 'pool':
    case 'local':
      return true;
    case 'deref':
      return isStatic(place.pointer);
    case 'field':
      return isStaticPlace(place.object);
    case 'index':
      return isStaticPlace(place.array) && isStatic(place.index);
    case 'temporary':
      return false;
  }
}

function readOf(unit: Unit, place: LValue): IrExpr | null {
  const { out, shared } = unit;
  if (place.type.kind === 'struct' || place.type.kind === 'array') return null;
  if (place.kind === 'local') {
    const binding = findBinding(unit, place.variable);
    if (binding?.kind === 'value') return binding.value.kind === 'scalar' ? binding.value.value : null;
    if (binding?.kind !== 'place') return null;
    if (binding.place.kind === 'reg') return out.stable(register(binding.place.reg));
    return binding.place.kind === 'memory' ? load(unit, binding.place.address, place) : null;
  }
  const address = addressOfPlace(unit, place);
  if (address === null) return null;
  if (address.kind === 'const') return address.value === 0n ? ZERO : load(unit, address, place);
  const around = structAround(place);
  if (around === null) return null;
  const objects = shared.layout.all(around.type);
  if (objects.length > mostObjects) return null;
  const at = out.stable(address);
  const result = out.variable();
  out.set(result, ZERO);
  for (const object of objects) {
    const here = constant(object + BigInt(around.offset));
    const next = out.label();
    out.branch(binary('ne', at, here), next);
    out.set(result, load(unit, here, place));
    out.place(next);
  }
  return out.stable(register(result));
}

/** The object behind a pointer that a field belongs to, and where in it. */
function structAround(place: LValue): { readonly type: LValue['type']; readonly offset: number } | null {
  if (place.kind !== 'field') return null;
  if (place.object.kind !== 'field')
    return place.object.kind === 'deref' || place.object.kind === 'index'
      ? { type: place.object.type, offset: place.offset }
      : null;
  const outer = structAround(place.object);
  return outer === null ? null : { type: outer.type, offset: outer.offset + place.offset };
}

function load(unit: Unit, address: IrExpr, { type }: LValue): IrExpr {
  const { bytes, signed } = scalarShape(type);
  const reg = unit.out.temporary();
  unit.out.emit({ op: 'load', reg, address, bytes, signed, checked: false, site: 0 });
  return register(reg);
}
