/** From what the checker found for a name to the symbol that an editor knows. */

import type { FieldItem, PlacedItem } from '../syntax/ast.ts';
import {
  type ActorDeclaration,
  type AnyDeclaration,
  declarationOf,
  type Environment,
  type StructDeclaration,
} from './environment.ts';
import type { Loc } from './hir.ts';
import { pointerTo } from './conversions.ts';
import {
  checksIn,
  declaredIn,
  labelPath,
  labelsIn,
  type Outlined,
  outlinedAt,
  outlineOf,
  type Place,
} from './outline.ts';
import { isLibrary } from './imports.ts';
import type { Home } from './scope.ts';
import type { FileSnapshot, Project } from './snapshot.ts';
import { findField } from './structs.ts';
import type { SymbolRef } from './symbols.ts';
import type { StructType, Type } from './types.ts';

/** What can be announced in one place and defined in another, or overridden. */
const manifold: ReadonlySet<string> = new Set(['function', 'primitive', 'global', 'struct', 'union']);

/** Symbols of the declarations of one variant. */
export class SymbolTable {
  private readonly env: Environment;
  private readonly project: Project;
  private readonly memo = new Map<unknown, SymbolRef | null>();
  private readonly members = new Map<StructType, Map<string, SymbolRef | null>>();
  private readonly homes = new Map<string, string | null>();
  private memberTypes: ReadonlyMap<string, Type> | null = null;

  constructor(env: Environment, project: Project) {
    this.env = env;
    this.project = project;
  }

  /** null for what has no declaration in any file: `NULL`, `memory_model`. */
  declared(declaration: AnyDeclaration | ActorDeclaration): SymbolRef | null {
    let symbol = this.memo.get(declaration);
    if (symbol === undefined) {
      symbol = this.symbolOf(declaration);
      this.memo.set(declaration, symbol);
    }
    return symbol;
  }

  private symbolOf(declaration: AnyDeclaration | ActorDeclaration): SymbolRef | null {
    if ('kind' in declaration && declaration.kind === 'predefined') return null;
    const { loc } = declaration;
    const outlined = this.outlined(loc.uri, loc.item, loc.start);
    if (outlined === undefined) return null;
    const type = 'kind' in declaration ? typeOf(declaration) : null;
    return symbolFrom(this.homeOf(loc.uri, outlined), loc.uri, loc.item, outlined, type);
  }

  member(struct: StructType, name: string): SymbolRef | null {
    let members = this.members.get(struct);
    if (members === undefined) {
      members = new Map();
      this.members.set(struct, members);
    }
    let symbol = members.get(name);
    if (symbol === undefined) {
      symbol = this.memberOf(struct, name);
      members.set(name, symbol);
    }
    return symbol;
  }

  private memberOf(struct: StructType, name: string): SymbolRef | null {
    const path = findField(struct, name) ?? [];
    let owner = struct;
    for (const each of path.slice(0, -1)) if (each.type.kind === 'struct') owner = each.type;
    const declaration = declarationOf(owner);
    // A field that another variant has is found by its name.
    const item = fieldItem(declaration?.node.fields ?? [], name);
    const type = path.at(-1)?.type ?? null;
    if (declaration === undefined || item?.name === undefined || item.name === null) return null;
    const { home } = declaration;
    const outlined = this.outlined(home.uri, home.item, item.name.start);
    if (outlined !== undefined) return symbolFrom(home.uri, home.uri, home.item, outlined, type);
    return localSymbol(home, item.name, item.name.text, 'member', type);
  }

  /** A value of an option or a setting. */
  value(of: AnyDeclaration, name: string): SymbolRef | null {
    if (of.kind !== 'option' && of.kind !== 'setting') return null;
    const placed = this.project.files.get(of.loc.uri)?.items.get(of.loc.item);
    const owner = placed === undefined ? undefined : outlinedAt(placed, of.loc.start);
    if (placed === undefined || owner === undefined) return null;
    const container = `${of.kind} ${of.name}`;
    const found = this.within(placed, owner, container, name);
    return found === undefined ? null : symbolFrom(of.loc.uri, of.loc.uri, of.loc.item, found, of.type);
  }

