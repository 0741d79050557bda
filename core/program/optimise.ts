/**
 * From the draft of a thread's code to its final form: labels resolved, watches for unwritten locals
 * dropped where every path writes them, dead code dropped, registers shared, and for each park the registers that matter.
 *
 * Nothing here removes a park or merges two: the steps are those of the text.
 */

import type { Draft } from './emit.ts';
import { eachReg, mapRegs, register } from './expr.ts';
import {
  BitSet,
  blocksOf,
  definedBy,
  expressionsOf,
  mapExpressions,
  successorsOf,
  walkLiveness,
} from './flow.ts';
import type { FrameVariable, Instr, IrExpr, Park, Reg, ThreadCode } from './ir.ts';

interface Work {
  instrs: Instr[];
  /** Positions of label names and loop heads. */
  names: { at: number; name: string }[];
  heads: number[];
}

/** `answer`: the code is a predicate, whose register 0 is read at its end. `frames`: variables to show, renamed in place. */
export function optimise(draft: Draft, answer: boolean, frames: readonly FrameVariable[][]): ThreadCode {
  const work: Work = {
    instrs: [...draft.instrs.map((instr) => resolve(instr, draft)), { op: 'end' }],
    names: draft.names.map((name) => ({ ...name })),
    heads: [...draft.heads],
  };
  dropUnreachable(work);
  dropSureFlags(work, draft);
  dropDeadSets(work, draft, answer);
  const colours = shareRegisters(work, draft, answer);
  const rename = (expr: IrExpr): IrExpr => mapRegs(expr, (reg) => register(colours[reg] ?? reg));
  const instrs = work.instrs.map((instr) => {
    const mapped = mapExpressions(instr, rename);
    const defined = definedBy(mapped);
    return defined === null ? mapped : ({ ...mapped, reg: colours[defined] ?? defined } as Instr);
  });
  renameVariables(frames, colours, rename);
  const count = 1 + Math.max(0, ...colours);
  return finish(work, draft, instrs, rename, count, answer);
}

/**
 * For stepping: the same steps, with every register of its own and kept, so that a local can be shown after its last
 * use. Registers are those of the draft.
 */
export function keepAll(draft: Draft): ThreadCode {
  const work: Work = {
    instrs: [...draft.instrs.map((instr) => resolve(instr, draft)), { op: 'end' }],
    names: draft.names.map((name) => ({ ...name })),
    heads: [...draft.heads],
  };
  dropUnreachable(work);
  const code = finish(work, draft, work.instrs, (expr) => expr, draft.regs, false);
  const { numberOf, names } = registersOf(work, draft.regs);
  const kept = names.filter((reg) => (numberOf[reg] ?? -1) >= 0).sort((a, b) => a - b);
  return { ...code, parks: code.parks.map((park) => ({ ...park, live: kept })) };
}

function resolve(instr: Instr, draft: Draft): Instr {
  if (instr.op !== 'jump' && instr.op !== 'branch') return instr;
  const at = draft.labels[instr.to]?.at ?? -1;
  // A label that was never placed (a goto to a label in a branch that is gone) ends the thread.
  return { ...instr, to: at < 0 ? draft.instrs.length : at };
}

function keepOnly(work: Work, keep: Uint8Array): void {
  const moved = new Int32Array(work.instrs.length + 1);
  let count = 0;
  for (let i = 0; i < work.instrs.length; i++) {
    moved[i] = count;
    if (keep[i] === 1) count++;
  }
  moved[work.instrs.length] = count;
  const to = (at: number) => moved[at] ?? count;
  const instrs: Instr[] = [];
  work.instrs.forEach((instr, i) => {
    if (keep[i] !== 1) return;
    instrs.push(instr.op === 'jump' || instr.op === 'branch' ? { ...instr, to: to(instr.to) } : instr);
  });
  work.names = work.names.map((name) => ({ ...name, at: to(name.at) }));
  work.heads = work.heads.map(to);
  work.instrs = instrs;
}

