/** From a checked program to a machine program: what is reached, where it lies, its threads and its properties. */

import type { Diagnostic, FileRange } from '../syntax/diagnostic.ts';
import type { CheckedProgram, Expr, Hook, LocalVariable, Loc, LValue, Stmt } from '../semantics/hir.ts';
import { sizeOf, type Type } from '../semantics/types.ts';
import { checkOf, report, type Shared, siteOf } from './context.ts';
import { scalar, truthOf } from './expressions.ts';
import {
  THREAD_LIMIT,
  type BuiltinCheck,
  type Goal,
  type Invariant,
  type Predicate,
  type Program,
  type Thread,
  type ThreadCode,
} from './ir.ts';
import { IMAGE_LIMIT, Layout, TEXT_BASE } from './layout.ts';
import { lowerPlace } from './lvalues.ts';
import { type LockTable, lockTableOf } from './probeLocks.ts';
import { type Probe, Probes } from './probes.ts';
import { Questions } from './questions.ts';
import { privateGlobals } from './sharing.ts';
import { addDrains, buffersOf } from './drains.ts';
import { livingActors, reach, type Reached, reachFrom } from './reach.ts';
import { lowerStatement } from './statements.ts';
import {
  endChecks,
  endingOf,
  finishUnit,
  isInterrupt,
  newUnit,
  type ThreadPlan,
  threadCode,
  vcpuAddressOf,
} from './threads.ts';

/** What lowering needs to know of the source text. */
export interface SourceView {
  readonly text: (loc: Loc) => string;
  readonly range: (loc: Loc) => FileRange;
}

export interface BuildResult {
  /** null when there are diagnostics of severity error. */
  readonly program: Program | null;
  readonly diagnostics: readonly Diagnostic[];
  /** For expressions that are asked later. */
  readonly questions: Questions | null;
}

export interface BuildOptions {
  readonly stepping?: boolean;
  /** What is asked of the code besides its own checks. */
  readonly probes?: readonly Probe[];
}

/**
 * Lays out and lowers one variant. Deterministic. `stepping`: locals keep registers of their own and their values, for
 * a person who looks at them; threads, steps, sites and memory are the same as without.
 */
export function buildProgram(
  checked: CheckedProgram,
  source: SourceView,
  { stepping = false, probes = [] }: BuildOptions = {},
): BuildResult {
  const inMemory = new Set<LocalVariable>();
  const uses: Shared['uses'] = new WeakMap();
  const privates: Shared['privates'] = checked.memoryModel === 'tso' ? privateGlobals(checked) : new Set();
  for (let round = 0; ; round++) {
    const shared = prepare(checked, source, { inMemory, uses, privates }, stepping, probes);
    const program = lowerAll(shared);
    // A local whose address turned out to be needed as a number gets memory, and everything is laid out again.
    if (shared.inMemoryGrew && round < ROUND_LIMIT) continue;
    const failed = shared.diagnostics.some((d) => d.severity === 'error');
    if (failed) return { program: null, diagnostics: shared.diagnostics, questions: null };
    return { program, diagnostics: shared.diagnostics, questions: new Questions(shared, program) };
  }
}

const ROUND_LIMIT = 64;
const INSTRUCTION_LIMIT = 200_000;
const PRELUDE = ['__gate', '__irq_arrive', '__irq_leave', '__thread_exit'];
/** What brings a thread to the CPU of another one: the scheduler, and the handlers of IPIs. */
const MOVES = ['migrate', '__ipi_enter', '__ipi_enter_any', '__csd_arrive'];

interface Prepared extends Shared {
  readonly plans: readonly ThreadPlan[];
  readonly reached: Reached;
}

