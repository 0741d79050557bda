/** Who calls a function, and what it calls; of a lock, who takes it. */

import type { CancellationToken } from 'vscode-languageserver';
import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type Range,
  SymbolKind,
} from 'vscode-languageserver-types';
import type { HeldLock } from '../../core/locks/events.ts';
import { itemAt, type SymbolRef, type Use, usesIn } from '../../core/semantics/record.ts';
import { type FileSnapshot, resolveLoc } from '../../core/semantics/snapshot.ts';
import type { StructType, Type } from '../../core/semantics/types.ts';
import type { Item, Span } from '../../core/syntax/ast.ts';
import { pause } from '../answers.ts';
import type { Feature, FeatureServer } from '../feature.ts';
import { shownUri, usesAt, variantOf } from '../names.ts';
import { toOffset, toRange } from '../positions.ts';
import type { Scene } from '../scene.ts';
import { symbolIndexOf } from '../symbolIndex.ts';
import { coreUri, type Workspace } from '../workspace.ts';

/** Variants, and scenarios that use a file of the library, whose locks are looked at. */
const mostVariants = 8;
const mostScenarios = 16;

export const callHierarchy: Feature = {
  capabilities: { callHierarchyProvider: true },
  register(connection, server) {
    const { workspace } = server;
    const { onPrepare, onIncomingCalls, onOutgoingCalls } = connection.languages.callHierarchy;
    onPrepare(({ textDocument, position }, token) =>
      server.answer<CallHierarchyItem[]>(textDocument, token, [], (scene) =>
        itemsAt(workspace, scene, toOffset(scene.file, position)),
      ),
    );
    onIncomingCalls(({ item }, token) =>
      about(server, item, token, (scene) => incomingCalls(workspace, scene, item, token)),
    );
    onOutgoingCalls(({ item }, token) =>
      about(server, item, token, async (scene) => outgoingCalls(workspace, scene, item)),
    );
  },
};

/** With the scene in which the item was found: a function of the library means more there than by itself. */
function about<T>(
  server: FeatureServer,
  item: CallHierarchyItem,
  token: CancellationToken,
  compute: (scene: Scene) => Promise<T[]>,
): Promise<T[]> {
  const data: unknown = item?.data;
  const uri = typeof data === 'string' ? data : item?.uri;
  return server.answer<T[]>({ uri }, token, [], compute);
}

// ---------------------------------------------------------------- requests

export function itemsAt(workspace: Workspace, scene: Scene, offset: number): CallHierarchyItem[] {
  return usesAt(scene, offset).flatMap(({ symbol }) => {
    const isKnown = calls.has(symbol.kind) || symbol.kind === 'actor' || isLock(symbol);
    const item = isKnown ? itemOfSymbol(workspace, scene, symbol) : null;
    return item === null ? [] : [item];
  });
}

export async function incomingCalls(
  workspace: Workspace,
  scene: Scene,
  item: CallHierarchyItem,
  token: CancellationToken | null = null,
): Promise<CallHierarchyIncomingCall[]> {
  const uses = usesOf(scene, item);
  const lock = uses.find(({ symbol }) => isLock(symbol));
  const places =
    lock === undefined
      ? await usePlaces(workspace, scene, uses, token)
      : await acquisitions(workspace, scene, lock.symbol, token);
  const byCaller = new Map<
    string,
    { readonly from: CallHierarchyItem; readonly ranges: Map<string, Range> }
  >();
  for (const { file, start, end, detail } of places) {
    const caller = callerAt(file, start);
    if (caller === null) continue;
    const key = `${file.uri} ${caller.start}`;
    let entry = byCaller.get(key);
    if (entry === undefined) {
      const from = itemOf(workspace, scene, file, caller);
      entry = { from: detail === '' ? from : { ...from, detail }, ranges: new Map() };
      byCaller.set(key, entry);
    }
    const range = toRange(file, start, end);
    entry.ranges.set(`${range.start.line} ${range.start.character}`, range);
  }
  return [...byCaller.values()].map(({ from, ranges }) => ({ from, fromRanges: [...ranges.values()] }));
}

