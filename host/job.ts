/** One exploration, from texts to everything that is shown of it. Runs in a worker, or wherever it is called. */

import { createHash } from 'node:crypto';
import { confirmed, refutedIn } from '../core/export/confirm.ts';
import {
  type Answered,
  answersFor,
  askWitnesses,
  isReachable,
  probesFor,
  reportFinding,
  type ShownFinding,
  withoutProbes,
} from '../core/export/findings.ts';
import { placesIn } from '../core/export/places.ts';
import {
  placeOfFailure,
  type ReportedDiagnostic,
  type Result,
  reportDiagnostic,
  resultOf,
  type Writing,
} from '../core/export/result.ts';
import { showSteps } from '../core/export/steps.ts';
import { withFewSwitches } from '../core/export/switches.ts';
import { changelogTable } from '../core/export/table.ts';
import { type TraceFile, traceFileOf } from '../core/export/trace.ts';
import { type BlockedSchedule, type Failure, type Judgement, judge } from '../core/export/verdict.ts';
import { search } from '../core/explore/search.ts';
import type { Budget, Progress } from '../core/machine/result.ts';
import { placesOf, runSchedule } from '../core/machine/schedule.ts';
import { buildProgram, type SourceView } from '../core/program/build.ts';
import type { Program } from '../core/program/ir.ts';
import type { Probe } from '../core/program/probes.ts';
import { AnalysisCache } from '../core/locks/cache.ts';
import { CheckCache } from '../core/semantics/cache.ts';
import { check, type CheckResult } from '../core/semantics/check.ts';
import type { Variant } from '../core/semantics/options.ts';
import {
  loadProject,
  type Project,
  resolveLoc,
  type SnapshotCache,
  textAt,
} from '../core/semantics/snapshot.ts';
import type { Diagnostic } from '../core/syntax/diagnostic.ts';
import { displayPath } from './files.ts';
import { type Located, type LocatedProblem, locate, locateProblem } from './located.ts';
import { type LockRules, lockRules } from './locks.ts';

export interface Job {
  readonly uri: string;
  /** Every text of the scenario, by URI: what an editor shows may differ from what is on disk. */
  readonly texts: ReadonlyMap<string, string>;
  /** URI of the folder that relative imports may not leave. */
  readonly root: string;
  readonly variant: Variant;
  readonly budget: Budget;
  readonly reduction: boolean;
  /** Paths are shown relative to it. */
  readonly workingDirectory: string;
}

export interface Exploration {
  /** null: the variant cannot be explored, and `diagnostics` say why. */
  readonly result: Result | null;
  /** For each of the result's violations, in the same order. */
  readonly violations: readonly ShownViolation[];
  readonly diagnostics: readonly ReportedDiagnostic[];
  /** What the static lock rules find, and what the search says of it. */
  readonly findings: readonly ShownFinding[];
  /** The scenario's own functions that some thread comes to. */
  readonly reached: readonly string[];
  /** Not met, and only because the search was cut short. */
  readonly undecided: boolean;
  /** Result and diagnostics for who has the texts at hand, and may have changed their layout since. */
  readonly located: Located | null;
  readonly problems: readonly LocatedProblem[];
}

/** What is kept between jobs, so that one costs little more than what has changed since the last. */
export interface JobCaches {
  readonly snapshots: SnapshotCache;
  readonly checks: CheckCache;
  readonly analyses: AnalysisCache;
}

/** `snapshots`: files that are parsed already. */
export function newCaches(snapshots: SnapshotCache = new Map()): JobCaches {
  return { snapshots, checks: new CheckCache(), analyses: new AnalysisCache() };
}

export interface ShownViolation {
  /** The changelog table; null for what is no interleaving. */
  readonly table: string | null;
  readonly trace: TraceFile | null;
}

