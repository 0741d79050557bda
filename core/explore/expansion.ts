/** Generated code for one run: an attempt at a step, a part of the start, the odometer of choices. */

import { type Context, outcome } from './context.ts';
import { parkFact, THREAD_BYTES } from './layout.ts';
import { stepParams } from './steps.ts';
import { inserted, type StoreCode } from './storeCode.ts';
import { access, type Body, type Func, type Global, op } from './wasm.ts';

/** The answer of `attempt`: the outcome in the low bits, and these. */
export const answer = { outcome: 3, fresh: 4, noted: 8, more: 16, noRoom: 32, refused: 64 } as const;

/** How `attempt` is asked: to store the state it leads to; only to run; to leave the script at these choices. */
export const mode = { replay: 0, store: 1, stay: 2 } as const;

/** A step's number in its parent's list of attempts stands above the thread's number. */
export const THREAD_BITS = 6;
const ORDINAL_LIMIT = 1 << (32 - THREAD_BITS);

/** Fields of a thread's record. */
export const threadField = {
  block: 0,
  firstLine: 4,
  endLine: 8,
  firstStep: 12,
  param: 16,
  endedNote: 24,
  ending: 28,
} as const;

export interface Expansion {
  /** () : a run begins; nothing is written, noted or chosen yet. */
  readonly begin: Func;
  /** (thread, mode) -> `answer`: one run of the thread's step under the next choices. */
  readonly attempt: Func;
  /** The state being expanded. */
  readonly current: Global;
}

export function addExpansion(context: Context, store: StoreCode, init: Func, properties: Func): Expansion {
  const { module } = context;
  const current = module.global('i32');
  const begin = addBegin(context);
  const nextChoice = addNextChoice(context);
  const ended = addNoteEnded(context);
  const attempt = addAttempt(context, store, current, { begin, nextChoice, ended, properties });
  module.export('begin', begin);
  module.export('init', init);
  module.export('startThread', addStartThread(context));
  module.export('nextChoice', nextChoice);
  module.export('noteEnded', ended);
  module.export('properties', properties);
  module.export('attempt', attempt);
  return { begin, attempt, current };
}

function addBegin({ module, globals }: Context): Func {
  return module.func([], null, (f) => {
    f.getGlobal(globals.run).i32(1).op(op.i32Add).setGlobal(globals.run);
    for (const one of [globals.dirtyCount, globals.noteCount, globals.choiceAt]) f.i32(0).setGlobal(one);
  });
}

/** () -> 1 if there is another combination of choices: the last choice that can go up does. Else the script is empty. */
function addNextChoice({ module, globals, at }: Context): Func {
  return module.func([], 'i32', (f) => {
    const record = f.local('i32');
    f.loop((next) => {
      f.getGlobal(globals.choiceAt)
        .op(op.i32Eqz)
        .if(() => f.i32(0).setGlobal(globals.choiceCount).i32(0).ret());
      f.getGlobal(globals.choiceAt)
        .i32(1)
        .op(op.i32Sub)
        .i32(3)
        .op(op.i32Shl)
        .tee(record)
        .memory(access.i64Load, at.choiceValues);
      f.get(record)
        .memory(access.i64Load, at.choiceHighs)
        .op(op.i64LtS)
        .if(() => {
          f.get(record)
            .get(record)
            .memory(access.i64Load, at.choiceValues)
            .i64(1n)
            .op(op.i64Add)
            .memory(access.i64Store, at.choiceValues);
          f.getGlobal(globals.choiceAt).setGlobal(globals.choiceCount);
          f.i32(1).ret();
        });
      f.getGlobal(globals.choiceAt).i32(1).op(op.i32Sub).setGlobal(globals.choiceAt).br(next);
    });
    f.op(op.unreachable);
  });
}

/** Pushes a field of a thread's record, an i32. */
export function pushField(f: Body, { at }: Context, thread: number, field: number): void {
  f.get(thread)
    .i32(THREAD_BYTES)
    .op(op.i32Mul)
    .memory(access.i32Load, at.threads + field);
}

/** Pushes the word that says where a thread rests. */
export function pushPc(f: Body, context: Context, thread: number): void {
  pushField(f, context, thread, threadField.block);
  f.memory(context.state.pcBytes === 2 ? access.i32Load16U : access.i32Load);
}

