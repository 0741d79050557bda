/** Gathers what the checker says about one item. */

import type { Expression, PlacedItem, Span } from '../syntax/ast.ts';
import type { Context } from './context.ts';
import type { Environment } from './environment.ts';
import { checkName } from './intrinsicsChecks.ts';
import { outlineOf } from './outline.ts';
import type { Meaning, Recorder, WrittenName } from './recorder.ts';
import type { Frame, Home, LocalEntry, Scope } from './scope.ts';
import { localSymbol, type SymbolTable } from './symbolTable.ts';
import type { SymbolRef } from './symbols.ts';
import type { Type } from './types.ts';

/** A name in the text, and what it means. A name that means several things is there several times. */
export interface Use extends Span {
  readonly symbol: SymbolRef;
  /** The place that it names is written, by an assignment or in its declaration. */
  readonly write: boolean;
  /** It is the name in a declaration of the symbol. */
  readonly declares: boolean;
}

export interface Recorded {
  /** Names as written in the item, in macro arguments too; in order. */
  readonly uses: readonly Use[];
  /** What names in bodies of macros, which this item uses, mean here. */
  readonly inMacros: readonly (Use & { readonly uri: string; readonly item: string })[];
  /** Of expressions; inner ones behind the outer ones of the same beginning. */
  readonly types: readonly (Span & { readonly type: Type })[];
  /** Locals that are visible in a span, from their declarations on. */
  readonly scopes: readonly (Span & { readonly names: readonly SymbolRef[] })[];
}

interface Found {
  readonly uri: string;
  readonly item: string;
  readonly start: number;
  readonly end: number;
  readonly symbols: Map<string, SymbolRef>;
  declares: boolean;
  write: boolean;
}

export class ItemRecorder implements Recorder {
  private readonly env: Environment;
  private readonly table: SymbolTable;
  private readonly home: Home;
  private readonly placed: PlacedItem;
  /** By offset in the item. */
  private readonly own = new Map<number, Found>();
  private readonly elsewhere = new Map<string, Found>();
  private readonly entries = new Map<LocalEntry, SymbolRef>();
  private readonly tags = new Map<Type, SymbolRef>();
  private readonly types = new Map<string, Span & { readonly type: Type }>();
  private readonly named = new Map<Scope, SymbolRef[]>();
  private readonly spans = new Map<Scope, Span>();

  constructor(env: Environment, table: SymbolTable, uri: string, placed: PlacedItem) {
    this.env = env;
    this.table = table;
    this.placed = placed;
    this.home = { uri, item: placed.key, text: placed.text };
    for (const outlined of outlineOf(placed)) {
      const found = this.at(this.home, outlined.name);
      const symbol = table.own(uri, placed.key, outlined);
      found.symbols.set(symbol.id, symbol);
      found.declares = true;
    }
  }

  finish(): Recorded {
    const uses = [...this.own.values()].flatMap(usesOf);
    uses.sort((a, b) => a.start - b.start);
    const inMacros = [...this.elsewhere.values()].flatMap((found) =>
      usesOf(found).map((use) => ({ ...use, uri: found.uri, item: found.item })),
    );
    const types = [...this.types.values()].sort((a, b) => a.start - b.start || b.end - a.end);
    const everywhere: Span = { start: 0, end: this.placed.text.length };
    // Code that is looked at twice has one scope.
    const scopes = new Map<string, Span & { readonly names: SymbolRef[] }>();
    for (const [scope, names] of this.named) {
      const { start, end } = this.spans.get(scope) ?? everywhere;
      const same = scopes.get(`${start} ${end}`);
      if (same === undefined) scopes.set(`${start} ${end}`, { start, end, names: [...names] });
      else same.names.push(...names.filter(({ id }) => !same.names.some((each) => each.id === id)));
    }
    return { uses, inMacros, types, scopes: [...scopes.values()] };
  }

  // ---------------------------------------------------------------- what the checker says

  use(cx: Context, name: WrittenName, meaning: Meaning): void {
    const home = homeOf(cx, name.frame);
    if (!this.matters(home, name.frame)) return;
    const symbols = this.symbolsOf(cx, home, name, meaning);
    if (symbols.length === 0) return;
    const found = this.at(home, nameWithin(home, name));
    for (const symbol of symbols) found.symbols.set(symbol.id, symbol);
  }

  declare(cx: Context, name: WrittenName, entry: LocalEntry): void {
    const home = homeOf(cx, name.frame);
    if (name.text === '' || !this.matters(home, name.frame)) return;
    const symbol = localSymbol(
      home,
      name.span,
      name.text,
      this.kindOf(home, name, entry),
      typeOfEntry(entry),
    );
    this.entries.set(entry, symbol);
    this.declareAt(home, name, symbol);
    if (name.frame === null) {
      const names = this.named.get(cx.scope);
      if (names === undefined) this.named.set(cx.scope, [symbol]);
      else if (!names.some((each) => each.id === symbol.id)) names.push(symbol);
    }
  }

  declareTag(cx: Context, name: WrittenName, type: Type): void {
    const home = homeOf(cx, name.frame);
    if (name.text === '' || !this.matters(home, name.frame)) return;
    const kind = type.kind === 'struct' ? (type.union ? 'union' : 'struct') : 'enum';
    const symbol = localSymbol(home, name.span, name.text, kind, type);
    this.tags.set(type, symbol);
    this.declareAt(home, name, symbol);
  }

