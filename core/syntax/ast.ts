/**
 * The typed syntax tree of one file: what the parser hands to semantics.
 *
 * Every node is immutable, and its offsets (UTF-16 code units) count from the start of the
 * top-level item it stands in, so that an item whose text did not change is the same item
 * wherever an edit elsewhere has moved it.
 */

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An identifier as written. An identifier that is missing has the empty text. */
export interface Name extends Span {
  readonly text: string;
}

// ---------------------------------------------------------------- file and items

export interface SourceFile {
  readonly uri: string;
  readonly text: string;
  readonly items: readonly PlacedItem[];
  readonly errors: readonly SyntaxError[];
}

/** A top-level item, where it stands in its file, and a key made of its kind and name (unique in the file). */
export interface PlacedItem {
  readonly item: Item;
  readonly offset: number;
  readonly key: string;
  /** The item's own text: equal text means an equal item. */
  readonly text: string;
}

/** Offsets are absolute in the file. `code` is from the registry (core/syntax/codes.ts). */
export interface SyntaxError extends Span {
  readonly code: string;
  readonly message: string;
}

export type Item =
  | ScenarioItem
  | ImportItem
  | ProfileItem
  | OptionItem
  | MachineItem
  | SettingItem
  | WhenItem
  | PoolItem
  | VariableItem
  | TypeItem
  | TypedefItem
  | FunctionItem
  | MacroItem
  | LockTypeItem
  | VcpuStateItem
  | EventItem
  | InitItem
  | ViewItem
  | ActorItem
  | HookItem
  | PropertyItem
  | ExpectItem
  | ScheduleItem
  | CheckItem
  | LockOrderItem;

/** `scenario "title";` */
export interface ScenarioItem extends Span {
  readonly kind: 'scenario';
  readonly title: string;
}

/** `import "linux/list";` — a library path without extension, or a path relative to this file ("./common"). */
export interface ImportItem extends Span {
  readonly kind: 'import';
  readonly path: string;
  readonly pathSpan: Span;
}

/** `profile "v6.12";` */
export interface ProfileItem extends Span {
  readonly kind: 'profile';
  readonly name: string;
}

/** `option fix = { none, spinlock };` */
export interface OptionItem extends Span {
  readonly kind: 'option';
  readonly name: Name;
  readonly values: readonly Name[];
}

/** `machine { levels = 2; bits_per_level = 1; }` — gives values to settings. */
export interface MachineItem extends Span {
  readonly kind: 'machine';
  readonly settings: readonly { readonly name: Name; readonly value: Expression }[];
}

/** `setting levels = 4 in 2..5;` — a library declares a bound of the machine, its default and its range. */
export interface SettingItem extends Span {
  readonly kind: 'setting';
  readonly name: Name;
  /** Default value, or the default enumerator when `values` is given: `setting entry = simple in { simple, full };` */
  readonly value: Expression;
  readonly low: Expression | null;
  readonly high: Expression | null;
  readonly values: readonly Name[] | null;
}

/** `when (cond) { items }` */
export interface WhenItem extends Span {
  readonly kind: 'when';
  readonly condition: Expression;
  readonly items: readonly Item[];
}

/** `pool struct foo name[4] reuse;` or, at fixed addresses, `pool struct frame frames[8] at 0xffff888000001000 stride 4096;` */
export interface PoolItem extends Span {
  readonly kind: 'pool';
  readonly type: TypeExpr;
  readonly name: Name;
  readonly length: Expression;
  readonly reuse: boolean;
  /** Address of the first object, and distance from one to the next; null: laid out like any other object. */
  readonly at: Expression | null;
  readonly stride: Expression | null;
}

/** One or more declarators of one declaration; at top level or as a statement. */
export interface VariableItem extends Span {
  readonly kind: 'variable';
  readonly ghost: boolean;
  readonly isStatic: boolean;
  readonly isConst: boolean;
  readonly isExtern: boolean;
  readonly declarators: readonly Declarator[];
}

export interface Declarator extends Span {
  readonly name: Name;
  readonly type: TypeExpr;
  readonly annotations: readonly Annotation[];
  readonly init: Initializer | null;
  /** `ghost int n in 0..3` */
  readonly range: { readonly low: Expression; readonly high: Expression } | null;
}

export type Initializer = Expression | InitializerList;

export interface InitializerList extends Span {
  readonly kind: 'list';
  readonly entries: readonly {
    /** `.field` or `[index]`, outermost first. */
    readonly designators: readonly ({ readonly field: Name } | { readonly index: Expression })[];
    readonly value: Initializer;
  }[];
}

