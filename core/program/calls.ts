/**
 * Calls: every call is expanded where it stands, so that a thread's place in its code says
 * which calls it is inside of, and locals are registers. Hooks are expanded with it.
 */

import type { Expr, HirFunction, LocalVariable, Loc, Stmt } from '../semantics/hir.ts';
import { type FunctionType, sizeOf, type Type } from '../semantics/types.ts';
import {
  type Activation,
  type Binding,
  emitCheck,
  type Place,
  report,
  siteOf,
  type Unit,
  usesIn,
  type Value,
} from './context.ts';
import { lowerExpr, scalar, store } from './expressions.ts';
import { binary, constant, register, ZERO } from './expr.ts';
import type { FrameVariable, IrExpr } from './ir.ts';
import { bindHook, runEntry, runHook, runReleaseHooks } from './hooks.ts';
import { TEXT_BASE } from './layout.ts';
import { bindLocal, structTemporary } from './lvalues.ts';
import { copyStruct, park } from './places.ts';
import { probeEntry } from './probes.ts';
import { lowerStatement } from './statements.ts';
import { awaitEmpty, awaitObject } from './storeBuffers.ts';

export function lowerCall(unit: Unit, expr: Extract<Expr, { kind: 'call' }>): Value {
  if (expr.callee.kind === 'direct') {
    const fn = unit.shared.checked.functions.get(expr.callee.name);
    if (fn === undefined) {
      report(
        unit.shared,
        'unknown-name',
        `The function '${expr.callee.name}' is declared but has no body.`,
        expr.loc,
      );
      return { kind: 'scalar', value: ZERO };
    }
    return callFunction(
      unit,
      fn,
      expr.args.map((arg) => argument(unit, arg)),
      expr.loc,
    );
  }
  const pointer = unit.out.stable(scalar(unit, expr.callee.pointer));
  const args = expr.args.map((arg) => argument(unit, arg));
  return callThroughPointer(
    unit,
    pointer,
    functionTypeOf(expr.callee.pointer.type),
    args,
    expr.type,
    expr.loc,
  );
}

/** A call of a function that the program is known to have, such as those of the prelude. */
export function callNamed(unit: Unit, name: string, args: readonly Value[], loc: Loc): Value | null {
  const fn = unit.shared.checked.functions.get(name);
  return fn === undefined ? null : callFunction(unit, fn, args, loc);
}

function argument(unit: Unit, expr: Expr): Value {
  const value = lowerExpr(unit, expr);
  if (value.kind === 'scalar') return { kind: 'scalar', value: unit.out.stable(value.value) };
  if (value.kind === 'struct') {
    const copy = structTemporary(unit, value.place.type);
    copyStruct(unit, copy, value.place, expr.loc);
    return { kind: 'struct', place: copy };
  }
  return value;
}

function callThroughPointer(
  unit: Unit,
  pointer: IrExpr,
  called: FunctionType | null,
  args: readonly Value[],
  type: Type,
  loc: Loc,
): Value {
  const { shared, out } = unit;
  const candidates = shared.addressTaken.filter((name) => {
    const fn = shared.checked.functions.get(name);
    return (
      fn !== undefined && (called === null ? fn.params.length === args.length : sameType(fn.type, called))
    );
  });
  const isVoid = type.kind === 'void';
  const result: Place =
    type.kind === 'struct'
      ? structTemporary(unit, type)
      : { kind: 'reg', reg: out.variable(), flag: null, type, range: null };
  const done = out.label();
  for (const name of candidates) {
    const fn = shared.checked.functions.get(name);
    const address = constant(TEXT_BASE + BigInt(16 * shared.addressTaken.indexOf(name)));
    const differs = binary('ne', pointer, address);
    if (fn === undefined || (differs.kind === 'const' && differs.value !== 0n)) continue;
    const next = out.label();
    out.branch(differs, next);
    const value = callFunction(unit, fn, args, loc);
    if (!isVoid) store(unit, result, value, loc);
    out.jump(done);
    out.place(next);
  }
  emitCheck(unit, ZERO, 'bad-function-pointer', {
    fatal: true,
    message: 'A call goes through a pointer that is not a function of this type.',
    loc,
  });
  if (!isVoid && result.kind === 'reg') out.set(result.reg, ZERO);
  out.place(done);
  if (type.kind === 'struct') return { kind: 'struct', place: result };
  return { kind: 'scalar', value: isVoid || result.kind !== 'reg' ? ZERO : out.stable(register(result.reg)) };
}

