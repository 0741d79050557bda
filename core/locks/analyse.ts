/** The static lock rules over one variant of a scenario. */

import type { Actor, CheckedProgram, HirFunction, LocalVariable } from '../semantics/hir.ts';
import { sizeOf } from '../semantics/types.ts';
import { AnalysisCache } from './cache.ts';
import { bodyOf } from './bodies.ts';
import { lockTypeOf } from './classes.ts';
import { bind } from './evaluate.ts';
import type { LockClass, LockEvent, LockFinding } from './events.ts';
import { Ground } from './ground.ts';
import { emptyState } from './lockset.ts';
import type { DeclaredOrder } from './graph.ts';
import { withDoubt } from './merge.ts';
import { promised } from './promises.ts';
import { reached } from './reached.ts';
import { placeKey } from './report.ts';
import { number, type Value } from './values.ts';
import { Walk } from './walk.ts';

export interface Analysis {
  /** What the walk tells, then what the order graph does. */
  readonly findings: readonly LockFinding[];
  readonly events: readonly LockEvent[];
  readonly orders: readonly DeclaredOrder[];
  /** Functions that some thread comes to. */
  readonly reached: ReadonlySet<string>;
}

/** As threads ask for their kind. */
export const threadKinds: Readonly<Record<Actor['kind'], number>> = { task: 0, vcpu: 1, softirq: 2, irq: 3 };

/** Members of a family that are looked at one by one; those of larger ones all at once. */
const mostMembers = 4;

/** With a cache, what has not changed since it was last analysed is taken from there. */
export function analyse(program: CheckedProgram, cache: AnalysisCache = new AnalysisCache()): Analysis {
  const { store } = cache;
  store.tidy();
  const { addressTaken, actors } = reached(program);
  const ground = new Ground(program, addressTaken, store);
  const visited = new Set<string>();
  const told: LockFinding[] = [];
  const events = new Map<string, readonly LockEvent[]>();
  const add = (
    name: string,
    code: number,
    about: string,
    begin: (walk: Walk) => void,
    alone: string | null = null,
  ): void => {
    const key = `${ground.identity} ${leave} ${code} ${name} ${about}`;
    const walked = cache.walked(name, key, ground, () => {
      const walk = new Walk(ground);
      begin(walk);
      const { report, visited: names, targets } = walk;
      return { findings: report.findings(), events: walk.events, visited: names, targets };
    });
    for (const each of walked.visited) visited.add(each);
    told.push(
      ...(alone === null
        ? walked.findings
        : walked.findings.map((finding) => ({ ...finding, alone, severity: 'warning' as const }))),
    );
    events.set(name, walked.events);
  };
  const leave = ground.functions.of('__thread_exit')?.identity ?? 0;

  program.inits.forEach((body, index) => {
    add(`init ${index}`, ground.functions.identityOfBody(body), '', (walk) => {
      walk.begin('init', 0, false);
      walk.root(body, `init ${index}`, [], emptyState, null);
    });
  });
  for (const actor of actors) {
    const locals = localsOf(program, actor);
    if (locals === null) continue;
    // With PREEMPT_RT the handlers of devices run in threads of their own.
    const isThreaded = actor.kind === 'irq' && !actor.noThread;
    const about = `${locals.map(([, value]) => value).join()} ${placeKey(actor.loc)} ${isThreaded}`;
    const identity = ground.functions.identityOfBody(actor.body);
    for (const { lock, handed } of objectsOf(program, actor, addressTaken)) {
      const names = handed === null ? '' : [...handed].join();
      const object = lock === null ? '' : ` ${lock.key}`;
      add(`${actor.kind} ${actor.label}${object}`, identity, `${about} ${names}`, (walk) => {
        walk.begin(actor.label, threadKinds[actor.kind], false, isThreaded);
        walk.handed = handed;
        const [[variable, value] = []] = locals;
        if (lock === null || variable === undefined || value === undefined)
          return walk.root(actor.body, actor.label, locals, emptyState, actor);
        const one = `${value.slice(0, -1)}${object})`;
        walk.seeLock(one, lock);
        walk.root(actor.body, actor.label, [[variable, one]], emptyState, actor);
      });
    }
  }
  const byThreads = new Set(visited);
  for (const fn of program.functions.values()) {
    if (fn.loc.uri !== program.uri || fn.primitive || visited.has(fn.name)) continue;
    const { name } = fn;
    const begin = (walk: Walk): void => {
      walk.begin(null, 0, true);
      alone(walk, fn);
    };
    add(`function ${name}`, ground.functions.of(name)?.identity ?? 0, '', begin, name);
  }
  const { orders } = ground.rules;
  const walked = once(told);
  const variant = [...program.options].map((option) => option.join('=')).join(' ');
  const judged = cache.judged(`${program.uri} ${program.profile} ${variant}`, events, orders);
  const findings = [...walked, ...judged.filter((each) => !isTold(each, walked))].map(withDoubt);
  return { findings, events: [...events.values()].flat(), orders, reached: byThreads };
}

