/** What the language knows beyond C: atomics, waiting, checks, allocation, threads. */

import type { Expr, Intrinsic, Loc, Pool } from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';
import { coverPoint, emitCheck, type Place, siteOf, type Unit, type Value } from './context.ts';
import { choose, lowerExpr, scalar, stableScalar, truthOf } from './expressions.ts';
import { lowerPlace } from './lvalues.ts';
import { binary, constant, register, select, SELF, truth, unary, ZERO } from './expr.ts';
import type { IrExpr } from './ir.ts';
import type { Layout } from './layout.ts';
import { lowerShow } from './show.ts';
import { probeCheck, probeFree } from './probes.ts';
import { awaitEmpty, holdersOf, storesWait } from './storeBuffers.ts';
import { normalise, park, readScalar, scalarShape, stablePlace, writeScalar } from './places.ts';

const number = (value: IrExpr): Value => ({ kind: 'scalar', value });

export function lowerIntrinsic(unit: Unit, call: Intrinsic, type: Type, loc: Loc): Value {
  const { shared, out } = unit;
  switch (call.op) {
    case 'read-once':
      return number(readScalar(unit, lowerPlace(unit, call.place), loc, 'marked'));
    case 'write-once': {
      const place = stablePlace(unit, lowerPlace(unit, call.place));
      const value = stableScalar(unit, call.value);
      writeScalar(unit, place, value, loc, 'marked');
      return number(value);
    }
    case 'data-race': {
      const quiet = unit.quiet;
      unit.quiet = true;
      const value = lowerExpr(unit, call.value);
      const settled: Value = value.kind === 'scalar' ? number(out.stable(value.value)) : value;
      unit.quiet = quiet;
      return settled;
    }
    case 'fetch': {
      const place = stablePlace(unit, lowerPlace(unit, call.place));
      const operand = stableScalar(unit, call.value);
      return number(
        inOneStep(unit, place, loc, () => {
          const old = out.stable(readScalar(unit, place, loc, 'marked'));
          const next = call.how === 'xchg' ? operand : normalise(binary(call.how, old, operand), place.type);
          writeScalar(unit, place, next, loc, 'marked');
          return old;
        }),
      );
    }
    case 'cmpxchg': {
      const place = stablePlace(unit, lowerPlace(unit, call.place));
      const expected = stableScalar(unit, call.expected);
      const desired = stableScalar(unit, call.desired);
      return number(inOneStep(unit, place, loc, () => exchange(unit, place, expected, desired, loc).old));
    }
    case 'try-cmpxchg':
      return tryCmpxchg(unit, call, loc);
    case 'fence':
      lowerFence(unit, call.fence, loc);
      return number(ZERO);
    case 'wait-until': {
      const mode = unit.mode;
      if (mode === 'plain') {
        park(unit, siteOf(unit, loc, 'none'), null);
        unit.mode = 'step';
      }
      const condition = out.stable(truthOf(unit, call.condition));
      const asked = call.holders === null ? ZERO : scalar(unit, call.holders);
      const holders = holdersOf(unit, asked, loc);
      out.emit({ op: 'assume', condition, holders, site: siteOf(unit, loc, 'none') });
      unit.mode = mode;
      return number(ZERO);
    }
    case 'check': {
      // BUG() is there never to be reached.
      const mayHold = call.condition.kind !== 'constant' || call.condition.value !== 0n;
      if (mayHold && loc.uri === shared.checked.uri && call.code === 'assertion-failed')
        coverPoint(unit, 'assert', loc);
      const condition = out.stable(truthOf(unit, call.condition));
      probeCheck(unit, loc, condition);
      emitCheck(unit, condition, call.code, {
        ...(call.name === null ? {} : { name: call.name }),
        fatal: call.fatal,
        message: call.message,
        loc,
      });
      return number(condition);
    }
    case 'show':
    case 'show-end':
    case 'show-at':
      lowerShow(unit, call, loc);
      return number(ZERO);
    case 'self':
      return number(SELF);
    case 'thread-count':
      return number(constant(shared.threadCount));
    case 'cpu-count':
      return number(constant(shared.cpuCount));
    case 'callbacks-interrupt':
      return number(shared.callbacksInterrupt ? constant(1) : ZERO);
    case 'thread-kind':
      return number(lookUp(stableScalar(unit, call.thread), shared.threadKinds));
    case 'thread-cpu':
      return number(lookUp(stableScalar(unit, call.thread), shared.threadCpus));
    case 'stores-wait':
      return number(storesWait(unit, stableScalar(unit, call.thread), loc));
    case 'thread-named':
      return number(constant(shared.threadNumbers.get(call.actor) ?? 0));
    case 'thread-of': {
      const object = stableScalar(unit, call.object);
      let result: IrExpr = ZERO;
      for (const { address, thread } of shared.eachThreads.get(call.actor) ?? []) {
        result = select(binary('eq', object, constant(address)), constant(thread), result);
      }
      return number(result);
    }
    case 'alloc':
      return number(allocate(unit, call.pool, call.at, call.zeroed, loc));
    case 'free':
      release(unit, call.pointer, loc);
      return number(ZERO);
    case 'is-live':
      return number(isLive(unit, call.pointer, loc));
    case 'object-count':
      return number(constant(shared.layout.all(call.of).length));
    case 'object-at': {
      const addresses = shared.layout.all(call.of);
      const index = stableScalar(unit, call.index);
      let result: IrExpr = ZERO;
      addresses.forEach((address, i) => {
        result = select(binary('eq', index, constant(i)), constant(address), result);
      });
      return number(scalarShape(type).bits === 64 ? result : ZERO);
    }
  }
}

