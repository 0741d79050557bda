/**
 * Machine programs written by hand, for tests: assembler text in TypeScript.
 *
 *   const p = program({
 *     objects: [{ name: 'x', bytes: 8 }],
 *     threads: [thread('t', [park('x = 1'), store(at('x'), 1)])],
 *   });
 *
 * Registers, labels, sites, checks and cover points are named; their numbers are given in order of first use.
 * Liveness at parks is computed. `end` is added where the items do not end in one.
 */

import type { Code } from '../../core/syntax/codes.ts';
import type { CheckedProgram, Loc, Schedule } from '../../core/semantics/hir.ts';
import type {
  BinaryIrOp,
  BuiltinCheck,
  Check,
  Instr,
  Invariant,
  IrExpr,
  Memory,
  MemoryObject,
  Park,
  Program,
  Reg,
  Region,
  Site,
  Thread,
  ThreadCode,
  UnaryOp,
} from '../../core/program/ir.ts';

// ---------------------------------------------------------------- expressions

/** A number is a constant, a string the name of a register. */
export type E = number | bigint | string | Sym;

export type Sym =
  | { readonly kind: 'self' | 'param' }
  | { readonly kind: 'at'; readonly object: string; readonly offset: number }
  | { readonly kind: 'unary'; readonly op: UnaryOp; readonly a: E }
  | { readonly kind: 'binary'; readonly op: BinaryIrOp; readonly a: E; readonly b: E }
  | { readonly kind: 'extend'; readonly bits: 8 | 16 | 32; readonly signed: boolean; readonly a: E }
  | { readonly kind: 'select'; readonly condition: E; readonly then: E; readonly otherwise: E };

export const self: Sym = { kind: 'self' };
export const param: Sym = { kind: 'param' };
/** Address of byte `offset` of an object. */
export const at = (object: string, offset = 0): Sym => ({ kind: 'at', object, offset });
/** Address of the byte that says whether an object made with `alive` lives. */
export const aliveOf = (object: string): Sym => at(`${object}.alive`);
export const un = (op: UnaryOp, a: E): Sym => ({ kind: 'unary', op, a });
export const bin = (op: BinaryIrOp, a: E, b: E): Sym => ({ kind: 'binary', op, a, b });
export const add = (a: E, b: E): Sym => bin('add', a, b);
export const sub = (a: E, b: E): Sym => bin('sub', a, b);
export const shl = (a: E, b: E): Sym => bin('shl', a, b);
export const eq = (a: E, b: E): Sym => bin('eq', a, b);
export const ne = (a: E, b: E): Sym => bin('ne', a, b);
export const and = (a: E, b: E): Sym => bin('and', a, b);
export const or = (a: E, b: E): Sym => bin('or', a, b);
export const eqz = (a: E): Sym => un('eqz', a);
export const ext = (bits: 8 | 16 | 32, signed: boolean, a: E): Sym => ({ kind: 'extend', bits, signed, a });
export const sel = (condition: E, then: E, otherwise: E): Sym => ({ kind: 'select', condition, then, otherwise });

// ---------------------------------------------------------------- instructions

export interface AccessOptions {
  readonly bytes?: 1 | 2 | 4 | 8;
  readonly signed?: boolean;
  readonly checked?: boolean;
  /** Text of the site; the park before it, when not said. */
  readonly site?: string;
}

export interface ParkOptions {
  readonly head?: boolean;
  readonly labels?: readonly string[];
  readonly action?: 'load' | 'store' | 'none';
  readonly access?: { readonly address: E; readonly bytes: number; readonly write: boolean; readonly plain: boolean };
}

export type Item =
  | { readonly op: 'label'; readonly name: string }
  | { readonly op: 'park'; readonly text: string; readonly options: ParkOptions }
  | { readonly op: 'set'; readonly reg: string; readonly value: E }
  | { readonly op: 'load'; readonly reg: string; readonly address: E; readonly options: AccessOptions }
  | { readonly op: 'store'; readonly address: E; readonly value: E; readonly options: AccessOptions }
  | { readonly op: 'fill'; readonly address: E; readonly bytes: number; readonly initialised: boolean }
  | { readonly op: 'choose'; readonly reg: string; readonly low: E; readonly high: E }
  | { readonly op: 'assume'; readonly condition: E; readonly holders: E; readonly site: string | null }
  | { readonly op: 'check'; readonly check: string; readonly condition: E; readonly site: string | null }
  | { readonly op: 'cover'; readonly point: string }
  | { readonly op: 'jump'; readonly to: string }
  | { readonly op: 'branch'; readonly condition: E; readonly to: string }
  | { readonly op: 'end' };

