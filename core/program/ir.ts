/**
 * A variant as a machine program: threads of register code over one memory image.
 *
 * Both engines, the session and the exporters work on this and on nothing above it.
 * Everything that the kernel's primitives and the hardware do has become instructions here.
 *
 * Values are 64-bit; a register holds its value extended to 64 bits by the signedness of its type.
 *
 * A thread rests at a `park` instruction (or at `end`). One step of it executes from behind that park to the next
 * park or end it reaches. A step in which an `assume` fails is not enabled; nothing of it has happened.
 * A step with `choose` has one successor for each combination of choices whose assumes hold.
 */

import type { Code } from '../syntax/codes.ts';
import type { CheckedProgram, Loc, LValue } from '../semantics/hir.ts';
import type { AnswerableProbe, Request } from './probes.ts';
import type { Type } from '../semantics/types.ts';

export type Reg = number;

export type UnaryOp = 'neg' | 'not' | 'eqz';
export type BinaryIrOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'divu'
  | 'divs'
  | 'remu'
  | 'rems'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shru'
  | 'shrs'
  | 'eq'
  | 'ne'
  | 'ltu'
  | 'lts'
  | 'leu'
  | 'les';

/** Pure: registers and constants only. Comparisons and eqz give 0 or 1. Shift counts are taken modulo 64. Division by zero is checked before. */
export type IrExpr =
  | { readonly kind: 'const'; readonly value: bigint }
  | { readonly kind: 'reg'; readonly reg: Reg }
  /** Number of the executing thread; its family index (0 outside families); address of its family object. Constants of a thread. */
  | { readonly kind: 'self' }
  | { readonly kind: 'param' }
  | { readonly kind: 'unary'; readonly op: UnaryOp; readonly a: IrExpr }
  | { readonly kind: 'binary'; readonly op: BinaryIrOp; readonly a: IrExpr; readonly b: IrExpr }
  /** The low `bits` of `a`, zero- or sign-extended to 64. */
  | { readonly kind: 'extend'; readonly bits: 8 | 16 | 32; readonly signed: boolean; readonly a: IrExpr }
  | {
      readonly kind: 'select';
      readonly condition: IrExpr;
      readonly then: IrExpr;
      readonly otherwise: IrExpr;
    };

export type Instr =
  | { readonly op: 'set'; readonly reg: Reg; readonly value: IrExpr }
  /**
   * `checked`: the address must be validated (live object, inside, aligned, initialised); a failure is a fatal
   * violation at `site`. `unwritten`: it need not be initialised.
   */
  | {
      readonly op: 'load';
      readonly reg: Reg;
      readonly address: IrExpr;
      readonly bytes: 1 | 2 | 4 | 8;
      readonly signed: boolean;
      readonly checked: boolean;
      readonly unwritten?: true;
      readonly site: number;
    }
  | {
      readonly op: 'store';
      readonly address: IrExpr;
      readonly bytes: 1 | 2 | 4 | 8;
      readonly value: IrExpr;
      readonly checked: boolean;
      readonly site: number;
    }
  /** Sets `bytes` bytes of the object at `address` (always valid) to zero, and its initialisation marks to `initialised`. Bookkeeping of allocation and scopes. */
  | { readonly op: 'fill'; readonly address: IrExpr; readonly bytes: number; readonly initialised: boolean }
  /** Every value of low..high (signed, inclusive) in turn; none when low > high: the step is then not enabled. */
  | { readonly op: 'choose'; readonly reg: Reg; readonly low: IrExpr; readonly high: IrExpr }
  /** Not enabled when zero. `holders`: mask of the threads it waits for. */
  | { readonly op: 'assume'; readonly condition: IrExpr; readonly holders: IrExpr; readonly site: number }
  /** A violation of checks[check] at `site` when zero; the path goes on unless the check is fatal. */
  | { readonly op: 'check'; readonly condition: IrExpr; readonly check: number; readonly site: number }
  /** coverage[point] is reached. */
  | { readonly op: 'cover'; readonly point: number }
  | { readonly op: 'jump'; readonly to: number }
  /** Goes to `to` when the condition is not zero, else to the next instruction. */
  | { readonly op: 'branch'; readonly condition: IrExpr; readonly to: number }
  | { readonly op: 'park'; readonly park: number }
  | { readonly op: 'end' };

