/** `__must_hold(l)`, `__guarded_by(l)` and their kin, with the kernel's names. */

import type { Annotation, Expression, FieldItem } from '../syntax/ast.ts';
import { type Context, contextOf } from './context.ts';
import { constant, intType } from './conversions.ts';
import { declarationOf, type Environment, type StructDeclaration } from './environment.ts';
import { checkExpression, readOf } from './expressions.ts';
import type { Expr, HirAnnotation, LValue } from './hir.ts';
import { checkConstant } from './integers.ts';
import { addressOf, derefOf, fieldPlace } from './lvalues.ts';
import { didYouMean } from './nearest.ts';
import { activeFields, fieldNames, findField } from './structs.ts';
import { typeName } from './typeName.ts';
import type { LocalVariable } from './hir.ts';
import type { Field, StructType, Type } from './types.ts';

type Place = 'function' | 'variable' | 'field';

interface Rule {
  readonly locks: 'none' | 'one' | 'some';
  /** A value that the function returns comes first. */
  readonly result: boolean;
  readonly on: readonly Place[];
}

const everywhere: readonly Place[] = ['function', 'variable', 'field'];
const data: readonly Place[] = ['variable', 'field'];

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...many(
    [
      '__must_hold',
      '__must_hold_shared',
      '__must_not_hold',
      '__acquires',
      '__acquires_shared',
      '__releases',
      '__releases_shared',
    ],
    {
      locks: 'some',
      result: false,
      on: ['function'],
    },
  ),
  ...many(['__cond_acquires', '__cond_acquires_shared'], { locks: 'one', result: true, on: ['function'] }),
  ...many(['__guarded_by', '__pt_guarded_by', '__acquired_after', '__acquired_before', '__nested_in'], {
    locks: 'some',
    result: false,
    on: data,
  }),
  ...many(['__leaf'], { locks: 'none', result: false, on: data }),
  ...many(['__downgrades', '__synchronizes'], { locks: 'one', result: false, on: ['function'] }),
  ...many(['__subclass', '__restores_irqs', '__nest_lock'], {
    locks: 'none',
    result: true,
    on: ['function'],
  }),
  ...many(['__disables_irqs', '__enables_irqs', '__disables_bh', '__enables_bh'], {
    locks: 'none',
    result: false,
    on: ['function'],
  }),
  ...many(['__no_barrier'], { locks: 'none', result: false, on: ['function'] }),
  ...many(['__per_thread', '__per_cpu'], { locks: 'none', result: false, on: ['variable'] }),
  ...many(['__data_racy'], { locks: 'none', result: false, on: everywhere }),
]);

function many(names: readonly string[], rule: Rule): [string, Rule][] {
  return names.map((name) => [name, rule]);
}

/** What C does not know, and would be missed if it were dropped like other attributes. */
const destructors: ReadonlySet<string> = new Set(['__free', '__cleanup']);

/** Words for "some other value than 0" that `__cond_acquires` may name. */
const resultWords: ReadonlyMap<string, bigint> = new Map([
  ['nonzero', 1n],
  ['nonnull', 1n],
  ['zero', 0n],
]);

/** What may be said of such a declaration, with what stands in the parentheses. */
export function annotationNames(
  on: Place,
): readonly { readonly name: string; readonly params: readonly string[] }[] {
  return [...rules].flatMap(([name, rule]) => {
    if (!rule.on.includes(on)) return [];
    const params = [...(rule.result ? ['value'] : []), ...(rule.locks === 'none' ? [] : ['lock'])];
    return [{ name, params }];
  });
}

/** Annotations of a function, its parameters visible in the scope. */
export function checkFunctionAnnotations(
  cx: Context,
  annotations: readonly Annotation[],
): readonly HirAnnotation[] {
  return checkAll(cx, annotations, 'function');
}

export function checkVariableAnnotations(
  cx: Context,
  annotations: readonly Annotation[],
): readonly HirAnnotation[] {
  return checkAll(cx, annotations, 'variable');
}

/** Gives the fields of a struct their annotations; names in them are sibling fields first. */
export function checkFieldAnnotations(env: Environment, declaration: StructDeclaration): void {
  if (declaration.state !== 'done') return;
  declaration.state = 'annotated';
  const cx = contextOf(env, declaration);
  annotateFields(cx, declaration, declaration.type, []);
}

function annotateFields(
  cx: Context,
  declaration: StructDeclaration,
  outer: StructType,
  path: readonly Field[],
): void {
  const fields: Field[] = [...declaration.type.fields];
  let changed = false;
  for (const item of activeFields(cx, declaration.node.fields ?? [])) {
    if (item.name === null && item.type.kind === 'tag' && item.type.fields !== null) {
      const inner = cx.env.structByNode.get(item.type);
      const field = fields.find((each) => each.anonymous && each.type === inner?.type);
      if (inner !== undefined && field !== undefined) annotateFields(cx, inner, outer, [...path, field]);
      continue;
    }
    if (item.annotations.length === 0) continue;
    const index = fields.findIndex((each) => each.name === item.name?.text && !each.anonymous);
    const field = fields[index];
    const annotations = checkAnnotationsIn(cx, outer, item);
    if (field === undefined || annotations === null) continue;
    fields[index] = { ...field, annotations };
    changed = true;
  }
  if (changed) declaration.type.fields = fields;
}

