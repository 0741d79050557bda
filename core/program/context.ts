/** What lowering carries along: the program under construction, the code being written, the activation inside it. */

import type { Code } from '../syntax/codes.ts';
import type { Diagnostic, FileRange } from '../syntax/diagnostic.ts';
import type {
  CheckedProgram,
  Expr,
  GlobalVariable,
  Hook,
  HirFunction,
  LocalVariable,
  Loc,
  LValue,
  Stmt,
} from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';
import type { DraftFrame, Emitter, Label } from './emit.ts';
import type { Check, IrExpr, Reg, Site } from './ir.ts';
import type { Layout } from './layout.ts';
import type { ShowText } from './show.ts';
import type { LockTable } from './probeLocks.ts';
import type { AskedAccess, Probes } from './probes.ts';
import type { Buffers } from './storeBuffers.ts';

/** A struct or array local kept in registers: each leaf holds its bytes, zero-extended. */
export interface Split {
  readonly variable: LocalVariable | null;
  readonly leaves: readonly Leaf[];
}

export interface Leaf {
  readonly offset: number;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly reg: Reg;
  /** 1 once written; null when it is written from the start. */
  readonly flag: Reg | null;
}

export type Bits = { readonly shift: number; readonly width: number } | null;

export type Place =
  | {
      readonly kind: 'reg';
      readonly reg: Reg;
      readonly flag: Reg | null;
      readonly type: Type;
      readonly range: Range;
    }
  | {
      readonly kind: 'split';
      readonly split: Split;
      readonly offset: number;
      /** One dynamic index: the place is at offset + index * stride. */
      readonly index: { readonly value: IrExpr; readonly stride: number; readonly length: number } | null;
      readonly type: Type;
      readonly bits: Bits;
    }
  | {
      readonly kind: 'memory';
      readonly address: IrExpr;
      readonly type: Type;
      readonly bits: Bits;
      /** The address comes from a pointer and must be validated. */
      readonly checked: boolean;
      /** Private to the thread or ghost: no step. */
      readonly silent: boolean;
      /** `__data_racy`: its accesses are left out of data-race detection. */
      readonly racy: boolean;
      /** Its stores take effect at once under tso too: a variable of one thread, or what the library keeps for each. */
      readonly direct?: true;
      readonly range: Range;
      /** What probes ask of accesses to it. */
      readonly asked?: readonly AskedAccess[];
    };

export type Range = { readonly low: bigint; readonly high: bigint } | null;

export type Value =
  | { readonly kind: 'scalar'; readonly value: IrExpr }
  /** Address of a local that lives in registers: usable only through names. */
  | { readonly kind: 'alias'; readonly place: Place & { kind: 'split' | 'reg' } }
  | { readonly kind: 'struct'; readonly place: Place };

export type Binding =
  | { readonly kind: 'place'; readonly place: Place }
  /** Never assigned: the value itself. */
  | { readonly kind: 'value'; readonly value: Value };

export interface Activation {
  readonly parent: Activation | null;
  readonly fn: HirFunction | null;
  readonly body: Stmt;
  readonly frame: number;
  readonly call: Loc | null;
  /** Inside a primitive: places are shown at its call. */
  readonly primitive: boolean;
  readonly bindings: Map<LocalVariable, Binding>;
  readonly labels: Map<string, Label>;
  readonly exit: Label;
  /** Where `return` leaves its value. */
  readonly result: Place | null;
  /** Set instead of `result` when the only return is the last statement. */
  direct: Value | null;
  readonly returnsOnce: boolean;
  breakTo: Label | null;
  continueTo: Label | null;
  cases: ReadonlyMap<Stmt, Label> | null;
}

/** plain: each access is a step. step: inside a primitive's step. atomic: inside `atomic { }`. ghost: no step, no access. */
export type Mode = 'plain' | 'step' | 'atomic' | 'ghost';

/** One piece of code being written. */
export interface Unit {
  readonly shared: Shared;
  readonly out: Emitter;
  here: Activation;
  mode: Mode;
  /** Inside data_race(): accesses are left out of data-race detection. */
  quiet: boolean;
  /** The store buffers, for code of a thread under tso. */
  readonly buffers: Buffers | null;
  /** In a step that began with an empty store buffer: accesses are those of memory. */
  drained: boolean;
  /** For a thread that may share its CPU: begins each step with the wait until it may run there. */
  enterGate: ((unit: Unit, site: number) => void) | null;
  /** The local that a register holds, for locals that turn out to need an address. */
  readonly owners: Map<Reg, LocalVariable>;
}

