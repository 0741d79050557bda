/** What follows names, tried on all examples and all files of the library. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Location, TextDocumentEdit } from 'vscode-languageserver-types';
import { outlineOf } from '../../core/semantics/outline.ts';
import { itemsAt, outgoingCalls } from '../../server/features/callHierarchy.ts';
import { declarationsAt, definitionsAt, implementationsAt } from '../../server/features/definition.ts';
import { highlightsAt } from '../../server/features/documentHighlight.ts';
import { referencesAt } from '../../server/features/references.ts';
import { renameAt } from '../../server/features/rename.ts';
import { symbolsOf } from '../../server/features/documentSymbols.ts';
import { usesAt, variantOf } from '../../server/names.ts';
import { toOffset } from '../../server/positions.ts';
import type { Scene } from '../../server/scene.ts';
import { libraryFiles } from '../../server/symbolIndex.ts';
import { coreUri, Workspace } from '../../server/workspace.ts';
import { root } from '../house/sources.ts';
import { applied, editedExample, examples } from './files.ts';

const folder = pathToFileURL(join(root, 'examples')).href;
const uris = examples.map(({ name }) => `${folder}/${name}`);

function opened(): Workspace {
  const workspace = new Workspace();
  for (const [index, { text }] of examples.entries())
    workspace.open({ uri: uris[index] ?? '', version: 1, text });
  return workspace;
}

const shared = opened();

function sceneOf(workspace: Workspace, uri: string): Scene {
  const scene = workspace.scene(uri);
  assert.ok(scene !== null, uri);
  return scene;
}

/** Offsets of the names of a file that mean something. */
function namesIn(scene: Scene): readonly number[] {
  const variant = variantOf(scene);
  return scene.file.source.items.flatMap((placed) =>
    scene.record(variant, scene.uri, placed.key).uses.map(({ start }) => placed.offset + start),
  );
}

function standsAt(scene: Scene, offset: number): (location: Location) => boolean {
  return ({ uri, range }) => coreUri(uri) === scene.uri && toOffset(scene.file, range.start) === offset;
}

test('every name has a definition in its project, where something is declared that is spelled so', () => {
  for (const uri of [...uris, ...libraryFiles(shared)]) {
    const scene = sceneOf(shared, uri);
    for (const offset of namesIn(scene)) {
      const found = definitionsAt(shared, scene, offset);
      assert.ok(found.length > 0, `${uri}:${offset}`);
      for (const { uri: target, range } of found)
        assert.ok(scene.project.files.has(coreUri(target)), `${uri}:${offset} ${range.start.line}`);
    }
  }
});

test('a name is among the references of what it means, and of its definition', async () => {
  for (const uri of [...uris, ...libraryFiles(shared).slice(0, 12)]) {
    const scene = sceneOf(shared, uri);
    const names = namesIn(scene);
    for (let index = 3; index < names.length; index += Math.ceil(names.length / 4)) {
      const offset = names[index] ?? 0;
      assert.ok(
        (await referencesAt(shared, scene, offset, true)).some(standsAt(scene, offset)),
        `${uri}:${offset}`,
      );
      const [target] = definitionsAt(shared, scene, offset);
      const other = sceneOf(shared, coreUri(target?.uri ?? ''));
      const at = toOffset(other.file, target?.range.start ?? { line: 0, character: 0 });
      if (usesAt(other, at)[0]?.symbol.id !== usesAt(scene, offset)[0]?.symbol.id) continue;
      assert.ok(
        (await referencesAt(shared, other, at, true)).some(standsAt(scene, offset)),
        `${uri}:${offset} from ${other.uri}:${at}`,
      );
    }
  }
});

