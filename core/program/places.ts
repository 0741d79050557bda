/** Reading and writing places: a register, part of a local struct, or memory, where each access is a step. */

import type { Loc } from '../semantics/hir.ts';
import { sizeOf, type Type } from '../semantics/types.ts';
import {
  type Bits,
  emitCheck,
  type Place,
  type Range,
  siteOf,
  type Split,
  type Unit,
  type Value,
} from './context.ts';
import { binary, constant, extend, isBoolean, ONE, register, select, ZERO } from './expr.ts';
import type { IrExpr } from './ir.ts';
import { probeAccess } from './probes.ts';
import { enqueue, forwarded, isDelayed, isForwarded } from './storeBuffers.ts';

export type Bytes = 1 | 2 | 4 | 8;

/** How a memory access is made: a plain one, a marked one (READ_ONCE, atomics), or one in data_race(). */
export type Access = 'plain' | 'marked';

export function readScalar(unit: Unit, place: Place, loc: Loc, access: Access = 'plain'): IrExpr {
  const shape = scalarShape(place.type);
  switch (place.kind) {
    case 'reg':
      if (place.flag !== null) requireWritten(unit, register(place.flag), loc);
      return register(place.reg);
    case 'split': {
      const raw = readSplit(unit, place.split, place.offset, shape.bytes, place.index, loc);
      return takeBits(raw, place.bits, shape);
    }
    case 'memory': {
      const word = loadWord(
        unit,
        place.address,
        shape.bytes,
        shape.signed && place.bits === null,
        place,
        loc,
        access,
      );
      return place.bits === null ? word : takeBits(word, place.bits, shape);
    }
  }
}

export function writeScalar(
  unit: Unit,
  place: Place,
  value: IrExpr,
  loc: Loc,
  access: Access = 'plain',
): void {
  const shape = scalarShape(place.type);
  if (place.kind !== 'split' && place.range !== null) checkRange(unit, value, place.range, loc);
  switch (place.kind) {
    case 'reg':
      unit.out.set(place.reg, value);
      if (place.flag !== null) unit.out.set(place.flag, ONE);
      return;
    case 'split': {
      let raw = extend(shape.bytes * 8, false, value);
      if (place.bits !== null) {
        const old = readSplit(unit, place.split, place.offset, shape.bytes, place.index, null);
        raw = putBits(old, place.bits, value);
      }
      writeSplit(unit, place.split, place.offset, shape.bytes, place.index, raw);
      return;
    }
    case 'memory': {
      const address = unit.out.stable(place.address);
      let word = value;
      if (place.bits !== null) {
        // A bit-field store loads and stores its word.
        const stableValue = unit.out.stable(value);
        const old = loadWord(unit, address, shape.bytes, false, place, loc, access);
        word = putBits(old, place.bits, stableValue);
      }
      storeWord(unit, address, shape.bytes, word, place, loc, access);
      return;
    }
  }
}

type Reached = Pick<Extract<Place, { kind: 'memory' }>, 'checked' | 'silent' | 'racy' | 'direct' | 'asked'>;

/** One load step (or none, inside a step). */
function loadWord(
  unit: Unit,
  address: IrExpr,
  bytes: Bytes,
  signed: boolean,
  place: Reached,
  loc: Loc,
  access: Access,
): IrExpr {
  const at = unit.out.stable(address);
  const site = parkFor(unit, at, bytes, false, place, loc, access);
  if (isForwarded(unit, place))
    return forwarded(unit, at, bytes, signed, needsCheck(unit, at, bytes, place.checked), site);
  const reg = unit.out.temporary();
  unit.out.emit({
    op: 'load',
    reg,
    address: at,
    bytes,
    signed,
    checked: needsCheck(unit, at, bytes, place.checked),
    site,
  });
  return register(reg);
}

function storeWord(
  unit: Unit,
  address: IrExpr,
  bytes: Bytes,
  value: IrExpr,
  place: Reached,
  loc: Loc,
  access: Access,
): void {
  const at = unit.out.stable(address);
  const site = parkFor(unit, at, bytes, true, place, loc, access);
  if (isDelayed(unit, place)) {
    enqueue(unit, at, bytes, value, needsCheck(unit, at, bytes, place.checked), site);
    return;
  }
  unit.out.emit({
    op: 'store',
    address: at,
    bytes,
    value,
    checked: needsCheck(unit, at, bytes, place.checked),
    site,
  });
}

function parkFor(
  unit: Unit,
  address: IrExpr,
  bytes: number,
  write: boolean,
  place: Reached,
  loc: Loc,
  access: Access,
): number {
  for (const asked of place.asked ?? []) probeAccess(unit, asked, write);
  const site = siteOf(unit, loc, write ? 'store' : 'load');
  if (unit.mode === 'plain' && !place.silent) {
    // As KCSAN has it: what is inside data_race() is not looked at, a __data_racy object has no plain accesses.
    const plain = access === 'plain' && !place.racy;
    park(unit, site, unit.quiet ? null : { address, bytes, write, plain });
  }
  return site;
}

