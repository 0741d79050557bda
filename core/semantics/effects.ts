/** Which memory a function can write: for ghost code, which may call only what leaves real state alone. */

import type { Expr, HirFunction, Loc, LocalVariable, LValue, Stmt } from './hir.ts';
import { functionsIn } from './references.ts';
import { expressionParts, placeParts, statementParts, type Visitor } from './walk.ts';

/** Where a pointer can lead. A number is the parameter that it comes from; `local` an object of this activation. */
export type Root = 'real' | 'ghost' | 'local' | number;

/** `real`: a place where real memory is written, or null. `params`: parameters through which something is written. */
export interface Effects {
  real: { readonly loc: Loc; readonly what: string } | null;
  readonly params: Map<number, Loc>;
}

export type Bodies = ReadonlyMap<string, Stmt | undefined>;

/** They say nothing of other functions, so they stay right while the body does. */
const pointerMaps = new WeakMap<Stmt, PointerMap>();

export class EffectAnalysis {
  private readonly functions: ReadonlyMap<string, HirFunction>;
  private readonly known = new Map<string, Effects>();

  constructor(functions: ReadonlyMap<string, HirFunction>) {
    this.functions = functions;
  }

  /** What a call of the function can write, through its callees too. */
  of(name: string): Effects {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const closure = this.calleesOf(name);
    for (const each of closure) this.known.set(each, { real: null, params: new Map() });
    // Recursion: go round until nothing is added any more.
    for (let changed = true; changed; ) {
      changed = false;
      for (const each of closure) if (this.update(each)) changed = true;
    }
    return this.known.get(name) ?? { real: null, params: new Map() };
  }

  /** Roots of the pointers that the locals of a body can hold. */
  pointersOf(body: Stmt, params: readonly LocalVariable[]): PointerMap {
    let map = pointerMaps.get(body);
    if (map === undefined) {
      map = new PointerMap(body, params);
      pointerMaps.set(body, map);
    }
    return map;
  }

  /** The bodies of functions and of all that they call; undefined for those without. */
  bodiesBehind(names: readonly string[]): Bodies {
    const found = new Map<string, Stmt | undefined>();
    const work = [...names];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      if (found.has(next)) continue;
      const body = this.functions.get(next)?.body;
      found.set(next, body);
      if (body !== undefined) for (const [callee] of functionsIn(body)) work.push(callee);
    }
    return found;
  }

  /** Whether the functions have these bodies. */
  are(bodies: Bodies): boolean {
    for (const [name, body] of bodies) if (this.functions.get(name)?.body !== body) return false;
    return true;
  }

  private calleesOf(name: string): string[] {
    const found: string[] = [];
    const seen = new Set<string>();
    const work = [name];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      const function_ = this.functions.get(next);
      if (seen.has(next) || this.known.has(next) || function_ === undefined) continue;
      seen.add(next);
      found.push(next);
      for (const [callee] of functionsIn(function_.body)) work.push(callee);
    }
    return found;
  }

  private update(name: string): boolean {
    const function_ = this.functions.get(name);
    const effects = this.known.get(name);
    if (function_ === undefined || effects === undefined) return false;
    const size = effects.params.size;
    const hadReal = effects.real !== null;
    const map = this.pointersOf(function_.body, function_.params);
    eachWrite(
      function_.body,
      (loc, what, roots) => {
        for (const root of roots(map)) {
          if (root === 'real') effects.real ??= { loc, what };
          else if (typeof root === 'number' && !effects.params.has(root)) effects.params.set(root, loc);
        }
      },
      (call) => {
        for (const { root, loc, what } of this.effectsOfCall(call, map)) {
          if (root === 'real') effects.real ??= { loc, what };
          else if (typeof root === 'number' && !effects.params.has(root)) effects.params.set(root, loc);
        }
      },
    );
    return effects.params.size > size || (effects.real !== null) !== hadReal;
  }

  /** What a call writes, seen from the body that makes it. */
  effectsOfCall(
    call: Expr & { kind: 'call' },
    map: PointerMap,
  ): { readonly root: Root; readonly loc: Loc; readonly what: string }[] {
    if (call.callee.kind === 'indirect')
      return [{ root: 'real', loc: call.loc, what: 'calls through a pointer, which may write anything' }];
    const { name } = call.callee;
    const effects =
      this.known.get(name) ??
      (this.functions.has(name) ? this.of(name) : { real: null, params: new Map<number, Loc>() });
    const found: { root: Root; loc: Loc; what: string }[] = [];
    if (effects.real !== null) found.push({ root: 'real', ...effects.real });
    for (const [index, loc] of effects.params) {
      const arg = call.args[index];
      if (arg !== undefined)
        for (const root of map.rootsOf(arg))
          found.push({ root, loc, what: `writes through a parameter of '${name}'` });
    }
    return found;
  }
}

