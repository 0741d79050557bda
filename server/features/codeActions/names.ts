/** Fixes of names that nothing declares: the one that was probably meant, and the file that declares it. */

import { suggestionIn } from '../../../core/semantics/nearest.ts';
import type { Outlined } from '../../../core/semantics/outline.ts';
import type { SymbolKind } from '../../../core/semantics/record.ts';
import type { FileSnapshot, Project } from '../../../core/semantics/snapshot.ts';
import type { FileRange } from '../../../core/syntax/diagnostic.ts';
import { commentAbove } from '../../comments.ts';
import type { Edit, Offer, Problem } from './offer.ts';

/** Where the files of the library declare their names. */
export interface Library {
  /** Paths as in an `import`, of the files that declare this name at file scope. */
  declaring(name: string, isWanted: (outlined: Outlined) => boolean): readonly string[];
  uriOf(path: string): string;
}

/** Files that are offered for one name. */
const mostFiles = 3;

export function nameFixes(project: Project, problem: Problem, library: Library): readonly Offer[] {
  const file = project.files.get(problem.at.uri);
  if (file === undefined) return [];
  const word = wordFix(file, problem);
  const imports = importFixes(project, file, problem, library);
  const isOnly = imports.length + (word === null ? 0 : 1) === 1;
  return [
    ...imports.map((offer) => ({ ...offer, safe: isOnly })),
    ...(word === null ? [] : [{ ...word, safe: isOnly }]),
  ];
}

/** Replaces a word by the one that the message names, or deletes one that says nothing. */
function wordFix(file: FileSnapshot, problem: Problem): Offer | null {
  const suggestion = suggestionIn(problem.message);
  if (suggestion === null) return null;
  const { wrong, right } = suggestion;
  const at = placeOf(file, problem.at, wrong);
  if (at === null) return null;
  if (right !== null)
    return { title: `Change to '${right}'`, edits: [{ at, text: right }], problem, safe: true };
  return { title: `Delete '${wrong}'`, edits: [{ at: withBlank(file, at), text: '' }], problem, safe: true };
}

/** The one place of a word in a range; null when it is not written there, as inside a macro. */
function placeOf({ source }: FileSnapshot, { uri, start, end }: FileRange, word: string): FileRange | null {
  const text = source.text.slice(start, end);
  const isIn = /^[\w$]/.test(word);
  const found = [...text.matchAll(new RegExp(escaped(word), 'g'))].filter(
    ({ index }) => !isIn || !/[\w$]/.test((text[index - 1] ?? '').concat(text[index + word.length] ?? '')),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) return null;
  return { uri, start: start + first.index, end: start + first.index + word.length };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** With the blanks before it, or behind it at the beginning of a line. */
function withBlank({ source }: FileSnapshot, { uri, start, end }: FileRange): FileRange {
  const blanks = /[ \t]+$/.exec(source.text.slice(0, start))?.[0].length ?? 0;
  const before = source.text[start - blanks - 1];
  if (blanks > 0 && before !== '\n' && before !== '\r') return { uri, start: start - blanks, end };
  const behind = /^[ \t]*/.exec(source.text.slice(end))?.[0].length ?? 0;
  return { uri, start, end: end + behind };
}

/** What a message that calls something unknown can mean by it. */
const kinds: Readonly<Record<string, readonly SymbolKind[]>> = {
  name: ['function', 'primitive', 'global', 'vcpu-state', 'pool', 'enumerator', 'macro', 'setting', 'option'],
  function: ['function', 'primitive', 'macro'],
  type: ['typedef', 'struct', 'union', 'enum'],
  struct: ['struct'],
  union: ['union'],
  enum: ['enum'],
  event: ['event'],
  actor: ['actor'],
  pool: ['pool'],
  setting: ['setting'],
  check: ['check'],
};

function importFixes(
  project: Project,
  file: FileSnapshot,
  problem: Problem,
  library: Library,
): readonly Offer[] {
  const match = /^unknown (\w+) '(?:(?:struct|union|enum) )?([\w$]+)'/.exec(problem.message);
  const [, what = '', name = ''] = match ?? [];
  const wanted = kinds[what];
  if (problem.code !== 'unknown-name' || wanted === undefined) return [];
  const paths = library
    .declaring(name, ({ kind }) => wanted.includes(kind))
    .filter((path) => !project.files.has(library.uriOf(path)));
  return paths.slice(0, mostFiles).map((path) => ({
    title: `Import "${path}"`,
    edits: [importEdit(file, path)],
    problem,
    safe: true,
  }));
}

/** Behind the last import, else behind the title, else above what the file begins with. */
function importEdit(file: FileSnapshot, path: string): Edit {
  const { uri } = file;
  const { items, text } = file.source;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const last = items.findLast(({ item }) => item.kind === 'import');
  const title = items.find(({ item }) => item.kind === 'scenario');
  const behind = last ?? title;
  const line = `import "${path}";`;
  if (behind !== undefined) {
    const end = behind.offset + behind.item.end;
    return { at: { uri, start: end, end }, text: `${last === undefined ? eol : ''}${eol}${line}` };
  }
  const [first] = items;
  const start = first === undefined ? 0 : commentAbove(file.source, first.offset);
  return { at: { uri, start, end: start }, text: `${line}${eol}${eol}` };
}
