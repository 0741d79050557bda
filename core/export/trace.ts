/**
 * The trace file, `NAME.lockstep-trace`: one interleaving, by actor and label, that editor, command line and tests
 * share. Reading never throws; a trace of a changed source is followed up to the first step that differs.
 */

import { start, step } from '../machine/interpreter.ts';
import type { Trace } from '../machine/result.ts';
import { parkOf, type State } from '../machine/state.ts';
import { labelOf } from '../machine/values.ts';
import type { Program } from '../program/ir.ts';
import { boundsOf, reportStep, type Writing } from './result.ts';
import { showSteps } from './steps.ts';

export interface TraceFile {
  readonly version: 1;
  /** The scenario's file, relative to where the trace was written, with `/`. */
  readonly file: string;
  readonly scenario: string;
  /** Every file of the scenario as it was; `hash` is the SHA-256 of its UTF-8 text, in hexadecimal. */
  readonly sources: readonly { readonly file: string; readonly hash: string }[];
  readonly options: Readonly<Record<string, string>>;
  readonly memoryModel: string;
  readonly profile: string;
  readonly bounds: Readonly<Record<string, number | string>>;
  /** What the interleaving ends in; null when it is only an interleaving. */
  readonly violation: TraceViolation | null;
  /** Choices made before the first step. Choices are decimal numbers, as text because they have 64 bits. */
  readonly start: readonly string[];
  readonly steps: readonly TraceStep[];
}

export interface TraceViolation {
  readonly check: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface TraceStep {
  readonly thread: string;
  /** What the step does, as the source says it. It tells whether a changed source still does the same. */
  readonly label: string;
  readonly choices: readonly string[];
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface TraceOrigin {
  readonly trace: Trace;
  readonly memoryModel: string;
  readonly sources: TraceFile['sources'];
  readonly violation: TraceViolation | null;
}

export function traceFileOf(program: Program, origin: TraceOrigin, writing: Writing): TraceFile {
  const { checked } = program;
  return {
    version: 1,
    file: writing.pathOf(checked.uri),
    scenario: checked.title,
    sources: origin.sources,
    options: Object.fromEntries(checked.options),
    memoryModel: origin.memoryModel,
    profile: checked.profile,
    bounds: boundsOf(program),
    violation: origin.violation,
    start: origin.trace.start.map(String),
    steps: showSteps(program, origin.trace).map((shown, index) => {
      const { thread, file, line, column, text } = reportStep(shown, index, writing);
      return { thread, label: text, choices: shown.choices.map(String), file, line, column };
    }),
  };
}

export function writeTraceFile(trace: TraceFile): string {
  return `${JSON.stringify(trace, null, 2)}\n`;
}

export type TraceReading =
  | { readonly kind: 'trace'; readonly trace: TraceFile }
  /** `message` says what is wrong and where in the file. */
  | { readonly kind: 'refused'; readonly message: string };

export function readTraceFile(text: string): TraceReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be parsed';
    return { kind: 'refused', message: `this is no JSON: ${why}` };
  }
  const version = isRecord(value) ? value['version'] : undefined;
  if (typeof version === 'number' && version !== 1) {
    return { kind: 'refused', message: `this trace has version ${version}; version 1 can be read` };
  }
  const wrong = traceShape(value, '');
  if (wrong !== null) return { kind: 'refused', message: `this is no trace file: ${wrong}` };
  return { kind: 'trace', trace: value as TraceFile };
}

export interface FollowedTrace {
  /** The steps that could be followed. */
  readonly trace: Trace;
  /** Where the source does something else than the trace says; null when it was followed to its end. `step` counts from 1; 0 is the start. */
  readonly differs: { readonly step: number; readonly why: string } | null;
}

/** Follows a trace file in a program, which may have been made from changed sources. */
export function followTrace(program: Program, file: TraceFile): FollowedTrace {
  const choices = file.start.map(BigInt);
  let state: State | null = start(program, choices)?.state ?? null;
  const steps: Trace['steps'][number][] = [];
  const stop = (at: number, why: string): FollowedTrace => ({
    trace: { start: choices, steps },
    differs: { step: at, why },
  });
  if (state === null) return stop(0, 'the program does not start like this');
  for (const [index, wanted] of file.steps.entries()) {
    if (state === null) return stop(index + 1, 'the step before it ends the run');
    const thread = program.threads.findIndex(({ name }) => name === wanted.thread);
    if (thread < 0) return stop(index + 1, `there is no thread ${wanted.thread}`);
    const site = program.sites[parkOf(program, state, thread)?.site ?? -1];
    if (site === undefined) return stop(index + 1, `${wanted.thread} has ended`);
    const label = labelOf(site);
    if (label !== wanted.label) {
      return stop(index + 1, `the next step of ${wanted.thread} is '${label}', not '${wanted.label}'`);
    }
    const taken = { thread, choices: wanted.choices.map(BigInt) };
    const outcome = step(program, state, thread, taken.choices);
    if (outcome.kind === 'blocked') return stop(index + 1, `${wanted.thread} cannot go on at '${label}'`);
    if (outcome.kind === 'refused') return stop(index + 1, outcome.reason);
    if (outcome.kind === 'ended') return stop(index + 1, `${wanted.thread} has ended`);
    steps.push(taken);
    state = outcome.state;
  }
  return { trace: { start: choices, steps }, differs: null };
}

// ---------------------------------------------------------------- shapes

/** Says what is wrong with a value at a path of the file; null when it fits. */
type Shape = (value: unknown, path: string) => string | null;

const text: Shape = (value, path) => (typeof value === 'string' ? null : `${path} is no text`);
const position: Shape = (value, path) =>
  Number.isSafeInteger(value) && Number(value) >= 1 ? null : `${path} is no position`;
const choice: Shape = (value, path) =>
  typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? null : `${path} is no choice`;
const bound: Shape = (value, path) =>
  typeof value === 'string' || typeof value === 'number' ? null : `${path} is no bound`;

function listOf(element: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} is no list`;
    return firstWrong(value.map((one, index) => () => element(one, `${path}[${index}]`)));
  };
}

function mapOf(element: Shape): Shape {
  return (value, path) => {
    if (!isRecord(value)) return `${path} is no object`;
    return firstWrong(
      Object.entries(value).map(
        ([key, one]) =>
          () =>
            element(one, `${path}.${key}`),
      ),
    );
  };
}

function record(fields: Readonly<Record<string, Shape>>): Shape {
  return (value, path) => {
    if (!isRecord(value)) return `${path === '' ? 'the file' : path} is no object`;
    return firstWrong(
      Object.entries(fields).map(
        ([name, shape]) =>
          () =>
            shape(value[name], path === '' ? name : `${path}.${name}`),
      ),
    );
  };
}

function orNull(shape: Shape): Shape {
  return (value, path) => (value === null ? null : shape(value, path));
}

function firstWrong(checks: readonly (() => string | null)[]): string | null {
  for (const check of checks) {
    const wrong = check();
    if (wrong !== null) return wrong;
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const place = { file: text, line: position, column: position };
const traceShape = record({
  version: (value, path) => (value === 1 ? null : `${path} is not 1`),
  file: text,
  scenario: text,
  sources: listOf(record({ file: text, hash: text })),
  options: mapOf(text),
  memoryModel: text,
  profile: text,
  bounds: mapOf(bound),
  violation: orNull(record({ check: text, message: text, ...place })),
  start: listOf(choice),
  steps: listOf(record({ thread: text, label: text, choices: listOf(choice), ...place })),
} satisfies Record<keyof TraceFile, Shape>);
