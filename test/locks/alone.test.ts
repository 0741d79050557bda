/** What is found in a function that no thread of a variant comes to: it is told, and fails nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, findingsOf } from './check.ts';

const unused = (body: string): string => `scenario "s";
spinlock_t l;
raw_spinlock_t raw;
rwlock_t rw;
struct mutex m;
int n __guarded_by(l);
static void unused(bool shared)
{
${body}
}
task t { }
`;

const broken: Readonly<Record<string, string>> = {
  'lock-wrong-mode': 'read_lock(&rw); write_unlock(&rw);',
  'lock-recursion': 'spin_lock(&l); spin_lock(&l); spin_unlock(&l); spin_unlock(&l);',
  'sleeping-in-atomic': 'spin_lock(&l); mutex_lock(&m); mutex_unlock(&m); spin_unlock(&l);',
  'lock-wait-type': 'raw_spin_lock(&raw); spin_lock(&l); spin_unlock(&l); raw_spin_unlock(&raw);',
  'guard-not-held': 'n = 1;',
};

for (const [code, body] of Object.entries(broken))
  test(`${code} in a function that nobody calls is a warning`, () => {
    const { findings } = findingsOf(unused(body));
    assert.deepEqual(
      findings.filter((one) => one.code === code).map(({ severity }) => severity),
      ['warning'],
    );
    assert.deepEqual(
      findings.filter(({ severity }) => severity === 'error'),
      [],
    );
  });

test('the same in a thread is an error', () => {
  const { findings } = findingsOf(
    unused(broken['lock-wrong-mode'] ?? '').replace('{ }', '{ unused(true); }'),
  );
  assert.deepEqual(
    findings.map(({ severity }) => severity),
    ['error'],
  );
});

const flag = (uses: string): string => `scenario "s";
rwlock_t rw;
int n __guarded_by(rw);
static bool go(bool shared) { return choose(0..1) && shared; }
static void walk(bool shared)
{
${uses}
}
task t { }
`;

check({
  'a flag that decides which function takes the lock': flag(`
	(shared ? read_lock : write_lock)(&rw);
	while (go(shared)) ;
	if (!shared)
		n++;
	if (shared)
		read_unlock(&rw);
	else
		write_unlock(&rw);`),
  'a flag that decides which function releases the lock': flag(`
	if (shared)
		read_lock(&rw);
	else
		write_lock(&rw);
	(shared ? read_unlock : write_unlock)(&rw);`),
  'a flag that decides it the wrong way round': flag(`
	(shared ? write_lock : read_lock)(&rw);
	if (!shared)
		n++;
//		^ guard-not-held: with the lock held for read only
	(shared ? write_unlock : read_unlock)(&rw);`),
  'a pointer that the flag chose before': flag(`
	void (*take)(rwlock_t *) = shared ? read_lock : write_lock;
	take(&rw);
	if (shared)
		read_unlock(&rw);
	else
		write_unlock(&rw);`),
});
