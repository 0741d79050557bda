import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesIn } from '../../core/export/places.ts';
import type { Item, SourceFile } from '../../core/syntax/ast.ts';

function file(text: string, items: SourceFile['items'] = []): SourceFile {
  return { uri: 'file:///a', text, items, errors: [] };
}

/** `«` and `»` mark a range in the text. */
function check(marked: string, expected: readonly [number, number, number, number]): void {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const places = placesIn(new Map([['file:///a', file(marked.replace(/[«»]/g, ''))]]));
  const place = places.ofRange({ uri: 'file:///a', start, end });
  assert.deepEqual([place.line, place.column, place.endLine, place.endColumn], expected);
}

test('lines and columns count from 1, in UTF-16 units, over every kind of line end', () => {
  check('«»', [1, 1, 1, 1]);
  check('a\n«b»', [2, 1, 2, 2]);
  check('a\r\nb«c\r\nd»', [2, 2, 3, 2]);
  check('a\rb«c»', [2, 2, 2, 3]);
  check('😀«x»', [1, 3, 1, 4]);
  check('ab\n«', [2, 1, 2, 1]);
});

test('a range beyond the text ends with it', () => {
  const places = placesIn(new Map([['file:///a', file('ab')]]));
  assert.deepEqual(places.ofRange({ uri: 'file:///a', start: 1, end: 99 }).endColumn, 3);
  assert.deepEqual(places.ofRange({ uri: 'file:///a', start: 50, end: 99 }).column, 3);
});

test('a place in an item moves with the item', () => {
  const item: Item = { kind: 'scenario', title: 't', start: 0, end: 13 };
  const items = [{ item, offset: 3, key: 'scenario', text: 'scenario "t";' }];
  const places = placesIn(new Map([['file:///a', file('\n\n scenario "t";', items)]]));
  const loc = { uri: 'file:///a', item: 'scenario', start: 9, end: 12, macro: null };
  assert.deepEqual(places.ofLoc(loc), { uri: 'file:///a', line: 3, column: 11, endLine: 3, endColumn: 14 });
});

test('what is in no known file or item is placed at the beginning', () => {
  const places = placesIn(new Map());
  const loc = { uri: 'file:///gone', item: 'x', start: 5, end: 6, macro: null };
  assert.deepEqual(places.ofLoc(loc), { uri: 'file:///gone', line: 1, column: 1, endLine: 1, endColumn: 1 });
});
