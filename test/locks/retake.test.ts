/** `__releases(l) __acquires(l)`: a function that drops the lock of its caller and takes it again. */

import { check } from './check.ts';

const scenario = (body: string, task = ''): string => `scenario "s";
struct box { spinlock_t lock; int n __guarded_by(lock); };
struct box box;
spinlock_t l;
rwlock_t rw;
${body}
task t {
${task}
}
`;

check({
  'by its parameter, called twice': scenario(
    `
static void drop(spinlock_t *x) __releases(x) __acquires(x)
{
	spin_unlock(x);
	spin_lock(x);
}`,
    `
	spin_lock(&box.lock);
	drop(&box.lock);
	box.n++;
	drop(&box.lock);
	box.n++;
	spin_unlock(&box.lock);
	box.n++;
//	^^^^^ guard-not-held: without it`,
  ),
  'looked at by itself': scenario(`
static void drop(struct box *b) __releases(&b->lock) __acquires(&b->lock)
{
	b->n++;
	spin_unlock(&b->lock);
	spin_lock(&b->lock);
	b->n++;
}
static void shared(void) __releases_shared(&rw) __acquires_shared(&rw)
{
	read_unlock(&rw);
	read_lock(&rw);
}`),
  'guarded data in between': scenario(`
static void drop(struct box *b) __releases(&b->lock) __acquires(&b->lock)
{
	spin_unlock(&b->lock);
	b->n++;
//	^^^^ guard-not-held: without it
	spin_lock(&b->lock);
}`),
  'dropped on some ways only': scenario(`
static void drop(void) __releases(&l) __acquires(&l)
{
	if (choose(0..1))
		return;
	spin_unlock(&l);
	spin_lock(&l);
}`),
  'not taken again on a way': scenario(
    `
static void drop(void) __releases(&l) __acquires(&l)
//                                    ^^^^^^^^^^^^^^ may annotation-wrong: It returns without having taken it
{
	spin_unlock(&l);
	if (choose(0..1))
		return;
	spin_lock(&l);
}`,
    '',
  ),
  'never dropped': scenario(
    `
static void keep(void) __releases(&l) __acquires(&l)
//                     ^^^^^^^^^^^^^^ annotation-wrong: says that it releases l and takes it again. It never releases it
{
}`,
    `
	spin_lock(&l);
	keep();
	spin_unlock(&l);`,
  ),
  'called without it': scenario(
    `
static void drop(void) __releases(&l) __acquires(&l)
{
	spin_unlock(&l);
//	^^^^^^^^^^^^^^^ lock-unbalanced: l is not held here
	spin_lock(&l);
}`,
    `
	drop();
	spin_unlock(&l);`,
  ),
  'another lock is taken': scenario(`
static void hand(void) __releases(&l) __acquires(&box.lock)
{
	spin_unlock(&l);
	spin_lock(&box.lock);
}`),
});
