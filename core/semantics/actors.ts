/** Actors, families expanded to threads. */

import type { ActorItem } from '../syntax/ast.ts';
import type { ActorBody } from './bodies.ts';
import { Context } from './context.ts';
import { constant, intType } from './conversions.ts';
import { type ActiveItem, type ActorDeclaration, type Environment, locIn } from './environment.ts';
import type { Finding } from './findings.ts';
import type { Actor } from './hir.ts';
import { checkInteger, checkSmall } from './integers.ts';
import { resolveType } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import type { Type } from './types.ts';

/** Masks of threads have 64 bits, and init is a thread, too. */
const threadLimit = 63;

/** How many threads the actor makes; those of a family over objects are not counted. Works out the bounds of a range. */
export function actorInstances(env: Environment, declaration: ActorDeclaration): number {
  const { family } = declaration.item;
  if (family === null) return 1;
  const cx = new Context(env, declaration.home, env.findings, null);
  if (family.kind === 'each') {
    if (declaration.item.actor === 'vcpu')
      cx.report(
        'bad-declaration',
        declaration.item.name,
        'a vCPU cannot belong to an object: their number must be known',
      );
    return 0;
  }
  const low = checkInteger(cx, family.low, 'the first index of a family');
  const high = checkInteger(cx, family.high, 'the last index of a family');
  if (low === null || high === null) return 0;
  if (high < low || high - low >= BigInt(threadLimit) || low < 0n) {
    const code = high - low >= BigInt(threadLimit) ? 'program-too-large' : 'bad-declaration';
    cx.report(
      code,
      family.low,
      `a family has between 1 and ${threadLimit} members, numbered from 0 up; ${low}..${high} cannot be`,
    );
    return 0;
  }
  declaration.range = { low: Number(low), high: Number(high) };
  return Number(high - low) + 1;
}

/** The type of the variable of a family: int, or a pointer to the object. */
export function familyVariableType(cx: Context, family: NonNullable<ActorItem['family']>): Type | null {
  if (family.kind !== 'each') return intType;
  const type = resolveType(cx, family.type);
  if (type === null || type.kind === 'pointer') return type;
  cx.report('type-mismatch', family.type, `expected a pointer to the object, found '${typeName(type)}'`);
  return null;
}

/** The threads of one actor, its body checked. `vcpus` is the number of vCPUs before it. */
export function expandActor(
  env: Environment,
  active: ActiveItem<ActorItem>,
  body: ActorBody,
  vcpus: number,
  findings: Finding[],
): Actor[] {
  const { item, home } = active;
  const declaration = env.actors.get(item.name.text);
  if (declaration === undefined || declaration.item.name.start !== item.name.start) return [];
  const times =
    item.times === null
      ? null
      : checkSmall(
          new Context(env, home, findings, null),
          item.times,
          0,
          1000,
          'how often an interrupt arrives',
        );
  if (item.times !== null && item.actor !== 'irq' && item.actor !== 'softirq') {
    new Context(env, home, findings, null).report(
      'misplaced',
      item.times,
      `'times' is for interrupts; a ${item.actor} runs once`,
    );
  }
  if (item.noThread !== null && item.actor !== 'irq') {
    new Context(env, home, findings, null).report(
      'misplaced',
      item.noThread,
      `'no_thread' is for the handlers of hard interrupts, and a ${item.actor} is none`,
    );
  }
  const loc = locIn(home, item.name);
  const base = {
    ...{ kind: item.actor, name: item.name.text, times, daemon: item.daemon },
    ...{ noThread: item.noThread !== null, body: body.body, loc },
  };
  if (item.family?.kind === 'each') {
    const type = body.variable?.type;
    if (type?.kind !== 'pointer' || body.variable === null) return [];
    return [
      {
        ...base,
        label: base.name,
        family: { kind: 'each', variable: body.variable, type: type.to },
        cpu: cpuOf(env, active, null, findings),
        vcpu: null,
      },
    ];
  }
  const vcpuAt = (index: number): Actor['vcpu'] =>
    body.vcpu === null ? null : { index: vcpus + index, variable: body.vcpu };
  if (item.family === null)
    return [
      { ...base, label: base.name, family: null, cpu: cpuOf(env, active, null, findings), vcpu: vcpuAt(0) },
    ];
  const { range } = declaration;
  const { variable } = body;
  if (range === null || variable === null) return [];
  return Array.from({ length: range.high - range.low + 1 }, (_, at) => {
    const index = range.low + at;
    const family = { kind: 'range' as const, variable, index, size: range.high - range.low + 1 };
    return {
      ...base,
      label: `${base.name}[${index}]`,
      family,
      cpu: cpuOf(env, active, index, findings),
      vcpu: vcpuAt(at),
    };
  });
}

/** `on cpu(n)`; n may depend on the index of the family. */
function cpuOf(
  env: Environment,
  { item, home }: ActiveItem<ActorItem>,
  index: number | null,
  findings: Finding[],
): number | null {
  if (item.cpu === null) return null;
  const cx = new Context(env, home, findings, null);
  if (index !== null && item.family !== null) {
    cx.scope.declare(item.family.variable.text, null, {
      kind: 'constant',
      value: constant(BigInt(index), intType, cx.loc(item.cpu)),
    });
  }
  return checkSmall(cx, item.cpu, 0, threadLimit - 1, 'the number of a CPU');
}

/** All threads in order: families over objects last. */
export function inThreadOrder(actors: readonly Actor[], findings: Finding[]): Actor[] {
  const counted = actors.filter((actor) => actor.family?.kind !== 'each');
  const last = counted[threadLimit];
  if (last !== undefined) {
    const message = `there are ${counted.length} threads; at most ${threadLimit} can be checked`;
    findings.push({ code: 'program-too-large', severity: 'error', message, loc: last.loc, related: [] });
  }
  return [...counted, ...actors.filter((actor) => actor.family?.kind === 'each')];
}
