/** From a name to its declarations: definition, declaration, implementation. */

import type { Location } from 'vscode-languageserver-types';
import { itemAt, type SymbolRef } from '../../core/semantics/record.ts';
import { resolveImport } from '../../core/semantics/imports.ts';
import type { Loc } from '../../core/semantics/hir.ts';
import type { FunctionItem, Item } from '../../core/syntax/ast.ts';
import type { Feature } from '../feature.ts';
import { type DeclaredPlace, declarationsOf, locationOf, meaningAt, shownUri, usesAt } from '../names.ts';
import { toOffset, toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';

export const definition: Feature = {
  capabilities: { definitionProvider: true, declarationProvider: true, implementationProvider: true },
  register(connection, server) {
    const { workspace } = server;
    connection.onDefinition(({ textDocument, position }, token) =>
      server.answer<Location[]>(textDocument, token, [], (scene) =>
        definitionsAt(workspace, scene, toOffset(scene.file, position)),
      ),
    );
    connection.onDeclaration(({ textDocument, position }, token) =>
      server.answer<Location[]>(textDocument, token, [], (scene) =>
        declarationsAt(workspace, scene, toOffset(scene.file, position)),
      ),
    );
    connection.onImplementation(({ textDocument, position }, token) =>
      server.answer<Location[]>(textDocument, token, [], (scene) =>
        implementationsAt(workspace, scene, toOffset(scene.file, position)),
      ),
    );
  },
};

/** The declaration that counts; where variants have different ones, all of them. An import leads to its file. */
export function definitionsAt(workspace: Workspace, scene: Scene, offset: number): Location[] {
  const imported = importedAt(workspace, scene, offset);
  if (imported !== null) return [imported];
  return each(workspace, scene, offset, (symbol, known) => {
    const others = declarationsOf(known, symbol).filter((place) => isAlternative(symbol, place));
    return [symbol.declared, ...others.map(nameOf)];
  });
}

/** Prototypes and other announcements; the definition where there are none. */
export function declarationsAt(workspace: Workspace, scene: Scene, offset: number): Location[] {
  const announced = each(workspace, scene, offset, (symbol, known) =>
    declarationsOf(known, symbol).filter(isAnnouncement).map(nameOf),
  );
  return announced.length > 0 ? announced : definitionsAt(workspace, scene, offset);
}

/** All bodies of a function: the one that is overridden, too, and the overrides of other scenarios. */
export function implementationsAt(workspace: Workspace, scene: Scene, offset: number): Location[] {
  const uses = usesAt(scene, offset);
  const symbol = uses[0]?.symbol;
  if (symbol?.kind !== 'function' && symbol?.kind !== 'primitive')
    return definitionsAt(workspace, scene, offset);
  const own = declarationsOf(scene, symbol).filter((place) => bodyOf(place) !== null);
  const found = own.flatMap((place) => locationOf(workspace, scene, nameOf(place)) ?? []);
  const known = new Set(own.map(({ uri }) => uri));
  return [...found, ...overridesElsewhere(workspace, symbol, known)];
}

function overridesElsewhere(
  workspace: Workspace,
  { name }: SymbolRef,
  known: ReadonlySet<string>,
): Location[] {
  return workspace.files().flatMap((uri) => {
    if (known.has(uri) || workspace.read(uri)?.includes(name) !== true) return [];
    const file = workspace.file(uri);
    if (file === null) return [];
    return file.source.items.flatMap(({ item, offset }) =>
      functionsIn(item)
        .filter((each) => each.override && each.name.text === name)
        .map((each) => ({
          uri: shownUri(workspace, uri),
          range: toRange(file, offset + each.name.start, offset + each.name.end),
        })),
    );
  });
}

// ---------------------------------------------------------------- parts

/** Places of all that the name means, each once. */
function each(
  workspace: Workspace,
  scene: Scene,
  offset: number,
  places: (symbol: SymbolRef, known: Scene) => readonly Loc[],
): Location[] {
  const { scene: known, uses } = meaningAt(workspace, scene, offset);
  const found = new Map<string, Loc>();
  for (const { symbol } of uses)
    for (const loc of places(symbol, known)) found.set(`${loc.uri} ${loc.item} ${loc.start}`, loc);
  return [...found.values()].flatMap((loc) => locationOf(workspace, known, loc) ?? []);
}

function nameOf({ uri, placed, outlined }: DeclaredPlace): Loc {
  const { start, end } = outlined.name;
  return { uri, item: placed.key, start, end, macro: null };
}

/** Declared where `when` lets another variant have it. */
function isAlternative(symbol: SymbolRef, place: DeclaredPlace): boolean {
  if (symbol.kind === 'check') return true;
  return place.placed.item.kind === 'when' && place.uri === symbol.declared.uri && !isAnnouncement(place);
}

/** A prototype, `extern`, or `struct page;`. */
function isAnnouncement({ placed, outlined }: DeclaredPlace): boolean {
  switch (outlined.kind) {
    case 'function':
    case 'primitive':
      return functionAt(placed.item, outlined.name.start)?.body === null;
    case 'global':
      return placed.item.kind === 'variable' && placed.item.isExtern;
    case 'struct':
    case 'union':
      return placed.item.kind === 'type' && placed.item.type.fields === null;
    default:
      return false;
  }
}

function bodyOf({ placed, outlined }: DeclaredPlace): FunctionItem['body'] {
  return functionAt(placed.item, outlined.name.start)?.body ?? null;
}

function functionAt(item: Item, nameStart: number): FunctionItem | undefined {
  return functionsIn(item).find((found) => found.name.start === nameStart);
}

function functionsIn(item: Item): readonly FunctionItem[] {
  if (item.kind === 'when') return item.items.flatMap(functionsIn);
  return item.kind === 'function' ? [item] : [];
}

function importedAt(workspace: Workspace, scene: Scene, offset: number): Location | null {
  const placed = itemAt(scene.project, scene.uri, offset);
  if (placed?.item.kind !== 'import') return null;
  const target = resolveImport(placed.item.path, scene.uri, scene.root);
  const file = target.kind === 'file' ? scene.project.files.get(target.uri) : undefined;
  return file === undefined ? null : { uri: shownUri(workspace, file.uri), range: toRange(file, 0, 0) };
}
