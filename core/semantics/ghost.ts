/** The ghost rule: kernel code does not read ghost state, and ghost code changes nothing else. */

import { type Bodies, EffectAnalysis, type PointerMap } from './effects.ts';
import type { Finding } from './findings.ts';
import type {
  Actor,
  Expr,
  HirFunction,
  Hook,
  Loc,
  LocalVariable,
  LValue,
  Property,
  Stmt,
  View,
} from './hir.ts';
import { isLibrary, isTrusted } from './imports.ts';
import { functionsIn, referencesOf } from './references.ts';
import { expressionParts, placeParts, type PlaceUse, statementParts, type Visitor } from './walk.ts';

/** Code of one variant, whether or not all of it could be checked. */
export interface Code {
  readonly functions: ReadonlyMap<string, HirFunction>;
  readonly inits: readonly Stmt[];
  readonly actors: readonly Actor[];
  readonly hooks: readonly Hook[];
  readonly properties: readonly Property[];
  readonly views: readonly View[];
}

/**
 * `kernel` code runs in the machine; `ghost` code beside it. `check` is the condition of an assertion in kernel
 * code whose value goes nowhere: it may look at ghost state.
 */
type Mode = 'kernel' | 'ghost' | 'check';

export function checkGhostRule(code: Code): readonly Finding[] {
  const rule = new GhostRule(code);
  for (const function_ of code.functions.values()) rule.function(function_);
  for (const init of code.inits) rule.body(init, 'kernel', []);
  const actorBodies = new Set(code.actors.map((actor) => actor.body));
  for (const body of actorBodies) rule.body(body, 'kernel', []);
  for (const hook of code.hooks) rule.hook(hook);
  for (const property of code.properties) rule.property(property);
  return rule.findings;
}

class GhostRule {
  readonly findings: Finding[] = [];
  private readonly effects: EffectAnalysis;
  /** Functions that only ghost code calls. */
  private readonly ghostOnly: ReadonlySet<string>;
  /** Functions whose effects mattered to the body that is looked at. */
  private called: string[] = [];

  constructor(code: Code) {
    this.effects = new EffectAnalysis(code.functions);
    this.ghostOnly = ghostOnlyFunctions(code);
  }

  function(function_: HirFunction): void {
    if (!referencesOf(function_.body).mentionsGhost) return;
    const { uri } = function_.loc;
    if (isTrusted(uri) || (isLibrary(uri) && function_.primitive) || this.ghostOnly.has(function_.name))
      return;
    this.body(function_.body, 'kernel', function_.params);
  }

  hook(hook: Hook): void {
    if (isTrusted(hook.loc.uri)) return;
    const names: LocalVariable[] = hook.kind === 'release' ? [] : [...hook.params];
    if (hook.kind === 'before' || hook.kind === 'after') {
      if (hook.kind === 'after' && hook.result !== null) names.push(hook.result);
      for (const { value } of hook.entry)
        this.expression(value, 'ghost', new Walk(this.effects.pointersOf(hook.body, names), names));
    }
    this.body(hook.body, 'ghost', names, names);
  }

  property(property: Property): void {
    if (isTrusted(property.loc.uri)) return;
    for (const body of conditionsOf(property)) this.body(body, 'ghost', []);
  }

  body(body: Stmt, mode: Mode, params: readonly LocalVariable[], own: readonly LocalVariable[] = []): void {
    if (isTrusted(body.loc.uri) || (mode === 'kernel' && !referencesOf(body).mentionsGhost)) return;
    const known = byBody.get(body);
    if (known?.mode === mode && this.effects.are(known.relies)) {
      this.findings.push(...known.findings);
      return;
    }
    const before = this.findings.length;
    this.called = [];
    this.statement(body, mode, new Walk(this.effects.pointersOf(body, params), own));
    const relies = this.effects.bodiesBehind(this.called);
    byBody.set(body, { mode, relies, findings: this.findings.slice(before) });
  }

