/** Bodies of functions, init blocks and actors. */

import type { ActorItem, FunctionItem, InitItem, Name, ViewItem } from '../syntax/ast.ts';
import { familyVariableType } from './actors.ts';
import { checkFunctionAnnotations } from './annotations.ts';
import { type Body, Context } from './context.ts';
import { functionType, vcpuPointerType } from './declarations.ts';
import { type ActiveItem, type Environment, type FunctionDeclaration, locIn } from './environment.ts';
import { Dependencies } from './dependencies.ts';
import type { Finding } from './findings.ts';
import type { GlobalVariable, HirAnnotation, LocalVariable, Stmt, View } from './hir.ts';
import type { WrittenName } from './recorder.ts';
import { checkBlock, checkGotos } from './statements.ts';
import type { Type } from './types.ts';

/** What the check of one body gave: memoised until the body's text or a declaration changes. */
export interface BodyResult<T> {
  readonly value: T;
  readonly findings: readonly Finding[];
  readonly statics: readonly GlobalVariable[];
  readonly dependencies: Dependencies;
}

export interface FunctionBody {
  readonly params: readonly LocalVariable[];
  readonly annotations: readonly HirAnnotation[];
  readonly body: Stmt;
}

/** `variable` is the index or object of a family; `vcpu` the pointer to the vCPU's state. */
export interface ActorBody {
  readonly variable: LocalVariable | null;
  readonly vcpu: LocalVariable | null;
  readonly body: Stmt;
}

export function resultOf<T>(cx: Context, value: T): BodyResult<T> {
  const { findings, dependencies } = cx;
  return { value, findings, statics: cx.body?.statics ?? [], dependencies };
}

export function newBody(
  name: string,
  plainName: string,
  extra: Partial<Pick<Body, 'returns' | 'primitive' | 'vcpu' | 'isVcpu' | 'entry'>> = {},
): Body {
  return {
    name,
    plainName,
    returns: null,
    primitive: false,
    vcpu: null,
    isVcpu: false,
    entry: null,
    ...extra,
    nextLocal: 0,
    labels: new Map(),
    gotos: [],
    statics: [],
    loops: 0,
    switches: 0,
  };
}

/** null when the function has no body or its declaration is wrong. */
export function checkFunctionBody(
  env: Environment,
  declaration: FunctionDeclaration,
  { item, home }: ActiveItem<FunctionItem>,
): BodyResult<FunctionBody | null> {
  const type = functionType(env, declaration);
  const returns = type === null ? 'unknown' : type.returns.kind === 'void' ? null : type.returns;
  const body = newBody(`'${item.name.text}'`, item.name.text, { returns, primitive: item.primitive });
  const cx = new Context(env, home, [], body);
  cx.dependencies.answers.set(declaration.name, declaration);
  if (item.body === null) {
    cx.alsoRecord(() => {
      declareParams(cx, item, type?.params ?? null);
      checkFunctionAnnotations(cx, item.annotations);
    });
    return resultOf(cx, null);
  }
  const params = declareParams(cx, item, type?.params ?? null);
  const annotations = checkFunctionAnnotations(cx, item.annotations);
  const block = checkBlock(cx, item.body);
  checkGotos(cx);
  return resultOf(cx, type === null ? null : { params, annotations, body: block });
}

function declareParams(
  cx: Context,
  item: FunctionItem,
  types: readonly Type[] | null,
): readonly LocalVariable[] {
  return item.params.flatMap((param, index) => {
    const type = types?.[index];
    const name = param.name?.text ?? '';
    if (type === undefined) {
      if (param.name !== null && name !== '') cx.declare(written(param.name), { kind: 'unknown' });
      return [];
    }
    const variable = cx.newLocal(name, type, cx.loc(param.name ?? param));
    if (param.name !== null && name !== '' && !cx.declare(written(param.name), { kind: 'local', variable })) {
      cx.report('duplicate-name', param.name, `'${item.name.text}' has two parameters '${name}'`);
    } else if (name === '' && item.body !== null)
      cx.report('bad-declaration', param, 'a parameter of a function with a body needs a name');
    return [variable];
  });
}

function written(name: Name): WrittenName {
  return { text: name.text, span: name, frame: null };
}

export function checkInit(env: Environment, { item, home }: ActiveItem<InitItem>): BodyResult<Stmt> {
  const cx = new Context(env, home, [], newBody('the init block', 'init'));
  const block = checkBlock(cx, item.body);
  checkGotos(cx);
  return resultOf(cx, block);
}

export function checkView(env: Environment, { item, home }: ActiveItem<ViewItem>): BodyResult<View> {
  const cx = new Context(env, home, [], newBody(`the view '${item.title}'`, 'view'));
  const body = checkBlock(cx, item.body);
  checkGotos(cx);
  return resultOf(cx, { title: item.title, body, loc: cx.loc({ start: item.start, end: item.start + 4 }) });
}

/** The body of all threads of an actor: they differ in the values of its variables only. */
export function checkActorBody(
  env: Environment,
  { item, home }: ActiveItem<ActorItem>,
): BodyResult<ActorBody> {
  const dependencies = new Dependencies();
  const outer = new Context(env, home, [], null, dependencies);
  const isVcpu = item.actor === 'vcpu';
  const pointer = isVcpu ? vcpuPointerType(outer) : null;
  const variableType = item.family === null ? null : familyVariableType(outer, item.family);
  const vcpu: LocalVariable | null =
    pointer === null
      ? null
      : {
          kind: 'local',
          id: 0,
          name: 'vcpu',
          type: pointer,
          ghost: false,
          range: null,
          loc: locIn(home, item.name),
        };
  const body = newBody(`'${item.name.text}'`, item.name.text, { vcpu, isVcpu });
  const cx = new Context(env, home, outer.findings, body, dependencies);
  body.nextLocal = 1;
  if (vcpu !== null) cx.scope.declare('vcpu', null, { kind: 'local', variable: vcpu });
  let variable: LocalVariable | null = null;
  if (item.family !== null) {
    const { text } = item.family.variable;
    if (variableType === null) cx.declare(written(item.family.variable), { kind: 'unknown' });
    else {
      variable = cx.newLocal(text, variableType, cx.loc(item.family.variable));
      if (!cx.declare(written(item.family.variable), { kind: 'local', variable, readOnly: true })) {
        cx.report(
          'duplicate-name',
          item.family.variable,
          `'${text}' is the state of the vCPU here; choose another name`,
        );
      }
    }
  }
  const block = checkBlock(cx, item.body);
  checkGotos(cx);
  return resultOf(cx, { variable, vcpu, body: block });
}
