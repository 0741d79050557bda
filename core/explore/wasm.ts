/**
 * A small WebAssembly binary emitter: modules of functions over one imported memory.
 *
 * Source: WebAssembly Core Specification 1.0, section 5 (binary format), with the sign-extension and bulk-memory operators of 2.0.
 * Nothing is validated here; the host's compiler does that.
 */

export type ValueType = 'i32' | 'i64';

export interface Signature {
  readonly params: readonly ValueType[];
  readonly result: ValueType | null;
}

/** A mutable global. */
export interface Global {
  readonly index: number;
}

export interface Func {
  readonly index: number;
  readonly signature: Signature;
}

/** Where a branch goes: the nesting depth of its block. */
export interface Label {
  readonly depth: number;
}

export const op = {
  unreachable: 0x00,
  drop: 0x1a,
  select: 0x1b,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32LeU: 0x4d,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeS: 0x57,
  i64LeU: 0x58,
  i64GeS: 0x59,
  i64GeU: 0x5a,
  i32Clz: 0x67,
  i32Ctz: 0x68,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i64Clz: 0x79,
  i64Ctz: 0x7a,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64DivS: 0x7f,
  i64DivU: 0x80,
  i64RemS: 0x81,
  i64RemU: 0x82,
  i64And: 0x83,
  i64Or: 0x84,
  i64Xor: 0x85,
  i64Shl: 0x86,
  i64ShrS: 0x87,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  i64ExtendI32U: 0xad,
  i64Extend8S: 0xc2,
  i64Extend16S: 0xc3,
  i64Extend32S: 0xc4,
} as const;

/** Memory operators with the natural alignment of each, as a power of two. */
export const access = {
  i32Load: [0x28, 2],
  i64Load: [0x29, 3],
  i32Load8U: [0x2d, 0],
  i32Load16U: [0x2f, 1],
  i64Load8S: [0x30, 0],
  i64Load8U: [0x31, 0],
  i64Load16S: [0x32, 1],
  i64Load16U: [0x33, 1],
  i64Load32S: [0x34, 2],
  i64Load32U: [0x35, 2],
  i32Store: [0x36, 2],
  i64Store: [0x37, 3],
  i32Store8: [0x3a, 0],
  i32Store16: [0x3b, 1],
  i64Store8: [0x3c, 0],
  i64Store16: [0x3d, 1],
  i64Store32: [0x3e, 2],
} as const satisfies Record<string, readonly [number, number]>;

const typeCode: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e };
const emptyBlock = 0x40;

export class ModuleBuilder {
  private readonly types: string[] = [];
  private readonly typeBytes: number[][] = [];
  private readonly globals: number[][] = [];
  private readonly exports: { readonly name: string; readonly kind: 0 | 3; readonly index: number }[] = [];
  private readonly functions: { readonly type: number; body: Uint8Array | null }[] = [];
  private readonly scratch: Bytes[] = [];
  private readonly table: number[] = [];

  /** A function whose body comes later, so that calls to it can be emitted before. */
  declare(params: readonly ValueType[], result: ValueType | null): Func {
    const signature: Signature = { params, result };
    this.functions.push({ type: this.typeOf(signature), body: null });
    return { index: this.functions.length - 1, signature };
  }

  define(func: Func, write: (f: Body) => void): void {
    // Bodies are written one after another, but one may be begun inside another.
    const code = this.scratch.pop() ?? new Bytes();
    const body = new Body(this, func.signature, code);
    write(body);
    const slot = this.functions[func.index];
    if (slot !== undefined) slot.body = body.finish();
    code.clear();
    this.scratch.push(code);
  }

  func(params: readonly ValueType[], result: ValueType | null, write: (f: Body) => void): Func {
    const func = this.declare(params, result);
    this.define(func, write);
    return func;
  }

