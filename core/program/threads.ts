/** Threads: what each actor's body becomes, with the beginning and end that its kind gives it. */

import type { Actor, LocalVariable, Loc, Stmt } from '../semantics/hir.ts';
import type { StructType } from '../semantics/types.ts';
import { sizeOf } from '../semantics/types.ts';
import { callNamed, emitGate, endLocals, enter } from './calls.ts';
import { type Binding, emitCheck, report, type Shared, siteOf, type Unit } from './context.ts';
import { Emitter } from './emit.ts';
import { binary, constant, ONE, PARAM, register, SELF, unary, ZERO } from './expr.ts';
import type { IrExpr, Thread, ThreadCode } from './ir.ts';
import { keepAll, optimise } from './optimise.ts';
import { park } from './places.ts';
import { probeEnd } from './probes.ts';
import { lowerStatement } from './statements.ts';

/** A thread of the program before it has code. */
export interface ThreadPlan {
  readonly actor: Actor;
  readonly name: string;
  readonly param: bigint;
  readonly gated: boolean;
}

/** `buffered`: the code of a thread, whose stores wait in its buffer under tso. */
export function newUnit(
  shared: Shared,
  gated: boolean,
  body: Stmt,
  mode: Unit['mode'],
  buffered = false,
): Unit {
  const out = new Emitter();
  const here = enter({ shared, out, here: null }, body, null, null, false);
  return {
    shared,
    out,
    here,
    mode,
    quiet: false,
    buffers: buffered ? shared.buffers : null,
    drained: false,
    enterGate: gated ? emitGate : null,
    owners: new Map(),
  };
}

/** Finishes the code: frames made since `firstFrame` belong to it. */
export function finishUnit(unit: Unit, answer: boolean, firstFrame: number): ThreadCode {
  if (unit.shared.stepping && !answer) return keepAll(unit.out.draft);
  const frames = unit.shared.frames.slice(firstFrame).map((frame) => frame.variables);
  return optimise(unit.out.draft, answer, frames);
}

export function threadCode(shared: Shared, plan: ThreadPlan, vcpuAddress: IrExpr | null): ThreadCode {
  const { actor } = plan;
  shared.probes.begin(actor);
  const firstFrame = shared.frames.length;
  const unit = newUnit(shared, plan.gated, actor.body, 'plain', true);
  const { start } = actor.body.loc;
  const begin = siteOf(unit, { ...actor.body.loc, end: start + 1 }, 'none');
  const bind = (variable: LocalVariable, value: IrExpr) => {
    const binding: Binding = { kind: 'value', value: { kind: 'scalar', value } };
    unit.here.bindings.set(variable, binding);
    shared.frames[unit.here.frame]?.variables.push({
      name: variable.name,
      type: variable.type,
      where: { kind: 'value', value },
    });
  };
  if (actor.family !== null) bind(actor.family.variable, PARAM);
  if (actor.vcpu !== null && vcpuAddress !== null) bind(actor.vcpu.variable, vcpuAddress);
  if (isInterrupt(actor)) interruptBody(unit, actor);
  else if (actor.daemon) daemonBody(unit, actor);
  else {
    lowerStatement(unit, actor.body);
    unit.out.place(unit.here.exit);
    endLocals(unit, unit.here);
    probeEnd(unit, actor.loc);
    endChecks(unit, actor.loc, endOf(actor.loc));
  }
  shared.probes.begin(null);
  return { ...finishUnit(unit, false, firstFrame), begin };
}

/** An irq or softirq that arrives; softirq families over objects loop by themselves. */
export function isInterrupt(actor: Actor): boolean {
  return (actor.kind === 'irq' || actor.kind === 'softirq') && !actor.daemon;
}

export function endingOf(actor: Actor): Thread['ending'] {
  if (isInterrupt(actor)) return actor.times === null ? 'daemon' : 'optional';
  return actor.daemon ? 'daemon' : 'normal';
}

function daemonBody(unit: Unit, actor: Actor): void {
  const { out } = unit;
  const top = out.label();
  out.place(top);
  out.draft.heads.push(out.draft.instrs.length);
  lowerStatement(unit, actor.body);
  out.place(unit.here.exit);
  endLocals(unit, unit.here);
  probeEnd(unit, actor.loc);
  endChecks(unit, actor.loc, endOf(actor.loc));
  out.jump(top);
}