function functionTypeOf(type: Type): FunctionType | null {
  if (type.kind === 'function') return type;
  return type.kind === 'pointer' ? functionTypeOf(type.to) : null;
}

/** The same to a caller: names of integer types do not matter, structs are the same declaration. */
function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind === 'int')
    return b.kind === 'int' && a.bits === b.bits && a.signed === b.signed && a.bool === b.bool;
  if (a.kind === 'pointer') return b.kind === 'pointer' && sameType(a.to, b.to);
  if (a.kind === 'array') return b.kind === 'array' && a.length === b.length && sameType(a.of, b.of);
  if (a.kind === 'function') {
    return (
      b.kind === 'function' &&
      a.params.length === b.params.length &&
      sameType(a.returns, b.returns) &&
      a.params.every((param, i) => sameType(param, b.params[i] ?? a))
    );
  }
  return a.kind === b.kind && a.kind === 'void';
}

function callFunction(unit: Unit, fn: HirFunction, args: readonly Value[], loc: Loc): Value {
  const { shared, out } = unit;
  const depth = nesting(unit.here, fn);
  if (depth >= shared.recursion) {
    emitCheck(unit, ZERO, 'recursion-too-deep', {
      fatal: true,
      message: `'${fn.name}' is inside itself ${shared.recursion} times; raise the setting 'recursion' if that is meant.`,
      loc,
    });
    return nothing(unit, fn.type.returns);
  }
  if (out.draft.instrs.length > shared.instructionLimit) {
    report(
      shared,
      'program-too-large',
      `The calls of one thread expand to more than ${shared.instructionLimit} instructions.`,
      loc,
    );
    return nothing(unit, fn.type.returns);
  }
  const hooked = unit.mode !== 'ghost';
  const before = hooked ? (shared.hooks.before.get(fn.name) ?? []) : [];
  const after = hooked ? (shared.hooks.after.get(fn.name) ?? []) : [];
  // A hook sees the arguments as they were at entry.
  const entries = after.map((hook) => runEntry(unit, hook, fn, args, loc));
  for (const hook of before) runHook(unit, `before ${fn.name}`, hook.body, bindHook(hook, fn, args), loc);

  const caller = unit.here;
  const callerMode = unit.mode;
  const callerDrained = unit.drained;
  const activation = enter(unit, fn.body, fn, loc, fn.primitive);
  unit.here = activation;
  fn.params.forEach((param, i) => {
    activation.bindings.set(
      param,
      bindParameter(unit, activation, param, args[i] ?? { kind: 'scalar', value: ZERO }, loc),
    );
  });
  probeEntry(unit, fn, loc);
  if (fn.primitive && unit.mode === 'plain') {
    park(unit, siteOf(unit, fn.loc, 'none'), null);
    unit.mode = 'step';
    if (!fn.annotations.some(({ name }) => name === '__no_barrier')) {
      awaitEmpty(unit, fn.loc);
      unit.drained = true;
    }
  }
  if (hooked) runReleaseHooks(unit, fn, loc);
  const counted = hooked && shared.counted.has(fn.name);
  if (counted) count(unit, fn.name, 1n, loc);

  lowerStatement(unit, fn.body);
  if (fn.type.returns.kind !== 'void' && !activation.returnsOnce) endWithoutValue(unit, fn);
  const value = leave(unit, activation, fn.type.returns);
  unit.mode = callerMode;
  unit.drained = callerDrained;
  unit.here = caller;
  if (counted) count(unit, fn.name, -1n, loc);
  after.forEach((hook, i) => {
    const bindings = entries[i] ?? new Map();
    if (hook.result !== null) bindings.set(hook.result, { kind: 'value', value });
    runHook(unit, `after ${fn.name}`, hook.body, bindings, loc);
  });
  return value;
}

