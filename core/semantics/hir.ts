/**
 * A checked program: one variant of one scenario (its import closure with the options folded),
 * with every name resolved, every type known, every conversion explicit and every macro expanded.
 * This is what core/program turns into steps and core/locks analyses.
 */

import type { Code } from '../syntax/codes.ts';
import type { FunctionType, StructType, Type } from './types.ts';

/**
 * A place in the source: offsets relative to the item `item` (PlacedItem.key) of file `uri`.
 * For code that came out of a macro, it is the place of use, and `macro` is the place inside the macro.
 */
export interface Loc {
  readonly uri: string;
  readonly item: string;
  readonly start: number;
  readonly end: number;
  readonly macro: Loc | null;
}

export interface CheckedProgram {
  readonly uri: string;
  readonly title: string;
  /** Option name -> value of this variant, in order of declaration. */
  readonly options: ReadonlyMap<string, string>;
  readonly profile: string;
  readonly memoryModel: 'sc' | 'tso';
  /** Every setting with its value; `declared` when the scenario sets it (then it is a bound named in the verdict). */
  readonly settings: ReadonlyMap<string, { readonly value: bigint | string; readonly declared: boolean }>;
  readonly structs: readonly StructType[];
  readonly globals: readonly GlobalVariable[];
  readonly pools: readonly Pool[];
  /** Every function with a body that is not overridden, by name. */
  readonly functions: ReadonlyMap<string, HirFunction>;
  readonly inits: readonly Stmt[];
  /** In order of declaration, families expanded: this order numbers the threads from 0. */
  readonly actors: readonly Actor[];
  readonly hooks: readonly Hook[];
  readonly properties: readonly Property[];
  readonly expectations: readonly Expectation[];
  readonly schedules: readonly Schedule[];
  /** `check data_race error;` */
  readonly severities: ReadonlyMap<string, 'error' | 'warning' | 'off'>;
  /** How a state is shown; no part of the machine. */
  readonly views: readonly View[];
  readonly lockOrders: readonly { readonly locks: readonly Expr[]; readonly loc: Loc }[];
}

export interface GlobalVariable {
  readonly kind: 'global';
  readonly name: string;
  readonly type: Type;
  readonly ghost: boolean;
  /** Declared const: only its initialiser ever writes it. */
  readonly constant: boolean;
  readonly range: { readonly low: bigint; readonly high: bigint } | null;
  readonly init: Init | null;
  readonly annotations: readonly HirAnnotation[];
  /** Doc comment above the declaration, if any. */
  readonly doc: string;
  readonly loc: Loc;
  /** The array that a `vcpu_state` declares: one element for each vcpu actor. */
  readonly vcpuState: boolean;
}

/** Initial values: flattened to scalars (or nested struct copies), offsets in bytes from the object's start. */
export interface Init {
  readonly entries: readonly {
    readonly offset: number;
    readonly type: Type;
    readonly bits: { readonly shift: number; readonly width: number } | null;
    readonly value: Expr;
  }[];
}

export interface Pool {
  readonly kind: 'pool';
  readonly name: string;
  readonly type: Type;
  readonly length: number;
  readonly reuse: boolean;
  /** Fixed addresses, or null. */
  readonly at: { readonly base: bigint; readonly stride: number } | null;
  readonly loc: Loc;
}

/** A local variable or parameter; identity is the object. Names may repeat, `id` is unique in its function. */
export interface LocalVariable {
  readonly kind: 'local';
  readonly id: number;
  readonly name: string;
  readonly type: Type;
  readonly ghost: boolean;
  readonly range: { readonly low: bigint; readonly high: bigint } | null;
  readonly loc: Loc;
}

export interface HirFunction {
  readonly name: string;
  readonly type: FunctionType;
  readonly params: readonly LocalVariable[];
  readonly body: Stmt;
  readonly primitive: boolean;
  readonly annotations: readonly HirAnnotation[];
  readonly doc: string;
  readonly loc: Loc;
}

