import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../core/machine/expression.ts';
import { initialStates, successors } from '../../core/machine/interpreter.ts';
import { read } from '../../core/machine/memory.ts';
import { evaluatePredicate } from '../../core/machine/predicates.ts';
import type { BinaryIrOp, IrExpr, UnaryOp } from '../../core/program/ir.ts';
import { LOOP_LIMIT } from '../../core/program/ir.ts';
import {
  add,
  aliveOf,
  answer,
  at,
  bin,
  branch,
  check,
  choose,
  cover,
  ext,
  fill,
  type Item,
  jump,
  label,
  load,
  ne,
  type ObjectSpec,
  park,
  param,
  program,
  sel,
  self,
  set,
  store,
  thread,
  un,
} from './builder.ts';

const MAX = 2n ** 64n - 1n;
const MIN_SIGNED = 2n ** 63n;

test('unary operations', () => {
  const cases: readonly [UnaryOp, bigint, bigint][] = [
    ['neg', 1n, MAX],
    ['neg', 0n, 0n],
    ['neg', MIN_SIGNED, MIN_SIGNED],
    ['not', 0n, MAX],
    ['not', MAX, 0n],
    ['eqz', 0n, 1n],
    ['eqz', 5n, 0n],
    ['eqz', MAX, 0n],
  ];
  for (const [op, a, expected] of cases)
    assert.equal(resultOf({ kind: 'unary', op, a: constant(a) }), expected, `${op} ${a}`);
});

test('binary operations', () => {
  const cases: readonly [BinaryIrOp, bigint, bigint, bigint][] = [
    ['add', MAX, 2n, 1n],
    ['sub', 0n, 1n, MAX],
    ['mul', MAX, MAX, 1n],
    ['mul', 2n ** 63n, 2n, 0n],
    ['divu', MAX, 2n, 2n ** 63n - 1n],
    ['divs', MAX, 2n, 0n],
    ['divs', -7n, 2n, MAX - 2n],
    ['divs', -(2n ** 63n), -1n, MIN_SIGNED],
    ['divu', 5n, 0n, 0n],
    ['divs', 5n, 0n, 0n],
    ['remu', 5n, 0n, 0n],
    ['rems', 5n, 0n, 0n],
    ['remu', MAX, 10n, 5n],
    ['rems', -7n, 2n, MAX],
    ['rems', -(2n ** 63n), -1n, 0n],
    ['and', 12n, 10n, 8n],
    ['or', 12n, 10n, 14n],
    ['xor', 12n, 10n, 6n],
    ['shl', 1n, 63n, MIN_SIGNED],
    ['shl', 1n, 64n, 1n],
    ['shl', 3n, 63n, MIN_SIGNED],
    ['shru', MAX, 63n, 1n],
    ['shru', MAX, 65n, 2n ** 63n - 1n],
    ['shrs', MIN_SIGNED, 63n, MAX],
    ['shrs', MIN_SIGNED, 64n, MIN_SIGNED],
    ['shrs', 8n, 2n, 2n],
    ['eq', -1n, MAX, 1n],
    ['ne', -1n, MAX, 0n],
    ['ltu', 1n, MAX, 1n],
    ['lts', 1n, MAX, 0n],
    ['lts', MAX, 1n, 1n],
    ['leu', 1n, 1n, 1n],
    ['leu', MAX, 1n, 0n],
    ['les', MAX, 1n, 1n],
    ['les', 2n, 1n, 0n],
  ];
  for (const [op, a, b, expected] of cases) {
    assert.equal(
      resultOf({ kind: 'binary', op, a: constant(a), b: constant(b) }),
      expected,
      `${a} ${op} ${b}`,
    );
  }
});

test('extension, selection and the constants of a thread', () => {
  const cases: readonly [IrExpr, bigint][] = [
    [{ kind: 'extend', bits: 8, signed: true, a: constant(0x1ffn) }, MAX],
    [{ kind: 'extend', bits: 8, signed: false, a: constant(0x1ffn) }, 0xffn],
    [{ kind: 'extend', bits: 16, signed: true, a: constant(0x8000n) }, MAX - 0x7fffn],
    [{ kind: 'extend', bits: 32, signed: false, a: constant(-1n) }, 0xffff_ffffn],
    [{ kind: 'select', condition: constant(MAX), then: constant(1n), otherwise: constant(2n) }, 1n],
    [{ kind: 'select', condition: constant(0n), then: constant(1n), otherwise: constant(2n) }, 2n],
    [{ kind: 'self' }, 3n],
    [{ kind: 'param' }, MAX],
    [{ kind: 'reg', reg: 1 }, 42n],
    [{ kind: 'reg', reg: 9 }, 0n],
  ];
  for (const [expr, expected] of cases) assert.equal(resultOf(expr), expected, JSON.stringify(expr.kind));
});