export const label = (name: string): Item => ({ op: 'label', name });
export const park = (text: string, options: ParkOptions = {}): Item => ({ op: 'park', text, options });
export const set = (reg: string, value: E): Item => ({ op: 'set', reg, value });
export const load = (reg: string, address: E, options: AccessOptions = {}): Item => ({ op: 'load', reg, address, options });
export const store = (address: E, value: E, options: AccessOptions = {}): Item => ({ op: 'store', address, value, options });
export const fill = (address: E, bytes: number, initialised = true): Item => ({ op: 'fill', address, bytes, initialised });
export const choose = (reg: string, low: E, high: E): Item => ({ op: 'choose', reg, low, high });
export const assume = (condition: E, holders: E = 0, site: string | null = null): Item => ({ op: 'assume', condition, holders, site });
export const check = (name: string, condition: E, site: string | null = null): Item => ({ op: 'check', check: name, condition, site });
export const cover = (point: string): Item => ({ op: 'cover', point });
export const jump = (to: string): Item => ({ op: 'jump', to });
export const branch = (condition: E, to: string): Item => ({ op: 'branch', condition, to });
export const end: Item = { op: 'end' };

/** A park and a plain load of a whole object of 8 bytes, as `data-race` sees it. */
export const plainLoad = (reg: string, object: string): Item[] => [
  park(`load ${object}`, { action: 'load', access: { address: at(object), bytes: 8, write: false, plain: true } }),
  load(reg, at(object)),
];
export const plainStore = (object: string, value: E): Item[] => [
  park(`store ${object}`, { action: 'store', access: { address: at(object), bytes: 8, write: true, plain: true } }),
  store(at(object), value),
];
/** A spinlock that keeps its owner's number + 1, so that waiters can say whom they wait for. */
export const lock = (object: string): Item[] => [
  park(`spin_lock(&${object})`),
  load('owner', at(object)),
  assume(eqz('owner'), sel('owner', shl(1, sub('owner', 1)), 0)),
  store(at(object), add(self, 1)),
];
export const unlock = (object: string): Item[] => [park(`spin_unlock(&${object})`), store(at(object), 0)];
/** The answer of a predicate. */
export const answer = (value: E): Item => set('answer', value);

// ---------------------------------------------------------------- programs

export interface ObjectSpec {
  readonly name: string;
  readonly bytes: number;
  /** First address; the next free one when not said. */
  readonly address?: bigint;
  /** Makes a hidden byte `NAME.alive` with this initial value. */
  readonly alive?: boolean;
  /** Keeps initialisation marks; initially every byte is (true) or is not (false) initialised. */
  readonly marks?: boolean;
  /** Initial value of each 8 bytes; zero when not said. */
  readonly initial?: readonly (number | bigint)[];
}

export interface CheckSpec {
  readonly name: string;
  readonly code?: Code;
  readonly severity?: 'error' | 'warning';
  readonly fatal?: boolean;
}

export interface ThreadSpec {
  readonly name: string;
  /** Threads with the very same list share their code, as families do. */
  readonly items: readonly Item[];
  readonly ending?: Thread['ending'];
  readonly kind?: Thread['kind'];
  readonly param?: bigint;
}

export const thread = (name: string, items: readonly Item[], more: Omit<ThreadSpec, 'name' | 'items'> = {}): ThreadSpec => ({ name, items, ...more });

export interface PropertySpec {
  readonly name: string;
  readonly condition: readonly Item[];
  readonly unless?: readonly Item[];
}

export interface ProgramSpec {
  readonly objects?: readonly ObjectSpec[];
  /** Checks not listed are fatal errors `assertion-failed`. */
  readonly checks?: readonly CheckSpec[];
  readonly init?: readonly Item[];
  readonly threads?: readonly ThreadSpec[];
  readonly invariants?: readonly PropertySpec[];
  readonly finals?: readonly PropertySpec[];
  readonly goals?: readonly { readonly name: string; readonly predicate: readonly Item[] }[];
  /** Cover points that exist although no item names them. */
  readonly points?: readonly string[];
  readonly schedules?: readonly Schedule[];
}

export const nowhere: Loc = { uri: 'test:', item: '', start: 0, end: 0, macro: null };

const builtins: readonly BuiltinCheck[] = [
  'deadlock', 'null-pointer', 'use-after-free', 'out-of-bounds', 'uninitialised-read', 'data-race', 'runaway-loop',
];

