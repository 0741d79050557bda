/** What an editor asks for while somebody types an example from its beginning to its end: an answer at every prefix. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LibraryNames } from '../../server/features/codeActions/library.ts';
import { nameFixes } from '../../server/features/codeActions/names.ts';
import { textProblems } from '../../server/features/codeActions.ts';
import { foldingRangesOf } from '../../server/features/foldingRanges.ts';
import { formatFile, formatRanges, formatTyped } from '../../server/features/formatting.ts';
import { selectionRangeAt } from '../../server/features/selectionRanges.ts';
import { encodedTokens } from '../../server/features/semanticTokens.ts';
import { toPosition } from '../../server/positions.ts';
import { Workspace } from '../../server/workspace.ts';
import { examples } from './files.ts';

/** Of each example; the last is the whole. */
const prefixes = 8;
/** Different ones in each example. */
const stride = 0.618;

for (const [index, { name, text }] of examples.entries()) {
  test(`an answer at every prefix of ${name}`, () => {
    const workspace = new Workspace();
    const library = new LibraryNames(workspace);
    const uri = 'file:///home/main.lockstep';
    for (let at = 1; at <= prefixes; at++) {
      const share = at === prefixes ? 1 : (at - ((index * stride) % 1)) / prefixes;
      const prefix = text.slice(0, Math.floor(share * text.length));
      workspace.open({ uri, clientUri: uri, version: at, text: prefix });
      const scene = workspace.scene(uri);
      assert.ok(scene !== null);
      const { file } = scene;
      const end = toPosition(file, prefix.length);
      const whole = { start: { line: 0, character: 0 }, end };
      assert.deepEqual(encodedTokens(scene), encodedTokens(scene, whole));
      assert.ok(
        foldingRangesOf(file).every(({ startLine, endLine }) => startLine < endLine && endLine <= end.line),
      );
      assert.deepEqual(selectionRangeAt(file, end).range.end, end);
      assert.deepEqual(formatRanges(file, [whole]), formatFile(file));
      for (const sign of ['}', ';', '\n'])
        assert.ok(formatTyped(file, prefix.length, sign).every(({ range }) => range.end.line <= end.line));
      for (const problem of textProblems(scene).slice(0, 5)) {
        for (const { edits } of nameFixes(scene.project, problem, library))
          assert.ok(edits.every((edit) => edit.at.uri === uri && edit.at.end <= prefix.length));
      }
    }
  });
}
