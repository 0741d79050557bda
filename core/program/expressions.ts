/** Expressions: operands left to right, each access to shared memory a step of its own. */

import type { Expr, LocalVariable, Loc, LValue } from '../semantics/hir.ts';
import { sizeOf, type Type } from '../semantics/types.ts';
import { lowerCall } from './calls.ts';
import { type Binding, emitCheck, type Place, report, siteOf, type Unit, type Value } from './context.ts';
import { lowerIntrinsic } from './intrinsics.ts';
import {
  binary,
  constant,
  eachReg,
  extend,
  ONE,
  register,
  select,
  SELF,
  sizeOfExpr,
  truth,
  unary,
  ZERO,
} from './expr.ts';
import type { BinaryIrOp, IrExpr } from './ir.ts';
import { TEXT_BASE } from './layout.ts';
import {
  copyStruct,
  leavesOf,
  member,
  normalise,
  numeric,
  readScalar,
  scalarShape,
  stablePlace,
  writeScalar,
} from './places.ts';
import { lowerStatement } from './statements.ts';

/** The value as a number; a struct has none. */
export function scalar(unit: Unit, expr: Expr): IrExpr {
  return numeric(unit, lowerExpr(unit, expr));
}

/** As scalar, in a form that what is evaluated afterwards cannot change. */
export function stableScalar(unit: Unit, expr: Expr): IrExpr {
  return unit.out.stable(scalar(unit, expr));
}

/** 0 or 1. */
export function truthOf(unit: Unit, expr: Expr): IrExpr {
  const value = lowerExpr(unit, expr);
  return value.kind === 'alias' ? ONE : truth(numeric(unit, value));
}

const number = (value: IrExpr): Value => ({ kind: 'scalar', value });

export function lowerExpr(unit: Unit, expr: Expr): Value {
  switch (expr.kind) {
    case 'constant':
      return number(constant(expr.value));
    case 'read':
      return boundValue(unit, expr.place) ?? readPlace(unit, lowerPlace(unit, expr.place), expr.loc);
    case 'address':
      return addressOf(unit, lowerPlace(unit, expr.place, true));
    case 'function': {
      const index = unit.shared.addressTaken.indexOf(expr.name);
      return number(constant(TEXT_BASE + BigInt(16 * index)));
    }
    case 'negate':
      return number(normalise(unary('neg', scalar(unit, expr.value)), expr.type));
    case 'complement':
      return number(normalise(unary('not', scalar(unit, expr.value)), expr.type));
    case 'not':
      return number(unary('eqz', truthOf(unit, expr.value)));
    case 'binary':
      return lowerBinary(unit, expr);
    case 'and-also':
    case 'or-else':
      return number(shortCircuit(unit, expr));
    case 'conditional':
      return conditional(unit, expr);
    case 'convert': {
      const value = lowerExpr(unit, expr.value);
      if (expr.type.kind === 'void' || value.kind === 'struct') return value;
      if (value.kind === 'alias' && expr.type.kind === 'pointer') return value;
      if (value.kind === 'alias' && expr.type.kind === 'int' && expr.type.bool) return number(ONE);
      return number(normalise(numeric(unit, value), expr.type));
    }
    case 'assign':
      return assign(unit, expr);
    case 'increment': {
      const place = stablePlace(unit, lowerPlace(unit, expr.target));
      const old = unit.out.stable(readScalar(unit, place, expr.loc));
      const next = unit.out.stable(normalise(binary('add', old, constant(expr.delta)), expr.type));
      writeScalar(unit, place, next, expr.loc);
      return number(expr.prefix ? next : old);
    }
    case 'call':
      return lowerCall(unit, expr);
    case 'intrinsic':
      return lowerIntrinsic(unit, expr.call, expr.type, expr.loc);
    case 'sequence':
      lowerStatement(unit, expr.first);
      return lowerExpr(unit, expr.value);
    case 'choose': {
      const low = stableScalar(unit, expr.low);
      const high = scalar(unit, expr.high);
      return number(choose(unit, low, high));
    }
    case 'choose-list': {
      const values = expr.values.map((value) => stableScalar(unit, value));
      const index = choose(unit, ZERO, constant(values.length - 1));
      let result = values[0] ?? ZERO;
      for (let i = 1; i < values.length; i++)
        result = select(binary('eq', index, constant(i)), values[i] ?? ZERO, result);
      return number(result);
    }
    case 'quantifier':
      return number(quantify(unit, expr));
    case 'in-function': {
      const address = unit.shared.layout.hiddenWord(`in ${expr.name}`);
      const reg = unit.out.temporary();
      unit.out.emit({
        op: 'load',
        reg,
        address: constant(address),
        bytes: 8,
        signed: false,
        checked: false,
        site: siteOf(unit, expr.loc, 'none'),
      });
      return number(truth(register(reg)));
    }
  }
}

