/**
 * What generated code tells the search: numbered notes, each told at most once in a run and never again once it is settled.
 * After the first of a kind nothing is left to do for it, so notes cost nothing in the long run.
 */

import type { BuiltinCheck } from '../program/ir.ts';

export type Note =
  | { readonly kind: 'point'; readonly point: number }
  | { readonly kind: 'check'; readonly check: number; readonly site: number }
  | { readonly kind: 'loop'; readonly site: number }
  | {
      readonly kind: 'fault';
      readonly check: BuiltinCheck;
      readonly site: number;
      readonly write: boolean;
      readonly bytes: number;
      readonly why: string;
    }
  | { readonly kind: 'ended'; readonly thread: number }
  | { readonly kind: 'race'; readonly site: number }
  | { readonly kind: 'goal'; readonly goal: number }
  | { readonly kind: 'evaluated' | 'broken'; readonly invariant: number }
  | { readonly kind: 'final-evaluated' | 'final-broken'; readonly final: number };

/** Faults of an access in the order of their codes: the code is the position plus one. */
const faults: readonly { readonly check: BuiltinCheck; readonly why: string }[] = [
  { check: 'null-pointer', why: '' },
  { check: 'use-after-free', why: '' },
  { check: 'out-of-bounds', why: ': not aligned' },
  { check: 'out-of-bounds', why: ': beyond its end' },
  { check: 'uninitialised-read', why: ': never written' },
];

export const fault = { nowhere: 1, freed: 2, misaligned: 3, beyond: 4, unwritten: 5 } as const;

export class Notes {
  readonly all: Note[] = [];
  private readonly known = new Map<string, number>();

  /** The number of a note; the same note has the same number. */
  add(note: Note): number {
    const key = JSON.stringify(note);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, this.all.length);
    return this.all.push(note) - 1;
  }

  /** Number of the note for fault code 0 of an access; the faults of codes 1.. follow it. */
  addFaults(site: number, write: boolean, bytes: number): number {
    const key = `${site} ${write} ${bytes}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const first = this.all.length - 1;
    for (const one of faults) this.all.push({ kind: 'fault', site, write, bytes, ...one });
    this.known.set(key, first);
    return first;
  }
}
