/** Findings of the order graph that rest on what is not known: what is held, which lock it is, whether interrupts are off. */

import { check } from './check.ts';

check({
  'a circle through a lock that is held on some ways': `scenario "s";
struct mutex a, b;
task one {
	int first = choose(0..1);

	if (first)
		mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	if (first)
		mutex_unlock(&a);
}
task two {
	mutex_lock(&b);
	mutex_lock(&a);
//	^^^^^^^^^^^^^^ may lock-order-inversion: 'b' while 'a' is held. This may be so; what decides it is not known.
	mutex_unlock(&a);
	mutex_unlock(&b);
}
`,
  'the same lock taken in a function that is called on all of them': `scenario "s";
struct mutex a, b;
static void inner(void)
{
	mutex_lock(&b);
//	^^^^^^^^^^^^^^ may lock-order-inversion: This may be so
	mutex_unlock(&b);
}
task one {
	int first = choose(0..1);

	if (first)
		mutex_lock(&a);
	inner();
	if (first)
		mutex_unlock(&a);
}
task two {
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}
`,
  'a lock that is held on every way in one mode or another': `scenario "s";
struct rw_semaphore a;
struct mutex b;
task one {
	int shared = choose(0..1);

	if (shared)
		down_read(&a);
	else
		down_write(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	if (shared)
		up_read(&a);
	else
		up_write(&a);
}
task two {
	mutex_lock(&b);
	down_write(&a);
//	^^^^^^^^^^^^^^ lock-order-inversion: 'a' is acquired here while 'b' is held
	up_write(&a);
	mutex_unlock(&b);
}
`,
  'what is decided before is sure': `scenario "s";
struct mutex a, b;
task one {
	int ret = mutex_lock_interruptible(&a);

	if (ret)
		return;
	mutex_lock(&b);
	mutex_unlock(&b);
	if (choose(0..1))
		cpu_relax();
	mutex_unlock(&a);
}
task two {
	mutex_lock(&b);
	mutex_lock(&a);
//	^^^^^^^^^^^^^^ lock-order-inversion: 'a' is acquired here while 'b' is held
	mutex_unlock(&a);
	mutex_unlock(&b);
}
`,
  'another place that is sure makes it so': `scenario "s";
struct mutex a, b;
task one {
	int first = choose(0..1);

	if (first)
		mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	if (first)
		mutex_unlock(&a);
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
}
task two {
	mutex_lock(&b);
	mutex_lock(&a);
//	^^^^^^^^^^^^^^ lock-order-inversion: 'a' is acquired here while 'b' is held
	mutex_unlock(&a);
	mutex_unlock(&b);
}
`,
  'elements of an array, not known which': `scenario "s";
struct mutex many[4], b;
task one {
	int i = choose(0..3);

	mutex_lock(&many[i]);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&many[i]);
}
task two {
	mutex_lock(&b);
	mutex_lock(&many[2]);
//	^^^^^^^^^^^^^^^^^^^^ may lock-order-inversion: This may be so
	mutex_unlock(&many[2]);
	mutex_unlock(&b);
}
`,
  'two elements at once': `scenario "s";
struct mutex many[4];
task one {
	int i = choose(0..1);

	mutex_lock(&many[i]);
	mutex_lock(&many[3]);
//	^^^^^^^^^^^^^^^^^^^^ may lock-recursion: This may be so
	mutex_unlock(&many[3]);
	mutex_unlock(&many[i]);
}
`,
  'interrupts that are off on some ways': `scenario "s";
spinlock_t l;
task one on cpu(0) {
	int off = choose(0..1);

	if (off)
		local_irq_disable();
	spin_lock(&l);
//	^^^^^^^^^^^^^ may lock-irq-unsafe: This may be so
	spin_unlock(&l);
	if (off)
		local_irq_enable();
}
irq handler on cpu(0) times 1 {
	spin_lock(&l);
	spin_unlock(&l);
}
`,
  'interrupts that are off on some ways around the call': `scenario "s";
spinlock_t l;
static void inner(void)
{
	spin_lock(&l);
//	^^^^^^^^^^^^^ may lock-irq-unsafe: This may be so
	spin_unlock(&l);
}
task one on cpu(0) {
	int off = choose(0..1);

	if (off)
		local_irq_disable();
	inner();
	if (off)
		local_irq_enable();
}
irq handler on cpu(0) times 1 {
	spin_lock(&l);
	spin_unlock(&l);
}
`,
  'a spinlock that is held on some ways': `scenario "s";
raw_spinlock_t raw;
spinlock_t l;
task one {
	int first = choose(0..1);

	if (first)
		raw_spin_lock(&raw);
	spin_lock(&l);
//	^^^^^^^^^^^^^ may lock-wait-type: This may be so
	spin_unlock(&l);
	if (first)
		raw_spin_unlock(&raw);
}
`,
});
