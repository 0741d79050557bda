/** The language configuration: its patterns are the editor's regular expressions, and indent as the kernel does. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../house/sources.ts';

interface Configuration {
  readonly wordPattern: string;
  readonly folding: { readonly markers: { readonly start: string; readonly end: string } };
  readonly indentationRules: Readonly<Record<string, string>>;
  readonly onEnterRules: readonly {
    readonly beforeText: string;
    readonly afterText?: string;
    readonly previousLineText?: string;
    readonly action: { readonly indent: string; readonly appendText?: string; readonly removeText?: number };
  }[];
}

const configuration: Configuration = JSON.parse(
  readFileSync(join(root, 'syntaxes/language-configuration.json'), 'utf8'),
);
const { indentationRules, onEnterRules, folding } = configuration;

const lines: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  increaseIndentPattern: {
    'task t {': true,
    'struct page {': true,
    '\tif (a) {  // {': true,
    '\tf(a,': true,
    '\tcase 1:': true,
    '\tdefault:': true,
    '\tdefault:\t// the rest': true,
    '\tint a[] = { 1, 2 };': false,
    '\tf("{");': false,
    '// a { b': false,
    '\treturn a;': false,
    'again:': false,
  },
  decreaseIndentPattern: {
    '\t}': true,
    '\t} else {': true,
    '\t\tcase KVM_1:': true,
    '\tdefault:': true,
    '\tcases = 1;': false,
    '\tdefaults:': false,
    '\tint a = { };': false,
  },
  indentNextLinePattern: {
    '\tif (a)': true,
    '\telse if (f(a, b))': true,
    '\t} else': true,
    '\telse': true,
    '\tdo': true,
    '\tfor_each_child(i)\t// all': true,
    '\tlist_for_each_entry(p, &head, link)': true,
    '\tfor (int i = 0; i < 2; i++)': true,
    '\tif (a) {': false,
    '\twhile (a);': false,
    '\tif (a) return;': false,
    '\tf(a)': false,
    '// if (a)': false,
  },
  unIndentedLinePattern: {
    'again:': true,
    '#define A 1': true,
    '\tcase 1:': false,
    'task t {': false,
  },
};

for (const [name, cases] of Object.entries(lines)) {
  test(name, () => {
    const pattern = new RegExp(indentationRules[name] ?? '(?!)');
    for (const [line, expected] of Object.entries(cases))
      assert.equal(pattern.test(line), expected, JSON.stringify(line));
  });
}

test('every indentation rule is spoken of', () => {
  assert.deepEqual(Object.keys(indentationRules).sort(), Object.keys(lines).sort());
});

test('a line end in a comment goes on with the comment', () => {
  const cases: readonly (readonly [
    before: string,
    after: string,
    previous: string,
    appended: string | number | null,
  ])[] = [
    ['/**', ' */', '', ' * '],
    ['/** A lock.', '', '', ' * '],
    ['\t/* why', '', '', ' * '],
    [' * more', '', '/** A lock.', '* '],
    ['\t * more', '', '\t * of it', '* '],
    [' */', '', ' * more', 1],
    ['/** One line. */', '', '', null],
    ['\tint a;', '', '', null],
    ['\ta = b', ' * c;', '', null],
    ['// the first', ' half', '', '// '],
    ['// all of it', '', '', null],
  ];
  for (const [before, after, previous, appended] of cases) {
    const rule = onEnterRules.find(
      (each) =>
        new RegExp(each.beforeText).test(before) &&
        new RegExp(each.afterText ?? '').test(after) &&
        new RegExp(each.previousLineText ?? '').test(previous),
    );
    const action = rule?.action;
    assert.deepEqual(action?.appendText ?? action?.removeText ?? null, appended, JSON.stringify(before));
  }
});

test('words and markers', () => {
  const words = 'kvm->mmu_lock = READ_ONCE(a[0x1f]);'.match(new RegExp(configuration.wordPattern, 'g'));
  assert.deepEqual(words, ['kvm', 'mmu_lock', 'READ_ONCE', 'a', '0x1f']);
  assert.match('\t//#region locks', new RegExp(folding.markers.start));
  assert.match('// endregion', new RegExp(folding.markers.end));
});
