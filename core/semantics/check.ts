/** Checking a variant: from snapshots to a checked program, or to what is wrong with it. */

import type { Item } from '../syntax/ast.ts';
import type { Diagnostic } from '../syntax/diagnostic.ts';
import { activeItems } from './activeItems.ts';
import { expandActor, inThreadOrder } from './actors.ts';
import { type BodyResult, checkActorBody, checkFunctionBody, checkInit, checkView } from './bodies.ts';
import { CheckCache } from './cache.ts';
import { collect } from './collect.ts';
import { settingValue } from './declarations.ts';
import { type ActiveItem, type Environment, locIn } from './environment.ts';
import { checkExpectations, checkNames, labelNames } from './expectations.ts';
import { type Finding, toDiagnostics } from './findings.ts';
import { isDeclaredAt } from './functions.ts';
import { checkGhostRule } from './ghost.ts';
import { checkHook } from './hooks.ts';
import type {
  Actor,
  CheckedProgram,
  GlobalVariable,
  HirFunction,
  Hook,
  Loc,
  Pool,
  Property,
  Schedule,
  Stmt,
  View,
} from './hir.ts';
import type { Variant } from './options.ts';
import { checkLockOrder, checkProperty, checkSeverity } from './properties.ts';
import { checkCallsHaveBodies } from './reachable.ts';
import { checkSchedule } from './schedules.ts';
import type { FileSnapshot, Project } from './snapshot.ts';

export interface CheckResult {
  /** null when any file of the project has an error. */
  readonly program: CheckedProgram | null;
  /** Everything that is wrong with this variant, imports and syntax included. */
  readonly diagnostics: readonly Diagnostic[];
  /** The names of the variant, for questions about it that are asked later. */
  readonly environment: Environment;
}

/** Checks one variant; what `cache` remembers of earlier checks is used again. */
export function check(project: Project, variant: Variant, cache: CheckCache = new CheckCache()): CheckResult {
  const env = cache.environment(project, variant, (earlier) => collect(project, variant, earlier));
  const assembly = new Assembly(project, env, cache);
  for (const file of project.order) assembly.addFile(file);
  const program = assembly.finish(variant);
  const diagnostics = [
    ...project.diagnostics,
    ...toDiagnostics(project, [...findingsOf(env), ...assembly.findings]),
  ];
  const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  return { program: failed ? null : program, diagnostics, environment: env };
}

function findingsOf(env: Environment): Finding[] {
  return [...env.findings, ...[...env.units.values()].flatMap((unit) => unit.findings)];
}

/** Collects the parts of a program while its items are checked. */
class Assembly {
  readonly findings: Finding[] = [];
  private readonly project: Project;
  private readonly env: Environment;
  private readonly cache: CheckCache;
  private readonly functions = new Map<string, HirFunction>();
  private readonly statics: GlobalVariable[] = [];
  private readonly inits: Stmt[] = [];
  private readonly views: View[] = [];
  private readonly actors: Actor[] = [];
  private readonly hooks: Hook[] = [];
  private readonly properties: Property[] = [];
  private readonly schedules: Schedule[] = [];
  private readonly severities = new Map<string, 'error' | 'warning' | 'off'>();
  private readonly lockOrders: CheckedProgram['lockOrders'][number][] = [];
  private readonly expects: ActiveItem<Item & { kind: 'expect' }>[] = [];
  private readonly checkNames: ReadonlySet<string>;
  private readonly labels: ReadonlySet<string>;
  private title = '';
  private titleLoc: Loc | null = null;
  private vcpus = 0;

  constructor(project: Project, env: Environment, cache: CheckCache) {
    this.project = project;
    this.env = env;
    this.cache = cache;
    this.checkNames = checkNames(project);
    this.labels = labelNames(project);
  }