export function choose(unit: Unit, low: IrExpr, high: IrExpr): IrExpr {
  if (low.kind === 'const' && high.kind === 'const' && low.value === high.value) return low;
  const reg = unit.out.temporary();
  unit.out.emit({ op: 'choose', reg, low, high });
  return register(reg);
}

/** A local that stands for a value: above all a pointer parameter that was given the address of a local in registers. */
function boundValue(unit: Unit, lvalue: LValue): Value | null {
  if (lvalue.kind !== 'local' || lvalue.type.kind === 'struct' || lvalue.type.kind === 'array') return null;
  const binding = findBinding(unit, lvalue.variable);
  return binding?.kind === 'value' ? binding.value : null;
}

function readPlace(unit: Unit, place: Place, loc: Loc): Value {
  if (place.type.kind === 'struct' || place.type.kind === 'array') return { kind: 'struct', place };
  return number(readScalar(unit, place, loc));
}

function addressOf(unit: Unit, place: Place): Value {
  if (place.kind === 'memory') return number(place.address);
  if (place.kind === 'split' && place.index !== null) {
    needMemory(unit, place.split.variable);
    return number(ZERO);
  }
  return { kind: 'alias', place };
}

// ---------------------------------------------------------------- places

export function lowerPlace(unit: Unit, lvalue: LValue, forAddress = false): Place {
  switch (lvalue.kind) {
    case 'local':
      return placeOfLocal(unit, lvalue.variable, lvalue.type);
    case 'temporary':
      lowerStatement(unit, lvalue.before);
      return placeOfLocal(unit, lvalue.variable, lvalue.type);
    case 'global': {
      const { layout } = unit.shared;
      const address = layout.addressOfGlobal(lvalue.variable) ?? 0n;
      const { ghost, range } = lvalue.variable;
      return {
        kind: 'memory',
        address: constant(address),
        type: lvalue.type,
        bits: null,
        checked: false,
        silent: ghost,
        range,
      };
    }
    case 'pool':
      return {
        kind: 'memory',
        address: constant(unit.shared.layout.poolPlace(lvalue.pool)?.address ?? 0n),
        type: lvalue.type,
        bits: null,
        checked: true,
        silent: false,
        range: null,
      };
    case 'deref': {
      const pointer = lowerExpr(unit, lvalue.pointer);
      if (pointer.kind === 'alias') return retype(unit, pointer.place, lvalue.type);
      return {
        kind: 'memory',
        address: numeric(unit, pointer),
        type: lvalue.type,
        bits: null,
        checked: true,
        silent: false,
        range: null,
      };
    }
    case 'field': {
      const object = lowerPlace(unit, lvalue.object, forAddress);
      return member(object, lvalue.offset, lvalue.type, lvalue.bits, lvalue.ghost, lvalue.range);
    }
    case 'index':
      return indexed(unit, lvalue, forAddress);
  }
}

function indexed(unit: Unit, lvalue: Extract<LValue, { kind: 'index' }>, forAddress: boolean): Place {
  const array = stablePlace(unit, lowerPlace(unit, lvalue.array, forAddress));
  const index = scalar(unit, lvalue.index);
  const stride =
    lvalue.array.kind === 'pool'
      ? (unit.shared.layout.poolPlace(lvalue.array.pool)?.stride ?? 0)
      : sizeOf(lvalue.type);
  const stableIndex = lvalue.length === null ? index : unit.out.stable(index);
  if (lvalue.length !== null) {
    // The address one past the end may be computed, as in C.
    const length = constant(lvalue.length + (forAddress ? 1 : 0));
    emitCheck(unit, binary('ltu', stableIndex, length), 'out-of-bounds', {
      fatal: true,
      message: `An array index is outside 0..${lvalue.length - 1}.`,
      loc: lvalue.loc,
    });
  }
  if (array.kind === 'memory') {
    return {
      ...array,
      address: binary('add', array.address, binary('mul', stableIndex, constant(stride))),
      type: lvalue.type,
      bits: null,
      range: null,
    };
  }
  if (array.kind === 'split') {
    if (stableIndex.kind === 'const')
      return {
        ...array,
        offset: array.offset + Number(stableIndex.value) * stride,
        type: lvalue.type,
        bits: null,
      };
    if (array.index === null && lvalue.length !== null) {
      return {
        ...array,
        index: { value: unit.out.stable(stableIndex), stride, length: lvalue.length },
        type: lvalue.type,
        bits: null,
      };
    }
    needMemory(unit, array.split.variable);
  } else {
    needMemory(unit, unit.owners.get(array.reg) ?? null);
  }
  return {
    kind: 'memory',
    address: ZERO,
    type: lvalue.type,
    bits: null,
    checked: false,
    silent: true,
    range: null,
  };
}

