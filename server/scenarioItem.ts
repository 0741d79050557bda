/** A scenario file as a list of what can be checked. */

import type { Variant } from '../core/semantics/options.ts';
import type { ScenarioItem, VariantItem } from './protocol.ts';
import type { Scene } from './scene.ts';
import { locationOf } from './shown.ts';
import { titleOf } from './textFindings.ts';
import { variantId } from './variantId.ts';
import { clientUri, type Workspace } from './workspace.ts';

/** Null for a file that is no scenario. */
export function scenarioItem(workspace: Workspace, uri: string): ScenarioItem | null {
  const file = workspace.file(uri);
  const placed = file?.source.items.find(({ item }) => item.kind === 'scenario');
  const scene = placed === undefined ? null : workspace.scene(uri);
  if (scene === null || placed?.item.kind !== 'scenario') return null;
  return {
    uri: clientUri(uri),
    title: placed.item.title,
    range: locationOf(scene.project, titleOf(scene)).range,
    variants: scene.variants.map((variant) => variantItem(scene, variant)),
    error: scene.error ?? errorOf(scene),
  };
}

function variantItem(scene: Scene, variant: Variant): VariantItem {
  const expectations = scene.check(variant).program?.expectations ?? [];
  const expects = (['fails', 'passes'] as const).find((kind) =>
    expectations.some((each) => each.kind === kind),
  );
  return {
    id: variantId(variant),
    options: Object.fromEntries(variant.options),
    expects: expects ?? null,
  };
}

/** Why no variant has a program; null when some has. */
function errorOf(scene: Scene): string | null {
  const results = scene.variants.map((variant) => scene.check(variant));
  if (results.some(({ program }) => program !== null)) return null;
  const errors = results.flatMap(({ diagnostics }) =>
    diagnostics.filter(({ severity }) => severity === 'error'),
  );
  return errors[0]?.message ?? null;
}
