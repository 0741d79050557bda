/** The files of the editor's folders: open documents as they are typed, the others as they are on the disk. */

import { pathToFileURL } from 'node:url';
import {
  EXTENSION,
  libraryDirectory,
  libraryPaths,
  pathOfUri,
  scenarioFilesBelow,
  type Sources,
  sourcesBelow,
  uriOf,
  workspaceOf,
} from '../host/files.ts';
import { AnalysisCache } from '../core/locks/cache.ts';
import { CheckCache } from '../core/semantics/cache.ts';
import { libraryRoot } from '../core/semantics/imports.ts';
import { loadProject, type SnapshotCache } from '../core/semantics/snapshot.ts';
import { Scene, type SceneCaches } from './scene.ts';

export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
}

const libraryFolder = `${pathToFileURL(libraryDirectory).href}/`;
const libraryScheme = libraryRoot;

/** Names of files in this class are the core's (`coreUri`); those of the client are turned at the edges. */
export class Workspace {
  private readonly caches: SceneCaches = {
    checks: new CheckCache(),
    analyses: new AnalysisCache(),
    latest: new Map(),
  };
  private readonly snapshots: SnapshotCache = new Map();
  private readonly documents = new Map<string, OpenDocument>();
  private readonly disk = new Map<string, string | null>();
  private readonly sources = new Map<string, Sources>();
  private readonly scenes = new Map<string, Scene>();
  private folders: readonly string[] = [];
  private known: readonly string[] | null = null;
  private library: readonly string[] | null = null;

  /** Paths of the folders that are open in the editor. */
  setFolders(paths: readonly string[]): void {
    this.folders = paths;
    this.forget();
  }

  /** The folders as URIs, without a slash at their end. */
  roots(): readonly string[] {
    return this.folders.map((path) => pathToFileURL(path).href);
  }

  open(document: OpenDocument): void {
    this.documents.set(document.uri, document);
    if (this.known !== null && !this.known.includes(document.uri)) this.known = null;
    this.scenes.clear();
  }

  close(uri: string): void {
    this.documents.delete(uri);
    for (const key of this.caches.latest.keys())
      if (key.startsWith(`${uri} `)) this.caches.latest.delete(key);
    this.disk.delete(uri);
    this.known = null;
    this.scenes.clear();
  }

  document(uri: string): OpenDocument | null {
    return this.documents.get(uri) ?? null;
  }

  openUris(): readonly string[] {
    return [...this.documents.keys()];
  }

  /** Something happened to these files on the disk. */
  changedOnDisk(uris: readonly string[]): void {
    for (const uri of uris) this.disk.delete(uri);
    this.known = null;
    this.scenes.clear();
  }

  /** The text as the editor has it, else as the disk does; null when there is none that may be read. */
  read(uri: string): string | null {
    const open = this.documents.get(uri);
    if (open !== undefined) return open.text;
    let text = this.disk.get(uri);
    if (text === undefined) {
      text = this.sourcesOf(uri).read(uri);
      this.disk.set(uri, text);
    }
    return text;
  }

  /** Null when there is no such file. */
  scene(uri: string): Scene | null {
    const made = this.scenes.get(uri);
    if (made !== undefined) return made;
    if (this.read(uri) === null) return null;
    const project = loadProject(uri, (each) => this.readFor(uri, each), this.snapshots, {
      root: this.rootOf(uri),
      libraryPaths: this.libraryPaths(),
    });
    const file = project.files.get(uri);
    if (file === undefined) return null;
    const scene = new Scene(project, file, this.documents.get(uri)?.version ?? null, this.caches);
    this.scenes.set(uri, scene);
    return scene;
  }

  /** Scenario files of the folders and open ones, sorted; the library's files are not among them unless open. */
  files(): readonly string[] {
    if (this.known === null) {
      const found = this.folders.flatMap((folder) => scenarioFilesBelow(folder).files.map(uriOf));
      this.known = [...new Set([...found.map(coreUri), ...this.documents.keys()])].sort();
    }
    return this.known;
  }

  /** Files whose import closure contains `uri`, itself included when it is known. */
  users(uri: string): readonly string[] {
    return this.files().filter((each) => this.scene(each)?.project.files.has(uri) === true);
  }

  libraryPaths(): readonly string[] {
    this.library ??= libraryPaths();
    return this.library;
  }

  /** URI of the folder that relative imports of a file may not leave. */
  rootOf(uri: string): string {
    if (uri.startsWith(libraryScheme)) return 'library:';
    const folder = this.roots()
      .filter((root) => uri.startsWith(`${root}/`))
      .sort((a, b) => b.length - a.length)[0];
    if (folder !== undefined) return folder;
    const path = pathOfUri(uri);
    return path === null ? uri.slice(0, uri.lastIndexOf('/')) : pathToFileURL(workspaceOf(path)).href;
  }

  private readFor(scenario: string, uri: string): string | null {
    if (this.documents.has(uri) || uri.startsWith(libraryScheme)) return this.read(uri);
    // What an import names is read with the boundary of the scenario that imports it.
    return this.rootOf(scenario) === this.rootOf(uri) ? this.read(uri) : this.sourcesOf(scenario).read(uri);
  }

  private sourcesOf(uri: string): Sources {
    const root = this.rootOf(uri);
    const path = pathOfUri(root.startsWith('file:') ? root : '') ?? libraryDirectory;
    let sources = this.sources.get(path);
    if (sources === undefined) {
      sources = sourcesBelow(path);
      this.sources.set(path, sources);
    }
    return sources;
  }

  private forget(): void {
    this.disk.clear();
    this.sources.clear();
    this.scenes.clear();
    this.known = null;
  }
}

/** A file of the library is named by its place in the library, wherever that lies; other names stay as they are. */
export function coreUri(clientUri: string): string {
  const uri = normal(clientUri);
  return uri.startsWith(libraryFolder) ? libraryScheme + uri.slice(libraryFolder.length) : uri;
}

/** The name by which any editor can open the file. */
export function clientUri(uri: string): string {
  return uri.startsWith(libraryScheme) ? libraryFolder + uri.slice(libraryScheme.length) : uri;
}

export function isScenarioFile(uri: string): boolean {
  return uri.endsWith(EXTENSION);
}

/** Editors differ in what they escape: one file, one name. */
function normal(uri: string): string {
  const path = uri.startsWith('file:') ? pathOfUri(uri) : null;
  return path === null ? uri : uriOf(path);
}
