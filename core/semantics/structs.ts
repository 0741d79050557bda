/** Structs and unions: finding, defining and completing them. */

import type { FieldItem, Span, TagType } from '../syntax/ast.ts';
import { type Context, contextOf, deeper } from './context.ts';
import { newUnit } from './dependencies.ts';
import { pointerTo } from './conversions.ts';
import { foldCondition } from './conditions.ts';
import {
  declarationOf,
  type Environment,
  locIn,
  type Mutable,
  rememberStruct,
  type StructDeclaration,
  unnamed,
} from './environment.ts';
import type { Loc } from './hir.ts';
import { checkRange, checkSmall } from './integers.ts';
import { layOut, type Member } from './layout.ts';
import { didYouMean } from './nearest.ts';
import { resolveType, tagName } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import { sizeOf, type Field, type StructType, type Type } from './types.ts';

/** The type of `struct …` or `union …` as written, declared before or here. */
export function structOf(cx: Context, node: TagType): StructType | null {
  if (node.fields !== null) {
    const known = cx.frame === null ? cx.env.structByNode.get(node) : undefined;
    if (known !== undefined) return known.type;
    return defineHere(cx, node);
  }
  const name = tagName(cx, node);
  if (name === null || name.text === '') return null;
  const local = cx.scope.findTag(name.text, name.frame);
  if (local?.kind === 'struct') {
    cx.used(name, { kind: 'tag', type: local });
    return local;
  }
  const declaration = cx.struct(name.text);
  if (declaration === undefined) {
    cx.used(name, { kind: 'absent', space: 'tag' });
    cx.report(
      'unknown-name',
      node,
      `unknown ${node.tag} '${name.text}'${didYouMean(name.text, cx.everything().structs.keys())}`,
    );
    return null;
  }
  cx.used(name, { kind: 'declared', declaration });
  if (declaration.type.union !== (node.tag === 'union')) {
    const really = declaration.type.union ? 'union' : 'struct';
    cx.report('type-mismatch', node, `'${name.text}' is a ${really}, not a ${node.tag}`, [
      { message: 'declared here', loc: declaration.loc },
    ]);
    return null;
  }
  return declaration.type;
}

/** Lays out whatever structs the type contains by value; false when that is impossible, which is reported. */
export function completeType(cx: Context, type: Type, span: Span): boolean {
  if (type.kind === 'array') return completeType(cx, type.of, span);
  if (type.kind !== 'struct') return true;
  const declaration = declarationOf(type);
  if (declaration === undefined || declaration.state === 'done' || declaration.state === 'annotated')
    return true;
  if (declaration.state === 'opaque') {
    cx.report(
      'bad-declaration',
      span,
      `'${typeName(type)}' is declared without its fields, so only pointers to it can be used`,
      [{ message: 'declared here', loc: declaration.loc }],
    );
    return false;
  }
  if (declaration.state === 'busy') {
    cx.report('bad-declaration', span, `'${typeName(type)}' contains itself`);
    return false;
  }
  completeStruct(cx.env, declaration);
  return true;
}

export function completeStruct(env: Environment, declaration: StructDeclaration): void {
  if (declaration.state !== 'new') return;
  const cx = contextOf(env, declaration);
  deeper(cx, declaration.node, 8, () => fill(cx, declaration));
}

/** A definition at file scope: its type exists at once, its fields when they are needed. */
export function declareStruct(
  env: Environment,
  home: StructDeclaration['home'],
  node: TagType,
  name: string,
): StructDeclaration {
  const declaration = newStruct(home, locIn(home, node.name ?? node), node, name);
  env.structByNode.set(node, declaration);
  home.unit.declared.push(declaration);
  env.allStructs.push(declaration);
  return declaration;
}

/** A field by name, with the anonymous members that lead to it; null when there is none. */
export function findField(type: StructType, name: string): readonly Field[] | null {
  for (const field of type.fields) {
    if (field.name === name && !field.anonymous) return [field];
  }
  for (const field of type.fields) {
    if (!field.anonymous || field.type.kind !== 'struct') continue;
    const inner = findField(field.type, name);
    if (inner !== null) return [field, ...inner];
  }
  return null;
}

/** "has no member", unless a field of the struct is wrong itself. */
export function reportNoMember(cx: Context, type: StructType, name: string, span: Span): void {
  if (isBroken(cx, type)) return;
  cx.report(
    'unknown-name',
    span,
    `'${typeName(type)}' has no member '${name}'${didYouMean(name, fieldNames(type))}`,
  );
}

function isBroken(cx: Context, type: StructType): boolean {
  if (declarationOf(type)?.isBroken === true) return true;
  return type.fields.some(
    (field) => field.anonymous && field.type.kind === 'struct' && isBroken(cx, field.type),
  );
}

/** Names of all fields, those of anonymous members included. */
export function* fieldNames(type: StructType): Iterable<string> {
  for (const field of type.fields) {
    if (!field.anonymous) yield field.name;
    else if (field.type.kind === 'struct') yield* fieldNames(field.type);
  }
}

// ---------------------------------------------------------------- definition

