/**
 * Joins what the static lock rules find with what the search says of it (SEMANTICS.md, 34): each finding's witness is
 * put to the search, as a probe or a goal, and the answer decides whether the finding is confirmed.
 */

import type { LockFinding, Witness } from '../locks/events.ts';
import { withoutDoubt } from '../locks/merge.ts';
import { probeOf } from '../locks/witness.ts';
import { refute } from '../machine/replay.ts';
import type { SearchResult, Trace } from '../machine/result.ts';
import type { Goal, Program } from '../program/ir.ts';
import type { Probe } from '../program/probes.ts';
import { refuteGoal } from './confirm.ts';
import { type ReportedDiagnostic, reportStep, type Writing } from './result.ts';
import { showSteps } from './steps.ts';
import { withFewSwitches } from './switches.ts';
import type { TraceFile } from './trace.ts';
import type { JudgedFinding } from './verdict.ts';

export type Confirmed = ReportedDiagnostic['confirmed'];

export interface Asked {
  /** With the circles of waits that findings speak of as further goals. */
  readonly program: Program;
  /** By finding: what answers it; null when nothing in the program does. */
  readonly questions: readonly (Question | null)[];
}

type Question =
  | { readonly kind: 'goal'; readonly goal: number }
  /** Its violations are the answer; without `everywhere`, that there is none says nothing. */
  | { readonly kind: 'probe'; readonly check: number; readonly everywhere: boolean };

/** Finding and what the search says of it. */
export interface Answered {
  readonly finding: LockFinding;
  /** null when the finding is about the text alone, and no interleaving would show it. */
  readonly confirmed: Confirmed;
  /** Leads to the witness; null unless confirmed. */
  readonly trace: Trace | null;
}

/** What a program is built with to answer these findings. */
export function probesFor(findings: readonly LockFinding[]): readonly Probe[] {
  return findings.flatMap((finding, index) => probeOf(finding, nameAt(index)) ?? []);
}

/**
 * `program` is built with the probes of these findings, or with none. `goalOf` expresses a witness as a circle of waits
 * in this program; null when it cannot.
 */
export function askWitnesses(
  program: Program,
  findings: readonly LockFinding[],
  goalOf: (program: Program, witness: Witness, name: string) => Goal | null,
): Asked {
  const goals = [...program.goals];
  let probes = 0;
  const questions = findings.map((finding, index): Question | null => {
    if (finding.witness === null) return null;
    if (probeOf(finding, nameAt(index)) !== null) {
      const probe = program.probes[probes++] ?? null;
      return probe === null ? null : { kind: 'probe', ...probe };
    }
    const goal = goalOf(program, finding.witness, nameAt(index));
    return goal === null ? null : { kind: 'goal', goal: goals.push(goal) - 1 };
  });
  return { program: goals.length === program.goals.length ? program : { ...program, goals }, questions };
}

/** Nothing of a scenario can be spelled like this. */
function nameAt(index: number): string {
  return `finding ${index + 1}`;
}

/** What the scenario itself breaks: the answers to probes are no violations of it. */
export function withoutProbes({ program }: Asked, found: SearchResult): SearchResult {
  const probes = new Set(program.probes.map((probe) => probe?.check));
  if (probes.size === 0) return found;
  return { ...found, violations: found.violations.filter(({ check }) => !probes.has(check)) };
}

/**
 * For each finding, in order. `found` is the search of the asked program. `refuted` says, in words, where the interpreter
 * does not get to a witness that the search claims to have reached: such a finding counts as not explored.
 */
export function answersFor(
  { program, questions }: Asked,
  findings: readonly LockFinding[],
  found: SearchResult,
): { readonly answers: readonly Answered[]; readonly refuted: readonly string[] } {
  const refuted: string[] = [];
  const answers = findings.map((finding, index): Answered => {
    const open = { finding, confirmed: 'not-explored', trace: null } as const;
    if (finding.witness === null) return { ...open, confirmed: null };
    const question = questions[index] ?? null;
    if (question === null) return open;
    const shown =
      question.kind === 'goal'
        ? reached(program, question.goal, found)
        : broken(program, question.check, found);
    if (shown === null) {
      const isSure = found.complete && (question.kind === 'goal' || question.everywhere);
      return isSure ? { ...open, confirmed: 'not-reachable' } : open;
    }
    if (shown.why === null) return { finding, confirmed: 'confirmed', trace: shown.trace };
    refuted.push(`${finding.code}: ${shown.why}`);
    return open;
  });
  return { answers, refuted };
}

/** The way to a witness, and why the interpreter does not get there, if it does not; null when there is none. */
interface Way {
  readonly trace: Trace;
  readonly why: string | null;
}

