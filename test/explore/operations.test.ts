import assert from 'node:assert/strict';
import { test } from 'node:test';
import { search } from '../../core/explore/search.ts';
import type { SearchResult } from '../../core/explore/result.ts';
import type { BinaryIrOp, Program, UnaryOp } from '../../core/program/ir.ts';
import {
  add,
  aliveOf,
  at,
  bin,
  branch,
  check,
  choose,
  type E,
  eq,
  ext,
  fill,
  type Item,
  jump,
  label,
  load,
  lock,
  ne,
  or,
  park,
  type ProgramSpec,
  program,
  param,
  sel,
  self,
  set,
  store,
  thread,
  un,
} from '../machine/builder.ts';
import { optionsWith } from './searching.ts';

const options = optionsWith();

const violationsOf = (made: Program, { violations }: SearchResult): string[] =>
  violations.map((one) => `${made.checks[one.check]?.name} @ ${made.sites[one.site]?.text}`);

/** Each claim is an equation; both sides as constants, as registers, and as registers kept over a step. */
function checkEquations(
  name: string,
  equations: readonly (readonly [text: string, make: (value: (n: bigint) => E) => E, expected: bigint])[],
): void {
  test(name, () => {
    const items: Item[] = [];
    for (const [how, value] of [
      ['constant', constantly],
      ['register', inRegister],
      ['kept', kept],
    ] as const) {
      for (const [text, make, expected] of equations) {
        const before: Item[] = [];
        let count = 0;
        const left = make((n) => {
          count += 1;
          return value(n, before, `${how}${count}`);
        });
        items.push(...before, check('holds', eq(left, BigInt.asIntN(64, expected)), `${how}: ${text}`));
      }
    }
    const made = program({ checks: [{ name: 'holds', fatal: false }], threads: [thread('t', items)] });
    const result = search(made, options);
    assert.deepEqual(violationsOf(made, result), []);
    assert.equal(result.complete, true);
    assert.deepEqual(result.ended, [true]);
  });
}

const constantly = (n: bigint): E => n;
/** A choice of one value is not known when code is generated. */
function inRegister(n: bigint, before: Item[], reg: string): E {
  before.push(choose(reg, n, n));
  return reg;
}
function kept(n: bigint, before: Item[], reg: string): E {
  before.push(choose(reg, n, n), park('between'));
  return reg;
}

const edges = [
  0n,
  1n,
  2n,
  7n,
  63n,
  64n,
  127n,
  128n,
  255n,
  256n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
  0x1234_5678_9abc_def0n,
];
const u = (value: bigint): bigint => BigInt.asUintN(64, value);
const s = (value: bigint): bigint => BigInt.asIntN(64, value);

/** What each operator means, by arithmetic on whole numbers. */
const binary: Record<BinaryIrOp, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  divu: (a, b) => (b === 0n ? 0n : a / b),
  divs: (a, b) => (b === 0n ? 0n : s(a) / s(b)),
  remu: (a, b) => (b === 0n ? 0n : a % b),
  rems: (a, b) => (b === 0n ? 0n : s(a) % s(b)),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << (b % 64n),
  shru: (a, b) => a >> (b % 64n),
  shrs: (a, b) => s(a) >> (b % 64n),
  eq: (a, b) => BigInt(a === b),
  ne: (a, b) => BigInt(a !== b),
  ltu: (a, b) => BigInt(a < b),
  lts: (a, b) => BigInt(s(a) < s(b)),
  leu: (a, b) => BigInt(a <= b),
  les: (a, b) => BigInt(s(a) <= s(b)),
};

const unary: Record<UnaryOp, (a: bigint) => bigint> = {
  neg: (a) => -a,
  not: (a) => ~a,
  eqz: (a) => BigInt(a === 0n),
};

for (const [op, meaning] of Object.entries(binary) as [BinaryIrOp, (a: bigint, b: bigint) => bigint][]) {
  checkEquations(
    `binary ${op}`,
    edges.flatMap((a) =>
      edges.map(
        (b) =>
          [
            `${a} ${op} ${b}`,
            (value: (n: bigint) => E) => bin(op, value(s(a)), value(s(b))),
            u(meaning(a, b)),
          ] as const,
      ),
    ),
  );
}
for (const [op, meaning] of Object.entries(unary) as [UnaryOp, (a: bigint) => bigint][]) {
  checkEquations(
    `unary ${op}`,
    edges.map(
      (a) => [`${op} ${a}`, (value: (n: bigint) => E) => un(op, value(s(a))), u(meaning(a))] as const,
    ),
  );
}
for (const bits of [8, 16, 32] as const) {
  for (const signed of [false, true]) {
    const meaning = (a: bigint): bigint => (signed ? BigInt.asIntN(bits, a) : BigInt.asUintN(bits, a));
    checkEquations(
      `extend ${signed ? 's' : 'u'}${bits}`,
      edges.map(
        (a) => [`${a}`, (value: (n: bigint) => E) => ext(bits, signed, value(s(a))), u(meaning(a))] as const,
      ),
    );
  }
}
checkEquations('select evaluates nothing that could trap', [
  ['taken', (value) => sel(value(2n), value(7n), bin('divs', value(1n), value(0n))), 7n],
  ['not taken', (value) => sel(value(0n), bin('remu', value(1n), value(0n)), value(9n)), 9n],
]);

