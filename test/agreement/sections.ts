/** Sections: code under locks of every kind, in readers, or with something switched off. Some are left too early. */

import type fc from 'fast-check';
import { around, type Choice, type Code, type Place, texts } from './code.ts';

/** `body` stands inside; null where nothing may nest. */
export function sections(at: Place, body: fc.Arbitrary<Code> | null): Choice[] {
  const has = (theme: Place['themes'][number]): boolean => at.themes.includes(theme);
  // What sleeps is rare where it is forbidden, so that more than the complaint about it is seen.
  const sleeping = at.where === 'handler' ? 1 : 6;
  return [
    ...(has('spinlock')
      ? [
          ...around(
            6,
            body,
            ['spin_lock(&s0);', 'spin_unlock(&s0);'],
            ['spin_lock(&s1);', 'spin_unlock(&s1);'],
            ['if (spin_trylock(&s0)) {', 'spin_unlock(&s0);\n}'],
            [
              '{ unsigned long flags;\nspin_lock_irqsave(&s0, flags);',
              'spin_unlock_irqrestore(&s0, flags); }',
            ],
            ['spin_lock_bh(&s1);', 'spin_unlock_bh(&s1);'],
            ['raw_spin_lock_irq(&raw);', 'raw_spin_unlock_irq(&raw);'],
          ),
          texts(
            1,
            'cond_resched_lock(&s0);',
            'v = spin_is_locked(&s0);',
            'v = spin_is_contended(&s1);',
            'lockdep_assert_held(&s0);',
          ),
          texts(1, 'spin_lock(&s0);', 'spin_unlock(&s0);'),
        ]
      : []),
    ...(has('rwlock')
      ? [
          ...around(
            7,
            body,
            ['read_lock(&rw);', 'read_unlock(&rw);'],
            ['write_lock(&rw);', 'write_unlock(&rw);'],
            ['read_lock(&rw);\nread_lock(&rw);', 'read_unlock(&rw);\nread_unlock(&rw);'],
            ['if (read_trylock(&rw)) {', 'read_unlock(&rw);\n}'],
            ['if (write_trylock(&rw)) {', 'write_unlock(&rw);\n}'],
            [
              '{ unsigned long flags;\nread_lock_irqsave(&rw, flags);',
              'read_unlock_irqrestore(&rw, flags); }',
            ],
            ['write_lock_irq(&rw);', 'write_unlock_irq(&rw);'],
            ['read_lock_bh(&rw);', 'read_unlock_bh(&rw);'],
            ['write_lock_bh(&rw);', 'write_unlock_bh(&rw);'],
            ['read_lock(&rw);\ncond_resched_rwlock_read(&rw);', 'read_unlock(&rw);'],
            ['write_lock(&rw);\nif (cond_resched_rwlock_write(&rw))\nv = 1;', 'write_unlock(&rw);'],
          ),
          texts(1, 'v = rwlock_is_contended(&rw);', 'lockdep_assert_held_write(&rw);', 'write_unlock(&rw);'),
        ]
      : []),
    ...(has('mutex')
      ? [
          ...around(
            sleeping,
            body,
            ['mutex_lock(&m);', 'mutex_unlock(&m);'],
            ['if (mutex_trylock(&m)) {', 'mutex_unlock(&m);\n}'],
            ['if (!mutex_lock_interruptible(&m)) {', 'mutex_unlock(&m);\n}'],
          ),
          texts(1, 'v = mutex_is_locked(&m);', 'lockdep_assert_not_held(&m);'),
        ]
      : []),
    ...(has('rwsem')
      ? [
          ...around(
            sleeping,
            body,
            ['down_read(&sem);', 'up_read(&sem);'],
            ['down_write(&sem);', 'up_write(&sem);'],
            ['down_write(&sem);\ndowngrade_write(&sem);', 'up_read(&sem);'],
            ['if (down_read_trylock(&sem)) {', 'up_read(&sem);\n}'],
            ['if (down_write_trylock(&sem)) {', 'up_write(&sem);\n}'],
            ['if (!down_write_killable(&sem)) {', 'up_write(&sem);\n}'],
            ['percpu_down_read(&psem);', 'percpu_up_read(&psem);'],
            ['percpu_down_write(&psem);', 'percpu_up_write(&psem);'],
          ),
          texts(1, 'v = rwsem_is_contended(&sem);', 'lockdep_assert_held_read(&sem);'),
        ]
      : []),
    ...(has('seqlock')
      ? [
          ...around(
            5,
            body,
            ['write_seqcount_begin(&seq);', 'write_seqcount_end(&seq);'],
            [
              '{ unsigned int start;\ndo {\nstart = read_seqcount_begin(&seq);',
              '} while (read_seqcount_retry(&seq, start)); }',
            ],
            [
              '{ unsigned int start = raw_seqcount_begin(&seq);',
              'WARN_ON(!read_seqcount_retry(&seq, start) && v == 1, "torn"); }',
            ],
            ['write_seqlock(&sl);', 'write_sequnlock(&sl);'],
            [
              '{ unsigned int start;\ndo {\nstart = read_seqbegin(&sl);',
              '} while (read_seqretry(&sl, start)); }',
            ],
          ),
        ]
      : []),
    ...(has('interrupts')
      ? [
          ...around(
            4,
            body,
            ['preempt_disable();', 'preempt_enable();'],
            ['local_irq_disable();', 'local_irq_enable();'],
            ['{ unsigned long flags;\nlocal_irq_save(flags);', 'local_irq_restore(flags); }'],
            ['local_bh_disable();', 'local_bh_enable();'],
          ),
          texts(
            2,
            'v = in_interrupt();',
            'v = irqs_disabled();',
            'might_sleep();',
            'raise_irq(tick);',
            'raise_softirq(bottom);',
          ),
        ]
      : []),
    ...(has('rcu')
      ? around(
          6,
          body,
          ['rcu_read_lock();', 'rcu_read_unlock();'],
          ['rcu_read_lock();\nn = rcu_dereference(slot);\nif (n)\nv = n->value;', 'rcu_read_unlock();'],
        )
      : []),
    ...(has('srcu')
      ? around(5, body, ['{ int idx = srcu_read_lock(&ss);', 'srcu_read_unlock(&ss, idx); }'])
      : []),
  ];
}
