/** What Documentation/virt/kvm/locking.rst states, then and now, is declared: kept by whoever keeps to it, told when broken. */

import { check } from './check.ts';

const scenario = (profile: string, body: string): string => `scenario "s";
import "kvm/x86/locks";
import "kvm/x86/notifier";
profile "${profile}";
${body}`;

check({
  'cpus_read_lock() comes before kvm_lock': scenario(
    'v6.12',
    `task keeps {
	cpus_read_lock();
	mutex_lock(&kvm_lock);
	mutex_unlock(&kvm_lock);
	cpus_read_unlock();
}
`,
  ),
  'cpus_read_lock() inside kvm_lock': scenario(
    'v6.12',
    `task breaks {
	mutex_lock(&kvm_lock);
	cpus_read_lock();
//	^^^^^^^^^^^^^^^^ lock-order-declared: 'cpu_hotplug_lock' is declared to come before 'kvm_lock'
	cpus_read_unlock();
	mutex_unlock(&kvm_lock);
}
`,
  ),
  'cpus_read_lock() inside kvm_lock, before that was written': scenario(
    'v5.17',
    `task may {
	mutex_lock(&kvm_lock);
	cpus_read_lock();
	cpus_read_unlock();
	mutex_unlock(&kvm_lock);
}
`,
  ),

  'kvm_usage_lock comes before cpus_read_lock()': scenario(
    'v6.12',
    `task keeps {
	mutex_lock(&kvm_usage_lock);
	cpus_read_lock();
	kvm_usage_count++;
	cpus_read_unlock();
	mutex_unlock(&kvm_usage_lock);
}
`,
  ),
  'kvm_usage_lock inside cpus_read_lock()': scenario(
    'v6.12',
    `task breaks {
	cpus_read_lock();
	mutex_lock(&kvm_usage_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm_usage_lock' is declared to come before 'cpu_hotplug_lock'
	mutex_unlock(&kvm_usage_lock);
	cpus_read_unlock();
	kvm_usage_count++;
//	^^^^^^^^^^^^^^^ guard-not-held: kvm_usage_count is guarded by kvm_usage_lock
}
`,
  ),
  'kvm_usage_lock inside kvm_lock, by way of cpus_read_lock()': scenario(
    'v6.18',
    `task breaks {
	mutex_lock(&kvm_lock);
	mutex_lock(&kvm_usage_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm_usage_lock' is declared to come before 'kvm_lock'
	mutex_unlock(&kvm_usage_lock);
	mutex_unlock(&kvm_lock);
}
`,
  ),

  'kvm->lock comes before vcpu->mutex, slots_lock and irq_lock': scenario(
    'v6.12',
    `task keeps {
	mutex_lock(&kvm.lock);
	mutex_lock(&kvm.slots_lock);
	mutex_lock(&kvm.irq_lock);
	mutex_unlock(&kvm.irq_lock);
	mutex_unlock(&kvm.slots_lock);
	mutex_unlock(&kvm.lock);
}
vcpu v {
	mutex_lock(&kvm.lock);
	mutex_lock(&vcpu->mutex);
	mutex_unlock(&vcpu->mutex);
	mutex_unlock(&kvm.lock);
}
`,
  ),
  'kvm->lock inside vcpu->mutex': scenario(
    'v5.12',
    `vcpu breaks {
	mutex_lock(&vcpu->mutex);
	mutex_lock(&kvm.lock);
//	^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm->lock' is declared to come before 'kvm_vcpu->mutex'
	mutex_unlock(&kvm.lock);
	mutex_unlock(&vcpu->mutex);
}
`,
  ),
  'kvm->lock inside slots_lock': scenario(
    'v6.12',
    `task breaks {
	mutex_lock(&kvm.slots_lock);
	mutex_lock(&kvm.lock);
//	^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm->lock' is declared to come before 'kvm->slots_lock'
	mutex_unlock(&kvm.lock);
	mutex_unlock(&kvm.slots_lock);
}
`,
  ),
  'kvm->lock inside irq_lock': scenario(
    'v6.12',
    `task breaks {
	mutex_lock(&kvm.irq_lock);
	mutex_lock(&kvm.lock);
//	^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm->lock' is declared to come before 'kvm->irq_lock'
	mutex_unlock(&kvm.lock);
	mutex_unlock(&kvm.irq_lock);
}
`,
  ),
  'slots_lock inside irq_lock': scenario(
    'v6.12',
    `task breaks {
	mutex_lock(&kvm.irq_lock);
	mutex_lock(&kvm.slots_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm->slots_lock' is declared to come before 'kvm->irq_lock'
	mutex_unlock(&kvm.slots_lock);
	mutex_unlock(&kvm.irq_lock);
}
`,
  ),

  'slots_lock and vcpu->mutex, before their order was written': scenario(
    'v6.12',
    `vcpu may {
	mutex_lock(&kvm.slots_lock);
	mutex_lock(&vcpu->mutex);
	mutex_unlock(&vcpu->mutex);
	mutex_unlock(&kvm.slots_lock);
}
`,
  ),
  'vcpu->mutex inside slots_lock': scenario(
    'v6.18',
    `vcpu breaks {
	mutex_lock(&kvm.slots_lock);
	mutex_lock(&vcpu->mutex);
//	^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm_vcpu->mutex' is declared to come before 'kvm->slots_lock'
	mutex_unlock(&vcpu->mutex);
	mutex_unlock(&kvm.slots_lock);
}
`,
  ),
  'vcpu->mutex inside slots_arch_lock': scenario(
    'v6.18',
    `vcpu breaks {
	mutex_lock(&kvm.slots_arch_lock);
	mutex_lock(&vcpu->mutex);
//	^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm_vcpu->mutex' is declared to come before 'kvm->slots_arch_lock'
	mutex_unlock(&vcpu->mutex);
	mutex_unlock(&kvm.slots_arch_lock);
}
`,
  ),

  'an MMU notifier that holds slots_lock before it begins': scenario(
    'v6.12',
    `task keeps {
	mutex_lock(&kvm.slots_lock);
	kvm_mmu_notifier_invalidate_range_start(&kvm, 0, 1);
	kvm_mmu_notifier_invalidate_range_end(&kvm, 0, 1);
	mutex_unlock(&kvm.slots_lock);
}
`,
  ),
  'an MMU notifier that takes slots_lock or slots_arch_lock': scenario(
    'v6.12',
    `task breaks {
	kvm_mmu_notifier_invalidate_range_start(&kvm, 0, 1);
	mutex_lock(&kvm.slots_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm->slots_lock' is declared to come before 'kvm->mn_invalidations'
	mutex_unlock(&kvm.slots_lock);
	kvm_mmu_notifier_invalidate_range_end(&kvm, 0, 1);
}
task breaks_too {
	kvm_mmu_notifier_invalidate_range_start(&kvm, 0, 1);
	mutex_lock(&kvm.slots_arch_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm->slots_arch_lock' is declared to come before 'kvm->mn_invalidations'
	mutex_unlock(&kvm.slots_arch_lock);
	kvm_mmu_notifier_invalidate_range_end(&kvm, 0, 1);
}
`,
  ),

  'kvm->srcu inside the locks that wait for it': scenario(
    'v6.12',
    `vcpu keeps {
	int idx;

	mutex_lock(&vcpu->mutex);
	idx = srcu_read_lock(&kvm.srcu);
	mutex_lock(&kvm.slots_arch_lock);
	mutex_unlock(&kvm.slots_arch_lock);
	srcu_read_unlock(&kvm.srcu, idx);
	mutex_unlock(&vcpu->mutex);
}
task updates {
	mutex_lock(&kvm.slots_lock);
	mutex_lock(&kvm.slots_arch_lock);
	mutex_unlock(&kvm.slots_arch_lock);
	synchronize_srcu(&kvm.srcu);
	mutex_unlock(&kvm.slots_lock);
}
`,
  ),
  'slots_lock inside a kvm->srcu read section': scenario(
    'v5.17',
    `task breaks {
	int idx = srcu_read_lock(&kvm.srcu);

	mutex_lock(&kvm.slots_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm->slots_lock' is declared to come before 'kvm->srcu'
	mutex_unlock(&kvm.slots_lock);
	srcu_read_unlock(&kvm.srcu, idx);
}
`,
  ),
  'kvm->lock inside a kvm->srcu read section, when that was allowed': scenario(
    'v5.17',
    `task may {
	int idx = srcu_read_lock(&kvm.srcu);

	mutex_lock(&kvm.irq_lock);
	mutex_unlock(&kvm.irq_lock);
	srcu_read_unlock(&kvm.srcu, idx);
}
`,
  ),
  'kvm->lock inside a kvm->srcu read section': scenario(
    'v6.12',
    `task breaks {
	int idx = srcu_read_lock(&kvm.srcu);

	mutex_lock(&kvm.lock);
//	^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm->lock' is declared to come before 'kvm->srcu'
	mutex_unlock(&kvm.lock);
	srcu_read_unlock(&kvm.srcu, idx);
}
`,
  ),
  'vcpu->mutex inside a kvm->srcu read section': scenario(
    'v6.12',
    `vcpu breaks {
	int idx = srcu_read_lock(&kvm.srcu);

	mutex_lock(&vcpu->mutex);
//	^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm_vcpu->mutex' is declared to come before 'kvm->srcu'
	mutex_unlock(&vcpu->mutex);
	srcu_read_unlock(&kvm.srcu, idx);
}
`,
  ),

  'vcpu->mutex comes before hv_lock and xen_lock': scenario(
    'v6.12',
    `vcpu keeps {
	mutex_lock(&vcpu->mutex);
	mutex_lock(&kvm.arch.hyperv.hv_lock);
	mutex_unlock(&kvm.arch.hyperv.hv_lock);
	mutex_lock(&kvm.arch.xen.xen_lock);
	mutex_unlock(&kvm.arch.xen.xen_lock);
	mutex_unlock(&vcpu->mutex);
}
`,
  ),
  'vcpu->mutex inside hv_lock or xen_lock': scenario(
    'v6.12',
    `vcpu breaks {
	mutex_lock(&kvm.arch.hyperv.hv_lock);
	mutex_lock(&vcpu->mutex);
//	^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm_vcpu->mutex' is declared to come before 'kvm_hv->hv_lock'
	mutex_unlock(&vcpu->mutex);
	mutex_unlock(&kvm.arch.hyperv.hv_lock);
	mutex_lock(&kvm.arch.xen.xen_lock);
	mutex_lock(&vcpu->mutex);
//	^^^^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: 'kvm_vcpu->mutex' is declared to come before 'kvm_xen->xen_lock'
	mutex_unlock(&vcpu->mutex);
	mutex_unlock(&kvm.arch.xen.xen_lock);
}
`,
  ),

  'tdp_mmu_pages_lock and mmu_unsync_pages_lock with mmu_lock held': scenario(
    'v6.12',
    `task keeps {
	read_lock(&kvm.mmu_lock);
	spin_lock(&kvm.arch.tdp_mmu_pages_lock);
	spin_unlock(&kvm.arch.tdp_mmu_pages_lock);
	read_unlock(&kvm.mmu_lock);
	write_lock(&kvm.mmu_lock);
	spin_lock(&kvm.arch.mmu_unsync_pages_lock);
	spin_unlock(&kvm.arch.mmu_unsync_pages_lock);
	write_unlock(&kvm.mmu_lock);
}
`,
  ),
  'tdp_mmu_pages_lock and mmu_unsync_pages_lock without mmu_lock': scenario(
    'v6.12',
    `task breaks {
	spin_lock(&kvm.arch.tdp_mmu_pages_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-nesting: must also hold kvm->mmu_lock
	spin_unlock(&kvm.arch.tdp_mmu_pages_lock);
	spin_lock(&kvm.arch.mmu_unsync_pages_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-nesting: must also hold kvm->mmu_lock
	spin_unlock(&kvm.arch.mmu_unsync_pages_lock);
}
`,
  ),
  'a lock inside a leaf': scenario(
    'v6.12',
    `task breaks {
	spin_lock(&kvm.mn_invalidate_lock);
	write_lock(&kvm.mmu_lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^ lock-leaf: kvm->mmu_lock is taken here while it is held
	write_unlock(&kvm.mmu_lock);
	spin_unlock(&kvm.mn_invalidate_lock);
}
`,
  ),

  'mmu_lock is a spinlock in 3.7': scenario(
    'v3.7',
    `task t {
	spin_lock(&kvm.mmu_lock);
	kvm_mmu_invalidate_begin(&kvm, 0, 1);
	kvm_mmu_invalidate_end(&kvm);
	spin_unlock(&kvm.mmu_lock);
	spin_lock(&kvm_lock);
	raw_spin_lock(&kvm_count_lock);
	kvm_usage_count++;
	raw_spin_unlock(&kvm_count_lock);
	spin_unlock(&kvm_lock);
}
`,
  ),
  'mmu_lock is an rwlock from 5.12': scenario(
    'v5.12',
    `task t {
	read_lock(&kvm.mmu_lock);
	kvm_mmu_invalidate_begin(&kvm, 0, 1);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-wrong-mode: must be called with kvm->mmu_lock held for write
	read_unlock(&kvm.mmu_lock);
}
`,
  ),
  'what locks protect': scenario(
    'v6.12',
    `task breaks {
	long n = kvm.mmu_invalidate_in_progress;
//	         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ guard-not-held: kvm->mmu_invalidate_in_progress is guarded by kvm->mmu_lock

	spin_lock(&kvm.mn_invalidate_lock);
	n += kvm.mn_active_invalidate_count;
	spin_unlock(&kvm.mn_invalidate_lock);
	n += kvm.mn_active_invalidate_count;
//	     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ guard-not-held: guarded by kvm->mn_invalidate_lock
}
`,
  ),
});