function reached(program: Program, goal: number, found: SearchResult): Way | null {
  const answer = found.goals.find((each) => each.goal === goal);
  if (answer === undefined || answer.trace === null) return null;
  const trace = withFewSwitches(program, answer.trace);
  return { trace, why: refuteGoal(program, goal, trace) };
}

function broken(program: Program, check: number, found: SearchResult): Way | null {
  const violation = found.violations.find((each) => each.check === check);
  if (violation === undefined) return null;
  const trace = withFewSwitches(program, violation.trace);
  return { trace, why: refute(program, { ...violation, trace }) };
}

/** As `expect finds` and the verdict ask. */
export function isReachable(confirmed: Confirmed): boolean | null {
  return confirmed === 'confirmed' ? true : confirmed === 'not-reachable' ? false : null;
}

/** The finding as it is shown; null when the scenario has switched its code off. */
export function reportFinding(
  program: Program,
  { finding, confirmed, trace }: Answered,
  { severity, expected }: JudgedFinding,
  writing: Writing,
): ReportedDiagnostic | null {
  if (severity === 'off') return null;
  const { places, pathOf } = writing;
  const { uri, line, column, endLine, endColumn } = places.ofLoc(finding.loc);
  const steps = trace === null ? [] : showSteps(program, trace);
  return {
    file: pathOf(uri),
    ...{ line, column, endLine, endColumn, severity },
    code: finding.code,
    message: confirmed === 'confirmed' ? withoutDoubt(finding.message) : finding.message,
    confirmed,
    expected,
    related: finding.related.map(({ message, loc }) => {
      const place = places.ofLoc(loc);
      return { file: pathOf(place.uri), line: place.line, column: place.column, message };
    }),
    trace: steps.map((step, index) => reportStep(step, index, writing)),
  };
}

/** A finding of one variant or of several, with its interleaving as a changelog table. */
export interface ShownFinding {
  readonly diagnostic: ReportedDiagnostic;
  /** null unless it is confirmed. */
  readonly table: string | null;
  readonly trace: TraceFile | null;
  /** The function that was looked at by itself, since no thread of the variant comes to it; null: some thread does. */
  readonly alone: string | null;
}

const severities = ['hint', 'warning', 'error'] as const;

/**
 * The findings of a scenario's variants, each once, in order of first appearance: confirmed when it is in one variant,
 * expected when it is in all, as severe as in the worst. `whole`: every variant of the scenario has an answer; without
 * that, nobody can say that the code is not reachable in any of them. `reached`: functions that threads of any variant
 * come to; of these nothing is told that was found where no thread does.
 */
export function mergeFindings(
  variants: readonly (readonly ShownFinding[])[],
  whole: boolean,
  reached: ReadonlySet<string> = new Set(),
): readonly ShownFinding[] {
  const byKey = new Map<string, ShownFinding[]>();
  for (const one of variants.flat()) {
    if (one.alone !== null && reached.has(one.alone)) continue;
    const { code, file, line, column, endLine, endColumn, message } = one.diagnostic;
    const key = JSON.stringify([code, file, line, column, endLine, endColumn, withoutDoubt(message)]);
    byKey.set(key, [...(byKey.get(key) ?? []), one]);
  }
  return [...byKey.values()].flatMap((same) => {
    const all = same.map(({ diagnostic }) => diagnostic);
    // An interleaving that nobody asked for says more than one that somebody did.
    // What is sure in one variant is sure.
    const message = all.find((each) => withoutDoubt(each.message) === each.message)?.message;
    const confirmed = same.filter(({ diagnostic }) => diagnostic.confirmed === 'confirmed');
    const shown = confirmed.find(({ diagnostic }) => !diagnostic.expected) ?? confirmed[0] ?? same[0];
    if (shown === undefined) return [];
    const worst = Math.max(...all.map(({ severity }) => severities.indexOf(severity)));
    return [
      {
        diagnostic: {
          ...shown.diagnostic,
          message: message ?? shown.diagnostic.message,
          confirmed: confirmedOf(all, whole),
          severity: severities[worst] ?? shown.diagnostic.severity,
          expected: all.every(({ expected }) => expected),
        },
        table: shown.table,
        trace: shown.trace,
        alone: shown.alone,
      },
    ];
  });
}

function confirmedOf(all: readonly ReportedDiagnostic[], whole: boolean): Confirmed {
  const answers = new Set(all.map(({ confirmed }) => confirmed));
  if (answers.has('confirmed')) return 'confirmed';
  if (answers.has('not-explored')) return 'not-explored';
  if (answers.has('not-reachable')) return whole ? 'not-reachable' : 'not-explored';
  return null;
}
