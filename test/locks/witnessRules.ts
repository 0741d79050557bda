/** Rules about a place, each broken in one line: what tests put to the search, to be reached or not. */

export interface Rule {
  readonly code: string;
  /** Declarations before the tasks. */
  readonly declares: string;
  /** Breaks the rule. */
  readonly breaks: string;
}

export const rules: readonly Rule[] = [
  {
    code: 'lock-not-held',
    declares: 'static void work(void) __must_hold(a) { shared++; }',
    breaks: 'work();',
  },
  {
    code: 'lock-not-held',
    declares: '',
    breaks: 'lockdep_assert_held(&a);',
  },
  {
    code: 'lock-held',
    declares: 'static void work(void) __must_not_hold(a) { shared++; }',
    breaks: 'spin_lock(&a); work(); spin_unlock(&a);',
  },
  {
    code: 'lock-held',
    declares: '',
    breaks: 'spin_lock(&a); lockdep_assert_not_held(&a); spin_unlock(&a);',
  },
  {
    code: 'lock-wrong-mode',
    declares: 'static void work(void) __must_hold(rw) { shared++; }',
    breaks: 'read_lock(&rw); work(); read_unlock(&rw);',
  },
  {
    code: 'lock-wrong-mode',
    declares: '',
    breaks: 'read_lock(&rw); lockdep_assert_held_write(&rw); read_unlock(&rw);',
  },
  {
    code: 'lock-wrong-mode',
    declares: '',
    breaks: 'read_lock(&rw); write_unlock(&rw);',
  },
  { code: 'lock-unbalanced', declares: '', breaks: 'spin_unlock(&a);' },
  { code: 'lock-leaked', declares: '', breaks: 'spin_lock(&a);' },
  { code: 'lock-recursion', declares: '', breaks: 'spin_lock(&a); spin_lock(&a);' },
  { code: 'lock-in-use', declares: '', breaks: 'spin_lock(&a); spin_lock_init(&a); spin_unlock(&a);' },
  {
    code: 'lock-in-use',
    declares: 'struct thing { spinlock_t lock; };\npool struct thing things[2];',
    breaks:
      'struct thing *t = alloc(things); spin_lock_init(&t->lock); spin_lock(&t->lock); kfree(t); spin_unlock(&t->lock);',
  },
  {
    code: 'lock-nesting',
    declares: 'spinlock_t inner __nested_in(b);',
    breaks: 'spin_lock(&inner); spin_unlock(&inner);',
  },
  {
    code: 'lock-leaf',
    declares: 'spinlock_t leaf __leaf;',
    breaks: 'spin_lock(&leaf); spin_lock(&b); spin_unlock(&b); spin_unlock(&leaf);',
  },
  { code: 'guard-not-held', declares: 'int data __guarded_by(&a);', breaks: 'data = 1;' },
  {
    code: 'guard-not-held',
    declares: 'struct thing { spinlock_t lock; int data __guarded_by(&lock); };\nstruct thing one, two;',
    breaks: 'spin_lock(&two.lock); one.data = 1; spin_unlock(&two.lock);',
  },
  { code: 'sleeping-in-atomic', declares: '', breaks: 'spin_lock(&a); might_sleep(); spin_unlock(&a);' },
  {
    code: 'lock-wait-type',
    declares: 'DEFINE_RAW_SPINLOCK(raw);',
    breaks: 'raw_spin_lock(&raw); spin_lock(&a); spin_unlock(&a); raw_spin_unlock(&raw);',
  },
  {
    code: 'lock-order-declared',
    declares: 'lock_order a, b;',
    breaks: 'spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b);',
  },
];
