/** Waiting for a work item is waiting for what its function does. */

import { check } from './check.ts';

const items = (finding: string): string => `scenario "s";
struct mutex m;
struct vm { struct work_struct zap, other; };
struct vm vm;
static void zap_fn(struct work_struct *work)
{
	mutex_lock(&m);
${finding}	mutex_unlock(&m);
}
static void other_fn(struct work_struct *work) { }
init {
	INIT_WORK(&vm.zap, zap_fn);
	INIT_WORK(&vm.other, other_fn);
}
`;

const circle = `//	^^^^^^^^^^^^^^ lock-order-inversion: 'm' is acquired here while 'vm->zap' is held, but elsewhere the end of 'vm->zap' is waited for while 'm' is held.
`;

check({
  'flushed with the lock that its function takes': `${items(circle)}task t {
	schedule_work(&vm.zap);
	mutex_lock(&m);
	flush_work(&vm.zap);
	mutex_unlock(&m);
}
`,
  'cancelled with the lock that its function takes': `${items(circle)}task t {
	schedule_work(&vm.zap);
	mutex_lock(&m);
	cancel_work_sync(&vm.zap);
	mutex_unlock(&m);
}
`,
  'flushed without the lock': `${items('')}task t {
	schedule_work(&vm.zap);
	mutex_lock(&m);
	mutex_unlock(&m);
	flush_work(&vm.zap);
}
`,
  'another item is flushed': `${items('')}task t {
	schedule_work(&vm.zap);
	schedule_work(&vm.other);
	mutex_lock(&m);
	flush_work(&vm.other);
	mutex_unlock(&m);
}
`,
  'an item that waits for itself, and one that frees itself': `scenario "s";
struct box { struct work_struct work; int value; };
pool struct box boxes[1];
struct work_struct again;
static void free_fn(struct work_struct *work) { kfree(container_of(work, struct box, work)); }
static void again_fn(struct work_struct *work)
{
	flush_work(work);
//	^^^^^^^^^^^^^^^^ lock-recursion: The end of again is waited for here, inside of it.
}
task t {
	struct box *box = alloc(boxes);

	INIT_WORK(&box->work, free_fn);
	INIT_WORK(&again, again_fn);
	schedule_work(&box->work);
	schedule_work(&again);
}
`,
  'a delayed item is known by no class': `scenario "s";
struct mutex m;
struct delayed_work one, two;
static void one_fn(struct work_struct *work) { mutex_lock(&m); mutex_unlock(&m); }
static void two_fn(struct work_struct *work) { }
task t {
	INIT_DELAYED_WORK(&one, one_fn);
	INIT_DELAYED_WORK(&two, two_fn);
	schedule_delayed_work(&one, 1);
	schedule_delayed_work(&two, 1);
	mutex_lock(&m);
	flush_delayed_work(&two);
	mutex_unlock(&m);
}
`,
});