/** What all code of the program shares. */
export interface Shared {
  readonly checked: CheckedProgram;
  readonly layout: Layout;
  readonly sourceText: (loc: Loc) => string;
  readonly rangeOf: (loc: Loc) => FileRange;
  readonly sites: Site[];
  cpuSite: number | null;
  readonly siteIndex: Map<string, number>;
  readonly frames: DraftFrame[];
  readonly checks: Check[];
  readonly checkIndex: Map<string, number>;
  readonly points: { text: string; loc: Loc }[];
  readonly pointIndex: Map<string, number>;
  readonly diagnostics: Diagnostic[];
  readonly hooks: {
    readonly before: ReadonlyMap<string, readonly Extract<Hook, { kind: 'before' | 'after' }>[]>;
    readonly after: ReadonlyMap<string, readonly Extract<Hook, { kind: 'before' | 'after' }>[]>;
    readonly release: readonly Extract<Hook, { kind: 'release' }>[];
    readonly on: ReadonlyMap<string, readonly Extract<Hook, { kind: 'on' }>[]>;
  };
  /** Locals whose address is used as a number: they live in memory. Grows; lowering starts again when it does. */
  readonly inMemory: Set<LocalVariable>;
  inMemoryGrew: boolean;
  /** Functions whose activations are counted for `in(f)`. */
  readonly counted: ReadonlySet<string>;
  /** Functions whose address is taken. */
  readonly addressTaken: readonly string[];
  /** Numbers of threads by label, families over objects by actor and address. */
  readonly threadNumbers: ReadonlyMap<string, number>;
  readonly eachThreads: ReadonlyMap<string, readonly { address: bigint; thread: number }[]>;
  readonly threadKinds: readonly number[];
  readonly threadCpus: readonly number[];
  readonly cpuCount: number;
  readonly callbacksInterrupt: boolean;
  readonly threadCount: number;
  /** Rows of what is kept for each thread: `init` has the last, behind the threads and, under tso, their drains. */
  readonly slots: number;
  readonly uses: WeakMap<Stmt, ReadonlyMap<LocalVariable, Use>>;
  readonly probes: Probes;
  readonly locks: () => LockTable;
  readonly buffers: Buffers | null;
  /** Under tso: the variables that only one thread uses. */
  readonly privates: ReadonlySet<GlobalVariable>;
  /** Most instructions that one thread's code may expand to. */
  readonly instructionLimit: number;
  /** Bound on nested activations of one function. */
  readonly recursion: number;
  /** Locals keep their registers and values, for a person who looks at them. */
  readonly stepping: boolean;
  /** The texts of the view that is being lowered; null: what views show is left out. */
  readonly showing: ShowText[] | null;
}

/** How a body treats one of its locals. */
export interface Use {
  assigned: number;
  addressed: boolean;
}

export function siteOf(unit: Unit, loc: Loc, action: Site['action']): number {
  const { shared } = unit;
  // The innermost activation outside primitives is where a person looks.
  let outer: Activation | null = unit.here;
  let shown = loc;
  let frame = unit.here.frame;
  let primitive = false;
  while (outer !== null) {
    if (outer.primitive && outer.call !== null && outer.parent !== null) {
      shown = outer.call;
      frame = outer.parent.frame;
      primitive = true;
    }
    outer = outer.parent;
  }
  const inner = primitive ? loc : null;
  const shownAction = primitive ? 'none' : action;
  const key = `${keyOf(shown)}|${frame}|${shownAction}|${inner === null ? '' : keyOf(inner)}`;
  const known = shared.siteIndex.get(key);
  if (known !== undefined) return known;
  const text = closed(shared.sourceText(shown).replace(/\s+/g, ' ').trim());
  shared.sites.push({ loc: shown, text, action: shownAction, frame, inner });
  shared.siteIndex.set(key, shared.sites.length - 1);
  return shared.sites.length - 1;
}

/** The head of a macro loop is a place that ends before its closing parenthesis. */
function closed(text: string): string {
  const open = text.split('(').length - text.split(')').length;
  return open > 0 ? text + ')'.repeat(open) : text;
}

const keys = new WeakMap<Loc, string>();

