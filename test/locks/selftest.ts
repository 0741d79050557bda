/**
 * The verdicts by which the kernel tests lockdep (lib/locking-selftest.c): which sequences of operations on locks, by
 * which kinds of locks and in which contexts, are to be told of. Facts only; the sequences are in a notation of our own.
 *
 * A row's `text` is what happens, parts of it that may happen at the same time divided by `;`. `A` takes the lock A with
 * the column's kind, `-A` drops it. `W.A`, `R.A` take it for write and for read, `L.A` is a lock that excludes everybody:
 * a spinlock beside an rwlock, a mutex beside an rwsem. X1 and X2 are two locks of one class. `irq:` before a part: a
 * handler does it, `off`, `on` are those that keep that handler out. `hard-`, `hard+`: hard interrupts, whatever the
 * handler is. `init.A` makes the lock a free one.
 *
 * The kernel tries each order of the parts; here there is no order among them.
 */

export type Column = 'spin' | 'wlock' | 'rlock' | 'mutex' | 'wsem' | 'rsem';

export interface Row {
  readonly name: string;
  readonly text: string;
  /** What the kernel's test expects to be told of in each column; null: nothing. */
  readonly expected: Readonly<Partial<Record<Column, string | null>>>;
  /** Where the verdict is another one here, and why. */
  readonly differs?: Readonly<Partial<Record<Column, Difference>>>;
  /** Readers of an rwlock are recursive, as the kernel's test forces them to be: here because bottom halves are off. */
  readonly recursive?: boolean;
  /** What `irq:` is; both when it is missing. */
  readonly handler?: 'hard' | 'soft';
}

export interface Difference {
  readonly tells: string | null;
  /** With which handlers. */
  readonly handler: 'hard' | 'soft';
  readonly why: string;
}

function six(tells: string, rlock: string | null = null): Row['expected'] {
  return { spin: tells, wlock: tells, rlock, mutex: tells, wsem: tells, rsem: tells };
}

const circle = 'lock-order-inversion';
const again = 'lock-recursion';

const unlocks = 'lock-unbalanced';
const inUse = 'lock-in-use';

/** One thread, or several tasks. */
export const plainRows: readonly Row[] = [
  { name: 'AA', text: 'X1 X2 -X2 -X1', expected: six(again), recursive: true },
  { name: 'ABBA', text: 'A B -B -A B A -A -B', expected: six(circle), recursive: true },
  { name: 'ABBCCA', text: 'A B -B -A B C -C -B C A -A -C', expected: six(circle), recursive: true },
  { name: 'ABCABC', text: 'A B -B -A C A -A -C B C -C -B', expected: six(circle), recursive: true },
  {
    name: 'ABBCCDDA',
    text: 'A B -B -A B C -C -B C D -D -C D A -A -D',
    expected: six(circle),
    recursive: true,
  },
  {
    name: 'ABCDBDDA',
    text: 'A B -B -A C D -D -C B D -D -B D A -A -D',
    expected: six(circle),
    recursive: true,
  },
  {
    name: 'ABCDBCDA',
    text: 'A B -B -A C D -D -C B C -C -B D A -A -D',
    expected: six(circle),
    recursive: true,
  },
  { name: 'double unlock', text: 'A -A -A', expected: six(unlocks, unlocks) },
  { name: 'init held', text: 'A init.A -A', expected: six(inUse, inUse) },
  {
    name: 'bad unlock order',
    text: 'A B -A -B',
    expected: { spin: null, wlock: null, rlock: null, mutex: null, wsem: null, rsem: null },
  },
  {
    name: 'recursive read',
    text: 'R.A R.A -R.A -R.A',
    expected: { rlock: null, rsem: again },
    recursive: true,
  },
  {
    name: 'recursive read of one class',
    text: 'R.X1 R.X2 -R.X2 -R.X1',
    expected: { rlock: null, rsem: again },
    recursive: true,
  },
  {
    name: 'mixed read, write',
    text: 'R.X1 W.X2 -W.X2 -R.X1',
    expected: { rlock: again, rsem: again },
    recursive: true,
  },
  {
    name: 'mixed write, read',
    text: 'W.X1 R.X2 -R.X2 -W.X1',
    expected: { rlock: again, rsem: again },
    recursive: true,
  },
  {
    name: 'read-lock/lock-write ABBA',
    text: 'R.A L.B -L.B -R.A L.B W.A -W.A -L.B',
    expected: { rlock: circle, rsem: circle },
    recursive: true,
  },
  {
    name: 'read-lock/lock-read ABBA',
    text: 'R.A L.B -L.B -R.A L.B R.A -R.A -L.B',
    expected: { rlock: null, rsem: circle },
    recursive: true,
  },
  {
    name: 'write-lock/lock-write ABBA',
    text: 'W.A L.B -L.B -W.A L.B W.A -W.A -L.B',
    expected: { rlock: circle, rsem: circle },
    recursive: true,
  },
  {
    name: 'chain cached',
    text: 'R.A L.B -L.B -R.A L.B R.A -R.A -L.B L.B W.A -W.A -L.B',
    expected: { rlock: circle },
    recursive: true,
  },
  {
    name: 'W1R2 W2R3 W3R1',
    text: 'W.A R.B -R.B -W.A; W.B R.C -R.C -W.B; W.C R.A -R.A -W.C',
    expected: { rlock: circle },
    recursive: true,
  },
  {
    name: 'W1W2 R2R3 W3R1',
    text: 'W.A W.B -W.B -W.A; R.B R.C -R.C -R.B; W.C R.A -R.A -W.C',
    expected: { rlock: circle },
    recursive: true,
  },
  {
    name: 'W1W2 R2R3 R3W1',
    text: 'W.A W.B -W.B -W.A; R.B R.C -R.C -R.B; R.C W.A -W.A -R.C',
    expected: { rlock: null },
    recursive: true,
  },
  {
    name: 'W1R2 R2R3 W3W1',
    text: 'W.A R.B -R.B -W.A; R.B R.C -R.C -R.B; W.C W.A -W.A -W.C',
    expected: { rlock: null },
    recursive: true,
  },
];

