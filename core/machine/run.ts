/** Executing code: from an instruction to the next park or end, following a script of choices. */

import { type Instr, LOOP_LIMIT, type Program, type ThreadCode } from '../program/ir.ts';
import { type Environment, evaluate, signed } from './expression.ts';
import { type Access, type Fault, faultOf, fill, impossible, read, write } from './memory.ts';
import type { Finding } from './result.ts';

/** Where execution begins. Nothing of it is changed. */
export interface Origin {
  readonly code: ThreadCode;
  /** Index of the first instruction. */
  readonly pc: number;
  readonly registers: readonly bigint[];
  readonly image: Uint8Array;
  /** What `self` and `param` are. */
  readonly self: number;
  readonly param: bigint;
  /** Backward jumps already counted, for code that is one step although it passes through parks. */
  readonly loops: number;
  /** Site of what has none of its own: a loop, a choice. */
  readonly site: number;
}

/** One `choose` that was met: the value taken (signed) and the largest that could have been. */
export interface Choice {
  readonly value: bigint;
  readonly high: bigint;
}

interface Common {
  readonly choices: readonly Choice[];
}

export type Run =
  /** It came to a park or the end. `registers` as they are then, dead ones included. */
  | (Common &
      Effects & {
        readonly kind: 'rest';
        readonly pc: number;
        readonly registers: readonly bigint[];
        readonly image: Uint8Array;
        readonly loops: number;
      })
  /** A fatal check ended the path; it is the last finding. */
  | (Common & Effects & { readonly kind: 'fatal' })
  /** An assume failed, or a choice had no value. */
  | (Common & { readonly kind: 'blocked'; readonly holders: bigint; readonly site: number })
  /** The script holds a value that may not be chosen. */
  | (Common & { readonly kind: 'refused'; readonly reason: string });

export interface Effects {
  readonly findings: readonly Finding[];
  /** Points in the order they were reached. */
  readonly covered: readonly number[];
  /** In program order, failed ones included. */
  readonly accesses: readonly Access[];
}

/** Takes the values of `script` at each `choose` in turn, and the lowest possible one when the script is used up. */
export function run(program: Program, origin: Origin, script: readonly bigint[]): Run {
  const { memory } = program;
  const { code } = origin;
  const registers = [...origin.registers];
  const env: Environment = { registers, self: origin.self, param: origin.param };
  let image = origin.image;
  let mine = false;
  let loops = origin.loops;
  const choices: Choice[] = [];
  const findings: Finding[] = [];
  const covered: number[] = [];
  const accesses: Access[] = [];

  const writable = (): Uint8Array => {
    if (!mine) image = image.slice();
    mine = true;
    return image;
  };
  const report = (check: number, site: number, detail: string): void => {
    findings.push({ check, site, thread: origin.self < program.threads.length ? origin.self : null, detail });
  };
  const fatal = (): Run => ({ kind: 'fatal', choices, findings, covered, accesses });
  const isFaulty = (instr: Instr & { readonly op: 'load' | 'store' }, access: Access): boolean => {
    const fault: Fault | null = instr.checked ? faultOf(memory, image, access) : impossible(memory, access);
    accesses.push(access);
    if (fault !== null) report(program.builtin[fault.check], instr.site, fault.detail);
    return fault !== null;
  };

  let pc = origin.pc;
  for (;;) {
    const instr = code.instrs[pc];
    if (instr === undefined || instr.op === 'end') {
      return { kind: 'rest', pc: endOf(code), registers, image, loops, choices, findings, covered, accesses };
    }
    let next = pc + 1;
    switch (instr.op) {
      case 'park':
        return { kind: 'rest', pc, registers, image, loops, choices, findings, covered, accesses };
      case 'set':
        registers[instr.reg] = evaluate(instr.value, env);
        break;
      case 'load': {
        const address = evaluate(instr.address, env);
        const access = { address, bytes: instr.bytes, write: false };
        if (isFaulty(instr, instr.unwritten === true ? { ...access, unwritten: true } : access))
          return fatal();
        registers[instr.reg] = read(memory, image, address, instr.bytes, instr.signed);
        break;
      }
      case 'store': {
        const address = evaluate(instr.address, env);
        const value = evaluate(instr.value, env);
        if (isFaulty(instr, { address, bytes: instr.bytes, write: true })) return fatal();
        write(memory, writable(), address, instr.bytes, value);
        break;
      }
      case 'fill':
        fill(memory, writable(), evaluate(instr.address, env), instr.bytes, instr.initialised);
        break;
      case 'choose': {
        const low = signed(evaluate(instr.low, env));
        const high = signed(evaluate(instr.high, env));
        if (low > high) return { kind: 'blocked', choices, holders: 0n, site: origin.site };
        const value = script[choices.length] ?? low;
        if (value < low || value > high) {
          return {
            kind: 'refused',
            choices,
            reason: `choice ${choices.length + 1} is ${value}, and only ${low} to ${high} may be chosen`,
          };
        }
        choices.push({ value, high });
        registers[instr.reg] = BigInt.asUintN(64, value);
        break;
      }
      case 'assume':
        if (evaluate(instr.condition, env) === 0n) {
          return { kind: 'blocked', choices, holders: evaluate(instr.holders, env), site: instr.site };
        }
        break;
      case 'check':
        if (evaluate(instr.condition, env) === 0n) {
          report(instr.check, instr.site, '');
          if (program.checks[instr.check]?.fatal ?? true) return fatal();
        }
        break;
      case 'cover':
        covered.push(instr.point);
        break;
      case 'jump':
        next = instr.to;
        break;
      case 'branch':
        if (evaluate(instr.condition, env) !== 0n) next = instr.to;
        break;
    }
    if (next <= pc) {
      if (loops === LOOP_LIMIT) {
        report(program.builtin['runaway-loop'], origin.site, `more than ${LOOP_LIMIT} rounds without a step`);
        return fatal();
      }
      loops += 1;
    }
    pc = next;
  }
}

/** Every `end` is the same place: the last instruction. */
export function endOf(code: ThreadCode): number {
  return code.instrs.length - 1;
}
