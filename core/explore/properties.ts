/** Generated code for the conditions of a program: invariants, goals, and what must hold when every thread is over. */

import type { Context } from './context.ts';
import { addPredicate, verdict } from './steps.ts';
import { access, type Body, type Func, op } from './wasm.ts';

/** () : notes of invariants, then of goals, on the working state. */
export function addProperties(context: Context): Func {
  const { module, notes, program } = context;
  const invariants = program.invariants.map((invariant, index) => ({
    ...predicatesOf(context, invariant),
    evaluated: notes.add({ kind: 'evaluated', invariant: index }),
    broken: notes.add({ kind: 'broken', invariant: index }),
  }));
  const goals = program.goals.map((goal, index) => ({
    reached: addPredicate(context, goal.predicate),
    note: notes.add({ kind: 'goal', goal: index }),
  }));
  return module.func([], null, (f) => {
    for (const one of invariants) emitJudgement(context, f, one);
    for (const { reached, note } of goals) {
      unlessSettled(context, f, [note], () => {
        f.call(reached)
          .i32(verdict.yes)
          .op(op.i32Eq)
          .if(() => pushNote(context, f, note));
      });
    }
  });
}

/** () -> number of notes: the final conditions on the working state. */
export function addFinals(context: Context): Func {
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

function predicatesOf(
  context: Context,
  { unless, condition }: Context['program']['invariants'][number],
): Pick<Judged, 'unless' | 'condition'> {
  return {
    unless: unless === null ? null : addPredicate(context, unless),
    condition: addPredicate(context, condition),
  };
}

/** A condition without an answer counts as broken, and `broken` then says why: who is the fault's note plus one, or -1 for waiting. */
function emitJudgement(context: Context, f: Body, { unless, condition, evaluated, broken }: Judged): void {
  const { globals, helpers } = context;
  const judge = (label: 'unless' | 'condition', result: number): void => {
    f.get(result)
      .i32(verdict.fault)
      .op(op.i32Eq)
      .if(() => {
        f.i32(broken)
          .getGlobal(globals.faultNote)
          .i32(1)
          .op(op.i32Add)
          .getGlobal(globals.faultAddress)
          .call(helpers.note);
      });
    f.get(result)
      .i32(verdict.waits)
      .op(op.i32Eq)
      .if(() => f.i32(broken).i32(-1).i64(0n).call(helpers.note));
    if (label === 'condition')
      f.get(result)
        .i32(verdict.no)
        .op(op.i32Eq)
        .if(() => pushNote(context, f, broken));
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
    f.i32(at.noteStates + 4 * note)
      .memory(access.i32Load)
      .i32(-1)
      .op(op.i32Ne);
    if (index > 0) f.op(op.i32Or);
  });
  f.if(then);
}
