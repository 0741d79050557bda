/** What the names of file scope stand for, worked out when first asked for. */

import { checkVariableAnnotations } from './annotations.ts';
import { Context, contextOf, deeper } from './context.ts';
import { pointerTo, wrap } from './conversions.ts';
import type {
  Environment,
  EventDeclaration,
  FunctionDeclaration,
  Mutable,
  PoolDeclaration,
  SettingDeclaration,
  TypedefDeclaration,
  VariableDeclaration,
  VcpuStateDeclaration,
} from './environment.ts';
import type { GlobalVariable, Pool } from './hir.ts';
import { checkInitialiser, isConstantInit, lengthOfList } from './initialisers.ts';
import { checkInteger, checkRange, checkSmall } from './integers.ts';
import { didYouMean } from './nearest.ts';
import { arrayOf, isObject, paramType, resolveObjectType, resolveType } from './typeExpressions.ts';
import { sizeOf, type FunctionType, type Type } from './types.ts';

/** What following a name to its declaration takes of the stack, in expressions. */
const step = 6;

export function resolveTypedef(env: Environment, declaration: TypedefDeclaration): Type | null {
  const cx = contextOf(env, declaration);
  if (declaration.state === 'busy') {
    cx.report(
      'bad-declaration',
      declaration.item.name,
      `the typedef '${declaration.name}' is defined by itself`,
    );
    return null;
  }
  if (declaration.state === 'new') {
    declaration.state = 'busy';
    const type = deeper(cx, declaration.item.name, step, () => resolveType(cx, declaration.item.type));
    // An integer is shown by the name it was declared with.
    declaration.type =
      type?.kind === 'int' && type.enumerators === null ? { ...type, name: declaration.name } : type;
    declaration.state = 'done';
  }
  return declaration.type;
}

/** The type of a function; null when its declaration is wrong. */
export function functionType(env: Environment, declaration: FunctionDeclaration): FunctionType | null {
  if (declaration.state !== 'new') return declaration.type;
  declaration.state = 'busy';
  const cx = contextOf(env, declaration);
  const item = declaration.item;
  const returns = deeper(cx, item.name, step, () => resolveType(cx, item.returns));
  const params = item.params.map((param) => paramType(cx, param));
  let fine = returns !== null && !params.includes(null);
  if (returns?.kind === 'array' || returns?.kind === 'function') {
    cx.report('bad-declaration', item.returns, `a function cannot return an array or a function`);
    fine = false;
  } else if (returns !== null && returns.kind !== 'void' && !isObject(cx, returns, item.returns, 'a result'))
    fine = false;
  if (fine && returns !== null)
    declaration.type = { kind: 'function', params: params.filter((param) => param !== null), returns };
  declaration.state = 'done';
  return declaration.type;
}

export function variableOf(env: Environment, declaration: VariableDeclaration): GlobalVariable | null {
  if (declaration.state !== 'new') return declaration.variable;
  declaration.state = 'busy';
  const cx = contextOf(env, declaration);
  const { declarator, item } = declaration;
  const type = deeper(cx, declarator.name, step, () => declaredType(cx, declarator));
  if (type !== null) {
    const variable: Mutable<GlobalVariable> = {
      kind: 'global',
      name: declaration.name,
      type,
      ghost: item.ghost,
      constant: item.isConst && type.kind !== 'pointer',
      range: null,
      init: null,
      annotations: [],
      doc: declaration.doc,
      loc: declaration.loc,
      vcpuState: false,
    };
    declaration.variable = variable;
    variable.range = checkRange(cx, declarator.range, item.ghost);
  }
  declaration.state = 'done';
  return declaration.variable;
}

/** Initialiser and annotations of a variable: looked at when every declaration has its type. */
export function finishVariable(env: Environment, declaration: VariableDeclaration): void {
  const variable = variableOf(env, declaration);
  if (variable === null || declaration.variable === null || declaration.state === 'finished') return;
  declaration.state = 'finished';
  const cx = contextOf(env, declaration);
  const { init } = declaration.declarator;
  if (init !== null) {
    if (declaration.item.isExtern)
      cx.report(
        'bad-declaration',
        init,
        `'extern' only announces '${declaration.name}': it cannot have a value here`,
      );
    const checked = checkInitialiser(cx, variable.type, init, variable.name);
    for (const entry of checked?.entries ?? []) {
      if (!isConstantInit(entry.value)) {
        cx.reportAt(
          'not-constant',
          entry.value.loc,
          `'${variable.name}' needs a constant here; compute it in an init block`,
        );
      }
    }
    declaration.variable.init = checked;
  }
  declaration.variable.annotations = checkVariableAnnotations(cx, declaration.declarator.annotations);
}

/** The value of a const integer variable; null when it has none that is known. */
export function constantOf(env: Environment, declaration: VariableDeclaration): bigint | null {
  if (declaration.value === 'busy') return null;
  if (declaration.value !== 'unknown') return declaration.value;
  declaration.value = 'busy';
  let value: bigint | null = null;
  const variable = variableOf(env, declaration);
  const init = declaration.declarator.init;
  if (
    variable?.constant === true &&
    !variable.ghost &&
    variable.type.kind === 'int' &&
    init !== null &&
    init.kind !== 'list'
  ) {
    // The initialiser is looked at once more, with its findings, by finishVariable.
    const cx = new Context(env, declaration.home, [], null, declaration.home.unit.dependencies);
    const checked = deeper(cx, init, step, () => checkInitialiser(cx, variable.type, init, variable.name));
    const only = checked?.entries[0]?.value;
    if (only?.kind === 'constant') value = wrap(only.value, variable.type);
  }
  declaration.value = value;
  return value;
}

