/** Files as a debugger names them. */

import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { pathOfUri } from '../../host/files.ts';
import { clientUri } from '../workspace.ts';

/** A path, or a URI where the editor has no path for it. */
export function uriOfSource(source: { readonly path?: string | null | undefined }): string {
  const path = source.path ?? '';
  return /^[a-z][a-z0-9+.-]+:/i.test(path) && !/^[a-z]:[\\/]/i.test(path) ? path : pathToFileURL(path).href;
}

/** `reference`: number of a text that is not the file's any more; 0: the file as it is. */
export function sourceOf(uri: string, reference: number): DebugProtocol.Source {
  const shown = clientUri(uri);
  const path = pathOfUri(shown) ?? shown;
  const name = basename(path);
  const isLibrary = shown !== uri;
  return {
    name: reference === 0 ? name : `${name} (as it was)`,
    ...(reference === 0 ? { path } : { sourceReference: reference }),
    ...(isLibrary ? { presentationHint: 'deemphasize', origin: 'library' } : {}),
  };
}
