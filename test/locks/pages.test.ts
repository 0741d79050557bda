/** The pages of the codes of locks: the broken example is told of, the mended one of nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocksIn, pageOf } from '../docs/pages.ts';
import { findingsOf } from './check.ts';

const codes = [
  'lock-not-held',
  'lock-wrong-mode',
  'lock-held',
  'lock-unbalanced',
  'lock-leaked',
  'lock-recursion',
  'lock-in-use',
  'lock-nesting',
  'lock-leaf',
  'guard-not-held',
  'annotation-missing',
  'annotation-wrong',
  'sleeping-in-atomic',
  'lock-order-inversion',
  'lock-order-declared',
  'contradicting-order',
  'lock-irq-unsafe',
  'lock-irq-inversion',
  'lock-wait-type',
  'lock-analysis-limit',
];

for (const code of codes) {
  test(`the examples of ${code}`, () => {
    const found = (heading: string): string[] => {
      const block = blocksIn(pageOf(code)).find((each) => each.heading === heading);
      assert.ok(block !== undefined, `there is no example under "${heading}"`);
      return findingsOf(block.text).findings.map((finding) => finding.code);
    };
    assert.deepEqual([...new Set(found('Broken'))], [code]);
    assert.deepEqual(found('Mended'), []);
  });
}
