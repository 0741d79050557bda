/** Taking states apart and together: insertion of what changed, decoding of what differs, restoring. See storeCode.ts. */

import { LINE, LINE_LOG, type MemoryLayout } from './layout.ts';
import { inserted, pushEntry } from './storeCode.ts';
import { positionsOf, type TreeShape } from './tree.ts';
import { access, type Body, type Func, type Global, type ModuleBuilder, op } from './wasm.ts';

export interface Tree {
  readonly module: ModuleBuilder;
  readonly at: MemoryLayout;
  readonly shape: TreeShape;
  /** (low i64, high i64) -> id. */
  readonly intern: Func;
  /** (low i64, high i64, parent, via) -> `inserted`. */
  readonly internState: Func;
  readonly dirtyCount: Global;
}

/** (first line, end line, parent, via) -> `inserted`. The ids are those of the base again afterwards. */
export function addInsert(tree: Tree): Func {
  const { module, at, shape, intern, internState, dirtyCount } = tree;
  const first = 0;
  const end = 1;
  const parent = 2;
  const via = 3;
  const leaf = addLeaf(tree);
  return module.func(['i32', 'i32', 'i32', 'i32'], 'i32', (f) => {
    const changed = f.local('i32');
    const i = f.local('i32');
    const word = f.local('i32');
    const bits = f.local('i64');
    const inner = f.local('i32');
    const position = f.local('i32');
    const result = f.local('i32');
    eachLine(f, at, dirtyCount, i, first, end, (push) => {
      push();
      f.get(changed).call(leaf).set(changed);
    });
    f.get(changed)
      .op(op.i32Eqz)
      .if(() => f.i32(inserted.known).ret());

    // Parents have smaller numbers than their children, so the highest pending one is ready.
    f.i32((shape.inner - 1) >> 6).set(word);
    f.block((done) => {
      f.loop((nextWord) => {
        f.loop((nextBit) => {
          f.get(word)
            .i32(3)
            .op(op.i32Shl)
            .memory(access.i64Load, at.pending)
            .tee(bits)
            .i64(0n)
            .op(op.i64Ne)
            .if(() => {
              f.i32(63).get(bits).op(op.i64Clz, op.i32WrapI64, op.i32Sub).set(inner);
              f.get(word).i32(3).op(op.i32Shl);
              f.get(bits)
                .i64(1n)
                .get(inner)
                .op(op.i64ExtendI32U, op.i64Shl, op.i64Xor)
                .memory(access.i64Store, at.pending);
              f.get(word).i32(6).op(op.i32Shl).get(inner).op(op.i32Or).tee(inner).op(op.i32Eqz).brIf(done);
              f.get(inner)
                .i32(2)
                .op(op.i32Shl)
                .memory(access.i32Load, at.innerAt)
                .tee(position)
                .i32(2)
                .op(op.i32Shl);
              pushChildren(f, at, inner);
              f.call(intern).memory(access.i32Store, at.ids);
              noteChanged(f, at, changed, position);
              setPending(f, at, position);
              f.br(nextBit);
            });
        });
        f.get(word).i32(1).op(op.i32Sub).set(word).br(nextWord);
      });
    });
    pushChildren(f, at, inner);
    f.get(parent).get(via).call(internState).set(result);

    f.loop((next) => {
      f.get(changed)
        .i32(1)
        .op(op.i32Sub)
        .tee(changed)
        .i32(2)
        .op(op.i32Shl)
        .memory(access.i32Load, at.changed)
        .i32(2)
        .op(op.i32Shl)
        .tee(position);
      f.get(position).memory(access.i32Load, at.baseIds).memory(access.i32Store, at.ids);
      f.get(changed).brIf(next);
    });
    f.get(result);
  });
}