test('loads and stores of every size, little-endian', () => {
  const initial = [0x8877_6655_4433_2211n];
  const cases: readonly [Item[], bigint][] = [
    [[load('answer', at('x', 1), { bytes: 1 })], 0x22n],
    [[load('answer', at('x', 7), { bytes: 1, signed: true })], MAX - 0x77n],
    [[load('answer', at('x', 6), { bytes: 2 })], 0x8877n],
    [[load('answer', at('x', 6), { bytes: 2, signed: true })], 0xffff_ffff_ffff_8877n],
    [[load('answer', at('x', 4), { bytes: 4, signed: true })], 0xffff_ffff_8877_6655n],
    [[load('answer', at('x'), { signed: true })], 0x8877_6655_4433_2211n],
    [[store(at('x', 2), -1, { bytes: 2 }), load('answer', at('x'))], 0x8877_6655_ffff_2211n],
    [[store(at('x', 4), 0, { bytes: 4 }), load('answer', at('x'))], 0x4433_2211n],
    [[store(at('x', 7), 0x1ff, { bytes: 1 }), load('answer', at('x'))], 0xff77_6655_4433_2211n],
    [[fill(at('x', 2), 3), load('answer', at('x'))], 0x8877_6600_0000_2211n],
    // Without validation nothing asks whether bytes are initialised.
    [[load('answer', at('y'), { checked: false })], 0n],
  ];
  for (const [items, expected] of cases) {
    const made = program({
      objects: [
        { name: 'x', bytes: 8, initial },
        { name: 'y', bytes: 8, marks: false },
      ],
      init: [...items, store(at('y'), 'answer')],
    });
    const [begin] = initialStates(made);
    assert.deepEqual(begin?.findings, []);
    const y = made.memory.objects[1]?.address ?? 0n;
    assert.equal(read(made.memory, begin?.state?.image ?? new Uint8Array(), y, 8, false), expected);
  }
});

test('faults of memory', () => {
  const node: ObjectSpec = { name: 'node', bytes: 12, marks: false, alive: true };
  const cases: readonly { items: Item[]; fault: string | null; detail?: string }[] = [
    { items: [load('r', 0)], fault: 'null-pointer', detail: 'load of 8 bytes at address 0 (null)' },
    { items: [store(16, 1, { bytes: 1 })], fault: 'null-pointer', detail: 'store of 1 byte at address 0x10' },
    { items: [load('r', at('m', 16))], fault: 'null-pointer' },
    {
      items: [store(-8, 1)],
      fault: 'null-pointer',
      detail: 'store of 8 bytes at address 0xfffffffffffffff8',
    },
    { items: [load('r', 0, { checked: false })], fault: 'null-pointer' },
    { items: [load('r', at('m', 4), { checked: false })], fault: 'out-of-bounds' },
    {
      items: [load('r', at('m', 4))],
      fault: 'out-of-bounds',
      detail: 'load of 8 bytes at m[4]: not aligned',
    },
    { items: [load('r', at('m', 3), { bytes: 2 })], fault: 'out-of-bounds' },
    {
      items: [store(at('node', 8), 1)],
      fault: 'out-of-bounds',
      detail: 'store of 8 bytes at node[8]: beyond its end',
    },
    { items: [store(at('node', 8), 1, { bytes: 4 })], fault: null },
    { items: [load('r', at('node', 12), { bytes: 4 })], fault: 'out-of-bounds' },
    {
      items: [load('r', at('node'), { bytes: 4 })],
      fault: 'uninitialised-read',
      detail: 'load of 4 bytes at node[0]: never written',
    },
    { items: [store(at('node'), 1, { bytes: 4 }), load('r', at('node'), { bytes: 4 })], fault: null },
    { items: [store(at('node'), 1, { bytes: 4 }), load('r', at('node'))], fault: 'uninitialised-read' },
    {
      items: [store(at('node'), 1, { bytes: 4, checked: false }), load('r', at('node', 2), { bytes: 2 })],
      fault: null,
    },
    {
      items: [fill(at('node'), 12, true), load('r', at('node')), load('r', at('node', 8), { bytes: 4 })],
      fault: null,
    },
    {
      items: [fill(at('node'), 12, true), fill(at('node', 4), 4, false), load('r', at('node'))],
      fault: 'uninitialised-read',
    },
    {
      items: [store(aliveOf('node'), 0, { bytes: 1 }), load('r', at('node'))],
      fault: 'use-after-free',
      detail: 'load of 8 bytes at node[0]',
    },
    { items: [store(aliveOf('node'), 0, { bytes: 1 }), store(at('node', 1), 0)], fault: 'use-after-free' },
    {
      items: [store(aliveOf('node'), 0, { bytes: 1 }), store(at('node'), 0, { checked: false })],
      fault: null,
    },
    // Holes and the bytes behind an object's end do not exist for `fill` either.
    { items: [fill(at('node'), 64, true), load('r', at('m'))], fault: null },
  ];
  for (const { items, fault, detail } of cases) {
    const made = program({
      objects: [{ name: 'm', bytes: 16 }, node],
      threads: [thread('t', [park('go'), ...items])],
    });
    const state = initialStates(made)[0]?.state;
    assert.ok(state);
    const moves = successors(made, state, 0);
    assert.equal(moves.kind, 'enabled');
    const outcome = moves.kind === 'enabled' ? moves.outcomes[0] : undefined;
    const text = `${fault} ${items.map((one) => one.op).join(' ')}`;
    assert.deepEqual(
      outcome?.findings.map((one) => made.checks[one.check]?.name),
      fault === null ? [] : [fault],
      text,
    );
    assert.equal(outcome?.state === null, fault !== null, text);
    if (detail !== undefined) assert.equal(outcome?.findings[0]?.detail, detail);
    for (const finding of outcome?.findings ?? []) assert.equal(made.sites[finding.site]?.text, 'go');
  }
});

