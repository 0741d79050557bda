/** Taking over declarations from an earlier environment, so that the results of bodies that use them stay valid. */

import type { Unit } from './dependencies.ts';
import { type AnyDeclaration, type Environment, reset } from './environment.ts';

/**
 * Replaces the declarations of `fresh` units of `env` by those of `old` that have the same text at the same place, and
 * whose dependencies all lead to declarations that are taken over as well. The others stay in `fresh`: they must be
 * worked out anew.
 */
export function adopt(env: Environment, old: Environment, fresh: Set<Unit>): void {
  // What a lock is belongs to its struct, but is written elsewhere: when any of that changes, nothing is kept.
  if (lockTexts(env) !== lockTexts(old)) return;
  const candidates = new Map<Unit, Unit>();
  for (const unit of fresh) {
    const before = old.units.get(unit.key);
    if (before !== undefined && isSame(unit, before)) candidates.set(unit, before);
  }
  for (const unit of invalid(env, candidates)) candidates.delete(unit);
  for (const [unit, before] of candidates) {
    replace(env, unit, before);
    fresh.delete(unit);
  }
}

function lockTexts(env: Environment): string {
  return env.lockTypes
    .map(({ item, home }) => `${home.uri} ${home.item} ${home.text.slice(item.start, item.end)}`)
    .join('\n');
}

function isSame(unit: Unit, before: Unit): boolean {
  return (
    unit.text === before.text &&
    before.findings.length === 0 &&
    !before.dependencies.onAll &&
    unit.declared.length === before.declared.length &&
    unit.declared.every(
      ({ kind, name }, index) =>
        kind === before.declared[index]?.kind && name === before.declared[index]?.name,
    )
  );
}

/** Candidates that depend, directly or through others, on something that is not what it was. */
function invalid(env: Environment, candidates: ReadonlyMap<Unit, Unit>): Set<Unit> {
  const successor = new Map<unknown, { readonly unit: Unit; readonly declaration: AnyDeclaration }>();
  const dependents = new Map<unknown, Unit[]>();
  for (const [unit, before] of candidates) {
    before.declared.forEach((declaration, index) => {
      const fresh = unit.declared[index];
      if (fresh !== undefined) successor.set(fresh, { unit, declaration });
    });
  }
  const found = new Set<Unit>();
  const work: Unit[] = [];
  const drop = (unit: Unit): void => {
    if (found.has(unit)) return;
    found.add(unit);
    work.push(unit);
  };
  for (const [unit, before] of candidates) {
    for (const [key, answer] of before.dependencies.answers) {
      const now = env.answer(key);
      const leadsTo = successor.get(now);
      if ((leadsTo?.declaration ?? now) !== answer) drop(unit);
      else if (leadsTo !== undefined) {
        const list = dependents.get(leadsTo.unit);
        if (list === undefined) dependents.set(leadsTo.unit, [unit]);
        else list.push(unit);
      }
    }
  }
  for (let unit = work.pop(); unit !== undefined; unit = work.pop())
    for (const each of dependents.get(unit) ?? []) drop(each);
  return found;
}

function replace(env: Environment, unit: Unit, before: Unit): void {
  env.units.set(unit.key, before);
  unit.declared.forEach((fresh, index) => {
    const kept = before.declared[index];
    if (kept !== undefined) env.exchange(fresh, kept);
  });
}

/** Forgets what was worked out so far, because it may speak of declarations that others now take the place of. */
export function forgetAll(env: Environment): void {
  for (const unit of env.units.values()) {
    unit.findings.length = 0;
    unit.dependencies.answers.clear();
    for (const declaration of unit.declared) reset(declaration);
  }
}