/** (line, changed) -> changed: interns the line if it differs from the base. */
function addLeaf({ module, at, intern }: Tree): Func {
  const line = 0;
  const changed = 1;
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const offset = f.local('i32');
    const low = f.local('i64');
    const high = f.local('i64');
    const position = f.local('i32');
    f.get(line).i32(LINE_LOG).op(op.i32Shl).tee(offset).memory(access.i64Load, at.work).tee(low);
    f.get(offset).memory(access.i64Load, at.base).op(op.i64Eq);
    f.get(offset)
      .memory(access.i64Load, at.work + 8)
      .tee(high)
      .get(offset)
      .memory(access.i64Load, at.base + 8)
      .op(op.i64Eq, op.i32And)
      .if(() => {
        f.get(changed).ret();
      });
    f.get(line).i32(2).op(op.i32Shl).memory(access.i32Load, at.lineAt).tee(position).i32(2).op(op.i32Shl);
    f.get(low).get(high).call(intern).memory(access.i32Store, at.ids);
    noteChanged(f, at, changed, position);
    setPending(f, at, position);
    f.get(changed);
  });
}

/** (parent, via) -> `inserted`: interns the whole working state, which need not descend from the base. */
export function addInsertWhole({ module, at, shape, intern, internState }: Tree): Func {
  const parent = 0;
  const via = 1;
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const line = f.local('i32');
    const offset = f.local('i32');
    const inner = f.local('i32');
    const result = f.local('i32');
    f.loop((next) => {
      f.get(line).i32(2).op(op.i32Shl).memory(access.i32Load, at.lineAt).i32(2).op(op.i32Shl);
      f.get(line).i32(LINE_LOG).op(op.i32Shl).tee(offset).memory(access.i64Load, at.work);
      f.get(offset)
        .memory(access.i64Load, at.work + 8)
        .call(intern)
        .memory(access.i32Store, at.ids);
      f.get(line).i32(1).op(op.i32Add).tee(line).i32(shape.lines).op(op.i32LtU).brIf(next);
    });
    f.i32(shape.inner - 1).set(inner);
    f.block((done) => {
      f.loop((next) => {
        f.get(inner).op(op.i32Eqz).brIf(done);
        f.get(inner).i32(2).op(op.i32Shl).memory(access.i32Load, at.innerAt).i32(2).op(op.i32Shl);
        pushChildren(f, at, inner);
        f.call(intern).memory(access.i32Store, at.ids);
        f.get(inner).i32(1).op(op.i32Sub).set(inner).br(next);
      });
    });
    pushChildren(f, at, inner);
    f.get(parent).get(via).call(internState).set(result);
    f.i32(at.ids)
      .i32(at.baseIds)
      .i32(positionsOf(shape.inner) * 4)
      .copyMemory();
    f.get(result);
  });
}

/** (state): makes it the working and the base state; walks only into subtrees whose ids differ from those of the present base. */
export function addDecode({ module, at }: Tree): Func {
  const state = 0;
  return module.func(['i32'], null, (f) => {
    const stack = f.local('i32');
    const position = f.local('i32');
    const id = f.local('i32');
    const offset = f.local('i32');
    const record = f.local('i32');
    const node = f.local('i32');
    // The stack holds (position, id). Children that do not exist have id 0, which is also what `ids` says of them.
    const pushRecord = (): void => {
      f.get(node).i32(2).op(op.i32Shl).set(position);
      for (let child = 0; child < 4; child += 1) {
        f.get(stack)
          .get(position)
          .i32(child + 1)
          .op(op.i32Add)
          .memory(access.i32Store, at.decodeStack + 8 * child);
        f.get(stack)
          .get(record)
          .memory(access.i32Load, 4 * child)
          .memory(access.i32Store, at.decodeStack + 8 * child + 4);
      }
      f.get(stack).i32(32).op(op.i32Add).set(stack);
    };
    const copyHalf = (half: number): void => {
      f.get(offset)
        .get(record)
        .memory(access.i64Load, half)
        .memory(access.i64Store, at.work + half);
      f.get(offset)
        .get(record)
        .memory(access.i64Load, half)
        .memory(access.i64Store, at.base + half);
    };
    f.get(state).i32(1).op(op.i32Add).set(id);
    pushEntry(f, at.stateChunks, id).set(record);
    pushRecord();
    f.block((done) => {
      f.loop((next) => {
        f.get(stack).op(op.i32Eqz).brIf(done);
        f.get(stack).i32(8).op(op.i32Sub).tee(stack).memory(access.i32Load, at.decodeStack).set(position);
        f.get(stack)
          .memory(access.i32Load, at.decodeStack + 4)
          .set(id);
        f.get(position)
          .i32(2)
          .op(op.i32Shl)
          .tee(offset)
          .memory(access.i32Load, at.ids)
          .get(id)
          .op(op.i32Eq)
          .brIf(next);
        f.get(offset).get(id).memory(access.i32Store, at.ids);
        f.get(offset).get(id).memory(access.i32Store, at.baseIds);
        pushEntry(f, at.nodeChunks, id).set(record);
        f.get(offset)
          .memory(access.i32Load, at.nodeAt)
          .tee(node)
          .i32(0)
          .op(op.i32LtS)
          .if(() => {
            f.i32(-1).get(node).op(op.i32Sub).i32(LINE_LOG).op(op.i32Shl).set(offset);
            copyHalf(0);
            copyHalf(8);
          }, pushRecord);
        f.br(next);
      });
    });
  });
}

