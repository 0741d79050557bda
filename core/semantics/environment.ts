/** The declarations of one variant of a project: everything that a body can refer to. */

import type {
  ActorItem,
  EventItem,
  Expression,
  FunctionItem,
  LockTypeItem,
  MacroItem,
  PoolItem,
  SettingItem,
  TagType,
  TypedefItem,
  VariableItem,
  VcpuStateItem,
} from '../syntax/ast.ts';
import type { Unit } from './dependencies.ts';
import type { Finding } from './findings.ts';
import type { GlobalVariable, Loc, Pool } from './hir.ts';
import type { Variant } from './options.ts';
import type { Recorder } from './recorder.ts';
import type { Home } from './scope.ts';
import type { FunctionType, IntType, StructType, Type } from './types.ts';

/** The home of a declaration, with what is known of the item that it came from. */
export interface DeclaredHome extends Home {
  readonly unit: Unit;
}

interface Declared {
  readonly name: string;
  readonly home: DeclaredHome;
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
  given: { readonly value: Expression; readonly home: DeclaredHome; readonly loc: Loc } | null;
  resolved: bigint | null | 'busy' | 'failed';
}

export interface EnumDeclaration extends Declared {
  readonly kind: 'enum';
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
  state: 'new' | 'busy' | 'done' | 'finished';
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
  readonly kind: 'struct';
  readonly node: TagType;
  /** null: only declared, as in `struct foo;`. */
  state: 'opaque' | 'new' | 'busy' | 'done' | 'annotated';
  /** Some field is wrong, so that a member which seems to be missing may be that one. */
  isBroken: boolean;
  readonly type: Mutable<StructType>;
}

export interface EventDeclaration extends Declared {
  readonly kind: 'event';
  readonly item: EventItem;
  state: 'new' | 'done';
  params: readonly (Type | null)[];
}

export interface ActorDeclaration extends Declared {
  readonly item: ActorItem;
  /** Bounds of a range family, once known. */
  range: { readonly low: number; readonly high: number } | null;
}

/** Whatever an item declares, actors apart. */
export type AnyDeclaration = Declaration | StructDeclaration | EnumDeclaration | EventDeclaration;

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An item of the variant: `when` blocks are already opened. */
export interface ActiveItem<T> {
  readonly item: T;
  readonly home: Home;
  /** File, top-level item, and offset in that: equal for the same item after an edit elsewhere. */
  readonly place: string;
  readonly text: string;
  /** The comment above it, if it is something that has documentation. */
  readonly doc: string;
  /** What of it matters to others (`itemSignature`). */
  readonly signature: string;
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
  readonly lockTypes: { readonly item: LockTypeItem; readonly home: Home }[] = [];
  /** Prototypes, and functions that are overridden: their types must be that of the one that counts. */
  readonly redeclarations: { readonly item: FunctionItem; readonly home: DeclaredHome }[] = [];
  readonly vcpuStates: VcpuStateDeclaration[] = [];
  /** Structs and enums by their definition, anonymous ones too. */
  readonly structByNode = new WeakMap<TagType, StructDeclaration>();
  readonly enumByNode = new WeakMap<TagType, EnumDeclaration>();
  /** Every struct, and every enum, of file scope in order of definition, those without a name too. */
  readonly allStructs: StructDeclaration[] = [];
  readonly allEnums: EnumDeclaration[] = [];
  /** Items that declare something, by place. */
  readonly units = new Map<string, Unit>();
  /** Conditions of `when` blocks by place. */
  readonly conditions = new Map<string, boolean>();
  /** How deep the work under way is nested; see `deeper`. */
  depth = 0;
  /** Told what names mean while record.ts looks at an item; null in every other check. */
  recorder: Recorder | null = null;

  constructor(variant: Variant) {
    this.variant = variant;
  }

  report(code: Finding['code'], loc: Loc, message: string, related: Finding['related'] = []): void {
    this.findings.push({ code, severity: 'error', message, loc, related });
  }

  /** What a name of file scope stands for; the key is one of `Dependencies.answers`. */
  answer(key: string): unknown {
    const colon = key.indexOf(':');
    if (colon < 0) return this.names.get(key);
    const name = key.slice(colon + 1);
    switch (key.slice(0, colon)) {
      case 'struct':
        return this.structs.get(name);
      case 'enum':
        return this.enums.get(name);
      case 'event':
        return this.events.get(name);
      case 'actor': {
        // Code asks only whether there is such an actor, and what kind of family it is.
        const actor = this.actors.get(name);
        return actor === undefined ? undefined : (actor.item.family?.kind ?? 'one');
      }
      default:
        return this.vcpuStates[0];
    }
  }

  /** Puts a declaration of an earlier environment in the place of a fresh one. A name that belongs to a third one stays with that. */
  exchange(fresh: AnyDeclaration, kept: AnyDeclaration): void {
    const { name } = fresh;
    if (fresh.kind === 'struct' && kept.kind === 'struct') {
      if (this.structs.get(name) === fresh) this.structs.set(name, kept);
      this.structByNode.set(fresh.node, kept);
      this.allStructs[this.allStructs.indexOf(fresh)] = kept;
    } else if (fresh.kind === 'enum' && kept.kind === 'enum') {
      if (this.enums.get(name) === fresh) this.enums.set(name, kept);
      this.enumByNode.set(fresh.node, kept);
      this.allEnums[this.allEnums.indexOf(fresh)] = kept;
    } else if (fresh.kind === 'event' && kept.kind === 'event') {
      if (this.events.get(name) === fresh) this.events.set(name, kept);
    } else if (kept.kind !== 'struct' && kept.kind !== 'enum' && kept.kind !== 'event') {
      if (this.names.get(name) === fresh) this.names.set(name, kept);
      if (kept.kind === 'vcpu-state' && this.vcpuStates[0] === fresh) this.vcpuStates[0] = kept;
    }
  }
}

/** Forgets what was worked out for a declaration. */
export function reset(declaration: AnyDeclaration): void {
  switch (declaration.kind) {
    case 'setting':
      declaration.resolved = null;
      return;
    case 'typedef':
    case 'function':
      declaration.type = null;
      break;
    case 'variable':
      declaration.value = 'unknown';
      declaration.variable = null;
      break;
    case 'vcpu-state':
      declaration.variable = null;
      break;
    case 'pool':
      declaration.pool = null;
      break;
    case 'enum':
      declaration.values.clear();
      declaration.type = null;
      break;
    case 'event':
      declaration.params = [];
      break;
    case 'struct':
      Object.assign(declaration.type, { fields: [], size: 0, align: 1, lock: null, self: null });
      declaration.isBroken = false;
      if (declaration.state === 'opaque') return;
      break;
    default:
      return;
  }
  declaration.state = 'new';
}

/** A made-up name for a struct without one: `<page+34>`. */
export function unnamed(home: Home, node: TagType): string {
  return `<${home.item.replace(/^.*[: ]/, '')}+${node.start}>`;
}

export function locIn(home: Home, span: { readonly start: number; readonly end: number }): Loc {
  return { uri: home.uri, item: home.item, start: span.start, end: span.end, macro: null };
}

/** The declarations behind the structs of all environments. */
const declarations = new WeakMap<StructType, StructDeclaration>();

export function declarationOf(type: StructType): StructDeclaration | undefined {
  return declarations.get(type);
}

export function rememberStruct(declaration: StructDeclaration): void {
  declarations.set(declaration.type, declaration);
}
