/** Has every part of an item looked at by the checker, whatever the variant leaves out. */

import type { FieldItem, Item, Name, PlacedItem, TagType, TypeExpr } from '../syntax/ast.ts';
import { lex } from '../syntax/lexer.ts';
import { kindAt } from '../syntax/tokens.ts';
import { checkAnnotationsIn, checkVariableAnnotations } from './annotations.ts';
import {
  type BodyResult,
  checkActorBody,
  checkFunctionBody,
  checkInit,
  checkView,
  newBody,
} from './bodies.ts';
import { Context } from './context.ts';
import { type Dependencies, newUnit } from './dependencies.ts';
import { declaredType } from './declarations.ts';
import {
  type ActiveItem,
  type DeclaredHome,
  type Environment,
  type FunctionDeclaration,
  locIn,
} from './environment.ts';
import { checkExpectations } from './expectations.ts';
import { checkValue } from './expressions.ts';
import { checkHook } from './hooks.ts';
import { checkInitialiser } from './initialisers.ts';
import { checkChoiceValue } from './optionValues.ts';
import { checkLockOrder, checkProperty, checkSeverity } from './properties.ts';
import type { ItemRecorder } from './recordItem.ts';
import { checkSchedule } from './schedules.ts';
import type { BoundArgument, Frame, Home } from './scope.ts';
import { checkStatement } from './statements.ts';
import { localSymbol } from './symbolTable.ts';
import { paramType, resolveType } from './typeExpressions.ts';
import type { SymbolRef } from './symbols.ts';
import type { StructType } from './types.ts';

const nobody: ReadonlySet<string> = new Set();

/** `dependencies` takes up what the result depends on. */
export function recordItem(
  env: Environment,
  uri: string,
  placed: PlacedItem,
  recorder: ItemRecorder,
  dependencies: Dependencies,
): void {
  const home: Home = { uri, item: placed.key, text: placed.text };
  const saved = env.recorder;
  env.recorder = recorder;
  try {
    new Walk(env, home, recorder, dependencies).item(placed.item);
  } finally {
    env.recorder = saved;
  }
}

class Walk {
  private readonly env: Environment;
  private readonly home: Home;
  private readonly recorder: ItemRecorder;
  private readonly dependencies: Dependencies;

  constructor(env: Environment, home: Home, recorder: ItemRecorder, dependencies: Dependencies) {
    this.env = env;
    this.home = home;
    this.recorder = recorder;
    this.dependencies = dependencies;
  }

  item(item: Item): void {
    const { env } = this;
    const cx = this.context();
    switch (item.kind) {
      case 'when':
        checkValue(cx, item.condition);
        for (const each of item.items) this.item(each);
        return;
      case 'machine':
        for (const { name, value } of item.settings) this.setting(cx, name, value);
        return;
      case 'setting':
        this.setting(cx, item.name, item.value);
        if (item.low !== null) checkValue(cx, item.low);
        if (item.high !== null) checkValue(cx, item.high);
        return;
      case 'pool':
        this.type(cx, item.type);
        for (const each of [item.length, item.at, item.stride]) if (each !== null) checkValue(cx, each);
        return;
      case 'variable':
        this.variable(cx, item);
        return;
      case 'type':
        this.type(cx, item.type);
        return;
      case 'typedef':
      case 'vcpu-state':
        this.type(cx, item.type);
        return;
      case 'function':
        this.function(cx, item);
        return;
      case 'macro':
        this.macro(cx, item);
        return;
      case 'lock-type':
        resolveType(cx, item.type);
        for (const { value } of item.entries) {
          const declaration = value.kind === 'name' ? cx.name(value.name.text) : undefined;
          if (value.kind === 'name' && declaration?.kind === 'function')
            cx.usedHere(value.name, { kind: 'declared', declaration });
        }
        return;
      case 'event':
        for (const param of item.params) {
          const type = paramType(cx, param);
          if (param.name !== null)
            this.recorder.declareAt(
              this.home,
              written(param.name),
              localSymbol(this.home, param.name, param.name.text, 'parameter', type),
            );
        }
        return;
      case 'init':
        this.take(checkInit(env, this.active(item)));
        return;
      case 'view':
        this.take(checkView(env, this.active(item)));
        return;
      case 'actor':
        this.actor(item);
        return;
      case 'hook':
        this.take(checkHook(env, this.active(item)));
        return;
      case 'property':
        this.take(checkProperty(env, this.active(item)));
        return;
      case 'lock-order':
        this.take(checkLockOrder(env, this.active(item)));
        return;
      case 'expect':
        checkExpectations(env, [this.active(item)], nobody, []);
        return;
      case 'schedule':
        checkSchedule(env, this.active(item), nobody, []);
        return;
      case 'check':
        checkSeverity(env, this.active(item), nobody, []);
        return;
      case 'scenario':
      case 'import':
      case 'profile':
      case 'option':
        return;
    }
  }

  // ---------------------------------------------------------------- kinds of items

  /** A setting of names is given one of them. */
  private setting(cx: Context, name: Name, value: Parameters<typeof checkValue>[1]): void {
    const declaration = cx.name(name.text);
    if (declaration?.kind !== 'setting') {
      checkValue(cx, value);
      return;
    }
    cx.usedHere(name, { kind: 'declared', declaration });
    const { values } = declaration;
    if (values === null) checkValue(cx, value);
    else checkChoiceValue(cx, value, { ...declaration, values });
  }

  private variable(cx: Context, item: Item & { kind: 'variable' }): void {
    for (const declarator of item.declarators) {
      this.type(cx, declarator.type);
      const body = this.context(true);
      const type = declaredType(body, declarator);
      const { init, range } = declarator;
      if (type !== null && init !== null) checkInitialiser(body, type, init, declarator.name.text);
      if (range !== null) for (const each of [range.low, range.high]) checkValue(cx, each);
      checkVariableAnnotations(cx, declarator.annotations);
    }
  }

