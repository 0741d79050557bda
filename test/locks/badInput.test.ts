/** What no analysis can know, and what makes no sense: told with care, or by the checks of the language, and never twice. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check as checkVariant } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject } from '../../core/semantics/snapshot.ts';
import { sourcesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';
import { check } from './check.ts';

check({
  'a function that calls itself with the lock held': `scenario "s";
struct mutex m;
void down(int n)
{
	mutex_lock(&m);
//	^^^^^^^^^^^^^^ lock-recursion: m is taken here while this thread holds it already
	if (n)
		down(n - 1);
	mutex_unlock(&m);
}
task t {
	down(choose(0..9));
}
`,

  'a function that calls itself after the lock is dropped': `scenario "s";
struct mutex m;
void down(int n)
{
	mutex_lock(&m);
	mutex_unlock(&m);
	if (n)
		down(n - 1);
}
task t {
	down(choose(0..9));
}
`,

  'functions that call each other, each with a lock of its own': `scenario "s";
struct mutex a, b;
void even(int n)
{
	mutex_lock(&a);
	mutex_unlock(&a);
	if (n)
		odd(n - 1);
}
void odd(int n)
{
	mutex_lock(&b);
	mutex_unlock(&b);
	if (n)
		even(n - 1);
}
task t {
	even(choose(0..9));
}
`,

  'a lock of an array, by an index that nobody knows': `scenario "s";
spinlock_t locks[4];
int data[4];
task t {
	int i = choose(0..3);

	spin_lock(&locks[i]);
	data[i]++;
	spin_unlock(&locks[i]);
}
`,

  'two locks of an array, by indices that nobody knows': `scenario "s";
spinlock_t locks[4];
task t {
	int i = choose(0..3), j = choose(0..3);

	spin_lock(&locks[i]);
	spin_lock(&locks[j]);
//	^^^^^^^^^^^^^^^^^^^^ may lock-recursion: 'locks' is acquired here while 'locks' is held
	spin_unlock(&locks[j]);
	spin_unlock(&locks[i]);
}
`,

  'an assertion about a lock of an array, by an index that nobody knows': `scenario "s";
spinlock_t locks[4];
void use(int i)
{
	lockdep_assert_held(&locks[i]);
}
task t {
	int i = choose(0..3);

	spin_lock(&locks[i]);
	use(i);
	spin_unlock(&locks[i]);
}
`,

  'declared orders that contradict each other, and code that keeps to one': `scenario "s";
struct mutex a, b;
lock_order a, b;
	lock_order b, a;
//	^^^^^^^^^^^^^^^^ contradicting-order: 'a' comes before 'b' comes before 'a'
task t {
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
}
`,

  'an order before itself': `scenario "s";
struct mutex a;
	lock_order a, a;
//	^^^^^^^^^^^^^^^^ contradicting-order: 'a' comes before 'a'
task t {
}
`,

  'an annotation that contradicts a declared order': `scenario "s";
struct mutex a;
struct mutex b __acquired_before(&a);
//             ^^^^^^^^^^^^^^^^^^^^^ contradicting-order: must not form a circle
lock_order a, b;
task t {
}
`,

  'a lock that is nested in itself': `scenario "s";
struct mutex a __nested_in(&a);
task t {
	mutex_lock(&a);
//	^^^^^^^^^^^^^^ lock-nesting: Critical sections of a must also hold a
	mutex_unlock(&a);
}
`,
});

interface Refused {
  readonly text: string;
  readonly code: string;
  readonly message: RegExp;
}

const refused: Readonly<Record<string, Refused>> = {
  'an annotation that names no lock': {
    text: 'int n;\nint x __guarded_by(&n);\ntask t {\n}\n',
    code: 'type-mismatch',
    message: /lock/,
  },
  'an annotation that names nothing': {
    text: 'int x __guarded_by(&gone);\ntask t {\n}\n',
    code: 'unknown-name',
    message: /gone/,
  },
  'an order of what is no lock': {
    text: 'struct mutex m;\nint n;\nlock_order m, n;\ntask t {\n}\n',
    code: 'type-mismatch',
    message: /lock/,
  },
  'a call of an unlock with a lock of another type': {
    text: 'rwlock_t rw;\ntask t {\n\tspin_lock(&rw);\n}\n',
    code: 'type-mismatch',
    message: /spinlock/,
  },
  'a call of a function without a body': {
    text: 'struct mutex m;\nvoid gone(void) __must_hold(&m);\ntask t {\n\tgone();\n}\n',
    code: 'unknown-name',
    message: /gone/,
  },
  'an annotation of functions on a lock': {
    text: 'struct mutex m __must_hold(&m);\ntask t {\n}\n',
    code: 'misplaced',
    message: /__must_hold/,
  },
};

const uri = 'file:///home/main.lockstep';
const library = sourcesBelow(root, []);

for (const [name, { text, code, message }] of Object.entries(refused)) {
  test(name, () => {
    const source = `scenario "s";\n${text}`;
    const project = loadProject(uri, (wanted) => (wanted === uri ? source : library.read(wanted)));
    const found = variants(project).variants.flatMap((variant) => checkVariant(project, variant).diagnostics);
    assert.deepEqual(
      found.map((each) => each.code),
      [code],
      found.map((each) => each.message).join('\n'),
    );
    assert.match(found[0]?.message ?? '', message);
  });
}
