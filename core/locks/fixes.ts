/**
 * Quick fixes: edits that mend a finding.
 *
 * What might mend it is proposed from the text alone; it is offered only if the whole scenario, edited so and analysed
 * again in all variants, no longer has the finding and has no new one. Library files are never edited.
 */

import { check } from '../semantics/check.ts';
import { CheckCache } from '../semantics/cache.ts';
import type { CheckedProgram } from '../semantics/hir.ts';
import { type Variant, variants } from '../semantics/options.ts';
import { type LoadOptions, loadProject, type Project, type SnapshotCache } from '../semantics/snapshot.ts';
import type { Diagnostic } from '../syntax/diagnostic.ts';
import { format } from '../syntax/format.ts';
import { analyse } from './analyse.ts';
import { AnalysisCache } from './cache.ts';
import type { LockFinding } from './events.ts';
import { type Edit, edited, toFix } from './fixEdits.ts';
import { irqCandidates, modeCandidates } from './fixCalls.ts';
import { releaseCandidates, unbalancedCandidates } from './fixRelease.ts';
import { sayCandidates } from './fixSay.ts';
import { swapCandidates } from './fixOrder.ts';
import { takeCandidates } from './fixTake.ts';
import { wordCandidates } from './fixWord.ts';

export type Fix = LockFinding['fixes'][number];

/** An edit of one file that might mend a finding. */
export interface Candidate {
  readonly title: string;
  readonly uri: string;
  readonly edits: readonly Edit[];
}

/** What earlier analyses left behind; all of it may be used for many scenarios. */
export interface FixCaches {
  readonly snapshots: SnapshotCache;
  readonly bodies: CheckCache;
  readonly walks: AnalysisCache;
}

export function fixCaches(): FixCaches {
  return { snapshots: new Map(), bodies: new CheckCache(), walks: new AnalysisCache() };
}

export interface FixOptions extends LoadOptions {
  /** False when nobody waits for the answer any more: what has been found so far is returned. */
  readonly goesOn?: () => boolean;
}

/** Offers for one finding, and candidates that are tried for it. */
const mostOffers = 3;
const mostTries = 12;

/** Fixes of one finding of this project, each one tried out; best first. */
export function fixesOf(
  project: Project,
  finding: LockFinding,
  options: FixOptions = {},
  caches: FixCaches = fixCaches(),
): readonly Fix[] {
  const before = allOf(project, finding, caches);
  if (before === null) return [];
  const programs = before.map(({ program }) => program);
  const offers: Fix[] = [];
  const texts = new Set<string>();
  for (const candidate of distinct(candidatesFor(project, programs, finding))) {
    if (offers.length >= mostOffers || texts.size >= mostTries || options.goesOn?.() === false) break;
    const text = applied(project, candidate);
    if (text === null || texts.has(text)) continue;
    texts.add(text);
    const after = edit(project, candidate.uri, text, options, caches);
    if (!mends(after, finding, before, options, caches)) continue;
    const file = project.files.get(candidate.uri);
    if (file !== undefined) offers.push(toFix(candidate.title, file, text));
  }
  return offers;
}

/** Fixes of what the checks of the language found about bit-fields; tried out in the same way. */
export function fixesOfDiagnostic(
  project: Project,
  diagnostic: Diagnostic,
  options: LoadOptions = {},
  caches: FixCaches = fixCaches(),
): readonly Fix[] {
  return wordCandidates(project, diagnostic).flatMap((candidate) => {
    const text = applied(project, candidate);
    const file = project.files.get(candidate.uri);
    if (text === null || file === undefined) return [];
    const after = errorsOf(edit(project, candidate.uri, text, options, caches), caches);
    const before = errorsOf(project, caches);
    const isMended = after.length < before.length && after.every((message) => before.includes(message));
    return isMended ? [toFix(candidate.title, file, text)] : [];
  });
}

