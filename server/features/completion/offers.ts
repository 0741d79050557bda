/** Everything that may be completed at a place of a scene. */

import { heldAfter } from '../../../core/locks/nearby.ts';
import { checkFunctionAnnotations } from '../../../core/semantics/annotations.ts';
import { Context } from '../../../core/semantics/context.ts';
import { type Cursor, cursorAt } from '../../../core/semantics/cursor.ts';
import type { Environment } from '../../../core/semantics/environment.ts';
import type { HirAnnotation } from '../../../core/semantics/hir.ts';
import { declaredOptions, type Variant } from '../../../core/semantics/options.ts';
import type { FunctionItem } from '../../../core/syntax/ast.ts';
import type { Scene } from '../../scene.ts';
import {
  actorOffers,
  annotationOffers,
  checkOffers,
  importOffers,
  labelOffers,
  lockTypeOffers,
  profileOffers,
  settingOffers,
  untilOffers,
} from './lists.ts';
import { lockOffers } from './locks.ts';
import { type Marked, spotAt } from './mark.ts';
import { designators, membersOf } from './members.ts';
import { eventNames, expressionNames, functionNames, type NameSite, tagNames, typeNames } from './names.ts';
import type { Offer } from './offer.ts';
import { type Place, placeOf } from './place.ts';
import { variantAt } from '../../variantAt.ts';
import { wantedAt, type Wanted } from './wanted.ts';
import { expressionOffers, itemOffers, statementOffers, wordOffers } from './words.ts';

export interface Surroundings {
  readonly libraryPaths: () => readonly string[];
  readonly files: () => readonly string[];
  readonly snippets: boolean;
  /** Details are looked up when they are asked for. */
  readonly lazy: boolean;
  /** What made the editor ask: only what is certainly wanted then. */
  readonly trigger: string | null;
}

export interface Offers {
  /** The text that an offer replaces, as offsets. */
  readonly start: number;
  readonly end: number;
  readonly variant: Variant;
  readonly offers: readonly Offer[];
}

export function offersAt(scene: Scene, offset: number, around: Surroundings): Offers | null {
  const variant = variantAt(scene, offset);
  const spot = spotAt(scene.file, offset);
  const { trigger } = around;
  if (spot.kind === 'nothing') return null;
  if (spot.kind === 'string') {
    const { of, start, end } = spot;
    const imported = scene.file.imports.filter((each) => each.end < offset || each.start > offset);
    const offers =
      of === 'import'
        ? importOffers(
            scene.uri,
            around.libraryPaths(),
            around.files(),
            imported.map(({ path }) => path),
          )
        : of === 'profile'
          ? profileOffers()
          : [];
    return { start, end, variant, offers };
  }
  if (trigger === '"' || trigger === '/') return null;
  const { marked } = spot;
  const { start, end } = marked.word;
  const place = placeOf(marked);
  if (trigger === '>' && marked.before(1) !== '->') return null;
  const offers = new PlaceOffers(scene, variant, marked, place, around).all();
  return { start, end, variant, offers };
}

class PlaceOffers {
  private readonly scene: Scene;
  private readonly env: Environment;
  private readonly variant: Variant;
  private readonly marked: Marked;
  private readonly place: Place;
  private readonly around: Surroundings;

  constructor(scene: Scene, variant: Variant, marked: Marked, place: Place, around: Surroundings) {
    this.scene = scene;
    this.env = scene.latestEnvironment(variant);
    this.variant = variant;
    this.marked = marked;
    this.place = place;
    this.around = around;
  }

