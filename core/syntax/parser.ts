import type { Item, PlacedItem, SourceFile, SyntaxError as FileError } from './ast.ts';
import { buildGreen, type GreenElement, type GreenNode } from './green.ts';
import { ItemKeys } from './itemKey.ts';
import { directivesIn, lex } from './lexer.ts';
import { flag, isKeyword, type Tokens } from './tokens.ts';
import { parseItem } from './parserItems.ts';
import { directiveMessage, errorLimit, type ItemTrace, Parser } from './parserState.ts';
import { sameTree } from './sameTree.ts';

/**
 * Parses a file; never throws, whatever the text. With the `previous` version of the file, an item
 * whose text did not change is the same object again, and only what an edit can have changed is
 * parsed. At most 100 errors, in the order of the text.
 */
export function parse(uri: string, text: string, previous?: SourceFile): SourceFile {
  if (previous !== undefined && previous.uri === uri && previous.text === text) return previous;
  const tokens = lex(text);
  const old = previous === undefined ? undefined : ParsedSource.of(previous);
  const chunks = parseChunks(tokens, old);
  if (old !== undefined) keepUnchanged(text, chunks, old);
  return assemble(uri, { tokens, chunks }, previous);
}

/** The lossless tree of a text. Its tokens, joined, are the text. */
export function parseGreen(text: string): GreenNode {
  return greenOf(parse('', text));
}

/** The lossless tree of a file that `parse` returned; built on demand, unchanged items share theirs. */
export function greenOf(file: SourceFile): GreenNode {
  const parsed = ParsedSource.of(file);
  if (parsed === undefined) return parseGreen(file.text);
  const children: GreenElement[] = [];
  let index = 0;
  for (const chunk of parsed.chunks) {
    chunk.green.elements ??= buildGreen(parsed.tokens, index, index + chunk.tokens, chunk.trace.nodes);
    for (const element of chunk.green.elements) children.push(element);
    index += chunk.tokens;
  }
  for (const element of buildGreen(parsed.tokens, index, parsed.tokens.count, noNodes))
    children.push(element);
  return { kind: 'file', width: file.text.length, children };
}

/** The tokens of a file that `parse` returned. */
export function tokensOf(file: SourceFile): Tokens {
  return ParsedSource.of(file)?.tokens ?? lex(file.text);
}

/** The stretch of a file that one item takes, or that was skipped between items; leading trivia included. */
interface Chunk {
  readonly item: Item | null;
  /** Offset in the file, leading trivia included. */
  readonly start: number;
  /** Length of the leading trivia. */
  readonly lead: number;
  readonly width: number;
  readonly tokens: number;
  readonly trace: ItemTrace;
  /** How far the parser looked, from the start of the chunk. */
  readonly look: number;
  readonly unclosedBrace: boolean;
  /** Shared by all versions of the chunk. */
  readonly green: { elements: GreenElement[] | null };
  readonly isFresh: boolean;
}

interface ParsedFile {
  readonly tokens: Tokens;
  readonly chunks: readonly Chunk[];
}

/** A file that still knows how it was parsed; a private field, so that files compare by what they say. */
class ParsedSource implements SourceFile {
  readonly #parsed: ParsedFile;
  readonly uri: string;
  readonly text: string;
  readonly items: readonly PlacedItem[];
  readonly errors: readonly FileError[];

  constructor(parsed: ParsedFile, uri: string, items: readonly PlacedItem[], errors: readonly FileError[]) {
    this.#parsed = parsed;
    this.uri = uri;
    this.text = parsed.tokens.text;
    this.items = items;
    this.errors = errors;
  }

  static of(file: SourceFile): ParsedFile | undefined {
    return #parsed in file ? file.#parsed : undefined;
  }
}

const noNodes = { kinds: [], firsts: [], lasts: [] };

function parseChunks(tokens: Tokens, old: ParsedFile | undefined): Chunk[] {
  const chunks: Chunk[] = [];
  const typeNames = new Set<string>();
  const p = new Parser(tokens, typeNames);
  const reuse = old === undefined ? null : new Reuse(tokens, old);
  let start = 0;
  while (!p.at('eof')) {
    const kept = reuse?.find(start, typeNames) ?? null;
    const chunk = kept === null ? parseChunk(p, tokens, start) : { ...kept, start, isFresh: false };
    if (kept !== null) p.index += kept.tokens;
    chunks.push(chunk);
    if (chunk.item !== null) addTypeNames(chunk.item, typeNames);
    start += chunk.width;
  }
  return chunks;
}

