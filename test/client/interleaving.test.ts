import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  barsOf,
  type Filter,
  noFilter,
  rowAt,
  rowBehind,
  rowsOf,
  sentenceOf,
  slotsOf,
  type Step,
  textOf,
} from '../../client/webview/layout.ts';
import { LoadedSteps, pageSize } from '../../client/webview/steps.ts';
import { svgOf } from '../../client/webview/svg.ts';

const threads = ['fault[0]', 'zap'];

/** `0: lock | lock, other (read) | touched | broken` as a step; the columns behind may be left out. */
function stepsOf(text: string): (Step | undefined)[] {
  const steps = text
    .trim()
    .split('\n')
    .map((line, index): Step => {
      const [head = '', holds = '', touches = '', broken = ''] = line.split('|').map((part) => part.trim());
      const list = (names: string): string[] => names.split(',').flatMap((name) => name.trim() || []);
      return {
        number: index + 1,
        thread: head.startsWith('-') ? null : Number(head[0]),
        text: head.slice(3),
        value: null,
        within: '',
        holds: list(holds),
        touches: list(touches),
        broken: list(broken),
      };
    });
  return [undefined, ...steps];
}

const run = stepsOf(`
0: lock a     | a           | a.raw
0: load x     | a           | x
1: lock b     | b (read)    | b.raw
1: lock c     | b (read), c | c.raw
0: unlock a   |             | a.raw
1: unlock b   | c           | b.raw
1: store x    | c           | x      | lost
-: x = 3
0: end        |
`);
const length = run.length - 1;

const numbers = (filter: Partial<Filter>): number[] =>
  rowsOf(run, length, { ...noFilter, ...filter }, threads).map(({ number }) => number);

test('rows: every step, where threads take over, and the start before them', () => {
  const rows = rowsOf(run, length, noFilter, threads);
  assert.deepEqual(
    rows.map(({ number, from }) => [number, from]),
    [
      [0, null],
      [1, null],
      [2, null],
      [3, 0],
      [4, null],
      [5, 1],
      [6, 0],
      [7, null],
      [8, null],
      [9, 1],
    ],
  );
  assert.deepEqual(rowsOf([], 0, noFilter, threads), [{ number: 0, step: undefined, from: null, left: 0 }]);
});