/** (first line, end line): the written lines and those of the range are as in the base again. */
export function addRestore({ module, at, dirtyCount }: Tree): Func {
  const first = 0;
  const end = 1;
  return module.func(['i32', 'i32'], null, (f) => {
    const i = f.local('i32');
    const offset = f.local('i32');
    eachLine(f, at, dirtyCount, i, first, end, (push) => {
      push();
      f.i32(LINE).op(op.i32Mul).set(offset);
      for (const half of [0, 8])
        f.get(offset)
          .get(offset)
          .memory(access.i64Load, at.base + half)
          .memory(access.i64Store, at.work + half);
    });
  });
}

/** Emits `body` for the written lines, then for the lines from local `first` to `end`. */
function eachLine(
  f: Body,
  at: MemoryLayout,
  dirtyCount: Global,
  i: number,
  first: number,
  end: number,
  body: (push: () => void) => void,
): void {
  f.block((done) => {
    f.loop((next) => {
      f.get(i).getGlobal(dirtyCount).op(op.i32GeU).brIf(done);
      body(() => f.get(i).i32(2).op(op.i32Shl).memory(access.i32Load, at.dirty));
      f.get(i).i32(1).op(op.i32Add).set(i).br(next);
    });
  });
  f.block((done) => {
    f.loop((next) => {
      f.get(first).get(end).op(op.i32GeU).brIf(done);
      body(() => f.get(first));
      f.get(first).i32(1).op(op.i32Add).set(first).br(next);
    });
  });
}

/** Pushes the ids of an inner node's four children as two i64. */
function pushChildren(f: Body, at: MemoryLayout, inner: number): void {
  for (const half of [0, 8])
    f.get(inner)
      .i32(LINE_LOG)
      .op(op.i32Shl)
      .memory(access.i64Load, at.ids + 4 + half);
}

function noteChanged(f: Body, at: MemoryLayout, changed: number, position: number): void {
  f.get(changed).i32(2).op(op.i32Shl).get(position).memory(access.i32Store, at.changed);
  f.get(changed).i32(1).op(op.i32Add).set(changed);
}

/** Marks the inner node above a position: bit (position - 1) >> 2. */
function setPending(f: Body, at: MemoryLayout, position: number): void {
  const pushWord = (): Body =>
    f.get(position).i32(1).op(op.i32Sub).i32(8).op(op.i32ShrU).i32(3).op(op.i32Shl);
  pushWord();
  pushWord().memory(access.i64Load, at.pending);
  f.i64(1n)
    .get(position)
    .i32(1)
    .op(op.i32Sub)
    .i32(2)
    .op(op.i32ShrU, op.i64ExtendI32U, op.i64Shl, op.i64Or)
    .memory(access.i64Store, at.pending);
}
