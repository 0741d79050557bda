/** Expressions: operands left to right, each access to shared memory a step of its own. */

import type { Expr, Loc, LValue } from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';
import { lowerCall } from './calls.ts';
import { emitCheck, type Place, report, siteOf, type Unit, type Value } from './context.ts';
import { lowerIntrinsic } from './intrinsics.ts';
import { binary, constant, extend, ONE, register, select, truth, unary, ZERO } from './expr.ts';
import type { BinaryIrOp, IrExpr } from './ir.ts';
import { TEXT_BASE } from './layout.ts';
import {
  copyStruct,
  normalise,
  numeric,
  readScalar,
  scalarShape,
  stablePlace,
  writeScalar,
} from './places.ts';
import { findBinding, lowerPlace, needMemory, structTemporary } from './lvalues.ts';
import { hasEffects, isPure, mayChange } from './purity.ts';
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
function operate(
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
