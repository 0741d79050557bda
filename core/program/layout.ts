/**
 * Where everything is: addresses of objects (fixed for a variant) and their places in a state's image.
 *
 * Addresses look like a kernel's: data from DATA_BASE with a gap behind each object, so that an index
 * one too far hits nothing; functions from TEXT_BASE; pools with declared addresses where they say.
 */

import type { GlobalVariable, LocalVariable, Pool } from '../semantics/hir.ts';
import { alignOf, sizeOf, type StructType, type Type } from '../semantics/types.ts';
import type { Memory, MemoryObject, Region } from './ir.ts';

const DATA_BASE = 0xffff_ffff_8200_0000n;
export const TEXT_BASE = 0xffff_ffff_8100_0000n;
const GAP = 16;
/** Larger images are refused: a state must stay small enough to store millions of. */
export const IMAGE_LIMIT = 1 << 20;

interface Run {
  readonly base: bigint;
  granules: { image: number; alive: number; marks: number; object: number; limit: number }[];
}

export class Layout {
  readonly objects: MemoryObject[] = [];
  private readonly data: Run = { base: DATA_BASE, granules: [] };
  private readonly fixed: Run[] = [];
  private imageBytes = 0;
  private readonly byGlobal = new Map<GlobalVariable, bigint>();
  private readonly byPool = new Map<
    Pool,
    { address: bigint; stride: number; first: number; element: number }
  >();
  private readonly byLocal = new Map<LocalVariable, { address: bigint; stride: number }[]>();
  private readonly hidden = new Map<string, bigint>();
  /** Lifetime bytes stand in the image before everything that they govern is placed. */
  private readonly slotState = new Map<MemoryObject, bigint>();

  /** `count`: how many elements of a per-thread or per-CPU array exist; null for the whole type. */
  global(variable: GlobalVariable, count: number | null): void {
    const whole = variable.type;
    const type: Type =
      count !== null && whole.kind === 'array'
        ? { kind: 'array', of: whole.of, length: Math.min(count, whole.length) }
        : whole;
    const address = this.add({ ...variable, type, kind: 'global', life: null, marked: false });
    this.byGlobal.set(variable, address);
  }

  pool(pool: Pool): void {
    const size = sizeOf(pool.type);
    const first = this.objects.length;
    let address = 0n;
    let stride = 0;
    if (pool.at !== null) {
      address = pool.at.base;
      stride = pool.at.stride;
      const run: Run = { base: address, granules: [] };
      this.fixed.push(run);
      for (let i = 0; i < pool.length; i++) {
        this.addAt(run, address + BigInt(i * stride), this.slot(pool, i));
      }
    } else {
      for (let i = 0; i < pool.length; i++) {
        const at = this.add(this.slot(pool, i));
        if (i === 0) address = at;
        if (i === 1) stride = Number(at - address);
      }
      if (stride === 0) stride = size;
    }
    this.byPool.set(pool, { address, stride, first, element: size });
  }

  /** One byte of bookkeeping (8 in the image), never freed. */
  hiddenWord(name: string): bigint {
    let address = this.hidden.get(name);
    if (address === undefined) {
      address = this.add(hiddenWord(name));
      this.hidden.set(name, address);
    }
    return address;
  }

  /**
   * Memory for a local that needs an address: one copy for each thread (`threads` counts init), and one for
   * each activation of its function inside another (`depth`).
   */
  local(variable: LocalVariable, depth: number, threads: number): { address: bigint; stride: number } {
    const copies = this.byLocal.get(variable) ?? [];
    this.byLocal.set(variable, copies);
    while (copies.length <= depth) {
      let address = 0n;
      let stride = 0;
      for (let i = 0; i < threads; i++) {
        const at = this.add({ ...variable, kind: 'local', life: null, marked: true });
        if (i === 0) address = at;
        if (i === 1) stride = Number(at - address);
      }
      copies.push({ address, stride });
    }
    return copies[depth] ?? { address: 0n, stride: 0 };
  }

