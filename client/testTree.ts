/** Scenarios and variants as a tree of tests, without the editor. */

import type { ScenarioItem, VariantItem } from './protocol.ts';

export interface TestNode {
  /** Stable, and unlike that of any other test beside it. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly range: ScenarioItem['range'];
  /** Why it cannot be run. */
  readonly error: string | null;
  /** What a run of it checks; null for a scenario that stands for its variants. */
  readonly variant: string | null;
  readonly children: readonly TestNode[];
}

/** A scenario with its variants below it, or alone where it has no options. */
export function testNode({ uri, title, range, variants, error }: ScenarioItem): TestNode {
  const alone = variants.length === 1 && variants[0]?.id === '' ? variants[0] : null;
  return {
    id: uri,
    label: title === '' ? fileName(uri) : title,
    description: alone === null ? fileName(uri) : joined(fileName(uri), expectation(alone)),
    range,
    error,
    variant: alone?.id ?? null,
    children: alone === null ? variants.map((variant) => variantNode(uri, variant, range)) : [],
  };
}

/** What is run for a choice in the Test Explorer: the leaves below `include`, without those below `exclude`. */
export function leavesOf<T>(
  include: Iterable<T>,
  exclude: ReadonlySet<T>,
  childrenOf: (item: T) => Iterable<T>,
): readonly T[] {
  const leaves = new Set<T>();
  const visit = (item: T): void => {
    if (exclude.has(item)) return;
    const children = [...childrenOf(item)];
    if (children.length === 0) leaves.add(item);
    for (const child of children) visit(child);
  };
  for (const item of include) visit(item);
  return [...leaves];
}

/** The last part of a URI's path, readable. */
export function fileName(uri: string): string {
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Lines as a terminal wants them. */
export function terminalText(text: string): string {
  return text.replace(/\r?\n/g, '\r\n');
}

function variantNode(uri: string, variant: VariantItem, range: ScenarioItem['range']): TestNode {
  return {
    id: `${uri}?${variant.id}`,
    label: variant.id,
    description: expectation(variant),
    range,
    error: null,
    variant: variant.id,
    children: [],
  };
}

function expectation({ expects }: VariantItem): string {
  return expects === 'fails' ? 'expected to fail' : '';
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
