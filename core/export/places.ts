import type { Loc } from '../semantics/hir.ts';
import { type Project, position, resolveLoc } from '../semantics/snapshot.ts';
import type { FileRange } from '../syntax/diagnostic.ts';

/** A range of a file as people count: lines and columns from 1, columns in UTF-16 units, the end exclusive. */
export interface Place {
  readonly uri: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface Places {
  ofRange(range: FileRange): Place;
  ofLoc(loc: Loc): Place;
}

/** Places in the files of a project. What lies in no such file or item is placed at the file's beginning. */
export function placesIn(project: Project): Places {
  const ofRange = ({ uri, start, end }: FileRange): Place => {
    const source = project.files.get(uri)?.source;
    if (source === undefined) return { uri, line: 1, column: 1, endLine: 1, endColumn: 1 };
    const from = position(source, Math.min(start, source.text.length));
    const to = position(source, Math.min(Math.max(start, end), source.text.length));
    return { uri, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
  };
  return {
    ofRange,
    ofLoc: (loc) => ofRange(resolveLoc(project, loc) ?? { uri: loc.uri, start: 0, end: 0 }),
  };
}
