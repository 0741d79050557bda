/** The report of `check` for people: a table of verdicts, then the interleavings of what failed. */

import type { Report, ReportedDiagnostic, ReportedViolation, Result } from '../core/export/result.ts';
import type { Paint } from './colour.ts';

export interface Shown {
  readonly report: Report;
  /** For each result, for each of its violations: the changelog table, or null. */
  readonly tables: readonly (readonly (string | null)[])[];
  /** The changelog tables of the static findings that are confirmed. */
  readonly interleavings: ReadonlyMap<ReportedDiagnostic, string | null>;
  /** For each result: it is not met, and only because the search was cut short. */
  readonly undecided: readonly boolean[];
  readonly seconds: number;
}

export function pretty(shown: Shown, paint: Paint): string {
  const { results, diagnostics, unusable } = shown.report;
  const files = [...new Set(results.map(({ file }) => file))];
  const parts = [
    ...files.map((file) => verdictsOf(file, shown, paint)),
    ...results.map((result, index) => failureOf(result, shown.tables[index] ?? [], paint)),
    diagnostics
      .filter(({ severity, confirmed }) => severity !== 'hint' || confirmed !== null)
      .map((one) => diagnosticLine(one, paint) + indented(shown.interleavings.get(one) ?? null))
      .join(''),
    // Errors of a file that cannot be used are shown as diagnostics already.
    unusable
      .filter((one) => !diagnostics.some((other) => isSamePlace(one, other)))
      .map(
        ({ file, line, column, message }) =>
          `${file}:${line}:${column}: ${paint('red', 'unusable')}: ${message}\n`,
      )
      .join(''),
    summary(shown, paint),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** `fix=none, mode=read`; empty for a scenario without options. */
export function optionsText(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

function verdictsOf(file: string, shown: Shown, paint: Paint): string {
  const rows = shown.report.results.flatMap((result, index) =>
    result.file === file ? [{ result, undecided: shown.undecided[index] ?? false }] : [],
  );
  const first = rows[0]?.result;
  if (first === undefined) return '';
  const bounds = Object.entries(first.bounds).map(([name, value]) => `${name} ${value}`);
  const cells = rows.map(({ result, undecided }) => {
    const outcome = outcomeOf(result, undecided);
    return {
      ...outcome,
      options: optionsText(result.options) || '(no options)',
      states: `${count(result.states)} states`,
      seconds: `${result.seconds.toFixed(2)} s`,
      vacuous: result.vacuous,
    };
  });
  const width = (pick: (cell: (typeof cells)[number]) => string): number =>
    Math.max(...cells.map((cell) => pick(cell).length));
  const widths = {
    options: width(({ options }) => options),
    verdict: width(({ verdict }) => verdict),
    states: width(({ states }) => states),
    seconds: width(({ seconds }) => seconds),
  };
  const lines = cells.flatMap((cell) => [
    `  ${paint(cell.colour, cell.mark)} ${cell.options.padEnd(widths.options)}  ` +
      `${paint(cell.colour, cell.verdict.padEnd(widths.verdict))}  ${cell.states.padStart(widths.states)}  ` +
      `${cell.seconds.padStart(widths.seconds)}${cell.note === '' ? '' : `  ${cell.note}`}`,
    ...cell.vacuous.map((text) => `      ${paint('yellow', 'vacuous')}: ${text}`),
  ]);
  return [
    `${paint('bold', file)}  ${first.scenario}`,
    ...(bounds.length === 0 ? [] : [paint('dim', listed('  bounds:', bounds))]),
    ...lines,
    '',
  ].join('\n');
}

interface Outcome {
  readonly mark: string;
  readonly colour: 'red' | 'green' | 'yellow';
  readonly verdict: string;
  readonly note: string;
}

function outcomeOf(result: Result, undecided: boolean): Outcome {
  const broken = result.findings.filter(({ severity, expected }) => severity === 'error' && !expected);
  const names = [...errorsOf(result).map(({ check }) => check), ...broken.map(({ code }) => code)];
  const checks = [...new Set(names)].join(', ');
  if (result.met) {
    const verdict = result.verdict === 'fails' ? 'fails, as expected' : 'passes';
    return { mark: '✔', colour: 'green', verdict, note: checks };
  }
  if (undecided) return { mark: '?', colour: 'yellow', verdict: 'unknown', note: result.reason ?? '' };
  const verdict = result.verdict === 'unknown' ? 'unknown' : `${result.verdict}, NOT as expected`;
  const wanted = result.expected.length === 0 ? 'must pass' : result.expected.join(' ');
  const note = [checks, result.reason ?? '', `(${wanted})`].filter((text) => text !== '').join('; ');
  return { mark: '✖', colour: 'red', verdict, note };
}

/** Places of warnings that are named; the rest is counted. */
const WARNINGS_SHOWN = 3;

/** The first violation with its interleaving, unexpected ones before expected ones, and where the others are. */
function failureOf(result: Result, tables: readonly (string | null)[], paint: Paint): string {
  const all = result.violations.map((violation, index) => ({ violation, table: tables[index] ?? null }));
  const errors = all.filter(({ violation }) => violation.severity === 'error');
  const first = (result.met ? undefined : errors.find(({ violation }) => !violation.expected)) ?? errors[0];
  if (all.length === 0) return '';
  const options = optionsText(result.options);
  const others = distinct(errors.filter((one) => one !== first).map(({ violation }) => violation));
  const warnings = distinct(result.violations.filter(({ severity }) => severity === 'warning'));
  const rest = [
    ...others.map((violation) => violationLine(violation, result, paint)),
    ...warnings.slice(0, WARNINGS_SHOWN).map((violation) => violationLine(violation, result, paint)),
    ...(warnings.length > WARNINGS_SHOWN
      ? [paint('yellow', `and ${warnings.length - WARNINGS_SHOWN} more warnings\n`)]
      : []),
  ];
  return [
    paint('bold', `${result.file}${options === '' ? '' : `, ${options}`}`),
    '\n',
    ...(first === undefined ? [] : [violationLine(first.violation, result, paint)]),
    ...(first?.table == null ? [] : ['\n', first.table]),
    ...(first?.table == null || rest.length === 0 ? [] : ['\n']),
    ...rest,
  ].join('');
}

/** One for each check and line: the same line is violated once for each way by which calls lead to it. */
function distinct(violations: readonly ReportedViolation[]): readonly ReportedViolation[] {
  return [...new Map(violations.map((one) => [`${one.check} ${one.file}:${one.line}`, one])).values()];
}

function violationLine(violation: ReportedViolation, { met }: Result, paint: Paint): string {
  const { file, line, column, check, severity, message, expected, related } = violation;
  const [colour, word] =
    severity === 'warning'
      ? (['yellow', 'warning'] as const)
      : expected
        ? (['green', 'expected'] as const)
        : met
          ? (['yellow', 'also'] as const)
          : (['red', 'error'] as const);
  const places = related.map(
    (other) => `    ${other.file}:${other.line}:${other.column}: ${other.message}\n`,
  );
  return `${file}:${line}:${column}: ${paint(colour, word)}: ${check}: ${message}\n${places.join('')}`;
}

export function diagnosticLine(diagnostic: ReportedDiagnostic, paint: Paint): string {
  const { file, line, column, severity, code, message, related, confirmed, expected } = diagnostic;
  const [colour, word] = expected
    ? (['green', 'expected'] as const)
    : ([severity === 'error' ? 'red' : 'yellow', severity] as const);
  const answer = confirmed === null ? '' : `; ${answers[confirmed]}`;
  return [
    `${file}:${line}:${column}: ${paint(colour, word)}: ${message} [${code}${answer}]\n`,
    ...related.map((other) => `    ${other.file}:${other.line}:${other.column}: ${other.message}\n`),
  ].join('');
}

const answers: Readonly<Record<NonNullable<ReportedDiagnostic['confirmed']>, string>> = {
  confirmed: 'confirmed',
  'not-reachable': 'not reachable here',
  'not-explored': 'not yet explored',
};

/** A table under its finding, between empty lines. */
function indented(table: string | null): string {
  return table === null ? '' : `\n${table.replace(/^(?=.)/gm, '    ')}`;
}

function summary({ report, undecided, seconds }: Shown, paint: Paint): string {
  const { results } = report;
  const met = results.filter((result) => result.met).length;
  const open = undecided.filter((one) => one).length;
  const wrong = results.length - met - open;
  const files = new Set(report.unusable.map(({ file }) => file)).size;
  const parts = [
    `${variants(results.length)} in ${seconds.toFixed(1)} s: ${met} as expected`,
    ...(wrong > 0 ? [paint('red', `${wrong} not as expected`)] : []),
    ...(open > 0 ? [paint('yellow', `${open} unknown (a bound was reached)`)] : []),
    ...(files > 0 ? [paint('red', `${files} ${files === 1 ? 'file' : 'files'} cannot be used`)] : []),
  ];
  return `${parts.join(', ')}\n`;
}

function variants(number: number): string {
  return `${number} ${number === 1 ? 'variant' : 'variants'}`;
}

function errorsOf(result: Result): readonly ReportedViolation[] {
  return result.violations.filter(({ severity }) => severity === 'error');
}

function isSamePlace(
  a: { readonly file: string; readonly line: number; readonly column: number; readonly message: string },
  b: ReportedDiagnostic,
): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column && a.message === b.message;
}

/** Lines of at most 100 characters, broken between the parts. */
function listed(head: string, parts: readonly string[]): string {
  const lines = [head];
  for (const [index, part] of parts.entries()) {
    const text = ` ${part}${index < parts.length - 1 ? ',' : ''}`;
    const line = lines.at(-1) ?? '';
    if (line.length + text.length <= 100) lines[lines.length - 1] = line + text;
    else lines.push(`   ${text}`);
  }
  return lines.join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