  private statement(s: Stmt, mode: Mode, walk: Walk): void {
    if (s.kind === 'ghost') {
      this.statement(s.body, 'ghost', walk);
      return;
    }
    if (s.kind === 'declare' && (mode === 'ghost' || s.variable.ghost)) {
      walk.own.add(s.variable);
      for (const entry of s.init?.entries ?? []) this.expression(entry.value, 'ghost', walk);
      return;
    }
    if (s.kind === 'expression' && mode === 'kernel') {
      const condition = droppedCheck(s.value);
      if (condition !== null) {
        this.expression(condition, 'check', walk);
        return;
      }
    }
    statementParts(s, this.visitor(mode, walk));
  }

  private expression(e: Expr, mode: Mode, walk: Walk): void {
    if (mode === 'ghost') this.ghostExpression(e, walk);
    expressionParts(e, this.visitor(mode, walk));
  }

  private visitor(mode: Mode, walk: Walk): Visitor {
    return {
      statement: (part) => this.statement(part, mode, walk),
      expression: (part) => this.expression(part, mode, walk),
      place: (part, use) => this.place(part, use, mode, walk),
    };
  }

  private place(place: LValue, use: PlaceUse, mode: Mode, walk: Walk): void {
    const ghost = ghostNameIn(place);
    const writes = use === 'write' || use === 'update';
    if (mode !== 'ghost' && ghost !== null && (mode === 'kernel' || writes)) {
      const what = writes ? 'writes' : use === 'read' ? 'reads' : 'takes the address of';
      this.report(place.loc, `kernel code ${what} the ghost state '${ghost}'; put it into ghost { … }`);
    } else if (mode === 'ghost' && writes && ghost === null) this.ghostWrite(place, walk);
    // Inside a place that is reported, or whose outer part decides, only the pointers and indices matter.
    placeParts(place, { ...this.visitor(mode, walk), place: (part) => this.innerPlace(part, mode, walk) });
  }

  private innerPlace(place: LValue, mode: Mode, walk: Walk): void {
    placeParts(place, { ...this.visitor(mode, walk), place: (part) => this.innerPlace(part, mode, walk) });
  }

  private ghostWrite(place: LValue, walk: Walk): void {
    const base = localIn(place);
    if (base !== null) {
      if (!walk.own.has(base) && !base.ghost && !base.name.startsWith('<')) {
        this.report(
          place.loc,
          `ghost code writes the local '${base.name}' of the code around it; declare it ghost, or use a local of its own`,
        );
      }
      return;
    }
    const roots = [...walk.pointers.rootsOfPlace(place)];
    if (roots.some((root) => root === 'real' || typeof root === 'number'))
      this.report(place.loc, 'ghost code writes real state; only ghost state and its own locals may change');
  }

  private ghostExpression(e: Expr, walk: Walk): void {
    if (e.kind === 'intrinsic') {
      const { op } = e.call;
      if (op === 'alloc' || op === 'free')
        this.report(
          e.loc,
          `ghost code ${op === 'alloc' ? 'allocates' : 'frees'} an object, which is real state`,
        );
      else if (op === 'wait-until') this.report(e.loc, 'ghost code cannot wait: it is no step of its own');
    } else if (e.kind === 'choose' || e.kind === 'choose-list')
      this.report(e.loc, 'ghost code cannot choose: it only follows what the program does');
    if (e.kind !== 'call') return;
    if (e.callee.kind === 'direct') this.called.push(e.callee.name);
    for (const { root, loc, what } of this.effects.effectsOfCall(e, walk.pointers)) {
      if (root !== 'real' && typeof root !== 'number') continue;
      const name =
        e.callee.kind === 'direct'
          ? `'${e.callee.name}', which ${what}`
          : 'a function through a pointer, which may write anything';
      const related = loc === e.loc ? [] : [{ message: 'here', loc }];
      this.findings.push({
        code: 'ghost-rule',
        severity: 'error',
        message: `ghost code calls ${name}`,
        loc: e.loc,
        related,
      });
      return;
    }
  }

  private report(loc: Loc, message: string): void {
    this.findings.push({ code: 'ghost-rule', severity: 'error', message, loc, related: [] });
  }
}

