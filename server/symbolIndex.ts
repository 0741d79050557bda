/**
 * Where symbols stand, over all files of the workspace and the library. What one file says is kept as long as the
 * texts that it depends on are the same, and is worked out when somebody asks for a name that the file has.
 */

import type { CancellationToken } from 'vscode-languageserver';
import { isLibrary, libraryRoot, resolveImport } from '../core/semantics/imports.ts';
import { outlineOf } from '../core/semantics/outline.ts';
import type { Use } from '../core/semantics/record.ts';
import type { FileSnapshot } from '../core/semantics/snapshot.ts';
import type { PlacedItem } from '../core/syntax/ast.ts';
import { EXTENSION } from '../host/files.ts';
import { fileOfId, isLocal, variantOf } from './names.ts';
import type { Scene } from './scene.ts';
import type { Workspace } from './workspace.ts';

/** A name in a file; offsets are those of the file. */
export interface Occurrence {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
  /** All that it means, by id. */
  readonly ids: readonly string[];
  readonly write: boolean;
  readonly declares: boolean;
}

interface FileUses {
  readonly isScenario: boolean;
  /** Every text that went in; null for a file that is not there. */
  readonly closure: ReadonlyMap<string, string | null>;
  /** By id of the symbol. Some stand in other files: in macros, and in files that only this one gives a meaning. */
  readonly byId: ReadonlyMap<string, readonly Occurrence[]>;
  /** Those in other files, and in macros of this one. */
  readonly elsewhere: readonly Occurrence[];
}

/** Files of a workspace that give a meaning to the names of one file which they all import. */
const usersLimit = 16;

const indexes = new WeakMap<Workspace, SymbolIndex>();

export function symbolIndexOf(workspace: Workspace): SymbolIndex {
  let index = indexes.get(workspace);
  if (index === undefined) {
    index = new SymbolIndex(workspace);
    indexes.set(workspace, index);
  }
  return index;
}

export class SymbolIndex {
  private readonly workspace: Workspace;
  private readonly kept = new Map<string, FileUses>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /**
   * Every place of the symbols that the uses mean, and of all that such a place means besides. `known`: a scene with
   * the files that these symbols come from. Answers null when the token says that nobody waits any more.
   */
  async occurrences(
    uses: readonly Use[],
    known: Scene,
    token: CancellationToken | null = null,
  ): Promise<readonly Occurrence[] | null> {
    const ids = new Set(uses.map(({ symbol }) => symbol.id));
    const names = new Set(uses.flatMap(({ symbol }) => spellingsOf(symbol.name)));
    const reading = new Reading(this.workspace);
    const files = new Set(this.candidates(names, ids, known, reading));
    if (uses.some(({ symbol }) => symbol.kind === 'member'))
      for (const macro of this.macrosThatSpeakOf(names, reading))
        for (const user of this.candidates(new Set([macro]), ids, known, reading).slice(0, usersLimit))
          files.add(user);
    const indexed: FileUses[] = [];
    let began = performance.now();
    for (const uri of files) {
      const found = this.usesOf(uri, reading);
      if (found === null) continue;
      indexed.push(found);
      if (!found.isScenario && !isLibrary(uri))
        for (const user of this.workspace.users(uri).slice(0, usersLimit)) files.add(user);
      if (performance.now() - began < 20) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (token?.isCancellationRequested === true) return null;
      began = performance.now();
    }
    return gathered(indexed, ids);
  }

  /** All files that a file leads to, itself included, as far as it was looked at. */
  filesBehind(uri: string): Iterable<string> {
    return this.kept.get(uri)?.closure.keys() ?? [uri];
  }

  private candidates(
    names: ReadonlySet<string>,
    ids: ReadonlySet<string>,
    known: Scene,
    reading: Reading,
  ): readonly string[] {
    const pattern = patternOf(names);
    return this.filesFor(ids, known).filter((uri) => pattern.test(reading.text(uri) ?? ''));
  }

  /** Macros that have a member of one of these names: whose it is, only their uses can tell. */
  private *macrosThatSpeakOf(names: ReadonlySet<string>, reading: Reading): Iterable<string> {
    const member = patternOf(names, '(?:->|\\.)\\s*');
    for (const uri of [...this.workspace.files(), ...libraryFiles(this.workspace)]) {
      if (!member.test(reading.text(uri) ?? '')) continue;
      for (const placed of this.workspace.file(uri)?.source.items ?? []) {
        if (!member.test(placed.text)) continue;
        for (const { kind, name } of outlineOf(placed)) if (kind === 'macro') yield name.text;
      }
    }
  }

  private filesFor(ids: ReadonlySet<string>, known: Scene): readonly string[] {
    const declared = [...ids].map(fileOfId);
    if ([...ids].every(isLocal)) return declared;
    const all = [...this.workspace.files(), ...declared, ...known.project.files.keys()];
    // The library knows nothing of a workspace.
    return declared.some(isLibrary)
      ? [...new Set([...all, ...libraryFiles(this.workspace)])]
      : [...new Set(all)].filter((uri) => !isLibrary(uri));
  }

  /** null for a file that is not there. */
  private usesOf(uri: string, reading: Reading): FileUses | null {
    const kept = this.kept.get(uri);
    if (kept !== undefined && reading.isAll(kept.closure)) return kept;
    const scene = this.workspace.scene(uri);
    if (scene === null) {
      this.kept.delete(uri);
      return null;
    }
    const fresh = indexOf(scene);
    this.kept.set(uri, fresh);
    return fresh;
  }
}

