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
  Invariant,
  Program,
  Thread,
  UnaryOp,
} from '../../core/program/ir.ts';
import { assemble, Names } from './assembler.ts';
import { layOut } from './layout.ts';

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
export const sel = (condition: E, then: E, otherwise: E): Sym => ({
  kind: 'select',
  condition,
  then,
  otherwise,
});

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
  readonly access?: {
    readonly address: E;
    readonly bytes: number;
    readonly write: boolean;
    readonly plain: boolean;
  };
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
export const load = (reg: string, address: E, options: AccessOptions = {}): Item => ({
  op: 'load',
  reg,
  address,
  options,
});
export const store = (address: E, value: E, options: AccessOptions = {}): Item => ({
  op: 'store',
  address,
  value,
  options,
});
export const fill = (address: E, bytes: number, initialised = true): Item => ({
  op: 'fill',
  address,
  bytes,
  initialised,
});
export const choose = (reg: string, low: E, high: E): Item => ({ op: 'choose', reg, low, high });
export const assume = (condition: E, holders: E = 0, site: string | null = null): Item => ({
  op: 'assume',
  condition,
  holders,
  site,
});
export const check = (name: string, condition: E, site: string | null = null): Item => ({
  op: 'check',
  check: name,
  condition,
  site,
});
export const cover = (point: string): Item => ({ op: 'cover', point });
export const jump = (to: string): Item => ({ op: 'jump', to });
export const branch = (condition: E, to: string): Item => ({ op: 'branch', condition, to });
export const end: Item = { op: 'end' };

/** A park and a plain load of a whole object of 8 bytes, as `data-race` sees it. */
export const plainLoad = (reg: string, object: string): Item[] => [
  park(`load ${object}`, {
    action: 'load',
    access: { address: at(object), bytes: 8, write: false, plain: true },
  }),
  load(reg, at(object)),
];
export const plainStore = (object: string, value: E): Item[] => [
  park(`store ${object}`, {
    action: 'store',
    access: { address: at(object), bytes: 8, write: true, plain: true },
  }),
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

export const thread = (
  name: string,
  items: readonly Item[],
  more: Omit<ThreadSpec, 'name' | 'items'> = {},
): ThreadSpec => ({ name, items, ...more });

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

export const builtins: readonly BuiltinCheck[] = [
  'deadlock',
  'null-pointer',
  'use-after-free',
  'out-of-bounds',
  'uninitialised-read',
  'data-race',
  'runaway-loop',
];

export function program(spec: ProgramSpec): Program {
  const memory = layOut(spec.objects ?? []);
  const names = new Names(memory);
  const checks: Check[] = builtins.map((code) => ({
    name: code,
    code,
    severity: code === 'data-race' ? 'warning' : 'error',
    fatal: code !== 'data-race',
    message: code,
    loc: null,
  }));
  for (const one of spec.checks ?? []) {
    names.check(one.name);
    checks.push(checkOf(one));
  }
  const property =
    (code: Code) =>
    (one: PropertySpec): Invariant => {
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
  const goals = (spec.goals ?? []).map((goal) => ({
    name: goal.name,
    predicate: { code: assemble(goal.predicate, names) },
    site: null,
  }));
  for (const point of spec.points ?? []) names.point(point);
  for (const name of names.checks.slice(checks.length)) checks.push(checkOf({ name }));
  return {
    checked: emptyChecked(spec.schedules ?? []),
    memory,
    threads: threads.map((one) => ({
      name: one.name,
      kind: one.kind ?? 'task',
      code: lists.indexOf(one.items),
      param: one.param ?? 0n,
      ending: one.ending ?? 'normal',
      loc: nowhere,
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
    cpuSite: null,
    probes: [],
    requests: [],
    places: new Map(),
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
export function schedule(
  ...moves: readonly (readonly [string, string | number, (readonly number[])?])[]
): Schedule {
  return {
    title: 'test',
    moves: moves.map(([actor, until, choices]) => ({
      actor,
      until:
        typeof until === 'number'
          ? { kind: 'steps', count: until }
          : until === 'end'
            ? { kind: 'end' }
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

function emptyChecked(schedules: readonly Schedule[]): CheckedProgram {
  return {
    uri: 'test:',
    title: 'test',
    options: new Map(),
    profile: '',
    memoryModel: 'sc',
    settings: new Map(),
    structs: [],
    globals: [],
    pools: [],
    functions: new Map(),
    inits: [],
    views: [],
    actors: [],
    hooks: [],
    properties: [],
    expectations: [],
    schedules,
    severities: new Map(),
    lockOrders: [],
  };
}
