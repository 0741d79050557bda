/** Hooks: ghost code that runs before and after calls, and when a lock is dropped. */

import type { Hook, HirAnnotation, HirFunction, LocalVariable, Loc, Stmt } from '../semantics/hir.ts';
import { enter } from './calls.ts';
import { type Activation, type Binding, coverPoint, type Place, type Unit, type Value } from './context.ts';
import { binary, register, ZERO } from './expr.ts';
import { lowerExpr, store } from './expressions.ts';
import type { IrExpr } from './ir.ts';
import { lowerPlace } from './lvalues.ts';
import { numeric } from './places.ts';
import { lowerStatement } from './statements.ts';

export function bindHook(
  hook: Extract<Hook, { kind: 'before' | 'after' }>,
  fn: HirFunction,
  args: readonly Value[],
): Map<LocalVariable, Binding> {
  const bindings = new Map<LocalVariable, Binding>();
  hook.params.forEach((param, i) => {
    if (i < fn.params.length)
      bindings.set(param, { kind: 'value', value: args[i] ?? { kind: 'scalar', value: ZERO } });
  });
  return bindings;
}

/** Arguments and `old(e)` values of an after hook, taken at entry. */
export function runEntry(
  unit: Unit,
  hook: Extract<Hook, { kind: 'before' | 'after' }>,
  fn: HirFunction,
  args: readonly Value[],
  loc: Loc,
): Map<LocalVariable, Binding> {
  const bindings = bindHook(hook, fn, args);
  if (hook.entry.length === 0) return bindings;
  inGhost(unit, hook.body, bindings, loc, () => {
    for (const { variable, value } of hook.entry) {
      const place: Place = {
        kind: 'reg',
        reg: unit.out.variable(),
        flag: null,
        type: variable.type,
        range: null,
      };
      store(unit, place, lowerExpr(unit, value), loc);
      bindings.set(variable, {
        kind: 'value',
        value: { kind: 'scalar', value: unit.out.stable(register((place as { reg: number }).reg)) },
      });
    }
  });
  return bindings;
}

export function runHook(
  unit: Unit,
  text: string,
  body: Stmt,
  bindings: Map<LocalVariable, Binding>,
  loc: Loc,
): void {
  inGhost(unit, body, bindings, loc, (activation) => {
    coverPoint(unit, text, body.loc);
    lowerStatement(unit, body);
    unit.out.place(activation.exit);
  });
}

/** Ghost code below the current activation, with its own names. */
export function inGhost(
  unit: Unit,
  body: Stmt,
  bindings: Map<LocalVariable, Binding>,
  loc: Loc,
  run: (activation: Activation) => void,
): void {
  const caller = unit.here;
  const mode = unit.mode;
  const activation = { ...enter(unit, body, null, loc, false), bindings };
  unit.here = activation;
  unit.mode = 'ghost';
  run(activation);
  unit.here = caller;
  unit.mode = mode;
}

/** `at release(l)`: just before a primitive that is annotated to release a lock acts. */
export function runReleaseHooks(unit: Unit, fn: HirFunction, loc: Loc): void {
  const { shared, out } = unit;
  if (shared.hooks.release.length === 0 || !fn.primitive) return;
  for (const annotation of fn.annotations) {
    if (annotation.name !== '__releases' && annotation.name !== '__releases_shared') continue;
    const released = lockAddress(unit, annotation);
    if (released === null) continue;
    for (const hook of shared.hooks.release) {
      const place = lowerPlace(unit, hook.lock, true);
      if (place.kind !== 'memory') continue;
      const differs = binary('ne', released, place.address);
      if (differs.kind === 'const' && differs.value !== 0n) continue;
      const skip = out.label();
      out.branch(differs, skip);
      runHook(unit, 'at release', hook.body, new Map(), loc);
      out.place(skip);
    }
  }
}

/** The lock that an annotation names: a pointer parameter, or an lvalue. */
function lockAddress(unit: Unit, annotation: HirAnnotation): IrExpr | null {
  const arg = annotation.args[0];
  if (arg === undefined) return null;
  const mode = unit.mode;
  unit.mode = 'ghost';
  let address: IrExpr | null = null;
  if (arg.type.kind === 'pointer') address = numeric(unit, lowerExpr(unit, arg));
  else if (arg.kind === 'read') {
    const place = lowerPlace(unit, arg.place, true);
    if (place.kind === 'memory') address = place.address;
  }
  unit.mode = mode;
  return address === null ? null : unit.out.stable(address);
}
