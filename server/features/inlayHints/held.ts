/** What is shown of the locks at a place: of all variants together, and of each where they differ. */

import type { Location } from 'vscode-languageserver-types';
import { changesHeld, type HeldHere, type HeldPlace } from '../../../core/locks/whereHeld.ts';
import type { Loc } from '../../../core/semantics/hir.ts';
import { resolveLoc } from '../../../core/semantics/snapshot.ts';
import { toRange } from '../../positions.ts';
import type { Scene } from '../../scene.ts';
import { variantId } from '../../variantId.ts';
import { clientUri } from '../../workspace.ts';

export interface HeldHint {
  readonly key: string;
  readonly kind: HeldPlace['kind'];
  /** PlacedItem.key, its text, and the offset in it. */
  readonly item: string;
  readonly text: string;
  readonly at: number;
  readonly parts: readonly { readonly value: string; readonly lock: HeldHere | null }[];
  /** Empty when all are alike. */
  readonly variants: readonly { readonly id: string; readonly label: string }[];
}

interface InVariant {
  readonly id: string;
  readonly place: HeldPlace;
}

const known = new WeakMap<Scene, readonly HeldHint[]>();

/** In the order of the text; null while some variant has an error. */
export function heldHints(scene: Scene): readonly HeldHint[] | null {
  const done = known.get(scene);
  if (done !== undefined) return done;
  const byPlace = new Map<string, InVariant[]>();
  for (const variant of scene.variants) {
    const places = scene.held(variant);
    if (places === null) return null;
    for (const place of places) {
      const { item, start, end } = place.loc;
      const key = `${item} ${start} ${end} ${place.kind === 'entry' ? 'entry' : ''}`;
      const same = byPlace.get(key);
      if (same === undefined) byPlace.set(key, [{ id: variantId(variant), place }]);
      else same.push({ id: variantId(variant), place });
    }
  }
  const hints = [...byPlace].flatMap(([key, all]) => hintOf(scene, key, all) ?? []);
  const sorted = withoutRepeats(scene, hints);
  known.set(scene, sorted);
  return sorted;
}

interface Sortable extends HeldHint {
  readonly loc: Loc;
}

function hintOf(scene: Scene, key: string, all: readonly InVariant[]): Sortable | null {
  const [first] = all;
  if (first === undefined || !all.some(({ place }) => isTold(place))) return null;
  const { loc, kind } = first.place;
  const text = scene.file.items.get(loc.item)?.text;
  if (text === undefined) return null;
  const labels = all.map(({ id, place }) => ({ id, label: labelOf(place.held) }));
  const isAlike = labels.every(({ label }) => label === labels[0]?.label);
  const at = kind === 'entry' ? loc.start + 1 : loc.end;
  const variants = isAlike ? [] : labels;
  return { key, kind, item: loc.item, text, at, loc, parts: partsOf(together(all)), variants };
}

function isTold(place: HeldPlace): boolean {
  // What comes behind the statement is not behind its head.
  if (place.kind === 'head') return false;
  return place.kind === 'entry' ? place.held.length > 0 : changesHeld(place);
}

/** A lock is held for sure when it is in every variant that comes here. */
function together(all: readonly InVariant[]): readonly HeldHere[] {
  const locks = new Map<string, { lock: HeldHere; count: number; sure: boolean; taken: Loc[] }>();
  for (const { place } of all) {
    for (const lock of place.held) {
      const key = `${lock.name} ${lock.mode}`;
      const same = locks.get(key) ?? { lock, count: 0, sure: true, taken: [] };
      locks.set(key, same);
      same.count++;
      same.sure &&= lock.sure;
      same.taken.push(...lock.taken);
    }
  }
  return [...locks.values()].map(({ lock, count, sure, taken }) => ({
    ...lock,
    sure: sure && count === all.length,
    taken,
  }));
}

/** The end of a statement with several ways through it says nothing when it ends as its last part does. */
function withoutRepeats(scene: Scene, hints: readonly Sortable[]): readonly HeldHint[] {
  const offsetOf = (hint: Sortable): number => (scene.file.items.get(hint.item)?.offset ?? 0) + hint.at;
  // At one place the inner statement ends first.
  const sorted = [...hints].sort((a, b) => offsetOf(a) - offsetOf(b) || b.loc.start - a.loc.start);
  const shown: Sortable[] = [];
  for (const hint of sorted) {
    const before = shown.at(-1);
    const isAround = before !== undefined && before.item === hint.item && before.at > hint.loc.start;
    if (hint.kind === 'merge' && isAround) {
      if (wordsOf(before) === wordsOf(hint)) continue;
      shown.push(
        before.at === hint.at ? { ...hint, parts: [{ value: 'then ', lock: null }, ...hint.parts] } : hint,
      );
    } else shown.push(hint);
  }
  return shown.map(({ loc: _, ...hint }) => hint);
}

function wordsOf({ parts }: HeldHint): string {
  return parts.map(({ value }) => value).join('');
}

function labelOf(held: readonly HeldHere[]): string {
  return partsOf(held)
    .map(({ value }) => value)
    .join('');
}

/** `{dev->lock, list_lock: read?}`: a question mark behind what is held on some ways only. */
function partsOf(held: readonly HeldHere[]): HeldHint['parts'] {
  const locks = held.map((lock, index) => {
    const mode = lock.mode === null ? '' : `: ${lock.mode}`;
    return { value: `${index === 0 ? '' : ', '}${lock.name}${mode}${lock.sure ? '' : '?'}`, lock };
  });
  return [{ value: '{', lock: null }, ...locks, { value: '}', lock: null }];
}

/** A lock in words, with the places where it was taken. */
export function explained(
  { project }: Scene,
  { name, mode, sure, taken }: HeldHere,
): { readonly text: string; readonly locations: readonly Location[] } {
  const locations = new Map<string, Location>();
  for (const loc of taken) {
    const at = resolveLoc(project, loc);
    const file = project.files.get(loc.uri);
    if (at === null || file === undefined) continue;
    locations.set(`${at.uri} ${at.start}`, {
      uri: clientUri(at.uri),
      range: toRange(file, at.start, at.end),
    });
  }
  const places = [...locations.values()].map(({ uri, range: { start } }) => {
    const file = uri.slice(uri.lastIndexOf('/') + 1);
    return `[${file}:${start.line + 1}](${uri}#L${start.line + 1})`;
  });
  const held = `\`${name}\`${mode === null ? '' : ` for ${mode}`}${sure ? '' : ', on some ways only'}`;
  return {
    text: places.length === 0 ? held : `${held}, taken at ${places.join(', ')}`,
    locations: [...locations.values()],
  };
}