/** The same bytes seen as another type. */
function retype(unit: Unit, place: Place, type: Type): Place {
  if (place.kind === 'reg') {
    const same = type.kind !== 'struct' && type.kind !== 'array' && sizeOf(type) === sizeOf(place.type);
    if (!same) needMemory(unit, unit.owners.get(place.reg) ?? null);
    return place;
  }
  if (place.kind === 'split') return { ...place, type, bits: null };
  return { ...place, type, bits: null };
}

export function needMemory(unit: Unit, variable: LocalVariable | null): void {
  if (variable === null || unit.shared.inMemory.has(variable)) return;
  unit.shared.inMemory.add(variable);
  unit.shared.inMemoryGrew = true;
}

export function findBinding(unit: Unit, variable: LocalVariable): Binding | null {
  for (let at: typeof unit.here | null = unit.here; at !== null; at = at.parent) {
    const binding = at.bindings.get(variable);
    if (binding !== undefined) return binding;
  }
  return null;
}

function placeOfLocal(unit: Unit, variable: LocalVariable, type: Type): Place {
  const binding = findBinding(unit, variable) ?? bindLocal(unit, variable, false);
  if (binding.kind === 'place') return binding.place;
  // Reads of a bound value are caught in readPlace; here the place of a struct parameter, or a base for members.
  if (binding.value.kind === 'struct') return binding.value.place;
  const reg = unit.out.temporary();
  unit.out.set(reg, numeric(unit, binding.value));
  return { kind: 'reg', reg, flag: null, type, range: null };
}

/** Gives a local its registers or its memory. `written`: it needs no watch for reads before the first write. */
export function bindLocal(unit: Unit, variable: LocalVariable, written: boolean): Binding {
  const place = newLocal(unit, variable, written);
  const binding: Binding = { kind: 'place', place };
  unit.here.bindings.set(variable, binding);
  return binding;
}

function newLocal(unit: Unit, variable: LocalVariable, written: boolean): Place {
  const { shared, out } = unit;
  const { type, range } = variable;
  const compound = type.kind === 'struct' || type.kind === 'array';
  const leaves = compound ? leavesOf(type) : null;
  if (shared.inMemory.has(variable) || (compound && leaves === null)) {
    const { address, stride } = shared.layout.local(variable, nestingOf(unit), shared.threadCount + 1);
    const own = binary('add', constant(address), binary('mul', SELF, constant(stride)));
    return {
      kind: 'memory',
      address: out.stable(own),
      type,
      bits: null,
      checked: true,
      silent: !shared.inMemory.has(variable) || variable.ghost,
      range,
    };
  }
  if (leaves === null) {
    const reg = out.variable();
    unit.owners.set(reg, variable);
    return { kind: 'reg', reg, flag: written ? null : out.flag(), type, range };
  }
  const split = {
    variable,
    leaves: leaves.map((leaf) => ({ ...leaf, reg: out.variable(), flag: written ? null : out.flag() })),
  };
  return { kind: 'split', split, offset: 0, index: null, type, bits: null };
}

/** How many activations of the current function are around this one. */
function nestingOf(unit: Unit): number {
  let depth = 0;
  for (let at = unit.here.parent; at !== null; at = at.parent) if (at.fn === unit.here.fn) depth++;
  return depth;
}

// ---------------------------------------------------------------- operators

function lowerBinary(unit: Unit, expr: Extract<Expr, { kind: 'binary' }>): Value {
  const leftValue = lowerExpr(unit, expr.left);
  if (leftValue.kind === 'alias') return aliasArithmetic(unit, expr, leftValue);
  let left = numeric(unit, leftValue);
  if (mayChange(unit, left) && hasEffects(expr.right)) left = unit.out.stable(left);
  const rightValue = lowerExpr(unit, expr.right);
  if (
    rightValue.kind === 'alias' &&
    (expr.op === 'eq' || expr.op === 'ne') &&
    left.kind === 'const' &&
    left.value === 0n
  ) {
    return number(expr.op === 'eq' ? ZERO : ONE);
  }
  return number(operate(unit, expr.op, left, numeric(unit, rightValue), expr.left.type, expr.type, expr.loc));
}

