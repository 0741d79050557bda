/** The code between an entry and the next parks, as the body of one WebAssembly function that answers an i32. */

import { type Instr, type IrExpr, LOOP_LIMIT, type Park, type Reg, type ThreadCode } from '../program/ir.ts';
import { type Context, outcome } from './context.ts';
import { eachRegister, emitCondition, emitValue, type Leaves } from './expression.ts';
import { type Block, blocksFrom, type Flow, type Target, targetsOf } from './flow.ts';
import { LINE_LOG } from './layout.ts';
import { constantFault, locate } from './memoryAccess.ts';
import { fault } from './notes.ts';
import { access, type Body, type Label, op } from './wasm.ts';

/** What differs between steps, the start, and predicates. */
export interface RegionKind {
  /** Registers that have a value at the entry, and how to push it (an i64). */
  readonly live: ReadonlySet<Reg>;
  readonly loadLive: (reg: Reg) => void;
  readonly self: () => void;
  readonly param: () => void;
  /** A park is reached (its number; null: the end); leaves the function with an answer. `reg` pushes a register. */
  readonly rest: (park: number | null, reg: (reg: Reg) => void, written: ReadonlySet<Reg>) => void;
  /** A park inside a block is passed. */
  readonly pass: (park: Park) => void;
  /** Pushes the site of what has none of its own (an i32). */
  readonly site: () => void;
  /** Takes the instruction's note (i32), the number who (i32) and an address (i64) from the stack; a fatal one leaves the function. */
  readonly note: (fatal: boolean) => void;
  /** The note of a loop that does not end. */
  readonly loopNote: number;
  /** Leaves the function after a failed assume, whose holders and site are on the stack; `choose` without a value gives 0 and `site`. */
  readonly block: () => void;
  /** Predicates report neither covered points nor checks that are not fatal. */
  readonly quiet: boolean;
}

type Access = Instr & { readonly op: 'load' | 'store' };

/** `flow`: of the code, through its parks or not as the kind of region wants. */
export function emitRegion(
  context: Context,
  f: Body,
  code: ThreadCode,
  flow: Flow,
  entry: number,
  kind: RegionKind,
): void {
  new Region(context, f, code, kind).emit(blocksFrom(flow, entry));
}

class Region {
  private readonly context: Context;
  private readonly f: Body;
  private readonly code: ThreadCode;
  private readonly kind: RegionKind;
  private readonly locals = new Map<Reg, number>();
  private readonly written = new Set<Reg>();
  private readonly leaves: Leaves;
  /** Linear address or fault code of the access at hand. */
  private readonly pointer: number;
  private readonly address: number;
  private rounds = -1;
  private next = -1;

  constructor(context: Context, f: Body, code: ThreadCode, kind: RegionKind) {
    this.context = context;
    this.f = f;
    this.code = code;
    this.kind = kind;
    this.pointer = f.local('i32');
    this.address = f.local('i64');
    this.leaves = { reg: (reg) => this.pushRegister(reg), self: kind.self, param: kind.param };
  }

  emit(blocks: readonly Block[]): void {
    const { f } = this;
    this.prepareRegisters(blocks);
    if (blocks.some((block) => targetsOf(block).some((target) => target.backward)))
      this.rounds = f.local('i32');
    // Only an edge against the order of blocks needs the dispatcher; all others are plain branches forward.
    const dispatches = blocks.some((block, index) =>
      targetsOf(block).some((target) => target.block <= index),
    );
    if (dispatches) this.next = f.local('i32');
    const top = dispatches ? f.open(0x03) : null;
    const labels: Label[] = [];
    for (let i = blocks.length - 1; i > 0; i -= 1) labels[i] = f.open();
    if (top !== null) {
      const first = f.open();
      labels[0] = first;
      f.get(this.next).brTable(
        blocks.map((_, i) => labels[i] ?? first),
        first,
      );
      f.close();
    }
    blocks.forEach((block, index) => {
      if (index > 0) f.close();
      for (let i = block.start; i < block.end; i += 1) {
        const instr = this.code.instrs[i];
        if (instr !== undefined) this.emitInstr(instr);
      }
      this.emitExit(block, index, labels, top);
    });
    if (top !== null) f.close();
    f.op(op.unreachable);
  }

