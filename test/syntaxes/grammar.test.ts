/** The TextMate grammar: what it says of annotated files, and that it agrees with the lexer about every file there is. */

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { intrinsicNames } from '../../core/semantics/intrinsics.ts';
import { parse, tokensOf } from '../../core/syntax/parser.ts';
import { lineTable, positionAt } from '../../core/syntax/positions.ts';
import { isKeyword, kindAt, keywordIds } from '../../core/syntax/tokens.ts';
import { baseTypeNames, droppedCalls, droppedWords, leadingAnnotations } from '../../core/syntax/words.ts';
import { languageWords } from '../../server/features/semanticTokens/words.ts';
import { root, type Source, sourcesUnder } from '../house/sources.ts';

interface Token {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly scopes: readonly string[];
}

/** The state at the end of a line; `depth` 1 means that nothing is open. */
interface State {
  readonly depth: number;
}

interface Grammar {
  tokenizeLine(
    line: string,
    state: State | null,
  ): { readonly tokens: readonly Token[]; readonly ruleStack: State };
}

interface Registry {
  loadGrammar(scope: string): Promise<Grammar>;
}

/** The grammar tester's own modules, which it declares no types for. */
const tester = createRequire(import.meta.url);
const { createRegistry } = tester('vscode-tmgrammar-test/dist/common/index.js') as {
  createRegistry(
    grammars: readonly { path: string; scopeName: string; injectTo?: readonly string[] }[],
  ): Registry;
};
const { parseGrammarTestCase, runGrammarTestCase } = tester('vscode-tmgrammar-test/dist/unit/index.js') as {
  parseGrammarTestCase(text: string): { readonly assertions: readonly unknown[] };
  runGrammarTestCase(registry: Registry, testCase: unknown): Promise<readonly unknown[]>;
};

const registry = createRegistry([
  { path: join(root, 'syntaxes/lockstep.tmLanguage.json'), scopeName: 'source.lockstep' },
  {
    path: join(root, 'syntaxes/markdown.tmLanguage.json'),
    scopeName: 'markdown.lockstep.codeblock',
    injectTo: ['text.html.markdown'],
  },
  // Stands for the editor's own grammar, which the fences are added to.
  { path: join(root, 'test/syntaxes/grammar/markdown.json'), scopeName: 'text.html.markdown' },
]);
const grammar = await registry.loadGrammar('source.lockstep');

for (const name of ['items.lockstep', 'code.lockstep', 'fence.md']) {
  test(`the annotations of ${name} hold`, async () => {
    const testCase = parseGrammarTestCase(readFileSync(join(root, 'test/syntaxes/grammar', name), 'utf8'));
    assert.ok(testCase.assertions.length > 3);
    assert.deepEqual(await runGrammarTestCase(registry, testCase), []);
  });
}

for (const source of sourcesUnder(['examples', 'library'], ['.lockstep'])) {
  test(`the grammar and the lexer agree about ${source.path}`, () => {
    assert.deepEqual(disagreements(source), []);
  });
}

test('the grammar knows every word that the language knows', () => {
  const cases: readonly (readonly [Iterable<string>, RegExp, (word: string) => string])[] = [
    [keywordIds.keys(), /^(?:keyword|storage|invalid)\./, (word) => word],
    [baseTypeNames, /^support\.type\./, (word) => word],
    [leadingAnnotations, /^storage\.modifier\.annotation\.lock\./, (word) => word],
    [droppedWords, /^storage\.modifier\./, (word) => word],
    [droppedCalls, /^storage\.modifier\./, (word) => `${word}(x)`],
    // `in` is a word of its own in another place.
    [
      [...intrinsicNames()].filter((name) => name !== 'in'),
      /^support\.function\.intrinsic\./,
      (word) => `${word}(x)`,
    ],
  ];
  for (const [words, scope, textOf] of cases) {
    for (const word of words) {
      const found = grammar
        .tokenizeLine(`\tx = ${textOf(word)}`, null)
        .tokens.find(({ startIndex }) => startIndex === '\tx = '.length);
      assert.match(found?.scopes.at(-1) ?? '', scope, word);
    }
  }
});

