/**
 * The set of visited states, as generated code: tree compression in the manner of LTSmin, with incremental interning.
 *
 * The lines of a state are the leaves of a tree (tree.ts). A leaf is interned as its 16 bytes, an inner node as the ids of
 * its four children (0: no child), also 16 bytes; all share one arena of nodes and one index. The root is
 * interned apart, in the arena of states, whose order is the order of discovery. Equal ids mean equal subtrees, so nothing
 * is ever lost or merged. Four children instead of LTSmin's two halve the look-ups of a step that changes one line.
 *
 * Source: Laarman, van de Pol, Weber, "Parallel Recursive State Compression for Free" (SPIN 2011).
 */

import {
  CHUNK_BYTES,
  LINE_LOG,
  LINKS_PER_CHUNK_LOG,
  type MemoryLayout,
  NODES_PER_CHUNK_LOG,
} from './layout.ts';
import type { TreeShape } from './tree.ts';
import { addDecode, addInsert, addInsertWhole, addRestore } from './treeCode.ts';
import { access, type Body, type Func, type Global, type ModuleBuilder, op } from './wasm.ts';

export interface StoreGlobals {
  /** Nodes have the ids 1 .. nodeCount, states the numbers 0 .. stateCount - 1. */
  readonly nodeCount: Global;
  readonly stateCount: Global;
  /** More states are refused. */
  readonly stateLimit: Global;
  /** Linear address and (size - 1) of the open-addressing indices. */
  readonly nodeIndex: Global;
  readonly nodeMask: Global;
  readonly stateIndex: Global;
  readonly stateMask: Global;
  /** Counts up to which there is room. */
  readonly nodeRoom: Global;
  readonly stateRoom: Global;
}

export interface StoreCode {
  /** () -> 1 if there is room for one more state and all its nodes. */
  readonly hasRoom: Func;
  /** (first line, end line, parent, via) -> `inserted`; compares the written lines and those of the range with the base. */
  readonly insert: Func;
  /** (first line, end line): makes the working state the base state again. */
  readonly restore: Func;
  /** (state): makes it the working and the base state. */
  readonly decode: Func;
  readonly stateCount: Global;
}

export const inserted = { known: 0, fresh: 1, refused: 2 } as const;

/** An entry of an index is an id (for states, the number plus 1; 0 is free) with some bits of the hash above it. */
export const ID_BITS = 28;
const TAG_MASK = -1 << ID_BITS;

export function addStore(
  module: ModuleBuilder,
  at: MemoryLayout,
  shape: TreeShape,
  dirtyCount: Global,
): StoreCode {
  const globals: StoreGlobals = {
    nodeCount: module.global('i32', 'nodeCount'),
    stateCount: module.global('i32', 'stateCount'),
    stateLimit: module.global('i32', 'stateLimit'),
    nodeIndex: module.global('i32', 'nodeIndex'),
    nodeMask: module.global('i32', 'nodeMask'),
    stateIndex: module.global('i32', 'stateIndex'),
    stateMask: module.global('i32', 'stateMask'),
    nodeRoom: module.global('i32', 'nodeRoom'),
    stateRoom: module.global('i32', 'stateRoom'),
  };
  const intern = addIntern(module, at, globals);
  const internState = addInternState(module, at, globals);
  const tree = { module, at, shape, intern, internState, dirtyCount };
  const code: StoreCode = {
    hasRoom: addHasRoom(module, shape, globals),
    insert: addInsert(tree),
    restore: addRestore(tree),
    decode: addDecode(tree),
    stateCount: globals.stateCount,
  };
  module.export('hasRoom', code.hasRoom);
  module.export('insertWhole', addInsertWhole(tree));
  module.export('decode', code.decode);
  module.export(
    'rehashNodes',
    addRehash(module, at.nodeChunks, globals.nodeCount, globals.nodeIndex, globals.nodeMask),
  );
  module.export(
    'rehashStates',
    addRehash(module, at.stateChunks, globals.stateCount, globals.stateIndex, globals.stateMask),
  );
  return code;
}

