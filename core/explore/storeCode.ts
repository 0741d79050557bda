/**
 * The set of visited states, as generated code: LTSmin's tree compression with incremental interning.
 *
 * The granules of a state are the leaves of a binary tree, laid out like a heap: position 1 is the root, position p has the
 * children 2p and 2p + 1, granule g is position `granules` + g. A leaf is interned as its 64-bit value, an inner node as the
 * pair of its children's ids; all share one arena of pairs and one index. The root's pair is interned apart, in the arena of
 * states, whose order is the order of discovery. Equal ids mean equal subtrees, so nothing is ever lost or merged.
 *
 * Source: Laarman, van de Pol, Weber, "Parallel Recursive State Compression for Free" (SPIN 2011).
 */

import { CHUNK_BYTES, GRANULE, type MemoryLayout, NODES_PER_CHUNK_LOG, STATES_PER_CHUNK_LOG } from './layout.ts';
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
  /** How many more nodes and states there is room for is checked against these before each insertion. */
  readonly nodeRoom: Global;
  readonly stateRoom: Global;
}

export interface StoreCode {
  readonly globals: StoreGlobals;
  /** () -> 1 if there is room for one more state and all its nodes. */
  readonly hasRoom: Func;
  /** (first granule, end granule, parent, via) -> `inserted`; compares the written granules and those of the range with the base. */
  readonly insert: Func;
  /** (parent, via) -> `inserted`; takes the whole working state. */
  readonly insertWhole: Func;
  /** (state): makes it the working and the base state. */
  readonly decode: Func;
  /** (first granule, end granule): makes the working state the base state again. */
  readonly restore: Func;
}

export const inserted = { known: 0, fresh: 1, refused: 2 } as const;

/** Bytes of a node, and of a state: the root's pair, the parent's number, how it was reached. */
const NODE_BYTES = 8;
const STATE_BYTES = 16;

export function addStore(module: ModuleBuilder, at: MemoryLayout, granules: number, dirtyCount: Global): StoreCode {
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
  const hash = addHash(module);
  const intern = addIntern(module, at, globals, hash);
  const internState = addInternState(module, at, globals, hash);
  const code: StoreCode = {
    globals,
    hasRoom: addHasRoom(module, granules, globals),
    insert: addInsert(module, at, granules, dirtyCount, intern, internState),
    insertWhole: addInsertWhole(module, at, granules, intern, internState),
    decode: addDecode(module, at, granules),
    restore: addRestore(module, at, dirtyCount),
  };
  module.export('decode', code.decode);
  module.export('insertWhole', code.insertWhole);
  module.export('hasRoom', code.hasRoom);
  module.export('rehashNodes', addRehash(module, hash, {
    first: 1, count: globals.nodeCount, index: globals.nodeIndex, mask: globals.nodeMask, stored: 0,
    push: (f, id) => pushNodeAddress(f, at, id),
  }));
  module.export('rehashStates', addRehash(module, hash, {
    first: 0, count: globals.stateCount, index: globals.stateIndex, mask: globals.stateMask, stored: 1,
    push: (f, id) => pushStateAddress(f, at, id),
  }));
  return code;
}

/** Linear address of a state's record, as the module computes it; for reading traces from outside. */
export function stateRecordAddress(chunks: ArrayLike<number>, state: number): number {
  return (chunks[state >>> STATES_PER_CHUNK_LOG] ?? 0) + (state & ((1 << STATES_PER_CHUNK_LOG) - 1)) * STATE_BYTES;
}

// ---------------------------------------------------------------- arenas

function pushNodeAddress(f: Body, at: MemoryLayout, id: number): Body {
  f.get(id).i32(NODES_PER_CHUNK_LOG).op(op.i32ShrU).i32(2).op(op.i32Shl).memory(access.i32Load, at.nodeChunks);
  return f.get(id).i32(CHUNK_BYTES / NODE_BYTES - 1).op(op.i32And).i32(3).op(op.i32Shl, op.i32Add);
}

