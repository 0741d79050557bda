/** Places of an earlier text in a later one: an item that says the same letter by letter has moved at most. */

import type { Project } from '../core/semantics/snapshot.ts';
import type { PlacedItem } from '../core/syntax/ast.ts';
import type { FileRange } from '../core/syntax/diagnostic.ts';

/** Null when the item that the range lies in was edited, or is gone. */
export function rebased(
  range: FileRange,
  from: Pick<Project, 'files'>,
  to: Pick<Project, 'files'>,
): FileRange | null {
  if (from === to) return range;
  const before = from.files.get(range.uri);
  const after = to.files.get(range.uri);
  if (before === undefined || after === undefined) return null;
  if (before === after) return range;
  const old = itemAt(before.source.items, range.start);
  const now = old === null ? undefined : after.items.get(old.key);
  if (old === null || now === undefined || now.text !== old.text) return null;
  const by = now.offset - old.offset;
  return { uri: range.uri, start: range.start + by, end: range.end + by };
}

/** The last item that begins at or before an offset. */
function itemAt(items: readonly PlacedItem[], offset: number): PlacedItem | null {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((items[middle]?.offset ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const item = items[low];
  return item !== undefined && offset >= item.offset && offset <= item.offset + item.text.length
    ? item
    : null;
}