function aliasArithmetic(
  unit: Unit,
  expr: Extract<Expr, { kind: 'binary' }>,
  left: Extract<Value, { kind: 'alias' }>,
): Value {
  const right = lowerExpr(unit, expr.right);
  const amount = right.kind === 'scalar' && right.value.kind === 'const' ? right.value.value : null;
  if ((expr.op === 'add' || expr.op === 'sub') && amount !== null) {
    if (amount === 0n) return left;
    if (left.place.kind === 'split') {
      const offset = left.place.offset + Number(expr.op === 'add' ? amount : -amount);
      return { kind: 'alias', place: { ...left.place, offset } };
    }
  }
  if ((expr.op === 'eq' || expr.op === 'ne') && amount === 0n) return number(expr.op === 'eq' ? ZERO : ONE);
  return number(
    operate(unit, expr.op, numeric(unit, left), numeric(unit, right), expr.left.type, expr.type, expr.loc),
  );
}

/** `operands`: the type that decides signedness; `type`: of the result. */
export function operate(
  unit: Unit,
  op: Extract<Expr, { kind: 'binary' }>['op'],
  left: IrExpr,
  right: IrExpr,
  operands: Type,
  type: Type,
  loc: Loc,
): IrExpr {
  const { signed, bits } = scalarShape(operands);
  switch (op) {
    case 'eq':
    case 'ne':
      return binary(op, left, right);
    case 'lt':
      return binary(order(signed, bits, 'lt'), left, right);
    case 'le':
      return binary(order(signed, bits, 'le'), left, right);
    case 'gt':
      return binary(order(signed, bits, 'lt'), right, left);
    case 'ge':
      return binary(order(signed, bits, 'le'), right, left);
    case 'shl':
      return normalise(binary('shl', left, shiftCount(right, bits)), type);
    case 'shr':
      return normalise(binary(signed ? 'shrs' : 'shru', left, shiftCount(right, bits)), type);
    case 'div':
    case 'rem': {
      const divisor = unit.out.stable(right);
      emitCheck(unit, truth(divisor), 'division-by-zero', {
        fatal: true,
        message: 'An integer is divided by zero.',
        loc,
      });
      const how: BinaryIrOp = op === 'div' ? (signed ? 'divs' : 'divu') : signed ? 'rems' : 'remu';
      return normalise(binary(how, left, divisor), type);
    }
    default:
      return normalise(binary(op, left, right), type);
  }
}

/** Registers hold extended values, so only 64-bit unsigned comparisons need the unsigned form. */
function order(signed: boolean, bits: number, op: 'lt' | 'le'): BinaryIrOp {
  return !signed && bits === 64 ? (op === 'lt' ? 'ltu' : 'leu') : op === 'lt' ? 'lts' : 'les';
}

/** As x86: the count is taken modulo the width. */
function shiftCount(count: IrExpr, bits: number): IrExpr {
  return binary('and', count, constant(bits === 64 ? 63 : 31));
}

function shortCircuit(unit: Unit, expr: Extract<Expr, { kind: 'and-also' | 'or-else' }>): IrExpr {
  const and = expr.kind === 'and-also';
  const left = truthOf(unit, expr.left);
  if (left.kind === 'const') {
    if ((left.value !== 0n) !== and) return and ? ZERO : ONE;
    return truthOf(unit, expr.right);
  }
  if (isPure(unit, expr.right)) {
    const right = truthOf(unit, expr.right);
    return and ? binary('and', left, right) : binary('or', left, right);
  }
  const result = unit.out.variable();
  const done = unit.out.label();
  unit.out.set(result, left);
  unit.out.branch(and ? unary('eqz', register(result)) : register(result), done);
  unit.out.set(result, truthOf(unit, expr.right));
  unit.out.place(done);
  return unit.out.stable(register(result));
}