const unsafe = 'lock-irq-unsafe';
const inversion = 'lock-irq-inversion';
/** With bottom halves off, as in the softirq rows, it is one. */
const notRecursive = 'read_lock() of a task is no recursive reader, see "queued, inversion"';

function three(tells: string): Row['expected'] {
  return { spin: tells, wlock: tells, rlock: null };
}

/** Tasks and a handler, in a hard interrupt and in a softirq. */
export const handlerRows: readonly Row[] = [
  { name: 'irq-safe, taken with it on', text: 'irq: A -A; A -A', expected: three(unsafe) },
  {
    name: 'softirq-safe, hard interrupts go on',
    text: 'irq: A -A; hard- A hard+ -A',
    expected: three(unsafe),
    handler: 'soft',
  },
  { name: 'irq-safe, it goes on', text: 'irq: A -A; off A on -A', expected: three(unsafe) },
  { name: 'safe and unsafe', text: 'A B -B -A; B -B; irq: A -A', expected: three(`${inversion} ${unsafe}`) },
  { name: 'safe, then unsafe', text: 'off A B -B -A on; B -B; irq: A -A', expected: three(inversion) },
  {
    name: 'inversion',
    text: 'off W.A B -B -W.A on; B -B; irq: R.A -R.A',
    expected: three(inversion),
    differs: { rlock: { tells: inversion, handler: 'hard', why: notRecursive } },
  },
  {
    name: 'read recursion',
    text: 'off W.A -W.A on; R.A -R.A; irq: A L.B -L.B -A',
    expected: { wlock: unsafe, rlock: null },
  },
  {
    name: 'read recursion #2',
    text: 'off L.B A -A -L.B on; R.A -R.A; irq: L.B -L.B',
    expected: { wlock: inversion, rlock: null },
    differs: { rlock: { tells: inversion, handler: 'hard', why: notRecursive } },
  },
  {
    name: 'read recursion #3',
    text: 'off W.B A -A -W.B on; R.A -R.A; irq: R.B -R.B',
    expected: { wlock: inversion, rlock: null },
    differs: { rlock: { tells: inversion, handler: 'hard', why: notRecursive } },
  },
  {
    name: 'queued, read-lock/lock-read',
    text: 'irq: R.A L.B -L.B -R.A; off L.B R.A -R.A -L.B on',
    expected: { rlock: circle },
    handler: 'hard',
  },
  {
    name: 'queued, lock-read/read-lock',
    text: 'irq: L.B R.A -R.A -L.B; off R.A L.B -L.B -R.A on',
    expected: { rlock: null },
    handler: 'hard',
  },
  {
    name: 'queued, inversion',
    text: 'irq: L.B -L.B; off L.B R.A -R.A -L.B on; R.A -R.A',
    expected: { rlock: inversion },
    handler: 'hard',
  },
];

export type Outer =
  | 'hardirq'
  | 'hardirq, not threaded'
  | 'softirq'
  | 'RCU'
  | 'RCU-bh'
  | 'RCU-sched'
  | 'raw spinlock'
  | 'spinlock'
  | 'mutex';
export type Inner = 'RCU' | 'raw spinlock' | 'spinlock' | 'mutex';

/** Which locks may be taken where, with PREEMPT_RT in mind: the kinds that may not. */
export const waitContexts: Readonly<Record<Outer, readonly Inner[]>> = {
  hardirq: ['mutex'],
  'hardirq, not threaded': ['spinlock', 'mutex'],
  softirq: ['mutex'],
  RCU: ['mutex'],
  'RCU-bh': ['mutex'],
  'RCU-sched': ['spinlock', 'mutex'],
  'raw spinlock': ['spinlock', 'mutex'],
  spinlock: ['mutex'],
  mutex: [],
};

