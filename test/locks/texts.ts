/** The scenarios that the tests of the lock rules and the pages about them show. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../house/sources.ts';

export interface Text {
  /** `annotations.test.ts:12`, `lock-held.md:9` */
  readonly place: string;
  readonly text: string;
}

/** Those of tests that are written out as they are, and the examples of every page of a code about locks. */
export function allTexts(): readonly Text[] {
  const tests = join(root, 'test', 'locks');
  const written = readdirSync(tests)
    .filter((name) => name.endsWith('.test.ts') && name !== 'fixes.test.ts')
    .flatMap((name) => found(name, readFileSync(join(tests, name), 'utf8'), /`(scenario "[^`\\$]*)`/g));
  const docs = join(root, 'docs', 'diagnostics');
  const pages = readdirSync(docs).filter((name) =>
    /^(lock|guard|annotation|contradicting-order|sleeping)/.test(name),
  );
  const shown = [...pages, '../language/locks.md'].flatMap((name) =>
    found(name, readFileSync(join(docs, name), 'utf8'), /```lockstep\n(scenario "[\s\S]*?)```/g),
  );
  return [...written, ...shown];
}

function found(name: string, source: string, pattern: RegExp): Text[] {
  return [...source.matchAll(pattern)].map((match) => ({
    place: `${name}:${source.slice(0, match.index).split('\n').length}`,
    text: match[1] ?? '',
  }));
}