function prepare(
  checked: CheckedProgram,
  source: SourceView,
  { inMemory, uses, privates }: Pick<Shared, 'inMemory' | 'uses' | 'privates'>,
  stepping: boolean,
  probes: readonly Probe[],
): Prepared {
  const alone = reach(checked, ['__thread_exit']);
  const moves = MOVES.some((name) => alone.functions.has(name));
  const interrupt = callbacksInterrupt(checked, alone);
  const shares =
    moves || interrupt || checked.actors.some((actor) => actor.cpu !== null || isInterrupt(actor));
  const reached = shares ? reach(checked, PRELUDE) : alone;
  const actors = livingActors(checked, reached);
  // The number of threads decides the size of per-thread arrays, and objects decide the number of threads.
  const first = layOut(checked, reached, THREAD_LIMIT, THREAD_LIMIT);
  const threadCount = actors.reduce(
    (sum, actor) => sum + (actor.family?.kind === 'each' ? first.all(actor.family.type).length : 1),
    0,
  );
  const shared = Math.max(0, ...actors.map((actor) => (actor.cpu ?? -1) + 1));
  const cpuCount = Math.max(
    1,
    shared +
      actors.filter((a) => a.cpu === null && a.family?.kind !== 'each').length +
      (threadCount - actors.filter((a) => a.family?.kind !== 'each').length),
  );
  // `init` runs as the thread behind all others, drains of store buffers included.
  const slots = checked.memoryModel === 'tso' ? 2 * threadCount + 1 : threadCount + 1;
  const layout = layOut(checked, reached, slots, cpuCount);
  const buffers = buffersOf(checked, layout, threadCount);
  const plans: ThreadPlan[] = [];
  const eachThreads = new Map<string, { address: bigint; thread: number }[]>();
  const threadNumbers = new Map<string, number>();
  for (const actor of actors) {
    const gated =
      shares &&
      (actor.family?.kind === 'each'
        ? interrupt && actor.kind === 'softirq'
        : actor.cpu !== null || moves || interrupt);
    if (actor.family?.kind === 'each') {
      for (const address of layout.all(actor.family.type)) {
        const list = eachThreads.get(actor.name) ?? [];
        list.push({ address, thread: plans.length });
        eachThreads.set(actor.name, list);
        plans.push({
          actor,
          name: `${actor.name}(${layout.nameOf(address, actor.family.type)})`,
          param: address,
          gated,
        });
      }
    } else {
      if (!threadNumbers.has(actor.name)) threadNumbers.set(actor.name, plans.length);
      threadNumbers.set(actor.label, plans.length);
      plans.push({ actor, name: actor.label, param: BigInt(actor.family?.index ?? 0), gated });
    }
  }
  let nextCpu = shared;
  const spare = new Array<number>(slots - threadCount).fill(0);
  const threadCpus = [...plans.map((plan) => plan.actor.cpu ?? nextCpu++), ...spare];
  const kinds = { task: 0, vcpu: 1, softirq: 2, irq: 3 };
  const checks: Shared['checks'] = [];
  let locks: LockTable | null = null;
  const recursion = checked.settings.get('recursion')?.value;
  return {
    checked,
    layout,
    plans,
    reached,
    sourceText: source.text,
    rangeOf: source.range,
    sites: [],
    cpuSite: null,
    siteIndex: new Map(),
    frames: [],
    checks,
    checkIndex: new Map(),
    points: [],
    pointIndex: new Map(),
    diagnostics: [],
    hooks: groupHooks(checked.hooks),
    inMemory,
    inMemoryGrew: false,
    counted: reached.counted,
    addressTaken: reached.addressTaken,
    threadNumbers,
    eachThreads,
    threadKinds: [...plans.map((plan) => kinds[plan.actor.kind]), ...spare],
    threadCpus,
    cpuCount: Math.max(cpuCount, nextCpu),
    callbacksInterrupt: interrupt,
    threadCount: plans.length,
    slots,
    uses,
    buffers,
    privates,
    instructionLimit: INSTRUCTION_LIMIT,
    recursion: typeof recursion === 'bigint' ? Number(recursion) : 8,
    stepping,
    showing: null,
    probes: new Probes(probes, checks),
    locks: () => (locks ??= lockTableOf(layout)),
  };
}

