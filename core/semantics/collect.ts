/** From the items of a variant to its environment of declarations. */

import type { Item } from '../syntax/ast.ts';
import { conditionalItems, plainItems } from './activeItems.ts';
import { actorInstances } from './actors.ts';
import { adopt, forgetAll } from './adopt.ts';
import { checkFieldAnnotations } from './annotations.ts';
import { contextOf } from './context.ts';
import { integer, intType, pointerTo, voidType } from './conversions.ts';
import { declareItem } from './declare.ts';
import {
  eventParams,
  finishVariable,
  functionType,
  poolOf,
  resolveTypedef,
  settingValue,
  variableOf,
  vcpuStateOf,
} from './declarations.ts';
import { newUnit } from './dependencies.ts';
import { enumOf } from './enums.ts';
import { type ActiveItem, type Declaration, type DeclaredHome, Environment, locIn } from './environment.ts';
import { checkRedeclarations } from './functions.ts';
import { checkLockTypes } from './lockTypes.ts';
import { didYouMean } from './nearest.ts';
import { memoryModels, profileKey, profileValues, type Variant } from './options.ts';
import type { Project } from './snapshot.ts';
import { completeStruct } from './structs.ts';
import type { Type } from './types.ts';

/**
 * Declares everything, then works out every type, constant and initialiser; findings are in the environment and its
 * units. Declarations that are the same as in one of the `earlier` environments are taken from there.
 */
export function collect(
  project: Project,
  variant: Variant,
  earlier: readonly Environment[] = [],
): Environment {
  const env = new Environment(variant);
  predefine(env, project);
  for (const active of plainItems(project)) declareItem(env, active);
  for (const active of plainItems(project)) giveSettings(env, active);
  for (const active of conditionalItems(project, env)) {
    if (!isMisplaced(env, active)) declareItem(env, active);
  }
  for (const active of conditionalItems(project, env)) giveSettings(env, active);
  countVcpus(env);
  forgetAll(env);
  const fresh = new Set(env.units.values());
  for (const each of earlier) adopt(env, each, fresh);
  resolveAll(env);
  return env;
}

function resolveAll(env: Environment): void {
  for (const declaration of env.allStructs) completeStruct(env, declaration);
  for (const declaration of env.names.values()) resolveDeclaration(env, declaration);
  for (const declaration of env.allEnums) enumOf(contextOf(env, declaration), declaration.node);
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

/** Whether an item has no meaning in a `when`, because it says what the variants are. */
function isMisplaced(env: Environment, { item, home }: ActiveItem<Item>): boolean {
  if (item.kind !== 'option' && item.kind !== 'import' && item.kind !== 'profile' && item.kind !== 'scenario')
    return false;
  const word = { start: item.start, end: item.start + item.kind.length };
  env.report(
    'misplaced',
    locIn(home, word),
    `'${item.kind}' stands outside 'when': it is the same in all variants`,
  );
  return true;
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
      const hint = didYouMean(name.text, settings);
      env.report('unknown-name', locIn(home, name), `unknown setting '${name.text}'${hint}`);
      continue;
    }
    const given = declaration.given;
    if (given?.home.uri === home.uri && given.home.item === home.item) {
      env.report('duplicate-name', locIn(home, name), `the setting '${name.text}' gets two values`);
    }
    const { unit } = declaration.home;
    const text = home.text.slice(value.start, value.end);
    unit.text += ` = ${home.uri} ${home.item} ${value.start} ${text}`;
    declaration.given = { value, home: { ...home, unit }, loc: locIn(home, name) };
    declaration.resolved = null;
  }
}

// ---------------------------------------------------------------- predefined names

function predefine(env: Environment, project: Project): void {
  const item = project.order.at(-1)?.source.items[0]?.key ?? '';
  const homeOf = (name: string, text: string): DeclaredHome => {
    const unit = newUnit(`predefined ${name}`, text);
    env.units.set(unit.key, unit);
    return { uri: project.uri, item, text: '', unit };
  };
  const enter = (declaration: Declaration): void => {
    env.names.set(declaration.name, declaration);
    declaration.home.unit.declared.push(declaration);
  };
  const predefined = (name: string, value: bigint, type: Type): void => {
    const home = homeOf(name, '');
    enter({ kind: 'predefined', name, home, loc: locIn(home, { start: 0, end: 0 }), type, value });
  };
  predefined('true', 1n, intType);
  predefined('false', 0n, intType);
  predefined('NULL', 0n, pointerTo(voidType));
  predefined('NR_VCPUS', 0n, intType);
  const option = (name: string, values: readonly string[], chosen: string): void => {
    const enumerators = new Map(values.map((value, index) => [value, BigInt(index)]));
    const type = { ...integer(32, false, name), enumerators };
    const home = homeOf(name, `${chosen} of ${values.join(' ')}`);
    enter({ kind: 'option', name, home, loc: locIn(home, { start: 0, end: 0 }), values, chosen, type });
  };
  option('memory_model', memoryModels, env.variant.memoryModel);
  option('profile', profileValues(project).map(profileKey), profileKey(env.variant.profile));
}

/** The number of vCPUs is known when the bounds of the families are. */
function countVcpus(env: Environment): void {
  let vcpus = 0;
  for (const actor of env.actors.values()) {
    const instances = actorInstances(env, actor);
    if (actor.item.actor === 'vcpu') vcpus += instances;
  }
  const count = env.names.get('NR_VCPUS');
  if (count?.kind !== 'predefined') return;
  count.value = BigInt(vcpus);
  count.home.unit.text = String(vcpus);
}
