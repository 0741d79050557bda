import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineTable, offsetAt, positionAt } from '../../core/syntax/positions.ts';

test('offsets and positions, line by line', () => {
  const text = 'ab\r\n\ncd\re😀f';
  const table = lineTable(text);
  const cases: readonly (readonly [offset: number, line: number, column: number])[] = [
    [0, 1, 1],
    [2, 1, 3],
    [4, 2, 1],
    [5, 3, 1],
    [7, 3, 3],
    [8, 4, 1],
    [11, 4, 4],
    [12, 4, 5],
  ];
  for (const [offset, line, column] of cases) {
    assert.deepEqual(positionAt(table, offset), { line, column }, `offset ${offset}`);
    assert.equal(offsetAt(table, text, { line, column }), offset, `${line}:${column}`);
  }
});

test('places outside the text count as the nearest inside', () => {
  const text = 'ab\r\ncd';
  const table = lineTable(text);
  assert.deepEqual(positionAt(table, -5), { line: 1, column: 1 });
  assert.deepEqual(positionAt(table, 99), { line: 2, column: 3 });
  assert.equal(offsetAt(table, text, { line: 1, column: 99 }), 2);
  assert.equal(offsetAt(table, text, { line: 9, column: 1 }), 4);
  assert.equal(offsetAt(table, text, { line: 9, column: 9 }), 6);
  assert.equal(offsetAt(table, text, { line: 0, column: 0 }), 0);
  assert.deepEqual(positionAt(lineTable(''), 0), { line: 1, column: 1 });
  assert.equal(offsetAt(lineTable(''), '', { line: 1, column: 1 }), 0);
});

test('an offset survives the way to its position and back', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '\n', '\r\n', '\t', 'é', '😀', '\r')).map((parts) => parts.join('')),
      (text) => {
        const table = lineTable(text);
        for (let offset = 0; offset <= text.length; offset++) {
          // Between the two halves of a line end there is no position of its own.
          if (text[offset - 1] === '\r' && text[offset] === '\n') continue;
          assert.equal(offsetAt(table, text, positionAt(table, offset)), offset);
        }
      },
    ),
  );
});