  private within(placed: PlacedItem, owner: Outlined, container: string, name: string): Outlined | undefined {
    const { item } = placed;
    const values = item.kind === 'option' || item.kind === 'setting' ? (item.values ?? []) : [];
    for (const value of values) if (value.text === name) return outlinedAt(placed, value.start);
    // Inside a `when`: the value that stands behind its option.
    let best: Outlined | undefined;
    for (const each of outlineOf(placed))
      if (each.container === container && each.name.text === name && each.name.start > owner.name.start)
        best ??= each;
    return best;
  }

  /** Checks of this name, in snake_case, wherever they are declared. */
  checks(name: string): readonly SymbolRef[] {
    return this.places(checksIn, name);
  }

  /** Labels that a schedule in file `uri` can mean: its own come first, then those of the workspace. */
  labels(uri: string, name: string): readonly SymbolRef[] {
    const all = this.places(labelsIn, name);
    const own = all.filter((each) => each.declared.uri === uri);
    if (own.length > 0) return own;
    const workspace = all.filter((each) => !isLibrary(each.declared.uri));
    return workspace.length > 0 ? workspace : all;
  }

  private places(
    of: (file: FileSnapshot) => ReadonlyMap<string, readonly Place[]>,
    name: string,
  ): readonly SymbolRef[] {
    return this.project.order.flatMap((file) =>
      (of(file).get(name) ?? []).map(({ key, outlined }) =>
        symbolFrom(file.uri, file.uri, key, outlined, null),
      ),
    );
  }

  /** What a name of file scope means in some other variant. */
  absent(space: 'name' | 'tag', name: string): SymbolRef | null {
    for (const file of this.project.order) {
      const [found] = declaredIn(file, `${space}:${name}`);
      if (found !== undefined)
        return symbolFrom(this.homeOf(file.uri, found.outlined), file.uri, found.key, found.outlined, null);
    }
    return null;
  }

  label(home: Home, name: string): SymbolRef | null {
    const path = labelPath(home.item, name);
    const placed = this.project.files.get(home.uri)?.items.get(home.item);
    const outlined = placed === undefined ? undefined : outlineOf(placed).find((each) => each.path === path);
    return outlined === undefined ? null : symbolFrom(home.uri, home.uri, home.item, outlined, null);
  }

  /** The symbol of a name in its own declaration; where that does not count, of the declaration that does. */
  own(uri: string, key: string, outlined: Outlined): SymbolRef {
    const home = this.homeOf(uri, outlined);
    return this.counting(outlined) ?? symbolFrom(home, uri, key, outlined, this.typeAt(uri, key, outlined));
  }

  /**
   * The file that gives a symbol its id. What can be declared more than once belongs to the first of these files, in
   * the order of imports: an override to the file of what it replaces, a definition to that of its prototype.
   */
  private homeOf(uri: string, { path, kind }: Outlined): string {
    return manifold.has(kind) ? (this.homeOfPath(path) ?? uri) : uri;
  }

  private homeOfPath(path: string): string | null {
    let home = this.homes.get(path);
    if (home === undefined) {
      const first = this.project.order.find((file) =>
        declaredIn(file, path).some(({ outlined }) => manifold.has(outlined.kind)),
      );
      home = first?.uri ?? null;
      this.homes.set(path, home);
    }
    return home;
  }

  /** Whether a symbol of an earlier table has the id that this one would give it. */
  agrees({ id, kind }: SymbolRef): boolean {
    if (!manifold.has(kind) || id.includes('@')) return true;
    const bar = id.indexOf('|');
    const home = this.homeOfPath(id.slice(bar + 1));
    return home === null || home === id.slice(0, bar);
  }

