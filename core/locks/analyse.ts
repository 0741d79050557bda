/** The static lock rules over one variant of a scenario. */

import { livingActors, reach } from '../program/reach.ts';
import type { Actor, CheckedProgram, HirFunction, LocalVariable } from '../semantics/hir.ts';
import { isTrusted } from '../semantics/imports.ts';
import { sizeOf } from '../semantics/types.ts';
import { bind } from './evaluate.ts';
import type { LockEvent, LockFinding } from './events.ts';
import { emptyState } from './lockset.ts';
import { type DeclaredOrder, judge } from './graph.ts';
import { placeKey } from './report.ts';
import { DeclaredRules } from './rules.ts';
import { number, type Value } from './values.ts';
import { Walk } from './walk.ts';

export interface Analysis {
  /** What the walk tells, then what the order graph does. */
  readonly findings: readonly LockFinding[];
  readonly events: readonly LockEvent[];
  readonly orders: readonly DeclaredOrder[];
}

const kinds: Readonly<Record<Actor['kind'], number>> = { task: 0, vcpu: 1, softirq: 2, irq: 3 };

/** Members of a family that are looked at one by one; those of larger ones all at once. */
const mostMembers = 4;

export function analyse(program: CheckedProgram): Analysis {
  const rules = new DeclaredRules(program);
  const reached = reach(program, []);
  const walk = new Walk(program, rules, reached.addressTaken);
  walk.begin('init', 0, false);
  program.inits.forEach((body, index) => {
    walk.root(body, `init ${index}`, [], emptyState, null);
  });
  for (const actor of livingActors(program, reached)) {
    const locals = localsOf(program, actor);
    if (locals === null) continue;
    walk.begin(actor.label, kinds[actor.kind], false, actor.kind === 'irq' && !isTrusted(actor.loc.uri));
    walk.root(actor.body, actor.label, locals, emptyState, actor);
  }
  for (const fn of program.functions.values()) {
    if (fn.loc.uri !== program.uri || fn.primitive || walk.visited.has(fn.name)) continue;
    walk.begin(null, 0, true);
    alone(walk, fn);
  }
  const told = walk.report.findings();
  const findings = [...told, ...judge(walk.events, rules.orders).filter((each) => !isTold(each, told))];
  return { findings, events: walk.events, orders: rules.orders };
}

/** The walk tells of one lock what the graph tells of its class; and who may not sleep may not take what sleeps. */
function isTold(finding: LockFinding, told: readonly LockFinding[]): boolean {
  const same =
    finding.code === 'lock-recursion'
      ? 'lock-recursion'
      : finding.code === 'lock-wait-type'
        ? 'sleeping-in-atomic'
        : null;
  return (
    same !== null && told.some(({ code, loc }) => code === same && placeKey(loc) === placeKey(finding.loc))
  );
}

/** What the body of an actor sees; null for a member of a large family that stands for no more than the first. */
function localsOf(program: CheckedProgram, actor: Actor): (readonly [LocalVariable, Value])[] | null {
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
  entry = walk.annotations.promised(frame, fn, entry);
  walk.runAlone(frame, fn, entry);
}
