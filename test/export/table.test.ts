import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changelogTable, type TableEnding, type TableStep } from '../../core/export/table.ts';

const plain = { action: 'none', value: null, within: null } as const;

function check(
  threads: readonly string[],
  steps: readonly (Pick<TableStep, 'thread' | 'text'> & Partial<TableStep>)[],
  ending: TableEnding | null,
  expected: string,
  width?: number,
): void {
  const table = changelogTable(
    threads,
    steps.map((step) => ({ ...plain, ...step })),
    ending,
    width,
  );
  const lines = expected.split('\n').slice(1, -1);
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  assert.equal(table, `${lines.map((line) => line.slice(margin)).join('\n')}\n`);
}

test('one column for each thread that moves, in the order of the threads', () => {
  check(
    ['a', 'idle', 'b'],
    [
      { thread: 2, text: 'lock(&l)' },
      { thread: 0, text: 'x = 1' },
    ],
    null,
    `
    a      b
    -      -
           lock(&l)
    x = 1
    `,
  );
});

test('a load and its store are one statement, also with another thread between them', () => {
  check(
    ['a', 'b'],
    [
      { thread: 0, text: 'x++', action: 'load', value: '0' },
      { thread: 1, text: 'x++', action: 'load', value: '0' },
      { thread: 1, text: 'x++', action: 'store', value: '1' },
      { thread: 0, text: 'x++', action: 'store', value: '1' },
    ],
    { thread: 0, text: 'lost_update' },
    `
    a                b
    -                -
    x++
      load 0
                     x++
                       load 0
                       store 1
      store 1
    *** lost_update
    `,
  );
});

test('a second round through a statement names it again', () => {
  check(
    ['a'],
    [
      { thread: 0, text: 'x++', action: 'load', value: '0' },
      { thread: 0, text: 'x++', action: 'store', value: '1' },
      { thread: 0, text: 'x++', action: 'load', value: '1' },
      { thread: 0, text: 'x++', action: 'store', value: '2' },
    ],
    null,
    `
    a
    -
    x++
      load 0
      store 1
    x++
      load 1
      store 2
    `,
  );
});

test('a store far below its load names the statement again', () => {
  const others = Array.from({ length: 13 }, (_, n) => ({ thread: 1, text: `s${n}` }));
  const table = changelogTable(
    ['a', 'b'],
    [
      { ...plain, thread: 0, text: 'x++', action: 'load' },
      ...others.map((step) => ({ ...plain, ...step })),
      { ...plain, thread: 0, text: 'x++', action: 'store' },
    ],
    null,
  );
  assert.equal(table.match(/x\+\+/g)?.length, 2);
});

test('a value that the text already says is not repeated', () => {
  check(
    ['a'],
    [
      { thread: 0, text: 'flag = 1', action: 'store', value: '1' },
      { thread: 0, text: 'flag = other', action: 'store', value: '1' },
      { thread: 0, text: 'n = choose(0..3)', value: '2' },
    ],
    null,
    `
    a
    -
    flag = 1
    flag = other
      store 1
    n = choose(0..3)
      choosing 2
    `,
  );
});

test('functions are named when a thread enters one, again for another activation', () => {
  const f = (activation: number) => ({ name: 'zap', activation });
  check(
    ['a'],
    [
      { thread: 0, text: 'lock(&l)' },
      { thread: 0, text: 'x = 1', within: f(1) },
      { thread: 0, text: 'y = 1', within: f(1) },
      { thread: 0, text: 'x = 1', within: f(2) },
      { thread: 0, text: 'unlock(&l)' },
    ],
    null,
    `
    a
    -
    lock(&l)
    zap():
      x = 1
      y = 1
    zap():
      x = 1
    unlock(&l)
    `,
  );
});

test('an ending that is nobody’s step stands under the table', () => {
  check(
    ['a', 'b'],
    [{ thread: 0, text: 'lock(&l)' }],
    { thread: null, text: 'deadlock' },
    `
    a
    -
    lock(&l)

    *** deadlock
    `,
  );
});

test('a violation before the first step still makes a table', () => {
  assert.equal(changelogTable(['a'], [], { thread: null, text: 'invariant' }), '\n\n\n*** invariant\n');
});

test('long cells are wrapped behind blanks and brackets, indented', () => {
  check(
    ['first', 'second'],
    [
      { thread: 0, text: 'kvm_mmu_mark_parents_unsync(vcpu->kvm, sp)' },
      { thread: 1, text: 'x' },
    ],
    null,
    `
    first                         second
    -----                         ------
    kvm_mmu_mark_parents_unsync(
        vcpu->kvm, sp)
                                  x
    `,
    36,
  );
});

test('a table is never wider than asked while its columns fit, and loses no text', () => {
  const word = fc.stringMatching(/^[a-z_]{1,30}(->[a-z]{1,12})?(\([a-z, ]{0,20}\))?$/);
  const step = fc.record({
    thread: fc.nat(3),
    text: word,
    action: fc.constantFrom('load' as const, 'store' as const, 'none' as const),
    value: fc.option(fc.nat(1000).map(String)),
    within: fc.option(fc.record({ name: word, activation: fc.nat(2) })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const table = changelogTable(['t0', 't1', 't2', 't3'], steps, { thread: null, text: 'x' });
      for (const line of table.split('\n')) assert.ok(line.length <= 100, line);
      const squeezed = table.replace(/\s/g, '');
      for (const shown of steps)
        assert.ok(shown.text.length > 25 || squeezed.includes(shown.text.replace(/\s/g, '')));
    }),
  );
});