/** Begins a step here, unless one is under way. */
export function park(
  unit: Unit,
  site: number,
  access: { address: IrExpr; bytes: number; write: boolean; plain: boolean } | null,
): void {
  unit.out.park(site, unit.here.frame, access);
  unit.enterGate?.(unit, site);
}

function needsCheck(unit: Unit, address: IrExpr, bytes: number, checked: boolean): boolean {
  return checked && !(address.kind === 'const' && unit.shared.layout.isAlwaysValid(address.value, bytes));
}

// ---------------------------------------------------------------- structs

/** Copies word by word; a struct of up to 8 bytes is one access on each side that is memory. */
export function copyStruct(unit: Unit, to: Place, from: Place, loc: Loc): void {
  const size = sizeOf(to.type);
  const target = stablePlace(unit, to);
  const source = stablePlace(unit, from);
  for (const { offset, bytes } of chunks(size)) {
    const word = readChunk(unit, source, offset, bytes, loc);
    writeChunk(unit, target, offset, bytes, unit.out.stable(word), loc);
  }
}

function readChunk(unit: Unit, place: Place, offset: number, bytes: Bytes, loc: Loc): IrExpr {
  if (place.kind === 'reg') return register(place.reg);
  if (place.kind === 'split')
    return readSplit(unit, place.split, place.offset + offset, bytes, place.index, null);
  return loadWord(unit, binary('add', place.address, constant(offset)), bytes, false, place, loc, 'plain');
}

export function writeChunk(
  unit: Unit,
  place: Place,
  offset: number,
  bytes: Bytes,
  value: IrExpr,
  loc: Loc,
): void {
  if (place.kind === 'reg') unit.out.set(place.reg, value);
  else if (place.kind === 'split')
    writeSplit(unit, place.split, place.offset + offset, bytes, place.index, value);
  else storeWord(unit, binary('add', place.address, constant(offset)), bytes, value, place, loc, 'plain');
}

export function chunks(size: number): { offset: number; bytes: Bytes }[] {
  const result: { offset: number; bytes: Bytes }[] = [];
  let offset = 0;
  while (offset < size) {
    const left = size - offset;
    const bytes: Bytes = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    result.push({ offset, bytes });
    offset += bytes;
  }
  return result;
}

/** The place with its address or index in a form that later code does not change. */
export function stablePlace(unit: Unit, place: Place): Place {
  if (place.kind === 'memory') return { ...place, address: unit.out.stable(place.address) };
  if (place.kind === 'split' && place.index !== null) {
    return { ...place, index: { ...place.index, value: unit.out.stable(place.index.value) } };
  }
  return place;
}

export function member(
  place: Place,
  offset: number,
  type: Type,
  bits: Bits,
  ghost: boolean,
  range: Range,
): Place {
  if (place.kind === 'memory') {
    return {
      kind: 'memory',
      address: binary('add', place.address, constant(offset)),
      type,
      bits,
      checked: place.checked,
      silent: place.silent || ghost,
      racy: place.racy,
      range,
      ...(place.direct === undefined ? {} : { direct: place.direct }),
      ...(place.asked === undefined ? {} : { asked: place.asked }),
    };
  }
  if (place.kind === 'split')
    return {
      kind: 'split',
      split: place.split,
      offset: place.offset + offset,
      index: place.index,
      type,
      bits,
    };
  return { ...place, type, range };
}

// ---------------------------------------------------------------- locals in registers

function readSplit(
  unit: Unit,
  split: Split,
  offset: number,
  bytes: Bytes,
  index: { readonly value: IrExpr; readonly stride: number; readonly length: number } | null,
  /** null: padding or a whole copy; nothing is required to be written. */
  loc: Loc | null,
): IrExpr {
  if (index !== null) {
    const at = unit.out.stable(index.value);
    let result = readSplit(unit, split, offset, bytes, null, loc);
    for (let i = 1; i < index.length; i++) {
      const element = readSplit(unit, split, offset + i * index.stride, bytes, null, null);
      result = select(binary('eq', at, constant(i)), element, result);
    }
    return result;
  }
  let result: IrExpr = ZERO;
  for (const leaf of split.leaves) {
    if (leaf.offset >= offset + bytes || leaf.offset + leaf.bytes <= offset) continue;
    if (leaf.flag !== null && loc !== null) requireWritten(unit, register(leaf.flag), loc);
    const shift = (leaf.offset - offset) * 8;
    let part = register(leaf.reg);
    if (shift < 0) part = binary('shru', part, constant(-shift));
    else if (shift > 0) part = binary('shl', part, constant(shift));
    result = result === ZERO ? part : binary('or', result, part);
    if (leaf.offset <= offset && leaf.offset + leaf.bytes === offset + bytes && shift <= 0) return result;
  }
  return extend(bytes * 8, false, result);
}

