/** The items of a variant: those of every file in order, `when` blocks opened or left out. */

import type { Item } from '../syntax/ast.ts';
import { foldCondition } from './conditions.ts';
import { Context } from './context.ts';
import type { ActiveItem, Environment } from './environment.ts';
import type { Finding } from './findings.ts';
import { docAbove, type FileSnapshot, type Project } from './snapshot.ts';
import { itemSignature } from './signatures.ts';

/** Items outside `when` blocks: what the conditions of `when` may speak of is among them. */
export function plainItems(project: Project): ActiveItem<Item>[] {
  return project.order.flatMap((file) => outlineOf(file).filter((each) => each.inner === null));
}

/** Items inside those `when` blocks that hold. A condition may speak of what the items before it declare, so they come one by one. */
export function* conditionalItems(project: Project, env: Environment): Iterable<ActiveItem<Item>> {
  for (const file of project.order) {
    for (const each of outlineOf(file)) if (each.inner !== null) yield* opened(env, each, each.inner);
  }
}

/** All of one file, in the order in which they stand. */
export function activeItems(file: FileSnapshot, env: Environment): ActiveItem<Item>[] {
  const found: ActiveItem<Item>[] = [];
  for (const each of outlineOf(file)) {
    if (each.inner === null) found.push(each);
    else found.push(...opened(env, each, each.inner));
  }
  return found;
}

function* opened(
  env: Environment,
  { item, home, place }: Outlined,
  inner: readonly Outlined[],
): Iterable<ActiveItem<Item>> {
  if (item.kind !== 'when') return;
  let holds = env.conditions.get(place);
  if (holds === undefined) {
    const findings: Finding[] = [];
    holds = foldCondition(new Context(env, home, findings, null), item.condition, "'when'");
    env.conditions.set(place, holds);
    env.findings.push(...findings);
  }
  if (!holds) return;
  for (const each of inner) {
    if (each.inner === null) yield each;
    else yield* opened(env, each, each.inner);
  }
}

/** An item with what can be said of it in all variants; `inner` is null unless it is a `when`. */
interface Outlined extends ActiveItem<Item> {
  readonly inner: readonly Outlined[] | null;
}

const outlines = new WeakMap<FileSnapshot, readonly Outlined[]>();

function outlineOf(file: FileSnapshot): readonly Outlined[] {
  let outline = outlines.get(file);
  if (outline === undefined) {
    outline = file.source.items.map(({ item, key, text, offset }) =>
      outlineItem(item, { uri: file.uri, item: key, text }, (start) =>
        docAbove(file.source.text, offset + start),
      ),
    );
    outlines.set(file, outline);
  }
  return outline;
}

function outlineItem(item: Item, home: Outlined['home'], docAt: (start: number) => string): Outlined {
  const inner = item.kind === 'when' ? item.items.map((each) => outlineItem(each, home, docAt)) : null;
  const doc =
    item.kind === 'function' || item.kind === 'variable' || item.kind === 'vcpu-state'
      ? docAt(item.start)
      : '';
  const place = `${home.uri} ${home.item} ${item.start}`;
  const text = home.text.slice(item.start, item.end);
  return { item, home, place, text, doc, signature: itemSignature(item, home.text, doc), inner };
}
