/** The kernel's selftest of lockdep (selftest.ts): each cell a scenario, analysed as text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf } from './check.ts';
import {
  type Column,
  handlerRows,
  type Inner,
  others,
  type Outer,
  plainRows,
  type Row,
  waitContexts,
} from './selftest.ts';

/** Codes that are told of a scenario, each once. */
function told(text: string): string {
  const codes = findingsOf(`scenario "s";\n${text}`).findings.map(({ code }) => code);
  return [...new Set(codes)].sort().join(' ');
}

// ---------------------------------------------------------------- rows of sequences

type Kind = 'spin' | 'rwlock' | 'mutex' | 'rwsem';
type Mode = 'W' | 'R' | 'L';

const types: Readonly<Record<Kind, string>> = {
  spin: 'spinlock_t',
  rwlock: 'rwlock_t',
  mutex: 'struct mutex',
  rwsem: 'struct rw_semaphore',
};
const inits: Readonly<Record<Kind, string>> = {
  spin: 'spin_lock_init',
  rwlock: 'rwlock_init',
  mutex: 'mutex_init',
  rwsem: 'init_rwsem',
};
const functions: Readonly<Record<Kind, readonly [take: string, drop: string, read: string, unread: string]>> =
  {
    spin: ['spin_lock', 'spin_unlock', '', ''],
    mutex: ['mutex_lock', 'mutex_unlock', '', ''],
    rwlock: ['write_lock', 'write_unlock', 'read_lock', 'read_unlock'],
    rwsem: ['down_write', 'up_write', 'down_read', 'up_read'],
  };

const columnKinds: Readonly<Record<Column, readonly [Kind, Mode]>> = {
  spin: ['spin', 'L'],
  wlock: ['rwlock', 'W'],
  rlock: ['rwlock', 'R'],
  mutex: ['mutex', 'L'],
  wsem: ['rwsem', 'W'],
  rsem: ['rwsem', 'R'],
};

/** The scenario of a cell. A lock's kind comes from how it is used: with `R` and `W` it has readers. */
function scenario(row: Row, column: Column, handler: 'hard' | 'soft'): string {
  const [own, mode] = columnKinds[column];
  const readers: Kind = column.endsWith('sem') ? 'rwsem' : 'rwlock';
  const kinds = new Map<string, Kind>();
  const parts = row.text.split(';').map((part) => {
    const inHandler = part.trim().startsWith('irq:');
    const words = part.replace('irq:', '').trim().split(' ');
    return { inHandler, lines: words.map((word) => statement(word)) };
  });

  function statement(word: string): string {
    const off = handler === 'hard' ? 'local_irq' : 'local_bh';
    if (word === 'off') return `${off}_disable();`;
    if (word === 'on') return `${off}_enable();`;
    if (word === 'hard-') return 'local_irq_disable();';
    if (word === 'hard+') return 'local_irq_enable();';
    const match = /^(-|init\.)?(?:([WRL])\.)?([A-Z])(\d?)$/.exec(word);
    assert.ok(match !== null, `what is '${word}'?`);
    const [, how = '', said, name = '', instance = ''] = match;
    const as = (said ?? mode) as Mode;
    const kind: Kind =
      said === 'L' ? (readers === 'rwsem' ? 'mutex' : 'spin') : said === undefined ? own : readers;
    if (kinds.get(name) !== 'rwlock' && kinds.get(name) !== 'rwsem') kinds.set(name, kind);
    const lock = instance === '' ? `&${name}` : `&${name}[${Number(instance) - 1}]`;
    if (how === 'init.') return `${inits[kind]}(${lock});`;
    const [take, drop, read, unread] = functions[kind];
    const call = as === 'R' ? (how === '-' ? unread : read) : how === '-' ? drop : take;
    return `${call}(${lock});`;
  }

  const actors = parts.map(({ inHandler, lines }, index) => {
    const all =
      row.recursive === true && column === 'rlock'
        ? ['local_bh_disable();', ...lines, 'local_bh_enable();']
        : lines;
    const body = all.map((line) => `\t${line}\n`).join('');
    if (!inHandler) return `task t${index} on cpu(0) {\n${body}}\n`;
    return `${handler === 'hard' ? 'irq' : 'softirq'} h${index} on cpu(0) times 1 {\n${body}}\n`;
  });
  const declarations = [...kinds].map(
    ([name, kind]) => `${types[kind]} ${name}${name === 'X' ? '[2]' : ''};\n`,
  );
  return declarations.join('') + actors.join('');
}

