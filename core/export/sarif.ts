/** A report as SARIF 2.1.0, for code review and code scanning. */

import type { Code } from '../syntax/codes.ts';
import type { Report, Result } from './result.ts';
import type { SarifLog, SarifNotification } from './sarifFormat.ts';
import { SarifPlaces, sourceRoot } from './sarifPlaces.ts';
import { optionsIn, sarifResults } from './sarifResults.ts';
import { notification, notifications, rulesFor } from './sarifRules.ts';

export interface SarifSettings {
  /** Of Lockstep: `1.2.3`. */
  readonly version: string;
  /** What `check` answers with this report. */
  readonly exitCode: number;
  /** For each of the report's results: not met, and only because the search was cut short. */
  readonly undecided: readonly boolean[];
  /** The Markdown page of a code, from docs/diagnostics; null when there is none. */
  readonly pageOf: (code: Code) => string | null;
}

/**
 * One run. Levels are the severities: a hint is a note, and what fails beside an expected failure is a warning. What an
 * `expect` asks for is suppressed in source, with the line that asks as its justification. The same report gives the
 * same log: it has no times and no paths of a machine.
 */
export function sarifLog(report: Report, settings: SarifSettings): SarifLog {
  const targets = [...report.results, ...report.unusable].map(({ file }) => file);
  const places = new SarifPlaces(new Set(targets));
  const results = sarifResults(report, settings.undecided, places);
  const toolExecutionNotifications = notificationsOf(report, settings.undecided, places);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Lockstep',
            version: settings.version,
            semanticVersion: settings.version,
            rules: rulesFor(settings.pageOf),
            notifications,
          },
        },
        invocations: [
          {
            executionSuccessful: report.unusable.length === 0,
            exitCode: settings.exitCode,
            exitCodeDescription: exitCodes[settings.exitCode] ?? 'unknown',
            toolExecutionNotifications,
          },
        ],
        originalUriBaseIds: {
          [sourceRoot]: { description: { text: 'The working directory of the run.' } },
        },
        artifacts: places.artifacts,
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
}

const exitCodes: Readonly<Record<number, string>> = {
  0: 'every expectation is met',
  1: 'an expectation is not met',
  2: 'some input cannot be used',
  3: 'a search reached a bound, and nothing else is wrong',
};

function notificationsOf(
  { unusable, results }: Report,
  undecided: readonly boolean[],
  places: SarifPlaces,
): SarifNotification[] {
  return [
    ...unusable.map(
      (one): SarifNotification => ({
        descriptor: notification('unusable-input'),
        level: 'error',
        message: { text: one.message },
        locations: [places.at(one)],
      }),
    ),
    ...results
      .filter((_, index) => undecided[index] === true)
      .map(
        (result): SarifNotification => ({
          descriptor: notification('bound-reached'),
          level: 'warning',
          message: { text: undecidedText(result) },
          locations: [places.at({ file: result.file, line: 1, column: 1 })],
        }),
      ),
  ];
}

function undecidedText(result: Result): string {
  const reached = `${result.reason ?? 'the search was cut short'}, after ${result.states} states`;
  return `${[result.scenario, optionsIn(result)].filter((text) => text !== '').join(', ')}: ${reached}.`;
}