export function outgoingCalls(
  workspace: Workspace,
  scene: Scene,
  item: CallHierarchyItem,
): CallHierarchyOutgoingCall[] {
  const file = scene.project.files.get(coreUri(item.uri));
  if (file === undefined) return [];
  const at = toOffset(file, item.selectionRange.start);
  const placed = itemAt(scene.project, file.uri, at);
  const caller = callerAt(file, at);
  if (placed === null || caller === null) return [];
  const found = new Map<string, { readonly to: CallHierarchyItem; readonly fromRanges: Range[] }>();
  for (const use of scene.record(variantOf(scene), file.uri, placed.key).uses) {
    const { symbol, declares } = use;
    const [start, end] = [placed.offset + use.start, placed.offset + use.end];
    if (declares || !calls.has(symbol.kind) || start < caller.start || end > caller.end) continue;
    let call = found.get(symbol.id);
    if (call === undefined) {
      const to = itemOfSymbol(workspace, scene, symbol);
      if (to === null) continue;
      call = { to, fromRanges: [] };
      found.set(symbol.id, call);
    }
    call.fromRanges.push(toRange(file, start, end));
  }
  return [...found.values()];
}

// ---------------------------------------------------------------- places

interface Place extends Span {
  readonly file: FileSnapshot;
  readonly detail: string;
}

function usesOf(scene: Scene, item: CallHierarchyItem): readonly Use[] {
  const file = scene.project.files.get(coreUri(item.uri));
  if (file === undefined) return [];
  const variant = variantOf(scene);
  const offset = toOffset(file, item.selectionRange.start);
  return usesIn(scene.project, file.uri, offset, (uri, key) => scene.record(variant, uri, key));
}

async function usePlaces(
  workspace: Workspace,
  scene: Scene,
  uses: readonly Use[],
  token: CancellationToken | null,
): Promise<Place[]> {
  const found = uses.length === 0 ? [] : await symbolIndexOf(workspace).occurrences(uses, scene, token);
  return (found ?? []).flatMap(({ uri, start, end, declares }) => {
    const file = declares ? null : workspace.file(uri);
    return file === null ? [] : [{ file, start, end, detail: '' }];
  });
}