/** Behind the last statement of a body that should have returned; dropped where no path comes here. */
function endWithoutValue(unit: Unit, fn: HirFunction): void {
  const { loc } = fn.body;
  emitCheck(unit, ZERO, 'uninitialised-read', {
    fatal: true,
    message: `The end of '${fn.name}' is reached without a value to return.`,
    loc: { ...loc, start: Math.max(loc.start, loc.end - 1) },
  });
}

function nothing(unit: Unit, type: Type): Value {
  return type.kind === 'struct'
    ? { kind: 'struct', place: structTemporary(unit, type) }
    : { kind: 'scalar', value: ZERO };
}

function nesting(at: Activation | null, fn: HirFunction): number {
  let depth = 0;
  for (let here = at; here !== null; here = here.parent) if (here.fn === fn) depth++;
  return depth;
}

/** A new activation below the current one; `call` null: the root of a piece of code. */
export function enter(
  unit: Pick<Unit, 'shared' | 'out'> & { readonly here: Activation | null },
  body: Stmt,
  fn: HirFunction | null,
  call: Loc | null,
  primitive: boolean,
): Activation {
  const { shared, out } = unit;
  const parent = call === null ? null : unit.here;
  const variables: FrameVariable[] = [];
  shared.frames.push({
    parent: parent?.frame ?? null,
    function: fn?.name ?? '',
    call,
    variables,
  });
  const returnsOnce = fn !== null && endsInOnlyReturn(body);
  const type = fn?.type.returns;
  let result: Place | null = null;
  if (type !== undefined && type.kind !== 'void' && !returnsOnce) {
    result =
      type.kind === 'struct'
        ? structTemporary(unit, type)
        : { kind: 'reg', reg: out.variable(), flag: null, type, range: null };
  }
  return {
    parent,
    fn,
    body,
    frame: shared.frames.length - 1,
    call,
    primitive: primitive || parent?.primitive === true,
    bindings: new Map(),
    labels: new Map(),
    exit: out.label(),
    result,
    direct: null,
    returnsOnce,
    breakTo: null,
    continueTo: null,
    cases: null,
  };
}

function leave(unit: Unit, activation: Activation, type: Type): Value {
  unit.out.place(activation.exit);
  endLocals(unit, activation);
  if (activation.direct !== null) return activation.direct;
  if (activation.result === null) return nothing(unit, type);
  if (activation.result.kind === 'reg')
    return { kind: 'scalar', value: unit.out.stable(register(activation.result.reg)) };
  return { kind: 'struct', place: activation.result };
}

/** What an activation kept in memory is zero again when it ends, so that dead locals do not tell states apart. */
export function endLocals(unit: Unit, activation: Activation): void {
  for (const binding of activation.bindings.values()) {
    if (binding.kind !== 'place' || binding.place.kind !== 'memory') continue;
    endObject(unit, binding.place, activation.body.loc);
    unit.out.emit({
      op: 'fill',
      address: binding.place.address,
      bytes: sizeOf(binding.place.type),
      initialised: false,
    });
  }
}

/** Under tso the stores to a local that others may see are visible before its memory is somebody else's: a step. */
export function endObject(unit: Unit, place: Extract<Place, { kind: 'memory' }>, loc: Loc): void {
  if (unit.buffers === null || place.silent || unit.mode !== 'plain') return;
  park(unit, siteOf(unit, loc, 'none'), null);
  awaitObject(unit, place.address, sizeOf(place.type), loc);
}

function bindParameter(
  unit: Unit,
  activation: Activation,
  param: LocalVariable,
  value: Value,
  loc: Loc,
): Binding {
  const use = usesIn(unit.shared, activation.body).get(param);
  const fixed =
    (use === undefined || (use.assigned === 0 && !use.addressed)) && !unit.shared.inMemory.has(param);
  const frame = unit.shared.frames[activation.frame];
  if (fixed) {
    if (value.kind === 'scalar')
      frame?.variables.push({
        name: param.name,
        type: param.type,
        where: { kind: 'value', value: value.value },
      });
    return { kind: 'value', value };
  }
  const binding = bindFresh(unit, param, frame?.variables ?? []);
  if (binding.kind === 'place') store(unit, binding.place, value, loc);
  return binding;
}

