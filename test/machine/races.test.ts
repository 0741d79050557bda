import { add, assume, at, choose, type Item, load, park, plainStore, shl, store, thread } from './builder.ts';
import { checkSearch, word } from './expectation.ts';

const touch = (
  object: string,
  offset: number,
  bytes: 1 | 2 | 4 | 8,
  write: boolean,
  plain: boolean,
): Item[] => [
  park(`${write ? 'store' : 'load'} ${bytes}`, {
    access: { address: at(object, offset), bytes, write, plain },
  }),
  ...(write ? [store(at(object, offset), 0, { bytes })] : [load('r', at(object, offset), { bytes })]),
];

const races: readonly [string, Item[], Item[], boolean][] = [
  ['two plain stores', touch('x', 0, 8, true, true), touch('x', 0, 8, true, true), true],
  ['a plain store and a plain load', touch('x', 0, 8, true, true), touch('x', 0, 8, false, true), true],
  ['a marked store and a plain load', touch('x', 0, 8, true, false), touch('x', 0, 8, false, true), true],
  ['a plain store and a marked load', touch('x', 0, 8, true, true), touch('x', 0, 8, false, false), true],
  ['marked accesses', touch('x', 0, 8, true, false), touch('x', 0, 8, true, false), false],
  ['loads', touch('x', 0, 8, false, true), touch('x', 0, 8, false, true), false],
  ['neighbours', touch('x', 0, 4, true, true), touch('x', 4, 4, true, true), false],
  ['a byte of a word', touch('x', 0, 8, true, true), touch('x', 7, 1, false, true), true],
  ['the byte behind', touch('x', 0, 2, true, true), touch('x', 2, 1, false, true), false],
  ['no access', touch('x', 0, 8, true, true), [park('other'), store(at('x'), 1)], false],
];
for (const [name, a, b, found] of races) {
  checkSearch(
    `race: ${name}`,
    { objects: [word('x')], threads: [thread('a', a), thread('b', b)] },
    {
      violations: found ? [`data-race @ ${a[0]?.op === 'park' ? a[0].text : ''}`] : [],
      ...(found ? { lengths: [0] } : {}),
    },
  );
}

checkSearch(
  'a thread that cannot move does not race',
  {
    objects: [word('x')],
    threads: [
      thread(
        'a',
        [
          park('gated', { access: { address: at('x'), bytes: 8, write: true, plain: true } }),
          assume(0, 0),
          store(at('x'), 1),
        ],
        { ending: 'daemon' },
      ),
      thread('b', plainStore('x', 2)),
    ],
  },
  { violations: ['deadlock @ gated'] },
);

checkSearch(
  'the address of an access is that of the live registers',
  {
    objects: [{ name: 'm', bytes: 16 }],
    threads: [0, 1].map((base) =>
      thread(`t${base}`, [
        choose('i', 0, base),
        park('m[i] = 1', {
          access: { address: add(at('m'), shl('i', 3)), bytes: 8, write: true, plain: true },
        }),
        store(add(at('m'), shl('i', 3)), 1),
      ]),
    ),
  },
  {
    violations: ['data-race @ m[i] = 1'],
    details: ['task t0 writes m[0] while task t1 writes it at m[i] = 1'],
  },
);