/** The findings with their fixes. */
export function withFixes(
  project: Project,
  findings: readonly LockFinding[],
  options: FixOptions = {},
  caches: FixCaches = fixCaches(),
): readonly LockFinding[] {
  return findings.map((finding) => ({ ...finding, fixes: fixesOf(project, finding, options, caches) }));
}

function candidatesFor(
  project: Project,
  programs: readonly CheckedProgram[],
  finding: LockFinding,
): readonly Candidate[] {
  // Names of one variant may be missing in another: each is asked.
  return programs.flatMap((program) => [
    ...takeCandidates(project, program, finding),
    ...swapCandidates(project, program, finding),
    ...modeCandidates(project, program, finding),
    ...irqCandidates(project, program, finding),
    ...sayCandidates(project, program, finding),
    ...releaseCandidates(project, program, finding),
    ...unbalancedCandidates(project, program, finding),
  ]);
}

/** Variants propose the same; of equal edits the first title is the one. */
function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  return candidates.filter(({ uri, edits }) => {
    const key = JSON.stringify([uri, edits]);
    return !seen.has(key) && seen.add(key);
  });
}

/** The text of the file with the candidate's edits, laid out if it was before; null when nothing changes. */
function applied(project: Project, { uri, edits }: Candidate): string | null {
  const text = project.files.get(uri)?.source.text;
  if (text === undefined) return null;
  const raw = edited(text, edits);
  const after = format(text) === text ? format(raw) : raw;
  return after === text ? null : after;
}

/** What is told of one variant. */
interface Told {
  readonly variant: Variant;
  readonly program: CheckedProgram;
  /** How often: by code and message, which name no line. */
  readonly counts: ReadonlyMap<string, number>;
}

/** In no variant is anything told more often, and the finding less often wherever it was told. */
function mends(
  project: Project,
  finding: LockFinding,
  before: readonly Told[],
  { goesOn }: FixOptions,
  caches: FixCaches,
): boolean {
  if (project.diagnostics.length > 0) return false;
  const key = keyOf(finding);
  return before.every(({ variant, counts }) => {
    const after = goesOn?.() === false ? null : told(project, variant, caches);
    if (after === null) return false;
    const known = counts.get(key) ?? 0;
    if (known > 0 && (after.counts.get(key) ?? 0) >= known) return false;
    return [...after.counts].every(([each, count]) => count <= (counts.get(each) ?? 0));
  });
}

/** What is told of each variant, those that have the finding first; null when there is an error in one. */
function allOf(project: Project, finding: LockFinding, caches: FixCaches): readonly Told[] | null {
  if (project.diagnostics.length > 0) return null;
  const all: Told[] = [];
  for (const variant of variants(project).variants) {
    const one = told(project, variant, caches);
    if (one === null) return null;
    all.push(one);
  }
  const key = keyOf(finding);
  return [...all.filter(({ counts }) => counts.has(key)), ...all.filter(({ counts }) => !counts.has(key))];
}

function told(project: Project, variant: Variant, { bodies, walks }: FixCaches): Told | null {
  const { program, diagnostics } = check(project, variant, bodies);
  if (program === null || diagnostics.some(({ severity }) => severity === 'error')) return null;
  const counts = new Map<string, number>();
  for (const each of analyse(program, walks).findings)
    counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
  return { variant, program, counts };
}

/** The project with another text of one of its files. */
function edit(project: Project, uri: string, text: string, options: LoadOptions, caches: FixCaches): Project {
  const read = (wanted: string): string | null =>
    wanted === uri ? text : (project.files.get(wanted)?.source.text ?? null);
  return loadProject(project.uri, read, caches.snapshots, options);
}

/** What is wrong with the language in any variant. */
function errorsOf(project: Project, caches: FixCaches): readonly string[] {
  const found = variants(project).variants.flatMap(
    (variant) => check(project, variant, caches.bodies).diagnostics,
  );
  return found.map(({ code, message, at }) => `${code} ${at.uri} ${message}`);
}

function keyOf({ code, message }: LockFinding): string {
  return `${code}: ${message}`;
}
