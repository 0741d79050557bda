/** What a model is as a text, what SPIN makes of small ones, and that a wrong one is found out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { promelaOf } from '../../core/export/promela.ts';
import { pieces, plain } from '../../core/export/promelaText.ts';
import { search } from '../../core/explore/search.ts';
import type { Program } from '../../core/program/ir.ts';
import { open, programOf } from '../agreement/engines.ts';
import { bySearch, bySpin, type Answer, skip } from './spin.ts';

function firstProgram(text: string): Program {
  const { project, variants } = open(text);
  const [variant] = variants;
  assert.ok(variant !== undefined);
  return programOf(project, variant);
}

function searched(program: Program): Answer {
  const budget = { maxStates: 1e6, maxMilliseconds: 1e9, maxBytes: 1e9 };
  const found = search(program, { budget, reduction: false, onProgress: () => true, now: () => 0 });
  assert.ok(found.complete);
  return bySearch(program, found);
}

function modelOf(program: Program, file: string, place: string): string {
  const model = promelaOf(program, { file, options: file, placeOf: () => place });
  assert.ok(model.kind === 'model');
  return model.text;
}

const counters = `scenario "Two counters";
int x, y;
task a[i : 0..1] { int v = x; x = v + 1; y = i; }
finally both: x == 2;
expect fails both;
`;

test('no text of a scenario is more than a comment or a string', () => {
  const program = firstProgram(counters);
  const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|"[^"\n]*"/g, '.');
  const nasty = "*/ } c_code { \"; system('x') \\ \n#include <a> // /* ?? $x %n é \u2028";
  assert.equal(code(modelOf(program, nasty, nasty)), code(modelOf(program, 'a', 'b')));
});

test('a text is shown in letters that mean nothing to any tool', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const shown = plain(text);
      assert.match(shown, /^[\w .,:;=+\-<>()[\]&|!^~*/']*$/);
      assert.doesNotMatch(shown, /\/\/|\/\*|\*\//);
      assert.ok(shown.length <= 160);
    }),
  );
  assert.equal(plain('a { b[1] = "x" } /**/'), "a ( b[1] = 'x' ) / ** /");
});

test('pieces keep every line, in order, and none is too long for SPIN', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30_000)), (lengths) => {
      const lines = lengths.map((length) => 'x'.repeat(length));
      const found = pieces(lines);
      assert.deepEqual(found.flat(), lines);
      assert.ok(found.every((piece) => piece.join('\n').length < 60_000));
    }),
  );
});

test('what cannot be exported is refused with the reason', () => {
  const program = firstProgram(counters);
  const origin = { file: 'a', options: '', placeOf: () => 'b' };
  const reasonOf = (other: Program): string => {
    const model = promelaOf(other, origin);
    return model.kind === 'refused' ? model.reason : 'not refused';
  };
  const { init } = program;
  assert.match(
    reasonOf({
      ...program,
      goals: [{ name: 'asked', predicate: { code: init }, site: null, circle: [[0]] }],
    }),
    /lock rules/,
  );
  const park = program.codes[0]?.parks[0];
  assert.ok(park !== undefined);
  const parks = Array.from({ length: 65_535 }, () => park);
  assert.match(reasonOf({ ...program, codes: [{ ...init, parks }] }), /65,535 steps/);
});

test('the header says how the model is run and what is expected', () => {
  const text = modelOf(firstProgram(counters), 'counters.lockstep', 'here');
  const header = text.slice(0, text.indexOf('*/'));
  assert.match(header, /counters\.lockstep/);
  assert.match(header, /gcc -O2 -DSAFETY -DNOREDUCE -DNOCOMP -DVECTORSZ=1024 -o pan pan\.c/);
  assert.match(header, /expect fails both/);
  assert.match(text, /\/\* task a\[1\] \*\/\nactive proctype T1\(\)/);
});

test('the same program gives the same text', () => {
  assert.equal(modelOf(firstProgram(counters), 'a', 'b'), modelOf(firstProgram(counters), 'a', 'b'));
});

/** Each with what it is about: SPIN and the search must agree on it. */
const scenarios: readonly (readonly [string, string])[] = [
  ['a start that has no way', 'int x;\ninit { x = 1; wait_until(x == 2); }\ntask a { x = 2; }'],
  ['a start that is wrong and goes on', 'int x;\ninit { WARN_ON(x == 0, "zero"); }\ntask a { x = 2; }'],
  ['starts of which one ends at once', 'int x;\ninit { x = choose(0..2); assert(x != 1); }\ntask a { x++; }'],
  ['threads that choose before their first step', 'int x;\ntask a { int v = choose(0..2); x = v; x = 0; }'],
  ['no thread at all', 'int x;\ninvariant never: x == 1;\nfinally neither: x == 2;'],
  ['no memory at all', 'task a { }'],
  ['a wait for ever', 'int x;\ntask a { wait_until(x == 1); }\ntask b { int v = READ_ONCE(x); }'],
  ['an error that is switched off', 'int x;\ncheck data_race off;\ntask a[i : 0..1] { x = i; }'],
  ['a warning that is an error', 'int x;\ncheck data_race error;\ntask a[i : 0..1] { x = i; }'],
];

for (const [what, text] of scenarios) {
  test(`SPIN agrees on ${what}`, { skip }, async () => {
    const program = firstProgram(`scenario "Small";\n${text}\n`);
    assert.deepEqual(await bySpin(program), searched(program));
  });
}

test('a model that differs is found out', { skip }, async () => {
  const program = firstProgram(counters);
  // Registers that are not needed are told apart, a check is missing, a wait is none.
  const kept = {
    ...program,
    codes: program.codes.map((code) => ({
      ...code,
      parks: code.parks.map((park) => ({ ...park, live: [...Array(code.regs).keys()] })),
    })),
  };
  const unchecked = { ...program, finals: [] };
  const right = searched(program);
  assert.deepEqual(await bySpin(program), right);
  assert.ok((await bySpin(kept)).states > right.states);
  assert.deepEqual([right.fails, (await bySpin(unchecked)).fails], [true, false]);
});