export interface HirAnnotation {
  /** As written: `__must_hold`, `__acquires_shared`, … */
  readonly name: string;
  /** Addresses of locks, whether written `l`, `&l` or as a pointer; before them, for `__cond_acquires`, the value returned. */
  readonly args: readonly Expr[];
  readonly loc: Loc;
}

export interface Actor {
  readonly kind: 'vcpu' | 'task' | 'irq' | 'softirq';
  /** As declared: `fault`. */
  readonly name: string;
  /** As shown: `fault[1]`, `zap`, or for a family over objects the name alone (core/program adds the object). */
  readonly label: string;
  readonly family:
    | null
    | {
        readonly kind: 'range';
        readonly variable: LocalVariable;
        readonly index: number;
        readonly size: number;
      }
    /** One thread for each object of `type` (core/program enumerates them in memory order). */
    | { readonly kind: 'each'; readonly variable: LocalVariable; readonly type: Type };
  /** null: a CPU of its own. */
  readonly cpu: number | null;
  /** irq and softirq: how often it may arrive by itself; null: only when raised. */
  readonly times: number | null;
  readonly daemon: boolean;
  /** Of an irq: not even PREEMPT_RT runs it in a thread (IRQF_NO_THREAD, system vectors, IPIs). */
  readonly noThread: boolean;
  /** Index into the vcpu_state array; null for others. The body sees it as a pointer local `vcpu`. */
  readonly vcpu: { readonly index: number; readonly variable: LocalVariable } | null;
  readonly body: Stmt;
  readonly loc: Loc;
}

export type Hook =
  /** `target` is called: before its first step, or with its last. `entry` holds values that `old(e)` needs, evaluated at entry. */
  | {
      readonly kind: 'before' | 'after';
      readonly target: string;
      readonly params: readonly LocalVariable[];
      readonly result: LocalVariable | null;
      readonly entry: readonly { readonly variable: LocalVariable; readonly value: Expr }[];
      readonly body: Stmt;
      readonly loc: Loc;
    }
  /** A lock is about to be dropped: runs when the released lock's address equals that of `lock`. */
  | { readonly kind: 'release'; readonly lock: LValue; readonly body: Stmt; readonly loc: Loc }
  | {
      readonly kind: 'on';
      readonly event: string;
      readonly params: readonly LocalVariable[];
      readonly body: Stmt;
      readonly loc: Loc;
    };

/** Code that shows a state: it runs on a copy, and what it writes is forgotten. */
export interface View {
  readonly title: string;
  readonly body: Stmt;
  readonly loc: Loc;
}

export interface Property {
  readonly kind: 'invariant' | 'finally' | 'reachable';
  readonly name: string;
  readonly unless: Expr | null;
  readonly condition: Expr;
  readonly loc: Loc;
}

export interface Expectation {
  readonly kind: 'fails' | 'passes' | 'finds';
  readonly only: boolean;
  /** Check names and codes as written in kebab-case or snake_case, normalised to snake_case. */
  readonly names: readonly string[];
  readonly notReachable: boolean;
  /** The line as written, for the verdict. */
  readonly text: string;
  readonly loc: Loc;
}

export interface Schedule {
  readonly title: string;
  readonly moves: readonly {
    /** Label of an actor: `fault[0]`. */
    readonly actor: string;
    readonly until:
      | { readonly kind: 'end' }
      | { readonly kind: 'label'; readonly label: string }
      | { readonly kind: 'load' | 'store'; readonly lvalue: LValue }
      | { readonly kind: 'steps'; readonly count: number };
    readonly choices: readonly number[];
    readonly loc: Loc;
  }[];
  readonly loc: Loc;
}

// ---------------------------------------------------------------- statements

