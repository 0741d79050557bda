/** A place as people and editors show it: both count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The lines of a text, for going between offsets and positions. A line ends at `\n`, `\r\n` or a lone `\r`. */
export interface LineTable {
  /** Offset of the beginning of each line. */
  readonly starts: readonly number[];
  readonly length: number;
}

export function lineTable(text: string): LineTable {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  return { starts, length: text.length };
}

/** An offset outside the text counts as its nearest end. */
export function positionAt(table: LineTable, offset: number): Position {
  const inside = Math.max(0, Math.min(offset, table.length));
  let low = 0;
  let high = table.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((table.starts[middle] ?? 0) <= inside) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: inside - (table.starts[low] ?? 0) + 1 };
}

/** A line outside the text counts as its nearest; a column beyond the end of its line as the last one, before the line end. */
export function offsetAt(table: LineTable, text: string, position: Position): number {
  const line = Math.max(1, Math.min(position.line, table.starts.length));
  const start = table.starts[line - 1] ?? 0;
  let end = table.starts[line] ?? table.length;
  while (end > start && line < table.starts.length && isLineEnd(text.charCodeAt(end - 1))) end--;
  return Math.max(start, Math.min(start + position.column - 1, end));
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}
