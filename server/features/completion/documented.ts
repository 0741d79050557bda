/** What is said of a name when its entry in the list is looked at. */

import type { AnyDeclaration, Environment } from '../../../core/semantics/environment.ts';
import { findField } from '../../../core/semantics/structs.ts';
import type { Scene } from '../../scene.ts';
import { declarationText, docAt, docOf, fileLabel, withName } from '../../describe.ts';

/** `name` may begin with `struct `, `union `, `enum ` or `event `; with `of` it is a member of that struct. */
export function documented(
  scene: Scene,
  { name, of }: { readonly name: string; readonly of?: string },
): Documented | null {
  for (const variant of scene.variants.slice(0, mostVariants)) {
    const found = documentedIn(scene, scene.latestEnvironment(variant), { name, of });
    if (found !== null) return found;
  }
  return null;
}

/** What the first ones do not have is not described. */
const mostVariants = 8;

interface Documented {
  readonly detail: string;
  readonly documentation: string;
}

function documentedIn(
  scene: Scene,
  env: Environment,
  { name, of }: { readonly name: string; readonly of: string | undefined },
): Documented | null {
  if (of !== undefined) return member(scene, env, of, name);
  const declaration = declarationNamed(env, name);
  if (declaration === undefined) return null;
  const doc = docOf(scene.project, declaration);
  const from = declaration.home.uri === scene.uri ? '' : `*${fileLabel(declaration.home.uri)}*`;
  return {
    detail: declarationText(declaration),
    documentation: [doc, from].filter((part) => part !== '').join('\n\n'),
  };
}

function declarationNamed(env: Environment, name: string): AnyDeclaration | undefined {
  const [first = '', second] = name.split(' ');
  if (second === undefined) return env.names.get(first);
  if (first === 'enum') return env.enums.get(second);
  return first === 'event' ? env.events.get(second) : env.structs.get(second);
}

function member(scene: Scene, env: Environment, of: string, name: string): Documented | null {
  const struct = env.structs.get(of);
  const field = struct === undefined ? undefined : findField(struct.type, name)?.at(-1);
  if (struct === undefined || field === undefined) return null;
  const file = scene.project.files.get(struct.home.uri);
  const placed = file?.items.get(struct.home.item);
  const item = struct.node.fields?.find((each) => each.kind === 'field' && each.name?.text === name);
  const doc =
    file === undefined || placed === undefined || item === undefined
      ? ''
      : docAt(file, placed.offset + item.start);
  return { detail: withName(field.type, name), documentation: doc };
}