  /** Store buffers, one for each thread, in a row: `entries` pairs of words each. */
  buffers(threads: number, entries: number): { address: bigint; stride: bigint } {
    const type: Type = { kind: 'array', of: U64, length: 2 * entries };
    const all = Array.from({ length: threads }, (_, i) =>
      this.add({ ...hiddenWord(`store buffer ${i}`), type }),
    );
    const address = all[0] ?? 0n;
    return { address, stride: (all[1] ?? address) - address };
  }

  addressOfGlobal(variable: GlobalVariable): bigint | undefined {
    return this.byGlobal.get(variable);
  }

  poolPlace(pool: Pool): { address: bigint; stride: number; first: number; element: number } | undefined {
    return this.byPool.get(pool);
  }

  /** Address of the word whose lowest byte is 1 while this pool object lives, and else 0. */
  stateOf(object: MemoryObject): bigint {
    const at = this.slotState.get(object);
    if (at === undefined) throw new Error(`no lifetime kept for ${object.name}`);
    return at;
  }

  /** The access is inside an object that always lives and is always initialised. */
  isAlwaysValid(signed: bigint, bytes: number): boolean {
    const address = BigInt.asUintN(64, signed);
    const place = this.find(address);
    return (
      place !== null &&
      place.alive < 0 &&
      place.marks < 0 &&
      (address & BigInt(bytes - 1)) === 0n &&
      Number(address & 7n) + bytes <= place.limit
    );
  }

  /** Addresses of all objects of a type, members and elements included, in memory order. */
  all(type: Type): bigint[] {
    const found: bigint[] = [];
    const visit = (at: bigint, here: Type): void => {
      if (here === type || (type.kind !== 'struct' && sameShape(here, type))) {
        found.push(at);
        return;
      }
      if (here.kind === 'array') {
        const step = BigInt(sizeOf(here.of));
        if (containsType(here.of, type))
          for (let i = 0; i < here.length; i++) visit(at + BigInt(i) * step, here.of);
      } else if (here.kind === 'struct') {
        for (const field of here.fields)
          if (containsType(field.type, type)) visit(at + BigInt(field.offset), field.type);
      }
    };
    for (const object of this.objects) {
      if (object.kind === 'global' || object.kind === 'pool') visit(object.address, object.type);
    }
    return found;
  }

  /** The object of this type at an address, by the names that lead to it: `roots[1].rcu_head`. */
  nameOf(signed: bigint, type: Type): string {
    const address = BigInt.asUintN(64, signed);
    const object = this.objects.find((o) => address >= o.address && address < o.address + BigInt(o.bytes));
    if (object === undefined) return `0x${BigInt.asUintN(64, address).toString(16)}`;
    return object.name + memberPath(object.type, Number(address - object.address), type);
  }

  finish(): Memory {
    const image = new Uint8Array(this.imageBytes);
    return {
      imageBytes: this.imageBytes,
      regions: [this.data, ...this.fixed].filter((r) => r.granules.length > 0).map(toRegion),
      objects: this.objects,
      image,
    };
  }

  get bytes(): number {
    return this.imageBytes;
  }

  private find(address: bigint) {
    for (const run of [this.data, ...this.fixed]) {
      const index = (address - run.base) >> 3n;
      if (index >= 0n && index < BigInt(run.granules.length)) {
        const granule = run.granules[Number(index)];
        return granule !== undefined && granule.image >= 0 ? granule : null;
      }
    }
    return null;
  }

  private slot(pool: Pool, index: number): Placing {
    const name = `${pool.name}[${index}]`;
    return {
      name,
      type: pool.type,
      kind: 'pool',
      ghost: false,
      loc: pool.loc,
      life: this.life(name),
      marked: true,
    };
  }

  /** A word that says whether an object lives: laid out before the object itself. */
  private life(name: string): Life {
    const state = this.add(hiddenWord(`${name}: life`));
    return { state, alive: this.find(state)?.image ?? -1 };
  }

