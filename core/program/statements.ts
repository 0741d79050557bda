/** Statements: control flow becomes labels and branches. */

import type { Expr, Init, LocalVariable, Loc, Stmt } from '../semantics/hir.ts';
import { sizeOf } from '../semantics/types.ts';
import { endObject, noteVariable } from './calls.ts';
import { runHook } from './hooks.ts';
import {
  type Activation,
  type Binding,
  type Place,
  report,
  siteOf,
  type Unit,
  usesIn,
  type Value,
} from './context.ts';
import { choose, lowerExpr, stableScalar, store, truthOf } from './expressions.ts';
import { bindLocal } from './lvalues.ts';
import { binary, constant, unary, ZERO } from './expr.ts';
import type { Label } from './emit.ts';
import { chunks, member, numeric, park, writeChunk } from './places.ts';
import { awaitEmpty } from './storeBuffers.ts';

export function lowerStatement(unit: Unit, stmt: Stmt): void {
  const { drained } = unit;
  lower(unit, stmt);
  // A barrier in a primitive holds to the end of its block.
  if (stmt.kind !== 'expression' && stmt.kind !== 'declare') unit.drained = drained;
}

function lower(unit: Unit, stmt: Stmt): void {
  const { out } = unit;
  switch (stmt.kind) {
    case 'block':
      for (const child of stmt.body) lowerStatement(unit, child);
      return;
    case 'expression':
      // A statement that only reads a place still reads it: `*p;`
      lowerExpr(unit, stmt.value);
      return;
    case 'declare':
      declare(unit, stmt.variable, stmt.init, stmt.loc);
      return;
    case 'if':
      lowerIf(unit, stmt);
      return;
    case 'loop':
      lowerLoop(unit, stmt);
      return;
    case 'switch':
      lowerSwitch(unit, stmt);
      return;
    case 'case': {
      const label = unit.here.cases?.get(stmt);
      if (label !== undefined) out.place(label);
      return;
    }
    case 'break':
      if (unit.here.breakTo !== null) out.jump(unit.here.breakTo);
      return;
    case 'continue':
      if (unit.here.continueTo !== null) out.jump(unit.here.continueTo);
      return;
    case 'return':
      lowerReturn(unit, stmt.value, stmt.loc);
      return;
    case 'goto':
      out.jump(sourceLabel(unit.here, unit, stmt.label));
      return;
    case 'label': {
      out.place(sourceLabel(unit.here, unit, stmt.label));
      out.draft.names.push({ at: out.draft.instrs.length, name: stmt.label });
      return;
    }
    case 'atomic': {
      const mode = unit.mode;
      if (mode === 'plain') {
        park(unit, siteOf(unit, stmt.loc, 'none'), null);
        unit.mode = 'atomic';
        awaitEmpty(unit, stmt.loc);
        unit.drained = true;
      }
      lowerStatement(unit, stmt.body);
      unit.mode = mode;
      return;
    }
    case 'ghost': {
      const mode = unit.mode;
      unit.mode = 'ghost';
      lowerStatement(unit, stmt.body);
      unit.mode = mode;
      return;
    }
    case 'either':
      lowerEither(unit, stmt.branches);
      return;
    case 'step':
      if (unit.mode === 'step') park(unit, siteOf(unit, stmt.loc, 'none'), null);
      else if (unit.mode === 'atomic') {
        report(
          unit.shared,
          'misplaced',
          'atomic { } may not contain a primitive that takes several steps, such as taking a lock.',
          stmt.loc,
        );
      }
      return;
    case 'emit':
      emitEvent(unit, stmt.event, stmt.args, stmt.loc);
      return;
  }
}

function lowerIf(unit: Unit, stmt: Extract<Stmt, { kind: 'if' }>): void {
  const { out } = unit;
  const otherwise = out.label();
  const done = out.label();
  const condition = truthOf(unit, stmt.condition);
  if (condition.kind === 'const' && !containsLabel(condition.value !== 0n ? stmt.otherwise : stmt.then)) {
    const taken = condition.value !== 0n ? stmt.then : stmt.otherwise;
    if (taken !== null) lowerStatement(unit, taken);
    return;
  }
  out.branch(unary('eqz', condition), otherwise);
  lowerStatement(unit, stmt.then);
  if (stmt.otherwise !== null) {
    out.jump(done);
    out.place(otherwise);
    lowerStatement(unit, stmt.otherwise);
    out.place(done);
  } else {
    out.place(otherwise);
  }
}

