/** Types of a checked program. Sizes and offsets are in bytes, laid out as on x86-64. */

import type { HirAnnotation, LocalVariable } from './hir.ts';

export type Type = VoidType | IntType | PointerType | ArrayType | StructType | FunctionType;

export interface VoidType {
  readonly kind: 'void';
}

/** Integers of every size, `bool` (bits 8, bool true: stores 0 or 1) and enums (32 bits, signed or not as in C). */
export interface IntType {
  readonly kind: 'int';
  readonly bits: 8 | 16 | 32 | 64;
  readonly signed: boolean;
  readonly bool: boolean;
  /** The name it was written with, for messages and hover: `u64`, `pid_t`, `enum mode`. */
  readonly name: string;
  /** Enumerators, for showing a value by name. */
  readonly enumerators: ReadonlyMap<string, bigint> | null;
}

export interface PointerType {
  readonly kind: 'pointer';
  readonly to: Type;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly of: Type;
  readonly length: number;
}

/** A struct or union. Compared by identity: one object per declaration and variant. */
export interface StructType {
  readonly kind: 'struct';
  readonly union: boolean;
  /** `list_head`, or a made-up name for an anonymous one. */
  readonly name: string;
  readonly fields: readonly Field[];
  readonly size: number;
  readonly align: number;
  /** Set for a type that a `lock_type` declares. */
  readonly lock: LockType | null;
  /** A pointer local that stands for "this object" in the annotations of its fields; null when none has any. */
  readonly self: LocalVariable | null;
}

export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly offset: number;
  /** A bit-field: its word starts at `offset` and has the size of `type`. */
  readonly bits: { readonly shift: number; readonly width: number } | null;
  readonly ghost: boolean;
  /** Of an anonymous struct or union member: its fields are found through it. */
  readonly anonymous: boolean;
  /** Declared range of a ghost field. */
  readonly range: { readonly low: bigint; readonly high: bigint } | null;
  /** `__guarded_by(lock)` and the like; their arguments speak of the object through the struct's `self`. */
  readonly annotations: readonly HirAnnotation[];
}

export interface FunctionType {
  readonly kind: 'function';
  readonly params: readonly Type[];
  readonly returns: Type;
}

/** Entries of a `lock_type` declaration by name: functions (by name) and words. */
export interface LockType {
  readonly name: string;
  readonly entries: ReadonlyMap<string, string>;
}

export function sizeOf(type: Type): number {
  switch (type.kind) {
    case 'void':
    case 'function':
      return 1;
    case 'int':
      return type.bits / 8;
    case 'pointer':
      return 8;
    case 'array':
      return sizeOf(type.of) * type.length;
    case 'struct':
      return type.size;
  }
}

export function alignOf(type: Type): number {
  switch (type.kind) {
    case 'array':
      return alignOf(type.of);
    case 'struct':
      return type.align;
    default:
      return sizeOf(type);
  }
}