function lookUp(index: IrExpr, values: readonly number[]): IrExpr {
  if (index.kind === 'const') return constant(values[Number(index.value)] ?? 0);
  let result: IrExpr = constant(values[0] ?? 0);
  values.forEach((value, i) => {
    if (value !== (values[0] ?? 0))
      result = select(binary('eq', index, constant(i)), constant(value), result);
  });
  return result;
}

/**
 * Under sc every access takes effect in the order of the program. Under tso only a full barrier is more than that: a step
 * that waits until the thread's stores are visible, and in a primitive part of its step.
 */
function lowerFence(unit: Unit, fence: Extract<Intrinsic, { op: 'fence' }>['fence'], loc: Loc): void {
  if (unit.buffers === null || fence !== 'full' || unit.mode === 'ghost') return;
  if (unit.mode === 'plain') {
    park(unit, siteOf(unit, loc, 'none'), null);
    awaitEmpty(unit, loc);
  } else {
    awaitEmpty(unit, loc);
    unit.drained = true;
  }
}

/** Begins a step for a read-modify-write, and lets its accesses belong to it: under tso one that finds the buffer empty. */
function inOneStep<T>(unit: Unit, place: Place, loc: Loc, run: () => T): T {
  const { mode, drained } = unit;
  if (mode === 'plain' && place.kind === 'memory' && !place.silent) {
    const { bytes } = scalarShape(place.type);
    park(unit, siteOf(unit, loc, 'none'), { address: place.address, bytes, write: true, plain: false });
    unit.mode = 'step';
  }
  if (unit.mode !== 'ghost' && place.kind === 'memory' && !place.silent) {
    awaitEmpty(unit, loc);
    unit.drained = true;
  }
  const result = run();
  unit.mode = mode;
  unit.drained = drained;
  return result;
}

function exchange(
  unit: Unit,
  place: Place,
  expected: IrExpr,
  desired: IrExpr,
  loc: Loc,
): { old: IrExpr; success: IrExpr } {
  const { out } = unit;
  const old = out.stable(readScalar(unit, place, loc, 'marked'));
  const success = out.stable(binary('eq', old, expected));
  const skip = out.label();
  out.branch(unary('eqz', success), skip);
  writeScalar(unit, place, desired, loc, 'marked');
  out.place(skip);
  return { old, success };
}

function tryCmpxchg(unit: Unit, call: Extract<Intrinsic, { op: 'try-cmpxchg' }>, loc: Loc): Value {
  const { out } = unit;
  const place = stablePlace(unit, lowerPlace(unit, call.place));
  const expectedPlace = stablePlace(unit, lowerPlace(unit, call.expected));
  const expected = out.stable(readScalar(unit, expectedPlace, loc));
  const desired = stableScalar(unit, call.desired);
  const { old, success } = inOneStep(unit, place, loc, () => exchange(unit, place, expected, desired, loc));
  const done = out.label();
  out.branch(success, done);
  writeScalar(unit, expectedPlace, old, loc);
  out.place(done);
  return number(success);
}

// ---------------------------------------------------------------- allocation

/** Word of an object's life: fresh, live, freed. Engines look at its lowest byte, which is 1 while the object lives and else 0. */
const FRESH = 0n;
const LIVE = 1n;
const FREED = 0x100n;

interface Slot {
  readonly address: bigint;
  readonly bytes: number;
  readonly state: bigint;
}

function slotsOf(layout: Layout, pool: Pool): Slot[] {
  const place = layout.poolPlace(pool);
  if (place === undefined) return [];
  const slots: Slot[] = [];
  for (let i = 0; i < pool.length; i++) {
    // Objects of a pool without declared addresses are laid out at a regular distance.
    const address = place.address + BigInt(i * place.stride);
    const object = layout.objects.find((o) => o.address === BigInt.asUintN(64, address) && o.kind === 'pool');
    if (object !== undefined)
      slots.push({ address: object.address, bytes: place.element, state: layout.stateOf(object) });
  }
  return slots;
}

function beginStep(unit: Unit, loc: Loc): void {
  if (unit.mode === 'plain') park(unit, siteOf(unit, loc, 'none'), null);
}

function loadState(unit: Unit, slot: Slot, loc: Loc): IrExpr {
  const reg = unit.out.temporary();
  unit.out.emit({
    op: 'load',
    reg,
    address: constant(slot.state),
    bytes: 8,
    signed: false,
    checked: false,
    site: siteOf(unit, loc, 'none'),
  });
  return register(reg);
}