function writeSplit(
  unit: Unit,
  split: Split,
  offset: number,
  bytes: Bytes,
  index: { readonly value: IrExpr; readonly stride: number; readonly length: number } | null,
  value: IrExpr,
): void {
  if (index !== null) {
    const at = unit.out.stable(index.value);
    const stableValue = unit.out.stable(value);
    for (let i = 0; i < index.length; i++) {
      const old = readSplit(unit, split, offset + i * index.stride, bytes, null, null);
      const chosen = select(binary('eq', at, constant(i)), stableValue, old);
      writeSplit(unit, split, offset + i * index.stride, bytes, null, chosen);
    }
    return;
  }
  const overlapping = split.leaves.filter(
    (leaf) => leaf.offset < offset + bytes && leaf.offset + leaf.bytes > offset,
  );
  const shared = overlapping.length > 1 ? unit.out.stable(value) : value;
  for (const leaf of overlapping) {
    const shift = (leaf.offset - offset) * 8;
    const covers = offset <= leaf.offset && offset + bytes >= leaf.offset + leaf.bytes;
    if (covers) {
      const part = shift > 0 ? binary('shru', shared, constant(shift)) : shared;
      unit.out.set(leaf.reg, bytes === leaf.bytes ? part : extend(leaf.bytes * 8, false, part));
    } else {
      const mask = ((1n << BigInt(bytes * 8)) - 1n) << BigInt(-shift);
      const kept = binary('and', register(leaf.reg), constant(~mask));
      unit.out.set(leaf.reg, binary('or', kept, binary('shl', shared, constant(-shift))));
    }
    if (leaf.flag !== null) unit.out.set(leaf.flag, ONE);
  }
}

/** Leaves of a type kept in registers; null when it is too large and must live in memory. */
export function leavesOf(type: Type): { offset: number; bytes: Bytes }[] | null {
  const leaves: { offset: number; bytes: Bytes }[] = [];
  const add = (offset: number, size: number) => {
    for (const chunk of chunks(size)) leaves.push({ offset: offset + chunk.offset, bytes: chunk.bytes });
  };
  const visit = (at: number, here: Type): void => {
    if (leaves.length > LEAF_LIMIT) return;
    if (here.kind === 'array') {
      for (let i = 0; i < Math.min(here.length, LEAF_LIMIT + 1); i++)
        visit(at + i * sizeOf(here.of), here.of);
    } else if (here.kind === 'struct') {
      if (here.union) add(at, here.size);
      else {
        let word = -1;
        for (const field of here.fields) {
          if (field.bits !== null) {
            if (field.offset !== word) add(at + field.offset, sizeOf(field.type));
            word = field.offset;
          } else visit(at + field.offset, field.type);
        }
      }
    } else add(at, sizeOf(here));
  };
  visit(0, type);
  return leaves.length > LEAF_LIMIT ? null : leaves;
}

const LEAF_LIMIT = 48;

// ---------------------------------------------------------------- helpers

interface Shape {
  readonly bytes: Bytes;
  readonly bits: number;
  readonly signed: boolean;
}

export function scalarShape(type: Type): Shape {
  if (type.kind === 'int') return { bytes: (type.bits / 8) as Bytes, bits: type.bits, signed: type.signed };
  return { bytes: 8, bits: 64, signed: false };
}

/** A value of 64 bits brought into the range of the type, as a register holds it. */
export function normalise(value: IrExpr, type: Type): IrExpr {
  if (type.kind !== 'int') return value;
  if (type.bool) return isBoolean(value) ? value : binary('ne', value, ZERO);
  return extend(type.bits, type.signed, value);
}

function takeBits(word: IrExpr, bits: Bits, shape: Shape): IrExpr {
  if (bits === null) return extend(shape.bits, shape.signed, word);
  return extend(bits.width, shape.signed, binary('shru', word, constant(bits.shift)));
}

function putBits(
  word: IrExpr,
  bits: { readonly shift: number; readonly width: number },
  value: IrExpr,
): IrExpr {
  const mask = ((1n << BigInt(bits.width)) - 1n) << BigInt(bits.shift);
  const field = binary('and', binary('shl', value, constant(bits.shift)), constant(mask));
  return binary('or', binary('and', word, constant(~mask)), field);
}

function requireWritten(unit: Unit, flag: IrExpr, loc: Loc): void {
  emitCheck(unit, flag, 'uninitialised-read', {
    fatal: true,
    message: 'A local variable is read before anything was written to it.',
    loc,
  });
}

function checkRange(
  unit: Unit,
  value: IrExpr,
  range: { readonly low: bigint; readonly high: bigint },
  loc: Loc,
): void {
  const inside = binary(
    'and',
    binary('les', constant(range.low), value),
    binary('les', value, constant(range.high)),
  );
  emitCheck(unit, inside, 'range-overflow', {
    fatal: true,
    message: `A ghost variable leaves its declared range ${range.low}..${range.high}.`,
    loc,
  });
}

/** The address as a number. A local that lives in registers is moved to memory when lowering starts again. */
export function numeric(unit: Unit, value: Value): IrExpr {
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'alias') {
    const place = value.place;
    const variable = place.kind === 'split' ? place.split.variable : (unit.owners.get(place.reg) ?? null);
    if (variable !== null && !unit.shared.inMemory.has(variable)) {
      unit.shared.inMemory.add(variable);
      unit.shared.inMemoryGrew = true;
    }
    return ZERO;
  }
  return ZERO;
}
