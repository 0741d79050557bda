/** Generated code that finds races: two threads about to touch the same bytes, at least one to write, at least one plainly. */

import type { Context } from './context.ts';
import { pushPc, pushStepArguments } from './expansion.ts';
import { factsOf, parkFact } from './layout.ts';
import { addAccessAddress } from './steps.ts';
import { access, type Body, type Func, type Global, op } from './wasm.ts';

/** Bytes of a record in the table of next accesses: address, end, flags, note. */
const ACCESS_BYTES = 32;

/** () -> number of notes: each race between the next accesses of the enabled threads (an i64 mask); who is lower + 256 * other. */
export function addRaces(context: Context, enabled: Global): Func {
  const { module, globals, program } = context;
  const describe = addDescribeAccess(context);
  return module.func([], 'i32', (f) => {
    const count = f.local('i32');
    const i = f.local('i32');
    const j = f.local('i32');
    for (let thread = 0; thread < program.threads.length; thread += 1) {
      f.getGlobal(enabled)
        .i64(BigInt(thread))
        .op(op.i64ShrU, op.i32WrapI64)
        .i32(1)
        .op(op.i32And)
        .if(() => {
          f.i32(thread).get(count).call(describe).get(count).op(op.i32Add).set(count);
        });
    }
    const outer = (): void => {
      f.get(i).i32(ACCESS_BYTES).op(op.i32Add).set(j);
      f.block((done) => {
        f.loop((next) => {
          f.get(j).get(count).i32(ACCESS_BYTES).op(op.i32Mul, op.i32GeU).brIf(done);
          emitCompare(context, f, i, j);
          f.get(j).i32(ACCESS_BYTES).op(op.i32Add).set(j).br(next);
        });
      });
    };
    f.block((done) => {
      f.loop((next) => {
        f.get(i).get(count).i32(ACCESS_BYTES).op(op.i32Mul, op.i32GeU).brIf(done);
        outer();
        f.get(i).i32(ACCESS_BYTES).op(op.i32Add).set(i).br(next);
      });
    });
    f.getGlobal(globals.noteCount);
  });
}

function emitCompare({ at, helpers }: Context, f: Body, i: number, j: number): void {
  const field = {
    address: at.accesses,
    end: at.accesses + 8,
    flags: at.accesses + 16,
    note: at.accesses + 20,
    thread: at.accesses + 24,
  };
  f.get(i).memory(access.i64Load, field.address).get(j).memory(access.i64Load, field.end).op(op.i64LtU);
  f.get(j)
    .memory(access.i64Load, field.address)
    .get(i)
    .memory(access.i64Load, field.end)
    .op(op.i64LtU, op.i32And);
  f.get(i).memory(access.i32Load, field.flags).get(j).memory(access.i32Load, field.flags).op(op.i32Or);
  f.i32(parkFact.write | parkFact.plain)
    .op(op.i32Eq, op.i32And)
    .if(() => {
      f.get(i).memory(access.i32Load, field.note);
      f.get(i)
        .memory(access.i32Load, field.thread)
        .get(j)
        .memory(access.i32Load, field.thread)
        .i32(8)
        .op(op.i32Shl, op.i32Or);
      f.get(i).memory(access.i64Load, field.address).call(helpers.note);
    });
}

/** (thread, position) -> 1 if the thread stands before an access that may race; then its record is at that position. */
function addDescribeAccess(context: Context): Func {
  const { module, at, program, state, notes } = context;
  const thread = 0;
  const position = 1;
  const field = {
    address: at.accesses,
    end: at.accesses + 8,
    flags: at.accesses + 16,
    note: at.accesses + 20,
    thread: at.accesses + 24,
  };
  const parks = program.codes.flatMap((code, index) => {
    const layout = state.codes[index];
    return layout === undefined ? [] : code.parks.map((park) => ({ park, layout }));
  });
  const addresses = parks.map(({ park, layout }) =>
    park.access === null ? null : addAccessAddress(context, layout, park.access),
  );
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const record = f.local('i32');
    const word = f.local('i32');
    pushPc(f, context, thread);
    f.set(word);
    f.get(position).i32(ACCESS_BYTES).op(op.i32Mul).set(record);
    f.block((none) => {
      const labels = parks.map(() => none);
      const open = parks.flatMap(({ park }, index) => (park.access === null ? [] : [index]));
      for (const index of [...open].reverse()) labels[index] = f.open();
      // Word 0 is the end.
      f.get(word).brTable([none, ...labels], none);
      for (const index of open) {
        f.close();
        const { park } = parks[index] ?? {};
        const address = addresses[index];
        if (park === undefined || address === undefined || address === null || park.access === null) continue;
        const { bytes } = park.access;
        f.get(record);
        pushStepArguments(f, context, thread);
        f.call(address).memory(access.i64Store, field.address);
        f.get(record)
          .get(record)
          .memory(access.i64Load, field.address)
          .i64(BigInt(bytes))
          .op(op.i64Add)
          .memory(access.i64Store, field.end);
        f.get(record)
          .i32(factsOf(park) & (parkFact.write | parkFact.plain))
          .memory(access.i32Store, field.flags);
        f.get(record)
          .i32(notes.add({ kind: 'race', site: park.site }))
          .memory(access.i32Store, field.note);
        f.get(record).get(thread).memory(access.i32Store, field.thread);
        f.i32(1).ret();
      }
    });
    f.i32(0);
  });
}
