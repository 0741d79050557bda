/** The documentation that comes with Lockstep, for reading offline. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { libraryDirectory, readText } from '../host/files.ts';

const directory = join(libraryDirectory, '..', 'docs');

export interface DocSection {
  /** Its first paragraph, as Markdown. */
  readonly text: string;
  readonly url: string;
}

/** The first paragraph of the page of a code (in kebab-case). */
export function codePage(code: string): DocSection | null {
  return section(['diagnostics', `${code}.md`], null);
}

/** The first paragraph below a heading of a chapter of the language reference; `heading` null: of the chapter. */
export function chapter(file: string, heading: string | null): DocSection | null {
  return section(['language', file], heading);
}

const kept = new Map<string, DocSection | null>();

function section(path: readonly string[], heading: string | null): DocSection | null {
  const key = `${path.join('/')}#${heading ?? ''}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const file = join(directory, ...path);
  const reading = readText(file);
  const found = reading.kind === 'text' ? sectionIn(reading.text, heading) : null;
  const anchor =
    heading === null
      ? ''
      : `#${heading
          .toLowerCase()
          .replace(/[^\w\- ]/g, '')
          .replaceAll(' ', '-')}`;
  const result = found === null ? null : { text: found, url: `${pathToFileURL(file).href}${anchor}` };
  kept.set(key, result);
  return result;
}

function sectionIn(text: string, heading: string | null): string | null {
  const lines = text.split('\n');
  const start = lines.findIndex((line) =>
    heading === null ? line.startsWith('# ') : /^#+ /.test(line) && line.replace(/^#+ /, '') === heading,
  );
  if (start < 0) return null;
  const rest = lines.slice(start + 1);
  const begin = rest.findIndex((line) => line.trim() !== '');
  if (begin < 0) return null;
  const length = rest.slice(begin).findIndex((line) => line.trim() === '');
  const paragraph = rest.slice(begin, length < 0 ? undefined : begin + length).join('\n');
  // Links within the reference lead nowhere from a hover.
  return paragraph.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}
