/** Workspaces out of texts with marks: `$0` is the cursor, `«name»` what is to be found. */

import assert from 'node:assert/strict';
import type { Location, Range } from 'vscode-languageserver-types';
import { toOffset } from '../../server/positions.ts';
import type { Scene } from '../../server/scene.ts';
import { coreUri, Workspace } from '../../server/workspace.ts';
import { filesIn } from '../semantics/project.ts';

export interface Marked {
  readonly workspace: Workspace;
  /** Of the file with the cursor, else of the first one. */
  readonly scene: Scene;
  readonly offset: number;
  /** `main.lockstep:120 name`, sorted. */
  readonly marks: readonly string[];
}

/** Files as `filesIn` has them; all are open, and no others. A workspace that is given again has read the library. */
export function workspaceOf(text: string, workspace: Workspace = new Workspace()): Marked {
  for (const uri of workspace.openUris()) workspace.close(uri);
  const marks: string[] = [];
  let at: { readonly uri: string; readonly offset: number } | null = null;
  let first = '';
  for (const [uri, marked] of filesIn(text)) {
    first ||= uri;
    const found = plain(marked);
    for (const { start, end } of found.marks) marks.push(shown(uri, start, found.text.slice(start, end)));
    if (found.cursor !== null) at = { uri, offset: found.cursor };
    workspace.open({ uri, version: 1, text: found.text });
  }
  const scene = workspace.scene(at?.uri ?? first);
  if (scene === null) throw new Error('there is no scene');
  return { workspace, scene, offset: at?.offset ?? 0, marks: marks.sort() };
}

/** Locations as `Marked.marks` has them. */
export function placesOf(workspace: Workspace, locations: readonly Location[]): readonly string[] {
  return locations
    .map(({ uri, range }) => {
      const file = workspace.file(coreUri(uri));
      assert.ok(file !== null, uri);
      const start = toOffset(file, range.start);
      return shown(file.uri, start, file.source.text.slice(start, toOffset(file, range.end)));
    })
    .sort();
}

export function placesIn(scene: Scene, ranges: readonly { readonly range: Range }[]): readonly string[] {
  const { file } = scene;
  return ranges
    .map(({ range }) => {
      const start = toOffset(file, range.start);
      return shown(file.uri, start, file.source.text.slice(start, toOffset(file, range.end)));
    })
    .sort();
}

function shown(uri: string, start: number, text: string): string {
  return `${uri.replace(/^.*\//, '')}:${start} ${text}`;
}

function plain(marked: string): {
  readonly text: string;
  readonly cursor: number | null;
  readonly marks: readonly { readonly start: number; readonly end: number }[];
} {
  let text = '';
  let cursor: number | null = null;
  let start = 0;
  const marks: { start: number; end: number }[] = [];
  for (const part of marked.split(/(\$0|«|»)/)) {
    if (part === '$0') cursor = text.length;
    else if (part === '«') start = text.length;
    else if (part === '»') marks.push({ start, end: text.length });
    else text += part;
  }
  return { text, cursor, marks };
}