export type Stmt =
  | { readonly kind: 'block'; readonly body: readonly Stmt[]; readonly loc: Loc }
  | { readonly kind: 'expression'; readonly value: Expr; readonly loc: Loc }
  /** `init` null: uninitialised. Struct and array initialisers zero what they do not name, as in C. */
  | {
      readonly kind: 'declare';
      readonly variable: LocalVariable;
      readonly init: Init | null;
      readonly loc: Loc;
    }
  | {
      readonly kind: 'if';
      readonly condition: Expr;
      readonly then: Stmt;
      readonly otherwise: Stmt | null;
      readonly loc: Loc;
    }
  /** while, do and for in one: init; [test first unless `doWhile`]; body; step. `continue` goes to step. */
  | {
      readonly kind: 'loop';
      readonly doWhile: boolean;
      readonly init: Stmt | null;
      readonly condition: Expr | null;
      readonly step: Expr | null;
      readonly body: Stmt;
      readonly loc: Loc;
    }
  /** Cases are labels inside the body: `{ kind: 'case' }`. */
  | { readonly kind: 'switch'; readonly value: Expr; readonly body: Stmt; readonly loc: Loc }
  /** null values: default. Ranges are inclusive. */
  | { readonly kind: 'case'; readonly low: bigint | null; readonly high: bigint | null; readonly loc: Loc }
  | { readonly kind: 'break'; readonly loc: Loc }
  | { readonly kind: 'continue'; readonly loc: Loc }
  | { readonly kind: 'return'; readonly value: Expr | null; readonly loc: Loc }
  | { readonly kind: 'goto'; readonly label: string; readonly loc: Loc }
  | { readonly kind: 'label'; readonly label: string; readonly loc: Loc }
  /** One step (from its first access), its accesses marked. Inside primitives the body is one implicitly. */
  | { readonly kind: 'atomic'; readonly body: Stmt; readonly loc: Loc }
  /** Ghost code: no step, no access. */
  | { readonly kind: 'ghost'; readonly body: Stmt; readonly loc: Loc }
  /** One step with a choice among the branches. */
  | { readonly kind: 'either'; readonly branches: readonly Stmt[]; readonly loc: Loc }
  /** `step;` in a primitive: the next access begins a new step. */
  | { readonly kind: 'step'; readonly loc: Loc }
  | { readonly kind: 'emit'; readonly event: string; readonly args: readonly Expr[]; readonly loc: Loc };

// ---------------------------------------------------------------- expressions

/** A place in memory or a local. */
export type LValue =
  | { readonly kind: 'local'; readonly variable: LocalVariable; readonly type: Type; readonly loc: Loc }
  | { readonly kind: 'global'; readonly variable: GlobalVariable; readonly type: Type; readonly loc: Loc }
  /** `pool` used as an array: `roots[1]` is index over this. */
  | { readonly kind: 'pool'; readonly pool: Pool; readonly type: Type; readonly loc: Loc }
  | { readonly kind: 'deref'; readonly pointer: Expr; readonly type: Type; readonly loc: Loc }
  | {
      readonly kind: 'field';
      readonly object: LValue;
      readonly offset: number;
      readonly name: string;
      readonly bits: { readonly shift: number; readonly width: number } | null;
      readonly ghost: boolean;
      readonly range: { readonly low: bigint; readonly high: bigint } | null;
      readonly type: Type;
      readonly loc: Loc;
    }
  /** `length` is the declared bound to check, null behind a pointer. */
  | {
      readonly kind: 'index';
      readonly array: LValue;
      readonly index: Expr;
      readonly length: number | null;
      readonly type: Type;
      readonly loc: Loc;
    }
  /** The unnamed object of a compound literal or of a struct value returned by a call. */
  | {
      readonly kind: 'temporary';
      readonly variable: LocalVariable;
      readonly before: Stmt;
      readonly type: Type;
      readonly loc: Loc;
    };

export type BinaryOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'rem'
  | 'and'
  | 'or'
  | 'xor'
  | 'shl'
  | 'shr'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge';