/** Pushes the parameters of a step of `thread`. */
export function pushStepArguments(f: Body, context: Context, thread: number): void {
  pushField(f, context, thread, threadField.block);
  f.get(thread).op(op.i64ExtendI32U);
  f.get(thread)
    .i32(THREAD_BYTES)
    .op(op.i32Mul)
    .memory(access.i64Load, context.at.threads + threadField.param);
}

/** (thread) -> outcome: its local code before the first park. */
function addStartThread(context: Context): Func {
  const { module, globals, at } = context;
  const thread = 0;
  return module.func(['i32'], 'i32', (f) => {
    f.getGlobal(globals.segment).i32(1).op(op.i32Add).setGlobal(globals.segment);
    f.getGlobal(globals.choiceAt).setGlobal(globals.segmentChoices);
    f.getGlobal(globals.noteCount).setGlobal(globals.segmentNotes);
    f.i32(0).i32(-1).memory(access.i32Store, at.blockedSite);
    pushStepArguments(f, context, thread);
    pushField(f, context, thread, threadField.firstStep);
    f.callIndirect(stepParams, 'i32');
  });
}

/** (thread): notes when it stands at its end or at a head. */
function addNoteEnded(context: Context): Func {
  const { module, helpers, at } = context;
  const thread = 0;
  return module.func(['i32'], null, (f) => {
    pushPc(f, context, thread);
    f.memory(access.i32Load8U, at.parks)
      .i32(parkFact.head)
      .op(op.i32And)
      .if(() => {
        pushField(f, context, thread, threadField.endedNote);
        f.i32(0).i64(0n).call(helpers.note);
      });
  });
}

interface Parts {
  readonly begin: Func;
  readonly nextChoice: Func;
  readonly ended: Func;
  readonly properties: Func;
}

function addAttempt(context: Context, store: StoreCode, current: Global, parts: Parts): Func {
  const { module, globals, at } = context;
  // Attempts made so far for the current thread.
  const ordinal = module.global('i32', 'ordinal');
  const thread = 0;
  const how = 1;
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const first = f.local('i32');
    const end = f.local('i32');
    const result = f.local('i32');
    const found = f.local('i32');
    f.get(how)
      .i32(mode.store)
      .op(op.i32Eq)
      .if(() =>
        f
          .call(store.hasRoom)
          .op(op.i32Eqz)
          .if(() => f.i32(answer.noRoom).ret()),
      );
    f.getGlobal(globals.choiceCount)
      .op(op.i32Eqz)
      .if(() => {
        f.i32(0).setGlobal(ordinal);
        f.i32(0).i32(-1).memory(access.i32Store, at.blockedSite);
        f.i32(0).i64(-1n).memory(access.i64Store, at.holders);
      });
    f.getGlobal(ordinal)
      .i32(ORDINAL_LIMIT)
      .op(op.i32GeU)
      .if(() => f.i32(outcome.overflow).ret());
    f.call(parts.begin);
    pushStepArguments(f, context, thread);
    pushPc(f, context, thread);
    f.callIndirect(stepParams, 'i32').set(result);
    pushField(f, context, thread, threadField.firstLine);
    f.set(first);
    pushField(f, context, thread, threadField.endLine);
    f.set(end);
    f.get(how)
      .i32(mode.store)
      .op(op.i32Eq)
      .get(result)
      .i32(outcome.done)
      .op(op.i32Eq, op.i32And)
      .if(() => {
        f.get(first).get(end).getGlobal(current);
        f.get(thread).getGlobal(ordinal).i32(THREAD_BITS).op(op.i32Shl, op.i32Or);
        f.call(store.insert)
          .tee(found)
          .i32(inserted.fresh)
          .op(op.i32Eq)
          .if(
            () => {
              f.get(thread).call(parts.ended).call(parts.properties);
              f.get(result).i32(answer.fresh).op(op.i32Or).set(result);
            },
            () =>
              f
                .get(found)
                .i32(inserted.refused)
                .op(op.i32Eq)
                .if(() => f.get(result).i32(answer.refused).op(op.i32Or).set(result)),
          );
      });
    f.get(first).get(end).call(store.restore);
    f.getGlobal(ordinal).i32(1).op(op.i32Add).setGlobal(ordinal);
    f.getGlobal(globals.noteCount).if(() => f.get(result).i32(answer.noted).op(op.i32Or).set(result));
    f.get(how)
      .i32(mode.stay)
      .op(op.i32Ne)
      .if(() => {
        f.call(parts.nextChoice).if(() => f.get(result).i32(answer.more).op(op.i32Or).set(result));
      });
    f.get(result);
  });
}