function conditional(unit: Unit, expr: Extract<Expr, { kind: 'conditional' }>): Value {
  const condition = truthOf(unit, expr.condition);
  if (condition.kind === 'const') return lowerExpr(unit, condition.value !== 0n ? expr.then : expr.otherwise);
  const isStruct = expr.type.kind === 'struct';
  if (!isStruct && isPure(unit, expr.then) && isPure(unit, expr.otherwise)) {
    const then = lowerExpr(unit, expr.then);
    const otherwise = lowerExpr(unit, expr.otherwise);
    return number(select(condition, numeric(unit, then), numeric(unit, otherwise)));
  }
  const { out } = unit;
  const otherwise = out.label();
  const done = out.label();
  const isVoid = expr.type.kind === 'void';
  const result: Place = isStruct
    ? structTemporary(unit, expr.type)
    : { kind: 'reg', reg: out.variable(), flag: null, type: expr.type, range: null };
  out.branch(unary('eqz', condition), otherwise);
  for (const branch of [expr.then, expr.otherwise]) {
    if (branch === expr.otherwise) out.place(otherwise);
    const value = lowerExpr(unit, branch);
    if (!isVoid) store(unit, result, value, expr.loc);
    if (branch === expr.then) out.jump(done);
  }
  out.place(done);
  if (isStruct) return { kind: 'struct', place: result };
  return number(isVoid ? ZERO : out.stable(register((result as { reg: number }).reg)));
}

export function structTemporary(unit: Unit, type: Type): Place {
  const leaves = leavesOf(type) ?? [];
  const split = {
    variable: null,
    leaves: leaves.map((leaf) => ({ ...leaf, reg: unit.out.variable(), flag: null })),
  };
  return { kind: 'split', split, offset: 0, index: null, type, bits: null };
}

/** Puts a value into a place, whatever they are. */
export function store(unit: Unit, place: Place, value: Value, loc: Loc): void {
  if (value.kind === 'struct') copyStruct(unit, place, value.place, loc);
  else writeScalar(unit, place, numeric(unit, value), loc);
}

function assign(unit: Unit, expr: Extract<Expr, { kind: 'assign' }>): Value {
  const place = stablePlace(unit, lowerPlace(unit, expr.target));
  if (expr.op === null) {
    const value = lowerExpr(unit, expr.value);
    if (value.kind === 'struct') {
      copyStruct(unit, place, value.place, expr.loc);
      return { kind: 'struct', place };
    }
    const stable = unit.out.stable(numeric(unit, value));
    writeScalar(unit, place, stable, expr.loc);
    return number(bitFieldValue(stable, place, expr.type));
  }
  const old = unit.out.stable(normalise(readScalar(unit, place, expr.loc), expr.opType));
  const operand = scalar(unit, expr.value);
  const result = operate(unit, expr.op, old, operand, expr.opType, expr.opType, expr.loc);
  const stable = unit.out.stable(normalise(result, expr.type));
  writeScalar(unit, place, stable, expr.loc);
  return number(bitFieldValue(stable, place, expr.type));
}

function bitFieldValue(value: IrExpr, place: Place, type: Type): IrExpr {
  if (place.kind === 'reg' || place.bits === null) return value;
  return extend(place.bits.width, scalarShape(type).signed, value);
}

function quantify(unit: Unit, expr: Extract<Expr, { kind: 'quantifier' }>): IrExpr {
  const low = stableScalar(unit, expr.low);
  const high = stableScalar(unit, expr.high);
  if (low.kind !== 'const' || high.kind !== 'const' || high.value - low.value > 4096n) {
    report(
      unit.shared,
      'not-constant',
      'The bounds of all, any and count must be constants, and span at most 4096 values.',
      expr.loc,
    );
    return ZERO;
  }
  const result = unit.out.variable();
  unit.out.set(result, expr.quantifier === 'all' ? ONE : ZERO);
  const done = unit.out.label();
  for (let i = low.value; i <= high.value; i++) {
    unit.here.bindings.set(expr.variable, { kind: 'value', value: number(constant(i)) });
    const holds = truthOf(unit, expr.body);
    if (expr.quantifier === 'count') unit.out.set(result, binary('add', register(result), holds));
    else {
      unit.out.set(result, holds);
      if (i < high.value)
        unit.out.branch(expr.quantifier === 'all' ? unary('eqz', register(result)) : register(result), done);
    }
  }
  unit.out.place(done);
  return unit.out.stable(register(result));
}

// ---------------------------------------------------------------- what may be reordered

/** A register that changes occurs in it. */
function mayChange(unit: Unit, value: IrExpr): boolean {
  let found = sizeOfExpr(value) > 24;
  eachReg(value, (reg) => {
    if (unit.out.draft.variables.has(reg)) found = true;
  });
  return found;
}

/** Evaluating it may change a local. */
function hasEffects(expr: Expr): boolean {
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
function isPure(unit: Unit, expr: Expr): boolean {
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