  private counting(outlined: Outlined): SymbolRef | null {
    const { kind, name, container } = outlined;
    if (container !== null) return null;
    const { env } = this;
    if (kind === 'struct' || kind === 'union') {
      const declaration = env.structs.get(name.text);
      return declaration === undefined ? null : this.declared(declaration);
    }
    const declaration = env.names.get(name.text);
    const isFunction = kind === 'function' || kind === 'primitive';
    if (isFunction && declaration?.kind === 'function') return this.declared(declaration);
    if (kind === 'global' && declaration?.kind === 'variable') return this.declared(declaration);
    return null;
  }

  private typeAt(uri: string, key: string, { kind, name }: Outlined): Type | null {
    const { env } = this;
    if (kind === 'member') {
      this.memberTypes ??= memberTypesOf(env);
      return this.memberTypes.get(placeOf(uri, key, name.start)) ?? null;
    }
    const declaration = kind === 'enum' ? env.enums.get(name.text) : env.names.get(name.text);
    const isThis =
      declaration?.loc.uri === uri && declaration.loc.item === key && declaration.loc.start === name.start;
    return isThis ? typeOf(declaration) : null;
  }

  private outlined(uri: string, key: string, start: number): Outlined | undefined {
    const placed = this.project.files.get(uri)?.items.get(key);
    return placed === undefined ? undefined : outlinedAt(placed, start);
  }
}

export function localSymbol(
  home: Home,
  span: { readonly start: number; readonly end: number },
  name: string,
  kind: SymbolRef['kind'],
  type: Type | null,
): SymbolRef {
  const declared: Loc = { uri: home.uri, item: home.item, start: span.start, end: span.end, macro: null };
  return {
    id: `${home.uri}|${home.item}@${span.start}`,
    kind,
    name,
    declared,
    whole: declared,
    type,
    container: home.item.replace(/^[^:]*:/, ''),
  };
}

function symbolFrom(
  file: string,
  uri: string,
  item: string,
  { path, kind, name, whole, container }: Outlined,
  type: Type | null,
): SymbolRef {
  return {
    id: `${file}|${path}`,
    kind,
    name: name.text,
    declared: { uri, item, start: name.start, end: name.end, macro: null },
    whole: { uri, item, start: whole.start, end: whole.end, macro: null },
    type,
    container,
  };
}

function typeOf(declaration: AnyDeclaration): Type | null {
  switch (declaration.kind) {
    case 'variable':
    case 'vcpu-state':
      return declaration.variable?.type ?? null;
    case 'pool':
      return declaration.pool === null
        ? null
        : { kind: 'array', of: declaration.pool.type, length: declaration.pool.length };
    case 'enumerator':
      return declaration.of.type;
    case 'macro':
      return null;
    case 'event': {
      const params = declaration.params.map((param) => param ?? pointerTo({ kind: 'void' }));
      return { kind: 'function', params, returns: { kind: 'void' } };
    }
    default:
      return declaration.type;
  }
}

function fieldItem(fields: readonly FieldItem[], name: string): (FieldItem & { kind: 'field' }) | undefined {
  for (const field of fields) {
    const found =
      field.kind === 'when' ? fieldItem(field.fields, name) : field.name?.text === name ? field : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function placeOf(uri: string, key: string, start: number): string {
  return `${uri} ${key} ${start}`;
}

function memberTypesOf(env: Environment): ReadonlyMap<string, Type> {
  const types = new Map<string, Type>();
  const add = ({ node, type, home }: StructDeclaration): void => {
    for (const field of type.fields) {
      const item = fieldItem(node.fields ?? [], field.name);
      if (item !== undefined && item.name !== null)
        types.set(placeOf(home.uri, home.item, item.name.start), field.type);
    }
  };
  for (const declaration of env.allStructs) {
    add(declaration);
    for (const field of declaration.type.fields) {
      const inner = field.type.kind === 'struct' ? declarationOf(field.type) : undefined;
      if (inner !== undefined) add(inner);
    }
  }
  return types;
}
