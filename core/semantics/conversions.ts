/** Integer types and C's conversions between them. */

import type { Expr, LValue, Loc } from './hir.ts';
import type { IntType, PointerType, Type, VoidType } from './types.ts';

export const voidType: VoidType = { kind: 'void' };
export const intType = integer(32, true, 'int');
export const unsignedType = integer(32, false, 'unsigned int');
export const longType = integer(64, true, 'long');
export const unsignedLongType = integer(64, false, 'unsigned long');
export const u64Type = integer(64, false, 'u64');
export const boolType: IntType = {
  kind: 'int',
  bits: 8,
  signed: false,
  bool: true,
  name: 'bool',
  enumerators: null,
};

export function integer(bits: IntType['bits'], signed: boolean, name: string): IntType {
  return { kind: 'int', bits, signed, bool: false, name, enumerators: null };
}

export function pointerTo(to: Type): PointerType {
  return { kind: 'pointer', to };
}

/** Integer types that need no declaration; a typedef of the same name hides them. */
export const baseTypes: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['void', voidType],
  ['bool', boolType],
  ['_Bool', boolType],
  ...named(['char', 'signed char', 's8', '__s8', 'int8_t'], 8, true),
  ...named(['unsigned char', 'u8', '__u8', 'uint8_t'], 8, false),
  ...named(['short', 's16', '__s16', 'int16_t'], 16, true),
  ...named(['unsigned short', 'u16', '__u16', 'uint16_t', '__le16', '__be16'], 16, false),
  ...named(['int', 's32', '__s32', 'int32_t'], 32, true),
  ...named(['unsigned int', 'u32', '__u32', 'uint32_t', '__le32', '__be32'], 32, false),
  ...named(
    ['long', 'long long', 's64', '__s64', 'int64_t', 'ssize_t', 'ptrdiff_t', 'intptr_t', 'loff_t'],
    64,
    true,
  ),
  ...named(
    [
      'unsigned long',
      'unsigned long long',
      'u64',
      '__u64',
      'uint64_t',
      'size_t',
      'uintptr_t',
      '__le64',
      '__be64',
    ],
    64,
    false,
  ),
]);

function named(names: readonly string[], bits: IntType['bits'], signed: boolean): [string, Type][] {
  return names.map((name) => [name, integer(bits, signed, name)]);
}

/** Values of the type as a mathematical integer, wrapped into its range. Pointers count as u64. */
export function wrap(value: bigint, type: Type): bigint {
  if (type.kind !== 'int') return BigInt.asUintN(64, value);
  if (type.bool) return value === 0n ? 0n : 1n;
  return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
}

export function isScalar(type: Type): type is IntType | PointerType {
  return type.kind === 'int' || type.kind === 'pointer';
}

/** The same type for assignment and identity; names of integers and signedness behind pointers do not count (as with -Wno-pointer-sign). */
export function sameType(a: Type, b: Type, behindPointer = false): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'void':
      return b.kind === 'void';
    case 'int':
      return (
        b.kind === 'int' && a.bits === b.bits && a.bool === b.bool && (behindPointer || a.signed === b.signed)
      );
    case 'pointer':
      return b.kind === 'pointer' && sameType(a.to, b.to, true);
    case 'array':
      return b.kind === 'array' && a.length === b.length && sameType(a.of, b.of, behindPointer);
    case 'struct':
      return false;
    case 'function':
      return (
        b.kind === 'function' &&
        a.params.length === b.params.length &&
        sameType(a.returns, b.returns) &&
        a.params.every((param, index) => sameType(param, b.params[index] ?? voidType))
      );
  }
}

export function constant(value: bigint, type: Type, loc: Loc): Expr {
  return { kind: 'constant', value: wrap(value, type), type, loc };
}

/** The expression converted to a type, folded when it is constant. Both types are scalar, or the target is void. */
export function convert(value: Expr, type: Type, loc: Loc = value.loc): Expr {
  if (value.kind === 'constant' && type.kind !== 'void') return constant(value.value, type, loc);
  if (sameType(value.type, type) && type.kind === value.type.kind && !isPointerChange(value.type, type))
    return value;
  return { kind: 'convert', value, type, loc };
}

/** Pointers keep their own pointee types, because members are looked up there. */
function isPointerChange(from: Type, to: Type): boolean {
  return from.kind === 'pointer' && to.kind === 'pointer' && from.to !== to.to && !sameType(from.to, to.to);
}

/** C's integer promotion: anything smaller than int becomes int. A bit-field counts by its width. */
export function promote(value: Expr): Expr {
  const type = value.type;
  if (type.kind !== 'int') return value;
  if (type.bits < 32) return convert(value, intType);
  if (type.bits === 32 && !type.signed && narrowBitField(value)) return convert(value, intType);
  return value;
}

/** The usual arithmetic conversions of two promoted operands. */
export function commonType(a: IntType, b: IntType): IntType {
  if (a.bits !== b.bits) return a.bits > b.bits ? a : b;
  if (a.signed !== b.signed) return a.signed ? b : a;
  // An enum gives way to the plain type, so that messages and later arithmetic speak of integers.
  if (a.enumerators !== null && b.enumerators === null) return b;
  return a;
}

/** Both operands promoted and brought to their common type. */
export function usualConversions(left: Expr, right: Expr): { left: Expr; right: Expr; type: IntType } | null {
  const a = promote(left);
  const b = promote(right);
  if (a.type.kind !== 'int' || b.type.kind !== 'int') return null;
  const common = commonType(a.type, b.type);
  const type = common.enumerators === null ? common : common.signed ? intType : unsignedType;
  return { left: convert(a, type), right: convert(b, type), type };
}

export function isNullConstant(value: Expr): boolean {
  if (value.kind !== 'constant' || value.value !== 0n) return false;
  return value.type.kind === 'int' || (value.type.kind === 'pointer' && value.type.to.kind === 'void');
}

function narrowBitField(value: Expr): boolean {
  let place: LValue;
  if (value.kind === 'read') place = value.place;
  else if (value.kind === 'assign' || value.kind === 'increment') place = value.target;
  else return false;
  return place.kind === 'field' && place.bits !== null && place.bits.width < 32;
}
