/** What kind of value a place asks for: a lock, one of some names, something of a type. */

import type { PathStep } from '../../../core/semantics/cursor.ts';
import type { Context } from '../../../core/semantics/context.ts';
import { functionType } from '../../../core/semantics/declarations.ts';
import type { FunctionDeclaration, MacroDeclaration } from '../../../core/semantics/environment.ts';
import { typeOfExpression } from '../../../core/semantics/expressions.ts';
import { choiceOf } from '../../../core/semantics/optionValues.ts';
import { eachSyntax } from '../../../core/semantics/syntaxWalk.ts';
import { resolveType } from '../../../core/semantics/typeExpressions.ts';
import type { StructType, Type } from '../../../core/semantics/types.ts';
import type {
  Annotation,
  Argument,
  Declarator,
  Expression,
  FunctionItem,
  MachineItem,
  Statement,
  TypeExpr,
} from '../../../core/syntax/ast.ts';

/** What will be done with a lock: that decides which ones are offered first. */
export type LockUse = 'acquire' | 'try' | 'release' | 'look';

export type Wanted =
  | { readonly kind: 'any' }
  /** `lock` null: of any type. `place`: the lock itself, not its address. `ampersand`: an `&` is written already. */
  | {
      readonly kind: 'lock';
      readonly lock: StructType | null;
      readonly use: LockUse;
      readonly shared: boolean;
      readonly place: boolean;
    }
  | { readonly kind: 'values'; readonly of: string; readonly values: readonly string[] }
  | { readonly kind: 'type'; readonly type: Type };

const any: Wanted = { kind: 'any' };

/** `path` leads to the name that is being typed, or to the expression that it begins or ends. */
export function wantedAt(cx: Context, path: readonly PathStep[]): Wanted {
  // What holds for `&lock` and `lock.member` holds for the whole.
  let last = path.findLastIndex(({ node }) => isExpression(node));
  while (last > 0 && isPartOfPlace(path[last], path[last - 1])) last--;
  const step = path[last];
  const parent = path[last - 1]?.node as Parent | undefined;
  if (step === undefined || parent === undefined) return any;
  const expression = step.node as Expression;
  if ('name' in parent && 'args' in parent && !('kind' in parent)) return annotationWants(parent);
  if (!('kind' in parent)) return step.field === 'init' ? typeWants(cx, parent.type) : any;
  switch (parent.kind) {
    case 'call':
      return step.field === 'args' ? argumentWants(cx, parent, parent.args.indexOf(expression)) : any;
    case 'binary':
      return comparisons.has(parent.operator)
        ? like(cx, step.field === 'right' ? parent.left : parent.right)
        : any;
    case 'in':
      return step.field === 'list' ? like(cx, parent.value) : any;
    case 'assign':
      return step.field === 'value' ? like(cx, parent.target) : any;
    case 'case': {
      const around = path.findLast(({ node }) => 'kind' in node && node.kind === 'switch')?.node as
        | Statement
        | undefined;
      return around?.kind === 'switch' ? like(cx, around.value) : any;
    }
    case 'machine':
      return settingWants(cx, parent, expression);
    case 'return':
      return returnWants(cx, path);
    case 'lock-order':
    case 'hook':
      return step.field === 'locks' || step.field === 'lock'
        ? { kind: 'lock', lock: null, use: 'look', shared: false, place: true }
        : any;
    default:
      return any;
  }
}

type Parent =
  | Expression
  | Statement
  | Annotation
  | MachineItem
  | Declarator
  | { readonly kind: 'lock-order' }
  | { readonly kind: 'hook' };

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);

const expressionKinds: ReadonlySet<string> = new Set([
  'number',
  'string',
  'name',
  'unary',
  'postfix',
  'binary',
  'assign',
  'conditional',
  'call',
  'index',
  'member',
  'cast',
  'compound-literal',
  'sizeof',
  'statement-expression',
  'comma',
  'choose',
  'quantifier',
  'in',
  'old',
]);

function isExpression(node: object): boolean {
  return (
    'kind' in node && typeof node.kind === 'string' && expressionKinds.has(node.kind) && !('locks' in node)
  );
}

function isPartOfPlace(step: PathStep | undefined, outer: PathStep | undefined): boolean {
  if (step === undefined || outer === undefined || !('kind' in outer.node)) return false;
  const { kind } = outer.node;
  if (kind === 'member') return step.field === 'object';
  if (kind === 'index') return step.field === 'array';
  return kind === 'unary' && 'operator' in outer.node && outer.node.operator === '&';
}

/** As the other side of a comparison or assignment. */
function like(cx: Context, other: Expression): Wanted {
  const choice = choiceOf(cx, other);
  if (choice !== null) return { kind: 'values', of: choice.name, values: choice.values };
  const type = typeOfExpression(cx, other);
  return type === null ? any : ofType(type);
}

