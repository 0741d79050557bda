/** Whatever is written, the analysis ends and throws nothing; what is balanced is told of by nobody. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { check, findingsOf } from './check.ts';

check({
  'functions that call each other without end': `scenario "s";
spinlock_t l;
void odd(int n) { lockdep_assert_held(&l); even(n - 1); }
void even(int n) { if (n) odd(n - 1); }
task t {
	spin_lock(&l);
	even(choose(0..9));
	spin_unlock(&l);
}
`,

  'a loop that only takes': `scenario "s";
struct node { spinlock_t lock; struct node *next; };
struct node first;
task t {
	struct node *node = &first;

	for (;;) {
		mutex_free(node);
		node = node->next;
	}
}
void mutex_free(struct node *node)
{
	if (spin_trylock(&node->lock))
		spin_unlock(&node->lock);
}
`,
});

const locks = ['m0', 'm1', 'm2'];

/** Statements that leave the locks as they were; `depth` locks are held, those below it in order. */
function balanced(depth: number, size: number): fc.Arbitrary<string> {
  if (size === 0) return fc.constant('x++;');
  const inner = balanced(depth, size - 1);
  const own = fc.constantFrom('x++;', 'if (choose(0..1)) x = 2;');
  const both = fc.tuple(inner, inner).map(([a, b]) => `${a} ${b}`);
  const fork = fc.tuple(inner, inner).map(([a, b]) => `if (x) { ${a} } else { ${b} }`);
  const loop = inner.map((body) => `for (int i = 0; i < 3; i++) { ${body} if (x) continue; if (x) break; }`);
  const choice = fc.tuple(inner, inner).map(([a, b]) => `switch (x) { case 1: ${a} break; default: ${b} }`);
  if (depth >= locks.length) return fc.oneof(own, both, fork, loop, choice);
  const lock = locks[depth];
  const deeper = balanced(depth + 1, size - 1);
  const held = deeper.map((body) => `mutex_lock(&${lock}); ${body} mutex_unlock(&${lock});`);
  const tried = deeper.map((body) => `if (mutex_trylock(&${lock})) { ${body} mutex_unlock(&${lock}); }`);
  const flag = deeper.map(
    (body) =>
      `{ bool f = choose(0..1); if (f) mutex_lock(&${lock}); x++; if (f) { ${body} mutex_unlock(&${lock}); } }`,
  );
  return fc.oneof(own, both, fork, loop, choice, held, tried, flag);
}

const scenario = (body: string): string =>
  `scenario "s";\n${locks.map((name) => `struct mutex ${name};`).join('\n')}\nint x;\ntask t {\n${body}\n}\n`;

test('balanced code is told of by nobody', () => {
  fc.assert(
    fc.property(balanced(0, 4), (body) => {
      assert.deepEqual(
        findingsOf(scenario(body)).findings.map(({ message }) => message),
        [],
      );
    }),
    { numRuns: 60 },
  );
});

test('what is never released is told of, wherever it is forgotten', () => {
  fc.assert(
    fc.property(balanced(1, 3), (body) => {
      const codes = findingsOf(scenario(`mutex_lock(&m0); ${body}`)).findings.map(({ code }) => code);
      assert.deepEqual(codes, ['lock-leaked']);
    }),
    { numRuns: 30 },
  );
});

test('code of any shape is analysed to an end', () => {
  const word = fc.constantFrom(
    'mutex_lock(&m0);',
    'mutex_unlock(&m0);',
    'mutex_lock(&m1);',
    'mutex_unlock(&m1);',
    'rcu_read_lock();',
    'rcu_read_unlock();',
    'local_irq_disable();',
    'local_irq_enable();',
    'if (x) goto out;',
    'if (x) goto again;',
    'while (x) mutex_lock(&m2);',
    'preempt_disable();',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      findingsOf(scenario(`again:\n${words.join('\n')}\nout:\nx = 0;\nif (x) goto again; if (x) goto out;`));
    }),
    { numRuns: 40 },
  );
});