/** A branch that is never taken must still be written when a goto or a case leads into it. */
function containsLabel(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(containsLabel);
  if (typeof node !== 'object' || node === null) return false;
  const { kind } = node as { kind?: string };
  if (kind === 'label' || kind === 'case') return true;
  return Object.entries(node).some(
    ([name, child]) =>
      name !== 'type' &&
      name !== 'loc' &&
      name !== 'variable' &&
      name !== 'pool' &&
      typeof child === 'object' &&
      containsLabel(child),
  );
}

function lowerLoop(unit: Unit, stmt: Extract<Stmt, { kind: 'loop' }>): void {
  const { out, here } = unit;
  const top = out.label();
  const next = out.label();
  const done = out.label();
  if (stmt.init !== null) lowerStatement(unit, stmt.init);
  const outer = { breakTo: here.breakTo, continueTo: here.continueTo };
  here.breakTo = done;
  here.continueTo = next;
  out.place(top);
  if (!stmt.doWhile && stmt.condition !== null) out.branch(unary('eqz', truthOf(unit, stmt.condition)), done);
  lowerStatement(unit, stmt.body);
  out.place(next);
  if (stmt.step !== null) lowerExpr(unit, stmt.step);
  if (stmt.doWhile && stmt.condition !== null) out.branch(truthOf(unit, stmt.condition), top);
  else out.jump(top);
  out.place(done);
  Object.assign(here, outer);
}

function lowerSwitch(unit: Unit, stmt: Extract<Stmt, { kind: 'switch' }>): void {
  const { out, here } = unit;
  const done = out.label();
  const value = stableScalar(unit, stmt.value);
  const cases = new Map<Stmt, Label>(here.cases ?? []);
  let otherwise = done;
  for (const item of casesIn(stmt.body)) {
    const label = out.label();
    cases.set(item, label);
    if (item.low === null) {
      otherwise = label;
      continue;
    }
    const high = item.high ?? item.low;
    const hit =
      high === item.low
        ? binary('eq', value, constant(item.low))
        : binary('and', binary('les', constant(item.low), value), binary('les', value, constant(high)));
    out.branch(hit, label);
  }
  out.jump(otherwise);
  const outer = { breakTo: here.breakTo, cases: here.cases };
  here.breakTo = done;
  here.cases = cases;
  lowerStatement(unit, stmt.body);
  Object.assign(here, outer);
  out.place(done);
}

/** The cases of a switch, not those of switches inside it. */
function casesIn(node: unknown): Extract<Stmt, { kind: 'case' }>[] {
  if (Array.isArray(node)) return node.flatMap(casesIn);
  if (typeof node !== 'object' || node === null) return [];
  const stmt = node as Stmt;
  if (stmt.kind === 'case') return [stmt];
  if (stmt.kind === 'switch') return [];
  return Object.entries(stmt).flatMap(([name, child]) =>
    name === 'type' || name === 'loc' || name === 'variable' || name === 'pool' || typeof child !== 'object'
      ? []
      : casesIn(child),
  );
}

function lowerReturn(unit: Unit, value: Expr | null, loc: Loc): void {
  const { out, here } = unit;
  if (value !== null) {
    const result = lowerExpr(unit, value);
    if (here.returnsOnce) here.direct = settled(unit, result);
    else if (here.result !== null) store(unit, here.result, result, loc);
  }
  // The jump at the very end of a body leads to the next instruction and is dropped later.
  out.jump(here.exit);
}

function settled(unit: Unit, value: Value): Value {
  return value.kind === 'scalar' ? { kind: 'scalar', value: unit.out.stable(value.value) } : value;
}

function sourceLabel(activation: Activation, unit: Unit, name: string): Label {
  let label = activation.labels.get(name);
  if (label === undefined) {
    label = unit.out.label();
    activation.labels.set(name, label);
  }
  return label;
}

function lowerEither(unit: Unit, branches: readonly Stmt[]): void {
  const { out } = unit;
  const chosen = choose(unit, ZERO, constant(branches.length - 1));
  const done = out.label();
  branches.forEach((branch, i) => {
    const next = out.label();
    if (i < branches.length - 1) out.branch(binary('ne', chosen, constant(i)), next);
    lowerStatement(unit, branch);
    out.jump(done);
    out.place(next);
  });
  out.place(done);
}