/** Answers equal jobs with equal keys. */
export function keyOf(job: Job): string {
  const hash = createHash('sha256');
  const add = (...parts: readonly (string | number | boolean)[]): void => {
    hash.update(JSON.stringify(parts));
  };
  add(job.uri, job.root, job.workingDirectory, job.reduction);
  add(job.budget.maxStates, job.budget.maxMilliseconds, job.budget.maxBytes);
  add(job.variant.memoryModel, job.variant.profile, ...[...job.variant.options].flat());
  for (const [uri, text] of job.texts) add(uri, text);
  return hash.digest('hex');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** `onProgress` answers whether to go on; after a no, nothing is told of the search. */
export function explore(
  job: Job,
  onProgress: (progress: Progress) => boolean,
  caches: JobCaches = newCaches(),
  rulesOf: LockRules = lockRules,
): Exploration {
  const project = loadProject(job.uri, (uri) => job.texts.get(uri) ?? null, caches.snapshots, {
    root: job.root,
  });
  const writing: Writing = {
    places: placesIn(project),
    pathOf: (uri) => displayPath(uri, job.workingDirectory),
  };
  const checked = check(project, job.variant, caches.checks);
  const rules = checked.program === null ? null : rulesOf(checked.program, caches.analyses);
  const broken = rules?.findings ?? [];
  const { program: built, diagnostics } = buildOf(project, checked, probesFor(broken));
  const reported = diagnostics.map((diagnostic) => reportDiagnostic(diagnostic, writing));
  const problems = diagnostics.map((diagnostic) => locateProblem(project, diagnostic));
  if (built === null || rules === null)
    return {
      result: null,
      violations: [],
      diagnostics: reported,
      findings: [],
      reached: [],
      undecided: false,
      located: null,
      problems,
    };

  const asked = askWitnesses(built, broken, rules.goalOf);
  const { program } = asked;
  let isWanted = true;
  const found = search(program, {
    budget: job.budget,
    reduction: job.reduction,
    onProgress: (progress) => {
      isWanted = onProgress(progress);
      return isWanted;
    },
    now: () => performance.now(),
  });
  if (!isWanted) {
    return {
      ...{ result: null, violations: [], diagnostics: reported, findings: [], reached: [], undecided: true },
      ...{ located: null, problems },
    };
  }
  const own = withoutProbes(asked, found);
  const violations = own.violations.map((violation) => ({
    ...violation,
    trace: withFewSwitches(program, violation.trace),
  }));
  const { answers, refuted: unconfirmed } = answersFor(asked, broken, found);
  const refuted = [...refutedIn(program, violations), ...unconfirmed];
  const judgement = judge({
    program,
    search: { ...own, violations },
    blockedSchedules: blockedSchedulesOf(program),
    findings: [
      ...answers.map(({ finding: { code, severity }, confirmed: answer }) => ({
        ...{ code, severity, reachable: isReachable(answer) },
      })),
      ...diagnostics.map(({ code, severity }) => ({ code, severity, reachable: null })),
    ],
  });
  const findings = showFindings(program, project, answers, judgement, job.variant.memoryModel, writing);
  const result = resultOf(
    program,
    found,
    judgement,
    job.variant.memoryModel,
    writing,
    findings.map(({ diagnostic }) => diagnostic),
  );
  const shown = confirmed(result, refuted);
  const shownViolations = judgement.failures.map((failure) =>
    showViolation(program, project, job.variant.memoryModel, failure, writing),
  );
  return {
    result: shown,
    violations: shownViolations,
    diagnostics: reported,
    findings,
    reached: [...rules.reached].filter(
      (name) => program.checked.functions.get(name)?.loc.uri === program.checked.uri,
    ),
    undecided: judgement.undecided && refuted.length === 0,
    problems,
    located: locate({
      project,
      program,
      result: shown,
      judgement,
      answers,
      tables: shownViolations.map(({ table }) => table),
    }),
  };
}

/** The program of a variant; null when errors of any kind forbid it. */
export function programOf(
  project: Project,
  variant: Variant,
  cache?: CheckCache,
): { readonly program: Program | null; readonly diagnostics: readonly Diagnostic[] } {
  return buildOf(project, check(project, variant, cache), []);
}

function buildOf(
  project: Project,
  { program: checked, diagnostics }: CheckResult,
  probes: readonly Probe[],
): ReturnType<typeof programOf> {
  if (checked === null) return { program: null, diagnostics };
  const source: SourceView = {
    text: (loc) => textAt(project, loc),
    range: (loc) => resolveLoc(project, loc) ?? { uri: loc.uri, start: 0, end: 0 },
  };
  const asked = buildProgram(checked, source, { probes });
  // What is asked besides must not make a program too large.
  const built = asked.program === null && probes.length > 0 ? buildProgram(checked, source) : asked;
  return { program: built.program, diagnostics: [...diagnostics, ...built.diagnostics] };
}

function blockedSchedulesOf(program: Program): BlockedSchedule[] {
  return program.checked.schedules.flatMap((schedule) => {
    const run = runSchedule(program, schedule, placesOf(program));
    if (run.kind !== 'blocked') return [];
    return [{ title: schedule.title, why: run.reason, loc: schedule.moves[run.move]?.loc ?? schedule.loc }];
  });
}

function showFindings(
  program: Program,
  project: Project,
  answers: readonly Answered[],
  judgement: Judgement,
  memoryModel: string,
  writing: Writing,
): ShownFinding[] {
  return answers.flatMap((answer, index): ShownFinding[] => {
    const judged = judgement.findings[index];
    const diagnostic = judged === undefined ? null : reportFinding(program, answer, judged, writing);
    if (diagnostic === null) return [];
    const alone = answer.finding.alone ?? null;
    if (answer.trace === null) return [{ diagnostic, table: null, trace: null, alone }];
    const names = program.threads.map(({ name }) => name);
    // The witness is a state that all steps together lead to: nobody's step.
    const ending = { thread: null, text: diagnostic.code };
    const table = changelogTable(names, showSteps(program, answer.trace), ending);
    const origin = {
      trace: answer.trace,
      sources: sourcesOf(project, writing),
      memoryModel,
      violation: null,
    };
    return [{ diagnostic, table, trace: traceFileOf(program, origin, writing), alone }];
  });
}

function showViolation(
  program: Program,
  project: Project,
  memoryModel: string,
  failure: Failure,
  writing: Writing,
): ShownViolation {
  const { violation } = failure;
  if (violation === null) return { table: null, trace: null };
  return {
    table: changelogTable(
      program.threads.map(({ name }) => name),
      showSteps(program, violation.trace),
      { thread: violation.thread, text: failure.check },
    ),
    trace: traceFileOf(
      program,
      {
        trace: violation.trace,
        sources: sourcesOf(project, writing),
        memoryModel,
        violation: {
          check: failure.check,
          message: failure.message,
          ...placeOfFailure(program, failure, writing),
        },
      },
      writing,
    ),
  };
}

function sourcesOf({ files }: Project, { pathOf }: Writing): TraceFile['sources'] {
  return [...files].map(([uri, file]) => ({ file: pathOf(uri), hash: sha256(file.source.text) }));
}
