/** Quick fixes: what each one makes of the text; and that every one that is offered mends its finding and breaks nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changedLines, edited } from '../../core/locks/fixEdits.ts';
import { type Fix, fixCaches, fixesOf, fixesOfDiagnostic, withFixes } from '../../core/locks/fixes.ts';
import type { MergedFinding } from '../../core/locks/merge.ts';
import { check } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, type Project, resolveLoc, type SnapshotCache } from '../../core/semantics/snapshot.ts';
import { format } from '../../core/syntax/format.ts';
import { sourcesBelow } from '../../host/files.ts';
import { blocksIn, pageOf } from '../docs/pages.ts';
import { root } from '../house/sources.ts';
import { findingsOf } from './check.ts';
import { allTexts } from './texts.ts';

const caches = fixCaches();
const options = {};

/** The text of the scenario with the edits of a fix, which must be in it and in no other file. */
function apply(project: Project, text: string, { edits }: Fix): string {
  const placed = edits.map(({ loc, text: insert }) => {
    const range = resolveLoc(project, loc);
    assert.ok(range !== null && range.uri === project.uri, 'an edit of another file');
    assert.ok(range.start <= range.end && range.end <= text.length);
    return { start: range.start, end: range.end, text: insert };
  });
  return edited(text, placed);
}

