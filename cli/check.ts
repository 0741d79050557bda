import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { mergeFindings, type ShownFinding } from '../core/export/findings.ts';
import { sarifLog } from '../core/export/sarif.ts';
import type { Report, ReportedDiagnostic, Unusable } from '../core/export/result.ts';
import type { Progress } from '../core/machine/result.ts';
import type { Exploration } from '../host/job.ts';
import type { Outcome } from '../host/queue.ts';
import { displayPath } from '../host/files.ts';
import type { OpenedScenario } from '../host/scenario.ts';
import { parseShard, shardOf } from '../host/shard.ts';
import { oneOf, UsageError, wholeNumber } from './arguments.ts';
import { paintFor } from './colour.ts';
import type { Command } from './command.ts';
import { exploreAll, readSearchOptions, searchHelp, searchOptions } from './exploring.ts';
import { openInputs, unusableFrom } from './input.ts';
import { optionsText, pretty, type Shown } from './pretty.ts';
import { type Selected, selectVariants } from './selection.ts';
import { pageOf, version } from './shipped.ts';

export const check: Command = {
  name: 'check',
  summary: 'explore every interleaving of scenarios, and compare with what they expect',
  help: `usage: lockstep check PATH… [OPTION]…

  Checks each scenario file, and every scenario below each directory, in every combination of its options.

  --format pretty|json|sarif
                           a table of verdicts with the interleavings of what failed, one JSON object, or SARIF 2.1.0
${searchHelp}
  --workers N              variants explored at the same time (default: the number of processors)
  --shard I/N              only the I-th of N parts, to spread the variants over machines

  Exit code: 0 when every expectation is met; 1 when one is not; 2 when some input cannot be used (the rest is
  still checked); 3 when the only thing wrong is a search that reached a bound.
`,
  options: { ...searchOptions, format: 'text', workers: 'text', shard: 'text' },
  run: async (args) => {
    const form = oneOf(args, 'format', ['pretty', 'json', 'sarif'], 'pretty');
    const search = readSearchOptions(args);
    const workers = wholeNumber(args, 'workers', 1) ?? availableParallelism();
    const shardText = args.text('shard');
    const shard = shardText === null ? null : parseShard(shardText);
    if (shardText !== null && shard === null) {
      throw new UsageError(`--shard takes I/N with I from 1 to N, not '${shardText}'`);
    }
    if (args.positionals.length === 0) throw new UsageError('name a scenario file or a directory');

    const began = performance.now();
    const inputs = openInputs(args.positionals);
    const selected = shardOf(selectVariants(inputs.scenarios, search.values), shard);
    const outcomes = await exploreAll(selected, search, workers, progressLine(selected));
    const gathered = gather(selected, outcomes);
    const shown: Shown = {
      report: {
        version: 1,
        results: gathered.results,
        diagnostics: unique([
          ...inputs.diagnostics,
          ...gathered.diagnostics,
          ...gathered.findings.map(({ diagnostic }) => diagnostic),
        ]),
        unusable: unique([...inputs.unusable, ...gathered.unusable, ...gathered.crashed]),
      },
      tables: gathered.tables,
      interleavings: new Map(gathered.findings.map(({ diagnostic, table }) => [diagnostic, table])),
      undecided: gathered.undecided,
      seconds: (performance.now() - began) / 1000,
    };
    const code = gathered.crashed.length > 0 ? 1 : exitCode(shown);
    process.stdout.write(written(shown, code, form));
    return code;
  },
};

function written(shown: Shown, code: number, form: 'pretty' | 'json' | 'sarif'): string {
  switch (form) {
    case 'pretty':
      return pretty(shown, paintFor(process.stdout));
    case 'json':
      return `${JSON.stringify(shown.report, null, 2)}\n`;
    case 'sarif': {
      const { report, undecided } = shown;
      const log = sarifLog(report, { version: version(), exitCode: code, undecided, pageOf });
      return `${JSON.stringify(log, null, 2)}\n`;
    }
  }
}

export function exitCode({ report, undecided }: Pick<Shown, 'report' | 'undecided'>): number {
  if (report.unusable.length > 0) return 2;
  const isWrong = report.results.some(({ met }, index) => !met && undecided[index] !== true);
  if (isWrong) return 1;
  return undecided.includes(true) ? 3 : 0;
}

interface Gathered {
  readonly results: Report['results'][number][];
  readonly tables: (string | null)[][];
  readonly undecided: boolean[];
  readonly diagnostics: ReportedDiagnostic[];
  readonly findings: readonly ShownFinding[];
  readonly unusable: Unusable[];
  /** Explorations that came to no result by a fault of Lockstep. */
  readonly crashed: Unusable[];
}

function gather(selected: readonly Selected[], outcomes: readonly Outcome<Exploration>[]): Gathered {
  const byScenario = new Map<
    OpenedScenario,
    { variants: (readonly ShownFinding[])[]; reached: Set<string> }
  >();
  const all: Omit<Gathered, 'findings'> = {
    results: [],
    tables: [],
    undecided: [],
    diagnostics: [],
    unusable: [],
    crashed: [],
  };
  for (const [index, outcome] of outcomes.entries()) {
    const name = selected[index];
    if (outcome.kind !== 'done') {
      const why = outcome.kind === 'crashed' ? outcome.message : 'it was cancelled';
      const what = optionsText(Object.fromEntries(name?.variant.options ?? []));
      const message = `internal error: the exploration ${what === '' ? '' : `of ${what} `}came to no result: ${why}`;
      all.crashed.push({ file: displayPath(name?.scenario.uri ?? ''), line: 1, column: 1, message });
      continue;
    }
    const { result, violations, diagnostics, findings, reached, undecided } = outcome.answer;
    all.diagnostics.push(...diagnostics);
    if (result === null) {
      all.unusable.push(...unusableFrom(diagnostics));
      continue;
    }
    all.results.push(result);
    all.tables.push(violations.map(({ table }) => table));
    all.undecided.push(undecided);
    if (name === undefined) continue;
    const known = byScenario.get(name.scenario) ?? { variants: [], reached: new Set<string>() };
    byScenario.set(name.scenario, known);
    known.variants.push(findings);
    for (const each of reached) known.reached.add(each);
  }
  const findings = [...byScenario].flatMap(([scenario, { variants, reached }]) =>
    mergeFindings(variants, variants.length === scenario.variants.length, reached),
  );
  return { ...all, findings };
}

/** Equal entries once: files that several scenarios import, and all variants of one, say the same. */
function unique<T>(entries: readonly T[]): readonly T[] {
  const byText = new Map<string, T>();
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    if (!byText.has(text)) byText.set(text, entry);
  }
  return [...byText.values()];
}

/** One line on a terminal that says how far the search is; nothing elsewhere. */
function progressLine(selected: readonly Selected[]): (index: number, progress: Progress | null) => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  const running = new Map<number, Progress>();
  let finished = 0;
  return (index, progress) => {
    if (progress === null) {
      running.delete(index);
      finished++;
    } else running.set(index, progress);
    const states = [...running.values()].reduce((sum, one) => sum + one.states, 0);
    const text = `${finished} of ${selected.length} variants, ${states.toLocaleString('en-US')} states …`;
    stderr.write(finished === selected.length ? '\r\x1b[K' : `\r\x1b[K${text}`);
  };
}
