/** The outline of a file: its items, with members, values and nested items below them. */

import { type DocumentSymbol, type SymbolInformation, SymbolKind } from 'vscode-languageserver-types';
import type { FileSnapshot } from '../../core/semantics/snapshot.ts';
import type { FieldItem, Item, Name, Span, TagType, TypeExpr } from '../../core/syntax/ast.ts';
import type { Feature } from '../feature.ts';
import { shownUri } from '../names.ts';
import { toRange } from '../positions.ts';

export const documentSymbols: Feature = {
  capabilities: { documentSymbolProvider: { label: 'Lockstep' } },
  register(connection, server) {
    connection.onDocumentSymbol(({ textDocument }, token) =>
      server.answer<DocumentSymbol[] | SymbolInformation[]>(textDocument, token, [], ({ file }) => {
        const symbols = symbolsOf(file);
        const { hierarchicalDocumentSymbolSupport } = server.client.textDocument?.documentSymbol ?? {};
        return hierarchicalDocumentSymbolSupport === true
          ? symbols
          : flat(symbols, shownUri(server.workspace, file.uri), null);
      }),
    );
  },
};

export function symbolsOf(file: FileSnapshot): DocumentSymbol[] {
  return file.source.items.flatMap(({ item, offset, text }) => new Outline(file, offset, text).item(item));
}

/** For a client that has no trees. */
function flat(
  symbols: readonly DocumentSymbol[],
  uri: string,
  container: string | null,
): SymbolInformation[] {
  return symbols.flatMap(({ name, kind, range, children = [] }) => [
    { name, kind, location: { uri, range }, ...(container === null ? {} : { containerName: container }) },
    ...flat(children, uri, name),
  ]);
}

class Outline {
  private readonly file: FileSnapshot;
  private readonly offset: number;
  private readonly text: string;

  constructor(file: FileSnapshot, offset: number, text: string) {
    this.file = file;
    this.offset = offset;
    this.text = text;
  }

  item(item: Item): DocumentSymbol[] {
    switch (item.kind) {
      case 'scenario':
        return [this.symbol(item.title, 'scenario', SymbolKind.Namespace, item, item)];
      case 'option':
        return [this.named(item.name, 'option', SymbolKind.Enum, item, this.values(item.values))];
      case 'setting':
        return [this.named(item.name, 'setting', SymbolKind.Constant, item, this.values(item.values ?? []))];
      case 'when': {
        const condition = this.written(item.condition);
        const children = item.items.flatMap((each) => this.item(each));
        return [this.symbol(`when (${condition})`, '', SymbolKind.Module, item, item.condition, children)];
      }
      case 'pool':
        return [this.named(item.name, 'pool', SymbolKind.Array, item)];
      case 'variable':
        return item.declarators.map((declarator) => {
          const children = this.typed(declarator.type);
          const whole = item.declarators.length === 1 ? item : declarator;
          return this.named(declarator.name, item.ghost ? 'ghost' : '', SymbolKind.Variable, whole, children);
        });
      case 'type':
        return this.tag(item.type, item);
      case 'typedef':
        return [this.named(item.name, 'typedef', SymbolKind.TypeParameter, item, this.typed(item.type))];
      case 'function': {
        const detail =
          item.body === null ? 'declaration' : item.override ? 'override' : item.primitive ? 'primitive' : '';
        return [this.named(item.name, detail, SymbolKind.Function, item)];
      }
      case 'macro':
        return [this.named(item.name, 'macro', SymbolKind.Constant, item)];
      case 'lock-type':
        return [this.symbol(this.written(item.type), 'lock_type', SymbolKind.Key, item, item.type)];
      case 'vcpu-state':
        return [this.named(item.name, 'vcpu_state', SymbolKind.Array, item)];
      case 'event':
        return [this.named(item.name, 'event', SymbolKind.Event, item)];
      case 'init':
        return [this.symbol('init', '', SymbolKind.Constructor, item, item)];
      case 'view':
        return [this.symbol(item.title, 'view', SymbolKind.Interface, item, item)];
      case 'actor':
        return [this.named(item.name, item.actor, SymbolKind.Class, item)];
      case 'hook': {
        const at = item.target ?? item.lock ?? item;
        const name = `${item.hook === 'release' ? 'at release' : item.hook} ${this.written(at)}`;
        return [this.symbol(name, 'hook', SymbolKind.Event, item, at, this.promise(item))];
      }
      case 'property':
        return [this.named(item.name, item.property, SymbolKind.Property, item)];
      case 'expect':
        return [this.symbol(this.written(item).replace(/;$/, ''), '', SymbolKind.Boolean, item, item)];
      case 'schedule':
        return [this.symbol(item.title, 'schedule', SymbolKind.Interface, item, item)];
      case 'lock-order':
        return [this.symbol(this.written(item).replace(/;$/, ''), '', SymbolKind.Key, item, item)];
      case 'check':
      case 'import':
      case 'profile':
      case 'machine':
        return [];
    }
  }