/** A definition inside a function, a macro or another struct: complete at once. */
function defineHere(cx: Context, node: TagType): StructType {
  const name = tagName(cx, node);
  const home = { ...(cx.frame === null ? cx.home : cx.frame.home), unit: newUnit('', '') };
  const declaration = newStruct(home, cx.loc(node.name ?? node), node, name?.text || unnamed(home, node));
  if (cx.frame === null) cx.env.structByNode.set(node, declaration);
  if (name !== null && name.text !== '') cx.env.recorder?.declareTag(cx, name, declaration.type);
  if (name !== null && name.text !== '' && !cx.scope.declareTag(name.text, name.frame, declaration.type)) {
    cx.report('duplicate-name', node, `'${node.tag} ${name.text}' is already declared in this block`);
  }
  fill(cx, declaration);
  return declaration.type;
}

function newStruct(
  home: StructDeclaration['home'],
  loc: Loc,
  node: TagType,
  name: string,
): StructDeclaration {
  const type: Mutable<StructType> = {
    kind: 'struct',
    union: node.tag === 'union',
    name,
    fields: [],
    size: 0,
    align: 1,
    lock: null,
    self: null,
  };
  const state = node.fields === null ? 'opaque' : 'new';
  const declaration: StructDeclaration = {
    kind: 'struct',
    name,
    home,
    loc,
    node,
    state,
    isBroken: false,
    type,
  };
  rememberStruct(declaration);
  return declaration;
}

function fill(cx: Context, declaration: StructDeclaration): void {
  declaration.state = 'busy';
  const members: { readonly member: Member; readonly item: FieldItem & { kind: 'field' } }[] = [];
  const seen = new Map<string, Loc>();
  for (const item of activeFields(cx, declaration.node.fields ?? [])) {
    const member = memberOf(cx, item, declaration.type.union);
    if (member === null) {
      declaration.isBroken ||= item.name !== null;
      continue;
    }
    for (const { name, loc } of namesOf(cx, member, item)) {
      const first = seen.get(name);
      if (first !== undefined) {
        cx.reportAt('duplicate-name', loc, `the ${declaration.node.tag} has two members '${name}'`, [
          { message: 'the other one', loc: first },
        ]);
      } else seen.set(name, loc);
    }
    members.push({ member, item });
  }
  const layout = layOut(
    members.map(({ member }) => member),
    declaration.type.union,
  );
  declaration.type.fields = layout.fields.map((field) => ({ ...field, annotations: [] }));
  declaration.type.size = layout.size;
  declaration.type.align = layout.align;
  if (members.some(({ item }) => item.annotations.length > 0)) {
    declaration.type.self = {
      kind: 'local',
      id: 0,
      name: 'this',
      type: pointerTo(declaration.type),
      ghost: false,
      range: null,
      loc: declaration.loc,
    };
  }
  declaration.state = 'done';
}

/** Fields of the variant: those under a `when` that does not hold are not there. */
export function* activeFields(
  cx: Context,
  fields: readonly FieldItem[],
): Iterable<FieldItem & { kind: 'field' }> {
  for (const field of fields) {
    if (field.kind === 'field') yield field;
    else if (foldCondition(cx, field.condition, "a field's 'when'")) yield* activeFields(cx, field.fields);
  }
}

function* namesOf(
  cx: Context,
  member: Member,
  item: FieldItem & { kind: 'field' },
): Iterable<{ name: string; loc: Loc }> {
  if (member.anonymous && member.type.kind === 'struct') {
    for (const name of fieldNames(member.type)) yield { name, loc: cx.loc(item) };
  } else if (member.name !== '') yield { name: member.name, loc: cx.loc(item.name ?? item) };
}

function memberOf(cx: Context, item: FieldItem & { kind: 'field' }, inUnion: boolean): Member | null {
  const type = resolveType(cx, item.type);
  if (type === null) return null;
  if (type.kind === 'void' || type.kind === 'function') {
    cx.report('bad-declaration', item, `a field cannot have the type '${typeName(type)}'`);
    return null;
  }
  if (!completeType(cx, type, item)) return null;
  if (item.ghost && inUnion) {
    cx.report(
      'bad-declaration',
      item,
      'a member of a union cannot be ghost: it would share memory with the others',
    );
    return null;
  }
  const name = item.name === null ? '' : item.name.text;
  if (item.bits !== null) return bitField(cx, item, type, name);
  if (item.name === null && type.kind !== 'struct') {
    // `enum { A, B };` inside a struct only declares the enumerators.
    if (type.kind !== 'int' || type.enumerators === null)
      cx.report('bad-declaration', item, 'a field needs a name');
    return null;
  }
  return {
    name,
    type,
    bits: null,
    ghost: item.ghost,
    anonymous: item.name === null,
    range: checkRange(cx, item.range, item.ghost),
  };
}

function bitField(cx: Context, item: FieldItem & { kind: 'field' }, type: Type, name: string): Member | null {
  if (item.bits === null) return null;
  if (type.kind !== 'int') {
    cx.report('bad-declaration', item, `a bit-field must have an integer type, not '${typeName(type)}'`);
    return null;
  }
  const most = type.bool ? 1 : sizeOf(type) * 8;
  const width = checkSmall(cx, item.bits, 0, most, `the width of a bit-field of '${typeName(type)}'`);
  if (width === null) return null;
  if (width === 0 && name !== '') {
    cx.report('bad-declaration', item.bits, 'a bit-field of width 0 cannot have a name');
    return null;
  }
  const ghost = item.ghost;
  return { name, type, bits: width, ghost, anonymous: false, range: checkRange(cx, item.range, ghost) };
}