/**
 * Operands of a binary operation have the same type as each other after the usual conversions (shifts apart),
 * and the result is `type`: signedness of div, rem, shr and comparisons follows the operands' type.
 * Pointer arithmetic is already integer arithmetic on 64-bit addresses. Conversions are `convert`.
 */
export type Expr =
  | { readonly kind: 'constant'; readonly value: bigint; readonly type: Type; readonly loc: Loc }
  /** Read of a scalar or of a struct (by value). Arrays decay to `address`. */
  | { readonly kind: 'read'; readonly place: LValue; readonly type: Type; readonly loc: Loc }
  | { readonly kind: 'address'; readonly place: LValue; readonly type: Type; readonly loc: Loc }
  | { readonly kind: 'function'; readonly name: string; readonly type: Type; readonly loc: Loc }
  | {
      readonly kind: 'negate' | 'complement' | 'not';
      readonly value: Expr;
      readonly type: Type;
      readonly loc: Loc;
    }
  | {
      readonly kind: 'binary';
      readonly op: BinaryOp;
      readonly left: Expr;
      readonly right: Expr;
      readonly type: Type;
      readonly loc: Loc;
    }
  | {
      readonly kind: 'and-also' | 'or-else';
      readonly left: Expr;
      readonly right: Expr;
      readonly type: Type;
      readonly loc: Loc;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expr;
      readonly then: Expr;
      readonly otherwise: Expr;
      readonly type: Type;
      readonly loc: Loc;
    }
  /** To another integer or pointer type: truncate, then extend; to bool: != 0. To void: dropped. */
  | { readonly kind: 'convert'; readonly value: Expr; readonly type: Type; readonly loc: Loc }
  /** `op` null: plain `=`. `value` has the type of the target, or for `op` the type the operation is done in (`opType`). */
  | {
      readonly kind: 'assign';
      readonly target: LValue;
      readonly op: BinaryOp | null;
      readonly opType: Type;
      readonly value: Expr;
      readonly type: Type;
      readonly loc: Loc;
    }
  /** ++ and --: `delta` is 1, -1, or a pointer's element size. */
  | {
      readonly kind: 'increment';
      readonly target: LValue;
      readonly delta: bigint;
      readonly prefix: boolean;
      readonly type: Type;
      readonly loc: Loc;
    }
  | {
      readonly kind: 'call';
      readonly callee:
        | { readonly kind: 'direct'; readonly name: string }
        | { readonly kind: 'indirect'; readonly pointer: Expr };
      readonly args: readonly Expr[];
      readonly type: Type;
      readonly loc: Loc;
    }
  | { readonly kind: 'intrinsic'; readonly call: Intrinsic; readonly type: Type; readonly loc: Loc }
  | {
      readonly kind: 'sequence';
      readonly first: Stmt;
      readonly value: Expr;
      readonly type: Type;
      readonly loc: Loc;
    }
  /** One step branches: the value is one of low..high, or one of `values` (evaluated before). */
  | {
      readonly kind: 'choose';
      readonly low: Expr;
      readonly high: Expr;
      readonly type: Type;
      readonly loc: Loc;
    }
  | { readonly kind: 'choose-list'; readonly values: readonly Expr[]; readonly type: Type; readonly loc: Loc }
  | {
      readonly kind: 'quantifier';
      readonly quantifier: 'all' | 'any' | 'count';
      readonly variable: LocalVariable;
      readonly low: Expr;
      readonly high: Expr;
      readonly body: Expr;
      readonly type: Type;
      readonly loc: Loc;
    }
  /** Some thread is inside an activation of the function. */
  | { readonly kind: 'in-function'; readonly name: string; readonly type: Type; readonly loc: Loc };

