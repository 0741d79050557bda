import { availableParallelism } from 'node:os';
import { type TraceFile, writeTraceFile } from '../core/export/trace.ts';
import { spelled } from '../core/export/verdict.ts';
import { checkNames } from '../core/semantics/expectations.ts';
import { codeNames } from '../core/semantics/intrinsicsChecks.ts';
import { didYouMean } from '../core/semantics/nearest.ts';
import type { Exploration } from '../host/job.ts';
import type { OpenedScenario } from '../host/scenario.ts';
import { oneOf, UsageError } from './arguments.ts';
import { paintFor } from './colour.ts';
import type { Command } from './command.ts';
import { exploreAll, readSearchOptions, searchHelp, searchOptions } from './exploring.ts';
import { openInputs, unusableFrom } from './input.ts';
import { optionsText } from './pretty.ts';
import { replayTrace, TRACE_EXTENSION } from './replay.ts';
import { selectVariants } from './selection.ts';

export const trace: Command = {
  name: 'trace',
  summary: 'print the interleaving that breaks a scenario, as a changelog table',
  help: `usage: lockstep trace FILE [OPTION]…

  Explores the scenario and prints a shortest interleaving of its first violation, in the first variant that has
  one: a column for each thread, a row for each step.
  For a trace file (NAME.lockstep-trace), follows it in the scenario as it is now, up to the first step that differs.

  --format table|json      the table, or a trace file (NAME.lockstep-trace) on standard output
  --check NAME             the violation of this check, or the confirmed finding of this lock rule
${searchHelp}

  Exit code: 0 when there is one; 1 when there is none, or a trace file does not lead there any more; 2 when the file cannot be used; 3 when none was found
  before the search reached a bound.
`,
  options: { ...searchOptions, format: 'text', check: 'text' },
  run: async (args) => {
    const form = oneOf(args, 'format', ['table', 'json'], 'table');
    const search = readSearchOptions(args);
    const wanted = args.text('check');
    const [path, ...more] = args.positionals;
    if (path === undefined || more.length > 0) throw new UsageError('name one scenario file');

    if (path.endsWith(TRACE_EXTENSION)) return replayTrace(path);
    const inputs = openInputs([path]);
    const selected = selectVariants(inputs.scenarios, search.values);
    if (wanted !== null) refuseUnknown(wanted, inputs.scenarios);
    const outcomes = await exploreAll(selected, search, availableParallelism());
    const explored = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.answer] : []));
    const unusable = [
      ...inputs.unusable,
      ...explored.flatMap(({ result, diagnostics }) => (result === null ? unusableFrom(diagnostics) : [])),
    ];
    for (const outcome of outcomes) if (outcome.kind === 'crashed') throw new Error(outcome.message);
    for (const { file, line, column, message } of unusable) {
      process.stderr.write(`${file}:${line}:${column}: ${message}\n`);
    }
    if (unusable.length > 0) return 2;
    return print(explored, wanted === null ? null : spelled(wanted), form);
  },
};

/** A name that no check of these scenarios has, and no code, is a slip: there is nothing to search for. */
function refuseUnknown(wanted: string, scenarios: readonly OpenedScenario[]): void {
  const known = [...scenarios.flatMap(({ project }) => [...checkNames(project)]), ...codeNames()];
  const name = spelled(wanted);
  if (scenarios.length > 0 && !known.includes(name))
    throw new UsageError(`there is no check '${wanted}'${didYouMean(name, known)}`);
}

/** An interleaving that can be printed. */
interface Shown {
  /** A check, or the code of a lock rule. */
  readonly name: string;
  readonly severity: 'error' | 'warning' | 'hint';
  readonly message: string;
  readonly place: string;
  readonly table: string;
  readonly trace: TraceFile;
}

/** Violations before findings of the lock rules, errors before warnings. */
function shownBy({ result, violations, findings }: Exploration): readonly Shown[] {
  const placed = ({ file, line, column }: { file: string; line: number; column: number }): string =>
    `${file}:${line}:${column}`;
  const broken = (result?.violations ?? []).flatMap((violation, index): Shown[] => {
    const { table = null, trace = null } = violations[index] ?? {};
    const { check: name, severity, message } = violation;
    return table === null || trace === null
      ? []
      : [{ name, severity, message, place: placed(violation), table, trace }];
  });
  const confirmed = findings.flatMap(({ diagnostic, table, trace }): Shown[] => {
    const { code: name, severity, message } = diagnostic;
    return table === null || trace === null
      ? []
      : [{ name, severity, message, place: placed(diagnostic), table, trace }];
  });
  const all = [...broken, ...confirmed];
  return [
    ...all.filter(({ severity }) => severity === 'error'),
    ...all.filter(({ severity }) => severity !== 'error'),
  ];
}

function print(explored: readonly Exploration[], wanted: string | null, form: 'table' | 'json'): number {
  for (const exploration of explored) {
    const { result } = exploration;
    const found = shownBy(exploration).find(({ name, severity }) =>
      wanted === null ? severity === 'error' : spelled(name) === wanted,
    );
    if (result === null || found === undefined) continue;
    if (form === 'json') process.stdout.write(writeTraceFile(found.trace));
    else {
      const { name, message, place, table } = found;
      const paint = paintFor(process.stdout);
      const options = optionsText(result.options);
      process.stdout.write(`${paint('bold', result.scenario)}${options === '' ? '' : ` (${options})`}\n\n`);
      process.stdout.write(`${table}\n${name}: ${message}\n${place}\n`);
    }
    return 0;
  }
  const results = explored.flatMap(({ result }) => (result === null ? [] : [result]));
  const cut = results.find(({ complete }) => !complete);
  const searched = results.length === 1 ? 'the variant' : `the ${results.length} variants`;
  const what = wanted === null ? 'no violation' : `no violation of ${wanted}`;
  const rest = cut === undefined ? `; every interleaving of ${searched} was explored` : `; ${cut.reason}`;
  process.stderr.write(`lockstep trace: ${what} was found${rest}\n`);
  return cut === undefined ? 1 : 3;
}