function dropUnreachable(work: Work): void {
  const seen = new Uint8Array(work.instrs.length);
  const stack = [0];
  while (stack.length > 0) {
    const at = stack.pop() ?? 0;
    if (seen[at] === 1 || at >= work.instrs.length) continue;
    seen[at] = 1;
    for (const next of successorsOf(work.instrs, at)) stack.push(next);
  }
  // `end` at the bottom stays: it is where control falls out.
  seen[work.instrs.length - 1] = 1;
  keepOnly(work, seen);
  const keep = new Uint8Array(work.instrs.length).fill(1);
  work.instrs.forEach((instr, i) => {
    if ((instr.op === 'jump' || instr.op === 'branch') && instr.to === i + 1) keep[i] = 0;
  });
  keepOnly(work, keep);
}

/** Removes `check flag` where the flag is 1 on every path. */
function dropSureFlags(work: Work, draft: Draft): void {
  if (draft.flags.size === 0) return;
  const number = new Map<Reg, number>();
  for (const flag of draft.flags) number.set(flag, number.size);
  const blocks = blocksOf(work.instrs);
  const count = blocks.next.length;
  // Flags that may be 0 at the start of each block.
  const unset = Array.from({ length: count }, () => new BitSet(number.size));
  const entered = new Uint8Array(count);
  const first = unset[0];
  if (first === undefined) return;
  for (let i = 0; i < number.size; i++) first.add(i);
  entered[0] = 1;
  const now = new BitSet(number.size);
  const transfer = (instr: Instr | undefined): void => {
    if (instr?.op !== 'set') return;
    const flag = number.get(instr.reg);
    if (flag === undefined) return;
    if (instr.value.kind === 'const' && instr.value.value === 1n) now.delete(flag);
    else now.add(flag);
  };
  const work2 = [0];
  while (work2.length > 0) {
    const b = work2.pop() ?? 0;
    const start = unset[b];
    if (start === undefined) continue;
    now.copyFrom(start);
    for (let i = blocks.starts[b] ?? 0; i < (blocks.starts[b + 1] ?? 0); i++) transfer(work.instrs[i]);
    for (const n of blocks.next[b] ?? []) {
      const changed = unset[n]?.union(now) === true;
      if (changed || entered[n] === 0) {
        entered[n] = 1;
        work2.push(n);
      }
    }
  }
  const keep = new Uint8Array(work.instrs.length).fill(1);
  for (let b = 0; b < count; b++) {
    const start = unset[b];
    if (start === undefined) continue;
    now.copyFrom(start);
    for (let i = blocks.starts[b] ?? 0; i < (blocks.starts[b + 1] ?? 0); i++) {
      const instr = work.instrs[i];
      if (instr?.op === 'check' && instr.condition.kind === 'reg') {
        const flag = number.get(instr.condition.reg);
        if (flag !== undefined && !now.has(flag)) keep[i] = 0;
      }
      transfer(instr);
    }
  }
  keepOnly(work, keep);
}

function dropDeadSets(work: Work, draft: Draft, answer: boolean): void {
  const keep = new Uint8Array(work.instrs.length).fill(1);
  walkLiveness(work.instrs, draft.parks, draft.regs, { answer, faint: true }, (i, live) => {
    const instr = work.instrs[i];
    if (instr?.op === 'set' && !live.has(instr.reg)) {
      keep[i] = 0;
    }
  });
  keepOnly(work, keep);
}

/** New number for each register, such that two that are alive together differ. Register 0 keeps its number. */
function shareRegisters(work: Work, draft: Draft, answer: boolean): number[] {
  const { numberOf, names } = registersOf(work, draft.regs);
  const conflicts = names.map(() => new BitSet(names.length));
  const atStart: number[] = [];
  walkLiveness(work.instrs, draft.parks, draft.regs, { answer, faint: false }, (i, live) => {
    const instr = work.instrs[i];
    if (instr === undefined) return;
    if (i === 0) {
      live.each((reg) => atStart.push(numberOf[reg] ?? 0));
      for (const expr of expressionsOf(instr)) eachReg(expr, (reg) => atStart.push(numberOf[reg] ?? 0));
    }
    const defined = definedBy(instr);
    if (defined === null) return;
    const own = numberOf[defined] ?? 0;
    live.each((reg) => {
      const other = numberOf[reg] ?? 0;
      if (other === own) return;
      conflicts[own]?.add(other);
      conflicts[other]?.add(own);
    });
  });
  // What is read before it was ever written is zero from the start: it must not share with what is written first.
  for (const a of atStart) for (const b of atStart) if (a !== b) conflicts[a]?.add(b);
  const colours: number[] = new Array(draft.regs).fill(0);
  const given = new Int32Array(names.length).fill(-1);
  const taken: number[] = [];
  names.forEach((reg, own) => {
    if (reg === 0) {
      given[own] = 0;
      return;
    }
    conflicts[own]?.each((other) => {
      const colour = given[other] ?? -1;
      if (colour >= 0) taken[colour] = own;
    });
    let colour = answer ? 1 : 0;
    while (taken[colour] === own) colour++;
    given[own] = colour;
    colours[reg] = colour;
  });
  return colours;
}