/** The type of a declarator; an array without a length takes it from the initialiser. */
export function declaredType(cx: Context, declarator: VariableDeclaration['declarator']): Type | null {
  const { type, init } = declarator;
  if (type.kind === 'array' && type.length === null && init?.kind === 'list') {
    const of = resolveObjectType(cx, type.of, 'an array element');
    const length = lengthOfList(cx, init, of);
    return of === null ? null : arrayOf(cx, of, BigInt(length), type);
  }
  return resolveObjectType(cx, type, `the variable '${declarator.name.text}'`);
}

export function poolOf(env: Environment, declaration: PoolDeclaration): Pool | null {
  if (declaration.state !== 'new') return declaration.pool;
  declaration.state = 'busy';
  const cx = contextOf(env, declaration);
  const { item } = declaration;
  const type = resolveObjectType(cx, item.type, 'a pool');
  const length = checkSmall(cx, item.length, 1, 65536, 'the length of a pool');
  const base = item.at === null ? null : checkInteger(cx, item.at, 'the address of a pool');
  const stride = item.stride === null ? null : checkInteger(cx, item.stride, 'the stride of a pool');
  if (type !== null && length !== null) {
    let at: Pool['at'] = null;
    if (base !== null) {
      const step = stride ?? BigInt(sizeOf(type));
      if (step < BigInt(sizeOf(type)) || step % 8n !== 0n) {
        cx.report(
          'bad-declaration',
          item.stride ?? item,
          `the stride must be a multiple of 8 and at least ${sizeOf(type)}, the size of an object`,
        );
      } else at = { base: BigInt.asUintN(64, base), stride: Number(step) };
    }
    declaration.pool = {
      kind: 'pool',
      name: declaration.name,
      type,
      length,
      reuse: item.reuse,
      at,
      loc: declaration.loc,
    };
  }
  declaration.state = 'done';
  return declaration.pool;
}

/** The array that `vcpu_state` declares, one element for each vcpu. */
export function vcpuStateOf(env: Environment, declaration: VcpuStateDeclaration): GlobalVariable | null {
  if (declaration.state !== 'new') return declaration.variable;
  declaration.state = 'busy';
  const cx = contextOf(env, declaration);
  const of = resolveObjectType(cx, declaration.item.type, 'the state of a vCPU');
  const count = cx.name('NR_VCPUS');
  if (of !== null && count?.kind === 'predefined') {
    declaration.variable = {
      kind: 'global',
      name: declaration.name,
      type: { kind: 'array', of, length: Number(count.value) },
      ghost: false,
      constant: false,
      range: null,
      init: null,
      annotations: [],
      doc: declaration.doc,
      loc: declaration.loc,
      vcpuState: true,
    };
  }
  declaration.state = 'done';
  return declaration.variable;
}

/** The type of `vcpu` in a vcpu actor. */
export function vcpuPointerType(cx: Context): Type | null {
  const { env } = cx;
  const declaration = env.vcpuStates[0];
  cx.dependencies.answers.set('vcpu-state:', declaration);
  if (declaration === undefined) return null;
  const variable = vcpuStateOf(env, declaration);
  return variable?.type.kind === 'array' ? pointerTo(variable.type.of) : null;
}

export function eventParams(env: Environment, declaration: EventDeclaration): readonly (Type | null)[] {
  if (declaration.state === 'new') {
    const cx = contextOf(env, declaration);
    declaration.params = declaration.item.params.map((param) => paramType(cx, param));
    declaration.state = 'done';
  }
  return declaration.params;
}

/** The value of a setting in this variant: the number, or the index of the name. */
export function settingValue(env: Environment, declaration: SettingDeclaration): bigint | null {
  if (declaration.resolved === 'busy') {
    contextOf(env, declaration).reportAt(
      'bad-declaration',
      declaration.loc,
      `the setting '${declaration.name}' is defined by itself`,
    );
    return null;
  }
  if (declaration.resolved === 'failed') return null;
  if (declaration.resolved !== null) return declaration.resolved;
  declaration.resolved = 'busy';
  const cx = contextOf(env, declaration);
  const value = deeper(cx, declaration.item.name, step, () => workOutSetting(env, declaration));
  declaration.resolved = value ?? 'failed';
  return value;
}

function workOutSetting(env: Environment, declaration: SettingDeclaration): bigint | null {
  const source = declaration.given ?? {
    value: declaration.item.value,
    home: declaration.home,
    loc: declaration.loc,
  };
  const cx = contextOf(env, source);
  if (declaration.values !== null) {
    const name = source.value.kind === 'name' ? source.value.name.text : null;
    const index = name === null ? -1 : declaration.values.indexOf(name);
    if (index >= 0) return BigInt(index);
    const hint = name === null ? '' : didYouMean(name, declaration.values);
    cx.report(
      'bad-option',
      source.value,
      `the setting '${declaration.name}' is one of ${declaration.values.join(', ')}${hint}`,
    );
    return null;
  }
  const value = checkInteger(cx, source.value, `the setting '${declaration.name}'`);
  const own = contextOf(env, declaration);
  const { low, high } = declaration.item;
  const least = low === null ? null : checkInteger(own, low, 'the range of a setting');
  const most = high === null ? null : checkInteger(own, high, 'the range of a setting');
  if (value === null) return null;
  if ((least !== null && value < least) || (most !== null && value > most)) {
    cx.report(
      'bad-declaration',
      source.value,
      `the setting '${declaration.name}' must be in ${least}..${most}, not ${value}`,
    );
    return null;
  }
  return value;
}