/** What the language itself knows beyond C: everything else of the kernel is library code on top of these. */
export type Intrinsic =
  /** One marked access. `order` says what tso and weaker models need. */
  | { readonly op: 'read-once'; readonly place: LValue; readonly order: 'relaxed' | 'acquire' }
  | {
      readonly op: 'write-once';
      readonly place: LValue;
      readonly value: Expr;
      readonly order: 'relaxed' | 'release';
    }
  /**
   * In views: a line with a value (`value`), a line that has lines below it until `end` (`begin`), and the memory that
   * the line around it is about (`at`). Each `{}` of the text stands for a value. Elsewhere they do nothing.
   */
  | {
      readonly op: 'show';
      readonly how: 'value' | 'begin';
      readonly text: string;
      readonly values: readonly Expr[];
    }
  | { readonly op: 'show-end' }
  | { readonly op: 'show-at'; readonly pointer: Expr }
  /** The access inside is left out of data-race detection. */
  | { readonly op: 'data-race'; readonly value: Expr }
  /** One atomic step; returns the old value. */
  | {
      readonly op: 'fetch';
      readonly how: 'xchg' | 'add' | 'and' | 'or' | 'xor';
      readonly place: LValue;
      readonly value: Expr;
    }
  /** Returns the value found; stores `desired` if it was `expected`. */
  | { readonly op: 'cmpxchg'; readonly place: LValue; readonly expected: Expr; readonly desired: Expr }
  /** `*expected` is read before and written on failure (no step when it is a local); returns bool. */
  | { readonly op: 'try-cmpxchg'; readonly place: LValue; readonly expected: LValue; readonly desired: Expr }
  | { readonly op: 'fence'; readonly fence: 'full' | 'read' | 'write' | 'compiler' }
  /** Blocks, as one step, until the condition holds. `holders`: mask of the threads that it waits for (0: unknown). */
  | { readonly op: 'wait-until'; readonly condition: Expr; readonly holders: Expr | null }
  /** A violation when `condition` is FALSE. `name`: the site's name or null; `fatal` ends the path. Value: the condition. */
  | {
      readonly op: 'check';
      readonly condition: Expr;
      readonly code: Code;
      readonly name: string | null;
      readonly fatal: boolean;
      readonly message: string;
    }
  /** Number of the executing thread, and how many there are. */
  | { readonly op: 'self' }
  | { readonly op: 'thread-count' }
  /** Kind of a thread's actor: 0 task, 1 vcpu, 2 softirq, 3 irq; its home CPU (threads without `on cpu` have CPUs of their own behind the shared ones). */
  | { readonly op: 'thread-kind' | 'thread-cpu'; readonly thread: Expr }
  /** Does the store buffer of this thread hold a store? 0 under sc. */
  | { readonly op: 'stores-wait'; readonly thread: Expr }
  | { readonly op: 'cpu-count' }
  /** 1 when softirq families over objects may have to interrupt a CPU: see `callbacksInterrupt` of the program's build. */
  | { readonly op: 'callbacks-interrupt' }
  /** Number of the thread that runs a family over objects for this object. */
  | { readonly op: 'thread-of'; readonly actor: string; readonly object: Expr }
  /** Number of the first thread of an actor (`raise_irq(h)`). */
  | { readonly op: 'thread-named'; readonly actor: string }
  /**
   * A fresh object of the pool (`reuse` pools choose), or, with `at`, this very object, which must not be live.
   * Zeroed, or with every byte uninitialised. Value: its address.
   */
  | { readonly op: 'alloc'; readonly pool: Pool; readonly at: Expr | null; readonly zeroed: boolean }
  /** Ends the life of the pool object at this address; double-free is checked. */
  | { readonly op: 'free'; readonly pointer: Expr }
  /** 1 when the address lies in a live object. */
  | { readonly op: 'is-live'; readonly pointer: Expr }
  /** Lists of all objects of a type: their number, and the address of the n-th (for library loops). */
  | { readonly op: 'object-count'; readonly of: Type }
  | { readonly op: 'object-at'; readonly of: Type; readonly index: Expr };