function ofType(type: Type): Wanted {
  if (type.kind === 'int' && type.enumerators !== null && type.enumerators.size > 0)
    return { kind: 'values', of: type.name, values: [...type.enumerators.keys()] };
  return { kind: 'type', type };
}

function typeWants(cx: Context, type: TypeExpr): Wanted {
  const resolved = resolveType(cx, type);
  return resolved === null ? any : ofType(resolved);
}

function returnWants(cx: Context, path: readonly PathStep[]): Wanted {
  const fn = path[0]?.node as FunctionItem | undefined;
  return fn?.kind === 'function' ? typeWants(cx, fn.returns) : any;
}

function settingWants(cx: Context, { settings }: MachineItem, value: Expression): Wanted {
  const entry = settings.find((each) => each.value === value);
  const declaration = cx.name(entry?.name.text ?? '');
  return declaration?.kind === 'setting' && declaration.values !== null
    ? { kind: 'values', of: declaration.name, values: declaration.values }
    : any;
}

/** `__cond_acquires(true, lock)` and `__subclass(n)` begin with a value. */
function annotationWants({ name, args }: Annotation): Wanted {
  if (valueAnnotations.test(name.text) && args.length < 2) return any;
  return { kind: 'lock', lock: null, use: 'look', shared: false, place: false };
}

const valueAnnotations = /^__(cond_acquires|subclass|restores_irqs|nest_lock)/;

// ---------------------------------------------------------------- arguments

type Call = Expression & { readonly kind: 'call' };

function argumentWants(cx: Context, call: Call, index: number): Wanted {
  if (call.callee.kind !== 'name') return any;
  const name = call.callee.name.text;
  if (cx.scope.find(name, null) !== null) return any;
  const declaration = cx.name(
    cx.guest !== null && cx.name(`guest_${name}`) !== undefined ? `guest_${name}` : name,
  );
  if (declaration?.kind === 'function') return parameterWants(cx, declaration, index);
  if (declaration?.kind === 'macro') return macroWants(cx, declaration, index, 0);
  return lockIntrinsics.has(name)
    ? { kind: 'lock', lock: null, use: 'look', shared: name === '__readers', place: false }
    : any;
}

const lockIntrinsics: ReadonlySet<string> = new Set(['__writers', '__readers']);

function parameterWants(cx: Context, declaration: FunctionDeclaration, index: number): Wanted {
  const type = functionType(cx.env, declaration)?.params[index];
  if (type === undefined) return any;
  const pointee = type.kind === 'pointer' && type.to.kind === 'struct' ? type.to : null;
  if (pointee?.lock === null || pointee === null) return ofType(type);
  const param = declaration.item.params[index]?.name?.text ?? '';
  const effects = declaration.item.annotations.filter(({ args }) =>
    args.some((arg) => arg.kind === 'name' && arg.name.text === param),
  );
  const named = (start: string): boolean => effects.some((each) => each.name.text.startsWith(start));
  const use: LockUse = named('__acquires')
    ? 'acquire'
    : named('__cond_acquires')
      ? 'try'
      : named('__releases') || named('__downgrades')
        ? 'release'
        : 'look';
  const shared = effects.some((each) => each.name.text.endsWith('_shared'));
  return { kind: 'lock', lock: pointee, use, shared, place: false };
}

/** A macro's parameter wants what the first use of it in the body does. */
function macroWants(cx: Context, { item }: MacroDeclaration, index: number, depth: number): Wanted {
  const param = item.params?.[index]?.text;
  if (param === undefined || depth > 4) return any;
  let found: Wanted = any;
  eachSyntax(item, (node) => {
    if (found.kind !== 'any' || node.kind !== 'call' || !('callee' in node) || node.callee.kind !== 'name')
      return;
    node.args.forEach((arg, at) => {
      const use = useOf(arg, param);
      if (use === null || found.kind !== 'any') return;
      const inner = node.callee.kind === 'name' ? calleeWants(cx, node.callee.name.text, at, depth + 1) : any;
      if (inner.kind === 'lock') found = { ...inner, place: use === 'address' };
    });
  });
  return found;
}

function calleeWants(cx: Context, name: string, index: number, depth: number): Wanted {
  const declaration = cx.name(name);
  if (declaration?.kind === 'function') return parameterWants(cx, declaration, index);
  if (declaration?.kind === 'macro') return macroWants(cx, declaration, index, depth);
  return lockIntrinsics.has(name)
    ? { kind: 'lock', lock: null, use: 'look', shared: name === '__readers', place: false }
    : any;
}

function useOf(arg: Argument, param: string): 'value' | 'address' | null {
  if (arg.kind === 'name') return arg.name.text === param ? 'value' : null;
  return arg.kind === 'unary' &&
    arg.operator === '&' &&
    arg.value.kind === 'name' &&
    arg.value.name.text === param
    ? 'address'
    : null;
}
