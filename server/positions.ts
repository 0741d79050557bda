/** Between the core's offsets and the protocol's positions (from 0, UTF-16). Positions out of range count as the nearest. */

import type { Position, Range } from 'vscode-languageserver-types';
import type { FileSnapshot } from '../core/semantics/snapshot.ts';
import { type LineTable, lineTable, offsetAt, positionAt } from '../core/syntax/positions.ts';

export function toPosition(file: FileSnapshot, offset: number): Position {
  const { line, column } = positionAt(linesOf(file), offset);
  return { line: line - 1, character: column - 1 };
}

export function toRange(file: FileSnapshot, start: number, end: number): Range {
  return { start: toPosition(file, start), end: toPosition(file, end) };
}

export function toOffset(file: FileSnapshot, { line, character }: Position): number {
  const position = { line: countOf(line) + 1, column: countOf(character) + 1 };
  return offsetAt(linesOf(file), file.source.text, position);
}

/** A client may send anything. */
function countOf(value: number): number {
  return Number.isFinite(value) ? Math.max(0, Math.floor(value)) : 0;
}

const tables = new WeakMap<FileSnapshot, LineTable>();

export function linesOf(file: FileSnapshot): LineTable {
  let table = tables.get(file);
  if (table === undefined) {
    table = lineTable(file.source.text);
    tables.set(file, table);
  }
  return table;
}
