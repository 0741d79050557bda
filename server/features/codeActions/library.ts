/** Which file of the library declares a name. */

import { libraryRoot } from '../../../core/semantics/imports.ts';
import { type Outlined, outlineOf } from '../../../core/semantics/outline.ts';
import type { FileSnapshot } from '../../../core/semantics/snapshot.ts';
import type { Library } from './names.ts';

/** What of a workspace the library is read from. */
export interface LibraryFiles {
  libraryPaths(): readonly string[];
  file(uri: string): FileSnapshot | null;
}

/** Looks at the files when it is first asked; files that change are looked at again. */
export class LibraryNames implements Library {
  private readonly files: LibraryFiles;

  constructor(files: LibraryFiles) {
    this.files = files;
  }

  declaring(name: string, isWanted: (outlined: Outlined) => boolean): readonly string[] {
    return this.files.libraryPaths().filter((path) => {
      const file = this.files.file(this.uriOf(path));
      return file?.source.text.includes(name) === true && namesOf(file).get(name)?.some(isWanted) === true;
    });
  }

  uriOf(path: string): string {
    return `${libraryRoot}${path}.lockstep`;
  }
}

const known = new WeakMap<FileSnapshot, ReadonlyMap<string, readonly Outlined[]>>();

function namesOf(file: FileSnapshot): ReadonlyMap<string, readonly Outlined[]> {
  let names = known.get(file);
  if (names === undefined) {
    const found = new Map<string, Outlined[]>();
    for (const placed of file.source.items) {
      for (const outlined of outlineOf(placed)) {
        const isMember = outlined.container !== null && outlined.kind !== 'enumerator';
        if (isMember) continue;
        const same = found.get(outlined.name.text);
        if (same === undefined) found.set(outlined.name.text, [outlined]);
        else same.push(outlined);
      }
    }
    names = found;
    known.set(file, names);
  }
  return names;
}
