import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layOutMemory, LINE } from '../../core/explore/layout.ts';
import { callable, globalOf, PAGE_BYTES, Store } from '../../core/explore/store.ts';
import { addStore, inserted } from '../../core/explore/storeCode.ts';
import { shapeTree } from '../../core/explore/tree.ts';
import { ModuleBuilder } from '../../core/explore/wasm.ts';
import { webAssembly } from '../../core/explore/webassembly.ts';

const WORDS = LINE / 4;

/** A store of vectors of 32-bit words, as the search uses it. */
class Harness {
  readonly store: Store;
  private readonly exports;
  private readonly memory;
  private readonly at;

  constructor(
    lines: number,
    maxBytes = 1e9,
    weights: readonly number[] = Array.from({ length: lines }, () => 1),
  ) {
    const shape = shapeTree(weights);
    this.at = layOutMemory({ lines, inner: shape.inner, notes: 0, threads: 0, parks: 0, regions: [] });
    const module = new ModuleBuilder();
    const dirtyCount = module.global('i32', 'dirtyCount');
    const code = addStore(module, this.at, shape, dirtyCount);
    module.export('insert', code.insert);
    module.export('restore', code.restore);
    const host = webAssembly();
    assert.ok(host !== null);
    this.memory = new host.Memory({ initial: this.at.end / PAGE_BYTES, maximum: 65_536 });
    const instance = new host.Instance(new host.Module(module.finish()), { env: { memory: this.memory } });
    this.exports = instance.exports;
    this.store = new Store(instance, this.memory, this.at, shape, maxBytes);
    const words = new Int32Array(this.memory.buffer);
    words.set(shape.lineAt, this.at.lineAt / 4);
    words.set(shape.innerAt, this.at.innerAt / 4);
    words.set(shape.nodeAt, this.at.nodeAt / 4);
    globalOf(instance, 'stateLimit').value = -1;
    this.limit = globalOf(instance, 'stateLimit');
    this.dirtyCount = globalOf(instance, 'dirtyCount');
  }

  readonly limit;
  private readonly dirtyCount;

  /** The whole vector at once. null: no room is left. */
  insertWhole(vector: readonly number[], parent = 0, via = 0): number | null {
    if (!this.makeRoom()) return null;
    this.words().set(vector, this.at.work / 4);
    return callable(this.exports['insertWhole'])(parent, via);
  }

  decode(state: number): number[] {
    callable(this.exports['decode'])(state);
    return this.working();
  }

  /** Changes words of the decoded state, then inserts and restores. The first line counts as a thread's block. */
  insertChanged(changes: readonly (readonly [number, number])[], parent = 0, via = 0): number | null {
    if (!this.makeRoom()) return null;
    const words = this.words();
    const lines = new Set<number>();
    for (const [index, value] of changes) {
      words[this.at.work / 4 + index] = value;
      const line = Math.floor(index / WORDS);
      if (line > 0) lines.add(line);
    }
    words.set([...lines], this.at.dirty / 4);
    this.dirtyCount.value = lines.size;
    const result = callable(this.exports['insert'])(0, 1, parent, via);
    callable(this.exports['restore'])(0, 1);
    return result;
  }

  working(): number[] {
    return [...this.words().subarray(this.at.work / 4, this.at.base / 4)];
  }

  private makeRoom(): boolean {
    return callable(this.exports['hasRoom'])() === 1 || this.store.grow();
  }

  private words(): Uint32Array {
    return new Uint32Array(this.memory.buffer);
  }
}

const vectorOf = (lines: number) =>
  fc.array(fc.nat({ max: 3 }), { minLength: lines * WORDS, maxLength: lines * WORDS });

