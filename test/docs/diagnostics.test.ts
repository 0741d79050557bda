import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { codes } from '../../core/syntax/codes.ts';
import { root } from '../house/sources.ts';
import { type Answer, blocksIn, pageOf, run } from './pages.ts';

const base = mkdtempSync(join(tmpdir(), 'lockstep-pages-'));
after(() => rmSync(base, { recursive: true, force: true }));

test('every code has a page, and every page a code', () => {
  const pages = readdirSync(join(root, 'docs', 'diagnostics')).map((name) => name.replace(/\.md$/, ''));
  assert.deepEqual(pages.sort(), Object.keys(codes).sort());
});

/** Properties have names of their own; these are the ones in the examples. */
const ownNames: Readonly<Record<string, string>> = {
  'invariant-broken': 'equal',
  'finally-broken': 'both_counted',
  'promise-broken': 'is_clear',
  unreachable: 'both_inside',
};

for (const [code, meaning] of Object.entries(codes)) {
  const example = (heading: string, directory: string): Answer => {
    const blocks = blocksIn(pageOf(code)).filter((block) => block.heading === heading);
    assert.ok(blocks.length > 0, `docs/diagnostics/${code}.md has no example under "${heading}"`);
    return run(join(base, code, directory), blocks);
  };

  test(`the page of ${code} begins with what the registry says`, () => {
    assert.ok(pageOf(code).startsWith(`# ${code}\n\n${meaning}\n`));
  });

  test(`the broken example of ${code} is reported as that`, () => {
    const { results, diagnostics } = example('Broken', 'broken');
    const seen = [
      ...diagnostics.map((diagnostic) => diagnostic.code),
      ...results.flatMap(({ violations }) => violations.map(({ check }) => check)),
      ...results.flatMap(({ vacuous }) => (vacuous.length > 0 ? ['vacuous'] : [])),
    ];
    const wanted = [code, code.replaceAll('-', '_'), ownNames[code]];
    assert.ok(
      seen.some((one) => wanted.includes(one)),
      `${seen.join(', ')}: ${JSON.stringify({ results, diagnostics }, null, 1).slice(0, 2000)}`,
    );
    for (const result of results) assert.ok(result.met, JSON.stringify(result, null, 1).slice(0, 2000));
  });

  test(`the mended example of ${code} passes, and nothing in it is vacuous`, () => {
    const { results, diagnostics, unusable } = example('Mended', 'mended');
    assert.deepEqual({ diagnostics, unusable }, { diagnostics: [], unusable: [] });
    assert.ok(results.length > 0);
    for (const result of results) {
      assert.ok(result.met && result.complete, JSON.stringify(result, null, 1).slice(0, 2000));
      if (code !== 'contradicting-expect') assert.equal(result.verdict, 'passes');
      assert.deepEqual(result.vacuous, []);
    }
  });
}
