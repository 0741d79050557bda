/** What of a checked program is used at all: the rest gets no code and no memory. */

import type {
  Actor,
  CheckedProgram,
  Expr,
  GlobalVariable,
  Hook,
  LValue,
  Pool,
  Stmt,
} from '../semantics/hir.ts';

export interface Reached {
  readonly functions: ReadonlySet<string>;
  readonly addressTaken: readonly string[];
  readonly globals: ReadonlySet<GlobalVariable>;
  readonly pools: ReadonlySet<Pool>;
  /** Families over objects that something hands work to. */
  readonly families: ReadonlySet<string>;
  readonly counted: ReadonlySet<string>;
  /** Something waits until a condition holds. */
  readonly waits: boolean;
}

export function reach(checked: CheckedProgram, preludeNames: readonly string[]): Reached {
  return reachFrom(checked, preludeNames, true);
}

/** What these functions use; with `running`, also what the actors, the properties and the start of the program use. */
export function reachFrom(checked: CheckedProgram, names: readonly string[], running: boolean): Reached {
  const functions = new Set<string>();
  const addressTaken: string[] = [];
  const globals = new Set<GlobalVariable>();
  const pools = new Set<Pool>();
  const families = new Set<string>();
  const counted = new Set<string>();
  const events = new Set<string>();
  const work: unknown[] = [];
  let waits = false;

  const useFunction = (name: string): void => {
    if (functions.has(name)) return;
    functions.add(name);
    const fn = checked.functions.get(name);
    if (fn !== undefined)
      work.push(
        fn.body,
        fn.annotations.map((annotation) => annotation.args),
      );
    for (const hook of checked.hooks) if (targets(hook, name)) work.push(hookParts(hook));
  };
  const useGlobal = (variable: GlobalVariable): void => {
    if (globals.has(variable)) return;
    globals.add(variable);
    if (variable.init !== null) for (const entry of variable.init.entries) work.push(entry.value);
    visitLockTypes(variable.type, useFunction);
  };
  const usePool = (pool: Pool): void => {
    if (pools.has(pool)) return;
    pools.add(pool);
    visitLockTypes(pool.type, useFunction);
  };
  const useFamily = (name: string): void => {
    if (families.has(name)) return;
    families.add(name);
    for (const actor of checked.actors) if (actor.name === name) work.push(actor.body);
  };

  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const child of node) work.push(child);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const here = node as Expr | Stmt | LValue | { kind: undefined };
    switch (here.kind) {
      case 'global':
        useGlobal(here.variable);
        return;
      case 'pool':
        usePool(here.pool);
        return;
      case 'function':
        if (!addressTaken.includes(here.name)) addressTaken.push(here.name);
        useFunction(here.name);
        return;
      case 'call':
        if (here.callee.kind === 'direct') useFunction(here.callee.name);
        else work.push(here.callee.pointer);
        work.push(here.args);
        return;
      case 'in-function':
        counted.add(here.name);
        return;
      case 'emit':
        if (!events.has(here.event)) {
          events.add(here.event);
          for (const hook of checked.hooks)
            if (hook.kind === 'on' && hook.event === here.event) work.push(hook.body);
        }
        work.push(here.args);
        return;
      case 'intrinsic': {
        const { call } = here;
        if (call.op === 'wait-until') waits = true;
        if (call.op === 'alloc') usePool(call.pool);
        if (call.op === 'thread-of') useFamily(call.actor);
        for (const part of Object.values(call))
          if (
            typeof part === 'object' &&
            part !== null &&
            'loc' in part &&
            part !== (call as { pool?: unknown }).pool
          )
            work.push(part);
        return;
      }
      default:
        for (const [name, child] of Object.entries(here)) {
          if (
            name === 'type' ||
            name === 'loc' ||
            name === 'variable' ||
            name === 'pool' ||
            typeof child !== 'object'
          )
            continue;
          work.push(child);
        }
    }
  };

  const useAll = (): void => {
    work.push(checked.inits);
    for (const actor of checked.actors) if (actor.family?.kind !== 'each') work.push(actor.body);
    for (const property of checked.properties) work.push(property.condition, property.unless);
    for (const schedule of checked.schedules) {
      for (const move of schedule.moves)
        if (move.until.kind === 'load' || move.until.kind === 'store') work.push(move.until.lvalue);
    }
    for (const hook of checked.hooks) if (hook.kind === 'release') work.push(hookParts(hook));
    for (const actor of checked.actors) {
      if (actor.vcpu !== null)
        for (const variable of checked.globals) if (variable.vcpuState) useGlobal(variable);
    }
  };

  for (const name of names) if (checked.functions.has(name)) useFunction(name);
  if (running) useAll();
  while (work.length > 0) visit(work.pop());
  return { functions, addressTaken: addressTaken.sort(), globals, pools, families, counted, waits };
}

/** Actors that exist: families over objects only when something hands them work. */
export function livingActors(checked: CheckedProgram, reached: Reached): Actor[] {
  return checked.actors.filter((actor) => actor.family?.kind !== 'each' || reached.families.has(actor.name));
}

function targets(hook: Hook, name: string): boolean {
  return (hook.kind === 'before' || hook.kind === 'after') && hook.target === name;
}

function hookParts(hook: Hook): unknown[] {
  if (hook.kind === 'release') return [hook.lock, hook.body];
  if (hook.kind === 'on') return [hook.body];
  return [hook.entry.map((entry) => entry.value), hook.body];
}

/** Functions of lock types are asked at the end of every thread. */
function visitLockTypes(type: GlobalVariable['type'], use: (name: string) => void): void {
  if (type.kind === 'array') visitLockTypes(type.of, use);
  if (type.kind !== 'struct') return;
  for (const entry of ['writers', 'readers']) {
    const name = type.lock?.entries.get(entry);
    if (name !== undefined) use(name);
  }
  for (const field of type.fields) visitLockTypes(field.type, use);
}
