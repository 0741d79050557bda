/** The reference table: every lock of locking.rst that the library has is there, with all columns. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockDocOf, lockReference, type LockRow, referenceTable } from '../../core/locks/reference.ts';
import { check } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, resolveLoc, textAt } from '../../core/semantics/snapshot.ts';
import { sourcesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';

const uri = 'file:///home/main.lockstep';
const library = sourcesBelow(root, []);

function rowsOf(source: string): { rows: readonly LockRow[]; nameAt: (row: LockRow) => string } {
  const project = loadProject(uri, (wanted) => (wanted === uri ? source : library.read(wanted)));
  const [variant] = variants(project).variants;
  assert.ok(variant !== undefined);
  const { program, diagnostics } = check(project, variant);
  assert.ok(program !== null, diagnostics.map(({ message }) => message).join('\n'));
  const rows = lockReference(project, program);
  for (const { loc } of rows) assert.ok(resolveLoc(project, loc) !== null);
  return { rows, nameAt: ({ loc }) => textAt(project, loc) };
}

const all = (profile: string): readonly LockRow[] =>
  rowsOf(
    `scenario "s"; profile "${profile}"; import "kvm/x86/locks"; import "kvm/x86/posted_intr"; import "kvm/x86/blocked_vcpu"; task t { }`,
  ).rows;

/** Name, type and architecture of the rows of locking.rst, by kernel. */
const documented: readonly (readonly [profile: string, name: string, type: string, arch: string])[] = [
  ['v3.7', 'kvm_lock', 'spinlock_t', 'any'],
  ['v3.7', 'kvm_count_lock', 'raw_spinlock_t', 'any'],
  ['v3.7', 'kvm->mmu_lock', 'spinlock_t', 'any'],
  ['v3.7', 'blocked_vcpu_on_cpu_lock', 'spinlock_t', 'x86'],
  ['v5.12', 'kvm->mmu_lock', 'rwlock_t', 'any'],
  ['v6.12', 'kvm_lock', 'mutex', 'any'],
  ['v6.12', 'kvm_usage_lock', 'mutex', 'any'],
  ['v6.12', 'kvm->mn_invalidate_lock', 'spinlock_t', 'any'],
  ['v6.12', 'kvm_arch->tsc_write_lock', 'raw_spinlock_t', 'x86'],
  ['v6.12', 'kvm->mmu_lock', 'rwlock_t', 'any'],
  ['v6.12', 'kvm->srcu', 'SRCU', 'any'],
  ['v6.12', 'kvm->slots_arch_lock', 'mutex', 'any, used on x86 only'],
  ['v6.12', 'wakeup_vcpus_on_cpu_lock', 'raw_spinlock_t', 'x86'],
  ['v6.12', 'vendor_module_lock', 'mutex', 'x86'],
];

for (const [profile, name, type, arch] of documented) {
  test(`${name} in ${profile}`, () => {
    const found = all(profile).filter((row) => row.name === name);
    assert.deepEqual(
      found.map((row) => ({ type: row.type, arch: row.arch })),
      [{ type, arch }],
    );
    assert.notEqual(found[0]?.protects, '');
  });
}

test('locks that a kernel does not have yet, or no more, have no row', () => {
  const names = (profile: string): readonly string[] => all(profile).map(({ name }) => name);
  assert.ok(!names('v3.7').includes('kvm_usage_lock'));
  assert.ok(!names('v5.17').includes('kvm_usage_lock'));
  assert.ok(!names('v6.12').includes('kvm_count_lock'));
});

test('every lock of the KVM library says all that the table shows', () => {
  for (const profile of ['v3.7', 'v5.12', 'v5.17', 'v6.12', 'v6.18']) {
    const rows = all(profile).filter(({ loc }) => loc.uri.startsWith('library:///kvm/'));
    assert.ok(rows.length > 10);
    for (const row of rows) {
      assert.notEqual(row.arch, '', `${profile} ${row.name}`);
      assert.notEqual(row.protects, '', `${profile} ${row.name}`);
    }
  }
});

const own = `scenario "s";
/**
 * Of the devices.
 *
 * Type: spinlock_t
 * Protects: devices | drivers,
 *   and what they share
 * Comment: a leaf
 */
spinlock_t list_lock, undocumented;
struct device {
	// Arch: any
	struct mutex lock;
	struct {
		struct rw_semaphore inner[2];
	};
	int lock_count;
};
struct device device;
task t { }
`;

test('locks of a scenario, in the order of their declarations', () => {
  const { rows, nameAt } = rowsOf(own);
  const here = rows.filter(({ loc }) => loc.uri === uri);
  assert.deepEqual(
    here.map(({ name, type, arch, protects, comment }) => [name, type, arch, protects, comment]),
    [
      ['list_lock', 'spinlock_t', '', 'devices | drivers, and what they share', 'a leaf'],
      ['undocumented', 'spinlock_t', '', 'devices | drivers, and what they share', 'a leaf'],
      ['device->lock', 'mutex', 'any', '', ''],
      ['device->inner', 'rw_semaphore', '', '', ''],
    ],
  );
  assert.deepEqual(here.map(nameAt), [
    'list_lock',
    'undocumented',
    'struct mutex lock',
    'struct rw_semaphore inner[2]',
  ]);
  assert.equal(
    referenceTable(here.slice(0, 1)),
    '| Name | Type | Arch | Protects | Comment |\n| --- | --- | --- | --- | --- |\n' +
      '| `list_lock` | spinlock_t |  | devices \\| drivers, and what they share | a leaf |\n',
  );
});

test('a comment that says none of the columns', () => {
  assert.equal(lockDocOf('Keeps the list.'), null);
  assert.equal(lockDocOf(''), null);
  assert.deepEqual(lockDocOf('Arch: x86\n\nmore'), { Arch: 'x86' });
});
