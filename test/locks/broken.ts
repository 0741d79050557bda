/**
 * The rules about locks that the documents behind the examples state, each broken by hand in a copy: a small edit of
 * the text, and what must be told of it.
 */

export interface Break {
  /** The rule, as the document states it. */
  readonly rule: string;
  /** Name of the example. */
  readonly example: string;
  /** Texts that stand in it once, and what stands there instead. */
  readonly edits: readonly (readonly [from: string, to: string])[];
  /**
   * All that is told of any variant beyond what is told of it in the example: `code: the line that it stands on`, of
   * the edited example, or with `in library:///…` before it.
   */
  readonly told: readonly string[];
  /** Title of a quick fix that makes the example of it again. */
  readonly mended?: string;
}

const read: readonly [string, string] = ['\tread_lock(&kvm.mmu_lock);\n', ''];
const unread: readonly [string, string] = ['\tread_unlock(&kvm.mmu_lock);\n', ''];

export const breaks: readonly Break[] = [
  // ---- commit ce25681d59: marking shadow pages unsync
  {
    rule: 'the sections of mmu_unsync_pages_lock and of tdp_mmu_pages_lock also hold mmu_lock',
    example: 'unsync-children',
    edits: [read, unread],
    told: [
      'lock-nesting: spin_lock(&kvm->arch.mmu_unsync_pages_lock);',
      'lock-nesting: spin_lock(&kvm->arch.tdp_mmu_pages_lock);',
      'lock-not-held: kvm_unsync_page(kvm, sp);',
    ],
  },
  {
    rule: 'synchronising holds mmu_lock for write',
    example: 'unsync-children',
    edits: [
      ['\twrite_lock(&kvm.mmu_lock);', '\tread_lock(&kvm.mmu_lock);'],
      ['\twrite_unlock(&kvm.mmu_lock);', '\tread_unlock(&kvm.mmu_lock);'],
    ],
    told: ['lock-wrong-mode: mmu_sync_children(&kvm, &parent, false);'],
    mended: 'Take kvm.mmu_lock for write',
  },
  {
    rule: 'synchronising holds mmu_lock',
    example: 'unsync-children',
    edits: [
      ['\twrite_lock(&kvm.mmu_lock);\n', ''],
      ['\twrite_unlock(&kvm.mmu_lock);\n', ''],
    ],
    told: ['lock-not-held: mmu_sync_children(&kvm, &parent, false);'],
    mended: 'Take kvm->mmu_lock for write around this statement',
  },
  {
    rule: 'mmu_lock comes before mmu_unsync_pages_lock',
    example: 'unsync-children',
    edits: [
      [
        '\tread_lock(&kvm.mmu_lock);\n',
        '\tspin_lock(&kvm.arch.mmu_unsync_pages_lock);\n\tread_lock(&kvm.mmu_lock);\n\tspin_unlock(&kvm.arch.mmu_unsync_pages_lock);\n',
      ],
    ],
    told: [
      'lock-leaf: read_lock(&kvm.mmu_lock);',
      'lock-nesting: spin_lock(&kvm.arch.mmu_unsync_pages_lock);',
      'lock-order-declared: read_lock(&kvm.mmu_lock);',
      'lock-order-inversion: read_lock(&kvm.mmu_lock);',
    ],
  },
  {
    rule: 'what was taken is released on every way out',
    example: 'unsync-children',
    edits: [['\tif (locked && fix == spinlock)\n\t\tspin_unlock(&kvm->arch.mmu_unsync_pages_lock);\n', '']],
    told: ['lock-leaked: spin_lock(&kvm->arch.mmu_unsync_pages_lock);'],
  },
  {
    rule: 'mmu_lock is released as it was taken',
    example: 'unsync-children',
    edits: [['\tread_unlock(&kvm.mmu_lock);', '\twrite_unlock(&kvm.mmu_lock);']],
    told: ['lock-wrong-mode: write_unlock(&kvm.mmu_lock);'],
    mended: 'Release it as it was taken: read_unlock()',
  },

  // ---- patch 25/28: zapping a range
  {
    rule: 'zap_gfn_range() holds mmu_lock for write',
    example: 'zap-under-read-lock',
    edits: [
      ['\t\twrite_lock(&kvm.mmu_lock);', '\t\tread_lock(&kvm.mmu_lock);'],
      ['\t\twrite_unlock(&kvm.mmu_lock);', '\t\tread_unlock(&kvm.mmu_lock);'],
    ],
    told: [
      'lock-wrong-mode: kvm_lockdep_assert_mmu_lock_held(kvm, shared);',
      'lock-wrong-mode: kvm_mmu_invalidate_begin(&kvm, START_GFN, END_GFN);',
      'lock-wrong-mode: kvm_mmu_invalidate_end(&kvm);',
      'lock-wrong-mode: tdp_mmu_set_spte(kvm, &iter, SHADOW_NONPRESENT_VALUE);',
    ],
    mended: 'Take kvm.mmu_lock for write',
  },
  {
    rule: 'who shares the page tables holds mmu_lock for read, not for write',
    example: 'zap-under-read-lock',
    edits: [
      ['\t\tread_lock(&kvm.mmu_lock);\n\t\tzap', '\t\twrite_lock(&kvm.mmu_lock);\n\t\tzap'],
      ['true);\n\t\tread_unlock(&kvm.mmu_lock);', 'true);\n\t\twrite_unlock(&kvm.mmu_lock);'],
    ],
    told: [
      'lock-wrong-mode: in library:///kvm/x86/tdp_spte.lockstep lockdep_assert_held_read(&kvm->mmu_lock);',
      'lock-wrong-mode: kvm_lockdep_assert_mmu_lock_held(kvm, shared);',
    ],
    mended: 'Take kvm.mmu_lock for read',
  },
  {
    rule: 'the sequence number is compared under mmu_lock',
    example: 'zap-under-read-lock',
    edits: [
      ['\t\tread_lock(&kvm.mmu_lock);\n\t\tagain', '\t\tagain'],
      ['\t\tif (!again)', '\t\tread_lock(&kvm.mmu_lock);\n\t\tif (!again)'],
    ],
    told: ['lock-not-held: again = mode == write && mmu_invalidate_retry_gfn(&kvm, mmu_seq, FAULT_GFN);'],
  },

  // ---- the KVM lock overview, 2, cases 1 to 3
  {
    rule: 'the dirty log is read with slots_lock held',
    example: 'write-protect-flush',
    edits: [
      ['\tmutex_lock(&kvm.slots_lock);\n', ''],
      ['\tmutex_unlock(&kvm.slots_lock);\n', ''],
    ],
    told: ['lock-not-held: kvm_get_dirty_log_protect(&kvm, slot);'],
    mended: 'Take kvm->slots_lock around this statement',
  },
  {
    rule: 'slots_lock is never taken inside a kvm->srcu read section',
    example: 'write-protect-flush',
    edits: [
      [
        '\tmutex_lock(&kvm.slots_lock);',
        '\tint idx = srcu_read_lock(&kvm.srcu);\n\tmutex_lock(&kvm.slots_lock);',
      ],
      [
        '\tmutex_unlock(&kvm.slots_lock);',
        '\tmutex_unlock(&kvm.slots_lock);\n\tsrcu_read_unlock(&kvm.srcu, idx);',
      ],
    ],
    told: ['lock-order-declared: mutex_lock(&kvm.slots_lock);'],
  },
  {
    rule: 'mmu_lock spins: nothing that sleeps is taken inside',
    example: 'write-protect-flush',
    edits: [
      [
        '\tmutex_lock(&kvm.slots_lock);',
        '\twrite_lock(&kvm.mmu_lock);\n\tmutex_lock(&kvm.slots_lock);\n\twrite_unlock(&kvm.mmu_lock);',
      ],
    ],
    told: [
      'lock-order-inversion: in library:///kvm/x86/dirty_log.lockstep KVM_MMU_LOCK(kvm);',
      'sleeping-in-atomic: mutex_lock(&kvm.slots_lock);',
    ],
  },
  {
    rule: 'write protection holds mmu_lock for write',
    example: 'write-protect-flush',
    edits: [
      ['\twrite_lock(&kvm.mmu_lock);', '\tread_lock(&kvm.mmu_lock);'],
      ['\twrite_unlock(&kvm.mmu_lock);', '\tread_unlock(&kvm.mmu_lock);'],
    ],
    told: ['lock-wrong-mode: if (kvm_mmu_slot_gfn_write_protect(&kvm, slot, GFN, PG_LEVEL_4K))'],
    mended: 'Take kvm.mmu_lock for write',
  },
  {
    rule: 'but for the fast page fault, SPTEs change under mmu_lock only',
    example: 'lost-dirty-bit',
    edits: [
      ['\tspin_lock(&kvm.mmu_lock);\n', ''],
      ['\tspin_unlock(&kvm.mmu_lock);\n', ''],
    ],
    told: ['lock-not-held: mmu_spte_clear_track_bits(&kvm, &SPTE);'],
  },
  {
    rule: 'SPTEs are installed, and the sequence number compared, under mmu_lock',
    example: 'fast-page-fault-aba',
    edits: [
      ['\tspin_lock(&kvm.mmu_lock);\n', ''],
      ['\tspin_unlock(&kvm.mmu_lock);\n', ''],
    ],
    told: [
      'lock-not-held: if (!mmu_invalidate_retry_gfn(&kvm, fault.mmu_seq, fault.gfn) && !gpte_changed(vcpu, &fault)) {',
      'lock-not-held: if (mmu_set_leaf(&kvm, fault.slot, &SPTE, spte, fault.gfn, ACC_ALL))',
    ],
    mended: 'Take kvm->mmu_lock around this statement',
  },
  {
    rule: 'an MMU notifier takes mmu_lock itself',
    example: 'fast-page-fault-aba',
    edits: [
      [
        '\tkvm_mmu_notifier_invalidate_range_end(&kvm, GFN1, GFN1 + 1);\n',
        '\tspin_lock(&kvm.mmu_lock);\n\tkvm_mmu_notifier_invalidate_range_end(&kvm, GFN1, GFN1 + 1);\n\tspin_unlock(&kvm.mmu_lock);\n',
      ],
    ],
    told: ['lock-recursion: in library:///kvm/x86/notifier.lockstep KVM_MMU_LOCK(kvm);'],
  },

  // ---- the thread on putting a root
  {
    rule: 'a root is put with mmu_lock held for read, when the page tables are shared',
    example: 'put-root',
    edits: [
      [
        '\tread_lock(&kvm.mmu_lock);\n\tkvm_tdp_mmu_put_root(&kvm, root, true);\n\tread_unlock(&kvm.mmu_lock);',
        '\tkvm_tdp_mmu_put_root(&kvm, root, true);',
      ],
    ],
    told: [
      'lock-nesting: in library:///kvm/x86/roots.lockstep spin_lock(&kvm->arch.tdp_mmu_pages_lock);',
      'lock-nesting: in library:///kvm/x86/tdp_spte.lockstep spin_lock(&kvm->arch.tdp_mmu_pages_lock);',
      'lock-nesting: spin_lock(&kvm->arch.tdp_mmu_pages_lock);',
      'lock-not-held: __tdp_mmu_zap_root(kvm, page, shared, true, levels);',
      'lock-not-held: kvm_lockdep_assert_mmu_lock_held(kvm, shared);',
      'lock-unbalanced: in library:///kvm/x86/tdp_spte.lockstep cond_resched_rwlock_read(&kvm->mmu_lock);',
      'sleeping-in-atomic: in library:///kvm/x86/tdp_spte.lockstep cond_resched_rwlock_read(&kvm->mmu_lock);',
    ],
  },
  {
    rule: 'holding it for write is not that',
    example: 'put-root',
    edits: [
      ['\tread_lock(&kvm->mmu_lock);\n\tzap_and', '\twrite_lock(&kvm->mmu_lock);\n\tzap_and'],
      ['page, true);\n\tread_unlock(&kvm->mmu_lock);', 'page, true);\n\twrite_unlock(&kvm->mmu_lock);'],
    ],
    told: [
      'lock-wrong-mode: in library:///kvm/x86/tdp_spte.lockstep cond_resched_rwlock_read(&kvm->mmu_lock);',
      'lock-wrong-mode: in library:///kvm/x86/tdp_spte.lockstep lockdep_assert_held_read(&kvm->mmu_lock);',
      'lock-wrong-mode: kvm_lockdep_assert_mmu_lock_held(kvm, shared);',
      'lock-wrong-mode: write_unlock(&kvm->mmu_lock);',
    ],
    mended: 'Take kvm->mmu_lock for read',
  },
  {
    rule: 'the list of roots is walked under mmu_lock',
    example: 'put-root',
    edits: [
      [
        '\tread_lock(&kvm.mmu_lock);\n\tfound = tdp_mmu_get_next_root(&kvm, NULL, true);\n\tread_unlock(&kvm.mmu_lock);',
        '\tfound = tdp_mmu_get_next_root(&kvm, NULL, true);',
      ],
    ],
    told: ['lock-not-held: found = tdp_mmu_get_next_root(&kvm, NULL, true);'],
    mended: 'Take kvm->mmu_lock for read around this statement',
  },
  {
    rule: 'nothing is taken inside tdp_mmu_pages_lock',
    example: 'put-root',
    edits: [
      [
        '\t\tlist_del_rcu(&page->link);\n',
        '\t\tspin_lock(&kvm->mn_invalidate_lock);\n\t\tlist_del_rcu(&page->link);\n\t\tspin_unlock(&kvm->mn_invalidate_lock);\n',
      ],
    ],
    told: ['lock-leaf: spin_lock(&kvm->mn_invalidate_lock);'],
  },
  {
    rule: 'an MMU notifier takes neither slots_lock nor slots_arch_lock',
    example: 'put-root',
    edits: [
      [
        '\tpage_reclaim(host_unmap_gfn(VICTIM_GFN));',
        '\tmutex_lock(&kvm.slots_lock);\n\tpage_reclaim(host_unmap_gfn(VICTIM_GFN));\n\tmutex_unlock(&kvm.slots_lock);',
      ],
    ],
    told: ['lock-order-declared: mutex_lock(&kvm.slots_lock);'],
  },

  // ---- RFC 07/28: a page table that is taken down
  {
    rule: 'page tables are taken down with mmu_lock held',
    example: 'disconnected-page-table',
    edits: [['\tread_lock(&kvm.mmu_lock);\n\tzap_table();\n\tread_unlock(&kvm.mmu_lock);', '\tzap_table();']],
    told: ['lock-not-held: tdp_mmu_zap_spte_atomic(&kvm, &iter);'],
  },
  {
    rule: 'a page fault installs its entry with mmu_lock held for read',
    example: 'disconnected-page-table',
    edits: [
      ['\tread_lock(&kvm.mmu_lock);\n\tmap_page', '\twrite_lock(&kvm.mmu_lock);\n\tmap_page'],
      ['fault_gfn);\n\tread_unlock(&kvm.mmu_lock);', 'fault_gfn);\n\twrite_unlock(&kvm.mmu_lock);'],
    ],
    told: [
      'lock-wrong-mode: in library:///kvm/x86/tdp_spte.lockstep lockdep_assert_held_read(&kvm->mmu_lock);',
    ],
    mended: 'Take kvm.mmu_lock for read',
  },
  {
    rule: 'nothing sleeps in the RCU read section of a walk',
    example: 'disconnected-page-table',
    edits: [
      [
        '\trcu_read_lock();\n\tfor_each_tdp_pte_min_level',
        '\trcu_read_lock();\n\tmutex_lock(&kvm.slots_lock);\n\tmutex_unlock(&kvm.slots_lock);\n\tfor_each_tdp_pte_min_level',
      ],
    ],
    told: ['sleeping-in-atomic: mutex_lock(&kvm.slots_lock);'],
  },

  // ---- the KVM lock overview, 3, and commit bf9f6ac8d7: blocked vCPUs
  {
    rule: 'the wakeup handler takes the lock, so interrupts are off wherever else it is taken',
    example: 'blocked-vcpu',
    edits: [['\tif (guard in { irqs_off, lock_irqs_off })\n\t\tlocal_irq_save(flags);\n', '']],
    told: ['lock-irq-unsafe: spin_lock(&per_cpu(blocked_vcpu_on_cpu_lock, cpu));'],
  },
  {
    rule: 'interrupts go on after the lock is dropped, not before',
    example: 'blocked-vcpu',
    edits: [
      [
        '\tif (guard in { lock_irqs_on, lock_irqs_off })\n\t\tspin_unlock(&per_cpu(blocked_vcpu_on_cpu_lock, cpu));\n\tif (guard in { irqs_off, lock_irqs_off })\n\t\tlocal_irq_restore(flags);\n',
        '\tif (guard in { irqs_off, lock_irqs_off })\n\t\tlocal_irq_restore(flags);\n\tif (guard in { lock_irqs_on, lock_irqs_off })\n\t\tspin_unlock(&per_cpu(blocked_vcpu_on_cpu_lock, cpu));\n',
      ],
    ],
    told: ['lock-irq-unsafe: local_irq_restore(flags);'],
  },
  {
    rule: 'the lock is dropped before the handler returns',
    example: 'blocked-vcpu',
    edits: [['\twakeup_handler();', '\twakeup_handler();\n\tlock_blocked_vcpus_in_irq(0);']],
    told: ['lock-leaked: spin_lock(&per_cpu(blocked_vcpu_on_cpu_lock, cpu));'],
  },
];
