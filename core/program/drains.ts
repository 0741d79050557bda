/** The store buffers of a program, under tso, and the threads that make their stores visible. */

import type { CheckedProgram, Loc } from '../semantics/hir.ts';
import type { Shared } from './context.ts';
import type { StoreBuffer, Thread, ThreadCode } from './ir.ts';
import type { Layout } from './layout.ts';
import { park } from './places.ts';
import { type Buffers, emitDrain } from './storeBuffers.ts';
import { finishUnit, newUnit } from './threads.ts';

/** Null under sc, and where nobody has declared how many stores wait. */
export function buffersOf(checked: CheckedProgram, layout: Layout, threads: number): Buffers | null {
  if (checked.memoryModel !== 'tso') return null;
  const declared = checked.settings.get('store_buffer')?.value;
  const entries = typeof declared === 'bigint' ? Number(declared) : 2;
  const { address, stride } = layout.buffers(threads, entries);
  return { entries, base: address, stride, sizes: new Set() };
}

/** A drain for each thread whose code puts stores into its buffer; `stores`: of which sizes, by code. */
export function addDrains(
  shared: Shared,
  threads: Thread[],
  codes: ThreadCode[],
  stores: readonly ReadonlySet<1 | 2 | 4 | 8>[],
): StoreBuffer[] {
  const { buffers } = shared;
  if (buffers === null) return [];
  const found: StoreBuffer[] = [];
  for (const [thread, { name, code, loc }] of [...threads.entries()]) {
    const sizes = stores[code] ?? new Set();
    if (sizes.size === 0) continue;
    const address = BigInt.asUintN(64, buffers.base + BigInt(thread) * buffers.stride);
    found.push({ thread, drain: threads.length, address, entries: buffers.entries });
    codes.push(drainCode(shared, { ...buffers, sizes: new Set(sizes) }, address, loc));
    const drain = { kind: 'task', code: codes.length - 1, param: 0n, ending: 'daemon', loc } as const;
    threads.push({ name: `store_buffer(${name})`, ...drain });
  }
  return found;
}

/** The code of a drain. `address`: of the buffer. */
function drainCode(shared: Shared, buffers: Buffers, address: bigint, loc: Loc): ThreadCode {
  const firstFrame = shared.frames.length;
  const unit = newUnit(shared, false, { kind: 'block', body: [], loc }, 'ghost');
  const { out } = unit;
  const text = 'the oldest store in the buffer becomes visible';
  const site = shared.sites.push({ loc, text, action: 'store', frame: unit.here.frame, inner: null }) - 1;
  const top = out.label();
  out.place(top);
  out.draft.heads.push(out.draft.instrs.length);
  park(unit, site, null);
  emitDrain(unit, buffers, address, site);
  out.jump(top);
  return { ...finishUnit(unit, false, firstFrame), begin: site };
}