/** Single tests, written out. */
export const others: Readonly<Record<string, { readonly tells: string | null; readonly text: string }>> = {
  'local_lock inversion 2': {
    tells: null,
    text: `spinlock_t a;
local_lock_t local[64] __per_cpu;
task one on cpu(0) {
	local_lock(&local);
	local_unlock(&local);
}
task two on cpu(0) {
	local_irq_disable();
	spin_lock(&a);
	local_lock(&local);
	local_unlock(&local);
	spin_unlock(&a);
	local_irq_enable();
}
irq handler on cpu(0) times 1 {
	spin_lock(&a);
	spin_unlock(&a);
}
`,
  },
  'local_lock inversion 3A': {
    tells: null,
    text: `spinlock_t a, b;
local_lock_t local[64] __per_cpu;
task one on cpu(0) {
	local_lock(&local);
	spin_lock(&b);
	spin_unlock(&b);
	local_unlock(&local);
}
task two on cpu(0) {
	local_irq_disable();
	spin_lock(&a);
	local_lock(&local);
	local_unlock(&local);
	spin_unlock(&a);
	local_irq_enable();
}
irq handler on cpu(0) times 1 {
	spin_lock(&a);
	spin_unlock(&a);
}
`,
  },
  'local_lock inversion 3B': {
    tells: 'lock-irq-inversion',
    text: `spinlock_t a, b;
local_lock_t local[64] __per_cpu;
task one on cpu(0) {
	local_lock(&local);
	spin_lock(&b);
	spin_unlock(&b);
	local_unlock(&local);
}
task two on cpu(0) {
	local_irq_disable();
	spin_lock(&a);
	spin_lock(&b);
	spin_unlock(&b);
	spin_unlock(&a);
	local_irq_enable();
}
irq handler on cpu(0) times 1 {
	spin_lock(&a);
	spin_unlock(&a);
}
`,
  },
  'a deadlock of hard interrupts, none of softirqs': {
    tells: 'lock-irq-inversion',
    text: `struct mutex m;
spinlock_t a, b, c, d;
task one on cpu(0) {
	mutex_lock(&m);
	local_irq_disable();
	spin_lock(&c);
	spin_unlock(&c);
	local_irq_enable();
	mutex_unlock(&m);
	local_irq_disable();
	spin_lock(&a);
	spin_lock(&b);
	spin_unlock(&b);
	spin_unlock(&a);
	spin_lock(&b);
	spin_lock(&c);
	spin_unlock(&c);
	spin_unlock(&b);
	spin_lock(&c);
	spin_lock(&d);
	spin_unlock(&d);
	spin_unlock(&c);
	local_irq_enable();
	local_bh_disable();
	spin_lock(&d);
	spin_unlock(&d);
	local_bh_enable();
}
irq hard on cpu(0) times 1 {
	spin_lock(&a);
	spin_unlock(&a);
}
softirq soft on cpu(0) times 1 {
	spin_lock(&d);
	spin_unlock(&d);
}
`,
  },
  'SRCU, read-sync/read-sync': {
    tells: 'lock-order-inversion',
    text: `struct srcu_struct a, b;
task one {
	int idx = srcu_read_lock(&a);

	synchronize_srcu(&b);
	srcu_read_unlock(&a, idx);
}
task two {
	int idx = srcu_read_lock(&b);

	synchronize_srcu(&a);
	srcu_read_unlock(&b, idx);
}
`,
  },
  'SRCU, mutex-sync/read-mutex': {
    tells: 'lock-order-inversion',
    text: `struct srcu_struct a;
struct mutex m;
task one {
	mutex_lock(&m);
	synchronize_srcu(&a);
	mutex_unlock(&m);
}
task two {
	int idx = srcu_read_lock(&a);

	mutex_lock(&m);
	mutex_unlock(&m);
	srcu_read_unlock(&a, idx);
}
`,
  },
  'SRCU, a reader in a handler': {
    tells: null,
    text: `struct srcu_struct a;
task one on cpu(0) {
	synchronize_srcu(&a);
}
irq handler on cpu(0) times 1 {
	int idx = srcu_read_lock(&a);

	srcu_read_unlock(&a, idx);
}
`,
  },
  'nested under a lock that is held': {
    tells: null,
    text: `struct mutex outer, m[2];
task one {
	mutex_lock(&outer);
	mutex_lock_nest_lock(&m[0], &outer);
	mutex_lock_nest_lock(&m[1], &outer);
	mutex_unlock(&m[1]);
	mutex_unlock(&m[0]);
	mutex_unlock(&outer);
}
`,
  },
  'nested under a lock that is not held': {
    tells: 'lock-recursion',
    text: `struct mutex outer, m[2];
task one {
	mutex_lock_nest_lock(&m[0], &outer);
	mutex_unlock(&m[0]);
}
`,
  },
};
