import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { root } from '../house/sources.ts';
import { pages, textOf } from './fences.ts';

test('every link between the pages leads somewhere', () => {
  assert.deepEqual(pages().flatMap(brokenLinks), []);
});

function brokenLinks(page: string): readonly string[] {
  const prose = textOf(page).replace(/^```[\s\S]*?^```$/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]*)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', heading] = target.split('#');
    const file = path === '' ? join(root, page) : join(root, dirname(page), path);
    if (!existsSync(file)) return [`${page}: ${target}`];
    if (heading === undefined || statSync(file).isDirectory()) return [];
    return anchorsOf(relative(root, file)).has(heading) ? [] : [`${page}: ${target}`];
  });
}

/** Headings as links name them: small letters, dashes for blanks, no other signs. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = textOf(page).matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}
