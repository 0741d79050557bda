/** Locksets: what is held where, on all paths. */

import { check } from './check.ts';

const task = (body: string, before = ''): string => `scenario "s";
spinlock_t l;
spinlock_t k;
rwlock_t rw;
struct mutex m;
${before}
task t {
${body}
}
`;

check({
  'a lock that is taken and released': task(`
	spin_lock(&l);
	spin_unlock(&l);`),

  'a release without a lock': task(`
	spin_unlock(&l);
//	^^^^^^^^^^^^^^^ lock-unbalanced: l is not held here`),

  'released twice on one path only': task(`
	spin_lock(&l);
	if (choose(0..1))
		spin_unlock(&l);
	spin_unlock(&l);
//	^^^^^^^^^^^^^^^ may lock-unbalanced: l is not held here`),

  'released in another mode': task(`
	read_lock(&rw);
	write_unlock(&rw);
//	^^^^^^^^^^^^^^^^^ lock-wrong-mode: released for write here, and this thread holds it for read`),

  'another lock of the same type': task(`
	spin_lock(&l);
//	^^^^^^^^^^^^^ lock-leaked: l, taken here, is still held when the thread ends
	spin_unlock(&k);
//	^^^^^^^^^^^^^^^ lock-unbalanced: k is not held here`),

  'taken twice': task(`
	mutex_lock(&m);
	mutex_lock(&m);
//	^^^^^^^^^^^^^^ lock-recursion: m is taken here while this thread holds it already
	mutex_unlock(&m);
	mutex_unlock(&m);`),

  'read twice': task(`
	read_lock(&rw);
	read_lock(&rw);
//	^^^^^^^^^^^^^^ lock-recursion: a writer that queues in between blocks both
	read_unlock(&rw);
	read_unlock(&rw);`),

  'held at the end on one path': task(`
	mutex_lock(&m);
//	^^^^^^^^^^^^^^ may lock-leaked: m, taken here, is still held when the thread ends
	if (choose(0..1))
		return;
	mutex_unlock(&m);`),

  'a flag that decides twice': task(
    `
	f(choose(0..1));`,
    `
void f(bool shared)
{
	if (shared)
		read_lock(&rw);
	else
		write_lock(&rw);
	if (shared)
		read_unlock(&rw);
	else
		write_unlock(&rw);
}`,
  ),

  'a flag that is set where the lock is taken': task(`
	bool locked = false;

	for (int i = 0; i < 4; i++) {
		if (!locked && choose(0..1)) {
			spin_lock(&l);
			locked = true;
		}
	}
	if (locked)
		spin_unlock(&l);`),

  'a value that decides by case': task(`
	int how = choose(0..2);

	switch (how) {
	case 0:
		spin_lock(&l);
		break;
	case 1:
		mutex_lock(&m);
		break;
	default:
		break;
	}
	if (how == 0)
		spin_unlock(&l);
	else if (how == 1)
		mutex_unlock(&m);`),

  'an option that decides': `scenario "s";
option mode = { read, write };
rwlock_t rw;
task t {
	if (mode == read)
		read_lock(&rw);
	else
		write_lock(&rw);
	mode == read ? read_unlock(&rw) : write_unlock(&rw);
}
`,

  'a trylock': task(`
	if (!spin_trylock(&l))
		return;
	spin_unlock(&l);
	if (mutex_trylock(&m))
		mutex_unlock(&m);`),

  'a trylock whose failure is ignored': task(`
	mutex_trylock(&m);
	mutex_unlock(&m);
//	^^^^^^^^^^^^^^^^ may lock-unbalanced: m is not held here`),

  'a lock that a signal keeps from being taken': task(`
	int error = mutex_lock_interruptible(&m);

	if (error)
		return;
	mutex_unlock(&m);`),

  'goto out': task(
    `
	f();`,
    `
int f(void)
{
	int error = -EINVAL;

	mutex_lock(&m);
	if (choose(0..1))
		goto unlock;
	spin_lock(&l);
	if (choose(0..1))
		goto unlock_both;
	error = 0;
unlock_both:
	spin_unlock(&l);
unlock:
	mutex_unlock(&m);
	return error;
}`,
  ),

  'goto retry': task(`
retry:
	spin_lock(&l);
	if (choose(0..1)) {
		spin_unlock(&l);
		goto retry;
	}
	spin_unlock(&l);`),

  'through a call and a pointer': task(
    `
	take(&k);
	drop(&k);
	take(&l);
	drop(&l);`,
    `
void take(spinlock_t *lock)
{
	spin_lock(lock);
}
void drop(spinlock_t *lock)
{
	spin_unlock(lock);
}`,
  ),

  'in an array': `scenario "s";
spinlock_t locks[4];
task t {
	int i = choose(0..3);

	spin_lock(&locks[i]);
	spin_unlock(&locks[i]);
	spin_lock(&locks[1]);
//	^^^^^^^^^^^^^^^^^^^^ lock-leaked: locks, taken here, is still held when the thread ends
	spin_unlock(&locks[2]);
//	^^^^^^^^^^^^^^^^^^^^^^ lock-unbalanced: locks is not held here
}
`,

  'in an object of a pool, behind a pointer': `scenario "s";
struct page { spinlock_t lock; struct page *next; };
pool struct page pages[2];
task t {
	struct page *page = alloc(pages);

	spin_lock(&page->lock);
	spin_unlock(&page->lock);
	spin_lock(&page->lock);
	free_object(page);
//	^^^^^^^^^^^^^^^^^ lock-in-use: page->lock is held here
	spin_unlock(&page->lock);
}
`,

  'made anew while it is held': task(`
	spin_lock(&l);
	spin_lock_init(&l);
//	^^^^^^^^^^^^^^^^^^ lock-in-use: l is held here
	spin_unlock(&l);`),

  'in a callback': task(
    `
	call(under, 1);`,
    `
void under(int n)
{
	lockdep_assert_held(&l);
}
void call(void (*f)(int n), int n)
{
	spin_lock(&l);
	f(n);
	spin_unlock(&l);
}`,
  ),

  downgraded: `scenario "s";
struct rw_semaphore s;
task t {
	down_write(&s);
	downgrade_write(&s);
	lockdep_assert_held_read(&s);
	up_read(&s);
}
`,

  'recursion that takes nothing away': task(
    `
	spin_lock(&l);
	f(choose(0..3));
	spin_unlock(&l);`,
    `
void f(int depth)
{
	lockdep_assert_held(&l);
	if (depth > 0)
		f(depth - 1);
}`,
  ),
});
