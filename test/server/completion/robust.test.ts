import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CompletionItemKind } from 'vscode-languageserver';
import { parse } from '../../../core/syntax/parser.ts';
import { explore } from '../../../host/job.ts';
import { root } from '../../../scripts/build.mjs';
import type { Offer } from '../../../server/features/completion/offer.ts';
import { mark, spotAt } from '../../../server/features/completion/mark.ts';
import { type Offers, offersAt, type Surroundings } from '../../../server/features/completion/offers.ts';
import { itemOffers } from '../../../server/features/completion/words.ts';
import { Workspace } from '../../../server/workspace.ts';

const workspace = new Workspace();
const examples = readdirSync(join(root, 'examples')).map((name) =>
  readFileSync(join(root, 'examples', name), 'utf8'),
);
const uri = 'file:///made-up/typed.lockstep';
let version = 0;

const surroundings: Surroundings = {
  libraryPaths: () => workspace.libraryPaths(),
  files: () => [uri],
  snippets: true,
  lazy: true,
  trigger: null,
};

function complete(text: string, offset: number): Offers | null {
  workspace.open({ uri, version: ++version, text });
  const scene = workspace.scene(uri);
  assert.ok(scene !== null);
  return offersAt(scene, offset, surroundings);
}

/** An offer as it is inserted, placeholders as they stand. */
function inserted({ label, insert = label, snippet }: Offer): string {
  if (snippet !== true) return insert;
  return insert
    .replace(/\$\{\d+:?((?:[^\\}]|\\.)*)\}/g, '$1')
    .replace(/\$\d/g, '')
    .replace(/\\(.)/g, '$1');
}

const place = fc.record({
  example: fc.nat({ max: examples.length - 1 }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('completion of half-typed code', () => {
  it('has an answer everywhere in every example, and at the end of every beginning of one', () => {
    fc.assert(
      fc.property(place, fc.boolean(), ({ example, part }, cut) => {
        const text = examples[example] ?? '';
        const offset = Math.floor(text.length * part);
        const found = complete(cut ? text.slice(0, offset) : text, offset);
        if (found === null) return;
        assert.ok(found.start <= offset && offset <= found.end + 200);
        const labels = found.offers.map(({ label }) => label);
        assert.ok(!labels.some((label) => label.includes(mark)), 'the mark is offered');
      }),
      { numRuns: 120 },
    );
  });

  it('offers nothing that the parser would not take there', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ example, part }, pick) => {
        const text = examples[example] ?? '';
        const offset = Math.floor(text.length * part);
        const found = complete(text, offset);
        if (found === null || found.offers.length === 0) return;
        const { start, end, offers } = found;
        const scene = workspace.scene(uri);
        const isCode = scene !== null && spotAt(scene.file, offset).kind === 'code';
        const errorsWith = (word: string): number =>
          parse(
            uri,
            `${text.slice(0, start)}${word} ${text.slice(isCode ? Math.max(end, wordEnd(text, end)) : end)}`,
          ).errors.length;
        const before = isCode ? errorsWith(mark) : errorsWith('linux/list');
        for (let index = 0; index < 12; index++) {
          const each = offers[(pick + index * 97) % offers.length];
          // A word or a skeleton begins something that is finished by typing on.
          if (each === undefined || each.rank >= 6 || each.kind === 14 || each.kind === 15) continue;
          const word = inserted(each);
          assert.ok(
            errorsWith(word) <= before,
            `${JSON.stringify(text.slice(start - 60, start))} with ${word}`,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('any bytes at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat({ max: 60 }), (text, at) => {
        complete(text, Math.min(at, text.length));
      }),
      { numRuns: 60 },
    );
  });
});

function wordEnd(text: string, from: number): number {
  let end = from;
  while (/\w/.test(text[end] ?? '')) end++;
  return end;
}

describe('what is inserted', () => {
  it('means something where it stands', () => {
    fc.assert(
      fc.property(place, fc.nat(), ({ example, part }, pick) => {
        const text = examples[example] ?? '';
        const offset = text.indexOf('\n', Math.floor(text.length * part)) + 1;
        const found = complete(text, offset);
        const names = found?.offers.filter(({ about, rank }) => about !== undefined && rank < 6) ?? [];
        const each = names[pick % Math.max(1, names.length)];
        if (each === undefined || each.about?.of !== undefined) return;
        const word = inserted(each);
        workspace.open({
          uri,
          version: ++version,
          text: `${text.slice(0, offset)}${word};\n${text.slice(offset)}`,
        });
        const scene = workspace.scene(uri);
        const variant = scene?.variants[0];
        if (scene === null || variant === undefined) return;
        const unknown = scene
          .check(variant)
          .diagnostics.filter(
            ({ code, at }) => code === 'unknown-name' && at.uri === uri && at.start === offset,
          );
        assert.deepEqual(unknown, [], word);
      }),
      { numRuns: 25 },
    );
  });

  it('every skeleton is accepted, and a whole scenario has nothing wrong', () => {
    for (const each of itemOffers(true, false)) {
      if (each.kind !== CompletionItemKind.Snippet) continue;
      const isScenario = each.label.startsWith('scenario');
      const text = isScenario ? inserted(each) : `scenario "around";\n${inserted(each)}`;
      assert.deepEqual(parse(uri, text).errors, [], each.label);
      if (!isScenario) continue;
      workspace.open({ uri, version: ++version, text });
      const scene = workspace.scene(uri);
      assert.equal(scene?.variants.length, 2);
      for (const variant of scene?.variants ?? []) {
        const texts = new Map(
          [...(scene?.project.files ?? [])].map(([each, file]) => [each, file.source.text]),
        );
        const budget = { maxStates: 100_000, maxMilliseconds: 20_000, maxBytes: 200_000_000 };
        const job = {
          uri,
          texts,
          root: 'file:///made-up',
          variant,
          budget,
          reduction: true,
          workingDirectory: '/',
        };
        const { result, diagnostics } = explore(job, () => true);
        assert.deepEqual(diagnostics, []);
        assert.equal(result?.met, true, `${each.label}: ${[...variant.options]}`);
      }
    }
  });
});
