import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface Source {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Every file below `rooms` whose name ends with one of `endings`. A room that does not exist yet has none. */
export function sourcesUnder(rooms: readonly string[], endings: readonly string[]): readonly Source[] {
  return rooms
    .flatMap((room) => filesUnder(join(root, room)))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({
      path: relative(root, path).split(sep).join('/'),
      text: readFileSync(path, 'utf8'),
    }));
}

export interface Import {
  readonly from: string;
  /** The path inside the repository, or the package's name as written. */
  readonly to: string;
}

/** What a TypeScript file imports or re-exports, statically (at the beginning of a line) or not. */
export function importsOf(source: Source): readonly Import[] {
  const found = source.text.matchAll(
    /^(?:import|export)\s[^;'"`]*?from\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]|[^\w.]import\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...found].map((match) => {
    const written = match[1] ?? match[2] ?? match[3] ?? '';
    const to = written.startsWith('.')
      ? relative(root, join(root, dirname(source.path), written))
          .split(sep)
          .join('/')
      : written;
    return { from: source.path, to };
  });
}

function filesUnder(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .flatMap((entry) => {
        const path = join(directory, entry.name);
        return entry.isDirectory() ? filesUnder(path) : [path];
      })
      .sort();
  } catch {
    return [];
  }
}