function pushStateAddress(f: Body, at: MemoryLayout, state: number): Body {
  f.get(state).i32(STATES_PER_CHUNK_LOG).op(op.i32ShrU).i32(2).op(op.i32Shl).memory(access.i32Load, at.stateChunks);
  return f.get(state).i32(CHUNK_BYTES / STATE_BYTES - 1).op(op.i32And).i32(4).op(op.i32Shl, op.i32Add);
}

/** Two rounds of multiply and fold: ids are dense and alike, and must spread over the whole index. */
function addHash(module: ModuleBuilder): Func {
  return module.func(['i64'], 'i32', (f) => {
    f.get(0).i64(0x9e3779b97f4a7c15n).op(op.i64Mul).set(0);
    f.get(0).get(0).i64(32n).op(op.i64ShrU, op.i64Xor).i64(0xd6e8feb86659fd93n).op(op.i64Mul).set(0);
    f.get(0).i64(32n).op(op.i64ShrU, op.i32WrapI64);
  });
}

/** (pair i64) -> id. There must be room. */
function addIntern(module: ModuleBuilder, at: MemoryLayout, globals: StoreGlobals, hash: Func): Func {
  const pair = 0;
  return module.func(['i64'], 'i32', (f) => {
    const slot = f.local('i32');
    const entry = f.local('i32');
    const id = f.local('i32');
    f.get(pair).call(hash).set(slot);
    f.loop((again) => {
      f.get(slot).getGlobal(globals.nodeMask).op(op.i32And).i32(2).op(op.i32Shl).getGlobal(globals.nodeIndex).op(op.i32Add).tee(entry);
      f.memory(access.i32Load).tee(id).op(op.i32Eqz).if(() => {
        f.getGlobal(globals.nodeCount).i32(1).op(op.i32Add).tee(id).setGlobal(globals.nodeCount);
        f.get(entry).get(id).memory(access.i32Store);
        pushNodeAddress(f, at, id).get(pair).memory(access.i64Store);
        f.get(id).ret();
      });
      pushNodeAddress(f, at, id).memory(access.i64Load).get(pair).op(op.i64Eq).if(() => f.get(id).ret());
      f.get(slot).i32(1).op(op.i32Add).set(slot).br(again);
    });
    f.op(op.unreachable);
  });
}

/** (pair i64, parent, via) -> `inserted`. */
function addInternState(module: ModuleBuilder, at: MemoryLayout, globals: StoreGlobals, hash: Func): Func {
  const pair = 0;
  const parent = 1;
  const via = 2;
  return module.func(['i64', 'i32', 'i32'], 'i32', (f) => {
    const slot = f.local('i32');
    const entry = f.local('i32');
    const state = f.local('i32');
    const record = f.local('i32');
    f.get(pair).call(hash).set(slot);
    f.loop((again) => {
      f.get(slot).getGlobal(globals.stateMask).op(op.i32And).i32(2).op(op.i32Shl).getGlobal(globals.stateIndex).op(op.i32Add).tee(entry);
      f.memory(access.i32Load).tee(state).op(op.i32Eqz).if(() => {
        f.getGlobal(globals.stateCount).tee(state).getGlobal(globals.stateLimit).op(op.i32GeU).if(() => f.i32(inserted.refused).ret());
        f.get(state).i32(1).op(op.i32Add).setGlobal(globals.stateCount);
        f.get(entry).get(state).i32(1).op(op.i32Add).memory(access.i32Store);
        pushStateAddress(f, at, state).tee(record).get(pair).memory(access.i64Store);
        f.get(record).get(parent).memory(access.i32Store, 8);
        f.get(record).get(via).memory(access.i32Store, 12);
        f.i32(inserted.fresh).ret();
      });
      // Entries are numbers plus one, so that 0 means free.
      f.get(state).i32(1).op(op.i32Sub).set(state);
      pushStateAddress(f, at, state).memory(access.i64Load).get(pair).op(op.i64Eq).if(() => f.i32(inserted.known).ret());
      f.get(slot).i32(1).op(op.i32Add).set(slot).br(again);
    });
    f.op(op.unreachable);
  });
}

