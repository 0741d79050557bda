/** Circles that no single file shows: through declarations, and through code, of five files. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../core/locks/analyse.ts';
import type { LockFinding } from '../../core/locks/events.ts';
import { check } from '../../core/semantics/check.ts';
import { variants } from '../../core/semantics/options.ts';
import { loadProject, position, type Project, resolveLoc } from '../../core/semantics/snapshot.ts';
import { sourcesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';

const library = sourcesBelow(root, []);
const home = 'file:///home/';

function analysed(files: Readonly<Record<string, string>>): {
  readonly project: Project;
  readonly findings: readonly LockFinding[];
} {
  const read = (uri: string): string | null =>
    uri.startsWith(home) ? (files[uri.slice(home.length)] ?? null) : library.read(uri);
  const project = loadProject(`${home}main.lockstep`, read);
  assert.deepEqual(project.diagnostics, []);
  const [variant] = variants(project).variants;
  assert.ok(variant !== undefined);
  const { program, diagnostics } = check(project, variant);
  assert.ok(program !== null, diagnostics.map(({ message }) => message).join('\n'));
  return { project, findings: analyse(program).findings };
}

/** `main:6`: name of the file and line. */
function placeOf(project: Project, loc: LockFinding['loc']): string {
  const range = resolveLoc(project, loc);
  const file = range === null ? undefined : project.files.get(range.uri);
  if (range === null || file === undefined) return '?';
  return `${range.uri.slice(home.length).replace('.lockstep', '')}:${position(file.source, range.start).line}`;
}

const locks = 'struct mutex l0, l1, l2, l3, l4;\n';
const imports = 'import "./one";\nimport "./two";\nimport "./three";\nimport "./four";\n';

test('declared orders of five files that go in a circle are told where the last one is, with the whole chain', () => {
  const { project, findings } = analysed({
    'locks.lockstep': locks,
    'one.lockstep': 'import "./locks";\nlock_order l0, l1;\n',
    'two.lockstep': 'import "./locks";\nlock_order l1, l2;\n',
    'three.lockstep': 'import "./locks";\nlock_order l2, l3;\n',
    'four.lockstep': 'import "./locks";\nlock_order l3, l4;\n',
    'main.lockstep': `scenario "s";\n${imports}lock_order l4, l0;\ntask t {\n}\n`,
  });
  const [finding, ...others] = findings;
  assert.ok(finding !== undefined && others.length === 0);
  assert.equal(finding.code, 'contradicting-order');
  assert.equal(finding.severity, 'error');
  assert.equal(placeOf(project, finding.loc), 'main:6');
  assert.equal(
    finding.message,
    "Declared lock orders must not form a circle. Together they say that 'l0' comes before 'l1' comes before 'l2' comes before 'l3' comes before 'l4' comes before 'l0'.",
  );
  assert.deepEqual(
    finding.related.map(({ message, loc }) => `${placeOf(project, loc)} ${message}`),
    [
      "one:2 'l0' before 'l1'",
      "two:2 'l1' before 'l2'",
      "three:2 'l2' before 'l3'",
      "four:2 'l3' before 'l4'",
      "main:6 'l4' before 'l0'",
    ],
  );
});

const nested = (name: string, outer: string, inner: string): string =>
  `import "./locks";\nstatic void ${name}(void)\n{\n\tmutex_lock(&${outer});\n\tmutex_lock(&${inner});\n\tmutex_unlock(&${inner});\n\tmutex_unlock(&${outer});\n}\n`;

test('code of five files that takes locks in a circle is told, with every acquisition of the chain', () => {
  const { project, findings } = analysed({
    'locks.lockstep': locks,
    'one.lockstep': nested('one', 'l0', 'l1'),
    'two.lockstep': nested('two', 'l1', 'l2'),
    'three.lockstep': nested('three', 'l2', 'l3'),
    'four.lockstep': nested('four', 'l3', 'l4'),
    'main.lockstep': `scenario "s";\n${imports}task a {\n\tone();\n\ttwo();\n}\ntask b {\n\tthree();\n\tfour();\n}\ntask c {\n\tmutex_lock(&l4);\n\tmutex_lock(&l0);\n\tmutex_unlock(&l0);\n\tmutex_unlock(&l4);\n}\n`,
  });
  const [finding, ...others] = findings;
  assert.ok(finding !== undefined && others.length === 0);
  assert.equal(finding.code, 'lock-order-inversion');
  const acquired = finding.related
    .filter(({ message }) => message.includes('acquired here'))
    .map(({ loc }) => placeOf(project, loc));
  for (const place of ['one:4', 'one:5', 'two:5', 'three:5', 'four:5', 'main:15', 'main:16'])
    assert.ok(acquired.includes(place), `${place} is not among ${acquired.join(', ')}`);
});

test('code against an order that four files declare together', () => {
  const { project, findings } = analysed({
    'locks.lockstep': locks,
    'one.lockstep': 'import "./locks";\nlock_order l0, l1;\n',
    'two.lockstep': 'import "./locks";\nlock_order l1, l2;\n',
    'three.lockstep': 'import "./locks";\nlock_order l2, l3;\n',
    'four.lockstep': 'import "./locks";\nlock_order l3, l4;\n',
    'main.lockstep': `scenario "s";\n${imports}task t {\n\tmutex_lock(&l4);\n\tmutex_lock(&l0);\n\tmutex_unlock(&l0);\n\tmutex_unlock(&l4);\n}\n`,
  });
  const [finding, ...others] = findings;
  assert.ok(finding !== undefined && others.length === 0);
  assert.equal(finding.code, 'lock-order-declared');
  assert.equal(placeOf(project, finding.loc), 'main:8');
  const declared = finding.related.filter(({ message }) => message.includes('declared to come before'));
  assert.deepEqual(declared.map(({ loc }) => placeOf(project, loc)).sort(), [
    'four:2',
    'one:2',
    'three:2',
    'two:2',
  ]);
});
