/** Files and edits for the tests of features. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TextEdit } from 'vscode-languageserver-types';
import { type FileSnapshot, loadFile } from '../../core/semantics/snapshot.ts';
import { toOffset } from '../../server/positions.ts';
import { root } from '../house/sources.ts';

export function fileOf(text: string): FileSnapshot {
  return loadFile('file:///home/main.lockstep', text, new Map());
}

/** The text after edits that all speak of the text before, as the protocol has it; throws when two overlap. */
export function applied(file: FileSnapshot, edits: readonly TextEdit[]): string {
  const { text } = file.source;
  const placed = edits
    .map(({ range, newText }) => ({
      start: toOffset(file, range.start),
      end: toOffset(file, range.end),
      newText,
    }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let at = 0;
  for (const { start, end, newText } of placed) {
    if (start < at || end < start) throw new Error('edits overlap');
    result += text.slice(at, start) + newText;
    at = end;
  }
  return result + text.slice(at);
}

export const examples: readonly { readonly name: string; readonly text: string }[] = readdirSync(
  join(root, 'examples'),
).map((name) => ({ name, text: readFileSync(join(root, 'examples', name), 'utf8') }));

/** Pieces of the language in any order, with line ends of every kind. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      'task t {', 'static int f(void)', '{', '}', '(', ')', ';', 'if (a)', 'else', 'a = 1;', 'case 1:', 'switch (a) {', 'l:',
      '// note', '/* note\n * more\n */', '/** doc */', '#define M(x) \\\n\tx', 'import "a";', '\t', '  ', '\n', '\r\n', '\n\n',
      'struct s { int a; };', '//#region', '//#endregion', '"text"', 'f(a,\n b);', 'either { } or { }', '\\', '\ufeff', '[',
    ), // biome-ignore format: a list of words
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(' '));

/** An example with a part of it replaced, as it is while somebody types. */
export const editedExample: fc.Arbitrary<string> = fc
  .record({
    example: fc.constantFrom(...examples),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.nat({ max: 60 }),
    typed: fc.oneof(
      fc.constantFrom('{', '}', ';', '(', '/*', '"', '\n', 'int ', '#define X ', '\t\t'),
      fc.string({ maxLength: 8 }),
    ),
  })
  .map(({ example: { text }, at, removed, typed }) => {
    const start = Math.floor(at * text.length);
    return text.slice(0, start) + typed + text.slice(start + removed);
  });
