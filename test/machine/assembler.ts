/** From items with names to instructions with numbers; liveness at parks is computed. */

import type { Instr, IrExpr, Memory, Park, Reg, Site, ThreadCode } from '../../core/program/ir.ts';
import { builtins, type E, end, type Item, nowhere } from './builder.ts';

/** Numbers for names, shared by all code of a program. */
export class Names {
  readonly sites: Site[] = [];
  readonly checks: string[] = [...builtins];
  readonly points: string[] = [];
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  site(text: string, action: Site['action']): number {
    const known = this.sites.findIndex((one) => one.text === text && one.action === action);
    if (known >= 0) return known;
    return this.sites.push({ loc: nowhere, text, action, frame: 0, inner: null }) - 1;
  }

  check(name: string): number {
    return numberIn(this.checks, name);
  }

  point(text: string): number {
    return numberIn(this.points, text);
  }

  address(object: string, offset: number): bigint {
    const found = this.memory.objects.find((one) => one.name === object);
    if (found === undefined) throw new Error(`no object ${object}`);
    return found.address + BigInt(offset);
  }
}

function numberIn(list: string[], name: string): number {
  const known = list.indexOf(name);
  return known >= 0 ? known : list.push(name) - 1;
}

export function assemble(source: readonly Item[], names: Names): ThreadCode {
  const items =
    source.at(-1)?.op === 'end' && source.some((item) => item.op !== 'label') ? source : [...source, end];
  const labels = new Map<string, number>();
  let count = 0;
  for (const item of items) {
    if (item.op === 'label') labels.set(item.name, count);
    else count += 1;
  }
  const target = (name: string): number => {
    const index = labels.get(name);
    if (index === undefined) throw new Error(`no label ${name}`);
    return index;
  };

  const registers: string[] = ['answer'];
  const reg = (name: string): Reg => numberIn(registers, name);
  const expr = (e: E): IrExpr => {
    if (typeof e === 'number' || typeof e === 'bigint') return { kind: 'const', value: BigInt(e) };
    if (typeof e === 'string') return { kind: 'reg', reg: reg(e) };
    switch (e.kind) {
      case 'self':
      case 'param':
        return { kind: e.kind };
      case 'at':
        return { kind: 'const', value: names.address(e.object, e.offset) };
      case 'unary':
        return { kind: 'unary', op: e.op, a: expr(e.a) };
      case 'binary':
        return { kind: 'binary', op: e.op, a: expr(e.a), b: expr(e.b) };
      case 'extend':
        return { kind: 'extend', bits: e.bits, signed: e.signed, a: expr(e.a) };
      case 'select':
        return {
          kind: 'select',
          condition: expr(e.condition),
          then: expr(e.then),
          otherwise: expr(e.otherwise),
        };
    }
  };

  const instrs: Instr[] = [];
  const parks: Omit<Park, 'live'>[] = [];
  let here = names.site('start', 'none');
  const siteOf = (text: string | null | undefined): number =>
    text === null || text === undefined ? here : names.site(text, 'none');
  for (const item of items) {
    switch (item.op) {
      case 'label':
        break;
      case 'park': {
        here = names.site(item.text, item.options.action ?? 'none');
        const access = item.options.access;
        parks.push({
          at: instrs.length,
          site: here,
          head: item.options.head ?? false,
          labels: item.options.labels ?? [],
          access: access === undefined ? null : { ...access, address: expr(access.address) },
          frame: 0,
        });
        instrs.push({ op: 'park', park: parks.length - 1 });
        break;
      }
      case 'set':
        instrs.push({ op: 'set', reg: reg(item.reg), value: expr(item.value) });
        break;
      case 'load': {
        const { bytes = 8, signed = false, checked = true, site } = item.options;
        instrs.push({
          op: 'load',
          address: expr(item.address),
          reg: reg(item.reg),
          bytes,
          signed,
          checked,
          site: siteOf(site),
        });
        break;
      }
      case 'store': {
        const { bytes = 8, checked = true, site } = item.options;
        instrs.push({
          op: 'store',
          address: expr(item.address),
          bytes,
          value: expr(item.value),
          checked,
          site: siteOf(site),
        });
        break;
      }
      case 'fill':
        instrs.push({
          op: 'fill',
          address: expr(item.address),
          bytes: item.bytes,
          initialised: item.initialised,
        });
        break;
      case 'choose':
        instrs.push({ op: 'choose', low: expr(item.low), high: expr(item.high), reg: reg(item.reg) });
        break;
      case 'assume':
        instrs.push({
          op: 'assume',
          condition: expr(item.condition),
          holders: expr(item.holders),
          site: siteOf(item.site),
        });
        break;
      case 'check':
        instrs.push({
          op: 'check',
          condition: expr(item.condition),
          check: names.check(item.check),
          site: siteOf(item.site),
        });
        break;
      case 'cover':
        instrs.push({ op: 'cover', point: names.point(item.point) });
        break;
      case 'jump':
        instrs.push({ op: 'jump', to: target(item.to) });
        break;
      case 'branch':
        instrs.push({ op: 'branch', condition: expr(item.condition), to: target(item.to) });
        break;
      case 'end':
        instrs.push({ op: 'end' });
        break;
    }
  }
  const liveIn = liveness(instrs, parks);
  return {
    instrs,
    regs: registers.length,
    parks: parks.map((one) => ({ ...one, live: [...(liveIn[one.at] ?? [])].sort((a, b) => a - b) })),
  };
}

/** Registers whose value is read later, before each instruction. */
function liveness(instrs: readonly Instr[], parks: readonly Omit<Park, 'live'>[]): Set<Reg>[] {
  const live = instrs.map(() => new Set<Reg>());
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = instrs.length - 1; i >= 0; i -= 1) {
      const instr = instrs[i];
      const before = live[i];
      if (instr === undefined || before === undefined) continue;
      const size = before.size;
      const next =
        instr.op === 'end'
          ? []
          : instr.op === 'jump'
            ? [instr.to]
            : instr.op === 'branch'
              ? [i + 1, instr.to]
              : [i + 1];
      const written = instr.op === 'set' || instr.op === 'load' || instr.op === 'choose' ? instr.reg : -1;
      for (const to of next) for (const reg of live[to] ?? []) if (reg !== written) before.add(reg);
      for (const read of readsOf(instr, parks)) addRegisters(read, before);
      if (before.size !== size) changed = true;
    }
  }
  return live;
}

function readsOf(instr: Instr, parks: readonly Omit<Park, 'live'>[]): readonly IrExpr[] {
  switch (instr.op) {
    case 'set':
      return [instr.value];
    case 'load':
    case 'fill':
      return [instr.address];
    case 'store':
      return [instr.address, instr.value];
    case 'choose':
      return [instr.low, instr.high];
    case 'assume':
      return [instr.condition, instr.holders];
    case 'check':
    case 'branch':
      return [instr.condition];
    case 'park': {
      const access = parks[instr.park]?.access;
      return access === null || access === undefined ? [] : [access.address];
    }
    default:
      return [];
  }
}

function addRegisters(e: IrExpr, to: Set<Reg>): void {
  switch (e.kind) {
    case 'reg':
      to.add(e.reg);
      break;
    case 'unary':
    case 'extend':
      addRegisters(e.a, to);
      break;
    case 'binary':
      addRegisters(e.a, to);
      addRegisters(e.b, to);
      break;
    case 'select':
      addRegisters(e.condition, to);
      addRegisters(e.then, to);
      addRegisters(e.otherwise, to);
      break;
    default:
      break;
  }
}