/** The registers that the code still mentions, register 0 first, numbered densely. */
function registersOf(work: Work, regs: number): { numberOf: Int32Array; names: Reg[] } {
  const numberOf = new Int32Array(regs).fill(-1);
  const names: Reg[] = [0];
  numberOf[0] = 0;
  const note = (reg: Reg) => {
    if ((numberOf[reg] ?? 0) >= 0) return;
    numberOf[reg] = names.length;
    names.push(reg);
  };
  for (const instr of work.instrs) {
    const defined = definedBy(instr);
    if (defined !== null) note(defined);
    for (const expr of expressionsOf(instr)) eachReg(expr, note);
  }
  return { numberOf, names };
}

function renameVariables(
  frames: readonly FrameVariable[][],
  colours: readonly number[],
  rename: (expr: IrExpr) => IrExpr,
): void {
  for (const variables of frames) {
    variables.forEach((variable, i) => {
      const { where } = variable;
      if (where.kind === 'reg')
        variables[i] = { ...variable, where: { ...where, reg: colours[where.reg] ?? where.reg } };
      else if (where.kind === 'value')
        variables[i] = { ...variable, where: { kind: 'value', value: rename(where.value) } };
      else if (where.kind === 'memory')
        variables[i] = { ...variable, where: { kind: 'memory', address: rename(where.address) } };
      else {
        const leaves = where.leaves.map((leaf) => ({ ...leaf, reg: colours[leaf.reg] ?? leaf.reg }));
        variables[i] = { ...variable, where: { kind: 'split', leaves } };
      }
    });
  }
}

/** Numbers the parks that are left and says what is alive at each. */
function finish(
  work: Work,
  draft: Draft,
  instrs: Instr[],
  rename: (expr: IrExpr) => IrExpr,
  regs: number,
  answer: boolean,
): ThreadCode {
  const parks: Park[] = [];
  const heads = new Set(work.heads.flatMap((at) => firstParks(instrs, at)));
  const labels = new Map<number, string[]>();
  for (const { at, name } of work.names) {
    for (const park of firstParks(instrs, at)) {
      const names = labels.get(park) ?? [];
      if (!names.includes(name)) names.push(name);
      labels.set(park, names);
    }
  }
  const draftParks = draft.parks.map((park) => ({
    access: park.access === null ? null : { ...park.access, address: rename(park.access.address) },
  }));
  const live = new Map<number, number[]>();
  walkLiveness(instrs, draftParks, regs, { answer, faint: false }, (i, set) => {
    const instr = instrs[i];
    if (instr?.op !== 'park') return;
    const regsHere = new Set<number>();
    set.each((reg) => regsHere.add(reg));
    const access = draftParks[instr.park]?.access ?? null;
    if (access !== null) eachReg(access.address, (reg) => regsHere.add(reg));
    live.set(
      i,
      [...regsHere].sort((a, b) => a - b),
    );
  });
  const result = instrs.map((instr, i) => {
    if (instr.op !== 'park') return instr;
    const source = draft.parks[instr.park];
    parks.push({
      at: i,
      live: live.get(i) ?? [],
      site: source?.site ?? 0,
      head: heads.has(i),
      labels: labels.get(i) ?? [],
      access: draftParks[instr.park]?.access ?? null,
      frame: source?.frame ?? 0,
    });
    return { op: 'park' as const, park: parks.length - 1 };
  });
  return { instrs: result, regs, parks };
}

/** Parks (or ends) that are reached from here without passing another. */
function firstParks(instrs: readonly Instr[], from: number): number[] {
  const found: number[] = [];
  const seen = new Set<number>();
  const stack = [from];
  while (stack.length > 0) {
    const at = stack.pop() ?? 0;
    if (seen.has(at)) continue;
    seen.add(at);
    if (instrs[at]?.op === 'park') found.push(at);
    else stack.push(...successorsOf(instrs, at));
  }
  return found;
}