export function keyOf(loc: Loc): string {
  let key = keys.get(loc);
  if (key === undefined) {
    const macro = loc.macro === null ? '' : `<${keyOf(loc.macro)}`;
    key = `${loc.uri}#${loc.item}:${loc.start}-${loc.end}${macro}`;
    keys.set(loc, key);
  }
  return key;
}

export function checkOf(
  shared: Shared,
  check: Omit<Check, 'severity'> & { severity?: 'error' | 'warning' },
): number {
  const key = `${check.code}|${check.name}|${check.fatal}|${check.message}`;
  const known = shared.checkIndex.get(key);
  if (known !== undefined) return known;
  const wanted =
    shared.checked.severities.get(check.name) ??
    shared.checked.severities.get(check.code.replaceAll('-', '_'));
  const severity = wanted === 'error' || wanted === 'warning' ? wanted : (check.severity ?? 'error');
  shared.checks.push({ ...check, severity });
  shared.checkIndex.set(key, shared.checks.length - 1);
  return shared.checks.length - 1;
}

/** Emits a violation for when `condition` is zero. */
export function emitCheck(
  unit: Unit,
  condition: IrExpr,
  code: Code,
  options: { name?: string; fatal: boolean; message: string; loc: Loc },
): void {
  if (condition.kind === 'const' && condition.value !== 0n) return;
  const name = options.name ?? code.replaceAll('-', '_');
  if (unit.shared.checked.severities.get(name) === 'off' && !options.fatal) return;
  const check = checkOf(unit.shared, {
    name,
    code,
    fatal: options.fatal,
    message: options.message,
    loc: options.name === undefined ? null : options.loc,
  });
  unit.out.emit({ op: 'check', condition, check, site: siteOf(unit, options.loc, 'none') });
}

/** Only what the scenario itself says can be vacuous; the library's hooks and asserts need not all be reached. */
export function coverPoint(unit: Unit, text: string, loc: Loc): void {
  const { shared } = unit;
  if (loc.uri !== shared.checked.uri) return;
  const key = `${text}|${keyOf(loc)}`;
  let point = shared.pointIndex.get(key);
  if (point === undefined) {
    point = shared.points.length;
    shared.points.push({ text, loc });
    shared.pointIndex.set(key, point);
  }
  unit.out.emit({ op: 'cover', point });
}

export function report(shared: Shared, code: Code, message: string, loc: Loc): void {
  if (shared.diagnostics.some((d) => d.code === code && d.message === message)) return;
  shared.diagnostics.push({ code, severity: 'error', message, at: shared.rangeOf(loc), related: [] });
}

/** How a body treats its locals; computed once per body. */
export function usesIn(shared: Shared, body: Stmt): ReadonlyMap<LocalVariable, Use> {
  const known = shared.uses.get(body);
  if (known !== undefined) return known;
  const uses = new Map<LocalVariable, Use>();
  const use = (variable: LocalVariable): Use => {
    let entry = uses.get(variable);
    if (entry === undefined) {
      entry = { assigned: 0, addressed: false };
      uses.set(variable, entry);
    }
    return entry;
  };
  const base = (place: LValue): LocalVariable | null => {
    if (place.kind === 'local' || place.kind === 'temporary') return place.variable;
    if (place.kind === 'field') return base(place.object);
    if (place.kind === 'index') return base(place.array);
    return null;
  };
  const assigned = (place: LValue) => {
    const variable = base(place);
    if (variable !== null) use(variable).assigned++;
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const child of node) visit(child);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const here = node as Expr | Stmt;
    switch (here.kind) {
      case 'assign':
      case 'increment':
        assigned(here.target);
        break;
      case 'address': {
        const variable = base(here.place);
        if (variable !== null) use(variable).addressed = true;
        break;
      }
      case 'intrinsic': {
        const { call } = here;
        if (call.op === 'try-cmpxchg') assigned(call.expected);
        if (
          call.op === 'write-once' ||
          call.op === 'fetch' ||
          call.op === 'cmpxchg' ||
          call.op === 'try-cmpxchg'
        )
          assigned(call.place);
        visit(
          Object.values(call).filter((part) => typeof part === 'object' && part !== null && 'loc' in part),
        );
        return;
      }
      default:
        break;
    }
    for (const [name, child] of Object.entries(here)) {
      if (
        name === 'type' ||
        name === 'loc' ||
        name === 'variable' ||
        name === 'pool' ||
        typeof child !== 'object'
      )
        continue;
      visit(child);
    }
  };
  visit(body);
  shared.uses.set(body, uses);
  return uses;
}
