/** Data flow over thread code: control-flow graph, bit sets, liveness. */

import { eachReg } from './expr.ts';
import type { Instr, IrExpr, Park, Reg } from './ir.ts';

/** Where control can go from instruction `at`. A park goes on with the next step's code. */
export function successorsOf(instrs: readonly Instr[], at: number): number[] {
  const instr = instrs[at];
  switch (instr?.op) {
    case 'jump':
      return [instr.to];
    case 'branch':
      return instr.to === at + 1 ? [at + 1] : [at + 1, instr.to];
    case 'end':
    case undefined:
      return [];
    case 'check':
      // A check that always fails and is fatal is handled where checks are known; here both go on.
      return [at + 1];
    default:
      return [at + 1];
  }
}

export function definedBy(instr: Instr): Reg | null {
  return instr.op === 'set' || instr.op === 'load' || instr.op === 'choose' ? instr.reg : null;
}

export function expressionsOf(instr: Instr): readonly IrExpr[] {
  switch (instr.op) {
    case 'set':
      return [instr.value];
    case 'load':
      return [instr.address];
    case 'store':
      return [instr.address, instr.value];
    case 'fill':
      return [instr.address];
    case 'choose':
      return [instr.low, instr.high];
    case 'assume':
      return [instr.condition, instr.holders];
    case 'check':
    case 'branch':
      return [instr.condition];
    default:
      return [];
  }
}

export function mapExpressions(instr: Instr, map: (expr: IrExpr) => IrExpr): Instr {
  switch (instr.op) {
    case 'set':
      return { ...instr, value: map(instr.value) };
    case 'load':
    case 'fill':
      return { ...instr, address: map(instr.address) };
    case 'store':
      return { ...instr, address: map(instr.address), value: map(instr.value) };
    case 'choose':
      return { ...instr, low: map(instr.low), high: map(instr.high) };
    case 'assume':
      return { ...instr, condition: map(instr.condition), holders: map(instr.holders) };
    case 'check':
    case 'branch':
      return { ...instr, condition: map(instr.condition) };
    default:
      return instr;
  }
}

export interface Blocks {
  /** First instruction of each block; a sentinel at the end. */
  readonly starts: number[];
  readonly next: number[][];
  readonly previous: number[][];
}

export function blocksOf(instrs: readonly Instr[]): Blocks {
  const isStart = new Uint8Array(instrs.length + 1);
  isStart[0] = 1;
  instrs.forEach((instr, i) => {
    if (instr.op === 'jump' || instr.op === 'branch') {
      isStart[instr.to] = 1;
      isStart[i + 1] = 1;
    }
    if (instr.op === 'end') isStart[i + 1] = 1;
  });
  const starts: number[] = [];
  const blockAt = new Int32Array(instrs.length + 1);
  for (let i = 0; i < instrs.length; i++) {
    if (isStart[i] === 1) starts.push(i);
    blockAt[i] = starts.length - 1;
  }
  const count = starts.length;
  starts.push(instrs.length);
  const next: number[][] = [];
  const previous: number[][] = Array.from({ length: count }, () => []);
  for (let b = 0; b < count; b++) {
    const last = (starts[b + 1] ?? 0) - 1;
    const targets = successorsOf(instrs, last)
      .filter((t) => t < instrs.length)
      .map((t) => blockAt[t] ?? 0);
    next.push(targets);
    for (const t of targets) previous[t]?.push(b);
  }
  return { starts, next, previous };
}

