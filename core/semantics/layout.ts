/** Layout of structs and unions as in the System V ABI for x86-64. */

import { alignOf, type Field, sizeOf, type Type } from './types.ts';

/** A member as declared. `bits` null: no bit-field. An unnamed bit-field has the empty name. */
export interface Member {
  readonly name: string;
  readonly type: Type;
  readonly bits: number | null;
  readonly ghost: boolean;
  readonly anonymous: boolean;
  readonly range: Field['range'];
}

export interface Layout {
  readonly fields: readonly Omit<Field, 'annotations'>[];
  readonly size: number;
  readonly align: number;
}

/**
 * Offsets of the members. Rules for bit-fields (System V ABI, 3.1.2): allocated from the low bits upwards; a
 * bit-field never crosses a boundary of its own type; a width of 0 goes on at the next such boundary; unnamed
 * ones do not affect alignment. Ghost members come behind all others, so that the real ones lie as in the kernel.
 */
export function layOut(members: readonly Member[], union: boolean): Layout {
  const placed = new Map<Member, Omit<Field, 'annotations'>>();
  let bit = 0;
  let size = 0;
  let align = 1;
  for (const member of [...members.filter((m) => !m.ghost), ...members.filter((m) => m.ghost)]) {
    if (union) bit = 0;
    const bytes = sizeOf(member.type);
    const unit = bytes * 8;
    if (member.bits === null) {
      const alignment = alignOf(member.type);
      align = Math.max(align, alignment);
      bit = roundUp(bit, alignment * 8);
      placed.set(member, field(member, bit / 8, null));
      bit += unit;
    } else if (member.bits === 0) {
      bit = roundUp(bit, unit);
    } else {
      if (Math.floor(bit / unit) !== Math.floor((bit + member.bits - 1) / unit)) bit = roundUp(bit, unit);
      const word = Math.floor(bit / unit);
      if (member.name !== '') {
        align = Math.max(align, bytes);
        placed.set(member, field(member, word * bytes, { shift: bit - word * unit, width: member.bits }));
      }
      bit += member.bits;
    }
    size = Math.max(size, Math.ceil(bit / 8));
  }
  const fields = members.flatMap((member) => placed.get(member) ?? []);
  return { fields, size: roundUp(size, align), align };
}

function field(member: Member, offset: number, bits: Field['bits']): Omit<Field, 'annotations'> {
  const { name, type, ghost, anonymous, range } = member;
  return { name, type, offset, bits, ghost, anonymous, range };
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
