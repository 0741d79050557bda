/** From the items of a variant to its environment of declarations. */

import type { FieldItem, Item, Name, TypeExpr } from '../syntax/ast.ts';
import { conditionalItems, plainItems } from './activeItems.ts';
import { checkFieldAnnotations } from './annotations.ts';
import { actorInstances } from './actors.ts';
import { Context } from './context.ts';
import { integer, intType, pointerTo, voidType } from './conversions.ts';
import {
  finishVariable,
  functionType,
  eventParams,
  poolOf,
  resolveTypedef,
  settingValue,
  variableOf,
  vcpuStateOf,
} from './declarations.ts';
import { enumDeclaration, enumOf } from './enums.ts';
import { type ActiveItem, type Declaration, Environment, locIn } from './environment.ts';
import { checkRedeclarations, declareFunction } from './functions.ts';
import { checkLockTypes } from './lockTypes.ts';
import { didYouMean } from './nearest.ts';
import { memoryModels, profileKey, profileValues, type Variant } from './options.ts';
import type { Home } from './scope.ts';
import { docAbove, type Project } from './snapshot.ts';
import { activeFields, completeStruct, declareStruct } from './structs.ts';
import type { IntType, Type } from './types.ts';

/** Declares everything, then works out every type, constant and initialiser; findings are in the environment. */
export function collect(project: Project, variant: Variant): Environment {
  const env = new Environment(variant);
  predefine(env, project);
  for (const active of plainItems(project)) declareItem(env, project, active);
  for (const active of plainItems(project)) giveSettings(env, active);
  for (const active of conditionalItems(project, env)) declareItem(env, project, active);
  for (const active of conditionalItems(project, env)) giveSettings(env, active);
  countVcpus(env);
  resolveAll(env);
  return env;
}

function resolveAll(env: Environment): void {
  for (const declaration of env.structs.values()) completeStruct(env, declaration);
  for (const declaration of env.allStructs) completeStruct(env, declaration);
  for (const declaration of env.names.values()) resolveDeclaration(env, declaration);
  for (const declaration of env.allEnums)
    enumOf(new Context(env, declaration.home, env.findings, null), declaration.node);
  for (const declaration of env.events.values()) eventParams(env, declaration);
  checkRedeclarations(env);
  checkLockTypes(env);
  for (const declaration of env.names.values())
    if (declaration.kind === 'variable') finishVariable(env, declaration);
  for (const declaration of env.allStructs) checkFieldAnnotations(env, declaration);
}

function resolveDeclaration(env: Environment, declaration: Declaration): void {
  if (declaration.kind === 'typedef') resolveTypedef(env, declaration);
  else if (declaration.kind === 'setting') settingValue(env, declaration);
  else if (declaration.kind === 'function') functionType(env, declaration);
  else if (declaration.kind === 'variable') variableOf(env, declaration);
  else if (declaration.kind === 'pool') poolOf(env, declaration);
  else if (declaration.kind === 'vcpu-state') vcpuStateOf(env, declaration);
}

// ---------------------------------------------------------------- one item

function declareItem(env: Environment, project: Project, { item, home }: ActiveItem<Item>): void {
  switch (item.kind) {
    case 'option':
      declareOption(env, item, home);
      return;
    case 'setting':
      declare(env, item.name, {
        kind: 'setting',
        name: item.name.text,
        home,
        loc: locIn(home, item.name),
        item,
        values: item.values?.map((value) => value.text) ?? null,
        type: valueType(item.name.text, item.values),
        given: null,
        resolved: null,
      });
      return;
    case 'macro':
      declare(env, item.name, {
        kind: 'macro',
        name: item.name.text,
        home,
        loc: locIn(home, item.name),
        item,
      });
      return;
    case 'type':
      declareTypes(env, home, item.type, true);
      return;
    case 'typedef':
      declareTypes(env, home, item.type, false, item.name.text);
      declare(env, item.name, {
        kind: 'typedef',
        name: item.name.text,
        home,
        loc: locIn(home, item.name),
        item,
        state: 'new',
        type: null,
      });
      return;
    case 'variable':
      for (const declarator of item.declarators) {
        declareTypes(env, home, declarator.type);
        declareVariable(env, project, item, declarator, home);
      }
      return;
    case 'pool':
      declareTypes(env, home, item.type);
      declare(env, item.name, {
        kind: 'pool',
        name: item.name.text,
        home,
        loc: locIn(home, item.name),
        item,
        state: 'new',
        pool: null,
      });
      return;
    case 'vcpu-state':
      declareVcpuState(env, project, item, home);
      return;
    case 'function':
      declareTypes(env, home, item.returns);
      declareFunction(env, item, home, docOf(project, home, item.start));
      return;
    case 'event':
      declareEvent(env, item, home);
      return;
    case 'actor':
      declareActor(env, item, home);
      return;
    case 'lock-type':
      env.lockTypes.push({ item, home });
      return;
    default:
      return;
  }
}

