/** The JSON of `check`: shapes, and how a judgement becomes one result. Positions are 1-based, columns UTF-16. */

import type { SearchResult } from '../machine/result.ts';
import type { Program } from '../program/ir.ts';
import type { Loc } from '../semantics/hir.ts';
import type { Code } from '../syntax/codes.ts';
import type { Diagnostic } from '../syntax/diagnostic.ts';
import type { Places } from './places.ts';
import { type ShownStep, showSteps } from './steps.ts';
import { type Failure, type Judgement, placesOf } from './verdict.ts';

export interface Report {
  readonly version: 1;
  readonly results: readonly Result[];
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly unusable: readonly Unusable[];
}

export interface Result {
  /** Relative to the working directory, with `/`. */
  readonly file: string;
  readonly scenario: string;
  readonly options: Readonly<Record<string, string>>;
  readonly memoryModel: string;
  readonly profile: string;
  /** What the scenario declares smaller than the real machine: settings and pools by name. */
  readonly bounds: Readonly<Record<string, number | string>>;
  readonly verdict: Judgement['verdict'];
  readonly reason: string | null;
  readonly violations: readonly ReportedViolation[];
  /** What the static lock rules find in this variant; shown in full among the report's diagnostics. */
  readonly findings: readonly ReportedFinding[];
  readonly expected: readonly string[];
  readonly met: boolean;
  readonly vacuous: readonly string[];
  readonly states: number;
  readonly transitions: number;
  /** Steps of the longest shortest path. */
  readonly depth: number;
  readonly seconds: number;
  /** Memory that the search held at its end. */
  readonly bytes: number;
  readonly complete: boolean;
  readonly reductions: readonly string[];
}

export type ReportedFinding = Pick<
  ReportedDiagnostic,
  'code' | 'severity' | 'file' | 'line' | 'column' | 'confirmed' | 'expected'
>;

export interface ReportedViolation {
  readonly check: string;
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly expected: boolean;
  /** Where it happens, when that is in a file that the scenario imports: it is shown at the call from its own file. */
  readonly related: readonly (ReportedPlace & { readonly message: string })[];
  readonly trace: readonly ReportedStep[];
}

export interface ReportedPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ReportedStep {
  readonly thread: string;
  /** From 1. */
  readonly step: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export interface ReportedDiagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: Diagnostic['severity'];
  readonly code: string;
  readonly message: string;
  /** null for what no interleaving could show. */
  readonly confirmed: 'confirmed' | 'not-reachable' | 'not-explored' | null;
  /** An `expect finds` asks for it. */
  readonly expected: boolean;
  readonly related: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly message: string;
  }[];
  /** The interleaving of what is confirmed; else empty. */
  readonly trace: readonly ReportedStep[];
}

export interface Unusable {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** How positions and files are written: places in the sources, and the path of a URI as the user knows it. */
export interface Writing {
  readonly places: Places;
  readonly pathOf: (uri: string) => string;
}

export function resultOf(
  program: Program,
  search: SearchResult,
  judgement: Judgement,
  memoryModel: string,
  writing: Writing,
  findings: readonly ReportedDiagnostic[] = [],
): Result {
  const { checked } = program;
  return {
    file: writing.pathOf(checked.uri),
    scenario: checked.title,
    options: Object.fromEntries(checked.options),
    memoryModel,
    profile: checked.profile,
    bounds: boundsOf(program),
    verdict: judgement.verdict,
    reason: judgement.reason,
    violations: judgement.failures.map((failure) => violationOf(program, failure, writing)),
    findings: findings.map(({ code, severity, file, line, column, confirmed, expected }) => ({
      ...{ code, severity, file, line, column, confirmed, expected },
    })),
    expected: judgement.expected,
    met: judgement.met,
    vacuous: judgement.vacuous,
    states: search.states,
    transitions: search.transitions,
    depth: search.depth,
    seconds: Math.round(search.milliseconds) / 1000,
    bytes: search.bytes,
    complete: search.complete,
    reductions: search.reductions,
  };
}

export function reportDiagnostic(diagnostic: Diagnostic, writing: Writing): ReportedDiagnostic {
  const { line, column, endLine, endColumn } = writing.places.ofRange(diagnostic.at);
  return {
    file: writing.pathOf(diagnostic.at.uri),
    line,
    column,
    endLine,
    endColumn,
    severity: diagnostic.severity,
    code: diagnostic.code,
    message: diagnostic.message,
    confirmed: null,
    expected: false,
    related: diagnostic.related.map(({ message, at }) => {
      const place = writing.places.ofRange(at);
      return { file: writing.pathOf(at.uri), line: place.line, column: place.column, message };
    }),
    trace: [],
  };
}

/** Declared settings, the sizes of pools, and under tso how many stores of a thread may wait. */
export function boundsOf({ checked, buffers }: Program): Record<string, number | string> {
  const settings = [...checked.settings]
    .filter(([name, { declared }]) => declared || (name === 'store_buffer' && buffers !== undefined))
    .map(([name, { value }]): [string, number | string] => [name, numberOrText(value)]);
  const pools = checked.pools.map(({ name, length }): [string, number] => [name, length]);
  return Object.fromEntries([...settings, ...pools]);
}

/** JSON has no integers beyond 2^53; such a bound is written in digits. */
function numberOrText(value: bigint | string): number | string {
  if (typeof value === 'string') return value;
  return BigInt.asIntN(53, value) === value ? Number(value) : value.toString();
}

function violationOf(program: Program, failure: Failure, writing: Writing): ReportedViolation {
  const at = placeOfFailure(program, failure, writing);
  const steps = failure.violation === null ? [] : showSteps(program, failure.violation.trace);
  return {
    check: failure.check,
    code: failure.code,
    severity: failure.severity,
    message: failure.message,
    ...at,
    expected: failure.expected,
    related: relatedOf(program, failure, writing),
    trace: steps.map((step, index) => reportStep(step, index, writing)),
  };
}

/**
 * Where a failure is shown: at the innermost place in the scenario's own file, else where it happens, else at the
 * beginning of the scenario.
 */
export function placeOfFailure(program: Program, failure: Failure, writing: Writing): ReportedPlace {
  const all = placesOf(program, failure);
  const loc = all.find(({ uri }) => uri === program.checked.uri) ?? all[0];
  return loc === undefined
    ? { file: writing.pathOf(program.checked.uri), line: 1, column: 1 }
    : reportPlace(loc, writing);
}

/** Where it happens, when that is not where it is shown. */
function relatedOf(program: Program, failure: Failure, writing: Writing): ReportedViolation['related'] {
  const [innermost, ...around] = placesOf(program, failure);
  const isShownThere = innermost?.uri === program.checked.uri;
  const isShownAround = around.some(({ uri }) => uri === program.checked.uri);
  return innermost === undefined || isShownThere || !isShownAround
    ? []
    : [{ ...reportPlace(innermost, writing), message: 'it happens here' }];
}

function reportPlace(loc: Loc, { places, pathOf }: Writing): ReportedPlace {
  const { uri, line, column } = places.ofLoc(loc);
  return { file: pathOf(uri), line, column };
}

export function reportStep(step: ShownStep, index: number, { places, pathOf }: Writing): ReportedStep {
  const place = places.ofLoc(step.loc);
  return {
    thread: step.name,
    step: index + 1,
    file: pathOf(place.uri),
    line: place.line,
    column: place.column,
    text: step.label,
  };
}
