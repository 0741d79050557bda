/** `lockstep trace NAME.lockstep-trace`: follows a recorded interleaving in the scenario as it is now. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { showSteps } from '../core/export/steps.ts';
import { changelogTable } from '../core/export/table.ts';
import { type FollowedTrace, followTrace, readTraceFile, type TraceFile } from '../core/export/trace.ts';
import { spelled } from '../core/export/verdict.ts';
import { replay } from '../core/machine/replay.ts';
import type { Finding } from '../core/machine/result.ts';
import type { Program } from '../core/program/ir.ts';
import { variants } from '../core/semantics/options.ts';
import { displayPath, EXTENSION, readText } from '../host/files.ts';
import { programOf, sha256 } from '../host/job.ts';
import type { OpenedScenario } from '../host/scenario.ts';
import { paintFor } from './colour.ts';
import { openInputs } from './input.ts';
import { optionsText } from './pretty.ts';

export const TRACE_EXTENSION = `${EXTENSION}-trace`;

/** Answers the exit code: 0 when the trace leads where it did, 1 when not, 2 when something cannot be used. */
export function replayTrace(path: string): number {
  const problem = (where: string, message: string): number => {
    process.stderr.write(`${displayPath(where)}: ${message}\n`);
    return 2;
  };
  const reading = readText(path);
  if (reading.kind !== 'text')
    return problem(path, reading.kind === 'missing' ? 'does not exist' : reading.message);
  const parsed = readTraceFile(reading.text);
  if (parsed.kind === 'refused') return problem(path, parsed.message);
  const { trace } = parsed;

  // Paths in it are relative to where it was written: the working directory, or where the trace was put.
  const file = [trace.file, join(dirname(path), trace.file)].find((candidate) => existsSync(candidate));
  if (file === undefined) return problem(path, `its scenario ${trace.file} does not exist`);
  const inputs = openInputs([file]);
  const [scenario] = inputs.scenarios;
  for (const { message, line, column } of inputs.unusable) problem(`${file}:${line}:${column}`, message);
  if (scenario === undefined) return 2;
  const found = variants(scenario.project, { ...trace.options, profile: trace.profile });
  const [variant] = found.variants;
  if (variant === undefined)
    return problem(file, found.error ?? 'it has no variant with the options of the trace');
  const { program, diagnostics } = programOf(scenario.project, variant);
  if (program === null) return problem(file, diagnostics[0]?.message ?? 'it cannot be used');

  const followed = followTrace(program, trace);
  const reached = findingsAtEnd(program, followed).map(({ check }) =>
    spelled(program.checks[check]?.name ?? ''),
  );
  const wanted = trace.violation === null ? null : spelled(trace.violation.check);
  const isSame = followed.differs === null && (wanted === null || reached.includes(wanted));
  process.stdout.write(
    [
      `${paintFor(process.stdout)('bold', trace.scenario)}${optionsSuffix(trace)}\n`,
      ...changedSources(scenario, trace).map((name) => `${name} has changed since\n`),
      '\n',
      changelogTable(
        program.threads.map(({ name }) => name),
        showSteps(program, followed.trace),
        isSame && wanted !== null
          ? { thread: followed.trace.steps.at(-1)?.thread ?? null, text: wanted }
          : null,
      ),
      followed.differs === null ? '' : `\nstep ${followed.differs.step} differs: ${followed.differs.why}\n`,
      isSame || followed.differs !== null ? '' : `\n${wanted} does not happen any more\n`,
    ].join(''),
  );
  return isSame ? 0 : 1;
}

function findingsAtEnd(program: Program, { trace }: FollowedTrace): readonly Finding[] {
  const { start, steps, last } = replay(program, trace);
  return [...(steps.at(-1)?.findings ?? start.findings), ...last];
}

function optionsSuffix({ options }: TraceFile): string {
  const text = optionsText(options);
  return text === '' ? '' : ` (${text})`;
}

function changedSources({ project }: OpenedScenario, trace: TraceFile): readonly string[] {
  const now = new Map([...project.files].map(([uri, file]) => [displayPath(uri), sha256(file.source.text)]));
  return trace.sources.filter(({ file, hash }) => now.get(file) !== hash).map(({ file }) => file);
}
