/** What the walk hands to the order graph: classes, modes, contexts; and the orders that are declared. */

import { check } from './check.ts';

check({
  'an order and its inverse': `scenario "s";
struct mutex a;
struct mutex b;
task t {
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
}
task u {
	mutex_lock(&b);
	mutex_lock(&a);
//	^^^^^^^^^^^^^^ lock-order-inversion: 'a' is acquired here while 'b' is held
	mutex_unlock(&a);
	mutex_unlock(&b);
}
`,

  'each order in a variant of its own': `scenario "s";
option order = { one, other };
struct mutex a;
struct mutex b;
task t {
	mutex_lock(order == one ? &a : &b);
	mutex_lock(order == one ? &b : &a);
	mutex_unlock(order == one ? &b : &a);
	mutex_unlock(order == one ? &a : &b);
}
`,

  'a trylock waits for nobody': `scenario "s";
struct mutex a;
struct mutex b;
task t {
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
}
task u {
	mutex_lock(&b);
	if (mutex_trylock(&a))
		mutex_unlock(&a);
	mutex_unlock(&b);
}
`,

  'a declared order': `scenario "s";
struct vm { struct mutex slots; struct mutex irqs; };
struct vm vm;
lock_order vm.slots, vm.irqs;
task t {
	mutex_lock(&vm.irqs);
	mutex_lock(&vm.slots);
//	^^^^^^^^^^^^^^^^^^^^^ lock-order-declared: slots
	mutex_unlock(&vm.slots);
	mutex_unlock(&vm.irqs);
}
`,

  'never inside a read section, as declared': `scenario "s";
struct mutex slots;
struct srcu_struct srcu;
lock_order slots, srcu;
task t {
	int idx = srcu_read_lock(&srcu);

	mutex_lock(&slots);
//	^^^^^^^^^^^^^^^^^^ lock-order-declared: slots
	mutex_unlock(&slots);
	srcu_read_unlock(&srcu, idx);
}
`,

  'a lock of the class, with a subclass and without': `scenario "s";
struct vcpu { struct mutex lock; };
struct vcpu vcpus[2];
task t {
	mutex_lock(&vcpus[0].lock);
	mutex_lock_nested(&vcpus[1].lock, 1);
	mutex_unlock(&vcpus[1].lock);
	mutex_lock(&vcpus[1].lock);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-recursion: vcpu->lock
	mutex_unlock(&vcpus[1].lock);
	mutex_unlock(&vcpus[0].lock);
}
`,

  'a lock of interrupts': `scenario "s";
spinlock_t l;
task off on cpu(0) {
	unsigned long flags;

	spin_lock_irqsave(&l, flags);
	spin_unlock_irqrestore(&l, flags);
}
task on on cpu(0) {
	spin_lock(&l);
//	^^^^^^^^^^^^^ lock-irq-unsafe: 'l' is acquired here with interrupts on
	spin_unlock(&l);
}
irq handler on cpu(0) {
	spin_lock(&l);
	spin_unlock(&l);
}
`,

  'a sleeping lock inside another is no matter, a spinlock inside a raw one is': `scenario "s";
raw_spinlock_t raw;
spinlock_t l;
struct mutex m;
task t {
	mutex_lock(&m);
	spin_lock(&l);
	spin_unlock(&l);
	mutex_unlock(&m);
	raw_spin_lock(&raw);
	spin_lock(&l);
//	^^^^^^^^^^^^^ lock-wait-type: 'l'
	spin_unlock(&l);
	raw_spin_unlock(&raw);
}
`,

  'a subclass, with interrupts off': `scenario "s";
struct device { spinlock_t lock; raw_spinlock_t raw; };
struct device a;
struct device b;
task t {
	unsigned long flags;
	unsigned long more;

	spin_lock_irqsave(&a.lock, flags);
	spin_lock_irqsave_nested(&b.lock, more, 1);
	spin_unlock_irqrestore(&b.lock, more);
	spin_lock_irqsave_nested(&b.lock, more, 0);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-recursion: 'device->lock' is acquired here while 'device->lock' is held
	spin_unlock_irqrestore(&b.lock, more);
	spin_unlock_irqrestore(&a.lock, flags);
	raw_spin_lock_irqsave(&a.raw, flags);
	raw_spin_lock_irqsave_nested(&b.raw, more, 1);
	raw_spin_unlock_irqrestore(&b.raw, more);
	raw_spin_unlock_irqrestore(&a.raw, flags);
}
`,
});
