/**
 * Store buffers, under tso: a thread's stores to shared memory wait in a queue of its own, oldest first, and become
 * visible one by one, by steps of the buffer's drain. The thread itself reads its waiting stores.
 *
 * As x86-TSO has it (Owens, Sarkar, Sewell, "A better x86 memory model", 2009). All of it is ordinary code over ordinary
 * memory, so that engines and exporters need not know.
 */

import type { Loc } from '../semantics/hir.ts';
import type { Place, Unit } from './context.ts';
import { siteOf } from './context.ts';
import { binary, constant, extend, ONE, register, select, SELF, truth, unary, ZERO } from './expr.ts';
import type { IrExpr } from './ir.ts';

type Bytes = 1 | 2 | 4 | 8;
type Memory = Pick<Extract<Place, { kind: 'memory' }>, 'silent' | 'direct' | 'checked'>;

/** The buffers of a program under construction: one for each thread, in a row. */
export interface Buffers {
  readonly entries: number;
  readonly base: bigint;
  readonly stride: bigint;
  /** Sizes of the stores that the code at hand puts into its buffer. */
  readonly sizes: Set<Bytes>;
}

/** A store to this place waits in the buffer. */
export function isDelayed(unit: Unit, place: Memory): boolean {
  return unit.buffers !== null && !unit.drained && unit.mode !== 'ghost' && !place.silent && !place.direct;
}

/** A load of this place looks into the buffer first: also in ghost code, which sees what its thread sees. */
export function isForwarded(unit: Unit, place: Memory): boolean {
  return unit.buffers !== null && !unit.drained && !place.silent && !place.direct;
}

/** Puts a store into the buffer; not enabled while that is full. */
export function enqueue(
  unit: Unit,
  address: IrExpr,
  bytes: Bytes,
  value: IrExpr,
  checked: boolean,
  site: number,
): void {
  const { out, buffers } = unit;
  if (buffers === null) return;
  buffers.sizes.add(bytes);
  if (checked) {
    const reg = out.temporary();
    out.emit({ op: 'load', reg, address, bytes, signed: false, checked: true, unwritten: true, site });
  }
  const key = out.stable(binary('or', binary('shl', address, constant(2)), constant(Math.log2(bytes))));
  const word = out.stable(extend(bytes * 8, false, value));
  const done = out.label();
  for (let i = 0; i < buffers.entries; i++) {
    const next = out.label();
    const taken = load(unit, entry(buffers, i), site);
    if (i < buffers.entries - 1) out.branch(truth(taken), next);
    else out.emit({ op: 'assume', condition: unary('eqz', taken), holders: ZERO, site });
    save(unit, entry(buffers, i), key, site);
    save(unit, entry(buffers, i, 8), word, site);
    out.jump(done);
    out.place(next);
  }
  out.place(done);
}

/**
 * The value that the thread sees: the bytes of its youngest waiting stores, else what memory holds. As on x86, a load
 * that a smaller waiting store covers in part is not enabled until that store is visible; ghost code sees the mixture.
 */
export function forwarded(
  unit: Unit,
  address: IrExpr,
  bytes: Bytes,
  signed: boolean,
  checked: boolean,
  site: number,
): IrExpr {
  const { out, buffers } = unit;
  if (buffers === null) return ZERO;
  const value = out.variable();
  const seen = out.variable();
  const partial = out.variable();
  const direct = out.label();
  const done = out.label();
  const oldest = load(unit, entry(buffers, 0), site);
  out.branch(unary('eqz', oldest), direct);
  out.emit({ op: 'load', reg: value, address, bytes, signed: false, checked, unwritten: true, site });
  out.set(seen, ZERO);
  out.set(partial, ZERO);
  for (let i = 0; i < buffers.entries; i++) {
    const key = i === 0 ? oldest : load(unit, entry(buffers, i), site);
    const word = load(unit, entry(buffers, i, 8), site);
    const from = out.stable(binary('shrs', key, constant(2)));
    // Aligned accesses overlap only where the larger one contains the other.
    const size = binary('and', key, constant(3));
    const last = out.stable(binary('sub', binary('shl', ONE, size), ONE));
    const inside = binary(
      'and',
      binary('xor', address, from),
      unary('not', binary('or', last, constant(bytes - 1))),
    );
    const overlaps = out.stable(binary('and', truth(key), binary('eq', inside, ZERO)));
    const offset = out.stable(binary('mul', binary('sub', address, from), constant(8)));
    const covered = binary('shru', word, offset);
    if (bytes === 1) out.set(value, select(overlaps, covered, register(value)));
    else {
      const covers = out.stable(binary('leu', constant(bytes - 1), last));
      const up = out.stable(unary('neg', offset));
      const width = binary('mul', binary('add', last, ONE), constant(8));
      const mask = binary('shl', binary('sub', binary('shl', ONE, width), ONE), up);
      const kept = binary('and', register(value), unary('not', mask));
      const mixed = binary('or', kept, binary('shl', word, up));
      out.set(value, select(overlaps, select(covers, covered, mixed), register(value)));
      const isPartial = binary('and', overlaps, unary('eqz', covers));
      out.set(partial, binary('or', register(partial), isPartial));
    }
    out.set(seen, binary('or', register(seen), overlaps));
  }
  if (unit.mode !== 'ghost' && bytes > 1)
    out.emit({ op: 'assume', condition: unary('eqz', register(partial)), holders: ZERO, site });
  out.set(value, bytes === 8 ? register(value) : extend(bytes * 8, signed, register(value)));
  out.branch(register(seen), done);
  out.place(direct);
  out.emit({ op: 'load', reg: value, address, bytes, signed, checked, site });
  out.place(done);
  return out.stable(register(value));
}

