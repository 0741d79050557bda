/**
 * What a search says about a variant: its verdict, whether that is what the scenario expects, and what passed
 * only because it was never put to the test.
 */

import type { SearchResult, Violation } from '../machine/result.ts';
import type { Check, Program } from '../program/ir.ts';
import type { CheckedProgram, Expectation, Loc } from '../semantics/hir.ts';
import type { Code } from '../syntax/codes.ts';
import type { Severity } from '../syntax/diagnostic.ts';
import { isTornPublication } from './publication.ts';

/** A schedule that could not be followed to its end. */
export interface BlockedSchedule {
  readonly title: string;
  readonly why: string;
  readonly loc: Loc;
}

export interface Evidence {
  readonly program: Program;
  readonly search: SearchResult;
  readonly blockedSchedules: readonly BlockedSchedule[];
  /** What the static analysis reported for this variant, and what the search says of each. */
  readonly findings: readonly {
    readonly code: Code;
    readonly severity: Severity;
    /** null: not explored, or nothing that an interleaving could show. */
    readonly reachable: boolean | null;
  }[];
}

/** A static finding as this scenario sees it. */
export interface JudgedFinding {
  /** What is not reachable here is a hint. */
  readonly severity: Severity | 'off';
  /** An `expect finds` asks for it. */
  readonly expected: boolean;
}

export interface Judgement {
  readonly verdict: 'passes' | 'fails' | 'unknown';
  /** Why the search was not complete; null when it was. */
  readonly reason: string | null;
  readonly failures: readonly Failure[];
  /** One for each of the evidence's findings, in order. */
  readonly findings: readonly JudgedFinding[];
  /** The lines of `expect` that match this variant. Without one it must pass. */
  readonly expected: readonly string[];
  readonly met: boolean;
  /** Not met, and only because the search was cut short. */
  readonly undecided: boolean;
  readonly vacuous: readonly string[];
}

export interface Failure {
  /** Its name as an `expect` spells it: of an invariant, a named warning, or a code. */
  readonly check: string;
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly expected: boolean;
  readonly loc: Loc | null;
  /** The violation of the search that it comes from; null for what is no interleaving. */
  readonly violation: Violation | null;
}

/** Where it happens, then the calls around it, innermost first. */
export function placesOf(
  program: Program,
  { loc, violation }: Pick<Failure, 'loc' | 'violation'>,
): readonly Loc[] {
  const site = violation === null ? undefined : program.sites[violation.site];
  const places = loc === null ? [] : [loc];
  for (let at = site?.frame ?? null; at !== null; at = program.frames[at]?.parent ?? null) {
    const call = program.frames[at]?.call ?? null;
    // In a macro, each of the places around it is one.
    if (call !== null) places.push(call);
  }
  return places;
}

export function judge(evidence: Evidence): Judgement {
  const { program, search } = evidence;
  const expectations = program.checked.expectations;
  const named = new Set(expectations.filter(({ kind }) => kind === 'fails').flatMap(({ names }) => names));
  const failures = failuresOf(evidence, named);
  const errors = failures.filter(({ severity }) => severity === 'error');
  const saidToFail = expectations.some(({ kind }) => kind === 'fails');
  const found = findingsOf(evidence);
  const isError = ({ severity }: JudgedFinding): boolean => severity === 'error';
  const unasked = found.filter((one) => isError(one) && !one.expected).length;
  const shown = found.some((one, index) => isError(one) && evidence.findings[index]?.reachable === true);

  const fails = saidToFail
    ? judgeFails(expectations, errors, unasked, search.complete)
    : judgePasses(errors, unasked, search.complete);
  const finds = judgeFinds(expectations, evidence);
  const told = program.checked.severities.get('vacuous') !== 'off';
  return {
    verdict: errors.length > 0 || shown ? 'fails' : search.complete ? 'passes' : 'unknown',
    reason: search.complete ? null : (search.reason ?? 'the search was cut short'),
    failures,
    findings: found,
    expected: expectations.map(({ text }) => text),
    met: fails === 'met' && finds === 'met',
    undecided: fails !== 'wrong' && finds !== 'wrong' && (fails === 'undecided' || finds === 'undecided'),
    vacuous: search.complete && !saidToFail && told ? vacuousIn(program, search) : [],
  };
}

const tornPublication = {
  name: 'torn_publication',
  code: 'torn-publication',
  message: 'A field is read through a published pointer before anything was written there.',
} as const;

/** Names and codes compare equal whether written with dashes or underscores. */
export function spelled(name: string): string {
  return name.replaceAll('-', '_');
}

/** What a violation of a check counts as in its variant. `off`: it is not told. `expected`: an `expect fails` names it. */
export function standing(
  { severities, expectations }: CheckedProgram,
  check: Pick<Check, 'name' | 'code' | 'severity' | 'fatal'>,
): { readonly severity: 'error' | 'warning' | 'off'; readonly expected: boolean } {
  const names = [spelled(check.name), spelled(check.code)];
  const expected = expectations.some(
    (one) => one.kind === 'fails' && names.some((name) => one.names.includes(name)),
  );
  const wanted = severities.get(spelled(check.name)) ?? severities.get(spelled(check.code));
  // What ends the path cannot be left out: the search has not gone on behind it.
  if (wanted === 'off' && !expected && !check.fatal) return { severity: 'off', expected };
  // Naming a warning in `expect fails` makes it an error (SEMANTICS.md, 27).
  return { severity: expected ? 'error' : check.severity, expected };
}