/**
 * Does it matter which CPU a softirq over objects interrupts? Only to functions that may block, which what they
 * interrupt may have to end, and to those that ask for their CPU. The others do beside a thread whatever they do in
 * the midst of it.
 */
function callbacksInterrupt(checked: CheckedProgram, reached: Reached): boolean {
  return checked.actors.some(({ name, kind, family }) => {
    if (kind !== 'softirq' || family?.kind !== 'each' || !reached.families.has(name)) return false;
    const { type } = family;
    const callbacks = reached.addressTaken.filter((taken) => {
      const param = checked.functions.get(taken)?.params[0]?.type;
      return param?.kind === 'pointer' && param.to === type;
    });
    const used = reachFrom(checked, callbacks, false);
    return used.waits || used.functions.has('__cpu_of');
  });
}

function layOut(checked: CheckedProgram, reached: Reached, threads: number, cpus: number): Layout {
  const layout = new Layout();
  for (const variable of checked.globals) {
    if (!reached.globals.has(variable)) continue;
    const has = (name: string) => variable.annotations.some((annotation) => annotation.name === name);
    layout.global(variable, has('__per_thread') ? threads : has('__per_cpu') ? cpus : null);
  }
  for (const pool of checked.pools) if (reached.pools.has(pool)) layout.pool(pool);
  return layout;
}

function groupHooks(hooks: readonly Hook[]): Shared['hooks'] {
  const before = new Map<string, Extract<Hook, { kind: 'before' | 'after' }>[]>();
  const after = new Map<string, Extract<Hook, { kind: 'before' | 'after' }>[]>();
  const on = new Map<string, Extract<Hook, { kind: 'on' }>[]>();
  const release: Extract<Hook, { kind: 'release' }>[] = [];
  const add = <T>(map: Map<string, T[]>, key: string, hook: T) =>
    map.set(key, [...(map.get(key) ?? []), hook]);
  for (const hook of hooks) {
    if (hook.kind === 'before') add(before, hook.target, hook);
    else if (hook.kind === 'after') add(after, hook.target, hook);
    else if (hook.kind === 'on') add(on, hook.event, hook);
    else if (hook.kind === 'release') release.push(hook);
  }
  return { before, after, release, on };
}

function lowerAll(shared: Prepared): Program {
  const { checked } = shared;
  const start =
    checked.actors[0]?.loc ?? checked.inits[0]?.loc ?? checked.properties[0]?.loc ?? NOWHERE(checked.uri);
  const most = shared.buffers === null ? THREAD_LIMIT - 1 : (THREAD_LIMIT - 1) >> 1;
  if (shared.threadCount > most) {
    report(
      shared,
      'program-too-large',
      `The scenario has ${shared.threadCount} threads; at most ${most} are possible.`,
      start,
    );
  }
  const builtin = builtinChecks(shared);
  const codes: ThreadCode[] = [];
  const codeOf = new Map<Stmt, number>();
  const threads: Thread[] = [];
  const stores: ReadonlySet<1 | 2 | 4 | 8>[] = [];
  for (const plan of shared.threadCount <= most ? shared.plans : []) {
    const shareable = plan.actor.family !== null;
    let code = shareable ? codeOf.get(plan.actor.body) : undefined;
    if (code === undefined) {
      code = codes.length;
      shared.buffers?.sizes.clear();
      codes.push(threadCode(shared, plan, vcpuAddressOf(shared, plan.actor)));
      stores[code] = new Set(shared.buffers?.sizes);
      codeOf.set(plan.actor.body, code);
    }
    threads.push({
      name: plan.name,
      kind: plan.actor.kind,
      code,
      param: plan.param,
      ending: endingOf(plan.actor),
      loc: plan.actor.loc,
    });
  }
  const buffers = addDrains(shared, threads, codes, stores);
  const init = lowerInit(shared, start);
  const { invariants, finals, goals } = lowerProperties(shared);
  const places = lowerPlaces(shared);
  const functions = new Map(
    shared.addressTaken.map((name, i) => [BigInt.asUintN(64, TEXT_BASE + BigInt(16 * i)), name] as const),
  );
  if (shared.layout.bytes > IMAGE_LIMIT) {
    report(
      shared,
      'program-too-large',
      `The memory of a state would take ${shared.layout.bytes} bytes; at most ${IMAGE_LIMIT} are possible. Lower the bounds in machine { }.`,
      start,
    );
  }
  const memory = shared.layout.finish();
  return {
    checked,
    memory: { ...memory, image: initialImage(shared, memory.imageBytes) },
    threads,
    ...(buffers.length === 0 ? {} : { buffers }),
    codes,
    init,
    invariants,
    finals,
    goals,
    probes: shared.probes.answerable(shared.layout),
    requests: shared.probes.requests,
    checks: shared.checks,
    builtin,
    sites: shared.sites,
    cpuSite: shared.cpuSite,
    frames: shared.frames,
    points: shared.points,
    places,
    functions,
  };
}

