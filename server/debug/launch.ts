/** What a debugger is asked to run: which scenario, which variant, and along which interleaving. */

import { resolve } from 'node:path';
import { followTrace, readTraceFile, type TraceFile } from '../../core/export/trace.ts';
import type { Trace } from '../../core/machine/result.ts';
import { placesOf, runSchedule } from '../../core/machine/schedule.ts';
import { type Variant, variants } from '../../core/semantics/options.ts';
import { readText } from '../../host/files.ts';
import type { Scene } from '../scene.ts';
import { variantId } from '../variantId.ts';
import { type Run, startRun } from './run.ts';

export interface LaunchArguments {
  /** Path or URI of the scenario; or of a trace file. */
  readonly program?: unknown;
  /** Option values by name; those of the first variant that is expected to fail where they are left out. */
  readonly options?: unknown;
  readonly memoryModel?: unknown;
  /** Title of a `schedule` of the scenario that the run follows. */
  readonly schedule?: unknown;
  /** Path of a trace file. */
  readonly trace?: unknown;
  /** Name of a check; the interleaving that breaks it is looked for. `true`: any check that fails. */
  readonly counterexample?: unknown;
  /** Stop before the first step (default), or go on to the first stop or the end. */
  readonly stopOnEntry?: unknown;
}

/** A way through the scenario that somebody found. */
export interface Found {
  readonly trace: Trace;
  /** The check that it breaks, for a person. */
  readonly check: string;
}

export interface LaunchHost {
  scene(pathOrUri: string): Scene | null;
  /** Explores; `check` null: any. The text says why there is none. */
  counterexample(
    scene: Scene,
    variant: Variant,
    check: string | null,
    signal: AbortSignal,
  ): Promise<Found | string>;
}

export type Launched =
  /** `notes`: what a person should know, a sentence each. The recorded future lies ahead of the run. */
  | { readonly kind: 'run'; readonly run: Run; readonly notes: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string };

/** `signal`: it is not wanted any more. */
export async function launch(
  host: LaunchHost,
  given: LaunchArguments,
  signal: AbortSignal,
): Promise<Launched> {
  const named = textOf(given.program);
  if (named === null) return refused('"program" names no scenario file');
  let tracePath = textOf(given.trace);
  let program = named;
  let file: TraceFile | null = null;
  if (/\.lockstep-trace$/.test(program)) tracePath = program;
  if (tracePath !== null) {
    const read = readTrace(tracePath);
    if (typeof read === 'string') return refused(`${tracePath}: ${read}`);
    file = read;
    if (tracePath === program) program = resolve(tracePath, '..', file.file);
  }
  const scene = sceneOf(host, program, tracePath, file);
  if (scene === null) return refused(`there is no scenario at ${program}`);
  if (!scene.isScenario) return refused(`${program} is no scenario: it has no \`scenario\` line`);
  const variant = variantOf(scene, given, file);
  if (typeof variant === 'string') return refused(variant);
  return follow(host, scene, variant, given, file, signal);
}

async function follow(
  host: LaunchHost,
  scene: Scene,
  variant: Variant,
  given: LaunchArguments,
  file: TraceFile | null,
  signal: AbortSignal,
): Promise<Launched> {
  const notes: string[] = [];
  const wanted = given.counterexample;
  if (file === null && wanted !== undefined && wanted !== null && wanted !== false) {
    const name = textOf(wanted)?.replaceAll('-', '_') ?? null;
    const found = await host.counterexample(scene, variant, name, signal);
    if (typeof found === 'string') return refused(found);
    const started = startRun(scene, variant, found.trace.start);
    if (started.kind === 'refused') return started;
    const followed = started.run.session.follow(found.trace.steps);
    if (followed.kind === 'refused')
      notes.push(`The counterexample cannot be followed: ${followed.message}.`);
    started.run.session.jump(0);
    notes.push(
      `Step through the interleaving that breaks ${found.check}: ${found.trace.steps.length} steps.`,
    );
    return { ...started, notes };
  }
  const started = startRun(scene, variant, file === null ? null : file.start.map(BigInt));
  if (started.kind === 'refused') return started;
  const { session, program } = started.run;
  if (file !== null) {
    const { trace, differs } = followTrace(program, file);
    session.follow(trace.steps);
    if (differs !== null)
      notes.push(
        `The scenario is not what it was when the trace was saved: it differs at step ${differs.step}, because ${differs.why}.`,
      );
    session.jump(0);
  }
  const title = textOf(given.schedule);
  if (title !== null) {
    const schedule = program.checked.schedules.find((one) => one.title === title);
    if (schedule === undefined) {
      const known = program.checked.schedules.map((one) => `'${one.title}'`).join(', ');
      return refused(`this variant has no schedule '${title}'${known === '' ? '' : `; it has ${known}`}`);
    }
    const followed = runSchedule(program, schedule, placesOf(program));
    session.follow(followed.trace.steps);
    session.jump(0);
    if (followed.kind === 'blocked')
      notes.push(`The schedule cannot be followed to its end: ${followed.reason}.`);
  }
  return { ...started, notes };
}

/** A trace names its scenario relative to where it was written: beside it, or from a folder above. */
function sceneOf(
  host: LaunchHost,
  program: string,
  tracePath: string | null,
  file: TraceFile | null,
): Scene | null {
  const found = host.scene(program);
  if (found !== null || tracePath === null || file === null) return found;
  for (let folder = resolve(tracePath, '..'), up = 0; up < 8; folder = resolve(folder, '..'), up++) {
    const scene = host.scene(resolve(folder, file.file));
    if (scene !== null) return scene;
  }
  return null;
}

function readTrace(path: string): TraceFile | string {
  const reading = readText(path);
  if (reading.kind === 'missing') return 'there is no such file';
  if (reading.kind === 'refused') return reading.message;
  const trace = readTraceFile(reading.text);
  return trace.kind === 'refused' ? trace.message : trace.trace;
}

/** What the options leave open is as in the first variant that is expected to fail, else as in the first. */
function variantOf(scene: Scene, given: LaunchArguments, file: TraceFile | null): Variant | string {
  const asked: Record<string, string> = {};
  const options = file?.options ?? given.options;
  if (typeof options === 'object' && options !== null)
    for (const [name, value] of Object.entries(options)) asked[name] = String(value);
  const model = textOf(file?.memoryModel ?? given.memoryModel);
  if (model !== null) asked['memory_model'] = model;
  if (file !== null && file.profile !== '') asked['profile'] = file.profile;
  const found = variants(scene.project, asked);
  if (found.error !== null) return found.error;
  const [first] = found.variants;
  if (first === undefined) return 'the scenario has no variant with these options';
  // The scene's own variants keep what was checked.
  const own = (variant: Variant): Variant =>
    scene.variants.find(
      (one) =>
        variantId(one) === variantId(variant) &&
        one.memoryModel === variant.memoryModel &&
        one.profile === variant.profile,
    ) ?? variant;
  const failing = found.variants
    .map(own)
    .find(
      (variant) => scene.check(variant).program?.expectations.some(({ kind }) => kind === 'fails') === true,
    );
  return failing ?? own(first);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function refused(message: string): Launched {
  return { kind: 'refused', message };
}
