/** Lvalues: where an expression of the text lies, and where locals are kept. */

import type { HirAnnotation, LocalVariable, LValue } from '../semantics/hir.ts';
import { sizeOf, type Type } from '../semantics/types.ts';
import { type Binding, emitCheck, type Place, type Unit } from './context.ts';
import { binary, constant, SELF, ZERO } from './expr.ts';
import { lowerExpr, scalar } from './expressions.ts';
import { leavesOf, member, numeric, stablePlace } from './places.ts';
import { askedOf } from './probes.ts';
import { lowerStatement } from './statements.ts';

export function lowerPlace(unit: Unit, lvalue: LValue, forAddress = false): Place {
  const place = placeOf(unit, lvalue, forAddress);
  if (forAddress || place.kind !== 'memory') return place;
  const asked = askedOf(unit, lvalue);
  return asked === null ? place : { ...place, asked: [...(place.asked ?? []), asked] };
}

function placeOf(unit: Unit, lvalue: LValue, forAddress: boolean): Place {
  switch (lvalue.kind) {
    case 'local':
      return placeOfLocal(unit, lvalue.variable, lvalue.type);
    case 'temporary':
      lowerStatement(unit, lvalue.before);
      return placeOfLocal(unit, lvalue.variable, lvalue.type);
    case 'global': {
      const { layout } = unit.shared;
      const address = layout.addressOfGlobal(lvalue.variable) ?? 0n;
      const { ghost, range } = lvalue.variable;
      return {
        kind: 'memory',
        address: constant(address),
        type: lvalue.type,
        bits: null,
        checked: false,
        silent: ghost,
        racy: isRacy(lvalue.variable.annotations),
        range,
        ...(isBookkeeping(lvalue.variable.annotations) || unit.shared.privates.has(lvalue.variable)
          ? { direct: true }
          : {}),
      };
    }
    case 'pool':
      return {
        kind: 'memory',
        address: constant(unit.shared.layout.poolPlace(lvalue.pool)?.address ?? 0n),
        type: lvalue.type,
        bits: null,
        checked: true,
        silent: false,
        racy: false,
        range: null,
      };
    case 'deref': {
      const pointer = lowerExpr(unit, lvalue.pointer);
      if (pointer.kind === 'alias') return retype(unit, pointer.place, lvalue.type);
      return {
        kind: 'memory',
        address: numeric(unit, pointer),
        type: lvalue.type,
        bits: null,
        checked: true,
        silent: false,
        racy: false,
        range: null,
      };
    }
    case 'field': {
      const object = lowerPlace(unit, lvalue.object, forAddress);
      const place = member(object, lvalue.offset, lvalue.type, lvalue.bits, lvalue.ghost, lvalue.range);
      const struct = lvalue.object.type;
      const field =
        struct.kind === 'struct' ? struct.fields.find(({ name }) => name === lvalue.name) : undefined;
      return place.kind === 'memory' && field !== undefined && isRacy(field.annotations)
        ? { ...place, racy: true }
        : place;
    }
    case 'index':
      return indexed(unit, lvalue, forAddress);
  }
}

/** What the library keeps for each thread is no memory of the machine that is modelled. */
function isBookkeeping(annotations: readonly HirAnnotation[]): boolean {
  return annotations.some(({ name }) => name === '__per_thread');
}

function isRacy(annotations: readonly HirAnnotation[]): boolean {
  return annotations.some(({ name }) => name === '__data_racy');
}

function indexed(unit: Unit, lvalue: Extract<LValue, { kind: 'index' }>, forAddress: boolean): Place {
  const array = stablePlace(unit, lowerPlace(unit, lvalue.array, forAddress));
  const index = scalar(unit, lvalue.index);
  const stride =
    lvalue.array.kind === 'pool'
      ? (unit.shared.layout.poolPlace(lvalue.array.pool)?.stride ?? 0)
      : sizeOf(lvalue.type);
  const stableIndex = lvalue.length === null ? index : unit.out.stable(index);
  if (lvalue.length !== null) {
    // The address one past the end may be computed, as in C.
    const length = constant(lvalue.length + (forAddress ? 1 : 0));
    emitCheck(unit, binary('ltu', stableIndex, length), 'out-of-bounds', {
      fatal: true,
      message: `An array index is outside 0..${lvalue.length - 1}.`,
      loc: lvalue.loc,
    });
  }
  if (array.kind === 'memory') {
    return {
      ...array,
      address: binary('add', array.address, binary('mul', stableIndex, constant(stride))),
      type: lvalue.type,
      bits: null,
      range: null,
    };
  }
  if (array.kind === 'split') {
    if (stableIndex.kind === 'const')
      return {
        ...array,
        offset: array.offset + Number(stableIndex.value) * stride,
        type: lvalue.type,
        bits: null,
      };
    if (array.index === null && lvalue.length !== null) {
      return {
        ...array,
        index: { value: unit.out.stable(stableIndex), stride, length: lvalue.length },
        type: lvalue.type,
        bits: null,
      };
    }
    needMemory(unit, array.split.variable);
  } else {
    needMemory(unit, unit.owners.get(array.reg) ?? null);
  }
  return {
    kind: 'memory',
    address: ZERO,
    type: lvalue.type,
    bits: null,
    checked: false,
    silent: true,
    racy: false,
    range: null,
  };
}

