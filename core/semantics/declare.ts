/** Entering what items declare. */

import type { FieldItem, Item, Name, TypeExpr } from '../syntax/ast.ts';
import { Context } from './context.ts';
import { integer, intType } from './conversions.ts';
import { newUnit } from './dependencies.ts';
import { enumDeclaration } from './enums.ts';
import {
  type ActiveItem,
  type Declaration,
  type DeclaredHome,
  type Environment,
  type EventDeclaration,
  locIn,
  unnamed,
} from './environment.ts';
import { declareFunction } from './functions.ts';
import { isLibrary } from './imports.ts';
import { activeFields, declareStruct } from './structs.ts';
import type { IntType } from './types.ts';

export function declareItem(env: Environment, active: ActiveItem<Item>): void {
  const { item, doc, signature } = active;
  if (item.kind === 'actor') {
    declareActor(env, item, active);
    return;
  }
  if (signature === '') return;
  const unit = newUnit(active.place, signature);
  const home: DeclaredHome = { ...active.home, unit };
  env.units.set(unit.key, unit);
  declareIn(env, item, home, doc);
}

function declareIn(env: Environment, item: Item, home: DeclaredHome, doc: string): void {
  switch (item.kind) {
    case 'option':
      declareOption(env, item, home);
      return;
    case 'setting': {
      const values = item.values?.map((value) => value.text) ?? null;
      const type = valueType(item.name.text, item.values);
      declare(env, item.name, {
        kind: 'setting',
        ...named(item, home),
        item,
        values,
        type,
        given: null,
        resolved: null,
      });
      return;
    }
    case 'macro':
      declare(env, item.name, { kind: 'macro', ...named(item, home), item });
      return;
    case 'type':
      declareTypes(env, home, item.type, true);
      return;
    case 'typedef':
      declareTypes(env, home, item.type, false, item.name.text);
      declare(env, item.name, { kind: 'typedef', ...named(item, home), item, state: 'new', type: null });
      return;
    case 'variable':
      for (const declarator of item.declarators) {
        declareTypes(env, home, declarator.type);
        declareVariable(env, item, declarator, home, doc);
      }
      return;
    case 'pool':
      declareTypes(env, home, item.type);
      declare(env, item.name, { kind: 'pool', ...named(item, home), item, state: 'new', pool: null });
      return;
    case 'vcpu-state':
      declareVcpuState(env, item, home, doc);
      return;
    case 'function':
      declareTypes(env, home, item.returns);
      declareFunction(env, item, home, doc);
      return;
    case 'event':
      declareEvent(env, item, home);
      return;
    case 'lock-type':
      env.lockTypes.push({ item, home });
      return;
    default:
      return;
  }
}

function named(
  item: { readonly name: Name },
  home: DeclaredHome,
): { name: string; home: DeclaredHome; loc: Declaration['loc'] } {
  return { name: item.name.text, home, loc: locIn(home, item.name) };
}

/** Enters a name of the one C namespace; false, with a finding, when it is taken. */
function declare(env: Environment, name: Name, declaration: Declaration): boolean {
  if (name.text === '') return false;
  declaration.home.unit.declared.push(declaration);
  const other = env.names.get(name.text);
  if (other !== undefined && !isHideable(other)) {
    duplicate(env, declaration, other);
    return false;
  }
  env.names.set(name.text, declaration);
  return true;
}

/** Told at the one of the scenario, when the other is the library's. */
export function duplicate(env: Environment, second: Declared, first: Declared): void {
  const [one, other] =
    isLibrary(second.loc.uri) && !isLibrary(first.loc.uri) ? [first, second] : [second, first];
  const { name } = second;
  if (!isLibrary(other.loc.uri) || isLibrary(one.loc.uri)) {
    const related = [{ message: 'the other declaration', loc: other.loc }];
    env.report('duplicate-name', one.loc, `'${name}' is declared twice`, related);
    return;
  }
  const advice =
    other.kind === 'function' && one.kind === 'function'
      ? "write 'override' before this one to replace it"
      : 'choose another name';
  env.report(
    'duplicate-name',
    one.loc,
    `'${name}' is declared twice: ${libraryKinds[other.kind ?? ''] ?? 'one'} of the library has this name; ${advice}`,
    [{ message: 'the declaration of the library', loc: other.loc }],
  );
}

interface Declared {
  readonly name: string;
  readonly loc: Declaration['loc'];
  readonly kind?: string;
}

const libraryKinds: Readonly<Record<string, string>> = {
  function: 'a function',
  macro: 'a macro',
  variable: 'a variable',
  typedef: 'a type',
  setting: 'a setting',
};

/** `true`, `false` and `NULL` may be defined again, as the kernel's headers do. */
function isHideable(declaration: Declaration): boolean {
  return declaration.kind === 'predefined' && declaration.name !== 'NR_VCPUS';
}

function declareOption(env: Environment, item: Item & { kind: 'option' }, home: DeclaredHome): void {
  const values = item.values.map((value) => value.text).filter((value) => value !== '');
  for (const [index, value] of item.values.entries()) {
    if (value.text === '' || values.indexOf(value.text) === index) continue;
    const message = `option '${item.name.text}' has the value '${value.text}' twice`;
    env.report('duplicate-name', locIn(home, value), message);
  }
  const chosen = env.variant.options.get(item.name.text) ?? values[0] ?? '';
  home.unit.text += ` = ${chosen}`;
  declare(env, item.name, {
    kind: 'option',
    ...named(item, home),
    values,
    chosen,
    type: valueType(item.name.text, item.values),
  });
}