interface Rehash {
  readonly first: number;
  readonly count: Global;
  readonly index: Global;
  readonly mask: Global;
  /** What is added to an id in the index. */
  readonly stored: number;
  readonly push: (f: Body, id: number) => Body;
}

/** () : fills an empty index with everything in the arena. */
function addRehash(module: ModuleBuilder, hash: Func, { first, count, index, mask, stored, push }: Rehash): Func {
  return module.func([], null, (f) => {
    const id = f.local('i32');
    const slot = f.local('i32');
    const entry = f.local('i32');
    f.i32(first).set(id);
    f.block((done) => {
      f.loop((next) => {
        f.get(id).getGlobal(count).i32(first).op(op.i32Add, op.i32GeU).brIf(done);
        push(f, id).memory(access.i64Load).call(hash).set(slot);
        f.loop((again) => {
          f.get(slot).getGlobal(mask).op(op.i32And).i32(2).op(op.i32Shl).getGlobal(index).op(op.i32Add).tee(entry);
          f.get(slot).i32(1).op(op.i32Add).set(slot);
          f.memory(access.i32Load).brIf(again);
        });
        f.get(entry).get(id).i32(stored).op(op.i32Add).memory(access.i32Store);
        f.get(id).i32(1).op(op.i32Add).set(id).br(next);
      });
    });
  });
}

/** A state adds at most a node for each tree position. */
function addHasRoom(module: ModuleBuilder, granules: number, globals: StoreGlobals): Func {
  return module.func([], 'i32', (f) => {
    f.getGlobal(globals.nodeCount).i32(2 * granules + 1).op(op.i32Add).getGlobal(globals.nodeRoom).op(op.i32LeU);
    f.getGlobal(globals.stateCount).getGlobal(globals.stateRoom).op(op.i32LtU, op.i32And);
  });
}

// ---------------------------------------------------------------- insertion

function addInsert(module: ModuleBuilder, at: MemoryLayout, granules: number, dirtyCount: Global, intern: Func, internState: Func): Func {
  const first = 0;
  const end = 1;
  const parent = 2;
  const via = 3;
  const leaf = addLeaf(module, at, granules, intern);
  return module.func(['i32', 'i32', 'i32', 'i32'], 'i32', (f) => {
    const changed = f.local('i32');
    const i = f.local('i32');
    const word = f.local('i32');
    const bits = f.local('i64');
    const position = f.local('i32');
    const result = f.local('i32');
    f.block((done) => {
      f.loop((next) => {
        f.get(i).getGlobal(dirtyCount).op(op.i32GeU).brIf(done);
        f.get(i).i32(2).op(op.i32Shl).memory(access.i32Load, at.dirty).get(changed).call(leaf).set(changed);
        f.get(i).i32(1).op(op.i32Add).set(i).br(next);
      });
    });
    f.block((done) => {
      f.loop((next) => {
        f.get(first).get(end).op(op.i32GeU).brIf(done);
        f.get(first).get(changed).call(leaf).set(changed);
        f.get(first).i32(1).op(op.i32Add).set(first).br(next);
      });
    });
    f.get(changed).op(op.i32Eqz).if(() => f.i32(inserted.known).ret());

    // Parents have smaller positions than their children, so the highest pending position is ready.
    f.i32((granules - 1) >> 6).set(word);
    f.block((done) => {
      f.loop((nextWord) => {
        f.loop((nextBit) => {
          f.get(word).i32(3).op(op.i32Shl).memory(access.i64Load, at.pending).tee(bits).i64(0n).op(op.i64Ne).if(() => {
            f.i32(63).get(bits).op(op.i64Clz, op.i32WrapI64, op.i32Sub).set(position);
            f.get(word).i32(3).op(op.i32Shl);
            f.get(bits).i64(1n).get(position).op(op.i64ExtendI32U, op.i64Shl, op.i64Xor).memory(access.i64Store, at.pending);
            f.get(word).i32(6).op(op.i32Shl).get(position).op(op.i32Or).tee(position).i32(1).op(op.i32Eq).brIf(done);
            f.get(position).i32(2).op(op.i32Shl);
            pushChildren(f, at, position);
            f.call(intern).memory(access.i32Store, at.ids);
            noteChanged(f, at, changed, position);
            setPending(f, at, position);
            f.br(nextBit);
          });
        });
        f.get(word).i32(1).op(op.i32Sub).set(word).br(nextWord);
      });
    });
    f.i32(1).set(position);
    pushChildren(f, at, position);
    f.get(parent).get(via).call(internState).set(result);

    f.loop((next) => {
      f.get(changed).i32(1).op(op.i32Sub).tee(changed).i32(2).op(op.i32Shl).memory(access.i32Load, at.changed).i32(2).op(op.i32Shl).tee(position);
      f.get(position).memory(access.i32Load, at.baseIds).memory(access.i32Store, at.ids);
      f.get(changed).brIf(next);
    });
    f.get(result);
  });
}

