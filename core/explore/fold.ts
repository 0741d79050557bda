/** Constants folded, once for each expression, so that generation and the analyses before it see addresses as constants. */

import type {
  BinaryIrOp,
  Instr,
  Invariant,
  IrExpr,
  Predicate,
  Program,
  ThreadCode,
  UnaryOp,
} from '../program/ir.ts';

/** The same program; indices and positions are kept. */
export function foldProgram(program: Program): Program {
  const predicate = ({ code }: Predicate): Predicate => ({ code: foldCode(code) });
  const invariant = (one: Invariant): Invariant => ({
    ...one,
    unless: one.unless === null ? null : predicate(one.unless),
    condition: predicate(one.condition),
  });
  return {
    ...program,
    codes: program.codes.map(foldCode),
    init: foldCode(program.init),
    invariants: program.invariants.map(invariant),
    finals: program.finals.map(invariant),
    goals: program.goals.map((goal) => ({ ...goal, predicate: predicate(goal.predicate) })),
  };
}

function foldCode(code: ThreadCode): ThreadCode {
  return {
    ...code,
    instrs: code.instrs.map(foldInstr),
    parks: code.parks.map((park) =>
      park.access === null
        ? park
        : { ...park, access: { ...park.access, address: fold(park.access.address) } },
    ),
  };
}

function foldInstr(instr: Instr): Instr {
  switch (instr.op) {
    case 'set':
      return { ...instr, value: fold(instr.value) };
    case 'load':
    case 'fill':
      return { ...instr, address: fold(instr.address) };
    case 'store':
      return { ...instr, address: fold(instr.address), value: fold(instr.value) };
    case 'choose':
      return { ...instr, low: fold(instr.low), high: fold(instr.high) };
    case 'assume':
      return { ...instr, condition: fold(instr.condition), holders: fold(instr.holders) };
    case 'check':
    case 'branch':
      return { ...instr, condition: fold(instr.condition) };
    case 'cover':
    case 'jump':
    case 'park':
    case 'end':
      return instr;
  }
}

/** Constants come out as signed 64-bit numbers. */
function fold(expr: IrExpr): IrExpr {
  switch (expr.kind) {
    case 'const':
      return constant(expr.value);
    case 'reg':
    case 'self':
    case 'param':
      return expr;
    case 'unary': {
      const a = fold(expr.a);
      if (a.kind === 'const') return constant(foldUnary(expr.op, a.value));
      return a === expr.a ? expr : { ...expr, a };
    }
    case 'binary': {
      const a = fold(expr.a);
      const b = fold(expr.b);
      if (a.kind === 'const' && b.kind === 'const') return constant(foldBinary(expr.op, a.value, b.value));
      return a === expr.a && b === expr.b ? expr : { ...expr, a, b };
    }
    case 'extend': {
      const a = fold(expr.a);
      if (a.kind === 'const')
        return constant(expr.signed ? BigInt.asIntN(expr.bits, a.value) : BigInt.asUintN(expr.bits, a.value));
      return a === expr.a ? expr : { ...expr, a };
    }
    case 'select': {
      const condition = fold(expr.condition);
      if (condition.kind === 'const') return fold(condition.value === 0n ? expr.otherwise : expr.then);
      return { ...expr, condition, then: fold(expr.then), otherwise: fold(expr.otherwise) };
    }
  }
}

const constant = (value: bigint): IrExpr => ({ kind: 'const', value: BigInt.asIntN(64, value) });

function foldUnary(operator: UnaryOp, a: bigint): bigint {
  if (operator === 'neg') return -a;
  return operator === 'not' ? ~a : BigInt(a === 0n);
}

function foldBinary(operator: BinaryIrOp, a: bigint, b: bigint): bigint {
  const ua = BigInt.asUintN(64, a);
  const ub = BigInt.asUintN(64, b);
  const shift = ub & 63n;
  switch (operator) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'divu':
      return ub === 0n ? 0n : ua / ub;
    case 'divs':
      return b === 0n ? 0n : a / b;
    case 'remu':
      return ub === 0n ? 0n : ua % ub;
    case 'rems':
      return b === 0n ? 0n : a % b;
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    case 'xor':
      return a ^ b;
    case 'shl':
      return a << shift;
    case 'shru':
      return ua >> shift;
    case 'shrs':
      return a >> shift;
    case 'eq':
      return BigInt(a === b);
    case 'ne':
      return BigInt(a !== b);
    case 'ltu':
      return BigInt(ua < ub);
    case 'lts':
      return BigInt(a < b);
    case 'leu':
      return BigInt(ua <= ub);
    case 'les':
      return BigInt(a <= b);
  }
}
