/** What an item declares, from its syntax alone: every name that others can refer to, whatever the variant. */

import type {
  Declarator,
  FieldItem,
  Item,
  Name,
  PlacedItem,
  Span,
  TagType,
  TypeExpr,
} from '../syntax/ast.ts';
import { checkName } from './intrinsicsChecks.ts';
import type { FileSnapshot } from './snapshot.ts';
import type { SymbolKind } from './symbols.ts';
import { eachSyntax } from './syntaxWalk.ts';

/** Offsets count from the beginning of the item. */
export interface Outlined {
  /** The rest of the symbol's id, behind the file: `name:f`, `tag:page.role.level`. */
  readonly path: string;
  readonly kind: SymbolKind;
  readonly name: Name;
  /** The declaration, without the body of a function or actor. */
  readonly whole: Span;
  readonly container: string | null;
}

const known = new WeakMap<Item, readonly Outlined[]>();

export function outlineOf({ item, key }: PlacedItem): readonly Outlined[] {
  let outline = known.get(item);
  if (outline === undefined) {
    const builder = new Builder(key);
    builder.item(item);
    outline = builder.found;
    known.set(item, outline);
  }
  return outline;
}

const byPlace = new WeakMap<PlacedItem, ReadonlyMap<number, Outlined>>();

/** What is declared by the name at an offset in an item. */
export function outlinedAt(placed: PlacedItem, start: number): Outlined | undefined {
  let places = byPlace.get(placed);
  if (places === undefined) {
    places = new Map(outlineOf(placed).map((each) => [each.name.start, each]));
    byPlace.set(placed, places);
  }
  return places.get(start);
}

const checksOf = new WeakMap<FileSnapshot, ReadonlyMap<string, readonly Place[]>>();
const labelsOf = new WeakMap<FileSnapshot, ReadonlyMap<string, readonly Place[]>>();

export interface Place {
  readonly key: string;
  readonly outlined: Outlined;
}

const pathsOf = new WeakMap<FileSnapshot, ReadonlyMap<string, readonly Place[]>>();

/** What a file declares at this path, in all variants, and again in prototypes. */
export function declaredIn(file: FileSnapshot, path: string): readonly Place[] {
  let paths = pathsOf.get(file);
  if (paths === undefined) {
    paths = gathered(file, ({ path: each }) => each);
    pathsOf.set(file, paths);
  }
  return paths.get(path) ?? [];
}

/** Checks of a file by name in snake_case, and labels of its bodies by name. */
export function checksIn(file: FileSnapshot): ReadonlyMap<string, readonly Place[]> {
  return gather(checksOf, file, 'check');
}

export function labelsIn(file: FileSnapshot): ReadonlyMap<string, readonly Place[]> {
  return gather(labelsOf, file, 'label');
}

function gather(
  memo: WeakMap<FileSnapshot, ReadonlyMap<string, readonly Place[]>>,
  file: FileSnapshot,
  kind: SymbolKind,
): ReadonlyMap<string, readonly Place[]> {
  let found = memo.get(file);
  if (found === undefined) {
    found = gathered(file, (outlined) => {
      if (outlined.kind !== kind) return null;
      return kind === 'check' ? checkName(outlined.name.text) : outlined.name.text;
    });
    memo.set(file, found);
  }
  return found;
}

/** Declarations of a file by a key; those without one are left out. */
function gathered(
  file: FileSnapshot,
  keyOf: (outlined: Outlined) => string | null,
): ReadonlyMap<string, readonly Place[]> {
  const found = new Map<string, Place[]>();
  for (const placed of file.source.items) {
    for (const outlined of outlineOf(placed)) {
      const key = keyOf(outlined);
      if (key === null) continue;
      const list = found.get(key);
      if (list === undefined) found.set(key, [{ key: placed.key, outlined }]);
      else list.push({ key: placed.key, outlined });
    }
  }
  return found;
}

/** The path of a label: labels belong to the body that they stand in. */
export function labelPath(key: string, label: string): string {
  return `${key}:label:${label}`;
}

class Builder {
  readonly found: Outlined[] = [];
  private readonly key: string;

  constructor(key: string) {
    this.key = key;
  }