/** Pushes the linear address of entry `id` of an arena of 16-byte entries. */
export function pushEntry(f: Body, chunks: number, id: number): Body {
  f.get(id).i32(NODES_PER_CHUNK_LOG).op(op.i32ShrU).i32(2).op(op.i32Shl).memory(access.i32Load, chunks);
  return f
    .get(id)
    .i32((1 << NODES_PER_CHUNK_LOG) - 1)
    .op(op.i32And)
    .i32(LINE_LOG)
    .op(op.i32Shl, op.i32Add);
}

// ---------------------------------------------------------------- indices

/** Leaves the place to look first in `slot` and the tag in `tag`. Ids are dense and alike: every bit must count everywhere. */
function emitHash(f: Body, low: number, high: number, slot: number, tag: number): void {
  const hash = f.local('i64');
  f.get(low).i64(0x9e3779b97f4a7c15n).op(op.i64Mul).set(hash);
  f.get(hash)
    .get(hash)
    .i64(32n)
    .op(op.i64ShrU, op.i64Xor)
    .get(high)
    .op(op.i64Add)
    .i64(0xd6e8feb86659fd93n)
    .op(op.i64Mul)
    .set(hash);
  f.get(hash).get(hash).i64(32n).op(op.i64ShrU, op.i64Xor).i64(0xff51afd7ed558ccdn).op(op.i64Mul).tee(hash);
  f.i64(32n).op(op.i64ShrU, op.i32WrapI64).set(slot);
  f.get(hash).op(op.i32WrapI64).i32(TAG_MASK).op(op.i32And).set(tag);
}

/** Pushes the linear address of index entry `slot`. */
function pushSlot(f: Body, slot: number, index: Global, mask: Global): Body {
  return f.get(slot).getGlobal(mask).op(op.i32And).i32(2).op(op.i32Shl).getGlobal(index).op(op.i32Add);
}

/** Emits a look-up: `isFree` must leave the function, and so must `found`, which gets the id in the local `id`. */
function emitProbe(
  f: Body,
  low: number,
  high: number,
  table: ProbedTable,
  isFree: (place: ProbePlace) => void,
  found: (place: ProbePlace) => void,
): void {
  const place: ProbePlace = {
    slot: f.local('i32'),
    tag: f.local('i32'),
    entry: f.local('i32'),
    id: f.local('i32'),
    record: f.local('i32'),
  };
  const { slot, tag, entry, id, record } = place;
  emitHash(f, low, high, slot, tag);
  f.loop((again) => {
    pushSlot(f, slot, table.index, table.mask)
      .tee(entry)
      .memory(access.i32Load)
      .tee(id)
      .op(op.i32Eqz)
      .if(() => isFree(place));
    f.get(slot).i32(1).op(op.i32Add).set(slot);
    f.get(id).i32(TAG_MASK).op(op.i32And).get(tag).op(op.i32Ne).brIf(again);
    f.get(id).i32(~TAG_MASK).op(op.i32And).set(id);
    pushEntry(f, table.chunks, id).tee(record).memory(access.i64Load).get(low).op(op.i64Ne).brIf(again);
    f.get(record).memory(access.i64Load, 8).get(high).op(op.i64Ne).brIf(again);
    found(place);
  });
  f.op(op.unreachable);
}

interface ProbedTable {
  readonly index: Global;
  readonly mask: Global;
  readonly chunks: number;
}

/** Locals of a look-up. */
interface ProbePlace {
  readonly slot: number;
  readonly tag: number;
  readonly entry: number;
  readonly id: number;
  readonly record: number;
}

/** Puts the id into the free index entry and the pair into the arena. */
function emitEntry(
  f: Body,
  low: number,
  high: number,
  chunks: number,
  { entry, id, tag, record }: ProbePlace,
): void {
  f.get(entry).get(id).get(tag).op(op.i32Or).memory(access.i32Store);
  pushEntry(f, chunks, id).tee(record).get(low).memory(access.i64Store);
  f.get(record).get(high).memory(access.i64Store, 8);
}

