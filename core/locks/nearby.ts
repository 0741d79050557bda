/**
 * Which locks a place in code that is being typed probably holds: what the annotations of the called functions say,
 * followed through one body. A guess for ranking suggestions, where the walk (walk.ts) has no checked program.
 */

import type { Environment, FunctionDeclaration } from '../semantics/environment.ts';
import type { Expr, HirAnnotation, Loc, Stmt } from '../semantics/hir.ts';
import { expressionParts, placeParts, type Visitor } from '../semantics/walk.ts';
import { classAt } from './classes.ts';
import type { LockClass } from './events.ts';

export interface NearbyLock {
  /** null when only its type is known. */
  readonly class: LockClass | null;
  /** As written, without `&` and blanks, with `.` for `->`. */
  readonly text: string;
  readonly shared: boolean;
  /** On every way that leads here. */
  readonly sure: boolean;
}

type Held = ReadonlyMap<string, NearbyLock>;

/** `textOf` gives what is written at a place. `entry`: annotations of the function itself. */
export function heldAfter(
  env: Environment,
  statements: readonly Stmt[],
  entry: readonly HirAnnotation[],
  textOf: (loc: Loc) => string,
): readonly NearbyLock[] {
  const guess = new Guess(env, textOf);
  let held: Held = new Map();
  for (const { name, args } of entry) {
    if (!/^__(must_hold|releases)/.test(name)) continue;
    for (const arg of args) held = guess.with(held, arg, name.endsWith('_shared'), true);
  }
  return [...(guess.through(statements, held) ?? held).values()];
}

/** `&p->lock` and `p -> lock` are written for the same lock. */
export function plainText(written: string): string {
  return written
    .replace(/\s+/g, '')
    .replace(/->/g, '.')
    .replace(/^\(*&?\(*/, '')
    .replace(/\)+$/, '');
}

class Guess {
  private readonly env: Environment;
  private readonly textOf: (loc: Loc) => string;

  constructor(env: Environment, textOf: (loc: Loc) => string) {
    this.env = env;
    this.textOf = textOf;
  }

  /** null: the end is not reached. */
  through(statements: readonly Stmt[], start: Held): Held | null {
    let held: Held | null = start;
    for (const each of statements) {
      if (held === null) return null;
      held = this.statement(each, held);
    }
    return held;
  }

  private statement(s: Stmt, held: Held): Held | null {
    switch (s.kind) {
      case 'block':
        return this.through(s.body, held);
      case 'if': {
        const tested = this.expression(s.condition, held);
        const then = this.statement(s.then, tested);
        const otherwise = s.otherwise === null ? tested : this.statement(s.otherwise, tested);
        return joined(then, otherwise);
      }
      case 'loop': {
        const begun = s.init === null ? held : (this.statement(s.init, held) ?? held);
        const tested = s.condition === null ? begun : this.expression(s.condition, begun);
        return joined(tested, this.statement(s.body, tested));
      }
      case 'switch':
        return joined(held, this.statement(s.body, this.expression(s.value, held)));
      case 'either':
        return s.branches.map((each) => this.statement(each, held)).reduce(joined, null);
      case 'return':
      case 'goto':
      case 'break':
      case 'continue':
        return null;
      case 'atomic':
        return this.statement(s.body, held);
      case 'expression':
        return this.expression(s.value, held);
      case 'declare':
        return (s.init?.entries ?? []).reduce((now, { value }) => this.expression(value, now), held);
      default:
        return held;
    }
  }

  private expression(e: Expr, start: Held): Held {
    let held = start;
    const visitor: Visitor = {
      statement: (part) => {
        held = this.statement(part, held) ?? held;
      },
      expression: (part) => {
        expressionParts(part, visitor);
        if (part.kind === 'call') held = this.call(part, held);
      },
      place: (part) => placeParts(part, visitor),
    };
    visitor.expression(e);
    return held;
  }

  private call(call: Expr & { kind: 'call' }, start: Held): Held {
    if (call.callee.kind !== 'direct') return start;
    const declaration = this.env.names.get(call.callee.name);
    if (declaration?.kind !== 'function') return start;
    let held = start;
    for (const { name, args } of declaration.item.annotations) {
      for (const arg of args) {
        const given = argumentFor(declaration, arg, call.args);
        if (given === null) continue;
        const shared = name.text.endsWith('_shared');
        if (name.text.startsWith('__releases')) held = this.without(held, given);
        else if (name.text.startsWith('__acquires')) held = this.with(held, given, shared, true);
        else if (name.text.startsWith('__cond_acquires')) held = this.with(held, given, shared, false);
        else if (name.text === '__downgrades') held = this.with(held, given, true, true);
      }
    }
    return held;
  }

  with(held: Held, lock: Expr, shared: boolean, sure: boolean): Held {
    const text = this.nameOf(lock);
    return new Map(held).set(text, { class: classAt(lock), text, shared, sure });
  }

  private without(held: Held, lock: Expr): Held {
    const rest = new Map(held);
    rest.delete(this.nameOf(lock));
    return rest;
  }

  private nameOf(lock: Expr): string {
    return plainText(this.textOf(lock.loc)) || (classAt(lock)?.key ?? '');
  }
}

/** What a call passes for the parameter that an annotation names. */
function argumentFor(
  { item }: FunctionDeclaration,
  arg: FunctionDeclaration['item']['annotations'][number]['args'][number],
  args: readonly Expr[],
): Expr | null {
  if (arg.kind !== 'name') return null;
  const index = item.params.findIndex(({ name }) => name?.text === arg.name.text);
  return args[index] ?? null;
}

/** What both ways hold is held for sure. */
function joined(a: Held | null, b: Held | null): Held | null {
  if (a === null || b === null) return a ?? b;
  const all = new Map<string, NearbyLock>();
  for (const [key, lock] of [...a, ...b]) {
    const sure = lock.sure && a.has(key) && b.has(key) && all.get(key)?.sure !== false;
    all.set(key, { ...lock, sure });
  }
  return all;
}
