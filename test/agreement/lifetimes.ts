/** Objects that come and go: pools, reference counts, grace periods, lists. */

import { type Choice, type Place, texts } from './code.ts';

export function lifetimes(at: Place): Choice[] {
  const has = (theme: Place['themes'][number]): boolean => at.themes.includes(theme);
  return [
    ...(has('pool')
      ? [
          texts(
            4,
            'n = alloc(nodes);',
            'n = alloc_uninit(nodes);',
            'if (n)\nn->value = w;',
            'slot->value++;',
            'n = slot;',
            'n = READ_ONCE(slot);\nif (n)\nWRITE_ONCE(n->value, 2);',
            'WRITE_ONCE(slot, n);',
            'n = xchg(&slot, NULL);\nif (n)\nfree_object(n);',
            'n = xchg(&slot, NULL);\nkfree(n);',
            'if (n && cmpxchg(&slot, n, NULL) == n)\nfree_object(n);',
            'free_object(slot);',
            'if (n)\nn->next = slot;',
            'if (!n)\nn = alloc(nodes);\nn->value = 1;\nsmp_store_release(&slot, n);',
            'n = alloc_uninit(nodes);\nWRITE_ONCE(slot, n);\nn->value = 1;',
          ),
        ]
      : []),
    ...(has('refcount')
      ? [
          texts(
            5,
            'refcount_inc(&users);',
            'if (refcount_inc_not_zero(&users)) {\nv = refcount_read(&users);\nrefcount_dec(&users);\n}',
            'if (refcount_dec_and_test(&users))\nx = 2;',
            'v = refcount_dec_not_one(&users);',
            'v = refcount_dec_if_one(&users);',
            'refcount_set(&users, 2);',
          ),
          texts(
            has('pool') || has('rcu') ? 4 : 1,
            'n = READ_ONCE(slot);\nif (n && refcount_inc_not_zero(&n->refs))\nv = n->value;',
            'n = slot;\nif (n && refcount_dec_and_test(&n->refs))\nfree_object(n);',
          ),
        ]
      : []),
    ...(has('rcu')
      ? [
          texts(
            6,
            'n = xchg(&slot, NULL);\nif (n)\nkfree_rcu(n, rcu);',
            'n = xchg(&slot, NULL);\nif (n)\ncall_rcu(&n->rcu, node_free);',
            'n = xchg(&slot, NULL);\nsynchronize_rcu();\nkfree(n);',
            'n = slot;\nrcu_assign_pointer(slot, NULL);\nif (n)\ncall_rcu(&n->rcu, node_free);',
            'n = xchg(&slot, NULL);\nkfree(n);',
          ),
          texts(2, 'synchronize_rcu();', 'v = rcu_read_lock_held();', 'rcu_read_unlock();'),
          texts(1, 'if (slot)\ncall_rcu(&slot->rcu, node_free);\nrcu_barrier();'),
        ]
      : []),
    ...(has('srcu')
      ? [
          texts(
            4,
            'synchronize_srcu(&ss);',
            'n = xchg(&slot, NULL);\nsynchronize_srcu(&ss);\nkfree(n);',
            'n = READ_ONCE(slot);\nif (n)\nv = n->value;',
            'n = xchg(&slot, NULL);\nif (n)\ncall_srcu(&ss, &n->rcu, node_free);',
            'n = srcu_dereference(slot, &ss);',
          ),
        ]
      : []),
    ...(has('list')
      ? [
          texts(
            5,
            'list_add(&items[me & 1].link, &head);',
            'list_add_tail(&items[w & 1].link, &head);',
            'if (!list_empty(&head))\nlist_del(head.next);',
            'list_del_init(&items[me & 1].link);',
            '{ struct item *item;\nlist_for_each_entry(item, &head, link)\nv++; }',
            'v = list_empty(&head);',
          ),
        ]
      : []),
  ];
}