function setState(unit: Unit, slot: Slot, state: bigint, initialised: boolean, loc: Loc): void {
  unit.out.emit({
    op: 'store',
    address: constant(slot.state),
    bytes: 8,
    value: constant(state),
    checked: false,
    site: siteOf(unit, loc, 'none'),
  });
  unit.out.emit({ op: 'fill', address: constant(slot.address), bytes: slot.bytes, initialised });
}

function allocate(unit: Unit, pool: Pool, at: Expr | null, zeroed: boolean, loc: Loc): IrExpr {
  const { out } = unit;
  const slots = slotsOf(unit.shared.layout, pool);
  const wanted = at === null ? null : stableScalar(unit, at);
  beginStep(unit, loc);
  const states = slots.map((slot) => loadState(unit, slot, loc));
  const done = out.label();
  const result = out.variable();
  if (wanted !== null) {
    slots.forEach((slot, i) => {
      const next = out.label();
      out.branch(binary('ne', wanted, constant(slot.address)), next);
      emitCheck(unit, binary('ne', states[i] ?? ZERO, constant(LIVE)), 'double-free', {
        fatal: true,
        message: `An object of the pool '${pool.name}' is allocated while it is allocated.`,
        loc,
      });
      setState(unit, slot, LIVE, zeroed, loc);
      out.jump(done);
      out.place(next);
    });
    emitCheck(unit, ZERO, 'out-of-bounds', {
      fatal: true,
      message: `The address is not that of an object of the pool '${pool.name}'.`,
      loc,
    });
    out.place(done);
    return wanted;
  }
  const isFresh = states.map((state) => out.stable(binary('eq', state, constant(FRESH))));
  const isFreed = states.map((state) =>
    pool.reuse ? out.stable(binary('eq', state, constant(FREED))) : ZERO,
  );
  const available = [...isFresh, ...isFreed].reduce((a, b) => binary('or', a, b), ZERO);
  emitCheck(unit, available, 'pool-exhausted', {
    fatal: true,
    message: `The pool '${pool.name}' has ${pool.length} objects and none is left; enlarge it.`,
    loc,
  });
  // A reusable pool offers one fresh object and every freed one.
  const pick = pool.reuse ? choose(unit, ZERO, constant(slots.length - 1)) : null;
  let earlierFresh: IrExpr = ZERO;
  let allowed: IrExpr = ZERO;
  slots.forEach((_, i) => {
    const fits = binary(
      'or',
      isFreed[i] ?? ZERO,
      binary('and', isFresh[i] ?? ZERO, unary('eqz', earlierFresh)),
    );
    if (pick !== null) allowed = select(binary('eq', pick, constant(i)), fits, allowed);
    earlierFresh = out.stable(binary('or', earlierFresh, isFresh[i] ?? ZERO));
  });
  if (pick !== null)
    out.emit({ op: 'assume', condition: allowed, holders: ZERO, site: siteOf(unit, loc, 'none') });
  slots.forEach((slot, i) => {
    const next = out.label();
    out.branch(pick === null ? unary('eqz', isFresh[i] ?? ZERO) : binary('ne', pick, constant(i)), next);
    setState(unit, slot, LIVE, zeroed, loc);
    out.set(result, constant(slot.address));
    out.jump(done);
    out.place(next);
  });
  out.place(done);
  return out.stable(register(result));
}

/** Pool objects that a pointer of this type may point to. */
function slotsFor(unit: Unit, type: Type): Slot[] {
  const to = type.kind === 'pointer' ? type.to : null;
  const pools = unit.shared.checked.pools.filter(
    (pool) => to === null || to.kind === 'void' || to === pool.type || to.kind === 'int',
  );
  return pools.flatMap((pool) => slotsOf(unit.shared.layout, pool));
}

function release(unit: Unit, pointer: Expr, loc: Loc): void {
  const { out } = unit;
  const address = stableScalar(unit, pointer);
  probeFree(unit, address, loc);
  beginStep(unit, loc);
  // What the thread stored before belongs to the object's old life.
  awaitEmpty(unit, loc);
  const done = out.label();
  for (const slot of slotsFor(unit, pointer.type)) {
    const next = out.label();
    out.branch(binary('ne', address, constant(slot.address)), next);
    emitCheck(unit, binary('eq', loadState(unit, slot, loc), constant(LIVE)), 'double-free', {
      fatal: true,
      message: 'An object is freed that is not allocated.',
      loc,
    });
    setState(unit, slot, FREED, false, loc);
    out.jump(done);
    out.place(next);
  }
  emitCheck(unit, ZERO, 'double-free', {
    fatal: true,
    message: 'Something is freed that is not an object of a pool.',
    loc,
  });
  out.place(done);
}

function isLive(unit: Unit, pointer: Expr, loc: Loc): IrExpr {
  const address = stableScalar(unit, pointer);
  let result: IrExpr = truth(address);
  for (const slot of slotsFor(unit, pointer.type)) {
    const offset = binary('sub', address, constant(slot.address));
    const inside = binary('ltu', offset, constant(slot.bytes));
    result = select(inside, binary('eq', loadState(unit, slot, loc), constant(LIVE)), result);
  }
  return unit.out.stable(result);
}
