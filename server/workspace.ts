/** The files of the editor's folders: open documents as they are typed, the others as they are on the disk. */

import { pathToFileURL } from 'node:url';
import {
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
import { libraryRoot, preludeUri, resolveImport } from '../core/semantics/imports.ts';
import { type FileSnapshot, loadFile, loadProject, type SnapshotCache } from '../core/semantics/snapshot.ts';
import { Scene, type SceneCaches } from './scene.ts';

export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly text: string;
  /** The name that the client uses, where it is not what `clientUri` makes. */
  readonly clientUri?: string;
}

/** Larger texts are typed by nobody; they are not analysed, so that a keystroke in one costs nothing. UTF-16 units. */
export const LARGEST_TEXT = 1024 * 1024;

/** Scenes of files that are not open are kept for those who ask again soon. */
const closedScenes = 12;

const libraryFolder = `${pathToFileURL(libraryDirectory).href}/`;
const libraryScheme = libraryRoot;

interface KeptScene {
  readonly scene: Scene;
  /** What was read for it, files that are not there included: it holds as long as these stay as they are. */
  readonly reads: ReadonlySet<string>;
}

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
  private readonly scenes = new Map<string, KeptScene>();
  private readonly outerRoots = new Map<string, string>();
  private readonly listeners: ((uris: readonly string[]) => void)[] = [];
  private folders: readonly string[] = [];
  private folderUris: readonly string[] = [];
  private known: readonly string[] | null = null;
  private library: readonly string[] | null = null;

  /** Paths of the folders that are open in the editor. */
  setFolders(paths: readonly string[]): void {
    this.folders = paths;
    this.folderUris = paths.map((path) => pathToFileURL(path).href.replace(/\/$/, ''));
    this.disk.clear();
    this.sources.clear();
    this.outerRoots.clear();
    this.scenes.clear();
    this.known = null;
    this.tell(this.openUris());
  }

  /** The folders as URIs, without a slash at their end. */
  roots(): readonly string[] {
    return this.folderUris;
  }

  /** `listener` is told of open documents whose scenes are not what they were; the one that was edited is the first. */
  onStale(listener: (uris: readonly string[]) => void): void {
    this.listeners.push(listener);
  }

  /** A document that is opened, or edited. */
  open(document: OpenDocument): void {
    const { uri } = document;
    const before = this.read(uri);
    this.documents.set(uri, document);
    if (this.known?.includes(uri) === false) this.known = null;
    this.touched(uri, before);
  }

  close(uri: string): void {
    const before = this.read(uri);
    this.documents.delete(uri);
    this.disk.delete(uri);
    this.known = null;
    const { latest } = this.caches;
    for (const key of latest.keys()) if (key.startsWith(`${uri} `)) latest.delete(key);
    this.touched(uri, before);
  }

  document(uri: string): OpenDocument | null {
    return this.documents.get(uri) ?? null;
  }

  openUris(): readonly string[] {
    return [...this.documents.keys()];
  }

  /** Something happened to these files on the disk. */
  changedOnDisk(uris: readonly string[]): void {
    for (const uri of uris) {
      const before = this.disk.get(uri);
      this.disk.delete(uri);
      if (this.documents.has(uri)) continue;
      if (before === undefined || before === null) this.known = null;
      // Never read: then nobody knows what it was.
      if (before === undefined) this.touched(uri, undefined);
      else if (this.read(uri) !== before) {
        this.known = null;
        this.touched(uri, before);
      }
    }
  }

  /** The text as the editor has it, else as the disk does; null when there is none that may be read. */
  read(uri: string): string | null {
    const open = this.documents.get(uri);
    if (open !== undefined) return open.text.length > LARGEST_TEXT ? null : open.text;
    let text = this.disk.get(uri);
    if (text === undefined) {
      text = this.sourcesOf(uri).read(uri);
      this.disk.set(uri, text);
    }
    return text;
  }

  /** Null when there is no such file, or it is too large. */
  scene(uri: string): Scene | null {
    const kept = this.scenes.get(uri);
    if (kept !== undefined) {
      this.scenes.delete(uri);
      this.scenes.set(uri, kept);
      return kept.scene;
    }
    if (this.read(uri) === null) return null;
    const reads = new Set([uri]);
    const read = (each: string): string | null => {
      reads.add(each);
      return this.readFor(uri, each);
    };
    const root = this.rootOf(uri);
    const project = loadProject(uri, read, this.snapshots, { root, libraryPaths: this.libraryPaths() });
    const file = project.files.get(uri);
    if (file === undefined) return null;
    const version = this.documents.get(uri)?.version ?? null;
    const scene = new Scene(project, file, { version, root }, this.caches);
    this.scenes.set(uri, { scene, reads });
    this.dropClosed();
    return scene;
  }

  /** One file by itself, without what it imports; null when there is no such file, or it is too large. */
  file(uri: string): FileSnapshot | null {
    const text = this.read(uri);
    return text === null ? null : loadFile(uri, text, this.snapshots);
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
    const importers = this.importers();
    const found = new Set([uri]);
    for (const each of found) for (const importer of importers.get(each) ?? []) found.add(importer);
    return this.files().filter((each) => found.has(each));
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
    const directory = uri.slice(0, uri.lastIndexOf('/'));
    let root = this.outerRoots.get(directory);
    if (root === undefined) {
      const path = pathOfUri(uri);
      root = path === null ? directory : pathToFileURL(workspaceOf(path)).href;
      this.outerRoots.set(directory, root);
    }
    return root;
  }

  /** Who imports a file directly, over all files and what they lead to. */
  private importers(): ReadonlyMap<string, ReadonlySet<string>> {
    const importers = new Map<string, Set<string>>();
    const reached = new Set([preludeUri, ...this.files()]);
    for (const uri of reached) {
      const targets = this.file(uri)?.imports ?? [];
      const root = this.rootOf(uri);
      for (const { path } of targets) {
        const target = resolveImport(path, uri, root);
        if (target.kind !== 'file') continue;
        reached.add(target.uri);
        importers.set(target.uri, (importers.get(target.uri) ?? new Set()).add(uri));
      }
    }
    // Everybody has the prelude.
    importers.set(preludeUri, reached);
    return importers;
  }

  /** The text of a file may be another than `before`; undefined: nobody knows what it was. */
  private touched(uri: string, before: string | null | undefined): void {
    const isSame = before !== undefined && this.read(uri) === before;
    const stale = [...this.scenes].flatMap(([each, { reads }]) =>
      each === uri || (!isSame && reads.has(uri)) ? [each] : [],
    );
    for (const each of stale) this.scenes.delete(each);
    const others = stale.filter((each) => each !== uri && this.documents.has(each));
    this.tell(this.documents.has(uri) ? [uri, ...others] : others);
  }

  private tell(uris: readonly string[]): void {
    if (uris.length > 0) for (const listener of this.listeners) listener(uris);
  }

  private dropClosed(): void {
    const closed = [...this.scenes.keys()].filter((uri) => !this.documents.has(uri));
    for (const uri of closed.slice(0, Math.max(0, closed.length - closedScenes))) this.scenes.delete(uri);
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

/** Editors differ in what they escape: one file, one name. */
function normal(uri: string): string {
  const path = uri.startsWith('file:') ? pathOfUri(uri) : null;
  return path === null ? uri : uriOf(path);
}