export class BitSet {
  readonly words: Uint32Array;
  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }
  add(i: number): void {
    this.words[i >>> 5] = (this.words[i >>> 5] ?? 0) | (1 << (i & 31));
  }
  delete(i: number): void {
    this.words[i >>> 5] = (this.words[i >>> 5] ?? 0) & ~(1 << (i & 31));
  }
  has(i: number): boolean {
    return (((this.words[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1;
  }
  copyFrom(other: BitSet): void {
    this.words.set(other.words);
  }
  /** Adds all of `other`; true if that changed anything. */
  union(other: BitSet): boolean {
    let changed = false;
    for (let w = 0; w < this.words.length; w++) {
      const before = this.words[w] ?? 0;
      const after = (before | (other.words[w] ?? 0)) >>> 0;
      if (after !== before) {
        this.words[w] = after;
        changed = true;
      }
    }
    return changed;
  }
  each(visit: (i: number) => void): void {
    for (let w = 0; w < this.words.length; w++) {
      let word = this.words[w] ?? 0;
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        visit(w * 32 + bit);
        word &= word - 1;
      }
    }
  }
}

/**
 * Calls `visit(index, live)` for every instruction, last first within each block, with the registers live behind it.
 * The set is reused between calls. `answer`: register 0 is read at the end. `faint`: a register that is only used to
 * compute registers that nobody uses is not live; slower, and the same once such computations are dropped.
 */
export function walkLiveness(
  instrs: readonly Instr[],
  parks: readonly { readonly access: Park['access'] }[],
  regs: number,
  kind: { readonly answer: boolean; readonly faint: boolean },
  visit: (index: number, live: BitSet) => void,
): void {
  const blocks = blocksOf(instrs);
  const count = blocks.next.length;
  const reads = instrs.map((instr) => readsOf(instr, parks, kind.answer));
  const defines = Int32Array.from(instrs, (instr) => definedBy(instr) ?? -1);
  const crossing = crossingRegisters(defines, reads, blocks, regs);
  const size = crossing.names.length;
  // Most registers live inside one block; only the others need a place in the sets that meet between blocks.
  const liveIn = Array.from({ length: count }, () => new BitSet(size));
  const live = new BitSet(regs);
  const meeting = new BitSet(size);
  const meet = (b: number): void => {
    meeting.words.fill(0);
    for (const n of blocks.next[b] ?? []) {
      const successor = liveIn[n];
      if (successor !== undefined) meeting.union(successor);
    }
  };
  const through = (b: number, at: ((index: number, live: BitSet) => void) | null): void => {
    meet(b);
    live.words.fill(0);
    meeting.each((i) => live.add(crossing.names[i] ?? 0));
    for (let i = (blocks.starts[b + 1] ?? 0) - 1; i >= (blocks.starts[b] ?? 0); i--) {
      at?.(i, live);
      const defined = defines[i] ?? -1;
      if (defined >= 0) {
        if (kind.faint && instrs[i]?.op === 'set' && !live.has(defined)) continue;
        live.delete(defined);
      }
      for (const reg of reads[i] ?? []) live.add(reg);
    }
  };
  /** What a block needs from before it, given what is needed behind it: into `meeting`. */
  let transfer = (b: number): void => {
    through(b, null);
    meeting.words.fill(0);
    live.each((reg) => {
      const i = crossing.indexOf[reg] ?? -1;
      if (i >= 0) meeting.add(i);
    });
  };
  if (!kind.faint) {
    const effects = Array.from({ length: count }, (_, b) => effectOf(b, blocks, defines, reads, crossing));
    transfer = (b) => {
      meet(b);
      const effect = effects[b];
      if (effect === undefined) return;
      for (let w = 0; w < meeting.words.length; w++) {
        meeting.words[w] =
          ((meeting.words[w] ?? 0) & ~(effect.writes.words[w] ?? 0)) | (effect.reads.words[w] ?? 0);
      }
    };
  }
  // Code runs mostly forwards, so sweeps from the end settle after as many rounds as loops are nested.
  const stale = new Uint8Array(count).fill(1);
  for (let again = true; again; ) {
    again = false;
    for (let b = count - 1; b >= 0; b--) {
      if (stale[b] === 0) continue;
      stale[b] = 0;
      transfer(b);
      if (liveIn[b]?.union(meeting) !== true) continue;
      for (const p of blocks.previous[b] ?? []) {
        stale[p] = 1;
        if (p >= b) again = true;
      }
    }
  }
  for (let b = count - 1; b >= 0; b--) through(b, visit);
}

interface Crossing {
  readonly names: readonly Reg[];
  readonly indexOf: Int32Array;
}

/** Crossing registers that a block reads before it writes them, and those that it writes. */
function effectOf(
  b: number,
  blocks: Blocks,
  defines: Int32Array,
  reads: readonly (readonly Reg[])[],
  crossing: Crossing,
): { reads: BitSet; writes: BitSet } {
  const effect = { reads: new BitSet(crossing.names.length), writes: new BitSet(crossing.names.length) };
  for (let i = (blocks.starts[b + 1] ?? 0) - 1; i >= (blocks.starts[b] ?? 0); i--) {
    const written = crossing.indexOf[defines[i] ?? -1] ?? -1;
    if (written >= 0) {
      effect.writes.add(written);
      effect.reads.delete(written);
    }
    for (const reg of reads[i] ?? []) {
      const read = crossing.indexOf[reg] ?? -1;
      if (read >= 0) effect.reads.add(read);
    }
  }
  return effect;
}

const NONE: readonly Reg[] = [];

function readsOf(
  instr: Instr,
  parks: readonly { readonly access: Park['access'] }[],
  answer: boolean,
): readonly Reg[] {
  if (instr.op === 'jump' || instr.op === 'cover') return NONE;
  const found: Reg[] = [];
  for (const expr of expressionsOf(instr)) eachReg(expr, (reg) => found.push(reg));
  if (instr.op === 'park') {
    const access = parks[instr.park]?.access ?? null;
    if (access !== null) eachReg(access.address, (reg) => found.push(reg));
  }
  if (instr.op === 'end' && answer) found.push(0);
  return found;
}

/** Registers that some block reads before it writes them. */
function crossingRegisters(
  defines: Int32Array,
  reads: readonly (readonly Reg[])[],
  blocks: Blocks,
  regs: number,
): Crossing {
  const indexOf = new Int32Array(regs).fill(-1);
  const names: Reg[] = [];
  const writtenIn = new Int32Array(regs).fill(-1);
  for (let b = 0; b < blocks.next.length; b++) {
    for (let i = blocks.starts[b] ?? 0; i < (blocks.starts[b + 1] ?? 0); i++) {
      for (const reg of reads[i] ?? NONE) {
        if (writtenIn[reg] === b || (indexOf[reg] ?? 0) >= 0) continue;
        indexOf[reg] = names.length;
        names.push(reg);
      }
      const defined = defines[i] ?? -1;
      if (defined >= 0) writtenIn[defined] = b;
    }
  }
  return { names, indexOf };
}