/** Where the lock is taken, in any variant of the scenario, or of those that use a file which is none. */
async function acquisitions(
  workspace: Workspace,
  scene: Scene,
  lock: SymbolRef,
  token: CancellationToken | null,
): Promise<Place[]> {
  const scenes = scene.isScenario ? [scene.uri] : workspace.users(scene.uri).slice(0, mostScenarios);
  const wanted = classKeys(lock);
  const found: Place[] = [];
  for (const uri of scenes) {
    const user = uri === scene.uri ? scene : workspace.scene(uri);
    for (const variant of user?.variants.slice(0, mostVariants) ?? []) {
      await pause();
      if (user === null || token?.isCancellationRequested === true) return found;
      for (const event of user.locks(variant)?.events ?? []) {
        if (event.kind !== 'acquire' || !wanted.includes(event.lock.class.key.replace(/#\d+$/, ''))) continue;
        const at = resolveLoc(user.project, event.loc);
        const file = user.project.files.get(event.loc.uri);
        if (at !== null && file !== undefined)
          found.push({ file, start: at.start, end: at.end, detail: modeOf(event.lock) });
      }
    }
  }
  return found;
}

/** As core/locks names the class of a lock; a local may be a static one. */
function classKeys({ kind, name, container }: SymbolRef): readonly string[] {
  if (kind === 'member') return [`struct ${(container ?? '').replace(/^(?:struct|union) /, '')}/${name}`];
  if (kind === 'pool') return [`pool ${name}`];
  return kind === 'local' ? [`local ${name}`, `global ${container}.${name}`] : [`global ${name}`];
}

function modeOf({ read, trylock }: HeldLock): string {
  const mode = read === 0 ? 'takes it' : 'takes it shared';
  return trylock ? `tries: ${mode}` : mode;
}

function isLock({ kind, type }: SymbolRef): boolean {
  if (kind !== 'global' && kind !== 'member' && kind !== 'pool' && kind !== 'local') return false;
  return lockTypeOf(type)?.lock != null;
}

function lockTypeOf(type: Type | null): StructType | null {
  if (type?.kind === 'array') return lockTypeOf(type.of);
  return type?.kind === 'struct' ? type : null;
}

// ---------------------------------------------------------------- items

const calls: ReadonlySet<string> = new Set(['function', 'primitive', 'macro']);

interface Caller extends Span {
  readonly name: string;
  readonly kind: SymbolKind;
  readonly at: Span;
}

/** The function, actor or other item around an offset of a file; offsets are those of the file. */
function callerAt({ source }: FileSnapshot, offset: number): Caller | null {
  const placed = source.items.findLast((each) => each.offset <= offset);
  if (placed === undefined) return null;
  const item = innermost(placed.item, offset - placed.offset);
  const named = nameOf(item);
  if (named === null) return null;
  const { name, kind, at } = named;
  const from = (span: Span): Span => ({ start: placed.offset + span.start, end: placed.offset + span.end });
  return { name, kind, ...from(item), at: from(at) };
}

function innermost(item: Item, offset: number): Item {
  const inner =
    item.kind === 'when' ? item.items.find((each) => each.start <= offset && offset <= each.end) : undefined;
  return inner === undefined ? item : innermost(inner, offset);
}

function nameOf(item: Item): { readonly name: string; readonly kind: SymbolKind; readonly at: Span } | null {
  switch (item.kind) {
    case 'function':
      return { name: item.name.text, kind: SymbolKind.Function, at: item.name };
    case 'actor':
      return { name: item.name.text, kind: SymbolKind.Class, at: item.name };
    case 'macro':
      return { name: item.name.text, kind: SymbolKind.Constant, at: item.name };
    case 'property':
      return { name: item.name.text, kind: SymbolKind.Property, at: item.name };
    case 'init':
      return { name: 'init', kind: SymbolKind.Constructor, at: { start: item.start, end: item.start + 4 } };
    case 'hook': {
      const at = item.target ?? item.lock ?? item;
      return { name: `${item.hook} ${item.target?.text ?? 'release'}`, kind: SymbolKind.Event, at };
    }
    case 'schedule':
    case 'view':
      return { name: item.title || item.kind, kind: SymbolKind.Interface, at: item };
    case 'lock-type':
      return { name: 'lock_type', kind: SymbolKind.Key, at: item.type };
    default:
      return null;
  }
}

function itemOf(workspace: Workspace, scene: Scene, file: FileSnapshot, caller: Caller): CallHierarchyItem {
  return {
    name: caller.name || '…',
    kind: caller.kind,
    uri: shownUri(workspace, file.uri),
    range: toRange(file, caller.start, caller.end),
    selectionRange: toRange(file, caller.at.start, caller.at.end),
    data: shownUri(workspace, scene.project.files.has(file.uri) ? scene.uri : file.uri),
  };
}

function itemOfSymbol(workspace: Workspace, scene: Scene, symbol: SymbolRef): CallHierarchyItem | null {
  const { declared, whole } = symbol;
  const file = scene.project.files.get(declared.uri);
  const at = resolveLoc(scene.project, declared);
  const around = resolveLoc(scene.project, whole);
  if (file === undefined || at === null || around === null) return null;
  const lock = isLock(symbol);
  const caller = lock ? null : callerAt(file, at.start);
  const name = symbol.container !== null && lock ? `${symbol.container}: ${symbol.name}` : symbol.name;
  const kind = lock ? SymbolKind.Key : (caller?.kind ?? SymbolKind.Function);
  const { start, end } = caller ?? around;
  return itemOf(workspace, scene, file, { name, kind, start, end, at });
}