/** Enters a name of the one C namespace; false, with a finding, when it is taken. */
export function declare(env: Environment, name: Name, declaration: Declaration): boolean {
  if (name.text === '') return false;
  const other = env.names.get(name.text);
  if (other !== undefined && !isHideable(other)) {
    duplicate(env, declaration, other);
    return false;
  }
  env.names.set(name.text, declaration);
  return true;
}

export function duplicate(
  env: Environment,
  one: { name: string; loc: Declaration['loc'] },
  other: { loc: Declaration['loc'] },
): void {
  env.report('duplicate-name', one.loc, `'${one.name}' is declared twice`, [
    { message: 'the other declaration', loc: other.loc },
  ]);
}

/** `true`, `false` and `NULL` may be defined again, as the kernel's headers do. */
function isHideable(declaration: Declaration): boolean {
  return declaration.kind === 'predefined' && declaration.name !== 'NR_VCPUS';
}

function declareOption(env: Environment, item: Item & { kind: 'option' }, home: Home): void {
  const values = item.values.map((value) => value.text).filter((value) => value !== '');
  for (const [index, value] of item.values.entries()) {
    if (value.text === '' || values.indexOf(value.text) === index) continue;
    env.report(
      'duplicate-name',
      locIn(home, value),
      `option '${item.name.text}' has the value '${value.text}' twice`,
    );
  }
  const chosen = env.variant.options.get(item.name.text) ?? values[0] ?? '';
  declare(env, item.name, {
    kind: 'option',
    name: item.name.text,
    home,
    loc: locIn(home, item.name),
    values,
    chosen,
    type: valueType(item.name.text, item.values),
  });
}

function declareVariable(
  env: Environment,
  project: Project,
  item: Item & { kind: 'variable' },
  declarator: (Item & { kind: 'variable' })['declarators'][number],
  home: Home,
): void {
  const name = declarator.name;
  const other = env.names.get(name.text);
  const fresh: Declaration = {
    kind: 'variable',
    name: name.text,
    home,
    loc: locIn(home, name),
    item,
    declarator,
    doc: docOf(project, home, item.start),
    state: 'new',
    variable: null,
    value: 'unknown',
  };
  // `extern` announces; the declaration without it defines.
  if (other?.kind === 'variable' && (item.isExtern || other.item.isExtern)) {
    if (other.item.isExtern) env.names.set(name.text, fresh);
    return;
  }
  declare(env, name, fresh);
}

function declareVcpuState(
  env: Environment,
  project: Project,
  item: Item & { kind: 'vcpu-state' },
  home: Home,
): void {
  declareTypes(env, home, item.type);
  const declaration: Declaration = {
    kind: 'vcpu-state',
    name: item.name.text,
    home,
    loc: locIn(home, item.name),
    item,
    doc: docOf(project, home, item.start),
    state: 'new',
    variable: null,
  };
  const first = env.vcpuStates[0];
  if (first !== undefined) {
    env.report('bad-declaration', declaration.loc, 'there is only one state of a vCPU', [
      { message: 'declared here', loc: first.loc },
    ]);
    return;
  }
  if (declare(env, item.name, declaration)) env.vcpuStates.push(declaration);
}

function declareEvent(env: Environment, item: Item & { kind: 'event' }, home: Home): void {
  const name = item.name.text;
  if (name === '') return;
  const declaration = { name, home, loc: locIn(home, item.name), item, state: 'new' as const, params: [] };
  const other = env.events.get(name);
  if (other !== undefined) duplicate(env, declaration, other);
  else env.events.set(name, declaration);
}

