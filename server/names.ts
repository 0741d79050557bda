/** What the features that follow names share: what a name means, and where declarations stand. */

import type { Location } from 'vscode-languageserver-types';
import type { Loc } from '../core/semantics/hir.ts';
import { defaultProfile, type Variant } from '../core/semantics/options.ts';
import { declaredIn, type Outlined } from '../core/semantics/outline.ts';
import { type SymbolRef, type Use, usesIn } from '../core/semantics/record.ts';
import { resolveLoc } from '../core/semantics/snapshot.ts';
import type { PlacedItem } from '../core/syntax/ast.ts';
import { toRange } from './positions.ts';
import type { Scene } from './scene.ts';
import { clientUri, type Workspace } from './workspace.ts';

/** Declarations are looked up in one variant: what others have instead is found by its name. */
export function variantOf(scene: Scene): Variant {
  return scene.variants[0] ?? { options: new Map(), memoryModel: 'sc', profile: defaultProfile };
}

/** What the name at an offset of the scene's file means; several things for one that stands for all of them. */
export function usesAt(scene: Scene, offset: number): readonly Use[] {
  const variant = variantOf(scene);
  return usesIn(scene.project, scene.uri, offset, (uri, key) => scene.record(variant, uri, key));
}

/** Scenarios that are asked what a name in a file means that they import. */
const mostAsked = 4;

/** The same; a file that is no scenario may mean something only where it is imported. With the scene that knows. */
export function meaningAt(
  workspace: Workspace,
  scene: Scene,
  offset: number,
): { readonly scene: Scene; readonly uses: readonly Use[] } {
  const uses = usesAt(scene, offset);
  const isName = /\w/.test(scene.text.slice(Math.max(0, offset - 1), offset + 1));
  if (uses.length > 0 || scene.isScenario || !isName) return { scene, uses };
  for (const uri of workspace.users(scene.uri).slice(0, mostAsked)) {
    const user = workspace.scene(uri);
    if (user === null || user.uri === scene.uri) continue;
    const variant = variantOf(user);
    const found = usesIn(user.project, scene.uri, offset, (file, key) => user.record(variant, file, key));
    if (found.length > 0) return { scene: user, uses: found };
  }
  return { scene, uses };
}

/** The file as the editor names it. */
export function shownUri(workspace: Workspace, uri: string): string {
  return workspace.document(uri)?.clientUri ?? clientUri(uri);
}

/** null when the place is not there any more. */
export function locationOf(workspace: Workspace, scene: Scene, loc: Loc): Location | null {
  const at = resolveLoc(scene.project, loc);
  const file = scene.project.files.get(loc.uri);
  if (at === null || file === undefined) return null;
  return { uri: shownUri(workspace, loc.uri), range: toRange(file, at.start, at.end) };
}

/** Whether a symbol belongs to one item, so that no other item can speak of it. */
export function isLocal(id: string): boolean {
  return id.includes('@');
}

/** The file that gives an id its name. */
export function fileOfId(id: string): string {
  return id.slice(0, id.indexOf('|'));
}

export interface DeclaredPlace {
  readonly uri: string;
  readonly placed: PlacedItem;
  readonly outlined: Outlined;
}

/** Every declaration of a symbol in the files of a project: prototypes, overrides, and those of other variants. */
export function declarationsOf({ project }: Scene, { id, kind }: SymbolRef): readonly DeclaredPlace[] {
  const path = id.slice(id.indexOf('|') + 1);
  const home = fileOfId(id);
  return project.order.flatMap((file) => {
    // What can be announced, or overridden, can be so in another file.
    if (file.uri !== home && !shared.has(kind)) return [];
    return declaredIn(file, path).flatMap(({ key, outlined }) => {
      const placed = file.items.get(key);
      return placed === undefined ? [] : [{ uri: file.uri, placed, outlined }];
    });
  });
}

const shared: ReadonlySet<string> = new Set(['function', 'primitive', 'global', 'struct', 'union']);