/** Straight code with jumps inside; ends in `end`. Execution starts at 0. */
export interface ThreadCode {
  readonly instrs: readonly Instr[];
  /** Number of registers used: 0..regs-1. All are zero at the start. */
  readonly regs: number;
  readonly parks: readonly Park[];
  /** Site of what goes wrong before the first park, when no instruction has one; without it, that of the first that has. */
  readonly begin?: number;
}

/** Where a thread rests. */
export interface Park {
  /** Index of the park instruction. */
  readonly at: number;
  /** Registers whose value is needed later, ascending. All others are dead here: engines must not distinguish states by them. */
  readonly live: readonly Reg[];
  /** What the next step does. */
  readonly site: number;
  /** The loop head of a daemon or of an optional interrupt: the thread counts as ended here (a daemon: if its step is not enabled). */
  readonly head: boolean;
  /** Labels of the scenario that stand here, innermost function first. */
  readonly labels: readonly string[];
  /** The memory access the next step begins with, for data races; null when it is none, or marked. Address over the live registers. */
  readonly access: {
    readonly address: IrExpr;
    readonly bytes: number;
    readonly write: boolean;
    readonly plain: boolean;
  } | null;
  /** Variables in scope for the debugger: innermost last. */
  readonly frame: number;
}

/** A place in the source that steps and violations are shown at. */
export interface Site {
  /** Innermost place outside primitives. */
  readonly loc: Loc;
  /** What happens there, as short source text: `spin_lock(&l)`, `x = x + 1`. */
  readonly text: string;
  /** load, store, or nothing when the text says it all. */
  readonly action: 'load' | 'store' | 'none';
  /** Calls around it, outermost first. */
  readonly frame: number;
  /** When the site is inside a primitive: the place in the primitive. */
  readonly inner: Loc | null;
}

/**
 * An inlined activation. Where its variables are holds for a program that was built for stepping: in others registers
 * are shared, and those of flags may be gone.
 */
export interface Frame {
  readonly parent: number | null;
  readonly function: string;
  /** Where it is called from; null for an actor's body. */
  readonly call: Loc | null;
  readonly variables: readonly FrameVariable[];
}

export interface FrameVariable {
  readonly name: string;
  readonly type: Type;
  readonly where: /** `flag`: the register that is 0 while the variable was never written; null where it is written from the start. */
    | { readonly kind: 'reg'; readonly reg: Reg; readonly flag: Reg | null }
    | { readonly kind: 'memory'; readonly address: IrExpr }
    /** A struct kept in registers: leaves by offset. */
    | {
        readonly kind: 'split';
        readonly leaves: readonly {
          readonly offset: number;
          readonly type: Type;
          readonly reg: Reg;
          readonly flag: Reg | null;
        }[];
      }
    | { readonly kind: 'value'; readonly value: IrExpr };
}

/** One kind of violation. Violations are told apart by check and site. */
export interface Check {
  readonly name: string;
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly fatal: boolean;
  readonly message: string;
  readonly loc: Loc | null;
}

export interface Thread {
  readonly name: string;
  readonly kind: 'vcpu' | 'task' | 'irq' | 'softirq';
  /** Index into Program.codes; families share one. */
  readonly code: number;
  readonly param: bigint;
  /** normal: must end. daemon: ended at its head when it has nothing to do. optional: ended at its head. */
  readonly ending: 'normal' | 'daemon' | 'optional';
  readonly loc: Loc;
}

export interface MemoryObject {
  readonly name: string;
  readonly type: Type;
  readonly address: bigint;
  readonly bytes: number;
  readonly ghost: boolean;
  readonly kind: 'global' | 'pool' | 'local' | 'hidden';
  /** Image offset of its byte that is 1 while it lives; -1: always. */
  readonly alive: number;
  readonly loc: Loc | null;
}

/**
 * A run of addresses (unsigned, like all addresses outside expressions). For granule i (8 bytes from base + 8 i): `image[i]` is where its 8 bytes stand in the image (a multiple of 8), or -1
 * where there is nothing; `alive[i]` is the image offset of the byte that says whether its object lives, or -1 for always;
 * `marks[i]` is the image offset of the byte whose bit k says that byte k of the granule is initialised, or -1 for always;
 * `object[i]` is the index of the object. An access is valid if it is aligned to its size, and its granule exists and lives.
 * Padding bytes behind an object's end in its last granule are `limit`ed: bytes [8 i + limit[i], 8 i + 8) do not exist.
 */
