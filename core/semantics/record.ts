/** What the checker resolved in an item of a file: names, types of expressions, visible locals. */

import type { PlacedItem } from '../syntax/ast.ts';
import { CheckCache } from './cache.ts';
import { collect } from './collect.ts';
import { Dependencies } from './dependencies.ts';
import type { Environment } from './environment.ts';
import { ItemRecorder, type Recorded, type Use } from './recordItem.ts';
import { recordItem } from './recordWalk.ts';
import { outlineOf } from './outline.ts';
import type { Variant } from './options.ts';
import { variantKey } from './options.ts';
import { docAbove, type Project } from './snapshot.ts';
import { SymbolTable } from './symbolTable.ts';
import type { SymbolRef } from './symbols.ts';

export type { Recorded, Use } from './recordItem.ts';
export { fileOf, type SymbolKind, type SymbolRef } from './symbols.ts';

/** Results kept for one item, and items with results. */
const resultLimit = 8;
const itemLimit = 20_000;

interface Kept {
  readonly text: string;
  readonly recorded: Recorded;
  readonly dependencies: Dependencies;
  /** Environments in which it was found to hold; projects where it speaks of names that no environment has. */
  readonly holdsIn: WeakSet<object>;
}

interface Store {
  readonly items: Map<string, Kept[]>;
  readonly tables: WeakMap<Environment, { readonly project: Project; readonly table: SymbolTable }>;
}

const stores = new WeakMap<CheckCache, Store>();
const ownCaches = new WeakMap<Project, CheckCache>();

const nothing: Recorded = { uses: [], inMacros: [], types: [], scopes: [] };

/**
 * Everything that was resolved in the item `itemKey` (PlacedItem.key) of file `uri`; offsets count from the beginning
 * of the item. Code with errors gives what could be resolved, and code that the variant leaves out is looked at too.
 * Nothing for a file or an item that is not there. With `cache` the work of checks and of earlier records is used again.
 */
export function record(
  project: Project,
  variant: Variant,
  uri: string,
  itemKey: string,
  cache: CheckCache = ownCache(project),
): Recorded {
  const placed = project.files.get(uri)?.items.get(itemKey);
  if (placed === undefined) return nothing;
  const env = environment(project, variant, cache);
  const store = storeOf(cache);
  const place = `${uri} ${itemKey}`;
  const kept = store.items.get(place) ?? [];
  // Checks and labels are looked up in all files, whatever the variant.
  const world = asksProject(placed) ? project : env;
  const table = tableOf(store, env, project);
  const known = kept.find(
    (each) =>
      each.text === placed.text &&
      (each.holdsIn.has(world) ||
        (world === env && each.dependencies.holdIn(env) && isCurrent(each.recorded, table))),
  );
  if (known !== undefined) {
    known.holdsIn.add(world);
    return known.recorded;
  }
  const dependencies = new Dependencies();
  const recorder = new ItemRecorder(env, table, uri, placed);
  recordItem(env, uri, placed, recorder, dependencies);
  const recorded = recorder.finish();
  const fresh = { text: placed.text, recorded, dependencies, holdsIn: new WeakSet([world]) };
  const others = kept.filter((each) => each.text === placed.text).slice(0, resultLimit - 1);
  store.items.delete(place);
  store.items.set(place, [fresh, ...others]);
  const oldest = store.items.keys().next();
  if (store.items.size > itemLimit && oldest.done === false) store.items.delete(oldest.value);
  return recorded;
}

/**
 * What the name at `offset` of a file means, and where in the file it stands; null where there is no name that was
 * resolved. Between two names the one that begins counts.
 */
export function symbolAt(
  project: Project,
  variant: Variant,
  uri: string,
  offset: number,
  cache: CheckCache = ownCache(project),
): { readonly symbol: SymbolRef; readonly start: number; readonly end: number } | null {
  const [first] = usesAt(project, variant, uri, offset, cache);
  return first === undefined ? null : { symbol: first.symbol, start: first.start, end: first.end };
}

/** The same with every meaning: `until out` may mean several labels. Offsets are those of the file. */
export function usesAt(
  project: Project,
  variant: Variant,
  uri: string,
  offset: number,
  cache: CheckCache = ownCache(project),
): readonly Use[] {
  return usesIn(project, uri, offset, (file, key) => record(project, variant, file, key, cache));
}