/** A struct, union or enum declared on its own: `struct foo { … };` */
export interface TypeItem extends Span {
  readonly kind: 'type';
  readonly type: TagType;
}

export interface TypedefItem extends Span {
  readonly kind: 'typedef';
  readonly name: Name;
  readonly type: TypeExpr;
}

export interface FunctionItem extends Span {
  readonly kind: 'function';
  readonly name: Name;
  readonly returns: TypeExpr;
  readonly params: readonly Param[];
  readonly annotations: readonly Annotation[];
  /** `primitive`: the body is one step, or several divided by `step;`. */
  readonly primitive: boolean;
  /** `override`: replaces an imported function of this name. */
  readonly override: boolean;
  readonly isStatic: boolean;
  readonly body: Block | null;
}

export interface Param extends Span {
  readonly name: Name | null;
  readonly type: TypeExpr;
  readonly annotations: readonly Annotation[];
}

/** `__must_hold(l)`, `__guarded_by(l)`, `__leaf`, … exactly as written. */
export interface Annotation extends Span {
  readonly name: Name;
  readonly args: readonly Expression[];
}

/**
 * `#define NAME body` or `#define name(params) body`. The body is parsed once, with the
 * parameters as holes: an expression, a statement (`do { } while (0)`, a list of statements),
 * or the head of a loop (`for (…)`, perhaps with `if … else` behind it) whose last sub-statement is a hole for the
 * statement that follows the use: that place is `{ kind: 'macro-body' }`.
 */
export interface MacroItem extends Span {
  readonly kind: 'macro';
  readonly name: Name;
  readonly params: readonly Name[] | null;
  /** The last parameter is `...` and stands in the body as `__VA_ARGS__`. */
  readonly variadic: boolean;
  readonly body:
    | { readonly kind: 'expression'; readonly value: Expression }
    | { readonly kind: 'statement'; readonly value: Statement }
    | { readonly kind: 'loop-head'; readonly value: Statement }
    | { readonly kind: 'type'; readonly value: TypeExpr }
    | { readonly kind: 'empty' };
}

/** `lock_type spinlock_t { writers = spin_writers; wait_type = config; }` — what a lock of this type can be asked. */
export interface LockTypeItem extends Span {
  readonly kind: 'lock-type';
  readonly type: TypeExpr;
  readonly entries: readonly { readonly name: Name; readonly value: Expression }[];
}

/** `vcpu_state struct cpu_state vcpus;` — declares an array with one element for each vcpu actor. */
export interface VcpuStateItem extends Span {
  readonly kind: 'vcpu-state';
  readonly type: TypeExpr;
  readonly name: Name;
}

/** `event guest_write(struct cpu_state *vcpu, gva_t gva, pfn_t pfn);` raised by `emit guest_write(…);` */
export interface EventItem extends Span {
  readonly kind: 'event';
  readonly name: Name;
  readonly params: readonly Param[];
}

export interface InitItem extends Span {
  readonly kind: 'init';
  readonly body: Block;
}

/** `view "Page tables" { … }`: code that says how a state is shown, by `__show…`; it is no part of the machine. */
export interface ViewItem extends Span {
  readonly kind: 'view';
  readonly title: string;
  readonly body: Block;
}

/**
 * `vcpu fault[i : 0..1] on cpu(0) { … }`, `task t daemon { … }`, `irq h on cpu(1) times 2 { … }`, `irq h no_thread { … }`,
 * `softirq cb[struct rcu_head *head] daemon { … }` (one for each object of the type).
 */
export interface ActorItem extends Span {
  readonly kind: 'actor';
  readonly actor: 'vcpu' | 'task' | 'irq' | 'softirq';
  readonly name: Name;
  readonly family:
    | null
    | { readonly kind: 'range'; readonly variable: Name; readonly low: Expression; readonly high: Expression }
    | { readonly kind: 'each'; readonly variable: Name; readonly type: TypeExpr };
  readonly cpu: Expression | null;
  readonly times: Expression | null;
  readonly daemon: boolean;
  /** Where `no_thread` stands. */
  readonly noThread: Span | null;
  readonly body: Block;
}

/**
 * `before f(a, b) { … }`, `after f(a, b) returns (r) { … }`, `after f(a) returns: cond;`,
 * `after f() returns name: cond;`, `at release(l) { … }`, `on guest_write(v, gva, pfn) { … }`.
 */