  /** Of a file that was added before in the same environment, only what is no function is looked at item by item. */
  addFile(file: FileSnapshot): void {
    const kept = partsByEnvironment.get(this.env) ?? new WeakMap<FileSnapshot, readonly Part[]>();
    partsByEnvironment.set(this.env, kept);
    const known = kept.get(file);
    if (known !== undefined) {
      for (const part of known) {
        if ('made' in part) this.addFunctions(part);
        else this.add(part);
      }
      return;
    }
    const parts: Part[] = [];
    let functions: CheckedFunctions | null = null;
    for (const active of activeItems(file, this.env)) {
      if (active.item.kind === 'function') {
        const checked = this.checkFunction({ ...active, item: active.item });
        if (checked === null) continue;
        this.addFunctions(checked);
        if (functions === null) {
          functions = { made: [], findings: [], statics: [] };
          parts.push(functions);
        }
        functions.made.push(...checked.made);
        functions.findings.push(...checked.findings);
        functions.statics.push(...checked.statics);
      } else if (assembled.has(active.item.kind)) {
        this.add(active);
        parts.push(active);
        functions = null;
      }
    }
    kept.set(file, parts);
  }

  private addFunctions({ made, findings, statics }: CheckedFunctions): void {
    for (const each of made) this.functions.set(each.name, each);
    if (findings.length > 0) this.findings.push(...findings);
    if (statics.length > 0) this.statics.push(...statics);
  }

  private add(active: ActiveItem<Item>): void {
    const { env, findings } = this;
    const { item } = active;
    switch (item.kind) {
      case 'scenario':
        this.addTitle({ ...active, item });
        return;
      case 'init':
        this.inits.push(this.take(active, () => checkInit(env, { ...active, item })));
        return;
      case 'view':
        this.views.push(this.take(active, () => checkView(env, { ...active, item })));
        return;
      case 'actor':
        this.addActor({ ...active, item });
        return;
      case 'hook':
        push(
          this.hooks,
          this.take(active, () => checkHook(env, { ...active, item })),
        );
        return;
      case 'property':
        this.addProperty({ ...active, item });
        return;
      case 'lock-order':
        push(
          this.lockOrders,
          this.take(active, () => checkLockOrder(env, { ...active, item })),
        );
        return;
      case 'schedule':
        push(this.schedules, checkSchedule(env, { ...active, item }, this.labels, findings));
        return;
      case 'check': {
        const severity = checkSeverity(env, { ...active, item }, this.checkNames, findings);
        if (severity !== null) this.severities.set(...severity);
        return;
      }
      case 'expect':
        this.expects.push({ ...active, item });
        return;
      default:
        return;
    }
  }

  finish(variant: Variant): CheckedProgram {
    const { env } = this;
    const declared = declaredIn(env);
    const actors = inThreadOrder(this.actors, this.findings);
    const code = {
      functions: this.functions,
      inits: this.inits,
      actors,
      hooks: this.hooks,
      properties: this.properties,
      // A view of the scenario stands in place of an imported one.
      views: [...new Map(this.views.map((view) => [view.title, view])).values()],
    };
    this.findings.push(...checkGhostRule(code), ...checkCallsHaveBodies(env, code));
    return {
      uri: this.project.uri,
      title: this.title,
      options: variant.options,
      profile: variant.profile,
      memoryModel: variant.memoryModel,
      ...declared,
      globals: [...declared.globals, ...this.statics],
      ...code,
      expectations: checkExpectations(env, this.expects, this.checkNames, this.findings),
      schedules: this.schedules,
      severities: this.severities,
      lockOrders: this.lockOrders,
    };
  }

  /** A body's result, its findings and static locals taken over. */
  private take<T>(active: ActiveItem<Item>, checkBody: () => BodyResult<T>): T {
    const result = this.cache.body(this.env, active, checkBody);
    this.findings.push(...result.findings);
    this.statics.push(...result.statics);
    return result.value;
  }

  private addTitle({ item, home }: ActiveItem<Item & { kind: 'scenario' }>): void {
    // One inside a `when` is misplaced, which is reported already.
    if (home.uri !== this.project.uri || !home.item.startsWith('scenario')) return;
    const loc = locIn(home, item);
    if (this.titleLoc === null) {
      this.title = item.title;
      this.titleLoc = loc;
      return;
    }
    const related = [{ message: 'the other title', loc: this.titleLoc }];
    const message = 'a scenario has one title';
    this.findings.push({ code: 'duplicate-name', severity: 'error', message, loc, related });
  }