function told(findings: readonly MergedFinding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { code, message } of findings) {
    const key = `${code}: ${message}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

let offered = 0;
for (const { place, text: written } of allTexts()) {
  // Pages are laid out in a way of their own: there only the edit itself is laid out.
  const text = place.includes('.md') ? written : format(written);
  test(`every fix offered in ${place}`, () => {
    const { project, findings } = findingsOf(text);
    const before = told(findings);
    for (const finding of withFixes(project, findings, options, caches)) {
      for (const fix of finding.fixes) {
        offered++;
        const after = apply(project, text, fix);
        const what = `${finding.code}, ${fix.title}:\n${after}`;
        assert.notEqual(after, text, what);
        // Loaded, checked and analysed again, with nothing remembered: an error of any kind fails here.
        const found = told(findingsOf(after).findings);
        const key = `${finding.code}: ${finding.message}`;
        assert.ok((found.get(key) ?? 0) < (before.get(key) ?? 0), `not mended by ${what}`);
        for (const [each, count] of found) assert.ok(count <= (before.get(each) ?? 0), `${each}\nby ${what}`);
        if (format(text) === text) assert.equal(format(after), after, what);
      }
    }
  });
}

test('there are fixes to try', () => {
  assert.ok(offered > 50, `${offered}`);
});

// ---------------------------------------------------------------- what they make of the text

interface Case {
  /** Declarations and code after `scenario "s";` */
  readonly text: string;
  readonly code: string;
  readonly title: string;
  /** Null: no fix of this title is offered. */
  readonly becomes: string | null;
}

const cases: Readonly<Record<string, Case>> = {
  'what callers must hold, behind the parameters and with an address': {
    text: `spinlock_t l;
int n __guarded_by(l);
static void set(void)
{
	n = 1;
}
task t {
}
`,
    code: 'guard-not-held',
    title: 'Say that set() must be called with l held',
    becomes: `spinlock_t l;
int n __guarded_by(l);
static void set(void) __must_hold(&l)
{
	n = 1;
}
task t {
}
`,
  },
  'not what only hands the finding on to the callers': {
    text: `rwlock_t rw;
static void zap(void)
{
	lockdep_assert_held_write(&rw);
}
task t {
	read_lock(&rw);
	zap();
	read_unlock(&rw);
}
`,
    code: 'lock-wrong-mode',
    title: 'Say that zap() must be called with rw held',
    becomes: null,
  },
  'a function that takes a lock says so with its address': {
    text: `spinlock_t l;
static void take(void)
{
	spin_lock(&l);
}
task t {
}
`,
    code: 'annotation-missing',
    title: 'Say that take() takes l',
    becomes: `spinlock_t l;
static void take(void) __acquires(&l)
{
	spin_lock(&l);
}
task t {
}
`,
  },
  'a lock around a statement that leaves on two ways': {
    text: `struct mutex m;
u64 x __guarded_by(&m);
void f(int n)
{
	if (x) {
		if (n)
			return;
		n = 2;
	}
	n = 1;
}
task t {
	f(0);
}
`,
    code: 'guard-not-held',
    title: 'Take m around this statement',
    becomes: `struct mutex m;
u64 x __guarded_by(&m);
void f(int n)
{
	mutex_lock(&m);
	if (x) {
		if (n) {
			mutex_unlock(&m);
			return;
		}
		n = 2;
	}
	mutex_unlock(&m);
	n = 1;
}
task t {
	f(0);
}
`,
  },
  'a lock around what is no block': {
    text: `rwlock_t rw;
u64 x __guarded_by(&rw);
task t {
	if (choose(0..1))
		x = 1;
}
`,
    code: 'guard-not-held',
    title: 'Take rw for write around this statement',
    becomes: `rwlock_t rw;
u64 x __guarded_by(&rw);
task t {
	if (choose(0..1)) {
		write_lock(&rw);
		x = 1;
		write_unlock(&rw);
	}
}
`,
  },
  'a lock around an initialiser': {
    text: `spinlock_t l;
u64 x __guarded_by(&l);
task t {
	u64 y = x;
	int n;

	n = 1;
}
`,
    code: 'guard-not-held',
    title: 'Take l around this statement',
    becomes: `spinlock_t l;
u64 x __guarded_by(&l);
task t {
	u64 y;
	int n;

	spin_lock(&l);
	y = x;
	spin_unlock(&l);
	n = 1;
}
`,
  },
  'the lock of the object that a call is about': {
    text: `struct vm {
	struct mutex lock;
	u64 x;
};
struct vm one;
void set(struct vm *vm) __must_hold(&vm->lock)
{
	vm->x = 1;
}
task t {
	set(&one);
}
`,
    code: 'lock-not-held',
    title: 'Take vm->lock around this statement',
    becomes: `struct vm {
	struct mutex lock;
	u64 x;
};
struct vm one;
void set(struct vm *vm) __must_hold(&vm->lock)
{
	vm->x = 1;
}
task t {
	mutex_lock(&one.lock);
	set(&one);
	mutex_unlock(&one.lock);
}
`,
  },
  'no lock around a statement where it would be taken twice': {
    text: `struct vm {
	struct mutex lock;
	u64 x;
};
struct vm one, two;
void set(struct vm *vm) __must_hold(&vm->lock)
{
	vm->x = 1;
}
task t {
	mutex_lock(&one.lock);
	set(&two);
	mutex_unlock(&one.lock);
}
`,
    code: 'lock-not-held',
    title: 'Take vm->lock around this statement',
    becomes: null,
  },
  'no lock that sleeps inside one that spins': {
    text: `spinlock_t l;
struct mutex m;
u64 x __guarded_by(&m);
task t {
	spin_lock(&l);
	x = 1;
	spin_unlock(&l);
}
`,
    code: 'guard-not-held',
    title: 'Take m around this statement',
    becomes: null,
  },
  'two locks the other way round, and their releases': {
    text: `struct mutex a, b;
lock_order a, b;
int x;
task t {
	mutex_lock(&b);
	mutex_lock(&a);
	x++;
	mutex_unlock(&a);
	mutex_unlock(&b);
}
`,
    code: 'lock-order-declared',
    title: 'Take a before b',
    becomes: `struct mutex a, b;
lock_order a, b;
int x;
task t {
	mutex_lock(&a);
	mutex_lock(&b);
	x++;
	mutex_unlock(&b);
	mutex_unlock(&a);
}
`,
  },
  'a read section and a lock, the other way round': {
    text: `struct mutex m;
struct srcu_struct ss;
lock_order m, ss;
task t {
	int idx;

	idx = srcu_read_lock(&ss);
	mutex_lock(&m);
	mutex_unlock(&m);
	srcu_read_unlock(&ss, idx);
}
`,
    code: 'lock-order-declared',
    title: 'Take m before ss',
    becomes: `struct mutex m;
struct srcu_struct ss;
lock_order m, ss;
task t {
	int idx;

	mutex_lock(&m);
	idx = srcu_read_lock(&ss);
	srcu_read_unlock(&ss, idx);
	mutex_unlock(&m);
}
`,
  },
  'the missing unlock on one way, behind a jump': {
    text: `struct mutex m;
int f(int n)
{
	mutex_lock(&m);
	if (n > 1)
		goto fail;
	mutex_unlock(&m);
	return 0;
fail:
	return -1;
}
task t {
	f(choose(0..2));
}
`,
    code: 'lock-leaked',
    title: "Release m before this 'goto'",
    becomes: `struct mutex m;
int f(int n)
{
	mutex_lock(&m);
	if (n > 1) {
		mutex_unlock(&m);
		goto fail;
	}
	mutex_unlock(&m);
	return 0;
fail:
	return -1;
}
task t {
	f(choose(0..2));
}
`,
  },
  'the missing unlock of a lock that keeps interrupts off': {
    text: `spinlock_t l;
task t {
	unsigned long flags;

	spin_lock_irqsave(&l, flags);
	if (choose(0..1))
		return;
	spin_unlock_irqrestore(&l, flags);
}
`,
    code: 'lock-leaked',
    title: "Release l before this 'return'",
    becomes: `spinlock_t l;
task t {
	unsigned long flags;

	spin_lock_irqsave(&l, flags);
	if (choose(0..1)) {
		spin_unlock_irqrestore(&l, flags);
		return;
	}
	spin_unlock_irqrestore(&l, flags);
}
`,
  },
  'the missing unlock on every way out': {
    text: `rwlock_t rw;
int f(int n)
{
	read_lock(&rw);
	if (n)
		return 1;
	return 2;
}
task t {
	f(choose(0..1));
}
`,
    code: 'lock-leaked',
    title: 'Release rw on every way out',
    becomes: `rwlock_t rw;
int f(int n)
{
	read_lock(&rw);
	if (n) {
		read_unlock(&rw);
		return 1;
	}
	read_unlock(&rw);
	return 2;
}
task t {
	f(choose(0..1));
}
`,
  },
  'an unlock that is one too many': {
    text: `struct mutex m;
task t {
	mutex_lock(&m);
	mutex_unlock(&m);
	mutex_unlock(&m);
}
`,
    code: 'lock-unbalanced',
    title: 'Leave this unlock out',
    becomes: `struct mutex m;
task t {
	mutex_lock(&m);
	mutex_unlock(&m);
}
`,
  },
  'interrupts off, in every function that takes the lock': {
    text: `raw_spinlock_t l;
int x;
void one(void)
{
	raw_spin_lock(&l);
	x++;
	raw_spin_unlock(&l);
}
void two(void)
{
	int n = 1;

	raw_spin_lock(&l);
	x += n;
	raw_spin_unlock(&l);
}
task t on cpu(0) {
	one();
	two();
}
irq tick on cpu(0) times 1 {
	raw_spin_lock(&l);
	raw_spin_unlock(&l);
}
`,
    code: 'lock-irq-unsafe',
    title: 'Take l with raw_spin_lock_irqsave() everywhere in this file',
    becomes: `raw_spinlock_t l;
int x;
void one(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&l, flags);
	x++;
	raw_spin_unlock_irqrestore(&l, flags);
}
void two(void)
{
	unsigned long flags;
	int n = 1;

	raw_spin_lock_irqsave(&l, flags);
	x += n;
	raw_spin_unlock_irqrestore(&l, flags);
}
task t on cpu(0) {
	one();
	two();
}
irq tick on cpu(0) times 1 {
	raw_spin_lock(&l);
	raw_spin_unlock(&l);
}
`,
  },
  'softirqs off': {
    text: `spinlock_t l;
