import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScenarioItem, VariantItem } from '../../client/protocol.ts';
import { fileName, leavesOf, terminalText, testNode } from '../../client/testTree.ts';

const range = { start: { line: 2, character: 0 }, end: { line: 2, character: 9 } };
const uri = 'file:///w/two%20increments.lockstep';

function scenario(variants: readonly VariantItem[], more: Partial<ScenarioItem> = {}): ScenarioItem {
  return { uri, title: 'Two increments', range, variants, error: null, ...more };
}

function variant(id: string, expects: VariantItem['expects'] = null): VariantItem {
  return { id, options: {}, expects };
}

test('a scenario stands for its variants', () => {
  const node = testNode(scenario([variant('fix=none', 'fails'), variant('fix=spinlock', 'passes')]));
  assert.deepEqual(
    { ...node, children: node.children.map(({ id, label, description }) => ({ id, label, description })) },
    {
      id: uri,
      label: 'Two increments',
      description: 'two increments.lockstep',
      range,
      error: null,
      variant: null,
      children: [
        { id: `${uri}?fix=none`, label: 'fix=none', description: 'expected to fail' },
        { id: `${uri}?fix=spinlock`, label: 'fix=spinlock', description: '' },
      ],
    },
  );
});

test('a scenario without options is a test itself', () => {
  const node = testNode(scenario([variant('', 'fails')]));
  assert.equal(node.variant, '');
  assert.equal(node.description, 'two increments.lockstep, expected to fail');
  assert.deepEqual(node.children, []);
});

test('an option with one value is still named', () => {
  const node = testNode(scenario([variant('fix=none')]));
  assert.deepEqual(
    node.children.map(({ label }) => label),
    ['fix=none'],
  );
});

test('a scenario that cannot be checked says why, and has no variant to run', () => {
  const node = testNode(scenario([], { title: '', error: 'option fix has no values' }));
  assert.deepEqual(
    { label: node.label, error: node.error, variant: node.variant },
    { label: 'two increments.lockstep', error: 'option fix has no values', variant: null },
  );
});

test('a file name is readable whatever the URI holds', () => {
  const cases: readonly [string, string][] = [
    ['file:///a/b.lockstep', 'b.lockstep'],
    ['file:///a/b%20c.lockstep', 'b c.lockstep'],
    ['file:///a/100%.lockstep', '100%.lockstep'],
    ['untitled:Untitled-1', 'untitled:Untitled-1'],
    ['', ''],
  ];
  for (const [from, to] of cases) assert.equal(fileName(from), to);
});

test('a choice of tests becomes its leaves, each once, without what is excluded', () => {
  const tree: Readonly<Record<string, readonly string[]>> = { all: ['a', 'b'], a: ['a1', 'a2'], b: ['b1'] };
  const childrenOf = (item: string): readonly string[] => tree[item] ?? [];
  const cases: readonly [readonly string[], readonly string[], readonly string[]][] = [
    [['all'], [], ['a1', 'a2', 'b1']],
    [['a2', 'a'], [], ['a2', 'a1']],
    [['all'], ['a'], ['b1']],
    [['a'], ['a2'], ['a1']],
    [['a1'], ['a1'], []],
    [[], [], []],
  ];
  for (const [include, exclude, leaves] of cases) {
    assert.deepEqual(leavesOf(include, new Set(exclude), childrenOf), leaves, include.join());
  }
});

test('a terminal gets the line ends that it wants, once', () => {
  assert.equal(terminalText('a\nb\r\nc'), 'a\r\nb\r\nc');
});
