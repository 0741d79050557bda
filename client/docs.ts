/** The documentation that comes with the extension, read-only and offline, as `lockstep-docs:/docs/…`. */

import * as vscode from 'vscode';

const scheme = 'lockstep-docs';

/** The page of a code such as `data-race`. */
export function pageUri(code: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/docs/diagnostics/${code}.md` });
}

/** A file system and not mere texts, so that the links between pages lead somewhere in the preview. */
export class Docs implements vscode.FileSystemProvider, vscode.Disposable {
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]> = () => new vscode.Disposable(() => {});
  private readonly extension: vscode.Uri;
  private readonly registration: vscode.Disposable;

  constructor(extension: vscode.Uri) {
    this.extension = extension;
    this.registration = vscode.workspace.registerFileSystemProvider(scheme, this, { isReadonly: true });
  }

  /** Every code that has a page, sorted. */
  async codes(): Promise<readonly string[]> {
    const entries = await this.readDirectory(vscode.Uri.from({ scheme, path: '/docs/diagnostics' }));
    return entries.flatMap(([name]) => (name.endsWith('.md') ? [name.slice(0, -'.md'.length)] : [])).sort();
  }

  stat(uri: vscode.Uri): Thenable<vscode.FileStat> {
    return vscode.workspace.fs.stat(this.inExtension(uri));
  }

  readDirectory(uri: vscode.Uri): Thenable<[string, vscode.FileType][]> {
    return vscode.workspace.fs.readDirectory(this.inExtension(uri));
  }

  readFile(uri: vscode.Uri): Thenable<Uint8Array> {
    return vscode.workspace.fs.readFile(this.inExtension(uri));
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    this.registration.dispose();
  }

  /** Only documentation, library and examples: nothing else of the extension is anyone's page. */
  private inExtension(uri: vscode.Uri): vscode.Uri {
    const parts = uri.path.split('/').filter((part) => part !== '');
    if (parts.includes('..') || !shown.includes(parts[0] ?? ''))
      throw vscode.FileSystemError.FileNotFound(uri);
    return vscode.Uri.joinPath(this.extension, ...parts);
  }
}

const shown = ['docs', 'library', 'examples'];
