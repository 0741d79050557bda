/** Annotations both ways, guards, assertions, declared rules, and what is forbidden where. */

import { check } from './check.ts';

check({
  'a callback that another variant calls': `
scenario "callbacks";
option used = { yes, no };
spinlock_t a;
void (*callback)(void);
static void release(void)
{
	spin_unlock(&a);
}
static void never(void)
{
	spin_unlock(&a);
//	^^^^^^^^^^^^^^^ annotation-missing: never() releases a and does not say __releases
}
init { if (used == yes) callback = release; }
task t {
	spin_lock(&a);
	if (used == yes)
		callback();
	else
		spin_unlock(&a);
}
`,
  'what a call must hold': `scenario "s";
rwlock_t rw;
u64 x;
void get(void) __must_hold_shared(&rw) { x; }
void set(void) __must_hold(&rw) { x = 1; }
void alone(void) __must_not_hold(&rw) { }
task t {
	get();
//	^^^^^ lock-not-held: get() must be called with rw held. It is not held here
	read_lock(&rw);
	get();
	set();
//	^^^^^ lock-wrong-mode: set() must be called with rw held for write. It is held for read only
	alone();
//	^^^^^^^ lock-held: alone() must not be called with rw held
	read_unlock(&rw);
	write_lock(&rw);
	get();
	set();
	write_unlock(&rw);
	alone();
}
`,

  'what a call must hold, in its argument': `scenario "s";
struct vm { struct mutex lock; u64 x; };
struct vm one;
struct vm two;
void set(struct vm *vm) __must_hold(&vm->lock) { vm->x = 1; }
task t {
	mutex_lock(&one.lock);
	set(&one);
	set(&two);
//	^^^^^^^^^ lock-not-held: vm->lock held. It is not held here
	mutex_unlock(&one.lock);
}
`,

  assertions: `scenario "s";
rwlock_t rw;
struct mutex m;
void f(void)
{
	lockdep_assert_held_write(&rw);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-wrong-mode: rw must be held here for write. This thread holds it for read
	lockdep_assert_held(&m);
//	^^^^^^^^^^^^^^^^^^^^^^^^ lock-not-held: m must be held here. This thread does not hold it
	lockdep_assert_not_held(&rw);
//	^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ lock-held: rw must not be held here
}
task t {
	read_lock(&rw);
	f();
	read_unlock(&rw);
}
`,

  'a condition that something else may meet': `scenario "s";
struct mutex m;
int users;
task t {
	lockdep_assert_once(users == 0 || lockdep_is_held(&m));
}
`,

  'guarded data': `scenario "s";
rwlock_t rw;
u64 x __guarded_by(&rw);
struct vm { struct mutex lock; u64 count __guarded_by(&lock); };
struct vm vm;
init { x = 5; }
void bump(struct vm *vm)
{
	vm->count++;
//	^^^^^^^^^ guard-not-held: vm->count is guarded by vm->lock. It is written here without it
}
task t {
	u64 y = x;
//	        ^ guard-not-held: x is guarded by rw. It is read here without it

	y = data_race(x);
	read_lock(&rw);
	y = x;
	x = y;
//	^ guard-not-held: It is written here with the lock held for read only
	read_unlock(&rw);
	bump(&vm);
	mutex_lock(&vm.lock);
	vm.count++;
	mutex_unlock(&vm.lock);
}
`,

  'annotations that are right': `scenario "s";
spinlock_t l;
void take(void) __acquires(&l) { spin_lock(&l); }
void drop(void) __releases(&l) { spin_unlock(&l); }
bool try(void) __cond_acquires(true, &l) { return spin_trylock(&l); }
void yields(void) __must_hold(&l) { spin_unlock(&l); spin_lock(&l); }
task t {
	take();
	yields();
	drop();
	if (try())
		drop();
}
`,

  'annotations that are wrong': `scenario "s";
spinlock_t l;
spinlock_t k;
void take(void) __acquires(&l)
//              ^^^^^^^^^^^^^^ annotation-wrong: It returns without having taken it
{
}
void both(void) __acquires(&l)
//   ^^^^ annotation-wrong: It returns with k held, and does not say so
{
	spin_lock(&l);
	spin_lock(&k);
}
bool try(void) __cond_acquires(true, &l)
//             ^^^^^^^^^^^^^^^^^^^^^^^^^ annotation-wrong: It also takes it when it returns another value
{
	spin_lock(&l);
	return false;
}
task a {
	take();
}
task b {
	both();
	spin_unlock(&k);
	spin_unlock(&l);
}
task c {
	try();
	spin_unlock(&l);
}
`,

  'functions that nobody calls': `scenario "s";
spinlock_t l;
struct mutex m;
u64 x __guarded_by(&l);
void asserts(void)
{
	lockdep_assert_held(&l);
	x = 1;
}
void promises(void) __must_hold(&l)
{
	mutex_lock(&m);
//	^^^^^^^^^^^^^^ sleeping-in-atomic: This may sleep, and preemption is off
	x = 1;
	mutex_unlock(&m);
}
void takes(spinlock_t *lock)
{
	spin_lock(lock);
//	^^^^^^^^^^^^^^^ annotation-missing: takes() takes lock and does not say __acquires
}
void releases(void)
{
	spin_unlock(&l);
//	^^^^^^^^^^^^^^^ annotation-missing: releases() releases l and does not say __releases
}
int forgets(void)
{
	spin_lock(&l);
//	^^^^^^^^^^^^^ may lock-leaked: is still held when forgets() returns on some
	if (choose(0..1))
		return -EINVAL;
	spin_unlock(&l);
	return 0;
}
void drops(spinlock_t *lock) __releases(lock)
{
	spin_unlock(lock);
}
`,

  'sections that need another lock, and leaves': `scenario "s";
rwlock_t outer;
spinlock_t inner __nested_in(&outer);
spinlock_t leaf __leaf;
spinlock_t other;
task t {
	spin_lock(&inner);
//	^^^^^^^^^^^^^^^^^ lock-nesting: Critical sections of inner must also hold outer
	spin_unlock(&inner);
	read_lock(&outer);
	spin_lock(&inner);
	spin_unlock(&inner);
	read_unlock(&outer);
	spin_lock(&leaf);
	spin_lock(&other);
//	^^^^^^^^^^^^^^^^^ lock-leaf: other is taken here while it is held
	spin_unlock(&other);
	spin_unlock(&leaf);
}
`,

  'sleeping where it is forbidden': `scenario "s";
spinlock_t l;
struct mutex m;
struct srcu_struct ss;
void sleeps(void)
{
	mutex_lock(&m);
//	^^^^^^^^^^^^^^ sleeping-in-atomic: preemption is off
	mutex_unlock(&m);
}
task t {
	int idx;

	idx = srcu_read_lock(&ss);
	mutex_lock(&m);
	mutex_unlock(&m);
	srcu_read_unlock(&ss, idx);
	spin_lock(&l);
	sleeps();
	spin_unlock(&l);
	rcu_read_lock();
	synchronize_rcu();
//	^^^^^^^^^^^^^^^^^ lock-recursion: The readers of rcu_lock_map are waited for here
	rcu_read_unlock();
	local_irq_disable();
	might_sleep();
//	^^^^^^^^^^^^^ sleeping-in-atomic: interrupts are off
	local_irq_enable();
}
struct mutex own;
irq handler on cpu(0) {
	mutex_lock(&own);
//	^^^^^^^^^^^^^^^^ sleeping-in-atomic: in an interrupt
	mutex_unlock(&own);
//	^^^^^^^^^^^^^^^^^^ lock-misuse: mutex_unlock() in an interrupt
}
`,

  'interrupts as they were': `scenario "s";
spinlock_t l;
spinlock_t k;
task t {
	unsigned long flags;

	spin_lock_irqsave(&l, flags);
	spin_lock(&k);
	lockdep_assert_irqs_disabled();
	spin_unlock(&k);
	spin_unlock_irqrestore(&l, flags);
	might_sleep();
}
task forgets {
//   ^^^^^^^ held-at-end: A thread ends with interrupts off
	local_irq_disable();
}
`,
});