  /** A name that the checker does not ask for, such as the parameter of a prototype. */
  declareAt(home: Home, name: WrittenName, symbol: SymbolRef): void {
    const found = this.at(home, name.span);
    // What is looked at twice may be known better the first time.
    const before = found.symbols.get(symbol.id)?.type ?? null;
    if (before === null) found.symbols.set(symbol.id, symbol);
    found.declares = true;
  }

  useAt(home: Home, start: number, end: number, symbol: SymbolRef): void {
    this.at(home, { start, end }).symbols.set(symbol.id, symbol);
  }

  write(cx: Context, target: Expression): void {
    let e = target;
    let frame = cx.frame;
    for (;;) {
      if (e.kind === 'index') e = e.array;
      else if (e.kind === 'name' || e.kind === 'member') {
        const bound = frame?.args.get(e.name.text);
        if (bound === undefined) break;
        if (bound.argument.kind === 'type' || bound.argument.kind === 'block') return;
        e = bound.argument;
        frame = bound.frame;
      } else return;
    }
    const home = homeOf(cx, frame);
    if (this.isOwn(home)) {
      const found = this.own.get(e.name.start);
      if (found !== undefined) found.write = true;
    }
  }

  type(cx: Context, expression: Expression, type: Type): void {
    if (!this.isOwn(homeOf(cx, cx.frame))) return;
    const { start, end } = expression;
    this.types.set(`${start} ${end}`, { start, end, type });
  }

  scope(cx: Context, scope: Scope, span: Span): void {
    if (cx.frame === null && this.isOwn(cx.home)) this.spans.set(scope, span);
  }

  knows(cx: Context, { start, end }: Span): boolean {
    if (!this.isOwn(homeOf(cx, cx.frame))) return true;
    for (let at = start; at < end; at++) if (this.own.has(at)) return true;
    return false;
  }

  // ---------------------------------------------------------------- parts

  private isOwn(home: Home): boolean {
    return home.uri === this.home.uri && home.item === this.home.item;
  }

  /** Names in bodies of macros matter too; other declarations that are worked out on the way do not. */
  private matters(home: Home, frame: Frame | null): boolean {
    return frame !== null || this.isOwn(home);
  }

  private at(home: Home, { start, end }: Span): Found {
    const isOwn = this.isOwn(home);
    const key = `${home.uri} ${home.item} ${start}`;
    let found = isOwn ? this.own.get(start) : this.elsewhere.get(key);
    if (found === undefined) {
      const { uri, item } = home;
      found = { uri, item, start, end, symbols: new Map(), declares: false, write: false };
      if (isOwn) this.own.set(start, found);
      else this.elsewhere.set(key, found);
    }
    return found;
  }

  private symbolsOf(cx: Context, home: Home, name: WrittenName, meaning: Meaning): readonly SymbolRef[] {
    switch (meaning.kind) {
      case 'declared':
        return one(this.table.declared(meaning.declaration));
      case 'local':
        return one(this.localOf(meaning.entry));
      case 'tag':
        return one(this.tags.get(meaning.type) ?? null);
      case 'member':
        return one(this.table.member(meaning.of, meaning.name));
      case 'value':
        return one(this.table.value(meaning.of, name.text));
      case 'label':
        return one(this.table.label(home, name.text));
      case 'any-label':
        return this.table.labels(cx.home.uri, name.text);
      case 'check':
        return this.table.checks(checkName(name.text));
      case 'absent':
        return one(this.table.absent(meaning.space, name.text));
    }
  }

  private localOf(entry: LocalEntry): SymbolRef | null {
    const known = this.entries.get(entry);
    if (known !== undefined) return known;
    if (entry.kind === 'member' && entry.place.kind === 'field') {
      const { type } = entry.place.object;
      return type.kind === 'struct' ? this.table.member(type, entry.place.name) : null;
    }
    // `vcpu` in the body of a vcpu is declared by nobody: it is an element of the state of all of them.
    const [states] = this.env.vcpuStates;
    return entry.kind === 'local' && entry.variable.name === 'vcpu' && states !== undefined
      ? this.table.declared(states)
      : null;
  }

  private kindOf(home: Home, name: WrittenName, entry: LocalEntry): SymbolRef['kind'] {
    if (entry.kind === 'constant') return 'enumerator';
    if (!this.isOwn(home)) return 'local';
    const { item } = this.placed;
    const body = 'body' in item && item.body !== null ? item.body : null;
    const isHead = body !== null && 'start' in body && name.span.start < body.start;
    return isHead || (item.kind === 'function' && item.body === null) || item.kind === 'event'
      ? 'parameter'
      : 'local';
  }
}

function homeOf(cx: Context, frame: Frame | null): Home {
  return frame === null ? cx.home : frame.home;
}

/** The name itself: the type `const page_t` is more than its name. */
function nameWithin(home: Home, { text, span }: WrittenName): Span {
  if (span.end - span.start === text.length) return span;
  const match = new RegExp(`(?<!\\w)${text}(?!\\w)`).exec(home.text.slice(span.start, span.end));
  if (match === null) return span;
  const start = span.start + match.index;
  return { start, end: start + text.length };
}

function usesOf({ start, end, symbols, declares, write }: Found): Use[] {
  return [...symbols.values()].map((symbol) => ({ start, end, symbol, write: write || declares, declares }));
}

function typeOfEntry(entry: LocalEntry): Type | null {
  switch (entry.kind) {
    case 'local':
    case 'static':
      return entry.variable.type;
    case 'constant':
      return entry.value.type;
    case 'member':
      return entry.place.type;
    case 'unknown':
      return null;
  }
}

function one(symbol: SymbolRef | null): readonly SymbolRef[] {
  return symbol === null ? [] : [symbol];
}