function declareActor(env: Environment, item: Item & { kind: 'actor' }, home: Home): void {
  const name = item.name.text;
  if (name === '') return;
  const declaration = { name, home, loc: locIn(home, item.name), item, range: null };
  const other = env.actors.get(name);
  if (other !== undefined) duplicate(env, declaration, other);
  else env.actors.set(name, declaration);
}

/** A `machine` block gives values to settings, wherever these are declared. */
function giveSettings(env: Environment, { item, home }: ActiveItem<Item>): void {
  if (item.kind !== 'machine') return;
  for (const { name, value } of item.settings) {
    if (name.text === '') continue;
    const declaration = env.names.get(name.text);
    if (declaration?.kind !== 'setting') {
      const settings = [...env.names.values()]
        .filter((each) => each.kind === 'setting')
        .map((each) => each.name);
      env.report(
        'unknown-name',
        locIn(home, name),
        `unknown setting '${name.text}'${didYouMean(name.text, settings)}`,
      );
      continue;
    }
    const given = declaration.given;
    if (given?.home.uri === home.uri && given.home.item === home.item) {
      env.report('duplicate-name', locIn(home, name), `the setting '${name.text}' gets two values`);
    }
    declaration.given = { value, home, loc: locIn(home, name) };
    if (declaration.resolved === 'failed' || typeof declaration.resolved === 'bigint')
      declaration.resolved = null;
  }
}

// ---------------------------------------------------------------- types inside declarations

/** Declares the structs, unions and enums that are defined inside a type, with their enumerators. */
function declareTypes(
  env: Environment,
  home: Home,
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
    const declaration = declareStruct(env, home, type, name || shownAs || env.anonymousName());
    if (name !== '' && (other === undefined || other.state === 'opaque')) env.structs.set(name, declaration);
    declareFields(env, home, type.fields);
  } else if (alone && name !== '' && type.tag !== 'enum' && !env.structs.has(name)) {
    env.structs.set(name, declareStruct(env, home, type, name));
  }
}

/** Types that are defined inside fields belong to the file, as in C. */
function declareFields(env: Environment, home: Home, fields: readonly FieldItem[]): void {
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

function declareEnum(env: Environment, home: Home, type: TypeExpr & { kind: 'tag' }, name: string): void {
  const declaration = enumDeclaration(home, type, name || '<enum>');
  env.enumByNode.set(type, declaration);
  env.allEnums.push(declaration);
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

// ---------------------------------------------------------------- predefined names

function predefine(env: Environment, project: Project): void {
  const last = project.order.at(-1);
  const home: Home = { uri: project.uri, item: last?.source.items[0]?.key ?? '', text: '' };
  const loc = locIn(home, { start: 0, end: 0 });
  const predefined = (name: string, value: bigint, type: Type): void => {
    env.names.set(name, { kind: 'predefined', name, home, loc, type, value });
  };
  predefined('true', 1n, intType);
  predefined('false', 0n, intType);
  predefined('NULL', 0n, pointerTo(voidType));
  predefined('NR_VCPUS', 0n, intType);
  const option = (name: string, values: readonly string[], chosen: string): void => {
    const type = {
      ...integer(32, false, name),
      enumerators: new Map(values.map((value, index) => [value, BigInt(index)])),
    };
    env.names.set(name, { kind: 'option', name, home, loc, values, chosen, type });
  };
  option('memory_model', memoryModels, env.variant.memoryModel);
  option('profile', profileValues(project).map(profileKey), profileKey(env.variant.profile));
}

function valueType(name: string, values: readonly Name[] | null): IntType {
  if (values === null) return intType;
  return {
    ...integer(32, false, name),
    enumerators: new Map(values.map((value, index) => [value.text, BigInt(index)])),
  };
}

/** The number of vCPUs is known when the bounds of the families are. */
function countVcpus(env: Environment): void {
  let vcpus = 0;
  for (const actor of env.actors.values()) {
    const instances = actorInstances(env, actor);
    if (actor.item.actor === 'vcpu') vcpus += instances;
  }
  const count = env.names.get('NR_VCPUS');
  if (count?.kind === 'predefined') count.value = BigInt(vcpus);
}

function docOf(project: Project, home: Home, start: number): string {
  const file = project.files.get(home.uri);
  const placed = file?.items.get(home.item);
  return file === undefined || placed === undefined ? '' : docAbove(file.source.text, placed.offset + start);
}
