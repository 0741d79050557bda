/** Functions of file scope: prototypes, definitions, overrides. */

import type { FunctionItem } from '../syntax/ast.ts';
import { Context } from './context.ts';
import { duplicate } from './declare.ts';
import { sameType } from './conversions.ts';
import { functionType } from './declarations.ts';
import { type DeclaredHome, type Environment, type FunctionDeclaration, locIn } from './environment.ts';
import type { Home } from './scope.ts';
import { typeName } from './typeName.ts';

/**
 * Enters a function. A definition takes the place of a prototype, and an `override` that of a definition;
 * anything else of the same name is declared twice.
 */
export function declareFunction(env: Environment, item: FunctionItem, home: DeclaredHome, doc: string): void {
  const name = item.name.text;
  if (name === '') return;
  const fresh: FunctionDeclaration = {
    kind: 'function',
    name,
    home,
    loc: locIn(home, item.name),
    item,
    doc,
    state: 'new',
    type: null,
  };
  home.unit.declared.push(fresh);
  const other = env.names.get(name);
  if (other === undefined) {
    env.names.set(name, fresh);
    if (item.override) env.redeclarations.push({ item, home });
    return;
  }
  if (other.kind !== 'function') {
    duplicate(env, fresh, other);
    return;
  }
  if (
    item.body !== null &&
    other.item.body !== null &&
    item.override === other.item.override &&
    (!item.override || home.uri === other.home.uri)
  ) {
    duplicate(env, fresh, other);
    return;
  }
  const replaces = item.body !== null && (other.item.body === null || item.override || !other.item.override);
  env.redeclarations.push(replaces ? { item: other.item, home: other.home } : { item, home });
  if (replaces) env.names.set(name, fresh);
  if (replaces && item.override) env.redeclarations.push({ item, home });
}

/** Every declaration of a function says the same type, and an override has something to override. */
export function checkRedeclarations(env: Environment): void {
  for (const { item, home } of env.redeclarations) {
    const counts = env.names.get(item.name.text);
    if (counts?.kind !== 'function') continue;
    if (isDeclaredAt(counts, item, home)) {
      const overridden = env.redeclarations.some(
        (each) => each.item.name.text === item.name.text && !isDeclaredAt(counts, each.item, each.home),
      );
      if (!overridden)
        env.report(
          'bad-declaration',
          locIn(home, item.name),
          `there is no imported function '${item.name.text}' to override`,
        );
      continue;
    }
    const loc = locIn(home, item.name);
    const own: FunctionDeclaration = {
      kind: 'function',
      name: counts.name,
      home,
      loc,
      item,
      doc: '',
      state: 'new',
      type: null,
    };
    const type = functionType(env, own);
    const expected = functionType(env, counts);
    if (type === null || expected === null || sameType(type, expected)) continue;
    const cx = new Context(env, counts.home, env.findings, null);
    cx.report(
      'type-mismatch',
      counts.item.name,
      `'${counts.name}' is declared as '${typeName(type)}' elsewhere, here as '${typeName(expected)}'`,
      [{ message: 'the other declaration', loc }],
    );
  }
}

/** Whether a declaration, which may stem from an earlier text, is that of this item. */
export function isDeclaredAt(declaration: FunctionDeclaration, item: FunctionItem, home: Home): boolean {
  const other = declaration.home;
  return other.uri === home.uri && other.item === home.item && declaration.item.start === item.start;
}