  /** Null for what has no say: prototypes, and what is overridden or declared twice. */
  private checkFunction(active: ActiveItem<Item & { kind: 'function' }>): CheckedFunctions | null {
    const { item } = active;
    const declaration = this.env.names.get(item.name.text);
    // The declaration may stem from an earlier text.
    if (declaration?.kind !== 'function' || item.body === null) return null;
    if (!isDeclaredAt(declaration, item, active.home)) return null;
    const { findings, statics, value } = this.cache.body(this.env, active, () =>
      checkFunctionBody(this.env, declaration, active),
    );
    if (value === null || declaration.type === null)
      return { findings: [...findings], statics: [...statics], made: [] };
    const { params, annotations, body } = value;
    const { name, doc, loc, type } = declaration;
    const made = { name, type, params, body, primitive: item.primitive, annotations, doc, loc };
    return { findings: [...findings], statics: [...statics], made: [made] };
  }

  private addActor(active: ActiveItem<Item & { kind: 'actor' }>): void {
    const { env, findings } = this;
    const body = this.take(active, () => checkActorBody(env, active));
    const threads = expandActor(env, active, body, this.vcpus, findings);
    this.actors.push(...threads);
    if (active.item.actor === 'vcpu') this.vcpus += threads.length;
  }

  private addProperty(active: ActiveItem<Item & { kind: 'property' }>): void {
    const property = this.take(active, () => checkProperty(this.env, active));
    if (property === null) return;
    const other = this.properties.find((each) => each.name === property.name);
    if (other !== undefined) {
      const message = `'${property.name}' is declared twice`;
      const related = [{ message: 'the other declaration', loc: other.loc }];
      this.findings.push({ code: 'duplicate-name', severity: 'error', message, loc: property.loc, related });
    } else this.properties.push(property);
  }
}

/** What the check of functions gives; the same as long as their environment and their file are. */
interface CheckedFunctions {
  readonly made: HirFunction[];
  readonly findings: Finding[];
  readonly statics: GlobalVariable[];
}

/** Functions that stand one behind the other, or another item. */
type Part = CheckedFunctions | ActiveItem<Item>;

const partsByEnvironment = new WeakMap<Environment, WeakMap<FileSnapshot, readonly Part[]>>();

/** Kinds of items that are a part of the program themselves, functions apart. */
const assembled: ReadonlySet<Item['kind']> = new Set<Item['kind']>([
  ...([
    'scenario',
    'init',
    'actor',
    'hook',
    'property',
    'lock-order',
    'schedule',
    'check',
    'expect',
    'view',
  ] as const),
]);

type Declared = Pick<CheckedProgram, 'settings' | 'structs' | 'globals' | 'pools'>;

const declaredByEnvironment = new WeakMap<Environment, Declared>();

/** What the declarations themselves give to the program: they are all worked out before the first body is looked at. */
function declaredIn(env: Environment): Declared {
  let declared = declaredByEnvironment.get(env);
  if (declared === undefined) {
    declared = {
      settings: settingsOf(env),
      structs: env.allStructs.map((declaration) => declaration.type),
      globals: globalsOf(env),
      pools: poolsOf(env),
    };
    declaredByEnvironment.set(env, declared);
  }
  return declared;
}

function push<T>(list: T[], value: T | null): void {
  if (value !== null) list.push(value);
}

function settingsOf(env: Environment): CheckedProgram['settings'] {
  const settings = new Map<string, { readonly value: bigint | string; readonly declared: boolean }>();
  for (const declaration of env.names.values()) {
    if (declaration.kind !== 'setting') continue;
    const value = settingValue(env, declaration) ?? 0n;
    settings.set(declaration.name, {
      value: declaration.values?.[Number(value)] ?? value,
      declared: declaration.given !== null,
    });
  }
  return settings;
}

function globalsOf(env: Environment): GlobalVariable[] {
  return [...env.names.values()].flatMap((each) =>
    (each.kind === 'variable' || each.kind === 'vcpu-state') && each.variable !== null ? [each.variable] : [],
  );
}

function poolsOf(env: Environment): Pool[] {
  return [...env.names.values()].flatMap((each) =>
    each.kind === 'pool' && each.pool !== null ? [each.pool] : [],
  );
}
