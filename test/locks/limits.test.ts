/** Where the walk stops short, it says so; what ends by itself is no limit. */

import { check } from './check.ts';

const calls = (count: number, last: string): string =>
  Array.from({ length: count }, (_, index) => `void f${index}(void) { f${index + 1}(); }`).join('\n') +
  `\nvoid f${count}(void) { ${last} }`;

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
//		^^^^^^^^^^^^^^^ may lock-unbalanced: l is not held here
	if (n)
		down(n - 1);
}
task t { down(100); }
`,
});