function failuresOf(evidence: Evidence, named: ReadonlySet<string>): Failure[] {
  const { program, search } = evidence;
  const { severities } = program.checked;
  const isNamed = (name: string, code: string): boolean =>
    named.has(spelled(name)) || named.has(spelled(code));

  const found = search.violations.flatMap((violation): Failure[] => {
    const raised = program.checks[violation.check];
    if (raised === undefined) return [];
    const check = isTornPublication(program, violation) ? { ...raised, ...tornPublication } : raised;
    const { severity, expected } = standing(program.checked, check);
    if (severity === 'off') return [];
    return [
      {
        check: spelled(check.name),
        code: check.code,
        severity,
        message:
          violation.detail === ''
            ? check.message
            : `${check.message.replace(/\.$/, '')}: ${violation.detail}`,
        expected,
        loc: program.sites[violation.site]?.loc ?? check.loc,
        violation,
      },
    ];
  });

  const severityOf = (name: string, code: Code): 'error' | 'warning' | 'off' =>
    isNamed(name, code) ? 'error' : (severities.get(name) ?? severities.get(spelled(code)) ?? 'error');
  const unmet = [
    ...(search.complete ? unreachedIn(program, search) : []),
    ...evidence.blockedSchedules.map(({ title, why, loc }) => ({
      check: 'schedule_blocked',
      code: 'schedule-blocked' as const,
      message: `the schedule "${title}" cannot be followed: ${why}`,
      loc,
    })),
  ].flatMap(({ check, code, message, loc }): Failure[] => {
    const severity = severityOf(check, code);
    const expected = isNamed(check, code);
    return severity === 'off' ? [] : [{ check, code, severity, message, expected, loc, violation: null }];
  });
  return [...found, ...unmet];
}

function unreachedIn(
  program: Program,
  search: SearchResult,
): (Pick<Failure, 'check' | 'message' | 'loc'> & { readonly code: 'unreachable' })[] {
  return program.checked.properties.flatMap(({ kind, name, loc }) => {
    if (kind !== 'reachable') return [];
    const answers = search.goals.filter(({ goal }) => program.goals[goal]?.name === name);
    if (answers.length === 0 || answers.some(({ trace }) => trace !== null)) return [];
    const message = `no interleaving reaches a state in which ${name} holds`;
    return [{ check: name, code: 'unreachable' as const, message, loc }];
  });
}

function findingsOf({ program, findings }: Evidence): JudgedFinding[] {
  return findings.map((finding) => judgeFinding(program.checked, finding));
}

/** What a scenario says of a code with `check` and `expect finds`, and what the search says of its reachability. */
export function judgeFinding(
  { severities, expectations }: CheckedProgram,
  { code, severity, reachable }: Evidence['findings'][number],
): JudgedFinding {
  const expected = expectations.some(({ kind, names }) => kind === 'finds' && names.includes(spelled(code)));
  const wanted = severities.get(spelled(code)) ?? severity;
  if (wanted === 'off' && !expected) return { severity: 'off', expected };
  return { severity: reachable === false ? 'hint' : wanted === 'off' ? severity : wanted, expected };
}

type Answer = 'met' | 'undecided' | 'wrong';

/** `unasked`: how many static findings of error severity no expectation asks for. */
function judgePasses(errors: readonly Failure[], unasked: number, complete: boolean): Answer {
  if (errors.length > 0 || unasked > 0) return 'wrong';
  return complete ? 'met' : 'undecided';
}

function judgeFails(
  expectations: readonly Expectation[],
  errors: readonly Failure[],
  unasked: number,
  complete: boolean,
): Answer {
  const fails = expectations.filter(({ kind }) => kind === 'fails');
  const names = fails.flatMap((expectation) => expectation.names);
  const isFound = (name: string): boolean =>
    errors.some(({ check, code }) => check === name || spelled(code) === name);
  const others = errors.filter(({ expected }) => !expected);
  const onlyThese = fails.some(({ only }) => only);

  if (onlyThese && others.length + unasked > 0) return 'wrong';
  const missing = names.length === 0 ? errors.length === 0 : !names.every(isFound);
  if (missing) return complete ? 'wrong' : 'undecided';
  return onlyThese && !complete ? 'undecided' : 'met';
}

function judgeFinds(expectations: readonly Expectation[], { findings }: Evidence): Answer {
  const answers = expectations
    .filter(({ kind }) => kind === 'finds')
    .flatMap(({ names, notReachable }) =>
      names.map((name): Answer => {
        const found = findings.filter(({ code }) => spelled(code) === name);
        if (found.length === 0) return 'wrong';
        if (!notReachable) return 'met';
        if (found.some(({ reachable }) => reachable === true)) return 'wrong';
        return found.every(({ reachable }) => reachable === false) ? 'met' : 'undecided';
      }),
    );
  return answers.includes('wrong') ? 'wrong' : answers.includes('undecided') ? 'undecided' : 'met';
}

/** SEMANTICS.md, 30: nothing passes by accident. */
function vacuousIn(program: Program, search: SearchResult): string[] {
  const nameOf = (check: number): string => spelled(program.checks[check]?.name ?? '?');
  return [
    ...program.invariants
      .filter((_, index) => search.evaluated[index] !== true)
      .map(({ check }) => `invariant ${nameOf(check)} is never checked: its exception holds in every state`),
    ...program.finals
      .filter((_, index) => search.finalEvaluated[index] !== true)
      .map(({ check }) => `finally ${nameOf(check)} is never checked: not every thread ends`),
    ...program.points
      .filter((_, index) => search.reached[index] !== true)
      .map(({ text }) => `${text} is never reached`),
    ...program.threads
      .filter((_, index) => search.ended[index] !== true)
      .map(({ name }) => `thread ${name} never ends`),
  ];
}
