/** Findings put to the explorer: confirmed by a circle of waits, or unreachable after a complete search. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { search as explore } from '../../core/explore/search.ts';
import { analyse } from '../../core/locks/analyse.ts';
import type { LockFinding } from '../../core/locks/events.ts';
import { judge } from '../../core/locks/graph.ts';
import { goalOf, withGoals } from '../../core/locks/witness.ts';
import { search as interpret } from '../../core/machine/search.ts';
import { buildProgram } from '../../core/program/build.ts';
import { check as checkVariant } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, resolveLoc } from '../../core/semantics/snapshot.ts';
import { libraryPaths, sourcesBelow } from '../../host/files.ts';
import { optionsWith } from '../explore/searching.ts';
import { root } from '../house/sources.ts';

const library = sourcesBelow(root, []);
const uri = 'file:///home/main.lockstep';

interface Case {
  readonly name: string;
  readonly source: string;
  /** `code confirmed`, `code unreachable` or `code unasked`, in the order told. */
  readonly tells: readonly string[];
}

function check(cases: readonly Case[]): void {
  for (const { name, source, tells } of cases) test(name, () => assert.deepEqual(answersOf(source), tells));
}

function answersOf(body: string): string[] {
  const source = `scenario "x";\nimport "linux/prelude";\n${body}`;
  const read = (wanted: string): string | null => (wanted === uri ? source : library.read(wanted));
  const project = loadProject(uri, read, new Map(), { libraryPaths: libraryPaths() });
  const [variant] = variants(project).variants;
  assert.ok(variant !== undefined);
  const { program: checked, diagnostics } = checkVariant(project, variant);
  assert.ok(checked !== null, diagnostics.map(({ message }) => message).join('\n'));
  const { program } = buildProgram(checked, {
    text: () => '',
    range: (loc) => resolveLoc(project, loc) ?? { uri, start: 0, end: 0 },
  });
  assert.ok(program !== null);
  const { events, orders } = analyse(checked);
  const findings = judge(events, orders);
  const goals = findings.map(({ witness }, index) =>
    witness === null ? null : goalOf(program, events, witness, `finding ${index}`),
  );
  const asked = withGoals(
    program,
    goals.filter((goal) => goal !== null),
  );
  const answers = [true, false].map((reduction) => {
    const result = explore(asked, optionsWith({}, { reduction }));
    assert.ok(result.complete, result.reason ?? '');
    return result.goals.map(({ trace }) => trace !== null);
  });
  assert.deepEqual(answers[0], answers[1], 'the reduction loses no circle');
  assert.deepEqual(
    interpret(asked, optionsWith()).goals.map(({ trace }) => trace !== null),
    answers[1],
    'the interpreter agrees',
  );
  let at = 0;
  return findings.map(({ code }: LockFinding, index) => {
    if (goals[index] === null) return `${code} unasked`;
    at += 1;
    return `${code} ${answers[0]?.[at - 1] === true ? 'confirmed' : 'unreachable'}`;
  });
}

const locks = 'DEFINE_SPINLOCK(a);\nDEFINE_SPINLOCK(b);\nDEFINE_SPINLOCK(gate);\nDEFINE_RWLOCK(rw);\n';

check([
  {
    name: 'opposite orders',
    source: `${locks}
task p { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
task q { spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); }`,
    tells: ['lock-order-inversion confirmed'],
  },
  {
    name: 'opposite orders inside a lock that both hold',
    source: `${locks}
task p { spin_lock(&gate); spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); spin_unlock(&gate); }
task q { spin_lock(&gate); spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); spin_unlock(&gate); }`,
    tells: ['lock-order-inversion unreachable'],
  },
  {
    name: 'opposite orders in one task',
    source: `${locks}
task p {
	spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a);
	spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b);
}
task q { spin_lock(&gate); spin_unlock(&gate); }`,
    tells: ['lock-order-inversion unreachable'],
  },
  {
    name: 'through a function that takes either',
    source: `${locks}
static void take(spinlock_t *lock) { spin_lock(lock); }
task p { spin_lock(&a); take(&b); spin_unlock(&b); spin_unlock(&a); }
task q { take(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); }`,
    tells: ['lock-order-inversion confirmed'],
  },
  {
    name: 'another circle is not this one',
    source: `${locks}
task p { spin_lock(&a); spin_lock(&b); spin_unlock(&b); spin_unlock(&a); }
task q { spin_lock(&b); spin_lock(&a); spin_unlock(&a); spin_unlock(&b); spin_lock(&gate); write_lock(&rw); write_unlock(&rw); spin_unlock(&gate); write_lock(&rw); spin_lock(&gate); spin_unlock(&gate); write_unlock(&rw); }`,
    tells: ['lock-order-inversion confirmed', 'lock-order-inversion unreachable'],
  },
  {
    name: 'a lock of an interrupt, held with interrupts on',
    source: `${locks}
DEFINE_RAW_SPINLOCK(raw);
task p on cpu(0) { raw_spin_lock(&raw); raw_spin_unlock(&raw); }
irq tick on cpu(0) times 1 { raw_spin_lock(&raw); raw_spin_unlock(&raw); }`,
    tells: ['lock-irq-unsafe confirmed'],
  },
  {
    name: 'a lock of an interrupt of another CPU',
    source: `${locks}
DEFINE_RAW_SPINLOCK(raw);
task p on cpu(0) { raw_spin_lock(&raw); raw_spin_unlock(&raw); }
irq tick on cpu(1) times 1 { raw_spin_lock(&raw); raw_spin_unlock(&raw); }`,
    tells: ['lock-irq-unsafe unreachable'],
  },
  {
    name: 'a lock of an interrupt, through another',
    source: `${locks}
DEFINE_RAW_SPINLOCK(raw);
DEFINE_RAW_SPINLOCK(other);
task p on cpu(0) { raw_spin_lock(&other); raw_spin_unlock(&other); }
task q on cpu(1) { unsigned long flags; raw_spin_lock_irqsave(&raw, flags); raw_spin_lock(&other); raw_spin_unlock(&other); raw_spin_unlock_irqrestore(&raw, flags); }
irq tick on cpu(0) times 1 { raw_spin_lock(&raw); raw_spin_unlock(&raw); }`,
    tells: ['lock-irq-inversion confirmed'],
  },
]);
