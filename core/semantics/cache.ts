/** Results of earlier checks that still hold. */

import type { Item } from '../syntax/ast.ts';
import type { BodyResult } from './bodies.ts';
import type { ActiveItem, Environment } from './environment.ts';
import { type Variant, variantKey } from './options.ts';
import { projectSignature } from './signatures.ts';
import type { Project } from './snapshot.ts';

/** Variants whose declarations are kept; the one unused longest goes first. */
const variantLimit = 64;
/** Results kept for one body: as many as it has different ones in the variants. */
const resultLimit = 8;
/** Bodies with results. */
const bodyLimit = 20_000;

interface KeptVariant {
  readonly signature: readonly string[];
  readonly env: Environment;
}

interface KeptBody {
  readonly text: string;
  readonly result: BodyResult<unknown>;
  /** Environments in which it was found to hold. */
  readonly holdsIn: WeakSet<Environment>;
}

/**
 * Keeps declarations and the results of bodies. Declarations of a project hold as long as nothing but bodies changes;
 * when one of them changes, those that do not depend on it still hold, in all variants. The result of a body holds
 * as long as its own text and everything that it refers to is the same. Belongs to one host.
 */
export class CheckCache {
  private readonly variants = new Map<string, KeptVariant>();
  private readonly bodies = new Map<string, KeptBody[]>();
  private rechecked: string[] = [];

  /** Bodies that were looked at since the last call, not taken from the cache: `uri key`, in order. */
  takeRechecked(): readonly string[] {
    const result = this.rechecked;
    this.rechecked = [];
    return result;
  }

  /** The variant's declarations; what of them changed is made anew by `collect`, with the help of earlier ones. */
  environment(
    project: Project,
    variant: Variant,
    collect: (earlier: readonly Environment[]) => Environment,
  ): Environment {
    const key = `${project.uri} ${variantKey(variant)}`;
    const signature = projectSignature(project);
    const kept = this.variants.get(key);
    this.variants.delete(key);
    if (kept !== undefined && sameTexts(kept.signature, signature)) {
      this.variants.set(key, kept);
      return kept.env;
    }
    const latest = [...this.variants.values()].at(-1);
    const earlier = [latest, kept].flatMap((each) => (each === undefined ? [] : [each.env]));
    const env = collect(earlier);
    this.variants.set(key, { signature, env });
    dropOldest(this.variants, variantLimit);
    return env;
  }

  /** The declarations of a variant as they were when somebody last asked, perhaps for an earlier text; null when nobody has. */
  latestEnvironment(project: Project, variant: Variant): Environment | null {
    return this.variants.get(`${project.uri} ${variantKey(variant)}`)?.env ?? null;
  }

  /** The result of a body, checked anew when none that is kept holds. */
  body<T>(env: Environment, active: ActiveItem<Item>, check: () => BodyResult<T>): BodyResult<T> {
    const { place, text } = active;
    const kept = this.bodies.get(place) ?? [];
    const known = kept.find(
      (each) => each.text === text && (each.holdsIn.has(env) || each.result.dependencies.holdIn(env)),
    );
    if (known !== undefined) {
      known.holdsIn.add(env);
      // An item of this kind at this place was checked by the same function.
      return known.result as BodyResult<T>;
    }
    this.rechecked.push(`${active.home.uri} ${active.home.item}`);
    const result = check();
    const sameText = kept.filter((each) => each.text === text);
    this.bodies.delete(place);
    this.bodies.set(place, [
      { text, result, holdsIn: new WeakSet([env]) },
      ...sameText.slice(0, resultLimit - 1),
    ]);
    dropOldest(this.bodies, bodyLimit);
    return result;
  }
}

function dropOldest<T>(map: Map<string, T>, limit: number): void {
  const oldest = map.keys().next();
  if (map.size > limit && oldest.done === false) map.delete(oldest.value);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