export interface Region {
  readonly base: bigint;
  readonly granules: number;
  readonly image: Int32Array;
  readonly alive: Int32Array;
  readonly marks: Int32Array;
  readonly object: Int32Array;
  readonly limit: Uint8Array;
}

export interface Memory {
  /** Size of the mutable memory of a state; a multiple of 8. Little-endian. */
  readonly imageBytes: number;
  readonly regions: readonly Region[];
  readonly objects: readonly MemoryObject[];
  /** Image before `init` runs. */
  readonly image: Uint8Array;
}

/** Code without parks that leaves its answer in register 0. Evaluated on a state; writes nothing. */
export interface Predicate {
  readonly code: ThreadCode;
}

export interface Invariant {
  readonly check: number;
  readonly site: number;
  readonly unless: Predicate | null;
  readonly condition: Predicate;
}

/** Something the search looks for: `reachable`, or a question put from outside. */
export interface Goal {
  readonly name: string;
  readonly predicate: Predicate;
  readonly site: number | null;
  /**
   * Reached as well where threads wait for each other in a circle whose failed assumes stand, in order, at these
   * sites: one list per request, any of its sites. Waits for a CPU count as part of the wait before them, and so do
   * further waits at sites of the same request (a reader that waits for a queued writer).
   */
  readonly circle?: readonly (readonly number[])[];
  /** Only a circle in which the first waits at one of these sites. */
  readonly start?: readonly number[];
}

/**
 * The store buffer of a thread, under tso. Entry i is two 8-byte words from `address` + 16 i: the key (the address
 * times four, plus the logarithm of the size; 0: the entry is empty) and the value. Entry 0 is the oldest.
 */
export interface StoreBuffer {
  /** Whose it is, and the thread whose steps make its stores visible. */
  readonly thread: number;
  readonly drain: number;
  readonly address: bigint;
  readonly entries: number;
}

export interface Program {
  readonly checked: CheckedProgram;
  readonly memory: Memory;
  readonly threads: readonly Thread[];
  /** Of the threads that store to shared memory, under tso; none under sc. Their drains are the last threads. */
  readonly buffers?: readonly StoreBuffer[];
  readonly codes: readonly ThreadCode[];
  /** Runs once, alone, as thread `threads.length`; parks in it are passed through. Its choices give several initial states. */
  readonly init: ThreadCode;
  readonly invariants: readonly Invariant[];
  readonly finals: readonly Invariant[];
  readonly goals: readonly Goal[];
  /** For each probe that the program was built with; null: it stands nowhere. */
  readonly probes: readonly (AnswerableProbe | null)[];
  /** Calls of primitives that take a lock, in all threads. */
  readonly requests: readonly Request[];
  readonly checks: readonly Check[];
  /** Checks that engines raise themselves, by code. */
  readonly builtin: Readonly<Record<BuiltinCheck, number>>;
  readonly sites: readonly Site[];
  /** Site of the wait for a CPU that somebody else has; null when every thread has its own. */
  readonly cpuSite: number | null;
  readonly frames: readonly Frame[];
  /** What must be reached for a check not to be vacuous. */
  readonly points: readonly { readonly text: string; readonly loc: Loc }[];
  /** Places that schedules name: the code leaves the address in register 0. */
  readonly places: ReadonlyMap<LValue, { readonly address: Predicate; readonly bytes: number }>;
  /** Functions by address, for showing pointers. */
  readonly functions: ReadonlyMap<bigint, string>;
}

export type BuiltinCheck =
  | 'deadlock'
  | 'null-pointer'
  | 'use-after-free'
  | 'out-of-bounds'
  | 'uninitialised-read'
  | 'data-race'
  | 'runaway-loop';

/** Backward jumps and taken backward branches that one step may execute; the next one is a `runaway-loop`. */
export const LOOP_LIMIT = 100_000;
/** Most threads a program may have: thread masks are 64-bit. */
export const THREAD_LIMIT = 64;