function parseChunk(p: Parser, tokens: Tokens, start: number): Chunk {
  const first = p.index;
  p.beginItem();
  let item = p.at(';') || isExport(p) ? null : parseItem(p);
  if (p.index === first) {
    item = null;
    skipUnknown(p);
  }
  const trace = p.endItem();
  const end = tokens.ends[p.index - 1] ?? start;
  return {
    item,
    start,
    lead: (tokens.starts[first] ?? start) - start,
    width: end - start,
    tokens: p.index - first,
    trace,
    look: trace.dependencies.lookEnd - start,
    unclosedBrace: tokens.unclosedBrace,
    green: { elements: null },
    isFresh: true,
  };
}

/** `EXPORT_SYMBOL_GPL(f);` says nothing here. */
function isExport(p: Parser): boolean {
  return p.at('identifier') && p.at('(', 1) && p.word().startsWith('EXPORT_SYMBOL');
}

const statementKeywords: ReadonlySet<string> = new Set([
  'if',
  'else',
  'for',
  'while',
  'do',
  'switch',
  'case',
  'default',
  'return',
  'goto',
  'break',
  'continue',
]);

function isStatementKeyword(kind: string): boolean {
  return statementKeywords.has(kind);
}

/** Takes at least one token: up to where an item can begin again. Braces are skipped as a whole. */
function skipUnknown(p: Parser): void {
  const first = p.index;
  const isHarmless = p.at(';') || isExport(p);
  if (!isHarmless) {
    if (p.at('identifier') && p.at('(', 1)) {
      const name = p.word();
      p.errorHere(
        `expected a declaration, found '${name}(': a function needs its type before its name, and a macro that declares something must be written out`,
      );
    } else if (isStatementKeyword(p.kind()))
      p.expected('a declaration', ': statements stand in functions, in init and in threads', 'here');
    else p.expected('a declaration', '', 'here');
  }
  let depth = 0;
  while (!p.at('eof')) {
    const kind = p.kind();
    const closes = kind === ')' || kind === ']' || kind === '}';
    p.advance();
    if (kind === '{' || kind === '(' || kind === '[') depth++;
    else if (closes && depth > 0) depth--;
    const canBegin = p.at('identifier') || p.at('define') || isKeyword(p.kind());
    if (!canBegin && !(isHarmless && kind === ';')) continue;
    if (depth === 0 && (kind === ';' || kind === '}' || p.onNewLine())) break;
    if ((p.flags(0) & flag.columnZero) !== 0 && p.braceIsOpen()) break;
  }
  p.node('skipped', first);
}

function addTypeNames(item: Item, names: Set<string>): void {
  if (item.kind === 'typedef' && item.name.text !== '') names.add(item.name.text);
  else if (item.kind === 'macro' && item.body.kind === 'type' && item.params === null)
    names.add(item.name.text);
  else if (item.kind === 'when') for (const inner of item.items) addTypeNames(inner, names);
}

/** Finds chunks of the previous version that the edit between the versions cannot have touched. */
class Reuse {
  private readonly old: ParsedFile;
  private readonly unclosedBrace: boolean;
  private readonly prefix: number;
  private readonly suffixStart: number;
  private readonly shift: number;
  private readonly byStart = new Map<number, Chunk>();

  constructor(tokens: Tokens, old: ParsedFile) {
    this.old = old;
    this.unclosedBrace = tokens.unclosedBrace;
    const before = old.tokens.text;
    const after = tokens.text;
    const shorter = Math.min(before.length, after.length);
    let prefix = 0;
    while (prefix < shorter && before.charCodeAt(prefix) === after.charCodeAt(prefix)) prefix++;
    let suffix = 0;
    while (
      suffix < shorter - prefix &&
      before.charCodeAt(before.length - 1 - suffix) === after.charCodeAt(after.length - 1 - suffix)
    )
      suffix++;
    this.prefix = prefix;
    this.suffixStart = after.length - suffix;
    this.shift = after.length - before.length;
    for (const chunk of this.old.chunks) this.byStart.set(chunk.start, chunk);
  }

  find(start: number, typeNames: ReadonlySet<string>): Chunk | null {
    const chunk = this.at(start);
    if (chunk === null) return null;
    const { asked, askedBrace } = chunk.trace.dependencies;
    if (askedBrace && chunk.unclosedBrace !== this.unclosedBrace) return null;
    for (const [name, answer] of asked) if (typeNames.has(name) !== answer) return null;
    return chunk;
  }