function bindFresh(unit: Unit, variable: LocalVariable, variables: FrameVariable[]): Binding {
  const binding = bindLocal(unit, variable, true);
  noteVariable(variable, binding, variables);
  return binding;
}

function count(unit: Unit, name: string, delta: bigint, loc: Loc): void {
  const address = constant(unit.shared.layout.hiddenWord(`in ${name}`));
  const site = siteOf(unit, loc, 'none');
  const reg = unit.out.temporary();
  unit.out.emit({ op: 'load', reg, address, bytes: 8, signed: false, checked: false, site });
  unit.out.emit({
    op: 'store',
    address,
    bytes: 8,
    value: binary('add', register(reg), constant(delta)),
    checked: false,
    site,
  });
}

// ---------------------------------------------------------------- helpers

export function noteVariable(variable: LocalVariable, binding: Binding, variables: FrameVariable[]): void {
  if (binding.kind !== 'place') return;
  const { place } = binding;
  const { name, type } = variable;
  if (place.kind === 'reg')
    variables.push({ name, type, where: { kind: 'reg', reg: place.reg, flag: place.flag } });
  else if (place.kind === 'memory')
    variables.push({ name, type, where: { kind: 'memory', address: place.address } });
  else {
    const leaves = place.split.leaves.map((leaf) => ({
      offset: leaf.offset,
      type: LEAF_TYPES[leaf.bytes],
      reg: leaf.reg,
      flag: leaf.flag,
    }));
    variables.push({ name, type, where: { kind: 'split', leaves } });
  }
}

const LEAF_TYPES: Record<1 | 2 | 4 | 8, Type> = {
  1: { kind: 'int', bits: 8, signed: false, bool: false, name: 'u8', enumerators: null },
  2: { kind: 'int', bits: 16, signed: false, bool: false, name: 'u16', enumerators: null },
  4: { kind: 'int', bits: 32, signed: false, bool: false, name: 'u32', enumerators: null },
  8: { kind: 'int', bits: 64, signed: false, bool: false, name: 'u64', enumerators: null },
};

/** The only return of the body is its last statement: its value needs no variable. */
function endsInOnlyReturn(body: Stmt): boolean {
  if (body.kind === 'return') return true;
  if (body.kind !== 'block') return false;
  const last = body.body.at(-1);
  return last?.kind === 'return' && body.body.slice(0, -1).every((stmt) => !containsReturn(stmt));
}

function containsReturn(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(containsReturn);
  if (typeof node !== 'object' || node === null) return false;
  if ((node as { kind?: string }).kind === 'return') return true;
  return Object.entries(node).some(
    ([name, child]) =>
      name !== 'type' &&
      name !== 'loc' &&
      name !== 'variable' &&
      name !== 'pool' &&
      typeof child === 'object' &&
      containsReturn(child),
  );
}

/** The wait that begins each step of a thread on a CPU that others use too. */
export function emitGate(unit: Unit, site: number): void {
  const gate = unit.shared.checked.functions.get('__gate');
  if (gate === undefined) return;
  const { shared, out } = unit;
  const caller = unit.here;
  const mode = unit.mode;
  const loc = shared.sites[site]?.loc ?? gate.loc;
  const first = out.draft.instrs.length;
  shared.cpuSite ??=
    shared.sites.push({ loc: gate.loc, text: 'its CPU', action: 'none', frame: 0, inner: null }) - 1;
  unit.here = enter(unit, gate.body, gate, loc, true);
  unit.mode = 'ghost';
  lowerStatement(unit, gate.body);
  out.place(unit.here.exit);
  for (let i = first; i < out.draft.instrs.length; i++) {
    const instr = out.draft.instrs[i];
    if (instr?.op === 'assume') out.draft.instrs[i] = { ...instr, site: shared.cpuSite };
  }
  unit.here = caller;
  unit.mode = mode;
}