  /** The declaration is made anew, so that the types in its head are looked at too. */
  private function(cx: Context, item: Item & { kind: 'function' }): void {
    this.tags(cx, item.returns);
    const home: DeclaredHome = { ...this.home, unit: newUnit('', '') };
    const name = item.name.text;
    const own: FunctionDeclaration = {
      kind: 'function',
      name,
      home,
      loc: locIn(home, item.name),
      item,
      doc: '',
      state: 'new',
      type: null,
    };
    const result = checkFunctionBody(this.env, own, this.active(item));
    result.dependencies.answers.delete(name);
    this.take(result);
    this.add(home.unit.dependencies);
    cx.name(name);
  }

  private actor(item: Item & { kind: 'actor' }): void {
    const { env } = this;
    this.take(checkActorBody(env, this.active(item)));
    const cx = this.context();
    const { family } = item;
    if (family?.kind === 'range') for (const each of [family.low, family.high]) checkValue(cx, each);
    if (item.times !== null) checkValue(cx, item.times);
    if (item.cpu === null) return;
    if (family !== null) cx.declare(written(family.variable), { kind: 'unknown' });
    checkValue(cx, item.cpu);
  }

  /** The body of a macro by itself: what its parameters are is known only where it is used. */
  private macro(cx: Context, item: Item & { kind: 'macro' }): void {
    const args = new Map<string, BoundArgument>();
    for (const param of item.params ?? []) {
      const { start, end } = param;
      args.set(param.text, { argument: { kind: 'error', start, end }, frame: null });
    }
    this.parameters(item);
    const frame: Frame = {
      id: -1,
      macro: item,
      home: this.home,
      args,
      rest: [],
      use: cx.loc(item),
      outer: null,
      body: { statement: { kind: 'empty', start: item.end, end: item.end }, frame: null },
    };
    const body = this.context(true);
    const { body: stands } = item;
    body.inFrame(frame, () => {
      if (stands.kind === 'expression') checkValue(body, stands.value);
      else if (stands.kind === 'type') resolveType(body, stands.value);
      else if (stands.kind !== 'empty') checkStatement(body, stands.value);
    });
  }

  /** Parameters are replaced wherever their name stands. */
  private parameters(item: Item & { kind: 'macro' }): void {
    const { home } = this;
    const symbols = new Map<string, SymbolRef>();
    for (const param of item.params ?? []) {
      if (!/^\w+$/.test(param.text)) continue;
      const symbol = localSymbol(home, param, param.text, 'parameter', null);
      symbols.set(param.text, symbol);
      this.recorder.declareAt(home, written(param), symbol);
    }
    if (item.body.kind === 'empty') return;
    const { start, end } = item.body.value;
    const tokens = lex(home.text.slice(start, end));
    for (let index = 0; index < tokens.count; index++) {
      if (kindAt(tokens, index) !== 'identifier') continue;
      const [from = 0, to = 0] = [tokens.starts[index], tokens.ends[index]];
      const symbol = symbols.get(tokens.text.slice(from, to));
      if (symbol !== undefined) this.recorder.useAt(home, start + from, start + to, symbol);
    }
  }

  // ---------------------------------------------------------------- types

  private type(cx: Context, type: TypeExpr): void {
    this.tags(cx, type);
    resolveType(cx, type);
  }

  /** What structs and enums, which are defined here, speak of. */
  private tags(cx: Context, type: TypeExpr): void {
    if (type.kind === 'pointer') this.tags(cx, type.to);
    else if (type.kind === 'array') this.tags(cx, type.of);
    else if (type.kind === 'function') this.tags(cx, type.returns);
    else if (type.kind === 'tag') this.tag(cx, type, null);
  }

  private tag(cx: Context, node: TagType, around: StructType | null): void {
    for (const { value } of node.enumerators ?? []) if (value !== null) checkValue(cx, value);
    const outer = around ?? this.env.structByNode.get(node)?.type ?? null;
    this.fields(cx, node.fields ?? [], outer);
  }

  private fields(cx: Context, fields: readonly FieldItem[], outer: StructType | null): void {
    for (const field of fields) {
      if (field.kind === 'when') {
        checkValue(cx, field.condition);
        this.fields(cx, field.fields, outer);
        continue;
      }
      if (field.name === null && field.type.kind === 'tag') this.tag(cx, field.type, outer);
      else this.tags(cx, field.type);
      resolveType(cx, field.type);
      if (field.bits !== null) checkValue(cx, field.bits);
      if (field.range !== null) for (const each of [field.range.low, field.range.high]) checkValue(cx, each);
      if (outer !== null && field.annotations.length > 0) checkAnnotationsIn(cx, outer, field);
    }
  }

  // ---------------------------------------------------------------- parts

  private context(withBody = false): Context {
    const { env, home, dependencies } = this;
    return new Context(env, home, [], withBody ? newBody('this', 'this') : null, dependencies);
  }

  private active<T extends Item>(item: T): ActiveItem<T> {
    return { item, home: this.home, place: '', text: '', doc: '', signature: '' };
  }

  private take({ dependencies }: BodyResult<unknown>): void {
    this.add(dependencies);
  }

  private add({ answers, onAll }: Dependencies): void {
    for (const [key, answer] of answers) this.dependencies.answers.set(key, answer);
    // What is misspelt may be right after any change.
    this.dependencies.onAll ||= onAll;
  }
}

function written(name: Name): { text: string; span: Name; frame: null } {
  return { text: name.text, span: name, frame: null };
}
