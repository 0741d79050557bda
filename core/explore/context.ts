/** What the generators of one module share: the program, where things stand, the globals and the helper functions. */

import type { Program } from '../program/ir.ts';
import type { MemoryLayout, StateLayout } from './layout.ts';
import type { Notes } from './notes.ts';
import type { Func, Global, ModuleBuilder } from './wasm.ts';

export interface Context {
  readonly program: Program;
  readonly module: ModuleBuilder;
  readonly state: StateLayout;
  readonly at: MemoryLayout;
  readonly notes: Notes;
  readonly globals: Globals;
  readonly helpers: Helpers;
}

export interface Globals {
  /** Number of the run, to tell what happened in it from what happened before. */
  readonly run: Global;
  /** Lines in the list of those written in this run. */
  readonly dirtyCount: Global;
  readonly noteCount: Global;
  /** Choices made so far in this run, and choices the script prescribes. */
  readonly choiceAt: Global;
  readonly choiceCount: Global;
  /** i64: the value of the last choice. */
  readonly chosen: Global;
  /** Of the start: parts of it begun in this run, and choices and notes made before the last of them. */
  readonly segment: Global;
  readonly segmentChoices: Global;
  readonly segmentNotes: Global;
  /** Why a predicate had no answer: note number of the fault, and (i64) the address. */
  readonly faultNote: Global;
  readonly faultAddress: Global;
}

export interface Helpers {
  /** (line of the state): it will be written. */
  readonly touch: Func;
  /** (note, who, value i64). */
  readonly note: Func;
  /** (low i64, high i64) -> 1: `chosen` is set; else what the step answers. */
  readonly choose: Func;
  /** (holders i64, site): the run is not enabled. */
  readonly blocked: Func;
  /** (address i64, bytes) -> linear address, or a fault code. */
  readonly resolve: Func;
  readonly resolveLoad: Func;
  /** As `resolveLoad`, of memory that may be unwritten. */
  readonly resolveValid: Func;
  /** Also touch the line and set the marks. */
  readonly resolveStore: Func;
  readonly resolveUncheckedStore: Func;
  /** (address i64, bytes, initialised). */
  readonly fill: Func;
  /** (i64, i64) -> i64; 0 for a divisor of 0. */
  readonly divide: Readonly<Record<'divu' | 'divs' | 'remu' | 'rems', Func>>;
}

/** What a step answers. */
export const outcome = { blocked: 0, done: 1, fatal: 2, overflow: 3 } as const;