export interface HookItem extends Span {
  readonly kind: 'hook';
  readonly hook: 'before' | 'after' | 'release' | 'on';
  /** Function or event; null for `release`. */
  readonly target: Name | null;
  /** For `release`: the lock. */
  readonly lock: Expression | null;
  readonly params: readonly Name[];
  readonly result: Name | null;
  readonly body: Block | null;
  readonly check: { readonly name: Name | null; readonly condition: Expression } | null;
}

/** `invariant n unless c: e;`, `finally n: e;`, `reachable n: e;` */
export interface PropertyItem extends Span {
  readonly kind: 'property';
  readonly property: 'invariant' | 'finally' | 'reachable';
  readonly name: Name;
  readonly unless: Expression | null;
  readonly condition: Expression;
}

/** `expect fails [only] a, b when c;`, `expect passes when c;`, `expect finds code [not reachable] when c;` */
export interface ExpectItem extends Span {
  readonly kind: 'expect';
  readonly expect: 'fails' | 'passes' | 'finds';
  readonly only: boolean;
  readonly names: readonly Name[];
  readonly notReachable: boolean;
  readonly when: Expression | null;
}

export interface ScheduleItem extends Span {
  readonly kind: 'schedule';
  readonly title: string;
  readonly when: Expression | null;
  readonly moves: readonly ScheduleMove[];
}

/** `T;` (to its end), `T until label;`, `T until load of lvalue;`, `T until store of lvalue;`, `T 3 steps;`, each with optional `choosing (1, 0)`. */
export interface ScheduleMove extends Span {
  readonly actor: Name;
  readonly index: Expression | null;
  readonly until:
    | { readonly kind: 'end' }
    | { readonly kind: 'label'; readonly label: Name }
    | { readonly kind: 'load' | 'store'; readonly lvalue: Expression }
    | { readonly kind: 'steps'; readonly count: Expression };
  readonly choices: readonly Expression[];
}

/** `check data_race error;`  severity: error, warning or off. */
export interface CheckItem extends Span {
  readonly kind: 'check';
  readonly name: Name;
  readonly severity: Name;
}

/** `lock_order list_lock, a.lock, a.slots_lock;` — outermost first. */
export interface LockOrderItem extends Span {
  readonly kind: 'lock-order';
  readonly locks: readonly Expression[];
}

// ---------------------------------------------------------------- types

export type TypeExpr = NamedType | TagType | PointerType | ArrayType | FunctionTypeExpr | TypeofType;

/** A base type or typedef; words of a base type in canonical order: `unsigned long`, `int`, `unsigned char`. */
export interface NamedType extends Span {
  readonly kind: 'named';
  readonly name: string;
}

export interface TagType extends Span {
  readonly kind: 'tag';
  readonly tag: 'struct' | 'union' | 'enum';
  readonly name: Name | null;
  readonly fields: readonly FieldItem[] | null;
  readonly enumerators: readonly { readonly name: Name; readonly value: Expression | null }[] | null;
}

export type FieldItem =
  | (Span & {
      readonly kind: 'field';
      readonly ghost: boolean;
      readonly type: TypeExpr;
      /** null: an anonymous struct or union member, or an unnamed bit-field. */
      readonly name: Name | null;
      readonly bits: Expression | null;
      readonly annotations: readonly Annotation[];
      readonly range: { readonly low: Expression; readonly high: Expression } | null;
    })
  | (Span & { readonly kind: 'when'; readonly condition: Expression; readonly fields: readonly FieldItem[] });

export interface PointerType extends Span {
  readonly kind: 'pointer';
  readonly to: TypeExpr;
}
export interface ArrayType extends Span {
  readonly kind: 'array';
  readonly of: TypeExpr;
  readonly length: Expression | null;
}
export interface FunctionTypeExpr extends Span {
  readonly kind: 'function';
  readonly params: readonly Param[];
  readonly returns: TypeExpr;
}
export interface TypeofType extends Span {
  readonly kind: 'typeof';
  readonly value: Expression;
}

// ---------------------------------------------------------------- statements

export interface Block extends Span {
  readonly kind: 'block';
  readonly body: readonly Statement[];
}

