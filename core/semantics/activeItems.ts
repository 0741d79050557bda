/** The items of a variant: those of every file in order, `when` blocks opened or left out. */

import type { Item } from '../syntax/ast.ts';
import { foldCondition } from './conditions.ts';
import { Context } from './context.ts';
import type { ActiveItem, Environment } from './environment.ts';
import type { Finding } from './findings.ts';
import type { Project } from './snapshot.ts';

/** Items outside `when` blocks: what the conditions of `when` may speak of is among them. */
export function* plainItems(project: Project): Iterable<ActiveItem<Item>> {
  for (const file of project.order) {
    for (const placed of file.source.items) {
      if (placed.item.kind !== 'when')
        yield { item: placed.item, home: { uri: file.uri, item: placed.key, text: placed.text } };
    }
  }
}

/** Items inside those `when` blocks that hold. */
export function* conditionalItems(project: Project, env: Environment): Iterable<ActiveItem<Item>> {
  for (const file of project.order) {
    for (const placed of file.source.items) {
      if (placed.item.kind === 'when')
        yield* opened(env, placed.item, { uri: file.uri, item: placed.key, text: placed.text });
    }
  }
}

/** All of them, in the order in which they stand. */
export function* activeItems(project: Project, env: Environment): Iterable<ActiveItem<Item>> {
  for (const file of project.order) {
    for (const placed of file.source.items)
      yield* opened(env, placed.item, { uri: file.uri, item: placed.key, text: placed.text });
  }
}

function* opened(env: Environment, item: Item, home: ActiveItem<Item>['home']): Iterable<ActiveItem<Item>> {
  if (item.kind !== 'when') {
    yield { item, home };
    return;
  }
  const key = `${home.uri} ${home.item} ${item.start}`;
  let holds = env.conditions.get(key);
  if (holds === undefined) {
    const findings: Finding[] = [];
    holds = foldCondition(new Context(env, home, findings, null), item.condition, "'when'");
    env.conditions.set(key, holds);
    env.findings.push(...findings);
  }
  if (holds) for (const inner of item.items) yield* opened(env, inner, home);
}
