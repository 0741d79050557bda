/** What a function of the checker needs to know about where it is. */

import type { Code } from '../syntax/codes.ts';
import type { Expression, Name, Span } from '../syntax/ast.ts';
import { Dependencies } from './dependencies.ts';
import type {
  ActorDeclaration,
  Declaration,
  DeclaredHome,
  EnumDeclaration,
  Environment,
  EventDeclaration,
  StructDeclaration,
} from './environment.ts';
import type { Finding } from './findings.ts';
import type { Expr, GlobalVariable, LocalVariable, Loc, LValue } from './hir.ts';
import type { Choice } from './optionValues.ts';
import type { Meaning, WrittenName } from './recorder.ts';
import { type Frame, type Home, type LocalEntry, Scope, throughMacro } from './scope.ts';
import type { Type } from './types.ts';

/** The value of an expression, or the place that it names. */
export type Checked =
  | { readonly kind: 'value'; readonly value: Expr }
  | { readonly kind: 'place'; readonly place: LValue };

/** What the body under check is and has collected. */
export interface Body {
  /** Shown in messages: `'f'`, `the body of 'zap'`. */
  readonly name: string;
  /** In front of the names of static locals. */
  readonly plainName: string;
  /** null: a body that returns nothing; `unknown` when its declaration is wrong. */
  readonly returns: Type | null | 'unknown';
  readonly primitive: boolean;
  /** The `vcpu` of a vcpu actor's body; guest blocks need it. */
  readonly vcpu: LocalVariable | null;
  readonly isVcpu: boolean;
  nextLocal: number;
  readonly labels: Map<string, Loc>;
  readonly gotos: { readonly label: string; readonly shown: string; readonly loc: Loc }[];
  readonly statics: GlobalVariable[];
  /** Inside loops, `break` and `continue` have a meaning; inside a switch, `break`. */
  loops: number;
  switches: number;
  /** Values at entry that `old(e)` asks for; null where `old` has no meaning. */
  readonly entry: { readonly variable: LocalVariable; readonly value: Expr }[] | null;
}

/** The switch around the check: how its labels are looked up, and those that it has. */
export interface SwitchState {
  readonly choice: Choice | null;
  readonly type: Type | null;
  readonly cases: { readonly low: bigint; readonly high: bigint; readonly loc: Loc }[];
  hasDefault: boolean;
}

/** Where a check is: the item, the macro use, the visible locals. Findings go to `findings`. */
export class Context {
  readonly env: Environment;
  readonly home: Home;
  readonly findings: Finding[];
  readonly body: Body | null;
  frame: Frame | null = null;
  scope: Scope = new Scope(null);
  /** Inside `guest { … }` of this frame, a call of NAME means `guest_NAME`. */
  guest: { readonly frame: Frame | null } | null = null;
  switch: SwitchState | null = null;
  /** Uses of macros so far. */
  expansions = 0;

  readonly dependencies: Dependencies;

  constructor(
    env: Environment,
    home: Home,
    findings: Finding[],
    body: Body | null,
    dependencies: Dependencies = new Dependencies(),
  ) {
    this.env = env;
    this.home = home;
    this.findings = findings;
    this.body = body;
    this.dependencies = dependencies;
  }

  // ---- names of file scope; whoever asks depends on the answer

  name(text: string): Declaration | undefined {
    const found = this.env.names.get(text);
    this.dependencies.answers.set(text, found);
    return found;
  }

  struct(text: string): StructDeclaration | undefined {
    const found = this.env.structs.get(text);
    this.dependencies.answers.set(`struct:${text}`, found);
    return found;
  }

  enumNamed(text: string): EnumDeclaration | undefined {
    const found = this.env.enums.get(text);
    this.dependencies.answers.set(`enum:${text}`, found);
    return found;
  }

  event(text: string): EventDeclaration | undefined {
    const found = this.env.events.get(text);
    this.dependencies.answers.set(`event:${text}`, found);
    return found;
  }

  actor(text: string): ActorDeclaration | undefined {
    this.dependencies.answers.set(`actor:${text}`, this.env.answer(`actor:${text}`));
    return this.env.actors.get(text);
  }

  /** The environment, for a look at all its declarations. */
  everything(): Environment {
    this.dependencies.onAll = true;
    return this.env;
  }

