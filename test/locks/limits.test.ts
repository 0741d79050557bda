/** Where the walk stops short, it says so; what ends by itself is no limit. */

import { check } from './check.ts';

const calls = (count: number, last: string): string =>
  Array.from({ length: count }, (_, index) => `void f${index}(void) { f${index + 1}(); }`).join('\n') +
  `\nvoid f${count}(void) { ${last} }`;

const each = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

check({
  'a loop of more rounds than are followed': `scenario "s";
task t {
	for (int i = 0; i < 30; i++)
//	                ^^^^^^ lock-analysis-limit: A loop is followed for 24 rounds.
		preempt_disable();
	for (int i = 0; i < 30; i++)
		preempt_enable();
}
`,

  'a loop of many rounds that changes nothing held': `scenario "s";
spinlock_t l;
u64 x;
task t {
	for (int i = 0; i < 1000; i++) {
		spin_lock(&l);
		x = i;
		spin_unlock(&l);
	}
}
`,

  'calls nested more deeply than they are followed': `scenario "s";
spinlock_t l;
${calls(58, 'g();')}
void g(void) { h(); }
//             ^^^ lock-analysis-limit: Calls are followed 60 deep.
void h(void) { spin_lock(&l); spin_unlock(&l); }
task t { f0(); }
`,

  'calls nested as deeply as they are followed': `scenario "s";
spinlock_t l;
${calls(57, 'spin_lock(&l); spin_unlock(&l);')}
task t { f0(); }
`,

  'recursion is followed for all values that may come': `scenario "s";
spinlock_t l;
void down(int n)
{
	lockdep_assert_not_held(&l);
	spin_lock(&l);
	spin_unlock(&l);
	if (n)
		down(n - 1);
}
task t { down(choose(0..100)); }
`,

  'what recursion does below what was followed step by step': `scenario "s";
spinlock_t l;
void down(int n)
{
	if (n == 90)
		spin_unlock(&l);
//		^^^^^^^^^^^^^^^ lock-analysis-limit: Recursion is followed for 3 calls, then once for all values that may come.
	if (n)
		down(n - 1);
}
task t { down(100); }
`,

  'a lock that recursion takes for one value only': `scenario "s";
spinlock_t l;
void down(int n)
{
	if (n == 1)
		spin_lock(&l);
//		^^^^^^^^^^^^^ lock-analysis-limit: For some of them a rule would be broken here: whether they come is not known.
	if (n)
		down(n - 1);
	if (n == 1)
		spin_unlock(&l);
}
task t { down(5); }
`,

  'a lock that recursion takes for one value and keeps': `scenario "s";
spinlock_t l;
void down(int n)
{
	if (n == 1)
		spin_lock(&l);
//		^^^^^^^^^^^^^ lock-analysis-limit: For some of them
	if (n)
		down(n - 1);
//		^^^^^^^^^^^ lock-analysis-limit: Recursion is followed for 3 calls
}
task t { down(5); }
`,

  'an order that only guessing makes a circle': `scenario "s";
struct mutex a, b;
void down(int n)
{
	if (n == 1)
		mutex_lock(&a);
	mutex_lock(&b);
//	^^^^^^^^^^^^^^ lock-analysis-limit: Recursion is followed for 3 calls
	mutex_unlock(&b);
	if (n == 1)
		mutex_unlock(&a);
	if (n)
		down(n - 1);
}
task t { down(5); }
task u {
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}
`,

  'a lock that is taken and dropped for every value': `scenario "s";
spinlock_t l;
void down(int n)
{
	if (n & 1)
		spin_lock(&l);
	if (n & 1)
		spin_unlock(&l);
	if (n)
		down(n - 1);
}
task t { down(6); }
`,

  'more locks than are followed': `scenario "s";
struct mutex m0${Array.from({ length: 48 }, (_, index) => `, m${index + 1}`).join('')};
task t {
${each(49, (index) => `	mutex_lock(&m${index});`)}
//	^^^^^^^^^^^^^^^^ lock-analysis-limit: A thread is followed with up to 48 locks held. One more is taken here: what follows from it is not known.
	mutex_unlock(&m48);
}
`,

  'as many locks as are followed': `scenario "s";
struct mutex m0${Array.from({ length: 47 }, (_, index) => `, m${index + 1}`).join('')};
task t {
${each(48, (index) => `	mutex_lock(&m${index});`)}
${each(48, (index) => `	mutex_unlock(&m${index});`)}
}
`,

  'a label that is reached with ever more switched off': `scenario "s";
task t {
//   ^ held-at-end: A thread ends with preemption off.
again:
	preempt_disable();
	if (choose(0..1))
		goto again;
//		^^^^^^^^^^^ lock-analysis-limit: The labels of a function are reached in at most 200 states.
}
`,

  'a label that is reached often in the same way': `scenario "s";
spinlock_t l;
u64 x;
task t {
	int n = 0;

again:
	spin_lock(&l);
	x = n;
	spin_unlock(&l);
	if (n++ < 1000)
		goto again;
}
`,

  'more ways than are followed': `scenario "s";
struct mutex m0${each(10, (index) => `, m${index + 1}`).replaceAll('\n', '')};
task t {
${each(10, (index) => `	bool b${index} = choose(0..1);`)}
${each(10, (index) => `	if (b${index}) mutex_lock(&m${index});`)}
//	^^^^^^^^^^^^^^^^^^^^^^^^ lock-analysis-limit: A place is reached in at most 500 states.
${each(10, (index) => `	if (b${index}) mutex_unlock(&m${index});`)}
}
`,

  'more statements than are followed': `scenario "s";
struct mutex m0${each(7, (index) => `, m${index + 1}`).replaceAll('\n', '')};
u64 x;
task t {
//   ^ lock-analysis-limit: A thread is followed for 1 million statements
${each(8, (index) => `	if (choose(0..1))\n		mutex_lock(&m${index});`)}
${each(4200, () => '	x = 1;')}
}
`,
});