const NOWHERE = (uri: string): Loc => ({ uri, item: '', start: 0, end: 0, macro: null });

function builtinChecks(shared: Shared): Record<BuiltinCheck, number> {
  const make = (
    code: BuiltinCheck,
    fatal: boolean,
    message: string,
    severity: 'error' | 'warning' = 'error',
  ) => checkOf(shared, { name: code.replaceAll('-', '_'), code, fatal, message, loc: null, severity });
  return {
    deadlock: make('deadlock', false, 'Nobody can go on.'),
    'null-pointer': make('null-pointer', true, 'An address is accessed where nothing is.'),
    'use-after-free': make('use-after-free', true, 'An object is accessed that does not live.'),
    'out-of-bounds': make('out-of-bounds', true, 'An access leaves its object or is not aligned.'),
    'uninitialised-read': make('uninitialised-read', true, 'Memory is read that was never written.'),
    'data-race': make(
      'data-race',
      false,
      'Two threads access the same memory with nothing that orders them; one writes, one is a plain access.',
      'warning',
    ),
    'runaway-loop': make('runaway-loop', true, 'A loop that touches no shared state does not end.'),
  };
}

function lowerInit(shared: Shared, start: Loc): ThreadCode {
  const firstFrame = shared.frames.length;
  const body: Stmt = {
    kind: 'block',
    body: shared.checked.inits,
    loc: shared.checked.inits[0]?.loc ?? start,
  };
  const unit = newUnit(shared, false, body, 'plain');
  for (const init of shared.checked.inits) {
    lowerStatement(unit, init);
  }
  unit.out.place(unit.here.exit);
  endChecks(unit, body.loc, body.loc);
  return finishUnit(unit, false, firstFrame);
}

// ---------------------------------------------------------------- properties

function lowerProperties(shared: Shared): { invariants: Invariant[]; finals: Invariant[]; goals: Goal[] } {
  const invariants: Invariant[] = [];
  const finals: Invariant[] = [];
  const goals: Goal[] = [];
  for (const property of shared.checked.properties) {
    if (shared.checked.severities.get(property.name) === 'off') continue;
    const text = shared.sourceText(property.condition.loc).replace(/\s+/g, ' ').trim();
    const condition = predicate(shared, property.condition);
    const site = propertySite(shared, property.loc);
    if (property.kind === 'reachable') {
      goals.push({ name: property.name, predicate: condition, site });
      continue;
    }
    const check = checkOf(shared, {
      name: property.name,
      code: property.kind === 'invariant' ? 'invariant-broken' : 'finally-broken',
      fatal: false,
      message:
        property.kind === 'invariant'
          ? `The invariant '${property.name}' does not hold: ${text}`
          : `'${property.name}' does not hold at the end: ${text}`,
      loc: property.loc,
    });
    const unless = property.unless === null ? null : predicate(shared, property.unless);
    (property.kind === 'invariant' ? invariants : finals).push({ check, site, unless, condition });
  }
  return { invariants, finals, goals };
}

