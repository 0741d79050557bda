/**
 * Places counted in tokens, and what a project says apart from its layout: a verdict that was found for one layout is
 * shown in another, where only blanks and comments differ.
 */

import { createHash } from 'node:crypto';
import type { Loc } from '../core/semantics/hir.ts';
import { type FileSnapshot, type Project, resolveLoc } from '../core/semantics/snapshot.ts';
import type { FileRange } from '../core/syntax/diagnostic.ts';
import { tokensOf } from '../core/syntax/parser.ts';
import { kindId } from '../core/syntax/tokens.ts';

/** From the beginning of one token of a file to the end of another. */
export interface Mark {
  readonly uri: string;
  readonly first: number;
  readonly last: number;
}

/** Null for what stands nowhere in the project. */
export function markOf(project: Project, loc: Loc): Mark | null {
  const range = resolveLoc(project, loc);
  return range === null ? null : markOfRange(project, range);
}

/** Null for a file that is not in the project. */
export function markOfRange(project: Project, { uri, start, end }: FileRange): Mark | null {
  const file = project.files.get(uri);
  if (file === undefined) return null;
  const { starts, count } = tokensOf(file.source);
  const first = lastBefore(starts, count, start);
  return { uri, first, last: Math.max(first, lastBefore(starts, count, end - 1)) };
}

/** Where a mark stands in a project that says the same; null when it has no such file. */
export function rangeOfMark(project: Project, { uri, first, last }: Mark): FileRange | null {
  const file = project.files.get(uri);
  if (file === undefined) return null;
  const { starts, ends } = tokensOf(file.source);
  const start = starts[first] ?? 0;
  return { uri, start, end: Math.max(start, ends[last] ?? start) };
}

/** Equal for projects of the same files that say the same in all but blanks and comments. */
export function contentOf(project: Project): string {
  const hash = createHash('sha256');
  for (const file of project.order) hash.update(`${file.uri}\n${contentOfFile(file)}\n`);
  return hash.digest('hex');
}

const byFile = new WeakMap<FileSnapshot, string>();
const define = kindId('define');

function contentOfFile(file: FileSnapshot): string {
  let content = byFile.get(file);
  if (content === undefined) {
    const { text, count, kinds, starts, ends } = tokensOf(file.source);
    const parts: string[] = [];
    for (let index = 0; index < count; index++) {
      const start = starts[index] ?? 0;
      // A macro has parameters when its bracket stands at its name.
      if (kinds[index - 2] === define && start === ends[index - 1]) parts.push('at');
      parts.push(String(kinds[index]), text.slice(start, ends[index] ?? start));
    }
    content = createHash('sha256').update(parts.join('\0')).digest('hex');
    byFile.set(file, content);
  }
  return content;
}

/** The last token that begins at or before an offset. */
function lastBefore(starts: Uint32Array, count: number, offset: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