export function program(spec: ProgramSpec): Program {
  const memory = layOut(spec.objects ?? []);
  const names = new Names(memory);
  const checks: Check[] = builtins.map((code) => ({
    name: code, code, severity: code === 'data-race' ? 'warning' : 'error', fatal: code !== 'data-race', message: code, loc: null,
  }));
  for (const one of spec.checks ?? []) {
    names.check(one.name);
    checks.push(checkOf(one));
  }
  const property = (code: Code) => (one: PropertySpec): Invariant => {
    if (!checks.some((known) => known.name === one.name)) {
      names.check(one.name);
      checks.push(checkOf({ name: one.name, code, fatal: false }));
    }
    return {
      check: names.check(one.name),
      site: names.site(one.name, 'none'),
      unless: one.unless === undefined ? null : { code: assemble(one.unless, names) },
      condition: { code: assemble(one.condition, names) },
    };
  };
  const threads = spec.threads ?? [];
  const lists = [...new Set(threads.map((one) => one.items))];
  const codes = lists.map((items) => assemble(items, names));
  const init = assemble(spec.init ?? [], names);
  const invariants = (spec.invariants ?? []).map(property('invariant-broken'));
  const finals = (spec.finals ?? []).map(property('finally-broken'));
  const goals = (spec.goals ?? []).map((goal) => ({ name: goal.name, predicate: { code: assemble(goal.predicate, names) }, site: null }));
  for (const point of spec.points ?? []) names.point(point);
  for (const name of names.checks.slice(checks.length)) checks.push(checkOf({ name }));
  return {
    checked: emptyChecked(spec.schedules ?? []),
    memory,
    threads: threads.map((one) => ({
      name: one.name, kind: one.kind ?? 'task', code: lists.indexOf(one.items), param: one.param ?? 0n, ending: one.ending ?? 'normal', loc: nowhere,
    })),
    codes,
    init,
    invariants,
    finals,
    goals,
    checks,
    builtin: Object.fromEntries(builtins.map((code, index) => [code, index])) as Record<BuiltinCheck, number>,
    sites: names.sites,
    frames: [{ parent: null, function: 'body', call: null, variables: [] }],
    points: names.points.map((text) => ({ text, loc: nowhere })),
    functions: new Map(),
  };
}

/** Index of a check, by name. */
export function checkNamed(of: Program, name: string): number {
  return of.checks.findIndex((one) => one.name === name);
}

/** Address of byte `offset` of an object. */
export function addressOf(of: Program, object: string, offset = 0): bigint {
  const found = of.memory.objects.find((one) => one.name === object);
  if (found === undefined) throw new Error(`no object ${object}`);
  return found.address + BigInt(offset);
}

/** `schedule` moves by actor: `['t', 'end']`, `['t', 3]` (steps), `['t', 'some_label']`, `['t', 'end', [1]]` (choices). */
export function schedule(...moves: readonly (readonly [string, string | number, (readonly number[])?])[]): Schedule {
  return {
    title: 'test',
    moves: moves.map(([actor, until, choices]) => ({
      actor,
      until: typeof until === 'number' ? { kind: 'steps', count: until }
        : until === 'end' ? { kind: 'end' }
        : { kind: 'label', label: until },
      choices: choices ?? [],
      loc: nowhere,
    })),
    loc: nowhere,
  };
}

// ---------------------------------------------------------------- helpers

const checkOf = (one: CheckSpec): Check => ({
  name: one.name,
  code: one.code ?? 'assertion-failed',
  severity: one.severity ?? 'error',
  fatal: one.fatal ?? true,
  message: one.name,
  loc: null,
});

/** Numbers for names, shared by all code of a program. */
class Names {
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

function assemble(source: readonly Item[], names: Names): ThreadCode {
  const items = source.at(-1)?.op === 'end' && source.some((item) => item.op !== 'label') ? source : [...source, end];
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
        return { kind: 'select', condition: expr(e.condition), then: expr(e.then), otherwise: expr(e.otherwise) };
    }
  };

  const instrs: Instr[] = [];
  const parks: Omit<Park, 'live'>[] = [];
  let here = names.site('start', 'none');
  const siteOf = (text: string | null | undefined): number => (text === null || text === undefined ? here : names.site(text, 'none'));
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
        instrs.push({ op: 'load', address: expr(item.address), reg: reg(item.reg), bytes, signed, checked, site: siteOf(site) });
        break;
      }
      case 'store': {
        const { bytes = 8, checked = true, site } = item.options;
        instrs.push({ op: 'store', address: expr(item.address), bytes, value: expr(item.value), checked, site: siteOf(site) });
        break;
      }
      case 'fill':
        instrs.push({ op: 'fill', address: expr(item.address), bytes: item.bytes, initialised: item.initialised });
        break;
      case 'choose':
        instrs.push({ op: 'choose', low: expr(item.low), high: expr(item.high), reg: reg(item.reg) });
        break;
      case 'assume':
        instrs.push({ op: 'assume', condition: expr(item.condition), holders: expr(item.holders), site: siteOf(item.site) });
        break;
      case 'check':
        instrs.push({ op: 'check', condition: expr(item.condition), check: names.check(item.check), site: siteOf(item.site) });
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
      const next = instr.op === 'end' ? [] : instr.op === 'jump' ? [instr.to] : instr.op === 'branch' ? [i + 1, instr.to] : [i + 1];
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