  /** Behind everything laid out so far. */
  private add(placing: Placing): bigint {
    const align = Math.max(8, alignOf(placing.type));
    const end = this.data.granules.length * 8;
    const start = Math.ceil((end + (end === 0 ? 0 : GAP)) / align) * align;
    return this.addAt(this.data, this.data.base + BigInt(start), placing);
  }

  private addAt(run: Run, address: bigint, placing: Placing): bigint {
    const { name, type, kind, ghost, loc, life, marked } = placing;
    const bytes = Math.max(1, sizeOf(type));
    const granules = Math.ceil(bytes / 8);
    const first = Number((address - run.base) >> 3n);
    while (run.granules.length < first)
      run.granules.push({ image: -1, alive: -1, marks: -1, object: -1, limit: 0 });
    let marks = -1;
    if (marked) {
      marks = this.imageBytes;
      this.imageBytes += Math.ceil(granules / 8) * 8;
    }
    const alive = life?.alive ?? -1;
    const object: MemoryObject = {
      name,
      type,
      address: BigInt.asUintN(64, address),
      bytes,
      ghost,
      kind,
      alive,
      loc,
    };
    const index = this.objects.length;
    this.objects.push(object);
    if (life !== null) this.slotState.set(object, life.state);
    for (let i = 0; i < granules; i++) {
      run.granules.push({
        image: this.imageBytes,
        alive,
        marks: marked ? marks + i : -1,
        object: index,
        limit: Math.min(8, bytes - 8 * i),
      });
      this.imageBytes += 8;
    }
    return object.address;
  }
}

/** An object to lay out; `marked`: it is remembered which of its bytes were written. */
interface Placing extends Pick<MemoryObject, 'name' | 'type' | 'kind' | 'ghost' | 'loc'> {
  readonly life: Life | null;
  readonly marked: boolean;
}

function hiddenWord(name: string): Placing {
  return { name, type: U64, kind: 'hidden', ghost: true, loc: null, life: null, marked: false };
}

interface Life {
  readonly state: bigint;
  readonly alive: number;
}

const U64: Type = { kind: 'int', bits: 64, signed: false, bool: false, name: 'u64', enumerators: null };

function sameShape(a: Type, b: Type): boolean {
  return a.kind === 'int' && b.kind === 'int' && a.name === b.name && a.bits === b.bits;
}

function containsType(here: Type, type: Type): boolean {
  if (here === type) return true;
  if (here.kind === 'array') return containsType(here.of, type);
  if (here.kind === 'struct') return here.fields.some((field) => containsType(field.type, type));
  return false;
}

/** `.role.word`, `[3]` for an offset inside a type; ends at a part of the type `until`. */
export function memberPath(type: Type, offset: number, until: Type | null = null): string {
  if (type === until && offset === 0) return '';
  if (type.kind === 'array') {
    const size = sizeOf(type.of);
    const index = Math.floor(offset / size);
    return `[${index}]${memberPath(type.of, offset - index * size, until)}`;
  }
  if (type.kind === 'struct') {
    const field = innermost(type, offset);
    if (field === null) return offset === 0 ? '' : `+${offset}`;
    const rest = memberPath(field.type, offset - field.offset, until);
    return field.anonymous ? rest : `.${field.name}${rest}`;
  }
  return offset === 0 ? '' : `+${offset}`;
}

function innermost(type: StructType, offset: number) {
  for (const field of type.fields) {
    if (offset >= field.offset && offset < field.offset + sizeOf(field.type) && !(field.bits !== null))
      return field;
  }
  return null;
}

function toRegion(run: Run): Region {
  const count = run.granules.length;
  return {
    base: BigInt.asUintN(64, run.base),
    granules: count,
    image: Int32Array.from(run.granules, (g) => g.image),
    alive: Int32Array.from(run.granules, (g) => g.alive),
    marks: Int32Array.from(run.granules, (g) => g.marks),
    object: Int32Array.from(run.granules, (g) => g.object),
    limit: Uint8Array.from(run.granules, (g) => g.limit),
  };
}
