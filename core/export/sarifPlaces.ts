/** Files of a SARIF run: relative URIs, each an artifact that locations point to by its index. */

import type { SarifArtifact, SarifLocation } from './sarifFormat.ts';

/** The base of relative URIs: what code scanning takes for the root of the repository. */
export const sourceRoot = '%SRCROOT%';

export interface SarifPlace {
  /** Relative to the working directory, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

export class SarifPlaces {
  private readonly found = new Map<string, { readonly index: number; readonly artifact: SarifArtifact }>();
  private readonly targets: ReadonlySet<string>;

  /** `targets`: the files that were asked for, as opposed to what they import. */
  constructor(targets: ReadonlySet<string>) {
    this.targets = targets;
    for (const file of targets) this.entry(file);
  }

  get artifacts(): readonly SarifArtifact[] {
    return [...this.found.values()].map(({ artifact }) => artifact);
  }

  at({ file, line, column, endLine, endColumn }: SarifPlace, text: string | null = null): SarifLocation {
    const { index, artifact } = this.entry(file);
    return {
      physicalLocation: {
        artifactLocation: { ...artifact.location, index },
        region: {
          startLine: line,
          startColumn: column,
          ...(endLine === undefined ? {} : { endLine }),
          ...(endColumn === undefined ? {} : { endColumn }),
        },
      },
      ...(text === null ? {} : { message: { text } }),
    };
  }

  private entry(file: string): { readonly index: number; readonly artifact: SarifArtifact } {
    let entry = this.found.get(file);
    if (entry === undefined) {
      const artifact: SarifArtifact = {
        location: uriOf(file),
        ...(this.targets.has(file) ? { roles: ['analysisTarget'] } : {}),
        sourceLanguage: 'lockstep',
      };
      entry = { index: this.found.size, artifact };
      this.found.set(file, entry);
    }
    return entry;
  }
}

/** A file on another drive has no relative path, and keeps its own root. */
function uriOf(file: string): SarifArtifact['location'] {
  const segments = file.split('/');
  const drive = /^[A-Za-z]:$/.test(segments[0] ?? '') ? (segments.shift() ?? null) : null;
  const path = segments.map(encodeURIComponent).join('/');
  if (drive !== null) return { uri: `file:///${drive}/${path}` };
  if (path.startsWith('/')) return { uri: `file://${path}` };
  return { uri: path, uriBaseId: sourceRoot };
}
