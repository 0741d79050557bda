import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../core/locks/analyse.ts';
import { mergeFindings, type MergedFinding } from '../../core/locks/merge.ts';
import { check as checkVariant } from '../../core/semantics/check.ts';
import { CheckCache } from '../../core/semantics/cache.ts';
import { variants } from '../../core/semantics/options.ts';
import {
  loadProject,
  position,
  type Project,
  resolveLoc,
  type SnapshotCache,
} from '../../core/semantics/snapshot.ts';
import { libraryPaths, sourcesBelow } from '../../host/files.ts';
import { root } from '../house/sources.ts';

/**
 * Sources by name. A comment `// ^^^ code: part of the message` speaks of the text above its carets, in the nearest
 * line above that is no such comment; `// ^^^ may code: …` of what the analysis cannot know. Everything that is found
 * in any variant must be expected, and the other way round. Several places on one line need carets each.
 */
export function check(cases: Readonly<Record<string, string>>): void {
  for (const [name, source] of Object.entries(cases)) {
    test(name, () => checkSource(source));
  }
}

const uri = 'file:///home/main.lockstep';
const snapshots: SnapshotCache = new Map();
const bodies = new CheckCache();
const library = sourcesBelow(root, []);

/** Findings of every variant of a scenario that has no errors. */
export function findingsOf(source: string): {
  readonly project: Project;
  readonly findings: readonly MergedFinding[];
} {
  const read = (wanted: string): string | null => (wanted === uri ? source : library.read(wanted));
  const project = loadProject(uri, read, snapshots, { libraryPaths: libraryPaths() });
  const analyses = variants(project).variants.map((variant) => {
    const { program, diagnostics } = checkVariant(project, variant, bodies);
    assert.ok(program !== null, diagnostics.map(({ message }) => message).join('\n'));
    return { variant, ...analyse(program) };
  });
  return { project, findings: mergeFindings(analyses) };
}

function checkSource(source: string): void {
  const { project, findings } = findingsOf(source);
  const left = findings.map((finding) => describe(project, finding));
  const missing: string[] = [];
  for (const { place, may, code, message } of expectations(source)) {
    const index = left.findIndex(
      (each) =>
        each.place === place && each.may === may && each.code === code && each.message.includes(message),
    );
    if (index >= 0) left.splice(index, 1);
    else missing.push(`expected ${place} ${may ? 'may ' : ''}${code}: ${message}`);
  }
  const extra = left.map(
    ({ place, may, code, message }) => `found    ${place} ${may ? 'may ' : ''}${code}: ${message}`,
  );
  assert.deepEqual([...missing, ...extra], []);
}

interface Described {
  /** `line:column+length` */
  readonly place: string;
  readonly may: boolean;
  readonly code: string;
  readonly message: string;
}

function describe(project: Project, { loc, may, code, message }: MergedFinding): Described {
  const range = resolveLoc(project, loc);
  const file = range === null ? undefined : project.files.get(range.uri);
  if (range === null || file === undefined) return { place: '?', may, code, message };
  const { line, column: offset } = position(file.source, range.start);
  const column = shown(file.source.text.slice(range.start - offset + 1, range.start));
  const name = range.uri === uri ? '' : `${range.uri} `;
  return { place: `${name}${line}:${column}+${range.end - range.start}`, may, code, message };
}

function expectations(source: string): Described[] {
  const expected: Described[] = [];
  let code = 0;
  source.split('\n').forEach((line, index) => {
    const match = /^(\s*\/\/\s*)(\^+) (may )?([\w-]+): (.*)$/.exec(line);
    if (match === null) {
      code = index + 1;
      return;
    }
    const [, before = '', carets = '', may, name = '', message = ''] = match;
    expected.push({
      place: `${code}:${shown(before)}+${carets.length}`,
      may: may !== undefined,
      code: name,
      message,
    });
  });
  return expected;
}

/** Column behind a text that begins a line, with tabs of eight. */
function shown(before: string): number {
  let column = 0;
  for (const char of before) column = char === '\t' ? column - (column % 8) + 8 : column + 1;
  return column + 1;
}
