/** Wait types: which kind of lock may be taken inside which, and in which interrupt. */

import { check } from './judging.ts';

const kinds = { W: 'raw', S: 'spin', M: 'mutex', C: 'srcu' } as const;

/** By context: RCU, raw spinlock, spinlock, mutex, SRCU inside it: `+` allowed, `-` told. */
const matrix: readonly (readonly [string, string, string])[] = [
  ['a task', '', '+++++'],
  ['hard interrupt', 'hard[', '++--+'],
  ['threaded interrupt', 'threaded[', '+++-+'],
  ['softirq', 'soft[', '+++-+'],
  ['RCU', 'rcu', '+++-+'],
  ['RCU-sched', 'sched', '++--+'],
  ['RCU in a hard interrupt', 'hard[rcu', '++--+'],
  ['raw spinlock', 'W', '++--+'],
  ['spinlock', 'S', '+++-+'],
  ['mutex', 'M', '+++++'],
  ['SRCU', 'R(C)', '+++++'],
  ['mutex, then a spinlock', 'M S', '+++-+'],
  ['raw spinlock by trylock', '?W', '++--+'],
  ['raw spinlock, dropped', 'W -W', '+++++'],
  ['RCU in a raw spinlock', 'W rcu', '++--+'],
  ['spinlock, then RCU', 'S rcu', '+++-+'],
];
const inside = ['rcu', 'W1', 'S1', 'M1', 'R(C1)'];
const inner = { ...kinds, W1: 'raw', S1: 'spin', M1: 'mutex', C1: 'srcu' } as const;

for (const [name, outside, allowed] of matrix)
  for (const [at, lock] of inside.entries()) {
    const close = outside.includes('[') ? ' ]' : '';
    const wrong = allowed[at] === '-';
    check([
      {
        name,
        text: `${outside} ${lock}${close}`,
        kinds: inner,
        ...(wrong ? { tells: 'lock-wait-type' } : {}),
      },
      { name: `${name}, trylock`, text: `${outside} ?${lock}${close}`, kinds: inner },
    ]);
  }

check([
  {
    name: 'what a task holds does not count in its interrupt',
    text: 'W threaded[ S ]',
    kinds: { ...kinds, S: 'spin' },
  },
  { name: 'synchronize inside a mutex', text: 'M ~M1', kinds: inner },
  { name: 'synchronize inside a spinlock', text: 'S ~M1', kinds: inner, tells: 'lock-wait-type' },
]);