function checkRows(rows: readonly Row[]): void {
  for (const row of rows) {
    const handlers = row.text.includes('irq:') ? (['hard', 'soft'] as const) : (['hard'] as const);
    for (const handler of handlers.filter((each) => row.handler === undefined || each === row.handler)) {
      for (const [name, expected] of Object.entries(row.expected)) {
        const column = name as Column;
        const known = row.differs?.[column];
        const differs = known?.handler === handler ? known : undefined;
        const text = scenario(row, column, handler);
        const where = row.text.includes('irq:') ? `, ${handler}` : '';
        test(`${row.name}: ${column}${where}${differs === undefined ? '' : `, unlike the kernel's: ${differs.why}`}`, () => {
          if (differs !== undefined) assert.notEqual(differs.tells, expected, 'it does not differ');
          assert.equal(told(text), (differs === undefined ? expected : differs.tells) ?? '', text);
        });
      }
    }
  }
}

checkRows(plainRows);
checkRows(handlerRows);

// ---------------------------------------------------------------- what may be taken where

const inners: Readonly<Record<Inner, readonly [declared: string, take: string, drop: string]>> = {
  RCU: ['', 'rcu_read_lock();', 'rcu_read_unlock();'],
  'raw spinlock': ['raw_spinlock_t raw_b;', 'raw_spin_lock(&raw_b);', 'raw_spin_unlock(&raw_b);'],
  spinlock: ['spinlock_t spin_b;', 'spin_lock(&spin_b);', 'spin_unlock(&spin_b);'],
  mutex: ['struct mutex mutex_b;', 'mutex_lock(&mutex_b);', 'mutex_unlock(&mutex_b);'],
};

const task = (before: string, after: string) => (body: string) =>
  `task t on cpu(0) {\n\t${before}\n${body}\t${after}\n}\n`;

const outers: Readonly<Record<Outer, (body: string) => string>> = {
  hardirq: (body) => `irq h on cpu(0) times 1 {\n${body}}\n`,
  'hardirq, not threaded': (body) =>
    `void handler(void *info)\n{\n${body}}\ntask t on cpu(0) {\n\tsmp_call_function_single(1, handler, NULL, 1);\n}\ntask other on cpu(1) {\n}\n`,
  softirq: (body) => `softirq s on cpu(0) times 1 {\n${body}}\n`,
  RCU: task('rcu_read_lock();', 'rcu_read_unlock();'),
  'RCU-bh': task('rcu_read_lock_bh();', 'rcu_read_unlock_bh();'),
  'RCU-sched': task('rcu_read_lock_sched();', 'rcu_read_unlock_sched();'),
  'raw spinlock': (body) =>
    `raw_spinlock_t raw_a;\n${task('raw_spin_lock(&raw_a);', 'raw_spin_unlock(&raw_a);')(body)}`,
  spinlock: (body) => `spinlock_t spin_a;\n${task('spin_lock(&spin_a);', 'spin_unlock(&spin_a);')(body)}`,
  mutex: (body) => `struct mutex mutex_a;\n${task('mutex_lock(&mutex_a);', 'mutex_unlock(&mutex_a);')(body)}`,
};

for (const [outer, around] of Object.entries(outers)) {
  for (const [inner, [declared, take, drop]] of Object.entries(inners)) {
    const forbidden = waitContexts[outer as Outer].includes(inner as Inner);
    test(`${inner} in ${outer}: ${forbidden ? 'told of' : 'all right'}`, () => {
      const text = `${declared}\n${around(`\t${take}\n\t${drop}\n`)}`;
      const codes = told(text);
      if (forbidden) assert.match(codes, /lock-wait-type|sleeping-in-atomic/, text);
      else assert.equal(codes, '', text);
    });
  }
}

// ---------------------------------------------------------------- single tests

for (const [name, { tells, text }] of Object.entries(others)) {
  test(name, () => {
    assert.equal(told(text), tells ?? '');
  });
}
