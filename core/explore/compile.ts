/** A program as a WebAssembly module: straight to bytes, nothing of a scenario's text in it. */

import type { Program } from '../program/ir.ts';
import type { Context } from './context.ts';
import { addExpansion } from './expansion.ts';
import { addExplorer } from './explorer.ts';
import { flowOf } from './flow.ts';
import { foldProgram } from './fold.ts';
import { addGlobals, addHelpers } from './helpers.ts';
import { layOutMemory, layOutState, type MemoryLayout, type StateLayout } from './layout.ts';
import { type Note, Notes } from './notes.ts';
import { addFinals, addProperties } from './properties.ts';
import { addRaces } from './races.ts';
import { addFirstStep, addInit, addSteps } from './steps.ts';
import { addStore } from './storeCode.ts';
import { shapeTree, type TreeShape, weighLines } from './tree.ts';
import { ModuleBuilder } from './wasm.ts';

export interface Compiled {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly state: StateLayout;
  readonly shape: TreeShape;
  readonly at: MemoryLayout;
  /** By number. */
  readonly notes: readonly Note[];
  /** Per thread: table index of its first local code, and the note that it has ended. */
  readonly threads: readonly { readonly firstStep: number; readonly endedNote: number }[];
}

export function compile(source: Program): Compiled {
  const program = foldProgram(source);
  const state = layOutState(program);
  const shape = shapeTree(weighLines(program, state));
  // Addresses are part of the code, and what follows the notes depends on their number, so there is room for the most there can be.
  const at = layOutMemory({
    lines: state.lines,
    inner: shape.inner,
    notes: mostNotes(program),
    threads: program.threads.length,
    parks: state.parks,
    regions: program.memory.regions.map((region) => region.granules),
  });
  const module = new ModuleBuilder();
  const globals = addGlobals(module);
  const notes = new Notes();
  const context: Context = {
    program,
    module,
    state,
    at,
    notes,
    globals,
    helpers: addHelpers(module, globals, at, program.memory),
  };

  const init = addInit(context, program.init);
  // Entry 0 stands for the end and is never called.
  module.tableEntry(init);
  const ofCodes = program.codes.map((code, index) => {
    const layout = state.codes[index] ?? { slots: new Map(), kept: [], bytes: 0, firstPark: 1 };
    const flow = flowOf(code, false);
    return { steps: addSteps(context, code, layout, flow), first: addFirstStep(context, code, layout, flow) };
  });
  for (const { steps } of ofCodes) for (const step of steps) module.tableEntry(step);
  const firstSteps = ofCodes.map(({ first }) => module.tableEntry(first));
  const threads = program.threads.map((thread, index) => ({
    firstStep: firstSteps[thread.code] ?? 0,
    endedNote: notes.add({ kind: 'ended', thread: index }),
  }));
  const store = addStore(module, at, shape, globals.dirtyCount);
  const enabled = module.global('i64');
  const expansion = addExpansion(context, store, init, addProperties(context));
  addExplorer(context, expansion, {
    decode: store.decode,
    stateCount: store.stateCount,
    finals: addFinals(context),
    races: addRaces(context, enabled),
    enabled,
  });
  return { bytes: module.finish(), state, shape, at, notes: notes.all, threads };
}

function mostNotes(program: Program): number {
  const codes = [
    ...program.codes,
    program.init,
    ...[...program.invariants, ...program.finals].flatMap(({ unless, condition }) =>
      unless === null ? [condition.code] : [unless.code, condition.code],
    ),
    ...program.goals.map(({ predicate }) => predicate.code),
  ];
  const predicates = 2 * (program.invariants.length + program.finals.length) + program.goals.length;
  let most = predicates + program.threads.length + 16;
  // A code gives at most the five faults of an access, one note for any other instruction, and two for a park.
  for (const code of codes) most += 5 * code.instrs.length + 2 * code.parks.length + 1;
  return most;
}
