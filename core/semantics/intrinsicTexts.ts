/** What the language's own functions look like and do, for completion, signature help and hover. */

import { atomicIntrinsic } from './intrinsicsAtomic.ts';

export interface IntrinsicText {
  /** As if declared in C: `T READ_ONCE(T x)`. */
  readonly signature: string;
  readonly params: readonly string[];
  readonly doc: string;
}

function text(signature: string, params: readonly string[], doc: string): IntrinsicText {
  return { signature, params, doc };
}

const texts: ReadonlyMap<string, IntrinsicText> = new Map([
  [
    'offsetof',
    text(
      'unsigned long offsetof(type, member)',
      ['type', 'member'],
      'Bytes from the beginning of the struct to the member.',
    ),
  ],
  [
    'container_of',
    text(
      'type *container_of(pointer, type, member)',
      ['pointer', 'type', 'member'],
      'The struct whose member the pointer points to.',
    ),
  ],
  ['ARRAY_SIZE', text('unsigned long ARRAY_SIZE(array)', ['array'], 'How many elements the array has.')],
  ['likely', text('likely(condition)', ['condition'], 'The condition.')],
  ['unlikely', text('unlikely(condition)', ['condition'], 'The condition.')],
  ['READ_ONCE', text('T READ_ONCE(T x)', ['x'], 'One marked load: never torn, never a data race.')],
  [
    'WRITE_ONCE',
    text('void WRITE_ONCE(T x, T value)', ['x', 'value'], 'One marked store: never torn, never a data race.'),
  ],
  [
    'smp_load_acquire',
    text('T smp_load_acquire(T *p)', ['p'], 'A marked load; what comes after it stays after it.'),
  ],
  [
    'smp_store_release',
    text(
      'void smp_store_release(T *p, T value)',
      ['p', 'value'],
      'A marked store; what comes before it stays before it.',
    ),
  ],
  [
    'data_race',
    text(
      'T data_race(T expression)',
      ['expression'],
      'The expression; its plain accesses are not reported as data races.',
    ),
  ],
  [
    'xchg',
    text('T xchg(T *p, T value)', ['p', 'value'], 'Stores the value and gives the old one, in one step.'),
  ],
  [
    'cmpxchg',
    text(
      'T cmpxchg(T *p, T old, T new)',
      ['p', 'old', 'new'],
      'Stores `new` if `*p` is `old`; gives what was there, in one step.',
    ),
  ],
  [
    'try_cmpxchg',
    text(
      'bool try_cmpxchg(T *p, T *old, T new)',
      ['p', 'old', 'new'],
      'Stores `new` if `*p` is `*old`, and says whether it did; if not, `*old` is what was there.',
    ),
  ],
  [
    '__fetch_add',
    text(
      'T __fetch_add(T *p, T value)',
      ['p', 'value'],
      'Adds to `*p` and gives the old value, in one step.',
    ),
  ],
  [
    '__fetch_and',
    text(
      'T __fetch_and(T *p, T value)',
      ['p', 'value'],
      'Changes `*p` by `&` and gives the old value, in one step.',
    ),
  ],
  [
    '__fetch_or',
    text(
      'T __fetch_or(T *p, T value)',
      ['p', 'value'],
      'Changes `*p` by `|` and gives the old value, in one step.',
    ),
  ],
  [
    '__fetch_xor',
    text(
      'T __fetch_xor(T *p, T value)',
      ['p', 'value'],
      'Changes `*p` by `^` and gives the old value, in one step.',
    ),
  ],
  [
    'smp_mb',
    text('void smp_mb(void)', [], 'Orders all accesses before it before all after it. No step under `sc`.'),
  ],
  ['smp_rmb', text('void smp_rmb(void)', [], 'Orders loads. No step under `sc`.')],
  ['smp_wmb', text('void smp_wmb(void)', [], 'Orders stores. No step under `sc`.')],
  ['barrier', text('void barrier(void)', [], 'Orders what the compiler does.')],
  [
    'assert',
    text(
      'void assert(condition, "name")',
      ['condition', '"name"'],
      'Must hold; otherwise `assertion-failed`, and the path ends. The name is optional.',
    ),
  ],
  [
    'BUG_ON',
    text(
      'void BUG_ON(condition, "name")',
      ['condition', '"name"'],
      'Must not hold; otherwise `assertion-failed`, and the path ends. The name is optional.',
    ),
  ],
  ['BUG', text('void BUG("name")', ['"name"'], 'Must not be reached. The name is optional.')],
  [
    'WARN_ON',
    text(
      'bool WARN_ON(condition, "name")',
      ['condition', '"name"'],
      'Must not hold; otherwise `warning-triggered`, and the run goes on. The name, which is optional, is what `expect` can ask for.',
    ),
  ],
  ['WARN_ON_ONCE', text('bool WARN_ON_ONCE(condition, "name")', ['condition', '"name"'], 'As `WARN_ON`.')],
  [
    '__warn',
    text(
      'void __warn(condition, code, "message")',
      ['condition', 'code', '"message"'],
      'A check that library code makes: the code is reported unless the condition holds.',
    ),
  ],
  [
    '__fatal',
    text(
      'void __fatal(condition, code, "message")',
      ['condition', 'code', '"message"'],
      'As `__warn`, and the path ends.',
    ),
  ],
  [
    'static_assert',
    text(
      'static_assert(constant, "message")',
      ['constant', '"message"'],
      'Must be other than 0, before anything runs.',
    ),
  ],
  ['BUILD_BUG_ON', text('BUILD_BUG_ON(constant)', ['constant'], 'Must be 0, before anything runs.')],
  [
    'wait_until',
    text('void wait_until(condition)', ['condition'], 'Blocks until the condition holds, as one step.'),
  ],
  [
    '__wait',
    text(
      'void __wait(condition, u64 threads)',
      ['condition', 'u64 threads'],
      'Blocks until the condition holds; `threads` is the mask of those waited for.',
    ),
  ],
  ['__self', text('int __self(void)', [], 'Number of the thread that runs this.')],
  ['__thread_count', text('int __thread_count(void)', [], 'How many threads there are.')],
  ['__cpu_count', text('int __cpu_count(void)', [], 'How many CPUs there are.')],
  [
    '__callbacks_interrupt',
    text(
      'int __callbacks_interrupt(void)',
      [],
      '1 if a function that a softirq over objects may call blocks, or asks for its CPU.',
    ),
  ],
  [
    '__thread_kind',
    text('int __thread_kind(int thread)', ['int thread'], '0 task, 1 vcpu, 2 softirq, 3 irq.'),
  ],
  [
    '__stores_wait',
    text(
      'bool __stores_wait(int thread)',
      ['int thread'],
      'Does the store buffer of the thread hold a store? Never under `sc`.',
    ),
  ],
  [
    '__thread_cpu',
    text('int __thread_cpu(int thread)', ['int thread'], 'The CPU that the thread belongs to.'),
  ],
  [
    '__thread_of',
    text(
      'int __thread_of(actor, object)',
      ['actor', 'object'],
      'Number of the thread that runs this family for the object.',
    ),
  ],
  [
    '__thread_named',
    text('int __thread_named(actor)', ['actor'], 'Number of the first thread of the actor.'),
  ],
  ['alloc', text('T *alloc(pool)', ['pool'], 'A fresh object of the pool, zeroed.')],
  [
    'alloc_uninit',
    text('T *alloc_uninit(pool)', ['pool'], 'A fresh object of the pool; nothing has been written to it.'),
  ],
  [
    'alloc_at',
    text(
      'T *alloc_at(pool, T *object)',
      ['pool', 'T *object'],
      'This very object of a pool, zeroed; it must not be in use.',
    ),
  ],
  [
    'alloc_at_uninit',
    text(
      'T *alloc_at_uninit(pool, T *object)',
      ['pool', 'T *object'],
      'This very object of a pool; nothing has been written to it.',
    ),
  ],
  ['free_object', text('void free_object(T *object)', ['T *object'], 'Ends the life of a pool object.')],
  [
    'is_live',
    text('bool is_live(T *object)', ['T *object'], 'Whether the address lies in an object that is in use.'),
  ],
  ['__object_count', text('u64 __object_count(type)', ['type'], 'How many objects of the type there are.')],
  ['__object_at', text('type *__object_at(type, index)', ['type', 'index'], 'The nth object of the type.')],
  [
    '__writers',
    text('u64 __writers(T *lock)', ['T *lock'], 'Mask of the threads that hold the lock exclusively.'),
  ],
  [
    '__readers',
    text('u64 __readers(T *lock)', ['T *lock'], 'Mask of the threads that hold the lock shared.'),
  ],
  ['in', text('bool in(function)', ['function'], 'Whether some thread is inside the function.')],
  [
    'show_line',
    text(
      'void show_line("text {}", value, …)',
      ['"text {}"', 'value', '…'],
      'In a view: a line; each {} stands for a value.',
    ),
  ],
  [
    'show_begin',
    text(
      'void show_begin("text {}", value, …)',
      ['"text {}"', 'value', '…'],
      'In a view: a line that has the lines up to `show_end()` below it.',
    ),
  ],
  ['show_end', text('void show_end()', [], 'In a view: ends the lines below the last `show_begin()`.')],
  [
    'show_at',
    text('void show_at(T *place)', ['T *place'], 'In a view: the memory that the line around it is about.'),
  ],
  [
    'show_line',
    text(
      'void show_line("text {}", values…)',
      ['"text {}"', 'values…'],
      'In a view: a line; each `{}` stands for a value.',
    ),
  ],
  [
    'show_begin',
    text(
      'void show_begin("text {}", values…)',
      ['"text {}"', 'values…'],
      'In a view: a line, with the lines until `show_end()` below it.',
    ),
  ],
  ['show_end', text('void show_end(void)', [], 'In a view: ends what `show_begin()` began.')],
  [
    'show_at',
    text('void show_at(T *place)', ['T *place'], 'In a view: the line around is about this memory.'),
  ],
]);

/** null for a name that is no intrinsic. `cmpxchg64_relaxed` is as `cmpxchg`. */
export function intrinsicText(name: string): IntrinsicText | null {
  const own = texts.get(name);
  if (own !== undefined) return own;
  if (atomicIntrinsic(name) === null) return null;
  const plain = /^(?:try_cmp|cmp)?xchg/.exec(name)?.[0] ?? '';
  const found = texts.get(plain);
  return found === undefined ? null : { ...found, signature: found.signature.replace(plain, name) };
}
