/** Reading scenario files: what `readSource(uri)` is for the core when it runs under Node. */

import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { libraryRoot } from '../core/semantics/imports.ts';

export const EXTENSION = '.lockstep';
/** Larger files are not read: no scenario written by hand comes near. */
export const LARGEST = 2 * 1024 * 1024;

/** The library stands beside the sources and beside the bundles alike. */
export const libraryDirectory = join(dirname(fileURLToPath(import.meta.url)), '..', 'library');

export type Reading =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  /** `message` completes "the file …" and says what to do. */
  | { readonly kind: 'refused'; readonly message: string };

/** Reads a text file, whatever it turns out to be. A byte order mark is no part of the text unless it is asked for. */
export function readText(path: string, { keepMark = false } = {}): Reading {
  let bytes: Buffer;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return refused('is a directory');
    // A pipe or device would block or never end.
    if (!stat.isFile()) return refused('is not a regular file');
    if (stat.size > LARGEST) {
      const size = (stat.size / 1024 / 1024).toFixed(1);
      return refused(
        `has ${size} MB, and no more than ${LARGEST / 1024 / 1024} MB are read; is it a scenario?`,
      );
    }
    bytes = readFileSync(path);
  } catch (error) {
    return failure(error);
  }
  if (bytes.includes(0)) return refused('is binary; a scenario is UTF-8 text');
  try {
    return {
      kind: 'text',
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: keepMark }).decode(bytes),
    };
  } catch {
    return refused('is not UTF-8 text; save it as UTF-8');
  }
}

export interface Sources {
  /** The text at a URI; null when there is none, or none that may be read. */
  readonly read: (uri: string) => string | null;
  /** Why files that exist were not read, by URI. */
  readonly refusals: ReadonlyMap<string, string>;
}

/**
 * Reads `library:` URIs below the library and `file:` URIs below `root` (a directory), symbolic links resolved.
 * The files in `named` may lie anywhere: the user named them.
 */
export function sourcesBelow(root: string, named: readonly string[] = []): Sources {
  const refusals = new Map<string, string>();
  const namedUris = new Set(named.map(uriOf));
  const read = (uri: string): string | null => {
    const path = pathOfUri(uri);
    if (path === null) return null;
    const boundary = uri.startsWith(libraryRoot) ? libraryDirectory : root;
    if (!namedUris.has(uri) && !isReallyBelow(path, boundary)) {
      if (statSync(path, { throwIfNoEntry: false })) refusals.set(uri, `is outside ${displayPath(boundary)}`);
      return null;
    }
    const reading = readText(path);
    if (reading.kind === 'refused') refusals.set(uri, reading.message);
    return reading.kind === 'text' ? reading.text : null;
  };
  return { read, refusals };
}

/** Where relative imports of a file may lead: the working tree of its repository, else the working directory, else its own. */
export function workspaceOf(path: string, workingDirectory: string = process.cwd()): string {
  const own = dirname(resolve(workingDirectory, path));
  for (let directory = own; ; directory = dirname(directory)) {
    if (statSync(join(directory, '.git'), { throwIfNoEntry: false })) return directory;
    if (directory === dirname(directory)) break;
  }
  return isBelow(own, workingDirectory) ? workingDirectory : own;
}

export function uriOf(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

/** The path of a `file:` or `library:` URI; null for anything else. */
export function pathOfUri(uri: string): string | null {
  try {
    if (uri.startsWith(libraryRoot))
      return join(libraryDirectory, decodeURIComponent(uri.slice(libraryRoot.length)));
    return uri.startsWith('file:') ? fileURLToPath(uri) : null;
  } catch {
    return null;
  }
}

/** A path or URI as it is shown: relative to the working directory, with `/`. */
export function displayPath(pathOrUri: string, workingDirectory: string = process.cwd()): string {
  const path = pathOrUri.includes(':/') ? (pathOfUri(pathOrUri) ?? pathOrUri) : pathOrUri;
  const shown = relative(workingDirectory, resolve(workingDirectory, path));
  return shown === '' ? '.' : shown.split(sep).join('/');
}

/** Paths of the library as imports write them: `kvm/x86/shadow`. */
export function libraryPaths(): readonly string[] {
  return scenarioFilesBelow(libraryDirectory).files.map((path) =>
    relative(libraryDirectory, path).slice(0, -EXTENSION.length).split(sep).join('/'),
  );
}

/** Every `.lockstep` file below a directory, sorted, and the directories that could not be read. Links to directories are not followed. */
export function scenarioFilesBelow(directory: string): {
  readonly files: readonly string[];
  readonly refusals: ReadonlyMap<string, string>;
} {
  const files: string[] = [];
  const refusals = new Map<string, string>();
  const visit = (path: string): void => {
    let entries: Dirent[];
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch (error) {
      const reading = failure(error);
      refusals.set(path, reading.kind === 'refused' ? reading.message : 'cannot be read');
      return;
    }
    for (const entry of entries) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) visit(child);
      } else if (entry.name.endsWith(EXTENSION)) files.push(child);
    }
  };
  visit(directory);
  return { files: files.sort(), refusals };
}

function isReallyBelow(path: string, directory: string): boolean {
  try {
    return isBelow(realpathSync(path), realpathSync(directory));
  } catch {
    return isBelow(resolve(path), directory);
  }
}

function isBelow(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function refused(message: string): Reading {
  return { kind: 'refused', message };
}

/** What an error of the file system means to the person who named the file. */
function failure(error: unknown): Reading {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { kind: 'missing' };
    case 'EACCES':
    case 'EPERM':
      return refused('may not be read by you (permission denied)');
    case 'ELOOP':
      return refused('is a symbolic link that leads in a circle');
    case 'ENAMETOOLONG':
      return refused('has a name that is too long');
    default:
      return refused(`cannot be read${code === '' ? '' : ` (${code})`}`);
  }
}