test('whole vectors: the same set as a Map, and every one comes back', () => {
  fc.assert(
    fc.property(
      fc
        .integer({ min: 2, max: 21 })
        .chain((lines) =>
          fc.record({ lines: fc.constant(lines), vectors: fc.array(vectorOf(lines), { maxLength: 40 }) }),
        ),
      ({ lines, vectors }) => {
        const harness = new Harness(lines);
        const known = new Map<string, number>();
        for (const vector of vectors) {
          const key = vector.join();
          const result = harness.insertWhole(vector);
          assert.equal(result, known.has(key) ? inserted.known : inserted.fresh);
          if (!known.has(key)) known.set(key, known.size);
          assert.equal(harness.store.count, known.size);
        }
        for (const [key, state] of known) assert.equal(harness.decode(state).join(), key);
      },
    ),
    { numRuns: 100 },
  );
});

test('changed words: inserting what differs from a decoded state is inserting the whole', () => {
  const change = (lines: number) => fc.tuple(fc.nat({ max: lines * WORDS - 1 }), fc.nat({ max: 2 }));
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 90 }).chain((lines) =>
        fc.record({
          lines: fc.constant(lines),
          weights: fc.array(fc.nat({ max: 9 }), { minLength: lines, maxLength: lines }),
          steps: fc.array(fc.record({ from: fc.nat(), changes: fc.array(change(lines), { maxLength: 6 }) }), {
            maxLength: 60,
          }),
        }),
      ),
      ({ lines, weights, steps }) => {
        const harness = new Harness(lines, 1e9, weights);
        const first = Array.from({ length: lines * WORDS }, () => 0);
        harness.insertWhole(first, 0xffff_ffff, 7);
        const known = new Map([[first.join(), 0]]);
        const vectors = [first];
        const links = [{ parent: 0xffff_ffff, via: 7 }];
        for (const [number, { from, changes }] of steps.entries()) {
          const parent = from % vectors.length;
          const base = vectors[parent] ?? [];
          assert.deepEqual(harness.decode(parent), base);
          const vector = [...base];
          for (const [index, value] of changes) vector[index] = value;
          const key = vector.join();
          assert.equal(
            harness.insertChanged(changes, parent, number),
            known.has(key) ? inserted.known : inserted.fresh,
          );
          assert.deepEqual(harness.working(), base);
          if (known.has(key)) continue;
          known.set(key, vectors.length);
          vectors.push(vector);
          links.push({ parent, via: number });
        }
        for (const [state, link] of links.entries()) assert.deepEqual(harness.store.link(state), link);
        for (const [state, vector] of vectors.entries()) assert.deepEqual(harness.decode(state), vector);
      },
    ),
    { numRuns: 100 },
  );
});

test('growth over many chunks keeps every state', () => {
  const harness = new Harness(2);
  const count = 300_000;
  const vector = (i: number): number[] => [i, 0, 0, 0, Math.imul(i, 2_654_435_761) >>> 0, 1, 0, 0];
  for (let i = 0; i < count; i += 1) assert.equal(harness.insertWhole(vector(i), i, i), inserted.fresh);
  for (let i = 0; i < count; i += 997) {
    assert.equal(harness.insertWhole(vector(i)), inserted.known);
    assert.deepEqual(harness.decode(i), vector(i));
    assert.deepEqual(harness.store.link(i), { parent: i, via: i });
  }
  assert.equal(harness.store.count, count);
});

test('a budget of bytes is kept, and what is stored stays', () => {
  const budget = 12 << 20;
  const harness = new Harness(2, budget);
  let stored = 0;
  while (harness.insertWhole([stored, 0, 0, 0, 0, stored, 0, 0], stored, 0) === inserted.fresh) stored += 1;
  assert.ok(stored > 60_000, `only ${stored}`);
  assert.ok(harness.store.bytes <= budget);
  assert.deepEqual(harness.decode(stored - 1), [stored - 1, 0, 0, 0, 0, stored - 1, 0, 0]);
});

test('states beyond the limit are refused, known ones are not', () => {
  const harness = new Harness(2);
  harness.limit.value = 2;
  const vector = (i: number): number[] => [i, 0, 0, 0, 0, 0, 0, 0];
  assert.deepEqual(
    [1, 2, 3, 2].map((i) => harness.insertWhole(vector(i))),
    [inserted.fresh, inserted.fresh, inserted.refused, inserted.known],
  );
  assert.equal(harness.store.count, 2);
});
