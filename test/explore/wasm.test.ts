import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  access,
  type Body,
  ModuleBuilder,
  op,
  signedLeb,
  unsignedLeb,
  type ValueType,
} from '../../core/explore/wasm.ts';
import { webAssembly } from '../../core/explore/webassembly.ts';

/** Runs one function of a module with a page of memory. */
function run(
  params: readonly ValueType[],
  result: ValueType | null,
  args: readonly (number | bigint)[],
  write: (f: Body, module: ModuleBuilder) => void,
): unknown {
  const module = new ModuleBuilder();
  module.export(
    'run',
    module.func(params, result, (f) => write(f, module)),
  );
  const host = webAssembly();
  assert.ok(host !== null);
  const memory = new host.Memory({ initial: 1, maximum: 1 });
  const { run: exported } = new host.Instance(new host.Module(module.finish()), { env: { memory } }).exports;
  assert.equal(typeof exported, 'function');
  return (exported as unknown as (...args: readonly (number | bigint)[]) => unknown)(...args);
}

function check(
  name: string,
  expected: unknown,
  params: readonly ValueType[],
  result: ValueType | null,
  args: readonly (number | bigint)[],
  write: (f: Body, module: ModuleBuilder) => void,
): void {
  test(name, () => assert.deepEqual(run(params, result, args, write), expected));
}

for (const [value, bytes] of [
  [0, [0]],
  [127, [0x7f]],
  [128, [0x80, 1]],
  [624485, [0xe5, 0x8e, 0x26]],
  [0xffff_ffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
] as const) {
  test(`unsigned LEB128 of ${value}`, () => assert.deepEqual(unsignedLeb(value), bytes));
}
for (const [value, bytes] of [
  [0n, [0]],
  [-1n, [0x7f]],
  [63n, [0x3f]],
  [64n, [0xc0, 0]],
  [-64n, [0x40]],
  [-65n, [0xbf, 0x7f]],
  [-123456n, [0xc0, 0xbb, 0x78]],
] as const) {
  test(`signed LEB128 of ${value}`, () => assert.deepEqual(signedLeb(value), bytes));
}

test('every 64-bit constant comes back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }), (value) => {
      assert.equal(
        run([], 'i64', [], (f) => f.i64(value)),
        BigInt.asIntN(64, value),
      );
    }),
    { numRuns: 60 },
  );
});

test('every 32-bit constant comes back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }), (value) => {
      assert.equal(
        run([], 'i32', [], (f) => f.i32(value)),
        value | 0,
      );
    }),
    { numRuns: 60 },
  );
});

check('parameters, locals of both types, and arithmetic', 41n, ['i32', 'i64'], 'i64', [20, 21n], (f) => {
  const wide = f.local('i64');
  const narrow = f.local('i32');
  const alsoWide = f.local('i64');
  f.get(0)
    .set(narrow)
    .get(narrow)
    .op(op.i64ExtendI32U)
    .set(wide)
    .get(wide)
    .get(1)
    .op(op.i64Add)
    .get(alsoWide)
    .op(op.i64Add);
});

check('a loop with a branch out of two blocks', 55, ['i32'], 'i32', [10], (f) => {
  const sum = f.local('i32');
  f.block((done) => {
    f.loop((again) => {
      f.get(0).op(op.i32Eqz).brIf(done);
      f.get(sum).get(0).op(op.i32Add).set(sum);
      f.get(0).i32(1).op(op.i32Sub).set(0).br(again);
    });
  });
  f.get(sum);
});

for (const [index, expected] of [
  [0, 10],
  [1, 20],
  [2, 30],
  [7, 30],
] as const) {
  check(`a branch table, entry ${index}`, expected, ['i32'], 'i32', [index], (f) => {
    const last = f.open();
    const second = f.open();
    const first = f.open();
    f.get(0).brTable([first, second], last);
    f.close();
    f.i32(10).ret().close();
    f.i32(20).ret().close();
    f.i32(30);
  });
}

check('if with both arms', 7, ['i32'], 'i32', [0], (f) => {
  const answer = f.local('i32');
  f.get(0)
    .if(
      () => f.i32(5).set(answer),
      () => f.i32(7).set(answer),
    )
    .get(answer);
});

check(
  'globals, calls of functions declared before their bodies, indirect calls',
  12,
  [],
  'i32',
  [],
  (f, module) => {
    const global = module.global('i32');
    const later = module.declare(['i32'], 'i32');
    const entry = module.tableEntry(later);
    module.define(later, (g) => g.get(0).getGlobal(global).op(op.i32Add));
    f.i32(5)
      .setGlobal(global)
      .i32(1)
      .call(later)
      .i32(entry)
      .callIndirect(['i32'], 'i32')
      .i32(1)
      .op(op.i32Add);
  },
);

check('memory: narrow stores, sign extension, copies', -2n, [], 'i64', [], (f) => {
  f.i32(8).i64(0xfffen).memory(access.i64Store16, 2);
  f.i32(100).i32(8).i32(8).copyMemory();
  f.i32(100).memory(access.i64Load16S, 2);
});

check('more than 127 locals and 16 KiB of code', 0n, [], 'i64', [], (f) => {
  const locals = Array.from({ length: 300 }, () => f.local('i64'));
  for (let i = 0; i < 4000; i += 1) f.get(locals[i % 300] ?? 0).set(locals[(i + 1) % 300] ?? 0);
  f.get(locals[299] ?? 0);
});
