/**
 * From the draft of a thread's code to its final form: labels resolved, watches for unwritten locals
 * dropped where every path writes them, dead code dropped, registers shared, and for each park the registers that matter.
 *
 * Nothing here removes a park or merges two: the steps are those of the text.
 */

import type { Draft } from './emit.ts';
import { eachReg, mapRegs, register } from './expr.ts';
import { BitSet, blocksOf, definedBy, mapExpressions, successorsOf, walkLiveness } from './flow.ts';
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
  walkLiveness(work.instrs, draft.parks, draft.regs, answer, (i, live) => {
    const instr = work.instrs[i];
    if (instr?.op === 'set' && !live.has(instr.reg)) {
      keep[i] = 0;
    }
  });
  keepOnly(work, keep);
}

/** New number for each register, such that two that are alive together differ. Register 0 keeps its number. */
function shareRegisters(work: Work, draft: Draft, answer: boolean): number[] {
  const conflicts: (BitSet | undefined)[] = [];
  const conflict = (a: Reg): BitSet => {
    let set = conflicts[a];
    if (set === undefined) {
      set = new BitSet(draft.regs);
      conflicts[a] = set;
    }
    return set;
  };
  const order: Reg[] = [];
  const seen = new Uint8Array(draft.regs);
  const note = (reg: Reg) => {
    if (seen[reg] === 0) {
      seen[reg] = 1;
      order.push(reg);
    }
  };
  walkLiveness(work.instrs, draft.parks, draft.regs, answer, (i, live) => {
    const instr = work.instrs[i];
    const defined = instr === undefined ? null : definedBy(instr);
    if (defined === null) return;
    note(defined);
    const row = conflict(defined);
    row.union(live);
    live.each((other) => {
      if (other !== defined) conflict(other).add(defined);
      note(other);
    });
  });
  // What is read before it was ever written is zero from the start: it must not share with what is written first.
  const atStart: Reg[] = [];
  walkLiveness(work.instrs, draft.parks, draft.regs, answer, (i, live) => {
    if (i !== 0) return;
    live.each((reg) => atStart.push(reg));
    for (const expr of [work.instrs[0]]) if (expr !== undefined) mapExpressions(expr, (e) => (eachReg(e, (reg) => atStart.push(reg)), e));
  });
  for (const a of atStart) {
    note(a);
    for (const b of atStart) if (a !== b) conflict(a).add(b);
  }
  const colours: number[] = new Array(draft.regs).fill(0);
  const given = new Uint8Array(draft.regs);
  given[0] = 1;
  const used = new Set<number>();
  for (const reg of order) {
    if (reg === 0) continue;
    used.clear();
    conflicts[reg]?.each((other) => {
      if (other !== reg && given[other] === 1) used.add(colours[other] ?? 0);
    });
    let colour = answer ? 1 : 0;
    while (used.has(colour)) colour++;
    colours[reg] = colour;
    given[reg] = 1;
  }
  return colours;
}

function renameVariables(frames: readonly FrameVariable[][], colours: readonly number[], rename: (expr: IrExpr) => IrExpr): void {
  for (const variables of frames) {
    variables.forEach((variable, i) => {
      const { where } = variable;
      if (where.kind === 'reg') variables[i] = { ...variable, where: { kind: 'reg', reg: colours[where.reg] ?? where.reg } };
      else if (where.kind === 'value') variables[i] = { ...variable, where: { kind: 'value', value: rename(where.value) } };
      else if (where.kind === 'memory') variables[i] = { ...variable, where: { kind: 'memory', address: rename(where.address) } };
      else {
        const leaves = where.leaves.map((leaf) => ({ ...leaf, reg: colours[leaf.reg] ?? leaf.reg }));
        variables[i] = { ...variable, where: { kind: 'split', leaves } };
      }
    });
  }
}

/** Numbers the parks that are left and says what is alive at each. */
function finish(work: Work, draft: Draft, instrs: Instr[], rename: (expr: IrExpr) => IrExpr, regs: number, answer: boolean): ThreadCode {
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
  walkLiveness(instrs, draftParks, regs, answer, (i, set) => {
    const instr = instrs[i];
    if (instr?.op !== 'park') return;
    const regsHere = new Set<number>();
    set.each((reg) => regsHere.add(reg));
    const access = draftParks[instr.park]?.access ?? null;
    if (access !== null) eachReg(access.address, (reg) => regsHere.add(reg));
    live.set(i, [...regsHere].sort((a, b) => a - b));
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