  /** A local for each register that occurs; those that have a value at the entry get it. */
  private prepareRegisters(blocks: readonly Block[]): void {
    const occurs = (reg: Reg): void => {
      if (!this.locals.has(reg)) this.locals.set(reg, this.f.local('i64'));
    };
    const reads = (expr: IrExpr): void => eachRegister(expr, occurs);
    for (const block of blocks) {
      for (let i = block.start; i <= block.end; i += 1) {
        const instr = this.code.instrs[i];
        if (instr === undefined) continue;
        eachExpression(instr, reads);
        if (instr.op !== 'set' && instr.op !== 'load' && instr.op !== 'choose') continue;
        occurs(instr.reg);
        this.written.add(instr.reg);
      }
    }
    for (const [reg, local] of this.locals) {
      if (!this.kind.live.has(reg)) continue;
      this.kind.loadLive(reg);
      this.f.set(local);
    }
  }

  private pushRegister(reg: Reg): void {
    const local = this.locals.get(reg);
    if (local === undefined) this.f.i64(0n);
    else this.f.get(local);
  }

  private value(expr: IrExpr): void {
    emitValue(this.context, this.f, this.leaves, expr);
  }

  private setRegister(reg: Reg): void {
    const local = this.locals.get(reg);
    if (local === undefined) this.f.op(op.drop);
    else this.f.set(local);
  }

  // -------------------------------------------------------------- control

  private emitExit(block: Block, index: number, labels: readonly Label[], top: Label | null): void {
    const { f } = this;
    const go = (target: Target): void => {
      if (target.backward) this.countRound();
      const label = labels[target.block];
      if (target.block > index && label !== undefined) f.br(label);
      else if (top !== null) f.i32(target.block).set(this.next).br(top);
    };
    switch (block.exit.kind) {
      case 'goto':
        go(block.exit.to);
        break;
      case 'branch': {
        const { instr, taken, next } = block.exit;
        emitCondition(this.context, f, this.leaves, instr.condition);
        f.if(() => go(taken));
        go(next);
        break;
      }
      case 'park':
        this.kind.rest(block.exit.park, (reg) => this.pushRegister(reg), this.written);
        break;
      case 'end':
        this.kind.rest(null, (reg) => this.pushRegister(reg), this.written);
        break;
    }
  }

  private countRound(): void {
    const { f } = this;
    f.get(this.rounds)
      .i32(LOOP_LIMIT)
      .op(op.i32GeU)
      .if(() => {
        f.i32(this.kind.loopNote);
        this.kind.site();
        f.i64(0n);
        this.kind.note(true);
      });
    f.get(this.rounds).i32(1).op(op.i32Add).set(this.rounds);
  }

  // -------------------------------------------------------------- instructions

  private emitInstr(instr: Instr): void {
    const { f, context } = this;
    switch (instr.op) {
      case 'set':
        this.value(instr.value);
        this.setRegister(instr.reg);
        break;
      case 'load':
        this.emitAccess(instr, (pushPointer) => {
          pushPointer();
          f.memory(loadOperator(instr.bytes, instr.signed));
          this.setRegister(instr.reg);
        });
        break;
      case 'store':
        this.emitAccess(instr, (pushPointer) => {
          pushPointer();
          this.value(instr.value);
          f.memory(storeOperator(instr.bytes));
        });
        break;
      case 'fill':
        this.value(instr.address);
        f.i32(instr.bytes)
          .i32(instr.initialised ? 1 : 0)
          .call(context.helpers.fill);
        break;
      case 'choose':
        this.emitChoose(instr);
        break;
      case 'assume':
        emitCondition(context, f, this.leaves, instr.condition);
        f.op(op.i32Eqz).if(() => {
          this.value(instr.holders);
          f.i32(instr.site);
          this.kind.block();
        });
        break;
      case 'check':
        this.emitCheck(instr);
        break;
      case 'cover':
        if (!this.kind.quiet) {
          f.i32(context.notes.add({ kind: 'point', point: instr.point }))
            .i32(0)
            .i64(0n);
          this.kind.note(false);
        }
        break;
      case 'park': {
        const park = this.code.parks[instr.park];
        if (park !== undefined) this.kind.pass(park);
        break;
      }
      case 'jump':
      case 'branch':
      case 'end':
        // Exits of blocks.
        break;
    }
  }

  private emitChoose(instr: Instr & { readonly op: 'choose' }): void {
    const { f, context } = this;
    this.value(instr.low);
    this.value(instr.high);
    f.call(context.helpers.choose)
      .tee(this.pointer)
      .i32(outcome.done)
      .op(op.i32Ne)
      .if(() => {
        f.get(this.pointer)
          .i32(outcome.overflow)
          .op(op.i32Eq)
          .if(() => f.i32(outcome.overflow).ret());
        f.i64(0n);
        this.kind.site();
        this.kind.block();
      });
    f.getGlobal(context.globals.chosen);
    this.setRegister(instr.reg);
  }