/** (low i64, high i64) -> id. There must be room. */
function addIntern(module: ModuleBuilder, at: MemoryLayout, globals: StoreGlobals): Func {
  return module.func(['i64', 'i64'], 'i32', (f) => {
    emitProbe(
      f,
      0,
      1,
      { index: globals.nodeIndex, mask: globals.nodeMask, chunks: at.nodeChunks },
      (place) => {
        f.getGlobal(globals.nodeCount).i32(1).op(op.i32Add).tee(place.id).setGlobal(globals.nodeCount);
        emitEntry(f, 0, 1, at.nodeChunks, place);
        f.get(place.id).ret();
      },
      ({ id }) => f.get(id).ret(),
    );
  });
}

/** (low i64, high i64, parent, via) -> `inserted`. Entry 0 of the arena is free, as for nodes: state s is entry s + 1. */
function addInternState(module: ModuleBuilder, at: MemoryLayout, globals: StoreGlobals): Func {
  const parent = 2;
  const via = 3;
  return module.func(['i64', 'i64', 'i32', 'i32'], 'i32', (f) => {
    const link = f.local('i32');
    emitProbe(
      f,
      0,
      1,
      { index: globals.stateIndex, mask: globals.stateMask, chunks: at.stateChunks },
      (place) => {
        f.getGlobal(globals.stateCount)
          .getGlobal(globals.stateLimit)
          .op(op.i32GeU)
          .if(() => f.i32(inserted.refused).ret());
        f.getGlobal(globals.stateCount).i32(1).op(op.i32Add).tee(place.id).setGlobal(globals.stateCount);
        emitEntry(f, 0, 1, at.stateChunks, place);
        f.get(place.id)
          .i32(LINKS_PER_CHUNK_LOG)
          .op(op.i32ShrU)
          .i32(2)
          .op(op.i32Shl)
          .memory(access.i32Load, at.linkChunks);
        f.get(place.id)
          .i32((1 << LINKS_PER_CHUNK_LOG) - 1)
          .op(op.i32And)
          .i32(3)
          .op(op.i32Shl, op.i32Add)
          .tee(link);
        f.get(parent).memory(access.i32Store);
        f.get(link).get(via).memory(access.i32Store, 4);
        f.i32(inserted.fresh).ret();
      },
      () => f.i32(inserted.known).ret(),
    );
  });
}

/** () : fills an empty index with everything in the arena. */
function addRehash(module: ModuleBuilder, chunks: number, count: Global, index: Global, mask: Global): Func {
  return module.func([], null, (f) => {
    const id = f.local('i32');
    const record = f.local('i32');
    const low = f.local('i64');
    const high = f.local('i64');
    const slot = f.local('i32');
    const tag = f.local('i32');
    const entry = f.local('i32');
    f.block((done) => {
      f.loop((next) => {
        f.get(id).i32(1).op(op.i32Add).tee(id).getGlobal(count).op(op.i32GtU).brIf(done);
        pushEntry(f, chunks, id).tee(record).memory(access.i64Load).set(low);
        f.get(record).memory(access.i64Load, 8).set(high);
        emitHash(f, low, high, slot, tag);
        f.loop((again) => {
          pushSlot(f, slot, index, mask).set(entry);
          f.get(slot).i32(1).op(op.i32Add).set(slot);
          f.get(entry).memory(access.i32Load).brIf(again);
        });
        f.get(entry).get(id).get(tag).op(op.i32Or).memory(access.i32Store).br(next);
      });
    });
  });
}

/** A state adds at most a node for each line and each inner position. */
function addHasRoom(module: ModuleBuilder, shape: TreeShape, globals: StoreGlobals): Func {
  return module.func([], 'i32', (f) => {
    f.getGlobal(globals.nodeCount)
      .i32(shape.lines + shape.inner)
      .op(op.i32Add)
      .getGlobal(globals.nodeRoom)
      .op(op.i32LeU);
    f.getGlobal(globals.stateCount).getGlobal(globals.stateRoom).op(op.i32LtU, op.i32And);
  });
}

/** Bytes from a chunk's start to a state's link, and which chunk; for reading traces from outside. */
export function linkPlace(state: number): { readonly chunk: number; readonly offset: number } {
  const id = state + 1;
  return { chunk: id >>> LINKS_PER_CHUNK_LOG, offset: (id & ((CHUNK_BYTES >> 3) - 1)) * 8 };
}