/** The step goes on only when all stores of the thread are visible. */
export function awaitEmpty(unit: Unit, loc: Loc): void {
  const { buffers, out } = unit;
  if (buffers === null || unit.drained || unit.mode === 'ghost') return;
  const site = siteOf(unit, loc, 'none');
  const condition = unary('eqz', load(unit, entry(buffers, 0), site));
  out.emit({ op: 'assume', condition, holders: ZERO, site });
}

/** The step goes on only when no store of the thread to this object waits: its memory is about to mean something else. */
export function awaitObject(unit: Unit, address: IrExpr, bytes: number, loc: Loc): void {
  const { buffers, out } = unit;
  if (buffers === null) return;
  const site = siteOf(unit, loc, 'none');
  let clear: IrExpr = ONE;
  for (let i = 0; i < buffers.entries; i++) {
    const key = load(unit, entry(buffers, i), site);
    const offset = binary('sub', binary('shrs', key, constant(2)), address);
    const away = binary('or', unary('eqz', key), binary('leu', constant(bytes), offset));
    clear = out.stable(binary('and', clear, away));
  }
  out.emit({ op: 'assume', condition: clear, holders: ZERO, site });
}

/** What a wait says of whom it waits for: a thread with waiting stores waits for those alone, so it closes no circle. */
export function holdersOf(unit: Unit, holders: IrExpr, loc: Loc): IrExpr {
  const { buffers } = unit;
  if (buffers === null || unit.drained || (holders.kind === 'const' && holders.value === 0n)) return holders;
  const waiting = load(unit, entry(buffers, 0), siteOf(unit, loc, 'none'));
  return select(truth(waiting), ZERO, holders);
}

/** Does the buffer of a thread hold a store? */
export function storesWait(unit: Unit, thread: IrExpr, loc: Loc): IrExpr {
  const { buffers } = unit.shared;
  if (buffers === null) return ZERO;
  const at = binary('add', constant(buffers.base), binary('mul', thread, constant(buffers.stride)));
  return truth(load(unit, at, siteOf(unit, loc, 'none')));
}

/** One step of a drain: the oldest store becomes visible, and the others move up. `address`: of the buffer. */
export function emitDrain(unit: Unit, buffers: Buffers, address: bigint, site: number): void {
  const { out } = unit;
  const at = (index: number, word: 0 | 8) => constant(address + BigInt(16 * index + word));
  const key = load(unit, at(0, 0), site);
  out.emit({ op: 'assume', condition: truth(key), holders: ZERO, site });
  const value = load(unit, at(0, 8), site);
  const target = out.stable(binary('shrs', key, constant(2)));
  const size = out.stable(binary('and', key, constant(3)));
  const done = out.label();
  const sizes = [...buffers.sizes].sort((a, b) => a - b);
  sizes.forEach((bytes, i) => {
    const next = out.label();
    if (i < sizes.length - 1) out.branch(binary('ne', size, constant(Math.log2(bytes))), next);
    out.emit({ op: 'store', address: target, bytes, value, checked: true, site });
    out.jump(done);
    out.place(next);
  });
  out.place(done);
  for (let i = 0; i < buffers.entries; i++) {
    for (const word of [0, 8] as const) {
      const following = i + 1 < buffers.entries ? load(unit, at(i + 1, word), site) : ZERO;
      save(unit, at(i, word), following, site);
    }
  }
}

// ---------------------------------------------------------------- helpers

/** Address of a word of an entry of the executing thread's buffer. */
function entry(buffers: Buffers, index: number, word: 0 | 8 = 0): IrExpr {
  const own = binary('mul', SELF, constant(buffers.stride));
  return binary('add', own, constant(buffers.base + BigInt(16 * index + word)));
}

function load(unit: Unit, address: IrExpr, site: number): IrExpr {
  const reg = unit.out.temporary();
  unit.out.emit({ op: 'load', reg, address, bytes: 8, signed: false, checked: false, site });
  return register(reg);
}

function save(unit: Unit, address: IrExpr, value: IrExpr, site: number): void {
  unit.out.emit({ op: 'store', address, bytes: 8, value, checked: false, site });
}