task t on cpu(0) {
	spin_lock(&l);
	spin_unlock(&l);
}
softirq s on cpu(0) times 1 {
	spin_lock(&l);
	spin_unlock(&l);
}
`,
    code: 'lock-irq-unsafe',
    title: 'Take l with spin_lock_bh()',
    becomes: `spinlock_t l;
task t on cpu(0) {
	spin_lock_bh(&l);
	spin_unlock_bh(&l);
}
softirq s on cpu(0) times 1 {
	spin_lock(&l);
	spin_unlock(&l);
}
`,
  },
  'released as it was taken': {
    text: `struct rw_semaphore sem;
task t {
	down_write(&sem);
	up_read(&sem);
}
`,
    code: 'lock-wrong-mode',
    title: 'Release it as it was taken: up_write()',
    becomes: `struct rw_semaphore sem;
task t {
	down_write(&sem);
	up_write(&sem);
}
`,
  },
  'taken as it is released': {
    text: `struct rw_semaphore sem;
task t {
	down_write(&sem);
	up_read(&sem);
}
`,
    code: 'lock-wrong-mode',
    title: 'Take sem for read',
    becomes: `struct rw_semaphore sem;
task t {
	down_read(&sem);
	up_read(&sem);
}
`,
  },
  'the outer lock around a section': {
    text: `rwlock_t outer;
spinlock_t inner __nested_in(&outer);
int x;
task t {
	spin_lock(&inner);
	x++;
	spin_unlock(&inner);
}
`,
    code: 'lock-nesting',
    title: 'Take outer for read around the critical section',
    becomes: `rwlock_t outer;