/** Where the places stand that a schedule waits for. */
function lowerPlaces(shared: Shared): Map<LValue, { address: Predicate; bytes: number }> {
  const places = new Map<LValue, { address: Predicate; bytes: number }>();
  for (const schedule of shared.checked.schedules) {
    for (const { until, loc } of schedule.moves) {
      if (until.kind !== 'load' && until.kind !== 'store') continue;
      const firstFrame = shared.frames.length;
      const unit = newUnit(shared, false, { kind: 'block', body: [], loc }, 'ghost');
      const place = lowerPlace(unit, until.lvalue, true);
      if (place.kind !== 'memory') continue;
      unit.out.set(0, place.address);
      places.set(until.lvalue, {
        address: { code: finishUnit(unit, true, firstFrame) },
        bytes: sizeOf(until.lvalue.type),
      });
    }
  }
  return places;
}

function propertySite(shared: Shared, loc: Loc): number {
  const unit = newUnit(shared, false, { kind: 'block', body: [], loc }, 'ghost');
  return siteOf(unit, loc, 'none');
}

function predicate(shared: Shared, condition: Expr): Predicate {
  const firstFrame = shared.frames.length;
  const unit = newUnit(shared, false, { kind: 'expression', value: condition, loc: condition.loc }, 'ghost');
  unit.out.set(0, truthOf(unit, condition));
  return { code: finishUnit(unit, true, firstFrame) };
}

// ---------------------------------------------------------------- initial values

/** Initialisers of globals: constants, among them addresses. */
function initialImage(shared: Shared, bytes: number): Uint8Array {
  const image = new Uint8Array(bytes);
  const view = new DataView(image.buffer);
  const memory = shared.layout.finish();
  for (const variable of shared.checked.globals) {
    const address = shared.layout.addressOfGlobal(variable);
    if (address === undefined || variable.init === null) continue;
    const first = memory.objects.findIndex((o) => o.address === BigInt.asUintN(64, address));
    const at = imageOffset(memory.regions, first);
    for (const entry of variable.init.entries) {
      if (entry.type.kind === 'struct' || entry.type.kind === 'array') continue;
      const unit = newUnit(
        shared,
        false,
        { kind: 'expression', value: entry.value, loc: entry.value.loc },
        'ghost',
      );
      const value = scalar(unit, entry.value);
      if (value.kind !== 'const') {
        report(
          shared,
          'not-constant',
          `The initial value of '${variable.name}' must be a constant; assign it in init { }.`,
          entry.value.loc,
        );
        continue;
      }
      put(view, at + entry.offset, entry.type, entry.bits, value.value);
    }
  }
  return image;
}

function imageOffset(
  regions: readonly { readonly image: Int32Array; readonly object: Int32Array }[],
  object: number,
): number {
  for (const region of regions) {
    const granule = region.object.indexOf(object);
    if (granule >= 0) return region.image[granule] ?? 0;
  }
  return 0;
}

function put(
  view: DataView,
  at: number,
  type: Type,
  bits: { readonly shift: number; readonly width: number } | null,
  value: bigint,
): void {
  const size = sizeOf(type);
  if (at + size > view.byteLength) return;
  let word = value;
  const read =
    size === 8
      ? view.getBigUint64(at, true)
      : BigInt(
          size === 4 ? view.getUint32(at, true) : size === 2 ? view.getUint16(at, true) : view.getUint8(at),
        );
  if (bits !== null) {
    const mask = ((1n << BigInt(bits.width)) - 1n) << BigInt(bits.shift);
    word = (read & ~mask) | ((value << BigInt(bits.shift)) & mask);
  }
  if (size === 8) view.setBigUint64(at, BigInt.asUintN(64, word), true);
  else if (size === 4) view.setUint32(at, Number(BigInt.asUintN(32, word)), true);
  else if (size === 2) view.setUint16(at, Number(BigInt.asUintN(16, word)), true);
  else view.setUint8(at, Number(BigInt.asUintN(8, word)));
}