  // ---- places and findings

  /** The place of syntax of the current frame. */
  loc(span: Span): Loc {
    const home = this.frame === null ? this.home : this.frame.home;
    const here: Loc = { uri: home.uri, item: home.item, start: span.start, end: span.end, macro: null };
    return this.frame === null ? here : throughMacro(this.frame.use, here);
  }

  /** The source text of syntax of the current frame, in one line. */
  text(span: Span): string {
    const home = this.frame === null ? this.home : this.frame.home;
    return home.text.slice(span.start, span.end).replace(/\s+/g, ' ');
  }

  report(code: Code, span: Span, message: string, related: Finding['related'] = []): void {
    this.reportAt(code, this.loc(span), message, related);
  }

  reportAt(code: Code, loc: Loc, message: string, related: Finding['related'] = []): void {
    this.findings.push({ code, severity: 'error', message, loc, related });
  }

  inFrame<T>(frame: Frame | null, work: () => T): T {
    const saved = this.frame;
    this.frame = frame;
    const result = work();
    this.frame = saved;
    return result;
  }

  /** `span`: where the names of the scope are visible. */
  inScope<T>(span: Span, work: () => T): T {
    const saved = this.scope;
    this.scope = new Scope(saved);
    const result = work();
    this.env.recorder?.scope(this, this.scope, span);
    this.scope = saved;
    return result;
  }

  /** Enters a local name; false when the block already declares it. */
  declare(name: WrittenName, entry: LocalEntry): boolean {
    this.env.recorder?.declare(this, name, entry);
    return this.scope.declare(name.text, name.frame, entry);
  }

  /** What a name in the code was found to mean. */
  used(name: WrittenName, meaning: Meaning): void {
    this.env.recorder?.use(this, name, meaning);
  }

  /** The same for a name that stands in the current frame. */
  usedHere(name: Name, meaning: Meaning): void {
    this.env.recorder?.use(this, { text: name.text, span: name, frame: this.frame }, meaning);
  }

  /** Work on code that this variant leaves out: only names in it matter, and only to somebody who asked for them. */
  alsoRecord(work: () => void): void {
    if (this.env.recorder === null) return;
    const found = this.findings.length;
    work();
    this.findings.length = found;
  }

  newLocal(
    name: string,
    type: Type,
    loc: Loc,
    extra: Partial<Pick<LocalVariable, 'ghost' | 'range'>> = {},
  ): LocalVariable {
    const id = this.body === null ? 0 : this.body.nextLocal++;
    return { kind: 'local', id, name, type, ghost: extra.ghost ?? false, range: extra.range ?? null, loc };
  }
}

/** Whether an expression is only a name, perhaps by way of macro parameters; then that name and its frame. */
export function plainName(
  cx: Context,
  expression: Expression,
): { readonly text: string; readonly span: Span; readonly frame: Frame | null } | null {
  let current: Expression = expression;
  let frame = cx.frame;
  for (;;) {
    if (current.kind !== 'name') return null;
    const bound = frame?.args.get(current.name.text);
    if (bound === undefined) return { text: current.name.text, span: current.name, frame };
    if (bound.argument.kind === 'type' || bound.argument.kind === 'block') return null;
    current = bound.argument;
    frame = bound.frame;
  }
}

/** How deep the work may nest: far below what the stack of any engine holds. */
const depthLimit = 700;

/**
 * Does nested work, or returns null, with a finding, when it is too deep: through macros and through declarations
 * that lead to each other, because the parser bounds the rest. `weight` is what the kind of work takes of the stack.
 */
export function deeper<T>(cx: Context, span: Span, weight: number, work: () => T): T | null {
  const { env } = cx;
  if (env.depth + weight > depthLimit) {
    cx.report(
      'nesting-too-deep',
      span,
      'macros, or declarations that lead to each other, are nested too deeply here',
    );
    return null;
  }
  env.depth += weight;
  const result = work();
  env.depth -= weight;
  return result;
}

/** For looking at a declaration: what it finds and asks for is kept with the item that it came from. */
export function contextOf(env: Environment, { home }: { readonly home: DeclaredHome }): Context {
  return new Context(env, home, home.unit.findings, null, home.unit.dependencies);
}