spinlock_t inner __nested_in(&outer);
int x;
task t {
	read_lock(&outer);
	spin_lock(&inner);
	x++;
	spin_unlock(&inner);
	read_unlock(&outer);
}
`,
  },
  'a function that relies on its callers': {
    text: `struct mutex m;
int x;
static void inner(void)
{
	mutex_lock(&m);
	x++;
	mutex_unlock(&m);
}
task t {
	mutex_lock(&m);
	inner();
	mutex_unlock(&m);
}
`,
    code: 'lock-recursion',
    title: 'Leave m to the callers of inner()',
    becomes: `struct mutex m;
int x;
static void inner(void) __must_hold(&m)
{
	x++;
}
task t {
	mutex_lock(&m);
	inner();
	mutex_unlock(&m);
}
`,
  },
  'not where another caller does not hold it': {
    text: `struct mutex m;
static void inner(void)
{
	mutex_lock(&m);
	mutex_unlock(&m);
}
task t {
	mutex_lock(&m);
	inner();
	mutex_unlock(&m);
	inner();
}
`,
    code: 'lock-recursion',
    title: 'Leave m to the callers of inner()',
    becomes: null,
  },
  'one order less': {
    text: `struct mutex a, b;
lock_order a, b;
lock_order b, a;
task t {
}
`,
    code: 'contradicting-order',
    title: "Remove 'lock_order b, a;'",
    becomes: `struct mutex a, b;
lock_order a, b;

task t {
}
`,
  },
};

for (const [name, { text, code, title, becomes }] of Object.entries(cases)) {
  test(name, () => {
    const head = 'scenario "s";\n';
    assert.equal(format(head + text), head + text, 'the case is not laid out');
    const { project, findings } = findingsOf(head + text);
    const finding = findings.find((each) => each.code === code);
    assert.ok(finding !== undefined, `found ${findings.map((each) => each.code).join(', ') || 'nothing'}`);
    const fixes = fixesOf(project, finding, options, caches);
    const fix = fixes.find((each) => each.title === title);
    const made = fix === undefined ? null : apply(project, head + text, fix).slice(head.length);
    assert.equal(made, becomes, `offered: ${fixes.map((each) => each.title).join('; ')}`);
  });
}

test('the word that contains a bit-field', () => {
  const block = blocksIn(pageOf('bit-field-address')).find(({ heading }) => heading === 'Broken');
  const text = format(block?.text ?? '');
  const uri = 'file:///home/main.lockstep';
  const library = sourcesBelow(root, []);
  const snapshots: SnapshotCache = new Map();
  const load = (source: string): Project =>
    loadProject(uri, (wanted) => (wanted === uri ? source : library.read(wanted)), snapshots);
  const errors = (project: Project) =>
    variants(project).variants.flatMap((one) => check(project, one).diagnostics);
  const project = load(text);
  const [diagnostic] = errors(project);
  assert.ok(diagnostic !== undefined);
  const [fix, ...others] = fixesOfDiagnostic(project, diagnostic, options, caches);
  assert.ok(fix !== undefined && others.length === 0);
  assert.equal(fix.title, 'Exchange role.word, the word that contains the bit-field');
  const after = apply(project, text, fix);
  assert.equal(format(after), after);
  assert.deepEqual(errors(load(after)), []);
  assert.match(
    after,
    /\tunion role old = \{ \.word = READ_ONCE\(role\.word\) \};\n\n\told\.invalid = 1;\n\txchg\(&role\.word, old\.word\);\n/,
  );
});

test('nothing is offered in a library file, nor where the text has errors', () => {
  const broken = 'scenario "s";\nimport "kvm/x86/locks";\ntask t {\n\tKVM_MMU_UNLOCK(&kvm);\n}\n';
  const { project, findings } = findingsOf(broken);
  const [finding] = findings;
  assert.ok(finding !== undefined);
  for (const fix of fixesOf(project, finding, options, caches)) apply(project, broken, fix);
  const inside = { ...finding, loc: { ...finding.loc, uri: 'library:///linux/mutex.lockstep', item: 'x' } };
  assert.deepEqual(fixesOf(project, inside, options, caches), []);
});

test('changed lines turn one text into the other', () => {
  const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd'), { maxLength: 8 });
  fc.assert(
    fc.property(text, text, (from, to) => {
      const [a, b] = [from.join(''), to.join('')];
      assert.equal(edited(a, changedLines(a, b)), b);
    }),
  );
});
