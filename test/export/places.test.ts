import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placesIn } from '../../core/export/places.ts';
import type { FileSnapshot, Project } from '../../core/semantics/snapshot.ts';
import type { PlacedItem } from '../../core/syntax/ast.ts';

const uri = 'file:///a.lockstep';

function projectOf(text: string, items: readonly PlacedItem[] = []): Project {
  const file: FileSnapshot = {
    uri,
    source: { uri, text, items, errors: [] },
    items: new Map(items.map((placed) => [placed.key, placed])),
    imports: [],
  };
  return { uri, files: new Map([[uri, file]]), order: [file], diagnostics: [] };
}

/** `«` and `»` mark a range in the text. */
function check(marked: string, expected: readonly [number, number, number, number]): void {
  const start = marked.indexOf('«');
  const end = marked.indexOf('»') - 1;
  const place = placesIn(projectOf(marked.replace(/[«»]/g, ''))).ofRange({ uri, start, end });
  assert.deepEqual([place.line, place.column, place.endLine, place.endColumn], expected);
}

test('lines and columns count from 1, in UTF-16 units', () => {
  check('«»', [1, 1, 1, 1]);
  check('a\n«b»', [2, 1, 2, 2]);
  check('a\r\nb«c\r\nd»', [2, 2, 3, 2]);
  check('😀«x»', [1, 3, 1, 4]);
  check('ab\n«', [2, 1, 2, 1]);
});

test('a range beyond the text ends with it', () => {
  const places = placesIn(projectOf('ab'));
  assert.equal(places.ofRange({ uri, start: 1, end: 99 }).endColumn, 3);
  assert.equal(places.ofRange({ uri, start: 50, end: 99 }).column, 3);
});

test('a place in an item is found where the item stands', () => {
  const item: PlacedItem['item'] = { kind: 'scenario', title: 't', start: 0, end: 13 };
  const places = placesIn(
    projectOf('\n\n scenario "t";', [{ item, offset: 3, key: 's', text: 'scenario "t";' }]),
  );
  const loc = { uri, item: 's', start: 9, end: 12, macro: null };
  assert.deepEqual(places.ofLoc(loc), { uri, line: 3, column: 11, endLine: 3, endColumn: 14 });
});

test('what is in no known file or item is placed at the beginning', () => {
  const start = { line: 1, column: 1, endLine: 1, endColumn: 1 };
  const places = placesIn(projectOf('abc'));
  const loc = { item: 'x', start: 5, end: 6, macro: null };
  assert.deepEqual(places.ofLoc({ ...loc, uri }), { uri, ...start });
  assert.deepEqual(places.ofLoc({ ...loc, uri: 'file:///gone' }), { uri: 'file:///gone', ...start });
});
