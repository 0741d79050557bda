/** A program as SPIN sees it: the exported model, compiled and searched without reduction. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promelaOf } from '../../core/export/promela.ts';
import { judge } from '../../core/export/verdict.ts';
import type { SearchResult } from '../../core/machine/result.ts';
import type { Program } from '../../core/program/ir.ts';
import { provideSpin } from '../../scripts/spin.mjs';

const { missing } = provideSpin();
/** For `skip` of a test. */
export const skip: string | false = missing ?? false;

/** More tests at a time only wait for each other. */
export const concurrency = availableParallelism();

/** What both must agree on. */
export interface Answer {
  readonly states: number;
  /** SPIN counts the states in which something of severity error is wrong; the search says whether there is one. */
  readonly fails: boolean;
  /** `CHECK SITE NAME SEVERITY`, sorted. */
  readonly violations: readonly string[];
  /** Numbers, ascending. */
  readonly goals: readonly number[];
  readonly covered: readonly number[];
  readonly ended: readonly number[];
  readonly evaluated: readonly number[];
  readonly finalEvaluated: readonly number[];
}

export async function bySpin(program: Program, name = 'generated'): Promise<Answer> {
  const model = promelaOf(program, { file: name, options: '', placeOf: ({ item }) => item });
  assert.ok(model.kind === 'model');
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-spin-'));
  try {
    writeFileSync(join(directory, 'model.pml'), model.text);
    const said = await run(directory, 'spin', '-a', 'model.pml');
    assert.doesNotMatch(said, /error|warning/i);
    const flags = ['-O0', '-w', '-DSAFETY', '-DNOREDUCE', '-DNOCOMP', `-DVECTORSZ=${model.vectorBytes}`];
    await run(directory, 'gcc', ...flags, '-o', 'pan', 'pan.c');
    return read(await run(directory, join(directory, 'pan'), '-c0', '-m1000000', '-w18'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The same of a search that is complete. */
export function bySearch(program: Program, found: SearchResult): Answer {
  const { failures } = judge({ program, search: found, blockedSchedules: [], findings: [] });
  const told = new Map(failures.map((one) => [one.violation, one.severity]));
  return {
    states: found.states,
    fails: failures.some(({ severity, violation }) => severity === 'error' && violation !== null),
    violations: found.violations
      .map(
        (one) =>
          `${one.check} ${one.site} ${program.checks[one.check]?.name} ${severityOf(program, told, one)}`,
      )
      .sort(),
    goals: found.goals.flatMap(({ goal, trace }) => (trace === null ? [] : [goal])),
    covered: numbersOf(found.reached),
    ended: numbersOf(found.ended),
    evaluated: numbersOf(found.evaluated),
    finalEvaluated: numbersOf(found.finalEvaluated),
  };
}

type Violation = SearchResult['violations'][number];

/** The verdict's own word for it; `off` for what it does not tell. */
function severityOf(program: Program, told: ReadonlyMap<Violation | null, string>, one: Violation): string {
  assert.ok(program.checks[one.check] !== undefined);
  return told.get(one) ?? 'off';
}

function numbersOf(flags: readonly boolean[]): readonly number[] {
  return flags.flatMap((flag, index) => (flag ? [index] : []));
}

function read(out: string): Answer {
  const stored = /^\s*(\d+) states, stored/m.exec(out)?.[1];
  const errors = /, errors: (\d+)$/m.exec(out)?.[1];
  assert.ok(stored !== undefined && errors !== undefined, out);
  assert.doesNotMatch(out, /lockstep: stopped|max search depth too small|VECTORSZ/, out);
  const numbers = (what: string): readonly number[] =>
    [...out.matchAll(new RegExp(`^lockstep: ${what} (\\d+)$`, 'gm'))]
      .map(([, digits]) => Number(digits))
      .sort((a, b) => a - b);
  // Without any start our search stores nothing, and SPIN must store its initial state.
  const none = numbers('starts').includes(0);
  return {
    states: none ? Number(stored) - 1 : Number(stored),
    fails: Number(errors) > 0,
    violations: [...out.matchAll(/^lockstep: (error|warning|off) (\d+) (\d+) (\w+):/gm)]
      .map(([, severity, check, site, name]) => `${check} ${site} ${name} ${severity}`)
      .sort(),
    goals: numbers('reaches'),
    covered: numbers('covers'),
    ended: numbers('ends'),
    evaluated: numbers('evaluates'),
    finalEvaluated: numbers('ends with'),
  };
}

function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stderr.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject);
    child.on('close', (status) => {
      const out = Buffer.concat(parts).toString('utf8');
      if (status === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${status}:\n${out}`));
    });
  });
}
