/** The variant in which a place is looked at: the first one that has what stands there. */

import { Context } from '../core/semantics/context.ts';
import { foldCondition } from '../core/semantics/conditions.ts';
import type { Environment } from '../core/semantics/environment.ts';
import { declaredOptions, defaultProfile, type Variant } from '../core/semantics/options.ts';
import type { Item, PlacedItem } from '../core/syntax/ast.ts';
import type { Scene } from './scene.ts';

/** More variants are not tried. */
const mostTried = 8;

export function variantAt(scene: Scene, offset: number): Variant {
  const [first] = scene.variants;
  if (first === undefined) return firstValues(scene);
  const placed = scene.file.source.items.find(
    ({ item, offset: start }) => start + item.start <= offset && offset <= start + item.end,
  );
  if (placed?.item.kind !== 'when') return first;
  const tried = scene.variants.slice(0, mostTried);
  return tried.find((variant) => isActive(scene, scene.latestEnvironment(variant), placed, offset)) ?? first;
}

/** With too many variants to list, or an option that is wrong. */
function firstValues(scene: Scene): Variant {
  const options = declaredOptions(scene.project).map(({ name, values }) => [name, values[0] ?? ''] as const);
  return { options: new Map(options), memoryModel: 'sc', profile: defaultProfile };
}

function isActive(scene: Scene, env: Environment, placed: PlacedItem, offset: number): boolean {
  const cx = new Context(env, { uri: scene.uri, item: placed.key, text: placed.text }, [], null);
  const at = offset - placed.offset;
  let item: Item | undefined = placed.item;
  while (item?.kind === 'when') {
    if (!foldCondition(cx, item.condition, "'when'")) return false;
    item = item.items.find(({ start, end }) => start <= at && at <= end);
  }
  return true;
}