// ---------------------------------------------------------------- memory

/** A program of one thread, by its violations; every check named `holds` must hold. */
function checkRun(
  name: string,
  spec: Omit<ProgramSpec, 'threads'>,
  items: readonly Item[],
  expected: readonly string[],
): void {
  test(name, () => {
    const made = program({
      ...spec,
      checks: [{ name: 'holds', fatal: false }, ...(spec.checks ?? [])],
      threads: [thread('t', items)],
    });
    assert.deepEqual(violationsOf(made, search(made, options)), expected);
  });
}

/** An address that is known when code is generated, and the same one that is not. */
const addressings: readonly (readonly [string, (items: Item[], address: E) => E])[] = [
  ['constant address', (_, address) => address],
  [
    'dynamic address',
    (items, address) => {
      items.push(choose('zero', 0, 0), set('p', add(address, 'zero')));
      return 'p';
    },
  ],
];
const node = { name: 'node', bytes: 12, alive: true, marks: false } as const;

for (const [how, at_] of addressings) {
  const checkAccess = (
    name: string,
    make: (place: (address: E) => E, items: Item[]) => void,
    expected: readonly string[],
  ): void => {
    const items: Item[] = [park('here')];
    make((address) => at_(items, address), items);
    checkRun(
      `${how}: ${name}`,
      { objects: [node, { name: 'x', bytes: 8, initial: [0x8182_8384_8586_8788n] }] },
      items,
      expected,
    );
  };

  for (const [bytes, signed, expected] of [
    [1, false, 0x88n],
    [1, true, -0x78n],
    [2, false, 0x8788n],
    [2, true, -0x7878n],
    [4, false, 0x8586_8788n],
    [4, true, -0x7a79_7878n],
    [8, false, s(0x8182_8384_8586_8788n)],
  ] as const) {
    checkAccess(
      `load of ${bytes} bytes, ${signed ? 'signed' : 'unsigned'}`,
      (place, items) => {
        items.push(load('r', place(at('x')), { bytes, signed }), check('holds', eq('r', expected)));
      },
      [],
    );
    checkAccess(
      `store of ${bytes} bytes leaves the others`,
      (place, items) => {
        const mask = (1n << BigInt(8 * bytes)) - 1n;
        items.push(
          store(place(at('x')), -1, { bytes }),
          load('r', at('x')),
          check('holds', eq('r', s(0x8182_8384_8586_8788n | mask))),
        );
      },
      [],
    );
  }
  checkAccess('null', (place, items) => items.push(load('r', place(0))), ['null-pointer @ here']);
  checkAccess('nothing there', (place, items) => items.push(store(place(add(at('x'), 8)), 1)), [
    'null-pointer @ here',
  ]);
  checkAccess('misaligned', (place, items) => items.push(load('r', place(at('x', 2)), { bytes: 4 })), [
    'out-of-bounds @ here',
  ]);
  checkAccess('beyond the end', (place, items) => items.push(store(place(at('node', 8)), 1, { bytes: 8 })), [
    'out-of-bounds @ here',
  ]);
  checkAccess(
    'inside the last, short granule',
    (place, items) => items.push(store(place(at('node', 8)), 1, { bytes: 4 })),
    [],
  );
  checkAccess(
    'freed',
    (place, items) => items.push(store(aliveOf('node'), 0, { bytes: 1 }), store(place(at('node')), 1)),
    ['use-after-free @ here'],
  );
  checkAccess(
    'freed comes before misaligned',
    (place, items) =>
      items.push(store(aliveOf('node'), 0, { bytes: 1 }), load('r', place(at('node', 1)), { bytes: 4 })),
    ['use-after-free @ here'],
  );
  checkAccess('never written', (place, items) => items.push(load('r', place(at('node')), { bytes: 2 })), [
    'uninitialised-read @ here',
  ]);
  checkAccess(
    'partly written',
    (place, items) =>
      items.push(store(place(at('node', 1)), 1, { bytes: 1 }), load('r', at('node'), { bytes: 2 })),
    ['uninitialised-read @ here'],
  );
  checkAccess(
    'written',
    (place, items) =>
      items.push(store(place(at('node', 2)), 1, { bytes: 2 }), load('r', place(at('node', 2)), { bytes: 2 })),
    [],
  );
  checkAccess(
    'an unchecked load asks nothing',
    (place, items) =>
      items.push(load('r', place(at('node')), { checked: false }), check('holds', eq('r', 0))),
    [],
  );
  checkAccess(
    'an unchecked store marks',
    (place, items) => items.push(store(place(at('node')), 1, { checked: false }), load('r', at('node'))),
    [],
  );
  checkAccess(
    'an unchecked access where nothing is',
    (place, items) => items.push(load('r', place(16), { checked: false })),
    ['null-pointer @ here'],
  );
  checkAccess(
    'fill marks and clears',
    (place, items) =>
      items.push(
        store(at('node'), -1),
        fill(place(at('node')), 12, true),
        load('r', at('node')),
        load('q', at('node', 8), { bytes: 4 }),
        check('holds', eq(or('r', 'q'), 0)),
      ),
    [],
  );
  checkAccess(
    'fill takes marks away',
    (place, items) =>
      items.push(store(at('node'), -1), fill(place(at('node')), 12, false), load('r', at('node'))),
    ['uninitialised-read @ here'],
  );
  checkAccess(
    'fill of a part',
    (place, items) =>
      items.push(
        store(at('x'), -1),
        fill(place(at('x', 2)), 3),
        load('r', at('x')),
        check('holds', eq('r', s(0xffff_ff00_0000_ffffn))),
      ),
    [],
  );
}

