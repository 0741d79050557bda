import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseShard, shardOf } from '../../host/shard.ts';

test('a shard is written i/n, from 1', () => {
  assert.deepEqual(parseShard('2/3'), { index: 2, of: 3 });
  for (const text of ['0/3', '4/3', '1/0', '1', '/', '1/', 'a/b', '-1/2', '1/2/3', '1.5/2', '']) {
    assert.equal(parseShard(text), null, text);
  }
});

test('the shards together are everything, once', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), (all, of) => {
      const parts = Array.from({ length: of }, (_, i) => shardOf(all, { index: i + 1, of }));
      assert.deepEqual(parts.flat().sort(), [...all].sort());
      const sizes = parts.map((part) => part.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
    }),
  );
});

test('without a shard everything is asked for', () => {
  assert.deepEqual(shardOf([1, 2], null), [1, 2]);
});
