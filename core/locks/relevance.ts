/**
 * Functions and what they call: which matter to locks at all (the others are not followed, only what they may change is
 * forgotten), which call themselves, and by what number the same code is known again.
 */

import type { CheckedProgram, HirFunction, Stmt } from '../semantics/hir.ts';
import { isTrusted } from '../semantics/imports.ts';
import { type Body, bodyOf } from './bodies.ts';
import { pointeeLock } from './locking.ts';
import { identityOf, type Store } from './store.ts';

export { decidedCodes } from './bodies.ts';

export interface Relevance {
  /** Takes or drops locks, switches something off, checks something about that, or may do so through a pointer. */
  readonly relevant: boolean;
  /** Writes memory other than its locals. */
  readonly writes: boolean;
  /** Its value follows from its arguments alone. */
  readonly pure: boolean;
  /** Equal for functions that consist of the same code, all that they call included. */
  readonly identity: number;
  /** For one that does not matter: the scenario's own functions that it may come to, itself included. */
  readonly scenario: readonly string[];
  /** A number for those that call each other in a circle; null: it never comes to itself again. */
  readonly circle: number | null;
}

/** A function that is being looked at: Tarjan's algorithm for strongly connected parts. */
interface Visit {
  readonly fn: HirFunction;
  readonly body: Body;
  readonly callees: readonly string[];
  readonly index: number;
  low: number;
  next: number;
  selfCalling: boolean;
}

export class Functions {
  private readonly program: CheckedProgram;
  private readonly own: ReadonlySet<string>;
  private readonly byType: ReadonlyMap<string, readonly string[]>;
  private readonly store: Store;
  private readonly known = new Map<string, Relevance>();
  private readonly visits = new Map<string, Visit>();
  private circles = 0;

  /** `byType`: functions whose address is taken, which an indirect call may reach. */
  constructor(
    program: CheckedProgram,
    own: ReadonlySet<string>,
    byType: ReadonlyMap<string, readonly string[]>,
    store: Store,
  ) {
    this.program = program;
    this.own = own;
    this.byType = byType;
    this.store = store;
  }

  /** undefined: there is no such function. */
  of(name: string): Relevance | undefined {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const fn = this.program.functions.get(name);
    if (fn === undefined) return undefined;
    this.lookFrom(fn);
    return this.known.get(name);
  }

  /** A number for code that is no function, with all that it calls. */
  identityOfBody(body: Stmt): number {
    const callees = this.calleesOf(bodyOf(body)).map((name) => `${name} ${this.of(name)?.identity ?? 0}`);
    return this.store.intern(`body ${identityOf(body)} ${this.ownOf(bodyOf(body))}: ${callees.join()}`);
  }

  /** Whether it matters which way was taken through a statement, apart from the values of locals. */
  matters(s: Stmt): boolean {
    const { relevant, jumps, calls, globals } = bodyOf(s);
    return (
      relevant ||
      jumps ||
      calls.some((name) => this.of(name)?.relevant === true) ||
      globals.some(({ name }) => this.own.has(name))
    );
  }

  private calleesOf(body: Body): readonly string[] {
    if (body.taken.length === 0 && body.indirect.length === 0) return body.calls;
    const all = [
      ...body.calls,
      ...body.taken,
      ...body.indirect.flatMap((type) => this.byType.get(type) ?? []),
    ];
    return [...new Set(all)];
  }

  private ownOf({ globals }: Body): string {
    return globals.flatMap(({ name }) => (this.own.has(name) ? [name] : [])).join();
  }

  private lookFrom(root: HirFunction): void {
    const path: Visit[] = [this.begin(root)];
    const stack: Visit[] = [...path];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const name = top.callees[top.next];
      if (name === undefined) {
        path.pop();
        const outer = path.at(-1);
        if (outer !== undefined) outer.low = Math.min(outer.low, top.low);
        if (top.low === top.index) this.close(stack.splice(stack.lastIndexOf(top)));
        continue;
      }
      top.next++;
      if (name === top.fn.name) top.selfCalling = true;
      if (this.known.has(name)) continue;
      const seen = this.visits.get(name);
      if (seen !== undefined) {
        top.low = Math.min(top.low, seen.index);
        continue;
      }
      const fn = this.program.functions.get(name);
      if (fn === undefined) continue;
      const next = this.begin(fn);
      path.push(next);
      stack.push(next);
    }
  }

  private begin(fn: HirFunction): Visit {
    const body = bodyOf(fn.body);
    const spoken = fn.annotations.flatMap(({ args }) => args.flatMap((arg) => bodyOf(arg).calls));
    const index = this.known.size + this.visits.size;
    const visit: Visit = {
      fn,
      body,
      callees: [...this.calleesOf(body), ...spoken],
      index,
      low: index,
      next: 0,
      selfCalling: false,
    };
    this.visits.set(fn.name, visit);
    return visit;
  }

  /** All of a circle, or one function alone: what they call besides each other is known. */
  private close(members: readonly Visit[]): void {
    let relevant = false;
    let writes = false;
    let pure = true;
    const parts: string[] = [];
    const outside = new Set<string>();
    const names = new Set(members.map(({ fn }) => fn.name));
    const scenario = new Set<string>();
    for (const { fn, body, callees } of members) {
      if (!isTrusted(fn.loc.uri)) scenario.add(fn.name);
      const own = this.ownOf(body);
      const missing = body.calls.some((name) => !this.program.functions.has(name));
      relevant ||= body.relevant || own !== '' || speaksOfLocks(fn);
      writes ||= body.writes || missing;
      pure &&= !body.reads && !body.writes && !missing;
      for (const name of body.calls) {
        const callee = this.known.get(name);
        if (callee === undefined) continue;
        relevant ||= callee.relevant;
        for (const each of callee.scenario) scenario.add(each);
        writes ||= callee.writes;
        pure &&= callee.pure;
      }
      for (const name of callees) if (!names.has(name)) outside.add(name);
      parts.push(
        `${fn.name} ${identityOf(fn.body)} ${identityOf(fn.annotations)} ${own}${fn.primitive ? ' p' : ''} ${body.indirect.length > 0 ? callees.join() : ''}`,
      );
    }
    const callees = [...outside].map((name) => `${name} ${this.known.get(name)?.identity ?? 0}`);
    const text = `${parts.sort().join('; ')}: ${callees.sort().join()}`;
    const [first] = members;
    const circle = members.length > 1 || first?.selfCalling === true ? ++this.circles : null;
    const all = this.store.intern(text);
    const within = relevant ? [] : [...scenario];
    for (const { fn } of members) {
      const identity = members.length > 1 ? this.store.intern(`${fn.name} of ${all}`) : all;
      this.known.set(fn.name, { relevant, writes, pure, identity, scenario: within, circle });
      this.visits.delete(fn.name);
    }
  }
}

function speaksOfLocks(fn: HirFunction): boolean {
  return fn.annotations.length > 0 || fn.params.some(({ type }) => pointeeLock(type) !== null);
}