// ---------------------------------------------------------------- control

checkRun(
  'a loop within a step',
  {},
  [
    park('here'),
    set('i', 0),
    set('sum', 0),
    label('again'),
    set('sum', add('sum', 'i')),
    set('i', add('i', 1)),
    branch(ne('i', 1000), 'again'),
    check('holds', eq('sum', 499_500)),
  ],
  [],
);

checkRun(
  'loops within a loop, entered in the middle',
  {},
  [
    set('outer', 3),
    set('count', 0),
    label('top'),
    set('inner', 4),
    park('middle'),
    label('again'),
    set('count', add('count', 1)),
    set('inner', add('inner', -1)),
    branch('inner', 'again'),
    set('outer', add('outer', -1)),
    branch('outer', 'top'),
    check('holds', eq('count', 12)),
  ],
  [],
);

checkRun(
  'exactly as many rounds as allowed',
  {},
  [
    park('here'),
    set('i', 100_000),
    label('again'),
    set('i', add('i', -1)),
    branch('i', 'again'),
    set('j', 1),
    label('end'),
    branch('j', 'out'),
    jump('end'),
    label('out'),
  ],
  [],
);

checkRun(
  'one round too many',
  {},
  [park('here'), set('i', 100_002), label('again'), set('i', add('i', -1)), branch('i', 'again')],
  ['runaway-loop @ here'],
);

checkRun('a loop without an end', {}, [park('here'), label('again'), jump('again')], ['runaway-loop @ here']);

test('self and param of the threads of a family', () => {
  const items = [park('here'), store(add(at('a'), self), param, { bytes: 1 })];
  const spec = program({
    objects: [{ name: 'a', bytes: 3 }],
    threads: [3, -1, 200].map((one, i) => thread(`t${i}`, items, { param: BigInt(one) })),
    goals: [
      {
        name: 'all',
        predicate: [load('r', at('a'), { bytes: 4, checked: false }), set('answer', eq('r', 0xc8_ff03))],
      },
    ],
  });
  const result = search(spec, options);
  assert.equal(result.states, 8);
  assert.equal(result.goals[0]?.trace?.steps.length, 3);
});

test('64 threads, the highest waiting for each other', () => {
  const items = (wanted: string): Item[] => [...lock(wanted)];
  const idle = Array.from({ length: 62 }, (_, i) => thread(`idle${i}`, []));
  const made = program({
    objects: [
      { name: 'a', bytes: 8, initial: [64] },
      { name: 'b', bytes: 8, initial: [63] },
    ],
    threads: [...idle, thread('p', items('a')), thread('q', items('b'))],
  });
  const result = search(made, options);
  assert.deepEqual(violationsOf(made, result), ['deadlock @ spin_lock(&a)']);
  assert.match(
    result.violations[0]?.detail ?? '',
    /task p waits .* held by task q; task q waits .* held by task p/,
  );
});
