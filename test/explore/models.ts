/**
 * Models of known size, one park for each step of the Promela they come from: SPIN 6.5.2 without reduction is the oracle
 * for their numbers of states.
 */

import type { Program } from '../../core/program/ir.ts';
import {
  add,
  and,
  assume,
  at,
  bin,
  branch,
  check,
  choose,
  eq,
  eqz,
  type Item,
  jump,
  label,
  load,
  ne,
  park,
  program,
  set,
  shl,
  store,
  sub,
  thread,
} from '../machine/builder.ts';

const byte = { bytes: 1, checked: false } as const;
const get = (reg: string, object: string): Item => load(reg, at(object), byte);
const put = (object: string, value: Parameters<typeof store>[1]): Item => store(at(object), value, byte);
const less = (a: Parameters<typeof add>[0], b: Parameters<typeof add>[1]) => bin('ltu', a, b);

/** Dining philosophers; the last one takes the forks in reverse order, so nobody starves for good. */
export function philosophers(count: number, ordered: boolean): Program {
  const take = (fork: string): Item[] => [
    park(`take ${fork}`),
    get('f', fork),
    assume(eqz('f')),
    put(fork, 1),
  ];
  const leave = (fork: string): Item[] => [park(`leave ${fork}`), put(fork, 0)];
  return program({
    objects: Array.from({ length: count }, (_, i) => ({ name: `fork${i}`, bytes: 1 })),
    threads: Array.from({ length: count }, (_, i) => {
      const right = `fork${(i + 1) % count}`;
      const left = `fork${i}`;
      const [first, second] = ordered && i === count - 1 ? [right, left] : [left, right];
      return thread(`p${i}`, [
        label('again'),
        ...take(first),
        ...take(second),
        ...leave(second),
        ...leave(first),
        jump('again'),
      ]);
    }),
  });
}

/** Threads that read or write under an rwlock, then count under a spinlock, `rounds` times each. */
export function readersWriters(threads: number, rounds: number): Program {
  const items: Item[] = [
    label('begin'),
    park('begin'),
    branch(bin('leu', rounds, 'i'), 'done'),
    choose('how', 0, 1),
    branch(eq('how', 1), 'write'),
    get('w', 'writer'),
    assume(eqz('w')),
    get('r', 'readers'),
    put('readers', add('r', 1)),
    park('t = A'),
    get('t', 'A'),
    park('assert'),
    get('b', 'B'),
    check('equal', eq('t', 'b')),
    park('read_unlock'),
    get('r', 'readers'),
    put('readers', sub('r', 1)),
    jump('count'),
    label('write'),
    get('w', 'writer'),
    get('r', 'readers'),
    assume(and(eqz('w'), eqz('r'))),
    put('writer', 1),
    park('t = A'),
    get('t', 'A'),
    park('A = t + 1'),
    put('A', add('t', 1)),
    park('t = B'),
    get('t', 'B'),
    park('B = t + 1'),
    put('B', add('t', 1)),
    park('write_unlock'),
    put('writer', 0),
    label('count'),
    park('spin_lock'),
    get('s', 'spin'),
    assume(eqz('s')),
    put('spin', 1),
    park('t = stat'),
    get('t', 'stat'),
    park('stat = t + 1'),
    put('stat', add('t', 1)),
    park('spin_unlock'),
    put('spin', 0),
    set('i', add('i', 1)),
    jump('begin'),
    label('done'),
  ];
  return program({
    objects: ['readers', 'writer', 'spin', 'A', 'B', 'stat'].map((name) => ({ name, bytes: 1 })),
    threads: Array.from({ length: threads }, (_, i) => thread(`t${i}`, items)),
  });
}

/** Threads that each increment slots of their choice by compare and exchange, with retries. */
export function compareExchange(threads: number, operations: number, slots: number): Program {
  const slot = add(at('a'), shl('s', 0));
  const items: Item[] = [
    label('begin'),
    park('begin'),
    branch(bin('leu', operations, 'n'), 'done'),
    choose('s', 0, slots - 1),
    label('again'),
    park('old = a[s]'),
    load('old', slot, byte),
    park('cmpxchg'),
    load('now', slot, byte),
    branch(ne('now', 'old'), 'again'),
    store(slot, add('old', 1), byte),
    set('n', add('n', 1)),
    jump('begin'),
    label('done'),
  ];
  return program({
    objects: [{ name: 'a', bytes: slots }],
    threads: Array.from({ length: threads }, (_, i) => thread(`t${i}`, items)),
  });
}

/** `count` threads that each step through `steps` local values: (steps + 1) ^ count states. */
export function counters(count: number, steps: number): Program {
  const items: Item[] = [
    label('again'),
    park('step'),
    set('i', add('i', 1)),
    branch(less('i', steps), 'again'),
  ];
  return program({ threads: Array.from({ length: count }, (_, i) => thread(`t${i}`, items)) });
}

/** Code as large as a real scenario's: `parks` accesses with branches and locals between them, and none of it twice. */
export function bulky(threads: number, parks: number): Program {
  const body = (name: string): Item[] =>
    Array.from({ length: parks }, (_, i): Item[] => [
      park(`${name} ${i}`, {
        access: { address: at('x'), bytes: 8, write: i % 3 === 0, plain: i % 2 === 0 },
      }),
      load('v', at('x')),
      set('w', and('v', 255)),
      set(`k${i % 20}`, add('w', i)),
      check('small', less(`k${(i + 7) % 20}`, 1_000_000)),
      branch(eq('w', i), `${name} skip ${i}`),
      store(at('x'), and(add('v', `k${(i + 3) % 20}`), 3)),
      label(`${name} skip ${i}`),
    ]).flat();
  return program({
    objects: [
      { name: 'x', bytes: 8 },
      { name: 'table', bytes: 4096 },
    ],
    checks: [{ name: 'small', fatal: false }],
    threads: Array.from({ length: threads }, (_, i) => thread(`t${i}`, body(`t${i}`))),
  });
}
