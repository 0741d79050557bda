/** A scenario with everything it imports, as immutable snapshots; and places in it as lines and columns. */

import type { Name, PlacedItem, SourceFile } from '../syntax/ast.ts';
import { type Code, isCode } from '../syntax/codes.ts';
import type { Diagnostic, FileRange } from '../syntax/diagnostic.ts';
import { parse } from '../syntax/parser.ts';
import type { Loc } from './hir.ts';
import { importName, preludeUri, resolveImport } from './imports.ts';
import { didYouMean } from './nearest.ts';

export interface FileSnapshot {
  readonly uri: string;
  readonly source: SourceFile;
  readonly items: ReadonlyMap<string, PlacedItem>;
  readonly imports: readonly {
    readonly placed: PlacedItem;
    readonly path: string;
    readonly start: number;
    readonly end: number;
  }[];
}

export interface Project {
  /** The scenario. */
  readonly uri: string;
  readonly files: ReadonlyMap<string, FileSnapshot>;
  /** Every file after those that it imports; the scenario is the last. */
  readonly order: readonly FileSnapshot[];
  /** What imports and syntax are wrong in any of the files. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Snapshots by URI from earlier loads: an unchanged file is used again, a changed one is parsed with the help of its old tree. */
export type SnapshotCache = Map<string, FileSnapshot>;

export interface LoadOptions {
  /** URI of the folder that relative imports may not leave. */
  readonly root?: string;
  /** Paths of the library (`linux/list`), for suggestions. */
  readonly libraryPaths?: readonly string[];
}

/** Parses the scenario at `uri` and its import closure, the prelude first. Missing files become diagnostics. */
export function loadProject(
  uri: string,
  readSource: (uri: string) => string | null,
  cache: SnapshotCache = new Map(),
  options: LoadOptions = {},
): Project {
  const loader = new Loader(readSource, cache, options);
  // The prelude imports the files beside it, which rely on each other: so any of them is looked at with all.
  loader.load(preludeUri);
  if (!loader.load(uri)) {
    const at = { uri, start: 0, end: 0 };
    loader.diagnostics.push(diagnostic('import-missing', `there is no file '${uri}'`, at));
  }
  return {
    uri,
    files: loader.files,
    order: loader.order,
    diagnostics: [...loader.diagnostics, ...loader.missingFiles()],
  };
}

/** The place in the file of what `loc` names, or null when the item is not there any more. */
export function resolveLoc(project: Project, loc: Loc): FileRange | null {
  const offset = project.files.get(loc.uri)?.items.get(loc.item)?.offset;
  return offset === undefined ? null : { uri: loc.uri, start: offset + loc.start, end: offset + loc.end };
}

/** The text that `loc` covers, without what is inside a macro; empty when it is not there. */
export function textAt(project: Project, loc: Loc): string {
  return project.files.get(loc.uri)?.items.get(loc.item)?.text.slice(loc.start, loc.end) ?? '';
}

/** Line and column (UTF-16), both from 1. */
export function position(
  file: SourceFile,
  offset: number,
): { readonly line: number; readonly column: number } {
  const starts = lineStarts(file);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

/** The comment that stands directly above `offset`, without its signs; empty when there is none. */
export function docAbove(text: string, offset: number): string {
  let end = offset;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  if (text[end - 1] === '\n') end -= text[end - 2] === '\r' ? 2 : 1;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  if (text.startsWith('*/', end - 2)) {
    const start = text.lastIndexOf('/*', end - 4);
    if (start < 0) return '';
    const lines = text.slice(start + 2, end - 2).split('\n');
    return lines
      .map((line) => line.replace(/^\s*\*+ ?/, '').trimEnd())
      .join('\n')
      .trim();
  }
  const found: string[] = [];
  for (let line = lineEnding(text, end); line !== null; line = lineEnding(text, end)) {
    const comment = /^\s*\/\/+ ?(.*)$/.exec(line);
    if (comment === null) break;
    found.unshift((comment[1] ?? '').trimEnd());
    end -= line.length + 1;
  }
  return found.join('\n').trim();
}

/** The line that ends at `end`; null before the beginning of the text. */
function lineEnding(text: string, end: number): string | null {
  return end < 0 ? null : text.slice(text.lastIndexOf('\n', end - 1) + 1, end);
}

// ---------------------------------------------------------------- loading

/** Files that import each other one after the other. */
const chainLimit = 100;

class Loader {
  readonly files = new Map<string, FileSnapshot>();
  readonly order: FileSnapshot[] = [];
  readonly diagnostics: Diagnostic[] = [];
  private readonly readSource: (uri: string) => string | null;
  private readonly cache: SnapshotCache;
  private readonly options: LoadOptions;
  private readonly chain: string[] = [];
  private readonly missing: { readonly path: string; readonly at: FileRange }[] = [];

  constructor(readSource: (uri: string) => string | null, cache: SnapshotCache, options: LoadOptions) {
    this.readSource = readSource;
    this.cache = cache;
    this.options = options;
  }

  /** False when there is no such file. */
  load(uri: string): boolean {
    if (this.files.has(uri)) return true;
    const text = this.readSource(uri);
    if (text === null) return false;
    const file = loadFile(uri, text, this.cache);
    this.files.set(uri, file);
    this.chain.push(uri);
    for (const error of file.source.errors) {
      const code: Code = isCode(error.code) ? error.code : 'syntax-error';
      this.diagnostics.push(diagnostic(code, error.message, { uri, start: error.start, end: error.end }));
    }
    for (const item of file.imports) this.follow(item, uri);
    this.chain.pop();
    this.order.push(file);
    return true;
  }

  private follow(item: FileSnapshot['imports'][number], from: string): void {
    const at = { uri: from, start: item.start, end: item.end };
    const target = resolveImport(item.path, from, this.options.root ?? null);
    if (target.kind === 'escapes') {
      this.diagnostics.push(diagnostic('import-escapes', `the import '${item.path}' ${target.reason}`, at));
      return;
    }
    const first = this.chain.indexOf(target.uri);
    if (first >= 0) {
      const circle = [...this.chain.slice(first), target.uri].map(importName).join(' -> ');
      this.diagnostics.push(diagnostic('import-cycle', `files import each other in a circle: ${circle}`, at));
      return;
    }
    if (this.chain.length >= chainLimit) {
      const message = `files import each other in a chain of more than ${chainLimit}`;
      this.diagnostics.push(diagnostic('nesting-too-deep', message, at));
    } else if (!this.load(target.uri)) this.missing.push({ path: item.path, at });
  }

  /** Imports that led nowhere, once all files are known that could have been meant. */
  missingFiles(): Diagnostic[] {
    const known = [...(this.options.libraryPaths ?? []), ...[...this.files.keys()].map(importName)];
    return this.missing.map(({ path, at }) =>
      diagnostic('import-missing', `there is no file '${path}'${didYouMean(path, known)}`, at),
    );
  }
}

/** One file without what it imports. */
export function loadFile(uri: string, text: string, cache: SnapshotCache): FileSnapshot {
  const known = cache.get(uri);
  if (known !== undefined && known.source.text === text) return known;
  const source = parse(uri, text, known?.source);
  const items = new Map(source.items.map((placed) => [placed.key, placed]));
  const imports = source.items.flatMap((placed) => {
    const item = placed.item;
    if (item.kind !== 'import' || item.path === '') return [];
    return [{ placed, path: item.path, ...shift(item.pathSpan, placed.offset) }];
  });
  const file = { uri, source, items, imports };
  cache.set(uri, file);
  return file;
}

function shift(span: Name | { start: number; end: number }, by: number): { start: number; end: number } {
  return { start: span.start + by, end: span.end + by };
}

function diagnostic(code: Code, message: string, at: FileRange): Diagnostic {
  return { code, severity: 'error', message, at, related: [] };
}

const startsByFile = new WeakMap<SourceFile, readonly number[]>();

function lineStarts(file: SourceFile): readonly number[] {
  let starts = startsByFile.get(file);
  if (starts === undefined) {
    const found = [0];
    for (let at = file.text.indexOf('\n'); at >= 0; at = file.text.indexOf('\n', at + 1)) found.push(at + 1);
    starts = found;
    startsByFile.set(file, starts);
  }
  return starts;
}
