/** From the addresses of the modelled memory to places in the working state: at compile time for constants, by tables for the rest. */

import type { Memory, Region } from '../program/ir.ts';
import { GRANULE, LINE_LOG, type MemoryLayout, REGION_ENTRY_BYTES } from './layout.ts';
import { fault } from './notes.ts';
import { access, type Body, type Func, type ModuleBuilder, op } from './wasm.ts';

/** The granule at a constant address. Offsets are those of the image; -1 as in Region. */
export interface Place {
  readonly image: number;
  /** Byte of the address in its granule. */
  readonly byte: number;
  readonly alive: number;
  readonly marks: number;
  readonly limit: number;
  readonly object: number;
}

export function locate(memory: Memory, address: bigint): Place | null {
  for (const region of memory.regions) {
    const offset = BigInt.asUintN(64, address) - region.base;
    if (offset < 0n || offset >= BigInt(region.granules * GRANULE)) continue;
    const granule = Number(offset) >> 3;
    const image = region.image[granule] ?? -1;
    if (image < 0) return null;
    return {
      image,
      byte: Number(offset) & 7,
      alive: region.alive[granule] ?? -1,
      marks: region.marks[granule] ?? -1,
      limit: region.limit[granule] ?? GRANULE,
      object: region.object[granule] ?? -1,
    };
  }
  return null;
}

/** What is wrong with every access to a place in this way; 0: nothing, as far as its address says. */
export function constantFault(place: Place | null, bytes: number, checked: boolean): number {
  if (place === null) return fault.nowhere;
  if (!checked) return place.byte + bytes > GRANULE ? fault.misaligned : 0;
  if (place.byte % bytes !== 0) return fault.misaligned;
  return place.byte + bytes > place.limit ? fault.beyond : 0;
}

/** The tables that the generated functions read, as 32-bit words. */
export function regionTable(region: Region): Int32Array {
  const words = new Int32Array(region.granules * (REGION_ENTRY_BYTES / 4));
  for (let i = 0; i < region.granules; i += 1) {
    words.set(
      [region.image[i] ?? -1, region.alive[i] ?? -1, region.marks[i] ?? -1, region.limit[i] ?? GRANULE],
      4 * i,
    );
  }
  return words;
}

const entry = { image: 0, alive: 4, marks: 8, limit: 12 } as const;

export function addMemoryHelpers(module: ModuleBuilder, touch: Func, at: MemoryLayout, memory: Memory) {
  const locateEntry = addLocate(module, at, memory);
  return {
    resolve: addResolve(module, at, locateEntry, (f, places) => beforeUnchecked(f, places)),
    resolveLoad: addResolve(module, at, locateEntry, (f, places) => {
      beforeChecked(f, at, places);
      f.get(places.entry)
        .memory(access.i32Load, entry.marks)
        .tee(places.scratch)
        .i32(0)
        .op(op.i32GeS)
        .if(() => {
          f.get(places.scratch).memory(access.i32Load8U, at.work);
          pushMask(f, places);
          f.op(op.i32And);
          pushMask(f, places);
          f.op(op.i32Ne).if(() => f.i32(fault.unwritten).ret());
        });
    }),
    resolveValid: addResolve(module, at, locateEntry, (f, places) => beforeChecked(f, at, places)),
    resolveStore: addResolve(module, at, locateEntry, (f, places) => {
      beforeChecked(f, at, places);
      writeMarks(f, at, touch, places);
    }),
    resolveUncheckedStore: addResolve(module, at, locateEntry, (f, places) => {
      beforeUnchecked(f, places);
      writeMarks(f, at, touch, places);
    }),
    fill: addFill(module, at, touch, locateEntry),
  };
}

/** Locals of a resolving function: the table entry, the byte in the granule, the size of the access. */
interface Places {
  readonly entry: number;
  readonly byte: number;
  readonly bytes: number;
  readonly scratch: number;
}

/** (address i64) -> address of the granule's table entry, or 0 where nothing is. */
function addLocate(module: ModuleBuilder, at: MemoryLayout, memory: Memory): Func {
  const address = 0;
  const regions = memory.regions
    .map((region, index) => ({ base: region.base, granules: region.granules, table: at.regions[index] ?? 0 }))
    .filter((region) => region.granules > 0)
    .sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0));
  return module.func(['i64'], 'i32', (f) => {
    const offset = f.local('i64');
    const found = f.local('i32');
    const search = (some: typeof regions): void => {
      const [region] = some;
      if (region === undefined) return;
      if (some.length > 1) {
        const middle = some.length >> 1;
        f.get(address)
          .i64(some[middle]?.base ?? 0n)
          .op(op.i64LtU)
          .if(
            () => search(some.slice(0, middle)),
            () => search(some.slice(middle)),
          );
        return;
      }
      f.get(address)
        .i64(region.base)
        .op(op.i64Sub)
        .tee(offset)
        .i64(BigInt(region.granules * GRANULE))
        .op(op.i64LtU)
        .if(() => {
          f.get(offset)
            .i64(3n)
            .op(op.i64ShrU, op.i32WrapI64)
            .i32(REGION_ENTRY_BYTES)
            .op(op.i32Mul)
            .i32(region.table)
            .op(op.i32Add)
            .tee(found);
          f.memory(access.i32Load, entry.image)
            .i32(0)
            .op(op.i32GeS)
            .if(() => f.get(found).ret());
        });
    };
    search(regions);
    f.i32(0);
  });
}

