/** The functions that generated steps call: bookkeeping of a run, choices, arithmetic that must not trap. */

import { outcome, type Globals, type Helpers } from './context.ts';
import { CHOICE_LIMIT, type MemoryLayout, NOTE_BYTES } from './layout.ts';
import { addMemoryHelpers } from './memoryAccess.ts';
import type { Memory } from '../program/ir.ts';
import { access, type Func, type ModuleBuilder, op } from './wasm.ts';

export function addGlobals(module: ModuleBuilder): Globals {
  return {
    run: module.global('i32', 'run'),
    dirtyCount: module.global('i32', 'dirtyCount'),
    noteCount: module.global('i32', 'noteCount'),
    choiceAt: module.global('i32', 'choiceAt'),
    choiceCount: module.global('i32', 'choiceCount'),
    chosen: module.global('i64'),
    segment: module.global('i32', 'segment'),
    segmentChoices: module.global('i32', 'segmentChoices'),
    segmentNotes: module.global('i32', 'segmentNotes'),
    faultNote: module.global('i32'),
    faultAddress: module.global('i64'),
  };
}

export function addHelpers(
  module: ModuleBuilder,
  globals: Globals,
  at: MemoryLayout,
  memory: Memory,
): Helpers {
  const touch = addTouch(module, globals, at);
  return {
    touch,
    note: addNote(module, globals, at),
    choose: addChoose(module, globals, at),
    blocked: addBlocked(module, at),
    ...addMemoryHelpers(module, touch, at, memory),
    divide: {
      divu: addDivision(module, op.i64DivU, false),
      divs: addDivision(module, op.i64DivS, true),
      remu: addDivision(module, op.i64RemU, false),
      rems: addDivision(module, op.i64RemS, false),
    },
  };
}

/** Lists the line, once in each run. */
function addTouch(module: ModuleBuilder, globals: Globals, at: MemoryLayout): Func {
  const line = 0;
  return module.func(['i32'], null, (f) => {
    const stamp = f.local('i32');
    f.get(line)
      .i32(2)
      .op(op.i32Shl)
      .tee(stamp)
      .memory(access.i32Load, at.stamps)
      .getGlobal(globals.run)
      .op(op.i32Ne);
    f.if(() => {
      f.get(stamp).getGlobal(globals.run).memory(access.i32Store, at.stamps);
      f.getGlobal(globals.dirtyCount).i32(2).op(op.i32Shl).get(line).memory(access.i32Store, at.dirty);
      f.getGlobal(globals.dirtyCount).i32(1).op(op.i32Add).setGlobal(globals.dirtyCount);
    });
  });
}

/** Appends to the list of notes, unless the note is settled (-1) or already in it. */
function addNote(module: ModuleBuilder, globals: Globals, at: MemoryLayout): Func {
  const note = 0;
  const who = 1;
  const value = 2;
  return module.func(['i32', 'i32', 'i64'], null, (f) => {
    const state = f.local('i32');
    const record = f.local('i32');
    f.get(note).i32(2).op(op.i32Shl).memory(access.i32Load, at.noteStates).tee(state);
    f.i32(-1)
      .op(op.i32Eq)
      .get(state)
      .getGlobal(globals.run)
      .op(op.i32Eq, op.i32Or)
      .if(() => f.ret());
    f.get(note).i32(2).op(op.i32Shl).getGlobal(globals.run).memory(access.i32Store, at.noteStates);
    f.getGlobal(globals.noteCount)
      .i32(NOTE_BYTES)
      .op(op.i32Mul)
      .tee(record)
      .get(note)
      .memory(access.i32Store, at.noteList);
    f.get(record)
      .get(who)
      .memory(access.i32Store, at.noteList + 4);
    f.get(record)
      .get(value)
      .memory(access.i64Store, at.noteList + 8);
    f.getGlobal(globals.noteCount).i32(1).op(op.i32Add).setGlobal(globals.noteCount);
  });
}

/** Takes the script's value, or the lowest when the script is used up; keeps the highest for the odometer. */
function addChoose(module: ModuleBuilder, globals: Globals, at: MemoryLayout): Func {
  const low = 0;
  const high = 1;
  return module.func(['i64', 'i64'], 'i32', (f) => {
    const record = f.local('i32');
    f.get(low)
      .get(high)
      .op(op.i64GtS)
      .if(() => f.i32(outcome.blocked).ret());
    f.getGlobal(globals.choiceAt)
      .i32(CHOICE_LIMIT)
      .op(op.i32GeU)
      .if(() => f.i32(outcome.overflow).ret());
    f.getGlobal(globals.choiceAt).i32(3).op(op.i32Shl).set(record);
    f.getGlobal(globals.choiceAt)
      .getGlobal(globals.choiceCount)
      .op(op.i32GeU)
      .if(() => {
        f.get(record).get(low).memory(access.i64Store, at.choiceValues);
        f.getGlobal(globals.choiceAt).i32(1).op(op.i32Add).setGlobal(globals.choiceCount);
      });
    f.get(record).get(high).memory(access.i64Store, at.choiceHighs);
    f.get(record).memory(access.i64Load, at.choiceValues).setGlobal(globals.chosen);
    f.getGlobal(globals.choiceAt).i32(1).op(op.i32Add).setGlobal(globals.choiceAt);
    f.i32(outcome.done);
  });
}

/** A step with choices waits only for whom every choice waits for: any one of them would let it go on. */
function addBlocked(module: ModuleBuilder, at: MemoryLayout): Func {
  const holders = 0;
  const site = 1;
  return module.func(['i64', 'i32'], null, (f) => {
    f.i32(0)
      .i32(0)
      .memory(access.i64Load, at.holders)
      .get(holders)
      .op(op.i64And)
      .memory(access.i64Store, at.holders);
    f.i32(0)
      .memory(access.i32Load, at.blockedSite)
      .i32(0)
      .op(op.i32LtS)
      .if(() => f.i32(0).get(site).memory(access.i32Store, at.blockedSite));
  });
}

function addDivision(module: ModuleBuilder, operator: number, overflows: boolean): Func {
  const a = 0;
  const b = 1;
  return module.func(['i64', 'i64'], 'i64', (f) => {
    f.get(b)
      .op(op.i64Eqz)
      .if(() => f.i64(0n).ret());
    // The one quotient that does not fit wraps around.
    if (overflows)
      f.get(b)
        .i64(-1n)
        .op(op.i64Eq)
        .if(() => f.i64(0n).get(a).op(op.i64Sub).ret());
    f.get(a).get(b).op(operator);
  });
}