test('nothing fails at any offset of any example', () => {
  for (const uri of uris) {
    const scene = sceneOf(shared, uri);
    symbolsOf(scene.file);
    let before = '';
    for (let offset = 0; offset <= scene.text.length; offset++) {
      const [use] = usesAt(scene, offset);
      const place = `${use?.start} ${use?.symbol.id}`;
      if (use !== undefined) assert.ok(use.start <= offset && offset <= use.end);
      // Inside one name the answers are the same.
      if (place === before) continue;
      before = place;
      declarationsAt(shared, scene, offset);
      implementationsAt(shared, scene, offset);
      highlightsAt(scene, offset);
      for (const item of itemsAt(shared, scene, offset)) outgoingCalls(shared, scene, item);
    }
  }
});

test('nothing fails in code that is being typed', () => {
  const workspace = opened();
  fc.assert(
    fc.property(editedExample, fc.double({ min: 0, max: 1, noNaN: true }), (text, where) => {
      const uri = uris[0] ?? '';
      workspace.open({ uri, version: 1, text });
      const scene = sceneOf(workspace, uri);
      const names = namesIn(scene);
      for (const offset of [Math.floor(where * text.length), names[Math.floor(where * names.length)] ?? 0]) {
        definitionsAt(workspace, scene, offset);
        highlightsAt(scene, offset);
        itemsAt(workspace, scene, offset);
      }
      for (const placed of scene.file.source.items) {
        for (const { start, end } of scene.record(variantOf(scene), uri, placed.key).uses)
          assert.ok(0 <= start && start < end && end <= placed.text.length);
      }
    }),
    { numRuns: 25 },
  );
});

test('renamed and renamed back, an example is what it was, and means the same between', async () => {
  const workspace = opened();
  const declared = uris.flatMap((uri) => {
    const { file } = sceneOf(shared, uri);
    return file.source.items.flatMap((placed) =>
      outlineOf(placed).map(({ name }) => ({ uri, offset: placed.offset + name.start, name: name.text })),
    );
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...declared), async ({ uri, offset, name }) => {
      const before = sceneOf(workspace, uri);
      const fresh = `${name.replace(/_t$/, '')}_anew`;
      const edits = await renameAt(workspace, before, offset, fresh);
      // An override of what the library has keeps its name.
      if (typeof edits === 'string') {
        assert.match(edits, /belongs to the library/);
        return;
      }
      const texts = new Map(
        edits.map(({ textDocument }) => [textDocument.uri, workspace.read(textDocument.uri)]),
      );
      apply(workspace, edits, 2);
      const after = sceneOf(workspace, uri);
      assert.deepEqual(findingsOf(after, fresh, name), findingsOf(before, fresh, name));
      const [found] = await renamedBack(workspace, after, fresh, name);
      assert.ok(found !== undefined);
      apply(workspace, found, 3);
      for (const [each, text] of texts) assert.equal(workspace.read(each), text);
    }),
    { numRuns: 15 },
  );
});

async function renamedBack(
  workspace: Workspace,
  scene: Scene,
  fresh: string,
  name: string,
): Promise<readonly (readonly TextDocumentEdit[])[]> {
  const edits = await renameAt(workspace, scene, scene.text.search(new RegExp(`\\b${fresh}\\b`)), name);
  assert.ok(typeof edits !== 'string', String(edits));
  return [edits];
}

function apply(workspace: Workspace, changes: readonly TextDocumentEdit[], version: number): void {
  for (const { textDocument, edits } of changes) {
    const file = workspace.file(textDocument.uri);
    assert.ok(file !== null);
    const plain = edits.flatMap((edit) => ('newText' in edit ? [edit] : []));
    workspace.open({ uri: textDocument.uri, version, text: applied(file, plain) });
  }
}

/** What is wrong with each variant, the new name read as the old one. */
function findingsOf(scene: Scene, fresh: string, name: string): readonly string[] {
  return scene.variants
    .slice(0, 3)
    .flatMap((variant) =>
      scene
        .check(variant)
        .diagnostics.map(({ code, message }) => `${code} ${message.replaceAll(fresh, name)}`),
    );
}