export type Statement =
  | Block
  | VariableItem
  | (Span & { readonly kind: 'type-declaration'; readonly type: TagType })
  | (Span & { readonly kind: 'expression'; readonly value: Expression })
  | (Span & { readonly kind: 'empty' })
  | (Span & {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: Statement;
      readonly otherwise: Statement | null;
    })
  | (Span & { readonly kind: 'while'; readonly condition: Expression; readonly body: Statement })
  | (Span & { readonly kind: 'do'; readonly body: Statement; readonly condition: Expression })
  | (Span & {
      readonly kind: 'for';
      readonly init: VariableItem | Expression | null;
      readonly condition: Expression | null;
      readonly step: Expression | null;
      readonly body: Statement;
    })
  | (Span & { readonly kind: 'switch'; readonly value: Expression; readonly body: Statement })
  | (Span & {
      readonly kind: 'case';
      readonly value: Expression;
      readonly high: Expression | null;
      readonly body: Statement;
    })
  | (Span & { readonly kind: 'default'; readonly body: Statement })
  | (Span & { readonly kind: 'break' })
  | (Span & { readonly kind: 'continue' })
  | (Span & { readonly kind: 'return'; readonly value: Expression | null })
  | (Span & { readonly kind: 'goto'; readonly label: Name })
  | (Span & { readonly kind: 'label'; readonly label: Name; readonly body: Statement })
  /** `for_each_thing(x, y) body` — use of a loop-head macro. */
  | (Span & {
      readonly kind: 'macro-loop';
      readonly name: Name;
      readonly args: readonly Argument[];
      readonly body: Statement;
    })
  /** Inside a loop-head macro: where the statement that follows its use goes. */
  | (Span & { readonly kind: 'macro-body' })
  | (Span & { readonly kind: 'atomic'; readonly body: Block })
  | (Span & { readonly kind: 'ghost'; readonly body: Block })
  | (Span & { readonly kind: 'either'; readonly branches: readonly Block[] })
  | (Span & { readonly kind: 'guest'; readonly body: Block })
  /** `step;` inside a primitive. */
  | (Span & { readonly kind: 'step' })
  /** `emit guest_write(…);` */
  | (Span & { readonly kind: 'emit'; readonly event: Name; readonly args: readonly Expression[] })
  | (Span & { readonly kind: 'error' });

// ---------------------------------------------------------------- expressions

/** `container_of(p, struct foo, member)`: an argument may be a type. A plain name is always an expression. A statement argument of a macro is a block. */
export type Argument = Expression | (Span & { readonly kind: 'type'; readonly type: TypeExpr }) | Block;

export type UnaryOperator = '-' | '+' | '!' | '~' | '*' | '&' | '++' | '--';
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|'
  | '&&'
  | '||'
  | 'implies';
export type AssignOperator = '=' | '*=' | '/=' | '%=' | '+=' | '-=' | '<<=' | '>>=' | '&=' | '^=' | '|=';

export type Expression =
  | (Span & { readonly kind: 'number'; readonly value: bigint; readonly suffix: string })
  | (Span & { readonly kind: 'string'; readonly value: string })
  | (Span & { readonly kind: 'name'; readonly name: Name })
  | (Span & { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly value: Expression })
  | (Span & { readonly kind: 'postfix'; readonly operator: '++' | '--'; readonly value: Expression })
  | (Span & {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Span & {
      readonly kind: 'assign';
      readonly operator: AssignOperator;
      readonly target: Expression;
      readonly value: Expression;
    })
  | (Span & {
      readonly kind: 'conditional';
      readonly condition: Expression;
      /** null: GNU `a ?: b` */
      readonly then: Expression | null;
      readonly otherwise: Expression;
    })
  | (Span & { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Argument[] })
  | (Span & { readonly kind: 'index'; readonly array: Expression; readonly index: Expression })
  | (Span & {
      readonly kind: 'member';
      readonly object: Expression;
      readonly arrow: boolean;
      readonly name: Name;
    })
  | (Span & { readonly kind: 'cast'; readonly type: TypeExpr; readonly value: Expression })
  | (Span & { readonly kind: 'compound-literal'; readonly type: TypeExpr; readonly init: InitializerList })
  | (Span & { readonly kind: 'sizeof'; readonly of: Expression | TypeExpr })
  | (Span & { readonly kind: 'statement-expression'; readonly body: Block })
  | (Span & { readonly kind: 'comma'; readonly left: Expression; readonly right: Expression })
  /** `choose(a..b)` or `choose(x, y, z)` */
  | (Span & {
      readonly kind: 'choose';
      readonly range: { readonly low: Expression; readonly high: Expression } | null;
      readonly list: readonly Expression[];
    })
  /** `all (int i : 0..1) e`, `any (…) e`, `count (…) e` */
  | (Span & {
      readonly kind: 'quantifier';
      readonly quantifier: 'all' | 'any' | 'count';
      readonly variable: Name;
      readonly low: Expression;
      readonly high: Expression;
      readonly body: Expression;
    })
  /** `fix in { a, b }` */
  | (Span & { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[] })
  /** `old(e)` in an `after` hook. */
  | (Span & { readonly kind: 'old'; readonly value: Expression })
  | (Span & { readonly kind: 'error' });
