/** RCU read sections are held like locks: what may stand inside, how they end, what waits for them. */

import { check } from './check.ts';

check({
  'synchronize_rcu() inside a reader of each kind': `scenario "s";
task plain {
	rcu_read_lock();
	synchronize_rcu();
//	^^^^^^^^^^^^^^^^^ lock-recursion: The readers of rcu_lock_map are waited for here, and this thread is one.
	rcu_read_unlock();
}
task bh {
	rcu_read_lock_bh();
	synchronize_rcu();
//	^^^^^^^^^^^^^^^^^ lock-recursion: The readers of rcu_bh_lock_map are waited for here
	rcu_read_unlock_bh();
}
task sched {
	rcu_read_lock_sched();
	synchronize_rcu_expedited();
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-recursion: The readers of rcu_sched_lock_map are waited for here
	rcu_read_unlock_sched();
}
task after {
	rcu_read_lock();
	rcu_read_unlock();
	synchronize_rcu();
}
`,
  'sleeping inside': `scenario "s";
task t {
	rcu_read_lock();
	might_sleep();
//	^^^^^^^^^^^^^ sleeping-in-atomic: Held here: rcu_lock_map.
	rcu_read_unlock();
	might_sleep();
}
`,
  'what may be taken inside': `scenario "s";
spinlock_t spin;
raw_spinlock_t raw;
struct mutex m;
rwlock_t rw;
task plain {
	rcu_read_lock();
	spin_lock(&spin);
	spin_unlock(&spin);
	read_lock(&rw);
	read_unlock(&rw);
	mutex_lock(&m);
//	^^^^^^^^^^^^^^ sleeping-in-atomic: inside rcu_read_lock()
	mutex_unlock(&m);
	rcu_read_unlock();
}
task sched {
	rcu_read_lock_sched();
	spin_lock(&spin);
//	^^^^^^^^^^^^^^^^ lock-wait-type: 'rcu_sched_lock_map' allows nothing but raw spinlocks inside.
	spin_unlock(&spin);
	raw_spin_lock(&raw);
	raw_spin_unlock(&raw);
	if (spin_trylock(&spin))
		spin_unlock(&spin);
	rcu_read_unlock_sched();
	preempt_disable();
	spin_lock(&spin);
	spin_unlock(&spin);
	preempt_enable();
}
task bh {
	rcu_read_lock_bh();
	spin_lock_bh(&spin);
	spin_unlock_bh(&spin);
	rcu_read_unlock_bh();
}
`,
  'readers have no place in any order': `scenario "s";
spinlock_t a;
spinlock_t leaf __leaf;
task one {
	rcu_read_lock();
	spin_lock(&a);
	rcu_read_lock();
	rcu_read_unlock();
	spin_unlock(&a);
	rcu_read_unlock();
	raw_spinlock_t own;
	raw_spin_lock(&own);
	rcu_read_lock();
	rcu_read_unlock();
	raw_spin_unlock(&own);
}
task two {
	spin_lock(&leaf);
	rcu_read_lock();
	rcu_read_unlock();
	spin_unlock(&leaf);
}
irq handler times 1 {
	rcu_read_lock();
	rcu_read_unlock();
}
`,
  'ends that are too many or too few': `scenario "s";
task twice {
	rcu_read_lock();
	rcu_read_unlock();
	rcu_read_unlock();
//	^^^^^^^^^^^^^^^^^ lock-unbalanced: rcu_lock_map is not held here.
}
task other {
	rcu_read_lock();
	rcu_read_unlock_bh();
//	^^^^^^^^^^^^^^^^^^^^ lock-unbalanced: rcu_bh_lock_map is not held here.
}
task early {
	rcu_read_lock();
//	^^^^^^^^^^^^^^^ may lock-leaked: still held when the thread ends
	if (choose(0..1))
		return;
	rcu_read_unlock();
}
`,
  'functions that begin and end sections say so': `scenario "s";
void begin(void) __acquires_shared(&rcu_lock_map)
{
	rcu_read_lock();
}
void end(void) __releases_shared(&rcu_lock_map)
{
	rcu_read_unlock();
}
void inside(void) __must_hold_shared(&rcu_lock_map)
{
	might_sleep();
//	^^^^^^^^^^^^^ sleeping-in-atomic: inside rcu_read_lock()
}
void open(void)
{
	rcu_read_lock();
//	^^^^^^^^^^^^^^^ annotation-missing: open() takes rcu_lock_map and does not say __acquires.
}
void close(void)
{
	rcu_read_unlock();
//	^^^^^^^^^^^^^^^^^ annotation-missing: close() releases rcu_lock_map and does not say __releases.
}
void wrong(void) __acquires_shared(&rcu_lock_map)
//               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ annotation-wrong: It returns without having taken it.
{
}
task t {
	begin();
	end();
}
`,
  'what asks for a reader': `scenario "s";
int data;
int *shared = &data;
struct mutex m;
void looks(void)
{
	lockdep_assert(rcu_read_lock_held());
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-not-held: rcu_lock_map must be held here for read. This thread does not hold it.
}
task outside {
	int *p = rcu_dereference(shared);
//	         ^^^^^^^^^^^^^^^^^^^^^^^ rcu-misuse: rcu_dereference() outside rcu_read_lock()
	looks();
	p = rcu_dereference_check(shared, lockdep_is_held(&m));
//	    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rcu-misuse: rcu_dereference() outside rcu_read_lock()
	mutex_lock(&m);
	p = rcu_dereference_check(shared, lockdep_is_held(&m));
	mutex_unlock(&m);
}
task within {
	rcu_read_lock();
	int *p = rcu_dereference(shared);
	looks();
	p = rcu_dereference_check(shared, rcu_read_lock_held());
	lockdep_assert(rcu_read_lock_held());
	rcu_read_unlock();
}
`,
  'a function that nobody calls, known to be inside by what it asserts': `scenario "s";
int data __guarded_by(&rcu_lock_map);
void looks(void)
{
	lockdep_assert(rcu_read_lock_held());
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ annotation-missing: looks() releases rcu_lock_map
	int value = data;
	rcu_read_unlock();
	value = data;
//	        ^^^^ guard-not-held: data
}
`,
});

check({
  'a grace period of some element inside a read section of some element': `scenario "s";
struct box { struct srcu_struct srcu; };
struct box boxes[2];
task t {
	int i = choose(0..1);
	int idx = srcu_read_lock(&boxes[i].srcu);
	synchronize_srcu(&boxes[choose(0..1)].srcu);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ may lock-recursion: One of 'box->srcu' is waited for here while 'box->srcu' (for read) is held
	srcu_read_unlock(&boxes[i].srcu, idx);
}
`,
});
