/**
 * What a view shows, as words written one after the other into memory that only the run of a view has: the number of
 * a text and its values, an end, a place. The first word counts them.
 */

import type { Expr, Intrinsic, Loc } from '../semantics/hir.ts';
import type { Type } from '../semantics/types.ts';
import { siteOf, type Unit } from './context.ts';
import { binary, constant, register, select } from './expr.ts';
import { stableScalar } from './expressions.ts';
import type { IrExpr, Region } from './ir.ts';

/** A text of a view: `{}` stands for a value of each type in turn. */
export interface ShowText {
  readonly how: 'value' | 'begin';
  readonly text: string;
  readonly types: readonly Type[];
  readonly loc: Loc;
}

/** Where nothing else is. */
const BASE = 0xffff_f000_0000_0000n;
/** Words that one run of a view may write; later ones are lost, and the count says so. */
export const mostWords = 16_384;
/** Words that are no number of a text. */
export const endWord = 1n << 32n;
export const placeWord = 1n << 33n;

export function lowerShow(
  unit: Unit,
  call: Intrinsic & { op: 'show' | 'show-end' | 'show-at' },
  loc: Loc,
): void {
  const { showing } = unit.shared;
  if (showing === null) return;
  if (call.op === 'show-end') write(unit, [constant(endWord)], loc);
  else if (call.op === 'show-at') write(unit, [constant(placeWord), stableScalar(unit, call.pointer)], loc);
  else {
    const values = call.values.map((value) => stableScalar(unit, value));
    showing.push({ how: call.how, text: call.text, types: call.values.map(({ type }: Expr) => type), loc });
    write(unit, [constant(showing.length - 1), ...values], loc);
  }
}

/** The region behind an image of `imageBytes` bytes. */
export function outputRegion(imageBytes: number): Region {
  const granules = mostWords + 1;
  return {
    base: BASE,
    granules,
    image: Int32Array.from({ length: granules }, (_, i) => imageBytes + 8 * i),
    alive: new Int32Array(granules).fill(-1),
    marks: new Int32Array(granules).fill(-1),
    object: new Int32Array(granules).fill(-1),
    limit: new Uint8Array(granules).fill(8),
  };
}

function write(unit: Unit, words: readonly IrExpr[], loc: Loc): void {
  const { out } = unit;
  const site = siteOf(unit, loc, 'none');
  const count = out.temporary();
  const base = constant(BASE);
  out.emit({ op: 'load', reg: count, address: base, bytes: 8, signed: false, checked: false, site });
  words.forEach((value, index) => {
    const next = binary('add', register(count), constant(index + 1));
    const place = select(binary('ltu', next, constant(mostWords)), next, constant(mostWords));
    const address = binary('add', base, binary('mul', place, constant(8)));
    out.emit({ op: 'store', address, bytes: 8, value, checked: false, site });
  });
  const value = binary('add', register(count), constant(words.length));
  out.emit({ op: 'store', address: base, bytes: 8, value, checked: false, site });
}
