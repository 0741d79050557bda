import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import type { Item, SettingItem } from '../../core/syntax/ast.ts';
import { isIntrinsic } from '../../core/semantics/intrinsics.ts';
import { codes } from '../../core/syntax/codes.ts';
import { parse } from '../../core/syntax/parser.ts';
import { scenarioFilesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';
import { pages, textOf } from './fences.ts';

/** What the reference says of the library must be what the library says of itself. */

const library = join(root, 'library');

test('the reference names every function and macro of linux/', () => {
  const words = wordsIn(textOf('docs/language/linux.md'));
  const missing = readdirSync(join(library, 'linux')).flatMap((name) =>
    callables(join(library, 'linux', name)).filter((one) => isPublic(one) && !isNamed(one, words)),
  );
  assert.deepEqual(missing, []);
});

test('every function that the tables of linux/ and hardware/ name exists', () => {
  const known = new Set(scenarioFilesBelow(library).files.flatMap(callables));
  for (const page of ['docs/language/linux.md', 'docs/language/hardware.md']) {
    const prose = textOf(page).replace(/^```[\s\S]*?^```$/gm, '');
    const named = [...prose.matchAll(/`(\w+)\(/g)].map((match) => match[1] ?? '');
    const wrong = named.filter(
      (name) =>
        !known.has(name) &&
        !known.has(`guest_${name}`) &&
        !isIntrinsic(name) &&
        !refused.has(name) &&
        !annotations.has(name) &&
        !declaring.test(name),
    );
    assert.deepEqual([...new Set(wrong)], [], page);
  }
});

test('the table of settings is that of the library', () => {
  const found = scenarioFilesBelow(library).files.flatMap((path) =>
    settings(path).map((item) => `\`${item.name.text}\` | ${rangeOf(path, item)} | \`${importPath(path)}\``),
  );
  const rows = [
    ...textOf('docs/language/scenario.md').matchAll(/^\| (`\w+` \| [^|]* in [^|]* \| `[^|]*`) \|/gm),
  ];
  assert.deepEqual(rows.map((row) => row[1]).sort(), found.sort());
});

test('the reference links the page of every code but those of the static lock analysis', () => {
  const text = pages().map(textOf).join('\n');
  const ofLocks = /^(lock-(?!misuse)|guard-|annotation-|contradicting-order)/;
  const missing = Object.keys(codes).filter(
    (code) => !ofLocks.test(code) && !text.includes(`/diagnostics/${code}.md)`),
  );
  assert.deepEqual(missing, []);
});

test('the reference names every file of hardware/ and kvm/', () => {
  const text = textOf('docs/language/hardware.md');
  const paths = scenarioFilesBelow(library).files.map(importPath);
  const missing = paths.filter((path) => !path.startsWith('linux/') && !text.includes(`${path}`));
  assert.deepEqual(missing, []);
});

/** Said of functions and data, and called by nobody. */
const annotations = new Set(['__acquires_shared', '__must_hold_shared', '__guarded_by']);
/** Named by the reference as what is not there, what the scenario defines, and what the parser knows. */
const refused: ReadonlySet<string> = new Set(['kmalloc', 'handle_page_fault']);
const declaring = /^(DEFINE_|DECLARE_|LIST_HEAD$)/;

const orders = /_(relaxed|acquire|release)$/;

/** Words with underscores in front are the library's own, except those that the kernel spells so. */
function isPublic(name: string): boolean {
  const isKernels = /^__(set|clear|change|test|assign|this_cpu|ffs|fls|cpumask_)/.test(name);
  const isConstant = name === name.toUpperCase();
  const asksForHolders = /_(writers|readers)$/.test(name);
  return (!name.startsWith('__') || isKernels) && !isConstant && !asksForHolders;
}

/** Families are named once: `raw_` spinlocks, and the atomic types with their orders. */
function isNamed(name: string, words: ReadonlySet<string>): boolean {
  const plain = name.replace(/^raw_(?=spin_)/, '').replace(/^atomic(64|_long)?_/, '');
  return words.has(name) || words.has(plain) || words.has(plain.replace(orders, ''));
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/\w+/g));
}

function itemsOf(path: string): readonly Item[] {
  const flatten = (item: Item): readonly Item[] =>
    item.kind === 'when' ? item.items.flatMap(flatten) : [item];
  return parse(path, readFileSync(path, 'utf8')).items.flatMap(({ item }) => flatten(item));
}

function callables(path: string): readonly string[] {
  return itemsOf(path).flatMap((item) =>
    item.kind === 'function' || item.kind === 'macro' || item.kind === 'event' ? [item.name.text] : [],
  );
}

function settings(path: string): readonly SettingItem[] {
  return itemsOf(path).filter((item) => item.kind === 'setting');
}

/** `4 in 2..5`, as it is written in the file. */
function rangeOf(path: string, item: SettingItem): string {
  const line = new RegExp(`^setting ${item.name.text} = (.*);$`, 'm').exec(readFileSync(path, 'utf8'));
  return line?.[1] ?? '';
}

function importPath(path: string): string {
  return relative(library, path)
    .replace(/\.lockstep$/, '')
    .split(sep)
    .join('/');
}