/** Other ways to write a name: the guest's calls leave out a part, checks may have dashes. */
export function spellingsOf(name: string): readonly string[] {
  const found = [name];
  if (name.startsWith('guest_')) found.push(name.slice('guest_'.length));
  if (name.includes('_')) found.push(name.replaceAll('_', '-'));
  if (name.includes('-')) found.push(name.replaceAll('-', '_'));
  return found;
}

export function libraryFiles(workspace: Workspace): readonly string[] {
  return workspace.libraryPaths().map((path) => `${libraryRoot}${path}${EXTENSION}`);
}

function patternOf(names: ReadonlySet<string>, before = ''): RegExp {
  return new RegExp(`${before}(?<!\\w)(?:${[...names].join('|')})(?!\\w)`);
}

/** Texts as they are during one request: each is asked for once. */
class Reading {
  private readonly workspace: Workspace;
  private readonly texts = new Map<string, string | null>();

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  text(uri: string): string | null {
    let text = this.texts.get(uri);
    if (text === undefined) {
      text = this.workspace.read(uri);
      this.texts.set(uri, text);
    }
    return text;
  }

  isAll(closure: ReadonlyMap<string, string | null>): boolean {
    for (const [uri, text] of closure) if (this.text(uri) !== text) return false;
    return true;
  }
}

// ---------------------------------------------------------------- one file

function indexOf(scene: Scene): FileUses {
  const byId = new Map<string, Occurrence[]>();
  const elsewhere: Occurrence[] = [];
  for (const file of scene.project.order) {
    // A file that is no scenario means what those make of it that import it.
    const isOwn = file.uri === scene.uri;
    if (!isOwn && (isLibrary(file.uri) || isScenario(file))) continue;
    for (const placed of file.source.items) addItem(scene, file, placed, byId, elsewhere);
  }
  return { isScenario: scene.isScenario, closure: closureOf(scene), byId, elsewhere };
}

function addItem(
  scene: Scene,
  file: FileSnapshot,
  placed: PlacedItem,
  byId: Map<string, Occurrence[]>,
  elsewhere: Occurrence[],
): void {
  const recorded = scene.record(variantOf(scene), file.uri, placed.key);
  const own = add(byId, file.uri, placed.offset, recorded.uses);
  if (file.uri !== scene.uri) elsewhere.push(...own);
  const inMacros = new Map<string, Use[]>();
  for (const use of recorded.inMacros) {
    if (isLocal(use.symbol.id)) continue;
    const key = `${use.uri}\n${use.item}`;
    const list = inMacros.get(key);
    if (list === undefined) inMacros.set(key, [use]);
    else list.push(use);
  }
  for (const [key, uses] of inMacros) {
    const [uri = '', item = ''] = key.split('\n');
    const offset = scene.project.files.get(uri)?.items.get(item)?.offset;
    if (offset !== undefined) elsewhere.push(...add(byId, uri, offset, uses));
  }
}

function add(
  byId: Map<string, Occurrence[]>,
  uri: string,
  offset: number,
  uses: readonly Use[],
): readonly Occurrence[] {
  const added: Occurrence[] = [];
  for (let at = 0; at < uses.length; ) {
    const first = uses[at];
    if (first === undefined) break;
    let next = at + 1;
    while (uses[next]?.start === first.start) next++;
    const { start, end, write, declares } = first;
    const ids = uses.slice(at, next).map(({ symbol }) => symbol.id);
    const occurrence = { uri, start: offset + start, end: offset + end, ids, write, declares };
    for (const id of ids) {
      const list = byId.get(id);
      if (list === undefined) byId.set(id, [occurrence]);
      else list.push(occurrence);
    }
    added.push(occurrence);
    at = next;
  }
  return added;
}

function isScenario(file: FileSnapshot): boolean {
  return file.source.items.some(({ item }) => item.kind === 'scenario');
}

function closureOf({ project, root }: Scene): ReadonlyMap<string, string | null> {
  const closure = new Map<string, string | null>();
  for (const file of project.order) {
    closure.set(file.uri, file.source.text);
    for (const { path } of file.imports) {
      const target = resolveImport(path, file.uri, root);
      if (target.kind === 'file' && !project.files.has(target.uri)) closure.set(target.uri, null);
    }
  }
  return closure;
}

// ---------------------------------------------------------------- all files

/** Places of the ids; what such a place means besides is looked for as well, until nothing new comes in. */
function gathered(indexed: readonly FileUses[], ids: Set<string>): readonly Occurrence[] {
  const found = new Map<string, Occurrence>();
  const shared = new Map<string, Set<string>>();
  for (const { elsewhere } of indexed) {
    for (const occurrence of elsewhere) {
      const key = placeOf(occurrence);
      const meant = shared.get(key) ?? new Set();
      for (const id of occurrence.ids) meant.add(id);
      shared.set(key, meant);
    }
  }
  for (const id of ids) {
    for (const { byId } of indexed) {
      for (const occurrence of byId.get(id) ?? []) {
        const key = placeOf(occurrence);
        for (const other of [...occurrence.ids, ...(shared.get(key) ?? [])]) ids.add(other);
        const before = found.get(key);
        found.set(key, before === undefined ? occurrence : both(before, occurrence));
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : a.start - b.start));
}

function placeOf({ uri, start }: Occurrence): string {
  return `${uri} ${start}`;
}

function both(one: Occurrence, other: Occurrence): Occurrence {
  return {
    ...one,
    ids: [...new Set([...one.ids, ...other.ids])],
    write: one.write || other.write,
    declares: one.declares || other.declares,
  };
}