/** The same, with the records of one variant. */
export function usesIn(
  project: Project,
  uri: string,
  offset: number,
  recordOf: (uri: string, itemKey: string) => Recorded,
): readonly Use[] {
  const placed = itemAt(project, uri, offset);
  if (placed === null) return [];
  const at = offset - placed.offset;
  const own = touching(recordOf(uri, placed.key).uses, at);
  const found = own.length > 0 ? own : inUsesOfMacro(project, uri, placed, at, recordOf);
  return found.map((use) => ({ ...use, start: use.start + placed.offset, end: use.end + placed.offset }));
}

/** The top-level item at an offset, its end included; null between items. */
export function itemAt(project: Project, uri: string, offset: number): PlacedItem | null {
  const items = project.files.get(uri)?.source.items ?? [];
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const placed = items[low - 1];
  return placed !== undefined && offset <= placed.offset + placed.text.length ? placed : null;
}

/** Every name that is declared in the files of a project for others, those of other variants included; without locals. */
export function declarations(
  project: Project,
  variant: Variant,
  cache: CheckCache = ownCache(project),
): readonly SymbolRef[] {
  const env = environment(project, variant, cache);
  const table = tableOf(storeOf(cache), env, project);
  const found = new Map<string, SymbolRef>();
  for (const file of project.order) {
    for (const placed of file.source.items) {
      for (const outlined of outlineOf(placed)) {
        const symbol = table.own(file.uri, placed.key, outlined);
        if (!found.has(symbol.id)) found.set(symbol.id, symbol);
      }
    }
  }
  return [...found.values()];
}

/** The comment above a declaration, without its signs; empty when there is none. */
export function docOf(project: Project, { whole }: SymbolRef): string {
  const file = project.files.get(whole.uri);
  const offset = file?.items.get(whole.item)?.offset;
  return file === undefined || offset === undefined ? '' : docAbove(file.source.text, offset + whole.start);
}

// ---------------------------------------------------------------- parts

function ownCache(project: Project): CheckCache {
  let cache = ownCaches.get(project);
  if (cache === undefined) {
    cache = new CheckCache();
    ownCaches.set(project, cache);
  }
  return cache;
}

function storeOf(cache: CheckCache): Store {
  let store = stores.get(cache);
  if (store === undefined) {
    store = { items: new Map(), tables: new WeakMap() };
    stores.set(cache, store);
  }
  return store;
}

const environments = new WeakMap<Project, Map<string, WeakRef<Environment>>>();

/** The declarations of a variant; looked up once for a project, because every record asks for them. */
function environment(project: Project, variant: Variant, cache: CheckCache): Environment {
  const key = variantKey(variant);
  let known = environments.get(project);
  if (known === undefined) {
    known = new Map();
    environments.set(project, known);
  }
  const kept = known.get(key)?.deref();
  if (kept !== undefined) return kept;
  const env = cache.environment(project, variant, (earlier) => collect(project, variant, earlier));
  known.set(key, new WeakRef(env));
  return env;
}

function tableOf(store: Store, env: Environment, project: Project): SymbolTable {
  const kept = store.tables.get(env);
  if (kept?.project === project) return kept.table;
  const table = new SymbolTable(env, project);
  store.tables.set(env, { project, table });
  return table;
}

function asksProject({ item }: PlacedItem): boolean {
  return item.kind === 'expect' || item.kind === 'schedule' || item.kind === 'check' || item.kind === 'when';
}

/** A prototype that comes or goes elsewhere changes nothing but the ids of what it announces. */
function isCurrent({ uses, inMacros }: Recorded, table: SymbolTable): boolean {
  return [...uses, ...inMacros].every(({ symbol }) => table.agrees(symbol));
}

function touching(uses: readonly Use[], at: number): readonly Use[] {
  const around = uses.filter((use) => use.start <= at && at <= use.end);
  const begins = around.filter((use) => at < use.end);
  return begins.length > 0 ? begins : around;
}

/** Members in the body of a macro have a meaning where it is used. */
function inUsesOfMacro(
  project: Project,
  uri: string,
  placed: PlacedItem,
  at: number,
  recordOf: (uri: string, itemKey: string) => Recorded,
): readonly Use[] {
  if (!/\w/.test(placed.text.slice(Math.max(0, at - 1), at + 1))) return [];
  const macros = outlineOf(placed).filter((each) => each.kind === 'macro');
  for (const { name } of macros) {
    for (const file of project.order) {
      if (!file.source.text.includes(name.text)) continue;
      for (const user of file.source.items) {
        if (!user.text.includes(name.text)) continue;
        const { inMacros } = recordOf(file.uri, user.key);
        const found = touching(
          inMacros.filter((use) => use.uri === uri && use.item === placed.key),
          at,
        );
        if (found.length > 0) return found;
      }
    }
  }
  return [];
}
