import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Source, sourcesUnder } from './sources.ts';

/**
 * Words of KVM that only the library may know. Bit layouts, roots, dirty bitmaps and the rest reach the machine's
 * checks as declarations of the library; a core that knew them could not be right for two kernels.
 */
const words = [
  'kvm', 'vmx', 'svm', 'spte', 'sptes', 'sptep', 'gfn', 'gfns', 'gpa', 'hva', 'tdp', 'ept', 'npt', 'mmu', 'rmap',
  'memslot', 'memslots', 'unsync', 'nx',
]; // biome-ignore format: a list of words

/** The words of an identifier or sentence: `kvmMmuPage`, `kvm_mmu_page` and `KVM MMU page` are three words each. */
function wordsOf(text: string): readonly string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

function kernelNames({ path, text }: Source): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const found = wordsOf(line).filter((word) => words.includes(word));
    return found.length > 0 ? [`${path}:${index + 1}: ${found.join(', ')}`] : [];
  });
}

test('no KVM name stands in core/, server/ or client/', () => {
  const sources = sourcesUnder(['core', 'server', 'client'], ['.ts', '.tsx', '.js', '.mjs', '.css', '.html']);
  assert.deepEqual(sources.flatMap(kernelNames), []);
  assert.ok(sources.length > 0);
});

test('a KVM name is seen however it is spelled', () => {
  const seen = [
    'kvmMmuPage',
    'struct kvm_mmu_page',
    'KVM_BUG_ON',
    'readSpte(x)',
    'SPTE',
    'the TDP MMU',
    'gfnOf',
  ];
  const unseen = ['accept', 'except', 'concept', 'svmx', 'commune', 'context', 'adept', 'kept'];
  for (const text of seen) assert.equal(kernelNames({ path: 'x', text }).length, 1, text);
  for (const text of unseen) assert.equal(kernelNames({ path: 'x', text }).length, 0, text);
});
