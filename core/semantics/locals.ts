/** Declarations inside functions. */

import type { Declarator, Expression, Name, TypeExpr, VariableItem } from '../syntax/ast.ts';
import { checkVariableAnnotations } from './annotations.ts';
import { type Context, plainName } from './context.ts';
import { declaredType } from './declarations.ts';
import type { Mutable } from './environment.ts';
import type { GlobalVariable, Init, Loc, LocalVariable, Stmt } from './hir.ts';
import { checkInitialiser, isConstantInit, recordInitialiser } from './initialisers.ts';
import { checkRange } from './integers.ts';
import type { WrittenName } from './recorder.ts';
import type { LocalEntry } from './scope.ts';
import { checkStatement } from './statements.ts';
import { writtenName } from './typeExpressions.ts';
import type { Type } from './types.ts';

export function checkLocals(cx: Context, item: VariableItem): readonly Stmt[] {
  const product = misreadProduct(cx, item);
  if (product !== null)
    return checkStatement(cx, { kind: 'expression', value: product, start: item.start, end: item.end });
  const statements: Stmt[] = [];
  for (const declarator of item.declarators) {
    const statement = checkLocal(cx, item, declarator);
    if (statement !== null) statements.push(statement);
  }
  return statements;
}

/** `a * b;` has the shape of a declaration; it is a product when `a` is no type but something with a value. */
export function misreadProduct(cx: Context, item: VariableItem): Expression | null {
  const [declarator, second] = item.declarators;
  if (
    declarator === undefined ||
    second !== undefined ||
    declarator.init !== null ||
    declarator.type.kind !== 'pointer'
  )
    return null;
  let type: TypeExpr = declarator.type.to;
  const { name } = declarator;
  let right: Expression = { kind: 'name', name, start: name.start, end: name.end };
  for (; type.kind === 'pointer'; type = type.to)
    right = { kind: 'unary', operator: '*', value: right, start: type.end - 1, end: name.end };
  if (type.kind !== 'named') return null;
  const left: Name = { text: type.name, start: type.start, end: type.end };
  const operand: Expression = { kind: 'name', name: left, start: left.start, end: left.end };
  const found = plainName(cx, operand);
  if (found === null) return null;
  const known = cx.scope.find(found.text, found.frame) !== null || isValue(cx.name(found.text)?.kind);
  return known
    ? { kind: 'binary', operator: '*', left: operand, right, start: item.start, end: name.end }
    : null;
}

function isValue(kind: string | undefined): boolean {
  return kind !== undefined && kind !== 'typedef' && kind !== 'macro' && kind !== 'function';
}

function checkLocal(cx: Context, item: VariableItem, declarator: Declarator): Stmt | null {
  const name = writtenName(cx, declarator.name);
  const type = declaredType(cx, declarator);
  if (name.text === '') return null;
  const loc = cx.loc(declarator.name);
  if (item.isExtern) {
    cx.report('misplaced', declarator, "'extern' stands outside functions");
    return null;
  }
  if (type === null) {
    enter(cx, declarator, name, { kind: 'unknown' });
    cx.alsoRecord(() => recordInitialiser(cx, declarator.init));
    return null;
  }
  if (item.isStatic) return checkStatic(cx, item, declarator, name, type, loc);
  const range = checkRange(cx, declarator.range, item.ghost);
  const variable: LocalVariable = cx.newLocal(name.text, type, loc, { ghost: item.ghost, range });
  // They say nothing about a local, but a wrong one is wrong here too.
  checkVariableAnnotations(cx, declarator.annotations);
  // As in C, the name can be seen in its own initialiser.
  enter(cx, declarator, name, { kind: 'local', variable });
  const init = declarator.init === null ? null : checkInitialiser(cx, type, declarator.init, name.text);
  if (declarator.init !== null && init === null) return null;
  return { kind: 'declare', variable, init, loc: cx.loc(declarator) };
}

/** A static local is a global that only its function sees. */
function checkStatic(
  cx: Context,
  item: VariableItem,
  declarator: Declarator,
  name: WrittenName,
  type: Type,
  loc: Loc,
): null {
  const count =
    cx.body?.statics.filter((each) => each.name.startsWith(`${cx.body?.plainName}.${name.text}`)).length ?? 0;
  const variable: Mutable<GlobalVariable> = {
    kind: 'global',
    name: `${cx.body?.plainName ?? ''}.${name.text}${count === 0 ? '' : `.${count + 1}`}`,
    type,
    ghost: item.ghost,
    constant: item.isConst && type.kind !== 'pointer',
    range: checkRange(cx, declarator.range, item.ghost),
    init: null,
    annotations: checkVariableAnnotations(cx, declarator.annotations),
    doc: '',
    loc,
    vcpuState: false,
  };
  enter(cx, declarator, name, { kind: 'static', variable });
  if (declarator.init !== null)
    variable.init = constantInit(cx, checkInitialiser(cx, type, declarator.init, name.text));
  cx.body?.statics.push(variable);
  return null;
}

function constantInit(cx: Context, init: Init | null): Init | null {
  for (const { value } of init?.entries ?? []) {
    if (!isConstantInit(value))
      cx.reportAt('not-constant', value.loc, 'a static variable needs a constant here');
  }
  return init;
}

function enter(cx: Context, declarator: Declarator, name: WrittenName, entry: LocalEntry): void {
  if (cx.declare(name, entry)) return;
  const other = cx.scope.find(name.text, name.frame);
  const related =
    other?.kind === 'local' || other?.kind === 'static'
      ? [{ message: 'the other declaration', loc: other.variable.loc }]
      : [];
  cx.report('duplicate-name', declarator.name, `'${name.text}' is already declared in this block`, related);
}
