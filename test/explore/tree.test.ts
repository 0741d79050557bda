import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { positionsOf, shapeTree } from '../../core/explore/tree.ts';

test('a tree holds every line once, and parents come before children', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 2, maxLength: 300 }),
      (weights) => {
        const { lines, inner, lineAt, innerAt, nodeAt } = shapeTree(weights);
        assert.equal(lines, weights.length);
        assert.equal(nodeAt.length, positionsOf(inner));
        assert.equal(innerAt[0], 0);
        const used = new Set<number>([0]);
        const place = (position: number, what: number): void => {
          assert.ok(position > 0 && position < nodeAt.length);
          assert.ok(!used.has(position));
          used.add(position);
          assert.equal(nodeAt[position], what);
        };
        for (const [line, position] of lineAt.entries()) place(position, -1 - line);
        innerAt.forEach((position, number) => {
          if (number === 0) return;
          place(position, number);
          assert.ok((position - 1) >> 2 < number);
        });
        // At most two positions of the lowest group stay empty, where the number of lines asks for it.
        assert.ok(nodeAt.length - used.size <= 2);
      },
    ),
  );
});

test('what changes often stands near the root', () => {
  const weights = Array.from({ length: 64 }, (_, line) => (line === 17 ? 5 : 0.01));
  const { lineAt } = shapeTree(weights);
  assert.ok((lineAt[17] ?? 99) <= 4);
});
