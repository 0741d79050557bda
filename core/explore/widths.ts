/**
 * How many bytes each register needs between steps: an interval that holds every value it is ever given.
 *
 * Narrow registers make short states. The analysis follows no order of execution: an interval joins all assignments, and
 * one that grows is widened to the next integer type, so that it ends soon.
 */

import type { BinaryIrOp, Instr, IrExpr, Program, Reg, ThreadCode } from '../program/ir.ts';

export interface Width {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly signed: boolean;
}

/** Of values taken as signed 64-bit numbers. */
interface Interval {
  readonly low: bigint;
  readonly high: bigint;
}

const types: readonly (Width & Interval)[] = ([1, 2, 4] as const).flatMap((bytes) =>
  [false, true].map((signed) => ({ bytes, signed, ...rangeOf(8 * bytes, signed) })),
);
const whole: Width & Interval = { bytes: 8, signed: true, ...rangeOf(64, true) };

/** For a code of the program: the width of each register; 8 bytes for what is not in the map. */
export function widthsOf(program: Program, code: number): ReadonlyMap<Reg, Width> {
  const body = program.codes[code];
  const params = program.threads
    .filter((thread) => thread.code === code)
    .map((thread) => BigInt.asIntN(64, thread.param));
  const intervals = new Map<Reg, Interval>();
  const env: Environment = {
    reg: (reg) => intervals.get(reg) ?? point(0n),
    self: { low: 0n, high: BigInt(program.threads.length) },
    param: params.map(point).reduce(join, point(0n)),
  };
  const assignments = body === undefined ? [] : assignmentsOf(body);
  for (let changed = true; changed; ) {
    changed = false;
    for (const { reg, value } of assignments) {
      const before = env.reg(reg);
      const grown = join(before, value(env));
      if (grown.low === before.low && grown.high === before.high && intervals.has(reg)) continue;
      intervals.set(reg, typeFor(grown));
      changed = true;
    }
  }
  return new Map([...intervals].map(([reg, interval]) => [reg, typeFor(interval)]));
}

interface Environment {
  readonly reg: (reg: Reg) => Interval;
  readonly self: Interval;
  readonly param: Interval;
}

interface Assignment {
  readonly reg: Reg;
  readonly value: (env: Environment) => Interval;
}

function assignmentsOf({ instrs }: ThreadCode): readonly Assignment[] {
  return instrs.flatMap((instr: Instr): Assignment[] => {
    switch (instr.op) {
      case 'set':
        return [{ reg: instr.reg, value: (env) => intervalOf(instr.value, env) }];
      case 'load':
        return [{ reg: instr.reg, value: () => rangeOf(8 * instr.bytes, instr.signed || instr.bytes === 8) }];
      case 'choose':
        return [
          {
            reg: instr.reg,
            value: (env) => ordered(intervalOf(instr.low, env).low, intervalOf(instr.high, env).high),
          },
        ];
      default:
        return [];
    }
  });
}

function intervalOf(expr: IrExpr, env: Environment): Interval {
  switch (expr.kind) {
    case 'const':
      return point(BigInt.asIntN(64, expr.value));
    case 'reg':
      return env.reg(expr.reg);
    case 'self':
      return env.self;
    case 'param':
      return env.param;
    case 'unary': {
      if (expr.op === 'eqz') return truth;
      const a = intervalOf(expr.a, env);
      return expr.op === 'neg' ? fitting(-a.high, -a.low) : fitting(~a.high, ~a.low);
    }
    case 'binary':
      return ofBinary(expr.op, intervalOf(expr.a, env), intervalOf(expr.b, env));
    case 'extend': {
      const a = intervalOf(expr.a, env);
      const type = rangeOf(expr.bits, expr.signed);
      return contains(type, a) ? a : type;
    }
    case 'select':
      return join(intervalOf(expr.then, env), intervalOf(expr.otherwise, env));
  }
}

function ofBinary(op: BinaryIrOp, a: Interval, b: Interval): Interval {
  switch (op) {
    case 'eq':
    case 'ne':
    case 'ltu':
    case 'lts':
    case 'leu':
    case 'les':
      return truth;
    case 'add':
      return fitting(a.low + b.low, a.high + b.high);
    case 'sub':
      return fitting(a.low - b.high, a.high - b.low);
    case 'and': {
      // A mask without a sign bounds the result, whatever it is applied to.
      const bounds = [a, b].filter((one) => one.low >= 0n).map((one) => one.high);
      return bounds.length === 0 ? whole : { low: 0n, high: bounds.reduce(smaller) };
    }
    case 'or':
    case 'xor': {
      if (a.low < 0n || b.low < 0n) return whole;
      const bits = larger(a.high, b.high).toString(2).length;
      return { low: 0n, high: (1n << BigInt(bits)) - 1n };
    }
    case 'shru': {
      if (b.low !== b.high) return a.low >= 0n ? { low: 0n, high: a.high } : whole;
      const shift = b.low & 63n;
      if (a.low >= 0n) return { low: a.low >> shift, high: a.high >> shift };
      return shift === 0n ? a : { low: 0n, high: (1n << (64n - shift)) - 1n };
    }
    case 'shl':
      return b.low === b.high ? fitting(a.low << (b.low & 63n), a.high << (b.low & 63n)) : whole;
    case 'shrs':
      return a.low >= 0n ? { low: 0n, high: a.high } : whole;
    case 'remu':
      return a.low >= 0n && b.low >= 0n ? { low: 0n, high: smaller(a.high, b.high) } : whole;
    case 'divu':
      return a.low >= 0n && b.low >= 0n ? { low: 0n, high: a.high } : whole;
    case 'mul': {
      const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
      return fitting(corners.reduce(smaller), corners.reduce(larger));
    }
    case 'divs':
    case 'rems':
      return whole;
  }
}

const truth: Interval = { low: 0n, high: 1n };
const point = (value: bigint): Interval => ({ low: value, high: value });
const join = (a: Interval, b: Interval): Interval => ({
  low: smaller(a.low, b.low),
  high: larger(a.high, b.high),
});
const contains = (outer: Interval, inner: Interval): boolean =>
  outer.low <= inner.low && inner.high <= outer.high;
const ordered = (low: bigint, high: bigint): Interval =>
  low <= high ? { low, high } : { low: high, high: low };

/** Arithmetic that may wrap around can give anything. */
function fitting(low: bigint, high: bigint): Interval {
  return contains(whole, { low, high }) ? { low, high } : whole;
}

function typeFor(interval: Interval): Width & Interval {
  return types.find((type) => contains(type, interval)) ?? whole;
}

function rangeOf(bits: number, signed: boolean): Interval {
  const all = 1n << BigInt(bits);
  return signed ? { low: -all / 2n, high: all / 2n - 1n } : { low: 0n, high: all - 1n };
}

function smaller(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}
