/** What analyses share: numbers that stand for objects and texts, and results of earlier walks. */

import type { Loc } from '../semantics/hir.ts';
import type { Walked } from './cache.ts';
import { placeKey } from './report.ts';
import type { Summary } from './summary.ts';

/** Calls that are kept, in each of two generations. */
const mostCalls = 12_000;
const mostRoots = 4_000;
/** Different answers to one call that are kept: they differ in the locks that were known before. */
const answersToOne = 4;
const mostInterned = 200_000;
/** Unknown values have names of one length, so that what is too long to be kept is so whenever it is met. */
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_';
const nameLength = 3;

let objects = 0;
const objectIds = new WeakMap<object, number>();

/** A number for an object: equal for the same one. */
export function identityOf(object: object): number {
  let id = objectIds.get(object);
  if (id === undefined) {
    id = ++objects;
    objectIds.set(object, id);
  }
  return id;
}

/** Belongs to one host; nothing in it changes what an analysis finds. */
export class Store {
  private roots = new Generations<Walked>(mostRoots);
  private calls = new Generations<readonly Summary[]>(mostCalls);
  private readonly interned = new Map<string, number>();
  private readonly sites = new Map<string, string>();
  private numbers = 0;
  /** Of `sites`, by the place and the name of the activation. */
  private names = new WeakMap<Loc, Map<string, string>>();

  /** A number for a text: equal for equal ones as long as they are known, and never used again. */
  intern(text: string): number {
    let id = this.interned.get(text);
    if (id === undefined) {
      id = ++this.numbers;
      this.interned.set(text, id);
    }
    return id;
  }

  /** To be called between analyses. */
  tidy(): void {
    if (this.interned.size > mostInterned) this.interned.clear();
    if (this.sites.size < letters.length ** nameLength / 2) return;
    this.sites.clear();
    this.names = new WeakMap();
    this.interned.clear();
    this.roots = new Generations(mostRoots);
    this.calls = new Generations(mostCalls);
  }

  /** Name of the unknown value that comes from a place in the code, in an activation of this name. */
  nameAt(frame: string, loc: Loc): string {
    let byFrame = this.names.get(loc);
    if (byFrame === undefined) {
      byFrame = new Map();
      this.names.set(loc, byFrame);
    }
    let name = byFrame.get(frame);
    if (name === undefined) {
      name = this.named(`${frame} ${placeKey(loc)} ${loc.macro === null ? '' : placeKey(loc.macro)}`);
      byFrame.set(frame, name);
    }
    return name;
  }

  private named(site: string): string {
    let name = this.sites.get(site);
    if (name === undefined) {
      let rest = this.sites.size;
      name = '';
      for (let i = 0; i < nameLength; i++) {
        name = letters.charAt(rest % letters.length) + name;
        rest = Math.floor(rest / letters.length);
      }
      name = `$f${name}.`;
      this.sites.set(site, name);
    }
    return name;
  }

  root(key: string): Walked | undefined {
    return this.roots.get(key);
  }

  keepRoot(key: string, walked: Walked): void {
    this.roots.set(key, walked);
  }

  callsOf(key: string): readonly Summary[] {
    return this.calls.get(key) ?? [];
  }

  keepCall(summary: Summary): void {
    const others = this.callsOf(summary.key);
    this.calls.set(summary.key, [summary, ...others.slice(0, answersToOne - 1)]);
  }
}

/** The most recently used: those that were not used while as many others came are forgotten. */
class Generations<T> {
  private young = new Map<string, T>();
  private old = new Map<string, T>();
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get(key: string): T | undefined {
    const young = this.young.get(key);
    if (young !== undefined) return young;
    const old = this.old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: T): void {
    this.young.set(key, value);
    if (this.young.size < this.most) return;
    this.old = this.young;
    this.young = new Map();
  }
}