  private emitCheck(instr: Instr & { readonly op: 'check' }): void {
    const { f, context } = this;
    const fatal = context.program.checks[instr.check]?.fatal ?? true;
    if (!fatal && this.kind.quiet) return;
    emitCondition(context, f, this.leaves, instr.condition);
    f.op(op.i32Eqz).if(() => {
      f.i32(context.notes.add({ kind: 'check', check: instr.check, site: instr.site }))
        .i32(0)
        .i64(0n);
      this.kind.note(fatal);
    });
  }

  /** Leaves the function with a fault, or hands `then` a way to push the linear address. */
  private emitAccess(instr: Access, then: (pushPointer: () => void) => void): void {
    const { f, context } = this;
    const isStore = instr.op === 'store';
    const firstFault = context.notes.addFaults(instr.site, isStore, instr.bytes);
    if (instr.address.kind === 'const') {
      this.emitConstantAccess(instr, BigInt.asUintN(64, instr.address.value), firstFault, then);
      return;
    }
    const { helpers } = context;
    const resolve = isStore
      ? instr.checked
        ? helpers.resolveStore
        : helpers.resolveUncheckedStore
      : instr.checked
        ? instr.unwritten === true
          ? helpers.resolveValid
          : helpers.resolveLoad
        : helpers.resolve;
    this.value(instr.address);
    f.tee(this.address).i32(instr.bytes).call(resolve).tee(this.pointer);
    f.i32(fault.unwritten)
      .op(op.i32LeU)
      .if(() => {
        f.get(this.pointer).i32(firstFault).op(op.i32Add).i32(0).get(this.address);
        this.kind.note(true);
      });
    then(() => f.get(this.pointer));
  }

  private emitConstantAccess(
    instr: Access,
    address: bigint,
    firstFault: number,
    then: (pushPointer: () => void) => void,
  ): void {
    const { f, context } = this;
    const { work } = context.at;
    const raise = (code: number): void => {
      f.i32(firstFault + code)
        .i32(0)
        .i64(address);
      this.kind.note(true);
    };
    const place = locate(context.program.memory, address);
    const known = constantFault(place, instr.bytes, instr.checked);
    // Life comes before alignment and end, so a place that always faults may still fault otherwise.
    if (place !== null && instr.checked && place.alive >= 0) {
      f.i32(place.alive)
        .memory(access.i32Load8U, work)
        .op(op.i32Eqz)
        .if(() => raise(fault.freed));
    }
    if (known !== 0 || place === null) {
      raise(known);
      return;
    }
    const mask = ((1 << instr.bytes) - 1) << place.byte;
    if (instr.op === 'load') {
      if (instr.checked && instr.unwritten !== true && place.marks >= 0) {
        f.i32(place.marks)
          .memory(access.i32Load8U, work)
          .i32(mask)
          .op(op.i32And)
          .i32(mask)
          .op(op.i32Ne)
          .if(() => raise(fault.unwritten));
      }
    } else {
      f.i32(place.image >> LINE_LOG).call(context.helpers.touch);
      if (place.marks >= 0) {
        f.i32(place.marks >> LINE_LOG).call(context.helpers.touch);
        f.i32(place.marks)
          .i32(place.marks)
          .memory(access.i32Load8U, work)
          .i32(mask & 0xff)
          .op(op.i32Or)
          .memory(access.i32Store8, work);
      }
    }
    then(() => f.i32(work + place.image + place.byte));
  }
}

function eachExpression(instr: Instr, use: (expr: IrExpr) => void): void {
  switch (instr.op) {
    case 'set':
      use(instr.value);
      break;
    case 'load':
    case 'fill':
      use(instr.address);
      break;
    case 'store':
      use(instr.address);
      use(instr.value);
      break;
    case 'choose':
      use(instr.low);
      use(instr.high);
      break;
    case 'assume':
      use(instr.condition);
      use(instr.holders);
      break;
    case 'check':
    case 'branch':
      use(instr.condition);
      break;
    case 'cover':
    case 'jump':
    case 'park':
    case 'end':
      break;
  }
}

export function loadOperator(bytes: 1 | 2 | 4 | 8, signed: boolean): readonly [number, number] {
  switch (bytes) {
    case 1:
      return signed ? access.i64Load8S : access.i64Load8U;
    case 2:
      return signed ? access.i64Load16S : access.i64Load16U;
    case 4:
      return signed ? access.i64Load32S : access.i64Load32U;
    case 8:
      return access.i64Load;
  }
}

export function storeOperator(bytes: 1 | 2 | 4 | 8): readonly [number, number] {
  switch (bytes) {
    case 1:
      return access.i64Store8;
    case 2:
      return access.i64Store16;
    case 4:
      return access.i64Store32;
    case 8:
      return access.i64Store;
  }
}