  item(item: Item): void {
    switch (item.kind) {
      case 'when':
        for (const each of item.items) this.item(each);
        return;
      case 'option':
        this.named('option', item.name, item, 'name');
        this.values(`option ${item.name.text}`, item.name.text, item.values);
        return;
      case 'setting':
        this.named('setting', item.name, item, 'name');
        this.values(`setting ${item.name.text}`, item.name.text, item.values ?? []);
        return;
      case 'pool':
        this.named('pool', item.name, item, 'name');
        this.type(item.type, `name:${item.name.text}`, item.name.text);
        return;
      case 'variable':
        for (const declarator of item.declarators) this.variable(item, declarator);
        return;
      case 'type':
        this.type(item.type, `tag:`, item.type.tag);
        return;
      case 'typedef':
        this.named('typedef', item.name, item, 'name');
        this.type(item.type, `name:${item.name.text}`, item.name.text);
        return;
      case 'function': {
        const whole = { start: item.start, end: item.body?.start ?? item.end };
        this.named(item.primitive ? 'primitive' : 'function', item.name, whole, 'name');
        this.type(item.returns, `name:${item.name.text}`, item.name.text);
        if (item.body !== null) this.inside(item, item.name.text);
        return;
      }
      case 'macro':
        this.named('macro', item.name, item, 'name');
        if (item.body.kind === 'statement' || item.body.kind === 'loop-head')
          this.inside(item, item.name.text);
        return;
      case 'vcpu-state':
        this.named('vcpu-state', item.name, item, 'name');
        this.type(item.type, `name:${item.name.text}`, item.name.text);
        return;
      case 'event':
        this.named('event', item.name, item, 'event');
        return;
      case 'actor':
        this.named('actor', item.name, { start: item.start, end: item.body.start }, 'actor');
        this.inside(item, item.name.text);
        return;
      case 'property':
        this.check(item.name, item, null);
        this.inside(item, item.name.text);
        return;
      case 'hook':
        if (item.check !== null && item.check.name !== null) this.check(item.check.name, item, null);
        this.inside(item, item.target?.text ?? null);
        return;
      case 'init':
        this.inside(item, 'init');
        return;
      case 'view':
        this.inside(item, item.title);
        return;
      default:
        return;
    }
  }

  private named(kind: SymbolKind, name: Name, whole: Span, space: 'name' | 'event' | 'actor'): void {
    this.add(`${space}:${name.text}`, kind, name, whole, null);
  }

  private add(path: string, kind: SymbolKind, name: Name, whole: Span, container: string | null): void {
    if (name.text === '') return;
    const { start, end } = whole;
    this.found.push({ path, kind, name, whole: { start, end }, container });
  }

  private check(name: Name, whole: Span, container: string | null): void {
    this.add(`check:${checkName(name.text)}`, 'check', name, whole, container);
  }

  private values(container: string, owner: string, values: readonly Name[]): void {
    for (const value of values) this.add(`name:${owner}.${value.text}`, 'value', value, value, container);
  }

  private variable(item: Item & { kind: 'variable' }, declarator: Declarator): void {
    const whole = item.declarators.length === 1 ? item : declarator;
    this.named('global', declarator.name, whole, 'name');
    this.type(declarator.type, `name:${declarator.name.text}`, declarator.name.text);
  }

  /** Names that a type defines. `owner` and `shown` say whose members they are when the type has no name. */
  private type(type: TypeExpr, owner: string, shown: string): void {
    if (type.kind === 'pointer') this.type(type.to, owner, shown);
    else if (type.kind === 'array') this.type(type.of, owner, shown);
    else if (type.kind === 'function') this.type(type.returns, owner, shown);
    else if (type.kind === 'tag') this.tag(type, owner, shown);
  }

  private tag(type: TagType, owner: string, shown: string): void {
    const defines = type.fields !== null || type.enumerators !== null;
    const alone = owner === 'tag:';
    const { name } = type;
    // The declarators of one declaration share its type.
    if (name !== null && (defines || alone) && this.has(name)) return;
    const container = name === null ? shown : `${type.tag} ${name.text}`;
    if (name !== null && (defines || alone)) this.add(`tag:${name.text}`, type.tag, name, type, null);
    for (const enumerator of type.enumerators ?? [])
      this.add(`name:${enumerator.name.text}`, 'enumerator', enumerator.name, enumerator.name, container);
    if (type.fields !== null) this.fields(type.fields, name === null ? owner : `tag:${name.text}`, container);
  }

  private has(name: Name): boolean {
    return this.found.some((each) => each.name.start === name.start);
  }

  private fields(fields: readonly FieldItem[], owner: string, container: string): void {
    for (const field of fields) {
      if (field.kind === 'when') this.fields(field.fields, owner, container);
      else if (field.name === null) {
        // Members of an anonymous member are those of the struct around it.
        this.type(field.type, owner, container);
      } else {
        const path = `${owner}.${field.name.text}`;
        this.add(path, 'member', field.name, field, container);
        this.type(field.type, path, field.name.text);
      }
    }
  }

  /** Labels and named checks of a body or condition. */
  private inside(item: Item, container: string | null): void {
    eachSyntax(item, (node) => {
      if (node.kind === 'label' && 'body' in node) {
        this.add(labelPath(this.key, node.label.text), 'label', node.label, node.label, container);
      } else if (node.kind === 'call') {
        // The name of a site is the last argument of a check, or of a macro around one.
        const last = node.args.at(-1);
        if (last?.kind !== 'string' || !/^[A-Za-z_][\w-]*$/.test(last.value)) return;
        const name = { text: last.value, start: last.start + 1, end: last.start + 1 + last.value.length };
        this.check(name, node, container);
      }
    });
  }
}
