/** Generated code that the search calls: one attempt at a step, one part of the start, the properties of a state, races. */

import { type Context, outcome } from './context.ts';
import { THREAD_BYTES } from './layout.ts';
import { addAccessAddress, addPredicate, stepParams, verdict } from './steps.ts';
import { inserted, type StoreCode } from './storeCode.ts';
import { access, type Body, type Func, type Global, op } from './wasm.ts';

/** The answer of `attempt`: the outcome in the low bits, and these. */
export const answer = { outcome: 3, fresh: 4, noted: 8, more: 16, noRoom: 32, refused: 64 } as const;

/** A step's number in its parent's list of attempts stands above the thread's number. */
export const THREAD_BITS = 6;
const ORDINAL_LIMIT = 1 << (32 - THREAD_BITS);

/** Fields of a thread's record. */
export const threadField = { block: 0, firstLine: 4, endLine: 8, firstStep: 12, param: 16, endedNote: 24 } as const;

export interface ExpansionGlobals {
  /** The state being expanded, and attempts made so far for the current thread. */
  readonly current: Global;
  readonly ordinal: Global;
}

export function addExpansion(context: Context, store: StoreCode, init: Func): void {
  const { module } = context;
  const globals: ExpansionGlobals = { current: module.global('i32', 'current'), ordinal: module.global('i32', 'ordinal') };
  const begin = addBegin(context);
  const nextChoice = addNextChoice(context);
  const ended = addNoteEnded(context);
  const properties = addProperties(context);
  module.export('begin', begin);
  module.export('init', init);
  module.export('startThread', addStartThread(context));
  module.export('nextChoice', nextChoice);
  module.export('noteEnded', ended);
  module.export('properties', properties);
  module.export('finals', addFinals(context));
  module.export('attempt', addAttempt(context, store, globals, { begin, nextChoice, ended, properties }));
  module.export('races', addRaces(context));
}

/** () : a run begins; nothing is written, noted or chosen yet. */
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
      f.getGlobal(globals.choiceAt).op(op.i32Eqz).if(() => f.i32(0).setGlobal(globals.choiceCount).i32(0).ret());
      f.getGlobal(globals.choiceAt).i32(1).op(op.i32Sub).i32(3).op(op.i32Shl).tee(record).memory(access.i64Load, at.choiceValues);
      f.get(record).memory(access.i64Load, at.choiceHighs).op(op.i64LtS).if(() => {
        f.get(record).get(record).memory(access.i64Load, at.choiceValues).i64(1n).op(op.i64Add).memory(access.i64Store, at.choiceValues);
        f.getGlobal(globals.choiceAt).setGlobal(globals.choiceCount);
        f.i32(1).ret();
      });
      f.getGlobal(globals.choiceAt).i32(1).op(op.i32Sub).setGlobal(globals.choiceAt).br(next);
    });
    f.op(op.unreachable);
  });
}

// ---------------------------------------------------------------- threads

/** Pushes the linear address of a thread's block. */
function pushBlock(f: Body, { at }: Context, thread: number): void {
  pushField(f, at.threads, thread, threadField.block);
}

/** Pushes the word that says where a thread rests. */
function pushPc(f: Body, context: Context, thread: number): void {
  pushBlock(f, context, thread);
  f.memory(context.state.pcBytes === 2 ? access.i32Load16U : access.i32Load);
}

function pushField(f: Body, threads: number, thread: number, field: number): void {
  f.get(thread).i32(THREAD_BYTES).op(op.i32Mul).memory(access.i32Load, threads + field);
}

/** Pushes the parameters of a step of `thread`. */
function pushStepArguments(f: Body, context: Context, thread: number): void {
  pushBlock(f, context, thread);
  f.get(thread).op(op.i64ExtendI32U);
  f.get(thread).i32(THREAD_BYTES).op(op.i32Mul).memory(access.i64Load, context.at.threads + threadField.param);
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
    pushField(f, at.threads, thread, threadField.firstStep);
    f.callIndirect(stepParams, 'i32');
  });
}