  global(type: ValueType, name: string | null = null): Global {
    this.globals.push([typeCode[type], 1, type === 'i32' ? 0x41 : 0x42, 0, 0x0b]);
    const index = this.globals.length - 1;
    if (name !== null) this.exports.push({ name, kind: 3, index });
    return { index };
  }

  export(name: string, func: Func): void {
    this.exports.push({ name, kind: 0, index: func.index });
  }

  /** Appends to the function table; the answer is what an indirect call takes. */
  tableEntry(func: Func): number {
    this.table.push(func.index);
    return this.table.length - 1;
  }

  typeOf(signature: Signature): number {
    const key = `${signature.params.join()}>${signature.result ?? ''}`;
    const known = this.types.indexOf(key);
    if (known >= 0) return known;
    this.types.push(key);
    const results = signature.result === null ? [] : [typeCode[signature.result]];
    this.typeBytes.push([
      0x60,
      ...vector(signature.params.map((one) => [typeCode[one]])),
      ...vector(results.map((one) => [one])),
    ]);
    return this.types.length - 1;
  }

  /** The module imports its memory as `env.memory`. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.append([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    out.section(1, vector(this.typeBytes));
    out.section(2, vector([[...text('env'), ...text('memory'), 2, 0, ...unsignedLeb(0)]]));
    out.section(3, vector(this.functions.map((one) => unsignedLeb(one.type))));
    if (this.table.length > 0) out.section(4, vector([[0x70, 0, ...unsignedLeb(this.table.length)]]));
    if (this.globals.length > 0) out.section(6, vector(this.globals));
    out.section(
      7,
      vector(this.exports.map((one) => [...text(one.name), one.kind, ...unsignedLeb(one.index)])),
    );
    if (this.table.length > 0)
      out.section(9, vector([[0, 0x41, 0, 0x0b, ...vector(this.table.map(unsignedLeb))]]));
    const bodies = this.functions.map((one) => one.body ?? [2, 0, 0x0b]);
    let size = unsignedLeb(bodies.length).length;
    for (const body of bodies) size += body.length;
    out.append([10, ...unsignedLeb(size), ...unsignedLeb(bodies.length)]);
    for (const body of bodies) out.append(body);
    return out.take();
  }
}

/** The instructions of one function, emitted in order. Methods return the body, so that a stack computation reads in one line. */
export class Body {
  private readonly module: ModuleBuilder;
  private readonly params: number;
  private readonly locals: ValueType[] = [];
  private readonly code: Bytes;
  private depth = 0;

  constructor(module: ModuleBuilder, signature: Signature, code: Bytes) {
    this.module = module;
    this.code = code;
    this.params = signature.params.length;
  }

  /** A fresh local, zero at the start. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.params + this.locals.length - 1;
  }

  op(first: number, ...more: readonly number[]): this {
    this.code.push(first);
    for (const code of more) this.code.push(code);
    return this;
  }

  i32(value: number): this {
    this.code.push(0x41);
    pushSigned(this.code, BigInt(value | 0));
    return this;
  }

  i64(value: bigint): this {
    this.code.push(0x42);
    pushSigned(this.code, BigInt.asIntN(64, value));
    return this;
  }

  get(local: number): this {
    return this.indexed(0x20, local);
  }

  set(local: number): this {
    return this.indexed(0x21, local);
  }

  tee(local: number): this {
    return this.indexed(0x22, local);
  }

  getGlobal(global: Global): this {
    return this.indexed(0x23, global.index);
  }

  setGlobal(global: Global): this {
    return this.indexed(0x24, global.index);
  }

  /** Loads from, or stores to, the address on the stack plus `offset` bytes. */
  memory(how: readonly [number, number], offset = 0): this {
    this.code.push(how[0]);
    this.code.push(how[1]);
    pushUnsigned(this.code, offset);
    return this;
  }

  /** memory.copy: destination, source and length are on the stack. */
  copyMemory(): this {
    return this.op(0xfc, 10, 0, 0);
  }

  call(func: Func): this {
    return this.indexed(0x10, func.index);
  }

