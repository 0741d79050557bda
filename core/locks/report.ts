/** Findings while the walk goes on: a rule may be broken on one path to a place and kept on another. */

import type { Loc } from '../semantics/hir.ts';
import type { LockFinding } from './events.ts';
import { partsOf } from './limits.ts';
import type { Recorder } from './recorder.ts';

/** The rule that who waits for readers is none. */
export const ownReader = 'own-reader';

/** The rule that nothing is told of a guess. */
const guessed = 'limit recursion';

export type Parts = Omit<LockFinding, 'loc' | 'may'>;

/** One call of a function: a rule that is broken on one path through it may be kept on another. */
export interface Activation {
  readonly id: number;
}

/** What is told when the code cannot be known to break the rule, and when it is. */
interface Judged {
  readonly loc: Loc;
  readonly parts: { readonly may: Parts; readonly sure: Parts };
}

export class Report {
  /** What is followed is a guess: a rule that is broken in it is none that the code breaks. */
  guessing = false;
  private readonly recorder: Recorder;
  private readonly judged = new Map<string, Judged>();
  /** By activation and rule: whether it was broken, whether it was kept. */
  private readonly seen = new Map<string, { broken: boolean; kept: boolean }>();
  private readonly byPlace = new Map<string, Set<string>>();

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /**
   * One look at a rule: at this place, about this lock, within one activation of a function. What is told must follow
   * from the rule, the state and the function around the place.
   */
  judge(
    rule: string,
    activation: Activation,
    loc: Loc,
    subject: string,
    broken: ((may: boolean) => Parts) | null,
  ): void {
    if (broken === null || !this.guessing) this.look(rule, activation, loc, subject, broken);
    else this.limited(guessed, activation, loc, partsOf('recursion'));
  }

  /** Something was not followed. */
  limited(limit: string, activation: Activation, loc: Loc, parts: Parts): void {
    this.look(limit, activation, loc, '', () => parts);
  }

  private look(
    rule: string,
    activation: Activation,
    loc: Loc,
    subject: string,
    broken: ((may: boolean) => Parts) | null,
  ): void {
    const place = `${rule} ${placeKey(loc)} ${subject}`;
    const here = `${activation.id} ${place}`;
    const seen = this.seen.get(here) ?? { broken: false, kept: false };
    this.seen.set(here, seen);
    if (broken === null) {
      seen.kept = true;
      this.recorder.judged(rule, activation, loc, subject, place, null);
      return;
    }
    seen.broken = true;
    const places = this.byPlace.get(place) ?? new Set();
    this.byPlace.set(place, places.add(here));
    const first = !this.judged.has(place);
    if (!first && this.recorder.current === null) return;
    const parts = { may: broken(true), sure: broken(false) };
    if (first) this.judged.set(place, { loc, parts });
    this.recorder.judged(rule, activation, loc, subject, place, parts);
  }

  findings(): LockFinding[] {
    const all = [...this.judged].map(([place, { loc, parts }]) => {
      const activations = [...(this.byPlace.get(place) ?? [])];
      const may = activations.every((each) => this.seen.get(each)?.kept === true);
      return { ...(may ? parts.may : parts.sure), loc, may };
    });
    // What the library's own check says of a lock is told better by the rule about it; a write without a guard
    // says more than the read before it.
    const told = new Set(all.flatMap(({ code, loc }) => (tells.test(code) ? [placeKey(loc)] : [])));
    const writes = new Set(all.flatMap((each) => (isUnguardedWrite(each) ? [placeKey(each.loc)] : [])));
    // A reader may not sleep: that it waits for itself says more.
    const readers = new Set(
      [...this.judged].flatMap(([place, { loc }]) => (place.startsWith(ownReader) ? [placeKey(loc)] : [])),
    );
    const sure = new Set(
      all.flatMap(({ code, loc }) => (code === 'lock-analysis-limit' ? [] : [placeKey(loc)])),
    );
    return all.filter((each) => {
      // The rule that may be broken there is.
      if (each.message === partsOf('recursion').message) return !sure.has(placeKey(each.loc));
      if (each.code === 'lock-misuse' || each.code === 'rcu-misuse') return !told.has(placeKey(each.loc));
      if (each.code === 'sleeping-in-atomic') return !readers.has(placeKey(each.loc));
      return each.code !== 'guard-not-held' || isUnguardedWrite(each) || !writes.has(placeKey(each.loc));
    });
  }
}

const tells = /^(lock-(?!misuse)|annotation-missing)/;

function isUnguardedWrite({ code, witness }: LockFinding): boolean {
  return code === 'guard-not-held' && witness?.kind === 'at-without' && witness.mode === 'write';
}

const placeKeys = new WeakMap<Loc, string>();

export function placeKey(loc: Loc): string {
  let key = placeKeys.get(loc);
  if (key === undefined) {
    key = `${loc.uri} ${loc.item} ${loc.start} ${loc.end}`;
    placeKeys.set(loc, key);
  }
  return key;
}