test('a step changes nothing of the state it starts from', () => {
  const made = program({
    objects: [{ name: 'x', bytes: 8 }],
    threads: [thread('t', [park('a'), store(at('x'), 1), set('r', 5), park('b'), store(at('x'), 'r')])],
  });
  const before = initialStates(made)[0]?.state;
  assert.ok(before);
  const copy = structuredClone(before);
  const moves = successors(made, before, 0);
  assert.deepEqual(before, copy);
  assert.notDeepEqual(moves.kind === 'enabled' ? moves.outcomes[0]?.state : null, copy);
});

test('loops: as many rounds as allowed, and not one more', () => {
  const loopOf = (rounds: number): Item[] => [
    set('i', 0),
    label('again'),
    set('i', add('i', 1)),
    branch(bin('leu', 'i', rounds), 'again'),
  ];
  const forms: readonly [string, Item[], boolean][] = [
    ['a branch taken the most times', loopOf(LOOP_LIMIT), false],
    ['a branch taken once more', loopOf(LOOP_LIMIT + 1), true],
    ['a jump to itself', [label('here'), jump('here')], true],
    ['a branch not taken', [label('here'), branch(0, 'here')], false],
  ];
  for (const [name, items, runaway] of forms) {
    const made = program({ threads: [thread('t', [park('go'), ...items])] });
    const state = initialStates(made)[0]?.state;
    assert.ok(state);
    const moves = successors(made, state, 0);
    const found = moves.kind === 'enabled' ? moves.outcomes.flatMap((one) => one.findings) : [];
    assert.deepEqual(
      found.map((one) => made.checks[one.check]?.name),
      runaway ? ['runaway-loop'] : [],
      name,
    );
    if (runaway) assert.equal(made.sites[found[0]?.site ?? -1]?.text, 'go');
  }
});

test('predicates: their answer, and the faults they meet', () => {
  const cases: readonly [Item[], boolean | string][] = [
    [[answer(1)], true],
    [[answer(0)], false],
    [[load('r', at('x')), answer(bin('eq', 'r', 7))], true],
    [[load('r', 0), answer(1)], 'null-pointer: load of 8 bytes at address 0 (null)'],
    [[check('bound', 0), answer(1)], 'bound'],
    [[check('soft', 0), answer(1)], true],
    [[label('l'), jump('l')], `runaway-loop: more than ${LOOP_LIMIT} rounds without a step`],
    [[choose('r', 1, 0), answer(1)], 'the condition waits for something'],
    // Nobody executes a predicate.
    [[answer(bin('eq', self, 1))], true],
    [[answer(param)], false],
    [[cover('somewhere'), answer(ne(1, 0))], true],
    [[answer(sel(un('eqz', 0), ext(8, false, 256), 1))], false],
  ];
  for (const [condition, expected] of cases) {
    const made = program({
      objects: [{ name: 'x', bytes: 8, initial: [7] }],
      checks: [{ name: 'soft', fatal: false }],
      threads: [thread('t', [park('go')])],
      goals: [{ name: 'g', predicate: condition }],
    });
    const state = initialStates(made)[0]?.state;
    const goal = made.goals[0];
    assert.ok(state && goal);
    const result = evaluatePredicate(made, state, goal.predicate);
    assert.equal(result.kind === 'answer' ? result.holds : result.detail, expected);
  }
});

function constant(value: bigint): IrExpr {
  return { kind: 'const', value };
}

function resultOf(expr: IrExpr): bigint {
  return evaluate(expr, { registers: [0n, 42n], self: 3, param: -1n });
}
