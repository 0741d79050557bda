/** A state of the machine. Never changed once made: a step gives a new one. */

import type { Park, Program, ThreadCode } from '../program/ir.ts';
import { endOf } from './run.ts';

export interface State {
  readonly image: Uint8Array;
  readonly threads: readonly ThreadState[];
}

export interface ThreadState {
  /** Index of the park instruction it rests at, or of the code's last instruction when it has ended. */
  readonly pc: number;
  /** By number, as 64-bit patterns (0 .. 2^64 - 1). Registers that are dead here are 0. */
  readonly registers: readonly bigint[];
}

/** Equal for two states exactly if they are the same state. */
export function keyOf(program: Program, state: State): string {
  const threads = state.threads.map((one, thread) => {
    const park = parkOf(program, state, thread);
    const live = (park?.live ?? []).map((reg) => (one.registers[reg] ?? 0n).toString(36));
    return park === null ? 'end' : `${one.pc} ${live.join(' ')}`;
  });
  return `${textOf(state.image)}|${threads.join('|')}`;
}

export function codeOf(program: Program, thread: number): ThreadCode | null {
  return program.codes[program.threads[thread]?.code ?? -1] ?? null;
}

/** Where a thread rests; null when it has ended. */
export function parkOf(program: Program, state: State, thread: number): Park | null {
  const code = codeOf(program, thread);
  const pc = state.threads[thread]?.pc;
  return code === null || pc === undefined ? null : parkAt(code, pc);
}

export function parkAt(code: ThreadCode, pc: number): Park | null {
  const instr = code.instrs[pc];
  return instr?.op === 'park' ? (code.parks[instr.park] ?? null) : null;
}

/** A thread at rest, with its dead registers cleared. */
export function rest(code: ThreadCode, pc: number, registers: readonly bigint[]): ThreadState {
  const park = parkAt(code, pc);
  if (park === null) return { pc: endOf(code), registers: [] };
  const live = new Set(park.live);
  return {
    pc,
    registers: Array.from({ length: code.regs }, (_, reg) => (live.has(reg) ? (registers[reg] ?? 0n) : 0n)),
  };
}

/** A character for each two bytes: images have an even number of bytes. */
function textOf(image: Uint8Array): string {
  const parts: string[] = [];
  const chunk: number[] = [];
  for (let i = 0; i < image.length; i += 2) {
    chunk.push((image[i] ?? 0) | ((image[i + 1] ?? 0) << 8));
    if (chunk.length === 4096) parts.push(String.fromCharCode(...chunk.splice(0)));
  }
  return parts.join('') + String.fromCharCode(...chunk);
}