  all(): readonly Offer[] {
    const { place, marked, scene, around } = this;
    // A parenthesis opens a list by itself only where something special is wanted.
    if (around.trigger === '(' && place.kind !== 'expression' && place.kind !== 'statement') return [];
    switch (place.kind) {
      case 'nothing':
        return [];
      case 'item':
        return [...itemOffers(around.snippets, place.inWhen), ...typeNames(this.site(this.outside()))];
      case 'statement':
      case 'expression':
        return this.expressions(place.kind === 'statement');
      case 'member': {
        const { cx } = this.cursor();
        return membersOf(cx, place.of, wantedAt(cx, marked.path), this.operatorStart());
      }
      case 'designator':
        return designators(this.cursor().cx, marked.path, place.list);
      case 'type':
        return typeNames(this.site(this.outside()));
      case 'field':
        return [...wordOffers(['ghost', 'when']), ...typeNames(this.site(this.outside()))];
      case 'tag':
        return tagNames(this.site(this.outside()), place.tag);
      case 'label':
        return marked.placed === null ? [] : labelOffers(marked.placed.item);
      case 'annotation':
        return annotationOffers(place.on, around.snippets && marked.after(1) !== '(');
      case 'checks':
        return [
          ...checkOffers(scene.project, place.codesOnly),
          ...(marked.before(1) === 'fails' ? wordOffers(['only']) : []),
        ];
      case 'setting':
        return settingOffers(
          this.outside(),
          this.settingsGiven(),
          around.snippets && marked.after(1) !== '=',
        );
      case 'lock-type-entry':
        return lockTypeOffers();
      case 'actor':
        return actorOffers(this.outside());
      case 'schedule-until':
        return untilOffers(scene.project);
      case 'function':
        return functionNames(this.site(this.outside()));
      case 'event':
        return eventNames(this.site(this.outside()));
      case 'words':
        return wordOffers(place.words);
    }
  }

  private expressions(isStatement: boolean): readonly Offer[] {
    const { marked, around, scene } = this;
    const cursor = this.cursor();
    const wanted = wantedAt(cursor.cx, marked.path);
    if (wanted.kind === 'lock') return this.locks(cursor, wanted);
    if (around.trigger === '(' && wanted.kind !== 'values') return [];
    const site = this.site(cursor.cx, isStatement);
    const words = isStatement
      ? statementOffers(around.snippets, declaredOptions(scene.project))
      : expressionOffers();
    return [...expressionNames(site, wanted), ...words];
  }

  private locks(cursor: Cursor, wanted: Wanted & { kind: 'lock' }): readonly Offer[] {
    const { marked, scene, env } = this;
    const { cx, before } = cursor;
    const { text } = marked.placed ?? { text: '' };
    const entry = this.entryAnnotations(cx);
    const held = heldAfter(env, before, entry, (loc) => text.slice(loc.start, loc.end));
    return lockOffers({
      cx,
      uri: scene.uri,
      wanted,
      ampersand: marked.before(1) === '&',
      held,
      analysis: scene.latestLocks(this.variant),
    });
  }

  /** What the function around promises to hold; nothing while its annotations are being typed. */
  private entryAnnotations(cx: Context): readonly HirAnnotation[] {
    const fn = this.marked.path[0]?.node as FunctionItem | undefined;
    const inBody = this.marked.path.some(({ field }) => field === 'body');
    return fn?.kind === 'function' && inBody ? checkFunctionAnnotations(cx, fn.annotations) : [];
  }

  private cursor(): Cursor {
    const { marked, scene, env } = this;
    if (marked.placed === null) return { cx: this.outside(), before: [] };
    return cursorAt(env, scene.uri, marked.placed, marked.path, marked.offset);
  }

  private outside(): Context {
    return new Context(this.env, { uri: this.scene.uri, item: '', text: '' }, [], null);
  }

  private site(cx: Context, statement = false): NameSite {
    const { around, marked, scene } = this;
    return {
      cx,
      uri: scene.uri,
      typed: marked.word.text,
      snippets: around.snippets,
      called: marked.after(1) === '(',
      statement,
      lazy: around.lazy,
    };
  }

  private operatorStart(): number {
    const { text } = this.scene;
    let at = this.marked.word.start;
    while (at > 0 && /\s/.test(text[at - 1] ?? '')) at--;
    return at - this.marked.before(1).length;
  }

  private settingsGiven(): readonly string[] {
    const item = this.marked.placed?.item;
    return item?.kind === 'machine' ? item.settings.map(({ name }) => name.text) : [];
  }
}
