/** Expressions that are asked of a state after the program was built: by watches, conditions of breakpoints, views. */

import type { Expr, GlobalVariable, LocalVariable, LValue, Pool, Stmt, View } from '../semantics/hir.ts';
import { expressionParts, placeParts, statementParts, type Visitor } from '../semantics/walk.ts';
import type { Binding, Shared, Unit } from './context.ts';
import { constant } from './expr.ts';
import { scalar } from './expressions.ts';
import type { Predicate, Program } from './ir.ts';
import { lowerPlace, structTemporary } from './lvalues.ts';
import { outputRegion, type ShowText } from './show.ts';
import { lowerStatement } from './statements.ts';
import { finishUnit, newUnit } from './threads.ts';

/** What a local of the question stands for: its value, or where it lies in memory. */
export type Known =
  | { readonly kind: 'value'; readonly value: bigint }
  | { readonly kind: 'address'; readonly address: bigint }
  /** A struct or array in registers: the value of each leaf by its offset. */
  | { readonly kind: 'leaves'; readonly values: ReadonlyMap<number, bigint> };

export type Lowered =
  /** The answer is left in register 0. */
  | { readonly kind: 'predicate'; readonly predicate: Predicate }
  | { readonly kind: 'refused'; readonly message: string };

export type LoweredView =
  | {
      readonly kind: 'view';
      readonly predicate: Predicate;
      readonly texts: readonly ShowText[];
      /** What it names and no thread uses, so that it is read as if it were not there; null when there is nothing. */
      readonly missing: string | null;
      readonly program: Program;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** Belongs to one program. Asking changes nothing in it. */
export class Questions {
  /** The program with the sites and checks of the questions, for evaluating them. */
  readonly program: Program;
  private readonly shared: Shared;

  constructor(shared: Shared, program: Program) {
    const sites = [...shared.sites];
    const checks = [...shared.checks];
    const frames = [...shared.frames];
    this.shared = {
      ...shared,
      sites,
      checks,
      frames,
      siteIndex: new Map(shared.siteIndex),
      checkIndex: new Map(shared.checkIndex),
      points: [],
      pointIndex: new Map(),
      diagnostics: [],
      inMemory: new Set(shared.inMemory),
      stepping: false,
    };
    this.program = { ...program, sites, checks, frames };
  }

  /** The value of a scalar expression. */
  value(expr: Expr, locals: ReadonlyMap<LocalVariable, Known>): Lowered {
    return this.lower({ kind: 'expression', value: expr, loc: expr.loc }, locals, (unit) =>
      scalar(unit, expr),
    );
  }

  /** The address of a place in memory; refused for one in registers, and for a bit-field. */
  address(place: LValue, locals: ReadonlyMap<LocalVariable, Known>): Lowered {
    const body: Stmt = {
      kind: 'expression',
      value: { kind: 'read', place, type: place.type, loc: place.loc },
      loc: place.loc,
    };
    return this.lower(body, locals, (unit) => {
      const found = lowerPlace(unit, place, true);
      return found.kind === 'memory' ? found.address : null;
    });
  }

  /** A view as code whose output `shownBy` reads; `program` has the memory that it writes to. */
  view(view: View): LoweredView {
    const { shared } = this;
    const showing: ShowText[] = [];
    const own: Shared = { ...shared, showing, diagnostics: [], inMemoryGrew: false };
    const missing = absentIn(shared, view.body);
    const firstFrame = shared.frames.length;
    const unit = newUnit(own, false, view.body, 'ghost');
    lowerStatement(unit, view.body);
    unit.out.place(unit.here.exit);
    const [wrong] = own.diagnostics;
    if (wrong !== undefined) return { kind: 'refused', message: wrong.message };
    if (own.inMemoryGrew) return { kind: 'refused', message: 'it needs the address of a local' };
    const { memory } = this.program;
    return {
      kind: 'view',
      predicate: { code: finishUnit(unit, true, firstFrame) },
      texts: showing,
      missing,
      program: {
        ...this.program,
        memory: { ...memory, regions: [...memory.regions, outputRegion(memory.imageBytes)] },
      },
    };
  }

  private lower(
    body: Stmt & { readonly kind: 'expression' },
    locals: ReadonlyMap<LocalVariable, Known>,
    answer: (unit: Unit) => ReturnType<typeof scalar> | null,
  ): Lowered {
    const { shared } = this;
    const absent = absentIn(shared, body);
    if (absent !== null) return refused(absent);
    shared.inMemoryGrew = false;
    shared.diagnostics.length = 0;
    const firstFrame = shared.frames.length;
    const unit = newUnit(shared, false, body, 'ghost');
    for (const [variable, known] of locals)
      unit.here.bindings.set(variable, bindingOf(unit, variable, known));
    const value = answer(unit);
    if (value === null) return refused('it is kept in registers and has no address');
    unit.out.set(0, value);
    const [wrong] = shared.diagnostics;
    if (wrong !== undefined) return refused(wrong.message);
    if (shared.inMemoryGrew) return refused('it needs the address of something that is kept in registers');
    return { kind: 'predicate', predicate: { code: finishUnit(unit, true, firstFrame) } };
  }
}

function bindingOf(unit: Unit, variable: LocalVariable, known: Known): Binding {
  if (known.kind === 'value')
    return { kind: 'value', value: { kind: 'scalar', value: constant(BigInt.asIntN(64, known.value)) } };
  const { type, range } = variable;
  if (known.kind === 'leaves') {
    const place = structTemporary(unit, type);
    for (const { offset, reg } of place.kind === 'split' ? place.split.leaves : [])
      unit.out.set(reg, constant(BigInt.asIntN(64, known.values.get(offset) ?? 0n)));
    return { kind: 'place', place };
  }
  const address = constant(BigInt.asIntN(64, known.address));
  return {
    kind: 'place',
    place: { kind: 'memory', address, type, bits: null, checked: true, silent: true, racy: false, range },
  };
}

/** What the question names and the program keeps no account of, in a sentence; null when there is nothing. */
function absentIn(shared: Shared, body: Stmt): string | null {
  let absent: string | null = null;
  const unused = ({ name }: GlobalVariable | Pool): string =>
    `no thread of this variant uses '${name}', so it has no memory here`;
  const seen = new Set<string>();
  const visitor: Visitor = {
    expression: (expr) => {
      if (expr.kind === 'call' && expr.callee.kind === 'direct' && !seen.has(expr.callee.name)) {
        seen.add(expr.callee.name);
        const fn = shared.checked.functions.get(expr.callee.name);
        if (fn !== undefined) visitor.statement(fn.body);
      }
      if (expr.kind === 'in-function' && !shared.counted.has(expr.name))
        absent ??= `who is in ${expr.name}() is not kept account of, because the scenario itself never asks`;
      expressionParts(expr, visitor);
    },
    statement: (stmt) => statementParts(stmt, visitor),
    place: (place) => {
      if (place.kind === 'global' && shared.layout.addressOfGlobal(place.variable) === undefined)
        absent ??= unused(place.variable);
      if (place.kind === 'pool' && shared.layout.poolPlace(place.pool) === undefined)
        absent ??= unused(place.pool);
      placeParts(place, visitor);
    },
  };
  visitor.statement(body);
  return absent;
}

function refused(message: string): Lowered {
  return { kind: 'refused', message };
}