interface Objects {
  /** null: of no class that is known. */
  readonly lock: LockClass | null;
  /** Functions whose addresses are in them; null: any. */
  readonly handed: ReadonlySet<string> | null;
}

/**
 * The objects that the threads of a family are for, by class where they are locks: what is waited for with one of them
 * is what its own functions do. Others are looked at all at once.
 */
function objectsOf(
  program: CheckedProgram,
  { family }: Actor,
  addressTaken: readonly string[],
): readonly Objects[] {
  const type = family?.kind === 'each' ? lockTypeOf(family.type) : null;
  if (type === null) return [{ lock: null, handed: null }];
  const byClass = new Map<string, { readonly lock: LockClass; readonly handed: Set<string> }>();
  const bodies = [...program.functions.values(), ...program.actors].map(({ body }) => body);
  for (const { lock, name } of [...bodies, ...program.inits].flatMap((body) => bodyOf(body).stores)) {
    const known = byClass.get(lock.key) ?? { lock, handed: new Set() };
    byClass.set(lock.key, known);
    known.handed.add(name);
  }
  const classes = [...byClass.values()];
  const rest = addressTaken.filter((name) => !classes.some(({ handed }) => handed.has(name)));
  return [...classes, { lock: null, handed: new Set(rest) }];
}

/** Several threads may break a rule at one place. */
function once(findings: readonly LockFinding[]): LockFinding[] {
  const merged = new Map<string, LockFinding>();
  for (const finding of findings) {
    const key = `${finding.code} ${placeKey(finding.loc)} ${finding.message}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? finding : { ...known, may: known.may && finding.may });
  }
  return [...merged.values()];
}

/** The walk tells of one lock what the graph tells of its class; and who may not sleep may not take what sleeps. */
function isTold(finding: LockFinding, told: readonly LockFinding[]): boolean {
  const here = told.filter(({ loc }) => placeKey(loc) === placeKey(finding.loc));
  // A limit says that something may be wrong there.
  if (finding.code === 'lock-analysis-limit') return here.length > 0;
  const same =
    finding.code === 'lock-recursion'
      ? 'lock-recursion'
      : finding.code === 'lock-wait-type'
        ? 'sleeping-in-atomic'
        : null;
  return same !== null && here.some(({ code }) => code === same);
}

/** What the body of an actor sees; null for a member of a large family that stands for no more than the first. */
export function localsOf(program: CheckedProgram, actor: Actor): (readonly [LocalVariable, Value])[] | null {
  const locals: (readonly [LocalVariable, Value])[] = [];
  const { family, vcpu } = actor;
  const members = program.actors.filter(({ body }) => body === actor.body).length;
  const large = members > mostMembers;
  if (large && program.actors.find(({ body }) => body === actor.body) !== actor) return null;
  if (family?.kind === 'range') {
    if (!large) locals.push([family.variable, number(BigInt(family.index))]);
  } else if (family !== null) locals.push([family.variable, `$m(object of ${actor.name})`]);
  if (vcpu !== null) {
    const states = program.globals.find(({ vcpuState }) => vcpuState);
    const size = states?.type.kind === 'array' ? sizeOf(states.type.of) : 0;
    if (states !== undefined && !large)
      locals.push([vcpu.variable, `&g:${states.name}+${vcpu.index * size}`]);
    else locals.push([vcpu.variable, `$m(element of ${actor.name})`]);
  }
  return locals;
}

/** A function that nothing here reaches: with what its annotations promise, and nothing known of its parameters. */
function alone(walk: Walk, fn: HirFunction): void {
  const frame = walk.aloneFrame(fn);
  let entry = emptyState;
  for (const param of fn.params) entry = bind(frame, param, `$p${fn.name}.${param.name}`, entry);
  entry = promised(walk, frame, fn, entry);
  walk.runAlone(frame, fn, entry);
}
