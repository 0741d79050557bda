/** `lock_type spinlock_t { writers = spin_writers; wait_type = config; }` */

import type { Expression } from '../syntax/ast.ts';
import { Context } from './context.ts';
import { functionType } from './declarations.ts';
import { declarationOf, type Environment } from './environment.ts';
import { didYouMean } from './nearest.ts';
import { resolveObjectType } from './typeExpressions.ts';
import { typeName } from './typeName.ts';
import type { StructType } from './types.ts';

/** Entries that name a function `u64 f(const T *lock)`. */
const functionEntries: ReadonlySet<string> = new Set(['writers', 'readers']);

/** Attaches each declaration to its struct. */
export function checkLockTypes(env: Environment): void {
  const seen = new Set<StructType>();
  for (const active of env.lockTypes) checkLockType(env, active, seen);
}

function checkLockType(
  env: Environment,
  { item, home }: Environment['lockTypes'][number],
  seen: Set<StructType>,
): void {
  const cx = new Context(env, home, env.findings, null);
  const type = resolveObjectType(cx, item.type, 'a lock');
  if (type === null) return;
  if (type.kind !== 'struct') {
    cx.report('bad-declaration', item.type, `a lock must be a struct, not '${typeName(type)}'`);
    return;
  }
  if (seen.has(type)) {
    cx.report('duplicate-name', item.type, `'${typeName(type)}' is declared as a lock twice`);
    return;
  }
  seen.add(type);
  const entries = new Map<string, string>();
  for (const { name, value } of item.entries) {
    const text = wordOf(value);
    if (name.text === '') continue;
    if (text === null)
      cx.report(
        'bad-declaration',
        value,
        `'${name.text}' must be a word, a number or the name of a function`,
      );
    else if (functionEntries.has(name.text) && !checkFunction(cx, value, text, type)) continue;
    else if (entries.has(name.text))
      cx.report('duplicate-name', name, `the lock has two entries '${name.text}'`);
    else entries.set(name.text, text);
  }
  const declaration = declarationOf(type);
  // A struct that was taken over has its lock already, which says the same.
  if (declaration !== undefined && declaration.type.lock === null) {
    const shown = item.type.kind === 'named' ? item.type.name : typeName(type);
    declaration.type.lock = { name: shown, entries };
  }
}

function checkFunction(cx: Context, at: Expression, name: string, type: StructType): boolean {
  const declaration = cx.name(name);
  if (declaration?.kind !== 'function') {
    const functions = [...cx.everything().names.values()]
      .filter((each) => each.kind === 'function')
      .map((each) => each.name);
    cx.report('unknown-name', at, `unknown function '${name}'${didYouMean(name, functions)}`);
    return false;
  }
  const found = functionType(cx.env, declaration);
  if (found === null) return false;
  const param = found.params[0];
  const fits =
    found.params.length === 1 &&
    param?.kind === 'pointer' &&
    param.to === type &&
    found.returns.kind === 'int' &&
    found.returns.bits === 64;
  if (!fits)
    cx.report('type-mismatch', at, `expected 'u64 ${name}(${typeName(type)} *)', found '${typeName(found)}'`);
  return fits;
}

function wordOf(value: Expression): string | null {
  if (value.kind === 'name') return value.name.text;
  if (value.kind === 'number') return value.value.toString();
  return value.kind === 'string' ? value.value : null;
}
