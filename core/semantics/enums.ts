/** Enums and their enumerators. */

import type { TagType } from '../syntax/ast.ts';
import { constant, intType, longType, unsignedLongType, unsignedType } from './conversions.ts';
import { type Context, contextOf, deeper } from './context.ts';
import { type EnumDeclaration, locIn } from './environment.ts';
import type { Expr } from './hir.ts';
import { checkInteger } from './integers.ts';
import { didYouMean } from './nearest.ts';
import { tagName } from './typeExpressions.ts';
import type { IntType, Type } from './types.ts';

/** The type of `enum …` as written, declared before or here. */
export function enumOf(cx: Context, node: TagType): Type | null {
  if (node.enumerators !== null) {
    const known = cx.env.enumByNode.get(node);
    if (known !== undefined) return completeEnum(cx, known);
    return defineLocalEnum(cx, node);
  }
  const name = tagName(cx, node);
  if (name === null || name.text === '') return null;
  const local = cx.scope.findTag(name.text, name.frame);
  if (local !== null) {
    cx.used(name, { kind: 'tag', type: local });
    return local;
  }
  const declaration = cx.enumNamed(name.text);
  if (declaration !== undefined) {
    cx.used(name, { kind: 'declared', declaration });
    return completeEnum(cx, declaration);
  }
  cx.report(
    'unknown-name',
    node,
    `unknown enum '${name.text}'${didYouMean(name.text, cx.everything().enums.keys())}`,
  );
  return null;
}

/** The enumerator as a constant; null while its own enum is being worked out. */
export function enumeratorValue(
  cx: Context,
  of: EnumDeclaration,
  name: string,
  loc: Expr['loc'],
): Expr | null {
  if (of.state === 'new') completeEnum(cx, of);
  const value = of.values.get(name);
  return value === undefined ? null : constant(value, enumeratorType(value), loc);
}

/** Works out the values of an enum of file scope. */
function completeEnum(cx: Context, declaration: EnumDeclaration): IntType {
  if (declaration.type !== null) return declaration.type;
  if (declaration.state === 'busy') return intType;
  declaration.state = 'busy';
  const own = contextOf(cx.env, declaration);
  const shown = declaration.name.startsWith('<') ? 'enum' : `enum ${declaration.name}`;
  const { node, values } = declaration;
  const type = deeper(own, node, 6, () => evaluate(own, node, values, shown, () => undefined)) ?? intType;
  declaration.type = type;
  declaration.state = 'done';
  return type;
}

function defineLocalEnum(cx: Context, node: TagType): IntType {
  const name = tagName(cx, node);
  const values = new Map<string, bigint>();
  const type = evaluate(
    cx,
    node,
    values,
    name === null ? 'enum' : `enum ${name.text}`,
    (text, span, value) => {
      const entry = {
        kind: 'constant' as const,
        value: constant(value, enumeratorType(value), cx.loc(span)),
      };
      if (!cx.declare({ text, span, frame: cx.frame }, entry))
        cx.report('duplicate-name', span, `'${text}' is already declared in this block`);
    },
  );
  if (name !== null && name.text !== '') {
    cx.env.recorder?.declareTag(cx, name, type);
    cx.scope.declareTag(name.text, name.frame, type);
  }
  return type;
}

function evaluate(
  cx: Context,
  node: TagType,
  values: Map<string, bigint>,
  name: string,
  declare: (name: string, span: { start: number; end: number }, value: bigint) => void,
): IntType {
  let next = 0n;
  for (const enumerator of node.enumerators ?? []) {
    const given = enumerator.value === null ? next : checkInteger(cx, enumerator.value, 'an enumerator');
    const value = given ?? next;
    if (enumerator.name.text !== '' && !values.has(enumerator.name.text)) {
      values.set(enumerator.name.text, value);
      declare(enumerator.name.text, enumerator.name, value);
    }
    next = value + 1n;
  }
  const all = [...values.values()];
  const negative = all.some((value) => value < 0n);
  const wide = all.some((value) => value > (negative ? 0x7fffffffn : 0xffffffffn) || value < -0x80000000n);
  // As gcc does: unsigned unless some value is negative, 64 bits only when 32 do not hold them.
  const base = wide ? (negative ? longType : unsignedLongType) : negative ? intType : unsignedType;
  return { ...base, name, enumerators: values };
}

function enumeratorType(value: bigint): IntType {
  if (value >= -0x80000000n && value <= 0x7fffffffn) return intType;
  if (value >= 0n && value <= 0xffffffffn) return unsignedType;
  return value < 1n << 63n ? longType : unsignedLongType;
}

/** Registers an enum of file scope, so that its enumerators can be found by name. */
export function enumDeclaration(home: EnumDeclaration['home'], node: TagType, name: string): EnumDeclaration {
  return {
    name,
    home,
    loc: locIn(home, node.name ?? node),
    node,
    kind: 'enum',
    state: 'new',
    values: new Map(),
    type: null,
  };
}