interface Judged {
  readonly mode: Mode;
  /** The bodies of the functions that ghost code calls there, and of those that these call. */
  readonly relies: Bodies;
  readonly findings: readonly Finding[];
}

/** What was found in a body, which stays right while it and those it relies on do. */
const byBody = new WeakMap<Stmt, Judged>();

class Walk {
  readonly pointers: PointerMap;
  /** Locals that ghost code declared. */
  readonly own: Set<LocalVariable>;

  constructor(pointers: PointerMap, own: readonly LocalVariable[]) {
    this.pointers = pointers;
    this.own = new Set(own);
  }
}

/** The condition of a check whose value is not used: `assert(c);`, `WARN_ON(c);` */
function droppedCheck(e: Expr): Expr | null {
  if (e.kind === 'not' || (e.kind === 'convert' && e.type.kind === 'void')) return droppedCheck(e.value);
  return e.kind === 'intrinsic' && e.call.op === 'check' ? e.call.condition : null;
}

/** The ghost variable or field that a place lies in; null for real memory. */
function ghostNameIn(place: LValue): string | null {
  for (let at = place; ; ) {
    if (at.kind === 'field') {
      if (at.ghost) return at.name;
      at = at.object;
    } else if (at.kind === 'index') at = at.array;
    else if (at.kind === 'global' || at.kind === 'local') return at.variable.ghost ? at.variable.name : null;
    else return null;
  }
}

function localIn(place: LValue): LocalVariable | null {
  let at = place;
  while (at.kind === 'field' || at.kind === 'index') at = at.kind === 'field' ? at.object : at.array;
  return at.kind === 'local' || at.kind === 'temporary' ? at.variable : null;
}

/** Functions called from ghost code and, even through others, from no kernel code. */
function ghostOnlyFunctions(code: Code): ReadonlySet<string> {
  const bodies = [...code.inits, ...code.actors.map((actor) => actor.body)];
  const kernel = closure(
    code,
    bodies.flatMap((body) => [...referencesOf(body).kernel.keys()]),
    new Set(),
  );
  const roots: string[] = [];
  const beside = [
    ...code.hooks.flatMap(bodiesOf),
    ...code.properties.flatMap(conditionsOf),
    ...code.views.map(({ body }) => body),
  ];
  for (const body of beside) for (const [name] of functionsIn(body)) roots.push(name);
  for (const function_ of code.functions.values()) bodies.push(function_.body);
  for (const body of bodies) {
    const { ghost } = referencesOf(body);
    if (ghost.size > 0) roots.push(...ghost.keys());
  }
  return closure(code, roots, kernel);
}

/** The functions reached from some, those apart that are `known`. */
function closure(code: Code, roots: readonly string[], known: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const work = [...roots];
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    const function_ = code.functions.get(name);
    if (function_ === undefined || found.has(name) || known.has(name)) continue;
    found.add(name);
    work.push(...referencesOf(function_.body).kernel.keys());
  }
  return found;
}

const hookBodies = new WeakMap<Hook, readonly Stmt[]>();

/** The body of a hook, and what it evaluates when the function is entered. */
export function bodiesOf(hook: Hook): readonly Stmt[] {
  let bodies = hookBodies.get(hook);
  if (bodies === undefined) {
    const entry = hook.kind === 'before' || hook.kind === 'after' ? hook.entry : [];
    bodies = [hook.body, ...entry.map(({ value }): Stmt => ({ kind: 'expression', value, loc: value.loc }))];
    hookBodies.set(hook, bodies);
  }
  return bodies;
}

const conditionBodies = new WeakMap<Property, readonly Stmt[]>();

/** The conditions of a property as code. */
export function conditionsOf(property: Property): readonly Stmt[] {
  let bodies = conditionBodies.get(property);
  if (bodies === undefined) {
    const conditions =
      property.unless === null ? [property.condition] : [property.unless, property.condition];
    bodies = conditions.map((value): Stmt => ({ kind: 'expression', value, loc: property.loc }));
    conditionBodies.set(property, bodies);
  }
  return bodies;
}