test('filters: threads, locks that are held or touched, and words', () => {
  const cases: readonly [Partial<Filter>, readonly number[]][] = [
    [{}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [{ threads: [0] }, [0, 1, 2, 5, 9]],
    [{ threads: [0, 1] }, [0, 1, 2, 3, 4, 5, 6, 7, 9]],
    [{ locks: ['a'] }, [0, 1, 2, 5]],
    [{ locks: ['b'] }, [0, 3, 4, 6]],
    [{ locks: ['a'], threads: [1] }, [0]],
    [{ text: 'X' }, [0, 2, 7, 8]],
    [{ text: 'store lost' }, [0, 7]],
    [{ text: 'zap unlock' }, [0, 6]],
    [{ text: '  ' }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [{ text: 'nosuch' }, [0]],
  ];
  for (const [filter, expected] of cases) assert.deepEqual(numbers(filter), expected, JSON.stringify(filter));
  const rows = rowsOf(run, length, { ...noFilter, threads: [0] }, threads);
  assert.deepEqual(
    rows.map(({ left }) => left),
    [0, 0, 0, 2, 3],
  );
});

test('bars: how long each lock is held, side by side where they overlap', () => {
  const bars = barsOf(run, length);
  assert.deepEqual(
    bars.map(({ thread, lock, shared, slot, first, last, open }) =>
      [thread, lock, shared ? 'read' : 'write', slot, first, last, open ? 'open' : ''].join(' ').trim(),
    ),
    ['0 a write 0 1 5', '1 b read 0 3 6', '1 c write 1 4 9 open'],
  );
  assert.deepEqual(slotsOf(bars, 2), [1, 2]);
});

test('steps that are not loaded are rows without text, and no filter shows them', () => {
  const holes = [run[0], run[1], undefined, run[3]];
  assert.deepEqual(
    rowsOf(holes, 5, noFilter, threads).map(({ step }) => step?.number ?? null),
    [null, 1, null, 3, null, null],
  );
  assert.deepEqual(
    rowsOf(holes, 5, { ...noFilter, text: 'lock' }, threads).map(({ number }) => number),
    [0, 1, 3],
  );
});

test('keys lead to rows: one, a page, the ends, and the same thread', () => {
  const rows = rowsOf(run, length, noFilter, threads);
  const at = (from: number, key: Parameters<typeof rowBehind>[2]): number => rowBehind(rows, from, key, 4);
  assert.deepEqual([at(3, 'up'), at(0, 'up'), at(3, 'down'), at(9, 'down')], [2, 0, 4, 9]);
  assert.deepEqual([at(2, 'pageUp'), at(2, 'pageDown'), at(2, 'home'), at(2, 'end')], [0, 6, 0, 9]);
  assert.deepEqual([at(5, 'left'), at(5, 'right'), at(3, 'left'), at(0, 'right')], [2, 9, 3, 1]);
});

test('a row is told in a sentence, rows as text, and all as a picture', () => {
  const rows = rowsOf(run, length, noFilter, threads);
  const sentence = (row: number): string => {
    const found = rows[row];
    assert.ok(found !== undefined);
    return sentenceOf(found, threads, length);
  };
  assert.equal(sentence(0), 'The start of 9 steps.');
  assert.equal(sentence(7), 'Step 7 of 9, zap: store x. Holds c. Breaks lost.');
  assert.equal(sentence(8), 'Step 8 of 9, set by hand: x = 3.');
  assert.equal(
    textOf(rowsOf(run, length, { ...noFilter, text: 'store' }, threads), threads),
    '   …\n7  zap       store x  *** lost\n',
  );
  const bars = barsOf(run, length);
  const colours = { background: '#fff', foreground: '#000', faint: '#888', violation: 'red', bars: ['blue'] };
  const svg = svgOf({ title: 'a < "b"', threads, rows, bars, locks: ['a', 'b', 'c'], colours });
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.match(svg, /<title>a &lt; &quot;b&quot;<\/title>/);
  assert.equal(svg.match(/<rect /g)?.length, 1 + bars.length);
  assert.match(svg, /store x ✖ lost/);
});

test('steps are loaded in pages: what is seen first, then the rest, and again what was changed', () => {
  const loaded = new LoadedSteps();
  const step = (number: number): Step => ({
    ...{ number, thread: 0, text: `step ${number}`, value: null, within: '' },
    ...{ holds: [], touches: [], broken: [] },
  });
  const load = (range: { from: number; to: number } | null): void => {
    assert.ok(range !== null);
    loaded.add(Array.from({ length: range.to - range.from }, (_, index) => step(range.from + index)));
  };
  loaded.moved(2 * pageSize + 1, 0);
  const seen = loaded.next(pageSize + 10, pageSize + 40, false);
  assert.deepEqual(seen, { from: pageSize + 1, to: 2 * pageSize + 1 });
  load(seen);
  assert.deepEqual(loaded.next(pageSize + 10, pageSize + 40, false), { from: 1, to: pageSize + 1 });
  const last = loaded.next(pageSize + 10, pageSize + 40, false);
  assert.deepEqual(last, { from: 2 * pageSize + 1, to: 2 * pageSize + 2 });
  assert.equal(loaded.next(1, 40, false), null);
  load(last);
  load({ from: 1, to: pageSize + 1 });
  assert.ok(loaded.isWhole);
  const { round } = loaded;
  loaded.moved(2 * pageSize + 1, 2 * pageSize + 1);
  assert.equal(loaded.round, round, 'nothing was changed');
  loaded.moved(20, 10);
  assert.notEqual(loaded.round, round);
  assert.equal(loaded.steps[10]?.number, 10);
  assert.equal(loaded.steps[11], undefined);
  loaded.moved(1_000_000, 20);
  load(loaded.next(1, 40, false));
  assert.equal(loaded.next(1, 40, false), null, 'long runs are not loaded as a whole');
  assert.notEqual(loaded.next(1, 40, true), null);
});

test('any run: bars cover what is held, rows ascend, and every shown row is found again', () => {
  const steps = fc.array(
    fc.record({
      thread: fc.nat(2),
      holds: fc.uniqueArray(fc.constantFrom('a', 'b', 'c (read)')),
      text: fc.constantFrom('load', 'store'),
    }),
    { maxLength: 40 },
  );
  const filters = fc.record({
    text: fc.constantFrom('', 'load'),
    threads: fc.uniqueArray(fc.nat(2)),
    locks: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
  });
  fc.assert(
    fc.property(steps, filters, (list, filter) => {
      const all: (Step | undefined)[] = [
        undefined,
        ...list.map((one, index) => ({
          ...{ ...one, number: index + 1, value: null, within: '' },
          ...{ touches: [], broken: [] },
        })),
      ];
      const bars = barsOf(all, list.length);
      list.forEach(({ thread, holds }, index) => {
        const here = bars.filter(
          (bar) => bar.thread === thread && bar.first <= index + 1 && (bar.open || bar.last > index + 1),
        );
        assert.equal(here.length, holds.length);
        assert.equal(new Set(here.map(({ slot }) => slot)).size, here.length);
      });
      const rows = rowsOf(all, list.length, filter, ['x', 'y', 'z']);
      rows.forEach(({ number }, index) => {
        assert.equal(rowAt(rows, number), index);
      });
      const left = rows.reduce((sum, row) => sum + row.left, 0);
      assert.equal(left + rows.length - 1, rows.at(-1)?.number);
    }),
  );
});