/** (thread): notes when it stands at its end or at a head. */
function addNoteEnded(context: Context): Func {
  const { module, helpers, at } = context;
  const thread = 0;
  return module.func(['i32'], null, (f) => {
    pushPc(f, context, thread);
    f.memory(access.i32Load8U, at.heads).if(() => {
      pushField(f, at.threads, thread, threadField.endedNote);
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

/** How `attempt` is asked: to store the state it leads to; to leave the script at these choices. */
export const mode = { replay: 0, store: 1, stay: 2 } as const;

/** (thread, mode) -> `answer`: one run of the thread's step under the next choices. */
function addAttempt(context: Context, store: StoreCode, expansion: ExpansionGlobals, parts: Parts): Func {
  const { module, globals, at } = context;
  const thread = 0;
  const how = 1;
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const first = f.local('i32');
    const end = f.local('i32');
    const result = f.local('i32');
    const found = f.local('i32');
    f.get(how).i32(mode.store).op(op.i32Eq).if(() => f.call(store.hasRoom).op(op.i32Eqz).if(() => f.i32(answer.noRoom).ret()));
    f.getGlobal(globals.choiceCount).op(op.i32Eqz).if(() => {
      f.i32(0).setGlobal(expansion.ordinal);
      f.i32(0).i32(-1).memory(access.i32Store, at.blockedSite);
      f.i32(0).i64(-1n).memory(access.i64Store, at.holders);
    });
    f.getGlobal(expansion.ordinal).i32(ORDINAL_LIMIT).op(op.i32GeU).if(() => f.i32(outcome.overflow).ret());
    f.call(parts.begin);
    pushStepArguments(f, context, thread);
    pushPc(f, context, thread);
    f.callIndirect(stepParams, 'i32').set(result);
    pushField(f, at.threads, thread, threadField.firstLine);
    f.set(first);
    pushField(f, at.threads, thread, threadField.endLine);
    f.set(end);
    f.get(how).i32(mode.store).op(op.i32Eq).get(result).i32(outcome.done).op(op.i32Eq, op.i32And).if(() => {
      f.get(first).get(end).getGlobal(expansion.current);
      f.get(thread).getGlobal(expansion.ordinal).i32(THREAD_BITS).op(op.i32Shl, op.i32Or);
      f.call(store.insert).tee(found).i32(inserted.fresh).op(op.i32Eq).if(
        () => {
          f.get(thread).call(parts.ended).call(parts.properties);
          f.get(result).i32(answer.fresh).op(op.i32Or).set(result);
        },
        () => f.get(found).i32(inserted.refused).op(op.i32Eq).if(() => f.get(result).i32(answer.refused).op(op.i32Or).set(result)),
      );
    });
    f.get(first).get(end).call(store.restore);
    f.getGlobal(expansion.ordinal).i32(1).op(op.i32Add).setGlobal(expansion.ordinal);
    f.getGlobal(globals.noteCount).if(() => f.get(result).i32(answer.noted).op(op.i32Or).set(result));
    f.get(how).i32(mode.stay).op(op.i32Ne).if(() => {
      f.call(parts.nextChoice).if(() => f.get(result).i32(answer.more).op(op.i32Or).set(result));
    });
    f.get(result);
  });
}

// ---------------------------------------------------------------- properties

/** () : notes of invariants, then of goals, on the working state. */
function addProperties(context: Context): Func {
  const { module, notes, program } = context;
  const invariants = program.invariants.map((invariant, index) => ({
    ...predicatesOf(context, invariant),
    evaluated: notes.add({ kind: 'evaluated', invariant: index }),
    broken: notes.add({ kind: 'broken', invariant: index }),
  }));
  const goals = program.goals.map((goal, index) => ({ reached: addPredicate(context, goal.predicate), note: notes.add({ kind: 'goal', goal: index }) }));
  return module.func([], null, (f) => {
    for (const one of invariants) emitJudgement(context, f, one);
    for (const { reached, note } of goals) {
      unlessSettled(context, f, [note], () => {
        f.call(reached).i32(verdict.yes).op(op.i32Eq).if(() => pushNote(context, f, note));
      });
    }
  });
}

/** () -> number of notes: the final conditions on the working state. */
function addFinals(context: Context): Func {
  const { module, globals, notes, program } = context;
  const finals = program.finals.map((final, index) => ({
    ...predicatesOf(context, final),
    evaluated: notes.add({ kind: 'final-evaluated', final: index }),
    broken: notes.add({ kind: 'final-broken', final: index }),
  }));
  return module.func([], 'i32', (f) => {
    for (const one of finals) emitJudgement(context, f, one);
    f.getGlobal(globals.noteCount);
  });
}

interface Judged {
  readonly unless: Func | null;
  readonly condition: Func;
  readonly evaluated: number;
  readonly broken: number;
}

function predicatesOf(context: Context, { unless, condition }: Context['program']['invariants'][number]): Pick<Judged, 'unless' | 'condition'> {
  return { unless: unless === null ? null : addPredicate(context, unless), condition: addPredicate(context, condition) };
}

/** A condition without an answer counts as broken, and `broken` then says why: who is the fault's note plus one, or -1 for waiting. */
function emitJudgement(context: Context, f: Body, { unless, condition, evaluated, broken }: Judged): void {
  const { globals, helpers } = context;
  const judge = (label: 'unless' | 'condition', result: number): void => {
    f.get(result).i32(verdict.fault).op(op.i32Eq).if(() => {
      f.i32(broken).getGlobal(globals.faultNote).i32(1).op(op.i32Add).getGlobal(globals.faultAddress).call(helpers.note);
    });
    f.get(result).i32(verdict.waits).op(op.i32Eq).if(() => f.i32(broken).i32(-1).i64(0n).call(helpers.note));
    if (label === 'condition') f.get(result).i32(verdict.no).op(op.i32Eq).if(() => pushNote(context, f, broken));
  };
  const result = f.local('i32');
  unlessSettled(context, f, [evaluated, broken], () => {
    f.block((done) => {
      if (unless !== null) {
        f.call(unless).set(result);
        judge('unless', result);
        f.get(result).brIf(done);
      }
      pushNote(context, f, evaluated);
      f.call(condition).set(result);
      judge('condition', result);
    });
  });
}

function pushNote({ helpers }: Context, f: Body, note: number): void {
  f.i32(note).i32(0).i64(0n).call(helpers.note);
}

/** Skips what can tell nothing new. */
function unlessSettled({ at }: Context, f: Body, some: readonly number[], then: () => void): void {
  some.forEach((note, index) => {
    f.i32(at.noteStates + 4 * note).memory(access.i32Load).i32(-1).op(op.i32Ne);
    if (index > 0) f.op(op.i32Or);
  });
  f.if(then);
}

// ---------------------------------------------------------------- races

/** Bytes of a record in the table of next accesses: address, end, flags, note. */
const ACCESS_BYTES = 32;
const accessFlag = { write: 1, plain: 2 } as const;

/** (low word, high word of the enabled threads) -> number of notes: each race between their next accesses in the working state; who is lower + 256 * other. */
function addRaces(context: Context): Func {
  const { module, globals, program } = context;
  const describe = addDescribeAccess(context);
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const count = f.local('i32');
    const i = f.local('i32');
    const j = f.local('i32');
    for (let thread = 0; thread < program.threads.length; thread += 1) {
      f.get(thread >> 5).i32(thread & 31).op(op.i32ShrU).i32(1).op(op.i32And).if(() => {
        f.i32(thread).get(count).call(describe).get(count).op(op.i32Add).set(count);
      });
    }
    const outer = (): void => {
      f.get(i).i32(ACCESS_BYTES).op(op.i32Add).set(j);
      f.block((done) => {
        f.loop((next) => {
          f.get(j).get(count).i32(ACCESS_BYTES).op(op.i32Mul, op.i32GeU).brIf(done);
          emitCompare(context, f, i, j);
          f.get(j).i32(ACCESS_BYTES).op(op.i32Add).set(j).br(next);
        });
      });
    };
    f.block((done) => {
      f.loop((next) => {
        f.get(i).get(count).i32(ACCESS_BYTES).op(op.i32Mul, op.i32GeU).brIf(done);
        outer();
        f.get(i).i32(ACCESS_BYTES).op(op.i32Add).set(i).br(next);
      });
    });
    f.getGlobal(globals.noteCount);
  });
}

function emitCompare({ at, helpers }: Context, f: Body, i: number, j: number): void {
  const field = { address: at.accesses, end: at.accesses + 8, flags: at.accesses + 16, note: at.accesses + 20, thread: at.accesses + 24 };
  f.get(i).memory(access.i64Load, field.address).get(j).memory(access.i64Load, field.end).op(op.i64LtU);
  f.get(j).memory(access.i64Load, field.address).get(i).memory(access.i64Load, field.end).op(op.i64LtU, op.i32And);
  f.get(i).memory(access.i32Load, field.flags).get(j).memory(access.i32Load, field.flags).op(op.i32Or);
  f.i32(accessFlag.write | accessFlag.plain).op(op.i32Eq, op.i32And).if(() => {
    f.get(i).memory(access.i32Load, field.note);
    f.get(i).memory(access.i32Load, field.thread).get(j).memory(access.i32Load, field.thread).i32(8).op(op.i32Shl, op.i32Or);
    f.get(i).memory(access.i64Load, field.address).call(helpers.note);
  });
}

/** (thread, position) -> 1 if the thread stands before an access that may race; then its record is at that position. */
function addDescribeAccess(context: Context): Func {
  const { module, at, program, state, notes } = context;
  const thread = 0;
  const position = 1;
  const field = { address: at.accesses, end: at.accesses + 8, flags: at.accesses + 16, note: at.accesses + 20, thread: at.accesses + 24 };
  const parks = program.codes.flatMap((code, index) => {
    const layout = state.codes[index];
    return layout === undefined ? [] : code.parks.map((park) => ({ park, layout }));
  });
  const addresses = parks.map(({ park, layout }) => (park.access === null ? null : addAccessAddress(context, layout, park.access)));
  return module.func(['i32', 'i32'], 'i32', (f) => {
    const record = f.local('i32');
    const word = f.local('i32');
    pushPc(f, context, thread);
    f.set(word);
    f.get(position).i32(ACCESS_BYTES).op(op.i32Mul).set(record);
    f.block((none) => {
      const labels = parks.map(() => none);
      const open = parks.flatMap(({ park }, index) => (park.access === null ? [] : [index]));
      for (const index of [...open].reverse()) labels[index] = f.open();
      // Word 0 is the end.
      f.get(word).brTable([none, ...labels], none);
      for (const index of open) {
        f.close();
        const { park } = parks[index] ?? {};
        const address = addresses[index];
        if (park === undefined || address === undefined || address === null || park.access === null) continue;
        const { bytes, write, plain } = park.access;
        f.get(record);
        pushStepArguments(f, context, thread);
        f.call(address).memory(access.i64Store, field.address);
        f.get(record).get(record).memory(access.i64Load, field.address).i64(BigInt(bytes)).op(op.i64Add).memory(access.i64Store, field.end);
        f.get(record).i32((write ? accessFlag.write : 0) | (plain ? accessFlag.plain : 0)).memory(access.i32Store, field.flags);
        f.get(record).i32(notes.add({ kind: 'race', site: park.site })).memory(access.i32Store, field.note);
        f.get(record).get(thread).memory(access.i32Store, field.thread);
        f.i32(1).ret();
      }
    });
    f.i32(0);
  });
}