/** Writes of a body outside its ghost blocks, and its calls. Allocation counts as a write of real memory. */
function eachWrite(
  body: Stmt,
  write: (loc: Loc, what: string, roots: (map: PointerMap) => ReadonlySet<Root>) => void,
  call: (e: Expr & { kind: 'call' }) => void,
): void {
  const visitor: Visitor = {
    statement: (part) => {
      if (part.kind !== 'ghost') statementParts(part, visitor);
    },
    expression: (part) => {
      if (part.kind === 'call') call(part);
      else if (part.kind === 'intrinsic' && (part.call.op === 'alloc' || part.call.op === 'free')) {
        write(part.loc, part.call.op === 'alloc' ? 'allocates an object' : 'frees an object', () => onlyReal);
      }
      expressionParts(part, visitor);
    },
    place: (part, use) => {
      if (use === 'write' || use === 'update')
        write(part.loc, 'writes real state', (map) => map.rootsOfPlace(part));
      placeParts(part, visitor);
    },
  };
  visitor.statement(body);
}

const onlyReal: ReadonlySet<Root> = new Set<Root>(['real']);
const onlyLocal: ReadonlySet<Root> = new Set<Root>(['local']);
const onlyGhost: ReadonlySet<Root> = new Set<Root>(['ghost']);
const none: ReadonlySet<Root> = new Set<Root>();

/** Where the pointers in the locals of one body can lead, whatever the order of its statements. */
export class PointerMap {
  private readonly byLocal = new Map<LocalVariable, Set<Root>>();

  constructor(body: Stmt, params: readonly LocalVariable[]) {
    for (const [index, param] of params.entries()) this.byLocal.set(param, new Set<Root>([index]));
    const flows: { readonly to: LocalVariable; readonly from: Expr }[] = [];
    const visitor: Visitor = {
      statement: (part) => {
        if (part.kind === 'declare')
          for (const entry of part.init?.entries ?? []) flows.push({ to: part.variable, from: entry.value });
        statementParts(part, visitor);
      },
      expression: (part) => {
        if (part.kind === 'assign') {
          const target = baseLocal(part.target);
          if (target !== null) flows.push({ to: target, from: part.value });
        }
        expressionParts(part, visitor);
      },
      place: (part) => placeParts(part, visitor),
    };
    visitor.statement(body);
    for (let changed = true; changed; ) {
      changed = false;
      for (const { to, from } of flows) {
        const roots = this.byLocal.get(to) ?? new Set<Root>();
        const before = roots.size;
        for (const root of this.rootsOf(from)) roots.add(root);
        if (roots.size > before || !this.byLocal.has(to)) {
          this.byLocal.set(to, roots);
          changed = true;
        }
      }
    }
  }

  /** What memory a place lies in. */
  rootsOfPlace(place: LValue): ReadonlySet<Root> {
    for (let at = place; ; ) {
      switch (at.kind) {
        case 'field':
          if (at.ghost) return onlyGhost;
          at = at.object;
          continue;
        case 'index':
          at = at.array;
          continue;
        case 'local':
        case 'temporary':
          return onlyLocal;
        case 'global':
          return at.variable.ghost ? onlyGhost : onlyReal;
        case 'pool':
          return onlyReal;
        case 'deref':
          return this.rootsOf(at.pointer);
      }
    }
  }

  /** Where a pointer value can lead. */
  rootsOf(e: Expr): ReadonlySet<Root> {
    switch (e.kind) {
      case 'address':
        return this.rootsOfPlace(e.place);
      case 'read':
        return this.rootsOfRead(e);
      case 'convert':
        return this.rootsOf(e.value);
      case 'sequence':
      case 'assign':
        return this.rootsOf(e.value);
      case 'binary':
        return union(this.rootsOf(e.left), this.rootsOf(e.right));
      case 'conditional':
        return union(this.rootsOf(e.then), this.rootsOf(e.otherwise));
      case 'increment':
        return this.rootsOfPlace(e.target);
      case 'call':
      case 'intrinsic':
        return onlyReal;
      default:
        return none;
    }
  }

  private rootsOfRead(e: Expr & { kind: 'read' }): ReadonlySet<Root> {
    const local = baseLocal(e.place);
    if (local === null) return onlyReal;
    // A struct local that was filled through its address may hold any pointer.
    if (e.place.kind !== 'local') return union(this.byLocal.get(local) ?? none, onlyReal);
    return this.byLocal.get(local) ?? none;
  }
}

/** The local that a place is, or is part of. */
function baseLocal(place: LValue): LocalVariable | null {
  let at = place;
  while (at.kind === 'field' || at.kind === 'index') at = at.kind === 'field' ? at.object : at.array;
  return at.kind === 'local' || at.kind === 'temporary' ? at.variable : null;
}

function union(a: ReadonlySet<Root>, b: ReadonlySet<Root>): ReadonlySet<Root> {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  return new Set([...a, ...b]);
}
