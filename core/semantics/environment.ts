/** The declarations of one variant of a project: everything that a body can refer to. */

import type {
  ActorItem,
  EventItem,
  Expression,
  FunctionItem,
  LockTypeItem,
  MacroItem,
  Name,
  Param,
  PoolItem,
  SettingItem,
  TagType,
  TypedefItem,
  VariableItem,
  VcpuStateItem,
} from '../syntax/ast.ts';
import type { Finding } from './findings.ts';
import type { GlobalVariable, Loc, Pool } from './hir.ts';
import type { Variant } from './options.ts';
import type { Home } from './scope.ts';
import type { FunctionType, IntType, StructType, Type } from './types.ts';

interface Declared {
  readonly name: string;
  readonly home: Home;
  readonly loc: Loc;
}

/** An option, or one of the predefined `memory_model` and `profile`. Its value is the index into `values`. */
export interface OptionDeclaration extends Declared {
  readonly kind: 'option';
  readonly values: readonly string[];
  readonly chosen: string;
  readonly type: IntType;
}

export interface SettingDeclaration extends Declared {
  readonly kind: 'setting';
  readonly item: SettingItem;
  /** Names of the values, when the setting is one of names. */
  readonly values: readonly string[] | null;
  readonly type: IntType;
  /** What a `machine` block says. */
  given: { readonly value: Expression; readonly home: Home; readonly loc: Loc } | null;
  resolved: bigint | null | 'busy' | 'failed';
}

export interface EnumDeclaration extends Declared {
  readonly node: TagType;
  state: 'new' | 'busy' | 'done';
  readonly values: Map<string, bigint>;
  type: IntType | null;
}

export interface EnumeratorDeclaration extends Declared {
  readonly kind: 'enumerator';
  readonly of: EnumDeclaration;
}

/** `true`, `NULL`, `NR_VCPUS`. */
export interface PredefinedDeclaration extends Declared {
  readonly kind: 'predefined';
  readonly type: Type;
  value: bigint;
}

export interface MacroDeclaration extends Declared {
  readonly kind: 'macro';
  readonly item: MacroItem;
}

export interface TypedefDeclaration extends Declared {
  readonly kind: 'typedef';
  readonly item: TypedefItem;
  state: 'new' | 'busy' | 'done';
  type: Type | null;
}

export interface VariableDeclaration extends Declared {
  readonly kind: 'variable';
  readonly item: VariableItem;
  readonly declarator: VariableItem['declarators'][number];
  readonly doc: string;
  state: 'new' | 'busy' | 'done';
  variable: Mutable<GlobalVariable> | null;
  /** Of a const integer: its value, once known. */
  value: bigint | null | 'unknown' | 'busy';
}

export interface VcpuStateDeclaration extends Declared {
  readonly kind: 'vcpu-state';
  readonly item: VcpuStateItem;
  readonly doc: string;
  state: 'new' | 'busy' | 'done';
  variable: GlobalVariable | null;
}

export interface PoolDeclaration extends Declared {
  readonly kind: 'pool';
  readonly item: PoolItem;
  state: 'new' | 'busy' | 'done';
  pool: Pool | null;
}

export interface FunctionDeclaration extends Declared {
  readonly kind: 'function';
  /** The one with the body, if there is one; else the first. */
  readonly item: FunctionItem;
  readonly doc: string;
  state: 'new' | 'busy' | 'done';
  type: FunctionType | null;
}

export type Declaration =
  | OptionDeclaration
  | SettingDeclaration
  | EnumeratorDeclaration
  | PredefinedDeclaration
  | MacroDeclaration
  | TypedefDeclaration
  | VariableDeclaration
  | VcpuStateDeclaration
  | PoolDeclaration
  | FunctionDeclaration;

export interface StructDeclaration extends Declared {
  readonly node: TagType;
  /** null: only declared, as in `struct foo;`. */
  state: 'opaque' | 'new' | 'busy' | 'done';
  /** Some field is wrong, so that a member which seems to be missing may be that one. */
  isBroken: boolean;
  readonly type: Mutable<StructType>;
}

export interface EventDeclaration extends Declared {
  readonly item: EventItem;
  state: 'new' | 'done';
  params: readonly (Type | null)[];
}

export interface ActorDeclaration extends Declared {
  readonly item: ActorItem;
  /** Bounds of a range family, once known. */
  range: { readonly low: number; readonly high: number } | null;
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An item of the variant: `when` blocks are already opened. */
export interface ActiveItem<T> {
  readonly item: T;
  readonly home: Home;
}

export class Environment {
  readonly variant: Variant;
  /** What is wrong with declarations; bodies have findings of their own. */
  readonly findings: Finding[] = [];
  readonly names = new Map<string, Declaration>();
  readonly structs = new Map<string, StructDeclaration>();
  readonly enums = new Map<string, EnumDeclaration>();
  readonly events = new Map<string, EventDeclaration>();
  readonly actors = new Map<string, ActorDeclaration>();
  readonly lockTypes: ActiveItem<LockTypeItem>[] = [];
  /** Prototypes, and functions that are overridden: their types must be that of the one that counts. */
  readonly redeclarations: ActiveItem<FunctionItem>[] = [];
  readonly vcpuStates: VcpuStateDeclaration[] = [];
  /** Structs and enums by their definition, anonymous ones too. */
  readonly structByNode = new WeakMap<TagType, StructDeclaration>();
  readonly enumByNode = new WeakMap<TagType, EnumDeclaration>();
  readonly structByType = new WeakMap<StructType, StructDeclaration>();
  /** Every struct, and every enum, of file scope in order of definition, those without a name too. */
  readonly allStructs: StructDeclaration[] = [];
  readonly allEnums: EnumDeclaration[] = [];
  /** Conditions of `when` blocks by place. */
  readonly conditions = new Map<string, boolean>();
  private anonymous = 0;

  constructor(variant: Variant) {
    this.variant = variant;
  }

  report(code: Finding['code'], loc: Loc, message: string, related: Finding['related'] = []): void {
    this.findings.push({ code, severity: 'error', message, loc, related });
  }

  anonymousName(): string {
    this.anonymous++;
    return `<anonymous ${this.anonymous}>`;
  }
}

export function locIn(home: Home, span: { readonly start: number; readonly end: number }): Loc {
  return { uri: home.uri, item: home.item, start: span.start, end: span.end, macro: null };
}

/** Parameters by name, those without one left out. */
export function namedParams(params: readonly Param[]): readonly Name[] {
  return params.flatMap((param) => (param.name === null ? [] : [param.name]));
}
