/** Results of earlier checks that still hold. */

import type { Item } from '../syntax/ast.ts';
import type { BodyResult } from './bodies.ts';
import type { ActiveItem, Environment } from './environment.ts';
import { profileValues, type Variant, variantKey } from './options.ts';
import { docAbove, type FileSnapshot, type Project } from './snapshot.ts';

/** Variants whose declarations are kept; the one unused longest goes first. */
const variantLimit = 64;

interface KeptVariant {
  readonly signature: readonly string[];
  readonly env: Environment;
  /** By place of the body, for one text of it. */
  bodies: Map<string, { readonly text: string; readonly result: BodyResult<unknown> }>;
}

/**
 * Keeps, for each variant, the declarations of a project as long as nothing but bodies changes, and the result of
 * each body as long as its own text does not change either. Belongs to one host; a check uses it and updates it.
 */
export class CheckCache {
  private readonly kept = new Map<string, KeptVariant>();
  private rechecked: string[] = [];

  /** Bodies that were looked at since the last call, not taken from the cache: `uri key`, in order. */
  takeRechecked(): readonly string[] {
    const result = this.rechecked;
    this.rechecked = [];
    return result;
  }

  /** The variant's declarations, made anew by `collect` when any of them changed. */
  variant(project: Project, variant: Variant, collect: () => Environment): VariantCache {
    const key = `${project.uri} ${variantKey(variant)}`;
    const signature = signatureOf(project);
    let kept = this.kept.get(key);
    this.kept.delete(key);
    if (kept === undefined || !sameTexts(kept.signature, signature))
      kept = { signature, env: collect(), bodies: new Map() };
    this.kept.set(key, kept);
    const oldest = this.kept.keys().next();
    if (this.kept.size > variantLimit && oldest.done === false) this.kept.delete(oldest.value);
    return new VariantCache(kept, this.rechecked);
  }
}

/** The results of one variant's bodies during one check: what is not asked for again is forgotten. */
export class VariantCache {
  readonly env: Environment;
  private readonly kept: KeptVariant;
  private readonly before: KeptVariant['bodies'];
  private readonly rechecked: string[];

  constructor(kept: KeptVariant, rechecked: string[]) {
    this.env = kept.env;
    this.kept = kept;
    this.before = kept.bodies;
    this.rechecked = rechecked;
    kept.bodies = new Map();
  }

  body<T>(active: ActiveItem<Item>, check: () => BodyResult<T>): BodyResult<T> {
    const { item, home } = active;
    const key = `${home.uri} ${home.item} ${item.kind} ${item.start}`;
    const text = home.text.slice(item.start, item.end);
    const known = this.before.get(key);
    if (known !== undefined && known.text === text) {
      this.kept.bodies.set(key, known);
      // The same item of the same variant was checked by the same function before.
      return known.result as BodyResult<T>;
    }
    this.rechecked.push(`${home.uri} ${home.item}`);
    const result = check();
    this.kept.bodies.set(key, { text, result });
    return result;
  }
}

// ---------------------------------------------------------------- signatures

const signatures = new WeakMap<FileSnapshot, string>();

/** The declarations of all files without bodies, as text; bodies depend on nothing else but themselves. */
function signatureOf(project: Project): readonly string[] {
  const texts = project.order.map((file) => {
    let text = signatures.get(file);
    if (text === undefined) {
      text = fileSignature(file);
      signatures.set(file, text);
    }
    return text;
  });
  return [profileValues(project).join(' '), ...texts];
}

function fileSignature(file: FileSnapshot): string {
  const parts = [file.uri];
  for (const placed of file.source.items) {
    const own = itemSignature(placed.item, placed.text, (start) =>
      docAbove(file.source.text, placed.offset + start),
    );
    if (own !== '') parts.push(placed.key, own);
  }
  return parts.join('\n');
}

function itemSignature(item: Item, text: string, docAt: (start: number) => string): string {
  switch (item.kind) {
    case 'scenario':
    case 'import':
    case 'profile':
    case 'init':
    case 'hook':
    case 'property':
    case 'expect':
    case 'schedule':
    case 'check':
    case 'lock-order':
      return '';
    case 'actor':
      return text.slice(item.start, item.body.start);
    case 'function':
      return `${docAt(item.start)} ${text.slice(item.start, item.body?.start ?? item.end)}${item.body === null ? '' : '{}'}`;
    case 'variable':
    case 'vcpu-state':
      return `${docAt(item.start)} ${text.slice(item.start, item.end)}`;
    case 'when':
      // Places of declarations inside count from the beginning of the block, so they belong to the signature.
      return [
        text.slice(item.start, item.condition.end),
        ...item.items.map((inner) => `${inner.start} ${itemSignature(inner, text, docAt)}`),
      ].join('\n');
    default:
      return text.slice(item.start, item.end);
  }
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