/** Annotations of one field of an object of type `outer`. */
export function checkAnnotationsIn(
  cx: Context,
  outer: StructType,
  item: FieldItem & { kind: 'field' },
): readonly HirAnnotation[] | null {
  const self = outer.self ?? selfOf(outer);
  if (self === null) return null;
  return cx.inScope(item, () => {
    declareSiblings(cx, outer, self);
    return checkAll(cx, item.annotations, 'field');
  });
}

/** The pointer that stands for the object around a field. */
function selfOf(struct: StructType): LocalVariable | null {
  const declaration = declarationOf(struct);
  if (declaration === undefined) return null;
  const self: LocalVariable = {
    kind: 'local',
    id: 0,
    name: 'this',
    type: { kind: 'pointer', to: struct },
    ghost: false,
    range: null,
    loc: declaration.loc,
  };
  declaration.type.self = self;
  return self;
}

function declareSiblings(cx: Context, struct: StructType, self: LocalVariable): void {
  const { loc, type } = self;
  const object = derefOf(
    { kind: 'read', place: { kind: 'local', variable: self, type, loc }, type, loc },
    loc,
  );
  for (const name of fieldNames(struct)) {
    const path = findField(struct, name);
    if (path !== null) cx.scope.declare(name, null, { kind: 'member', place: fieldPlace(object, path, loc) });
  }
}

// ---------------------------------------------------------------- one annotation

function checkAll(cx: Context, annotations: readonly Annotation[], on: Place): readonly HirAnnotation[] {
  return annotations.flatMap((annotation) => {
    const checked = checkAnnotation(cx, annotation, on);
    return checked === null ? [] : [checked];
  });
}

function checkAnnotation(cx: Context, annotation: Annotation, on: Place): HirAnnotation | null {
  const name = annotation.name.text;
  const rule = rules.get(name);
  if (rule === undefined) {
    cx.report(
      'unknown-name',
      annotation.name,
      destructors.has(name)
        ? `'${name}' does nothing here: there are no destructors; clean up on every way out`
        : `unknown annotation '${name}'${didYouMean(name, rules.keys())}`,
    );
    return null;
  }
  if (!rule.on.includes(on)) {
    cx.report(
      'misplaced',
      annotation,
      `'${name}' says nothing about a ${on}; it belongs to a ${rule.on.join(' or ')}`,
    );
    return null;
  }
  const count = annotation.args.length - (rule.result ? 1 : 0);
  if (rule.locks === 'none' ? count !== 0 : rule.locks === 'one' ? count !== 1 : count < 1) {
    const wanted =
      rule.locks === 'none'
        ? rule.result
          ? 'one value'
          : 'no arguments'
        : rule.result
          ? 'a result and a lock'
          : rule.locks === 'one'
            ? 'one lock'
            : 'a lock';
    cx.report('wrong-arguments', annotation, `'${name}' takes ${wanted}`);
    return null;
  }
  const args: Expr[] = [];
  for (const [index, argument] of annotation.args.entries()) {
    const checked =
      !rule.result || index > 0
        ? lockArgument(cx, argument)
        : rule.locks === 'none'
          ? valueArgument(cx, argument)
          : resultArgument(cx, argument);
    if (checked === null) return null;
    args.push(checked);
  }
  return { name, args, loc: cx.loc(annotation) };
}

function resultArgument(cx: Context, argument: Expression): Expr | null {
  const word = argument.kind === 'name' ? resultWords.get(argument.name.text) : undefined;
  if (word !== undefined) return constant(word, intType, cx.loc(argument));
  return checkConstant(cx, argument, 'the result that acquires');
}

/** A parameter of the function, or an expression over them: a subclass, saved flags. */
function valueArgument(cx: Context, argument: Expression): Expr | null {
  const checked = checkExpression(cx, argument);
  if (checked === null) return null;
  return checked.kind === 'value' ? checked.value : readOf(cx, checked.place, cx.loc(argument));
}

/** The address of a lock, whether `l`, `&l` or a pointer to it is written. */
export function lockArgument(cx: Context, argument: Expression): Expr | null {
  const checked = checkExpression(cx, argument);
  if (checked === null) return null;
  const address: Expr = checked.kind === 'value' ? checked.value : addressOfLock(cx, checked.place, argument);
  const pointee: Type | null = address.type.kind === 'pointer' ? address.type.to : null;
  if (pointee?.kind === 'struct' && pointee.lock !== null) return address;
  const found = checked.kind === 'value' ? checked.value.type : checked.place.type;
  cx.report(
    'type-mismatch',
    argument,
    `expected a lock, found '${typeName(found)}', which no lock_type declares`,
  );
  return null;
}

function addressOfLock(cx: Context, place: LValue, argument: Expression): Expr {
  const loc = cx.loc(argument);
  return place.type.kind === 'pointer' || place.type.kind === 'array'
    ? readOf(cx, place, loc)
    : addressOf(place, loc);
}
