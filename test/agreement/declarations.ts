/** What random scenarios declare, each only where its name is used, so that states stay small and failures readable. */

/** A scenario draws a few of these, so that its threads meet on the same things. */
export const themes = [
  'memory',
  'atomics',
  'choice',
  'control',
  'functions',
  'ghost',
  'spinlock',
  'rwlock',
  'mutex',
  'rwsem',
  'seqlock',
  'interrupts',
  'rcu',
  'srcu',
  'pool',
  'refcount',
  'list',
  'waiting',
  'work',
  'calls',
] as const;
export type Theme = (typeof themes)[number];

/** [the name that needs it, its text]; what a text needs itself stands before it. */
const declared: readonly (readonly [string, string])[] = [
  ['x', 'int x;'],
  ['y', 'u8 y = 1;'],
  ['flag', 'bool flag;'],
  ['tiny', 's8 tiny = -1;'],
  ['narrow', 's16 narrow = -300;'],
  ['wide', 'u64 wide = 1ULL << 40;'],
  ['words', 'u64 words[2];'],
  [
    'role',
    'union role { u32 word; struct { u32 level : 2; u32 invalid : 1; s32 bias : 2; }; };\nunion role role;',
  ],
  ['pair', 'struct pair { u32 a; u32 b; };\nstruct pair pair;'],
  ['large', 'struct large { u64 a; u16 b; u8 c[3]; };\nstruct large large = { .b = 7, .c = { 1, 2 } };'],
  ['counter', 'atomic_t counter;'],
  ['total', 'atomic64_t total;'],
  ['bits', 'unsigned long bits;'],
  ['s0', 'spinlock_t s0;'],
  ['s1', 'spinlock_t s1;'],
  ['raw', 'raw_spinlock_t raw;'],
  ['rw', 'rwlock_t rw;'],
  ['m', 'struct mutex m;'],
  ['sem', 'struct rw_semaphore sem;'],
  ['psem', 'struct percpu_rw_semaphore psem;'],
  ['seq', 'seqcount_t seq;'],
  ['sl', 'seqlock_t sl;'],
  ['ss', 'struct srcu_struct ss;'],
  ['users', 'refcount_t users = REFCOUNT_INIT(1);'],
  ['done', 'struct completion done;'],
  ['sleeper', 'struct rcuwait sleeper;'],
  [
    'items|head',
    'struct item { struct list_head link; };\nstruct item items[2];\nstruct list_head head = LIST_HEAD_INIT(head);',
  ],
  ['work', 'struct work_struct work;'],
  ['ping', 'event ping(int what);'],
  ['g', 'ghost int g in 0..3;'],
  ['seen', 'ghost bool seen[2];'],
  ['slot', 'struct node *slot;'],
];

/**
 * The declarations that a text needs, with an `init` that makes of them what it expects. `reuse`: freed objects of the
 * pool come again. `initial` is code of its own for `init`.
 */
export function declarationsFor(text: string, reuse: boolean, initial: readonly string[]): string {
  const uses = (name: string): boolean =>
    new RegExp(`\\b(?:${name})\\b`).test(text) || initial.some((line) => line.includes(name));
  const lines: string[] = [];
  if (/\bnode\b|\bslot\b/.test(text)) {
    const rcu = /rcu_head|kfree_rcu/.test(text) ? ' struct rcu_head rcu;' : '';
    lines.push(`struct node { int value; struct node *next; refcount_t refs;${rcu} };`);
    lines.push(`pool struct node nodes[2]${reuse ? ' reuse' : ''};`);
  }
  lines.push(...declared.filter(([name]) => uses(name)).map(([, line]) => line));
  const init = [
    ...(uses('slot') ? ['slot = alloc(nodes);', 'refcount_set(&slot->refs, 1);'] : []),
    ...(uses('work') ? ['INIT_WORK(&work, work_fn);'] : []),
    ...initial,
  ];
  if (init.length > 0) lines.push(`init {\n${init.join('\n')}\n}`);
  return lines.join('\n');
}