/** (granule, changed) -> changed: interns the granule if it differs from the base. */
function addLeaf(module: ModuleBuilder, at: MemoryLayout, granules: number, intern: Func): Func {
  const granule = 0;
  const changed = 1;
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const offset = f.local('i32');
    const value = f.local('i64');
    const position = f.local('i32');
    f.get(granule).i32(3).op(op.i32Shl).tee(offset).memory(access.i64Load, at.work).tee(value);
    f.get(offset).memory(access.i64Load, at.base).op(op.i64Eq).if(() => f.get(changed).ret());
    f.get(granule).i32(granules).op(op.i32Add).tee(position).i32(2).op(op.i32Shl).get(value).call(intern).memory(access.i32Store, at.ids);
    noteChanged(f, at, changed, position);
    setPending(f, at, position);
    f.get(changed);
  });
}

/** Pushes the pair of a position's children, an i64. */
function pushChildren(f: Body, at: MemoryLayout, position: number): void {
  f.get(position).i32(3).op(op.i32Shl).memory(access.i64Load, at.ids);
}

function noteChanged(f: Body, at: MemoryLayout, changed: number, position: number): void {
  f.get(changed).i32(2).op(op.i32Shl).get(position).memory(access.i32Store, at.changed);
  f.get(changed).i32(1).op(op.i32Add).set(changed);
}

/** Marks the parent of a position. */
function setPending(f: Body, at: MemoryLayout, position: number): void {
  f.get(position).i32(7).op(op.i32ShrU).i32(3).op(op.i32Shl);
  f.get(position).i32(7).op(op.i32ShrU).i32(3).op(op.i32Shl).memory(access.i64Load, at.pending);
  f.i64(1n).get(position).i32(1).op(op.i32ShrU, op.i64ExtendI32U, op.i64Shl, op.i64Or).memory(access.i64Store, at.pending);
}

function addInsertWhole(module: ModuleBuilder, at: MemoryLayout, granules: number, intern: Func, internState: Func): Func {
  const parent = 0;
  const via = 1;
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const position = f.local('i32');
    const value = f.local('i64');
    const result = f.local('i32');
    f.i32(2 * granules - 1).set(position);
    f.loop((next) => {
      f.get(position).i32(2).op(op.i32Shl);
      f.get(position).i32(granules).op(op.i32GeU);
      // Leaves stand behind the inner positions.
      f.if(
        () => f.get(position).i32(granules).op(op.i32Sub).i32(3).op(op.i32Shl).memory(access.i64Load, at.work).set(value),
        () => {
          pushChildren(f, at, position);
          f.set(value);
        },
      );
      f.get(value).call(intern).memory(access.i32Store, at.ids);
      f.get(position).i32(1).op(op.i32Sub).tee(position).i32(1).op(op.i32GtU).brIf(next);
    });
    f.i32(1).set(position);
    pushChildren(f, at, position);
    f.get(parent).get(via).call(internState).set(result);
    f.i32(at.ids).i32(at.baseIds).i32(granules * 8).copyMemory();
    f.get(result);
  });
}

