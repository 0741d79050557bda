/** Where an import path leads. */

export type ImportTarget =
  | { readonly kind: 'file'; readonly uri: string }
  /** `reason` completes "the import …". */
  | { readonly kind: 'escapes'; readonly reason: string };

export const libraryRoot = 'library:///';

/** The file that every scenario imports before all others. */
export const preludeUri = 'library:///linux/prelude.lockstep';

const extension = '.lockstep';

/**
 * Resolves `path`, as written in the file `from`: `linux/list` is a library file; `./x` and `../x`
 * are relative to `from`. `root` is the URI of the folder that a relative import may not leave; without
 * one only the root of the URI itself bounds it.
 */
export function resolveImport(path: string, from: string, root: string | null = null): ImportTarget {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(path)) return escapes('is an address, not a path');
  if (path.startsWith('/')) return escapes('is an absolute path');
  if (path.includes('\\')) return escapes("has a backslash; paths are written with '/'");
  const relative = path.startsWith('./') || path.startsWith('../');
  const base = relative ? splitUri(from) : { authority: libraryRoot.slice(0, -1), segments: [] };
  const segments = relative ? base.segments.slice(0, -1) : [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') {
      segments.push(segment);
      continue;
    }
    if (segments.length === 0) {
      return escapes(base.authority.startsWith('library:') ? 'leaves the library' : 'leaves the workspace');
    }
    segments.pop();
  }
  const file = `${base.authority}/${segments.join('/')}`;
  const uri = file.endsWith(extension) ? file : file + extension;
  if (
    relative &&
    root !== null &&
    !isLibrary(from) &&
    !uri.startsWith(root.endsWith('/') ? root : `${root}/`)
  ) {
    return escapes('leaves the workspace');
  }
  return { kind: 'file', uri };
}

export function isLibrary(uri: string): boolean {
  return uri.startsWith(libraryRoot);
}

/** Library files that describe kernel primitives and hardware: there ghost and real state may mix. */
export function isTrusted(uri: string): boolean {
  return uri.startsWith(`${libraryRoot}linux/`) || uri.startsWith(`${libraryRoot}hardware/`);
}

/** `linux/list` for a library file, the URI otherwise. */
export function importName(uri: string): string {
  if (!isLibrary(uri)) return uri;
  const path = uri.slice(libraryRoot.length);
  return path.endsWith(extension) ? path.slice(0, -extension.length) : path;
}

function escapes(reason: string): ImportTarget {
  return { kind: 'escapes', reason };
}

/** `file:///a/b.lockstep` -> `file://` and [a, b.lockstep]; a path without a scheme has an empty authority. */
function splitUri(uri: string): { authority: string; segments: string[] } {
  const match = /^([A-Za-z][A-Za-z0-9+.-]*:(?:\/\/[^/]*)?)?(.*)$/s.exec(uri);
  const authority = match?.[1] ?? '';
  const path = match?.[2] ?? uri;
  const segments = path.split('/').filter((segment) => segment !== '');
  const isRelative = authority === '' && !path.startsWith('/');
  // A relative path keeps its first segment in front, so that no slash is put before it.
  if (isRelative) return { authority: '.', segments: segments.filter((segment) => segment !== '.') };
  return { authority, segments };
}