/** (address i64, bytes) -> linear address in the working state, or the fault code that `validate` returned with. */
function addResolve(
  module: ModuleBuilder,
  at: MemoryLayout,
  locateEntry: Func,
  validate: (f: Body, places: Places) => void,
): Func {
  const address = 0;
  const bytes = 1;
  return module.func(['i64', 'i32'], 'i32', (f) => {
    const places: Places = { entry: f.local('i32'), byte: f.local('i32'), bytes, scratch: f.local('i32') };
    f.get(address)
      .call(locateEntry)
      .tee(places.entry)
      .op(op.i32Eqz)
      .if(() => f.i32(fault.nowhere).ret());
    f.get(address).op(op.i32WrapI64).i32(7).op(op.i32And).set(places.byte);
    validate(f, places);
    f.get(places.entry)
      .memory(access.i32Load, entry.image)
      .get(places.byte)
      .op(op.i32Add)
      .i32(at.work)
      .op(op.i32Add);
  });
}

function beforeUnchecked(f: Body, { byte, bytes }: Places): void {
  f.get(byte)
    .get(bytes)
    .op(op.i32Add)
    .i32(GRANULE)
    .op(op.i32GtU)
    .if(() => f.i32(fault.misaligned).ret());
}

/** In the order of precedence: life, alignment, end. */
function beforeChecked(f: Body, at: MemoryLayout, { entry: where, byte, bytes, scratch }: Places): void {
  f.get(where)
    .memory(access.i32Load, entry.alive)
    .tee(scratch)
    .i32(0)
    .op(op.i32GeS)
    .if(() => {
      f.get(scratch)
        .memory(access.i32Load8U, at.work)
        .op(op.i32Eqz)
        .if(() => f.i32(fault.freed).ret());
    });
  f.get(byte)
    .get(bytes)
    .i32(1)
    .op(op.i32Sub, op.i32And)
    .if(() => f.i32(fault.misaligned).ret());
  f.get(byte)
    .get(bytes)
    .op(op.i32Add)
    .get(where)
    .memory(access.i32Load, entry.limit)
    .op(op.i32GtU)
    .if(() => f.i32(fault.beyond).ret());
}

/** The bits of the accessed bytes: ((1 << bytes) - 1) << byte. */
function pushMask(f: Body, { byte, bytes }: Places): void {
  f.i32(1).get(bytes).op(op.i32Shl).i32(1).op(op.i32Sub).get(byte).op(op.i32Shl);
}

function writeMarks(f: Body, at: MemoryLayout, touch: Func, places: Places): void {
  const { entry: where, scratch } = places;
  f.get(where).memory(access.i32Load, entry.image).i32(LINE_LOG).op(op.i32ShrU).call(touch);
  f.get(where)
    .memory(access.i32Load, entry.marks)
    .tee(scratch)
    .i32(0)
    .op(op.i32GeS)
    .if(() => {
      f.get(scratch).i32(LINE_LOG).op(op.i32ShrU).call(touch);
      f.get(scratch).get(scratch).memory(access.i32Load8U, at.work);
      pushMask(f, places);
      f.op(op.i32Or).memory(access.i32Store8, at.work);
    });
}

/** (address i64, bytes, initialised): granule by granule; what does not exist is passed over. */
function addFill(module: ModuleBuilder, at: MemoryLayout, touch: Func, locateEntry: Func): Func {
  const address = 0;
  const bytes = 1;
  const initialised = 2;
  return module.func(['i64', 'i32', 'i32'], null, (f) => {
    const where = f.local('i32');
    const byte = f.local('i32');
    const end = f.local('i32');
    const image = f.local('i32');
    const marks = f.local('i32');
    const mask = f.local('i32');
    f.loop((again) => {
      f.get(bytes)
        .i32(0)
        .op(op.i32LeS)
        .if(() => f.ret());
      // This granule's part: bytes [byte, end) of it.
      f.get(address).op(op.i32WrapI64).i32(7).op(op.i32And).tee(byte).get(bytes).op(op.i32Add).tee(end);
      f.i32(GRANULE).get(end).i32(GRANULE).op(op.i32LtU, op.select).set(end);
      f.get(bytes).get(end).get(byte).op(op.i32Sub, op.i32Sub).set(bytes);
      f.get(address)
        .call(locateEntry)
        .tee(where)
        .if(() => {
          f.get(end)
            .get(where)
            .memory(access.i32Load, entry.limit)
            .tee(mask)
            .get(end)
            .get(mask)
            .op(op.i32LtU, op.select)
            .set(end);
          f.get(byte)
            .get(end)
            .op(op.i32LtU)
            .if(() => {
              f.get(where)
                .memory(access.i32Load, entry.image)
                .tee(image)
                .i32(LINE_LOG)
                .op(op.i32ShrU)
                .call(touch);
              f.get(where)
                .memory(access.i32Load, entry.marks)
                .tee(marks)
                .i32(0)
                .op(op.i32GeS)
                .if(() => {
                  f.get(marks).i32(LINE_LOG).op(op.i32ShrU).call(touch);
                  f.i32(1).get(end).op(op.i32Shl).i32(1).get(byte).op(op.i32Shl, op.i32Sub).set(mask);
                  f.get(marks).get(marks).memory(access.i32Load8U, at.work).get(mask).op(op.i32Or);
                  f.i32(0)
                    .get(mask)
                    .get(initialised)
                    .op(op.select, op.i32Xor)
                    .memory(access.i32Store8, at.work);
                });
              f.loop((next) => {
                f.get(image).get(byte).op(op.i32Add).i32(0).memory(access.i32Store8, at.work);
                f.get(byte).i32(1).op(op.i32Add).tee(byte).get(end).op(op.i32LtU).brIf(next);
              });
            });
        });
      f.get(address).i64(-8n).op(op.i64And).i64(8n).op(op.i64Add).set(address);
      f.br(again);
    });
  });
}
