/** The snippets: each is a piece of the language, and a whole scenario among them meets what it expects. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from '../../core/syntax/parser.ts';
import { type Fence, runFence, writeFences } from '../docs/fences.ts';
import { root } from '../house/sources.ts';

interface Snippet {
  readonly prefix: string | readonly string[];
  readonly description: string;
  readonly body: readonly string[];
}

const snippets = Object.entries(
  JSON.parse(readFileSync(join(root, 'syntaxes/snippets.json'), 'utf8')) as Readonly<Record<string, Snippet>>,
);
const directory = mkdtempSync(join(tmpdir(), 'lockstep-snippets-'));
after(() => rmSync(directory, { recursive: true }));

/** The places where a snippet may be asked for. */
const places: readonly ((body: string) => string)[] = [
  (body) => body,
  (body) => `task t {\n${body}\n}`,
  (body) => `invariant i: ${body};`,
];

for (const [name, { prefix, description, body }] of snippets) {
  test(`snippet ${name} is a piece of the language`, () => {
    const text = expanded(body.join('\n'));
    assert.doesNotMatch(text, /\$/);
    const errors = places.map((place) => parse('', place(text)).errors);
    assert.ok(
      errors.some((each) => each.length === 0),
      JSON.stringify(errors),
    );
    assert.match(description, /^[A-Z].*\.$/);
    assert.ok(prefix.length > 0);
  });
}

const scenarios = snippets.filter(([, { body }]) => body[0]?.startsWith('scenario '));

for (const [index, [name, { body }]] of scenarios.entries()) {
  test(`snippet ${name} meets what it expects`, () => {
    const fence: Fence = {
      place: name,
      name: `snippet${index}`,
      text: expanded(body.join('\n')),
      error: null,
      isVacuous: false,
      isImported: false,
    };
    writeFences(directory, [fence]);
    const { results, diagnostics, unusable } = runFence(directory, fence, new Map());
    assert.deepEqual(
      diagnostics.map(({ message }) => message),
      [],
    );
    assert.deepEqual(unusable, []);
    assert.ok(results.length > 0);
    for (const result of results) assert.ok(result.met, JSON.stringify(result));
  });
}

test('there are skeletons of scenarios, and no two snippets share a prefix', () => {
  assert.ok(scenarios.length >= 4);
  const prefixes = snippets.flatMap(([, { prefix }]) => prefix);
  assert.deepEqual(prefixes.length, new Set(prefixes).size);
});

/** The text when every place keeps its default: `${1:text}`, `${1|first,second|}`, `$1` again as what it was first. */
function expanded(body: string): string {
  const values = new Map<string, string>();
  for (const match of body.matchAll(/\$\{(\d+):([^}]*)\}|\$\{(\d+)\|([^,|}]*)[^}]*\}/g)) {
    values.set(match[1] ?? match[3] ?? '', match[2] ?? match[4] ?? '');
  }
  return body.replace(
    /\$\{(\d+)(?::[^}]*|\|[^}]*\|)?\}|\$(\d+)/g,
    (_, first: string | undefined, second: string | undefined) => values.get(first ?? second ?? '') ?? '',
  );
}
