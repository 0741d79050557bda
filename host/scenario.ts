/** Opening a scenario file: its text and imports, its variants, and what is wrong before anything is explored. */

import { pathToFileURL } from 'node:url';
import { type Variant, variants } from '../core/semantics/options.ts';
import { loadProject, type Project, type SnapshotCache } from '../core/semantics/snapshot.ts';
import { libraryPaths, sourcesBelow, uriOf, workspaceOf } from './files.ts';

export interface OpenedScenario {
  readonly uri: string;
  /** URI of the folder that relative imports may not leave. */
  readonly root: string;
  readonly project: Project;
  /** False for a file that only others import. */
  readonly isScenario: boolean;
  /** Every combination of option values; `error` says why there are none. */
  readonly variants: readonly Variant[];
  readonly error: string | null;
  /** Why imported files that exist were not read, by URI. */
  readonly refusals: ReadonlyMap<string, string>;
}

/** `path` must be a file that can be read. Files that were opened before are found in the cache. */
export function openScenario(path: string, cache: SnapshotCache = new Map()): OpenedScenario {
  const uri = uriOf(path);
  const directory = workspaceOf(path);
  const root = pathToFileURL(directory).href;
  const sources = sourcesBelow(directory, [path]);
  const project = loadProject(uri, sources.read, cache, { root, libraryPaths: libraryPaths() });
  const own = project.files.get(uri)?.source.items ?? [];
  const found = variants(project);
  return {
    uri,
    root,
    project,
    isScenario: own.some(({ item }) => item.kind === 'scenario'),
    variants: found.variants,
    error: found.error,
    refusals: sources.refusals,
  };
}

/** The texts of a project, by URI: all that a worker needs to load it again. */
export function textsOf(project: Project): ReadonlyMap<string, string> {
  return new Map([...project.files].map(([uri, file]) => [uri, file.source.text]));
}