  private promise({ check }: Item & { kind: 'hook' }): DocumentSymbol[] {
    return check === null || check.name === null
      ? []
      : [this.named(check.name, 'after', SymbolKind.Property, check.name)];
  }

  private values(values: readonly Name[]): DocumentSymbol[] {
    return values
      .filter(({ text }) => text !== '')
      .map((value) => this.named(value, '', SymbolKind.EnumMember, value));
  }

  /** What a type that is defined inside a declaration has. */
  private typed(type: TypeExpr): DocumentSymbol[] {
    if (type.kind === 'pointer') return this.typed(type.to);
    if (type.kind === 'array') return this.typed(type.of);
    if (type.kind !== 'tag') return [];
    return type.name === null ? this.members(type) : this.tag(type, type);
  }

  private tag(type: TagType, whole: Span): DocumentSymbol[] {
    if (type.fields === null && type.enumerators === null) return [];
    const kind = type.tag === 'enum' ? SymbolKind.Enum : SymbolKind.Struct;
    const members = this.members(type);
    if (type.name !== null) return [this.named(type.name, type.tag, kind, whole, members)];
    return type.tag === 'enum' ? [this.symbol('enum', '', kind, whole, whole, members)] : members;
  }

  private members(type: TagType): DocumentSymbol[] {
    return [
      ...this.values((type.enumerators ?? []).map(({ name }) => name)),
      ...(type.fields ?? []).flatMap((field) => this.field(field)),
    ];
  }

  private field(field: FieldItem): DocumentSymbol[] {
    if (field.kind === 'when') return field.fields.flatMap((each) => this.field(each));
    if (field.name === null) return this.typed(field.type);
    const detail = this.written({ start: field.type.start, end: field.type.end });
    const isShort = detail.length <= 40 && !detail.includes('{');
    return [this.named(field.name, isShort ? detail : '', SymbolKind.Field, field, this.typed(field.type))];
  }

  // ---------------------------------------------------------------- one symbol

  private named(
    name: Name,
    detail: string,
    kind: SymbolKind,
    whole: Span,
    children: DocumentSymbol[] = [],
  ): DocumentSymbol {
    return this.symbol(name.text, detail, kind, whole, name, children);
  }

  private symbol(
    name: string,
    detail: string,
    kind: SymbolKind,
    whole: Span,
    at: Span,
    children: DocumentSymbol[] = [],
  ): DocumentSymbol {
    const { file, offset } = this;
    const start = Math.min(whole.start, at.start);
    const end = Math.max(whole.end, at.end);
    return {
      // Editors refuse a symbol without a name.
      name: name === '' ? '…' : name,
      ...(detail === '' ? {} : { detail }),
      kind,
      range: toRange(file, offset + start, offset + end),
      selectionRange: toRange(file, offset + at.start, offset + at.end),
      ...(children.length === 0 ? {} : { children }),
    };
  }

  private written({ start, end }: Span): string {
    const text = this.text.slice(start, end).replace(/\s+/g, ' ').trim();
    return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
  }
}