/** The same bytes seen as another type. */
function retype(unit: Unit, place: Place, type: Type): Place {
  if (place.kind === 'reg') {
    const same = type.kind !== 'struct' && type.kind !== 'array' && sizeOf(type) === sizeOf(place.type);
    if (!same) needMemory(unit, unit.owners.get(place.reg) ?? null);
    return place;
  }
  if (place.kind === 'split') return { ...place, type, bits: null };
  return { ...place, type, bits: null };
}

export function needMemory(unit: Unit, variable: LocalVariable | null): void {
  if (variable === null || unit.shared.inMemory.has(variable)) return;
  unit.shared.inMemory.add(variable);
  unit.shared.inMemoryGrew = true;
}

export function findBinding(unit: Unit, variable: LocalVariable): Binding | null {
  for (let at: typeof unit.here | null = unit.here; at !== null; at = at.parent) {
    const binding = at.bindings.get(variable);
    if (binding !== undefined) return binding;
  }
  return null;
}

function placeOfLocal(unit: Unit, variable: LocalVariable, type: Type): Place {
  const binding = findBinding(unit, variable) ?? bindLocal(unit, variable, false);
  if (binding.kind === 'place') return binding.place;
  // Reads of a bound value are caught in readPlace; here the place of a struct parameter, or a base for members.
  if (binding.value.kind === 'struct') return binding.value.place;
  const reg = unit.out.temporary();
  unit.out.set(reg, numeric(unit, binding.value));
  return { kind: 'reg', reg, flag: null, type, range: null };
}

/** Gives a local its registers or its memory. `written`: it needs no watch for reads before the first write. */
export function bindLocal(unit: Unit, variable: LocalVariable, written: boolean): Binding {
  const place = newLocal(unit, variable, written);
  const binding: Binding = { kind: 'place', place };
  unit.here.bindings.set(variable, binding);
  return binding;
}

function newLocal(unit: Unit, variable: LocalVariable, written: boolean): Place {
  const { shared, out } = unit;
  const { type, range } = variable;
  const watched = !written || shared.stepping;
  const compound = type.kind === 'struct' || type.kind === 'array';
  const leaves = compound ? leavesOf(type) : null;
  if (shared.inMemory.has(variable) || (compound && leaves === null)) {
    const { address, stride } = shared.layout.local(variable, nestingOf(unit), shared.slots);
    const own = binary('add', constant(address), binary('mul', SELF, constant(stride)));
    return {
      kind: 'memory',
      address: out.stable(own),
      type,
      bits: null,
      checked: true,
      silent: !shared.inMemory.has(variable) || variable.ghost,
      racy: false,
      range,
    };
  }
  if (leaves === null) {
    const reg = out.variable();
    unit.owners.set(reg, variable);
    return { kind: 'reg', reg, flag: watched ? out.flag() : null, type, range };
  }
  const split = {
    variable,
    leaves: leaves.map((leaf) => ({ ...leaf, reg: out.variable(), flag: watched ? out.flag() : null })),
  };
  return { kind: 'split', split, offset: 0, index: null, type, bits: null };
}

/** How many activations of the current function are around this one. */
function nestingOf(unit: Unit): number {
  let depth = 0;
  for (let at = unit.here.parent; at !== null; at = at.parent) if (at.fn === unit.here.fn) depth++;
  return depth;
}

export function structTemporary(unit: Pick<Unit, 'out'>, type: Type): Place {
  const leaves = leavesOf(type) ?? [];
  const split = {
    variable: null,
    leaves: leaves.map((leaf) => ({ ...leaf, reg: unit.out.variable(), flag: null })),
  };
  return { kind: 'split', split, offset: 0, index: null, type, bits: null };
}