  callIndirect(params: readonly ValueType[], result: ValueType | null): this {
    this.indexed(0x11, this.module.typeOf({ params, result }));
    return this.op(0);
  }

  ret(): this {
    return this.op(0x0f);
  }

  block(write: (label: Label) => void): this {
    return this.nested(0x02, write);
  }

  /** A branch to its label goes on with the next round. */
  loop(write: (label: Label) => void): this {
    return this.nested(0x03, write);
  }

  /** Takes the condition from the stack. */
  if(then: () => unknown, otherwise: (() => unknown) | null = null): this {
    this.open(0x04);
    then();
    if (otherwise !== null) {
      this.code.push(0x05);
      otherwise();
    }
    return this.close();
  }

  /** Opens a block that `close` ends, for nests whose depth is data. */
  open(code = 0x02): Label {
    this.code.push(code);
    this.code.push(emptyBlock);
    this.depth += 1;
    return { depth: this.depth };
  }

  close(): this {
    this.code.push(0x0b);
    this.depth -= 1;
    return this;
  }

  br(label: Label): this {
    return this.indexed(0x0c, this.depth - label.depth);
  }

  brIf(label: Label): this {
    return this.indexed(0x0d, this.depth - label.depth);
  }

  /** Takes an index from the stack; the last label is for every index beyond the others. */
  brTable(labels: readonly Label[], last: Label): this {
    this.code.push(0x0e);
    pushUnsigned(this.code, labels.length);
    for (const label of [...labels, last]) pushUnsigned(this.code, this.depth - label.depth);
    return this;
  }

  finish(): Uint8Array {
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count += 1;
      else runs.push({ type, count: 1 });
    }
    const locals = vector(runs.map((run) => [...unsignedLeb(run.count), typeCode[run.type]]));
    this.code.push(0x0b);
    const head = [...unsignedLeb(locals.length + this.code.size), ...locals];
    return this.code.takeBehind(head);
  }

  private nested(code: number, write: (label: Label) => void): this {
    write(this.open(code));
    return this.close();
  }

  private indexed(code: number, index: number): this {
    this.code.push(code);
    pushUnsigned(this.code, index);
    return this;
  }
}

// ---------------------------------------------------------------- bytes

export function unsignedLeb(value: number): number[] {
  const out: number[] = [];
  pushUnsigned(out, value);
  return out;
}

export function signedLeb(value: bigint): number[] {
  const out: number[] = [];
  pushSigned(out, value);
  return out;
}

/** Where bytes are appended. */
interface Sink {
  push(byte: number): unknown;
}

function pushUnsigned(out: Sink, value: number): void {
  let rest = value >>> 0;
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.push(rest);
}

function pushSigned(out: Sink, value: bigint): void {
  // Nearly every constant is small; the loop over bigints is for the others.
  if (value >= -64n && value < 64n) {
    out.push(Number(value) & 0x7f);
    return;
  }
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
    out.push(done ? low : low | 0x80);
    if (done) return;
  }
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsignedLeb(items.length), ...items.flat()];
}

/** Names are ASCII and come from this room, never from a scenario. */
function text(name: string): number[] {
  return vector([...name].map((char) => [char.charCodeAt(0)]));
}

class Bytes {
  private bytes = new Uint8Array(1024);
  private length = 0;

  get size(): number {
    return this.length;
  }

  push(byte: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  append(more: ArrayLike<number>): void {
    this.reserve(more.length);
    this.bytes.set(more, this.length);
    this.length += more.length;
  }

  section(id: number, content: readonly number[]): void {
    this.append([id, ...unsignedLeb(content.length)]);
    this.append(content);
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length);
  }

  takeBehind(head: readonly number[]): Uint8Array {
    const bytes = new Uint8Array(head.length + this.length);
    bytes.set(head);
    bytes.set(this.bytes.subarray(0, this.length), head.length);
    return bytes;
  }

  clear(): void {
    this.length = 0;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (this.length + more));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
