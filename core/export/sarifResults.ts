/** What a report finds wrong, as SARIF results with the interleaving as a code flow. */

import { isCode } from '../syntax/codes.ts';
import type { Report, ReportedDiagnostic, ReportedStep, ReportedViolation, Result } from './result.ts';
import type { SarifCodeFlow, SarifLocation, SarifResult, SarifThreadFlowLocation } from './sarifFormat.ts';
import type { SarifPlaces } from './sarifPlaces.ts';
import { type RuleId, ruleIds, unmet } from './sarifRules.ts';
import { spelled } from './verdict.ts';

/** Violations and unmet expectations by variant, then diagnostics. `undecided`: as SarifSettings has it. */
export function sarifResults(
  report: Report,
  undecided: readonly boolean[],
  places: SarifPlaces,
): readonly SarifResult[] {
  const drafts = [
    ...report.results.flatMap((result, index) => [
      ...result.violations.map((violation) => ofViolation(violation, result, places)),
      ...result.vacuous.map((text) => ofVariant('vacuous', 'warning', text, result, places)),
      ...(isUnexplained(result) && undecided[index] !== true
        ? [ofVariant(unmet, 'error', unmetText(result), result, places)]
        : []),
    ]),
    ...report.diagnostics.map((diagnostic) => ofDiagnostic(diagnostic, report, places)),
  ];
  return identified(drafts);
}

/** `fix=none, mode=read`; empty for a scenario without options. */
export function optionsIn({ options }: Result): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

/** A result without its fingerprints; `identity` stays the same when lines are moved. */
type Draft = Omit<SarifResult, 'partialFingerprints'> & { readonly identity: string };

function ofViolation(violation: ReportedViolation, result: Result, places: SarifPlaces): Draft {
  const { check, code, severity, message, expected, related, trace } = violation;
  const options = optionsIn(result);
  return {
    ...rule(code),
    // Beside the failures that it asks for, `expect fails` allows others: they must not fail a code review.
    level: severity === 'error' && !expected && result.met ? 'warning' : severity,
    message: { text: `${check}: ${message}${options === '' ? '' : ` (${options})`}` },
    locations: [places.at(violation)],
    relatedLocations: numbered([
      ...related.map((one) => places.at(one, one.message)),
      ...lastSteps(trace, places),
    ]),
    ...flows(trace, places),
    suppressions: expected ? [asked(askingLine([result], 'fails', [check, code]))] : [],
    properties: { ...variantOf(result), check },
    identity: [code, check, result.file, options, violation.file, trace.at(-1)?.text ?? message].join(' | '),
  };
}

/** What is said of a variant as a whole stands at the beginning of its file. */
function ofVariant(
  id: RuleId,
  level: SarifResult['level'],
  text: string,
  result: Result,
  places: SarifPlaces,
): Draft {
  const options = optionsIn(result);
  return {
    ...rule(id),
    level,
    message: { text: options === '' ? text : `${text} (${options})` },
    locations: [places.at({ file: result.file, line: 1, column: 1 })],
    relatedLocations: [],
    suppressions: [],
    properties: variantOf(result),
    identity: [id, result.file, options, text].join(' | '),
  };
}

function ofDiagnostic(diagnostic: ReportedDiagnostic, report: Report, places: SarifPlaces): Draft {
  const { code, severity, message, confirmed, related, trace, expected, file } = diagnostic;
  const own = report.results.filter((result) => result.file === file);
  return {
    ...rule(isCode(code) ? code : 'syntax-error'),
    level: severity === 'hint' ? 'note' : severity,
    message: { text: message },
    locations: [places.at(diagnostic)],
    relatedLocations: numbered(related.map((one) => places.at(one, one.message))),
    ...flows(trace, places),
    suppressions: expected ? [asked(askingLine([...own, ...report.results], 'finds', [code]))] : [],
    properties: confirmed === null ? {} : { confirmed },
    identity: [code, file, message].join(' | '),
  };
}

function rule(id: RuleId): Pick<SarifResult, 'ruleId' | 'ruleIndex'> {
  return { ruleId: id, ruleIndex: ruleIds.indexOf(id) };
}

function variantOf({ scenario, options, memoryModel, profile }: Result): Record<string, unknown> {
  return { scenario, options, memoryModel, profile };
}

// ---------------------------------------------------------------- expectations

/** Not met, and not just because of errors that have results of their own: an expected failure or finding is missing. */
function isUnexplained({ met, violations, findings, expected }: Result): boolean {
  const isUnasked = (one: { readonly severity: string; readonly expected: boolean }): boolean =>
    one.severity === 'error' && !one.expected;
  const mustPass = !expected.some((line) => /^expect\s+(fails|finds)\b/.test(line));
  return !met && !(mustPass && (violations.some(isUnasked) || findings.some(isUnasked)));
}

function unmetText({ expected, verdict, reason }: Result): string {
  const wanted = expected.length === 0 ? 'It must pass' : `Expected is: ${expected.join(' ')}`;
  return `${wanted.replace(/\.$/, '')}; but the verdict is '${verdict}'${reason === null ? '' : ` (${reason})`}.`;
}

function asked(line: string): SarifResult['suppressions'][number] {
  return { kind: 'inSource', justification: line };
}

/** The line that asks for one of these names; a line that names none asks for whatever fails. */
function askingLine(results: readonly Result[], kind: 'fails' | 'finds', names: readonly string[]): string {
  const lines = results
    .flatMap(({ expected }) => expected)
    .filter((line) => new RegExp(`^expect\\s+${kind}\\b`).test(line));
  const wanted = new Set(names.map(spelled));
  const words = (line: string): string[] => (line.match(/[A-Za-z_][\w-]*/g) ?? []).map(spelled);
  return lines.find((line) => words(line).some((word) => wanted.has(word))) ?? lines[0] ?? `expect ${kind}`;
}

// ---------------------------------------------------------------- interleavings

function flows(
  trace: readonly ReportedStep[],
  places: SarifPlaces,
): { readonly codeFlows?: readonly SarifCodeFlow[] } {
  if (trace.length === 0) return {};
  const byThread = new Map<string, SarifThreadFlowLocation[]>();
  for (const step of trace) {
    const locations = byThread.get(step.thread) ?? [];
    byThread.set(step.thread, locations);
    locations.push({
      location: places.at(step, step.text),
      executionOrder: step.step,
      // The step that breaks the rule is the one to keep when a viewer shows few.
      importance: step === trace.at(-1) ? 'essential' : 'important',
    });
  }
  const text = `${counted(trace.length, 'step')} of ${counted(byThread.size, 'thread')}`;
  const threadFlows = [...byThread].map(([id, locations]) => ({ id, message: { text: id }, locations }));
  return { codeFlows: [{ message: { text }, threadFlows }] };
}

/** Where each thread was last. */
function lastSteps(trace: readonly ReportedStep[], places: SarifPlaces): SarifLocation[] {
  const last = new Map(trace.map((step) => [step.thread, step]));
  return [...last.values()].map((step) =>
    places.at(step, `${step.thread}, in step ${step.step}: ${step.text}`),
  );
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

// ---------------------------------------------------------------- identity

function numbered(locations: readonly SarifLocation[]): readonly SarifLocation[] {
  return locations.map((location, index) => ({ id: index + 1, ...location }));
}

/** Results alike in all but their place are told apart by their order. */
function identified(drafts: readonly Draft[]): readonly SarifResult[] {
  const seen = new Map<string, number>();
  return drafts.map(({ identity, ...draft }) => {
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    return { ...draft, partialFingerprints: { 'lockstep/v1': `${identity} | ${count}` } };
  });
}
