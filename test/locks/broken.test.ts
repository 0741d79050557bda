/** The rules of the examples, broken by hand (broken.ts): each is told of, where it is broken, and nothing else is. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyse } from '../../core/locks/analyse.ts';
import { edited } from '../../core/locks/fixEdits.ts';
import { type Fix, fixCaches, fixesOf } from '../../core/locks/fixes.ts';
import { check } from '../../core/semantics/check.ts';
import { variantKey, variants } from '../../core/semantics/options.ts';
import { loadProject, type Project, resolveLoc } from '../../core/semantics/snapshot.ts';
import { sourcesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';
import { breaks } from './broken.ts';

const uri = 'file:///home/example.lockstep';
const library = sourcesBelow(root, []);
const caches = fixCaches();

function load(text: string): Project {
  return loadProject(uri, (wanted) => (wanted === uri ? text : library.read(wanted)), caches.snapshots);
}

/** `code: line` of everything that is told, and the variants that it is told of. */
function told(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const project = load(text);
  const lines = new Map<string, Set<string>>();
  for (const variant of variants(project).variants) {
    const { program, diagnostics } = check(project, variant, caches.bodies);
    assert.ok(program !== null, diagnostics.map(({ message }) => message).join('\n'));
    for (const { code, loc } of analyse(program, caches.walks).findings) {
      const line = `${code}: ${lineAt(project, loc)}`;
      lines.set(line, (lines.get(line) ?? new Set()).add(variantKey(variant)));
    }
  }
  return lines;
}

function lineAt(project: Project, loc: Parameters<typeof resolveLoc>[1]): string {
  const range = resolveLoc(project, loc);
  const text = range === null ? undefined : project.files.get(range.uri)?.source.text;
  if (range === null || text === undefined) return '?';
  const start = text.lastIndexOf('\n', range.start - 1) + 1;
  const end = text.indexOf('\n', range.start);
  const where = range.uri === uri ? '' : `in ${range.uri} `;
  return where + text.slice(start, end < 0 ? text.length : end).trim();
}

/** What fixes of this title make of the text, at each finding. Those of library files there are none of. */
function mendings(text: string, title: string): readonly string[] {
  const project = load(text);
  const first = variants(project).variants.flatMap((variant) => {
    const { program } = check(project, variant, caches.bodies);
    return program === null ? [] : analyse(program, caches.walks).findings;
  });
  return first
    .slice(0, 4)
    .flatMap((finding) =>
      fixesOf(project, finding, {}, caches).flatMap((fix) =>
        fix.title === title ? [apply(project, text, fix)] : [],
      ),
    );
}

function apply(project: Project, text: string, { edits }: Fix): string {
  const placed = edits.map(({ loc, text: insert }) => {
    const range = resolveLoc(project, loc);
    assert.ok(range !== null && range.uri === uri, 'an edit of another file');
    return { start: range.start, end: range.end, text: insert };
  });
  return edited(text, placed);
}

const texts = new Map<string, string>();
function exampleText(name: string): string {
  const text = texts.get(name) ?? readFileSync(join(root, 'examples', `${name}.lockstep`), 'utf8');
  texts.set(name, text);
  return text;
}

for (const { rule, example, edits, told: expected, mended } of breaks) {
  test(`${example}: ${rule}`, () => {
    const text = exampleText(example);
    const broken = edits.reduce((now, [from, to]) => {
      const parts = now.split(from);
      assert.equal(parts.length, 2, `'${from}' stands in the example ${parts.length - 1} times`);
      return parts.join(to);
    }, text);
    assert.notEqual(expected.length, 0, 'a rule that is broken is told of');
    const before = told(text);
    const fresh = [...told(broken)].filter(([line, of]) =>
      [...of].some((variant) => before.get(line)?.has(variant) !== true),
    );
    assert.deepEqual(fresh.map(([line]) => line).sort(), [...expected].sort());
    if (mended !== undefined)
      assert.ok(mendings(broken, mended).includes(text), `'${mended}' does not make the example again`);
  });
}