  private at(start: number): Chunk | null {
    // The first line of a file is lexed differently from what follows a token.
    if (start >= this.suffixStart && start > 0) {
      const chunk = this.byStart.get(start - this.shift);
      if (chunk !== undefined && chunk.start > 0) return chunk;
    }
    const chunk = this.byStart.get(start);
    return chunk !== undefined && start + chunk.look < this.prefix ? chunk : null;
  }
}

/** Items that had to be parsed again but say the same keep their object, wherever they moved. */
function keepUnchanged(text: string, chunks: Chunk[], old: ParsedFile): void {
  const kept = new Set<Item | null>();
  let fresh = 0;
  for (const chunk of chunks) {
    if (chunk.isFresh) fresh++;
    else kept.add(chunk.item);
  }
  if (fresh === 0) return;
  const free = new Map<string, Item[]>();
  for (const chunk of old.chunks) {
    if (chunk.item === null || kept.has(chunk.item)) continue;
    const itemText = textOf(old.tokens.text, chunk, chunk.item);
    const same = free.get(itemText);
    if (same === undefined) free.set(itemText, [chunk.item]);
    else same.push(chunk.item);
  }
  chunks.forEach((chunk, index) => {
    if (!chunk.isFresh || chunk.item === null) return;
    const candidates = free.get(textOf(text, chunk, chunk.item));
    const [candidate] = candidates ?? [];
    if (candidate === undefined || !sameTree(candidate, chunk.item)) return;
    candidates?.shift();
    chunks[index] = { ...chunk, item: candidate };
  });
}

function textOf(text: string, chunk: Chunk, item: Item): string {
  return text.slice(chunk.start + chunk.lead, chunk.start + chunk.lead + item.end);
}

function assemble(uri: string, parsed: ParsedFile, previous: SourceFile | undefined): SourceFile {
  const { tokens, chunks } = parsed;
  const text = tokens.text;
  const before = new Map<Item, PlacedItem>(previous?.items.map((placed) => [placed.item, placed]));
  const keys = new ItemKeys();
  const items: PlacedItem[] = [];
  const errors: FileError[] = [];
  for (const chunk of chunks) {
    const offset = chunk.start + chunk.lead;
    for (const error of chunk.trace.errors)
      if (errors.length < errorLimit)
        errors.push({
          code: error.code,
          message: error.message,
          start: offset + error.start,
          end: offset + error.end,
        });
    if (chunk.item === null) continue;
    const itemText = textOf(text, chunk, chunk.item);
    const key = keys.next(chunk.item, itemText);
    const same = before.get(chunk.item);
    items.push(
      same !== undefined && same.offset === offset && same.key === key
        ? same
        : { item: chunk.item, offset, key, text: same?.text ?? itemText },
    );
  }
  errors.push(...endErrors(tokens));
  errors.sort((one, other) => one.start - other.start);
  return new ParsedSource(parsed, uri, items, errors.slice(0, errorLimit));
}

/** What is wrong behind the last item. */
function endErrors(tokens: Tokens): FileError[] {
  const errors: FileError[] = [];
  const last = tokens.count - 1;
  const from = last === 0 ? 0 : (tokens.ends[last - 1] ?? 0);
  if ((tokens.flags[last] ?? 0) & flag.directive)
    for (const directive of directivesIn(tokens.text, from, tokens.text.length).slice(0, errorLimit))
      errors.push({
        code: 'syntax-error',
        message: directiveMessage(directive.word),
        start: directive.start,
        end: directive.end,
      });
  if (tokens.unclosedComment >= 0)
    errors.push({
      code: 'syntax-error',
      message: "expected '*/' to close the comment, found the end of the file",
      start: tokens.unclosedComment,
      end: Math.min(tokens.unclosedComment + 2, tokens.text.length),
    });
  return errors;
}

/** The tree of each item of a text, for the formatter; `end` is the trivia behind the last one. */
export function itemTrees(text: string): {
  readonly items: readonly { readonly elements: readonly GreenElement[]; readonly hasErrors: boolean }[];
  readonly end: string;
  readonly endHasErrors: boolean;
} {
  const tokens = lex(text);
  const items: { elements: readonly GreenElement[]; hasErrors: boolean }[] = [];
  let index = 0;
  let end = 0;
  for (const chunk of parseChunks(tokens, undefined)) {
    items.push({
      elements: buildGreen(tokens, index, index + chunk.tokens, chunk.trace.nodes),
      hasErrors:
        chunk.trace.errors.length > 0 ||
        (tokens.unclosedComment >= 0 && tokens.unclosedComment < chunk.start + chunk.width),
    });
    index += chunk.tokens;
    end = chunk.start + chunk.width;
  }
  return { items, end: text.slice(end), endHasErrors: endErrors(tokens).length > 0 };
}