// ---------------------------------------------------------------- decoding

/** Walks only into subtrees whose ids differ from those of the present base. */
function addDecode(module: ModuleBuilder, at: MemoryLayout, granules: number): Func {
  const state = 0;
  return module.func(['i32'], null, (f) => {
    const stack = f.local('i32');
    const position = f.local('i32');
    const id = f.local('i32');
    const value = f.local('i64');
    const offset = f.local('i32');
    // The stack holds (position, id); a pair of children takes two places.
    const pushPair = (): void => {
      f.get(stack).get(position).i32(1).op(op.i32Shl).memory(access.i32Store, at.decodeStack);
      f.get(stack).get(value).op(op.i32WrapI64).memory(access.i32Store, at.decodeStack + 4);
      f.get(stack).get(position).i32(1).op(op.i32Shl).i32(1).op(op.i32Or).memory(access.i32Store, at.decodeStack + 8);
      f.get(stack).get(value).i64(32n).op(op.i64ShrU, op.i32WrapI64).memory(access.i32Store, at.decodeStack + 12);
      f.get(stack).i32(16).op(op.i32Add).set(stack);
    };
    pushStateAddress(f, at, state).memory(access.i64Load).set(value);
    f.i32(1).set(position);
    pushPair();
    f.block((done) => {
      f.loop((next) => {
        f.get(stack).op(op.i32Eqz).brIf(done);
        f.get(stack).i32(8).op(op.i32Sub).tee(stack).memory(access.i32Load, at.decodeStack).set(position);
        f.get(stack).memory(access.i32Load, at.decodeStack + 4).set(id);
        f.get(position).i32(2).op(op.i32Shl).tee(offset).memory(access.i32Load, at.ids).get(id).op(op.i32Eq).brIf(next);
        f.get(offset).get(id).memory(access.i32Store, at.ids);
        f.get(offset).get(id).memory(access.i32Store, at.baseIds);
        pushNodeAddress(f, at, id).memory(access.i64Load).set(value);
        f.get(position).i32(granules).op(op.i32GeU).if(
          () => {
            f.get(position).i32(granules).op(op.i32Sub).i32(3).op(op.i32Shl).tee(offset).get(value).memory(access.i64Store, at.work);
            f.get(offset).get(value).memory(access.i64Store, at.base);
          },
          pushPair,
        );
        f.br(next);
      });
    });
  });
}

function addRestore(module: ModuleBuilder, at: MemoryLayout, dirtyCount: Global): Func {
  const first = 0;
  const end = 1;
  return module.func(['i32', 'i32'], null, (f) => {
    const i = f.local('i32');
    const offset = f.local('i32');
    const copy = (): void => {
      f.get(offset).get(offset).memory(access.i64Load, at.base).memory(access.i64Store, at.work);
    };
    f.block((done) => {
      f.loop((next) => {
        f.get(i).getGlobal(dirtyCount).op(op.i32GeU).brIf(done);
        f.get(i).i32(2).op(op.i32Shl).memory(access.i32Load, at.dirty).i32(3).op(op.i32Shl).set(offset);
        copy();
        f.get(i).i32(1).op(op.i32Add).set(i).br(next);
      });
    });
    f.block((done) => {
      f.loop((next) => {
        f.get(first).get(end).op(op.i32GeU).brIf(done);
        f.get(first).i32(GRANULE).op(op.i32Mul).set(offset);
        copy();
        f.get(first).i32(1).op(op.i32Add).set(first).br(next);
      });
    });
  });
}
