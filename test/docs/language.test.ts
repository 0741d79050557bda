import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SnapshotCache } from '../../core/semantics/snapshot.ts';
import { type Fence, fencesIn, pages, runFence, textOf, writeFences } from './fences.ts';

const base = mkdtempSync(join(tmpdir(), 'lockstep-language-'));
after(() => rmSync(base, { recursive: true, force: true }));

const cache: SnapshotCache = new Map();

for (const [index, page] of pages().entries()) {
  const fences = fencesIn(page);
  const directory = join(base, String(index));
  writeFences(directory, fences);
  for (const fence of fences.filter(({ isImported }) => !isImported)) {
    if (fence.error === null) test(`${fence.place} does what it says`, () => meets(directory, fence));
    else test(`${fence.place} is refused: ${fence.error}`, () => isRefused(directory, fence, fence.error));
  }
}

test('the table on the first page has the steps that trace prints', () => {
  const page = 'docs/language.md';
  const [first] = fencesIn(page);
  const shown = /^```table\n([\s\S]*?)^```$/m.exec(textOf(page))?.[1];
  assert.ok(first !== undefined && shown !== undefined);
  const { tables } = runFence(join(base, String(pages().indexOf(page))), first, cache);
  assert.ok(
    tables.some((table) => cells(table) === cells(shown)),
    tables.join('\n\n'),
  );
});

/** What stands in a table, whichever thread comes first. */
function cells(table: string): string {
  const texts = table.split(/\n| {2,}/).map((text) => text.trim());
  return texts
    .filter((text) => /\w/.test(text))
    .sort()
    .join('\n');
}

test('no two fences of a page have one name', () => {
  for (const page of pages()) {
    const names = fencesIn(page).map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)], page);
  }
});

function meets(directory: string, fence: Fence): void {
  const { results, diagnostics, unusable } = runFence(directory, fence, cache);
  assert.deepEqual({ diagnostics, unusable }, { diagnostics: [], unusable: [] });
  assert.ok(results.length > 0);
  for (const result of results) {
    const shown = JSON.stringify(result, null, 1).slice(0, 3000);
    assert.ok(result.met && result.complete, shown);
    assert.equal(result.vacuous.length > 0, fence.isVacuous && result.verdict === 'passes', shown);
  }
}

function isRefused(directory: string, fence: Fence, code: string | null): void {
  const { diagnostics } = runFence(directory, fence, cache);
  const codes = new Set(diagnostics.filter(({ severity }) => severity === 'error').map((one) => one.code));
  assert.deepEqual([...codes], [code], JSON.stringify(diagnostics, null, 1).slice(0, 3000));
}
