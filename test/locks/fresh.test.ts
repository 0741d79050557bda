/** An object that a function has just made is nobody else's until its address is stored. */

import { check } from './check.ts';

const scenario = (body: string): string => `scenario "s";
struct obj { spinlock_t lock; int n __guarded_by(lock); struct obj *next; };
pool struct obj pool_objs[2];
struct obj *shared;
static struct obj *make(void)
{
	struct obj *o = alloc(pool_objs);
${body}
	return o;
}
task t {
	make();
}
`;

check({
  'written before anybody knows of it': scenario(`
	o->n = 1;
	spin_lock_init(&o->lock);
	o->n++;
	o->next = NULL;
	o->n = 2;`),
  stored: scenario(`
	o->n = 1;
	WRITE_ONCE(shared, o);
	o->n = 2;
//	^^^^ guard-not-held: obj->n is guarded by obj->lock. It is written here without it`),
  exchanged: scenario(`
	cmpxchg(&shared, NULL, o);
	o->n = 2;
//	^^^^ guard-not-held: written here without it`),
  'stored on one way': scenario(`
	if (choose(0..1))
		shared = o;
	o->n = 2;
//	^^^^ may guard-not-held: written here without it`),
});