/** Objects with an address of their own get a region of their own; the others share one from 0x1000, with a hole of 8 bytes between them. */
function layOut(specs: readonly ObjectSpec[]): Memory {
  const all: ObjectSpec[] = specs.flatMap((spec): ObjectSpec[] =>
    spec.alive === undefined ? [spec] : [spec, { name: `${spec.name}.alive`, bytes: 1, initial: [spec.alive ? 1 : 0] }]);
  const objects: MemoryObject[] = [];
  const imageAt: number[] = [];
  let image = 0;
  let next = 0x1000n;
  for (const spec of all) {
    const granules = Math.ceil(spec.bytes / 8);
    const address = spec.address ?? next;
    if (spec.address === undefined) next += BigInt(granules * 8 + 8);
    objects.push({
      name: spec.name,
      type: { kind: 'array', of: { kind: 'int', bits: 8, signed: false, bool: false, name: 'u8', enumerators: null }, length: spec.bytes },
      address,
      bytes: spec.bytes,
      ghost: false,
      kind: spec.name.endsWith('.alive') ? 'hidden' : spec.alive === undefined ? 'global' : 'pool',
      alive: -1,
      loc: null,
    });
    imageAt.push(image);
    image += granules * 8;
  }
  const placed = all.map((spec, index) => {
    const object = objects[index];
    if (object === undefined) throw new Error('unreachable');
    const alive = spec.alive === undefined ? -1 : imageAt[index + 1] ?? -1;
    objects[index] = { ...object, alive };
    const granules = Math.ceil(spec.bytes / 8);
    const marks = spec.marks === undefined ? -1 : image;
    if (marks >= 0) image += granules;
    return { spec, object, index, granules, alive, marks, image: imageAt[index] ?? 0 };
  });
  const imageBytes = Math.ceil(image / 8) * 8;
  const bytes = new Uint8Array(imageBytes);
  const view = new DataView(bytes.buffer);
  for (const one of placed) {
    one.spec.initial?.forEach((value, i) => view.setBigUint64(one.image + 8 * i, BigInt.asUintN(64, BigInt(value)), true));
    if (one.spec.marks === true) bytes.fill(0xff, one.marks, one.marks + one.granules);
  }
  const shared = placed.filter((one) => one.spec.address === undefined);
  const groups = [shared, ...placed.filter((one) => one.spec.address !== undefined).map((one) => [one])];
  const regions = groups.filter((group) => group.length > 0).map((group): Region => {
    const base = group[0]?.object.address ?? 0n;
    const last = group.at(-1);
    const granules = last === undefined ? 0 : Number((last.object.address - base) / 8n) + last.granules;
    const region: Region = {
      base,
      granules,
      image: new Int32Array(granules).fill(-1),
      alive: new Int32Array(granules).fill(-1),
      marks: new Int32Array(granules).fill(-1),
      object: new Int32Array(granules).fill(-1),
      limit: new Uint8Array(granules).fill(8),
    };
    for (const one of group) {
      const first = Number((one.object.address - base) / 8n);
      for (let i = 0; i < one.granules; i += 1) {
        region.image[first + i] = one.image + 8 * i;
        region.alive[first + i] = one.alive;
        region.marks[first + i] = one.marks < 0 ? -1 : one.marks + i;
        region.object[first + i] = one.index;
        region.limit[first + i] = Math.min(8, one.spec.bytes - 8 * i);
      }
    }
    return region;
  });
  return { imageBytes, regions, objects, image: bytes };
}

function emptyChecked(schedules: readonly Schedule[]): CheckedProgram {
  return {
    uri: 'test:', title: 'test', options: new Map(), profile: '', memoryModel: 'sc', settings: new Map(), structs: [], globals: [], pools: [],
    functions: new Map(), inits: [], actors: [], hooks: [], properties: [], expectations: [], schedules,
    severities: new Map(), lockOrders: [],
  };
}