function emitEvent(unit: Unit, event: string, args: readonly Expr[], loc: Loc): void {
  const hooks = unit.shared.hooks.on.get(event) ?? [];
  if (hooks.length === 0) return;
  const values = args.map((arg): Value => ({ kind: 'scalar', value: stableScalar(unit, arg) }));
  for (const hook of hooks) {
    const bindings = new Map<LocalVariable, Binding>();
    hook.params.forEach((param, i) => {
      bindings.set(param, { kind: 'value', value: values[i] ?? { kind: 'scalar', value: ZERO } });
    });
    runHook(unit, `on ${event}`, hook.body, bindings, loc);
  }
}

// ---------------------------------------------------------------- declarations

function declare(unit: Unit, variable: LocalVariable, init: Init | null, loc: Loc): void {
  const { out, shared, here } = unit;
  const compound = variable.type.kind === 'struct' || variable.type.kind === 'array';
  if (init !== null && !compound) {
    const entry = init.entries[0];
    const value: Value = entry === undefined ? { kind: 'scalar', value: ZERO } : lowerExpr(unit, entry.value);
    // A pointer that is only ever this local's address stands for the local.
    if (value.kind === 'alias' && isFixed(unit, variable)) {
      here.bindings.set(variable, { kind: 'value', value });
      return;
    }
    const stable = { kind: 'scalar', value: out.stable(numeric(unit, value)) } as const;
    if (
      isFixed(unit, variable) &&
      variable.range === null &&
      (!shared.stepping || stable.value.kind === 'const')
    ) {
      here.bindings.set(variable, { kind: 'value', value: stable });
      shared.frames[here.frame]?.variables.push({
        name: variable.name,
        type: variable.type,
        where: { kind: 'value', value: stable.value },
      });
      return;
    }
    const binding = bindLocal(unit, variable, true);
    noteVariable(variable, binding, shared.frames[here.frame]?.variables ?? []);
    if (binding.kind === 'place') store(unit, binding.place, stable, loc);
    return;
  }
  // Values are evaluated before the variable begins, as in `struct s x = f();`
  const values = (init?.entries ?? []).map((entry) => ({ entry, value: lowerExpr(unit, entry.value) }));
  const binding = bindLocal(unit, variable, init !== null);
  noteVariable(variable, binding, shared.frames[here.frame]?.variables ?? []);
  if (binding.kind !== 'place') return;
  const { place } = binding;
  if (place.kind === 'memory') endObject(unit, place, loc);
  if (init === null) {
    forget(unit, place);
    return;
  }
  const whole =
    values.length === 1 &&
    values[0]?.value.kind === 'struct' &&
    values[0].entry.offset === 0 &&
    sizeOf(values[0].entry.type) === sizeOf(variable.type);
  if (!whole) clear(unit, place, sizeOf(variable.type), loc);
  for (const { entry, value } of values) {
    store(unit, member(place, entry.offset, entry.type, entry.bits, variable.ghost, null), value, loc);
  }
}

function isFixed(unit: Unit, variable: LocalVariable): boolean {
  const use = usesIn(unit.shared, unit.here.body).get(variable);
  return (use === undefined || (use.assigned === 0 && !use.addressed)) && !unit.shared.inMemory.has(variable);
}

/** A local that begins unwritten, also when a loop comes round to it again. */
function forget(unit: Unit, place: Place): void {
  const { out } = unit;
  if (place.kind === 'reg') {
    if (place.flag !== null) out.set(place.flag, ZERO);
  } else if (place.kind === 'split') {
    for (const leaf of place.split.leaves) if (leaf.flag !== null) out.set(leaf.flag, ZERO);
    for (const leaf of place.split.leaves) out.set(leaf.reg, ZERO);
  } else {
    out.emit({ op: 'fill', address: place.address, bytes: sizeOf(place.type), initialised: false });
  }
}

function clear(unit: Unit, place: Place, size: number, loc: Loc): void {
  if (place.kind === 'memory') {
    unit.out.emit({ op: 'fill', address: place.address, bytes: size, initialised: true });
    return;
  }
  for (const { offset, bytes } of chunks(size)) writeChunk(unit, place, offset, bytes, ZERO, loc);
}