function declareVariable(
  env: Environment,
  item: Item & { kind: 'variable' },
  declarator: (Item & { kind: 'variable' })['declarators'][number],
  home: DeclaredHome,
  doc: string,
): void {
  const { name } = declarator;
  const other = env.names.get(name.text);
  const fresh: Declaration = {
    kind: 'variable',
    ...named(declarator, home),
    item,
    declarator,
    doc,
    state: 'new',
    variable: null,
    value: 'unknown',
  };
  // `extern` announces; the declaration without it defines.
  if (other?.kind === 'variable' && (item.isExtern || other.item.isExtern)) {
    home.unit.declared.push(fresh);
    if (other.item.isExtern) env.names.set(name.text, fresh);
    return;
  }
  declare(env, name, fresh);
}

function declareVcpuState(
  env: Environment,
  item: Item & { kind: 'vcpu-state' },
  home: DeclaredHome,
  doc: string,
): void {
  declareTypes(env, home, item.type);
  const declaration: Declaration = {
    kind: 'vcpu-state',
    ...named(item, home),
    item,
    doc,
    state: 'new',
    variable: null,
  };
  const first = env.vcpuStates[0];
  if (first !== undefined) {
    const related = [{ message: 'declared here', loc: first.loc }];
    env.report('bad-declaration', declaration.loc, 'there is only one state of a vCPU', related);
    return;
  }
  if (declare(env, item.name, declaration)) env.vcpuStates.push(declaration);
}

function declareEvent(env: Environment, item: Item & { kind: 'event' }, home: DeclaredHome): void {
  if (item.name.text === '') return;
  const declaration: EventDeclaration = {
    kind: 'event',
    ...named(item, home),
    item,
    state: 'new',
    params: [],
  };
  home.unit.declared.push(declaration);
  const other = env.events.get(declaration.name);
  if (other !== undefined) duplicate(env, declaration, other);
  else env.events.set(declaration.name, declaration);
}

/** Actors are never taken over from an earlier environment: little depends on them. */
function declareActor(env: Environment, item: Item & { kind: 'actor' }, { home }: ActiveItem<Item>): void {
  if (item.name.text === '') return;
  const declaration = { ...named(item, { ...home, unit: newUnit('', '') }), item, range: null };
  const other = env.actors.get(declaration.name);
  if (other !== undefined) duplicate(env, declaration, other);
  else env.actors.set(declaration.name, declaration);
}

function valueType(name: string, values: readonly Name[] | null): IntType {
  if (values === null) return intType;
  const enumerators = new Map(values.map((value, index) => [value.text, BigInt(index)]));
  return { ...integer(32, false, name), enumerators };
}

// ---------------------------------------------------------------- types inside declarations

/** Declares the structs, unions and enums that are defined inside a type, with their enumerators. */
function declareTypes(
  env: Environment,
  home: DeclaredHome,
  type: TypeExpr | null,
  alone = false,
  shownAs: string | null = null,
): void {
  if (type === null) return;
  if (type.kind === 'pointer') declareTypes(env, home, type.to);
  else if (type.kind === 'array') declareTypes(env, home, type.of);
  else if (type.kind === 'function') declareTypes(env, home, type.returns);
  // The declarators of one declaration share its type.
  if (type.kind !== 'tag' || env.structByNode.has(type) || env.enumByNode.has(type)) return;
  const name = type.name?.text ?? '';
  if (type.enumerators !== null) declareEnum(env, home, type, name);
  else if (type.fields !== null) {
    const other = name === '' ? undefined : env.structs.get(name);
    if (other?.state !== undefined && other.state !== 'opaque')
      duplicate(env, { name: `${type.tag} ${name}`, loc: locIn(home, type.name ?? type) }, other);
    const declaration = declareStruct(env, home, type, name || shownAs || unnamed(home, type));
    if (name !== '' && (other === undefined || other.state === 'opaque')) env.structs.set(name, declaration);
    declareFields(env, home, type.fields);
  } else if (alone && name !== '' && type.tag !== 'enum' && !env.structs.has(name)) {
    env.structs.set(name, declareStruct(env, home, type, name));
  }
}

/** Types that are defined inside fields belong to the file, as in C. */
function declareFields(env: Environment, home: DeclaredHome, fields: readonly FieldItem[]): void {
  if (!fields.some(definesType)) return;
  const cx = new Context(env, home, [], null);
  for (const field of activeFields(cx, fields)) {
    // Anonymous members are completed together with the struct around them.
    if (field.type.kind === 'tag' && field.type.name === null && field.type.fields !== null)
      declareFields(env, home, field.type.fields);
    else declareTypes(env, home, field.type);
  }
}

function definesType(field: FieldItem): boolean {
  if (field.kind === 'when') return field.fields.some(definesType);
  let type: TypeExpr = field.type;
  while (type.kind === 'array' || type.kind === 'pointer') type = type.kind === 'array' ? type.of : type.to;
  return type.kind === 'tag' && (type.fields !== null || type.enumerators !== null);
}

function declareEnum(
  env: Environment,
  home: DeclaredHome,
  type: TypeExpr & { kind: 'tag' },
  name: string,
): void {
  const declaration = enumDeclaration(home, type, name || '<enum>');
  env.enumByNode.set(type, declaration);
  env.allEnums.push(declaration);
  home.unit.declared.push(declaration);
  if (name !== '') {
    const other = env.enums.get(name);
    if (other !== undefined) duplicate(env, { name: `enum ${name}`, loc: declaration.loc }, other);
    else env.enums.set(name, declaration);
  }
  for (const enumerator of type.enumerators ?? []) {
    declare(env, enumerator.name, {
      kind: 'enumerator',
      name: enumerator.name.text,
      home,
      loc: locIn(home, enumerator.name),
      of: declaration,
    });
  }
}