test('any text is taken, line by line', () => {
  const pieces = fc.constantFrom(
    'schedule "', 'expect', 'when', '{', '}', '(', ';', ':', '"', "'", '/*', '*/', '//', '\\', '#define', ' x', 'invariant',
    'unless', '0..1', '..', 'setting', 'in', 'struct', 'atomic', '\t', '->', 'after', 'at release',
  ); // biome-ignore format: a list of words
  fc.assert(
    fc.property(fc.array(fc.array(pieces, { maxLength: 8 }), { maxLength: 12 }), (lines) => {
      let state: State | null = null;
      for (const line of lines.map((each) => each.join(' '))) {
        const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
        assert.ok((tokens.at(-1)?.endIndex ?? 0) >= line.length);
        state = ruleStack;
      }
    }),
    { numRuns: 200 },
  );
});

/** Where the grammar takes a token for something else than the lexer does, or does not end what an item opened. */
function disagreements({ path, text }: Source): readonly string[] {
  const lines = text.split('\n');
  const scopes: (readonly Token[])[] = [];
  const open: boolean[] = [];
  let state: State | null = null;
  for (const line of lines) {
    open.push(state !== null && state.depth > 1);
    const result = grammar.tokenizeLine(line, state);
    scopes.push(result.tokens);
    state = result.ruleStack;
  }
  const file = parse(path, text);
  const tokens = tokensOf(file);
  const table = lineTable(text);
  const wrong: string[] = [];
  for (let index = 0; index < tokens.count; index++) {
    const kind = kindAt(tokens, index);
    const start = tokens.starts[index] ?? 0;
    if (kind === 'eof' || kind === 'eod') continue;
    const { line, column } = positionAt(table, start);
    const token = scopes[line - 1]?.find((each) => each.startIndex < column && column <= each.endIndex);
    const all = token?.scopes.join(' ') ?? '';
    const last = token?.scopes.at(-1) ?? '';
    const isText = kind === 'string' || kind === 'character';
    const agrees =
      !/comment/.test(all) &&
      /string\.quoted/.test(all) === isText &&
      (!isKeyword(kind) || /^(?:keyword|storage)\./.test(last)) &&
      (kind !== 'number' || /^constant\.numeric\./.test(last)) &&
      !/invalid/.test(all);
    if (!agrees) wrong.push(`${path}:${line}:${column} ${kind}: ${all}`);
  }
  for (const { offset } of file.items) {
    const { line, column } = positionAt(table, offset);
    if (column === 1 && open[line - 1]) wrong.push(`${path}:${line} something is still open`);
  }
  return wrong;
}

/** Words that mean something in their place, as the parser asks for them. */
function wordsOfParser(): readonly string[] {
  const sources = sourcesUnder(['core/syntax'], ['.ts']).filter(({ path }) => path.includes('/parser'));
  const asked = sources.flatMap(({ text }) =>
    [...text.matchAll(/(?:eatWord|atWord)\('(\w+)'/g)].map(([, word]) => word ?? ''),
  );
  const lookahead = sources.find(({ path }) => path.endsWith('parserLookahead.ts'))?.text ?? '';
  const items = lookahead.slice(lookahead.indexOf('function contextItemOf'));
  const begun = [...items.matchAll(/case '(\w+)':/g)].map(([, word]) => word ?? '');
  // Assembler code is dropped as a whole.
  return [...new Set([...asked, ...begun])].filter((word) => !word.includes('asm'));
}

test('the grammar and the semantic tokens know every word that the parser asks for', () => {
  const words = wordsOfParser();
  assert.ok(words.length > 50);
  const patterns = readFileSync(join(root, 'syntaxes/lockstep.tmLanguage.json'), 'utf8');
  const known = new Set(Object.values(languageWords).flat());
  for (const word of words) {
    assert.match(patterns, new RegExp(`(?<![a-z_])${word}(?![a-z_])`), `${word} in the grammar`);
    assert.ok(known.has(word), `${word} in the semantic tokens`);
  }
});
