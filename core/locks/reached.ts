/** What of a program can be executed at all, as far as the walk must know it. */

import type { Actor, CheckedProgram, Expr, GlobalVariable, Hook, Stmt } from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';
import { bodyOf } from './bodies.ts';

export interface Reached {
  /** Functions whose address is taken, in alphabetical order. */
  readonly addressTaken: readonly string[];
  /** Families over objects only when something hands them work. */
  readonly actors: readonly Actor[];
}

/** As `reach` of core/program has it, from what is known of each body. */
export function reached(program: CheckedProgram): Reached {
  const functions = new Set<string>();
  const taken = new Set<string>();
  const families = new Set<string>();
  const events = new Set<string>();
  const globals = new Set<GlobalVariable>();
  const types = new Set<Type>();
  const work: (Stmt | Expr)[] = [];
  const useFunction = (name: string): void => {
    if (functions.has(name)) return;
    functions.add(name);
    const fn = program.functions.get(name);
    if (fn === undefined) return;
    work.push(fn.body, ...fn.annotations.flatMap(({ args }) => args));
    for (const hook of program.hooks)
      if ((hook.kind === 'before' || hook.kind === 'after') && hook.target === name)
        work.push(...partsOf(hook));
  };
  /** Functions of lock types are asked at the end of every thread. */
  const useType = (type: Type): void => {
    if (types.has(type)) return;
    types.add(type);
    if (type.kind === 'array') useType(type.of);
    if (type.kind !== 'struct') return;
    for (const entry of ['writers', 'readers']) {
      const name = type.lock?.entries.get(entry);
      if (name !== undefined) useFunction(name);
    }
    for (const field of type.fields) useType(field.type);
  };
  const useGlobal = (variable: GlobalVariable): void => {
    if (globals.has(variable)) return;
    globals.add(variable);
    for (const { value } of variable.init?.entries ?? []) work.push(value);
    useType(variable.type);
  };

  work.push(...program.inits);
  for (const actor of program.actors) if (actor.family?.kind !== 'each') work.push(actor.body);
  for (const { condition, unless } of program.properties)
    work.push(condition, ...(unless === null ? [] : [unless]));
  for (const hook of program.hooks) if (hook.kind === 'release') work.push(...partsOf(hook));
  if (program.actors.some(({ vcpu }) => vcpu !== null))
    for (const variable of program.globals) if (variable.vcpuState) useGlobal(variable);
  for (let part = work.pop(); part !== undefined; part = work.pop()) {
    const body = bodyOf(part);
    for (const name of body.taken) {
      taken.add(name);
      useFunction(name);
    }
    for (const name of body.calls) useFunction(name);
    for (const variable of body.globals) useGlobal(variable);
    for (const { type } of body.pools) useType(type);
    for (const name of body.families) {
      if (families.has(name)) continue;
      families.add(name);
      for (const actor of program.actors) if (actor.name === name) work.push(actor.body);
    }
    for (const event of body.events) {
      if (events.has(event)) continue;
      events.add(event);
      for (const hook of program.hooks) if (hook.kind === 'on' && hook.event === event) work.push(hook.body);
    }
  }
  const actors = program.actors.filter(({ family, name }) => family?.kind !== 'each' || families.has(name));
  return { addressTaken: [...taken].sort(), actors };
}

function partsOf(hook: Hook): (Stmt | Expr)[] {
  if (hook.kind === 'before' || hook.kind === 'after')
    return [...hook.entry.map(({ value }) => value), hook.body];
  return [hook.body];
}