/** Waits for its turn, runs, returns from the interrupt, and may come again. */
function interruptBody(unit: Unit, actor: Actor): void {
  const { out, shared } = unit;
  const gate = unit.enterGate;
  const left = out.variable();
  out.set(left, constant(actor.times ?? 0));
  const top = out.label();
  out.place(top);
  out.draft.heads.push(out.draft.instrs.length);
  // The arrival is not held back by whoever runs on the CPU: it interrupts.
  unit.enterGate = null;
  const site = siteOf(unit, actor.loc, 'none');
  park(unit, site, null);
  unit.mode = 'step';
  // The handler that ran before returned with all its stores visible.
  unit.drained = true;
  if (actor.times !== null) {
    out.emit({ op: 'assume', condition: binary('ne', register(left), ZERO), holders: ZERO, site });
    out.set(left, binary('sub', register(left), ONE));
  }
  const raised = { kind: 'scalar' as const, value: actor.times === null ? ONE : ZERO };
  const level = { kind: 'scalar' as const, value: constant(actor.kind === 'irq' ? 2 : 1) };
  if (callNamed(unit, '__irq_arrive', [raised, level], actor.loc) === null) {
    report(
      shared,
      'unknown-name',
      "Interrupts need the library's '__irq_arrive'; import \"linux/prelude\".",
      actor.loc,
    );
  }
  unit.mode = 'plain';
  unit.drained = false;
  unit.enterGate = gate;
  lowerStatement(unit, actor.body);
  out.place(unit.here.exit);
  endLocals(unit, unit.here);
  probeEnd(unit, actor.loc);
  heldLocks(unit, endOf(actor.loc));
  callNamed(unit, '__irq_leave', [], actor.loc);
  out.jump(top);
}

/** `thread`: what ends, as questions about its end have it; `loc`: where it does. */
export function endChecks(unit: Unit, thread: Loc, loc: Loc): void {
  const { mode } = unit;
  unit.mode = 'ghost';
  callNamed(unit, '__thread_exit', [], thread);
  unit.mode = mode;
  heldLocks(unit, loc);
}

/** A thread that ends holds no lock. */
function heldLocks(unit: Unit, loc: Loc): void {
  const { shared } = unit;
  const { mode } = unit;
  unit.mode = 'ghost';
  const own = binary('shl', ONE, SELF);
  for (const type of shared.checked.structs) {
    if (type.lock === null) continue;
    for (const address of shared.layout.all(type)) checkNotHeld(unit, type, address, own, loc);
  }
  unit.mode = mode;
}

function checkNotHeld(unit: Unit, type: StructType, address: bigint, own: IrExpr, loc: Loc): void {
  const { shared, out } = unit;
  const object = shared.layout.objects.find(
    (o) => address >= o.address && address < o.address + BigInt(o.bytes),
  );
  const skip = out.label();
  if (object !== undefined && object.alive >= 0) {
    const reg = out.temporary();
    out.emit({
      op: 'load',
      reg,
      address: constant(shared.layout.stateOf(object)),
      bytes: 8,
      signed: false,
      checked: false,
      site: siteOf(unit, loc, 'none'),
    });
    out.branch(binary('ne', register(reg), ONE), skip);
  }
  for (const entry of ['writers', 'readers']) {
    const name = type.lock?.entries.get(entry);
    if (name === undefined) continue;
    const held = callNamed(unit, name, [{ kind: 'scalar', value: constant(address) }], loc);
    if (held === null || held.kind !== 'scalar') continue;
    emitCheck(unit, unary('eqz', binary('and', held.value, own)), 'held-at-end', {
      fatal: false,
      message: `A thread ends with the lock '${shared.layout.nameOf(address, type)}' held.`,
      loc,
    });
  }
  out.place(skip);
}

function endOf(loc: Loc): Loc {
  return { ...loc, start: Math.max(loc.start, loc.end - 1) };
}

/** Address of the vcpu_state element: members of a family stand in a row. */
export function vcpuAddressOf(shared: Shared, actor: Actor): IrExpr | null {
  if (actor.vcpu === null) return null;
  const variable = shared.checked.globals.find((g) => g.vcpuState);
  const base = variable === undefined ? undefined : shared.layout.addressOfGlobal(variable);
  if (variable === undefined || base === undefined || variable.type.kind !== 'array') return ZERO;
  const size = BigInt(sizeOf(variable.type.of));
  if (actor.family?.kind !== 'range') return constant(base + BigInt(actor.vcpu.index) * size);
  const first = BigInt(actor.vcpu.index - actor.family.index);
  return binary('add', constant(base + first * size), binary('mul', PARAM, constant(size)));
}
