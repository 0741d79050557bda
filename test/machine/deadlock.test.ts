import {
  add,
  answer,
  assume,
  at,
  choose,
  eq,
  type Item,
  jump,
  label,
  load,
  lock,
  park,
  shl,
  store,
  thread,
  unlock,
} from './builder.ts';
import { checkSearch, valueIs, word } from './expectation.ts';

// ---------------------------------------------------------------- deadlock

const inOrder = (...locks: string[]): Item[] => [
  ...locks.flatMap(lock),
  ...[...locks].reverse().flatMap(unlock),
];

checkSearch(
  'locks in one order',
  {
    objects: [word('a'), word('b')],
    threads: [thread('p', inOrder('a', 'b')), thread('q', inOrder('a', 'b'))],
  },
  { ended: [true, true] },
);

checkSearch(
  'locks in both orders',
  {
    objects: [word('a'), word('b')],
    threads: [thread('p', inOrder('a', 'b')), thread('q', inOrder('b', 'a'))],
  },
  {
    violations: ['deadlock @ spin_lock(&b)'],
    details: ['task p waits at spin_lock(&b); held by task q; task q waits at spin_lock(&a); held by task p'],
    lengths: [2],
    ended: [true, true],
  },
);

checkSearch(
  'a lock taken twice is a circle of one, while others run on',
  {
    objects: [word('a'), word('x')],
    threads: [thread('p', [...lock('a'), ...lock('a')]), thread('q', [label('l'), park('run'), jump('l')])],
  },
  {
    violations: ['deadlock @ spin_lock(&a)'],
    details: ['task p waits at spin_lock(&a); held by itself'],
    lengths: [1],
    ended: [false, false],
  },
);

checkSearch(
  'a circle of three, reported at its lowest thread',
  {
    threads: [
      thread('free', [label('l'), park('run'), jump('l')]),
      thread('a', [park('wait a'), assume(0, 1 << 3)]),
      thread('b', [park('wait b'), assume(0, 1 << 1)]),
      thread('c', [park('wait c'), assume(0, (1 << 2) | 1)]),
    ],
  },
  {
    violations: ['deadlock @ wait a'],
    details: [
      'task a waits at wait a; held by task c; task c waits at wait c; held by task free and task b; task b waits at wait b; held by task a',
    ],
    lengths: [0],
  },
);

checkSearch(
  'waiting for who can move is no circle',
  {
    objects: [word('x')],
    threads: [
      thread('a', [park('wait'), load('r', at('x')), assume('r', 2)]),
      thread('b', [park('go'), store(at('x'), 1)]),
    ],
  },
  { ended: [true, true] },
);

checkSearch(
  'waiting for who waits for nobody known, with one that moves on',
  {
    threads: [
      thread('a', [park('wait a'), assume(0, 2)]),
      thread('b', [park('wait b'), assume(0)]),
      thread('c', [label('l'), park('run'), jump('l')]),
    ],
  },
  {},
);

checkSearch(
  'nothing goes on',
  {
    threads: [
      thread('done', []),
      thread('a', [park('wait a'), assume(0, 1)]),
      thread('b', [park('pick'), choose('r', 1, 0)]),
    ],
  },
  {
    violations: ['deadlock @ wait a'],
    details: ['task a waits at wait a; held by task done; task b waits at pick'],
    lengths: [0],
  },
);

checkSearch(
  'a thread that may choose what to wait for is not on a circle through one of the choices',
  {
    threads: [
      thread('a', [park('pick'), choose('r', 0, 1), assume(0, shl(1, add('r', 1)), 'either')]),
      thread('b', [label('l'), park('run'), jump('l')]),
      thread('c', [park('wait'), assume(0, 1)]),
    ],
  },
  { violations: [] },
);

// ---------------------------------------------------------------- daemons and optional actors

const worker = (body: Item[]): Item[] => [
  label('head'),
  park('head', { head: true }),
  load('t', at('work')),
  assume('t'),
  store(at('work'), 0),
  ...body,
  jump('head'),
];

checkSearch(
  'a daemon with nothing to do has ended',
  {
    objects: [word('work')],
    threads: [
      thread('w', worker([]), { ending: 'daemon' }),
      thread('t', [park('queue'), store(at('work'), 1)]),
    ],
    finals: [{ name: 'f', condition: valueIs('work', 0) }],
  },
  { states: 3, ended: [true, true], finalEvaluated: [true] },
);

checkSearch(
  'a daemon at work has not',
  {
    objects: [word('work')],
    threads: [
      thread('w', worker([park('inside'), assume(0)]), { ending: 'daemon' }),
      thread('t', [park('queue'), store(at('work'), 1)]),
    ],
    finals: [{ name: 'f', condition: [answer(1)] }],
  },
  { violations: ['deadlock @ inside'], finalEvaluated: [false], ended: [true, true] },
);

checkSearch(
  'a head is only for daemons and optional actors',
  {
    threads: [thread('t', [park('head', { head: true }), assume(0)])],
    finals: [{ name: 'f', condition: [answer(0)] }],
  },
  { violations: ['deadlock @ head'], finalEvaluated: [false], ended: [true] },
);

const interrupt = thread(
  'i',
  [park('arrive', { head: true }), store(at('x'), 1), park('handle'), store(at('x'), 2)],
  { ending: 'optional', kind: 'irq' },
);

checkSearch(
  'an optional actor may or may not run before everything is over',
  {
    objects: [word('x')],
    threads: [interrupt],
    finals: [{ name: 'never', condition: valueIs('x', 0) }],
  },
  { states: 3, violations: ['never @ never'], lengths: [2], finalEvaluated: [true] },
);

checkSearch(
  'an interrupt that could arrive is no progress',
  {
    objects: [word('x')],
    threads: [interrupt, thread('t', [park('wait'), assume(0)])],
  },
  { violations: ['deadlock @ wait'], lengths: [0], details: ['task t waits at wait'] },
);

checkSearch(
  'one that is inside is',
  {
    objects: [word('x')],
    threads: [interrupt, thread('t', [park('wait'), load('r', at('x')), assume(eq('r', 2))])],
  },
  { violations: ['deadlock @ wait'], states: 4 },
);
