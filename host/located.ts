/** What an exploration says, with places that stay right while only the layout of the text changes. */

import type { Answered, Confirmed } from '../core/export/findings.ts';
import type { Result } from '../core/export/result.ts';
import { showSteps } from '../core/export/steps.ts';
import { type Failure, type Judgement, placesOf, spelled } from '../core/export/verdict.ts';
import type { Trace } from '../core/machine/result.ts';
import type { Program } from '../core/program/ir.ts';
import type { Expectation, Loc } from '../core/semantics/hir.ts';
import type { Project } from '../core/semantics/snapshot.ts';
import type { Code } from '../core/syntax/codes.ts';
import type { Diagnostic, Severity } from '../core/syntax/diagnostic.ts';
import { type Mark, markOf, markOfRange } from './marks.ts';

export interface Located
  extends Pick<Result, 'verdict' | 'reason' | 'met' | 'states' | 'seconds' | 'complete' | 'vacuous'> {
  /** What an `expect` asks of this variant; null when none does, and then it must pass. */
  readonly expects: 'passes' | 'fails' | null;
  readonly undecided: boolean;
  readonly violations: readonly LocatedViolation[];
  readonly findings: readonly LocatedFinding[];
  /** What expectations ask for in vain, in words. */
  readonly unmet: readonly { readonly message: string; readonly at: Mark | null }[];
}

export interface LocatedViolation
  extends Pick<Failure, 'check' | 'code' | 'severity' | 'message' | 'expected'> {
  /** Where it happens, and the calls that led there, innermost first. */
  readonly places: readonly Mark[];
  /** Where the broken property is declared. */
  readonly declared: Mark | null;
  readonly trace: readonly LocatedStep[];
  /** The same as moves, for whoever replays it. */
  readonly path: Trace | null;
  /** The changelog table; null for what is no interleaving. */
  readonly table: string | null;
}

export interface LocatedStep {
  readonly thread: string;
  readonly text: string;
  readonly at: Mark | null;
}

/** The answer to one finding of the static lock rules. */
export interface LocatedFinding {
  readonly code: Code;
  readonly message: string;
  readonly at: Mark | null;
  readonly severity: Severity | 'off';
  readonly expected: boolean;
  readonly confirmed: Confirmed;
  /** Empty unless it is confirmed. */
  readonly trace: readonly LocatedStep[];
  readonly path: Trace | null;
}

/** What keeps a variant from being explored, or is said of it besides. */
export interface LocatedProblem extends Pick<Diagnostic, 'code' | 'severity' | 'message'> {
  readonly at: Mark | null;
}

export function locateProblem(project: Project, { code, severity, message, at }: Diagnostic): LocatedProblem {
  return { code, severity, message, at: markOfRange(project, at) };
}

export interface Explored {
  readonly project: Project;
  readonly program: Program;
  readonly result: Result;
  readonly judgement: Judgement;
  readonly answers: readonly Answered[];
  /** The table of each failure of the judgement. */
  readonly tables: readonly (string | null)[];
}

export function locate(explored: Explored): Located {
  const { project, program, result, judgement, answers, tables } = explored;
  const { verdict, reason, met, states, seconds, complete, vacuous } = result;
  const mark = (loc: Loc | null | undefined): Mark | null => (loc == null ? null : markOf(project, loc));
  const steps = (trace: Trace | null): LocatedStep[] =>
    trace === null
      ? []
      : showSteps(program, trace).map(({ name, label, loc }) => ({
          thread: name,
          text: label,
          at: mark(loc),
        }));
  const { expectations } = program.checked;
  return {
    ...{ verdict, reason, met, states, seconds, complete, vacuous },
    expects: expectations.some(({ kind }) => kind === 'fails')
      ? 'fails'
      : expectations.some(({ kind }) => kind === 'passes')
        ? 'passes'
        : null,
    undecided: judgement.undecided,
    violations: judgement.failures.map((failure, index) => {
      const { check, code, severity, message, expected, violation } = failure;
      return {
        ...{ check, code, severity, message, expected },
        places: placesOf(program, failure).flatMap((loc) => mark(loc) ?? []),
        declared: violation === null ? null : mark(program.checks[violation.check]?.loc),
        trace: steps(violation?.trace ?? null),
        path: violation?.trace ?? null,
        table: tables[index] ?? null,
      };
    }),
    findings: answers.map(({ finding, confirmed, trace }, index) => ({
      ...{ code: finding.code, message: finding.message, at: mark(finding.loc), confirmed },
      severity: judgement.findings[index]?.severity ?? finding.severity,
      expected: judgement.findings[index]?.expected ?? false,
      trace: steps(trace),
      path: trace,
    })),
    unmet:
      met || judgement.undecided
        ? []
        : expectations.flatMap((expectation) =>
            inVain(expectation, explored).map((message) => ({ message, at: mark(expectation.loc) })),
          ),
  };
}

/** Why an expectation is not met; nothing when it is. */
function inVain(expectation: Expectation, { judgement, answers, result }: Explored): readonly string[] {
  const { kind, names, only, notReachable } = expectation;
  const errors = judgement.failures.filter(({ severity }) => severity === 'error');
  const unasked = judgement.findings.filter(({ severity, expected }) => severity === 'error' && !expected);
  const others = [...new Set(errors.filter(({ expected }) => !expected).map(({ check }) => check))];
  const of = result.complete ? 'no interleaving' : 'no interleaving that was explored';
  switch (kind) {
    case 'passes':
      if (errors.length > 0) return [`it fails: ${listed(errors.map(({ check }) => check))}`];
      return unasked.length > 0 ? ['the lock rules find errors'] : [];
    case 'fails': {
      const missing = names.filter(
        (name) => !errors.some(({ check, code }) => check === name || spelled(code) === name),
      );
      if (missing.length > 0) return missing.map((name) => `${of} leads to ${name}`);
      if (names.length === 0 && errors.length === 0) return [`${of} leads to a failure`];
      if (!only) return [];
      if (others.length > 0) return [`it also fails with ${listed(others)}`];
      return unasked.length > 0 ? ['the lock rules find errors'] : [];
    }
    case 'finds':
      return names.flatMap((name) => {
        const found = answers.filter(({ finding }) => spelled(finding.code) === name);
        if (found.length === 0) return [`the lock rules do not find ${name}`];
        if (!notReachable || !found.some(({ confirmed }) => confirmed === 'confirmed')) return [];
        return [`an interleaving leads to ${name}`];
      });
  }
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].join(', ');
}
