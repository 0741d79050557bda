import type { Loc } from '../semantics/hir.ts';
import type { SourceFile } from '../syntax/ast.ts';
import type { FileRange } from '../syntax/diagnostic.ts';

/** A range of a file as people count: lines and columns from 1, columns in UTF-16 units, the end exclusive. */
export interface Place {
  readonly uri: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface Places {
  ofRange(range: FileRange): Place;
  ofLoc(loc: Loc): Place;
}

/** Converts positions within `files`. What lies in no such file is placed at its beginning. */
export function placesIn(files: ReadonlyMap<string, SourceFile>): Places {
  const starts = new Map<string, readonly number[]>();
  const offsets = new Map<string, ReadonlyMap<string, number>>();

  const lineStarts = (uri: string): readonly number[] =>
    remember(starts, uri, () => lineStartsOf(files.get(uri)?.text ?? ''));
  const itemOffsets = (uri: string): ReadonlyMap<string, number> =>
    remember(offsets, uri, () => new Map(files.get(uri)?.items.map((placed) => [placed.key, placed.offset])));

  const ofRange = ({ uri, start, end }: FileRange): Place => {
    const lines = lineStarts(uri);
    const length = files.get(uri)?.text.length ?? 0;
    const from = position(lines, Math.min(start, length));
    const to = position(lines, Math.min(Math.max(start, end), length));
    return { uri, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
  };
  const ofLoc = (loc: Loc): Place => {
    const offset = itemOffsets(loc.uri).get(loc.item) ?? 0;
    return ofRange({ uri: loc.uri, start: offset + loc.start, end: offset + loc.end });
  };
  return { ofRange, ofLoc };
}

/** Offsets at which lines begin; a line ends with `\n`, `\r\n` or `\r`, as in the editor protocol. */
export function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (const end of text.matchAll(/\r\n|\n|\r/g)) starts.push(end.index + end[0].length);
  return starts;
}

function position(starts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

function remember<K, V>(memory: Map<K, V>, key: K, make: () => V): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}
