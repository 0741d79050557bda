/** Functions for the code of a program: a step from each park, the first local code of threads, `init`, and predicates. */

import type { Park, Predicate, Reg, ThreadCode } from '../program/ir.ts';
import { type Context, outcome } from './context.ts';
import { emitValue } from './expression.ts';
import { type Flow, flowOf } from './flow.ts';
import type { CodeLayout, Slot } from './layout.ts';
import { emitRegion, loadOperator, type RegionKind, storeOperator } from './region.ts';
import { access, type Body, type Func, op } from './wasm.ts';

/** Parameters of a step: linear address of the thread's block, its number, its parameter. */
export const stepParams = ['i32', 'i64', 'i64'] as const;
const block = 0;
const self = 1;
const param = 2;
const nothingKept: ReadonlySet<number> = new Set();

/** What a predicate answers. */
export const verdict = { no: 0, yes: 1, fault: 2, waits: 3 } as const;

/** One function for each park, in their order. */
export function addSteps(
  context: Context,
  code: ThreadCode,
  layout: CodeLayout,
  flow: Flow,
): readonly Func[] {
  return code.parks.map((park, index) => addStep(context, code, layout, flow, index, park.at + 1, park.site));
}

/** The local code before the first park. The thread's block must be zero. */
export function addFirstStep(context: Context, code: ThreadCode, layout: CodeLayout, flow: Flow): Func {
  return addStep(context, code, layout, flow, -1, 0, firstSite(code));
}

function addStep(
  context: Context,
  code: ThreadCode,
  layout: CodeLayout,
  flow: Flow,
  from: number,
  entry: number,
  site: number,
): Func {
  return context.module.func(stepParams, 'i32', (f) => {
    const live = new Set(code.parks[from]?.live ?? []);
    emitRegion(context, f, code, flow, entry, {
      ...reporting(context, f),
      live,
      loadLive: (reg) => pushSlot(f, layout.slots.get(reg)),
      self: () => f.get(self),
      param: () => f.get(param),
      pass: () => undefined,
      site: () => f.i32(site),
      loopNote: context.notes.add({ kind: 'loop', site }),
      rest: (at, pushRegister, written) => {
        const kept = at === null ? nothingKept : (layout.kept[at] ?? nothingKept);
        for (const reg of at === null ? [] : (code.parks[at]?.live ?? [])) {
          // What the step does not write stands in its slot already.
          if (live.has(reg) && !written.has(reg)) continue;
          storeSlot(f, layout.slots.get(reg), () => pushRegister(reg));
        }
        for (const reg of live) {
          const slot = layout.slots.get(reg);
          if (slot !== undefined && !kept.has(slot.offset)) storeSlot(f, slot, () => f.i64(0n));
        }
        const word = at === null ? 0 : layout.firstPark + at;
        f.get(block)
          .i32(word)
          .memory(context.state.pcBytes === 2 ? access.i32Store16 : access.i32Store);
        f.i32(outcome.done).ret();
      },
    });
  });
}

/** `init`, as the thread behind the last. Its parks divide it into segments. */
export function addInit(context: Context, code: ThreadCode): Func {
  const { globals, program } = context;
  return context.module.func([], 'i32', (f) => {
    const here = f.local('i32');
    f.i32(firstSite(code)).set(here);
    emitRegion(context, f, code, flowOf(code, true), 0, {
      ...reporting(context, f),
      ...nothingLive(f, BigInt(program.threads.length)),
      pass: (park) => {
        f.getGlobal(globals.segment).i32(1).op(op.i32Add).setGlobal(globals.segment);
        f.getGlobal(globals.choiceAt).setGlobal(globals.segmentChoices);
        f.getGlobal(globals.noteCount).setGlobal(globals.segmentNotes);
        f.i32(0).i32(-1).memory(access.i32Store, context.at.blockedSite);
        f.i32(park.site).set(here);
      },
      site: () => f.get(here),
      loopNote: context.notes.add({ kind: 'loop', site: -1 }),
      rest: () => f.i32(outcome.done).ret(),
    });
  });
}

/** Answers a `verdict`; after `fault`, the fault is in the globals. */
export function addPredicate(context: Context, predicate: Predicate): Func {
  const { globals, module, program } = context;
  return module.func([], 'i32', (f) => {
    emitRegion(context, f, predicate.code, flowOf(predicate.code, true), 0, {
      ...nothingLive(f, BigInt(program.threads.length)),
      quiet: true,
      pass: () => undefined,
      site: () => f.i32(0),
      loopNote: context.notes.add({ kind: 'loop', site: -1 }),
      note: () =>
        f.setGlobal(globals.faultAddress).op(op.drop).setGlobal(globals.faultNote).i32(verdict.fault).ret(),
      block: () => f.op(op.drop, op.drop).i32(verdict.waits).ret(),
      rest: (_, pushRegister) => {
        pushRegister(0);
        f.i64(0n).op(op.i64Ne).ret();
      },
    });
  });
}

/** The address of the access that a park's step begins with, by the same parameters as the step. */
export function addAccessAddress(
  context: Context,
  layout: CodeLayout,
  access_: NonNullable<Park['access']>,
): Func {
  return context.module.func(stepParams, 'i64', (f) => {
    const reg = (one: Reg): void => pushSlot(f, layout.slots.get(one));
    emitValue(context, f, { reg, self: () => f.get(self), param: () => f.get(param) }, access_.address);
  });
}

function reporting(context: Context, f: Body): Pick<RegionKind, 'note' | 'block' | 'quiet'> {
  return {
    quiet: false,
    note: (fatal) => {
      f.call(context.helpers.note);
      if (fatal) f.i32(outcome.fatal).ret();
    },
    block: () => f.call(context.helpers.blocked).i32(outcome.blocked).ret(),
  };
}

function nothingLive(f: Body, number: bigint): Pick<RegionKind, 'live' | 'loadLive' | 'self' | 'param'> {
  return { live: new Set(), loadLive: () => f.i64(0n), self: () => f.i64(number), param: () => f.i64(0n) };
}

function pushSlot(f: Body, slot: Slot | undefined): void {
  if (slot === undefined) f.i64(0n);
  else f.get(block).memory(loadOperator(slot.bytes, slot.signed), slot.offset);
}

function storeSlot(f: Body, slot: Slot | undefined, pushValue: () => void): void {
  if (slot === undefined) return;
  f.get(block);
  pushValue();
  f.memory(storeOperator(slot.bytes), slot.offset);
}

/** What is shown for code that runs before any park. */
function firstSite(code: ThreadCode): number {
  if (code.begin !== undefined) return code.begin;
  const first = code.parks[0];
  if (first !== undefined) return first.site;
  for (const instr of code.instrs) if ('site' in instr) return instr.site;
  return 0;
}
