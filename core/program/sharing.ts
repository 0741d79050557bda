/**
 * Which variables only one thread uses. Their stores need not wait in a store buffer: nobody can tell when they take
 * effect, and the thread itself reads what it wrote either way.
 *
 * A variable is private if no code takes its address, so that every access names it, if it lies in no family of objects
 * that a thread is handed by its address, if only one actor's code names it, which is one thread's, and if no invariant and no
 * `reachable` reads it, because these look at every state. `finally` looks at states in which every store is visible;
 * `init` runs before there are buffers.
 */

import type { CheckedProgram, Expr, GlobalVariable, Hook, LValue, Stmt } from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';

export function privateGlobals(checked: CheckedProgram): ReadonlySet<GlobalVariable> {
  const users = new Map<GlobalVariable, number>();
  const use = (variables: ReadonlySet<GlobalVariable>, threads: number) => {
    for (const variable of variables) users.set(variable, (users.get(variable) ?? 0) + threads);
  };
  const found: Found = { addressed: new Set(), objects: new Set(), taken: new Set() };
  const { addressed, objects } = found;
  const collect = (roots: readonly unknown[]) => namedIn(checked, roots, found);
  // Which functions a pointer may lead to must be known before it is asked what calls through one may use.
  collect([...checked.functions.values()].map(({ body }) => body));
  collect(checked.actors.map(({ body }) => body));
  collect(checked.inits);
  // The addresses in initial values lead to what they name, without any code.
  collect(checked.globals.map(({ init }) => init?.entries.map(({ value }) => value) ?? []));
  for (const actor of checked.actors) {
    if (actor.family?.kind === 'each') objects.add(actor.family.type);
    // Members of a family are actors of their own with one body; a family over objects has as many threads as objects.
    use(collect([actor.body]), actor.family?.kind === 'each' ? 2 : 1);
  }
  for (const property of checked.properties) {
    const named = collect([property.condition, property.unless]);
    if (property.kind !== 'finally') use(named, 2);
  }
  // A release hook may run in any thread.
  for (const hook of checked.hooks) if (hook.kind === 'release') use(collect(partsOf(hook)), 2);
  const isPrivate = (variable: GlobalVariable): boolean =>
    users.get(variable) === 1 &&
    !addressed.has(variable) &&
    !variable.vcpuState &&
    ![...objects].some((type) => contains(variable.type, type));
  return new Set(checked.globals.filter(isPrivate));
}

interface Found {
  /** Variables whose address is taken. */
  readonly addressed: Set<GlobalVariable>;
  /** Types whose objects are looked up by address. */
  readonly objects: Set<Type>;
  /** Functions that pointers may lead to. */
  readonly taken: Set<string>;
}

/** The variables that code names, through calls and hooks. Adds to what is `found`. */
function namedIn(
  checked: CheckedProgram,
  roots: readonly unknown[],
  { addressed, objects, taken }: Found,
): ReadonlySet<GlobalVariable> {
  const named = new Set<GlobalVariable>();
  const functions = new Set<string>();
  const events = new Set<string>();
  const work: unknown[] = [...roots];
  const enter = (name: string): void => {
    if (functions.has(name)) return;
    functions.add(name);
    const fn = checked.functions.get(name);
    if (fn !== undefined)
      work.push(
        fn.body,
        fn.annotations.map(({ args }) => args),
      );
    for (const hook of checked.hooks)
      if ((hook.kind === 'before' || hook.kind === 'after') && hook.target === name) work.push(partsOf(hook));
  };
  for (let next = work.pop(); next !== undefined || work.length > 0; next = work.pop()) {
    if (Array.isArray(next)) {
      work.push(...next);
      continue;
    }
    if (typeof next !== 'object' || next === null) continue;
    const node = next as Expr | Stmt | LValue | { kind: undefined };
    if (node.kind === 'global') named.add(node.variable);
    else if (node.kind === 'function') {
      taken.add(node.name);
      enter(node.name);
    } else if (node.kind === 'call') {
      if (node.callee.kind === 'direct') enter(node.callee.name);
      else for (const name of taken) enter(name);
    } else if (node.kind === 'address') {
      const base = baseOf(node.place);
      if (base !== null) addressed.add(base);
    } else if (node.kind === 'emit' && !events.has(node.event)) {
      events.add(node.event);
      for (const hook of checked.hooks)
        if (hook.kind === 'on' && hook.event === node.event) work.push(hook.body);
    } else if (node.kind === 'intrinsic' && node.call.op === 'object-at') objects.add(node.call.of);
    for (const [name, child] of Object.entries(node))
      if (name !== 'type' && name !== 'loc' && name !== 'variable' && name !== 'pool' && name !== 'of')
        work.push(child);
  }
  return named;
}

function partsOf(hook: Hook): unknown[] {
  if (hook.kind === 'release') return [hook.lock, hook.body];
  return hook.kind === 'on' ? [hook.body] : [hook.entry.map(({ value }) => value), hook.body];
}

function baseOf(place: LValue): GlobalVariable | null {
  if (place.kind === 'global') return place.variable;
  if (place.kind === 'field') return baseOf(place.object);
  return place.kind === 'index' ? baseOf(place.array) : null;
}

function contains(type: Type, part: Type): boolean {
  if (type === part || (type.kind === 'int' && part.kind === 'int')) return true;
  if (type.kind === 'array') return contains(type.of, part);
  return type.kind === 'struct' && type.fields.some((field) => contains(field.type, part));
}
