/** What stands around an offset of a text that is being typed, and which names are visible there. */

import type {
  Expression,
  FunctionItem,
  HookItem,
  Item,
  PlacedItem,
  Statement,
  TypeExpr,
  VariableItem,
} from '../syntax/ast.ts';
import { familyVariableType } from './actors.ts';
import { newBody } from './bodies.ts';
import { Context } from './context.ts';
import { intType } from './conversions.ts';
import { eventParams, functionType, vcpuPointerType } from './declarations.ts';
import type { Environment } from './environment.ts';
import type { Stmt } from './hir.ts';
import { checkLocals } from './locals.ts';
import { Scope } from './scope.ts';
import { checkStatement } from './statements.ts';
import { paramType } from './typeExpressions.ts';
import type { Type } from './types.ts';

/** A node of the syntax tree, or a part of one without a kind of its own, with the field of its parent that holds it. */
export interface PathStep {
  readonly node: object;
  readonly field: string;
}

/** The nodes that contain `offset` (counted from the item's start), outermost first. */
export function pathAt(item: Item, offset: number): readonly PathStep[] {
  const path: PathStep[] = [];
  const descend = (node: object, field: string): void => {
    path.push({ node, field });
    const children = Object.entries(node).flatMap(([name, value]: [string, unknown]) =>
      childrenOf(value).map((child) => ({ child, name })),
    );
    // The type of `int a[2]` surrounds the name.
    const [inside] = children
      .filter(({ child }) => contains(child, offset))
      .sort((a, b) => widthOf(a.child) - widthOf(b.child));
    if (inside !== undefined) descend(inside.child, inside.name);
  };
  descend(item, '');
  return path;
}

/** Parts that have a place; records without one, as the body of a macro or the entries of a list, are looked through. */
function childrenOf(value: unknown): readonly object[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(childrenOf);
  return hasPlace(value) ? [value] : Object.values(value).flatMap(childrenOf);
}

function hasPlace(value: object): value is { readonly start: number; readonly end: number } {
  return 'start' in value && typeof value.start === 'number' && 'end' in value;
}

function contains(value: object, offset: number): boolean {
  return hasPlace(value) && value.start <= offset && offset <= value.end;
}

function widthOf(value: object): number {
  return hasPlace(value) ? value.end - value.start : 0;
}

/** What a place in code sees and what was executed before it. */
export interface Cursor {
  /** For looking at expressions as the checker would here. What it finds wrong is dropped. */
  readonly cx: Context;
  /** Statements that come before, on the straight way from the beginning of the body. */
  readonly before: readonly Stmt[];
}

/** The names visible at `offset` of an item: locals so far, parameters, loop and family variables. */
export function cursorAt(
  env: Environment,
  uri: string,
  placed: PlacedItem,
  path: readonly PathStep[],
  offset: number,
): Cursor {
  const home = { uri, item: placed.key, text: placed.text };
  const isVcpu = path.some(
    ({ node }) => kindOf(node) === 'actor' && 'actor' in node && node.actor === 'vcpu',
  );
  const outer = new Context(env, home, [], null);
  const pointer = isVcpu ? vcpuPointerType(outer) : null;
  const body = newBody('this', 'this', { returns: 'unknown', primitive: true, isVcpu, entry: [] });
  // `break` and `continue` before the cursor are judged where they stand.
  body.loops = 1;
  const cx = new Context(env, home, [], body);
  const before: Stmt[] = [];
  if (pointer !== null) declare(cx, 'vcpu', pointer);
  for (const { node } of path) enter(cx, node, offset, before);
  return { cx, before };
}

function enter(cx: Context, node: object, offset: number, before: Stmt[]): void {
  if (!('kind' in node)) return;
  const part = node as Item | Statement | Expression | TypeExpr;
  switch (part.kind) {
    case 'function':
      if ('name' in part) enterFunction(cx, part);
      return;
    case 'actor':
      if (part.family !== null) declare(cx, part.family.variable.text, familyVariableType(cx, part.family));
      return;
    case 'hook':
      enterHook(cx, part);
      return;
    case 'macro':
      for (const { text } of part.params ?? []) declare(cx, text, null);
      return;
    case 'block':
      enterBlock(cx, part.body, offset, before);
      return;
    case 'for':
      if (part.init?.kind !== 'variable') return;
      openScope(cx);
      before.push(...checkLocals(cx, upTo(part.init, offset)));
      return;
    case 'variable':
      // At file scope the names are those of the environment already.
      if (cx.scope.outer !== null) before.push(...checkLocals(cx, upTo(part, offset)));
      return;
    case 'quantifier':
      if (part.body.start > offset) return;
      openScope(cx);
      declare(cx, part.variable.text, intType);
      return;
    case 'guest':
      cx.guest = { frame: null };
      return;
    default:
      return;
  }
}

function enterFunction(cx: Context, item: FunctionItem): void {
  openScope(cx);
  for (const param of item.params)
    if (param.name !== null) declare(cx, param.name.text, paramType(cx, param));
}

function enterHook(cx: Context, item: HookItem): void {
  openScope(cx);
  const declaration = cx.name(item.target?.text ?? '');
  const type = declaration?.kind === 'function' ? functionType(cx.env, declaration) : null;
  const event = item.hook === 'on' ? cx.event(item.target?.text ?? '') : undefined;
  const types = event === undefined ? type?.params : eventParams(cx.env, event);
  for (const [index, name] of item.params.entries()) declare(cx, name.text, types?.[index] ?? null);
  if (item.result !== null) declare(cx, item.result.text, type?.returns ?? null);
}

function enterBlock(cx: Context, body: readonly Statement[], offset: number, before: Stmt[]): void {
  openScope(cx);
  for (const statement of body) {
    if (statement.end >= offset) return;
    before.push(...checkStatement(cx, statement));
  }
}

/** The declarators before the offset, and the one around it without the initialiser that is being typed. */
function upTo(item: VariableItem, offset: number): VariableItem {
  const declarators = item.declarators
    .filter((each) => each.name.end < offset)
    .map((each) => (each.end < offset ? each : { ...each, init: null }));
  return { ...item, declarators };
}

function openScope(cx: Context): void {
  cx.scope = new Scope(cx.scope);
}

function declare(cx: Context, name: string, type: Type | null): void {
  if (name === '') return;
  const loc = cx.loc({ start: 0, end: 0 });
  cx.scope.declare(
    name,
    null,
    type === null ? { kind: 'unknown' } : { kind: 'local', variable: cx.newLocal(name, type, loc) },
  );
}

export function kindOf(node: object): string {
  return 'kind' in node && typeof node.kind === 'string' ? node.kind : '';
}
